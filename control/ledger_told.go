package control

import "slices"

// A ToldTime is a time of the period in which, as a source with a memory of its own
// tells, something did not meet a check. No run observed it as such; runs that looked
// within it may have seen the same.
type ToldTime struct {
	Bridge
	Check string
	Looks int // that observed the check within that time; 0 when nobody was looking
}

// ToldOff lists them for the checks named, those that no run fell into first, then by
// time.
func (l *Ledger) ToldOff(names []string) []ToldTime {
	var out []ToldTime
	start, end := l.Period.bounds()
	for _, b := range l.Bridges {
		if b.Status != ExceptionIn || b.Event() || !b.To.After(start) || !b.From.Before(end) {
			continue
		}
		for _, name := range b.Checks {
			n := l.Check(name)
			if n == nil || !slices.Contains(names, name) {
				continue
			}
			t := ToldTime{Bridge: b, Check: name}
			t.From, t.To = later(b.From, start), b.To
			if t.To.After(end) {
				t.To = end
			}
			for _, s := range n.Sights {
				if at := l.Looks[s.Look].At; s.Observed && !at.Before(b.From) && !at.After(b.To) {
					t.Looks++
				}
			}
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(x, y ToldTime) int {
		if (x.Looks == 0) != (y.Looks == 0) {
			return map[bool]int{true: -1, false: 1}[x.Looks == 0]
		}
		return x.From.Compare(y.From)
	})
	return out
}
