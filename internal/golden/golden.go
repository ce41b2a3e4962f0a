// Package golden compares what a test made with a file under testdata, and
// rewrites the file when the test binary is run with -update.
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Check fails the test where got is not the content of testdata/name.
func Check(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update to write it, then read it)", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			t.Fatalf("%s: line %d is missing: %s", path, i+1, w[i])
		case i >= len(w):
			t.Fatalf("%s: line %d is new: %s", path, i+1, g[i])
		case !bytes.Equal(g[i], w[i]):
			t.Fatalf("%s: line %d\n got: %s\nwant: %s", path, i+1, g[i], w[i])
		}
	}
}

// Updating reports whether the test binary is run with -update.
func Updating() bool { return *update }
