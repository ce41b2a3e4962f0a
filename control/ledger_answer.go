package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Answer is what the ledger says of one day: what a look saw on it, or what
// the looks around it saw, which is not the same.
type Answer struct {
	Day           time.Time
	At            *Point    // the last look of that day that observed it; nil when none did
	Before, After *Point    // the nearest looks of other days that observed it; nil when there is none
	Interval      *Interval // the day lies in; nil when the day has a look, or when looks lie less than a day apart
	Says          string    // in a sentence or two
}

// A Point is what one look saw of a line or an item.
type Point struct {
	Look      Look
	Status    Status
	Counts    Counts  // of a line
	Value     any     // of an item: what decided; nil where the ledger does not hold it
	Reason    string  // of an item
	Exception string  // of an item
	Evidence  Pointer // of an item; at the look's commit
}

// Points are the looks that observed a line, oldest first.
func (l *Ledger) Points(n *Line) []Point {
	var out []Point
	for _, s := range n.Sights {
		if s.Observed {
			out = append(out, Point{Look: l.Looks[s.Look], Status: s.Status, Counts: s.Counts})
		}
	}
	return out
}

// Seen are all looks that asked about a line, also those that were told nothing.
func (l *Ledger) Seen(n *Line) []Point {
	var out []Point
	for _, s := range n.Sights {
		out = append(out, Point{Look: l.Looks[s.Look], Status: s.Status, Counts: s.Counts})
	}
	return out
}

// ItemPoints are the looks that could see an item of a check. That it was not
// there is seen as well.
func (l *Ledger) ItemPoints(n *Line, it ItemLine) []Point {
	var out []Point
	for _, s := range n.Sights {
		for _, p := range it.Spells {
			if s.Look < p.First || s.Look > p.Last || p.Status == NotSeen {
				continue
			}
			at := Point{Look: l.Looks[s.Look], Status: p.Status, Reason: p.Reason, Exception: p.Exception, Evidence: p.To}
			if s.Look == p.Last {
				at.Value = p.Closing
			} else {
				at.Evidence.Line = 0 // where in the file is known at the ends of a spell alone
				if s.Look == p.First {
					at.Value, at.Evidence = p.Opening, p.From
				}
			}
			at.Evidence.Commit = at.Look.Commit
			if p.Status == NotThere {
				at.Evidence = Pointer{}
			}
			out = append(out, at)
		}
	}
	return out
}

// On answers what a line's state was on a day.
func (l *Ledger) On(n *Line, day time.Time) Answer { return l.on(l.Points(n), n.Intervals, day) }

// ItemOn answers the same for one item of a check.
func (l *Ledger) ItemOn(n *Line, it ItemLine, day time.Time) Answer {
	return l.on(l.ItemPoints(n, it), l.ItemIntervals(n, it), day)
}

// ItemIntervals are the times in which no look could see an item, with what bridges
// them and may speak of it.
func (l *Ledger) ItemIntervals(n *Line, it ItemLine) []Interval {
	var observed, silent []int
	saw := map[string]bool{}
	for _, p := range l.ItemPoints(n, it) {
		saw[p.Look.Run] = p.Status != NotEvaluatedIn
	}
	for _, s := range n.Sights {
		if saw[l.Looks[s.Look].Run] {
			observed = append(observed, s.Look)
		} else {
			silent = append(silent, s.Look)
		}
	}
	own := Line{Intervals: l.intervals(observed, silent, n.Allowed)}
	for _, b := range l.Bridges {
		if slices.Contains(b.Checks, n.ID) && b.about(it) {
			own.span(b)
		}
	}
	return own.Intervals
}

func (l *Ledger) on(points []Point, intervals []Interval, at time.Time) Answer {
	from := at.UTC().Truncate(24 * time.Hour)
	to := from.AddDate(0, 0, 1)
	a := Answer{Day: from}
	for i := range points {
		switch p := &points[i]; {
		case p.Look.At.Before(from):
			a.Before = p
		case p.Look.At.Before(to):
			a.At = p
		case a.After == nil:
			a.After = p
		}
	}
	if a.At == nil {
		for i := range intervals {
			if v := &intervals[i]; v.From.Before(to) && from.Before(v.To) {
				a.Interval = v
			}
		}
	}
	a.Says = a.says(l)
	return a
}

