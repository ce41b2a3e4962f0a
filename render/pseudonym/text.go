package pseudonym

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A name as texts are searched for it: case and the width of gaps do not matter, and
// it ends and begins where no further letter or digit stands.
type spelling struct {
	folded    []rune
	pseudonym string
	// weak is a name that is also a word, or too short to be sure of: it is replaced
	// only where a user's name stands.
	weak bool
}

// match is how long the spelling is at the beginning of s, 0 where it is not there.
func (sp spelling) match(s string) int {
	at := 0
	for i, want := range sp.folded {
		if at >= len(s) {
			return 0
		}
		r, n := utf8.DecodeRuneInString(s[at:])
		if want == ' ' && i > 0 {
			if !unicode.IsSpace(r) {
				return 0
			}
			for unicode.IsSpace(r) { // a line may end between a first name and a last one
				at += n
				if r, n = utf8.DecodeRuneInString(s[at:]); n == 0 {
					return 0
				}
			}
			continue
		}
		if unicode.ToLower(r) != want {
			return 0
		}
		at += n
	}
	if r, n := utf8.DecodeRuneInString(s[at:]); n > 0 && inWord(r) {
		return 0
	}
	return at
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

func fold(s string) string {
	return strings.Map(unicode.ToLower, strings.Join(strings.Fields(s), " "))
}

// firstWord is what a folded name is looked up by: its first letters and digits.
func firstWord(s string) string {
	from := strings.IndexFunc(s, inWord)
	if from < 0 {
		return ""
	}
	s = s[from:]
	if end := strings.IndexFunc(s, func(r rune) bool { return !inWord(r) }); end >= 0 {
		s = s[:end]
	}
	return s
}

// Text is a text with every name that is found in it replaced; the same string where
// there is none.
func (n *Names) Text(s string) string {
	var out strings.Builder
	done := 0
	n.scan(s, func(from, to int, pseudonym string) {
		out.WriteString(s[done:from])
		out.WriteString(pseudonym)
		done = to
	})
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// scan finds names in a text, from its beginning to its end.
func (n *Names) scan(s string, found func(from, to int, pseudonym string)) {
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if !inWord(r) {
			at += size
			continue
		}
		end := at + size
		for end < len(s) {
			r, size := utf8.DecodeRuneInString(s[end:])
			if !inWord(r) {
				break
			}
			end += size
		}
		if to, p := n.at(s, at, end); p != "" {
			found(at, to, p)
			at = to
			continue
		}
		at = end
	}
}

// at is the name that begins with the word from..end of s.
func (n *Names) at(s string, from, end int) (to int, pseudonym string) {
	if s[from:end] == "E" && len(s) >= from+14 && s[end] == '-' && hexDigits(s[from+2:from+14]) && (len(s) == from+14 || !inWord(rune(s[from+14]))) {
		return from + 14, n.key.row(s[from : from+14])
	}
	for _, sp := range n.words[strings.Map(unicode.ToLower, s[from:end])] {
		if l := sp.match(s[from:]); l > 0 && (!sp.weak || standsForUser(s[:from])) {
			return from + l, sp.pseudonym
		}
	}
	if strings.HasSuffix(s[:from], ":user/") { // whoever it is
		l := strings.IndexFunc(s[from:], func(r rune) bool { return !inWord(r) && !strings.ContainsRune("+=,.@_-", r) })
		if l < 0 {
			l = len(s) - from
		}
		if l = len(strings.TrimRight(s[from:from+l], ".,")); !n.nobody[fold(s[from:from+l])] && (len(s) == from+l || s[from+l] != '/') {
			return from + l, n.stranger("iam-user", s[from:from+l])
		}
	}
	if l := address(s[from:]); l > 0 && (from == 0 || s[from-1] != ':' && s[from-1] != '/') { // not the password of a URL
		return from + l, n.stranger("address", s[from:from+l])
	}
	return 0, ""
}

func hexDigits(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}

// standsForUser reports whether what stands before a word says that it is a user's
// name: "…:user/", "IAM user ", "@", "111122223333/", "assumed-role/Reader/".
func standsForUser(before string) bool {
	b := strings.ToLower(before[max(0, len(before)-100):])
	for _, end := range []string{"user/", "users/", "user ", "@"} {
		if strings.HasSuffix(b, end) {
			return true
		}
	}
	if !strings.HasSuffix(b, "/") {
		return false
	}
	b = b[:len(b)-1]
	word := b[strings.LastIndexFunc(b, func(r rune) bool { return r < '0' || r > '9' })+1:]
	if len(word) == 12 {
		return true
	}
	i := strings.LastIndex(b, "assumed-role/")
	return i >= 0 && !strings.ContainsAny(b[i+len("assumed-role/"):], "/ ")
}

// address is how long the mail address is that s begins with, 0 for none. Those of
// machines, as in git@host:path, are nobody's.
func address(s string) int {
	at := strings.IndexByte(s[:min(len(s), 90)], '@')
	if at <= 0 {
		return 0
	}
	for i := range at {
		if c := s[i]; c >= 0x80 || !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("._%+-", c) >= 0) {
			return 0
		}
	}
	if slices.Contains([]string{"git", "noreply", "no-reply", "donotreply"}, strings.ToLower(s[:at])) {
		return 0
	}
	end, dot, last := at+1, false, at+1
	for end < len(s) {
		c := s[end]
		if c == '.' {
			if end == last {
				break
			}
			dot, last = true, end+1
		} else if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-') {
			break
		}
		end++
	}
	if end == last { // a full stop that ends the sentence
		end--
		last = strings.LastIndexByte(s[:end], '.') + 1
		dot = last > at+1
	}
	if !dot || end-last < 2 || strings.Trim(s[last:end], "0123456789") == "" {
		return 0
	}
	return end
}
