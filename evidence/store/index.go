package store

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"exhibit/evidence/store/objects"
)

// An indexEntry is one file of git's index. stat is what the file system said
// when git last saw that the file has this content:
//
//	ctime s, ns · mtime s, ns · device · inode · mode · uid · gid · size
//
// A stat of zeros is never trusted: git then looks into the file.
type indexEntry struct {
	path  string
	stat  [10]uint32
	id    objects.ID
	flags uint16 // assume-valid, extended, stage; the length of the name is left out
	more  uint16 // skip-worktree, intent-to-add; 0 where there are none
}

const (
	statMode = 6
	statSize = 9

	flagExtended = 0x4000
	flagStage    = 0x3000
	flagLength   = 0x0fff

	moreSkip   = 0x4000
	moreIntent = 0x2000

	entryFixed = 40 + 20 + 2 // stat, id, flags
)

func (e *indexEntry) mode() uint32 { return e.stat[statMode] }

// key orders entries as git does: by path, then stage.
func compareEntries(a, b indexEntry) int {
	return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.flags&flagStage, b.flags&flagStage))
}

var errIndex = errors.New("git's index is damaged")

// parseIndex reads an index of version 2, 3 or 4. Extensions are dropped: git
// makes those it may leave out again. The ones that change what an index means
// (split, sparse) are refused.
func parseIndex(b []byte) ([]indexEntry, error) {
	if len(b) < 12+sha1.Size || !bytes.HasPrefix(b, []byte("DIRC")) {
		return nil, errIndex
	}
	body, sum := b[:len(b)-sha1.Size], b[len(b)-sha1.Size:]
	// index.skipHash writes zeros instead of a checksum.
	if got := sha1.Sum(body); !bytes.Equal(sum, got[:]) && !bytes.Equal(sum, make([]byte, sha1.Size)) {
		return nil, fmt.Errorf("%w: its checksum does not fit", errIndex)
	}
	version, count := binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[8:])
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("git's index has version %d, which exhibit cannot read", version)
	}
	at := 12
	if int(count) > len(body)/entryFixed {
		return nil, errIndex
	}
	entries := make([]indexEntry, 0, count)
	name := []byte{}
	for range count {
		e, n, err := parseEntry(body[at:], version, &name)
		if err != nil {
			return nil, err
		}
		if len(entries) > 0 && compareEntries(entries[len(entries)-1], e) >= 0 {
			return nil, fmt.Errorf("%w: not in order at %q", errIndex, e.path)
		}
		entries = append(entries, e)
		at += n
	}
	for at < len(body) {
		if len(body)-at < 8 {
			return nil, errIndex
		}
		name, size := string(body[at:at+4]), int64(binary.BigEndian.Uint32(body[at+4:]))
		if name[0] < 'A' || name[0] > 'Z' {
			return nil, &Hint{fmt.Errorf("git's index is a %s", map[string]string{"link": "split one", "sdir": "sparse one"}[name]),
				"run: git update-index --no-split-index && git sparse-checkout disable"}
		}
		if int64(len(body)-at-8) < size {
			return nil, errIndex
		}
		at += 8 + int(size)
	}
	return entries, nil
}

func parseEntry(b []byte, version uint32, name *[]byte) (e indexEntry, n int, err error) {
	if len(b) < entryFixed {
		return e, 0, errIndex
	}
	for i := range e.stat {
		e.stat[i] = binary.BigEndian.Uint32(b[4*i:])
	}
	copy(e.id[:], b[40:])
	flags := binary.BigEndian.Uint16(b[60:])
	n = entryFixed
	e.flags = flags &^ flagLength
	if flags&flagExtended != 0 {
		if version < 3 || len(b) < n+2 {
			return e, 0, errIndex
		}
		e.more = binary.BigEndian.Uint16(b[n:])
		n += 2
	}
	if version == 4 {
		strip, used := varint(b[n:])
		nul := bytes.IndexByte(b[min(n+used, len(b)):], 0)
		if used == 0 || strip > len(*name) || nul < 0 {
			return e, 0, errIndex
		}
		*name = append((*name)[:len(*name)-strip], b[n+used:n+used+nul]...)
		e.path = string(*name)
		return e, n + used + nul + 1, checkEntry(e)
	}
	nul := bytes.IndexByte(b[n:], 0)
	if nul < 0 || int(flags&flagLength) != min(nul, flagLength) {
		return e, 0, errIndex
	}
	e.path = string(b[n : n+nul])
	n += nul
	n += 8 - n%8 // one to eight zeros
	if n > len(b) {
		return e, 0, errIndex
	}
	return e, n, checkEntry(e)
}

func checkEntry(e indexEntry) error {
	if !fs.ValidPath(e.path) || e.path == "." {
		return fmt.Errorf("%w: path %q", errIndex, e.path)
	}
	return nil
}

// varint reads the number git writes before a name in version 4.
func varint(b []byte) (v, used int) {
	for i := 0; i < len(b) && i < 4; i++ {
		v = v<<7 | int(b[i]&0x7f)
		if b[i]&0x80 == 0 {
			return v, i + 1
		}
		v++
	}
	return 0, 0
}

// formatIndex writes an index, of version 3 where an entry needs it, otherwise 2.
func formatIndex(entries []indexEntry) []byte {
	slices.SortFunc(entries, compareEntries)
	version, size := uint32(2), 12+sha1.Size
	for _, e := range entries {
		if e.more != 0 {
			version = 3
		}
		size += entryFixed + 2 + len(e.path) + 8
	}
	b := make([]byte, 0, size)
	b = append(b, "DIRC"...)
	b = binary.BigEndian.AppendUint32(b, version)
	b = binary.BigEndian.AppendUint32(b, uint32(len(entries)))
	for _, e := range entries {
		start := len(b)
		for _, v := range e.stat {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		b = append(b, e.id[:]...)
		flags := e.flags&^(flagExtended|flagLength) | uint16(min(len(e.path), flagLength))
		if e.more != 0 {
			flags |= flagExtended
		}
		b = binary.BigEndian.AppendUint16(b, flags)
		if e.more != 0 {
			b = binary.BigEndian.AppendUint16(b, e.more)
		}
		b = append(b, e.path...)
		for pad := 8 - (len(b)-start)%8; pad > 0; pad-- {
			b = append(b, 0)
		}
	}
	sum := sha1.Sum(b)
	return append(b, sum[:]...)
}

// readIndex reads the index; one that is not there is empty.
func (g gitDir) readIndex() ([]indexEntry, error) {
	b, err := os.ReadFile(filepath.Join(g.own, "index"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading git's index: %w", err)
	}
	entries, err := parseIndex(b)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", filepath.Join(g.own, "index"), err)
	}
	return entries, nil
}
