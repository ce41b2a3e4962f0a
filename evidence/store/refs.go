package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"exhibit/evidence/store/objects"
)

// head is where HEAD points. branch is "" when it is detached; id is zero when
// the branch has no commit yet.
type head struct {
	branch string // "refs/heads/main"
	id     objects.ID
}

func (g gitDir) head() (h head, err error) {
	b, err := os.ReadFile(filepath.Join(g.own, "HEAD"))
	if err != nil {
		return h, fmt.Errorf("reading HEAD: %w", err)
	}
	s := strings.TrimSpace(string(b))
	if ref, ok := strings.CutPrefix(s, "ref: "); ok {
		h.branch = strings.TrimSpace(ref)
		if !strings.HasPrefix(h.branch, "refs/heads/") || !safeRef(h.branch) {
			return h, fmt.Errorf("reading HEAD: it names %q, which is not a branch", h.branch)
		}
		h.id, err = g.ref(h.branch)
		return h, err
	}
	if h.id, err = objects.ParseID(s); err != nil {
		return h, fmt.Errorf("reading HEAD: %w", err)
	}
	return h, nil
}

// safeRef keeps a ref inside refs/.
func safeRef(ref string) bool {
	for part := range strings.SplitSeq(ref, "/") {
		if part == "" || part == "." || part == ".." || strings.HasSuffix(part, ".lock") || strings.ContainsAny(part, "\x00\\:") {
			return false
		}
	}
	return true
}

// ref is the value of a ref, zero when there is none. A loose ref comes before a packed one.
func (g gitDir) ref(name string) (id objects.ID, err error) {
	b, err := os.ReadFile(filepath.Join(g.common, filepath.FromSlash(name)))
	if err == nil {
		if id, err = objects.ParseID(strings.TrimSpace(string(b))); err != nil {
			return id, fmt.Errorf("reading %s: %w", name, err)
		}
		return id, nil
	}
	if fi, statErr := os.Stat(filepath.Join(g.common, filepath.FromSlash(name))); !errors.Is(err, fs.ErrNotExist) && !(statErr == nil && fi.IsDir()) {
		return id, fmt.Errorf("reading %s: %w", name, err)
	}
	b, err = os.ReadFile(filepath.Join(g.common, "packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return id, nil
	}
	if err != nil {
		return id, fmt.Errorf("reading packed-refs: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		value, ref, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if ok && ref == name && value != "#" {
			if id, err = objects.ParseID(value); err != nil {
				return id, fmt.Errorf("reading packed-refs: %w", err)
			}
			return id, nil
		}
	}
	return id, nil
}

// The names under which exhibit prepares files in the git folder. Each is
// hard-linked to git's lock while that is held, so that a lock which outlived
// its process can be told from one that git holds.
const (
	ownIndex = "exhibit-index"
	ownRef   = "exhibit-ref"
	journal  = "exhibit-journal"
	lockName = "exhibit-lock"
)

// takeLock makes git's lock file with the given content.
func takeLock(own, lock string, content []byte) error {
	if err := os.Remove(own); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Where the file system has no hard links the lock is made directly, and one
	// that outlives its process must be removed by hand, as git says too.
	if err := writeNew(own, content); err != nil {
		return err
	}
	err := os.Link(own, lock)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		_ = os.Remove(own) // ours, and of no use without the lock
	default:
		_ = os.Remove(own)
		err = writeNew(lock, content)
	}
	if errors.Is(err, fs.ErrExist) {
		return &Hint{fmt.Errorf("git is at work in this repository: %s exists", lock),
			"wait for it to end; if no git process is running, remove that file"}
	}
	return err
}

func writeNew(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644))
	if len(content) > 0 { // an empty lock says all by its name, and one that a crash undoes is held by nobody
		err = errors.Join(err, f.Sync())
	}
	return errors.Join(err, f.Close())
}

// commitLock puts a lock file in its place and forgets the other name for it.
func commitLock(own, lock, to string) error {
	if err := os.Rename(lock, to); err != nil {
		return err
	}
	if err := os.Remove(own); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// dropLock releases a lock without a change.
func dropLock(own, lock string) error {
	err := os.Remove(lock)
	if err2 := os.Remove(own); err == nil && !errors.Is(err2, fs.ErrNotExist) {
		err = err2
	}
	return err
}

// dropStale releases a lock that a killed process of ours left behind. The
// caller holds exhibit's lock, so no such process is alive.
func dropStale(own, lock string) error {
	a, err := os.Lstat(own)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if b, err := os.Lstat(lock); err == nil && os.SameFile(a, b) {
		if err := os.Remove(lock); err != nil {
			return err
		}
	}
	return os.Remove(own)
}

// moveRef moves a branch from one commit to another, if it is still there.
func (g gitDir) moveRef(name string, from, to objects.ID) error {
	path := filepath.Join(g.common, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	own := filepath.Join(g.own, ownRef)
	if err := takeLock(own, path+".lock", []byte(to.String()+"\n")); err != nil {
		return err
	}
	now, err := g.ref(name)
	if err == nil && now != from {
		err = &Hint{fmt.Errorf("%s moved to %s while this run was being kept", name, now), "run again; nothing was changed"}
	}
	if err != nil {
		return errors.Join(err, dropLock(own, path+".lock"))
	}
	if err := commitLock(own, path+".lock", path); err != nil {
		return err
	}
	return objects.SyncDir(filepath.Dir(path))
}

// logRef adds a line to the reflogs of HEAD and the branch, where git keeps them.
func (g gitDir) logRef(branch string, from, to objects.ID, who, message string) error {
	if !g.reflog {
		return nil
	}
	line := fmt.Sprintf("%s %s %s\t%s\n", from, to, who, message)
	for _, path := range []string{filepath.Join(g.own, "logs", "HEAD"), filepath.Join(g.common, "logs", filepath.FromSlash(branch))} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return err
		}
		_, err = f.WriteString(line)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}
