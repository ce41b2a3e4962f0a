// Package gates judges a rendered package with tools that are not ours: the Nu
// checker, html-validate, axe and Chromium for pages, qpdf, pdfcpu and poppler
// for documents, the Open XML SDK and LibreOffice for workbooks. It is test code:
// nothing that ships may import it.
//
// `make judge` installs the pinned set into .judge and runs every gate over the
// sample's package. Where a tool is missing, a gate says NOT JUDGED and by which
// name, and is skipped; EXHIBIT_REQUIRE_GATES=1 makes that a failure, as in CI.
//
// The pages a browser looks at are chosen from the package itself (Chosen), so
// that a new kind of page is judged without anybody adding it to a list.
package gates

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// most is how many findings of one gate are printed; all are counted.
const most = 40

// report fails a test with findings: the first ones, and how many there are.
func report(t testing.TB, gate string, found []string) {
	t.Helper()
	for _, f := range found[:min(len(found), most)] {
		t.Error(f)
	}
	t.Logf("%s: %d findings", gate, len(found))
}

// missing says that a gate could not judge.
func missing(t testing.TB, why string) {
	t.Helper()
	why = "NOT JUDGED: " + why
	if os.Getenv("EXHIBIT_REQUIRE_GATES") == "1" {
		t.Fatal(why)
	}
	t.Skip(why + "; EXHIBIT_REQUIRE_GATES=1 makes this a failure")
}

// tool is the path of an executable; names are tried in order.
func tool(t testing.TB, names ...string) string {
	t.Helper()
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p
		}
	}
	missing(t, "no "+strings.Join(names, " or ")+" on this machine")
	return ""
}

// installed is a file of the pinned set: of the folder EXHIBIT_JUDGE names, else of .judge at the root.
func installed(t testing.TB, path ...string) string {
	t.Helper()
	p := filepath.Join(append([]string{folder(t)}, path...)...)
	if _, err := os.Stat(p); err != nil {
		missing(t, filepath.Join(path...)+" is not installed (make .judge/installed)")
	}
	return p
}

func folder(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("EXHIBIT_JUDGE"); dir != "" {
		return dir
	}
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("go env GOMOD: %v", err)
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(out))), ".judge")
}

// files are the package's files with an extension, as slash paths, sorted.
func files(t testing.TB, dir, ext string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(p) == ext {
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// lines are the lines of what a tool said, without the empty ones.
func lines(said []byte) []string {
	var out []string
	for l := range strings.Lines(string(said)) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// oneByBatch runs a command for batches of files, two at a time, and collects what
// it finds.
func oneByBatch(all []string, n int, run func(batch []string) []string) []string {
	type result struct{ found []string }
	batches := slices.Collect(slices.Chunk(all, n))
	results := make([]chan result, len(batches))
	slots := make(chan struct{}, 2)
	for i, b := range batches {
		results[i] = make(chan result, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] <- result{run(b)}
		}()
	}
	var out []string
	for _, r := range results {
		out = append(out, (<-r).found...)
	}
	return out
}

func failed(what string, err error, said []byte) []string {
	return []string{fmt.Sprintf("%s: %v: %s", what, err, strings.TrimSpace(string(said)))}
}
