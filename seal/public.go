package seal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
)

// The kinds of key that may seal, as OpenSSH names them. The two sk- kinds live
// in a security key (FIDO), which signs when somebody touches it.
const (
	KindEd25519   = "ssh-ed25519"
	KindP256      = "ecdsa-sha2-nistp256"
	KindSKEd25519 = "sk-ssh-ed25519@openssh.com"
	KindSKP256    = "sk-ecdsa-sha2-nistp256@openssh.com"
)

const nistp256 = "nistp256"

// A PublicKey is a key that signatures are checked with. Two are the same key
// when they are equal; the zero value is no key.
type PublicKey struct {
	blob string // in SSH's wire form; was read once without error
}

// IsZero says that there is no key.
func (k PublicKey) IsZero() bool { return k.blob == "" }

// Kind is the kind of the key, as OpenSSH names it; "" of no key.
func (k PublicKey) Kind() string {
	w := wire{rest: []byte(k.blob)}
	return string(w.string())
}

// Blob is the key in SSH's wire form (RFC 4253, section 6.6).
func (k PublicKey) Blob() []byte { return []byte(k.blob) }

// OnSecurityKey says that the private half is in a security key.
func (k PublicKey) OnSecurityKey() bool { return strings.HasPrefix(k.Kind(), "sk-") }

// Ed25519 is an Ed25519 key as a PublicKey.
func Ed25519(pub ed25519.PublicKey) PublicKey {
	return PublicKey{string(appendString(appendString(nil, KindEd25519), pub))}
}

// P256 is an ECDSA key on the curve P-256 as a PublicKey.
func P256(pub *ecdsa.PublicKey) (PublicKey, error) {
	if pub.Curve != elliptic.P256() {
		return PublicKey{}, fmt.Errorf("an ECDSA key on another curve than P-256")
	}
	point, err := pub.Bytes()
	if err != nil {
		return PublicKey{}, err
	}
	b := appendString(appendString(nil, KindP256), nistp256)
	return PublicKey{string(appendString(b, point))}, nil
}

// ParsePublicKey reads a key in SSH's wire form. A kind that cannot seal gives
// its name, no key and no error.
func ParsePublicKey(blob []byte) (kind string, key PublicKey, err error) {
	w := wire{rest: blob}
	kind = string(w.string())
	if w.bad || kind == "" {
		return "", key, fmt.Errorf("not an SSH public key")
	}
	switch kind {
	case KindEd25519, KindSKEd25519, KindP256, KindSKP256:
	default:
		return kind, key, nil
	}
	if _, err := readPublic(blob); err != nil {
		return kind, key, err
	}
	return kind, PublicKey{string(blob)}, nil
}

// parts are a key's wire form, taken apart. One of ed and ec is set.
type parts struct {
	ed          ed25519.PublicKey
	ec          *ecdsa.PublicKey
	application string // of a security key's key: "ssh:…"
}

func readPublic(blob []byte) (p parts, err error) {
	w := wire{rest: blob}
	kind := string(w.string())
	switch kind {
	case KindEd25519, KindSKEd25519:
		p.ed = bytes.Clone(w.string())
		if len(p.ed) != ed25519.PublicKeySize {
			w.bad = true
		}
	case KindP256, KindSKP256:
		curve, point := string(w.string()), w.string()
		if w.bad || curve != nistp256 {
			return p, fmt.Errorf("a damaged %s public key", kind)
		}
		if p.ec, err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point); err != nil {
			return p, fmt.Errorf("a damaged %s public key", kind)
		}
	}
	if strings.HasPrefix(kind, "sk-") {
		p.application = string(w.string())
		if p.application == "" || !plain(p.application) {
			w.bad = true
		}
	}
	if !w.done() {
		return p, fmt.Errorf("a damaged %s public key", kind)
	}
	return p, nil
}

// userPresent is the flag a security key sets when somebody touched it (FIDO,
// "UP").
const userPresent = 1

