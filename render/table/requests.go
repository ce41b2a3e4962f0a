package table

import (
	"fmt"
	"strings"

	"exhibit/control"
)

// answerWord is a state as a cell with its shape.
func answerWord(s control.AnswerState) Cell { return Word(control.Status(s)) }

// RequestsTable lists requests for which keep holds, what is missing first.
func (b *Book) RequestsTable(id, title string, keep func(control.RequestResult) bool) *Table {
	t := &Table{ID: id, Title: title, Empty: "No request of this kind.", Columns: []Column{
		{"request", "No.", Code, 8}, {"title", "What is asked for", Text, 40}, {"state", "State", Status, 12}, {"exceptions", "Exceptions in it", Number, 10}, {"missing", "What is missing", Text, 56}, {"criteria", "Criteria", Text, 16}, {"asked_of", "Who answers", Text, 22},
	}}
	for _, state := range []control.AnswerState{control.AnswerMissing, control.AnswerInPart, control.AnswerWhole, control.AnswerNotApplicable} {
		for _, r := range b.Requests {
			if r.State != state || !keep(r) {
				continue
			}
			t.Add(RecordAnchor(r.ID), Mono(r.ID).To(b.RequestPage(r.ID)), Str(r.Title).To(b.RequestPage(r.ID)), answerWord(r.State), Int(r.Exceptions), Str(missingWords(r.Missing)),
				Str(strings.Join(r.Criteria, ", ")), Str(strings.Join(r.AskedOf, ", ")))
		}
	}
	return t
}

// missingWords names what is missing, each cut to a line.
func missingWords(list []string) string {
	var out []string
	for _, s := range list {
		if r := []rune(s); len(r) > 160 {
			s = string(r[:157]) + "…"
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

// RequestParts are what answers one request, with what each shows or lacks.
func (b *Book) RequestParts(r control.RequestResult) *Table {
	t := &Table{ID: "answers", Title: "What answers it", Columns: []Column{
		{"kind", "Kind", Text, 12}, {"name", "Evidence", Text, 40}, {"state", "State", Status, 12}, {"says", "What it shows, or lacks", Text, 60}, {"latest", "The newest", Text, 30},
	}}
	for _, a := range r.Answers {
		name, latest := Str(a.Name), Cell{}
		switch a.Kind {
		case "population":
			for _, p := range b.Populations {
				if p.ID == a.Name {
					name = Str(p.Title)
				}
			}
			name = name.To(b.PopulationPage(a.Name))
		case "check":
			if c := b.Check(a.Name); c != nil {
				name = Str(c.Check.Title)
			}
			name = name.To(b.CheckPage(a.Name))
		case "record":
			name = Str(Capital(strings.ReplaceAll(a.Name, "-", " "))).To(b.RecordPage(a.Name))
			latest = b.newest(a.Name)
		case "policy":
			for _, d := range b.Documents {
				if d.ID == a.Name {
					name = Str(d.Title)
				}
			}
			name = name.To(b.PolicyPage(a.Name))
		case "listing":
			name = Mono(a.Name).To(b.SourcePage(a.Name))
		}
		t.Add("", Str(a.Kind), name, answerWord(a.State), Str(a.Says), latest)
	}
	return t
}

// newest is the record of a kind with the latest date.
func (b *Book) newest(kind string) Cell {
	var field string
	for _, k := range b.Kinds {
		if k.Kind == kind {
			field = k.DatedBy
		}
	}
	best, at := "", ""
	for _, it := range b.Records[kind] {
		r, _ := it.Answers["record"].(map[string]any)
		if d, _ := r[field].(string); d > at {
			best, at = it.ID, d
		}
	}
	if best == "" {
		return Cell{}
	}
	text := best
	if !strings.Contains(best, at[:min(len(at), 10)]) {
		text = fmt.Sprintf("%s (%s)", best, at[:min(len(at), 10)])
	}
	return Str(text).To(b.RecordHref(kind, best))
}
