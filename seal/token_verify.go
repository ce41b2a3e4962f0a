package seal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// A Stamp is what a verified token says: a signature existed at that time.
type Stamp struct {
	Time      time.Time // UTC; from Accuracy before it to Accuracy after
	Accuracy  time.Duration
	Authority string // the subject of the certificate that signed, for people
	Root      string // the subject of the pinned root it chains to
	Policy    string // the authority's policy, an object identifier
	Serial    string // hex, as the authority's own records have it
}

// Roots are the pinned certificates of timestamp authorities.
type Roots struct{ certs []*x509.Certificate }

// ParseRoots reads certificates in PEM, with text between them.
func ParseRoots(b []byte) (Roots, error) {
	var r Roots
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return r, fmt.Errorf("a %q among the certificates", Visible(shorten(block.Type)))
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return r, fmt.Errorf("certificate %d: %w", len(r.certs)+1, err)
		}
		if !c.IsCA {
			return r, fmt.Errorf("certificate %d, %s, is no authority's that may issue others", len(r.certs)+1, Visible(c.Subject.String()))
		}
		r.certs = append(r.certs, c)
	}
	if len(r.certs) == 0 {
		return r, fmt.Errorf("there is no certificate in it (-----BEGIN CERTIFICATE-----)")
	}
	return r, nil
}

// errUnpinned is of a token whose chain ends at no pinned root.
type errUnpinned struct{ why string }

func (e errUnpinned) Error() string {
	return "from an authority that is not pinned: " + e.why
}

// VerifyToken checks a token over a signature against pinned roots. nonce is that
// of the request, nil where it is not known any more; what it protects from, an
// older answer, the time itself shows.
func VerifyToken(response, signature []byte, roots Roots, nonce *big.Int) (Stamp, error) {
	t, err := parseToken(response)
	if err != nil {
		return Stamp{}, err
	}
	if err := t.imprint(signature); err != nil {
		return Stamp{}, err
	}
	if nonce != nil && (t.info.Nonce == nil || t.info.Nonce.Cmp(nonce) != 0) {
		return Stamp{}, fmt.Errorf("it answers another request: the nonce differs")
	}
	c, err := t.signerCertificate()
	if err != nil {
		return Stamp{}, err
	}
	if err := t.signed(c); err != nil {
		return Stamp{}, err
	}
	if err := mayStamp(c); err != nil {
		return Stamp{}, err
	}
	root, err := t.chain(c, roots)
	if err != nil {
		return Stamp{}, err
	}
	s := Stamp{Time: t.time, Authority: c.Subject.String(), Root: root.Subject.String(), Policy: t.info.Policy.String(), Serial: t.info.Serial.Text(16)}
	s.Accuracy, err = t.info.Accuracy.duration()
	return s, err
}

// imprint holds the token's hash against the signature.
func (t *token) imprint(signature []byte) error {
	h, err := hashOf(t.info.Imprint.Algorithm)
	if err != nil {
		return fmt.Errorf("its imprint: %w", err)
	}
	if !bytes.Equal(sum(h, signature), t.info.Imprint.Sum) {
		return fmt.Errorf("a timestamp of something else than this signature")
	}
	return nil
}

// signed checks the signature over the attributes, and the attributes over the
// timestamp.
func (t *token) signed(c *x509.Certificate) error {
	var kind asn1.ObjectIdentifier
	if v, ok := t.attrs[oidContentType.String()]; !ok || whole(v.FullBytes, &kind) != nil || !kind.Equal(oidTSTInfo) {
		return fmt.Errorf("its signed attributes are not those of a timestamp")
	}
	h, err := hashOf(t.signer.Digest)
	if err != nil {
		return fmt.Errorf("its signature: %w", err)
	}
	var digest []byte
	if v, ok := t.attrs[oidMessageDigest.String()]; !ok || whole(v.FullBytes, &digest) != nil || !bytes.Equal(digest, sum(h, t.content)) {
		return fmt.Errorf("its signed attributes are not of this timestamp")
	}
	algorithm, err := t.algorithm(c)
	if err != nil {
		return err
	}
	text := bytes.Clone(t.signer.SignedAttrs.FullBytes)
	text[0] = 0x31 // signed as a SET OF, carried under [0] (RFC 5652, section 5.4)
	if err := c.CheckSignature(algorithm, text, t.signer.Signature); err != nil {
		return fmt.Errorf("its signature is not of the certificate it names: %w", err)
	}
	return nil
}

