package seal

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testP256 is a key anybody can make.
func testP256(t testing.TB, letter byte) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{letter}, 32))
	must(t, err)
	return k
}

// ecSignature is deterministic (RFC 6979), in SSH's form.
func ecSignature(t testing.TB, k *ecdsa.PrivateKey, data []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(data)
	der, err := k.Sign(nil, sum[:], crypto.SHA256)
	must(t, err)
	pub, err := P256(&k.PublicKey)
	must(t, err)
	sig, err := KMSSignature(pub, der)
	must(t, err)
	w := wire{rest: sig}
	w.string()
	return w.string()
}

func p256Key(t testing.TB, letter byte) Key {
	t.Helper()
	k := testP256(t, letter)
	pub, err := P256(&k.PublicKey)
	must(t, err)
	return HeldKey(pub, func(data []byte) ([]byte, error) {
		return appendString(appendString(nil, KindP256), ecSignature(t, k, data)), nil
	})
}

// securityKey is what a FIDO key does (OpenSSH, PROTOCOL.u2f).
func securityKey(t testing.TB, kind string, flags byte, counter uint32) Key {
	t.Helper()
	const application = "ssh:exhibit"
	blob := appendString(nil, kind)
	if kind == KindSKEd25519 {
		blob = appendString(blob, testKey('s').Public().(ed25519.PublicKey))
	} else {
		point, err := testP256(t, 's').PublicKey.Bytes()
		must(t, err)
		blob = appendString(appendString(blob, nistp256), point)
	}
	_, pub, err := ParsePublicKey(appendString(blob, application))
	must(t, err)
	return HeldKey(pub, func(data []byte) ([]byte, error) {
		app, sum := sha256.Sum256([]byte(application)), sha256.Sum256(data)
		tail := binary.BigEndian.AppendUint32([]byte{flags}, counter)
		signed := bytes.Join([][]byte{app[:], tail, sum[:]}, nil)
		sig := appendString(nil, kind)
		if kind == KindSKEd25519 {
			sig = appendString(sig, ed25519.Sign(testKey('s'), signed))
		} else {
			sig = appendString(sig, ecSignature(t, testP256(t, 's'), signed))
		}
		return append(sig, tail...), nil
	})
}

// Every kind of key signs what ssh-keygen accepts, and what is made is refused
// after any change.
func TestKindsOfKey(t *testing.T) {
	message := []byte("text\n")
	for name, key := range map[string]Key{
		"file": FileKey(testKey('a')), "p256": p256Key(t, 'p'),
		"security key": securityKey(t, KindSKEd25519, 1, 7), "security key, p256": securityKey(t, KindSKP256, 5, 1<<31),
	} {
		t.Run(name, func(t *testing.T) {
			sig, err := key.Signed(NamespaceSeal, message)
			must(t, err)
			dir := t.TempDir()
			line := Signer{Principal: "seal@example.com", Namespaces: []string{NamespaceSeal}, Key: key.Public}.String()
			signers := writeFile(t, filepath.Join(dir, "allowed_signers"), []byte(line+"\n"))
			file := writeFile(t, filepath.Join(dir, "sig"), sig)
			if out, err := sshKeygen(t, message, "-Y", "verify", "-f", signers, "-I", "seal@example.com", "-n", NamespaceSeal, "-s", file); err != nil {
				t.Errorf("ssh-keygen: %v\n%s", err, out)
			}
			back, err := ParseAllowedSigners([]byte(line))
			if err != nil || back[0].Key != key.Public {
				t.Errorf("%v", err)
			}
			if k, err := ParseAuthorizedKey(AuthorizedKey(key.Public, "c")); err != nil || k != key.Public {
				t.Errorf("%v", err)
			}
			if _, err := VerifySignature(sig, []byte("Text\n"), NamespaceSeal); err == nil {
				t.Error("accepted another text")
			}
			for i := range sig {
				b := bytes.Clone(sig)
				b[i] ^= 1
				if by, err := VerifySignature(b, message, NamespaceSeal); err == nil && by == key.Public {
					t.Fatalf("accepted with byte %d changed", i)
				}
			}
		})
	}
}

