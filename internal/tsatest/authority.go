// Package tsatest is a timestamp authority (RFC 3161) whose keys anybody can make.
// Tests ask it over loopback HTTP; the sample organisation's tokens are its own, and
// prove nothing, as everything of the sample. Its options are the ways in which an
// authority, or somebody who plays one, does wrong.
package tsatest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"
)

// An Authority answers requests.
type Authority struct {
	Root, Leaf *x509.Certificate
	rootKey    *ecdsa.PrivateKey
	key        *ecdsa.PrivateKey

	Names   *x509.Certificate   // named as the signer's under the signature; nil for Leaf
	Signer  *x509.Certificate   // named as the signer's outside; nil for Leaf
	Bag     []*x509.Certificate // before its own in the bag
	Bare    bool                // its own certificate stays out of the bag
	First   bool                // names its certificate by ESSCertID, not ESSCertIDv2
	Unnamed bool                // names none
	Refuses bool                // grants nothing
	Nonce   *big.Int            // answers with this one; nil for the request's
	Imprint []byte              // of this hash; nil for the request's
}

// Options of a new authority's certificate.
type Options struct {
	Usages   []x509.ExtKeyUsage // nil for timestamps alone
	Mild     bool               // its usage is not marked critical
	From, To time.Time          // of the signer's certificate; zero for those of the root
	KeyUsage x509.KeyUsage
}

const day = 24 * time.Hour

// New makes an authority with keys of their own for every seed, valid for ten years
// from a day. The same arguments give the same certificates.
func New(name string, seed byte, from time.Time, o Options) (*Authority, error) {
	a := &Authority{}
	for i, k := range []**ecdsa.PrivateKey{&a.rootKey, &a.key} {
		sum := sha256.Sum256([]byte{seed, byte(i)})
		sum[0] &= 0x7f // below the order of the curve
		var err error
		if *k, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), sum[:]); err != nil {
			return nil, err
		}
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(int64(seed)*2 + 1), Subject: pkix.Name{CommonName: name + " Root"}, NotBefore: from, NotAfter: from.Add(3650 * day),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	var err error
	if a.Root, err = issue(root, root, &a.rootKey.PublicKey, a.rootKey); err != nil {
		return nil, err
	}
	a.Leaf, err = a.Issue(name+" Unit 1", int64(seed)*2+2, &a.key.PublicKey, o)
	return a, err
}

// Issue has the root issue a certificate.
func (a *Authority) Issue(name string, serial int64, key *ecdsa.PublicKey, o Options) (*x509.Certificate, error) {
	if o.From.IsZero() {
		o.From, o.To = a.Root.NotBefore, a.Root.NotAfter
	}
	if o.KeyUsage == 0 {
		o.KeyUsage = x509.KeyUsageDigitalSignature
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: o.From, NotAfter: o.To, KeyUsage: o.KeyUsage, BasicConstraintsValid: true}
	if o.Usages == nil {
		o.Usages = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	}
	oids := map[x509.ExtKeyUsage]asn1.ObjectIdentifier{x509.ExtKeyUsageTimeStamping: {1, 3, 6, 1, 5, 5, 7, 3, 8}, x509.ExtKeyUsageCodeSigning: {1, 3, 6, 1, 5, 5, 7, 3, 3}}
	var usages []asn1.ObjectIdentifier
	for _, u := range o.Usages {
		usages = append(usages, oids[u])
	}
	value, err := asn1.Marshal(usages)
	if err != nil {
		return nil, err
	}
	leaf.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: !o.Mild, Value: value}}
	return issue(leaf, a.Root, key, a.rootKey)
}

// Key is the signer's public key.
func (a *Authority) Key() *ecdsa.PublicKey { return &a.key.PublicKey }

func issue(c, by *x509.Certificate, key *ecdsa.PublicKey, signer *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(nil, c, by, key, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// PEM is the authority's root, as it is pinned.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
}

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Sum       []byte
}

type request struct {
	Version int
	Imprint imprint
	Policy  asn1.ObjectIdentifier `asn1:"optional"`
	Nonce   *big.Int              `asn1:"optional"`
	CertReq bool                  `asn1:"optional"`
}

type info struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint imprint
	Serial  *big.Int
	GenTime time.Time `asn1:"generalized"`
	Nonce   *big.Int  `asn1:"optional"`
}

var (
	oidData      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTST       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSHA256    = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidWithECDSA = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidType      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidDigest    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidNamesV1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidNamesV2   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	// Policy is the authority's own.
	Policy = asn1.ObjectIdentifier{1, 2, 3, 4, 1}
)

