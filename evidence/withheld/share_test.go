package withheld

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestShare(t *testing.T) {
	dir := t.TempDir()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	identity := map[string]string{"x25519": filepath.Join(dir, "x25519")}
	lines := []string{id.Recipient().String()}
	if err := os.WriteFile(identity["x25519"], []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"ed25519", "rsa"} {
		file := filepath.Join(dir, kind)
		if out, err := exec.Command("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", file).CombinedOutput(); err != nil {
			t.Skipf("no ssh-keygen here: %v %s", err, out)
		}
		pub, err := os.ReadFile(file + ".pub")
		if err != nil {
			t.Fatal(err)
		}
		identity[kind] = file
		lines = append(lines, string(pub))
	}
	var to []Recipient
	for _, l := range lines {
		r, err := ParseRecipient(l)
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		to = append(to, r)
	}
	var out bytes.Buffer
	w, err := Encrypt(&out, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "a package"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("age"); err != nil {
		t.Skip("no age here")
	}
	for kind, file := range identity {
		cmd := exec.Command("age", "-d", "-i", file)
		cmd.Stdin = bytes.NewReader(out.Bytes())
		if got, err := cmd.CombinedOutput(); err != nil || string(got) != "a package" {
			t.Errorf("%s: %v %q", kind, err, got)
		}
	}
}

func TestParseRecipientRefuses(t *testing.T) {
	for line, says := range map[string]string{
		"": "not age1", "age1x": "not an age recipient", "ssh-ed25519 x": "not a public key", "ecdsa-sha2-nistp256 AAAA": "not age1",
		"AGE-SECRET-KEY-1X": "secret key", "-----BEGIN OPENSSH PRIVATE KEY-----": "secret key",
	} {
		if _, err := ParseRecipient(line); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", line, err, says)
		}
	}
}

func FuzzParseRecipient(f *testing.F) {
	f.Add("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
	f.Add("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7xWn5j0F6i6o0b9bq8m1l2n3o4p5q6r7s8t9u0v1w2 a")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseRecipient(s); err == nil && r.Recipient == nil {
			t.Fatal("nobody, and no error")
		}
	})
}
