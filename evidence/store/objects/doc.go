// Package objects reads and writes the objects of a git repository as bytes:
// loose files, packs and alternates are read, one pack is written.
//
// A general git library spends most of its time on generality; a run is kept,
// and the history of a production branch is read, with a tenth of it. What is
// here knows nothing of refs, indexes or work trees.
//
// Rules: a Store may be used from several goroutines; bytes it returns must not
// be changed by the caller; refs/replace and grafts are never followed, because
// evidence is what the ids say and not what somebody put in their place. Only
// SHA-1 repositories are read.
//
// The formats are those of git's Documentation/gitformat-pack.
package objects

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
)

// ID names an object: the SHA-1 of its header and content.
type ID [sha1.Size]byte

// String is 40 hex digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports the id git writes where there is none.
func (id ID) IsZero() bool { return id == ID{} }

// ParseID reads 40 lower-case hex digits.
func ParseID(s string) (id ID, err error) {
	if len(s) != 2*len(id) {
		return id, fmt.Errorf("object id %q: not 40 hex digits", s)
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return id, fmt.Errorf("object id %q: not 40 lower-case hex digits", s)
		}
	}
	_, err = hex.Decode(id[:], []byte(s))
	return id, err
}

// Kind is what an object is. The numbers are those of the pack format.
type Kind uint8

// The four kinds.
const (
	Commit Kind = 1
	Tree   Kind = 2
	Blob   Kind = 3
	Tag    Kind = 4

	offsetDelta Kind = 6
	refDelta    Kind = 7
)

// String is the word git writes before the content.
func (k Kind) String() string {
	switch k {
	case Commit:
		return "commit"
	case Tree:
		return "tree"
	case Blob:
		return "blob"
	case Tag:
		return "tag"
	}
	return "kind " + strconv.Itoa(int(k))
}

func parseKind(s string) (Kind, error) {
	for _, k := range []Kind{Commit, Tree, Blob, Tag} {
		if k.String() == s {
			return k, nil
		}
	}
	return 0, fmt.Errorf("unknown kind of object %q", s)
}

// ErrMissing is wrapped when a repository does not hold an object: a shallow or
// partial clone, or a damaged one.
var ErrMissing = errors.New("object is missing")

// ErrCorrupt is wrapped when an object is there and cannot be read.
var ErrCorrupt = errors.New("object is damaged")

// Sum is the id of an object with this content.
func Sum(k Kind, content []byte) (id ID) {
	h := sha1.New()
	h.Write(header(k, len(content)))
	h.Write(content)
	h.Sum(id[:0])
	return id
}

// SumOf names an object whose content is read as it is hashed.
func SumOf(k Kind, content *io.SectionReader) (id ID, err error) {
	h := newHash(k, content.Size())
	_, err = Copy(h, content)
	h.Sum(id[:0])
	return id, err
}

// Copy is io.Copy with no more room than the content needs: most files of evidence
// are far smaller than what io.Copy sets aside for each.
func Copy(to io.Writer, content *io.SectionReader) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{to}, content, make([]byte, max(1, min(content.Size(), 32<<10))))
}

func newHash(k Kind, size int64) hash.Hash {
	h := sha1.New()
	h.Write(header(k, int(size))) // a hash's Write never fails
	return h
}

func header(k Kind, size int) []byte {
	b := make([]byte, 0, 32)
	b = append(b, k.String()...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(size), 10)
	return append(b, 0)
}
