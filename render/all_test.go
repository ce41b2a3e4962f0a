package render_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/control"
	"exhibit/render"
	"exhibit/render/table"
	"exhibit/seal"
)

var write = flag.String("site", "", "write the fixture's package to this directory, to look at it")

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

// made keeps the package of each size of fixture, for tests that only read it.
var made struct {
	sync.Mutex
	of map[int]map[string][]byte
}

func shared(tb testing.TB, many int) map[string][]byte {
	tb.Helper()
	made.Lock()
	defer made.Unlock()
	if made.of[many] == nil {
		if made.of == nil {
			made.of = map[int]map[string][]byte{}
		}
		made.of[many] = all(tb, fixture(tb, many))
	}
	return made.of[many]
}

func TestWriteSite(t *testing.T) {
	if *write == "" {
		t.Skip("no -site")
	}
	for path, data := range shared(t, 450) {
		to := filepath.Join(*write, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The same input gives the same bytes: made anew, in another time zone, on
// one core.
func TestSameBytes(t *testing.T) {
	first := shared(t, 450)
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("elsewhere", 13*60*60+45*60)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	second := all(t, fixture(t, 450))
	if got, want := slices.Sorted(maps.Keys(second)), slices.Sorted(maps.Keys(first)); !slices.Equal(got, want) {
		t.Fatalf("other files: %v\nwant %v", got, want)
	}
	for path := range first {
		if !bytes.Equal(first[path], second[path]) {
			t.Errorf("%s differs", path)
		}
	}
}

func TestPaths(t *testing.T) {
	lower := map[string]string{}
	for p, data := range shared(t, 450) {
		if err := seal.CheckPath(p); err != nil {
			t.Error(err)
		}
		if len(p) > 120 {
			t.Errorf("%s: %d characters, more than some systems unpack", p, len(p))
		}
		if first, ok := lower[strings.ToLower(p)]; ok {
			t.Errorf("%s and %s differ only in case", first, p)
		}
		lower[strings.ToLower(p)] = p
		if len(data) == 0 {
			t.Errorf("%s is empty", p)
		}
		if strings.Contains(p, "passwd") {
			t.Errorf("%s: a resource chose the path", p)
		}
	}
}

func TestWhatMustBeThere(t *testing.T) {
	files := shared(t, 450)
	for _, p := range []string{
		"index.html", "README.txt", "assets/exhibit.css", "assets/exhibit.js", "how-to-verify.html", "verify.html", "verify-proof.sh", "glossary.html",
		"criteria/CC6.1.html", "controls/AC-01.html", "checks/kms-key-rotates.html", "evidence/kms-key.html",
		"evidence/111122223333/eu-west-1/kms-key.html", "data/evidence/aws/111122223333/eu-west-1/kms-key.jsonl",
		"coverage.html", "coverage/111122223333.html", "runs.html", "policies/access-control.html", "populations/iam-users.html",
		"data/findings.jsonl", "data/controls.json", "data/coverage.jsonl", "data/calls.jsonl", "data/populations/iam-users.jsonl",
		"runs/0004-20261001T060000Z/SEAL.txt", "runs/0001-20260105T060000Z/SHA256SUMS",
		"artifacts/CC6-access-control/iam-credential-report-2026-10-01.csv", "artifacts/CC6-access-control/password-policy.json",
		"artifacts/CC6-access-control/access-review-Q3-2026.pdf", "artifacts/CC6-access-control/access-review-Q3-2026.xlsx",
		"artifacts/CC6-access-control/offboarding-tickets/ENG-1234.pdf", "artifacts/CC6-encryption/kms-rotation-status.json",
		"artifacts/CC7-incident-response/incident-response-policy-v2.3.pdf", "artifacts/CC7-incident-response/tabletop-exercise-2026-03-15.pdf",
		"artifacts/CC9-vendor-management/vendor-inventory-2026.xlsx", "artifacts/policies/access-control-v2.1.pdf",
		"artifacts/policies/policy-version-history.xlsx", "artifacts/workpapers/CR-01.pdf", "artifacts/findings.xlsx", "artifacts/populations/kms-keys.xlsx",
	} {
		if files[p] == nil {
			t.Errorf("no %s", p)
		}
	}
	// What there is no evidence for has no file, and a reason in its place.
	if files["artifacts/CC6-network/waf-web-acl.json"] != nil {
		t.Error("a file for web ACLs, though there are none")
	}
	index := string(files["artifacts/README.md"])
	for _, want := range []string{"not made: `CC6-network/waf-web-acl.json`", "asked in 4 places, and there is none", "not made: `CC6-encryption/kms-policy.json`",
		"not made: `CC6-access-control/access-review-Q1-2026.pdf`: Access review of Q1-2026 (AC-01). Not collected: no review of this quarter is recorded"} {
		if !strings.Contains(index, want) {
			t.Errorf("the index of artifacts does not say %q", want)
		}
	}
}

// SAMPLE stands on every file that is read by people or machines, and nowhere
// when the data are not invented.
func TestSampleMark(t *testing.T) {
	marked := func(p string, data []byte) bool {
		switch path.Ext(p) {
		case ".html", ".md", ".txt":
			return bytes.Contains(data, []byte("SAMPLE"))
		case ".ics":
			return bytes.Count(data, []byte("SUMMARY:SAMPLE: ")) == bytes.Count(data, []byte("BEGIN:VEVENT"))
		case ".csv":
			return bytes.HasPrefix(data, []byte("sample,"))
		case ".js":
			return bytes.HasPrefix(data, []byte("// SAMPLE"))
		case ".json", ".jsonl":
			for line := range bytes.Lines(data) {
				if path.Ext(p) == ".jsonl" && !bytes.Contains(line, []byte(`"sample":true`)) {
					return false
				}
			}
			return bytes.Contains(bytes.ReplaceAll(data, []byte(" "), nil), []byte(`"sample":true`))
		case ".pdf":
			for _, page := range pdfPages(t, data) {
				if !strings.Contains(page, "SAMPLE") {
					return false
				}
			}
			return true
		case ".xlsx":
			for name, rows := range sheets(t, data) {
				if len(rows) == 0 || len(rows[0]) == 0 || !strings.HasPrefix(rows[0][0], "SAMPLE") {
					t.Logf("sheet %s", name)
					return false
				}
			}
			return true
		}
		t.Fatalf("%s: a kind of file this test does not know", p)
		return false
	}
	skip := func(p string) bool {
		return strings.HasPrefix(p, "assets/") || strings.HasPrefix(p, "runs/") || strings.HasPrefix(p, "data/evidence/") || strings.HasPrefix(p, "data/attachments/") ||
			p == "verify.html" || p == "verify-proof.sh" // the same in every package
	}
	in := fixture(t, 12)
	for p, data := range all(t, in) {
		if !skip(p) && !marked(p, data) {
			t.Errorf("%s does not say SAMPLE", p)
		}
	}
	in.Report.Sample = false
	for p, data := range all(t, in) {
		if !skip(p) && (bytes.Contains(data, []byte("SAMPLE")) || path.Ext(p) == ".csv" && bytes.HasPrefix(data, []byte("sample"))) {
			t.Errorf("%s says SAMPLE", p)
		}
	}
}

// A report with nothing in it still gives a site whose links lead somewhere.
func TestEmptyReport(t *testing.T) {
	files := all(t, render.Input{Report: &control.Report{}, Repository: fstest.MapFS{}})
	checkLinks(t, files)
	if !strings.Contains(text(parse(t, "index.html", files["index.html"])), table.Opinion) {
		t.Error("no word on whose statuses these are")
	}
}

func TestNoInput(t *testing.T) {
	for _, err := range render.All(render.Input{}) {
		if err == nil {
			t.Fatal("a file of nothing")
		}
	}
}

// Reading stops when the reader stops, and leaves no goroutine that blocks.
func TestStopEarly(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		for _, err := range render.All(fixture(t, 12)) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}

// The site sees what the evidence does not support.
func TestAlarms(t *testing.T) {
	in := fixture(t, 12)
	repo := in.Repository.(fstest.MapFS)
	page := "evidence/111122223333/eu-west-1/kms-key.html"
	if strings.Contains(string(all(t, in)[page]), `notice alarm`) {
		t.Error("an alarm over evidence that is whole")
	}
	file := "evidence/aws/111122223333/eu-west-1/kms-key.jsonl"
	good := repo[file].Data
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"altered", "The file is not the one the run wrote", bytes.Replace(good, []byte("CUSTOMER"), []byte("CUSTOMEP"), 1)},
		{"gone", "The file is missing", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.data == nil {
				delete(repo, file)
			} else {
				repo[file] = &fstest.MapFile{Data: c.data}
			}
			files := all(t, in)
			if !strings.Contains(string(files[page]), c.want) {
				t.Errorf("%s does not say %q", page, c.want)
			}
			checkLinks(t, files)
		})
	}
	in = fixture(t, 12)
	in.Report.Runs[2].Previous = in.Report.Runs[0].SealSum
	in.Report.Checks[0].Counts.Population++
	files := all(t, in)
	if !strings.Contains(string(files["runs.html"]), "The chain is broken before run 0003") {
		t.Error("a broken chain is not shown")
	}
	if !strings.Contains(string(files["checks/kms-key-rotates.html"]), "The counts do not add up") {
		t.Error("counts that do not add up are not shown")
	}
}

// What this version does not know is never Met.
func TestNothingUnknownIsMet(t *testing.T) {
	for _, v := range []control.Verdict{control.NotEvaluated, control.NeedsRecord, control.Fail, "", "passed", "PASS"} {
		if s := table.VerdictStatus(control.Finding{Verdict: v}); s == control.Met {
			t.Errorf("verdict %q is Met", v)
		}
	}
	for _, s := range []string{"", "denied_scp", "truncated", "lost", "a state of next year"} {
		if w := table.CoverWord(stateOf(s)); w != table.CoverGap {
			t.Errorf("state %q is %q", s, w)
		}
	}
}

// BenchmarkAll renders a company with 20,000 keys: 40,000 rows and more, some
// thousand pages.
func BenchmarkAll(b *testing.B) {
	in := fixture(b, 20_000)
	for b.Loop() {
		files, size := 0, 0
		for f, err := range render.All(in) {
			if err != nil {
				b.Fatal(err)
			}
			files++
			size += len(f.Data)
		}
		b.ReportMetric(float64(files), "files")
		b.ReportMetric(float64(size)/1e6, "MB")
	}
}
