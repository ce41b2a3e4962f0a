package render_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"exhibit/render"
)

var write = flag.String("site", "", "write the fixture's package to this directory")

func all(tb testing.TB, in render.Input) map[string][]byte {
	tb.Helper()
	out := map[string][]byte{}
	last := ""
	for f, err := range render.All(in) {
		if err != nil {
			tb.Fatal(err)
		}
		if f.Path <= last {
			tb.Fatalf("%q comes after %q", f.Path, last)
		}
		last = f.Path
		out[f.Path] = f.Data
	}
	return out
}

func TestWriteSite(t *testing.T) {
	if *write == "" {
		t.Skip("no -site")
	}
	for path, data := range all(t, fixture(t, 450)) {
		to := filepath.Join(*write, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
