package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// records are the kinds that are wanted in each month, quarter or year, where a
// control in scope names them.
func (c *duties) records() {
	seen := map[string]bool{"tabletop-exercise": true, "vendor-review": true} // have duties of their own
	for _, r := range c.report.Controls {
		for _, p := range r.Records {
			if !r.InScope || seen[p.Kind] {
				continue
			}
			seen[p.Kind] = true
			k := c.w.kind(c.lib, p.Kind)
			for _, s := range p.Spans {
				if k.Cadence == "annual" {
					c.yearly(k, s, r.Control.Owner)
				} else {
					c.span(k, s, r.Control.Owner)
				}
			}
		}
	}
}

// span is one month, quarter or half year with the record it has.
func (c *duties) span(k RecordKind, s RecordSpan, owner string) {
	title := cmp.Or(k.Title, strings.ReplaceAll(k.Kind, "-", " "))
	d := Duty{ID: k.Kind + "/" + s.Name, Kind: "record", Ref: s.Name, What: title + " for " + s.Name, Who: owner, From: s.Start, On: s.Due, By: s.Record,
		Why: k.Cadence + ", dated at the latest 31 days after " + day(s.End)}
	if k.Kind == "access-review" {
		d.Kind, d.What = "access-review", "Review access for "+s.Name
	}
	for _, it := range c.w.items("record/" + k.Kind) {
		if s.Record != "" && it.ID == s.Record {
			d.Done = recordOf(it).day(k.DatedBy)
		}
	}
	if s.State == SpanLate {
		d.State, d.Why = DutyLate, "a run that should have had the record did not: it was written down later"
	}
	c.add(d)
}

// yearly is a kind that is wanted once a year: those of the period, and the next.
func (c *duties) yearly(k RecordKind, s RecordSpan, owner string) {
	title := cmp.Or(k.Title, strings.ReplaceAll(k.Kind, "-", " "))
	last := map[string]bool{}
	for _, it := range c.w.items("record/" + k.Kind) {
		on := recordOf(it).day(k.DatedBy)
		if !c.within(on) || last[day(on)] { // a list has many of one day
			continue
		}
		last[day(on)] = true
		c.add(Duty{ID: k.Kind + "/" + day(on), Kind: "record", Ref: k.Kind, What: title, Who: owner, On: on, Done: on, By: it.ID, Why: "annual"})
	}
	why := "annual; none is recorded"
	if s.Record != "" {
		why = "annual; the last is " + s.Record
	}
	c.add(Duty{ID: k.Kind + "/next", Kind: "record", Ref: k.Kind, What: title, Who: owner, On: s.Due, Why: why})
}

func (c *duties) policies() {
	for _, d := range c.w.Documents {
		for _, on := range d.reviews(c.w.At) {
			if c.within(on) {
				c.add(Duty{ID: "policy/" + d.ID + "/" + day(on), Kind: "policy", Ref: d.ID, What: "Review " + d.Title, Who: d.Owner, On: on, Done: on, By: d.ID, Why: "review " + cmp.Or(d.Review, "annual")})
			}
		}
		next := documentDue(d, c.w)
		next.ID, next.Who = "policy/"+d.ID+"/next", d.Owner
		c.add(next)
	}
}

func (c *duties) vendors() {
	for _, it := range c.w.items("record/vendor") {
		v := recordOf(it)
		if !v.bool("customer_data") {
			continue
		}
		id, owner := v.text("id"), v.text("owner")
		for _, it := range c.w.items("record/vendor-review") {
			if r := recordOf(it); r.text("vendor") == id && c.within(r.day("date")) {
				c.add(Duty{ID: "vendor/" + id + "/" + day(r.day("date")), Kind: "vendor-review", Ref: id, What: "Review the vendor " + cmp.Or(v.text("name"), id), Who: owner,
					On: r.day("date"), Done: r.day("date"), By: it.ID, Why: "annual: it handles customer data"})
			}
		}
		if v.text("status") != "ended" {
			next := vendorDue(v, c.w)
			next.ID, next.Who = "vendor/"+id+"/next", owner
			c.add(next)
		}
	}
}

