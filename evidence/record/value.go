package record

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// example is what a value of a type looks like, for messages.
func example(t Type) string {
	switch t {
	case Date:
		return "a date such as 2026-03-31"
	case Timestamp:
		return "a time with its zone such as 2026-03-31T09:15:00Z"
	case Quarter:
		return "a quarter such as 2026-Q1"
	case Bool:
		return "true or false, without quotes"
	case Int:
		return "a whole number, 0 or more, without quotes"
	case Person:
		return "the id or address of a person in the people register"
	case Reference:
		return "the id of another record"
	case Kind:
		return "the name of a kind of record"
	case URL:
		return "an address that begins with https://"
	case SHA256:
		return "a sha256 of 64 hexadecimal digits"
	case Attachment:
		return "a path and a sha256"
	case ListOf:
		return "a list, each entry on a line of its own after a hyphen, or [] for none"
	case Rows:
		return "a list of rows, each beginning with a hyphen, or [] for none"
	}
	return "text"
}

var (
	dateForm    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	quarterForm = regexp.MustCompile(`^[12]\d{3}-Q[1-4]$`)
	intForm     = regexp.MustCompile(`^(0|[1-9]\d{0,14})$`)
	shaForm     = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// scalar reads a single value of a type that needs no other record. The result
// is canonical: what encoding/json would decode with UseNumber.
func scalar(n *yaml.Node, f Field, t Type) (any, string) {
	v, quoted := strings.TrimSpace(n.Value), n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	switch t {
	case Text, Person, Reference, Kind:
		if t != Text && strings.ContainsFunc(v, unicode.IsControl) {
			return nil, "must stand on one line"
		}
		return v, ""
	case Date:
		return date(v)
	case Timestamp:
		return timestamp(v)
	case Bool:
		if (v == "true" || v == "false") && !quoted {
			return v == "true", ""
		}
	case Int:
		if intForm.MatchString(v) && !quoted {
			return json.Number(v), ""
		}
	case Quarter:
		if quarterForm.MatchString(v) {
			return v, ""
		}
	case Enum:
		for _, allowed := range f.Values {
			if v == allowed {
				return v, ""
			}
		}
		return nil, fmt.Sprintf("must be %s, not %q%s", list(f.Values), v, suggest(v, f.Values))
	case SHA256:
		if shaForm.MatchString(strings.ToLower(v)) {
			return strings.ToLower(v), ""
		}
	case URL:
		u, err := url.Parse(v)
		switch {
		case err == nil && u.User != nil:
			return nil, "must not hold a name or password"
		case err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsFunc(v, unicode.IsSpace):
			return v, ""
		}
	}
	return nil, fmt.Sprintf("must be %s, not %q", example(t), shorten(n.Value))
}

// date reads a day of the calendar.
func date(v string) (any, string) {
	t, err := time.Parse(time.DateOnly, v)
	switch {
	case err == nil && t.Year() >= 1900:
		return v, ""
	case dateForm.MatchString(v):
		return nil, fmt.Sprintf("%q is not a day of the calendar", v)
	}
	return nil, fmt.Sprintf("must be %s, not %q", example(Date), shorten(v))
}

// timestamp reads a time with its zone; seconds may be left out. The result is
// in UTC.
func timestamp(v string) (any, string) {
	spelt := strings.Replace(v, " ", "T", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, spelt); err == nil && t.Year() >= 1900 {
			return t.UTC().Format(time.RFC3339Nano), ""
		}
	}
	day, clock, _ := strings.Cut(spelt, "T")
	if _, wrong := date(day); wrong != "" && dateForm.MatchString(day) {
		return nil, wrong
	}
	if clock != "" && !strings.ContainsAny(clock, "Zz+-") {
		return nil, fmt.Sprintf("%q names no time zone: end it with Z for UTC or with an offset such as +02:00", shorten(v))
	}
	return nil, fmt.Sprintf("must be %s, not %q", example(Timestamp), shorten(v))
}

// shorten keeps a message on one line.
func shorten(v string) string {
	v, rest, more := strings.Cut(v, "\n")
	if r := []rune(v); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	if more && rest != "" {
		return v + "…"
	}
	return v
}
