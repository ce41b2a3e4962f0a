package git

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"crypto/sha256"
)

// describeSignature says what kind of signature a commit carries and with which
// key it says it was made. It verifies nothing. nil when there is none.
//
//	{"kind":"ssh","key":"SHA256:…","key_type":"ssh-ed25519"}
//	{"kind":"pgp","key":"<fingerprint or key id, hex>"}
//	{"kind":"x509"}
//
// "key" is missing where it could not be read.
func describeSignature(sig []byte) map[string]any {
	s := strings.TrimSpace(string(sig))
	switch {
	case s == "":
		return nil
	case strings.HasPrefix(s, "-----BEGIN SSH SIGNATURE-----"):
		out := map[string]any{"kind": "ssh"}
		if kind, print, ok := sshKey(unarmor(s)); ok {
			out["key_type"], out["key"] = kind, print
		}
		return out
	case strings.HasPrefix(s, "-----BEGIN PGP SIGNATURE-----"), strings.HasPrefix(s, "-----BEGIN PGP MESSAGE-----"):
		out := map[string]any{"kind": "pgp"}
		if key := pgpKey(unarmor(s)); key != "" {
			out["key"] = key
		}
		return out
	case strings.HasPrefix(s, "-----BEGIN SIGNED MESSAGE-----"):
		return map[string]any{"kind": "x509"}
	}
	return map[string]any{"kind": "unknown"}
}

// unarmor decodes the base64 between the lines of an armor, without its
// headers and checksum; nil when it cannot.
func unarmor(s string) []byte {
	var b strings.Builder
	lines := strings.Split(s, "\n")
	inHeaders := false
	for i, l := range lines[1:] {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "-----END"):
			out, err := base64.StdEncoding.DecodeString(b.String())
			if err != nil {
				return nil
			}
			return out
		case i == 0 && strings.Contains(l, ": "):
			inHeaders = true
		case l == "":
			inHeaders = false
		case inHeaders, strings.HasPrefix(l, "="):
		default:
			b.WriteString(l)
		}
	}
	return nil
}

// sshKey reads the public key of an SSHSIG (PROTOCOL.sshsig of OpenSSH).
func sshKey(b []byte) (kind, fingerprint string, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte("SSHSIG\x00\x00\x00\x01"))
	if !ok {
		return "", "", false
	}
	blob, _, ok := sshString(rest)
	if !ok {
		return "", "", false
	}
	name, _, ok := sshString(blob)
	if !ok || len(name) > 100 {
		return "", "", false
	}
	sum := sha256.Sum256(blob)
	return escape(name), "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:]), true
}

func sshString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(len(b)-4) < uint64(n) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// pgpKey reads the issuer of an OpenPGP signature (RFC 9580, 5.2.3): its
// fingerprint, else its key id; "" when neither is there.
func pgpKey(b []byte) string {
	body := pgpPacket(b)
	if len(body) < 6 || body[0] < 4 || body[0] > 5 {
		return ""
	}
	rest := body[4:]
	var id string
	for range 2 { // hashed, then unhashed
		if len(rest) < 2 {
			break
		}
		n := int(binary.BigEndian.Uint16(rest))
		if len(rest)-2 < n {
			break
		}
		fingerprint, keyID := pgpIssuer(rest[2 : 2+n])
		if fingerprint != "" {
			return fingerprint
		}
		if id == "" {
			id = keyID
		}
		rest = rest[2+n:]
	}
	return id
}

// pgpPacket is the body of a first packet that is a signature.
func pgpPacket(b []byte) []byte {
	if len(b) < 2 || b[0]&0x80 == 0 {
		return nil
	}
	tag, head, n := 0, 0, 0
	if b[0]&0x40 != 0 { // new format
		tag = int(b[0] & 0x3f)
		used := 0
		n, used = pgpLength(b[1:])
		head = 1 + used
		if used == 0 {
			return nil
		}
	} else {
		tag = int(b[0] >> 2 & 15)
		size := 1 << (b[0] & 3)
		if size == 8 || len(b) < 1+size {
			return nil
		}
		for _, c := range b[1 : 1+size] {
			n = n<<8 | int(c)
		}
		head = 1 + size
	}
	if tag != 2 || n < 0 || len(b)-head < n {
		return nil
	}
	return b[head : head+n]
}

func pgpLength(b []byte) (n, used int) {
	switch {
	case len(b) >= 1 && b[0] < 192:
		return int(b[0]), 1
	case len(b) >= 2 && b[0] < 224:
		return (int(b[0])-192)<<8 + int(b[1]) + 192, 2
	case len(b) >= 5 && b[0] == 255:
		return int(binary.BigEndian.Uint32(b[1:])), 5
	}
	return 0, 0
}

func pgpIssuer(b []byte) (fingerprint, keyID string) {
	for len(b) > 0 {
		n, used := pgpLength(b)
		if used == 0 || n < 1 || len(b)-used < n {
			return fingerprint, keyID
		}
		body := b[used+1 : used+n]
		switch b[used] & 0x7f {
		case 33:
			if len(body) > 1 {
				fingerprint = strings.ToUpper(hex.EncodeToString(body[1:]))
			}
		case 16:
			if len(body) == 8 {
				keyID = fmt.Sprintf("%X", body)
			}
		}
		b = b[used+n:]
	}
	return fingerprint, keyID
}
