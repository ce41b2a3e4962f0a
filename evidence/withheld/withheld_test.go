package withheld

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"
)

func encrypt(t *testing.T, plain string, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A register is opened by its identity, of either kind, and by no other; and once
// it counts as destroyed by none.
func TestOpen(t *testing.T) {
	mine, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := agessh.NewEd25519Recipient(signer.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	repo := fstest.MapFS{
		"registers/people.csv.age":  {Data: encrypt(t, "id,name\n1,Ada\n", mine.Recipient(), recipient)},
		"registers/people.csv.yaml": {Data: []byte("- x\n")},
		"records/x.md":              {Data: []byte("---\n")},
	}
	for _, c := range []struct {
		name, identity string
		destroyed      map[string]string
		change         func(fstest.MapFS)
		why            string // "" when it is opened
	}{
		{name: "X25519", identity: mine.String()},
		{name: "several, with comments", identity: "# old\n" + other.String() + "\n# new\n" + mine.String() + "\n"},
		{name: "OpenSSH", identity: string(pem.EncodeToMemory(block))},
		{name: "of somebody else", identity: other.String(), why: "none of the identities given opens it"},
		{name: "none", why: "no identity was given"},
		{name: "destroyed", identity: mine.String(), destroyed: map[string]string{"registers/people.csv.age": "destroyed on 2026-12-01"}, why: "destroyed on 2026-12-01"},
		{name: "plain beside it", identity: mine.String(), change: func(m fstest.MapFS) { m["registers/people.csv"] = &fstest.MapFile{Data: []byte("x")} }, why: "stands beside it unencrypted"},
		{name: "cut short", identity: mine.String(), change: func(m fstest.MapFS) {
			m["registers/people.csv.age"] = &fstest.MapFile{Data: m["registers/people.csv.age"].Data[:len(m["registers/people.csv.age"].Data)-4]}
		}, why: "cannot be opened"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := fstest.MapFS{}
			for k, v := range repo {
				m[k] = v
			}
			if c.change != nil {
				c.change(m)
			}
			var ids Keys
			if c.identity != "" {
				var err error
				if ids, err = Identities([]byte(c.identity)); err != nil {
					t.Fatal(err)
				}
			}
			v, list, err := Open(m, ids, c.destroyed)
			if err != nil || len(list) != 1 || len(list[0].Sum) != 64 || !strings.Contains(list[0].Why, c.why) || (c.why == "") != (list[0].Why == "") {
				t.Fatalf("%v %+v", err, list)
			}
			b, err := fs.ReadFile(v, "registers/people.csv")
			if c.why == "" && (err != nil || string(b) != "id,name\n1,Ada\n") {
				t.Errorf("%q %v", b, err)
			}
			if c.why != "" && err == nil && string(b) != "x" {
				t.Errorf("it was opened: %q", b)
			}
			if c.why == "" {
				if err := fstest.TestFS(v, "registers/people.csv", "registers/people.csv.age", "records/x.md"); err != nil && !strings.Contains(err.Error(), "ModTime") {
					t.Error(err)
				}
			}
		})
	}
	for _, bad := range []string{"", "AGE-SECRET-KEY-1X", "x"} {
		if _, err := Identities([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
