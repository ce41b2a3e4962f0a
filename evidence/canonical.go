package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Canonical encodes v as one line of JSON without a newline: keys sorted,
// no HTML escapes, numbers as they were read. v is encoded by encoding/json, so
// struct fields keep their order; use maps where sorted keys are wanted.
func Canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// WriteLines returns a .jsonl file of vs in the order given.
func WriteLines[T any](vs []T) ([]byte, error) {
	var b bytes.Buffer
	for _, v := range vs {
		line, err := Canonical(v)
		if err != nil {
			return nil, err
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// ReadLines reads a .jsonl file. A line that is empty, not JSON or not ended by
// a newline is an error that names it: a file cut short must not read as a
// shorter population.
func ReadLines[T any](b []byte) ([]T, error) {
	var out []T
	for n := 1; len(b) > 0; n++ {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		if !ended {
			return nil, fmt.Errorf("line %d: not ended by a newline: the file was cut short", n)
		}
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, v)
		b = rest
	}
	return out, nil
}
