package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
)

// Shared reads the files of many runs, most lines of which are the same from run
// to run: equal lines give the same *Item, decoded once, so that memory grows with
// what changed. The same pointer is the same item; nobody may change one. The zero
// value is ready, and not for several goroutines.
type Shared struct{ lines map[[sha256.Size]byte]*Item }

// Read is ReadItems: items in the order of their lines, and errors name the line.
func (s *Shared) Read(b []byte) ([]*Item, error) {
	if s.lines == nil {
		s.lines = map[[sha256.Size]byte]*Item{}
	}
	out := make([]*Item, 0, bytes.Count(b, []byte("\n")))
	for n := 1; len(b) > 0; n++ {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		if !ended {
			return nil, fmt.Errorf("line %d: not ended by a newline: the file was cut short", n)
		}
		sum := sha256.Sum256(line)
		it := s.lines[sum]
		if it == nil {
			it = new(Item)
			if err := json.Unmarshal(line, it); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			s.lines[sum] = it
		}
		out = append(out, it)
		b = rest
	}
	return out, nil
}

// Same gives the item that an equal one was read as before, or it itself where
// none was.
func (s *Shared) Same(it Item) (*Item, error) {
	line, err := it.MarshalJSON()
	if err != nil {
		return nil, err
	}
	if s.lines == nil {
		s.lines = map[[sha256.Size]byte]*Item{}
	}
	sum := sha256.Sum256(line)
	if have := s.lines[sum]; have != nil && reflect.DeepEqual(*have, it) { // a line does not tell 1 from 1.0
		return have, nil
	}
	s.lines[sum] = &it
	return &it, nil
}
