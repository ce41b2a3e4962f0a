package seal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
)

type namedSignature struct {
	name string
	sig  []byte
}

// securityKeySignatures are what a security key would sign (OpenSSH,
// PROTOCOL.u2f), made by keys in memory: touched, not touched, with a counter
// or an application changed after the fact.
func securityKeySignatures(message []byte) (all []namedSignature) {
	edPub, edKey, _ := ed25519.GenerateKey(rand.Reader) // rand.Reader does not fail
	ecKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	point, _ := ecKey.PublicKey.Bytes()
	for _, c := range []struct {
		name        string
		flags       byte
		counter     uint32
		application string
		change      func(flags *byte, counter *uint32, application *string)
	}{
		{name: "touched", flags: 1, counter: 7, application: "ssh:"},
		{name: "touched and verified", flags: 5, counter: 1 << 31, application: "ssh:exhibit"},
		{name: "not touched", flags: 0, counter: 7, application: "ssh:"},
		{name: "flags changed", flags: 0, counter: 7, application: "ssh:", change: func(f *byte, _ *uint32, _ *string) { *f = 1 }},
		{name: "counter changed", flags: 1, counter: 7, application: "ssh:", change: func(_ *byte, n *uint32, _ *string) { *n = 8 }},
		{name: "application changed", flags: 1, counter: 7, application: "ssh:", change: func(_ *byte, _ *uint32, a *string) { *a = "ssh:x" }},
	} {
		for _, kind := range []string{"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"} {
			app, data := sha256.Sum256([]byte(c.application)), sha256.Sum256(signedData(NamespaceSeal, message))
			signed := bytes.Join([][]byte{app[:], {c.flags}, binary.BigEndian.AppendUint32(nil, c.counter), data[:]}, nil)
			pub := appendString(nil, kind)
			var raw []byte
			if kind[3] == 's' {
				pub, raw = appendString(pub, edPub), ed25519.Sign(edKey, signed)
			} else {
				sum := sha256.Sum256(signed)
				r, s, _ := ecdsa.Sign(rand.Reader, ecKey, sum[:])
				pub = appendString(appendString(pub, "nistp256"), point)
				raw = appendString(appendString(nil, positive(r)), positive(s))
			}
			flags, counter, application := c.flags, c.counter, c.application
			if c.change != nil {
				c.change(&flags, &counter, &application)
			}
			pub = appendString(pub, application)
			sig := append(appendString(appendString(nil, kind), raw), flags)
			sig = binary.BigEndian.AppendUint32(sig, counter)
			b := binary.BigEndian.AppendUint32([]byte(sigMagic), sigVersion)
			for _, field := range [][]byte{pub, []byte(NamespaceSeal), nil, []byte(sigHash), sig} {
				b = appendString(b, field)
			}
			all = append(all, namedSignature{kind + " " + c.name, armor(sigLabel, b)})
		}
	}
	return all
}

// positive is a number as SSH writes it: a zero byte before a set first bit.
func positive(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}
