package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"exhibit/evidence/store/objects"
)

const (
	mendOwned  = "put them back with: git restore --source=HEAD --staged --worktree evidence runs && git clean -ffdx evidence runs; they are written by exhibit alone"
	mendPeople = "commit them with: git add -A && git commit, or put them back, so that the run seals what you mean"
)

// Clean reports whether a run may be kept: on a branch, nothing under way, the
// chain of runs whole, evidence/ and runs/ untouched, and everything people
// wrote committed. Errors list up to ten paths and say what to do.
func (r *Repository) Clean(ctx context.Context) error {
	err := r.clean(ctx)
	if err != nil {
		return fmt.Errorf("checking the evidence repository: %w", err)
	}
	return nil
}

func (r *Repository) clean(ctx context.Context) error {
	b, err := r.ready()
	if err != nil {
		return err
	}
	index, err := r.git.readIndex()
	if err != nil {
		return err
	}
	if err := r.cleanOwned(b, index); err != nil {
		return err
	}
	s, err := r.newStatus(ctx, index)
	if err != nil {
		return err
	}
	if err := s.compare(b.files, func(p string) bool { return !owned(p) }); err != nil {
		return err
	}
	if err := s.unlisted("", nil); err != nil {
		return err
	}
	if len(s.found) > 0 {
		return &Hint{fmt.Errorf("files are not committed:%s", listed(s.found)), mendPeople}
	}
	return nil
}

// cleanOwned refuses when evidence/ or runs/ in the work tree or index is not
// as in the commit, or holds a file that is not in it.
func (r *Repository) cleanOwned(b base, index []indexEntry) error {
	s, err := r.newStatus(context.Background(), index)
	if err != nil {
		return err
	}
	if err := s.compare(b.files, owned); err != nil {
		return err
	}
	for _, dir := range []string{"evidence", "runs"} {
		fi, err := os.Lstat(filepath.Join(r.dir, dir))
		if missing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if !fi.IsDir() {
			s.found = append(s.found, "not a folder: "+dir)
			continue
		}
		if err := s.unlisted(dir, nil); err != nil {
			return err
		}
	}
	if len(s.found) > 0 {
		return &Hint{fmt.Errorf("evidence/ or runs/ was changed by hand:%s", listed(s.found)), mendOwned}
	}
	return nil
}

// A status collects what differs between commit, index and work tree.
type status struct {
	ctx     context.Context
	r       *Repository
	index   map[string]*indexEntry
	folders map[string]bool // folders that hold a file of the index
	written [2]uint32       // when the index was written: mtime s, ns
	found   []string
}

func (r *Repository) newStatus(ctx context.Context, index []indexEntry) (*status, error) {
	s := &status{ctx: ctx, r: r, index: make(map[string]*indexEntry, len(index)), folders: map[string]bool{}}
	for i := range index {
		e := &index[i]
		if e.flags&flagStage != 0 {
			return nil, &Hint{fmt.Errorf("%s has a conflict that is not resolved", e.path), "resolve it, and commit"}
		}
		s.index[e.path] = e
		for dir := path.Dir(e.path); dir != "." && !s.folders[dir]; dir = path.Dir(dir) {
			s.folders[dir] = true
		}
	}
	if fi, err := os.Stat(filepath.Join(r.git.own, "index")); err == nil {
		st := statOf(fi)
		s.written = [2]uint32{st[2], st[3]}
	}
	return s, nil
}

// compare looks at the files that are in the commit or the index.
func (s *status) compare(files []file, mine func(string) bool) error {
	inCommit := make(map[string]bool, len(files))
	for _, f := range files {
		if !mine(f.path) {
			continue
		}
		inCommit[f.path] = true
		e := s.index[f.path]
		switch {
		case e == nil || e.more&moreIntent != 0:
			s.found = append(s.found, "staged to be deleted: "+f.path)
			continue
		case e.id != f.ID || e.mode() != f.Mode:
			s.found = append(s.found, "staged: "+f.path)
			continue
		}
		if err := s.ctx.Err(); err != nil {
			return err
		}
		what, err := s.differs(e)
		if err != nil {
			return err
		}
		if what != "" {
			s.found = append(s.found, what+": "+f.path)
		}
	}
	for p := range s.index {
		if mine(p) && !inCommit[p] {
			s.found = append(s.found, "staged: "+p)
		}
	}
	slices.Sort(s.found)
	return nil
}

