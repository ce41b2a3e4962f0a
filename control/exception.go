package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// readExceptions reads the exceptions people wrote (record/exception), with the
// reason why one counts for nothing on the day of the report. Problems are what
// the reader of the repository should mend.
func readExceptions(lib *Library, w *world) (out []Exception, problems []string) {
	people := map[string]written{}
	for _, it := range w.items("record/person") {
		people[recordOf(it).text("id")] = recordOf(it)
	}
	for _, it := range w.items("record/exception") {
		r := recordOf(it)
		e := Exception{
			ID: r.text("id"), Check: r.text("check"), Items: r.texts("items"), Constraint: r.text("constraint"), Risk: r.text("risk"),
			Compensating: r.text("compensating_control"), Owner: r.text("owner"),
			ApprovedBy: r.text("approved_by"), ApprovedOn: r.day("approved_on"), Expires: r.day("expires"), Path: it.Pointer.Path, Proof: proofsOf(r),
		}
		if _, ok := lib.Check(e.Check); !ok {
			problems = append(problems, fmt.Sprintf("%s: exception %q is for a check %q that does not exist%s", e.Path, e.ID, e.Check, nearest(e.Check, lib.checkNames())))
		}
		e.unfit = e.unfitApprover(people[e.Owner], people[e.ApprovedBy])
		e.Void = e.void(w.asOf)
		out = append(out, e)
	}
	return out, problems
}

// unfitApprover says why the one who approved could not: it is the owner, under
// whatever entry of the register, or was not in the organisation on that day.
func (e Exception) unfitApprover(owner, approver written) string {
	same := func(a, b string) bool {
		return a != "" && strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
	}
	first, last := approver.day("start"), approver.day("last_day")
	switch {
	case same(e.ApprovedBy, e.Owner), same(owner.text("name"), approver.text("name")), same(owner.text("email"), approver.text("email")):
		return "approved by its own owner"
	case !last.IsZero() && e.ApprovedOn.After(last):
		return fmt.Sprintf("approved by %s, who had left on %s", e.ApprovedBy, last.Format(time.DateOnly))
	case !first.IsZero() && !e.ApprovedOn.IsZero() && e.ApprovedOn.Before(first):
		return fmt.Sprintf("approved by %s, who came only on %s", e.ApprovedBy, first.Format(time.DateOnly))
	}
	return ""
}

// void says why an exception counts for nothing at a time; "" when it counts.
func (e Exception) void(at time.Time) string {
	switch {
	case e.ApprovedBy == "":
		return "not approved: nobody is named"
	case e.ApprovedOn.IsZero():
		return "not approved: no date"
	case strings.EqualFold(e.ApprovedBy, e.Owner):
		return "approved by its own owner"
	case e.unfit != "":
		return e.unfit
	case e.ApprovedOn.After(at):
		return "approved only on " + e.ApprovedOn.Format(time.DateOnly)
	case e.Compensating == "":
		return "no compensating control is named"
	case e.Expires.IsZero():
		return "it has no last day"
	case !at.Before(e.Expires.AddDate(0, 0, 1)):
		return "expired " + e.Expires.Format(time.DateOnly)
	}
	return ""
}

// except marks a finding that an exception covers. A failure stays a failure; one
// that counts compensates it. One that counts is preferred to a void one. An id
// that stands for items of several places covers none of them: alone says that
// it does not.
func except(f *Finding, list []Exception, alone bool) {
	if f.Verdict != Fail && f.Verdict != NeedsRecord {
		return
	}
	for _, e := range list {
		if e.Check != f.Check || !slices.ContainsFunc(f.names(alone), func(n string) bool { return slices.Contains(e.Items, n) }) {
			continue
		}
		counts := e.Void == ""
		if f.Exception == "" || counts {
			f.Exception = e.ID
			f.Compensated = counts && f.Verdict == Fail
		}
		if counts {
			return
		}
	}
}

// names are what an exception may call a finding's item: with its account, with
// account and region, and by the id alone where no other place has that id.
func (f Finding) names(alone bool) []string {
	var out []string
	if alone {
		out = append(out, f.Item)
	}
	if f.Account != "" {
		out = append(out, f.Account+"/"+f.Item, f.Account+"/"+f.Region+"/"+f.Item)
	}
	return out
}

// places counts, by id, in how many accounts and regions a check has a finding.
func places(findings []Finding) map[string]int {
	seen, out := map[[3]string]bool{}, map[string]int{}
	for _, f := range findings {
		if k := [3]string{f.Account, f.Region, f.Item}; !seen[k] {
			seen[k] = true
			out[f.Item]++
		}
	}
	return out
}

// unmatched names items of exceptions that no finding of their check is about, or
// of which it is not clear which is meant: neither must look like an exception
// that was applied.
func unmatched(list []Exception, checks []CheckResult) []string {
	items, many := map[string]map[string]bool{}, map[string]map[string]int{}
	for _, c := range checks {
		items[c.Check.Name], many[c.Check.Name] = map[string]bool{}, places(c.Findings)
		for _, f := range c.Findings {
			for _, n := range f.names(true) {
				items[c.Check.Name][n] = true
			}
		}
	}
	var out []string
	for _, e := range list {
		for _, id := range e.Items {
			switch of, ok := items[e.Check]; {
			case ok && !of[id]:
				out = append(out, fmt.Sprintf("%s: exception %q covers %q, which %s has no finding about", e.Path, e.ID, id, e.Check))
			case ok && many[e.Check][id] > 1:
				out = append(out, fmt.Sprintf("%s: exception %q covers %q, and %s has findings about it in several places: write account/%s, or account/region/%s", e.Path, e.ID, id, e.Check, id, id))
			}
		}
	}
	return out
}
