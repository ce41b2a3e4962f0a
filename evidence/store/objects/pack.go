package objects

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

type pack struct {
	path    string
	f, x    *os.File
	index   *idx
	end     int64 // where the pack's own checksum begins
	windows sync.Pool
}

func openPack(idxPath string) (*pack, error) {
	p := &pack{path: strings.TrimSuffix(idxPath, ".idx") + ".pack"}
	err := p.open(idxPath)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pack) open(idxPath string) (err error) {
	if p.x, err = os.Open(idxPath); err != nil {
		return err
	}
	fi, err := p.x.Stat()
	if err != nil {
		return err
	}
	if p.index, err = openIdx(p.x, fi.Size()); err != nil {
		return err
	}
	if p.f, err = os.Open(p.path); err != nil {
		return err
	}
	if fi, err = p.f.Stat(); err != nil {
		return err
	}
	p.end = fi.Size() - int64(len(ID{}))
	head := make([]byte, 8)
	if _, err := p.f.ReadAt(head, 0); err != nil || !bytes.Equal(head, []byte("PACK\x00\x00\x00\x02")) {
		return fmt.Errorf("%w: not a pack of version 2", ErrCorrupt)
	}
	return nil
}

func (p *pack) close() error {
	var errs []error
	for _, f := range []*os.File{p.f, p.x} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// A window reads a pack forward from an offset.
type window struct {
	p    *pack
	at   int64 // offset of buf[0]
	r, n int
	buf  [4096]byte
	inf  io.ReadCloser // reused between objects
}

func (p *pack) window(offset int64) *window {
	w, ok := p.windows.Get().(*window)
	if !ok {
		w = &window{p: p}
	}
	if offset >= w.at && offset < w.at+int64(w.n) {
		w.r = int(offset - w.at)
		return w
	}
	w.at, w.r, w.n = offset, 0, 0
	return w
}

func (w *window) fill() error {
	w.at += int64(w.n)
	w.r, w.n = 0, 0
	want := min(int64(len(w.buf)), w.p.end-w.at)
	if want <= 0 {
		return io.ErrUnexpectedEOF
	}
	n, err := w.p.f.ReadAt(w.buf[:want], w.at)
	w.n = n
	if n > 0 {
		return nil
	}
	return err
}

func (w *window) ReadByte() (byte, error) {
	if w.r == w.n {
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
	b := w.buf[w.r]
	w.r++
	return b, nil
}

func (w *window) Read(b []byte) (int, error) {
	if w.r == w.n {
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(b, w.buf[w.r:w.n])
	w.r += n
	return n, nil
}

// inflate reads exactly size bytes.
func (w *window) inflate(size int64) ([]byte, error) {
	if w.inf == nil {
		z, err := zlib.NewReader(w)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		w.inf = z
	} else if err := w.inf.(zlib.Resetter).Reset(w, nil); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	// Grown while reading: a damaged size must not ask for memory the file cannot fill.
	b := make([]byte, min(size, 1<<20))
	for done := 0; ; {
		n, err := io.ReadFull(w.inf, b[done:])
		done += n
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if int64(done) == size {
			break
		}
		b = append(b, make([]byte, min(size-int64(done), int64(done)))...)
	}
	// Reads the checksum, and refuses content longer than was said.
	var one [1]byte
	if n, err := w.inf.Read(one[:]); n != 0 || err != io.EOF {
		return nil, fmt.Errorf("%w: content of another length than its header says", ErrCorrupt)
	}
	return b, nil
}

// entryHeader reads the kind and inflated size of the object at the window.
func (w *window) entryHeader() (Kind, int64, error) {
	c, err := w.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	k, size := Kind(c>>4&7), int64(c&15)
	for shift := 4; c&0x80 != 0; shift += 7 {
		if c, err = w.ReadByte(); err != nil {
			return 0, 0, err
		}
		if shift > 32 {
			return 0, 0, fmt.Errorf("%w: size", ErrCorrupt)
		}
		size |= int64(c&0x7f) << shift
	}
	if size > maxObject {
		return 0, 0, fmt.Errorf("an object of %d bytes: larger than exhibit reads", size)
	}
	return k, size, nil
}

// baseOffset reads how far before offset the base of a delta lies.
func (w *window) baseOffset(offset int64) (int64, error) {
	var back int64
	for i := 0; ; i++ {
		c, err := w.ReadByte()
		if err != nil {
			return 0, err
		}
		back = back<<7 | int64(c&0x7f)
		if c&0x80 == 0 {
			break
		}
		back++
		if i > 7 {
			return 0, fmt.Errorf("%w: base of a delta", ErrCorrupt)
		}
	}
	if back <= 0 || back >= offset {
		return 0, fmt.Errorf("%w: base of a delta", ErrCorrupt)
	}
	return offset - back, nil
}

// maxDepth is far above what git writes (50, 4095 at the most).
const maxDepth = 5000

// readPacked reads an object at an offset, with the chain of deltas behind it.
func (s *Store) readPacked(p *pack, offset int64, depth int) (Kind, []byte, error) {
	type step struct {
		offset int64
		delta  []byte
	}
	var steps []step
	var k Kind
	var content []byte
	at := offset
	for content == nil {
		if depth++; depth > maxDepth {
			return 0, nil, fmt.Errorf("%w: deltas more than %d deep", ErrCorrupt, maxDepth)
		}
		var ok bool
		if k, content, ok = s.cache.get(p, at); ok {
			break
		}
		w := p.window(at)
		kind, size, err := w.entryHeader()
		if err != nil {
			return 0, nil, err
		}
		var base int64
		var baseID ID
		switch kind {
		case Commit, Tree, Blob, Tag:
		case offsetDelta:
			if base, err = w.baseOffset(at); err != nil {
				return 0, nil, err
			}
		case refDelta:
			if _, err := io.ReadFull(w, baseID[:]); err != nil {
				return 0, nil, err
			}
		default:
			return 0, nil, fmt.Errorf("%w: %s", ErrCorrupt, kind)
		}
		b, err := w.inflate(size)
		if err != nil {
			return 0, nil, err
		}
		p.windows.Put(w)
		switch kind {
		case offsetDelta:
			steps = append(steps, step{at, b})
			at = base
		case refDelta:
			steps = append(steps, step{at, b})
			if k, content, err = s.read(baseID, depth); err != nil {
				return 0, nil, fmt.Errorf("base %s: %w", baseID, err)
			}
			if content == nil {
				content = []byte{}
			}
		default:
			k, content = kind, b
			if content == nil {
				content = []byte{}
			}
			s.cache.put(p, at, k, content)
		}
	}
	for i := len(steps) - 1; i >= 0; i-- {
		var err error
		if content, err = applyDelta(content, steps[i].delta); err != nil {
			return 0, nil, err
		}
		s.cache.put(p, steps[i].offset, k, content)
	}
	return k, content, nil
}

// applyDelta makes the content a delta describes from its base.
func applyDelta(base, delta []byte) ([]byte, error) {
	bad := fmt.Errorf("%w: delta", ErrCorrupt)
	size, delta, ok := deltaSize(delta)
	if !ok || size != int64(len(base)) {
		return nil, bad
	}
	size, delta, ok = deltaSize(delta)
	if !ok || size > maxObject {
		return nil, bad
	}
	out := make([]byte, 0, min(size, 64<<20))
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		if op == 0 {
			return nil, bad
		}
		if op&0x80 == 0 {
			if len(delta) < int(op) {
				return nil, bad
			}
			out, delta = append(out, delta[:op]...), delta[op:]
			continue
		}
		var from, n int64
		for i := range 7 {
			if op&(1<<i) == 0 {
				continue
			}
			if len(delta) == 0 {
				return nil, bad
			}
			if i < 4 {
				from |= int64(delta[0]) << (8 * i)
			} else {
				n |= int64(delta[0]) << (8 * (i - 4))
			}
			delta = delta[1:]
		}
		if n == 0 {
			n = 0x10000
		}
		if from+n > int64(len(base)) || int64(len(out))+n > size {
			return nil, bad
		}
		out = append(out, base[from:from+n]...)
	}
	if int64(len(out)) != size {
		return nil, bad
	}
	return out, nil
}

func deltaSize(b []byte) (size int64, rest []byte, ok bool) {
	for i := 0; i < len(b) && i < 6; i++ {
		size |= int64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return size, b[i+1:], true
		}
	}
	return 0, nil, false
}
