package objects

import (
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"math/bits"
	"sync"
)

// An inflater unpacks what git deflated: a zlib stream (RFC 1950, 1951) that lies
// in memory, into memory. compress/zlib reads any stream and keeps a window of what
// it wrote; a walk along a history unpacks the first bytes of ten thousands of small
// commits, and most of its time went there. It makes nothing of a stream that
// compress/zlib refuses: a fuzz test holds the two against each other.
type inflater struct {
	src  []byte
	at   int    // what of src is in bits, or was
	bits uint64 // those not used yet, the next one lowest
	n    uint   // how many of them count

	literals, distances *code // of the block: read, or the fixed ones
	read                [2]code
	lengths             code
	size                [286 + 30]uint8 // of each symbol's code in a block
}

// unpack is the content of the stream at the beginning of src, which must have size
// bytes and a checksum that is right; with head only its first bytes, at most size of
// them, and nothing behind them is looked at. to is used where it has room.
func (z *inflater) unpack(src []byte, size int64, head bool, to []byte) ([]byte, error) {
	if len(src) < 2 || src[0]&0x0f != 8 || src[0]>>4 > 7 || src[1]&0x20 != 0 || binary.BigEndian.Uint16(src)%31 != 0 {
		return nil, fmt.Errorf("%w: no zlib stream", ErrCorrupt)
	}
	z.src, z.at, z.bits, z.n = src, 2, 0, 0
	// Grown while unpacking: a damaged size must not ask for memory the file cannot fill.
	first := int(min(size, 1<<20))
	if cap(to) < first {
		to = make([]byte, first)
	}
	o := output{b: to[:first], limit: size}
	for last := false; !last; {
		z.fill()
		last = z.bits&1 == 1
		kind := z.bits >> 1 & 3
		if !z.drop(3) {
			return nil, errInflate
		}
		var ok bool
		switch kind {
		case 0:
			ok = z.stored(&o)
		case 1:
			f := fixed()
			z.literals, z.distances = &f[0], &f[1]
			ok = z.block(&o)
		case 2:
			ok = z.dynamic() && z.block(&o)
		}
		if head && o.full {
			return o.b[:o.n], nil
		}
		if !ok {
			return nil, errInflate
		}
	}
	if int64(o.n) != size {
		return nil, fmt.Errorf("%w: content of another length than its header says", ErrCorrupt)
	}
	at := z.at - int(z.n/8) // whole bytes that were read ahead
	if at+4 > len(src) || binary.BigEndian.Uint32(src[at:]) != adler32.Checksum(o.b[:o.n]) {
		return nil, fmt.Errorf("%w: checksum", ErrCorrupt)
	}
	return o.b[:o.n], nil
}

var errInflate = fmt.Errorf("%w: it cannot be unpacked", ErrCorrupt)

// An output takes what is unpacked, up to a limit.
type output struct {
	b     []byte
	n     int // bytes of b that were written
	limit int64
	full  bool // there was more than the limit
}

// room makes sure that b has at least one byte left.
func (o *output) room() bool {
	if o.n < len(o.b) {
		return true
	}
	if int64(o.n) >= o.limit {
		o.full = true
		return false
	}
	o.b = append(o.b, make([]byte, min(o.limit-int64(o.n), int64(max(o.n, 1<<10))))...)
	return true
}

// fill reads ahead until there are more bits than a length, a distance and their
// extra bits together take (48), or no more.
func (z *inflater) fill() {
	if z.at+8 <= len(z.src) {
		z.bits |= binary.LittleEndian.Uint64(z.src[z.at:]) << z.n
		z.at += int((63 - z.n) >> 3)
		z.n |= 56
		return
	}
	for z.n <= 56 && z.at < len(z.src) {
		z.bits |= uint64(z.src[z.at]) << z.n
		z.at++
		z.n += 8
	}
}

// drop uses up n bits; false when there are not as many.
func (z *inflater) drop(n uint) bool {
	if n > z.n {
		return false
	}
	z.bits >>= n
	z.n -= n
	return true
}

// stored copies a block that was not deflated.
func (z *inflater) stored(o *output) bool {
	z.at -= int(z.n / 8)
	z.bits, z.n = 0, 0
	rest := z.src[z.at:]
	if len(rest) < 4 {
		return false
	}
	n := int(binary.LittleEndian.Uint16(rest))
	if binary.LittleEndian.Uint16(rest[2:]) != ^uint16(n) || len(rest)-4 < n {
		return false
	}
	for from := rest[4 : 4+n]; len(from) > 0; {
		if !o.room() {
			return false
		}
		k := copy(o.b[o.n:], from)
		o.n, from = o.n+k, from[k:]
	}
	z.at += 4 + n
	return true
}

// fixed are the codes that RFC 1951 names.
var fixed = sync.OnceValue(func() *[2]code {
	var c [2]code
	var size [288]uint8
	for i := range size {
		switch {
		case i < 144:
			size[i] = 8
		case i < 256:
			size[i] = 9
		case i < 280:
			size[i] = 7
		default:
			size[i] = 8
		}
	}
	var far [32]uint8
	for i := range far {
		far[i] = 5
	}
	_, _ = c[0].set(size[:]), c[1].set(far[:]) // both can be
	return &c
})

