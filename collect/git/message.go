package git

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"exhibit/evidence/store/objects"
)

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// decoder makes text of bytes in a commit's encoding. Bytes that are no text in
// it are shown as \xE9.
func decoder(encoding string) func([]byte) string {
	switch strings.ToLower(strings.ReplaceAll(encoding, "_", "-")) {
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1":
		return func(b []byte) string {
			r := make([]rune, len(b))
			for i, c := range b {
				r[i] = rune(c)
			}
			return string(r)
		}
	}
	return escape
}

func escape(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&s, `\x%02X`, b[0])
		} else {
			s.Write(b[:n])
		}
		b = b[n:]
	}
	return s.String()
}

// person is a name, an email and a time as a commit claims them. "when" is
// missing where it could not be read.
func person(p objects.Signature, text func([]byte) string) map[string]any {
	m := map[string]any{"name": text(p.Name), "email": text(p.Email)}
	if !p.When.IsZero() {
		m["when"] = p.When.Format(time.RFC3339)
	}
	return m
}

// A message is a commit's message in its parts.
type message struct {
	subject  string // the first paragraph on one line, as git log shows it
	body     string // what follows, trailers included
	trailers []any  // of {"key", "value"}
}

func parseMessage(s string) message {
	s = strings.TrimLeft(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	lines := strings.Split(s, "\n")
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	n := 0
	for n < len(lines) && !blank(lines[n]) {
		n++
	}
	var m message
	title := make([]string, n)
	for i, l := range lines[:n] {
		title[i] = strings.TrimSpace(l)
	}
	m.subject = strings.Join(title, " ")
	m.body = strings.Trim(strings.Join(lines[n:], "\n"), "\n \t")
	m.trailers = trailers(lines[n:])
	return m
}

func blank(l string) bool { return strings.TrimSpace(l) == "" }

// trailers are those git itself sees (git interpret-trailers): in the last
// paragraph, when all its lines are trailers, or one is of those git writes and
// at least a quarter are.
func trailers(body []string) []any {
	end := len(body)
	for end > 0 && blank(body[end-1]) {
		end--
	}
	start := end
	for start > 0 && !blank(body[start-1]) {
		start--
	}
	if start == 0 { // no blank line before it: part of the title
		return nil
	}
	block := body[start:end]
	yes, no, continued, gits := 0, 0, 0, false
	for i := len(block) - 1; i >= 0; i-- {
		l := block[i]
		switch {
		case strings.HasPrefix(l, "#"):
			no += continued
			continued = 0
		case strings.HasPrefix(l, "Signed-off-by: "), strings.HasPrefix(l, "(cherry picked from commit "):
			yes++
			continued, gits = 0, true
		case l[0] == ' ' || l[0] == '\t':
			continued++
		case separator(l) >= 1:
			yes++
			continued = 0
		default:
			no += 1 + continued
			continued = 0
		}
	}
	no += continued
	if !(gits && yes*3 >= no || yes > 0 && no == 0) {
		return nil
	}
	var out []any
	for _, l := range block {
		at := separator(l)
		switch {
		case at >= 1 && l[0] != ' ' && l[0] != '\t':
			out = append(out, map[string]any{"key": strings.TrimSpace(l[:at]), "value": strings.TrimSpace(l[at+1:])})
		case (l[0] == ' ' || l[0] == '\t') && len(out) > 0:
			last := out[len(out)-1].(map[string]any)
			last["value"] = strings.TrimSpace(last["value"].(string) + " " + strings.TrimSpace(l))
		}
	}
	return out
}

// separator is where the colon of "Key: value" stands, -1 if this is none.
func separator(l string) int {
	space := false
	for i := range len(l) {
		c := l[i]
		switch {
		case c == ':':
			return i
		case !space && (c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'):
		case i > 0 && (c == ' ' || c == '\t'):
			space = true
		default:
			return -1
		}
	}
	return -1
}

// marks are the texts by which forges name the pull request of a change: the
// default messages of GitHub, Bitbucket, Azure DevOps and GitLab. has is in
// every text that matches.
var marks = []struct {
	has  string
	re   *regexp.Regexp
	body bool // stands in the body
}{
	{"Merge pull request #", regexp.MustCompile(`^Merge pull request #(\d+) `), false},
	{"Merged in ", regexp.MustCompile(`^Merged in .* \(pull request #(\d+)\)$`), false},
	{"Merged PR ", regexp.MustCompile(`^Merged PR (\d+): `), false},
	{"See merge request ", regexp.MustCompile(`(?m)^See merge request \S*!(\d+)$`), true},
	{"(#", regexp.MustCompile(`\(#(\d+)\)$`), false},
	{"(pull request #", regexp.MustCompile(`\(pull request #(\d+)\)$`), false},
}

// pullRequest is the pull request a message names; nil when it names none.
func (m message) pullRequest(merge bool) map[string]any {
	for _, k := range marks {
		text := m.subject
		if k.body {
			text = m.body
		}
		if !strings.Contains(text, k.has) {
			continue
		}
		found := k.re.FindStringSubmatchIndex(text)
		if found == nil {
			continue
		}
		n, err := strconv.Atoi(text[found[2]:found[3]])
		if err != nil || n == 0 {
			continue
		}
		kind := "squash"
		if merge {
			kind = "merge"
		}
		said := text[found[0]:found[1]]
		if !k.body && found[0] == 0 {
			said = text
		}
		return map[string]any{"number": number(n), "kind": kind, "mark": strings.TrimSpace(said)}
	}
	return nil
}

var (
	revertedCommit = regexp.MustCompile(`(?m)^This reverts commit ([0-9a-f]{40})\b`)
	revertedPull   = regexp.MustCompile(`(?m)^Reverts \S*(?:#|!)(\d+)\s*$`)
)

// reverts says what a change takes back, as far as its message tells; nil when
// it does not say that it takes anything back.
func (m message) reverts() map[string]any {
	out := map[string]any{}
	if !strings.Contains(m.subject, "evert") && !strings.Contains(m.body, "everts ") {
		return nil
	}
	if f := revertedCommit.FindStringSubmatch(m.body); f != nil {
		out["sha"] = f[1]
	}
	if f := revertedPull.FindStringSubmatch(m.body); f != nil {
		if n, err := strconv.Atoi(f[1]); err == nil {
			out["pull_request"] = number(n)
		}
	}
	if len(out) == 0 && !strings.HasPrefix(m.subject, `Revert "`) {
		return nil
	}
	return out
}

var pickedCommit = regexp.MustCompile(`^\(cherry picked from commit ([0-9a-f]{40})\)$`)

// picked is the commit a change says it is a copy of, by the last such line of its
// last paragraph; "" when it says none.
func (m message) picked() (sha string) {
	lines := strings.Split(m.body, "\n")
	for i := len(lines) - 1; i >= 0 && !blank(lines[i]); i-- {
		if f := pickedCommit.FindStringSubmatch(strings.TrimSpace(lines[i])); f != nil {
			return f[1]
		}
	}
	return ""
}
