package table

import (
	"fmt"
	"strings"

	"exhibit/control"
)

// seenOff says at how many looks a line was off.
func (b *Book) seenOff(n *control.Line) Cell {
	off := b.Ledger.Ever(n)
	switch {
	case !off.Known:
		return Str("not observed")
	case off.Ever:
		return Str(fmt.Sprintf("at %d of %d runs", len(off.At), len(b.Ledger.Points(n))))
	}
	return Str("at no run")
}

// ContinuityTable lists lines of the ledger: checks, controls or criteria. pictures
// adds the strip of each.
func (b *Book) ContinuityTable(id, title, kind string, lines []*control.Line, pictures bool) *Table {
	t := &Table{ID: id, Title: title, Empty: "No run of the period looked.", Columns: []Column{
		{"id", Capital(kind), Code, 12}, {"title", "Title", Text, 30}, {"picture", "Over the period", Picture, 50}, {"status", "At the newest run", Status, 16},
		{"seen_off", "Seen off", Text, 14}, {"first_seen", "First seen", Date, 11}, {"last_seen", "Last seen", Date, 11},
		{"changes", "Changes of status", Number, 10}, {"items", "Changes of items", Number, 10}, {"longest", "Longest time not observed, days", Number, 12},
		{"from", "From", Date, 11}, {"to", "To", Date, 11}, {"allowed", "Days allowed", Number, 9}, {"cadence", "Cadence", Text, 12}, {"long", "Longer than allowed", Text, 10},
		{"never", "Never observed", Text, 24},
	}}
	for _, n := range lines {
		name, page := b.nameOf(kind, n.ID)
		row := []Cell{Mono(n.ID).To(page), Str(name).To(page)}
		if pictures {
			row = append(row, Drawn(b.LineStrip("p-"+id+"-"+Hash(n.ID), n.ID+" over the period", n)))
		} else {
			row = append(row, Cell{})
		}
		status, first, last, items := Cell{}, Cell{}, Cell{}, Cell{}
		if len(n.Sights) > 0 {
			status = Word(n.Sights[len(n.Sights)-1].Status)
		}
		if k := b.Ledger.First(n); k != nil {
			first = Day(k.At)
			last = Day(b.Ledger.Last(n).At)
		}
		if kind == "check" {
			items = Int(n.Changed())
		} else if c := b.Control(n.ID); c != nil {
			sum := 0
			for _, name := range c.Control.Checks {
				if k := b.Ledger.Check(name); k != nil {
					sum += k.Changed()
				}
			}
			items = Int(sum)
		}
		row = append(row, status, b.seenOff(n), first, last, Int(n.Turns()), items)
		if v := n.Longest(); v != nil {
			long := "no"
			if v.Long {
				long = "yes"
			}
			if n.Allowed == 0 {
				long = ""
			}
			row = append(row, Int(v.Days), Day(v.From), Day(v.To), allowedDays(n.Allowed), Str(n.Cadence), Str(long))
		} else {
			row = append(row, Cell{}, Cell{}, Cell{}, allowedDays(n.Allowed), Str(n.Cadence), Cell{})
		}
		t.Add(RecordAnchor(n.ID), append(row, Str(strings.Join(n.Blind, ", ")))...)
	}
	if !pictures {
		t.without(2)
	}
	return t
}

func allowedDays(n int) Cell {
	if n == 0 {
		return Cell{}
	}
	return Int(n)
}

func (b *Book) nameOf(kind, id string) (name, page string) {
	switch kind {
	case "check":
		if c := b.Check(id); c != nil {
			return c.Check.Title, b.CheckPage(id)
		}
	case "control":
		if c := b.Control(id); c != nil {
			return c.Control.Title, b.ControlPage(id)
		}
	case "criterion":
		if c := b.Criterion(id); c != nil {
			return c.Criterion.Title, b.CriterionPage(id)
		}
	}
	return "", ""
}

// SightsTable is a line at each look.
func (b *Book) SightsTable(id, title string, n *control.Line) *Table {
	t := &Table{ID: id, Title: title, Empty: "No run of the period looked.", Columns: []Column{
		{"run", "Run", Code, 22}, {"at", "At", Time, 20}, {"status", "Status", Status, 16}, {"population", "Population", Number, 11},
		{"passed", "Met", Number, 8}, {"failed", "Exceptions", Number, 11}, {"compensated", "of these compensated", Number, 12},
		{"not_evaluated", "Not evaluated", Number, 13}, {"note", "Note", Text, 24}, {"commit", "Commit", Code, 14},
	}}
	for _, s := range n.Sights {
		k := b.Ledger.Looks[s.Look]
		var note []string
		if k.After {
			note = append(note, "after the last day of the period")
		}
		if !s.Observed {
			note = append(note, "not observed: nothing could be evaluated, or not every part of it")
		}
		t.Add("", Mono(k.Run).To(b.RunHref(k.Run)), At(k.At), Word(s.Status), Int(s.Counts.Population), Int(s.Counts.Passed), Int(s.Counts.Failed),
			Int(s.Counts.Compensated), Int(s.Counts.NotEvaluated), Str(strings.Join(note, "; ")), Mono(Short(k.Commit)))
	}
	return t
}