// Points are the looks that answer: the one of the day, or those around it.
func (a Answer) Points() []Point {
	var out []Point
	for _, p := range []*Point{a.Before, a.At, a.After} {
		if p != nil && (a.At == nil || p == a.At) {
			out = append(out, *p)
		}
	}
	return out
}

func (a Answer) says(l *Ledger) string {
	var s string
	between := func(days int) string {
		return fmt.Sprintf("%d days lie between them, and what was so in that time they do not show.", days)
	}
	switch {
	case a.At != nil:
		return fmt.Sprintf("A run looked on %s, at %s, and saw: %s.", day(a.Day), a.At.Look.At.UTC().Format("15:04 UTC"), a.At.Words())
	case a.Before != nil && a.After != nil:
		s = fmt.Sprintf("No run looked on %s. The last before it, on %s, saw: %s. The first after it, on %s, saw: %s. ", day(a.Day),
			day(a.Before.Look.At), a.Before.Words(), day(a.After.Look.At), a.After.Words()) + between(wholeDays(a.Before.Look.At, a.After.Look.At))
	case a.Before != nil:
		s = fmt.Sprintf("No run looked on %s or after it. The last before it, on %s, saw: %s.", day(a.Day), day(a.Before.Look.At), a.Before.Words())
	case a.After != nil:
		s = fmt.Sprintf("No run of the period looked on %s or before it. The first after it, on %s, saw: %s.", day(a.Day), day(a.After.Look.At), a.After.Words())
	default:
		s = "Not observed: no run of the period saw it."
	}
	if start, end := l.Period.bounds(); a.Day.Before(start) || !a.Day.Before(end) {
		s = fmt.Sprintf("%s lies outside of the period %s. ", day(a.Day), l.Period) + s
	}
	if a.Interval != nil {
		events := 0
		for _, b := range a.Interval.Bridges {
			switch {
			case b.Event():
				if events++; events <= someEvents {
					s += fmt.Sprintf(" Not observed, but told by %s: %s at %s.", b.Via, b.Says, b.From.UTC().Format(time.RFC3339))
				}
			case b.From.Before(a.Day.AddDate(0, 0, 1)) && !b.To.Before(a.Day):
				s += fmt.Sprintf(" Bridged, not observed: %s, asked on %s, says: %s.", b.Via, day(b.Captured), b.Says)
			}
		}
		if more := events - someEvents; more > 0 {
			s += fmt.Sprintf(" And %d more events in that time.", more)
		}
	}
	return s
}

// Words are a point in the words of the site: "Exception (2 exceptions, 14 tested)".
func (p Point) Words() string {
	if n := p.Counts.words(); n != "" {
		return fmt.Sprintf("%s (%s)", p.Status, n)
	}
	return string(p.Status)
}

// words are counts that are no passes, and of how many; "" when nothing was tested.
func (c Counts) words() string {
	if c.Population == 0 {
		return ""
	}
	return strings.TrimPrefix(c.Open()+fmt.Sprintf(", %d tested", c.Population), ", ")
}

// someEvents of an interval are named in an answer.
const someEvents = 4

// Off answers whether something was ever off in the period.
type Off struct {
	Ever  bool
	Known bool    // whether any look observed it
	At    []Point // the looks that saw it off
	Says  string
	// Unseen says for how long it was not observed; "" when never for a day.
	Unseen string
}

// Ever answers whether a line was ever seen off: at least one item failed. An
// exception that counts compensates a failure and does not undo it.
func (l *Ledger) Ever(n *Line) Off {
	points := l.Points(n)
	var at []Point
	partly, missing := 0, 0
	for _, p := range points {
		if p.Status == ManualHasNot || p.Counts.NeedsRecord > 0 {
			missing++
		}
		if p.Counts.Failed > 0 || p.Status == ExceptionIn || p.Status == Compensated {
			at = append(at, p)
		}
		if p.Counts.NotEvaluated > 0 {
			partly++
		}
	}
	off := l.ever(points, at, n.Longest())
	if missing > 0 {
		off.Says += fmt.Sprintf(" At %d of them a record was missing.", missing)
	}
	if partly > 0 {
		off.Says += fmt.Sprintf(" At %d of them a part was not evaluated.", partly)
	}
	if len(n.Blind) > 0 {
		off.Says += " No run observed " + strings.Join(n.Blind, ", ") + "."
	}
	return off
}

