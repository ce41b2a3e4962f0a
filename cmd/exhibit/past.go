package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/record"
	"exhibit/evidence/review"
	"exhibit/evidence/store"
	"exhibit/evidence/withheld"
)

// past reads what run after run left, and holds once what did not change between
// them: a file of the same sum is read once, a line is decoded once, and what people
// wrote is read anew only where it changed.
type past struct {
	schemas []record.Schema
	shared  evidence.Shared
	files   map[fileKey][]*evidence.Item

	keys      withheld.Keys     // what opens encrypted files
	destroyed map[string]string // why a path counts as gone, by path
	locked    []withheld.File   // encrypted files of the tree read last
	sealed    map[string]bool   // path and sum of every encrypted file seen
}

func newPast(schemas []record.Schema) *past {
	return &past{schemas: schemas, files: map[fileKey][]*evidence.Item{}, sealed: map[string]bool{}}
}

// A fileKey is a file's content, and what a run said of it.
type fileKey struct{ blob, sum string }

// read reads what the newest of runs left at its commit. A file that is not what
// its run sealed is an error: it must not be judged.
func (p *past) read(t *store.Tree, runs []store.Run) (control.Evidence, []string, error) {
	run := runs[len(runs)-1]
	e := control.Evidence{Run: run.Name, Commit: t.Commit(), Began: run.Started, At: run.Ended, Only: run.Only, Cells: store.Newest(runs), Files: map[string][]*evidence.Item{}}
	fsys := t.FS()
	for _, c := range e.Cells {
		if c.Path == "" {
			continue
		}
		items, err := p.file(t, fsys, c)
		if err != nil {
			return e, nil, err
		}
		e.Files[c.Path] = items
	}
	var faults []record.Problem
	var err error
	if e.Items, faults, err = p.written(t); err != nil {
		return e, nil, err
	}
	reviews, problems := review.ReadAll(fsys)
	if e.Reviews = reviews; len(problems) > 0 {
		why := "not every access review could be read: " + problems[0]
		e.Unread = map[string]string{"review": why, "access-review": why}
	}
	for _, f := range faults {
		problems = append(problems, f.String())
		if f.Kind != "" && e.Unread[f.Kind] == "" {
			if e.Unread == nil {
				e.Unread = map[string]string{}
			}
			e.Unread[f.Kind] = "not everything people wrote could be read: " + f.String()
		}
	}
	if why := e.Unread["hr-person"]; why != "" && e.Unread["person"] == "" {
		e.Unread["person"] = why // whom only the HR system lists is missing there too
	}
	return e, problems, nil
}

// file reads the items of a cell.
func (p *past) file(t *store.Tree, fsys fs.FS, c evidence.Cell) ([]*evidence.Item, error) {
	id, err := t.BlobID(c.Path)
	if err != nil {
		return nil, fmt.Errorf("reading the evidence of %s %s %s: %w", c.Account, c.Region, c.Source, err)
	}
	k := fileKey{id, c.Sum}
	if items, have := p.files[k]; have && id != "" {
		return items, nil
	}
	b, err := fs.ReadFile(fsys, c.Path)
	if err != nil {
		return nil, fmt.Errorf("reading the evidence of %s %s %s: %w", c.Account, c.Region, c.Source, err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != c.Sum {
		return nil, withHint(fmt.Errorf("%s at %s is not what its run collected: sha256 %x, and the run says %s", c.Path, t.Commit()[:10], sum, c.Sum),
			"evidence/ is written by exhibit alone; git log -p %s shows who changed it", c.Path)
	}
	items, err := p.shared.Read(b)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.Path, err)
	}
	p.files[k] = items
	return items, nil
}

// written reads what people had written at a commit, by source, and what of it
// could not be read.
func (p *past) written(t *store.Tree) (map[string][]control.Located, []record.Problem, error) {
	repo, locked, err := withheld.Open(t.FS(), p.keys, p.destroyed)
	if err != nil {
		return nil, nil, fmt.Errorf("opening what is encrypted: %w", err)
	}
	p.locked = locked
	found, faults := record.Read(repo, p.schemas)
	for _, f := range locked {
		p.sealed[f.Path+" "+f.Sum] = true
		plain := strings.TrimSuffix(f.Path, ".age")
		kind := record.KindAt(p.schemas, plain)
		switch {
		case kind == "":
			faults = append(faults, record.Problem{Path: f.Path, Message: "no kind of record is read at " + plain})
		case f.Why != "":
			faults = slices.DeleteFunc(faults, func(q record.Problem) bool { return q.Path == plain+".yaml" }) // it speaks of the file that is withheld
			faults = append(faults, record.Problem{Path: f.Path, Kind: kind, Message: "is withheld: " + f.Why})
		}
	}
	out := map[string][]control.Located{}
	for kind, list := range found {
		source := "record/" + kind
		for _, f := range list {
			it, err := p.shared.Same(f.Item)
			if err != nil {
				return nil, nil, fmt.Errorf("reading %s: %w", f.Path, err)
			}
			out[source] = append(out[source], control.Located{Item: *it, Source: source, Shared: it,
				Pointer: control.Pointer{Commit: t.Commit(), Path: f.Path, Line: f.Line}})
		}
	}
	reviews, _ := review.ReadAll(t.FS()) // read says what is wrong with them
	for _, r := range reviews {
		if r.Closed == nil {
			continue
		}
		rec := control.ReviewRecord(r, t.Commit())
		it, err := p.shared.Same(rec.Item)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the review %s: %w", r.ID, err)
		}
		rec.Item, rec.Shared = *it, it
		out[rec.Source] = append(out[rec.Source], rec)
	}
	return out, faults, nil
}
