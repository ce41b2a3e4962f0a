package record

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"exhibit/evidence"
	"go.yaml.in/yaml/v3"
)

// common are the fields every kind of record takes beside its own; a policy takes none.
func common(own []Field) []Field {
	all := []Field{
		{Name: "attachments", Type: ListOf, Of: Attachment, Says: "Files kept beside the record."},
		{Name: "links", Type: ListOf, Of: URL, Says: "Where more can be found."},
		{Name: "owner", Type: Person, Says: "Who answers for the record."},
		{Name: "attendees", Type: ListOf, Of: Text, Says: "Who took part."},
		{Name: "follow_ups", Type: Rows, Says: "What was decided; followed until closed.", Fields: []Field{
			{Name: "action", Type: Text, Required: true, Says: "What."},
			{Name: "owner", Type: Person, Required: true, Says: "By whom."},
			{Name: "due", Type: Date, Required: true, Says: "By when."},
			{Name: "closed", Type: Date, Says: "When done. Left out while open."},
		}},
	}
	return slices.DeleteFunc(all, func(c Field) bool { return slices.ContainsFunc(own, func(f Field) bool { return f.Name == c.Name }) })
}

// A draft is a record being read.
type draft struct {
	schema   Schema
	path     string
	line     int                   // where it begins
	record   map[string]any        // canonical fields
	places   map[string]*yaml.Node // the value of each top field
	attached []any
	text     string
	pending  []pending
	id       string // "" when a field it consists of could not be read
	faults   []fault

	// of a table's row alone
	row     int               // from 1, below the heading
	cells   map[[2]int]string // heading by line and column
	from    *draft            // the row that this person was made from; nil for others
	dropped bool              // another row of the table is wrong
}

// pending is a value that must be found in another record.
type pending struct {
	node  *yaml.Node
	field Field
	to    string // kind
	value string
	set   func(any)
}

func (d *draft) fault(n *yaml.Node, format string, args ...any) {
	d.faults = append(d.faults, faultAt(n, format, args...))
}

// mapping reads the keys of n into out. within names the row for messages; it
// is empty for the record itself.
func (d *draft) mapping(r *reader, n *yaml.Node, fields []Field, within string, out map[string]any) {
	known := fields
	if within == "" && d.schema.Kind != policyKind {
		known = slices.Concat(fields, common(fields))
	}
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.Name
	}
	given := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		at := slices.Index(names, k.Value)
		switch first, twice := given[k.Value]; {
		case k.Kind != yaml.ScalarNode:
			d.fault(k, "a key must be a single word")
			continue
		case twice:
			d.fault(k, "%q is given twice; first on line %d", shorten(k.Value), first.Line)
			continue
		case at < 0:
			d.fault(k, "unknown key %q%s%s; allowed: %s", shorten(k.Value), within, suggest(k.Value, names), strings.Join(names, ", "))
			continue
		}
		given[k.Value] = k
		if within == "" {
			d.places[k.Value] = v
		}
		d.value(r, v, known[at], within, func(x any) { out[k.Value] = x })
	}
	for _, f := range fields {
		if _, has := out[f.Name]; has {
			continue
		}
		why := ""
		if f.Required {
			why = "required"
		}
		for other, values := range f.RequiredWhen {
			if is := fmt.Sprint(out[other]); slices.Contains(values, is) {
				why = fmt.Sprintf("required when %q is %q", other, is)
			}
		}
		switch k, has := given[f.Name]; {
		case why == "":
		case !has:
			d.fault(n, "%q is missing%s; it is %s: %s", f.Name, within, why, f.Says)
		case isNull(valueOf(n, k)):
			d.fault(k, "%q is empty%s; it is %s: %s", f.Name, within, why, f.Says)
		}
	}
}

func valueOf(n, key *yaml.Node) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i] == key {
			return n.Content[i+1]
		}
	}
	return key
}

// isNull reports whether nothing was written as the value.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || strings.TrimSpace(n.Value) == "")
}