func (c *duties) exceptions() {
	for _, e := range c.report.Exceptions {
		d := Duty{ID: "exception/" + e.ID, Kind: "exception", Ref: e.ID, Who: e.Owner, On: c.today}
		switch {
		case e.Void == "":
			d.What, d.On, d.Why = "Renew or end exception "+e.ID, e.Expires, "it expires then, and "+e.Check+" counts as an exception again"
		case strings.HasPrefix(e.Void, "expired"):
			d.What, d.On, d.Why = "Renew or end exception "+e.ID, e.Expires, "it has expired, so it counts for nothing"
		case e.ApprovedBy == "":
			d.What, d.Why = "Approve or drop exception "+e.ID, "nobody has approved it, so it counts for nothing"
		case e.unfit != "":
			d.What, d.Why = "Have exception "+e.ID+" approved by somebody else", e.unfit+", so it counts for nothing"
		case e.ApprovedOn.After(c.w.asOf):
			continue
		default:
			d.What, d.Why = "Show what is done instead under exception "+e.ID+", or end it", e.Void+", so it counts for nothing"
		}
		c.add(d)
	}
}

func (c *duties) tabletop() {
	who := c.owner("tabletop-exercise")
	for _, it := range c.w.items("record/tabletop-exercise") {
		if on := recordOf(it).day("date"); c.within(on) {
			c.add(Duty{ID: "tabletop/" + it.ID, Kind: "tabletop", Ref: "tabletop-exercise", What: "Exercise the incident response plan", Who: who, On: on, Done: on, By: it.ID, Why: "annual"})
		}
	}
	next := tabletopDue(c.w)
	next.ID, next.Who = "tabletop/next", who
	c.add(next)
}

// owner is who owns the first control in scope that names a kind of record.
func (c *duties) owner(kind string) string {
	for _, r := range c.report.Controls {
		if r.InScope && slices.ContainsFunc(r.Records, func(p RecordPart) bool { return p.Kind == kind }) {
			return r.Control.Owner
		}
	}
	return ""
}

// incidents of high severity are looked back at within two weeks.
func (c *duties) incidents() {
	for _, it := range c.w.items("record/incident") {
		r := recordOf(it)
		id, resolved := r.text("id"), r.day("resolved")
		if s := r.text("severity"); s != "critical" && s != "high" || resolved.IsZero() {
			continue
		}
		d := Duty{ID: "incident/" + id, Kind: "incident", Ref: id, What: "Review incident " + id, Who: r.text("owner"), On: resolved.AddDate(0, 0, 14), Why: "14 days after it was resolved"}
		for _, p := range c.w.items("record/post-incident-review") {
			if v := recordOf(p); (v.text("incident") == id || r.text("post_incident_review") == p.ID) && !c.w.future(v.day("date")) {
				d.Done, d.By = v.day("date"), p.ID
			}
		}
		if d.Done.IsZero() {
			if r.text("post_incident_review") != "" {
				continue // it names a review that was written down elsewhere
			}
			d.Why = "no post-incident review; " + d.Why
		}
		if !d.Done.IsZero() && !c.within(d.Done) {
			continue
		}
		c.add(d)
	}
}

func (c *duties) leavers() {
	for _, it := range c.w.items("record/person") {
		p := recordOf(it)
		id, last := p.text("id"), p.day("last_day")
		if !c.w.period.within(last) {
			continue
		}
		d := Duty{ID: "offboarding/" + id, Kind: "record", Ref: id, What: "Record the offboarding of " + cmp.Or(p.text("name"), id), Who: c.owner("offboarding"), On: last.AddDate(0, 0, 1), Why: "one day after the last day"}
		for _, o := range c.w.items("record/offboarding") {
			if r := recordOf(o); r.text("person") == id {
				d.Done, d.By = d.On, o.ID // the record is dated by the last day: when it was written its sealing says
			}
		}
		if d.Done.IsZero() {
			d.Why = "no offboarding record; " + d.Why
		}
		c.add(d)
	}
}