func TestSecurityKeyWithoutTouch(t *testing.T) {
	for _, kind := range []string{KindSKEd25519, KindSKP256} {
		if _, err := securityKey(t, kind, 0, 7).Signed(NamespaceSeal, []byte("x")); err == nil || !strings.Contains(err.Error(), "nobody touched") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestKeyThatSignsWithAnother(t *testing.T) {
	k := FileKey(testKey('a'))
	k.Public = public(testKey('b'))
	if _, err := k.Signed(NamespaceSeal, []byte("x")); err == nil || !strings.Contains(err.Error(), "not of "+Fingerprint(k.Public)) {
		t.Error(err)
	}
	broken := p256Key(t, 'p')
	sign := broken.Sign
	broken.Sign = func(string, []byte) ([]byte, error) { return sign(NamespaceReview, []byte("x")) }
	if _, err := broken.Signed(NamespaceSeal, []byte("x")); err == nil {
		t.Error("believed a signature for another namespace")
	}
}

func TestKMSPublicKey(t *testing.T) {
	ec := testP256(t, 'p')
	der, err := x509.MarshalPKIXPublicKey(&ec.PublicKey)
	must(t, err)
	if k, err := KMSPublicKey(der); err != nil || k != p256Key(t, 'p').Public {
		t.Error(err)
	}
	der, err = x509.MarshalPKIXPublicKey(testKey('a').Public())
	must(t, err)
	k, err := KMSPublicKey(der)
	if err != nil || k != public(testKey('a')) {
		t.Error(err)
	}
	if sig, err := KMSSignature(k, ed25519.Sign(testKey('a'), []byte("x"))); err != nil || k.check([]byte("x"), sig) != nil {
		t.Error(err)
	}
	for name, bad := range map[string][]byte{"nothing": nil, "text": []byte("x"), "zero": {0x30, 6, 2, 1, 0, 2, 1, 1}, "more behind": {0x30, 6, 2, 1, 1, 2, 1, 1, 0}} {
		if _, err := KMSSignature(p256Key(t, 'p').Public, bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPublicHalf(t *testing.T) {
	for _, c := range []struct {
		args, kind string
		passphrase bool
	}{{"-t ed25519", KindEd25519, false}, {"-t ecdsa -b 256", KindP256, false}, {"-t ed25519 -N secret", KindEd25519, true}} {
		file := filepath.Join(t.TempDir(), "key")
		args := append([]string{"-q", "-f", file}, strings.Fields(c.args)...)
		if !c.passphrase {
			args = append(args, "-N", "")
		}
		if out, err := sshKeygen(t, nil, args...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		b, _ := os.ReadFile(file)
		pub, _ := os.ReadFile(file + ".pub")
		key, passphrase, err := PublicHalf(b)
		want, err2 := ParseAuthorizedKey(string(pub))
		if err != nil || err2 != nil || key != want || key.Kind() != c.kind || passphrase != c.passphrase {
			t.Errorf("%s: %v %v", c.args, err, err2)
		}
	}
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add(public(testKey('a')).Blob())
	f.Add(p256Key(f, 'p').Public.Blob())
	f.Add(securityKey(f, KindSKEd25519, 1, 1).Public.Blob())
	f.Add(securityKey(f, KindSKP256, 1, 1).Public.Blob())
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, key, err := ParsePublicKey(b)
		if err != nil || key.IsZero() {
			return
		}
		if !bytes.Equal(key.Blob(), b) || key.Kind() != kind {
			t.Fatal("does not read back")
		}
		if back, err := ParseAuthorizedKey(AuthorizedKey(key, "")); err != nil || back != key {
			t.Fatal(err)
		}
		if key.check([]byte("x"), b) == nil {
			t.Fatal("a key is a signature")
		}
	})
}

func FuzzParseAuthorizedKey(f *testing.F) {
	f.Add(AuthorizedKey(public(testKey('a')), "c"))
	f.Fuzz(func(t *testing.T, s string) {
		if key, err := ParseAuthorizedKey(s); err == nil && key.IsZero() {
			t.Fatal("no key and no error")
		}
	})
}

func TestMpint(t *testing.T) {
	for _, n := range []int64{1, 127, 128, 255, 256, 1 << 40} {
		w := wire{rest: appendMpint(nil, big.NewInt(n))}
		if got := w.mpint(); !w.done() || got.Int64() != n {
			t.Errorf("%d: %v", n, got)
		}
	}
	for _, b := range [][]byte{{}, {0}, {0x80}, {0, 1}, bytes.Repeat([]byte{1}, 34)} {
		w := wire{rest: appendString(nil, b)}
		if w.mpint() != nil {
			t.Errorf("%x: accepted", b)
		}
	}
}
