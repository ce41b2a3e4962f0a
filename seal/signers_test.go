package seal

import (
	"strings"
	"testing"
	"time"
)

func TestParseAllowedSigners(t *testing.T) {
	key := AuthorizedKey(public(testKey('a')), "")
	signers, err := ParseAllowedSigners([]byte("# who\n\n" +
		"seal@example.com " + key + " a comment\n" +
		"a@x,b@x namespaces=\"exhibit-seal-v1,git\",valid-after=\"20260101\",valid-before=\"20270101060000Z\" " + key + "\r\n" +
		"\"with space\" NAMESPACES=\"exhibit-*\" " + key + "\n" +
		"ca@x cert-authority " + key + "\n" +
		"old@x ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQE=\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(signers) != 5 || signers[0].Line != 3 || signers[0].Principal != "seal@example.com" || signers[0].Key != public(testKey('a')) {
		t.Fatalf("%+v", signers)
	}
	two := signers[1]
	if !two.ValidAfter.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || !two.ValidBefore.Equal(time.Date(2027, 1, 1, 6, 0, 0, 0, time.UTC)) || len(two.Namespaces) != 2 {
		t.Errorf("%+v", two)
	}
	if signers[2].Principal != "with space" || !signers[3].Key.IsZero() || !signers[4].Key.IsZero() {
		t.Errorf("%+v", signers[2:])
	}
	for _, s := range signers[:3] {
		back, err := ParseAllowedSigners([]byte(s.String() + "\n"))
		if err != nil || len(back) != 1 || back[0].String() != s.String() {
			t.Errorf("%s: %v", s, err)
		}
	}
	in, before, after := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2027, 1, 1, 6, 0, 1, 0, time.UTC)
	if two.Allows(NamespaceSeal, in) != nil || two.Allows(NamespaceReview, in) == nil || two.Allows(NamespaceSeal, before) == nil || two.Allows(NamespaceSeal, after) == nil {
		t.Error("Allows")
	}
	if signers[2].Allows(NamespaceReview, in) != nil {
		t.Error("a pattern does not match")
	}
}

func TestParseAllowedSignersRefuses(t *testing.T) {
	key := AuthorizedKey(public(testKey('a')), "")
	for line, says := range map[string]string{
		"seal@example.com":                    "no public key",
		key:                                   "",
		"x " + key[:40]:                       "",
		"x ssh-ed25519 !!!!":                  "not base64",
		"x ssh-rsa " + strings.Fields(key)[1]: `says "ssh-rsa"`,
		"x namespace=\"a\" " + key:            `unknown option "namespace"`,
		"x namespaces=a " + key:               "double quotes",
		"x namespaces=\"a " + key:             "quote",
		"x namespaces=\"a\",namespaces=\"b\" " + key:                  "twice",
		"x namespaces=\"a\",,valid-after=\"2026\" " + key:             "empty option",
		"x valid-after=\"2026\" " + key:                               "not a time",
		"x valid-after=\"20260231\" " + key:                           "not a time",
		"x valid-after=\"20260301\",valid-before=\"20260201\" " + key: "not later",
		"x\u202e " + key: "no name",
	} {
		_, err := ParseAllowedSigners([]byte("# first\n" + line + "\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "line 2: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", line, err, says)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		list string
		want bool
	}{{"a", false}, {"exhibit-seal-v1", true}, {"*", true}, {"exhibit-*", true}, {"*-v?", true}, {"exhibit", false}, {"*,!exhibit-seal-v1", false}, {"!x,exhibit*", true}, {"!x", false}, {"e*h*t*v1", true}, {"", false}} {
		if got := matchList(strings.Split(c.list, ","), "exhibit-seal-v1"); got != c.want {
			t.Errorf("%q: %v", c.list, got)
		}
	}
	if match(strings.Repeat("*a", 200), strings.Repeat("a", 5000)+"b") {
		t.Error("matched")
	}
}

func FuzzParseAllowedSigners(f *testing.F) {
	key := AuthorizedKey(public(testKey('a')), "c")
	f.Add([]byte("seal@example.com " + key + "\n"))
	f.Add([]byte("a@x namespaces=\"exhibit-seal-v1,git\",valid-after=\"20260101\",valid-before=\"20270101060000Z\" " + key + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		signers, err := ParseAllowedSigners(b)
		if err != nil {
			return
		}
		for _, s := range signers {
			if s.Key.IsZero() {
				continue
			}
			back, err := ParseAllowedSigners([]byte(s.String()))
			if err != nil || len(back) != 1 || back[0].String() != s.String() {
				t.Fatalf("%q does not read back: %v", s.String(), err)
			}
		}
	})
}
