package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// A Retention is how long the provider keeps what a source lists. It comes from
// the collector; here it is only counted with.
type Retention struct {
	Source  string // "backup/job"
	What    string // "backup jobs"
	Days    int    // after which the provider deletes an answer; 0 when it does not
	Soonest int    // Days for those that are deleted earlier than others; 0 when all are alike
	Asked   int    // whole days before its own a run asks for; 0 for all there is
	Says    string // the rule in a sentence
	Doc     string // the provider's document that says so
}

// Keeper is who deletes, in words.
func (r Retention) Keeper() string {
	if strings.HasPrefix(r.Source, "forge/") {
		return "the code host"
	}
	return "AWS"
}

// days is how far a run's answer goes back.
func (r Retention) days() int {
	if r.Days == 0 || r.Asked > 0 && r.Asked < r.Days {
		return r.Asked
	}
	return r.Days
}

// until is the moment up to which a run at t tells: a run that asks for whole
// days knows nothing of its own.
func (r Retention) until(t time.Time) time.Time {
	if r.Asked > 0 {
		return midnight(t)
	}
	return t
}

// since is the moment from which on a run at t tells.
func (r Retention) since(t time.Time) time.Time { return r.until(t).AddDate(0, 0, -r.days()) }

func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// A Reach is how far over the period the runs' answers go for one source at one
// place, where the provider deletes what it lists.
type Reach struct {
	Retention
	Account, Region string
	Runs            int       // that were answered here in the period
	SeenTo          time.Time // up to when the last answered run tells; the period's start when none was
	// Lost are the parts of the period no run tells of, oldest first; empty when
	// the runs follow one another closely enough.
	Lost []Lost
	// Next is when more is lost, unless a run asks before: the day on which the
	// provider deletes what came right after SeenTo. Zero once SeenTo covers the period.
	Next time.Time
}

// A Lost is a part of the period no run tells of: what happened then had been
// deleted, or was not asked for any more, when the next run came.
type Lost struct {
	From, Until time.Time // Until itself is told of again
	After       string    // the run before; "" where the period's start is
	Before      string    // the run that came too late; "" when none came yet
	Deleted     bool      // the provider had deleted it; false: no run asked so far back
	Refused     []string  // the runs between that asked and were not answered: "0002-… (denied_scp)"
}

// String is "2026-01-01 to 2026-01-04 03:00".
func (l Lost) String() string { return moment(l.From) + " to " + moment(l.Until) }

