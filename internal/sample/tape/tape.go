// Package tape keeps recorded answers of AWS and gives them again.
//
// Glossary:
//
//   - A tape is what was answered at one time, by key.
//   - A key says what a request asks (see Key): equal requests have equal keys,
//     whoever sends them, whenever and to whichever host.
//   - A miss is a request the tape has no answer to.
//
// Rules: of a request only its key is kept, never a header or a body; a miss is
// answered 501 and remembered, never guessed; a tape has one byte form.
package tape

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"time"
	"unicode/utf8"
)

// A Tape is what was answered at one time.
type Tape struct {
	At      time.Time           // when the answers were given, UTC
	Answers map[string][]Answer // by key, in order; the last is repeated
}

// An Answer is one HTTP response. Header names are lower case; Date and
// Content-Length are not among them.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}

// A line of a tape, after the first, which is {"at":"2026-01-02T06:00:00Z"}:
//
//	{"key":"4444… kms POST / TrentService.DescribeKey 5f0a…","status":200,"header":{"content-type":"application/x-amz-json-1.1"},"body":"{…}"}
type line struct {
	Key    string            `json:"key"`
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
	Binary []byte            `json:"base64,omitempty"` // instead of Body, where that is not UTF-8
}

type head struct {
	At time.Time `json:"at"`
}

// Write writes the tape: sorted by key, gzip without name or time.
func (t *Tape) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	e := json.NewEncoder(z)
	e.SetEscapeHTML(false)
	if err := e.Encode(head{t.At.UTC()}); err != nil {
		return err
	}
	keys := make([]string, 0, len(t.Answers))
	for k := range t.Answers {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		for _, a := range t.Answers[k] {
			l := line{Key: k, Status: a.Status, Header: a.Header}
			if utf8.Valid(a.Body) {
				l.Body = string(a.Body)
			} else {
				l.Binary = a.Body
			}
			if err := e.Encode(l); err != nil {
				return err
			}
		}
	}
	return z.Close()
}

// Read reads what Write wrote. Errors name the line.
func Read(r io.Reader) (*Tape, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	b := bufio.NewReader(z)
	t := &Tape{Answers: map[string][]Answer{}}
	for n := 1; ; n++ {
		raw, err := b.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(raw) == 0 {
			if n == 1 {
				return nil, fmt.Errorf("line 1: an empty tape")
			}
			return t, nil
		} else if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if n == 1 {
			var h head
			if err := d.Decode(&h); err != nil || h.At.IsZero() {
				return nil, fmt.Errorf("line 1: no time: %q", raw)
			}
			t.At = h.At
			continue
		}
		var l line
		if err := d.Decode(&l); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if l.Key == "" || l.Status < 100 || l.Status > 599 {
			return nil, fmt.Errorf("line %d: no key or no status", n)
		}
		a := Answer{Status: l.Status, Header: l.Header, Body: []byte(l.Body)}
		if l.Binary != nil {
			a.Body = l.Binary
		}
		t.Answers[l.Key] = append(t.Answers[l.Key], a)
	}
}

// Add keeps an answer. One that repeats the last answer to the same key is not
// kept again, so that asking twice does not lengthen a tape.
func (t *Tape) Add(key string, a Answer) {
	have := t.Answers[key]
	if n := len(have); n > 0 && have[n-1].Status == a.Status && bytes.Equal(have[n-1].Body, a.Body) {
		return
	}
	t.Answers[key] = append(have, a)
}
