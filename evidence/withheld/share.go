package withheld

import (
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
)

// A Recipient may open what is encrypted to them.
type Recipient struct{ age.Recipient }

// ParseRecipient reads whom to encrypt to: an age recipient (age1…), or the line of a
// .pub file of an Ed25519 or RSA key of SSH.
func ParseRecipient(s string) (Recipient, error) {
	s = strings.TrimSpace(s)
	switch {
	case strings.HasPrefix(s, "age1"):
		r, err := age.ParseX25519Recipient(s)
		if err != nil {
			return Recipient{}, fmt.Errorf("not an age recipient: %w", err)
		}
		return Recipient{r}, nil
	case strings.HasPrefix(s, "ssh-ed25519 "), strings.HasPrefix(s, "ssh-rsa "):
		r, err := agessh.ParseRecipient(s)
		if err != nil {
			return Recipient{}, fmt.Errorf("not a public key of SSH: %w", err)
		}
		return Recipient{r}, nil
	case strings.HasPrefix(s, "AGE-SECRET-KEY-"), strings.Contains(s, "PRIVATE KEY"):
		return Recipient{}, fmt.Errorf("this is a secret key, which belongs nowhere but with the one who has it: give its public half")
	}
	return Recipient{}, fmt.Errorf("not age1…, ssh-ed25519 … or ssh-rsa …")
}

// Encrypt encrypts what is written to it, to all recipients; Close ends it.
func Encrypt(w io.Writer, to []Recipient) (io.WriteCloser, error) {
	list := make([]age.Recipient, len(to))
	for i, r := range to {
		list[i] = r.Recipient
	}
	return age.Encrypt(w, list...)
}
