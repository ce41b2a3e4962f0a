package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

// A base is what a run would be kept on: the last commit, found fit for it.
type base struct {
	head
	commit objects.Header
	files  []file // every file of the commit, in git's order
	chain  []link
}

type file struct {
	path string
	objects.Entry
}

// ready reads what HEAD names and refuses what a run must not be kept on.
func (r *Repository) ready() (b base, err error) {
	if b.head, err = r.git.head(); err != nil {
		return b, err
	}
	if b.branch == "" {
		return b, errDetached(b.head)
	}
	if err := r.mustBeOurs(b.head); err != nil {
		return b, err
	}
	if err := r.git.underWay(); err != nil {
		return b, err
	}
	if b.commit, err = r.objs.ReadCommit(b.id); err != nil {
		return b, err
	}
	if err := r.objs.Walk(b.commit.Tree, func(path string, e objects.Entry) error {
		b.files = append(b.files, file{path, e})
		return nil
	}); err != nil {
		return b, r.shallow(err)
	}
	if err := checkFiles(b.files); err != nil {
		return b, err
	}
	if err := r.checkAttributes(b.files); err != nil {
		return b, err
	}
	if b.chain, err = r.chain(b.commit.Tree); err != nil {
		return b, err
	}
	return b, r.checkChain(b)
}

func (r *Repository) checkChain(b base) error {
	if len(b.chain) == 0 {
		if err := r.neverRan(b.head.id); err != nil {
			return err
		}
		return r.checkByHand(b.commit.Tree, nil, objects.Header{}, objects.ID{})
	}
	last := b.chain[len(b.chain)-1]
	at, c, err := r.added(b.id, last, r.noneRemoved(b.chain))
	if err != nil {
		return err
	}
	if err := checkMadeOn(last, at, c); err != nil {
		return err
	}
	return r.checkByHand(b.commit.Tree, &last, c, at)
}

// neverRan refuses a history that held runs once, where there are none now.
func (r *Repository) neverRan(at objects.ID) error {
	check := r.noneRemoved(nil)
	for {
		c, err := r.objs.ReadCommit(at)
		if err != nil {
			return r.shallow(err)
		}
		if err := check(at, c); err != nil || len(c.Parents) == 0 {
			return err
		}
		at = c.Parents[0]
	}
}

// checkFiles refuses what cannot be sealed: names that do not mean the same
// everywhere, links, submodules, names that differ only in case.
func checkFiles(files []file) error {
	lower := make(map[string]string, len(files))
	for _, f := range files {
		if err := seal.CheckPath(f.path); err != nil {
			return &Hint{fmt.Errorf("a file of the repository cannot be sealed: %w", err), "rename it with git mv, and commit"}
		}
		switch f.Mode {
		case objects.ModeSymlink:
			return &Hint{fmt.Errorf("%s is a symbolic link, which cannot be sealed", f.path), "put the file itself there, and commit"}
		case objects.ModeSubmodule:
			return &Hint{fmt.Errorf("%s is a submodule, which cannot be sealed", f.path), "remove it, and commit"}
		}
		l := strings.ToLower(f.path)
		if twin, ok := lower[l]; ok {
			return &Hint{fmt.Errorf("%s and %s differ only in case", twin, f.path), "rename one with git mv, and commit"}
		}
		lower[l] = f.path
	}
	return nil
}

// checkAttributes refuses attributes that make the files people see differ from
// those git keeps: the seal is over what git keeps, and sha256sum reads the others.
func (r *Repository) checkAttributes(files []file) error {
	mend := `the .gitattributes at the root must have the line "* -text", and nothing that converts files`
	found := false
	for _, f := range files {
		if f.path != ".gitattributes" && !strings.HasSuffix(f.path, "/.gitattributes") {
			continue
		}
		b, err := r.objs.ReadKind(f.ID, objects.Blob)
		if err != nil {
			return err
		}
		n := 0
		for line := range strings.Lines(string(b)) {
			n++
			fields := strings.Fields(line)
			if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
				continue
			}
			for _, attr := range fields[1:] {
				name, _, _ := strings.Cut(strings.TrimPrefix(attr, "!"), "=")
				switch name {
				case "text", "eol", "crlf", "ident", "filter", "working-tree-encoding":
					return &Hint{fmt.Errorf("%s:%d: %q converts files", f.path, n, attr), mend}
				case "-text", "binary":
					found = found || f.path == ".gitattributes" && fields[0] == "*"
				}
			}
		}
	}
	if !found {
		return &Hint{errors.New("no line \"* -text\" in .gitattributes: git may change line ends"), mend}
	}
	return nil
}

// underWay refuses a repository in the middle of something.
func (g gitDir) underWay() error {
	for _, w := range []struct{ name, what, mend string }{
		{"MERGE_HEAD", "a merge", "git merge --continue, or git merge --abort"},
		{"rebase-merge", "a rebase", "git rebase --continue, or git rebase --abort"},
		{"rebase-apply", "a rebase or git am", "git rebase --continue, or git rebase --abort"},
		{"CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"},
		{"REVERT_HEAD", "a revert", "git revert --continue, or git revert --abort"},
	} {
		if _, err := os.Lstat(filepath.Join(g.own, w.name)); err == nil {
			return &Hint{fmt.Errorf("%s is under way", w.what), "end it with: " + w.mend}
		}
	}
	if _, err := os.Lstat(filepath.Join(g.common, "shallow")); !errors.Is(err, fs.ErrNotExist) {
		return &Hint{errors.New("this is a shallow clone, which does not hold the chain of runs"), "run: git fetch --unshallow"}
	}
	return nil
}

// Next is the name the next run would have if it began now, after the checks
// that Commit makes of the chain and the clock. Ask before collecting.
func (r *Repository) Next(now time.Time) (name string, err error) {
	b, err := r.ready()
	if err != nil {
		return "", fmt.Errorf("checking the evidence repository: %w", err)
	}
	return b.next(now)
}

func (b base) next(began time.Time) (string, error) {
	if len(b.chain) > 0 {
		last := b.chain[len(b.chain)-1]
		if began.UTC().Truncate(time.Second).Before(last.seal.Claimed) {
			return "", &Hint{fmt.Errorf("this machine's clock says %s, and the last run, %s, ended at %s by the clock then",
				began.UTC().Format(time.RFC3339), last.name, last.seal.Claimed.Format(time.RFC3339)), "set the clock"}
		}
	}
	return seal.RunName(len(b.chain)+1, began), nil
}
