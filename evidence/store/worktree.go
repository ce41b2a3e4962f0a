package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"exhibit/evidence/store/objects"
)

// owned reports whether exhibit alone writes a path.
func owned(p string) bool {
	return strings.HasPrefix(p, "evidence/") || strings.HasPrefix(p, "runs/")
}

// A write is one path that a commit changes. content is nil and mode 0 where
// the path goes away.
type write struct {
	path    string
	mode    uint32
	id      objects.ID
	content []byte
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
	dirs := map[string]bool{".": true}
	emptied := map[string]bool{}
	entries := make(map[string]indexEntry, len(writes))
	for _, w := range writes {
		if err := root.Remove(filepath.FromSlash(w.path)); err != nil && !missing(err) {
			return nil, fmt.Errorf("bringing %s along: %w", w.path, err)
		}
		if w.gone {
			emptied[path.Dir(w.path)] = true
		}
	}
	removeEmpty(root, emptied)
	for _, w := range writes {
		if w.gone {
			continue
		}
		e, err := writeFile(root, w, dirs)
		if err != nil {
			return nil, fmt.Errorf("bringing %s along: %w", w.path, err)
		}
		entries[w.path] = e
	}
	return entries, nil
}

// missing reports that a path, or a folder above it, is not there.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func writeFile(root *os.Root, w write, dirs map[string]bool) (e indexEntry, err error) {
	if err := makeDir(root, path.Dir(w.path), dirs); err != nil {
		return e, err
	}
	mode := fs.FileMode(w.mode & 0o777)
	f, err := root.OpenFile(filepath.FromSlash(w.path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(w.content); err != nil {
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