// Answer answers a request as of a time, cut to its second.
func (a *Authority) Answer(req []byte, at time.Time) ([]byte, error) {
	var r request
	if rest, err := asn1.Unmarshal(req, &r); err != nil || len(rest) > 0 || r.Version != 1 {
		return nil, fmt.Errorf("not a request: %v", err)
	}
	if a.Refuses {
		return asn1.Marshal(struct{ Status struct{ Status int } }{struct{ Status int }{2}})
	}
	serial := sha256.Sum256(append(r.Imprint.Sum, at.Format(time.RFC3339)...))
	i := info{1, Policy, r.Imprint, new(big.Int).SetBytes(serial[:8]), at.UTC().Truncate(time.Second), r.Nonce}
	if a.Nonce != nil {
		i.Nonce = a.Nonce
	}
	if a.Imprint != nil {
		i.Imprint.Sum = a.Imprint
	}
	content, err := asn1.Marshal(i)
	if err != nil {
		return nil, err
	}
	return a.wrap(content)
}

type attr struct {
	Type  asn1.ObjectIdentifier
	Value []asn1.RawValue `asn1:"set"`
}

// wrap signs a timestamp.
func (a *Authority) wrap(content []byte) ([]byte, error) {
	var e encoder
	sum := sha256.Sum256(content)
	attrs := []attr{
		{oidType, []asn1.RawValue{{FullBytes: e.der(oidTST, "")}}},
		{oidDigest, []asn1.RawValue{{FullBytes: e.der(sum[:], "")}}},
	}
	names := or(a.Names, a.Leaf)
	type certID struct{ Sum []byte }
	type ids struct{ Certs []certID }
	switch v1, v2 := sha1.Sum(names.Raw), sha256.Sum256(names.Raw); {
	case a.Unnamed:
	case a.First:
		attrs = append(attrs, attr{oidNamesV1, []asn1.RawValue{{FullBytes: e.der(ids{[]certID{{v1[:]}}}, "")}}})
	default:
		attrs = append(attrs, attr{oidNamesV2, []asn1.RawValue{{FullBytes: e.der(ids{[]certID{{v2[:]}}}, "")}}})
	}
	set := e.der(attrs, "set")
	if e.err != nil {
		return nil, e.err
	}
	digest := sha256.Sum256(set)
	sig, err := a.key.Sign(nil, digest[:], crypto.SHA256) // without randomness: the same each time (RFC 6979)
	if err != nil {
		return nil, err
	}
	var bag []byte
	certs := a.Bag
	if !a.Bare {
		certs = append(certs[:len(certs):len(certs)], a.Leaf, a.Root)
	}
	for _, c := range certs {
		bag = append(bag, c.Raw...)
	}
	signer := or(a.Signer, a.Leaf)
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	type encap struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	sid := struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}{asn1.RawValue{FullBytes: signer.RawIssuer}, signer.SerialNumber}
	sd := struct {
		Version int
		Digests []pkix.AlgorithmIdentifier `asn1:"set"`
		Encap   encap
		Bag     asn1.RawValue
		Signers asn1.RawValue
	}{
		3, []pkix.AlgorithmIdentifier{sha}, encap{oidTST, content},
		under(0, bag),
		asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: e.der(struct {
			Version   int
			SID       asn1.RawValue
			Digest    pkix.AlgorithmIdentifier
			Attrs     asn1.RawValue
			Algorithm pkix.AlgorithmIdentifier
			Signature []byte
		}{1, asn1.RawValue{FullBytes: e.der(sid, "")}, sha, under(0, e.inside(set)), pkix.AlgorithmIdentifier{Algorithm: oidWithECDSA}, sig}, "")},
	}
	out := e.der(struct {
		Status struct{ Status int }
		Token  contentInfo
	}{Token: contentInfo{oidData, under(0, e.der(sd, ""))}}, "")
	return out, e.err
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue
}

// under is what stands under a context-specific tag.
func under(tag int, b []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: b}
}

func or(c, otherwise *x509.Certificate) *x509.Certificate {
	if c != nil {
		return c
	}
	return otherwise
}

// encoder keeps the first error.
type encoder struct{ err error }

func (e *encoder) der(v any, params string) []byte {
	b, err := asn1.MarshalWithParams(v, params)
	if err != nil && e.err == nil {
		e.err = err
	}
	return b
}

func (e *encoder) inside(b []byte) []byte {
	var v asn1.RawValue
	if _, err := asn1.Unmarshal(b, &v); err != nil && e.err == nil {
		e.err = err
	}
	return v.Bytes
}

// Handler answers over HTTP (RFC 3161, section 3.4).
func (a *Authority) Handler(now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if err == nil && r.Header.Get("Content-Type") != "application/timestamp-query" {
			err = fmt.Errorf("content type %q", r.Header.Get("Content-Type"))
		}
		var out []byte
		if err == nil {
			out, err = a.Answer(body, now())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(out) // who asked and went away needs no answer
	})
}
