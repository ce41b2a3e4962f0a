package pseudonym

import (
	"bytes"
	"encoding/json"
	"strings"

	"exhibit/evidence"
)

// Lines replaces names in a file of JSON lines: the same lines at the same places.
// A line that is none is replaced as a text.
func (n *Names) Lines(b []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(b) {
		out.Write(n.line(bytes.TrimSuffix(line, []byte("\n"))))
		out.WriteByte('\n')
	}
	return out.Bytes()
}

func (n *Names) line(line []byte) []byte {
	if !n.touches(string(line)) {
		return line
	}
	if made, _, ok := n.object(line); ok {
		return made
	}
	return []byte(n.Text(string(line)))
}

// object is a JSON object with its names replaced; same says that it has none.
func (n *Names) object(b []byte) (made []byte, same, ok bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var m map[string]any
	if d.Decode(&m) != nil || d.More() {
		return nil, false, false
	}
	before, err := evidence.Canonical(m)
	if err != nil {
		return nil, false, false
	}
	w := &walk{Names: n, seen: map[visit]bool{}}
	w.answers(m)
	made, err = evidence.Canonical(m)
	return made, bytes.Equal(before, made), err == nil
}

// touches reports whether a line may hold a name, a weak one included.
func (n *Names) touches(s string) bool {
	if strings.Contains(s, "@") || strings.Contains(s, ":user/") {
		return true
	}
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !inWord(r) }) {
		if len(n.words[strings.ToLower(w)]) > 0 || w == "E" {
			return true
		}
	}
	return false
}

// Clean reports whether a file, JSON or lines of it, names nobody that is known, so
// that it may be given as it is.
func (n *Names) Clean(b []byte) bool {
	if _, same, ok := n.object(b); ok {
		return same
	}
	for line := range bytes.Lines(b) {
		if !n.touches(string(line)) {
			continue
		}
		if _, same, ok := n.object(line); ok && same || !ok && n.Text(string(line)) == string(line) {
			continue
		}
		return false
	}
	return true
}
