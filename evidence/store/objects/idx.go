package objects

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// An idx finds objects in one pack. It is read where it lies: the ids in it are
// spread evenly, so a guess and one block of 4 KB nearly always decide, and the
// index of a large repository need not be held in memory.
type idx struct {
	f      io.ReaderAt
	fanout [256]uint32
	size   int64
}

const (
	idxHeader = 8
	idxNames  = idxHeader + 4*256
	idxFooter = 40
	idLen     = int64(len(ID{}))
)

// openIdx reads the fan-out table of a version 2 index and checks that its
// size is the one its count demands.
func openIdx(f io.ReaderAt, size int64) (*idx, error) {
	x := &idx{f: f, size: size}
	head := make([]byte, idxNames)
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("%w: index cut short", ErrCorrupt)
	}
	if !bytes.Equal(head[:idxHeader], []byte("\xfftOc\x00\x00\x00\x02")) {
		return nil, fmt.Errorf("%w: not a pack index of version 2", ErrCorrupt)
	}
	var last uint32
	for i := range x.fanout {
		x.fanout[i] = binary.BigEndian.Uint32(head[idxHeader+4*i:])
		if x.fanout[i] < last {
			return nil, fmt.Errorf("%w: the index is not in order", ErrCorrupt)
		}
		last = x.fanout[i]
	}
	if least := idxNames + x.count()*(idLen+8) + idxFooter; size < least || (size-least)%8 != 0 {
		return nil, fmt.Errorf("%w: index of %d bytes for %d objects", ErrCorrupt, size, x.count())
	}
	return x, nil
}

func (x *idx) count() int64 { return int64(x.fanout[255]) }

// find is the offset of an object in the pack.
func (x *idx) find(id ID) (offset int64, ok bool, err error) {
	lo, hi := int64(0), int64(x.fanout[id[0]])
	if id[0] > 0 {
		lo = int64(x.fanout[id[0]-1])
	}
	const block = 200
	var buf [block * len(ID{})]byte
	for guess := true; lo < hi; guess = false {
		from, to := lo, hi
		if hi-lo > block {
			mid := lo + (hi-lo)/2
			if guess {
				part := int64(binary.BigEndian.Uint32(id[1:5]))
				mid = lo + (hi-lo)*part>>32
			}
			from = max(lo, min(mid-block/2, hi-block))
			to = from + block
		}
		b := buf[:(to-from)*idLen]
		if _, err := x.f.ReadAt(b, idxNames+from*idLen); err != nil {
			return 0, false, fmt.Errorf("reading pack index: %w", err)
		}
		at := func(i int64) []byte { return b[i*idLen : (i+1)*idLen] }
		n := to - from
		switch {
		case bytes.Compare(id[:], at(0)) < 0:
			hi = from
		case bytes.Compare(id[:], at(n-1)) > 0:
			lo = to
		default:
			i, j := int64(0), n
			for i < j {
				h := (i + j) / 2
				if bytes.Compare(at(h), id[:]) < 0 {
					i = h + 1
				} else {
					j = h
				}
			}
			if i == n || !bytes.Equal(at(i), id[:]) {
				return 0, false, nil
			}
			offset, err = x.offset(from + i)
			return offset, err == nil, err
		}
	}
	return 0, false, nil
}

func (x *idx) offset(i int64) (int64, error) {
	var b [8]byte
	small := idxNames + x.count()*(idLen+4)
	if _, err := x.f.ReadAt(b[:4], small+4*i); err != nil {
		return 0, fmt.Errorf("reading pack index: %w", err)
	}
	o := binary.BigEndian.Uint32(b[:4])
	if o&(1<<31) == 0 {
		return int64(o), nil
	}
	large := small + 4*x.count() + 8*int64(o&^(1<<31))
	if large+8 > x.size-idxFooter {
		return 0, fmt.Errorf("%w: the index points past its end", ErrCorrupt)
	}
	if _, err := x.f.ReadAt(b[:], large); err != nil {
		return 0, fmt.Errorf("reading pack index: %w", err)
	}
	return int64(binary.BigEndian.Uint64(b[:]) &^ (1 << 63)), nil
}
