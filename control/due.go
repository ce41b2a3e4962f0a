package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// horizon is how far ahead things that are due are listed.
const horizon = 60 * 24 * time.Hour

// due lists what people must do: what is overdue against the day of the report
// and what falls due in the sixty days after it, soonest first.
func due(lib *Library, w *world, exceptions []Exception) []Due {
	var out []Due
	add := func(d Due) {
		day := w.asOf.UTC().Truncate(24 * time.Hour)
		d.Overdue = d.On.Before(day)
		if !d.On.After(w.asOf.Add(horizon)) {
			out = append(out, d)
		}
	}
	for _, d := range w.Documents {
		add(documentDue(d, w))
	}
	for _, q := range quarters(w.period, w.asOf.AddDate(0, 3, 0)) {
		if !has(w.items("record/access-review"), func(r written) bool { return r.text("quarter") == q.name }) {
			add(Due{What: "Review access for " + q.name, Kind: "access-review", Ref: q.name, On: q.end.AddDate(0, 0, 31), Why: "no access review names this quarter; 31 days after it ends"})
		}
	}
	for _, it := range w.items("record/vendor") {
		if v := recordOf(it); v.bool("customer_data") && v.text("status") != "ended" {
			add(vendorDue(v, w))
		}
	}
	for _, e := range exceptions {
		if e.Void == "" {
			add(Due{What: "Renew or end exception " + e.ID, Kind: "exception", Ref: e.ID, On: e.Expires, Why: "it expires then, and " + e.Check + " counts as an exception again"})
		} else if strings.HasPrefix(e.Void, "expired") {
			add(Due{What: "Renew or end exception " + e.ID, Kind: "exception", Ref: e.ID, On: e.Expires, Why: "it has expired, so it counts for nothing"})
		} else if e.ApprovedBy == "" {
			add(Due{What: "Approve or drop exception " + e.ID, Kind: "exception", Ref: e.ID, On: w.asOf.UTC().Truncate(24 * time.Hour), Why: "nobody has approved it, so it counts for nothing"})
		} else if e.unfit != "" {
			add(Due{What: "Have exception " + e.ID + " approved by somebody else", Kind: "exception", Ref: e.ID, On: w.asOf.UTC().Truncate(24 * time.Hour), Why: e.unfit + ", so it counts for nothing"})
		}
	}
	add(tabletopDue(w))
	for _, it := range w.items("record/incident") {
		r := recordOf(it)
		id := r.text("id")
		if s := r.text("severity"); (s == "critical" || s == "high") && !r.day("resolved").IsZero() && r.text("post_incident_review") == "" &&
			!has(w.items("record/post-incident-review"), func(p written) bool { return p.text("incident") == id }) {
			add(Due{What: "Review incident " + id, Kind: "incident", Ref: id, On: r.day("resolved").AddDate(0, 0, 14), Why: "no post-incident review; 14 days after it was resolved"})
		}
	}
	for _, it := range w.items("record/person") {
		p := recordOf(it)
		id, last := p.text("id"), p.day("last_day")
		if w.period.within(last) && !has(w.items("record/offboarding"), func(o written) bool { return o.text("person") == id }) {
			add(Due{What: "Record the offboarding of " + cmp.Or(p.text("name"), id), Kind: "record", Ref: id, On: last.AddDate(0, 0, 1), Why: "no offboarding record; one day after the last day"})
		}
	}
	out = append(out, followUpsDue(w, followUps(w))...)
	slices.SortStableFunc(out, func(a, b Due) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ref, b.Ref))
	})
	return out
}

// reviewEvery are the cadences a policy may name, in months.
var reviewEvery = [...]struct {
	cadence string
	months  int
}{{"monthly", 1}, {"quarterly", 3}, {"semi-annual", 6}, {"annual", 12}, {"every two years", 24}}

func documentDue(d Document, w *world) Due {
	out := Due{What: "Review " + d.Title, Kind: "policy", Ref: d.ID}
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

func vendorDue(v written, w *world) Due {
	id := v.text("id")
	out := Due{What: "Review the vendor " + cmp.Or(v.text("name"), id), Kind: "vendor-review", Ref: id}
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

func tabletopDue(w *world) Due {
	out := Due{What: "Exercise the incident response plan", Kind: "tabletop", Ref: "tabletop-exercise"}
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

// followUpsDue are the actions people set themselves, with a due day and not
// closed. They stay listed until closed.
func followUpsDue(w *world, list []FollowUp) []Due {
	var out []Due
	for _, f := range list {
		if f.Closed.IsZero() && !f.Due.After(w.asOf.Add(horizon)) {
			out = append(out, Due{What: f.Action, Kind: "record", Ref: f.Record, On: f.Due, Overdue: f.State == FollowUpOverdue,
				Why: fmt.Sprintf("set in %s %s, owner %s", f.Kind, f.Record, cmp.Or(f.Owner, "nobody"))})
		}
	}
	return out
}
