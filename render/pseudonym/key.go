// Package pseudonym lets the people of a report appear under stable pseudonyms, so
// that a package can be shared without their names.
//
// Glossary:
//
//   - A pseudonym is P- and eight letters or digits, such as P-4K7QZ2MD: a keyed
//     digest of the person's id in the people register. The same key gives the same
//     person the same pseudonym in every package, of every run and quarter.
//   - The key is 32 random bytes that only the company has. Without it nobody can
//     try names or addresses they guess: a plain or salted hash would let them.
//   - A name is whatever stands for a person: the id, the full name, addresses, the
//     user names in AWS and at the code host, the number in the HR system's list.
//
// Rules: names are replaced after everything is judged, so no verdict and no count
// depends on them; what is replaced is replaced everywhere alike; a file that is
// kept byte for byte is left out rather than given with names; what cannot be
// found, such as a first name alone in free text, is said to be there.
package pseudonym

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Key turns names into pseudonyms.
type Key struct{ b []byte }

// keyHead begins the line of a key's file. A file looks like this:
//
//	# Turns names into pseudonyms. Keep it secret, and keep it: another key gives other pseudonyms.
//	exhibit-people-key-1 5f0c…64 hexadecimal digits
const keyHead = "exhibit-people-key-1 "

const keyBytes = 32

// ParseKey reads the file of a key.
func ParseKey(b []byte) (Key, error) {
	var found []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	if len(found) != 1 || !strings.HasPrefix(found[0], keyHead) {
		return Key{}, errors.New("it is not one line that begins with " + strings.TrimSpace(keyHead))
	}
	k, err := hex.DecodeString(strings.TrimPrefix(found[0], keyHead))
	if err != nil || len(k) != keyBytes {
		return Key{}, fmt.Errorf("its key is not %d hexadecimal digits", 2*keyBytes)
	}
	return Key{k}, nil
}

// NewKey makes the file of a key from a source of randomness.
func NewKey(random io.Reader) ([]byte, error) {
	k := make([]byte, keyBytes)
	if _, err := io.ReadFull(random, k); err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	var out bytes.Buffer
	out.WriteString("# Turns names into pseudonyms. Keep it secret, and keep it: another key gives other pseudonyms.\n")
	out.WriteString(keyHead + hex.EncodeToString(k) + "\n")
	return out.Bytes(), nil
}

// Fingerprint tells two keys apart and says nothing of either: packages with the
// same one have the same pseudonyms.
func (k Key) Fingerprint() string { return hex.EncodeToString(k.digest("fingerprint", "")[:4]) }

func (k Key) digest(kind, name string) []byte {
	h := hmac.New(sha256.New, k.b)
	io.WriteString(h, kind+"\x00"+name) // a hash takes whatever is written
	return h.Sum(nil)
}

// alphabet has no letter that is taken for a digit.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// of is the pseudonym for a name of a kind: "person" for an id of the register,
// "iam-user" and the like for an identity no register names somebody for.
func (k Key) of(kind, name string) string {
	return "P-" + alphabet.EncodeToString(k.digest(kind, name)[:5])
}

// row replaces the name of an entitlement, which is a digest without a key of whose
// it is.
func (k Key) row(name string) string {
	return name[:2] + hex.EncodeToString(k.digest("row", name))[:len(name)-2]
}