// IntervalsTable lists times not observed.
func (b *Book) IntervalsTable(id, title string, list []control.Interval, allowed int) *Table {
	t := &Table{ID: id, Title: title, Empty: "None.", Columns: []Column{
		{"from", "From", Date, 11}, {"to", "To", Date, 11}, {"days", "Days", Number, 8}, {"allowed", "Allowed", Number, 8}, {"why", "Why", Text, 34}, {"told", "Told by others, not observed", Text, 44},
	}}
	for _, v := range list {
		var told []string
		for _, x := range v.Bridges {
			told = append(told, bridgeWords(x))
		}
		t.Add("", Day(v.From), Day(v.To), Int(v.Days), allowedDays(allowed), Str(b.whyUnseen(v)), Str(some(told)))
	}
	return t
}

func bridgeWords(x control.Bridge) string {
	if x.Event() {
		return fmt.Sprintf("%s: %s at %s", x.Via, x.Says, At(x.From))
	}
	return fmt.Sprintf("%s, asked on %s, of %s to %s: %s", x.Via, isoDay(x.Captured), isoDay(x.From), isoDay(x.To), x.Says)
}

func (b *Book) whyUnseen(v control.Interval) string {
	why := "no run looked"
	switch v.Kind {
	case control.Beginning:
		why = "before the first run that observed it"
	case control.Lapsed:
		why = "since the last run that observed it"
	case control.Whole:
		why = "no run observed it"
	case control.Remainder:
		why = "after the newest run of this report"
	}
	var runs []string
	for _, s := range v.Silent {
		runs = append(runs, isoDay(b.Ledger.Looks[s].At))
	}
	if len(runs) > 0 {
		why += "; asked without an answer on " + some(runs)
	}
	return why
}

// StateChangesTable lists items that a run saw in another state than the run before. The
// evidence of earlier runs lies at their commits, which this package does not carry,
// so it is named and not linked.
func (b *Book) StateChangesTable(id, title string, list []control.Change) *Table {
	t := &Table{ID: id, Title: title, Empty: "No run saw an item in another state than the run before.", Columns: []Column{
		{"check", "Check", Code, 22}, {"item", "Item", Code, 32}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14},
		{"before", "Before", Status, 14}, {"last_at", "seen last", Date, 11}, {"before_value", "with the value", Text, 28},
		{"after", "After", Status, 14}, {"first_at", "seen first", Date, 11}, {"after_value", "with the value", Text, 28},
		{"told", "In between, told by CloudTrail", Text, 30}, {"commits", "Commits, before and after", Code, 14},
	}}
	for _, c := range list {
		before, after := b.Ledger.Looks[c.Before.Last], b.Ledger.Looks[c.After.First]
		var told []string
		for _, x := range c.Told {
			told = append(told, fmt.Sprintf("%s at %s", x.Says, At(x.From)))
		}
		t.Add("", Mono(c.Check).To(b.CheckPage(c.Check)), b.lineCell(c.Item), Mono(c.Item.Account), Mono(c.Item.Region),
			Word(c.Before.Status), Day(before.At), spellValue(c.Before.Closing, c.Before), Word(c.After.Status), Day(after.At), spellValue(c.After.Opening, c.After),
			Str(strings.Join(told, "; ")), Mono(Short(before.Commit)+"\n"+Short(after.Commit)))
	}
	return t
}

