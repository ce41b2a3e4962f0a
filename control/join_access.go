package control

import (
	"fmt"
	"strings"
	"time"
)

// accessReviewedQuarterly: one finding for each calendar quarter that ended in the
// period and by the day of the report. Of is record/access-review.
func accessReviewedQuarterly(in joining) []Finding {
	var out []Finding
	for _, q := range quarters(in.Period, in.AsOf) {
		f := Finding{Region: "global", Item: q.name, Verdict: NeedsRecord}
		value := map[string]any{
			"quarter_ended": q.end.Format(time.DateOnly),
			"due_by":        q.end.AddDate(0, 0, int(in.Params.number("days", 31))).Format(time.DateOnly),
		}
		for _, it := range in.Of.Items {
			r := recordOf(it)
			if r.text("quarter") != q.name {
				continue
			}
			wrong := q.wrong(r, in)
			if f.Verdict == Pass || f.Verdict == Fail && len(wrong) > 0 {
				continue // another review of the quarter is as good or better
			}
			f.Evidence, f.Verdict, f.Reason = it.Pointer, Pass, ""
			value["date"], value["reviewer"], value["sign_off"] = r.text("date"), r.text("reviewer"), r.text("sign_off")
			value["users_reviewed"], value["changes"] = r["users_reviewed"], r["changes"]
			delete(value, "wrong")
			if len(wrong) > 0 {
				f.Verdict = Fail
				value["wrong"] = strings.Join(wrong, "; ")
			}
		}
		if f.Verdict == NeedsRecord {
			f.Reason = "no record answers this: access-review for " + q.name
			value["record"] = "there is none"
		}
		f.Value = value
		out = append(out, f)
	}
	return out
}

type quarter struct {
	name       string
	start, end time.Time // first and last day
}

// quarters lists the calendar quarters whose last day lies in the period and is over at a time.
func quarters(p Period, at time.Time) []quarter {
	var out []quarter
	for _, s := range spans(p, at, 3) {
		out = append(out, quarter{fmt.Sprintf("%d-Q%d", s.start.Year(), (s.start.Month()-1)/3+1), s.start, s.end})
	}
	return out
}

// wrong says what a review lacks.
func (q quarter) wrong(r written, in joining) []string {
	var out []string
	for _, k := range []string{"reviewer", "date", "sign_off"} {
		if r.text(k) == "" {
			out = append(out, "it names no "+k)
		}
	}
	if _, ok := r["changes"]; !ok {
		out = append(out, "it does not say what was changed")
	}
	if s := r.texts("systems"); len(s) == 0 {
		out = append(out, "it names no systems")
	}
	grace := in.Params.number("days", 31)
	for _, k := range []string{"date", "sign_off_date"} {
		if r.day(k).After(in.At) {
			out = append(out, "its "+strings.ReplaceAll(k, "_", " ")+" lies after the run")
		}
	}
	switch date := r.day("date"); {
	case date.IsZero():
	case date.Before(q.start):
		out = append(out, "it is dated before the quarter began")
	case date.After(q.end.AddDate(0, 0, int(grace))):
		out = append(out, fmt.Sprintf("it is dated more than %d days after the quarter ended", grace))
	}
	return out
}