// ItemEver answers the same for one item of a check.
func (l *Ledger) ItemEver(n *Line, it ItemLine) Off {
	points := l.ItemPoints(n, it)
	var at, seen []Point
	for _, p := range points {
		if p.Status != NotEvaluatedIn {
			seen = append(seen, p)
		}
		if p.Status == ExceptionIn || p.Status == Compensated {
			at = append(at, p)
		}
	}
	line := Line{Intervals: l.ItemIntervals(n, it)}
	return l.ever(seen, at, line.Longest())
}

func (l *Ledger) ever(points, off []Point, longest *Interval) Off {
	out := Off{Ever: len(off) > 0, Known: len(points) > 0, At: off}
	switch {
	case !out.Known:
		out.Says = "Not observed: no run of the period saw it."
		return out
	case out.Ever:
		var days []string
		accepted := 0 // looks at which every failure was compensated
		for _, p := range off {
			if p.Status == Compensated || p.Counts.Failed > 0 && p.Counts.Failed == p.Counts.Compensated {
				accepted++
			}
			on := day(p.Look.At)
			if p.Look.After {
				on += ", after the period"
			}
			if n := p.Counts.words(); n != "" {
				on += ": " + n
			} else if p.Status == Compensated {
				on += ": compensated"
			}
			days = append(days, on)
		}
		const shown = 6
		if more := len(days) - shown; more > 0 {
			days = append(days[:shown], fmt.Sprintf("and %d more", more))
		}
		comp := ""
		if accepted > 0 {
			comp = fmt.Sprintf(", at %d of them compensated in full", accepted)
		}
		out.Says = fmt.Sprintf("Yes, at %d of the %d runs that observed it%s. %s.", len(off), len(points), comp, strings.Join(days, "; "))
	case len(points) == 1:
		out.Says = fmt.Sprintf("One run observed it, on %s, and did not see it off.", day(points[0].Look.At))
	default:
		out.Says = fmt.Sprintf("None of the %d runs that observed it, from %s to %s, saw it off.", len(points), day(points[0].Look.At), day(points[len(points)-1].Look.At))
	}
	if longest != nil {
		out.Unseen = fmt.Sprintf("It was not observed for up to %d days at a time (%s to %s).", longest.Days, day(longest.From), day(longest.To))
	}
	return out
}

// An OffTime is a time in which every look that could see an item saw it off.
type OffTime struct {
	Check         string
	Item          ItemLine
	Before, After *Point // the looks on both sides that did not see it off; nil when there is none
	First, Last   Point  // of those that did
	Looks         int    // that did
	Told          []Bridge
}

// OffTimes lists, by item and time, when the items of a check were seen off.
func (l *Ledger) OffTimes(res *CheckResult) []OffTime {
	n := l.Check(res.Check.Name)
	if n == nil || len(n.Sights) == 0 {
		return nil
	}
	items := slices.Clone(n.Items)
	have := map[itemKey]bool{}
	for _, it := range items {
		have[itemKey{it.Account, it.Region, it.Source, it.Item}] = true
	}
	for _, f := range res.Findings {
		if f.Verdict == Fail && !have[keyOf(f)] && !notAnItem(res, f) {
			items = append(items, n.same(f))
		}
	}
	var out []OffTime
	for _, it := range items {
		var open *OffTime
		var before *Point
		points := l.ItemPoints(n, it)
		for i := range points {
			p := &points[i]
			off := p.Status == ExceptionIn || p.Status == Compensated
			switch {
			case off && open == nil:
				open = &OffTime{Check: n.ID, Item: it, Before: before, First: *p, Last: *p, Looks: 1}
				from := l.Period.Start
				if before != nil {
					from = before.Look.At
				}
				open.Told = l.told(n, it, from, p.Look.At)
			case off:
				open.Last = *p
				open.Looks++
			case open != nil && p.Status != NotEvaluatedIn:
				open.After = p
				out, open = append(out, *open), nil
			}
			if p.Status != NotEvaluatedIn {
				before = p
			}
		}
		if open != nil {
			out = append(out, *open)
		}
	}
	return out
}
