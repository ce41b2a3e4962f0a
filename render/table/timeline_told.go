package table

import (
	"fmt"
	"time"

	"exhibit/control"
)

// ToldTable lists the times in which others tell that a check was not met.
func (b *Book) ToldTable(id, title string, list []control.ToldTime) *Table {
	t := &Table{ID: id, Title: title, Empty: "Nobody tells of such a time.", Columns: []Column{
		{"check", "Check", Code, 24}, {"item", "Item", Code, 30}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14},
		{"from", "From", Date, 17}, {"to", "To", Date, 17}, {"long", "For", Text, 14}, {"runs", "Runs in that time", Text, 20},
		{"via", "Told by, and asked on", Text, 30}, {"evidence", "Evidence, file and line at commit", Code, 30},
	}}
	for _, x := range list {
		runs := "none: no run saw it"
		if x.Looks > 0 {
			runs = Plural(x.Looks, "run", "runs")
		}
		where := x.Evidence.Path
		if x.Evidence.Line > 0 {
			where += fmt.Sprintf(":%d", x.Evidence.Line)
		}
		t.Add("", Mono(x.Check).To(b.CheckPage(x.Check)), Mono(x.Item), Mono(x.Account), Mono(x.Region), At(x.From), At(x.To), Str(lasting(x.To.Sub(x.From))), Str(runs),
			Str(x.Via+", on "+isoDay(x.Captured)), Mono(where+" at "+Short(x.Evidence.Commit)))
	}
	return t
}

// lasting is a duration as people say it: "43 minutes", "5 hours", "12 days".
func lasting(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return Plural(int(d/time.Minute), "minute", "minutes")
	case d < 48*time.Hour:
		return Plural(int(d/time.Hour), "hour", "hours")
	}
	return Plural(int(d/(24*time.Hour)), "day", "days")
}
