package store

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

const gitConfig = `[core]
	repositoryformatversion = 0
	filemode = %t
	bare = false
	logallrefupdates = true
`

// Init makes a git repository with one commit of the given files on the branch
// main. The folder may not exist yet, be empty, or be a git repository without
// a commit and without files, as a clone of a new repository is; anything else
// is refused. A .gitattributes is added where files have none.
func Init(dir string, files map[string][]byte, author Author, when time.Time) (*Repository, error) {
	r, err := initRepository(dir, files, author, when)
	if err != nil {
		return nil, fmt.Errorf("making an evidence repository: %w", err)
	}
	return r, nil
}

func initRepository(dir string, files map[string][]byte, author Author, when time.Time) (r *Repository, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if files["exhibit.yaml"] == nil {
		return nil, errors.New("there is no exhibit.yaml among the files")
	}
	files = maps.Clone(files)
	if files[".gitattributes"] == nil {
		files[".gitattributes"] = []byte("* -text\n")
	}
	if err := mayInit(dir); err != nil {
		return nil, err
	}
	if _, err := signature(author, when); err != nil {
		return nil, err
	}
	if _, err := peopleWrites(files); err != nil {
		return nil, err
	}
	if err := makeGitFolder(dir); err != nil {
		return nil, err
	}
	r, h, err := open(dir)
	if err != nil {
		return nil, err
	}
	if _, err := r.commitFiles(h, files, author, when, "Start the evidence repository\n"); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// mayInit refuses a folder that holds anything but an empty git repository.
func mayInit(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".git" {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "exhibit.yaml")); err == nil {
			return &Hint{fmt.Errorf("%s has an exhibit.yaml already", dir), "use it as it is, or name another folder"}
		}
		return &Hint{fmt.Errorf("%s is not empty: it holds %q", dir, e.Name()), "name an empty folder, or one that does not exist"}
	}
	if len(entries) == 0 {
		return nil
	}
	g, err := findGit(dir)
	if err != nil {
		return err
	}
	h, err := g.head()
	if err != nil {
		return err
	}
	if !h.id.IsZero() {
		return &Hint{fmt.Errorf("%s is a git repository with commits", dir), "name an empty folder, or one that does not exist"}
	}
	return nil
}

func makeGitFolder(dir string) error {
	git := filepath.Join(dir, ".git")
	if _, err := os.Stat(filepath.Join(git, "HEAD")); err == nil {
		return nil
	}
	for _, sub := range []string{"objects/pack", "objects/info", "refs/heads", "refs/tags", "info"} {
		if err := os.MkdirAll(filepath.Join(git, filepath.FromSlash(sub)), 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(git, "config"), fmt.Appendf(nil, gitConfig, filepath.Separator == '/'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(git, "HEAD"), []byte("ref: refs/heads/main\n"), 0o644)
}

// CommitFiles keeps files that people write (nil content removes one) as one
// commit on the branch HEAD is on, and brings them along in the work tree. It
// refuses paths of evidence/ and runs/, and files that were changed and not
// committed.
func (r *Repository) CommitFiles(files map[string][]byte, author Author, when time.Time, message string) (commit string, err error) {
	h, err := r.git.head()
	if err == nil && h.branch == "" {
		err = errDetached(h)
	}
	if err == nil {
		err = r.git.underWay()
	}
	if err != nil {
		return "", fmt.Errorf("committing files: %w", err)
	}
	commit, err = r.commitFiles(h, files, author, when, strings.TrimRight(message, "\n")+"\n")
	if err != nil {
		return commit, fmt.Errorf("committing files: %w", err)
	}
	return commit, nil
}

func (r *Repository) commitFiles(h head, files map[string][]byte, author Author, when time.Time, message string) (commit string, err error) {
	writes, err := peopleWrites(files)
	if err != nil {
		return "", err
	}
	tx, err := r.begin()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, tx.end()) }()
	var tree objects.ID
	if !h.id.IsZero() {
		c, err := r.objs.ReadCommit(h.id)
		if err != nil {
			return "", err
		}
		tree = c.Tree
	}
	for _, w := range writes {
		e, err := r.objs.Lookup(tree, w.path)
		if err != nil {
			return "", err
		}
		if !r.holds(w.path, e) {
			return "", &Hint{fmt.Errorf("%s was changed and not committed", w.path), "commit it or put it back, and run again"}
		}
	}
	return tx.keep(change{from: h, tree: tree, writes: writes, author: author, when: when, message: message})
}

func peopleWrites(files map[string][]byte) ([]write, error) {
	var writes []write
	for p, content := range files {
		if err := seal.CheckPath(p); err != nil {
			return nil, err
		}
		if owned(p) {
			return nil, fmt.Errorf("%s is written by runs alone", p)
		}
		if content == nil {
			writes = append(writes, write{path: p, gone: true})
			continue
		}
		writes = append(writes, blob(p, content))
	}
	return writes, nil
}
