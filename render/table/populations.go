package table

import (
	"fmt"
	"strings"

	"exhibit/control"
)

// NotWhole is the word of a population that may have more items than are listed.
const NotWhole control.Status = "Not whole"

// PopulationWord says in one word how far a population may be relied upon.
func PopulationWord(p control.Population) Cell {
	switch {
	case p.Definition.Waits != "":
		return Word("Not made yet")
	case !p.Whole:
		return Word(NotWhole)
	case len(p.Items) == 0:
		return Word(control.NoOccurrence)
	case strings.Contains(p.Says, "owner's statement"): // nobody but its owner can say that nothing is missing
		return Word(control.StatementOnly)
	}
	return Cell{Kind: Status, Text: CoverCollected, Set: true}
}

// PopulationsTable lists the populations.
func (b *Book) PopulationsTable() *Table {
	t := &Table{ID: "populations", Title: "Populations", Columns: []Column{
		{"population", "Population", Text, 30}, {"items", "Items", Number, 8}, {"whole", "Whole", Status, 14}, {"flagged", "Flagged", Number, 8},
		{"second", "Held against a second list", Text, 30}, {"completeness", "Completeness", Text, 50}, {"source", "Source", Code, 24},
	}}
	for _, p := range b.Populations {
		flagged := Cell{}
		if len(p.Definition.Flags) > 0 {
			n := 0
			for _, m := range p.Members {
				if len(m.Risks()) > 0 {
					n++
				}
			}
			flagged = Int(n)
		}
		t.Add(RecordAnchor(p.ID), Str(p.Title).To(b.PopulationPage(p.ID)), Int(len(p.Items)), PopulationWord(p), flagged,
			Str(ReconciledWords(p.Second)), Str(b.Completeness(p)), Mono(p.Source).To(b.SourceHref(p.Source)))
	}
	return t
}

// ReconciledWords sums up a reconciliation in a few words; "" where nothing is
// known of one.
func ReconciledWords(r control.Reconciliation) string {
	var say string
	switch {
	case r.None != "":
		return "there is none: " + r.None
	case r.Source == "":
		return ""
	case len(r.Differences) == 0:
		say = fmt.Sprintf("%d here, %d there: no difference", r.First, r.Count)
	default:
		say = fmt.Sprintf("%d here, %d there: %s", r.First, r.Count, Plural(len(r.Differences), "difference", "differences"))
	}
	if r.Unknown != "" {
		say += "; not whole: " + r.Unknown
	}
	return say
}

// MembersTable shows items from to (not included) of a population with the columns
// its definition names.
func (b *Book) MembersTable(p control.Population, from, to int) *Table {
	d := p.Definition
	where := !strings.HasPrefix(p.Source, "record/") && p.Source != "git/document"
	t := &Table{ID: "population", Title: p.Title, Empty: "No occurrence in the period."}
	if len(p.Items) == 0 && !p.Whole {
		t.Empty = "None is known; the list is not whole."
	}
	// name is a column of ours; where the definition calls one of its own the same, a clearer name.
	name := func(plain, clear string) string {
		for _, c := range d.Columns {
			if c.Title == plain {
				return clear
			}
		}
		return plain
	}
	t.Columns = []Column{{Key: "id", Name: "Item", Kind: Code, Width: 34}}
	if where {
		t.Columns = append(t.Columns, Column{Key: "account", Name: name("Account", "Asked in account"), Kind: Code, Width: 15}, Column{Key: "region", Name: name("Region", "Asked in region"), Kind: Code, Width: 14})
	}
	for _, c := range d.Columns {
		key := c.Key
		switch key {
		case "id", "account", "region", "flags", "first_seen", "last_seen":
			key += "_"
		}
		t.Columns = append(t.Columns, Column{Key: key, Name: c.Title, Kind: Text, Width: 20})
	}
	gone := false
	for _, m := range p.Members {
		gone = gone || m.LastSeen != ""
	}
	t.Columns = append(t.Columns, Column{Key: "flags", Name: "Flags", Kind: Text, Width: 22})
	seen := d.AsOf == "period" && !d.Calendar
	if seen {
		t.Columns = append(t.Columns, Column{Key: "first_seen", Name: name("First seen", "First seen by run"), Kind: Code, Width: 22})
	}
	if gone {
		t.Columns = append(t.Columns, Column{Key: "last_seen", Name: name("Last seen, where gone", "Last seen by run, where gone"), Kind: Code, Width: 22})
	}
	for i := from; i < to; i++ {
		it, m := p.Items[i], p.Members[i]
		cells := []Cell{Mono(it.ID).To(b.MemberHref(it))}
		if where {
			cells = append(cells, Mono(it.Account), Mono(it.Region))
		}
		for j := range d.Columns {
			c := Cell{}
			if j < len(m.Values) && m.Values[j] != nil {
				c = scalarOf(m.Values[j])
			}
			cells = append(cells, c)
		}
		cells = append(cells, Str(strings.Join(m.Risks(), ", ")))
		if seen {
			cells = append(cells, Mono(m.FirstSeen).To(b.RunHref(m.FirstSeen)))
		}
		if gone {
			cells = append(cells, Mono(m.LastSeen).To(b.RunHref(m.LastSeen)))
		}
		t.Add("t-"+Hash(it.Account, it.Region, it.Source, it.ID), cells...)
	}
	if len(d.Flags) == 0 {
		t.Drop("flags")
	}
	return t
}

