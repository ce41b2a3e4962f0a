// Package secret finds credentials in text, so that none reaches the evidence
// repository. Most shapes are those of veles, Google's library of secret
// detectors; this package alone imports it.
//
// Only detectors that know a credential by its own shape are used. Those of veles
// that go by a word standing nearby ("token", "secret") are left out: evidence is
// full of such words beside ids and hashes, and a gate that cries wolf is taken
// down. So are those that go by the credential's surroundings in a program.
package secret

import (
	"bytes"
	"regexp"
	"slices"
	"sync"

	"github.com/google/osv-scalibr/veles"
)

// A Find is one credential: what it is in words, and where in the text it begins and ends.
type Find struct {
	What       string // "a GitHub token"
	Start, End int
}

// A rule is one shape.
type rule struct {
	what   string
	detect func(text []byte) [][2]int // where it begins and ends
}

// In returns the first credential a text holds, nil for none known.
func In(text []byte) *Find {
	for _, r := range rules() {
		if at := r.detect(text); len(at) > 0 {
			return &Find{r.what, at[0][0], at[0][1]}
		}
	}
	return nil
}

// Withhold puts words in the place of every credential in a text, and returns
// what they were.
func Withhold(text string) (string, []string) {
	var whats []string
	for {
		f := In([]byte(text))
		if f == nil {
			return text, whats
		}
		whats = append(whats, f.What)
		if len(whats) == manyFinds { // nothing is kept of what is mostly credentials
			return "[withheld: a text that holds " + f.What + "]", whats
		}
		text = text[:f.Start] + "[withheld: " + f.What + "]" + text[f.End:]
	}
}

// manyFinds in one text are more than a person would leave there.
const manyFinds = 20

// own are shapes that veles does not have, or looks for in a narrower form. An
// access key id alone is an identifier and stays: auditors need it.
var own = []struct {
	what string
	re   *regexp.Regexp // the credential is its first group, or all of it
	mark string         // stands in every match, or one of these words does; saves running the pattern
}{
	{"a private key", regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\]*(?:-----END [A-Z0-9 ]*-----)?`), "PRIVATE"},
	{"an AWS secret access key beside its id", regexp.MustCompile(`(?s)\b(?:AKIA|ASIA)[A-Z2-7]{16}\b.{0,80}?(?:^|[^A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])`), "AKIA ASIA"},
	{"a GitHub token", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})`), "gh"}, // veles's ask that the checksum is right
	{"a Slack token", regexp.MustCompile(`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`), "xox"},
	{"a Slack webhook", regexp.MustCompile(`https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}`), "hooks.slack.com"},
	{"a Google API key", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}\b`), "AIza"},
	{"a Stripe key", regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{20,}`), "k_live_"},
	{"a presigned AWS request", regexp.MustCompile(`[?&]X-Amz-Signature=[0-9a-f]{64}`), "X-Amz-Signature="},
	{"a password in an address", regexp.MustCompile(`\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@"'<>{}$*\[\]]{1,64}:([^\s:/@"'<>{}$*\[\]]{3,128})@[A-Za-z0-9.-]+`), "://"},
}

// rules are made when they are first needed: a program that only verifies needs none.
var rules = sync.OnceValue(func() []rule {
	var out []rule
	for _, o := range own {
		marks := bytes.Fields([]byte(o.mark))
		out = append(out, rule{o.what, func(text []byte) [][2]int {
			if !slices.ContainsFunc(marks, func(m []byte) bool { return bytes.Contains(text, m) }) {
				return nil
			}
			var at [][2]int
			for _, m := range o.re.FindAllSubmatchIndex(text, -1) {
				if len(m) == 4 {
					m = m[2:]
				}
				if string(text[m[0]:m[1]]) == "xxxxx" { // how Go itself masks a password in an address
					continue
				}
				at = append(at, [2]int{m[0], m[1]})
			}
			return at
		}})
	}
	for _, d := range detectors() {
		out = append(out, rule{d.what, func(text []byte) [][2]int {
			var at [][2]int
			_, starts := d.by.Detect(text)
			for _, start := range starts {
				at = append(at, [2]int{start, endOf(text, start)})
			}
			return at
		}})
	}
	return out
})

// endOf is where a word that begins at start ends: veles says only where it begins.
func endOf(text []byte, start int) int {
	if n := bytes.IndexAny(text[start:], " \t\r\n\"'<>,;"); n > 0 {
		return start + n
	}
	return len(text)
}

// A detector is one of veles's, with what it finds in our words.
type detector struct {
	what string
	by   veles.Detector
}
