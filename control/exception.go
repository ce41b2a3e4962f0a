package control

import (
	"fmt"
	"slices"
	"time"
)

// readExceptions reads the exceptions people wrote (record/exception), with the
// reason why one counts for nothing on the day of the report. Problems are what
// the reader of the repository should mend.
func readExceptions(lib *Library, w *world) (out []Exception, problems []string) {
	for _, it := range w.Items["record/exception"] {
		r := recordOf(it)
		e := Exception{
			ID: r.text("id"), Check: r.text("check"), Items: r.texts("items"), Constraint: r.text("constraint"), Risk: r.text("risk"),
			Compensating: r.text("compensating_control"), Owner: r.text("owner"),
			ApprovedBy: r.text("approved_by"), ApprovedOn: r.day("approved_on"), Expires: r.day("expires"), Path: it.Pointer.Path,
		}
		if _, ok := lib.Check(e.Check); !ok {
			problems = append(problems, fmt.Sprintf("%s: exception %q is for a check %q that does not exist%s", e.Path, e.ID, e.Check, nearest(e.Check, lib.checkNames())))
		}
		e.Void = e.void(w.asOf)
		out = append(out, e)
	}
	return out, problems
}

// void says why an exception counts for nothing at a time; "" when it counts.
func (e Exception) void(at time.Time) string {
	switch {
	case e.ApprovedBy == "":
		return "not approved: nobody is named"
	case e.ApprovedOn.IsZero():
		return "not approved: no date"
	case e.ApprovedBy == e.Owner:
		return "approved by its own owner"
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

// exceptionsAt returns the exceptions with what was true of them then.
func exceptionsAt(list []Exception, w *world) []Exception {
	out := slices.Clone(list)
	for i := range out {
		out[i].Void = out[i].void(w.asOf)
	}
	return out
}

// except marks a finding that an exception covers. A failure stays a failure; one
// that counts compensates it. One that counts is preferred to a void one.
func except(f *Finding, list []Exception) {
	if f.Verdict != Fail && f.Verdict != NeedsRecord {
		return
	}
	for _, e := range list {
		if e.Check != f.Check || !slices.Contains(e.Items, f.Item) {
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

// unmatched names items of exceptions that no finding of their check is about: a
// mistyped id must not look like an exception that was applied.
func unmatched(list []Exception, checks []CheckResult) []string {
	items := map[string]map[string]bool{}
	for _, c := range checks {
		items[c.Check.Name] = map[string]bool{}
		for _, f := range c.Findings {
			items[c.Check.Name][f.Item] = true
		}
	}
	var out []string
	for _, e := range list {
		for _, id := range e.Items {
			if of, ok := items[e.Check]; ok && !of[id] {
				out = append(out, fmt.Sprintf("%s: exception %q covers %q, which %s has no finding about", e.Path, e.ID, id, e.Check))
			}
		}
	}
	return out
}
