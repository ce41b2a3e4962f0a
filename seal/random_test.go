package seal

import (
	"bytes"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var tries = flag.Int("tamperings", 500, "how many random tamperings TestRandomTampering tries")

// TestRandomTampering changes something at random, always in the same order,
// and every change must be refused.
func TestRandomTampering(t *testing.T) {
	whole := newCompany().pack(t, 2)
	paths := slices.Sorted(maps.Keys(whole))
	random := rand.New(rand.NewPCG(1, 2))
	opt := Options{AllowedSigners: signersOf(testKey('a'))}
	for i := range *tries {
		f := maps.Clone(whole)
		p, q := paths[random.IntN(len(paths))], paths[random.IntN(len(paths))]
		what := ""
		switch random.IntN(8) {
		case 0:
			what = "flip"
			if b := bytes.Clone(f[p]); len(b) > 0 {
				b[random.IntN(len(b))] ^= 1 << random.IntN(8)
				f[p] = b
			}
		case 1:
			what = "add"
			f[p+"x"] = f[q]
		case 2:
			what = "delete"
			delete(f, p)
		case 3:
			what = "swap"
			f[p], f[q] = f[q], f[p]
		case 4:
			what = "rename"
			delete(f, p)
			f[p+".1"] = whole[p]
		case 5:
			what = "truncate"
			f[p] = f[p][:random.IntN(len(f[p])+1)]
		case 6:
			what = "case"
			delete(f, p)
			f[strings.ToUpper(p)] = whole[p]
		case 7:
			what = "line ends"
			f[p] = bytes.ReplaceAll(f[p], []byte("\n"), []byte("\r\n"))
		}
		if maps.EqualFunc(f, whole, bytes.Equal) {
			continue // nothing was changed after all
		}
		r, err := Verify(f.fs(), opt)
		must(t, err)
		if r.OK() {
			t.Fatalf("%d: %s of %s, %s was accepted", i, what, p, q)
		}
	}
}
