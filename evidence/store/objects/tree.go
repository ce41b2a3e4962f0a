package objects

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// The modes git keeps, in the order of their bits.
const (
	ModeDir        = 0o040000
	ModeFile       = 0o100644
	ModeExecutable = 0o100755
	ModeSymlink    = 0o120000
	ModeSubmodule  = 0o160000
)

// An Entry is one name in a tree.
type Entry struct {
	Mode uint32
	Name string
	ID   ID
}

// IsDir reports whether the entry is a folder.
func (e Entry) IsDir() bool { return e.Mode == ModeDir }

// key is the name as git sorts it: a folder as if its name ended in a slash.
func (e Entry) key() string {
	if e.IsDir() {
		return e.Name + "/"
	}
	return e.Name
}

// ParseTree reads the content of a tree.
func ParseTree(b []byte) ([]Entry, error) {
	entries := make([]Entry, 0, len(b)/40+1)
	for len(b) > 0 {
		e, rest, err := nextEntry(b)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
		b = rest
	}
	return entries, nil
}

func nextEntry(b []byte) (e Entry, rest []byte, err error) {
	nul := bytes.IndexByte(b, 0)
	if nul < 0 || len(b) < nul+1+len(e.ID) {
		return e, nil, fmt.Errorf("tree: %w: cut short", ErrCorrupt)
	}
	space := bytes.IndexByte(b[:nul], ' ')
	if space < 1 || space > 7 {
		return e, nil, fmt.Errorf("tree: %w: no mode", ErrCorrupt)
	}
	for _, c := range b[:space] {
		if c < '0' || c > '7' {
			return e, nil, fmt.Errorf("tree: %w: mode %q", ErrCorrupt, b[:space])
		}
		e.Mode = e.Mode<<3 | uint32(c-'0')
	}
	e.Name = string(b[space+1 : nul])
	copy(e.ID[:], b[nul+1:])
	return e, b[nul+1+len(e.ID):], nil
}

// FormatTree writes the content of a tree. It sorts entries in place and
// refuses names git would refuse.
func FormatTree(entries []Entry) ([]byte, error) {
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.key(), b.key()) })
	var b bytes.Buffer
	for i, e := range entries {
		switch {
		case e.Name == "", e.Name == ".", e.Name == "..", strings.EqualFold(e.Name, ".git"), strings.ContainsAny(e.Name, "/\x00"):
			return nil, fmt.Errorf("tree: git does not allow the name %q", e.Name)
		case i > 0 && entries[i-1].Name == e.Name:
			return nil, fmt.Errorf("tree: %q is there twice", e.Name)
		}
		fmt.Fprintf(&b, "%o %s\x00", e.Mode, e.Name)
		b.Write(e.ID[:])
	}
	return b.Bytes(), nil
}

// A Change is one path that differs between two trees.
type Change struct {
	Path     string
	Old, New Entry // the zero Entry where the path is only in the other tree
}

// Status is git's letter: A added, D deleted, M modified, T changed in type
// (file, symbolic link, submodule).
func (c Change) Status() string {
	switch {
	case c.Old.ID.IsZero() && c.Old.Mode == 0:
		return "A"
	case c.New.ID.IsZero() && c.New.Mode == 0:
		return "D"
	case c.Old.Mode&0o170000 != c.New.Mode&0o170000:
		return "T"
	}
	return "M"
}

// Diff calls change for every file that differs between two trees, in git's
// order, reading only folders that differ. The zero ID is the empty tree.
// Renames are shown as a deletion and an addition.
func (s *Store) Diff(from, to ID, change func(Change) error) error {
	return s.diff("", from, to, change)
}

func (s *Store) diff(prefix string, from, to ID, change func(Change) error) error {
	if from == to {
		return nil
	}
	a, err := s.treeContent(from)
	if err != nil {
		return err
	}
	b, err := s.treeContent(to)
	if err != nil {
		return err
	}
	// Entries that are alike are skipped without making strings of them.
	var x, y Entry
	var restA, restB []byte
	for len(a) > 0 || len(b) > 0 {
		if n := commonEntries(a, b); n > 0 {
			a, b = a[n:], b[n:]
			continue
		}
		x, y, restA, restB = Entry{}, Entry{}, nil, nil
		if len(a) > 0 {
			if x, restA, err = nextEntry(a); err != nil {
				return err
			}
		}
		if len(b) > 0 {
			if y, restB, err = nextEntry(b); err != nil {
				return err
			}
		}
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = strings.Compare(x.key(), y.key())
		}
		switch {
		case order < 0:
			err = s.oneSided(prefix, x, Entry{}, change)
			a = restA
		case order > 0:
			err = s.oneSided(prefix, Entry{}, y, change)
			b = restB
		default:
			a, b = restA, restB
			switch {
			case x.ID == y.ID && x.Mode == y.Mode:
			case x.IsDir() && y.IsDir():
				err = s.diff(prefix+x.Name+"/", x.ID, y.ID, change)
			default:
				err = change(Change{prefix + x.Name, x, y})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// oneSided reports every file under an entry that only one tree has.
func (s *Store) oneSided(prefix string, x, y Entry, change func(Change) error) error {
	e := x
	if e.Mode == 0 {
		e = y
	}
	if !e.IsDir() {
		return change(Change{prefix + e.Name, x, y})
	}
	return s.diff(prefix+e.Name+"/", x.ID, y.ID, change)
}

// commonEntries is the length of the first entry of a when b begins with the
// same one, otherwise 0.
func commonEntries(a, b []byte) int {
	n := entryLen(a)
	if len(b) < n || !bytes.Equal(a[:n], b[:n]) {
		return 0
	}
	return n
}

// entryLen is the length of the first entry, 0 where it is cut short.
func entryLen(b []byte) int {
	n := bytes.IndexByte(b, 0) + 1 + len(ID{})
	if n == len(ID{}) || n > len(b) {
		return 0
	}
	return n
}

func (s *Store) treeContent(id ID) ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return s.ReadKind(id, Tree)
}

// ReadTree reads a tree; the zero ID is the empty one.
func (s *Store) ReadTree(id ID) ([]Entry, error) {
	b, err := s.treeContent(id)
	if err != nil {
		return nil, err
	}
	entries, err := ParseTree(b)
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", id, err)
	}
	return entries, nil
}

// Walk calls file for every file under a tree, in git's order.
func (s *Store) Walk(id ID, file func(path string, e Entry) error) error {
	return s.Diff(ID{}, id, func(c Change) error { return file(c.Path, c.New) })
}

// Lookup finds a path in a tree. The zero Entry and no error mean there is none.
func (s *Store) Lookup(id ID, path string) (Entry, error) {
	name, rest, deeper := strings.Cut(path, "/")
	b, err := s.treeContent(id)
	if err != nil {
		return Entry{}, err
	}
	for len(b) > 0 {
		// An entry of another name is passed over without making a string of it.
		if n := entryLen(b); n > 0 && !bytes.HasSuffix(b[:n-1-len(ID{})], []byte(name)) {
			b = b[n:]
			continue
		}
		e, next, err := nextEntry(b)
		if err != nil {
			return Entry{}, fmt.Errorf("tree %s: %w", id, err)
		}
		b = next
		if e.Name != name {
			continue
		}
		if !deeper {
			return e, nil
		}
		if !e.IsDir() {
			return Entry{}, nil
		}
		return s.Lookup(e.ID, rest)
	}
	return Entry{}, nil
}
