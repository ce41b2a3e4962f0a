package control

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// filter_pattern.go reads the patterns of CloudWatch Logs metric filters and says
// whether one matches an event of which only some fields are known. Source: Amazon
// CloudWatch Logs User Guide, "Filter pattern syntax for metric filters".
//
// A pattern matches for certain only if it does so whatever stands in the fields
// that are not known. A condition on such a field therefore narrows a pattern, and
// so does whatever this file cannot read.

// A truth is yes, no, or what depends on something that is not known.
type truth int

const (
	no truth = iota
	maybe
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// An event is what is known of a log event: by path ("userIdentity.type") a text,
// true or false, missing, or otherThan. A path that is not there may hold anything.
type event map[string]any

// missing stands for a field the event does not have.
type missing struct{}

// otherThan stands for a text that is there and is none of these.
type otherThan []string

// A pattern is one that was read.
type pattern interface{ matches(event) truth }

// errColumns is for a pattern of logs that are no JSON.
var errColumns = errors.New("a pattern of columns, which CloudTrail's events do not have")

// readPattern reads a filter pattern. The error is for one this file cannot read.
func readPattern(text string) (pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return allOf(nil), nil // every event
	case strings.HasPrefix(text, "["):
		return nil, errColumns
	case strings.HasPrefix(text, "{"):
		return readConditions(text)
	}
	return readTerms(text)
}

// allOf matches where all of its patterns do, anyOf where one does.
type (
	allOf []pattern
	anyOf []pattern
)

func (all allOf) matches(e event) truth {
	out := yes
	for _, p := range all {
		out = min(out, p.matches(e))
	}
	return out
}

func (list anyOf) matches(e event) truth {
	out := no
	for _, p := range list {
		out = max(out, p.matches(e))
	}
	return out
}

// A chain is conditions joined by && and || without parentheses. AWS does not say
// which binds closer, so it matches for certain only if it does either way.
type chain struct {
	parts []pattern
	ors   []bool // between the parts: || instead of &&
}

func (c chain) matches(e event) truth {
	tight, run, flat := no, yes, yes
	for i, p := range c.parts {
		m := p.matches(e)
		switch {
		case i == 0:
			run, flat = m, m
		case c.ors[i-1]:
			tight, run, flat = max(tight, run), m, max(flat, m)
		default:
			run, flat = min(run, m), min(flat, m)
		}
	}
	tight = max(tight, run)
	if tight != flat {
		return maybe
	}
	return tight
}

// speaksOf reports whether any condition of a pattern names what is known of an
// event: else the pattern is for other events, and narrow only by chance.
func speaksOf(p pattern, e event) bool {
	speaks := func(p pattern) bool { return speaksOf(p, e) }
	switch p := p.(type) {
	case chain:
		return slices.ContainsFunc(p.parts, speaks)
	case allOf:
		return len(p) == 0 || slices.ContainsFunc(p, speaks)
	case anyOf:
		return slices.ContainsFunc(p, speaks)
	case condition:
		return p.op != "!=" && p.op != "NOT EXISTS" && p.matches(e) == yes
	}
	return p.matches(e) == yes
}

// A condition is one comparison of a field.
type condition struct {
	path  string // "" when its selector is one this file does not follow
	op    string // =, !=, EXISTS, NOT EXISTS, IS TRUE, IS FALSE, IS NULL, or an order of numbers
	value string
	like  *regexp.Regexp // what value is when it has wildcards or is a regular expression
}

func (c condition) matches(e event) truth {
	v, known := e[c.path]
	if !known {
		return maybe
	}
	_, gone := v.(missing)
	switch c.op {
	case "EXISTS":
		return truthOf(!gone)
	case "NOT EXISTS":
		return truthOf(gone)
	case "IS TRUE", "IS FALSE":
		b, ok := v.(bool)
		return truthOf(ok && b == (c.op == "IS TRUE"))
	case "=":
		return c.equals(v)
	case "!=":
		if gone { // AWS does not say what a field that is not there is unequal to
			return maybe
		}
		return yes - c.equals(v)
	}
	return maybe
}

// equals compares texts; no field of ours is a number, and how a text compares
// with true AWS does not say.
func (c condition) equals(v any) truth {
	switch v := v.(type) {
	case missing:
		return no
	case string:
		if c.like != nil {
			return truthOf(c.like.MatchString(v))
		}
		return truthOf(v == c.value)
	case otherThan:
		if c.like == nil && slices.Contains(v, c.value) {
			return no
		}
	}
	return maybe
}

// A conditionReader reads what stands between { and }.
type conditionReader struct {
	tokens []string
	at     int
}

// conditionTokens are the words of a pattern of conditions; a text in quotes is one.
var conditionTokens = regexp.MustCompile(`^\s*("(?:[^"\\]|\\.)*"|%[^%]*%|&&|\|\||!=|<=|>=|[=<>(){}]|\$[^\s=!<>(){}&|"]*|[^\s=!<>(){}&|"$%]+)`)

