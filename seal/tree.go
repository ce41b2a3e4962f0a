package seal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// tree is what lies in a folder, looked at without following any link.
type tree struct {
	fsys    fs.FS
	files   []string          // regular files with allowed names, in the order of the walk
	regular map[string]bool   // the same
	folders map[string]bool   // whether there is anything in it
	refused map[string]string // path -> why it is not looked into
	failed  map[string]string // path -> why it could not be read
}

const linkRefused = "a symbolic link, where only plain files and folders belong"

// walk looks at everything below the given roots; a root may be missing.
func walk(fsys fs.FS, roots ...string) (*tree, error) {
	t := &tree{fsys: fsys, regular: map[string]bool{}, folders: map[string]bool{}, refused: map[string]string{}, failed: map[string]string{}}
	for _, root := range roots {
		// WalkDir would follow a link at its root.
		if d, err := fs.Lstat(fsys, root); err == nil && d.Mode()&fs.ModeSymlink != 0 && root != "." {
			t.refused[root] = linkRefused
			continue
		}
		err := fs.WalkDir(fsys, root, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				if p == "." {
					return err // nothing can be said about a folder that does not open
				}
				if p != root || !errors.Is(err, fs.ErrNotExist) {
					t.failed[p] = err.Error()
				}
				if d != nil && d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			return t.visit(p, d)
		})
		if err != nil {
			return nil, err
		}
	}
	for folder, used := range t.folders {
		if !used && t.failed[folder] == "" {
			t.refused[folder] = "an empty folder, which was not sealed"
		}
	}
	return t, nil
}

func (t *tree) visit(p string, d fs.DirEntry) error {
	if p == "." {
		return nil
	}
	if dir := path.Dir(p); dir != "." {
		t.folders[dir] = true
	}
	why := ""
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		why = linkRefused
	case !d.IsDir() && !d.Type().IsRegular():
		why = "neither a plain file nor a folder"
	default:
		if err := CheckPath(p); err != nil {
			why = err.Error()
		}
	}
	switch {
	case why != "":
		t.refused[p] = why
		if d.IsDir() {
			return fs.SkipDir
		}
	case d.IsDir():
		t.folders[p] = false
	default:
		t.files = append(t.files, p)
		t.regular[p] = true
	}
	return nil
}

// hidden says why a path cannot be looked at: it, or a folder above it, was
// refused or could not be read.
func (t *tree) hidden(p string) (kind Kind, why string) {
	if len(t.refused)+len(t.failed) == 0 {
		return "", ""
	}
	for at := p; at != "."; at = path.Dir(at) {
		if why, ok := t.refused[at]; ok {
			return Refused, at + " is " + why
		}
		if why, ok := t.failed[at]; ok {
			return Unreadable, why
		}
	}
	return "", ""
}

// read reads a file of the seal itself; none of them is large.
func (t *tree) read(p string, limit int64) ([]byte, error) {
	f, err := t.fsys.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	return b, err
}

type hashed struct {
	sum [32]byte
	err error
}

// hashAll hashes the files on all processors.
func hashAll(fsys fs.FS, paths []string) []hashed {
	sums := make([]hashed, len(paths))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(paths)) {
		wait.Go(func() {
			buffer := make([]byte, 256<<10)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(paths) {
					return
				}
				sums[i].sum, sums[i].err = hashFile(fsys, paths[i], buffer)
			}
		})
	}
	wait.Wait()
	return sums
}

func hashFile(fsys fs.FS, p string, buffer []byte) (sum [32]byte, err error) {
	f, err := fsys.Open(p)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, buffer); err != nil {
		return sum, err
	}
	return [32]byte(h.Sum(nil)), nil
}

// compare reports every listed file that is not there as listed, and every
// other file for which strict answers true. It counts the files that match.
func (t *tree) compare(r *Result, m Manifest, strict func(path string) bool) (matching int) {
	listed := make(map[string]int, len(m))
	byContent := make(map[[32]byte]string, len(m))
	for i, e := range m {
		listed[e.Path] = i
		if _, ok := byContent[e.Sum]; !ok {
			byContent[e.Sum] = e.Path
		}
		if kind, why := t.hidden(e.Path); kind != "" {
			r.problem(kind, e.Path, "%s", why)
		} else if !t.regular[e.Path] {
			r.problem(Missing, e.Path, "listed in the seal, and not there")
		}
	}
	var look []string
	for _, p := range t.files {
		if _, ok := listed[p]; ok || strict(p) {
			look = append(look, p)
		}
	}
	for i, got := range hashAll(t.fsys, look) {
		p := look[i]
		n, isListed := listed[p]
		other, known := byContent[got.sum]
		switch {
		case got.err != nil:
			r.problem(Unreadable, p, "%v", got.err)
		case !isListed && known:
			r.problem(Added, p, "not listed in the seal%s; its content is that of %s", clutter(p), other)
		case !isListed:
			r.problem(Added, p, "not listed in the seal%s", clutter(p))
		case got.sum == m[n].Sum:
			matching++
		case known:
			r.problem(Changed, p, "not what was sealed: its content is what is listed for %s", other)
		default:
			r.problem(Changed, p, "not what was sealed")
		}
	}
	for p, why := range t.refused {
		if _, ok := listed[p]; !ok && strict(p) {
			r.problem(Refused, p, "%s", why)
		}
	}
	for p, why := range t.failed {
		if _, ok := listed[p]; !ok && strict(p) {
			r.problem(Unreadable, p, "%s", why)
		}
	}
	return matching
}

// clutter knows what file managers leave behind when a folder is only opened.
func clutter(p string) string {
	switch base := path.Base(p); {
	case base == ".DS_Store", base == "Thumbs.db", base == "desktop.ini",
		strings.HasPrefix(base, "._"), strings.HasPrefix(p, "__MACOSX/"):
		return " (file managers leave such files behind: delete it and verify again)"
	}
	return ""
}
