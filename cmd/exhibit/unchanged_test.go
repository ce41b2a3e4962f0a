package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exhibit/internal/tampertest"
	"exhibit/seal"
)

// A package stays only where its folder holds, byte for byte, what was made, and only
// by what the key that seals vouches for; whatever else is there, it is rendered.
func TestStands(t *testing.T) {
	const from = "0123456789abcdef"
	dir := t.TempDir()
	p, err := tampertest.New(filepath.Join(dir, "out", "package"))
	if err != nil {
		t.Fatal(err)
	}
	keyOf := func(letter byte) seal.Key {
		return seal.FileKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{letter}, 32)))
	}
	jobOf := func(key seal.Key) *job {
		return &job{cfg: Config{dir: dir, Out: "out", Signing: Signing{Principal: tampertest.Principal}}, key: key}
	}
	j := jobOf(keyOf('a'))
	made := madeFrom{From: from, Package: "package", Sums: sumsOf(p.Dir), Outcome: outcome{Run: "0002", Exceptions: []string{"a check: 1 of 2 (high)"}}}
	j.rememberMade(made)
	stands := func(j *job) bool { _, _, ok := j.stands(from); return ok }
	if got, folder, ok := j.stands(from); !ok || folder != p.Dir || got.Outcome.Run != "0002" || len(got.Outcome.Exceptions) != 1 {
		t.Fatalf("the whole package does not stand: %v %v %+v", ok, folder, got)
	}
	if _, _, ok := j.stands("123456789abcdef0"); ok {
		t.Error("it stands for what it was not made from")
	}
	if stands(jobOf(keyOf('b'))) {
		t.Error("it stands for another key")
	}

	r := rand.New(rand.NewPCG(20261001, 3))
	whole, stood := p.Files(), 0
	for range 500 {
		c, err := p.Tamper(r)
		if err != nil {
			t.Fatal(err)
		}
		if stands(j) {
			stood++
			if got := filesIn(t, p.Dir); !maps.EqualFunc(got, whole, bytes.Equal) {
				t.Fatalf("%s: it stands", c.What)
			}
		}
		if err := p.Restore(); err != nil {
			t.Fatal(err)
		}
	}
	if stood > 100 || !stands(j) {
		t.Errorf("%d of 500 tamperings changed no file", stood)
	}
	token := filepath.Join(p.Dir, seal.TokenName)
	if err := os.WriteFile(token, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if stands(j) {
		t.Error("it stands with a token that it did not have")
	}
	if err := os.Remove(token); err != nil {
		t.Fatal(err)
	}

	path := j.madePath(from)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	forged := func(m madeFrom, key seal.Key) string {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := key.Sign(namespaceMade, text)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(keptMade{text, string(sig)})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	elsewhere, another := made, made
	elsewhere.Package, another.From = "../out/package", "fedcba9876543210"
	for name, text := range map[string]string{
		"empty": "", "no object": "[]", "cut short": string(good[:len(good)/2]), "another outcome": strings.Replace(string(good), "1 of 2", "0 of 2", 1),
		"no signature": forged(made, keyOf('a'))[:20] + "}", "another's signature": forged(made, keyOf('b')), "of another package": forged(another, keyOf('a')), "outside": forged(elsewhere, keyOf('a')),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if stands(j) {
			t.Errorf("%s: it stands", name)
		}
	}
	j.rememberMade(made)
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, good) || !stands(j) {
		t.Errorf("what is kept does not come again: %v", err)
	}
	again := made
	again.From = "00"
	j.rememberMade(again)
	if stands(j) {
		t.Error("two origins are kept of one folder")
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if stands(j) {
		t.Error("it stands by nothing")
	}
}

func filesIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[name], err = os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
