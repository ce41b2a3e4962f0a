package control

import (
	"fmt"
	"slices"
	"time"
)

// findingsAnswered: one finding for each grave finding of the population's source
// that a run of the period saw, as the page of responses has them. With reads the
// kinds of record that may answer one, and, for Security Hub, the sources whose
// findings it takes over.
func findingsAnswered(in joining) []Finding {
	var out []Finding
	why := in.unreadAnswers()
	for _, a := range in.responses().Findings {
		if a.Source != in.Of.Source {
			continue
		}
		f := Finding{Account: a.Account, Region: a.Region, Source: a.Source, Item: a.Item, Value: a.value(), Evidence: a.Pointer}
		switch {
		case a.State == ResponseOrphan && why != "":
			f.Verdict, f.Reason = NotEvaluated, why
		case a.State == ResponseOrphan, a.State == ResponseLate:
			f.Verdict = Fail
		case a.State == ResponseUnknown:
			f.Verdict, f.Reason = NotEvaluated, a.Says
		default:
			f.Verdict = Pass
		}
		out = append(out, f)
	}
	return out
}

// unreadAnswers says why a record that answers may be there unread; "" when all
// were read.
func (in joining) unreadAnswers() string {
	for _, v := range sortedKeys(in.With) {
		if l := in.With[v]; alwaysRead(l.Source) && l.refused() != "" {
			return l.refused()
		}
	}
	return ""
}

// value is what decided about a finding's response.
func (a Answered) value() map[string]any {
	v := map[string]any{"what": a.What, "severity": a.Rated, "detected": when(a.Detected), "state": string(a.State), "says": a.Says, "last_seen_by": "run " + a.LastSeen, "at_the_source": a.AtSource}
	if !a.AcknowledgeBy.IsZero() {
		v["take_up_by"], v["resolve_by"] = when(a.AcknowledgeBy), when(a.ResolveBy)
	}
	if !a.Acknowledged.IsZero() {
		v["taken_up"] = when(a.Acknowledged)
	}
	if !a.Resolved.IsZero() {
		v["resolved"] = when(a.Resolved)
	}
	var by []string
	for _, r := range a.Replies {
		if s := fmt.Sprintf("%s %s", r.Kind, r.ID); !slices.Contains(by, s) {
			by = append(by, s)
		}
	}
	if v["answered_by"] = "no record"; len(by) > 0 {
		v["answered_by"] = by
	}
	return v
}

// when is a moment as values show it; "not said" for none.
func when(t time.Time) string {
	if t.IsZero() {
		return "not said"
	}
	return t.UTC().Format(time.RFC3339)
}