// followUps are actions people set themselves. They stay until closed.
func (c *duties) followUps() {
	for i, f := range c.report.FollowUps {
		if !f.Closed.IsZero() && !c.within(f.Closed) {
			continue
		}
		c.add(Duty{ID: fmt.Sprintf("follow-up/%s/%s/%d", f.Kind, f.Record, c.nth(i)), Kind: "record", Ref: f.Record, What: f.Action, Who: f.Owner, On: f.Due, Done: f.Closed, By: closing(f),
			Why: fmt.Sprintf("set in %s %s, owner %s", f.Kind, f.Record, cmp.Or(f.Owner, "nobody"))})
	}
}

func closing(f FollowUp) string {
	if f.Closed.IsZero() {
		return ""
	}
	return f.Record
}

// nth is the place of a follow-up among those of its record, by action.
func (c *duties) nth(i int) int {
	f, n := c.report.FollowUps[i], 1
	for _, g := range c.report.FollowUps {
		if g.Kind == f.Kind && g.Record == f.Record && (g.Action < f.Action || g.Action == f.Action && g.Due.Before(f.Due)) {
			n++
		}
	}
	return n
}

// reviewEvery are the cadences a policy may name, in months.
var reviewEvery = [...]struct {
	cadence string
	months  int
}{{"monthly", 1}, {"quarterly", 3}, {"semi-annual", 6}, {"annual", 12}, {"every two years", 24}}

func documentDue(d Document, w *world) Duty {
	out := Duty{What: "Review " + d.Title, Kind: "policy", Ref: d.ID}
	from := d.lastReview(w.At)
	why := "last reviewed " + from.Format(time.DateOnly)
	if from.IsZero() && len(d.Versions) > 0 {
		from = d.Versions[len(d.Versions)-1].CommittedAt.UTC().Truncate(24 * time.Hour)
		why = "never reviewed; first seen " + from.Format(time.DateOnly)
	}
	months := 12
	for _, r := range reviewEvery {
		if r.cadence == d.Review {
			months = r.months
		}
	}
	out.On, out.Why = from.AddDate(0, months, 0), why+", review "+cmp.Or(d.Review, "annual")
	return out
}

func vendorDue(v written, w *world) Duty {
	id := v.text("id")
	out := Duty{What: "Review the vendor " + cmp.Or(v.text("name"), id), Kind: "vendor-review", Ref: id}
	var last, next time.Time
	for _, it := range w.items("record/vendor-review") {
		if r := recordOf(it); r.text("vendor") == id && r.day("date").After(last) && !w.future(r.day("date")) {
			last, next = r.day("date"), r.day("next_review")
		}
	}
	out.On, out.Why = last.AddDate(0, 0, 365), "last reviewed "+last.Format(time.DateOnly)
	if !next.IsZero() && next.Before(out.On) {
		out.On = next
	}
	if last.IsZero() {
		out.On, out.Why = w.period.Start, "it handles customer data and was never reviewed"
	}
	return out
}

func tabletopDue(w *world) Duty {
	out := Duty{What: "Exercise the incident response plan", Kind: "tabletop", Ref: "tabletop-exercise"}
	var last time.Time
	for _, it := range w.items("record/tabletop-exercise") {
		if d := recordOf(it).day("date"); d.After(last) && !w.future(d) {
			last = d
		}
	}
	if last.IsZero() {
		out.On, out.Why = w.period.Start, "no exercise is recorded"
		return out
	}
	out.On, out.Why = last.AddDate(0, 0, 365), "last exercise "+last.Format(time.DateOnly)
	return out
}
