package seal

import (
	"strings"
	"testing"
	"time"
)

func packageSeal() Seal {
	return Seal{
		Kind: KindPackage, Organisation: "Example Ltd", Period: "2026-01-01..2026-12-31",
		Run: "0004-20261001T060000Z", Commit: strings.Repeat("1b", 20), Chain: strings.Repeat("4f", 32),
		Claimed: time.Date(2026, 10, 1, 6, 0, 3, 0, time.UTC), Tool: "exhibit 0.1.0",
		Files: 412, Root: [32]byte{1}, SumsPath: "SHA256SUMS", Sums: [32]byte{2},
	}
}

func runSeal() Seal {
	s := packageSeal()
	s.Kind, s.Period, s.Chain, s.Commit = KindRun, "", "", ""
	s.SumsPath = "runs/" + s.Run + "/SHA256SUMS"
	return s
}

func TestSealRoundTrip(t *testing.T) {
	sample := packageSeal()
	sample.Sample = true
	later := runSeal()
	later.Previous, later.PreviousToken = strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	called := runSeal()
	called.Organisation = "none"
	for name, s := range map[string]Seal{"package": packageSeal(), "run": runSeal(), "sample": sample, "later run": later, "called none": called} {
		b := s.Bytes()
		got, err := ParseSeal(b)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, b)
		} else if got != s {
			t.Errorf("%s: %+v\nwant %+v", name, got, s)
		}
		if strings.Contains(string(b), "# SAMPLE: ") != s.Sample {
			t.Errorf("%s: SAMPLE wrong", name)
		}
	}
}

func TestParseSealRefuses(t *testing.T) {
	whole := string(packageSeal().Bytes())
	for name, c := range map[string]struct{ old, new string }{
		"other version":        {"seal v1", "seal v2"},
		"other kind":           {"kind: package", "kind: parcel"},
		"no organisation":      {"organisation: Example Ltd", "organisation: "},
		"space after":          {"Example Ltd", "Example Ltd "},
		"bidi in a name":       {"Example Ltd", "Example\u202E Ltd"},
		"CR":                   {"Example Ltd\n", "Example Ltd\r\n"},
		"header missing":       {"# previous: none\n", ""},
		"header twice":         {"# previous: none\n", "# previous: none\n# previous: none\n"},
		"header added":         {"# previous: none\n", "# previous: none\n# note: x\n"},
		"headers swapped":      {"# tool: exhibit 0.1.0\n# files: 412\n", "# files: 412\n# tool: exhibit 0.1.0\n"},
		"period backwards":     {"2026-01-01..2026-12-31", "2026-12-31..2026-01-01"},
		"no such day":          {"2026-01-01..", "2026-02-30.."},
		"no period":            {"2026-01-01..2026-12-31", "none"},
		"run name":             {"run: 0004-2026", "run: 4-2026"},
		"run name with a path": {"run: 0004-20261001T060000Z", "run: ../0004-20261001T060000Z"},
		"no chain":             {"chain: " + strings.Repeat("4f", 32), "chain: none"},
		"upper-case chain":     {strings.Repeat("4f", 32), strings.Repeat("4F", 32)},
		"short commit":         {strings.Repeat("1b", 20), "1b1b"},
		"local time":           {"06:00:03Z", "06:00:03+02:00"},
		"fraction":             {"06:00:03Z", "06:00:03.5Z"},
		"files with a plus":    {"files: 412", "files: +412"},
		"no files":             {"files: 412", "files: 0"},
		"other list":           {"  SHA256SUMS", "  OTHERSUMS"},
		"run's list":           {"  SHA256SUMS", "  runs/0004-20261001T060000Z/SHA256SUMS"},
		"two lists":            {"  SHA256SUMS\n", "  SHA256SUMS\n" + strings.Repeat("0a", 32) + "  x\n"},
		"text after":           {"  SHA256SUMS\n", "  SHA256SUMS\n\n"},
		"no line end":          {"  SHA256SUMS\n", "  SHA256SUMS"},
		"other SAMPLE":         {"# kind", "# SAMPLE: nearly real\n# kind"},
		"byte order mark":      {"# Exhibit", "\ufeff# Exhibit"},
		"invalid UTF-8":        {"Example", "Ex\xffmple"},
	} {
		text := strings.Replace(whole, c.old, c.new, 1)
		if text == whole {
			t.Errorf("%s: %q is not in the seal", name, c.old)
		}
		if _, err := ParseSeal([]byte(text)); err == nil {
			t.Errorf("%s: accepted\n%s", name, text)
		}
	}
	if _, err := ParseSeal(nil); err == nil {
		t.Error("accepted nothing")
	}
}

func TestRunName(t *testing.T) {
	at := time.Date(2026, 4, 1, 6, 0, 0, 0, time.FixedZone("", 7200))
	if got := RunName(7, at); got != "0007-20260401T040000Z" {
		t.Error(got)
	}
	if n, back, err := ParseRunName("12345-20260401T040000Z"); n != 12345 || !back.Equal(at) || err != nil {
		t.Error(n, back, err)
	}
	for _, name := range []string{"", "0000-20260401T040000Z", "1-20260401T040000Z", "00001-20260401T040000Z", "+001-20260401T040000Z", "0001-20260431T040000Z", "0001-20260401T040000Z-x", "0001"} {
		if _, _, err := ParseRunName(name); err == nil {
			t.Errorf("accepted %q", name)
		}
	}
}

func FuzzParseSeal(f *testing.F) {
	f.Add(packageSeal().Bytes())
	f.Add(runSeal().Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseSeal(b); err == nil && string(s.Bytes()) != string(b) {
			t.Fatal("accepted what it would not write")
		}
	})
}
