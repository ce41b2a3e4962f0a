package control

import (
	"fmt"
	"slices"
	"strings"
)

// controlResults sums up each control: the worst of its checks, and beside it
// the records it needs. A control whose record is missing is never Met.
func controlResults(lib *Library, eng Engagement, w *world, checks []CheckResult, sealed map[string][]Sealing, ledger *Ledger) []ControlResult {
	byName := map[string]*CheckResult{}
	for i := range checks {
		byName[checks[i].Check.Name] = &checks[i]
	}
	var out []ControlResult
	for _, c := range lib.Controls {
		r := ControlResult{Control: eng.Own.Control(c)}
		var statuses []Status
		for _, name := range c.Checks {
			res := byName[name]
			r.Automated = append(r.Automated, name)
			r.Counts = r.Counts.Plus(res.Counts)
			statuses = append(statuses, res.Status)
		}
		for _, kind := range c.Records {
			part := recordPart(lib, w, kind, sealed[kind])
			r.Records = append(r.Records, part)
			statuses = append(statuses, part.Status)
		}
		seen := ledger.tested(c)
		if eng.Type != "type-1" {
			statuses = append(statuses, seen.ofPeriod()...)
		}
		r.Status = worst(statuses)
		if r.Status == ManualHas && len(c.Checks) > 0 {
			r.Status = worst(statuses[:len(c.Checks)]) // its records are there, and none of its checks ever failed: they decide
		}
		r.Operating = operating(r, seen, w)
		if v := ledger.Control(c.ID).Longest(); v != nil && v.Long && len(c.Checks) > 0 && eng.Type != "type-1" && w.observed() {
			r.Operating += fmt.Sprintf("; not observed for up to %d days, where %s allows %d", v.Days, c.Frequency, ledger.Control(c.ID).Allowed)
		}
		if r.InScope = servesScope(lib, eng, c); !r.InScope {
			r.Status, r.Operating = NA, "out of scope: the engagement does not include its categories"
		}
		out = append(out, r)
	}
	return out
}

// tally counts the looks of a period by what they saw of a control's checks.
type tally struct{ looks, exceptions, compensated, unknown int }

// tested adds up what each look saw of a control's checks.
func (l *Ledger) tested(c Control) tally {
	var of []*Line
	for _, name := range c.Checks {
		of = append(of, l.Check(name))
	}
	var t tally
	for _, s := range l.sum(c.ID, c.Frequency, of).Sights {
		t.looks++
		if s.Counts.Failed > s.Counts.Compensated {
			t.exceptions++
		}
		if s.Counts.Compensated > 0 {
			t.compensated++
		}
		if s.Counts.NotEvaluated > 0 {
			t.unknown++
		}
	}
	return t
}

// ofPeriod are the statuses that failures at any look give a control.
func (t tally) ofPeriod() (out []Status) {
	if t.exceptions > 0 {
		out = append(out, ExceptionIn)
	}
	if t.compensated > 0 {
		out = append(out, Compensated)
	}
	return out
}

// servesScope reports whether a control serves a criterion of the engagement. One
// whose criteria the library does not know counts as serving it.
func servesScope(lib *Library, eng Engagement, c Control) bool {
	known := false
	for _, k := range lib.Criteria {
		if slices.Contains(c.Criteria, k.ID) {
			if inScope(k, eng) {
				return true
			}
			known = true
		}
	}
	return !known
}

// operating says in one line how the control stood at the period's looks.
func operating(r ControlResult, seen tally, w *world) string {
	part := func(s Status) bool {
		return slices.ContainsFunc(r.Records, func(p RecordPart) bool { return p.Status == s })
	}
	missing := part(ManualHasNot) || r.Counts.NeedsRecord > 0
	runs := seen.looks
	at := func(n int) string { return fmt.Sprintf(" at %d of %d runs", n, runs) }
	var say []string
	if seen.exceptions > 0 {
		say = append(say, "with exceptions"+at(seen.exceptions))
	}
	if missing {
		say = append(say, "needs a record")
	}
	if seen.unknown > 0 {
		say = append(say, "not evaluated in part"+at(seen.unknown))
	}
	if part(NotEvaluatedIn) {
		say = append(say, "not every record could be read")
	}
	if seen.exceptions == 0 && seen.compensated > 0 {
		say = append(say, "with compensated exceptions"+at(seen.compensated))
	}
	switch {
	case len(r.Automated) > 0 && !w.observed():
		return strings.Join(append([]string{"not observed in the period: no run lies in it"}, say...), ", ")
	case len(say) > 0:
		return strings.Join(say, ", ")
	case r.Status == StatementOnly:
		return "management's statement"
	case runs == 0 && r.Status == NA:
		return "no record is due yet"
	case runs == 0 && !slices.ContainsFunc(r.Records, func(p RecordPart) bool { return !p.counted }):
		return "a record for each time that is over"
	case runs == 0:
		return "records on file; that none is missing is management's statement"
	case r.Status == NoOccurrence || r.Status == NA:
		return strings.ToLower(string(r.Status))
	case runs == 1:
		return "in evidence at 1 run: whether it operated over the period, one run cannot show"
	}
	return fmt.Sprintf("operating effectively in evidence at each of %d runs", runs)
}

// criterionResults sums up the controls that serve each criterion.
func criterionResults(lib *Library, eng Engagement, controls []ControlResult) []CriterionResult {
	var out []CriterionResult
	for _, c := range lib.Criteria {
		r := CriterionResult{Criterion: c, InScope: inScope(c, eng)}
		var statuses []Status
		for _, ctl := range controls {
			if slices.Contains(ctl.Control.Criteria, c.ID) {
				r.Controls = append(r.Controls, ctl.Control.ID)
				statuses = append(statuses, ctl.Status)
			}
		}
		r.Status = worst(statuses)
		out = append(out, r)
	}
	return out
}

// inScope: security always is.
func inScope(c Criterion, eng Engagement) bool {
	return strings.EqualFold(c.Category, "security") || slices.ContainsFunc(eng.Categories, func(s string) bool { return strings.EqualFold(s, c.Category) })
}