// OffTable lists when items were seen off.
func (b *Book) OffTable(id, title string, list []control.OffTime) *Table {
	t := &Table{ID: id, Title: title, Empty: "No run saw an item off.", Columns: []Column{
		{"check", "Check", Code, 22}, {"item", "Item", Code, 32}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14},
		{"before", "Last seen otherwise", Text, 16}, {"off", "Seen off", Text, 20}, {"after", "Seen otherwise again", Text, 16},
		{"told", "Told by CloudTrail, to the second", Text, 30}, {"value", "The value that failed", Text, 32},
		{"exception", "Exception", Text, 12}, {"evidence", "Evidence, file and line at commit", Code, 30},
	}}
	side := func(p *control.Point, none string) Cell {
		if p == nil {
			return Str(none)
		}
		return Str(isoDay(p.Look.At) + ", " + strings.ToLower(string(p.Status)))
	}
	for _, o := range list {
		var told []string
		for _, x := range o.Told {
			told = append(told, fmt.Sprintf("%s at %s", x.Says, At(x.From)))
		}
		p := o.First
		if p.Value == nil {
			p = o.Last
		}
		off := "on " + isoDay(o.First.Look.At)
		if o.Looks > 1 {
			off = fmt.Sprintf("%s to %s, at %d runs", isoDay(o.First.Look.At), isoDay(o.Last.Look.At), o.Looks)
		}
		value := Cell{}
		if p.Value != nil {
			value = Str(ValueLines(p.Value))
		}
		where := ""
		if e := p.Evidence; e.Path != "" {
			where = e.Path
			if e.Line > 0 {
				where += fmt.Sprintf(":%d", e.Line)
			}
			where += " at " + Short(e.Commit)
		}
		t.Add("", Mono(o.Check).To(b.CheckPage(o.Check)), b.lineCell(o.Item), Mono(o.Item.Account), Mono(o.Item.Region),
			side(o.Before, "never before in the period"), Str(off), side(o.After, "not since"), Str(strings.Join(told, "; ")), value, Str(o.Last.Exception), Mono(where))
	}
	return t
}

func (b *Book) lineCell(it control.ItemLine) Cell {
	return Mono(it.Item).To(b.itemHere(it))
}

// itemHere leads to an item the newest run saw; "" for one that is gone.
func (b *Book) itemHere(it control.ItemLine) string {
	k := Key{it.Account, it.Region, it.Source}
	if _, ok := b.itemAt[itemKey{k, it.Item}]; !ok {
		return ""
	}
	return b.ItemHref(k, it.Item)
}

func spellValue(v any, s control.Spell) Cell {
	if v == nil {
		return Str(s.Reason)
	}
	return Str(ValueLines(v))
}

// NotToldTable lists listings that runs of the period were not told.
func (b *Book) NotToldTable(id, title string) *Table {
	t := &Table{ID: id, Title: title, Empty: "Every listing that was planned was answered at every run of the period that asked for it.", Columns: []Column{
		{"source", "Listing", Code, 22}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14}, {"told", "Answered", Text, 14},
		{"longest", "Longest time not observed, days", Number, 12}, {"from", "From", Date, 11}, {"to", "To", Date, 11}, {"allowed", "Days allowed", Number, 9},
		{"why", "What it was told", Text, 44}, {"checks", "Checks that read it", Number, 9},
	}}
	for i := range b.Ledger.Unseen {
		u := &b.Ledger.Unseen[i]
		told, why := 0, ""
		for _, s := range u.Sights {
			if s.Answered {
				told++
			} else {
				why = s.Reason
			}
		}
		row := []Cell{Mono(u.Source).To(b.CellPage(Key{u.Account, u.Region, u.Source})), Mono(u.Account), Mono(u.Region), Str(fmt.Sprintf("at %d of %d runs", told, len(u.Sights)))}
		if v := u.Longest(); v != nil {
			row = append(row, Int(v.Days), Day(v.From), Day(v.To))
		} else {
			row = append(row, Cell{}, Cell{}, Cell{})
		}
		t.Add("", append(row, allowedDays(u.Allowed), Str(why), Int(len(u.Checks)))...)
	}
	return t
}

// LooksTable lists the runs of the period, as something that looked.
func (b *Book) LooksTable(id, title string) *Table {
	t := &Table{ID: id, Title: title, Empty: "No run lies in the period.", Columns: []Column{
		{"run", "Run", Code, 22}, {"at", "At", Time, 20}, {"days", "Days since the one before", Number, 12}, {"note", "Note", Text, 30}, {"commit", "Commit", Code, 42},
	}}
	last := b.Ledger.Period.Start
	for _, k := range b.Ledger.Looks {
		note := ""
		if k.After {
			note = "after the last day of the period"
		}
		t.Add("", Mono(k.Run).To(b.RunHref(k.Run)), At(k.At), Int(int(k.At.Sub(last).Hours()/24)), Str(note), Mono(k.Commit))
		last = k.At
	}
	return t
}

// CadencesTable says how far two looks may lie apart.
func CadencesTable() *Table {
	t := &Table{ID: "cadences", Title: "How many days may lie between two runs", Columns: []Column{
		{"frequency", "Frequency of the control", Text, 24}, {"days", "Days", Number, 8}, {"why", "Because", Text, 50},
	}}
	for _, c := range control.Cadences() {
		n := allowedDays(c.Days)
		if c.Days == 0 {
			n = Str("any number")
		}
		t.Add("", Str(c.Frequency), n, Str(c.Why))
	}
	return t
}
