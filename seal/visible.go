package seal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible shows a string as it is to be printed for people: a character that
// would move the cursor, turn the direction of the text or not show at all is
// written out, as <U+202E>, and a byte that is not UTF-8 as <0xFF>. What a
// resource is called must not change what the line around it says.
func Visible(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "<0x%02X>", s[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
		i += n
	}
	return b.String()
}

func plain(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}
