package objects

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func deflated(tb testing.TB, level int, content []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := z.Write(content); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

var levels = []int{zlib.NoCompression, zlib.BestSpeed, zlib.DefaultCompression, zlib.BestCompression, zlib.HuffmanOnly}

// TestUnpack unpacks what compress/zlib packs: nothing, less and more than a window,
// what repeats and what does not, with more behind it as in a pack.
func TestUnpack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 3<<20)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	skew := make([]byte, 200_000) // its rarest symbols have codes of up to 15 bits
	for i := range skew {
		skew[i] = byte(min(255, r.ExpFloat64()*9))
	}
	contents := [][]byte{nil, []byte("a"), []byte(strings.Repeat("ab", 70_000)), noise[:1000], noise[:70_000], noise, skew, bytes.Repeat(noise[:40_000], 3),
		[]byte("tree 9a0e1b4c\nauthor Ada Example <ada@example.com> 1767225600 +0100\n")}
	var z inflater
	for i, c := range contents {
		for _, level := range levels {
			src := append(deflated(t, level, c), "more"...)
			got, err := z.unpack(src, int64(len(c)), false, nil)
			if err != nil || !bytes.Equal(got, c) {
				t.Errorf("content %d at level %d: %d bytes of %d, %v", i, level, len(got), len(c), err)
			}
			for _, n := range []int64{0, 1, 300, 65_536} {
				n = min(n, int64(len(c)))
				if got, err := z.unpack(src, n, true, make([]byte, 512)); err != nil || !bytes.Equal(got, c[:n]) {
					t.Errorf("content %d at level %d: its first %d bytes: %d, %v", i, level, n, len(got), err)
				}
			}
			for _, wrong := range []int64{int64(len(c)) - 1, int64(len(c)) + 1} {
				if wrong < 0 {
					continue
				}
				if _, err := z.unpack(src, wrong, false, nil); !errors.Is(err, ErrCorrupt) {
					t.Errorf("content %d of %d bytes passes for one of %d: %v", i, len(c), wrong, err)
				}
			}
		}
	}
}

// FuzzUnpack holds unpack against compress/zlib, on what zlib packed and on what is
// no stream at all.
func FuzzUnpack(f *testing.F) {
	for _, level := range levels {
		f.Add(deflated(f, level, []byte(strings.Repeat("parent 1b7c0f7ad0f1e9f4f0a5b2a6c7d8e9fa0b1c2d3e\n", 9))), 0)
	}
	f.Add([]byte("\x78\x9c\x03\x00\x00\x00\x00\x01"), 2)
	f.Add([]byte("tree 9a0e1b"), 3)
	f.Fuzz(func(t *testing.T, b []byte, level int) {
		check := func(src []byte) {
			var want []byte
			r, err := zlib.NewReader(bytes.NewReader(src))
			if err == nil {
				want, err = io.ReadAll(io.LimitReader(r, 1<<22))
			}
			if len(want) == 1<<22 {
				return
			}
			var z inflater
			got, err2 := z.unpack(src, int64(len(want)), false, nil)
			switch {
			case (err == nil) != (err2 == nil):
				t.Fatalf("zlib says %v, unpack %v, of %x", err, err2, src)
			case err == nil && !bytes.Equal(got, want):
				t.Fatalf("%x, want %x", got, want)
			case err2 != nil && !errors.Is(err2, ErrCorrupt):
				t.Fatal(err2)
			}
			if err == nil {
				n := int64(len(want) / 2)
				if got, err := z.unpack(src, n, true, make([]byte, 64)); err != nil || !bytes.Equal(got, want[:n]) {
					t.Fatalf("its first %d bytes: %x, %v", n, got, err)
				}
			}
		}
		check(b)
		packed := deflated(t, levels[uint(level)%uint(len(levels))], b)
		check(packed)
		if len(b) > 0 { // one bit is another
			packed[int(b[0])%len(packed)] ^= 1 << (b[0] & 7)
			check(packed)
		}
	})
}
