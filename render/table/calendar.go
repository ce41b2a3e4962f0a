package table

import (
	"fmt"
	"strings"
	"time"

	"exhibit/control"
)

// A Month is a month of the calendar with its duties.
type Month struct {
	First  time.Time // its first day
	Duties []control.Duty
}

// Months are those of the calendar that have duties, oldest first.
func (b *Book) Months() []Month {
	var out []Month
	for _, d := range b.Calendar {
		first := time.Date(d.On.Year(), d.On.Month(), 1, 0, 0, 0, 0, time.UTC)
		if n := len(out); n == 0 || !out[n-1].First.Equal(first) {
			out = append(out, Month{First: first})
		}
		m := &out[len(out)-1]
		m.Duties = append(m.Duties, d)
	}
	return out
}

// DutyStatus is the status whose shape a duty's state has.
func DutyStatus(s control.DutyState) control.Status {
	switch s {
	case control.DutyDone:
		return control.Met
	case control.DutyLate:
		return control.Compensated
	case control.DutyOverdue, control.DutyMissing:
		return control.ExceptionIn
	case control.DutyUpcoming:
		return control.NoOccurrence
	}
	return control.NA
}

// MonthTable lists the duties of a month. The weekly captures of a state stand in
// one row.
func (b *Book) MonthTable(m Month) *Table {
	t := &Table{ID: "m-" + m.First.Format("2006-01"), Title: m.First.Format("January 2006"), Columns: []Column{
		{"on", "By", Date, 12}, {"state", "State", Text, 12}, {"what", "What", Text, 44}, {"who", "Who", Text, 24}, {"done", "Done", Date, 12}, {"why", "Why, and what shows it", Text, 44},
	}}
	said := map[control.DutyState]bool{}
	for _, d := range m.Duties {
		why := d.Why
		if d.Kind == "capture" {
			if said[d.State] {
				continue
			}
			said[d.State] = true
			var weeks []string
			for _, x := range m.Duties {
				if x.Kind == d.Kind && x.State == d.State {
					weeks = append(weeks, x.From.Format("2 Jan"))
				}
			}
			d.What += fmt.Sprintf(": %s, from %s", Plural(len(weeks), "week", "weeks"), strings.Join(weeks, ", "))
			if len(weeks) > 1 {
				d.Done, d.By = time.Time{}, ""
			}
		}
		if d.By != "" && d.By != d.Ref {
			why = strings.TrimPrefix(why+"; "+d.By, "; ")
		}
		t.Add("", Day(d.On), Str(string(d.State)), Str(d.What).To(b.dutyPage(d)), Str(d.Who), Day(d.Done), Str(why))
	}
	return t
}

// dutyPage is where what a duty is about is shown; "" for nowhere.
func (b *Book) dutyPage(d control.Duty) string {
	kind, _, _ := strings.Cut(d.ID, "/") // of the record, where one shows it
	switch d.Kind {
	case "run", "capture":
		return b.RunHref(d.By)
	case "record":
		return b.RecordPage(kind)
	case "tabletop":
		return b.RecordPage("tabletop-exercise")
	}
	return b.refPage(control.Due{Kind: d.Kind, Ref: d.Ref})
}
