package seal

import (
	"bytes"
	"encoding/binary"
	"maps"
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
