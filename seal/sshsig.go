package seal

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
)

// The namespaces keep one signature from being passed off as another: a
// reviewer's signature never seals, and neither does a signed git commit.
const (
	NamespaceSeal   = "exhibit-seal-v1"
	NamespaceReview = "exhibit-review-v1"
)

const (
	sigLabel   = "SSH SIGNATURE"
	sigMagic   = "SSHSIG"
	sigVersion = 1
	sigHash    = "sha512"
)

// Sign makes an SSHSIG (OpenSSH, PROTOCOL.sshsig), the same for the same key,
// namespace and message, byte for byte what "ssh-keygen -Y sign" writes.
func Sign(key ed25519.PrivateKey, namespace string, message []byte) []byte {
	pub := key.Public().(ed25519.PublicKey)
	signature := appendString(nil, keyType)
	signature = appendString(signature, ed25519.Sign(key, signedData(namespace, message)))
	return armor(sigLabel, sigBlob(pub, namespace, signature))
}

// signedData is what is signed in place of the message.
func signedData(namespace string, message []byte) []byte {
	sum := sha512.Sum512(message)
	b := []byte(sigMagic)
	b = appendString(b, namespace)
	b = appendString(b, "") // reserved
	b = appendString(b, sigHash)
	return appendString(b, sum[:])
}

func sigBlob(pub ed25519.PublicKey, namespace string, signature []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte(sigMagic), sigVersion)
	b = appendString(b, publicBlob(pub))
	b = appendString(b, namespace)
	b = appendString(b, "") // reserved
	b = appendString(b, sigHash)
	return appendString(b, signature)
}

// VerifySignature checks an SSHSIG over the message, made for the namespace,
// and returns the key that made it. Whose key that is, only a list of allowed
// signers can say.
func VerifySignature(sig, message []byte, namespace string) (ed25519.PublicKey, error) {
	blob, err := dearmor(sigLabel, sig)
	if err != nil {
		return nil, err
	}
	if len(blob) < len(sigMagic) || string(blob[:len(sigMagic)]) != sigMagic {
		return nil, fmt.Errorf("not an SSH signature")
	}
	w := wire{rest: blob[len(sigMagic):]}
	version, public, space := w.uint32(), w.string(), string(w.string())
	reserved, hash, signature := w.string(), string(w.string()), w.string()
	if !w.done() || version != sigVersion || len(reserved) != 0 {
		return nil, fmt.Errorf("a damaged SSH signature")
	}
	kind, pub, err := parsePublicBlob(public)
	if err != nil {
		return nil, err
	}
	if pub == nil {
		return nil, fmt.Errorf("signed with an %q key: this version checks Ed25519 only", kind)
	}
	if space != namespace {
		return nil, fmt.Errorf("signed for %q, not for %q", space, namespace)
	}
	if hash != sigHash {
		return nil, fmt.Errorf("signed over a %q hash, not %q", hash, sigHash)
	}
	s := wire{rest: signature}
	sigKind, raw := string(s.string()), s.string()
	if !s.done() || sigKind != keyType || len(raw) != ed25519.SignatureSize {
		return nil, fmt.Errorf("a damaged SSH signature")
	}
	if !ed25519.Verify(pub, signedData(namespace, message), raw) {
		return nil, fmt.Errorf("the signature does not fit the text: one of the two was changed")
	}
	return pub, nil
}
