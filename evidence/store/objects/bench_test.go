package objects

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// benchRepo is the objects folder and tip of the repository EXHIBIT_BENCH_REPO names.
func benchRepo(tb testing.TB) (*Store, ID) {
	dir := os.Getenv("EXHIBIT_BENCH_REPO")
	if dir == "" {
		tb.Skip("EXHIBIT_BENCH_REPO names no repository")
	}
	out, err := exec.Command("git", "-C", dir, "rev-parse", "HEAD", "--git-dir").Output()
	if err != nil {
		tb.Fatal(err)
	}
	f := strings.Fields(string(out))
	if !filepath.IsAbs(f[1]) {
		f[1] = filepath.Join(dir, f[1])
	}
	s, err := Open(filepath.Join(f[1], "objects"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	id, err := ParseID(f[0])
	if err != nil {
		tb.Fatal(err)
	}
	return s, id
}

// BenchmarkFirstParent walks the first parents of a real repository:
//
//	EXHIBIT_BENCH_REPO=/path/to/clone go test -bench FirstParent ./evidence/store/objects
func BenchmarkFirstParent(b *testing.B) {
	for b.Loop() {
		s, id := benchRepo(b)
		n := 0
		for {
			h, err := s.ReadStep(id)
			if err != nil {
				b.Fatal(err)
			}
			n++
			if h.Parent.IsZero() {
				break
			}
			id = h.Parent
		}
		b.ReportMetric(float64(n), "commits")
	}
}
