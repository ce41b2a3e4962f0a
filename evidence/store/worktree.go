package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"exhibit/evidence"
	"exhibit/evidence/store/objects"
)

// owned reports whether exhibit alone writes a path.
func owned(p string) bool {
	return strings.HasPrefix(p, "evidence/") || strings.HasPrefix(p, "runs/")
}

// A write is one path that a commit changes: gone where the path goes away.
// content is not set where the object is in the repository already.
type write struct {
	path    string
	mode    uint32
	id      objects.ID
	content evidence.Content
	gone    bool
}

// checkout brings files of the work tree along and returns their index entries.
// It follows no symbolic link, and gives every file and folder the same mode
// whatever the umask.
func (r *Repository) checkout(writes []write) (map[string]indexEntry, error) {
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	emptied := map[string]bool{}
	var dirs []string          // of the files to write, each once
	at := map[string][]write{} // by folder
	for _, w := range writes {
		dir := path.Dir(w.path)
		if w.gone {
			if err := root.Remove(filepath.FromSlash(w.path)); err != nil && !missing(err) {
				return nil, fmt.Errorf("bringing %s along: %w", w.path, err)
			}
			emptied[dir] = true
			continue
		}
		if at[dir] == nil {
			dirs = append(dirs, dir)
		}
		at[dir] = append(at[dir], w)
	}
	removeEmpty(root, emptied)
	made := map[string]bool{".": true}
	for _, dir := range dirs {
		if err := makeDir(root, dir, made); err != nil {
			return nil, fmt.Errorf("bringing %s along: %w", dir, err)
		}
	}
	entries := make(map[string]indexEntry, len(writes))
	var mu sync.Mutex
	err = parallel(len(dirs), func(i int) error {
		// A folder is opened once, not once for each of its files.
		in, err := root.OpenRoot(filepath.FromSlash(dirs[i]))
		if err != nil {
			return fmt.Errorf("bringing %s along: %w", dirs[i], err)
		}
		defer in.Close()
		for _, w := range at[dirs[i]] {
			e, err := r.writeFile(in, w)
			if err != nil {
				return fmt.Errorf("bringing %s along: %w", w.path, err)
			}
			mu.Lock()
			entries[w.path] = e
			mu.Unlock()
		}
		return nil
	})
	return entries, err
}

// missing reports that a path, or a folder above it, is not there.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// writeFile makes a file in its folder.
func (r *Repository) writeFile(in *os.Root, w write) (e indexEntry, err error) {
	content := w.content
	if !content.Exists() {
		b, err := r.objs.ReadKind(w.id, objects.Blob)
		if err != nil {
			return e, err
		}
		content = evidence.InMemory(b)
	}
	mode := fs.FileMode(w.mode & 0o777)
	// Never opened for writing where it lies: it may be a link, or have a second name.
	f, err := in.OpenFile(path.Base(w.path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		if err := in.Remove(path.Base(w.path)); err != nil {
			return e, err
		}
		f, err = in.OpenFile(path.Base(w.path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	}
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := objects.Copy(f, content.Open()); err != nil {
		return e, err
	}
	fi, err := f.Stat()
	if err != nil {
		return e, err
	}
	if fi.Mode().Perm() != mode { // the umask took something away
		if err := f.Chmod(mode); err != nil {
			return e, err
		}
		if fi, err = f.Stat(); err != nil {
			return e, err
		}
	}
	e = indexEntry{path: w.path, stat: statOf(fi), id: w.id}
	e.stat[statMode] = w.mode
	return e, nil
}

// makeDir makes a folder and those above it, each 0755. done are the folders
// known to be there.
func makeDir(root *os.Root, dir string, done map[string]bool) error {
	if done[dir] {
		return nil
	}
	if err := makeDir(root, path.Dir(dir), done); err != nil {
		return err
	}
	name := filepath.FromSlash(dir)
	err := root.Mkdir(name, 0o755)
	switch {
	case err == nil:
		if err := root.Chmod(name, 0o755); err != nil {
			return err
		}
	case errors.Is(err, fs.ErrExist):
		fi, err := root.Lstat(name)
		if err != nil {
			return err
		}
		if !fi.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
	default:
		return err
	}
	done[dir] = true
	return nil
}

// removeEmpty removes folders that hold nothing any more, upwards, as git does.
func removeEmpty(root *os.Root, dirs map[string]bool) {
	for dir := range dirs {
		for ; dir != "."; dir = path.Dir(dir) {
			if root.Remove(filepath.FromSlash(dir)) != nil { // not empty, or gone already
				break
			}
		}
	}
}

// updateIndex is the index after the writes: their entries replaced, all others kept.
func updateIndex(old []indexEntry, writes []write, fresh map[string]indexEntry) []indexEntry {
	touched := make(map[string]bool, len(writes))
	for _, w := range writes {
		touched[w.path] = true
	}
	out := make([]indexEntry, 0, len(old)+len(fresh))
	for _, e := range old {
		if !touched[e.path] {
			out = append(out, e)
		}
	}
	for _, w := range writes {
		if e, ok := fresh[w.path]; ok {
			out = append(out, e)
		}
	}
	return out
}
