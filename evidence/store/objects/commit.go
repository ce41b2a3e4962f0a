package objects

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// A Header is a commit as it is stored:
//
//	tree 9a0e1b…
//	parent 1b7c0f…
//	author Ada Example <ada@example.com> 1767225600 +0100
//	committer Ada Example <ada@example.com> 1767225600 +0100
//	encoding ISO-8859-1
//	gpgsig -----BEGIN SSH SIGNATURE-----
//	 U1NIU0lH…
//	 -----END SSH SIGNATURE-----
//
//	Subject
//
//	Body
//
// Byte fields are as stored: in any encoding, and possibly not a text at all.
type Header struct {
	Tree      ID
	Parents   []ID
	Author    Signature
	Committer Signature
	Encoding  string // "" is UTF-8
	GPGSig    []byte // unfolded; nil when the commit is not signed
	Message   []byte
}

// A Signature is who and when, as a commit claims it. Nothing in git proves it.
type Signature struct {
	Name, Email []byte
	When        time.Time // in the zone written; zero when it could not be read
}

// ParseCommit reads the content of a commit. It accepts what git accepts: a
// signature it cannot read leaves fields empty and is not an error.
func ParseCommit(b []byte) (h Header, err error) {
	line, rest, ok := cutHeader(b)
	if !ok || !bytes.HasPrefix(line, []byte("tree ")) {
		return h, fmt.Errorf("commit: %w: no tree", ErrCorrupt)
	}
	if h.Tree, err = ParseID(string(line[len("tree "):])); err != nil {
		return h, fmt.Errorf("commit: %w: %w", ErrCorrupt, err)
	}
	var field string
	for {
		b = rest
		if line, rest, ok = cutHeader(b); !ok {
			return h, nil // no message at all
		}
		if len(line) == 0 {
			h.Message = rest
			return h, nil
		}
		if line[0] == ' ' {
			if field == "gpgsig" {
				h.GPGSig = append(append(h.GPGSig, '\n'), line[1:]...)
			}
			continue
		}
		key, value, _ := bytes.Cut(line, []byte(" "))
		switch field = string(key); field {
		case "parent":
			p, err := ParseID(string(value))
			if err != nil {
				return h, fmt.Errorf("commit: %w: %w", ErrCorrupt, err)
			}
			h.Parents = append(h.Parents, p)
		case "author":
			h.Author = parseSignature(value)
		case "committer":
			h.Committer = parseSignature(value)
		case "encoding":
			h.Encoding = string(value)
		case "gpgsig":
			h.GPGSig = bytes.Clone(value)
		}
	}
}

func cutHeader(b []byte) (line, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return line, rest, true
}

// parseSignature reads "Ada Example <ada@example.com> 1767225600 +0100". Like
// git it takes the email up to the first ">" and the time after the last one.
func parseSignature(b []byte) (s Signature) {
	open := bytes.IndexByte(b, '<')
	if open < 0 {
		s.Name = bytes.TrimSpace(b)
		return s
	}
	s.Name = bytes.TrimSpace(b[:open])
	rest := b[open+1:]
	end := bytes.IndexByte(rest, '>')
	if end < 0 {
		s.Email = bytes.TrimSpace(rest)
		return s
	}
	s.Email = rest[:end]
	fields := bytes.Fields(b[bytes.LastIndexByte(b, '>')+1:])
	if len(fields) == 0 {
		return s
	}
	sec, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil || sec < 0 || sec > 253402300799 { // the last second of the year 9999
		return s
	}
	zone := time.UTC
	if len(fields) > 1 {
		zone = parseZone(string(fields[1]))
	}
	s.When = time.Unix(sec, 0).In(zone)
	return s
}

func parseZone(s string) *time.Location {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 5 || n == 0 {
		return time.UTC
	}
	sign := 1
	if n < 0 {
		sign, n = -1, -n
	}
	return time.FixedZone("", sign*(n/100*3600+n%100*60))
}

// ReadCommit reads a commit.
func (s *Store) ReadCommit(id ID) (Header, error) {
	b, err := s.ReadKind(id, Commit)
	if err != nil {
		return Header{}, err
	}
	h, err := ParseCommit(b)
	if err != nil {
		return h, fmt.Errorf("commit %s: %w", id, err)
	}
	return h, nil
}

// Peel follows annotated tags from an id to what they name in the end.
func (s *Store) Peel(id ID) (ID, Kind, error) {
	for range 32 {
		k, b, err := s.Read(id)
		if err != nil || k != Tag {
			return id, k, err
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		target, ok := bytes.CutPrefix(line, []byte("object "))
		if !ok {
			return id, k, fmt.Errorf("tag %s: %w: no object", id, ErrCorrupt)
		}
		if id, err = ParseID(string(target)); err != nil {
			return id, k, fmt.Errorf("tag: %w: %w", ErrCorrupt, err)
		}
	}
	return id, Tag, fmt.Errorf("tag %s: %w: more than 32 tags of tags", id, ErrCorrupt)
}

// ReadTagger reads who made an annotated tag, and when, as the tag claims; the zero
// Signature for what is no annotated tag, and for one that does not say.
func (s *Store) ReadTagger(id ID) (who Signature, err error) {
	k, b, err := s.Read(id)
	if err != nil || k != Tag {
		return who, err
	}
	head, _, _ := bytes.Cut(b, []byte("\n\n"))
	for l := range bytes.Lines(head) {
		if rest, ok := bytes.CutPrefix(l, []byte("tagger ")); ok {
			return parseSignature(bytes.TrimRight(rest, "\n")), nil
		}
	}
	return who, nil
}

// A Step is what a walk along a history needs of a commit.
type Step struct {
	Tree   ID
	Parent ID    // the first; zero for a commit without parents
	When   int64 // committer's time, Unix seconds; 0 where it could not be read
}

// ReadStep reads the head of a commit and nothing else: the rest is not
// checked, ReadCommit does.
func (s *Store) ReadStep(id ID) (st Step, err error) {
	if s.head(id, func(k Kind, b []byte) (ok bool) {
		if k == Commit {
			st, ok = parseStep(b)
		}
		return ok
	}) {
		return st, nil
	}
	st = Step{}
	h, err := s.ReadCommit(id)
	if err != nil {
		return st, err
	}
	st.Tree = h.Tree
	if len(h.Parents) > 0 {
		st.Parent = h.Parents[0]
	}
	if !h.Committer.When.IsZero() {
		st.When = h.Committer.When.Unix()
	}
	return st, nil
}

// parseStep reads a head that reaches behind the line of the committer.
func parseStep(b []byte) (st Step, ok bool) {
	const idLine = len("tree ") + 40 + 1
	if len(b) < idLine || !bytes.HasPrefix(b, []byte("tree ")) {
		return st, false
	}
	if _, err := hex.Decode(st.Tree[:], b[len("tree "):idLine-1]); err != nil {
		return st, false
	}
	b = b[idLine:]
	for n := 0; bytes.HasPrefix(b, []byte("parent ")); n++ {
		if len(b) < len("parent ")+41 {
			return st, false
		}
		if n == 0 {
			if _, err := hex.Decode(st.Parent[:], b[len("parent "):len("parent ")+40]); err != nil {
				return st, false
			}
		}
		b = b[len("parent ")+41:]
	}
	for _, key := range []string{"author ", "committer "} {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if !whole || !bytes.HasPrefix(line, []byte(key)) {
			return st, false
		}
		if key == "committer " {
			if when := parseSignature(line[len(key):]).When; !when.IsZero() {
				st.When = when.Unix()
			}
		}
		b = rest
	}
	return st, true
}