// lengthOrder is how the code of the codes' lengths is listed.
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block.
func (z *inflater) dynamic() bool {
	z.fill()
	literals, distances, lengths := int(z.bits&31)+257, int(z.bits>>5&31)+1, int(z.bits>>10&15)+4
	if !z.drop(14) || literals > 286 || distances > 30 {
		return false
	}
	var size [19]uint8
	for _, i := range lengthOrder[:lengths] {
		z.fill()
		size[i] = uint8(z.bits & 7)
		if !z.drop(3) {
			return false
		}
	}
	if !z.lengths.set(size[:]) {
		return false
	}
	all := z.size[:literals+distances]
	for i := 0; i < len(all); {
		z.fill()
		s, ok := z.symbol(&z.lengths)
		if !ok {
			return false
		}
		if s < 16 {
			all[i] = uint8(s)
			i++
			continue
		}
		var of uint8
		var extra uint
		repeat := 3
		switch s {
		case 16:
			if i == 0 {
				return false
			}
			of, extra = all[i-1], 2
		case 17:
			extra = 3
		default:
			repeat, extra = 11, 7
		}
		repeat += int(z.bits & (1<<extra - 1))
		if !z.drop(extra) || i+repeat > len(all) {
			return false
		}
		for range repeat {
			all[i] = of
			i++
		}
	}
	z.literals, z.distances = &z.read[0], &z.read[1]
	return z.literals.set(all[:literals]) && z.distances.set(all[literals:])
}

// Lengths and distances by their symbols: the least, and how many extra bits say how
// much more. RFC 1951, 3.2.5.
var (
	lengthBase    = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [30]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [30]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

const endOfBlock = 256

// block unpacks a block with the codes that were set.
func (z *inflater) block(o *output) bool {
	for {
		z.fill()
		s, ok := z.symbol(z.literals)
		if !ok {
			return false
		}
		if s < endOfBlock {
			if o.n >= len(o.b) && !o.room() {
				return false
			}
			o.b[o.n] = byte(s)
			o.n++
			continue
		}
		if s == endOfBlock {
			return true
		}
		if s -= endOfBlock + 1; s >= uint(len(lengthBase)) {
			return false
		}
		extra := uint(lengthExtra[s])
		length := int(lengthBase[s]) + int(z.bits&(1<<extra-1))
		if !z.drop(extra) {
			return false
		}
		if s, ok = z.symbol(z.distances); !ok || s >= uint(len(distanceBase)) {
			return false
		}
		extra = uint(distanceExtra[s])
		back := int(distanceBase[s]) + int(z.bits&(1<<extra-1))
		if !z.drop(extra) || back > o.n {
			return false
		}
		for length > 0 {
			if !o.room() {
				return false
			}
			// What lies back may be written only now: it is copied as far as it is there.
			k := copy(o.b[o.n:min(o.n+length, len(o.b))], o.b[o.n-back:o.n])
			o.n, length = o.n+k, length-k
		}
	}
}

// A code is a Huffman code. What has at most quick bits is looked up with them; the
// few symbols with more are found bit by bit.
type code struct {
	table   [1 << quick]uint16 // symbol<<4 | bits; 0 for those with more, and for none
	count   [16]uint16         // codes by their bits
	symbols [288]uint16        // by their codes
}

const quick = 9

// set makes a code of the sizes of its symbols' codes. False is one that cannot be:
// with too many codes, or too few, but for the one code of one bit.
func (c *code) set(size []uint8) bool {
	c.count = [16]uint16{}
	for _, n := range size {
		c.count[n]++
	}
	c.count[0] = 0
	var next, first [16]uint16 // codes, and places among the symbols
	left, used := 1, 0
	most := 0
	for n := 1; n < 16; n++ {
		left = left<<1 - int(c.count[n])
		if left < 0 {
			return false
		}
		first[n] = uint16(used)
		used += int(c.count[n])
		if c.count[n] > 0 {
			most = n
		}
		if n < 15 {
			next[n+1] = (next[n] + c.count[n]) << 1
		}
	}
	if left > 0 && used > 0 && !(used == 1 && most == 1) {
		return false
	}
	clear(c.table[:])
	for s, n := range size {
		if n == 0 {
			continue
		}
		c.symbols[first[n]] = uint16(s)
		first[n]++
		code := next[n]
		next[n]++
		if n <= quick {
			step := 1 << n
			e := uint16(s)<<4 | uint16(n)
			for i := int(bits.Reverse16(code) >> (16 - n)); i < len(c.table); i += step {
				c.table[i] = e
			}
		}
	}
	return true
}

// symbol reads the next symbol, of bits that fill has read ahead.
func (z *inflater) symbol(c *code) (uint, bool) {
	if e := c.table[z.bits&(1<<quick-1)]; e != 0 {
		n := uint(e & 15)
		if n > z.n {
			return 0, false
		}
		z.bits >>= n
		z.n -= n
		return uint(e >> 4), true
	}
	var code, first, index int
	for n := uint(1); n < 16; n++ {
		code |= int(z.bits >> (n - 1) & 1)
		count := int(c.count[n])
		if code-count < first {
			return uint(c.symbols[index+code-first]), z.drop(n)
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	return 0, false
}
