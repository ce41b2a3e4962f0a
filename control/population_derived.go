package control

import (
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// derivedSources are lists made here of what was collected or written.
func derivedSources() []string {
	return []string{"derived/account-asked", "derived/inline-policy", "derived/job-change", "derived/unusual-change"}
}

// itemsOf are the items of a source, a derived one included.
func (w *world) itemsOf(source string) []Located {
	switch source {
	case "derived/account-asked":
		return w.accountsAsked()
	case "derived/inline-policy":
		return w.inlinePolicies()
	case "derived/job-change":
		return w.jobChanges()
	case "derived/unusual-change":
		return w.unusualChanges()
	}
	return slices.Clip(w.items(source))
}

// cellsOf are the cells behind a source, a derived one included.
func (w *world) cellsOf(source string) []evidence.Cell {
	switch source {
	case "derived/account-asked":
		return w.impliedCells("record/account")
	case "derived/inline-policy":
		var out []evidence.Cell
		for _, s := range []string{"iam/user", "iam/group", "iam/role"} {
			out = append(out, w.planned(s)...)
		}
		return out
	case "derived/job-change":
		return w.planned("record/person")
	case "derived/unusual-change":
		return w.planned("git/change")
	}
	return w.planned(source)
}

// accountsAsked are the accounts of which anything was asked.
func (w *world) accountsAsked() []Located {
	seen := map[string]bool{}
	var out []Located
	for _, c := range w.Cells {
		if c.Account != "" && !seen[c.Account] {
			seen[c.Account] = true
			out = append(out, Located{Item: evidence.Item{ID: c.Account, Answers: map[string]any{}}, Account: c.Account, Region: "global", Source: "derived/account-asked"})
		}
	}
	return out
}

// inlinePolicies are the policies written into a single user, group or role.
func (w *world) inlinePolicies() []Located {
	var out []Located
	for _, in := range [][2]string{{"iam/user", "UserPolicyList"}, {"iam/group", "GroupPolicyList"}, {"iam/role", "RolePolicyList"}} {
		for _, it := range w.items(in[0]) {
			v, _ := field(it, "GetAccountAuthorizationDetails")
			list, _ := fieldsOf(v)[in[1]].([]any)
			for _, e := range list {
				m := fieldsOf(e)
				name := written(m).text("PolicyName")
				policy := map[string]any{"PolicyName": name, "PolicyDocument": m["PolicyDocument"], "Inline": strings.TrimPrefix(in[0], "iam/"), "Of": it.ID}
				out = append(out, Located{Item: evidence.Item{ID: it.ID + "#" + name, Answers: map[string]any{"GetAccountAuthorizationDetails": policy}},
					Account: it.Account, Region: it.Region, Source: "derived/inline-policy", Pointer: it.Pointer})
			}
		}
	}
	return out
}

// jobChanges are the people whose title in the people register is another at one
// run of the period than at the run before.
func (w *world) jobChanges() []Located {
	var out []Located
	runs := append(slices.Clone(w.before), w)
	for i := 1; i < len(runs); i++ {
		was := map[string]written{}
		for _, it := range runs[i-1].items("record/person") {
			was[it.ID] = recordOf(it)
		}
		for _, it := range runs[i].items("record/person") {
			old, now := was[it.ID], recordOf(it)
			if old == nil || old.text("title") == now.text("title") {
				continue
			}
			change := map[string]any{"person": it.ID, "old_title": old.text("title"), "new_title": now.text("title"),
				"after": runs[i-1].runAt().UTC().Format(time.DateOnly), "by": runs[i].runAt().UTC().Format(time.DateOnly)}
			out = append(out, Located{Item: evidence.Item{ID: it.ID + " by " + change["by"].(string), Answers: map[string]any{"record": change}}, Region: "global", Source: "derived/job-change", Pointer: it.Pointer})
		}
	}
	return out
}

// unusualChanges are the changes of the period that name no pull request or that undo
// another, with every name people may have written for them: repository and number,
// repository and commit, repository and subject, of the change and of the one it undoes.
func (w *world) unusualChanges() []Located {
	change := func(it Located) written { return fieldsOf(it.Answers["change"]) }
	commit := func(it Located) written { return fieldsOf(it.Answers["commit"]) }
	number := func(it Located) string {
		pr := fieldsOf(change(it)["pull_request"])
		return leafText(pr["number"])
	}
	bySHA := map[string]Located{}
	for _, it := range w.items("git/change") {
		bySHA[it.Region+" "+commit(it).text("sha")] = it
	}
	var out []Located
	for _, it := range w.items("git/change") {
		undoes, reverts := change(it)["reverts"].(map[string]any)
		if !change(it).bool("in_period") || !reverts && number(it) != "" {
			continue
		}
		names := []any{it.Region + " " + commit(it).text("sha"), it.Region + ": " + commit(it).text("subject")}
		if n := number(it); n != "" {
			names = append(names, it.Region+"#"+n)
		}
		if sha := written(undoes).text("sha"); sha != "" {
			names = append(names, it.Region+" "+sha)
			if undone, ok := bySHA[it.Region+" "+sha]; ok && number(undone) != "" {
				names = append(names, it.Region+"#"+number(undone))
			}
		}
		if n := leafText(undoes["pull_request"]); n != "" {
			names = append(names, it.Region+"#"+n)
		}
		one := Located{Account: it.Account, Region: it.Region, Source: "derived/unusual-change", Pointer: it.Pointer}
		one.ID, one.Answers = it.ID, map[string]any{"names": names, "commit": it.Answers["commit"]}
		out = append(out, one)
	}
	return out
}

// calendar are the times a record of a kind was due by, each with the record that
// serves it, and after them the records that serve none.
func (w *world) calendar(lib *Library, kind string) []Located {
	k := w.kind(lib, kind)
	months := spanMonths(k.Cadence)
	left := slices.Clone(w.items("record/" + kind))
	left = slices.DeleteFunc(left, func(it Located) bool {
		day := recordOf(it).day(k.DatedBy)
		return day.IsZero() || w.future(day) || day.Before(w.period.Start) && recordOf(it).text("quarter") == ""
	})
	slices.SortStableFunc(left, func(a, b Located) int { return recordOf(a).day(k.DatedBy).Compare(recordOf(b).day(k.DatedBy)) })
	var out []Located
	for _, s := range w.dueSpans(months) {
		name := s.name(months)
		it := Located{Region: "global", Source: "record/" + kind, Pointer: Pointer{Commit: w.Commit}}
		it.ID, it.Answers = name, map[string]any{"span": map[string]any{"from": s.start.Format(time.DateOnly), "to": s.end.Format(time.DateOnly)}, "record": nil}
		if at := serves(left, k, s, name); at >= 0 {
			it.Answers["record"], it.Pointer = left[at].Answers["record"], left[at].Pointer
			left = slices.Delete(left, at, at+1)
		}
		out = append(out, it)
	}
	for _, it := range left {
		more := Located{Region: "global", Source: it.Source, Pointer: it.Pointer}
		more.ID, more.Answers = "also "+it.ID, map[string]any{"span": nil, "record": it.Answers["record"]}
		out = append(out, more)
	}
	return out
}

// dueSpans are the spans that are over; of a year, the period itself.
func (w *world) dueSpans(months int) []span {
	if months == 12 {
		if end := w.period.End.AddDate(0, 0, 1).Add(-time.Second); w.asOf.Before(end) {
			return nil
		}
		return []span{{w.period.Start, w.period.End}}
	}
	return spans(w.period, w.asOf, months)
}

// serves finds the record that stands for a span: one that names it, or one dated
// in it or in the 31 days after.
func serves(items []Located, k RecordKind, s span, name string) int {
	return slices.IndexFunc(items, func(it Located) bool {
		r := recordOf(it)
		if q := r.text("quarter"); q != "" && k.Cadence == "quarterly" {
			return q == name
		}
		day := r.day(k.DatedBy)
		return !day.Before(s.start) && !day.After(s.end.AddDate(0, 0, 31))
	})
}
