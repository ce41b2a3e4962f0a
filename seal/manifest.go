package seal

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
)

// Entry is one line of a manifest: the file and its SHA-256.
type Entry struct {
	Path string
	Sum  [32]byte
}

// Manifest is a SHA256SUMS, sorted by the bytes of the paths:
//
//	5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  README.txt
//	1121cfccd5913f0a63fec40a6ffd44ea64f9dc135c66634ba001d10bcf4302a2  artifacts/users.csv
type Manifest []Entry

// NewManifest lists the files, which may come in any order. It refuses paths
// that CheckPath refuses, paths that fall together where case is ignored, and
// an empty list: a seal over nothing would say that all is well.
func NewManifest(files iter.Seq2[string, []byte]) (Manifest, error) {
	var m Manifest
	for path, content := range files {
		m = append(m, Entry{path, sha256.Sum256(content)})
	}
	slices.SortFunc(m, func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m Manifest) check() error {
	if len(m) == 0 {
		return fmt.Errorf("the list of files is empty")
	}
	seen := newTwins(len(m))
	for i, e := range m {
		if err := CheckPath(e.Path); err != nil {
			return err
		}
		if i > 0 && m[i-1].Path > e.Path {
			return fmt.Errorf("%q after %q: not sorted", e.Path, m[i-1].Path)
		}
		if err := seen.add(e.Path); err != nil {
			return err
		}
	}
	return nil
}

// ParseManifest reads a SHA256SUMS and accepts only what Bytes would write.
// Errors name the line.
func ParseManifest(b []byte) (Manifest, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("the list of files is empty")
	}
	m := make(Manifest, 0, bytes.Count(b, []byte("\n")))
	seen := newTwins(cap(m))
	for n := 1; len(b) > 0; n++ {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		if !ended {
			return nil, fmt.Errorf("line %d: no line end at the end of the file", n)
		}
		e, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if n > 1 && m[n-2].Path > e.Path {
			return nil, fmt.Errorf("line %d: %q after %q: not sorted", n, e.Path, m[n-2].Path)
		}
		if err := seen.add(e.Path); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		m, b = append(m, e), rest
	}
	return m, nil
}

// parseLine reads "<64 hex digits>  <path>".
func parseLine(line []byte) (Entry, error) {
	var e Entry
	switch {
	case len(line) == 0:
		return e, fmt.Errorf("an empty line")
	case line[0] == '\\':
		return e, fmt.Errorf("a file name with escapes")
	case line[len(line)-1] == '\r':
		return e, fmt.Errorf("a Windows line end (CR LF); the file was converted on its way")
	case len(line) < 67:
		return e, fmt.Errorf("not 64 hex digits, two spaces and a path: %q", line)
	case line[64] == ' ' && line[65] == '*':
		return e, fmt.Errorf("binary mode (*): two spaces belong before the path")
	case line[64] != ' ' || line[65] != ' ':
		return e, fmt.Errorf("not 64 hex digits, two spaces and a path: %q", shorten(line))
	}
	sum, err := parseHash(string(line[:64]))
	if err != nil {
		return e, err
	}
	e = Entry{string(line[66:]), sum}
	return e, CheckPath(e.Path)
}

// parseHash reads 64 lower-case hex digits.
func parseHash(s string) (sum [32]byte, err error) {
	if len(s) != 64 {
		return sum, fmt.Errorf("not 64 hex digits: %q", shorten(s))
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return sum, fmt.Errorf("not 64 lower-case hex digits: %q", s)
		}
	}
	_, err = hex.Decode(sum[:], []byte(s))
	return sum, err
}

// shorten keeps an error readable when a file holds something else entirely.
func shorten[T ~string | ~[]byte](s T) string {
	if len(s) > 100 {
		return string(s[:100]) + "…"
	}
	return string(s)
}

// Bytes is the SHA256SUMS.
func (m Manifest) Bytes() []byte {
	var b []byte
	for _, e := range m {
		b = append(e.appendLine(b), '\n')
	}
	return b
}

func (e Entry) appendLine(b []byte) []byte {
	b = hex.AppendEncode(b, e.Sum[:])
	b = append(b, "  "...)
	return append(b, e.Path...)
}

// Root is the Merkle tree hash of RFC 6962 over the lines, each without its
// line end, so that one file can later be shown to belong to a seal without
// the others.
func (m Manifest) Root() [32]byte {
	if len(m) == 0 {
		return sha256.Sum256(nil)
	}
	if len(m) == 1 {
		return sha256.Sum256(m[0].appendLine([]byte{0}))
	}
	half := halfOf(len(m))
	left, right := m[:half].Root(), m[half:].Root()
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}
