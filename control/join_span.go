package control

import (
	"fmt"
	"strings"
	"time"
)

// recordInEverySpan: one finding for each span of params.months calendar months
// that ended in the period and by the day of the report. A record dated in the
// span, or in the params.days days after it, serves it (see serve); one that shows
// a good outcome goes before one that does not.
// Of is a kind of record that trials knows.
func recordInEverySpan(in joining) []Finding {
	kind := strings.TrimPrefix(in.Of.Source, "record/")
	how := trials[kind]
	months, grace := int(in.Params.number("months", 3)), int(in.Params.number("days", 0))
	var out []Finding
	list := spans(in.Period, in.AsOf, months)
	if months == 12 { // a year of the calendar would leave out most of a period that begins within one
		list = []span{{in.AsOf.UTC().Truncate(24*time.Hour).AddDate(-1, 0, 0), in.AsOf.UTC().Truncate(24 * time.Hour)}}
	}
	serves := serve(in.Of.Items, how.dated, list, func(s span, it Located, late bool) bool {
		day := recordOf(it).day(how.dated)
		return s.holds(day, grace, late) && !day.After(in.At)
	}, func(a, b Located) bool { return len(how.wrong(recordOf(b))) > 0 && len(how.wrong(recordOf(a))) == 0 })
	for i, s := range list {
		f := Finding{Region: "global", Item: s.name(months), Verdict: NeedsRecord}
		value := map[string]any{"ended": s.end.Format(time.DateOnly)}
		if serves[i] == nil {
			f.Reason = "no record answers this: " + kind + " for " + f.Item
			value["record"] = "there is none"
		} else {
			r := recordOf(*serves[i])
			f.Evidence, f.Verdict = serves[i].Pointer, Pass
			value["date"] = r.day(how.dated).Format(time.DateOnly)
			for _, k := range how.shows {
				if v, ok := r[k]; ok {
					value[k] = v
				}
			}
			if wrong := how.wrong(r); len(wrong) > 0 {
				f.Verdict, value["wrong"] = Fail, strings.Join(wrong, "; ")
			}
		}
		f.Value = value
		out = append(out, f)
	}
	return out
}

// name is how people call a span of so many months: "2026-03", "2026-Q1", "2026".
func (s span) name(months int) string {
	switch months {
	case 1:
		return s.start.Format("2006-01")
	case 3:
		return fmt.Sprintf("%d-Q%d", s.start.Year(), (s.start.Month()-1)/3+1)
	case 12:
		return "the year to " + day(s.end)
	}
	return s.start.Format("2006-01") + " to " + s.end.Format("2006-01")
}

// A trial is how a record of a kind is dated, what it shows, and what is wrong with it.
type trial struct {
	dated string
	shows []string
	wrong func(r written) []string
}

var trials = map[string]trial{
	"restore-test": {"date", []string{"system", "result", "rto_measured_minutes", "rto_target_minutes", "rpo_measured_minutes", "rpo_target_minutes"}, func(r written) []string {
		out := passed(r)
		for _, what := range []string{"rto", "rpo"} {
			measured, target := r.number(what+"_measured_minutes", -1), r.number(what+"_target_minutes", -1)
			switch name := strings.ToUpper(what); {
			case measured < 0 || target < 0:
				out = append(out, "it does not say the "+name+" measured and allowed")
			case measured > target:
				out = append(out, fmt.Sprintf("the %s was %d minutes, allowed are %d", name, measured, target))
			}
		}
		return out
	}},
	"failover-test": {"started", []string{"system", "scenario", "result", "downtime_seconds"}, passed},
	"monthly-security-review": {"date", []string{"reviewer", "sign_off"}, func(r written) []string {
		var out []string
		for _, k := range []string{"reviewer", "sign_off", "trail_anomalies", "alarms", "mfa_gaps", "access_analyzer"} {
			if r.text(k) == "" {
				out = append(out, "it does not say: "+strings.ReplaceAll(k, "_", " "))
			}
		}
		return out
	}},
}

// passed reads the result of a test. Issues that were found and written down are
// what a test is for.
func passed(r written) []string {
	switch result := r.text("result"); result {
	case "passed", "passed-with-issues":
		return nil
	case "":
		return []string{"it has no result"}
	default:
		return []string{"its result is " + result}
	}
}
