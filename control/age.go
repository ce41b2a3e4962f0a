package control

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// age finds the cells whose last answer does not speak for the newest run; their
// items, which it names by source, are no part of what is judged.
//
// A run limited to some sources leaves the cells of the others as an earlier run
// left them: those count, if that run lies in the period. But where the newest
// run asked a source elsewhere and not here, because the account left the
// organization or the region left the list, what was so then is not known to be
// so now: NotAsked. If nobody asked here since before the period began, the place
// is no part of the period, and is shown among what is left out.
func (w *world) age() (gone map[string]map[place]bool) {
	if w.Began.IsZero() || w.At.Before(w.period.Start) {
		return nil
	}
	gone = map[string]map[place]bool{}
	old := func(c evidence.Cell) bool { return !c.Ended.IsZero() && c.Ended.Before(w.Began) }
	asked := map[string]bool{}
	for _, c := range w.Cells {
		asked[c.Source] = asked[c.Source] || !c.Ended.IsZero() && !old(c)
	}
	for i := range w.Cells {
		c := &w.Cells[i]
		if !old(*c) {
			continue
		}
		before, last := c.Ended.Before(w.period.Start), "last asked on "+c.Ended.UTC().Format(time.DateOnly)
		switch {
		case before && asked[c.Source]:
			c.State, c.Reason = evidence.OutOfScope, "no run of the period asks it; "+last
		case before:
			c.State, c.Reason = evidence.NotAsked, last+", before the period began"
		case asked[c.Source]:
			c.State, c.Reason = evidence.NotAsked, "the newest run asked others for "+c.Source+", and not this; "+last
		default:
			continue
		}
		c.Gap = nil
		if gone[c.Source] == nil {
			gone[c.Source] = map[place]bool{}
		}
		gone[c.Source][place{c.Account, c.Region}] = true
	}
	return gone
}

// otherRegions adds to each source that is asked by region the regions nobody
// could name: where an account did not list its regions, those that were asked
// need not be all.
func (w *world) otherRegions() {
	for _, r := range w.cells["account/region"] {
		if r.State.Answered() {
			continue
		}
		for source, cells := range w.cells {
			if slices.ContainsFunc(cells, func(c evidence.Cell) bool { return c.Account == r.Account && c.Region != "global" && !left(c) }) {
				w.cells[source] = append(cells, evidence.Cell{
					Account: r.Account, Region: "other regions", Source: source, State: r.State, Gap: r.Gap,
					Reason: strings.TrimSuffix("which regions the account has enabled is not known: "+r.Reason, ": "),
				})
			}
		}
	}
}

// youngRegion is where the users stand whom the credential report does not have yet.
const youngRegion = "users since the report"

// youngUsers adds to the credential report the users it does not have yet: IAM
// keeps a report for four hours, and who came since is on no row of it.
func (w *world) youngUsers() {
	var more []evidence.Cell
	for _, c := range w.cells["iam/credential"] {
		if !c.State.Answered() || c.Region != "global" || len(w.in(c)) == 0 {
			continue
		}
		rows := map[string]bool{}
		for _, it := range w.in(c) {
			rows[it.ID] = true
		}
		var young []string
		for _, it := range w.inPlace("iam/user", place{c.Account, c.Region}) {
			if !rows[it.ID] {
				young = append(young, it.ID)
			}
		}
		if len(young) > 0 {
			report := "the credential report"
			if c.AsOf != nil {
				report += " of " + c.AsOf.UTC().Format(time.RFC3339)
			}
			more = append(more, evidence.Cell{
				Account: c.Account, Region: youngRegion, Source: c.Source, State: evidence.Truncated,
				Reason: report + " has no row for " + strings.Join(young, ", ") + ": ask again when it is four hours old",
			})
		}
	}
	w.cells["iam/credential"] = append(w.cells["iam/credential"], more...)
}