// value reads n as f wants it and hands the canonical value to set. An empty
// value sets nothing.
func (d *draft) value(r *reader, n *yaml.Node, f Field, within string, set func(any)) {
	if isNull(n) {
		return
	}
	wrong := func(t Type) {
		d.fault(n, "%q%s must be %s, not %s", f.Name, within, example(t), shape(n))
	}
	switch f.Type {
	case ListOf:
		if n.Kind != yaml.SequenceNode {
			wrong(ListOf)
			return
		}
		out := make([]any, len(n.Content))
		set(out)
		d.atLeast(n, f)
		for i, e := range n.Content {
			if isNull(e) {
				d.fault(e, "%q holds an empty entry", f.Name)
				continue
			}
			one := f
			one.Type, one.Of = f.Of, ""
			d.value(r, e, one, within, func(x any) { out[i] = x })
		}
	case Rows:
		if n.Kind != yaml.SequenceNode {
			wrong(Rows)
			return
		}
		out := make([]any, len(n.Content))
		set(out)
		d.atLeast(n, f)
		for i, e := range n.Content {
			if e.Kind != yaml.MappingNode {
				d.fault(e, "row %d of %q must be fields with values, not %s", i+1, f.Name, shape(e))
				continue
			}
			row := map[string]any{}
			out[i] = row
			d.mapping(r, e, f.Fields, fmt.Sprintf(" in row %d of %q", i+1, f.Name), row)
		}
	case Attachment:
		if n.Kind != yaml.MappingNode {
			wrong(Attachment)
			return
		}
		d.attachment(r, n, f.Name, set)
	default:
		if n.Kind != yaml.ScalarNode {
			wrong(f.Type)
			return
		}
		v, problem := scalar(n, f, f.Type)
		if problem != "" {
			d.fault(n, "%q%s: %s", f.Name, within, problem)
			return
		}
		set(v)
		switch f.Type {
		case Person:
			d.pending = append(d.pending, pending{n, f, personKind, v.(string), set})
		case Reference:
			d.pending = append(d.pending, pending{n, f, f.To, v.(string), set})
		case Kind:
			if s, ok := r.kinds[v.(string)]; !ok || !s.NilStatement {
				d.fault(n, "%q must be a kind of record that takes nil statements, not %q%s; allowed: %s",
					f.Name, v, suggest(v.(string), r.nilKinds()), strings.Join(r.nilKinds(), ", "))
			}
		}
	}
}

func (d *draft) atLeast(n *yaml.Node, f Field) {
	if len(n.Content) < f.Min {
		d.fault(n, "%q must have at least %d: %s", f.Name, f.Min, f.Says)
	}
}

// shape says what was found in place of something else.
func shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "fields with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", shorten(n.Value))
}

// attachment reads a path and a sha256, and makes sure that the file is there
// and is the one that was meant.
func (d *draft) attachment(r *reader, n *yaml.Node, name string, set func(any)) {
	columns := []Field{
		{Name: "path", Type: Text, Required: true, Says: "From the repository's root."},
		{Name: "sha256", Type: SHA256, Required: true, Says: "Of the file's bytes."},
	}
	out := map[string]any{}
	before := len(d.faults)
	d.mapping(r, n, columns, fmt.Sprintf(" in %q", name), out)
	if len(d.faults) > before {
		return
	}
	file, want := out["path"].(string), out["sha256"].(string)
	at := valueOfKey(n, "path")
	if !fs.ValidPath(file) || file == "." {
		d.fault(at, "path %q: write it from the repository's root, without .. and without a leading slash", shorten(file))
		return
	}
	sum, err := sumOf(r.repo, file)
	switch {
	case err != nil:
		d.fault(at, "attachment %q cannot be read: %s", file, reason(err))
		return
	case sum != want:
		d.fault(valueOfKey(n, "sha256"), "attachment %q is not the file that was meant: its sha256 is %s, not %s", file, sum, want)
		return
	}
	r.claimed[file] = true
	set(out)
	d.attached = append(d.attached, out)
}

func valueOfKey(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return n
}

// identify sets the draft's id from its fields.
func (d *draft) identify() {
	var parts []string
	for _, name := range d.schema.IdentifiedBy {
		v, ok := d.record[name]
		if !ok {
			return
		}
		parts = append(parts, fmt.Sprint(v))
	}
	d.id = strings.Join(parts, "/")
}

// inOrder makes sure that dates do not go backwards. A date and a time are
// compared by the day, one day apart allowed: the date was written where the
// writer was, the time is in UTC.
func (d *draft) inOrder() {
	for _, chain := range d.schema.InOrder {
		before := ""
		for _, name := range chain {
			v, ok := d.record[name].(string)
			t, ok2 := moment(v)
			if !ok || !ok2 {
				continue
			}
			if before != "" {
				b := d.record[before].(string)
				earlier, _ := moment(b)
				if len(b) != len(v) && (len(b) == 10 || len(v) == 10) {
					earlier = earlier.AddDate(0, 0, -1)
				}
				if t.Before(earlier) {
					d.fault(d.places[name], "%q (%s) is before %q (%s)", name, v, before, b)
				}
			}
			before = name
		}
	}
}

// found is the finished record.
func (d *draft) found() Found {
	delete(d.record, "attachments")
	it := evidence.Item{ID: d.id, Answers: map[string]any{"record": d.record}}
	if d.text != "" {
		it.Answers["text"] = d.text
	}
	if len(d.attached) > 0 {
		it.Answers["attachments"] = d.attached
	}
	return Found{Item: it, Path: d.path, Line: d.line}
}
