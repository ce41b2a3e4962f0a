package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"exhibit/evidence/store/objects"
)

// A transaction holds exhibit's lock and git's index lock from the first look
// at the repository to the last write.
type transaction struct {
	r      *Repository
	index  []indexEntry
	unlock func() error
	locked bool // git's index.lock is held
}

func (r *Repository) indexLock() (own, lock, index string) {
	return filepath.Join(r.git.own, ownIndex), filepath.Join(r.git.own, "index.lock"), filepath.Join(r.git.own, "index")
}

func (r *Repository) begin() (tx *transaction, err error) {
	tx = &transaction{r: r}
	if tx.unlock, err = r.git.lock(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.end())
			tx = nil
		}
	}()
	if err := r.recoverLocked(); err != nil {
		return tx, err
	}
	own, lock, _ := r.indexLock()
	if err := takeLock(own, lock, nil); err != nil {
		return tx, err
	}
	tx.locked = true
	tx.index, err = r.git.readIndex()
	return tx, err
}

func (tx *transaction) end() error {
	var err error
	if tx.locked {
		own, lock, _ := tx.r.indexLock()
		err = dropLock(own, lock)
	}
	return errors.Join(err, tx.unlock())
}

// A change is one commit to be made.
type change struct {
	from    head
	tree    objects.ID // of from
	writes  []write
	author  Author
	when    time.Time // author and committer time, written in UTC
	message string
}

// keep writes the objects, moves the branch and brings the work tree along. It
// returns the commit as soon as the branch has moved, whatever follows.
func (tx *transaction) keep(c change) (commit string, err error) {
	r := tx.r
	slices.SortFunc(c.writes, func(a, b write) int { return strings.Compare(a.path, b.path) })
	id, who, err := tx.writeObjects(c)
	if err != nil {
		return "", err
	}
	if err := r.step("journal"); err != nil {
		return "", err
	}
	if err := r.writeJournal(c.from, id); err != nil {
		return "", err
	}
	if err := r.step("ref"); err != nil {
		return "", errors.Join(err, r.dropJournal())
	}
	if err := r.git.moveRef(c.from.branch, c.from.id, id); err != nil {
		// The branch is where it was, or moved and not yet flushed: look.
		if now, refErr := r.git.ref(c.from.branch); refErr != nil || now != id {
			return "", errors.Join(err, r.dropJournal())
		}
		return id.String(), err
	}
	commit = id.String()
	_ = r.git.logRef(c.from.branch, c.from.id, id, who, subject(c.message)) // a convenience: the commit is kept
	if err := r.step("worktree"); err != nil {
		return commit, err
	}
	fresh, err := r.checkout(c.writes)
	if err != nil {
		return commit, err
	}
	if err := r.step("index"); err != nil {
		return commit, err
	}
	if err := tx.writeIndex(updateIndex(tx.index, c.writes, fresh)); err != nil {
		return commit, err
	}
	if err := r.step("done"); err != nil {
		return commit, err
	}
	return commit, r.dropJournal()
}

func subject(message string) string {
	s, _, _ := strings.Cut(message, "\n")
	return "exhibit: " + s
}

func (tx *transaction) writeObjects(c change) (id objects.ID, who string, err error) {
	r := tx.r
	b := builder{objs: r.objs, have: map[objects.ID]bool{}}
	for _, w := range c.writes {
		if w.gone {
			continue
		}
		if err := b.add(objects.Object{ID: w.id, Kind: objects.Blob, From: w.content.Open()}); err != nil {
			return id, "", err
		}
	}
	tree, err := b.tree(c.tree, c.writes, 0)
	if err != nil {
		return id, "", err
	}
	if who, err = signature(c.author, c.when); err != nil {
		return id, "", err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "tree %s\n", tree)
	if !c.from.id.IsZero() {
		fmt.Fprintf(&text, "parent %s\n", c.from.id)
	}
	fmt.Fprintf(&text, "author %s\ncommitter %s\n\n%s", who, who, c.message)
	commit := objects.NewObject(objects.Commit, text.Bytes())
	if err := b.add(commit); err != nil {
		return id, "", err
	}
	if err := r.step("objects"); err != nil {
		return id, "", err
	}
	return commit.ID, who, r.objs.WritePack(b.out)
}

// signature is "Ada Example <ada@example.com> 1767225600 +0000".
func signature(a Author, when time.Time) (string, error) {
	for _, s := range []string{a.Name, a.Email} {
		if strings.TrimSpace(s) != s || s == "" || strings.ContainsAny(s, "<>\n\x00") {
			return "", &Hint{fmt.Errorf("the author %q <%s> cannot be written in a commit", a.Name, a.Email), "give a name and an email without < and >"}
		}
	}
	if when.Unix() < 0 || when.Year() > 9999 {
		return "", fmt.Errorf("the time %s cannot be written in a commit", when)
	}
	return fmt.Sprintf("%s <%s> %d +0000", a.Name, a.Email, when.Unix()), nil
}