// differs says how a file of the work tree differs from its index entry, "" if
// it does not. Where the file system says that the file was not touched since
// git looked, it is not read.
func (s *status) differs(e *indexEntry) (string, error) {
	name := filepath.Join(s.r.dir, filepath.FromSlash(e.path))
	fi, err := os.Lstat(name)
	switch {
	case missing(err):
		return "deleted", nil
	case err != nil:
		return "", err
	case !fi.Mode().IsRegular():
		return "no longer a plain file", nil
	case s.r.git.fileMode && (fi.Mode()&0o100 != 0) != (e.mode() == objects.ModeExecutable):
		return "mode changed", nil
	}
	st := statOf(fi)
	st[statMode] = e.mode()
	if st == e.stat && st[2] != 0 && (st[2] < s.written[0] || st[2] == s.written[0] && st[3] < s.written[1]) {
		return "", nil
	}
	if fi.Size() > 1<<30 {
		return "", fmt.Errorf("%s is larger than 1 GiB, too large to be sealed", e.path)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	if objects.Sum(objects.Blob, b) != e.id {
		return "modified", nil
	}
	return "", nil
}

// unlisted looks for files of the work tree that are not in the index. Within
// exhibit's own folders nothing is ignored.
func (s *status) unlisted(dir string, ignore []gitignore.Pattern) error {
	entries, err := os.ReadDir(filepath.Join(s.r.dir, filepath.FromSlash(dir)))
	if err != nil {
		return err
	}
	mine := dir == "evidence" || dir == "runs" || owned(dir)
	if mine && len(entries) == 0 {
		s.found = append(s.found, "empty folder: "+dir)
	}
	var domain []string
	if dir != "" {
		domain = strings.Split(dir, "/")
	}
	if !mine {
		own, err := s.ignored(dir, domain)
		if err != nil {
			return err
		}
		ignore = append(slices.Clip(ignore), own...)
	}
	for _, e := range entries {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		p := path.Join(dir, e.Name())
		switch {
		case dir == "" && (p == ".git" || p == "evidence" || p == "runs"): // the last two were looked at apart
		case e.IsDir() && (mine || s.folders[p]):
			if err := s.unlisted(p, ignore); err != nil {
				return err
			}
		case s.index[p] != nil:
		case !mine && gitignore.NewMatcher(ignore).Match(append(slices.Clip(domain), e.Name()), e.IsDir()):
		case e.IsDir():
			// A folder with no file in the index: git names the folder, not its files.
			if some, err := s.anyFile(p, ignore); err != nil {
				return err
			} else if some {
				s.found = append(s.found, "not listed: "+p+"/")
			}
		default:
			s.found = append(s.found, "not listed: "+p)
		}
	}
	return nil
}

// anyFile reports whether a folder holds a file that is not ignored.
func (s *status) anyFile(dir string, ignore []gitignore.Pattern) (bool, error) {
	t := &status{ctx: s.ctx, r: s.r}
	if err := t.unlisted(dir, ignore); err != nil {
		return false, err
	}
	return len(t.found) > 0, nil
}

// ignored are the patterns of a folder's .gitignore; for the root also those
// of .git/info/exclude.
func (s *status) ignored(dir string, domain []string) ([]gitignore.Pattern, error) {
	names := []string{filepath.Join(s.r.dir, filepath.FromSlash(dir), ".gitignore")}
	if dir == "" {
		names = append(names, filepath.Join(s.r.git.common, "info", "exclude"))
	}
	var out []gitignore.Pattern
	for _, name := range names {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(b)) {
			line = strings.TrimRight(line, "\r\n")
			if line != "" && line[0] != '#' {
				out = append(out, gitignore.ParsePattern(line, domain))
			}
		}
	}
	return out, nil
}
