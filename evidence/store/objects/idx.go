package objects

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// An idx finds objects in one pack: the .idx file, version 2, mapped into
// memory where the system can, so that only what is looked at is read.
type idx []byte

const (
	idxHeader = 8
	idxNames  = idxHeader + 4*256
	idxFooter = 40
	idLen     = int64(len(ID{}))
)

// openIdx checks that an index is in order and has the size its count demands.
func openIdx(b []byte) (idx, error) {
	if len(b) < idxNames+idxFooter || !bytes.Equal(b[:idxHeader], []byte("\xfftOc\x00\x00\x00\x02")) {
		return nil, fmt.Errorf("%w: not a pack index of version 2", ErrCorrupt)
	}
	x := idx(b)
	var last int64
	for i := range 256 {
		if x.fanout(i) < last {
			return nil, fmt.Errorf("%w: the index is not in order", ErrCorrupt)
		}
		last = x.fanout(i)
	}
	size := int64(len(b))
	if least := idxNames + x.count()*(idLen+8) + idxFooter; size < least || (size-least)%8 != 0 {
		return nil, fmt.Errorf("%w: index of %d bytes for %d objects", ErrCorrupt, size, x.count())
	}
	return x, nil
}

// fanout is the number of ids whose first byte is at most i.
func (x idx) fanout(i int) int64 { return int64(binary.BigEndian.Uint32(x[idxHeader+4*i:])) }

func (x idx) count() int64 { return x.fanout(255) }

// find is the offset of an object in the pack.
func (x idx) find(id ID) (offset int64, ok bool, err error) {
	lo, hi := int64(0), x.fanout(int(id[0]))
	if id[0] > 0 {
		lo = x.fanout(int(id[0]) - 1)
	}
	// The ids are spread evenly, so a guess comes close.
	key := int64(binary.BigEndian.Uint32(id[1:5]))
	mid := lo + (hi-lo)*key>>32
	for step := int64(16); lo < hi; step *= 4 {
		c := bytes.Compare(x[idxNames+mid*idLen:idxNames+(mid+1)*idLen], id[:])
		switch {
		case c == 0:
			offset, err = x.offset(mid)
			return offset, err == nil, err
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
		switch next := mid + step; {
		case c < 0 && next < hi:
			mid = next
		case c > 0 && mid-step >= lo:
			mid -= step
		default:
			mid = lo + (hi-lo)/2
		}
	}
	return 0, false, nil
}

func (x idx) offset(i int64) (int64, error) {
	small := idxNames + x.count()*(idLen+4)
	o := binary.BigEndian.Uint32(x[small+4*i:])
	if o&(1<<31) == 0 {
		return int64(o), nil
	}
	large := small + 4*x.count() + 8*int64(o&^(1<<31))
	if large+8 > int64(len(x))-idxFooter {
		return 0, fmt.Errorf("%w: the index points past its end", ErrCorrupt)
	}
	return int64(binary.BigEndian.Uint64(x[large:]) &^ (1 << 63)), nil
}
