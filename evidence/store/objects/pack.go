package objects

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// A pack is held open by two mappings; the files behind them are closed.
type pack struct {
	path    string
	index   idx
	data    []byte // without the checksum at the end
	unmap   []func() error
	readers chan *reader // those not in use: a decompressor is costly to make
}

func openPack(idxPath string) (*pack, error) {
	p := &pack{path: strings.TrimSuffix(idxPath, ".idx") + ".pack", readers: make(chan *reader, 16)}
	err := p.open(idxPath)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pack) open(idxPath string) error {
	b, err := p.mapped(idxPath)
	if err != nil {
		return err
	}
	if p.index, err = openIdx(b); err != nil {
		return err
	}
	if b, err = p.mapped(p.path); err != nil {
		return err
	}
	if len(b) < 12+len(ID{}) || !bytes.HasPrefix(b, []byte("PACK\x00\x00\x00\x02")) {
		return fmt.Errorf("%w: not a pack of version 2", ErrCorrupt)
	}
	p.data = b[:len(b)-len(ID{})]
	return nil
}

func (p *pack) mapped(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b, unmap, err := mapFile(f, fi.Size())
	if err == nil {
		p.unmap = append(p.unmap, unmap)
	}
	return b, err
}

func (p *pack) close() error {
	var errs []error
	for _, unmap := range p.unmap {
		errs = append(errs, unmap())
	}
	p.unmap, p.data, p.index = nil, nil, nil
	return errors.Join(errs...)
}

// A reader reads a pack forward from an offset.
type reader struct {
	rest []byte
	inflater
	buf [512]byte // for head
}

func (p *pack) reader(offset int64) (*reader, error) {
	if offset < 12 || offset >= int64(len(p.data)) {
		return nil, fmt.Errorf("%w: an offset outside the pack", ErrCorrupt)
	}
	var r *reader
	select {
	case r = <-p.readers:
	default:
		r = &reader{}
	}
	r.rest = p.data[offset:]
	return r, nil
}

// release gives a reader back. One whose object was damaged is dropped instead.
func (p *pack) release(r *reader) {
	select {
	case p.readers <- r:
	default:
	}
}

// next reads n bytes.
func (r *reader) next(n int) ([]byte, error) {
	if len(r.rest) < n {
		return nil, fmt.Errorf("%w: the pack ends in an object", ErrCorrupt)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b, nil
}

// head gives look the first bytes of the content of an object that is not a
// delta, without checking the rest. It reports whether it could; the bytes are
// only good until look returns.
func (s *Store) head(id ID, look func(Kind, []byte) bool) bool {
	p, offset, err := s.locate(id)
	if err != nil || p == nil {
		return false
	}
	r, err := p.reader(offset)
	if err != nil {
		return false
	}
	k, size, err := r.entryHeader()
	if err != nil || k > Tag {
		return false
	}
	b, err := r.unpack(r.rest, min(size, int64(len(r.buf))), true, r.buf[:])
	if err != nil {
		return false
	}
	ok := look(k, b)
	p.release(r)
	return ok
}

// entryHeader reads the kind and inflated size of the object at the window.
func (w *reader) entryHeader() (Kind, int64, error) {
	b, err := w.next(1)
	if err != nil {
		return 0, 0, err
	}
	k, size := Kind(b[0]>>4&7), int64(b[0]&15)
	for shift := 4; b[0]&0x80 != 0; shift += 7 {
		if b, err = w.next(1); err != nil {
			return 0, 0, err
		}
		if shift > 32 {
			return 0, 0, fmt.Errorf("%w: size", ErrCorrupt)
		}
		size |= int64(b[0]&0x7f) << shift
	}
	if size > maxObject {
		return 0, 0, fmt.Errorf("an object of %d bytes: larger than exhibit reads", size)
	}
	return k, size, nil
}

// baseOffset reads how far before offset the base of a delta lies.
func (w *reader) baseOffset(offset int64) (int64, error) {
	var back int64
	for i := 0; ; i++ {
		b, err := w.next(1)
		if err != nil {
			return 0, err
		}
		back = back<<7 | int64(b[0]&0x7f)
		if b[0]&0x80 == 0 {
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
		w, err := p.reader(at)
		if err != nil {
			return 0, nil, err
		}
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
			name, err := w.next(len(baseID))
			if err != nil {
				return 0, nil, err
			}
			copy(baseID[:], name)
		default:
			return 0, nil, fmt.Errorf("%w: %s", ErrCorrupt, kind)
		}
		b, err := w.unpack(w.rest, size, false, nil)
		if err != nil {
			return 0, nil, err
		}
		p.release(w)
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
