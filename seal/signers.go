package seal

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Signer is one line of an OpenSSH allowed_signers file (ssh-keygen(1)):
//
//	seal@example.com namespaces="exhibit-seal-v1",valid-after="20260101Z" ssh-ed25519 AAAAC3… seal
type Signer struct {
	Principal   string    // who, as written: a name or a list of patterns
	Namespaces  []string  // patterns; empty allows every namespace
	Key         PublicKey // zero for a kind of key this version cannot check: such a line never matches
	ValidAfter  time.Time // zero when open
	ValidBefore time.Time // zero when open
	Line        int       // in the file, from 1
}

// ParseAllowedSigners reads an allowed_signers file. Errors name the line. A
// time without Z is read as UTC, so that it means the same on every machine.
func ParseAllowedSigners(b []byte) ([]Signer, error) {
	var signers []Signer
	n := 0
	for line := range strings.SplitSeq(string(b), "\n") {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		s, err := parseSigner(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		s.Line = n
		signers = append(signers, s)
	}
	return signers, nil
}

func parseSigner(line string) (Signer, error) {
	var s Signer
	principal, rest, err := word(line)
	if err != nil {
		return s, err
	}
	if len(principal) > 1 && principal[0] == '"' {
		principal = strings.TrimSuffix(principal[1:], `"`)
	}
	if s.Principal = principal; principal == "" || !plain(principal) || strings.Contains(principal, `"`) {
		return s, fmt.Errorf("no name before the key")
	}
	kind, rest, err := word(rest)
	if err != nil {
		return s, err
	}
	never := false
	if !isKeyType(kind) {
		if never, err = s.options(kind); err != nil {
			return s, err
		}
		if kind, rest, err = word(rest); err != nil {
			return s, err
		}
	}
	blob, _, err := word(rest)
	if err != nil {
		return s, err
	}
	if !isKeyType(kind) || blob == "" {
		return s, fmt.Errorf("no public key; a line is: name ssh-ed25519 AAAA…")
	}
	raw, err := base64.StdEncoding.DecodeString(blob)
	if err != nil {
		return s, fmt.Errorf("the key is not base64: %w", err)
	}
	inside, pub, err := ParsePublicKey(raw)
	if err != nil {
		return s, err
	}
	if inside != kind {
		return s, fmt.Errorf("the line says %q, the key says %q", kind, inside)
	}
	if !never {
		s.Key = pub
	}
	return s, nil
}

// ParseRevoked reads public keys that count no more: one a line, as in a .pub file,
// which is what "ssh-keygen -Y verify -r" reads too. Errors name the line.
func ParseRevoked(b []byte) ([]PublicKey, error) {
	if strings.HasPrefix(string(b), "SSHKRL") {
		return nil, fmt.Errorf("this is a binary KRL: give the text, one public key a line")
	}
	var keys []PublicKey
	n := 0
	for line := range strings.SplitSeq(string(b), "\n") {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		key, err := ParseAuthorizedKey(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func isKeyType(s string) bool {
	return strings.HasPrefix(s, "ssh-") || strings.HasPrefix(s, "ecdsa-") || strings.HasPrefix(s, "sk-")
}

// word cuts at the first space outside double quotes.
func word(s string) (first, rest string, err error) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case !quoted && (s[i] == ' ' || s[i] == '\t'):
			return s[:i], strings.TrimLeft(s[i:], " \t"), nil
		}
	}
	if quoted {
		return "", "", fmt.Errorf("a quote that does not end")
	}
	return s, "", nil
}

// options reads the comma-separated options. It answers never for a line that
// names a certificate authority: certificates are not checked here.
func (s *Signer) options(text string) (never bool, err error) {
	seen := map[string]bool{}
	for text != "" {
		var option string
		if option, text, err = cutOption(text); err != nil {
			return false, err
		}
		name, value, has := strings.Cut(option, "=")
		name = strings.ToLower(name)
		if seen[name] {
			return false, fmt.Errorf("option %q is there twice", name)
		}
		seen[name] = true
		if name == "cert-authority" && !has {
			never = true
			continue
		}
		value, quoted := strings.CutPrefix(value, `"`)
		value, ended := strings.CutSuffix(value, `"`)
		if name != "namespaces" && name != "valid-after" && name != "valid-before" {
			return false, fmt.Errorf("unknown option %q; known are namespaces, valid-after, valid-before and cert-authority", name)
		}
		if !quoted || !ended || value == "" || strings.Contains(value, `"`) {
			return false, fmt.Errorf("option %s: its value belongs in double quotes", name)
		}
		switch name {
		case "namespaces":
			s.Namespaces = strings.Split(value, ",")
		case "valid-after":
			s.ValidAfter, err = parseSignerTime(value)
		case "valid-before":
			s.ValidBefore, err = parseSignerTime(value)
		}
		if err != nil {
			return false, fmt.Errorf("option %s: %w", name, err)
		}
	}
	if !s.ValidAfter.IsZero() && !s.ValidBefore.IsZero() && !s.ValidAfter.Before(s.ValidBefore) {
		return false, fmt.Errorf("valid-before is not later than valid-after")
	}
	return never, nil
}

func cutOption(s string) (option, rest string, err error) {
	quoted := false
	for i := range len(s) {
		if s[i] == '"' {
			quoted = !quoted
		}
		if s[i] == ',' && !quoted {
			if i == 0 || i == len(s)-1 {
				return "", "", fmt.Errorf("an empty option")
			}
			return s[:i], s[i+1:], nil
		}
	}
	return s, "", nil
}

// parseSignerTime reads YYYYMMDD[HHMM[SS]][Z].
func parseSignerTime(s string) (time.Time, error) {
	digits := strings.TrimSuffix(s, "Z")
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(digits) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, digits); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("not a time like 20260101Z or 20260101060000Z: %q", s)
}

