package seal

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"
)

// archive/zip takes the directory that lies right before the record at the end,
// whatever the record says; a program that believes the record reads another one.
func TestZipWhoseEndLies(t *testing.T) {
	var z bytes.Buffer
	must(t, WriteZip(&z, maps.All(newCompany().pack(t, 1))))
	if _, err := OpenZip(bytes.NewReader(z.Bytes()), int64(z.Len())); err != nil {
		t.Fatal(err)
	}
	end := z.Len() - 22
	for name, at := range map[string]int{"disk": 4, "disk of the directory": 6, "entries here": 8, "length of the directory": 12, "where the directory lies": 16} {
		b := bytes.Clone(z.Bytes())
		binary.LittleEndian.PutUint16(b[end+at:], binary.LittleEndian.Uint16(b[end+at:])+1)
		if _, err := OpenZip(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	// A second directory between the entries and the one that is read.
	dir := int64(binary.LittleEndian.Uint32(z.Bytes()[end+16:]))
	b := append(bytes.Clone(z.Bytes()[:dir]), z.Bytes()[dir:end]...)
	b = append(b, z.Bytes()[dir:]...)
	binary.LittleEndian.PutUint32(b[len(b)-6:], uint32(len(b)-22-(end-int(dir))))
	if _, err := OpenZip(bytes.NewReader(b), int64(len(b))); err == nil || !strings.Contains(err.Error(), "between the last entry and the directory") {
		t.Errorf("two directories: %v", err)
	}
}

// A field of an entry that only some programs obey, and bytes after the end of
// what is packed, which no program shows.
func TestZipThatHidesBytes(t *testing.T) {
	f := newCompany().pack(t, 1)
	for _, c := range []struct {
		name, says string
		extra      []byte
		after      string
	}{
		{name: "plain"},
		{name: "dates and owners", extra: []byte("UT\x05\x00\x01\x00\xa6\xce\x12ux\x01\x00\x01")},
		{name: "another name", extra: []byte("up\x0b\x00\x01\x00\x00\x00\x00evil.h"), says: "another name"},
		{name: "a field cut short", extra: []byte("UT\x09\x00\x01"), says: "another name"},
		{name: "bytes after the packed data", after: "hidden", says: "after the end of the packed data"},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, p := range slices.Sorted(maps.Keys(f)) {
			var packed bytes.Buffer
			w, err := flate.NewWriter(&packed, 9)
			must(t, err)
			_, err = w.Write(f[p])
			must(t, err)
			must(t, w.Close())
			h := &zip.FileHeader{Name: p, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(f[p]), UncompressedSize64: uint64(len(f[p]))}
			if p == usersPath {
				h.Extra = c.extra
				packed.WriteString(c.after)
			}
			h.CompressedSize64 = uint64(packed.Len())
			e, err := z.CreateRaw(h)
			must(t, err)
			_, err = e.Write(packed.Bytes())
			must(t, err)
		}
		must(t, z.Close())
		one := &nodeCase{Name: c.name, Reader: "zip", Input: b.Bytes(), Signers: signersOf(testKey('a'))}
		says := ""
		opened, err := OpenZip(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			says = err.Error()
		} else {
			r, err := Verify(opened, Options{AllowedSigners: one.Signers})
			must(t, err)
			if !r.OK() {
				says = text(r)
			}
		}
		if (says == "") != (c.says == "") || !strings.Contains(strings.Join(strings.Fields(says), " "), c.says) {
			t.Errorf("%s: %q", c.name, says)
		}
		if c.after != "" {
			continue // node's DecompressionStream passes over such bytes; the standard, and browsers, refuse them
		}
		askNode(t, []*nodeCase{one, {Name: "nothing", Reader: "zip"}, {Name: "a path", Reader: "path", Input: []byte("a")}})
	}
}
