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
	signature := appendString(nil, KindEd25519)
	signature = appendString(signature, ed25519.Sign(key, signedData(namespace, message)))
	return armor(sigLabel, sigBlob(Ed25519(pub), namespace, signature))
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

func sigBlob(pub PublicKey, namespace string, signature []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte(sigMagic), sigVersion)
	b = appendString(b, pub.blob)
	b = appendString(b, namespace)
	b = appendString(b, "") // reserved
	b = appendString(b, sigHash)
	return appendString(b, signature)
}

// VerifySignature checks an SSHSIG over the message, made for the namespace,
// and returns the key that made it. Whose key that is, only a list of allowed
// signers can say.
func VerifySignature(sig, message []byte, namespace string) (key PublicKey, err error) {
	blob, err := dearmor(sigLabel, sig)
	if err != nil {
		return key, err
	}
	if len(blob) < len(sigMagic) || string(blob[:len(sigMagic)]) != sigMagic {
		return key, fmt.Errorf("not an SSH signature")
	}
	w := wire{rest: blob[len(sigMagic):]}
	version, public, space := w.uint32(), w.string(), string(w.string())
	reserved, hash, signature := w.string(), string(w.string()), w.string()
	if !w.done() || version != sigVersion || len(reserved) != 0 {
		return key, fmt.Errorf("a damaged SSH signature")
	}
	kind, pub, err := ParsePublicKey(public)
	if err != nil {
		return key, err
	}
	if pub.IsZero() {
		return key, fmt.Errorf("signed with an %q key: Ed25519 and ECDSA P-256 are checked, in files and on security keys", kind)
	}
	if space != namespace {
		return key, fmt.Errorf("signed for %q, not for %q", space, namespace)
	}
	if hash != sigHash {
		return key, fmt.Errorf("signed over a %q hash, not %q", hash, sigHash)
	}
	if err := pub.check(signedData(namespace, message), signature); err != nil {
		return key, err
	}
	return pub, nil
}
