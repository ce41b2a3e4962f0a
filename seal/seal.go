package seal

import (
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

// The two kinds of seal.
const (
	KindRun     = "run"
	KindPackage = "package"
)

const (
	sealHeader   = "# Exhibit seal v1"
	sampleHeader = "# SAMPLE: invented data for demonstration, not evidence about any organisation"
	none         = "none"
	clockLayout  = "2006-01-02T15:04:05Z"
	runLayout    = "20060102T150405Z"
)

// Seal is a SEAL.txt; the package comment shows one.
type Seal struct {
	Kind          string    // KindRun or KindPackage
	Sample        bool      // over invented data; every verifier shows it
	Organisation  string    // never empty
	Period        string    // "2026-01-01..2026-12-31"; empty for a run
	Run           string    // the run, or the newest run in the package
	Commit        string    // for a run the commit it was made on, "" for the first; for a package the commit it was rendered from
	Chain         string    // hex SHA-256 of the SEAL.txt of Run; empty for a run
	Previous      string    // hex SHA-256 of the SEAL.txt before; "" for the first run, and for a package that names no earlier package
	PreviousToken string    // hex SHA-256 of the timestamp token before; "" if there was none
	Claimed       time.Time // what the clock of the sealing machine said: a claim, in whole seconds
	Tool          string    // "exhibit 0.1.0"
	Files         int       // lines of the manifest
	Root          [32]byte  // Merkle root of the manifest
	Reviewers     int       // how many second signatures, by reviewers, the one who sealed asks for; 0: none
	For           string    // for whom a package was made that withholds something; "" for one that withholds nothing
	Full          string    // hex SHA-256 of the SEAL.txt of the package that withholds nothing, which lies in full/; "" as For
	SumsPath      string    // "SHA256SUMS" in a package, "runs/<name>/SHA256SUMS" in a run
	Sums          [32]byte  // SHA-256 of the manifest
}

// Bytes is the SEAL.txt.
func (s Seal) Bytes() []byte {
	var b strings.Builder
	b.WriteString(sealHeader + "\n")
	if s.Sample {
		b.WriteString(sampleHeader + "\n")
	}
	for _, f := range append(s.fields(), s.further()...) {
		fmt.Fprintf(&b, "# %s: %s\n", f.name, f.value)
	}
	fmt.Fprintf(&b, "%x  %s\n", s.Sums, s.SumsPath)
	return []byte(b.String())
}

type field struct{ name, value string }

// fields are the headers in their order; absent is written "none" so that no
// header can go missing unseen.
func (s Seal) fields() []field {
	or := func(v string) string {
		if v == "" {
			return none
		}
		return v
	}
	return []field{
		{"kind", s.Kind},
		{"organisation", s.Organisation},
		{"period", or(s.Period)},
		{"run", s.Run},
		{"commit", or(s.Commit)},
		{"chain", or(s.Chain)},
		{"previous", or(s.Previous)},
		{"previous token", or(s.PreviousToken)},
		{"claimed", s.Claimed.UTC().Format(clockLayout)},
		{"tool", s.Tool},
		{"files", strconv.Itoa(s.Files)},
		{"root", hex.EncodeToString(s.Root[:])},
	}
}

// further are the headers that only some seals have: those of a package of which
// something is withheld, and of a seal that asks for reviewers.
func (s Seal) further() (out []field) {
	if s.Reviewers != 0 {
		out = append(out, field{"reviewers", strconv.Itoa(s.Reviewers)})
	}
	if s.For != "" || s.Full != "" {
		out = append(out, field{"for", s.For}, field{"full", s.Full})
	}
	return out
}

// ParseSeal reads a SEAL.txt and accepts only what Bytes would write.
func ParseSeal(b []byte) (Seal, error) {
	lines := strings.Split(string(b), "\n")
	if lines[0] != sealHeader {
		return Seal{}, fmt.Errorf("line 1: not %q", sealHeader)
	}
	if lines[len(lines)-1] != "" {
		return Seal{}, fmt.Errorf("line %d: no line end at the end of the file", len(lines))
	}
	lines = lines[:len(lines)-1]
	var s Seal
	n := 1
	if n < len(lines) && lines[n] == sampleHeader {
		s.Sample = true
		n++
	}
	values := map[string]string{}
	for _, f := range (Seal{}).fields() {
		if n >= len(lines) {
			return Seal{}, fmt.Errorf("line %d: no %q", n+1, "# "+f.name+":")
		}
		value, ok := strings.CutPrefix(lines[n], "# "+f.name+": ")
		if !ok {
			return Seal{}, fmt.Errorf("line %d: %q where %q belongs", n+1, shorten(lines[n]), "# "+f.name+":")
		}
		values[f.name] = value
		n++
	}
	for _, name := range []string{"reviewers", "for", "full"} {
		if n < len(lines) {
			if value, ok := strings.CutPrefix(lines[n], "# "+name+": "); ok {
				values[name] = value
				n++
			}
		}
	}
	if n != len(lines)-1 {
		return Seal{}, fmt.Errorf("line %d: one line with the hash of SHA256SUMS belongs after the headers, and nothing else", n+1)
	}
	sums, err := parseLine([]byte(lines[n]))
	if err != nil {
		return Seal{}, fmt.Errorf("line %d: %w", n+1, err)
	}
	s.SumsPath, s.Sums = sums.Path, sums.Sum
	if err := s.read(values); err != nil {
		return Seal{}, err
	}
	if err := s.check(); err != nil {
		return Seal{}, err
	}
	if string(s.Bytes()) != string(b) {
		return Seal{}, fmt.Errorf("not written as exhibit writes a seal")
	}
	return s, nil
}

func (s *Seal) read(values map[string]string) (err error) {
	or := func(v string) string {
		if v == none {
			return ""
		}
		return v
	}
	s.Kind, s.Organisation, s.Run, s.Tool = values["kind"], values["organisation"], values["run"], values["tool"]
	s.Period, s.Commit, s.Chain = or(values["period"]), or(values["commit"]), or(values["chain"])
	s.Previous, s.PreviousToken = or(values["previous"]), or(values["previous token"])
	if s.Claimed, err = time.Parse(clockLayout, values["claimed"]); err != nil {
		return fmt.Errorf("claimed: not a time like 2026-04-01T06:00:00Z: %q", values["claimed"])
	}
	if s.Files, err = strconv.Atoi(values["files"]); err != nil {
		return fmt.Errorf("files: not a number: %q", values["files"])
	}
	if s.Root, err = parseHash(values["root"]); err != nil {
		return fmt.Errorf("root: %w", err)
	}
	s.For, s.Full = values["for"], values["full"]
	if n, has := values["reviewers"]; has {
		if s.Reviewers, err = strconv.Atoi(n); err != nil || s.Reviewers < 1 {
			return fmt.Errorf("reviewers: not a number from 1 to %d: %q", MaxReviews, shorten(n))
		}
	}
	return nil
}

// check is what both the writer and the reader ask of a seal.
func (s Seal) check() error {
	for _, f := range append(s.fields(), s.further()...) {
		if !plain(f.value) || strings.TrimSpace(f.value) != f.value || f.value == "" {
			return fmt.Errorf("%s: %q is empty or has spaces around it or a character that does not show", f.name, f.value)
		}
	}
	if _, _, err := ParseRunName(s.Run); err != nil {
		return err
	}
	for _, f := range []field{{"chain", s.Chain}, {"previous", s.Previous}, {"previous token", s.PreviousToken}, {"full", s.Full}} {
		if f.value == "" {
			continue
		}
		if _, err := parseHash(f.value); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if s.Commit != "" && !isCommit(s.Commit) {
		return fmt.Errorf("commit: not 40 or 64 lower-case hex digits: %q", s.Commit)
	}
	if y := s.Claimed.UTC().Year(); y < 1 || y > 9999 {
		return fmt.Errorf("claimed: no such year: %d", y)
	}
	if s.Files < 1 {
		return fmt.Errorf("files: a seal over %d files", s.Files)
	}
	if s.Reviewers < 0 || s.Reviewers > MaxReviews {
		return fmt.Errorf("reviewers: not a number from 1 to %d: %d", MaxReviews, s.Reviewers)
	}
	switch s.Kind {
	case KindRun:
		if s.For != "" || s.Full != "" {
			return fmt.Errorf("a run withholds nothing: only a package may")
		}
		if s.Period != "" || s.Chain != "" {
			return fmt.Errorf("a run has neither a period nor a chain: only a package has")
		}
		if want := path.Join("runs", s.Run, "SHA256SUMS"); s.SumsPath != want {
			return fmt.Errorf("the seal of run %s is over %q, not %q", s.Run, s.SumsPath, want)
		}
	case KindPackage:
		if s.Chain == "" || s.Commit == "" {
			return fmt.Errorf("a package names the commit and the run it was made from")
		}
		if s.SumsPath != "SHA256SUMS" {
			return fmt.Errorf("the seal of a package is over %q, not \"SHA256SUMS\"", s.SumsPath)
		}
		return checkPeriod(s.Period)
	default:
		return fmt.Errorf("kind: %q is neither %q nor %q", s.Kind, KindRun, KindPackage)
	}
	return nil
}

func checkPeriod(p string) error {
	from, to, ok := strings.Cut(p, "..")
	a, err1 := time.Parse(time.DateOnly, from)
	b, err2 := time.Parse(time.DateOnly, to)
	if !ok || err1 != nil || err2 != nil || b.Before(a) {
		return fmt.Errorf("period: not like 2026-01-01..2026-12-31: %q", p)
	}
	return nil
}

func isCommit(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// RunName is the name of a run: its number and the time it began, as in
// 0004-20261001T060000Z.
func RunName(number int, began time.Time) string {
	return fmt.Sprintf("%04d-%s", number, began.UTC().Format(runLayout))
}

// ParseRunName is the inverse of RunName.
func ParseRunName(name string) (number int, began time.Time, err error) {
	num, at, _ := strings.Cut(name, "-")
	number, err1 := strconv.Atoi(num)
	began, err2 := time.Parse(runLayout, at)
	if err1 != nil || err2 != nil || number < 1 || RunName(number, began) != name {
		return 0, time.Time{}, fmt.Errorf("run: not a name like 0004-20261001T060000Z: %q", shorten(name))
	}
	return number, began, nil
}