// writeIndex replaces the index by way of the lock that is held.
func (tx *transaction) writeIndex(entries []indexEntry) error {
	own, lock, index := tx.r.indexLock()
	f, err := os.OpenFile(lock, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return fmt.Errorf("writing git's index: %w", err)
	}
	_, err = f.Write(formatIndex(entries))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing git's index: %w", err)
	}
	if err := commitLock(own, lock, index); err != nil {
		return fmt.Errorf("writing git's index: %w", err)
	}
	tx.locked = false
	return nil
}

// The journal says which commit a process was about to make the branch's:
//
//	exhibit journal v1
//	refs/heads/main
//	1b7c0f7ad0f1e9f4f0a5b2a6c7d8e9fa0b1c2d3e
//	9fa0b1c2d3e1b7c0f7ad0f1e9f4f0a5b2a6c7d8e
const journalHeader = "exhibit journal v1\n"

func (r *Repository) writeJournal(from head, to objects.ID) error {
	name := filepath.Join(r.git.own, journal)
	if err := writeNew(name, fmt.Appendf(nil, "%s%s\n%s\n%s\n", journalHeader, from.branch, from.id, to)); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return objects.SyncDir(r.git.own)
}

func (r *Repository) dropJournal() error {
	err := os.Remove(filepath.Join(r.git.own, journal))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// parseJournal reads a journal. One that was cut short is of a process that had
// changed nothing yet.
func parseJournal(b []byte) (branch string, from, to objects.ID, ok bool) {
	rest, found := bytes.CutPrefix(b, []byte(journalHeader))
	lines := strings.Split(string(rest), "\n")
	if !found || len(lines) != 4 || lines[3] != "" || !strings.HasPrefix(lines[0], "refs/heads/") || !safeRef(lines[0]) {
		return "", from, to, false
	}
	from, err1 := objects.ParseID(lines[1])
	to, err2 := objects.ParseID(lines[2])
	return lines[0], from, to, err1 == nil && err2 == nil
}

// recoverLocked finishes or forgets what a killed process began: if the branch
// stands at the commit the process made, work tree and index are brought along;
// if not, nothing had changed. The caller holds exhibit's lock.
func (r *Repository) recoverLocked() error {
	own, lock, _ := r.indexLock()
	if err := dropStale(own, lock); err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(r.git.own, journal))
	if errors.Is(err, fs.ErrNotExist) {
		// A lock on a branch is only taken after the journal is written.
		if err := os.Remove(filepath.Join(r.git.own, ownRef)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err != nil {
		return err
	}
	branch, from, to, ok := parseJournal(b)
	if !ok {
		return r.dropJournal()
	}
	ref := filepath.Join(r.git.common, filepath.FromSlash(branch))
	if err := dropStale(filepath.Join(r.git.own, ownRef), ref+".lock"); err != nil {
		return err
	}
	h, err := r.git.head()
	if err != nil {
		return err
	}
	if h.branch != branch || h.id != to {
		return r.dropJournal()
	}
	if err := r.bringAlong(from, to); err != nil {
		return err
	}
	return r.dropJournal()
}

// bringAlong writes what differs between two commits to the work tree and index.
func (r *Repository) bringAlong(from, to objects.ID) (err error) {
	var old objects.Header
	if !from.IsZero() {
		if old, err = r.objs.ReadCommit(from); err != nil {
			return err
		}
	}
	now, err := r.objs.ReadCommit(to)
	if err != nil {
		return err
	}
	var writes []write
	edited := map[string]indexEntry{}
	err = r.objs.Diff(old.Tree, now.Tree, func(c objects.Change) error {
		if !owned(c.Path) && !r.holds(c.Path, c.Old) {
			// Somebody edited it since: git shows it as modified.
			e := indexEntry{path: c.Path, id: c.New.ID}
			e.stat[statMode] = c.New.Mode
			edited[c.Path] = e // mode 0: it goes away
			return nil
		}
		if c.New.Mode == 0 {
			writes = append(writes, write{path: c.Path, gone: true})
			return nil
		}
		writes = append(writes, write{path: c.Path, mode: c.New.Mode, id: c.New.ID})
		return nil
	})
	if err != nil {
		return err
	}
	tx := &transaction{r: r}
	own, lock, _ := r.indexLock()
	if err := takeLock(own, lock, nil); err != nil {
		return err
	}
	tx.locked, tx.unlock = true, func() error { return nil }
	defer func() { err = errors.Join(err, tx.end()) }()
	if tx.index, err = r.git.readIndex(); err != nil {
		return err
	}
	fresh, err := r.checkout(writes)
	if err != nil {
		return err
	}
	for p, e := range edited {
		writes = append(writes, write{path: p})
		if e.mode() != 0 {
			fresh[p] = e
		}
	}
	return tx.writeIndex(updateIndex(tx.index, writes, fresh))
}

// holds reports whether a file of the work tree has the content of an entry;
// the zero entry is that there is no file.
func (r *Repository) holds(path string, e objects.Entry) bool {
	b, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(path)))
	if missing(err) {
		return e.Mode == 0
	}
	return err == nil && objects.Sum(objects.Blob, b) == e.ID
}
