package store

import (
	"errors"
	"fmt"
	"io/fs"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"

	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

// A Tree is one commit, read from git's objects. It may be used from several
// goroutines.
type Tree struct {
	r      *Repository
	id     objects.ID
	commit objects.Header
}

// At reads one commit: a full or short id, a branch, a tag, "HEAD~2", or the
// name of a run, which is the commit that kept it. "" is HEAD.
func (r *Repository) At(rev string) (*Tree, error) {
	id, err := r.resolve(rev)
	if err != nil {
		return nil, err
	}
	c, err := r.objs.ReadCommit(id)
	if err != nil {
		return nil, r.shallow(err)
	}
	return &Tree{r, id, c}, nil
}

func (r *Repository) resolve(rev string) (id objects.ID, err error) {
	h, err := r.git.head()
	if err != nil {
		return id, err
	}
	if rev == "" || rev == "HEAD" {
		if h.id.IsZero() {
			return id, &Hint{fmt.Errorf("%s has no commit yet", r.dir), "start it with: exhibit init"}
		}
		return h.id, nil
	}
	if _, _, err := seal.ParseRunName(rev); err == nil {
		return r.resolveRun(h, rev)
	}
	if id, err = objects.ParseID(rev); err != nil {
		g, err := gogit.PlainOpenWithOptions(r.dir, &gogit.PlainOpenOptions{EnableDotGitCommonDir: true})
		if err != nil {
			return id, fmt.Errorf("looking up %q: %w", rev, err)
		}
		found, err := g.ResolveRevision(plumbing.Revision(rev))
		if err != nil {
			return id, &Hint{fmt.Errorf("unknown commit %q", rev), "name a commit, a branch, a tag or a run; git log lists them"}
		}
		id = objects.ID(*found)
	}
	id, kind, err := r.objs.Peel(id)
	if errors.Is(err, objects.ErrMissing) {
		return id, &Hint{fmt.Errorf("unknown commit %q", rev), "name a commit, a branch, a tag or a run; git log lists them"}
	}
	if err == nil && kind != objects.Commit {
		err = fmt.Errorf("%q is a %s, not a commit", rev, kind)
	}
	return id, err
}

func (r *Repository) resolveRun(h head, name string) (id objects.ID, err error) {
	runs, err := r.RunCommits("HEAD")
	if err != nil {
		return id, err
	}
	for _, run := range runs {
		if run.Name == name {
			return objects.ParseID(run.Commit)
		}
	}
	return id, &Hint{fmt.Errorf("no run %q in the history of %s", name, h.id), "list the folder runs/"}
}

// Commit is the commit's id, 40 hex digits.
func (t *Tree) Commit() string { return t.id.String() }

// FS is the commit's files: read-only, sorted, with symbolic links and
// submodules left as irregular files that cannot be opened. Every file's time
// is the commit's.
func (t *Tree) FS() fs.FS { return &treeFS{r: t.r, root: t.commit.Tree, when: t.commit.Committer.When} }

// BlobID is the id of a file of the commit, 40 hex digits: the same id is the same
// content. "" where there is no such file, or no regular one.
func (t *Tree) BlobID(path string) (string, error) {
	e, err := t.r.objs.Lookup(t.commit.Tree, path)
	if err != nil || e.Mode == 0 || e.IsDir() || e.Mode == objects.ModeSymlink || e.Mode == objects.ModeSubmodule {
		return "", err
	}
	return e.ID.String(), nil
}
