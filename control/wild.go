package control

import (
	"unicode/utf8"
)

// wild reports whether a pattern of IAM's matches a whole text: * is any run of
// characters, ? any one. Letters are compared without regard to case when fold.
// Source: IAM User Guide, "IAM JSON policy elements".
func wild(pattern, text string, fold bool) bool {
	p, t := 0, 0
	star, mark := -1, 0 // where the last * stood, and how much of the text it has taken
	for t < len(text) {
		if p < len(pattern) {
			c, n := utf8.DecodeRuneInString(pattern[p:])
			d, m := utf8.DecodeRuneInString(text[t:])
			switch {
			case c == '*':
				star, mark = p, t
				p++
				continue
			case c == '?' || c == d || fold && foldRune(c) == foldRune(d):
				p, t = p+n, t+m
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, m := utf8.DecodeRuneInString(text[mark:])
		mark += m
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// foldRune makes a capital letter of ASCII small: names of actions have no other.
func foldRune(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
