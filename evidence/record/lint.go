package record

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

var kindName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
var fieldName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// lint refuses a schema that could not be used as it says.
func (s Schema) lint() error {
	if !kindName.MatchString(s.Kind) {
		return fmt.Errorf("kind %q: use small letters, digits and hyphens", s.Kind)
	}
	if s.Kind == policyKind {
		return fmt.Errorf("kind %q: is that of the files under policies/", s.Kind)
	}
	if s.Title == "" || s.Says == "" {
		return errors.New("title and says must be given")
	}
	switch ext := path.Ext(s.Where); {
	case s.Form == FrontMatter && ext != ".md", s.Form == List && ext != ".yaml":
		return fmt.Errorf("where %q: front-matter lies in .md files, a list in a .yaml file", s.Where)
	case s.Form == Table && (s.Where != "registers/people.csv" || s.Kind != hrPersonKind):
		return fmt.Errorf("where %q: the one table that is read is registers/people.csv, of the kind %s", s.Where, hrPersonKind)
	case s.Form != FrontMatter && s.Form != List && s.Form != Table:
		return fmt.Errorf("form %q: allowed: %q, %q, %q", s.Form, FrontMatter, List, Table)
	}
	if _, err := path.Match(s.Where, ""); err != nil || !fs.ValidPath(s.Where) || !strings.Contains(s.Where, "/") {
		return fmt.Errorf("where %q: must be a path pattern inside a folder of the repository", s.Where)
	}
	cadences := []string{"per event", "monthly", "quarterly", "annual", "kept current"}
	if !slices.Contains(cadences, s.Cadence) {
		return fmt.Errorf("cadence %q: allowed: %s", s.Cadence, list(cadences))
	}
	if err := lintFields(s.Fields, true); err != nil {
		return err
	}
	if s.Form == List && len(s.Sections) > 0 {
		return errors.New("sections: a list has no text to look for them in")
	}
	if s.DatedBy == "" && s.Cadence != "kept current" {
		return errors.New("dated_by must be given unless the kind is kept current")
	}
	if f, ok := s.Field(s.DatedBy); s.DatedBy != "" && (!ok || f.Type != Date && f.Type != Timestamp) {
		return fmt.Errorf("dated_by %q: must be a date or timestamp field", s.DatedBy)
	}
	if len(s.IdentifiedBy) == 0 {
		return errors.New("identified_by must name at least one field")
	}
	for _, name := range s.IdentifiedBy {
		if f, ok := s.Field(name); !ok || !f.Required || f.Type == ListOf || f.Type == Rows || f.Type == Attachment {
			return fmt.Errorf("identified_by %q: must be a required field with a single value", name)
		}
	}
	for _, name := range slices.Concat(s.InOrder...) {
		if f, ok := s.Field(name); !ok || f.Type != Date && f.Type != Timestamp {
			return fmt.Errorf("in_order %q: must be a date or timestamp field", name)
		}
	}
	return nil
}

func lintFields(fields []Field, top bool) error {
	if len(fields) == 0 {
		return errors.New("fields must not be empty")
	}
	seen := map[string]Field{}
	for _, f := range fields {
		if !fieldName.MatchString(f.Name) || top && (f.Name == "attachments" || f.Name == "links") {
			return fmt.Errorf("field %q: not a name a field can have", f.Name)
		}
		if _, twice := seen[f.Name]; twice {
			return fmt.Errorf("field %q: named twice", f.Name)
		}
		seen[f.Name] = f
		if err := lintField(f, top); err != nil {
			return fmt.Errorf("field %q: %w", f.Name, err)
		}
	}
	for _, f := range fields {
		for other, values := range f.RequiredWhen {
			o, ok := seen[other]
			for _, v := range values {
				if !ok || o.Type == Enum && !slices.Contains(o.Values, v) || o.Type != Enum && o.Type != Bool {
					return fmt.Errorf("field %q: required_when %s %q: no such value", f.Name, other, v)
				}
			}
		}
	}
	return nil
}

func lintField(f Field, top bool) error {
	single := []Type{Text, Date, Timestamp, Quarter, Bool, Int, Enum, Person, Reference, Kind, URL, SHA256, Attachment}
	single2 := f.Type
	if f.Type == ListOf {
		single2 = f.Of
	}
	switch {
	case f.Says == "":
		return errors.New("says must be given")
	case f.Type == Rows && !top:
		return errors.New("rows cannot hold rows")
	case f.Type != Rows && !slices.Contains(single, single2):
		return fmt.Errorf("unknown type %q", single2)
	case (f.Of != "") != (f.Type == ListOf):
		return errors.New("of belongs to a list, and a list needs it")
	case (len(f.Values) > 0) != (single2 == Enum):
		return errors.New("values belong to an enum, and an enum needs them")
	case (f.To != "") != (single2 == Reference):
		return errors.New("to belongs to a reference, and a reference needs it")
	case f.Min != 0 && f.Type != ListOf && f.Type != Rows || f.Min < 0:
		return errors.New("min belongs to a list or rows")
	case (len(f.Fields) > 0) != (f.Type == Rows):
		return errors.New("fields belong to rows, and rows need them")
	case f.Unique && f.Type != Text:
		return errors.New("unique belongs to a text")
	}
	if f.Type == Rows {
		return lintFields(f.Fields, false)
	}
	return nil
}

func lintReferences(fields []Field, kinds map[string]Schema) error {
	for _, f := range fields {
		if f.To != "" && f.To != policyKind {
			if _, ok := kinds[f.To]; !ok {
				return fmt.Errorf("field %q: no kind %q", f.Name, f.To)
			}
		}
		if _, ok := kinds[personKind]; !ok && (f.Type == Person || f.Of == Person) {
			return fmt.Errorf("field %q: no kind %q", f.Name, personKind)
		}
		if err := lintReferences(f.Fields, kinds); err != nil {
			return err
		}
	}
	return nil
}
