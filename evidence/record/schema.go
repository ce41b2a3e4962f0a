package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"exhibit/evidence"
	"go.yaml.in/yaml/v3"
)

// A Schema says what one kind of record must hold. policies/records/ticket.yaml
// looks like this:
//
//	kind: ticket
//	title: Ticket that answers a finding
//	says: A deviation was given to somebody and followed to its end.
//	where: records/tickets/*.md
//	form: front-matter
//	cadence: per event
//	nil_statement: true
//	dated_by: opened
//	identified_by: [id]
//	in_order: [[opened, closed]]
//	sections: [Timeline]
//	fields:
//	- {name: id, type: text, required: true, says: "The ticket's number."}
//	- {name: status, type: enum, values: [open, closed], required: true, says: "Where it stands."}
//	- {name: closed, type: date, required_when: {status: [closed]}, says: "When it was closed."}
//
// Every kind also takes "attachments" (a list of path and sha256) and "links"
// (a list of addresses).
type Schema struct {
	Kind  string `yaml:"kind"`
	Title string `yaml:"title"`
	Says  string `yaml:"says"`
	// Where is a path.Match pattern from the repository's root.
	Where string `yaml:"where"`
	Form  Form   `yaml:"form"`
	// Cadence is "per event", "monthly", "quarterly", "annual" or, for a register
	// that states what is, "kept current".
	Cadence string `yaml:"cadence"`
	// NilStatement says that a time without any record must be stated in a
	// nil-statement record.
	NilStatement bool `yaml:"nil_statement"`
	// DatedBy names the field that dates a record; "" for a register that is kept current.
	DatedBy string `yaml:"dated_by"`
	// IdentifiedBy names the fields whose values, joined by "/", are a record's id.
	IdentifiedBy []string `yaml:"identified_by"`
	// InOrder holds chains of date fields; those present must not go backwards.
	InOrder [][]string `yaml:"in_order"`
	// Sections are headings that must stand in the Markdown body with text below; none for registers.
	Sections []string `yaml:"sections"`
	Fields   []Field  `yaml:"fields"`
}

// Form is how a kind is written.
type Form string

const (
	FrontMatter Form = "front-matter" // a Markdown file for each record
	List        Form = "list"         // a YAML list of all records
	Table       Form = "csv"          // a comma separated export, with a file beside it that says what it is
)

// A Field is one key of a record.
type Field struct {
	Name string `yaml:"name"`
	Type Type   `yaml:"type"`
	Says string `yaml:"says"` // for the person who fills it in
	// Values are what an enum allows; empty for other types.
	Values []string `yaml:"values"`
	// Of is the type of a list's entries; "" for other types.
	Of Type `yaml:"of"`
	// To is the kind a reference leads to, or "policy"; "" for other types.
	To string `yaml:"to"`
	// Min is the least number of entries of a list or of rows.
	Min      int  `yaml:"min"`
	Required bool `yaml:"required"`
	// RequiredWhen makes the field required when the named field has one of the values.
	RequiredWhen map[string][]string `yaml:"required_when"`
	// Unique says that no two records of the kind have the same value, whatever its case.
	Unique bool `yaml:"unique"`
	// Fields are the columns of rows; empty for other types.
	Fields []Field `yaml:"fields"`
}

// Type is what a field may hold.
type Type string

const (
	Text       Type = "text"
	Date       Type = "date"      // 2026-03-31
	Timestamp  Type = "timestamp" // 2026-03-31T09:15:00Z; kept in UTC
	Quarter    Type = "quarter"   // 2026-Q1
	Bool       Type = "bool"
	Int        Type = "int" // 0 or more
	Enum       Type = "enum"
	Person     Type = "person"    // id or address in the people register; kept as the id
	Reference  Type = "reference" // id of another kind
	Kind       Type = "kind"      // name of a kind that takes nil statements
	URL        Type = "url"
	SHA256     Type = "sha256"
	Attachment Type = "attachment" // path and sha256 of a file in the repository
	ListOf     Type = "list"
	Rows       Type = "rows"
)

// policyKind is the reference target that no schema defines: the id in the
// front matter of a file under policies/.
const policyKind = "policy"

// personKind is the kind that person fields lead to.
const personKind = "person"

// Field returns the field of that name.
func (s Schema) Field(name string) (Field, bool) {
	for _, f := range s.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Date is the day or time that dates a record of this kind, in UTC. It is false
// when the kind is kept current or the record leaves the field out.
func (s Schema) Date(it evidence.Item) (time.Time, bool) {
	fields, _ := it.Answers["record"].(map[string]any)
	v, _ := fields[s.DatedBy].(string)
	return moment(v)
}

// moment reads a canonical date or timestamp.
func moment(v string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Schemas reads the schemas "records/*.yaml" of a policies tree, sorted by kind.
// A schema that contradicts itself is an error that names the file.
func Schemas(fsys fs.FS) ([]Schema, error) {
	names, err := fs.Glob(fsys, "records/*.yaml")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("reading schemas: no records/*.yaml here")
	}
	byKind := map[string]Schema{}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading schemas: %w", err)
		}
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		var s Schema
		if err := d.Decode(&s); err != nil {
			return nil, fmt.Errorf("reading schemas: %s: %w", name, err)
		}
		if err := d.Decode(new(any)); err != io.EOF {
			return nil, fmt.Errorf("reading schemas: %s: one file holds one schema", name)
		}
		if err := s.lint(); err != nil {
			return nil, fmt.Errorf("reading schemas: %s: %w", name, err)
		}
		if want := s.Kind + ".yaml"; path.Base(name) != want {
			return nil, fmt.Errorf("reading schemas: %s: kind %q belongs in %s", name, s.Kind, want)
		}
		byKind[s.Kind] = s
	}
	out := make([]Schema, 0, len(byKind))
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		s := byKind[kind]
		if err := lintReferences(s.Fields, byKind); err != nil {
			return nil, fmt.Errorf("reading schemas: records/%s.yaml: %w", kind, err)
		}
		out = append(out, s)
	}
	return out, nil
}
