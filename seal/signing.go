package seal

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// A Key seals: a key in a file, in ssh-agent, on a security key or in AWS KMS.
// The zero value is no key.
type Key struct {
	Public PublicKey
	// Sign makes an SSHSIG over the message, for a namespace.
	Sign func(namespace string, message []byte) ([]byte, error)
}

// FileKey is a key that lies open in memory.
func FileKey(private ed25519.PrivateKey) Key {
	return Key{Ed25519(private.Public().(ed25519.PublicKey)), func(namespace string, message []byte) ([]byte, error) {
		return Sign(private, namespace, message), nil
	}}
}

// HeldKey is a key that somebody else holds, who signs data and answers with the
// signature in SSH's wire form.
func HeldKey(public PublicKey, sign func(data []byte) ([]byte, error)) Key {
	return Key{public, func(namespace string, message []byte) ([]byte, error) {
		signature, err := sign(signedData(namespace, message))
		if err != nil {
			return nil, err
		}
		return armor(sigLabel, sigBlob(public, namespace, signature)), nil
	}}
}

// Signed signs, and looks at what came before it is believed: that it fits, and
// that it is of this key.
func (k Key) Signed(namespace string, message []byte) ([]byte, error) {
	sig, err := k.Sign(namespace, message)
	if err != nil {
		return nil, err
	}
	by, err := VerifySignature(sig, message, namespace)
	if err != nil {
		return nil, fmt.Errorf("the signature that was made is not good: %w", err)
	}
	if by != k.Public {
		return nil, fmt.Errorf("the signature that was made is of the key %s, not of %s", Fingerprint(by), Fingerprint(k.Public))
	}
	return sig, nil
}

// KMSPublicKey reads the public key that AWS KMS gives: a DER-encoded
// SubjectPublicKeyInfo (RFC 5280) of an ECC_NIST_P256 or ECC_NIST_EDWARDS25519 key.
func KMSPublicKey(der []byte) (PublicKey, error) {
	any, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return PublicKey{}, fmt.Errorf("reading the public key: %w", err)
	}
	switch pub := any.(type) {
	case ed25519.PublicKey:
		return Ed25519(pub), nil
	case *ecdsa.PublicKey:
		return P256(pub)
	}
	return PublicKey{}, fmt.Errorf("a key of type %T: seals are signed with Ed25519 or ECDSA P-256", any)
}

// KMSSignature turns a signature as AWS KMS gives it into SSH's wire form: of
// ECDSA_SHA_256 it is an ASN.1 sequence of two numbers, of ED25519_SHA_512 the 64
// bytes of RFC 8032.
func KMSSignature(key PublicKey, signature []byte) ([]byte, error) {
	out := appendString(nil, key.Kind())
	if key.Kind() == KindEd25519 {
		return appendString(out, signature), nil
	}
	var n struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(signature, &n); err != nil || len(rest) > 0 || n.R.Sign() <= 0 || n.S.Sign() <= 0 {
		return nil, fmt.Errorf("a signature that is no ASN.1 pair of numbers")
	}
	return appendString(out, appendMpint(appendMpint(nil, n.R), n.S)), nil
}
