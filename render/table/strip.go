package table

import (
	"fmt"
	"strings"
	"time"

	"exhibit/control"
)

// A Strip draws the audit period as a time axis: a shape where a run saw a status,
// a tick at every run, hatching where nobody looked for longer than allowed, dots
// where a source with a memory of its own tells of that time. Nothing is drawn
// between two runs that saw the same: it is not known.
type Strip struct {
	ID      string // unique on the page
	Title   string
	Period  control.Period
	Runs    []time.Time // all looks
	Marks   []Mark      // what they saw
	Unseen  []Stretch   // longer than allowed
	Bridged []Stretch
	Told    []time.Time // events
	Rest    Stretch     // after the newest run; zero when there is none
	Says    string      // the same in words
	Small   bool        // in a table: no axis, no caption
}

// A Mark is what one run saw.
type Mark struct {
	At     time.Time
	Status control.Status
}

// A Stretch is a stretch of time.
type Stretch struct{ From, To time.Time }

// X is where a time stands on the axis, from 0 to 1; what lies outside stands at the end.
func (s Strip) X(t time.Time) float64 {
	start, end := s.Period.Start, s.Period.End.AddDate(0, 0, 1)
	if !end.After(start) {
		return 0
	}
	return min(1, max(0, float64(t.Sub(start))/float64(end.Sub(start))))
}

// Shown are the marks that are drawn: all where there is room, otherwise the first
// and the last of each row of the same status.
func (s Strip) Shown() []Mark {
	const room = 40
	if len(s.Marks) <= room {
		return s.Marks
	}
	var out []Mark
	for i, m := range s.Marks {
		if i == 0 || i == len(s.Marks)-1 || s.Marks[i-1].Status != m.Status || s.Marks[i+1].Status != m.Status {
			out = append(out, m)
		}
	}
	return out
}

// Months are the first days of months in the period, thinned so that their names
// have room.
func (s Strip) Months() []time.Time {
	var all []time.Time
	for t := time.Date(s.Period.Start.Year(), s.Period.Start.Month(), 1, 0, 0, 0, 0, time.UTC); !t.After(s.Period.End); t = t.AddDate(0, 1, 0) {
		if !t.Before(s.Period.Start) {
			all = append(all, t)
		}
	}
	step := (len(all) + 12) / 13
	var out []time.Time
	for i := 0; i < len(all); i += max(1, step) {
		out = append(out, all[i])
	}
	return out
}

func (b *Book) strip(id, title string, points []control.Point, intervals []control.Interval, allowed int) Strip {
	l := b.Ledger
	s := Strip{ID: id, Title: title, Period: l.Period, Rest: Stretch{l.Rest.From, l.Rest.To}}
	for _, k := range l.Looks {
		s.Runs = append(s.Runs, k.At)
	}
	for _, p := range points {
		s.Marks = append(s.Marks, Mark{p.Look.At, p.Status})
	}
	var unseen, told []string
	for _, v := range intervals {
		if v.Long {
			s.Unseen = append(s.Unseen, Stretch{v.From, v.To})
			unseen = append(unseen, fmt.Sprintf("%s to %s (%d days)", isoDay(v.From), isoDay(v.To), v.Days))
		}
		for _, x := range v.Bridges {
			if x.Event() {
				s.Told = append(s.Told, x.From)
				told = append(told, fmt.Sprintf("%s: %s (%s)", isoDay(x.From), x.Says, x.Via))
				continue
			}
			s.Bridged = append(s.Bridged, Stretch{x.From, x.To})
			told = append(told, fmt.Sprintf("%s to %s by %s, bridged", isoDay(x.From), isoDay(x.To), x.Via))
		}
	}
	s.Says = strings.Join(rows(s.Marks), "; ") + "."
	if len(s.Marks) == 0 {
		s.Says = "No run observed it."
	}
	if len(unseen) > 0 {
		s.Says += fmt.Sprintf(" Not observed for longer than %s: %s.", Plural(allowed, "day", "days"), some(unseen))
	}
	if len(told) > 0 {
		s.Says += " Told, not observed: " + some(told) + "."
	}
	if l.Rest.Days > 0 {
		s.Says += fmt.Sprintf(" After %s this report has no run.", isoDay(l.Rest.From))
	}
	return s
}

// rows are the marks in words, each row of the same status once.
func rows(marks []Mark) []string {
	var out []string
	for i := 0; i < len(marks); {
		n := i
		for n+1 < len(marks) && marks[n+1].Status == marks[i].Status {
			n++
		}
		if n == i {
			out = append(out, fmt.Sprintf("%s: %s", isoDay(marks[i].At), marks[i].Status))
		} else {
			out = append(out, fmt.Sprintf("%s at each of %d runs from %s to %s", marks[i].Status, n-i+1, isoDay(marks[i].At), isoDay(marks[n].At)))
		}
		i = n + 1
	}
	return out
}

func some(list []string) string {
	const most = 8
	if more := len(list) - most; more > 0 {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(list, ", ")
}

func isoDay(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// LineStrip draws a check, a control or a criterion.
func (b *Book) LineStrip(id, title string, n *control.Line) Strip {
	return b.strip(id, title, b.Ledger.Seen(n), n.Intervals, n.Allowed)
}

// ItemStrip draws one item of a check.
func (b *Book) ItemStrip(id, title string, n *control.Line, it control.ItemLine) Strip {
	return b.strip(id, title, b.Ledger.ItemPoints(n, it), b.Ledger.ItemIntervals(n, it), n.Allowed)
}

// Drawn is a cell with a strip; writers that do not draw set its words.
func Drawn(s Strip) Cell {
	s.Small = true
	return Cell{Kind: Picture, Text: s.Says, Set: true, Strip: &s}
}
