package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"exhibit/evidence/store/objects"
)

// FuzzParseIndex: what is accepted is written back to the same entries, and
// nothing crashes.
func FuzzParseIndex(f *testing.F) {
	r := newRepo(f)
	for _, version := range []string{"2", "4"} {
		gitRun(f, r.dir, "update-index", "--index-version", version)
		b, err := os.ReadFile(filepath.Join(r.git.own, "index"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	gitRun(f, r.dir, "update-index", "--skip-worktree", "exhibit.yaml")
	b, err := os.ReadFile(filepath.Join(r.git.own, "index"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		// The checksum would stop every mutation at the door: leave it out, as
		// index.skipHash does.
		if len(b) > 20 {
			b = append(bytes.Clone(b[:len(b)-20]), make([]byte, 20)...)
		}
		entries, err := parseIndex(b)
		if err != nil {
			return
		}
		again, err := parseIndex(formatIndex(entries))
		if err != nil {
			t.Fatalf("not read back: %v", err)
		}
		if len(again) != len(entries) {
			t.Fatalf("%d entries, then %d", len(entries), len(again))
		}
		for i := range entries {
			entries[i].flags &^= flagExtended
			again[i].flags &^= flagExtended
			if entries[i] != again[i] {
				t.Fatalf("entry %d is %+v, then %+v", i, entries[i], again[i])
			}
		}
	})
}

func FuzzParseJournal(f *testing.F) {
	f.Add([]byte("exhibit journal v1\nrefs/heads/main\n1b7c0f7ad0f1e9f4f0a5b2a6c7d8e9fa0b1c2d3e\n9fa0b1c2d3e1b7c0f7ad0f1e9f4f0a5b2a6c7d8e\n"))
	f.Add([]byte("exhibit journal v1\nrefs/heads/../../x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		branch, _, to, ok := parseJournal(b)
		if !ok {
			return
		}
		if p := filepath.Join("/repo/.git", filepath.FromSlash(branch)); !bytes.HasPrefix([]byte(p), []byte("/repo/.git/refs/heads/")) {
			t.Errorf("%q leads to %s", branch, p)
		}
		if _, err := objects.ParseID(to.String()); err != nil {
			t.Error(err)
		}
	})
}
