package seal

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func (f files) zip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, WriteZip(&b, maps.All(f)))
	return b.Bytes()
}

func openZip(b []byte) (fs.FS, error) { return OpenZip(bytes.NewReader(b), int64(len(b))) }

func TestZip(t *testing.T) {
	c := newCompany()
	f := c.pack(t, 2)
	f["README.txt"] = []byte("read me")
	f.reseal(t, c.key, nil)
	b := f.zip(t)
	if !bytes.Equal(b, f.zip(t)) {
		t.Error("the same files give two zips")
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	var names []string
	for _, e := range z.File {
		names = append(names, e.Name)
		if e.Mode() != 0o644 || e.Modified.UTC().Format("2006-01-02T15:04") != "1980-01-01T00:00" {
			t.Errorf("%s: %v %v", e.Name, e.Mode(), e.Modified)
		}
	}
	if !slices.Equal(names[:3], []string{"index.html", "README.txt", "VERIFY.txt"}) || !slices.IsSorted(names[3:]) {
		t.Errorf("order %q", names)
	}
	fsys, err := openZip(b)
	must(t, err)
	r, err := Verify(fsys, Options{AllowedSigners: signersOf(c.key)})
	must(t, err)
	if !r.OK() || r.State(LevelContent) != Held {
		t.Error(text(r))
	}
	for name, bad := range map[string]files{"bad name": {"a b": nil}, "case twins": {"a": nil, "A": nil}} {
		if err := WriteZip(io.Discard, maps.All(bad)); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// Zips that other tools made of a package folder open too.
func TestZipOfOtherTools(t *testing.T) {
	if _, err := exec.LookPath("zip"); err != nil {
		t.Skip("no zip here")
	}
	c := newCompany()
	dir := c.pack(t, 2).write(t, filepath.Join(t.TempDir(), "package"))
	for name, command := range map[string]string{
		"contents":  "zip -q -r ../x.zip .",
		"folder":    "cd .. && zip -q -r x.zip package",
		"streamed":  "zip -q -r - . > ../x.zip",
		"stored":    "zip -q -0 -r ../x.zip .",
		"no folder": "zip -q -D -r ../x.zip .",
	} {
		path := filepath.Join(dir, "../x.zip")
		_ = os.Remove(path) // zip would add to it
		if out, err := shell(t, dir, command); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		b, err := os.ReadFile(path)
		must(t, err)
		fsys, err := openZip(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r, err := Verify(Inside(fsys), Options{AllowedSigners: signersOf(c.key)})
		must(t, err)
		if !r.OK() {
			t.Errorf("%s:\n%s", name, text(r))
		}
	}
}

// zipEntry is an entry as an attacker would write it.
type zipEntry struct {
	name   string
	body   string
	mode   fs.FileMode
	change func(*zip.FileHeader)
}

func rawZip(t testing.TB, entries ...zipEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(e.body)),
			CompressedSize64: uint64(len(e.body)), UncompressedSize64: uint64(len(e.body))}
		h.SetMode(e.mode | 0o644)
		if e.change != nil {
			e.change(h)
		}
		w, err := z.CreateRaw(h)
		must(t, err)
		_, err = w.Write([]byte(e.body))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func TestOpenZipRefuses(t *testing.T) {
	good := rawZip(t, zipEntry{name: "a/"}, zipEntry{name: "a/b", body: "hello"}, zipEntry{name: "c", body: "world"})
	if _, err := openZip(good); err != nil {
		t.Fatal(err)
	}
	change := func(old, new string, last bool) []byte {
		b := bytes.Clone(good)
		i := bytes.Index(b, []byte(old))
		if last {
			i = bytes.LastIndex(b, []byte(old))
		}
		copy(b[i:], new)
		return b
	}
	header := bytes.Index(good, []byte("PK\x01\x02"))
	for name, b := range map[string][]byte{
		"nothing":              nil,
		"no zip":               []byte("hello"),
		"absolute":             rawZip(t, zipEntry{name: "/a"}),
		"dot dot":              rawZip(t, zipEntry{name: "../a"}),
		"dot dot inside":       rawZip(t, zipEntry{name: "a/../../b"}),
		"dot dot folder":       rawZip(t, zipEntry{name: "../"}),
		"backslash":            rawZip(t, zipEntry{name: "..\\a"}),
		"drive":                rawZip(t, zipEntry{name: "C:/a"}),
		"twice":                rawZip(t, zipEntry{name: "a"}, zipEntry{name: "a"}),
		"folder twice":         rawZip(t, zipEntry{name: "a/"}, zipEntry{name: "a/"}),
		"case twins":           rawZip(t, zipEntry{name: "a"}, zipEntry{name: "A"}),
		"folder case twins":    rawZip(t, zipEntry{name: "a/"}, zipEntry{name: "A/"}),
		"file and folder":      rawZip(t, zipEntry{name: "a"}, zipEntry{name: "a/"}),
		"file and folder of":   rawZip(t, zipEntry{name: "a"}, zipEntry{name: "a/b"}),
		"symlink":              rawZip(t, zipEntry{name: "a", body: "/etc/passwd", mode: fs.ModeSymlink}),
		"device":               rawZip(t, zipEntry{name: "a", mode: fs.ModeDevice}),
		"pipe":                 rawZip(t, zipEntry{name: "a", mode: fs.ModeNamedPipe}),
		"folder with bytes":    bytes.ReplaceAll(rawZip(t, zipEntry{name: "ab", body: "x"}), []byte("ab"), []byte("a/")),
		"encrypted":            rawZip(t, zipEntry{name: "a", change: func(h *zip.FileHeader) { h.Flags |= 1 }}),
		"method":               rawZip(t, zipEntry{name: "a", change: func(h *zip.FileHeader) { h.Method = 99 }}),
		"bomb":                 rawZip(t, zipEntry{name: "a", body: "xx", change: func(h *zip.FileHeader) { h.Method = zip.Deflate; h.UncompressedSize64 = 1 << 40 }}),
		"two sizes":            rawZip(t, zipEntry{name: "a", body: "xx", change: func(h *zip.FileHeader) { h.UncompressedSize64 = 5 }}),
		"other local name":     change("a/b", "a/x", false),
		"other central name":   change("a/b", "a/x", true),
		"other local checksum": change("\x86\xa6\x10\x36", "\x86\xa6\x10\x37", false),
		"bytes before":         append([]byte("MZ other program"), good...),
		"bytes after":          append(bytes.Clone(good), "x"...),
		"bytes in between":     slices.Concat(good[:header], []byte("hidden"), good[header:]),
		"cut":                  good[:len(good)-1],
		"overlap":              overlapping(t),
		"another name":         rawZip(t, zipEntry{name: "a", body: "x", change: func(h *zip.FileHeader) { h.Extra = []byte("\x75\x70\x06\x00\x01\x00\x00\x00\x00b") }}),
		"another size": rawZip(t, zipEntry{name: "a", body: "x", change: func(h *zip.FileHeader) {
			h.Extra = []byte("\x01\x00\x10\x00\x09\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00")
		}}),
		"two dates":        rawZip(t, zipEntry{name: "a", body: "x", change: func(h *zip.FileHeader) { h.Extra = []byte("UT\x01\x00\x00UT\x01\x00\x00") }}),
		"extra of no kind": rawZip(t, zipEntry{name: "a", body: "x", change: func(h *zip.FileHeader) { h.Extra = []byte("\xfe\xca\x00\x00") }}),
		"extra cut short":  rawZip(t, zipEntry{name: "a", body: "x", change: func(h *zip.FileHeader) { h.Extra = []byte("UT\x05\x00\x00") }}),
	} {
		if fsys, err := openZip(b); err == nil {
			var names []string
			_ = fs.WalkDir(fsys, ".", func(p string, _ fs.DirEntry, _ error) error { names = append(names, p); return nil })
			t.Errorf("%s: opened, with %q", name, names)
		} else if !strings.HasPrefix(err.Error(), "opening the zip: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// overlapping lets the directory name one local entry twice, the trick of the
// zip bombs that need no nesting.
func overlapping(t *testing.T) []byte {
	b := rawZip(t, zipEntry{name: "a", body: "hello"}, zipEntry{name: "b", body: "hello"})
	second := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[second+42:], 0) // offset of its local header
	return b
}

// A size that is only a little wrong is found when the bytes are read.
func TestZipSizesAreHeld(t *testing.T) {
	c := newCompany()
	f := c.pack(t, 1)
	b := f.zip(t)
	for i := range b {
		flipped := bytes.Clone(b)
		flipped[i] ^= 0x11
		fsys, err := openZip(flipped)
		if err != nil {
			continue
		}
		r, err := Verify(fsys, Options{AllowedSigners: signersOf(c.key)})
		must(t, err)
		if !r.OK() {
			continue
		}
		// What verifies in spite of a flipped byte (a date, an attribute) must
		// hold the same files.
		for path, want := range f {
			got, err := fs.ReadFile(fsys, path)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("byte %d flipped: %s reads as something else: %v", i, path, err)
			}
		}
	}
}

func FuzzOpenZip(f *testing.F) {
	f.Add(files{"a/b": []byte("hello"), "c": nil}.zip(f))
	f.Add(rawZip(f, zipEntry{name: "a/"}, zipEntry{name: "a/b", body: "hello"}))
	f.Add(newCompany().pack(f, 1).zip(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		fsys, err := openZip(b)
		if err != nil {
			return
		}
		// Whatever opens can be walked, holds plain files with allowed names
		// only, and can be verified without trouble.
		err = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if p != "." && CheckPath(p) != nil || !d.IsDir() && !d.Type().IsRegular() {
				t.Fatalf("opened a zip with %q, %v", p, d.Type())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(Inside(fsys), Options{}); err != nil {
			t.Fatal(err)
		}
	})
}
