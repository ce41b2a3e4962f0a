package table

import (
	"fmt"
	"strconv"
	"strings"

	"exhibit/control"
)

// SamplesTable lists what auditors drew.
func (b *Book) SamplesTable() *Table {
	t := &Table{ID: "samples", Title: "Samples", Empty: "No sample has been drawn.", Columns: []Column{
		{"sample", "Sample", Code, 26}, {"population", "Population", Text, 26}, {"items", "Items", Number, 8}, {"of", "Of", Number, 8}, {"seed", "Seed", Text, 30},
		{"stands", "Its population now", Text, 34}, {"exceptions", "Attributes not met", Number, 12}, {"unknown", "Not evaluated", Number, 12}, {"inspect", "To inspect", Number, 10},
	}}
	for _, s := range b.Samples {
		if s.Problem != "" {
			t.Add("", Mono(s.ID).To(b.SamplePage(s.ID)), Str(s.Population), Int(0), Int(s.Items), Str(s.Seed), Str("cannot be relied on: "+s.Problem), Cell{}, Cell{}, Cell{})
			continue
		}
		var failed, unknown, inspect int
		for i, r := range s.Results {
			if s.Drawn[i].Replaced != "" {
				continue
			}
			for _, f := range r.Findings {
				switch VerdictStatus(f) {
				case control.ExceptionIn, control.Compensated, control.ManualHasNot:
					failed++
				case control.NotEvaluatedIn:
					unknown++
				case ToInspect:
					inspect++
				}
			}
		}
		stands := "the same as when it was drawn"
		if !s.Matches() {
			stands = "has changed since; the sample keeps to the list as it was frozen"
		}
		t.Add(RecordAnchor(s.ID), Mono(s.ID).To(b.SamplePage(s.ID)), Str(s.Title).To(b.PopulationPage(s.Population)), Int(len(s.Drawn)), Int(s.Items), Str(s.Seed), Str(stands), Int(failed), Int(unknown), Int(inspect))
	}
	return t
}

// SampleItemPage is the path of the page of the n-th item of a sample, from 0.
func (b *Book) SampleItemPage(sample string, n int) string {
	return strings.TrimSuffix(b.SamplePage(sample), ".html") + "/item-" + fmt.Sprintf("%03d", n+1) + ".html"
}

// SampleSheet is the working paper of a sample: one row an item, one column an
// attribute with what the evidence shows, and room for the auditor.
func (b *Book) SampleSheet(s control.Sample) *Table {
	t := &Table{ID: "sheet", Title: "Sample sheet", Columns: []Column{{"n", "No.", Number, 5}, {"item", "Item", Code, 30}, {"stratum", "Drawn as", Text, 12}}}
	shown := s.Columns[:min(3, len(s.Columns))]
	for _, c := range shown {
		t.Columns = append(t.Columns, Column{Key: "c_" + c.Key, Name: c.Title, Kind: Text, Width: 20})
	}
	for i, a := range s.Tested {
		t.Columns = append(t.Columns, Column{Key: "a_" + strings.ReplaceAll(a.Name, "-", "_"), Name: letter(i) + " " + strings.ReplaceAll(a.Name, "-", " "), Kind: Status, Width: 14})
	}
	t.Columns = append(t.Columns, Column{Key: "auditor", Name: "Auditor's mark", Kind: Text, Width: 14}, Column{Key: "note", Name: "Auditor's note", Kind: Text, Width: 26})
	for i, r := range s.Results {
		d := s.Drawn[i]
		cells := []Cell{Int(i + 1), Mono(d.ID).To(b.SampleItemPage(s.ID, i)), Str(d.Stratum)}
		for j := range shown {
			c := Cell{}
			if j < len(r.Member.Values) && r.Member.Values[j] != nil {
				c = scalarOf(r.Member.Values[j])
			}
			cells = append(cells, c)
		}
		for _, f := range r.Findings {
			if d.Replaced != "" {
				cells = append(cells, Cell{})
				continue
			}
			cells = append(cells, Word(VerdictStatus(f)))
		}
		note := Cell{}
		if d.Replaced != "" {
			note = Str("replaced: " + d.Replaced)
		}
		t.Add("s-"+strconv.Itoa(i+1), append(cells, Str("[  ]"), note)...)
	}
	return t
}

func letter(i int) string { return string(rune('A' + i%26)) }

// AttributesTable says what is tested of each item of a sample.
func (b *Book) AttributesTable(s control.Sample) *Table {
	t := &Table{ID: "attributes", Title: "Attributes to be tested", Columns: []Column{{"attribute", "Attribute", Text, 26}, {"says", "What must be true", Text, 50}, {"by", "What the evidence is read with", Code, 40}}}
	for i, a := range s.Tested {
		by := Str("nothing here shows it: to be inspected")
		switch {
		case a.Check != "":
			by = Mono("check " + a.Check).To(b.CheckPage(a.Check))
		case a.Pass != "":
			by = Mono(a.Pass)
		}
		t.Add("", Str(letter(i)+" "+strings.ReplaceAll(a.Name, "-", " ")), Str(a.Says), by)
	}
	return t
}

// ItemAttributes are the attributes of one sampled item, with the value that
// decided and where it stands.
func (b *Book) ItemAttributes(s control.Sample, n int) *Table {
	t := &Table{ID: "item-attributes", Title: "Attributes", Columns: []Column{
		{"attribute", "Attribute", Text, 22}, {"says", "What must be true", Text, 40}, {"shows", "The evidence shows", Status, 16}, {"value", "The value that decided", Text, 40}, {"why", "Why", Text, 34}, {"auditor", "Auditor's mark", Text, 12},
	}}
	for i, f := range s.Results[n].Findings {
		a := s.Tested[i]
		value := Cell{}
		if f.Value != nil {
			value = Str(ValueLines(f.Value))
		}
		name := Str(letter(i) + " " + strings.ReplaceAll(a.Name, "-", " "))
		if a.Check != "" {
			name = name.To(b.CheckPage(a.Check))
			if _, there := b.findingAt[FindingID(f)]; there {
				name = name.To(b.FindingHref(f))
			}
		}
		t.Add("", name, Str(a.Says), Word(VerdictStatus(f)), value, Str(f.Reason), Str("[  ]"))
	}
	return t
}
