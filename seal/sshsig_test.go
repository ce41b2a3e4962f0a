package seal

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testKey is the key of one letter: the same in every run of the tests.
func testKey(letter byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{letter}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) PublicKey { return Ed25519(k.Public().(ed25519.PublicKey)) }

// sshKeygen skips the test where there is none.
func sshKeygen(t *testing.T, stdin []byte, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("no ssh-keygen here")
	}
	cmd := exec.Command("ssh-keygen", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func writeFile(t *testing.T, path string, b []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSSHKeygenReadsOurKey(t *testing.T) {
	dir := t.TempDir()
	key := testKey('a')
	file := writeFile(t, filepath.Join(dir, "key"), MarshalPrivateKey(key, "seal@example.com"))
	out, err := sshKeygen(t, nil, "-y", "-f", file)
	if err != nil || strings.TrimSpace(out) != AuthorizedKey(public(key), "seal@example.com") {
		t.Errorf("ssh-keygen -y: %v\n%s", err, out)
	}
	if out, err := sshKeygen(t, nil, "-l", "-f", file); err != nil || !strings.Contains(out, Fingerprint(public(key))) {
		t.Errorf("ssh-keygen -l: %v\n%swant %s", err, out, Fingerprint(public(key)))
	}
}

func TestSignIsWhatSSHKeygenWrites(t *testing.T) {
	dir := t.TempDir()
	key := testKey('a')
	file := writeFile(t, filepath.Join(dir, "key"), MarshalPrivateKey(key, "x"))
	for _, message := range []string{"", "hello\n", strings.Repeat("long ", 100000)} {
		path := writeFile(t, filepath.Join(dir, "message"), []byte(message))
		_ = os.Remove(path + ".sig") // ssh-keygen asks before it overwrites
		if out, err := sshKeygen(t, nil, "-Y", "sign", "-n", NamespaceSeal, "-f", file, path); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		theirs, err := os.ReadFile(path + ".sig")
		if err != nil {
			t.Fatal(err)
		}
		if ours := Sign(key, NamespaceSeal, []byte(message)); !bytes.Equal(ours, theirs) {
			t.Errorf("ours:\n%s\ntheirs:\n%s", ours, theirs)
		}
		if pub, err := VerifySignature(theirs, []byte(message), NamespaceSeal); err != nil || pub != public(key) {
			t.Errorf("verifying theirs: %v", err)
		}
	}
}

func TestVerifySignatureRefuses(t *testing.T) {
	message := []byte("text")
	sig := Sign(testKey('a'), NamespaceSeal, message)
	if _, err := VerifySignature(sig, []byte("Text"), NamespaceSeal); err == nil {
		t.Error("accepted another text")
	}
	if _, err := VerifySignature(sig, message, NamespaceReview); err == nil || !strings.Contains(err.Error(), `signed for "exhibit-seal-v1", not for "exhibit-review-v1"`) {
		t.Errorf("another namespace: %v", err)
	}
	for i := range sig {
		for _, flip := range []byte{1, 0x20, 0x80} {
			b := bytes.Clone(sig)
			b[i] ^= flip
			if _, err := VerifySignature(b, message, NamespaceSeal); err == nil {
				t.Fatalf("accepted with byte %d changed by %#x", i, flip)
			}
		}
	}
	for name, b := range map[string][]byte{
		"nothing":       nil,
		"text after":    append(bytes.Clone(sig), '\n'),
		"CR LF":         bytes.ReplaceAll(sig, []byte("\n"), []byte("\r\n")),
		"cut":           sig[:len(sig)/2],
		"a private key": MarshalPrivateKey(testKey('a'), ""),
	} {
		if _, err := VerifySignature(b, message, NamespaceSeal); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestVerifySignatureNamesOtherKeys(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"-t ecdsa -b 256", ""}, {"-t rsa -b 2048", `"ssh-rsa" key: Ed25519 and ECDSA P-256`}, {"-t ecdsa -b 384", `"ecdsa-sha2-nistp384" key`},
	} {
		dir := t.TempDir()
		key := filepath.Join(dir, "key")
		if out, err := sshKeygen(t, nil, append([]string{"-q", "-N", "", "-f", key}, strings.Fields(c.args)...)...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		message := writeFile(t, filepath.Join(dir, "m"), []byte("m"))
		if out, err := sshKeygen(t, nil, "-Y", "sign", "-n", NamespaceSeal, "-f", key, message); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		sig, _ := os.ReadFile(message + ".sig")
		_, err := VerifySignature(sig, []byte("m"), NamespaceSeal)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v", c.args, err)
		}
	}
	for _, c := range []struct{ args, says string }{
		{"-t ecdsa -N", `"ecdsa-sha2-nistp256" key; seals are signed with Ed25519`},
		{"-t rsa -b 2048 -N", `"ssh-rsa" key; seals are signed with Ed25519`},
		{"-t rsa -b 2048 -m PEM -N", `"RSA PRIVATE KEY" file`},
		{"-t ecdsa -m PKCS8 -N", `"PRIVATE KEY" file`},
		{"-t ed25519 -Z aes256-ctr -N secret", "has a passphrase"},
	} {
		file := filepath.Join(t.TempDir(), "key")
		args := append([]string{"-q", "-f", file}, strings.Fields(c.args)...)
		if strings.HasSuffix(c.args, "-N") {
			args = append(args, "")
		}
		if out, err := sshKeygen(t, nil, args...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		b, _ := os.ReadFile(file)
		if _, _, err := ParsePrivateKey(b); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "ssh-keygen -t ed25519") {
			t.Errorf("%s: %v", c.args, err)
		}
		b, _ = os.ReadFile(file + ".pub")
		if _, _, err := ParsePrivateKey(b); err == nil || !strings.Contains(err.Error(), "public half") {
			t.Errorf("%s: %v", c.args, err)
		}
	}
}

func TestPrivateKey(t *testing.T) {
	for _, comment := range []string{"", "a", "seal@example.com", strings.Repeat("x", 300)} {
		file := MarshalPrivateKey(testKey('b'), comment)
		key, back, err := ParsePrivateKey(file)
		if err != nil || !key.Equal(testKey('b')) || back != comment {
			t.Errorf("%q: %v", comment, err)
		}
		if !bytes.Equal(file, MarshalPrivateKey(testKey('b'), comment)) {
			t.Error("not the same file again")
		}
	}
	file := filepath.Join(t.TempDir(), "key")
	if out, err := sshKeygen(t, nil, "-q", "-t", "ed25519", "-N", "", "-C", "theirs", "-f", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, _ := os.ReadFile(file)
	key, comment, err := ParsePrivateKey(b)
	pub, _ := os.ReadFile(file + ".pub")
	if err != nil || AuthorizedKey(public(key), comment)+"\n" != string(pub) {
		t.Errorf("theirs: %v", err)
	}
	if _, _, err := ParsePrivateKey([]byte("PuTTY-User-Key-File-3: ssh-ed25519\n")); err == nil || !strings.Contains(err.Error(), "PuTTY") {
		t.Error(err)
	}
}

func FuzzVerifySignature(f *testing.F) {
	message := []byte("text")
	sig := Sign(testKey('a'), NamespaceSeal, message)
	f.Add(sig)
	f.Add(Sign(testKey('a'), NamespaceReview, message))
	f.Fuzz(func(t *testing.T, b []byte) {
		if pub, err := VerifySignature(b, message, NamespaceSeal); err == nil && pub == public(testKey('a')) && !bytes.Equal(b, sig) {
			t.Fatal("accepted another signature of the same key")
		}
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	f.Add(MarshalPrivateKey(testKey('a'), "x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		key, comment, err := ParsePrivateKey(b)
		if err != nil {
			return
		}
		if back, c, err := ParsePrivateKey(MarshalPrivateKey(key, comment)); err != nil || !back.Equal(key) || c != comment {
			t.Fatalf("does not read back: %v", err)
		}
	})
}
