package table

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible shows a string as it is to be printed: a character that would move
// the cursor, turn the direction of the text or not show at all is written
// out, as <U+202E>, and a byte that is not UTF-8 as <0xFF>. Line ends stay,
// because people write records in lines; a tab becomes a space.
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
		case r == '\t':
			b.WriteByte(' ')
		case r == '\n' || shows(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
		i += n
	}
	return b.String()
}

func plain(s string) bool {
	ascii := true
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\n' || s[i] == 0x7f {
			return false
		}
		if s[i] >= utf8.RuneSelf {
			ascii = false
		}
	}
	if ascii {
		return true
	}
	for _, r := range s { // a byte that is not UTF-8 reads as U+FFFD
		if r != '\n' && !shows(r) {
			return false
		}
	}
	return true
}

// shows says that a character can be seen. U+FFFD is what a decoder left where
// a byte was no text: that is written out too.
func shows(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
