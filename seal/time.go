package seal

import (
	"fmt"
	"strings"
	"time"
)

// Timing is when one seal was made: what it claims, and what is proved.
type Timing struct {
	Of      string     // "package", or the name of a run
	Claimed time.Time  // by the clock of the machine that sealed
	Proved  *time.Time // it existed then, as a timestamp authority says; nil when nothing proves it
	After   *time.Time // it was made after then: it names a token of that time; nil when it names none that was checked
	By      string     // the authority; "" when nothing is proved
	Says    string
}

// clockTolerance is how far a machine's clock may be off before it is told.
const clockTolerance = 10 * time.Minute

// timing words when a seal was made.
func (v *verifier) timing(of string, s, before sealed) Timing {
	t := Timing{Of: of, Claimed: s.seal.Claimed}
	if before.stamp != nil && s.seal.PreviousToken == before.token {
		t.After = &before.stamp.Time
	}
	claimed := s.seal.Claimed.Format(clockLayout)
	switch {
	case s.stamp != nil:
		t.Proved, t.By = &s.stamp.Time, s.stamp.Authority
		t.Says = fmt.Sprintf("sealed by its own clock at %s, proved to exist at %s", claimed, s.stamp.Time.Format(clockLayout))
		if late := s.stamp.Time.Sub(s.seal.Claimed); late > clockTolerance {
			t.Says += ", " + span(late) + " later"
		} else if late < -clockTolerance {
			t.Says += ", " + span(-late) + " before it claims: its clock was ahead"
		}
	case s.token != "" && !v.pinned:
		t.Says = "claimed only: its own clock said " + claimed + "; there is a timestamp, and no roots were given to check it with (--tsa-roots)"
	case s.token != "":
		t.Says = "claimed only: its own clock said " + claimed + "; its timestamp is not good"
	default:
		t.Says = "claimed only: its own clock said " + claimed
	}
	if t.After != nil {
		t.Says += fmt.Sprintf("; made after %s, for it names the timestamp before it", t.After.Format(clockLayout))
	}
	return t
}

// span is a duration as people say it, in its two largest units.
func span(d time.Duration) string {
	var words []string
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		n := d / u.unit
		d -= n * u.unit
		if n == 0 {
			if len(words) > 0 {
				break
			}
			continue
		}
		word := fmt.Sprintf("%d %s", n, u.name)
		if n > 1 {
			word += "s"
		}
		if words = append(words, word); len(words) == 2 {
			break
		}
	}
	if len(words) == 0 {
		return "less than a minute"
	}
	return strings.Join(words, " ")
}

// time is the level of when, and with it the time of every seal. self is the
// package's; it is zero where the newest run speaks for itself.
func (v *verifier) time(self sealed, links []link) {
	proved := 0
	for i, l := range links {
		if l.seal.Kind == "" {
			continue
		}
		before := sealed{}
		if i > 0 {
			before = links[i-1].sealed
		}
		t := v.timing(l.name, l.sealed, before)
		if v.r.Times = append(v.r.Times, t); t.Proved != nil {
			proved++
		}
	}
	if self.seal.Kind == "" {
		v.r.level(LevelTime, Unknown, "no seal to read it from")
		return
	}
	var own Timing
	if self.seal.Kind == KindPackage {
		own = v.timing("package", self, sealed{})
		v.r.Times = append(v.r.Times, own)
	} else if n := len(v.r.Times); n > 0 {
		own = v.r.Times[n-1]
	}
	says := own.Says
	if self.stamp != nil {
		says = fmt.Sprintf("%s, as %s says, whose root is pinned", says, Visible(self.stamp.Authority))
	}
	if len(links) > 0 {
		says += fmt.Sprintf("; of its %s", runsProved(len(links), proved))
	}
	for _, l := range v.late {
		says += "; " + l
	}
	state := Unknown
	if own.Proved != nil {
		state = Held
	}
	v.r.level(LevelTime, state, "%s", says)
}

func runsProved(n, proved int) string {
	runs := fmt.Sprintf("%d runs", n)
	if n == 1 {
		runs = "1 run"
	}
	switch {
	case proved == 0:
		return runs + " none has a proved time"
	case proved == n:
		return runs + " each has a proved time"
	case proved == 1:
		return runs + " 1 has a proved time"
	}
	return fmt.Sprintf("%s %d have a proved time", runs, proved)
}

// pauses are the times between two runs that are longer than the one allowed, and
// the longest where none is allowed. They are what the runs' own clocks say.
func (v *verifier) pauses(links []link) (says string) {
	var longest time.Duration
	var where string
	var gaps []string
	for i := 1; i < len(links); i++ {
		a, b := links[i-1], links[i]
		if a.seal.Kind == "" || b.seal.Kind == "" {
			continue
		}
		between := b.seal.Claimed.Sub(a.seal.Claimed)
		at := fmt.Sprintf("%s between runs %04d (%s) and %04d (%s)", span(between), a.number, a.seal.Claimed.Format(time.DateOnly), b.number, b.seal.Claimed.Format(time.DateOnly))
		if between > longest {
			longest, where = between, at
		}
		if v.cadence > 0 && between > v.cadence {
			gaps = append(gaps, at)
		}
	}
	v.r.Pauses = gaps
	switch {
	case len(links) < 2 || longest == 0:
		return ""
	case v.cadence == 0:
		return "; the longest pause is " + where
	case len(gaps) == 0:
		return fmt.Sprintf("; no pause is longer than the %s expected, the longest is %s", span(v.cadence), where)
	case len(gaps) == 1:
		return fmt.Sprintf("; GAP: nothing was collected for longer than the %s expected: %s", span(v.cadence), gaps[0])
	}
	return fmt.Sprintf("; %d GAPS: nothing was collected for longer than the %s expected: %s", len(gaps), span(v.cadence), strings.Join(gaps, ", "))
}
