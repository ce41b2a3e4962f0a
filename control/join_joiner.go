package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// joinersAccessInOrder: one finding for everyone whose first day lies in the period.
// Of is record/person; with reads credentials, directory, assignments, identities,
// hr and requests (record/access-request).
//
// When access was first there is the day the IAM user was made, where AWS says it,
// and else the first run that saw it.
func joinersAccessInOrder(in joining) []Finding {
	var out []Finding
	staff := in.staff()
	look := newLookout(in, staff.claims)
	for _, it := range in.Of.Items {
		p := staff.person(it)
		start := p.day("start")
		if !in.Period.within(start) || start.After(in.AsOf) {
			continue
		}
		f := about(it)
		f.Item = p.text("id")
		value := map[string]any{"start": start.Format(time.DateOnly)}
		f.Value = value
		var first time.Time
		var how string
		var unknown []string
		for _, s := range look.sees(p) {
			unknown = append(unknown, s.unknown...)
			for _, w := range s.open() {
				at, said := s.At, w.String()+", first seen on "+s.when()
				if !w.created.IsZero() {
					at, said = w.created, w.String()+", made on "+w.created.UTC().Format(time.RFC3339)
				}
				if first.IsZero() || at.Before(first) {
					first, how = at, said
				}
			}
		}
		if how != "" {
			value["first_access"] = how
		}
		asked, wrong := requestOf(p, first, in)
		if asked != nil {
			value["request"] = fmt.Sprintf("%s, approved on %s by %s", asked.text("id"), asked.text("approved"), asked.text("approved_by"))
		}
		switch {
		case !first.IsZero() && first.Before(start):
			f.Verdict = Fail
			n, _ := days(first, start)
			value["days_before_start"] = n
		case first.IsZero() && len(unknown) > 0:
			slices.Sort(unknown)
			f.Verdict, f.Reason = NotEvaluated, strings.Join(slices.Compact(unknown), "; ")
		case first.IsZero():
			f.Verdict, f.Reason = NotApplicable, "no run of the period saw access of this person"
		case asked == nil && in.With["requests"].refused() != "":
			f.Verdict, f.Reason = NotEvaluated, in.With["requests"].refused()
		case asked == nil:
			f.Verdict, f.Reason = NeedsRecord, "no record answers this: access-request"
			value["request"] = "there is none"
		case wrong != "":
			f.Verdict = Fail
			value["wrong"] = wrong
		default:
			f.Verdict = Pass
		}
		out = append(out, f)
	}
	return out
}

// requestOf is the access request that answers for a person's first access, the
// one without a fault where there is one; wrong says what is amiss with it.
func requestOf(p written, first time.Time, in joining) (best written, wrong string) {
	for _, it := range in.With["requests"].Items {
		r := recordOf(it)
		if r.text("person") != p.text("id") {
			continue
		}
		var bad []string
		if r.text("approved_by") == p.text("id") {
			bad = append(bad, "it was approved by the person who got the access")
		}
		switch day := r.day("approved"); {
		case day.IsZero():
			bad = append(bad, "it names no day of approval")
		case !first.IsZero() && day.After(first):
			bad = append(bad, "it was approved after access was there")
		}
		if best == nil || wrong != "" && len(bad) == 0 {
			best, wrong = r, strings.Join(bad, "; ")
		}
	}
	return best, wrong
}

// moversAccessChanged: one finding for each move in the period: a role-change
// record, or a title or team that two runs list differently. Of is record/person;
// with reads credentials, directory, assignments, identities, hr and changes
// (record/role-change). What a person could enter before and after is shown; what
// the new work needs only the record says.
func moversAccessChanged(in joining) []Finding {
	var out []Finding
	staff := in.staff()
	look := newLookout(in, staff.claims)
	for _, it := range in.Of.Items {
		p := staff.person(it)
		id := p.text("id")
		var told []time.Time // days of the records
		var seen []sighting
		see := func() []sighting {
			if seen == nil {
				seen = look.sees(p)
			}
			return seen
		}
		for _, rec := range in.With["changes"].Items {
			r := recordOf(rec)
			day := r.day("effective")
			if r.text("person") != id || day.IsZero() {
				continue
			}
			told = append(told, day)
			if !in.Period.within(day) || day.After(in.AsOf) {
				continue
			}
			f := about(rec)
			f.Item = id + ", " + day.Format(time.DateOnly)
			took, _ := days(day, r.day("completed"))
			value := map[string]any{"from": r.text("old_role"), "to": r.text("new_role"), "effective": day.Format(time.DateOnly), "access_changed": r.text("completed"), "days_taken": took, "days_allowed": in.Params.number("days", 5), "removed": r["access_removed"], "added": r["access_added"]}
			around(value, see(), day, day)
			f.Value, f.Verdict = value, Pass
			if r.day("completed").IsZero() || took > in.Params.number("days", 5) {
				f.Verdict = Fail
			}
			out = append(out, f)
		}
		for _, m := range staff.moves(p, in) {
			if slices.ContainsFunc(told, func(d time.Time) bool { return d.After(m.from.AddDate(0, 0, -31)) && d.Before(m.to.AddDate(0, 0, 31)) }) {
				continue
			}
			f := about(it)
			f.Item = id + ", run " + m.run
			value := map[string]any{"changed": m.what, "between": m.from.UTC().Format(time.DateOnly) + " and " + m.to.UTC().Format(time.DateOnly)}
			around(value, see(), m.from.AddDate(0, 0, 1), m.to)
			f.Value, f.Verdict, f.Reason = value, NeedsRecord, "no record answers this: role-change"
			if why := in.With["changes"].refused(); why != "" {
				f.Verdict, f.Reason = NotEvaluated, why
			}
			out = append(out, f)
		}
	}
	if why := in.With["changes"].refused(); why != "" && len(out) == 0 {
		out = append(out, Finding{Region: "global", Item: "role changes", Verdict: NotEvaluated, Reason: why})
	}
	return out
}

// around adds what could be entered at the last run before a day and the first one after.
func around(value map[string]any, seen []sighting, before, after time.Time) {
	for _, s := range seen {
		if s.At.Before(before) {
			value["access_before"] = s.said()
		} else if _, have := value["access_after"]; !have && !s.At.Before(after) {
			value["access_after"] = s.said()
		}
	}
}

// A move is a title or team that two runs in a row list differently.
type move struct {
	from, to time.Time // when the runs were
	run      string    // the later one
	what     string
}

// moves compares what the people register, or the HR system's list, said at each run.
func (s *staff) moves(p written, in joining) (out []move) {
	id := strings.ToLower(p.text("id"))
	var before written
	var at time.Time
	for _, run := range append(slices.Clone(in.Past), in) {
		now := run.entry(id)
		if now == nil {
			continue
		}
		var what []string
		for _, k := range []string{"title", "team"} {
			if before != nil && before.text(k) != now.text(k) {
				what = append(what, fmt.Sprintf("%s: %q became %q", k, before.text(k), now.text(k)))
			}
		}
		if len(what) > 0 {
			out = append(out, move{at, run.At, run.Run, strings.Join(what, "; ")})
		}
		before, at = now, run.At
	}
	return out
}

// entry is a run's entry of the people register.
func (in joining) entry(id string) written {
	for _, it := range in.Of.Items {
		if r := recordOf(it); strings.ToLower(r.text("id")) == id {
			return r
		}
	}
	return nil
}
