package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/store/objects"
)

// readRefs reads branches, tags and the branches of remotes; a loose ref comes
// before a packed one. Refs that name another ref are left out.
func (r *repository) readRefs() error {
	r.refs = map[string]objects.ID{}
	b, err := os.ReadFile(filepath.Join(r.dir, "packed-refs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &refusal{"for-each-ref", accessCode(err), err.Error()}
	}
	for line := range strings.Lines(string(b)) {
		if line[0] == '#' || line[0] == '^' {
			continue
		}
		value, name, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if strings.HasPrefix(name, "refs/") && !strings.HasPrefix(name, "refs/heads/") && !strings.HasPrefix(name, "refs/tags/") && !strings.HasPrefix(name, "refs/remotes/") {
			continue // such as the head of every pull request
		}
		if err := r.ref(name, value); err != nil {
			return err
		}
	}
	for _, top := range []string{"heads", "tags", "remotes"} {
		err := filepath.WalkDir(filepath.Join(r.dir, "refs", top), func(p string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() || strings.HasSuffix(p, ".lock") {
				return err
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(r.dir, p)
			if err != nil {
				return err
			}
			value := strings.TrimSpace(string(b))
			if strings.HasPrefix(value, "ref: ") {
				return nil
			}
			return r.ref(filepath.ToSlash(rel), value)
		})
		var known *refusal
		if err != nil && !errors.As(err, &known) {
			err = &refusal{"for-each-ref", accessCode(err), err.Error()}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *repository) ref(name, value string) error {
	id, err := objects.ParseID(value)
	if err != nil {
		return &refusal{"for-each-ref", "Unreadable", fmt.Sprintf("the ref %s: %v", name, err)}
	}
	r.refs[name] = id
	return nil
}

// production finds the branch that goes to production: a branch of this name,
// or in a clone without one the remote's.
func (r *repository) production(branch string) (ref string, tip objects.ID, err error) {
	for _, ref := range []string{"refs/heads/" + branch, "refs/remotes/origin/" + branch} {
		if id, ok := r.refs[ref]; ok {
			return ref, id, nil
		}
	}
	var have []string
	for _, name := range sortedKeys(r.refs) {
		if b, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			have = append(have, b)
		}
	}
	message := fmt.Sprintf("there is no branch %q", branch)
	switch {
	case len(have) == 0:
		message += "; there is no branch at all"
	case len(have) > 10:
		message += fmt.Sprintf("; there are %s and %d more", strings.Join(have[:10], ", "), len(have)-10)
	default:
		message += "; there are " + strings.Join(have, ", ")
	}
	return "", tip, &refusal{"log", "NoBranch", message}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// refs lists branches and tags; of a clone's remotes only where there is no
// branch of that name, so that nobody's copy of a tip passes for the tip.
func (s *source) refs(ctx context.Context, q *question) error {
	at := s.now()
	r, err := q.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	production, tip, err := r.production(s.repo.Branch)
	if err != nil {
		return err
	}
	line := newAncestry(r)
	places := &places{r: r, tip: tip}
	for _, name := range sortedKeys(r.refs) {
		kind := ""
		switch {
		case strings.HasPrefix(name, "refs/heads/"):
			kind = "branch"
		case strings.HasPrefix(name, "refs/tags/"):
			kind = "tag"
		case name == production:
			kind = "remote branch"
		default:
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		id := r.refs[name]
		ref := map[string]any{"sha": id.String(), "kind": kind}
		commit, what, err := r.Peel(id)
		if errors.Is(err, objects.ErrMissing) {
			q.Item(evidence.Item{ID: name, Answers: map[string]any{"ref": ref}, Gaps: []evidence.Gap{{Question: "descends", Code: "MissingObject", Message: err.Error()}}})
			q.rows++
			continue
		}
		if err != nil {
			return err
		}
		if what == objects.Commit {
			ref["commit"] = commit.String()
		}
		if name == production {
			ref["production"] = true
		}
		it := evidence.Item{ID: name, Answers: map[string]any{"ref": ref}}
		if err := line.since(ctx, &it, s.repo.Previous[name], commit); err != nil {
			return err
		}
		if kind == "tag" && what == objects.Commit {
			who, err := r.ReadTagger(id)
			if err != nil {
				return err
			}
			if !who.When.IsZero() {
				ref["tagged"], ref["tagger"] = who.When.UTC().Format(time.RFC3339), escape(who.Email)
			}
			if err := places.tell(ctx, &it, commit); err != nil {
				return err
			}
		}
		q.Item(it)
		q.rows++
	}
	q.call("for-each-ref", at, q.rows, map[string]any{"refs": "heads, tags"})
	return nil
}

// places say where on the production branch commits stand. The branch is walked when
// the first is asked for.
type places struct {
	r      *repository
	tip    objects.ID
	number map[objects.ID]int // from 1, the first commit
	when   map[objects.ID]int64
	cut    error // why the branch is not known whole
}

// tell adds the answer "line" to a tag: the place of its commit on the branch's
// first-parent line, null where it is not on it, and a gap where that cannot be told.
func (p *places) tell(ctx context.Context, it *evidence.Item, commit objects.ID) error {
	if p.number == nil {
		line, err := p.r.firstParents(ctx, p.tip)
		var known *refusal
		if err != nil && !errors.As(err, &known) {
			return err
		}
		p.cut, p.number, p.when = err, make(map[objects.ID]int, len(line)), make(map[objects.ID]int64, len(line))
		for i, st := range line {
			p.number[st.id], p.when[st.id] = len(line)-i, st.when
		}
	}
	n, on := p.number[commit]
	switch {
	case p.cut != nil:
		it.Gaps = append(it.Gaps, evidence.Gap{Question: "line", Code: "Truncated", Message: p.cut.Error()})
	case !on:
		it.Answers["line"] = nil
	default:
		at := map[string]any{"number": number(n)}
		if w := p.when[commit]; w > 0 {
			at["committed"] = time.Unix(w, 0).UTC().Format(time.RFC3339)
		}
		it.Answers["line"] = at
	}
	return nil
}

// An ancestry answers whether one commit descends from another. It remembers
// parents, because rewritten branches are asked about one after the other.
type ancestry struct {
	r       *repository
	parents map[objects.ID][]objects.ID
}

func newAncestry(r *repository) *ancestry {
	return &ancestry{r, map[objects.ID][]objects.ID{}}
}

// since adds the answer "descends" to a ref, or a gap where it cannot be told.
func (a *ancestry) since(ctx context.Context, it *evidence.Item, previous string, tip objects.ID) error {
	if previous == "" {
		it.Answers["descends"] = nil
		return nil
	}
	gap := func(code, message string) {
		it.Gaps = append(it.Gaps, evidence.Gap{Question: "descends", Code: code, Message: message})
	}
	old, err := objects.ParseID(previous)
	if err != nil {
		gap("Unreadable", err.Error())
		return nil
	}
	sha := old
	if commit, _, err := a.r.Peel(old); err == nil {
		old = commit // of an annotated tag
	} else if !errors.Is(err, objects.ErrMissing) {
		return err
	}
	found, err := a.descends(ctx, tip, old)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, objects.ErrMissing):
		gap("MissingObject", "the history is not all there: "+err.Error())
	case err != nil:
		return err
	default:
		it.Answers["descends"] = map[string]any{"previous": sha.String(), "descends": found}
	}
	return nil
}

// descends looks through the whole history of tip. Dates are not used to stop
// early: they can be written freely.
func (a *ancestry) descends(ctx context.Context, tip, old objects.ID) (bool, error) {
	if tip == old {
		return true, nil
	}
	seen := map[objects.ID]bool{tip: true}
	queue := []objects.ID{tip}
	var cut error
	for n := 0; len(queue) > 0; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		id := queue[0]
		queue = queue[1:]
		parents, ok := a.parents[id]
		if !ok {
			c, err := a.r.ReadCommit(id)
			if err != nil {
				return false, err
			}
			parents = c.Parents
			if a.r.shallow[id] && len(parents) > 0 {
				cut, parents = fmt.Errorf("a shallow clone: %w: the parents of %s", objects.ErrMissing, id), nil
			} else {
				a.parents[id] = parents
			}
		}
		for _, p := range parents {
			if p == old {
				return true, nil
			}
			if !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
	return false, cut
}
