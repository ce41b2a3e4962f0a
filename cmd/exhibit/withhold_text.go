package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"exhibit/control"
)

// A blackout takes values out of texts. A value is found where it stands as a word of
// its own: "ada" in "ada@example.com" is not one of "adamant". What stands in its
// place is a digest keyed with the repository's salt, so that equal values are seen to
// be equal: withheld:hmac-sha256: and 16 hexadecimal digits.
type blackout struct {
	salt  []byte
	of    map[string]string   // which field a value is of, by value
	begin map[string][]string // values by their first shortest bytes, longest first
	short map[string]bool     // values too short to be looked for within a text
}

// shortest is how many bytes a value has that is looked for within texts.
const shortest = 4

func newBlackout(salt []byte) *blackout {
	return &blackout{salt: salt, of: map[string]string{}, begin: map[string][]string{}, short: map[string]bool{}}
}

// add takes in a value of a field.
func (b *blackout) add(field, value string) {
	if _, have := b.of[value]; have || value == "" {
		return
	}
	b.of[value] = field
	if len(value) < shortest {
		b.short[value] = true
		return
	}
	k := value[:shortest]
	b.begin[k] = append(b.begin[k], value)
	slices.SortFunc(b.begin[k], func(x, y string) int { return cmp.Or(len(y)-len(x), strings.Compare(x, y)) })
}

func (b *blackout) digest(value string) string {
	m := hmac.New(sha256.New, b.salt)
	m.Write([]byte(value))
	return fmt.Sprintf("withheld:hmac-sha256:%x", m.Sum(nil)[:8])
}

// inWord says that a byte belongs to a word: a letter, a digit, or part of a letter
// outside ASCII.
func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= utf8.RuneSelf
}

// find gives the first value in a text from a place on; n is 0 where there is none.
func (b *blackout) find(s string, from int) (at, n int) {
	for i := from; i+shortest <= len(s); i++ {
		if i > 0 && inWord(s[i-1]) && inWord(s[i]) {
			continue
		}
		for _, v := range b.begin[s[i:i+shortest]] {
			end := i + len(v)
			if strings.HasPrefix(s[i:], v) && (end == len(s) || !inWord(s[end]) || !inWord(v[len(v)-1])) {
				return i, len(v)
			}
		}
	}
	return 0, 0
}

// text is a text without the values.
func (b *blackout) text(s string) string {
	if b.short[s] {
		return b.digest(s)
	}
	at, n := b.find(s, 0)
	if n == 0 {
		return s
	}
	var out strings.Builder
	from := 0
	for n > 0 {
		out.WriteString(s[from:at])
		out.WriteString(b.digest(s[at : at+n]))
		from = at + n
		at, n = b.find(s, from)
	}
	out.WriteString(s[from:])
	return out.String()
}

// escaped looks for the values as pages and data write them.
func (b *blackout) escaped() *blackout {
	e := newBlackout(b.salt)
	for v, field := range b.of {
		if b.short[v] {
			continue
		}
		e.add(field, v)
		e.add(field, html.EscapeString(v))
		if j, err := json.Marshal(v); err == nil {
			e.add(field, string(j[1:len(j)-1]))
		}
	}
	return e
}

// report takes the values out of all that a report says, but for what is written of
// controls and checks, which is the same for everybody.
func (b *blackout) report(r *control.Report) {
	w := walker{b: b, seen: map[any]bool{}}
	w.walk(reflect.ValueOf(r).Elem())
}

// A walker goes through a value once, and changes its texts.
type walker struct {
	b    *blackout
	seen map[any]bool
}

var (
	textType = reflect.TypeFor[string]()
	// ours are what policies/ says.
	ours = []reflect.Type{reflect.TypeFor[control.Check](), reflect.TypeFor[control.Control](), reflect.TypeFor[control.Criterion](), reflect.TypeFor[control.RecordKind](), reflect.TypeFor[control.Engagement]()}
)

// visited says that what a map or pointer points to was changed already.
func (w *walker) visited(v reflect.Value) bool {
	key := [2]any{v.Pointer(), v.Type()}
	if w.seen[key] {
		return true
	}
	w.seen[key] = true
	return false
}

func (w *walker) walk(v reflect.Value) {
	if slices.Contains(ours, v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() && v.Type() == textType { // others are words of ours, such as verdicts
			if s := v.String(); s != "" {
				v.SetString(w.b.text(s))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() && !w.visited(v) {
			w.walk(v.Elem())
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		inner := reflect.New(v.Elem().Type()).Elem()
		inner.Set(v.Elem())
		w.walk(inner)
		if v.CanSet() {
			v.Set(inner)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				w.walk(f)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if v.CanSet() && v.Len() > 0 {
				v.SetBytes([]byte(w.b.text(string(v.Bytes()))))
			}
			return
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() || w.visited(v) {
			return
		}
		for _, k := range v.MapKeys() {
			key, value := reflect.New(k.Type()).Elem(), reflect.New(v.Type().Elem()).Elem()
			key.Set(k)
			value.Set(v.MapIndex(k))
			w.walk(key)
			w.walk(value)
			if !key.Equal(k) {
				v.SetMapIndex(k, reflect.Value{})
			}
			v.SetMapIndex(key, value)
		}
	}
}

// blacked is a repository without the values.
type blacked struct {
	fs.FS
	b *blackout
}

// ReadFile reads a text without the values, and anything else as it is.
func (r blacked) ReadFile(name string) ([]byte, error) {
	c, err := fs.ReadFile(r.FS, name)
	if err != nil || !textual(name) {
		return c, err
	}
	return []byte(r.b.text(string(c))), nil
}

// ReadDir and Stat are the repository's.
func (r blacked) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

// Stat is the repository's.
func (r blacked) Stat(name string) (fs.FileInfo, error) { return fs.Stat(r.FS, name) }

// textual says that a file is text by its name.
func textual(name string) bool {
	return slices.Contains([]string{".html", ".json", ".jsonl", ".csv", ".md", ".js", ".txt", ".ics", ".svg", ".yaml", ".yml"}, path.Ext(name))
}
