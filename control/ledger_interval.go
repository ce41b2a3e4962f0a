package control

import (
	"cmp"
	"slices"
	"time"
)

// An Interval is a time in the period in which nothing was observed.
type Interval struct {
	From, To time.Time
	Days     int // whole days
	Kind     IntervalKind
	Long     bool  // longer than the cadence allows; never for Rest
	Silent   []int // looks between From and To that asked and got no answer
	Bridges  []Bridge
}

// IntervalKind says what an interval lies between.
type IntervalKind string

// The kinds of interval.
const (
	Beginning IntervalKind = "before the first look" // from the first day of the period
	Between   IntervalKind = "between two looks"
	Lapsed    IntervalKind = "since it was last answered" // looks followed, and none observed it
	Whole     IntervalKind = "the whole period"           // no look observed it
	Remainder IntervalKind = "after the newest run"       // to the end of the period
)

// A Cadence says how many days may lie between two looks at a control.
type Cadence struct {
	Frequency string
	Days      int // 0: the frequency sets none
	Why       string
}

// Cadences are those of the frequencies a control may have, strictest first. A
// day of grace is in each where days are counted whole: 31.9 days are 31.
func Cadences() []Cadence {
	return []Cadence{
		{"daily", 1, "a day"},
		{"continuous", 7, "a run is a moment, and no number of moments is continuous; a week is how often exhibit asks to be run"},
		{"weekly", 7, "a week"},
		{"monthly", 31, "the longest month"},
		{"quarterly", 92, "the longest quarter"},
		{"annual", 366, "the longest year"},
		{"per event", 0, "what happens at an event has no calendar to be held against"},
	}
}

// allowed is how many days a frequency lets pass; 0 when it sets none.
func allowed(frequency string) int {
	for _, c := range Cadences() {
		if c.Frequency == frequency {
			return c.Days
		}
	}
	return 0
}

// strictest is the frequency of which two looks must lie closest together.
func strictest(frequencies []string) string {
	rank := func(f string) int {
		return slices.IndexFunc(Cadences(), func(c Cadence) bool { return c.Frequency == f })
	}
	out := ""
	for _, f := range frequencies {
		if rank(f) >= 0 && (out == "" || rank(f) < rank(out)) {
			out = f
		}
	}
	return out
}

// bounds are the first moment of the period and the first after it.
func (p Period) bounds() (start, end time.Time) { return p.Start, p.End.AddDate(0, 0, 1) }

// wholeDays counts the days between two times, a begun one not.
func wholeDays(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// intervals are the times between looks that observed a thing. silent are those
// that asked and got no answer.
func (l *Ledger) intervals(observed, silent []int, allowed int) []Interval {
	start, end := l.Period.bounds()
	var out []Interval
	note := func(from, to time.Time, kind IntervalKind) {
		if to.After(end) {
			to = end
		}
		v := Interval{From: from, To: to, Kind: kind, Days: wholeDays(from, to)}
		if v.Days < 1 {
			return
		}
		v.Long = allowed > 0 && v.Days > allowed
		for _, s := range silent {
			if at := l.Looks[s].At; at.After(from) && !at.After(to) {
				v.Silent = append(v.Silent, s)
			}
		}
		out = append(out, v)
	}
	newest := end // as far as this report can tell
	if n := len(l.Looks); n > 0 && l.Looks[n-1].At.Before(end) {
		newest = l.Looks[n-1].At
	}
	if len(observed) == 0 {
		note(start, newest, Whole)
		return out
	}
	last := start
	for i, look := range observed {
		kind := Between
		if i == 0 {
			kind = Beginning
		}
		note(last, l.Looks[look].At, kind)
		last = l.Looks[look].At
	}
	note(last, newest, Lapsed)
	return out
}

// rest is what no look of the report can tell of.
func (l *Ledger) rest() Interval {
	start, end := l.Period.bounds()
	if n := len(l.Looks); n > 0 {
		start = l.Looks[n-1].At
	}
	if !start.Before(end) {
		return Interval{}
	}
	return Interval{From: start, To: end, Days: wholeDays(start, end), Kind: Remainder}
}

// Unseen is a listing that at least one look of the period was not told.
type Unseen struct {
	Account, Region, Source string
	Sights                  []CellSight
	Intervals               []Interval
	Allowed                 int
	Checks                  []string // that read it
}

// A CellSight is what one look was told of a listing.
type CellSight struct {
	Look     int
	Answered bool
	State    string // of the cell: "denied_scp"
	Reason   string
}

// Never reports whether no look of the period was told.
func (u *Unseen) Never() bool {
	return !slices.ContainsFunc(u.Sights, func(s CellSight) bool { return s.Answered })
}

// Longest is the longest of its intervals; nil when there is none of a day.
func (u *Unseen) Longest() *Interval {
	n := Line{Intervals: u.Intervals}
	return n.Longest()
}

// unseen finds the listings that looks were not told. A listing no run of the
// period asked again is not told either; one left out of scope is no gap.
func (l *Ledger) unseen(lib *Library, looked []*world, cadence map[string]string) []Unseen {
	type key struct{ account, region, source string }
	at := map[key]int{}
	var out []Unseen
	for i, w := range looked {
		for _, c := range w.Cells {
			if left(c) {
				continue
			}
			k := key{c.Account, c.Region, c.Source}
			n, ok := at[k]
			if !ok {
				n = len(out)
				at[k] = n
				out = append(out, Unseen{Account: c.Account, Region: c.Region, Source: c.Source})
			}
			if !w.askedHere(c) {
				continue // an answer of an earlier run
			}
			s := CellSight{Look: i, Answered: c.State.Answered(), State: string(c.State)}
			if !s.Answered {
				s.Reason = cellReason(c)
			}
			out[n].Sights = append(out[n].Sights, s)
		}
	}
	out = slices.DeleteFunc(out, func(u Unseen) bool {
		return !slices.ContainsFunc(u.Sights, func(s CellSight) bool { return !s.Answered })
	})
	for i := range out {
		u := &out[i]
		var frequencies []string
		for _, c := range lib.Checks {
			if slices.Contains(c.reads(), u.Source) {
				u.Checks = append(u.Checks, c.Name)
				frequencies = append(frequencies, cadence[c.Name])
			}
		}
		u.Allowed = allowed(strictest(frequencies))
		var observed, silent []int
		for _, s := range u.Sights {
			if s.Answered {
				observed = append(observed, s.Look)
			} else {
				silent = append(silent, s.Look)
			}
		}
		u.Intervals = l.intervals(observed, silent, u.Allowed)
	}
	longest := func(u Unseen) int {
		if v := u.Longest(); v != nil {
			return v.Days
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b Unseen) int {
		return cmp.Or(cmp.Compare(longest(b), longest(a)), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return out
}
