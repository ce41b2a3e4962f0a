package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exhibit/internal/tsatest"
)

var stampedAt = time.Date(2026, 4, 1, 6, 2, 0, 0, time.UTC)

// authority is a good one, with its root pinned.
func authority(t testing.TB, o tsatest.Options) (*tsatest.Authority, Roots) {
	t.Helper()
	a, err := tsatest.New("Test Timestamps", 7, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), o)
	must(t, err)
	roots, err := ParseRoots(a.PEM())
	must(t, err)
	return a, roots
}

func stamp(t testing.TB, a *tsatest.Authority, signature []byte, at time.Time) []byte {
	t.Helper()
	req, err := TimestampRequest(signature, big.NewInt(99))
	must(t, err)
	b, err := a.Answer(req, at)
	must(t, err)
	return b
}

func TestVerifyToken(t *testing.T) {
	signature := Sign(testKey('a'), NamespaceSeal, []byte("text"))
	for _, first := range []bool{false, true} {
		a, roots := authority(t, tsatest.Options{})
		a.First = first
		b := stamp(t, a, signature, stampedAt)
		s, err := VerifyToken(b, signature, roots, big.NewInt(99))
		if err != nil || !s.Time.Equal(stampedAt) || s.Authority != "CN=Test Timestamps Unit 1" || s.Root != "CN=Test Timestamps Root" || s.Policy != "1.2.3.4.1" || s.Serial == "" {
			t.Fatalf("first %v: %+v %v", first, s, err)
		}
		// Who verifies years later has no nonce; the certificates have run out by then.
		if _, err := VerifyToken(b, signature, roots, nil); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(b, stamp(t, a, signature, stampedAt)) {
			t.Error("the authority of the tests is not deterministic")
		}
		openssl(t, a, b, signature, true)
		openssl(t, a, b, append(bytes.Clone(signature), 'x'), false)
	}
}

// openssl has "openssl ts -verify" judge the same files.
func openssl(t *testing.T, pinned *tsatest.Authority, response, signature []byte, want bool) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Log("no openssl here")
		return
	}
	dir := t.TempDir()
	ca := writeFile(t, filepath.Join(dir, "tsa-roots.pem"), pinned.PEM())
	in := writeFile(t, filepath.Join(dir, TokenName), response)
	data := writeFile(t, filepath.Join(dir, SignatureName), signature)
	out, err := exec.Command("openssl", "ts", "-verify", "-in", in, "-data", data, "-CAfile", ca, "-attime", "1775023320").CombinedOutput()
	if got := err == nil && strings.Contains(string(out), "Verification: OK"); got != want {
		t.Errorf("openssl says %v, want %v: %s", got, want, out)
	}
}

