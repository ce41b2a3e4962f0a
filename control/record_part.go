package control

import (
	"fmt"
	"slices"
	"time"
)

// recordPart counts the records of a kind that serve the period. One dated after
// the run says nothing yet. Where not everything of the kind could be read, what
// there is is not known.
func recordPart(lib *Library, w *world, kind string, sealed []Sealing) RecordPart {
	k := w.kind(lib, kind)
	part := RecordPart{Kind: kind, Status: ManualHasNot, Cadence: k.Cadence}
	part.count(w, k)
	if own := k.chosen(); own != "" {
		part.Cadence = own
	}
	part.Spans = recordSpans(w, k, sealed)
	for _, s := range sealed {
		if s.State == SealedLate && slices.Contains(part.IDs, s.ID) {
			part.Late++
		}
	}
	if part.Late > 0 {
		part.Reason += fmt.Sprintf("; %d written down late", part.Late)
	}
	if why := w.Unread[kind]; why != "" {
		part.Status, part.Reason = NotEvaluatedIn, part.Reason+"; "+why
	}
	return part
}

func (part *RecordPart) count(w *world, k RecordKind) {
	items := w.items("record/" + k.Kind)
	if k.Kind == "" {
		items = w.items("record/" + part.Kind)
	}
	take := func(it Located) { part.Have++; part.IDs = append(part.IDs, it.ID) }
	if k.Cadence == "kept current" || k.DatedBy == "" {
		for _, it := range items {
			take(it)
		}
		part.Reason = fmt.Sprintf("%d in the register", part.Have)
		switch {
		case part.Have > 0:
			part.Status = ManualHas
		case k.NilStatement:
			part.nothingHappened(w, k.Kind)
		}
		return
	}
	items = slices.DeleteFunc(slices.Clone(items), func(it Located) bool { return w.future(recordOf(it).day(k.DatedBy)) })
	today := w.asOf.UTC().Truncate(24 * time.Hour)
	start := w.period.Start
	if yearBefore := today.AddDate(-1, 0, 0); k.Cadence == "annual" && yearBefore.Before(start) {
		start = yearBefore // an annual record of the year before the report serves a shorter period too
	}
	for _, it := range items {
		if day := recordOf(it).day(k.DatedBy); !day.IsZero() && !day.Before(start) && (w.period.within(day) || day.Before(w.period.Start) || cadenceMonths[k.Cadence] > 1) {
			take(it)
		}
	}
	if months := cadenceMonths[k.Cadence]; months > 0 {
		part.counted = true
		have, of := 0, 0
		for _, s := range covered(items, k, spans(w.period, w.asOf, months)) {
			if of++; s != nil {
				have++
			}
		}
		part.Reason = fmt.Sprintf("%d of %d %s", have, of, map[int]string{6: "half years", 3: "quarters", 1: "months"}[months])
		switch {
		case of == 0 && part.Have == 0:
			part.Reason, part.Status = "none is due yet", NA
		case have == of:
			part.Status = ManualHas
		}
		return
	}
	part.Reason = fmt.Sprintf("%d in the period", part.Have)
	if k.Cadence == "annual" {
		part.Reason = fmt.Sprintf("%d within a year", part.Have)
	}
	switch {
	case part.Have > 0:
		part.Status = ManualHas
	case k.NilStatement:
		part.nothingHappened(w, k.Kind)
	}
}

// future reports whether a day is later than that of the run.
func (w *world) future(day time.Time) bool {
	return !w.At.IsZero() && day.After(w.At.UTC().Truncate(24*time.Hour))
}

// nothingHappened looks for statements that no event of the kind occurred, which
// together cover the period as far as its last quarter that is over. A statement
// signed after the run speaks of days nobody knows yet.
func (part *RecordPart) nothingHappened(w *world, kind string) {
	q := quarters(w.period, w.asOf)
	if len(q) == 0 {
		part.Status, part.Reason = NA, "none yet, and no quarter of the period is over"
		return
	}
	need, until := q[len(q)-1].end, w.period.Start.AddDate(0, 0, -1)
	for range w.items("record/nil-statement") {
		for _, it := range w.items("record/nil-statement") {
			r := recordOf(it)
			if r.text("of") == kind && !w.future(r.day("signed")) && !r.day("from").IsZero() && !r.day("from").After(until.AddDate(0, 0, 1)) && r.day("to").After(until) {
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

// covered gives for each span the record of its own: one that names the quarter,
// or one dated in the span or in the graceDays after it. nil is none.
func covered(items []Located, k RecordKind, list []span) []*Located {
	return serve(items, k.DatedBy, list, func(s span, it Located, grace bool) bool {
		r := recordOf(it)
		if q := r.text("quarter"); q != "" && k.Cadence == "quarterly" {
			return q == s.name(3)
		}
		return s.holds(r.day(k.DatedBy), graceDays, grace)
	}, func(a, b Located) bool { return false })
}

// holds reports whether a day lies in the span, or, with grace, in so many days
// after it.
func (s span) holds(day time.Time, days int, grace bool) bool {
	if !grace {
		days = 0
	}
	return !day.IsZero() && !day.Before(s.start) && !day.After(s.end.AddDate(0, 0, days))
}

// serve gives each span one record, and no record to two; nil is none. A record
// serves the span it is dated in, and else, in its days of grace, the one before;
// but where that would leave a span empty which another order fills, each goes to
// the earliest span it can. Of several a better one is taken, else the earliest.
func serve(items []Located, dated string, list []span, fits func(s span, it Located, grace bool) bool, better func(a, b Located) bool) []*Located {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b Located) int { return recordOf(a).day(dated).Compare(recordOf(b).day(dated)) })
	give := func(passes ...bool) (out []*Located, n int) {
		out, taken := make([]*Located, len(list)), make([]bool, len(items))
		for _, grace := range passes {
			for i, s := range list {
				at := -1
				for k := range items {
					if out[i] == nil && !taken[k] && fits(s, items[k], grace) && (at < 0 || better(items[k], items[at])) {
						at = k
					}
				}
				if at >= 0 {
					out[i], taken[at] = &items[at], true
					n++
				}
			}
		}
		return out, n
	}
	own, n := give(false, true)
	if earliest, m := give(true); m > n {
		return earliest
	}
	return own
}

// graceDays are the days after a quarter or month in which a record about it may
// still be dated.
const graceDays = 31