func readConditions(text string) (pattern, error) {
	r := &conditionReader{}
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := conditionTokens.FindStringSubmatchIndex(rest)
		if m == nil {
			return nil, fmt.Errorf("cannot be read from %q on", strings.TrimSpace(rest))
		}
		r.tokens, rest = append(r.tokens, rest[m[2]:m[3]]), rest[m[1]:]
	}
	r.at = 1 // {
	p, err := r.chain()
	if err == nil && (r.next() != "}" || r.at != len(r.tokens)) {
		err = errors.New("does not end with }")
	}
	return p, err
}

// next takes the next token; "" at the end.
func (r *conditionReader) next() string {
	if r.at >= len(r.tokens) {
		return ""
	}
	r.at++
	return r.tokens[r.at-1]
}

func (r *conditionReader) peek() string {
	if r.at >= len(r.tokens) {
		return ""
	}
	return r.tokens[r.at]
}

func (r *conditionReader) chain() (pattern, error) {
	var c chain
	for {
		p, err := r.part()
		if err != nil {
			return nil, err
		}
		c.parts = append(c.parts, p)
		op := r.peek()
		if op != "&&" && op != "||" {
			return c, nil
		}
		r.at++
		c.ors = append(c.ors, op == "||")
	}
}

func (r *conditionReader) part() (pattern, error) {
	token := r.next()
	if token == "(" {
		p, err := r.chain()
		if err == nil && r.next() != ")" {
			err = errors.New("a parenthesis is not closed")
		}
		return p, err
	}
	path, ok := strings.CutPrefix(token, "$.")
	if !ok {
		return nil, fmt.Errorf("%q stands where a field should", token)
	}
	c := condition{path: path}
	if strings.ContainsAny(path, "[*'") {
		c.path = "" // an element of a list, or a name in quotes
	}
	switch op := r.next(); op {
	case "EXISTS":
		c.op = op
	case "NOT":
		if r.next() != "EXISTS" {
			return nil, errors.New("NOT without EXISTS")
		}
		c.op = "NOT EXISTS"
	case "IS":
		c.op = "IS " + r.next()
		if !slices.Contains([]string{"IS TRUE", "IS FALSE", "IS NULL"}, c.op) {
			return nil, fmt.Errorf("%s is no comparison", c.op)
		}
	case "=", "!=", "<", ">", "<=", ">=":
		c.op = op
		return c, c.compareWith(r.next())
	default:
		return nil, fmt.Errorf("%q is no comparison", op)
	}
	return c, nil
}

// compareWith reads what a field is compared with.
func (c *condition) compareWith(token string) error {
	var err error
	switch {
	case token == "" || strings.ContainsAny(token[:1], "&|=!<>(){}$"):
		return fmt.Errorf("%q stands where a value should", token)
	case token[0] == '%':
		c.like, err = regexp.Compile(strings.Trim(token, "%"))
		return err
	case token[0] == '"':
		if token, err = strconv.Unquote(token); err != nil {
			return fmt.Errorf("a text in quotes: %w", err)
		}
	}
	c.value = token
	if strings.Contains(token, "*") {
		c.like, err = regexp.Compile("^" + strings.ReplaceAll(regexp.QuoteMeta(token), `\*`, ".*") + "$")
	}
	return err
}

// A term is a word or phrase an event must hold, or must not.
type term struct {
	text string
	not  bool
}

// matches is certain of a word only where a known field holds it whole.
func (t term) matches(e event) truth {
	out := maybe
	for _, v := range e {
		if s, ok := v.(string); ok && s == t.text {
			out = yes
		}
	}
	if t.not {
		return yes - out
	}
	return out
}

var termTokens = regexp.MustCompile(`^\s*([?-]?)("(?:[^"\\]|\\.)*"|[^\s"%?-][^\s"%]*)(\s|$)`)

// readTerms reads a pattern of words: all must be there, none that begins with -,
// or one of those that begin with ? when there are only such.
func readTerms(text string) (pattern, error) {
	var all allOf
	var some anyOf
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := termTokens.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("cannot be read from %q on", strings.TrimSpace(rest))
		}
		rest = rest[len(m[0]):]
		word := m[2]
		if word[0] == '"' {
			var err error
			if word, err = strconv.Unquote(word); err != nil {
				return nil, fmt.Errorf("a text in quotes: %w", err)
			}
		}
		if m[1] == "?" {
			some = append(some, term{text: word})
		} else {
			all = append(all, term{text: word, not: m[1] == "-"})
		}
	}
	if len(all) == 0 {
		return some, nil
	}
	if len(some) > 0 {
		return nil, errors.New("words with and without ? in one pattern")
	}
	return all, nil
}