// check checks a signature in SSH's wire form over data.
//
//	ssh-ed25519                  string kind, string signature (64 bytes)
//	ecdsa-sha2-nistp256          string kind, string (mpint r, mpint s)
//	sk-…                         as above, then byte flags, uint32 counter
//
// A security key does not sign the data but SHA-256(application), flags, counter
// and SHA-256(data) (OpenSSH, PROTOCOL.u2f).
func (k PublicKey) check(data, signature []byte) error {
	p, err := readPublic([]byte(k.blob))
	if err != nil {
		return err
	}
	s := wire{rest: signature}
	kind, raw := string(s.string()), s.string()
	if s.bad || kind != k.Kind() {
		return fmt.Errorf("a damaged SSH signature")
	}
	if p.application != "" {
		flags, counter := s.bytes(1), s.bytes(4)
		if !s.done() {
			return fmt.Errorf("a damaged SSH signature")
		}
		if flags[0]&userPresent == 0 {
			return fmt.Errorf("made by a security key that nobody touched")
		}
		app, message := sha256.Sum256([]byte(p.application)), sha256.Sum256(data)
		data = bytes.Join([][]byte{app[:], flags, counter, message[:]}, nil)
	}
	if !s.done() {
		return fmt.Errorf("a damaged SSH signature")
	}
	fits := false
	if p.ed != nil {
		if len(raw) != ed25519.SignatureSize {
			return fmt.Errorf("a damaged SSH signature")
		}
		fits = ed25519.Verify(p.ed, data, raw)
	} else {
		n := wire{rest: raw}
		r, t := n.mpint(), n.mpint()
		if !n.done() || r == nil || t == nil {
			return fmt.Errorf("a damaged SSH signature")
		}
		sum := sha256.Sum256(data)
		fits = ecdsa.Verify(p.ec, sum[:], r, t)
	}
	if !fits {
		return fmt.Errorf("the signature does not fit the text: one of the two was changed")
	}
	return nil
}

// bytes reads n bytes.
func (w *wire) bytes(n int) []byte {
	if w.bad || len(w.rest) < n {
		w.bad = true
		return nil
	}
	b := w.rest[:n]
	w.rest = w.rest[n:]
	return b
}

// mpint reads a positive number, written in the one way there is; nil if it is not.
func (w *wire) mpint() *big.Int {
	b := w.string()
	if w.bad || len(b) == 0 || b[0]&0x80 != 0 || b[0] == 0 && (len(b) == 1 || b[1]&0x80 == 0) || len(b) > 33 {
		w.bad = true
		return nil
	}
	return new(big.Int).SetBytes(b)
}

func appendMpint(b []byte, n *big.Int) []byte {
	raw := n.Bytes()
	if len(raw) > 0 && raw[0]&0x80 != 0 {
		raw = append([]byte{0}, raw...)
	}
	return appendString(b, raw)
}

// AuthorizedKey is the public key as the one line of a .pub file, without line
// end. A comment that would not stay on the line is left out.
func AuthorizedKey(key PublicKey, comment string) string {
	line := key.Kind() + " " + base64.StdEncoding.EncodeToString([]byte(key.blob))
	if comment = strings.TrimSpace(comment); comment != "" && plain(comment) {
		line += " " + comment
	}
	return line
}

// ParseAuthorizedKey reads one line of a .pub file. A kind that cannot seal is an
// error.
func ParseAuthorizedKey(line string) (PublicKey, error) {
	f := strings.Fields(line)
	if len(f) < 2 {
		return PublicKey{}, fmt.Errorf("not the line of a .pub file, such as: ssh-ed25519 AAAA…")
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(f[1])
	if err != nil {
		return PublicKey{}, fmt.Errorf("the key is not base64: %w", err)
	}
	kind, key, err := ParsePublicKey(blob)
	if err == nil && kind != f[0] {
		err = fmt.Errorf("the line says %q, the key says %q", f[0], kind)
	}
	if err == nil && key.IsZero() {
		err = fmt.Errorf("an %q key: seals are signed with Ed25519 or ECDSA P-256", kind)
	}
	return key, err
}

// Fingerprint names a public key as ssh-keygen -l does: "SHA256:…".
func Fingerprint(key PublicKey) string {
	sum := sha256.Sum256([]byte(key.blob))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
