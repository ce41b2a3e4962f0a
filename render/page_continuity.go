package render

import (
	"fmt"
	"slices"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

// continuity is the section of a check's or a control's page: was it ever off, the
// strip, what each run saw, what changed, and when nobody looked.
func (b *binder) continuity(kind string, n *control.Line, changes []control.Change, most int) []table.Block {
	out := []table.Block{table.H2("history", "Over the period")}
	if n == nil || len(n.Sights) == 0 {
		return append(out, table.P("No run of the period looked at this "+kind+"."))
	}
	l := b.Ledger
	out = append(out, table.P(table.B("Was it ever off? "), l.Ever(n).Says, " ", l.Ever(n).Unseen),
		b.LineStrip("strip", "What each run of the period saw of "+n.ID, n),
		table.Grid{Table: b.SightsTable("seen", "The "+kind+" at each run", n)})
	var long []control.Interval
	for _, v := range n.Intervals {
		if v.Long {
			long = append(long, v)
		}
	}
	if len(long) > 0 {
		t := limit(b.IntervalsTable("intervals", "Not observed for longer than its cadence, "+n.Cadence+", allows", long, n.Allowed), most)
		dropEmpty(t, "told")
		out = append(out, table.Grid{Table: t})
	} else if v := n.Longest(); v != nil && n.Allowed > 0 {
		out = append(out, table.P(fmt.Sprintf("The longest time without an observation was %s, and its cadence, %s, allows %d.", table.Plural(v.Days, "day", "days"), n.Cadence, n.Allowed)))
	} else if v != nil {
		out = append(out, table.P(fmt.Sprintf("The longest time without an observation was %s; it has no cadence to be held against.", table.Plural(v.Days, "day", "days"))))
	}
	moved := len(changes)
	changes = slices.DeleteFunc(slices.Clone(changes), control.Change.Moved)
	moved -= len(changes)
	t := b.StateChangesTable("changed", "Items seen in another state than at the run before", changes[:min(len(changes), most)])
	if len(changes) > most {
		t.Note = fmt.Sprintf("The first %d of %d; the timeline has all.", most, len(changes))
	} else if moved > 0 {
		t.Note = fmt.Sprintf("Without %s that came or went and was not off.", table.Plural(moved, "item", "items"))
	}
	if kind == "check" {
		drop(t, "check")
	}
	t.Narrow()
	dropEmpty(t, "told")
	return append(out, table.Grid{Table: t}, table.P("To ask of one day: ", table.K("exhibit state "+n.ID+" --on "+l.Period.Start.Format("2006-01-02")), "."))
}

// timelineArtifacts are the ledger as a workbook, and its checks as CSV.
func (b *binder) timelineArtifacts() {
	if len(b.Ledger.Looks) == 0 {
		return
	}
	lines := func(all []control.Line) []*control.Line {
		var out []*control.Line
		for i := range all {
			out = append(out, &all[i])
		}
		return out
	}
	box := table.Provenance{Shows: "What each run of the period saw of every control and check, every change of an item, and the times not observed.",
		ShowsNot: "What was so between two runs. Runs are moments.",
		Facts: []table.Fact{{Name: "Evidence", Values: one(table.Str("the evidence repository at the commits of the runs, the newest " + b.Commit))},
			{Name: "Runs", Values: one(table.Int(len(b.Ledger.Looks)))}, {Name: "Period", Values: one(table.Str(b.Stamp.Period))}},
		Commands: []string{"exhibit state CHECK --on DATE", "exhibit state CHECK --item ID"}}
	b.hold(artifact{path: "artifacts/timeline.xlsx", folder: "workpapers", title: "Timeline: first and last seen, changes, times not observed", page: "timeline.html", state: table.CoverCollected, from: "all runs of the period"}, func() ([]byte, error) {
		changes, _, _ := b.changes()
		var times []control.OffTime
		for i := range b.Checks {
			times = append(times, b.Ledger.OffTimes(&b.Checks[i])...)
		}
		tables := []*table.Table{
			b.ContinuityTable("checks", "Checks", "check", lines(b.Ledger.Checks), false),
			b.ContinuityTable("controls", "Controls", "control", lines(b.Ledger.Controls), false),
			limit(b.StateChangesTable("changes", "Changes", changes), 1_000_000),
			limit(b.OffTable("off", "Seen off", times), 1_000_000),
			b.NotToldTable("not-told", "Not answered"), b.LooksTable("runs", "Runs"), table.CadencesTable(),
		}
		for _, t := range tables {
			t.Provenance = box
		}
		return xlsx.Book(b.Stamp, "Timeline", tables...)
	})
	b.hold(artifact{path: "artifacts/timeline.csv", folder: "workpapers", title: "Timeline of the checks, for other programs", page: "timeline/checks.html", state: table.CoverCollected, from: "all runs of the period"}, func() ([]byte, error) {
		return b.ContinuityTable("checks", "Checks", "check", lines(b.Ledger.Checks), false).CSV(b.Stamp)
	})
}

// lookedAt says on the overview what nobody was looking at.
func (b *binder) lookedAt() []table.Block {
	if len(b.Ledger.Looks) == 0 {
		return nil
	}
	long, most := 0, 0
	for _, n := range b.controlLines() {
		if v := n.Longest(); v != nil && v.Long {
			long++
			most = max(most, v.Days)
		}
	}
	says := fmt.Sprintf("%s not observed for longer than their cadence allows, for up to %d days at a time", table.Plural(long, "control was", "controls were"), most)
	if long == 0 {
		says = "No control was not observed for longer than its cadence allows"
	}
	return append([]table.Block{table.P(says, ". ", unseenWords(b.Ledger), " See ", table.A("the timeline", "timeline.html"), " and ", table.A("everything not evaluated", unevaluatedPage), ".")}, b.restNotice()...)
}

func (b *binder) severityOf(check string) control.Severity {
	if c := b.Check(check); c != nil {
		return c.Check.Severity
	}
	return ""
}
