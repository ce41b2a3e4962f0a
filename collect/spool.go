package collect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"exhibit/evidence"
)

// A Spool keeps what a run is told, one record for each cell as it ends, so that
// no run need fit in memory and an interrupted one can be taken up. A record is
// a line of JSON; after it come as many bytes of calls.jsonl as the line says,
// and then as many of the cell's file:
//
//	{"calls":412,"cell":{"account":"111122223333","region":"eu-west-1","source":"kms/key",…},"file":182}
//	{"account":"111122223333",…,"operation":"ListKeys",…}
//	{"ListKeys":{"KeyId":"a",…},"id":"arn:…"}
//
// A record that was cut short by the end of its process is no record. What holds
// a credential is never written here.
type Spool struct {
	name  string
	fixed bool // only read

	mu   sync.Mutex
	data backing
	size int64
	also []io.Closer // what snapshots need to be read
}

// backing is where a spool's bytes lie: a file, or memory.
type backing interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	io.Closer
}

// A record is one cell's end, or what was asked and learnt beside the cells.
type record struct {
	Cell *evidence.Cell `json:"cell,omitempty"` // nil for calls that belong to no cell
	// Calls and File are how many bytes of each follow.
	Calls int64 `json:"calls,omitempty"`
	File  int64 `json:"file,omitempty"`
	// Strays are calls about another account, region or source than the cell's, as planning makes.
	Strays     []evidence.Call   `json:"strays,omitempty"`
	Callers    []evidence.Caller `json:"callers,omitempty"`
	Redactions map[string]int    `json:"redactions,omitempty"`
}

// A place is where a record's bytes lie. The zero value is nowhere.
type place struct {
	in                *Spool
	head, calls, file int64 // how many bytes there are of each
	at                int64 // where the head begins
}

// CreateSpool makes an empty spool in a file.
func CreateSpool(name string) (*Spool, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the spool of the run: %w", err)
	}
	return &Spool{name: name, data: f}, nil
}

// OpenSpool opens the spool of an earlier process, to go on with it.
func OpenSpool(name string) (*Spool, error) { return openSpool(name, os.O_RDWR) }

// ReadSpool opens the spool of another process, only to read it.
func ReadSpool(name string) (*Spool, error) { return openSpool(name, os.O_RDONLY) }

func openSpool(name string, mode int) (*Spool, error) {
	f, err := os.OpenFile(name, mode, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the spool of a run: %w", err)
	}
	fi, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Spool{name: name, fixed: mode == os.O_RDONLY, data: f, size: fi.Size()}, nil
}

// memorySpool is one for runs that fit in memory.
func memorySpool() *Spool { return &Spool{name: inMemory, data: &memory{}} }

const inMemory = "memory"

// Close closes the files; what snapshots took from them can no longer be read.
func (s *Spool) Close() error {
	err := s.data.Close()
	for _, f := range s.also {
		err = errors.Join(err, f.Close())
	}
	return err
}

// put appends a record.
func (s *Spool) put(r record, calls, file []byte) (place, error) {
	r.Calls, r.File = int64(len(calls)), int64(len(file))
	head, err := evidence.Canonical(r)
	if err != nil {
		return place{}, err
	}
	var b bytes.Buffer
	b.Grow(len(head) + 1 + len(calls) + len(file))
	b.Write(head)
	b.WriteByte('\n')
	b.Write(calls)
	b.Write(file)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := place{s, int64(len(head) + 1), r.Calls, r.File, s.size}
	if _, err := s.data.WriteAt(b.Bytes(), s.size); err != nil {
		return place{}, fmt.Errorf("keeping what was told in %s: %w", s.name, err)
	}
	s.size += int64(b.Len())
	return p, nil
}

// add appends all records of another.
func (s *Spool) add(o *Spool) error {
	whole := func(place, record) error { return nil }
	if err := errors.Join(s.each(whole), o.each(whole)); err != nil { // what was cut short goes
		return err
	}
	n, err := io.Copy(io.NewOffsetWriter(s.data, s.size), io.NewSectionReader(o.data, 0, o.size))
	s.size += n
	return err
}

// each reads the records in the order they were written, and cuts off one that
// is not whole. It reads no calls and no files: check does.
func (s *Spool) each(see func(place, record) error) error {
	at := int64(0)
	for at < s.size {
		head, err := s.line(at)
		var r record
		if err == nil {
			err = json.Unmarshal(head, &r)
		}
		rest := s.size - at - int64(len(head))
		if err != nil || r.Calls < 0 || r.File < 0 || r.Calls > rest || r.File > rest-r.Calls { // no sum of what a file claims may overflow
			break
		}
		if err := see(place{s, int64(len(head)), r.Calls, r.File, at}, r); err != nil {
			return err
		}
		at += int64(len(head)) + r.Calls + r.File
	}
	if at < s.size && s.fixed {
		return fmt.Errorf("%s is not whole: its record at byte %d was cut short", s.name, at)
	}
	if at < s.size {
		if err := s.data.Truncate(at); err != nil {
			return fmt.Errorf("cutting off what was not written whole in %s: %w", s.name, err)
		}
		s.size = at
	}
	return nil
}

// line reads the head that begins at a place, its newline included.
func (s *Spool) line(at int64) ([]byte, error) {
	for size := int64(4 << 10); ; size *= 4 {
		b := make([]byte, min(size, s.size-at))
		if _, err := s.data.ReadAt(b, at); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return b[:i+1], nil
		}
		if int64(len(b)) == s.size-at {
			return nil, io.ErrUnexpectedEOF
		}
	}
}

// callLines are a record's calls as they were written.
func (p place) callLines() ([]byte, error) {
	if p.in == nil || p.calls == 0 {
		return nil, nil
	}
	return evidence.Within(p.in.data, p.at+p.head, p.calls).Bytes()
}

// content is a record's file.
func (p place) content() evidence.Content {
	return evidence.Within(p.in.data, p.at+p.head+p.calls, p.file)
}

// record reads a record's head again.
func (p place) record() (r record, err error) {
	b, err := evidence.Within(p.in.data, p.at, p.head).Bytes()
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	return r, err
}

// memory is a backing for runs that fit.
type memory struct {
	mu sync.RWMutex
	b  []byte
}

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if at >= int64(len(m.b)) {
		return 0, io.EOF
	}
	n := copy(p, m.b[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) WriteAt(p []byte, at int64) (int, error) { // a spool only appends
	m.mu.Lock()
	defer m.mu.Unlock()
	m.b = append(m.b[:at], p...)
	return len(p), nil
}

func (m *memory) Truncate(size int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.b = m.b[:size]
	return nil
}

func (m *memory) Close() error { return nil }
