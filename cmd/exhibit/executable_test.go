package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"exhibit/seal"
)

// TestHash takes a kept sum only of the very file, and only one that the signing
// key vouches for.
func TestHash(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sums are kept on Linux alone")
	}
	dir := t.TempDir()
	exe, folder := filepath.Join(dir, "tool"), filepath.Join(dir, ".exhibit")
	key := seal.FileKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)))
	other := seal.FileKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)))
	sumOf := func(s string) string { b := sha256.Sum256([]byte(s)); return hex.EncodeToString(b[:]) }
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(exe, []byte(s), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	asked := func(want string) {
		t.Helper()
		sum := hash(exe, folder, key)
		got := <-sum
		<-sum // closed when all is kept
		if got != want {
			t.Errorf("the sum is %s, not %s", got, want)
		}
	}
	kept := filepath.Join(folder, "tool.sha256")

	write("one")
	asked(sumOf("one"))
	if _, err := os.Stat(kept); err == nil {
		t.Fatal("the sum of a file that had just changed was kept")
	}
	f, err := os.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	was, ok := identifyFile(f, exe)
	_ = f.Close()
	if !ok {
		t.Fatal("the file system says nothing of a file")
	}
	remember(kept, was, "kept", key)
	asked("kept") // the file is not read
	remember(kept, was, "forged", other)
	asked(sumOf("one"))
	remember(kept, was, "kept", key)
	b, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, bytes.Replace(b, []byte(`"kept"`), []byte(`"put"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	asked(sumOf("one"))

	remember(kept, was, "kept", key)
	write("two") // the same size; and the time of its last change set back
	if err := os.Chtimes(exe, time.Time{}, time.Unix(0, was.Modified)); err != nil {
		t.Fatal(err)
	}
	asked(sumOf("two"))
}
