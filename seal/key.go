package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
)

const (
	keyLabel   = "OPENSSH PRIVATE KEY"
	keyMagic   = "openssh-key-v1\x00"
	keyAdvice  = "make one with: ssh-keygen -t ed25519 -N '' -C seal@example.com -f exhibit-seal"
	checkBytes = 8 // two equal 32-bit numbers before the private fields
)

// ParsePrivateKey reads an OpenSSH key file with an Ed25519 key and no
// passphrase. Its errors say what the file is instead and what to do.
func ParsePrivateKey(file []byte) (key ed25519.PrivateKey, comment string, err error) {
	block, _ := pem.Decode(file)
	switch {
	case block == nil && bytes.HasPrefix(file, []byte("PuTTY-User-Key-File")):
		return nil, "", fmt.Errorf("this is a PuTTY key: export it as an OpenSSH key with PuTTYgen")
	case block == nil && (bytes.HasPrefix(file, []byte("ssh-")) || bytes.HasPrefix(file, []byte("ecdsa-")) || bytes.HasPrefix(file, []byte("sk-"))):
		return nil, "", fmt.Errorf("this is the public half of a key: give the file without .pub")
	case block == nil:
		return nil, "", fmt.Errorf("this is not an OpenSSH private key: %s", keyAdvice)
	case block.Type != keyLabel:
		return nil, "", fmt.Errorf("this is a %q file, not an OpenSSH private key: %s", block.Type, keyAdvice)
	}
	blob, ok := bytes.CutPrefix(block.Bytes, []byte(keyMagic))
	if !ok {
		return nil, "", damagedKey("no openssh-key-v1 inside")
	}
	w := wire{rest: blob}
	cipher, kdf, kdfOptions := string(w.string()), string(w.string()), w.string()
	count, public, private := w.uint32(), w.string(), w.string()
	if !w.done() || count != 1 {
		return nil, "", damagedKey("its outer fields do not fit")
	}
	if cipher != none || kdf != none || len(kdfOptions) != 0 {
		return nil, "", fmt.Errorf("this key has a passphrase, which nobody can type in a pipeline: " +
			"keep a key for sealing only, without passphrase, readable by the pipeline alone; " + keyAdvice)
	}
	kind, pub, err := ParsePublicKey(public)
	if err != nil {
		return nil, "", damagedKey(err.Error())
	}
	if kind != KindEd25519 {
		return nil, "", fmt.Errorf("this is an %q key; seals are signed with Ed25519: %s", kind, keyAdvice)
	}
	return parsePrivate(private, pub)
}

// parsePrivate reads the inner part: two equal check numbers, the key, the
// comment, and padding 1, 2, 3 … to a multiple of 8.
func parsePrivate(b []byte, pub PublicKey) (ed25519.PrivateKey, string, error) {
	if len(b)%8 != 0 {
		return nil, "", damagedKey("its length does not fit")
	}
	w := wire{rest: b}
	check1, check2 := w.uint32(), w.uint32()
	kind, inner, private, comment := string(w.string()), w.string(), w.string(), string(w.string())
	if w.bad || check1 != check2 || kind != KindEd25519 || len(private) != ed25519.PrivateKeySize || len(w.rest) >= 8 {
		return nil, "", damagedKey("its inner fields do not fit")
	}
	for i, c := range w.rest {
		if int(c) != i+1 {
			return nil, "", damagedKey("its padding does not fit")
		}
	}
	key := ed25519.NewKeyFromSeed(private[:ed25519.SeedSize])
	if !bytes.Equal(key, private) || Ed25519(inner) != pub || Ed25519(key.Public().(ed25519.PublicKey)) != pub {
		return nil, "", damagedKey("its public and private halves do not belong together")
	}
	return key, comment, nil
}

func damagedKey(why string) error {
	return fmt.Errorf("this private key file is damaged (%s): restore it, or %s", why, keyAdvice)
}

// MarshalPrivateKey writes the file that ssh-keygen would, without passphrase.
// The check numbers, random in ssh-keygen, come from the public key, so that
// the same key always gives the same file.
func MarshalPrivateKey(k ed25519.PrivateKey, comment string) []byte {
	pub := k.Public().(ed25519.PublicKey)
	sum := sha256.Sum256(pub)
	private := make([]byte, 0, 256)
	private = append(private, sum[:checkBytes/2]...)
	private = append(private, sum[:checkBytes/2]...)
	private = appendString(private, KindEd25519)
	private = appendString(private, pub)
	private = appendString(private, k)
	private = appendString(private, comment)
	for i := byte(1); len(private)%8 != 0; i++ {
		private = append(private, i)
	}
	b := []byte(keyMagic)
	b = appendString(b, none) // cipher
	b = appendString(b, none) // key derivation
	b = appendString(b, "")   // its options
	b = append(b, 0, 0, 0, 1) // one key
	b = appendString(b, Ed25519(pub).blob)
	b = appendString(b, private)
	return armor(keyLabel, b)
}

// PublicHalf reads the public key of an OpenSSH private key file, whatever its
// kind, and whether a passphrase is needed to sign with it.
func PublicHalf(file []byte) (key PublicKey, passphrase bool, err error) {
	block, _ := pem.Decode(file)
	if block == nil || block.Type != keyLabel {
		return key, false, fmt.Errorf("this is not an OpenSSH private key: %s", keyAdvice)
	}
	blob, ok := bytes.CutPrefix(block.Bytes, []byte(keyMagic))
	w := wire{rest: blob}
	cipher, _, _ := string(w.string()), w.string(), w.string()
	count, public := w.uint32(), w.string()
	if !ok || w.bad || count != 1 {
		return key, false, damagedKey("its outer fields do not fit")
	}
	kind, key, err := ParsePublicKey(public)
	if err != nil {
		return key, false, damagedKey(err.Error())
	}
	if key.IsZero() {
		return key, false, fmt.Errorf("this is an %q key; seals are signed with Ed25519 or ECDSA P-256: %s", kind, keyAdvice)
	}
	return key, cipher != none, nil
}
