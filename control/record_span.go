package control

import (
	"time"
)

// A RecordSpan is a quarter, month or year in which a record of a kind is wanted.
type RecordSpan struct {
	Kind, Name string
	Start, End time.Time // first and last day
	// Due is the last day a record about it may be dated.
	Due    time.Time
	Record string // id of the record it has; "" when none
	State  SpanState
}

// SpanState says whether a span has its record.
type SpanState string

// The states of a span.
const (
	SpanHeld    SpanState = "held"
	SpanLate    SpanState = "written down late" // it has one, which a run that should have had it did not
	SpanMissing SpanState = "missing"
	SpanDue     SpanState = "overdue" // it is over and has none, and one may still be dated within its days of grace
	SpanOpen    SpanState = "not over yet"
)

// recordSpans lists the spans of the whole period for a kind that wants a record
// in each; nil for others.
func recordSpans(w *world, k RecordKind, sealed []Sealing) []RecordSpan {
	late := map[string]bool{}
	for _, s := range sealed {
		late[s.ID] = s.State == SealedLate
	}
	today := w.asOf.UTC().Truncate(24 * time.Hour)
	var items []Located
	for _, it := range w.items("record/" + k.Kind) {
		if !w.future(recordOf(it).day(k.DatedBy)) {
			items = append(items, it)
		}
	}
	state := func(s RecordSpan, over bool) RecordSpan {
		switch {
		case s.Record != "" && late[s.Record]:
			s.State = SpanLate
		case s.Record != "":
			s.State = SpanHeld
		case !over:
			s.State = SpanOpen
		case today.After(s.Due):
			s.State = SpanMissing
		default:
			s.State = SpanDue
		}
		return s
	}
	if k.Cadence == "annual" && k.DatedBy != "" {
		return []RecordSpan{state(yearOf(w, k, items, today), true)}
	}
	months := cadenceMonths[k.Cadence]
	if months == 0 || k.DatedBy == "" {
		return nil
	}
	all := spans(w.period, w.period.End.AddDate(0, 0, 1), months)
	over := len(spans(w.period, w.asOf, months))
	var out []RecordSpan
	for i, it := range covered(items, k, all) {
		s := RecordSpan{Kind: k.Kind, Name: all[i].name(months), Start: all[i].start, End: all[i].end, Due: all[i].end.AddDate(0, 0, graceDays)}
		if it != nil {
			s.Record = it.ID
		}
		out = append(out, state(s, i < over))
	}
	return out
}

// yearOf is the year that ends on the day of the report, with its newest record.
func yearOf(w *world, k RecordKind, items []Located, today time.Time) RecordSpan {
	s := RecordSpan{Kind: k.Kind, Name: "the year to " + day(today), Start: today.AddDate(-1, 0, 0), End: today}
	var newest, before time.Time
	for _, it := range items {
		on := recordOf(it).day(k.DatedBy)
		switch {
		case !on.Before(s.Start) && !on.Before(newest):
			newest, s.Record = on, it.ID
		case on.After(before):
			before = on
		}
	}
	switch {
	case !newest.IsZero():
		s.Due = newest.AddDate(1, 0, 0)
	case !before.IsZero():
		s.Due = before.AddDate(1, 0, 0)
	default:
		s.Due = w.period.Start
	}
	return s
}
