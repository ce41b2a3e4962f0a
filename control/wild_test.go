package control

import (
	"regexp"
	"strings"
	"testing"
)

func byRegexp(pattern, text string, fold bool) bool {
	p := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	flags := "(?s)"
	if fold {
		flags = "(?is)"
	}
	return regexp.MustCompile(flags + "^" + p + "$").MatchString(text)
}

func TestWild(t *testing.T) {
	for _, pattern := range []string{"", "*", "?", "**", "s3:*", "S3:Get*", "s3:Get?bject", "*:GetObject", "s3:*Object", "a*b*c", "*a*", "?*", "*?", "a"} {
		for _, text := range []string{"", "a", "ab", "abc", "aXbYc", "s3:GetObject", "S3:getobject", "s3:PutObject", "ec2:RunInstances", "é", "a\nb"} {
			for _, fold := range []bool{false, true} {
				if got, want := wild(pattern, text, fold), byRegexp(pattern, text, fold); got != want {
					t.Errorf("wild(%q, %q, %t) = %t", pattern, text, fold, got)
				}
			}
		}
	}
}

// FuzzWild holds it against a regular expression of ASCII patterns and texts.
func FuzzWild(f *testing.F) {
	f.Add("s3:*Get?b*", "s3:GetObject")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		for _, s := range []string{pattern, text} {
			if len(s) > 60 || strings.ContainsFunc(s, func(r rune) bool { return r > 126 }) {
				return
			}
		}
		if got, want := wild(pattern, text, true), byRegexp(pattern, text, true); got != want {
			t.Errorf("wild(%q, %q) = %t", pattern, text, got)
		}
	})
}