func TestVerifyTokenRefuses(t *testing.T) {
	signature := Sign(testKey('a'), NamespaceSeal, []byte("text"))
	good, pinned := authority(t, tsatest.Options{})
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	rogue, err := tsatest.New("Test Timestamps", 8, from, tsatest.Options{}) // the same names, other keys
	must(t, err)
	other := func(a *tsatest.Authority) *x509.Certificate { // a second good certificate of the pinned root
		c, err := good.Issue("Test Timestamps Unit 2", 100, rogue.Key(), tsatest.Options{})
		must(t, err)
		return c
	}
	for _, c := range []struct {
		name, says string
		o          tsatest.Options
		change     func(a *tsatest.Authority)
		from       *tsatest.Authority // instead of a new good one
		at         time.Time
		accepts    bool // openssl accepts it, and says why below
	}{
		{name: "a rogue authority", says: "not pinned", from: rogue},
		{name: "a rogue authority that carries the pinned root", says: "not pinned", from: rogue, change: func(a *tsatest.Authority) { a.Bag = []*x509.Certificate{good.Root, good.Leaf} }},
		{name: "the bag trick: an innocent certificate, another signer", says: "not of the certificate it names", from: rogue,
			change: func(a *tsatest.Authority) {
				a.Bag, a.Bare, a.Names, a.Signer = []*x509.Certificate{good.Leaf, good.Root}, true, good.Leaf, good.Leaf
			}},
		{name: "the bag trick, its own certificate named outside", says: "not the one whose certificate it names", from: rogue,
			change: func(a *tsatest.Authority) { a.Bag, a.Names = []*x509.Certificate{good.Leaf, good.Root}, good.Leaf }},
		{name: "the bag trick, the innocent one named outside", says: "not the one whose certificate it names", from: rogue,
			change: func(a *tsatest.Authority) { a.Bag, a.Signer = []*x509.Certificate{good.Leaf, good.Root}, good.Leaf }},
		{name: "another certificate of the same authority named", says: "not the one whose certificate it names",
			change: func(a *tsatest.Authority) { c := other(a); a.Bag, a.Names = []*x509.Certificate{c}, c }},
		{name: "the certificate is not there", says: "not among those it carries", change: func(a *tsatest.Authority) { a.Bare = true }},
		{name: "no certificate is named", says: "does not say, under its signature", change: func(a *tsatest.Authority) { a.Unnamed = true }},
		{name: "another nonce", says: "nonce differs", change: func(a *tsatest.Authority) { a.Nonce = big.NewInt(5) }, accepts: true}, // asked without the request
		{name: "something else stamped", says: "something else than this signature", change: func(a *tsatest.Authority) { s := sha256.Sum256(nil); a.Imprint = s[:] }},
		{name: "refused", says: "granted no timestamp: status 2", change: func(a *tsatest.Authority) { a.Refuses = true }},
		{name: "for code, not for timestamps", says: "not for timestamps alone", o: tsatest.Options{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}},
		{name: "for code and timestamps", says: "not for timestamps alone", o: tsatest.Options{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageCodeSigning}}},
		{name: "not critical", says: "does not say critically", o: tsatest.Options{Mild: true}},
		{name: "a key for certificates too", says: "for other things too", o: tsatest.Options{KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}},
		{name: "issued after the certificate ran out", says: "expired or is not yet valid", o: tsatest.Options{From: from, To: from.AddDate(1, 0, 0)}},
		{name: "issued before the certificate began", says: "expired or is not yet valid", o: tsatest.Options{From: stampedAt.AddDate(0, 0, 1), To: stampedAt.AddDate(1, 0, 0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := c.from
			if a == nil {
				a, _ = authority(t, c.o)
			}
			copied := *a
			if c.change != nil {
				c.change(&copied)
			}
			b := stamp(t, &copied, signature, stampedAt)
			if _, err := VerifyToken(b, signature, pinned, big.NewInt(99)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
			openssl(t, good, b, signature, c.accepts)
		})
	}
	b := stamp(t, good, signature, stampedAt)
	for i := range b {
		changed := bytes.Clone(b)
		changed[i] ^= 1
		if s, err := VerifyToken(changed, signature, pinned, nil); err == nil && (!s.Time.Equal(stampedAt) || s.Serial == "") {
			t.Fatalf("byte %d changed: %+v", i, s)
		}
	}
	if _, err := VerifyToken(append(b, 0), signature, pinned, nil); err == nil {
		t.Error("accepted bytes behind it")
	}
	if _, err := VerifyToken(b, signature, Roots{}, nil); err == nil {
		t.Error("accepted without roots")
	}
}

// Tokens that openssl makes are read: RSA, and what its defaults are.
func TestTokensOfOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("no openssl here")
	}
	dir := t.TempDir()
	signature := Sign(testKey('a'), NamespaceSeal, []byte("text"))
	writeFile(t, filepath.Join(dir, "sig"), signature)
	writeFile(t, filepath.Join(dir, "ts.cnf"), []byte(`[tsa]
default_tsa = t
[t]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha1
clock_precision_digits = 3
[ext]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
`))
	writeFile(t, filepath.Join(dir, "serial"), []byte("01\n"))
	for _, chain := range []string{"ess_cert_id_alg = sha1", "ess_cert_id_alg = sha256", "ess_cert_id_chain = yes"} {
		cnf, _ := os.ReadFile(filepath.Join(dir, "ts.cnf"))
		key := strings.Fields(chain)[0]
		lines := strings.Split(string(cnf), "\n")
		for i, l := range lines {
			if strings.HasPrefix(l, key+" ") {
				lines[i] = chain
			}
		}
		writeFile(t, filepath.Join(dir, "ts.cnf"), []byte(strings.Join(lines, "\n")))
		out, err := shell(t, dir, `set -e
test -f root.pem || { openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 3650 -subj /CN=Root 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Unit 2>/dev/null
openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 2 -days 3650 -extfile ts.cnf -extensions ext -out tsa.pem 2>/dev/null; }
openssl ts -query -data sig -sha512 -cert -out req.tsq
openssl ts -reply -config ts.cnf -queryfile req.tsq -signer tsa.pem -inkey tsa.key -out resp.tsr -chain root.pem`)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		root, _ := os.ReadFile(filepath.Join(dir, "root.pem"))
		resp, _ := os.ReadFile(filepath.Join(dir, "resp.tsr"))
		roots, err := ParseRoots(root)
		must(t, err)
		s, err := VerifyToken(resp, signature, roots, nil)
		if err != nil || s.Accuracy != 1500100*time.Microsecond || s.Policy != "1.2.3.4.1" {
			t.Errorf("%s: %+v %v", chain, s, err)
		}
	}
}

func TestParseRoots(t *testing.T) {
	a, _ := authority(t, tsatest.Options{})
	if _, err := ParseRoots(append([]byte("# the root of …\n"), a.PEM()...)); err != nil {
		t.Error(err)
	}
	for says, b := range map[string][]byte{
		"no certificate in it": []byte("x"), "no authority's": pemOf(a.Leaf.Raw, "CERTIFICATE"), `a "PRIVATE KEY"`: pemOf([]byte("x"), "PRIVATE KEY"), "certificate 1": pemOf([]byte("x"), "CERTIFICATE"),
	} {
		if _, err := ParseRoots(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func FuzzVerifyToken(f *testing.F) {
	signature := []byte("signature")
	a, roots := authority(f, tsatest.Options{})
	f.Add(stamp(f, a, signature, stampedAt))
	a.First = true
	f.Add(stamp(f, a, signature, stampedAt))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := VerifyToken(b, signature, roots, nil); err == nil && !s.Time.Equal(stampedAt) {
			t.Fatalf("a time nobody signed: %+v", s)
		}
	})
}

func pemOf(der []byte, label string) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

func FuzzParseRoots(f *testing.F) {
	a, _ := authority(f, tsatest.Options{})
	f.Add(a.PEM())
	f.Add(append([]byte("# the root of …\n"), append(a.PEM(), a.PEM()...)...))
	f.Add(pemOf(a.Leaf.Raw, "CERTIFICATE"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRoots(b)
		if err != nil {
			return
		}
		if len(r.certs) == 0 {
			t.Fatal("no root and no error")
		}
		for _, c := range r.certs { // whoever is pinned may issue
			if !c.IsCA {
				t.Fatal("pinned a certificate that is no authority's")
			}
		}
	})
}
