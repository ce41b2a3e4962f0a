package tampertest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// After Restore the folder is what it was.
func TestRestore(t *testing.T) {
	p, err := New(filepath.Join(t.TempDir(), "package"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[string]bool{}
	for range 2000 {
		c, err := p.Tamper(r)
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(c.What, ": ")
		seen[name] = true
		if err := p.Restore(); err != nil {
			t.Fatal(err)
		}
		n := 0
		err = fs.WalkDir(os.DirFS(p.Dir), ".", func(f string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if entries, _ := os.ReadDir(p.at(f)); len(entries) == 0 {
					t.Errorf("%s: leaves %s", c.What, f)
				}
				return err
			}
			b, err := os.ReadFile(p.at(f))
			if string(b) != string(p.whole[f]) || !d.Type().IsRegular() {
				t.Errorf("%s: leaves %s changed", c.What, f)
			}
			n++
			return err
		})
		if err != nil || n != len(p.whole) {
			t.Fatalf("%s: %d files, not %d, %v", c.What, n, len(p.whole), err)
		}
	}
	if len(seen) < 14 {
		t.Errorf("only %d kinds were drawn: %v", len(seen), seen)
	}
}
