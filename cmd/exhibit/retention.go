package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/collect/envoy"
	"exhibit/collect/forge"
	"exhibit/control"
	"exhibit/evidence/store"
)

// keeps is how long the provider keeps what each source lists, in control's words.
func keeps() []control.Retention {
	var out []control.Retention
	for _, s := range envoy.Sources() {
		if k := s.Keeps; k.Reach() > 0 {
			out = append(out, control.Retention{Source: s.Name, What: k.What, Days: k.Days, Soonest: k.Soonest, Asked: k.Asked, Says: k.Says, Doc: k.Doc})
		}
	}
	for _, e := range forge.Expire() {
		k := e.Keeps
		out = append(out, control.Retention{Source: e.Source, What: k.What, Days: k.Days, Soonest: k.Soonest, Asked: k.Asked, Says: k.Says, Doc: k.Doc})
	}
	return out
}

// observed are the runs as far as they say what was asked where.
func observed(runs []store.Run) []control.Observed {
	var out []control.Observed
	for _, r := range runs {
		out = append(out, control.Observed{Run: r.Name, Began: r.Started, At: r.Ended, Cells: r.Cells})
	}
	return out
}

// retention says what AWS and the code host have deleted of the period unseen, and when it deletes more.
func (d *doctor) retention(p control.Period, runs []store.Run) {
	now := d.Now()
	if !now.After(p.Start) {
		d.ok("retention", "the period begins on %s: nothing of it is lost yet", p.Start.Format(time.DateOnly))
		return
	}
	type part struct{ what, from, until string }
	lost, places := map[string][]part{}, map[part]int{}
	next := map[string]time.Time{}
	var sources []string
	says := map[string]control.Retention{}
	for _, r := range control.Reaches(keeps(), p, observed(runs), now) {
		if !slices.Contains(sources, r.Source) {
			sources = append(sources, r.Source)
			says[r.Source] = r.Retention
		}
		for _, l := range r.Lost {
			x := part{r.Source, l.From.Format(time.DateOnly), l.Until.Format(time.DateOnly)}
			if places[x]++; places[x] == 1 {
				lost[r.Source] = append(lost[r.Source], x)
			}
		}
		if n := next[r.Source]; !r.Next.IsZero() && (n.IsZero() || r.Next.Before(n)) {
			next[r.Source] = r.Next
		}
	}
	var gone, soon []string
	mend := "run make capture each week: docs/capture.md has the recipes"
	for _, s := range sources {
		k := says[s]
		for _, x := range lost[s] {
			text := fmt.Sprintf("%s between %s and %s: %s", k.What, x.from, x.until, k.Says)
			if len(runs) == 0 {
				text = fmt.Sprintf("%s before %s are gone already: %s", k.What, x.until, k.Says)
			} else if places[x] > 1 {
				text += fmt.Sprintf(" In %d places.", places[x])
			}
			gone = append(gone, text)
		}
		if n := next[s]; !n.IsZero() {
			soon = append(soon, fmt.Sprintf("%s on %s", k.What, n.Format(time.DateOnly)))
		}
	}
	if len(gone) > 0 {
		d.note("lost", strings.Join(gone, "\n"), "")
	}
	if len(soon) > 0 {
		d.note("next loss", strings.Join(soon, "; "), mend)
	}
	if len(gone)+len(soon) == 0 {
		d.ok("retention", "the runs tell of the whole period")
	}
}
