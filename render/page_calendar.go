package render

import (
	"time"

	"exhibit/control"
	"exhibit/render/table"
)

// calendarPages are the duties of the period as a page, and as a file for the
// calendars people use.
func (b *binder) calendarPages() {
	b.page("calendar.html", b.calendarPage)
	if len(b.Calendar) > 0 {
		b.file("calendar.ics", func() ([]byte, error) { return b.Ical(), nil })
	}
}

// Ical is the calendar of a report as an iCalendar file.
func Ical(r *control.Report) []byte { return table.NewBook(r).Ical() }

// A DutyLine is a duty for machines: one line of data/calendar.jsonl. Days are
// written as 2026-03-31, and are left out where there is none.
type DutyLine struct {
	ID    string            `json:"id"`
	Kind  string            `json:"kind"`
	Ref   string            `json:"ref"`
	What  string            `json:"what"`
	Who   string            `json:"who,omitempty"`
	From  string            `json:"from,omitempty"`
	By    string            `json:"by"`
	State control.DutyState `json:"state"`
	Done  string            `json:"done,omitempty"`
	Shown string            `json:"shown_by,omitempty"` // the record or run that shows it
	Why   string            `json:"why,omitempty"`
}

// DutyLineOf is a duty as a line.
func DutyLineOf(d control.Duty) DutyLine {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.DateOnly)
	}
	return DutyLine{ID: d.ID, Kind: d.Kind, Ref: d.Ref, What: d.What, Who: d.Who, From: day(d.From), By: day(d.On), State: d.State, Done: day(d.Done), Shown: d.By, Why: d.Why}
}

func (b *binder) calendarPage() *table.Paper {
	p := &table.Paper{Kicker: "Who must do what by when", Title: "Calendar", Crumbs: crumbs(), Wide: true,
		Lead: table.Line("What the controls ask of people and of the program, month by month: done, late, missing and to come. Counted to ", b.AsOf, ".")}
	count := map[control.DutyState]int{}
	for _, d := range b.Calendar {
		count[d.State]++
	}
	tally := table.Tally{}
	for _, s := range []control.DutyState{control.DutyOverdue, control.DutyMissing, control.DutyLate, control.DutyDone, control.DutyUpcoming} {
		tally.Items = append(tally.Items, table.Count{N: count[s], Word: string(s), Status: table.DutyStatus(s)})
	}
	p.Blocks = append(p.Blocks, tally)
	var over []control.Duty
	for _, d := range b.Calendar {
		if d.State == control.DutyOverdue {
			over = append(over, d)
		}
	}
	if len(over) > 0 {
		t := b.MonthTable(table.Month{Duties: over})
		t.ID, t.Title = "overdue", "Overdue"
		t.Note = "Their day is over and they are still to be done. They stand in their months below as well."
		drop(t, "done")
		drop(t, "state")
		p.Blocks = append(p.Blocks, table.H2("overdue-first", "Overdue first"), table.Grid{Table: t})
	}
	if len(b.Calendar) > 0 {
		p.Blocks = append(p.Blocks, table.H2("months", "By month"), table.P("The same as a file for your own calendar: ", table.A("calendar.ics", "calendar.ics"),
			". ", table.K("exhibit calendar"), " prints it from the evidence repository."))
	} else {
		p.Blocks = append(p.Blocks, table.P("No duty is known."))
	}
	for _, m := range b.Months() {
		p.Blocks = append(p.Blocks, table.Grid{Table: b.MonthTable(m), Downloads: b.haveFiles("data/calendar.jsonl")})
	}
	return p
}
