package store

import (
	"errors"
	"path"
	"strings"
	"time"

	"exhibit/evidence/store/objects"
)

// A Revision is one commit that changed one file.
type Revision struct {
	Commit string
	Time   time.Time // committer's, UTC: as the commit claims
	Author string    // name of the commit's author
	Email  string
	Path   string
	Blob   string // of the content after the commit; "" where the file went away
	Gone   bool
	Number int // 0 for the newest commit listed, counting back: revisions of one commit share it
}

// History is every change of a file under dir ("policies") on the first-parent
// line of a commit, newest first, within one commit by path. What a branch held
// before it was merged never was in force, and is not listed: a merge counts as
// one change, by whoever merged. Moves are a file that went away and one that came.
func (r *Repository) History(rev, dir string) ([]Revision, error) {
	t, err := r.At(rev)
	if err != nil {
		return nil, err
	}
	dir = path.Clean(dir)
	var out []Revision
	number := 0
	at := t.id
	here, err := r.folder(t.commit.Tree, dir)
	if err != nil {
		return nil, err
	}
	step, err := r.objs.ReadStep(at)
	if err != nil {
		return nil, r.shallow(err)
	}
	for {
		var before objects.ID
		var parent objects.Step
		if !step.Parent.IsZero() {
			if parent, err = r.objs.ReadStep(step.Parent); err != nil {
				return nil, r.shallow(err)
			}
			if before, err = r.folder(parent.Tree, dir); err != nil {
				return nil, err
			}
		}
		var c objects.Header
		if before != here { // few commits touch the folder: the others are not read whole
			if c, err = r.objs.ReadCommit(at); err != nil {
				return nil, r.shallow(err)
			}
		}
		changed := false
		err := r.objs.Diff(before, here, func(d objects.Change) error {
			changed = true
			rev := Revision{
				Commit: at.String(), Time: c.Committer.When.UTC(), Number: number, Path: path.Join(dir, d.Path),
				Author: strings.ToValidUTF8(string(c.Author.Name), "\uFFFD"), Email: strings.ToValidUTF8(string(c.Author.Email), "\uFFFD"),
			}
			if d.New.Mode == 0 {
				rev.Gone = true
			} else {
				rev.Blob = d.New.ID.String()
			}
			out = append(out, rev)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if changed {
			number++
		}
		if step.Parent.IsZero() {
			return out, nil
		}
		at, step, here = step.Parent, parent, before
	}
}

// folder is the tree of a folder, zero where there is none.
func (r *Repository) folder(tree objects.ID, dir string) (objects.ID, error) {
	if dir == "." {
		return tree, nil
	}
	e, err := r.objs.Lookup(tree, dir)
	if err != nil || !e.IsDir() {
		return objects.ID{}, err
	}
	return e.ID, nil
}

// Blob is the content of a file as a Revision names it.
func (r *Repository) Blob(id string) ([]byte, error) {
	o, err := objects.ParseID(id)
	if err != nil {
		return nil, err
	}
	b, err := r.objs.ReadKind(o, objects.Blob)
	if errors.Is(err, objects.ErrMissing) {
		return nil, r.shallow(err)
	}
	return append([]byte(nil), b...), err
}