// doubts are what the evidence itself says against its being whole.
func (w *world) doubts() []string {
	out := w.outsidePeriod()
	planned := map[string]bool{}
	for _, c := range w.Cells {
		planned[c.Account] = true
	}
	for _, it := range w.items("organizations/account") {
		v, _ := field(it, "ListAccounts")
		a := written(fieldsOf(v))
		id, status := a.text("Id"), a.text("State")
		if status == "" {
			status = a.text("Status")
		}
		if id == "" || planned[id] || status == "SUSPENDED" || status == "CLOSED" {
			continue
		}
		said := fmt.Sprintf("exhibit.yaml: account %s (%s) of the organization was never asked about anything: name it under aws.accounts, or leave it out of scope with a reason", id, a.text("Name"))
		if !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return append(out, w.peopleDoubts()...)
}

// outsidePeriod says so when the newest run does not lie in the period.
func (w *world) outsidePeriod() []string {
	day := w.At.UTC().Format(time.DateOnly)
	switch {
	case w.At.IsZero() || w.period.Start.IsZero():
	case w.At.Before(w.period.Start):
		return []string{fmt.Sprintf("exhibit.yaml: the newest run, of %s, lies before the period %s: nothing here was observed in the period", day, w.period)}
	case !w.observed():
		return []string{fmt.Sprintf("exhibit.yaml: no run lies in the period %s; the newest is of %s: what it saw need not have been so in the period", w.period, day)}
	case w.At.After(w.period.End.AddDate(0, 0, 32)):
		return []string{fmt.Sprintf("exhibit.yaml: the newest run, of %s, lies more than a month after the period %s: render the last run of the period with --at", day, w.period)}
	}
	return nil
}

// observed reports whether any run lies in the period.
func (w *world) observed() bool {
	return w.period.Start.IsZero() || w.period.within(w.At) || slices.ContainsFunc(w.before, func(b *world) bool { return w.period.within(b.At) })
}

// listedBefore are the entries of a register that an earlier run of the period
// saw and the newest does not, each as it was seen last: an entry that was struck
// off must not drop out unseen. One that goes on under another id, known by its
// address or name, was renamed.
func (w *world) listedBefore(source string) (gone []Located, at map[string]string) {
	kind := strings.TrimPrefix(source, "record/")
	if kind == source || w.Unread[kind] != "" {
		return nil, nil
	}
	here := map[string]bool{}
	keys := func(it Located) []string {
		r := recordOf(it)
		out := []string{"id " + r.text("id")}
		for _, k := range []string{"email", "name"} {
			if s := r.text(k); s != "" {
				out = append(out, k+" "+strings.ToLower(s))
			}
		}
		return out
	}
	for _, it := range w.items(source) {
		for _, k := range keys(it) {
			here[k] = true
		}
	}
	at = map[string]string{}
	for _, b := range slices.Backward(w.before) {
		for _, it := range b.items(source) {
			id := recordOf(it).text("id")
			if id == "" || at[id] != "" || slices.ContainsFunc(keys(it), func(k string) bool { return here[k] }) {
				continue
			}
			at[id] = b.Run
			gone = append(gone, it)
		}
	}
	return gone, at
}

// dayOf is the day a check counts ages to, what that day is, and when its evidence
// was collected. A run limited to some sources left the others as an earlier one
// was told: an age as of that day is a fact, and one as of this run is none. What
// counts is when the population was asked for last; where a join reads a register,
// the source it reads beside it that was asked for longest ago.
func (w *world) dayOf(c Check) (asOf time.Time, countedTo string, run time.Time) {
	sources := append([]string{c.Of}, c.Also...)
	if alwaysRead(c.Of) && c.Join != "" {
		for _, s := range c.With {
			sources = append(sources, sourceOf(s))
		}
	}
	var last time.Time
	for _, s := range sources {
		if on := w.lastAsked(s); !on.IsZero() && (last.IsZero() || on.Before(last)) {
			last = on
		}
	}
	if last.IsZero() || !last.Before(w.asOf) {
		return w.asOf, w.countedTo, w.runAt()
	}
	return last, last.UTC().Format(time.DateOnly) + ", the day it was last asked", last
}

// lastAsked is when a source was asked for last, where this run did not; zero
// where it did, and where the source is not collected.
func (w *world) lastAsked(source string) (last time.Time) {
	if alwaysRead(source) {
		return last
	}
	for _, c := range w.planned(source) {
		switch {
		case left(c) || c.Ended.IsZero():
		case fresh(c, w.Began):
			return time.Time{}
		default:
			last = later(last, c.Ended)
		}
	}
	return last
}
