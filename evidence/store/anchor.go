package store

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

// Anchor adds timestamp tokens to runs that have none, by the runs' names, as one
// commit. Nothing else under runs/ is ever added to a run that is kept.
func (r *Repository) Anchor(tokens map[string][]byte, author Author, when time.Time) (commit string, err error) {
	tx, err := r.begin()
	if err != nil {
		return "", fmt.Errorf("keeping timestamps: %w", err)
	}
	defer func() { err = errors.Join(err, tx.end()) }()
	b, err := r.ready()
	if err == nil {
		err = r.cleanOwned(b, tx.index)
	}
	if err != nil {
		return "", fmt.Errorf("keeping timestamps: %w", err)
	}
	var writes []write
	names := ""
	for _, l := range b.chain {
		token, ok := tokens[l.name]
		if !ok {
			continue
		}
		if l.tokenSum != "" {
			return "", fmt.Errorf("keeping timestamps: run %s has one", l.name)
		}
		writes = append(writes, blob(path.Join("runs", l.name, seal.TokenName), token))
		names += "Run " + l.name + "\n"
	}
	if len(writes) != len(tokens) {
		return "", errors.New("keeping timestamps: of a run that is not there")
	}
	commit, err = tx.keep(change{from: b.head, tree: b.commit.Tree, writes: writes, author: author, when: when, message: "Anchor runs in time\n\n" + names})
	if err != nil {
		return commit, fmt.Errorf("keeping timestamps: %w", err)
	}
	return commit, nil
}

// Countersign adds a reviewer's signature to a run, as one commit. name is the one that
// seal.ReviewName gives it, and must not be there yet.
func (r *Repository) Countersign(run, name string, signature []byte, author Author, when time.Time) (commit string, err error) {
	tx, err := r.begin()
	if err != nil {
		return "", fmt.Errorf("keeping a second signature: %w", err)
	}
	defer func() { err = errors.Join(err, tx.end()) }()
	b, err := r.ready()
	if err == nil {
		err = r.cleanOwned(b, tx.index)
	}
	if err != nil {
		return "", fmt.Errorf("keeping a second signature: %w", err)
	}
	for _, l := range b.chain {
		if l.name != run || !seal.IsReviewName(name) {
			continue
		}
		if e, err := r.objs.Lookup(l.tree, name); err != nil || e.Mode != 0 {
			return "", errors.Join(fmt.Errorf("keeping a second signature: run %s has a %s", run, name), err)
		}
		writes := []write{blob(path.Join("runs", run, name), signature)}
		commit, err = tx.keep(change{from: b.head, tree: b.commit.Tree, writes: writes, author: author, when: when, message: "Sign run " + run + " a second time\n"})
		if err != nil {
			return commit, fmt.Errorf("keeping a second signature: %w", err)
		}
		return commit, nil
	}
	return "", fmt.Errorf("keeping a second signature: there is no run %s", run)
}

// addedLater says that a file of a run's folder is one that may come after the run:
// its timestamp, or a reviewer's signature.
func addedLater(p string) bool {
	name := path.Base(p)
	return strings.Count(p, "/") == 1 && (name == seal.TokenName || seal.IsReviewName(name))
}

// NotAppended looks at every commit in the history of rev, on every branch that was
// merged into it, for what changed or removed something under runs/, which is only
// ever added to: a run's folder whole, and later its timestamp and second signatures. It names each, with
// the commit that did it, oldest last; none is what should be.
func (r *Repository) NotAppended(rev string) ([]string, error) {
	t, err := r.At(rev)
	if err != nil {
		return nil, err
	}
	var found []string
	seen := map[objects.ID]bool{t.id: true}
	for todo := []objects.ID{t.id}; len(todo) > 0; todo = todo[1:] {
		c, err := r.objs.ReadCommit(todo[0])
		if err != nil {
			return nil, r.shallow(err)
		}
		now, err := r.objs.Lookup(c.Tree, "runs")
		if err != nil {
			return nil, err
		}
		for _, p := range c.Parents {
			pc, err := r.objs.ReadCommit(p)
			if err != nil {
				return nil, r.shallow(err)
			}
			then, err := r.objs.Lookup(pc.Tree, "runs")
			if err != nil {
				return nil, err
			}
			if then.ID != now.ID {
				list, err := r.notAppended(then, now, todo[0])
				if err != nil {
					return nil, err
				}
				found = append(found, list...)
			}
			if !seen[p] {
				seen[p] = true
				todo = append(todo, p)
			}
		}
	}
	return found, nil
}

// notAppended is what a commit did to the runs beside adding to them.
func (r *Repository) notAppended(then, now objects.Entry, at objects.ID) (found []string, err error) {
	if then.Mode != 0 && now.Mode != 0 && !now.IsDir() {
		return []string{fmt.Sprintf("commit %s put something else in the place of runs/", at)}, nil
	}
	err = r.objs.Diff(then.ID, now.ID, func(c objects.Change) error {
		run, _, _ := strings.Cut(c.Path, "/")
		status := c.Status()
		if status == "A" && addedLater(c.Path) {
			return nil
		}
		if status == "A" {
			old, err := r.objs.Lookup(then.ID, run)
			if then.Mode == 0 || err == nil && old.Mode == 0 {
				return nil // a new run
			}
			if err != nil {
				return err
			}
		}
		found = append(found, fmt.Sprintf("commit %s %s runs/%s", at, statusWord(c), c.Path))
		return nil
	})
	return found, err
}