// Drop takes a column away, where there is one.
func (t *Table) Drop(key string) {
	for i, c := range t.Columns {
		if c.Key != key {
			continue
		}
		t.Columns = append(t.Columns[:i:i], t.Columns[i+1:]...)
		for j := range t.Rows {
			cells := t.Rows[j].Cells
			t.Rows[j].Cells = append(cells[:i:i], cells[i+1:]...)
		}
		return
	}
}

// Shown is a value of an item as a cell.
func Shown(v any) Cell { return scalarOf(v) }

func scalarOf(v any) Cell {
	switch v := v.(type) {
	case []any:
		return Str(joinList(v))
	case map[string]any:
		return Str(ValueText(v))
	}
	return scalar(v)
}

// SourceHref leads to all items of a source: its listings, its records, the policies.
func (b *Book) SourceHref(source string) string {
	if kind, ok := strings.CutPrefix(source, "record/"); ok {
		return b.RecordPage(kind)
	}
	if source == "git/document" {
		return "policies.html"
	}
	return b.SourcePage(source)
}

// MemberHref leads to where an item of a population is shown: its listing, its
// record, its policy.
func (b *Book) MemberHref(it control.Located) string {
	if kind, ok := strings.CutPrefix(it.Source, "record/"); ok {
		id := it.ID
		if span, calendar := it.Answers["record"].(map[string]any); calendar && b.known("record/"+kind, id) == "" {
			for _, r := range b.Records[kind] { // the record that serves a span of a calendar
				if r.Pointer.Path == it.Pointer.Path && r.Pointer.Line == it.Pointer.Line && span != nil {
					id = r.ID
				}
			}
		}
		if b.known("record/"+kind, id) == "" {
			return b.RecordPage(kind)
		}
		return b.RecordHref(kind, id)
	}
	if it.Source == "git/document" {
		return b.PolicyPage(it.ID)
	}
	if it.Source == "derived/inline-policy" {
		id, _, _ := strings.Cut(it.ID, "#")
		for _, s := range []string{"iam/user", "iam/group", "iam/role"} {
			if _, ok := b.itemAt[itemKey{Key{it.Account, it.Region, s}, id}]; ok {
				return b.ItemHref(Key{it.Account, it.Region, s}, id)
			}
		}
		return ""
	}
	return b.ItemHref(Key{it.Account, it.Region, it.Source}, it.ID)
}

// DifferencesTable lists what is in one of two lists alone.
func (b *Book) DifferencesTable(p control.Population) *Table {
	t := &Table{ID: "differences", Title: "Differences, one by one", Empty: "No item is in one list alone.", Columns: []Column{
		{"item", "Item", Code, 40}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14}, {"in", "Where it is", Text, 26}, {"source", "Source", Code, 26}, {"why", "Why it is a difference", Text, 50},
	}}
	where := map[string]string{"population": "in the population alone", "second": "in the second list alone", "count": "the counts differ"}
	for _, d := range p.Second.Differences {
		it := control.Located{Account: d.Account, Region: d.Region, Source: d.Source, Pointer: d.Pointer}
		it.ID = d.Item
		t.Add("", Mono(d.Item).To(b.MemberHref(it)), Mono(d.Account), Mono(d.Region), Str(where[d.In]), Mono(d.Source), Str(d.Why))
	}
	return t
}

// FlagsTable says what the flags of a population mean and how many items bear each.
func FlagsTable(p control.Population) *Table {
	t := &Table{ID: "flags", Title: "Flags", Note: "A stratified sample takes every flagged item.", Columns: []Column{
		{"flag", "Flag", Code, 22}, {"says", "An item that", Text, 40}, {"items", "Items", Number, 8}, {"unknown", "Not answered", Number, 10}, {"by", "Decided by", Code, 40},
	}}
	for _, f := range p.Definition.Flags {
		n, unknown := 0, 0
		for _, m := range p.Members {
			for _, x := range m.Flags {
				if x == f.Name {
					n++
				}
			}
			for _, x := range m.Unknown {
				if x == f.Name {
					unknown++
				}
			}
		}
		by := f.When
		if f.Check != "" {
			by = "check " + f.Check
		}
		t.Add("", Mono(f.Name), Str(f.Says), Int(n), Int(unknown), Mono(by))
	}
	return t
}
