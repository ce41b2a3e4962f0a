package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/record"
	"exhibit/evidence/store"
	"exhibit/evidence/withheld"
)

// ageKeys reads the identities that open encrypted files; none where none is named.
func (j *job) ageKeys() (withheld.Keys, error) { return ageKeys(j.world, j.cfg) }

func ageKeys(w world, cfg Config) (withheld.Keys, error) {
	name := cmp.Or(w.Getenv("EXHIBIT_AGE_IDENTITY"), cfg.People.AgeIdentity)
	if name == "" {
		return nil, nil
	}
	b, err := os.ReadFile(cfg.path(w.Home, name))
	if err == nil {
		var keys withheld.Keys
		if keys, err = withheld.Identities(b); err == nil {
			return keys, nil
		}
	}
	return nil, withHint(fmt.Errorf("opening what is encrypted with %q: %w", name, err),
		"EXHIBIT_AGE_IDENTITY, or people.age_identity in exhibit.yaml, names the file; without either, encrypted files are shown as withheld")
}

// bury reads the tombstones of the newest tree: what they name counts as gone at
// every run, whoever still has a key.
func (p *past) bury(t *store.Tree) []record.Found {
	p.destroyed = map[string]string{}
	found, _ := record.Read(t.FS(), p.schemas) // what is wrong is reported when all is read
	for _, f := range found["tombstone"] {
		r, _ := f.Item.Answers["record"].(map[string]any)
		p.destroyed[fmt.Sprint(r["path"])] = fmt.Sprintf("destroyed on %v by %v: %v", r["destroyed"], r["by"], r["why"])
	}
	return found["tombstone"]
}

// hidden are the encrypted files of the tree that was just read, and what was
// destroyed and is not there at all.
func (p *past) hidden(tombstones []record.Found) (out []control.Withheld) {
	have := map[string]bool{}
	for _, f := range p.locked {
		have[f.Path] = true
		out = append(out, control.Withheld{Path: f.Path, Sum: f.Sum, Why: f.Why, Opened: f.Why == ""})
	}
	for _, t := range tombstones {
		r, _ := t.Item.Answers["record"].(map[string]any)
		if path := fmt.Sprint(r["path"]); !have[path] {
			out = append(out, control.Withheld{Path: path, Sum: fmt.Sprint(r["sha256"]), Why: p.destroyed[path]})
		}
	}
	slices.SortFunc(out, func(a, b control.Withheld) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// kindsOf are the kinds that lack records because a file is withheld.
func kindsOf(schemas []record.Schema, h control.Withheld) []string {
	kind := record.KindAt(schemas, strings.TrimSuffix(h.Path, ".age"))
	switch {
	case h.Opened || kind == "":
		return nil
	case kind == "hr-person": // whom only the HR system lists is missing there too
		return []string{kind, "person"}
	}
	return []string{kind}
}

// neverSealed names the tombstones of files that no run had.
func (p *past) neverSealed(tombstones []record.Found) (out []string) {
	for _, t := range tombstones {
		r, _ := t.Item.Answers["record"].(map[string]any)
		if !p.sealed[fmt.Sprint(r["path"], " ", r["sha256"])] {
			out = append(out, fmt.Sprintf("%s:%d: no run of the period sealed %v with sha256 %v; sha256sum of the encrypted file as it stood gives it", t.Path, t.Line, r["path"], r["sha256"]))
		}
	}
	return out
}
