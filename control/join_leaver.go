package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// leaversHaveNoAccess: one finding for everyone in the people register whose
// last day has come. Of is record/person; with reads credentials
// (iam/credential), directory (identitystore/user), assignments (sso/assignment),
// members (forge/member, where a code host is asked), offboarding (record/offboarding), identities (record/identity) and hr
// (record/hr-person).
//
// A person is matched by the identities the register gives (iam_users,
// identity_center, code_host) and by the work address. Where there are identities of a kind
// and the register says nothing of that kind, the leaver is not evaluated: the
// directory's addresses are withheld from evidence, so that nobody can be told by
// them. "iam_users: []" and "identity_center: none" say that there never was one.
//
// Nothing left open is no offboarding: who left in the period needs the record of
// what was closed, too.
//
// Access was seen when the run asked, so the days since the last one are counted
// to the run, not to the end of the period.
func leaversHaveNoAccess(in joining) []Finding {
	var out []Finding
	staff := in.staff()
	open := newDoors(in, staff.claims)
	for _, it := range in.Of.Items {
		p := staff.person(it)
		last, said := lastDay(p, in.With["offboarding"].Items, staff.hr(p))
		if last.IsZero() || last.After(in.AsOf) {
			continue
		}
		f := about(it)
		f.Item = p.text("id")
		access, unknown := accessOf(p, open)
		since, _ := days(last, in.At)
		recorded := has(in.With["offboarding"].Items, func(r written) bool { return r.text("person") == p.text("id") })
		value := map[string]any{
			"last_day": last.Format(time.DateOnly), "counted_to": in.At.UTC().Format(time.DateOnly) + ", the day of the run", "days_since": since, "access": access,
			"offboarding_record": thereIs(recorded), "looked_for": open.lookedFor(p),
		}
		if said != "" {
			value["register"] = said
		}
		f.Value = value
		switch {
		case len(access) > 0 && since <= in.Params.number("days", 1):
			f.Verdict, f.Reason = NotApplicable, "the time allowed for removing access has not passed"
		case len(access) > 0:
			f.Verdict = Fail
		case len(unknown) > 0:
			f.Verdict, f.Reason = NotEvaluated, strings.Join(unknown, "; ")
		case !recorded && in.Period.within(last) && in.With["offboarding"].refused() != "":
			f.Verdict, f.Reason = NotEvaluated, in.With["offboarding"].refused()
		case !recorded && in.Period.within(last) && since > in.Params.number("days", 1):
			f.Verdict, f.Reason = NeedsRecord, "no record answers this: offboarding"
		default:
			f.Verdict = Pass
		}
		out = append(out, f)
	}
	return out
}

// lastDay is the last day the register gives, or the HR system's list or an
// offboarding record of this employment where that says an earlier one; said is
// how they differ. hr is nil where that list has no such person.
func lastDay(p written, offboarding []Located, hr written) (last time.Time, said string) {
	last = p.day("last_day")
	earlier := func(day time.Time, who string) {
		if day.IsZero() || day.Before(p.day("start")) || !last.IsZero() && !day.Before(last) {
			return
		}
		said = "it names no last day; " + who + " says " + day.Format(time.DateOnly)
		if s := p.text("last_day"); s != "" {
			said = "it says " + s + "; " + who + " says " + day.Format(time.DateOnly)
		}
		last = day
	}
	earlier(hr.day("last_day"), "the HR system's list")
	for _, it := range offboarding {
		if r := recordOf(it); r.text("person") == p.text("id") {
			earlier(r.day("last_day"), "the offboarding record")
		}
	}
	return last, said
}

// lookedFor are the names a person's ways in were looked for by: that nothing was
// found says no more than that nothing has these names.
func (d *doors) lookedFor(p written) []any {
	out := []any{}
	add := func(what string, names ...string) {
		for _, n := range names {
			if n != "" && !strings.EqualFold(n, "none") {
				out = append(out, what+" "+n)
			}
		}
	}
	add("IAM user", p.texts("iam_users")...)
	add("Identity Center user", append(p.texts("directory_users"), p.text("identity_center"))...)
	add("either by the address", p.text("email"))
	if d.askedHost {
		add("code host user", p.texts("code_host")...)
	} else {
		out = append(out, "nothing at a code host: none was asked")
	}
	return out
}

// accessOf lists in words what a person can still get in with, and what could not
// be looked at.
func accessOf(p written, d *doors) (access []any, unknown []string) {
	ways, unknown := d.ways(p)
	access = []any{}
	for _, w := range ways {
		if w.open && !slices.Contains(access, any(w.String())) { // a member account lists the organization's directory too
			access = append(access, w.String())
		}
	}
	return access, unknown
}

func noIdentity(begin, keys, not string) string {
	return begin + "the people register names " + not + " " + keys + " for this person; iam_users: [] and identity_center: none say that there never was one"
}

func (p written) given(key string) bool { _, ok := p[key]; return ok }

// never reports whether the register says that there never was an identity.
func (p written) never(key string) bool { return strings.EqualFold(p.text(key), "none") }

func (u written) addresses() (out []string) {
	list, _ := u["Emails"].([]any)
	for _, e := range list {
		if a := written(fieldsOf(e)).text("Value"); a != "" {
			out = append(out, a)
		}
	}
	return out
}

// addressed reports whether a directory user can be told by its address: it has
// one, and none is withheld.
func (u written) addressed() bool {
	list := u.addresses()
	return len(list) > 0 && !slices.ContainsFunc(list, func(a string) bool { return !strings.Contains(a, "@") })
}

func thereIs(b bool) string {
	if b {
		return "there is one"
	}
	return "there is none"
}

// peopleDoubts names people whose offboarding is recorded and whose last day the
// register does not give: the list of leavers, drawn from it, lacks them.
func (w *world) peopleDoubts() []string {
	var out []string
	staff := newStaff(w.items("record/person"), nil, w.items("record/hr-person"))
	for _, it := range w.items("record/person") {
		p := recordOf(it)
		if _, said := lastDay(p, w.items("record/offboarding"), staff.hr(p)); said != "" {
			out = append(out, fmt.Sprintf("%s:%d: the last day of %q: %s; the list of leavers is drawn from the register", it.Pointer.Path, it.Pointer.Line, p.text("id"), said))
		}
	}
	return out
}
