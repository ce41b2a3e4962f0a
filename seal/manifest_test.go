package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strings"
	"testing"
)

func TestCheckPath(t *testing.T) {
	for _, p := range []string{"a", "index.html", "artifacts/CC6-access-control/users.csv", ".well-known/x", "a@b=c+d_e-f", "console.txt", "com/port", "evidence/aws/1/global/x.jsonl"} {
		if err := CheckPath(p); err != nil {
			t.Errorf("refused %q: %v", p, err)
		}
	}
	for _, p := range []string{"", "/a", "a/", "a//b", "../a", "a/..", "./a", ".", "a b", "a\\b", "a:b", "é", "a\nb", "a\x00", "a*",
		"con", "CON.txt", "x/nul", "x/Com1.log.gz", "lpt9", "aux/x", "-rf", "x/-y", "a.", "x./y", strings.Repeat("x", 256), "\u202Etxt.exe"} {
		if CheckPath(p) == nil {
			t.Errorf("accepted %q", p)
		}
	}
}

func TestNewManifest(t *testing.T) {
	m, err := NewManifest(maps.All(map[string][]byte{"b": nil, "a/z": []byte("1"), "a-": []byte("2"), "a.b": []byte("3"), "B2": nil}))
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, e := range m {
		order = append(order, e.Path)
	}
	if got := strings.Join(order, " "); got != "B2 a- a.b a/z b" {
		t.Errorf("order %q", got)
	}
	back, err := ParseManifest(m.Bytes())
	if err != nil || string(back.Bytes()) != string(m.Bytes()) {
		t.Errorf("does not read back: %v", err)
	}
	for name, files := range map[string]map[string][]byte{
		"nothing":           {},
		"case twins":        {"a/readme": nil, "a/README": nil},
		"folder case twins": {"a/x": nil, "A/y": nil},
		"file and folder":   {"a": nil, "a/b": nil},
		"file and FOLDER":   {"a/b": nil, "A": nil},
		"deep folder twins": {"a/b/c/d": nil, "a/B/c/e": nil},
		"bad path":          {"../x": nil},
	} {
		if _, err := NewManifest(maps.All(files)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestParseManifestRefuses(t *testing.T) {
	h := strings.Repeat("0a", 32)
	for name, c := range map[string]struct{ text, says string }{
		"empty":             {"", "empty"},
		"only a line end":   {"\n", "line 1: an empty line"},
		"no line end":       {h + "  a", "line 1: no line end"},
		"no second end":     {h + "  a\n" + h + "  b", "line 2: no line end"},
		"CR":                {h + "  a\r\n", "line 1: a Windows line end"},
		"upper case":        {strings.ToUpper(h) + "  a\n", "line 1: not 64 lower-case"},
		"one space":         {h + " aa\n", "line 1: not 64 hex"},
		"binary":            {h + " *a\n", "line 1: binary mode"},
		"three spaces":      {h + "   a\n", "line 1: path"},
		"backslash":         {"\\" + h + "  a\\nb\n", "line 1: a file name with escapes"},
		"unsorted":          {h + "  b\n" + h + "  a\n", "line 2: \"a\" after \"b\": not sorted"},
		"twice":             {h + "  a\n" + h + "  a\n", "line 2: path \"a\" is there twice"},
		"case twins":        {h + "  A\n" + h + "  a\n", "line 2: paths \"A\" and \"a\" differ only in case"},
		"folder and file":   {h + "  A/b\n" + h + "  a\n", "line 2: \"A\" is both"},
		"comment":           {"# x\n" + h + "  a\n", "line 1: not 64"},
		"dot dot":           {h + "  ../a\n", "line 1: path"},
		"absolute":          {h + "  /a\n", "line 1: path"},
		"empty line inside": {h + "  a\n\n" + h + "  b\n", "line 2: an empty line"},
		"short hash":        {h[:62] + "  aaaaaa\n", "line 1: not 64"},
		"byte order mark":   {"\ufeff" + h + "  a\n", "line 1: not 64"},
	} {
		_, err := ParseManifest([]byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.says) && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// The roots of RFC 6962's tree for 1, 2, 3 and 7 lines, built by hand here.
func TestRoot(t *testing.T) {
	leaf := func(e Entry) []byte {
		h := sha256.Sum256(append([]byte{0}, hex.EncodeToString(e.Sum[:])+"  "+e.Path...))
		return h[:]
	}
	node := func(l, r []byte) []byte {
		h := sha256.Sum256(append(append([]byte{1}, l...), r...))
		return h[:]
	}
	var m Manifest
	var l [][]byte
	for _, p := range strings.Split("abcdefg", "") {
		e := Entry{p, sha256.Sum256([]byte(p))}
		m, l = append(m, e), append(l, leaf(e))
	}
	for n, want := range map[int][]byte{
		1: l[0],
		2: node(l[0], l[1]),
		3: node(node(l[0], l[1]), l[2]),
		7: node(node(node(l[0], l[1]), node(l[2], l[3])), node(node(l[4], l[5]), l[6])),
	} {
		if got := m[:n].Root(); string(got[:]) != string(want) {
			t.Errorf("%d lines: %x, want %x", n, got, want)
		}
	}
	if got := (Manifest{}).Root(); hex.EncodeToString(got[:]) != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("empty tree: %x", got)
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 漢字":       "plain é 漢字",
		"a\u202Eb":         "a<U+202E>b",
		"\x1b[31mred":      "<U+001B>[31mred",
		"a\nb\tc":          "a<U+000A>b<U+0009>c",
		"\xff":             "<0xFF>",
		"z\u200bw\ufeff":   "z<U+200B>w<U+FEFF>",
		"\u2028\U000e0041": "<U+2028><U+E0041>",
	} {
		if got := Visible(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	h := strings.Repeat("0a", 32)
	f.Add([]byte(h + "  a\n" + h + "  b/c\n"))
	f.Add([]byte(h + "  A\n" + h + "  a\n"))
	f.Add([]byte("\\" + h + "  a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		if string(m.Bytes()) != string(b) {
			t.Fatal("accepted what it would not write")
		}
		if err := m.check(); err != nil {
			t.Fatalf("accepted what it would not seal: %v", err)
		}
	})
}
