package render

import (
	"slices"
	"strconv"

	"exhibit/control"
	"exhibit/render/table"
)

// inTime is what the seals and the calendar say about the records of a kind:
// what is missing, what was written down late, changed or taken away.
func (b *binder) inTime(kind string) []table.Block {
	var out []table.Block
	spans, sealed := b.SpansOf(kind), b.Sealings[kind]
	late, changed, gone := 0, []control.Sealing{}, 0
	for _, s := range sealed {
		switch {
		case s.Gone:
			gone++
		case s.State == control.SealedLate:
			late++
		}
		if len(s.Changes) > 0 {
			changed = append(changed, s)
		}
	}
	missing := len(b.MissingSpans(kind))
	out = append(out, table.Tally{Items: []table.Count{
		{N: missing, Word: "missing", Status: control.ManualHasNot}, {N: late, Word: "written down late", Status: control.ExceptionIn},
		{N: len(changed), Word: "changed after sealing"}, {N: gone, Word: "no longer there"}, {N: len(b.Records[kind]), Word: "on file", Status: control.ManualHas},
	}})
	facts := table.Facts{Items: []table.Fact{{Name: "How often", Values: one(table.Str(b.Cadence(kind)))}}}
	if len(sealed) > 0 {
		facts.Items = append(facts.Items, table.Fact{Name: "Late after", Values: one(table.Str(strconv.Itoa(b.Engagement.Own.Late(kind)) + " days"))})
	}
	out = append(out, known(facts.Items...))
	if len(b.Records[kind]) == 0 {
		out = append(out, table.Notice{Kind: "gap", Title: "No record", Spans: table.Line("The repository holds no record of this kind.")})
	}
	if len(spans) > 0 {
		out = append(out, table.H2("spans", "What each span has"), table.Grid{Table: b.SpansTable(kind, spans)})
	}
	if late > 0 {
		l := table.List{}
		for _, s := range sealed {
			if s.State == control.SealedLate {
				l.Items = append(l.Items, table.Line(table.A(s.ID, b.RecordHref(kind, s.ID)), ": "+s.Says+"."))
			}
		}
		out = append(out, table.H2("late", "Written down late"),
			table.P("A run that ended more than ", strconv.Itoa(b.Engagement.Own.Late(kind)), " days after the day such a record is dated did not have it, or git itself says that it came later. What it says may be true; it was not on file then."), l)
	}
	if len(changed) > 0 {
		out = append(out, table.H2("changed", "Changed after sealing"), table.P("A record goes on after it was first sealed: it is closed, answered, reviewed. Whether a change is that, or another past, is for the reader to say. Each state stands in git at its commit."),
			table.Grid{Table: limit(b.ChangesTable("changes", "Field by field", changed), 200)})
	}
	if gone > 0 {
		out = append(out, table.H2("gone", "No longer there"), table.Grid{Table: limit(b.GoneTable("gone-records", sealed), 200)})
	}
	return out
}

// sealedFacts say when a record was first sealed.
func (b *binder) sealedFacts(kind, id string) []table.Fact {
	s := b.Sealing(kind, id)
	if s == nil {
		return nil
	}
	out := []table.Fact{{Name: "First sealed", Values: one(table.Str(s.Says))}}
	if s.Run != "" {
		out = append(out, table.Fact{Name: "First sealed by", Values: one(table.Mono(s.Run).To(b.RunHref(s.Run)))})
	}
	if !s.Committed.IsZero() {
		out = append(out, table.Fact{Name: "Committed, as git claims", Values: []table.Cell{table.At(s.Committed), table.Str("by " + s.Author)}})
	}
	if n := len(s.Changes); n > 0 {
		out = append(out, table.Fact{Name: "Changed after sealing", Values: one(table.Str(table.Plural(n, "time", "times")).To(table.PartPath(b.RecordPage(kind), 0) + "#changed"))})
	}
	return out
}

func (b *binder) recordsPage() *table.Paper {
	p := &table.Paper{Kicker: "What people wrote", Title: "All records", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("Evidence that only a person can give. A record is a claim of its author; what supports it is attached or named. When it was written down, the seal of the first run that has it shows.")}
	if len(b.Problems) > 0 {
		l := table.List{}
		for _, s := range b.Problems {
			l.Items = append(l.Items, table.Line(s))
		}
		p.Blocks = append(p.Blocks, table.H2("problems", "What could not be read"), table.P("Each counts as missing until it is mended."), l)
	}
	p.Blocks = append(p.Blocks, table.Grid{Table: b.KindsTable()})
	if late := b.lateRecords(); len(late) > 0 {
		p.Blocks = append(p.Blocks, table.H2("written-late", "Written down late"), table.P("A run that should have had it did not, or git says so itself: the record was written afterwards, whatever day it gives."), table.Grid{Table: limit(b.LateTable(late), 300)})
	}
	var open []control.FollowUp
	for _, f := range b.FollowUps {
		if f.Closed.IsZero() {
			open = append(open, f)
		}
	}
	p.Blocks = append(p.Blocks, table.P(table.Plural(len(open), "action", "actions"), " set in records still open: see ", table.A("follow-ups", "follow-ups.html"), "."))
	return p
}

// followUpPages list the actions of all records to their end.
func (b *binder) followUpPages() {
	list := b.FollowUps
	path := "follow-ups.html"
	rows := func(from, to int) *table.Table {
		return b.FollowUpsTable("follow-ups", "Actions, what is open and overdue first", list[from:to])
	}
	b.paged(path, len(list), table.PageRows, b.haveFiles(followUpBook), rows, func(part int, g table.Grid) *table.Paper {
		p := &table.Paper{Kicker: "What people set themselves to do", Title: "Follow-ups", Crumbs: crumbs(), Wide: true,
			Lead: table.Line("Actions that reviews, exercises and incidents led to, with the day each was due and the day it was closed. Counted to ", b.AsOf, ".")}
		if part == 0 {
			n := map[control.FollowUpState]int{}
			for _, f := range list {
				n[f.State]++
			}
			p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{
				{N: n[control.FollowUpOverdue], Word: "open, overdue", Status: control.ExceptionIn}, {N: n[control.FollowUpOpen], Word: "open"},
				{N: n[control.FollowUpClosedLate], Word: "closed late"}, {N: n[control.FollowUpClosed], Word: "closed in time", Status: control.Met},
			}})
		}
		p.Blocks = append(p.Blocks, g)
		return p
	})
}

const followUpBook = "artifacts/records/follow-ups.xlsx"

// lateRecords are the records of all kinds that were written down late.
func (b *binder) lateRecords() []control.Sealing {
	var out []control.Sealing
	for _, kind := range table.SortedKeys(b.Sealings) {
		for _, s := range b.Sealings[kind] {
			if s.State == control.SealedLate {
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y control.Sealing) int { return y.Days - x.Days })
	return out
}
