package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"exhibit/evidence/store/objects"
)

// ErrLocked is wrapped when another exhibit is writing to the repository.
var ErrLocked = errors.New("another exhibit is writing to this evidence repository")

// A Repository is an open evidence repository.
type Repository struct {
	dir  string
	git  gitDir
	objs *objects.Store

	// step is called before each step of a write, by tests that kill it there.
	step func(name string) error
}

// Open opens the evidence repository whose work tree is dir. If a process was
// killed while it wrote, Open finishes or forgets what that process began.
//
// It refuses what is not the root of a git repository with an exhibit.yaml in
// its last commit, and kinds of repository it cannot read. A repository that
// can be read and must not be written to (a detached HEAD, files changed by
// hand) opens; Clean and Commit refuse it.
func Open(dir string) (*Repository, error) {
	r, h, err := open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the evidence repository: %w", err)
	}
	if err := r.mustBeOurs(h); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the evidence repository: %w", err), r.Close())
	}
	return r, nil
}

func open(dir string) (r *Repository, h head, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, h, err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, h, &Hint{fmt.Errorf("there is no folder %s", dir), "make one with: exhibit init"}
	}
	r = &Repository{dir: dir, step: func(string) error { return nil }}
	if r.git, err = findGit(dir); err != nil {
		return nil, h, err
	}
	if r.objs, err = objects.Open(filepath.Join(r.git.common, "objects")); err != nil {
		return nil, h, err
	}
	if err := r.recover(); err != nil {
		return nil, h, errors.Join(err, r.Close())
	}
	if h, err = r.git.head(); err != nil {
		return nil, h, errors.Join(err, r.Close())
	}
	return r, h, nil
}

func (r *Repository) mustBeOurs(h head) error {
	if h.id.IsZero() {
		return &Hint{fmt.Errorf("%s has no commit yet", r.dir), "start it with: exhibit init"}
	}
	c, err := r.objs.ReadCommit(h.id)
	if err != nil {
		return err
	}
	e, err := r.objs.Lookup(c.Tree, "exhibit.yaml")
	if err != nil {
		return err
	}
	if e.Mode != 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(r.dir, "exhibit.yaml")); err == nil {
		return &Hint{fmt.Errorf("exhibit.yaml is not committed"), "run: git add exhibit.yaml && git commit"}
	}
	return &Hint{fmt.Errorf("%s is a git repository without an exhibit.yaml, so not one of exhibit's", r.dir),
		"name the evidence repository, or make one with: exhibit init"}
}

// Close closes the files that are open for reading.
func (r *Repository) Close() error { return r.objs.Close() }

// Dir is the root of the work tree, absolute.
func (r *Repository) Dir() string { return r.dir }

// Head is the commit that HEAD names, as 40 hex digits.
func (r *Repository) Head() (commit string, err error) {
	h, err := r.git.head()
	if err != nil {
		return "", err
	}
	if h.id.IsZero() {
		return "", &Hint{fmt.Errorf("%s has no commit yet", r.dir), "start it with: exhibit init"}
	}
	return h.id.String(), nil
}

// Branch is the full name of the branch HEAD is on, "refs/heads/main". A
// detached HEAD is an error.
func (r *Repository) Branch() (string, error) {
	h, err := r.git.head()
	if err != nil {
		return "", err
	}
	if h.branch == "" {
		return "", errDetached(h)
	}
	return h.branch, nil
}

func errDetached(h head) error {
	return &Hint{fmt.Errorf("HEAD is at the commit %s and on no branch, so a run kept here would be lost", h.id), "run: git switch main"}
}

// recover finishes or forgets what a killed process began. While another
// process is at work there is nothing to recover.
func (r *Repository) recover() (err error) {
	left := false
	for _, name := range []string{ownIndex, ownRef, journal} {
		if _, err := os.Lstat(filepath.Join(r.git.own, name)); err == nil {
			left = true
		}
	}
	if !left {
		return nil
	}
	unlock, err := r.git.lock()
	if errors.Is(err, ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := r.recoverLocked(); err != nil {
		return fmt.Errorf("finishing what an earlier process began: %w", err)
	}
	return nil
}