// Allows says whether the line lets its key sign in the namespace at that time.
func (s Signer) Allows(namespace string, at time.Time) error {
	if len(s.Namespaces) > 0 && !matchList(s.Namespaces, namespace) {
		return fmt.Errorf("listed for %s, not for %s", strings.Join(s.Namespaces, ","), namespace)
	}
	if !s.ValidAfter.IsZero() && at.Before(s.ValidAfter) {
		return fmt.Errorf("listed from %s on, and the seal claims %s", s.ValidAfter.Format(clockLayout), at.Format(clockLayout))
	}
	if !s.ValidBefore.IsZero() && at.After(s.ValidBefore) {
		return fmt.Errorf("listed until %s, and the seal claims %s", s.ValidBefore.Format(clockLayout), at.Format(clockLayout))
	}
	return nil
}

// matchList is OpenSSH's: a pattern after ! excludes whatever the others say.
func matchList(patterns []string, s string) bool {
	found := false
	for _, p := range patterns {
		p, not := strings.CutPrefix(p, "!")
		if match(p, s) {
			if not {
				return false
			}
			found = true
		}
	}
	return found
}

// match knows * and ?, in time that does not explode with many stars.
func match(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// String is the signer as a line of an allowed_signers file, without line end;
// empty if there is no key.
func (s Signer) String() string {
	if s.Key.IsZero() {
		return ""
	}
	var options []string
	if len(s.Namespaces) > 0 {
		options = append(options, `namespaces="`+strings.Join(s.Namespaces, ",")+`"`)
	}
	for _, t := range []struct {
		name string
		at   time.Time
	}{{"valid-after", s.ValidAfter}, {"valid-before", s.ValidBefore}} {
		if !t.at.IsZero() {
			options = append(options, t.name+`="`+t.at.UTC().Format("20060102150405Z")+`"`)
		}
	}
	line := s.Principal
	if strings.ContainsAny(line, " \t#") {
		line = `"` + line + `"`
	}
	if len(options) > 0 {
		line += " " + strings.Join(options, ",")
	}
	return line + " " + AuthorizedKey(s.Key, "")
}