// moment is a day, with the time of day where that is not midnight.
func moment(t time.Time) string {
	if t.Equal(midnight(t)) {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// An Observed is a run as far as it says which places were asked, and what became of it.
type Observed struct {
	Run       string
	Began, At time.Time
	Cells     []evidence.Cell // of earlier runs too: those ended before Began
}

// Reaches tells for every source whose answers the provider deletes, and every
// place that was ever asked for it, which parts of the period no run tells of. now
// is the moment up to which a run could have been made. Before the first run the
// places are not known; there is then one Reach a source, without account and
// region. Runs are oldest first; those before the period tell nothing of it.
func Reaches(keeps []Retention, p Period, runs []Observed, now time.Time) []Reach {
	end := p.End.AddDate(0, 0, 1)
	var out []Reach
	for _, k := range keeps {
		if k.days() == 0 {
			continue
		}
		places := map[place][]answer{}
		for _, r := range runs {
			for _, c := range r.Cells {
				if c.Source != k.Source {
					continue
				}
				at := place{c.Account, c.Region}
				if c.State == evidence.OutOfScope {
					delete(places, at)
				} else if fresh(c, r.Began) {
					places[at] = append(places[at], answer{r, c})
				} else if places[at] == nil {
					places[at] = []answer{}
				}
			}
		}
		if len(runs) == 0 {
			places[place{}] = nil
		}
		for at, answers := range places {
			if len(answers) > 0 && !slices.ContainsFunc(answers, func(a answer) bool { return !left(a.cell) }) {
				continue // a region nobody enabled, a service AWS does not offer there
			}
			r := Reach{Retention: k, Account: at.account, Region: at.region, SeenTo: p.Start}
			r.over(answers, end, now)
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Reach) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return out
}

// fresh reports whether a cell was asked by the run that began then, and is not
// what an earlier one left.
func fresh(c evidence.Cell, began time.Time) bool {
	return began.IsZero() || c.Ended.IsZero() || !c.Ended.Before(began)
}

// An answer is what one run was told at one place.
type answer struct {
	run  Observed
	cell evidence.Cell
}

// over goes through the answers of one place, oldest first.
func (r *Reach) over(answers []answer, end, now time.Time) {
	after, inUse := "", false
	var refused []string
	lose := func(until time.Time, before string) {
		if until = earlier(until, end); until.After(r.SeenTo) {
			deleted := r.Days > 0 && (r.Asked == 0 || r.Asked >= r.Days)
			r.Lost = append(r.Lost, Lost{From: r.SeenTo, Until: until, After: after, Before: before, Deleted: deleted, Refused: refused})
		}
	}
	for _, a := range answers {
		if !a.run.At.After(r.SeenTo) {
			continue // before the period
		}
		if !a.cell.State.Answered() {
			refused = append(refused, a.run.Run+" ("+string(a.cell.State)+")")
			continue
		}
		off := a.cell.State == evidence.NotInUse
		if left(a.cell) && !inUse { // nothing could be there until then
			r.SeenTo = later(r.SeenTo, r.until(a.run.At))
			continue
		}
		if off && inUse { // switched off: what it held went with it
			lose(r.until(a.run.At), a.run.Run)
		} else {
			lose(r.since(a.run.At), a.run.Run)
		}
		r.Runs++
		r.SeenTo, after, inUse, refused = later(r.SeenTo, r.until(a.run.At)), a.run.Run, !off, nil
	}
	if !r.SeenTo.Before(end) {
		return
	}
	r.Next = r.SeenTo.AddDate(0, 0, r.days())
	if since := r.since(now); since.After(r.SeenTo) {
		lose(since, "")
		r.Next = midnight(now).AddDate(0, 0, 1) // each day from now on
	}
	if !r.Next.AddDate(0, 0, -r.days()).Before(end) { // what is deleted then lies after the period
		r.Next = time.Time{}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Says is why nothing is known of a lost part, in a sentence.
func (l Lost) Says(k Retention) string {
	s := fmt.Sprintf("%s from %s may have been deleted before they were asked for: %s keeps them for %d days", k.What, l, k.Keeper(), k.Days)
	if !l.Deleted {
		s = fmt.Sprintf("nobody asked for %s from %s: a run asks for those of the last %d days", k.What, l, k.Asked)
	}
	switch {
	case l.After == "" && l.Before == "":
		s += ", and no run was answered yet"
	case l.After == "":
		s += ", and the first run that was answered is " + l.Before
	case l.Before == "":
		s += ", and no run was answered after " + l.After
	default:
		s += ", and the run answered after " + l.After + " is " + l.Before
	}
	if len(l.Refused) > 0 {
		s += "; not answered: " + strings.Join(l.Refused, ", ")
	}
	return s
}

// reaches tells of one source how far over the period the runs go, as known at
// this run. keeps is for how many days, where nobody said it of the source.
func (w *world) reaches(source string, keeps int) []Reach {
	if w.toldWhole {
		return nil
	}
	k := Retention{Source: source, What: "items of " + source, Days: keeps, Says: fmt.Sprintf("They are kept for %d days.", keeps)}
	for _, r := range w.keeps {
		if r.Source == source {
			k = r
		}
	}
	return Reaches([]Retention{k}, w.period, w.observedRuns(source), w.runAt())
}

// observed are the runs of the period and this one, with the cells of one source;
// of all when it is "".
func (w *world) observedRuns(source string) []Observed {
	var out []Observed
	for _, b := range append(w.before[:len(w.before):len(w.before)], w) {
		o := Observed{Run: b.Run, Began: b.Began, At: b.At, Cells: b.Cells}
		if source != "" {
			o.Cells = b.planned(source)
		}
		out = append(out, o)
	}
	return out
}

// A Sighting is an item with the runs of the period that saw it.
type Sighting struct {
	Located
	First, Last         string    // names of the runs
	FirstSeen, LastSeen time.Time // when they ended
}

// gone are the items that earlier runs saw of what the provider deletes, and that
// are not listed any more.
func (w *world) gone() map[string][]Sighting {
	var out map[string][]Sighting
	for _, k := range w.keeps {
		here := map[itemAt]bool{}
		for _, it := range w.items(k.Source) {
			here[itemAt{it.Account, it.Region, it.ID}] = true
		}
		seen := map[itemAt]int{}
		for _, b := range w.before {
			asked := map[place]bool{}
			for _, c := range b.planned(k.Source) {
				asked[place{c.Account, c.Region}] = fresh(c, b.Began)
			}
			for _, it := range b.items(k.Source) {
				key := itemAt{it.Account, it.Region, it.ID}
				if here[key] || !asked[place{it.Account, it.Region}] {
					continue
				}
				i, known := seen[key]
				if out == nil {
					out = map[string][]Sighting{}
				}
				if !known {
					i = len(out[k.Source])
					seen[key] = i
					out[k.Source] = append(out[k.Source], Sighting{First: b.Run, FirstSeen: b.At})
				}
				s := &out[k.Source][i]
				s.Located, s.Last, s.LastSeen = it, b.Run, b.At
			}
		}
		slices.SortStableFunc(out[k.Source], func(a, b Sighting) int {
			return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), a.FirstSeen.Compare(b.FirstSeen), cmp.Compare(a.ID, b.ID))
		})
	}
	return out
}

// itemAt is what an item is in every run.
type itemAt struct{ account, region, id string }