// algorithms are the allowed ones, by object identifier. PSS is not among them:
// no authority is known to use it, and its parameters are a trap of their own.
func algorithms() map[string]x509.SignatureAlgorithm {
	return map[string]x509.SignatureAlgorithm{
		"1.2.840.113549.1.1.11": x509.SHA256WithRSA, "1.2.840.113549.1.1.12": x509.SHA384WithRSA, "1.2.840.113549.1.1.13": x509.SHA512WithRSA,
		"1.2.840.10045.4.3.2": x509.ECDSAWithSHA256, "1.2.840.10045.4.3.3": x509.ECDSAWithSHA384, "1.2.840.10045.4.3.4": x509.ECDSAWithSHA512,
		"1.3.101.112": x509.PureEd25519,
	}
}

func (t *token) algorithm(c *x509.Certificate) (x509.SignatureAlgorithm, error) {
	oid := t.signer.Algorithm.Algorithm
	if oid.Equal(oidRSA) { // plain RSA, with the hash of the attributes
		for by, a := range map[string]x509.SignatureAlgorithm{oidSHA256.String(): x509.SHA256WithRSA, oidSHA384.String(): x509.SHA384WithRSA, oidSHA512.String(): x509.SHA512WithRSA} {
			if t.signer.Digest.Algorithm.String() == by {
				return a, nil
			}
		}
	}
	a, ok := algorithms()[oid.String()]
	if !ok {
		return 0, fmt.Errorf("signed with the algorithm %s, which is not allowed", oid)
	}
	return a, nil
}

// mayStamp checks that a certificate is for timestamps, says so critically, and is
// for nothing else (RFC 3161, section 2.3).
func mayStamp(c *x509.Certificate) error {
	critical := false
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtKeyUsage) {
			critical = e.Critical
		}
	}
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return fmt.Errorf("signed with a certificate that is not for timestamps alone: %s", Visible(c.Subject.String()))
	}
	if !critical {
		return fmt.Errorf("signed with a certificate that does not say critically that it is for timestamps: %s", Visible(c.Subject.String()))
	}
	if c.KeyUsage != 0 && c.KeyUsage&^(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0 {
		return fmt.Errorf("signed with a certificate whose key is for other things too: %s", Visible(c.Subject.String()))
	}
	return nil
}

// chain follows the certificate to a pinned root, all judged at the time the token
// gives: an authority's certificates run out, its old tokens do not.
func (t *token) chain(c *x509.Certificate, roots Roots) (*x509.Certificate, error) {
	if len(roots.certs) == 0 {
		return nil, errUnpinned{"no roots were given"}
	}
	pinned, others := x509.NewCertPool(), x509.NewCertPool()
	for _, r := range roots.certs {
		pinned.AddCert(r)
	}
	for _, b := range t.bag {
		others.AddCert(b)
	}
	chains, err := c.Verify(x509.VerifyOptions{Roots: pinned, Intermediates: others, CurrentTime: t.time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return nil, errUnpinned{fmt.Sprintf("%s: %v", Visible(c.Subject.String()), err)}
	}
	for _, chain := range chains {
		weak := ""
		for _, k := range chain {
			weak = orFirst(weak, weakKey(k))
		}
		if weak == "" {
			return chain[len(chain)-1], nil
		}
		err = fmt.Errorf("%s", weak)
	}
	return nil, err
}

func orFirst(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func weakKey(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= 2048 {
			return ""
		}
	case *ecdsa.PublicKey:
		if k.Curve.Params().BitSize >= 256 {
			return ""
		}
	case ed25519.PublicKey:
		return ""
	}
	return "the key of " + Visible(c.Subject.String()) + " is of a kind or size that is not allowed"
}

func (a tstAccuracy) duration() (time.Duration, error) {
	if a.Seconds < 0 || a.Seconds > 1<<20 || a.Millis < 0 || a.Millis > 999 || a.Micros < 0 || a.Micros > 999 {
		return 0, fmt.Errorf("its accuracy cannot be read")
	}
	return time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond, nil
}
