package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// peopleAgreeWithHR: one finding for everyone the HR system lists and for everyone
// only the people register does. Of is record/hr-person; with reads people
// (record/person) and exports (record/hr-export). Each difference is named; those
// in the fields of params.decide are exceptions, the others are shown.
func peopleAgreeWithHR(in joining) []Finding {
	if len(in.Of.Items) == 0 {
		return nil
	}
	var out []Finding
	decide := in.Params.texts("decide")
	var exported time.Time
	for _, it := range in.With["exports"].Items {
		exported, _ = instant(recordOf(it)["exported_at"])
	}
	by := map[string]Located{}
	for _, it := range in.With["people"].Items {
		p := recordOf(it)
		for _, k := range []string{p.text("email"), p.text("id")} {
			if k != "" {
				by[strings.ToLower(k)] = it
			}
		}
	}
	staff := newStaff(nil, nil, in.Of.Items)
	found := map[string]bool{}
	for _, it := range in.Of.Items {
		r := recordOf(it)
		f := about(it)
		f.Item = r.text("id")
		p, ok := by[strings.ToLower(r.text("id"))]
		if !ok {
			p, ok = by[strings.ToLower(r.text("email"))]
		}
		value := map[string]any{"name": r.text("name"), "exported_at": exported.UTC().Format(time.DateOnly)}
		f.Value, f.Verdict = value, Pass
		if own := recordOf(p); ok && p.Pointer.Path != "" && p.Pointer.Path == it.Pointer.Path {
			value["people_register"] = "has nobody of this id or address: counted as the HR system lists it"
			if elsewhere(in.With["people"].Items, it.Pointer.Path) {
				f.Verdict = Fail // there is a register, and it lacks this person
			}
		} else if ok {
			found[own.text("id")] = true
			decisive := false
			for _, d := range differences(r, own, exported, managerOf(r, staff, by)) {
				value[d.field] = d.said
				decisive = decisive || slices.Contains(decide, d.field)
			}
			switch {
			case decisive:
				f.Verdict = Fail
			case r.refused(decide...) || own.refused("start", "last_day", "email", "employment"):
				f.Verdict, f.Reason = NotEvaluated, notAnswered("a field of the registers")
			}
		} else {
			f.Verdict, f.Reason = NotEvaluated, "the people register could not be read whole"
		}
		out = append(out, f)
	}
	for _, it := range in.With["people"].Items {
		p := recordOf(it)
		last := p.day("last_day")
		switch {
		case found[p.text("id")] || it.Pointer.Path != "" && it.Pointer.Path == in.Of.Items[0].Pointer.Path: // the latter was added from the export
			continue
		case !last.IsZero() && last.Before(in.Period.Start): // an export need not list who left before the period
			continue
		case !exported.IsZero() && p.day("start").After(exported):
			continue
		}
		f := about(it)
		f.Item, f.Verdict = p.text("id"), Fail
		f.Value = map[string]any{"name": p.text("name"), "hr_system": "does not list this person", "exported_at": exported.UTC().Format(time.DateOnly)}
		out = append(out, f)
	}
	return out
}

// elsewhere reports whether anybody of the people register comes from another file.
func elsewhere(people []Located, path string) bool {
	return slices.ContainsFunc(people, func(it Located) bool { return it.Pointer.Path != path })
}

type difference struct{ field, said string }

// managerOf is the person of the people register who is the manager in a row of
// the HR system; "" where there is none.
func managerOf(hr written, staff *staff, by map[string]Located) string {
	m := staff.rows[strings.ToLower(hr.text("manager"))]
	for _, k := range []string{m.text("id"), m.text("email")} {
		if it, ok := by[strings.ToLower(k)]; ok && k != "" {
			return recordOf(it).text("id")
		}
	}
	return hr.text("manager")
}

// differences are where the HR system and the people register say different things.
// What came about after the export the HR system could not say.
func differences(hr, own written, exported time.Time, manager string) (out []difference) {
	for _, f := range []struct{ field, hr, own string }{
		{"name", hr.text("name"), own.text("name")},
		{"email", strings.ToLower(hr.text("email")), strings.ToLower(own.text("email"))},
		{"start", hr.text("start"), own.text("start")},
		{"last_day", hr.text("last_day"), own.text("last_day")},
		{"title", hr.text("title"), own.text("title")},
		{"department", hr.text("department"), own.text("team")},
		{"type", hr.text("type"), cmp.Or(own.text("employment"), "employee")},
		{"manager", manager, own.text("manager")},
	} {
		switch {
		case f.hr == f.own, f.field == "department" && (f.hr == "" || f.own == ""):
		case f.field == "last_day" && f.hr == "" && own.day("last_day").After(exported) && !exported.IsZero():
		default:
			out = append(out, difference{f.field, fmt.Sprintf("the HR system says %s, the people register %s", quoted(f.hr), quoted(f.own))})
		}
	}
	return out
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return fmt.Sprintf("%q", s)
}
