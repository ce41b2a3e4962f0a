package seal

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// A token is what a timestamp authority answers (RFC 3161): the whole response,
// as it came, so that "openssl ts -verify" reads the same file. It looks like this:
//
//	TimeStampResp
//	  status         granted
//	  timeStampToken ContentInfo, signedData (RFC 5652)
//	    eContent     TSTInfo: policy, imprint, serial, genTime, nonce
//	    certificates a bag: the signer's, its issuers', perhaps others'
//	    signerInfo   one: who, signed attributes, signature
//	      messageDigest          of the TSTInfo
//	      signingCertificate(V2) which certificate of the bag signed
//
// Rules: the bag proves nothing, not by what is in it and not by its order. The
// certificate that counts is the one that the *signed* attribute names by its
// hash. Everything is read as DER; what is not, is refused.

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidESSCertV1     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidESSCertV2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA1          = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidExtKeyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37}
)

type timeStampResp struct {
	Status pkiStatusInfo
	Token  asn1.RawValue `asn1:"optional"`
}

type pkiStatusInfo struct {
	Status   int
	Text     []string       `asn1:"optional"`
	FailInfo asn1.BitString `asn1:"optional"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue // under [0]
}

type signedContent struct {
	Version          int
	DigestAlgorithms asn1.RawValue
	Encap            struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	SignerInfos  []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version     int
	SID         asn1.RawValue
	Digest      pkix.AlgorithmIdentifier
	SignedAttrs asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm   pkix.AlgorithmIdentifier
	Signature   []byte
	Unsigned    asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type messageImprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Sum       []byte
}

type tstInfo struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    messageImprint
	Serial     *big.Int
	GenTime    asn1.RawValue
	Accuracy   tstAccuracy   `asn1:"optional"`
	Ordering   bool          `asn1:"optional"`
	Nonce      *big.Int      `asn1:"optional"`
	TSA        asn1.RawValue `asn1:"optional,explicit,tag:0"`
	Extensions asn1.RawValue `asn1:"optional,tag:1"`
}

// tstAccuracy is how far the time may be off; zero when the authority does not say.
type tstAccuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

// essCertID is ESSCertID (RFC 2634), by SHA-1, and ESSCertIDv2 (RFC 5035).
type essCertID struct {
	Algorithm    pkix.AlgorithmIdentifier `asn1:"optional"` // of v2 alone; SHA-256 when absent
	Sum          []byte
	IssuerSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	} `asn1:"optional"`
}

type signingCertificate struct {
	Certs    []essCertID
	Policies asn1.RawValue `asn1:"optional"`
}

// token is a response, taken apart and not verified.
type token struct {
	info    tstInfo
	time    time.Time
	content []byte // the TSTInfo, as signed
	bag     []*x509.Certificate
	signer  signerInfo
	attrs   map[string]asn1.RawValue // of the signed attributes, by type
}

// parseToken reads a response.
func parseToken(b []byte) (*token, error) {
	var resp timeStampResp
	if err := whole(b, &resp); err != nil {
		return nil, fmt.Errorf("not a timestamp response: %w", err)
	}
	if resp.Status.Status != 0 && resp.Status.Status != 1 {
		return nil, fmt.Errorf("the authority granted no timestamp: status %d %s", resp.Status.Status, Visible(strings.Join(resp.Status.Text, " ")))
	}
	var outer contentInfo
	if err := whole(resp.Token.FullBytes, &outer); err != nil || !outer.Type.Equal(oidSignedData) || outer.Content.Class != asn1.ClassContextSpecific || outer.Content.Tag != 0 {
		return nil, fmt.Errorf("the response holds no signed data")
	}
	var sd signedContent
	if err := whole(outer.Content.Bytes, &sd); err != nil {
		return nil, fmt.Errorf("its signed data cannot be read: %w", err)
	}
	if !sd.Encap.Type.Equal(oidTSTInfo) {
		return nil, fmt.Errorf("what is signed is no timestamp")
	}
	if len(sd.SignerInfos) != 1 {
		return nil, fmt.Errorf("%d signers, and a timestamp has one", len(sd.SignerInfos))
	}
	t := &token{content: sd.Encap.Content, signer: sd.SignerInfos[0]}
	if err := whole(t.content, &t.info); err != nil {
		return nil, fmt.Errorf("its timestamp cannot be read: %w", err)
	}
	if t.info.Version != 1 || t.info.Serial == nil {
		return nil, fmt.Errorf("a timestamp of version %d", t.info.Version)
	}
	var err error
	if t.time, err = generalizedTime(t.info.GenTime); err != nil {
		return nil, err
	}
	if len(sd.Certificates.FullBytes) > 0 {
		if t.bag, err = x509.ParseCertificates(sd.Certificates.Bytes); err != nil {
			return nil, fmt.Errorf("its certificates cannot be read: %w", err)
		}
	}
	t.attrs, err = signedAttributes(t.signer.SignedAttrs)
	return t, err
}

// whole reads one value and refuses bytes behind it.
func whole(b []byte, into any) error {
	rest, err := asn1.Unmarshal(b, into)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes too many", len(rest))
	}
	return err
}

// generalizedTime reads YYYYMMDDhhmmss[.f]Z (RFC 3161, section 2.4.2), which the
// standard library reads without a fraction alone.
func generalizedTime(v asn1.RawValue) (time.Time, error) {
	s := string(v.Bytes)
	if v.Class != asn1.ClassUniversal || v.Tag != asn1.TagGeneralizedTime || v.IsCompound || strings.Trim(s, "0123456789.Z") != "" {
		return time.Time{}, fmt.Errorf("its time cannot be read: %q", Visible(shorten(s)))
	}
	t, err := time.Parse("20060102150405Z", s)
	if err != nil || strings.HasSuffix(s, ".Z") || strings.HasSuffix(s, "0Z") && strings.Contains(s, ".") || len(s) > 32 {
		return time.Time{}, fmt.Errorf("its time cannot be read: %q", Visible(shorten(s)))
	}
	return t, nil
}

// signedAttributes are those of a signer, each there once with one value.
func signedAttributes(raw asn1.RawValue) (map[string]asn1.RawValue, error) {
	if len(raw.FullBytes) == 0 {
		return nil, fmt.Errorf("it signs no attributes")
	}
	out := map[string]asn1.RawValue{}
	for rest := raw.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return nil, fmt.Errorf("its signed attributes cannot be read: %w", err)
		}
		if _, twice := out[a.Type.String()]; twice || len(a.Values) != 1 {
			return nil, fmt.Errorf("the signed attribute %s is there more than once", a.Type)
		}
		out[a.Type.String()] = a.Values[0]
	}
	return out, nil
}

// hashOf is the hash an algorithm names; SHA-1 alone where it names a certificate
// of ESSCertID, and never here.
func hashOf(a pkix.AlgorithmIdentifier) (crypto.Hash, error) {
	for _, known := range []struct {
		oid  asn1.ObjectIdentifier
		hash crypto.Hash
	}{{oidSHA256, crypto.SHA256}, {oidSHA384, crypto.SHA384}, {oidSHA512, crypto.SHA512}} {
		if a.Algorithm.Equal(known.oid) {
			return known.hash, nil
		}
	}
	return 0, fmt.Errorf("the hash %s is not allowed: SHA-256, SHA-384 and SHA-512 are", a.Algorithm)
}

func sum(h crypto.Hash, b []byte) []byte {
	w := h.New()
	w.Write(b)
	return w.Sum(nil)
}

// signerCertificate is the one certificate that the signed attributes name, by its
// hash, and that the signer is named by too. A certificate of the bag that is not
// named counts for nothing.
func (t *token) signerCertificate() (*x509.Certificate, error) {
	names := 0
	var named *x509.Certificate
	for _, v := range []struct {
		oid   asn1.ObjectIdentifier
		first bool
	}{{oidESSCertV1, true}, {oidESSCertV2, false}} {
		raw, has := t.attrs[v.oid.String()]
		if !has {
			continue
		}
		names++
		var sc signingCertificate
		if err := whole(raw.FullBytes, &sc); err != nil || len(sc.Certs) == 0 {
			return nil, fmt.Errorf("the certificate it names cannot be read")
		}
		c, err := t.named(sc.Certs[0], v.first)
		if err != nil {
			return nil, err
		}
		if named != nil && !named.Equal(c) {
			return nil, fmt.Errorf("it names two certificates as its signer's")
		}
		named = c
	}
	if names == 0 {
		return nil, fmt.Errorf("it does not say, under its signature, which certificate signed")
	}
	var sid issuerAndSerial
	switch {
	case t.signer.SID.Class == asn1.ClassContextSpecific && t.signer.SID.Tag == 0:
		if len(named.SubjectKeyId) == 0 || !bytes.Equal(t.signer.SID.Bytes, named.SubjectKeyId) {
			return nil, fmt.Errorf("its signer is not the one whose certificate it names")
		}
	case whole(t.signer.SID.FullBytes, &sid) != nil:
		return nil, fmt.Errorf("its signer cannot be read")
	case !bytes.Equal(sid.Issuer.FullBytes, named.RawIssuer) || sid.Serial == nil || sid.Serial.Cmp(named.SerialNumber) != 0:
		return nil, fmt.Errorf("its signer is not the one whose certificate it names")
	}
	return named, nil
}

// named finds the certificate of an ESSCertID. The hash of the first version is
// SHA-1: to find another certificate with the same one, that also chains to a
// pinned root, is beyond what is known of it.
func (t *token) named(id essCertID, first bool) (*x509.Certificate, error) {
	hash := crypto.SHA256
	if len(id.Algorithm.Algorithm) > 0 {
		var err error
		if hash, err = hashOf(id.Algorithm); err != nil || first {
			return nil, fmt.Errorf("the certificate it names: %w", cmpErr(err, "a hash of its own in ESSCertID"))
		}
	}
	for _, c := range t.bag {
		var got []byte
		if first {
			s := sha1.Sum(c.Raw)
			got = s[:]
		} else {
			got = sum(hash, c.Raw)
		}
		if !bytes.Equal(got, id.Sum) {
			continue
		}
		if id.IssuerSerial.Serial != nil && id.IssuerSerial.Serial.Cmp(c.SerialNumber) != 0 {
			return nil, fmt.Errorf("the certificate it names has another serial number")
		}
		return c, nil
	}
	return nil, fmt.Errorf("the certificate it names as its signer's is not among those it carries")
}

func cmpErr(err error, otherwise string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%s", otherwise)
}

// TimestampRequest is what an authority is asked: a TimeStampReq over the SHA-256
// of a signature, with a number of the asker's own, so that no older answer fits,
// and the wish for the certificates.
func TimestampRequest(signature []byte, nonce *big.Int) ([]byte, error) {
	s := sha256.Sum256(signature)
	return asn1.Marshal(struct {
		Version int
		Imprint messageImprint
		Nonce   *big.Int
		CertReq bool
	}{1, messageImprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, s[:]}, nonce, true})
}
