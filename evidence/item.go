package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
)

// An Item is one resource with the answers a source gave about it. As one line
// of evidence/aws/111122223333/eu-west-1/kms-key.jsonl it looks like this:
//
//	{"DescribeKey":{"KeyMetadata":{…}},"GetKeyRotationStatus":{"KeyRotationEnabled":true},"ListKeys":{"KeyArn":"arn:…","KeyId":"…"},"gaps":[{"code":"AccessDeniedException","message":"…","question":"ListKeyRotations"}],"id":"arn:…"}
//
// An operation whose answer was "there is none" (an error code the collector
// lists as a fact) is present with the value null.
type Item struct {
	// ID is the ARN, or where AWS gives none an id unique within the cell.
	ID string
	// Answers are keyed by the operation's own name. Values are what
	// encoding/json decodes with UseNumber: nil means "there is none".
	Answers map[string]any
	// Gaps are the questions about this item that were not answered; empty when all were.
	Gaps []Gap
}

// A Gap is a question that was not answered, and why.
type Gap struct { // in the order of the keys: a line of evidence has them sorted
	Code     string `json:"code"`              // AWS's error code, or one of ours: "Truncated", "Unreadable"
	Message  string `json:"message,omitempty"` // what AWS said, without request ids
	Question string `json:"question"`          // the operation's name, such as "GetKeyPolicy"
}

// MarshalJSON writes the canonical object.
func (it Item) MarshalJSON() ([]byte, error) {
	m := make(map[string]any, len(it.Answers)+2)
	for k, v := range it.Answers {
		if k == "id" || k == "gaps" {
			return nil, fmt.Errorf("item %q: %q cannot be the name of an operation", it.ID, k)
		}
		m[k] = v
	}
	m["id"] = it.ID
	if len(it.Gaps) > 0 {
		m["gaps"] = it.Gaps
	}
	return Canonical(m)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (it *Item) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*it = Item{Answers: make(map[string]any, len(raw))}
	for k, v := range raw {
		var err error
		switch k {
		case "id":
			err = json.Unmarshal(v, &it.ID)
		case "gaps":
			err = json.Unmarshal(v, &it.Gaps)
		default:
			d := json.NewDecoder(bytes.NewReader(v))
			d.UseNumber()
			var a any
			err = d.Decode(&a)
			it.Answers[k] = a
		}
		if err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	if it.ID == "" {
		return fmt.Errorf("item without an id")
	}
	return nil
}

// Gap returns the gap for a question, if there is one.
func (it Item) Gap(question string) (Gap, bool) {
	for _, g := range it.Gaps {
		if g.Question == question {
			return g, true
		}
	}
	return Gap{}, false
}

// WriteItems returns items as a .jsonl file: sorted by id, one canonical object
// a line. Two items with one id are an error: a listing that names a resource
// twice would make every count wrong.
func WriteItems(items []Item) ([]byte, error) {
	items = append([]Item(nil), items...)
	sort.SliceStable(items, func(i, j int) bool { return items[i].ID < items[j].ID })
	var b bytes.Buffer
	for i, it := range items {
		if i > 0 && it.ID == items[i-1].ID {
			return nil, fmt.Errorf("two items with the id %q", it.ID)
		}
		line, err := it.MarshalJSON()
		if err != nil {
			return nil, err
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// ReadItems reads a .jsonl file of items. Errors name the line.
func ReadItems(b []byte) ([]Item, error) { return ReadLines[Item](b) }
