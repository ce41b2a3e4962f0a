package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// controlResults sums up each control: the worst of its checks, and beside it
// the records it needs. A control whose record is missing is never Met.
func controlResults(lib *Library, eng Engagement, w *world, checks []CheckResult) []ControlResult {
	byName := map[string]*CheckResult{}
	for i := range checks {
		byName[checks[i].Check.Name] = &checks[i]
	}
	var out []ControlResult
	for _, c := range lib.Controls {
		r := ControlResult{Control: c}
		var statuses []Status
		var seen [][]Seen
		for _, name := range c.Checks {
			res := byName[name]
			r.Automated = append(r.Automated, name)
			r.Counts = r.Counts.plus(res.Counts)
			statuses = append(statuses, res.Status)
			seen = append(seen, res.Seen)
		}
		for _, kind := range c.Records {
			part := recordPart(lib, w, kind)
			r.Records = append(r.Records, part)
			statuses = append(statuses, part.Status)
		}
		r.Status = worst(statuses)
		if r.Status == ManualHas && len(c.Checks) > 0 {
			r.Status = worst(statuses[:len(c.Checks)]) // its records are there: the checks decide
		}
		r.Operating = operating(r, seen)
		if r.InScope = servesScope(lib, eng, c); !r.InScope {
			r.Status, r.Operating = NA, "out of scope: the engagement does not include its categories"
		}
		out = append(out, r)
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

// operating says in one line how the control stood over the period's runs.
func operating(r ControlResult, seen [][]Seen) string {
	exceptions, compensated, unknown := map[int]bool{}, map[int]bool{}, map[int]bool{}
	runs := 0
	for _, check := range seen {
		runs = len(check)
		for i, s := range check {
			if s.Counts.Failed > s.Counts.Compensated {
				exceptions[i] = true
			}
			if s.Counts.Compensated > 0 {
				compensated[i] = true
			}
			if s.Counts.NotEvaluated > 0 {
				unknown[i] = true
			}
		}
	}
	missing := slices.ContainsFunc(r.Records, func(p RecordPart) bool { return p.Status == ManualHasNot }) || r.Counts.NeedsRecord > 0
	at := func(m map[int]bool) string { return fmt.Sprintf(" at %d of %d runs", len(m), runs) }
	var say []string
	if len(exceptions) > 0 {
		say = append(say, "with exceptions"+at(exceptions))
	}
	if missing {
		say = append(say, "record needed")
	}
	if len(unknown) > 0 {
		say = append(say, "not evaluated in part"+at(unknown))
	}
	if len(exceptions) == 0 && len(compensated) > 0 {
		say = append(say, "with compensated exceptions"+at(compensated))
	}
	switch {
	case len(say) > 0:
		return strings.Join(say, ", ")
	case r.Status == StatementOnly:
		return "management's statement"
	case runs == 0:
		return "records are there"
	case r.Status == NoOccurrence || r.Status == NA:
		return strings.ToLower(string(r.Status))
	}
	return "operating effectively in evidence"
}

// recordPart counts the records of a kind that serve the period.
func recordPart(lib *Library, w *world, kind string) RecordPart {
	k, _ := lib.kind(kind)
	part := RecordPart{Kind: kind, Status: ManualHasNot}
	items := w.Items["record/"+kind]
	take := func(it Located) { part.Have++; part.IDs = append(part.IDs, it.ID) }
	if k.Cadence == "kept current" || k.DatedBy == "" {
		for _, it := range items {
			take(it)
		}
		part.Reason = fmt.Sprintf("%d in the register", part.Have)
		if part.Have > 0 {
			part.Status = ManualHas
		}
		return part
	}
	start := w.period.Start
	if yearBefore := w.asOf.AddDate(-1, 0, 0); k.Cadence == "annual" && yearBefore.Before(start) {
		start = yearBefore // an annual record of the year before the report serves a shorter period too
	}
	for _, it := range items {
		if day := recordOf(it).day(k.DatedBy); !day.IsZero() && !day.Before(start) && (w.period.within(day) || day.Before(w.period.Start) || k.Cadence == "quarterly") {
			take(it)
		}
	}
	switch k.Cadence {
	case "quarterly", "monthly":
		months := map[string]int{"quarterly": 3, "monthly": 1}[k.Cadence]
		have, of := covered(items, k, spans(w.period, w.asOf, months))
		part.Reason = fmt.Sprintf("%d of %d %s", have, of, map[int]string{3: "quarters", 1: "months"}[months])
		if have == of && (of > 0 || part.Have > 0) {
			part.Status = ManualHas
		}
		if of == 0 && part.Have == 0 {
			part.Reason, part.Status = "none is due yet", ManualHas
		}
		return part
	}
	part.Reason = fmt.Sprintf("%d in the period", part.Have)
	if k.Cadence == "annual" {
		part.Reason = fmt.Sprintf("%d within a year", part.Have)
	}
	switch {
	case part.Have > 0:
		part.Status = ManualHas
	case k.NilStatement:
		part.nothingHappened(w, kind)
	}
	return part
}

// nothingHappened looks for statements that no event of the kind occurred, which
// together cover the period as far as its last quarter that is over.
func (part *RecordPart) nothingHappened(w *world, kind string) {
	q := quarters(w.period, w.asOf)
	if len(q) == 0 {
		part.Status, part.Reason = ManualHas, "none yet, and no quarter of the period is over"
		return
	}
	need, until := q[len(q)-1].end, w.period.Start.AddDate(0, 0, -1)
	for range w.Items["record/nil-statement"] {
		for _, it := range w.Items["record/nil-statement"] {
			r := recordOf(it)
			if r.text("of") == kind && !r.day("from").IsZero() && !r.day("from").After(until.AddDate(0, 0, 1)) && r.day("to").After(until) {
				until = r.day("to")
				part.IDs = append(part.IDs, it.ID)
			}
		}
	}
	part.Reason = "none in the period, and nobody has stated that there was none"
	if len(part.IDs) > 0 {
		part.Reason = "none in the period; stated only up to " + until.Format(time.DateOnly)
	}
	if !until.Before(need) {
		part.Status, part.Reason = ManualHas, "none in the period, as stated"
	}
}

// a span is a quarter or month that is over.
type span struct{ start, end time.Time }

func spans(p Period, at time.Time, months int) []span {
	var out []span
	if p.Start.IsZero() {
		return nil
	}
	first := time.Date(p.Start.Year(), (p.Start.Month()-1)/time.Month(months)*time.Month(months)+1, 1, 0, 0, 0, 0, time.UTC)
	for ; !first.After(p.End); first = first.AddDate(0, months, 0) {
		s := span{first, first.AddDate(0, months, -1)}
		if p.within(s.end) && !at.Before(s.end.AddDate(0, 0, 1).Add(-time.Second)) {
			out = append(out, s)
		}
	}
	return out
}

// covered counts the spans that have a record: one that names the quarter, or one
// dated in the span or in the 31 days after it.
func covered(items []Located, k RecordKind, list []span) (have, of int) {
	for _, s := range list {
		name := fmt.Sprintf("%d-Q%d", s.start.Year(), (s.start.Month()-1)/3+1)
		if slices.ContainsFunc(items, func(it Located) bool {
			r := recordOf(it)
			if q := r.text("quarter"); q != "" && k.Cadence == "quarterly" {
				return q == name
			}
			day := r.day(k.DatedBy)
			return !day.Before(s.start) && !day.After(s.end.AddDate(0, 0, 31))
		}) {
			have++
		}
	}
	return have, len(list)
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
