package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// emergencyDays is within how many working days, Saturdays and Sundays left out,
// somebody else must have looked at a change that could not wait.
const emergencyDays = 2

// emergencyLabels mark a pull request as one that could not wait.
func emergencyLabels() []string { return []string{"emergency", "hotfix", "break-glass"} }

// lateBy is the moment until which a change of a given time may be approved
// afterwards: the end of the last working day of emergencyDays that follow, in UTC.
func lateBy(made time.Time) time.Time {
	day := made.UTC().Truncate(24 * time.Hour)
	for n := 0; n < emergencyDays; {
		day = day.AddDate(0, 0, 1)
		if w := day.Weekday(); w != time.Saturday && w != time.Sunday {
			n++
		}
	}
	return day.AddDate(0, 0, 1).Add(-time.Second)
}

// label is the first label of the pull request that says it could not wait.
func (p *pull) label() string {
	for _, n := range p.nodes("labels") {
		name := n.text("name")
		if slices.ContainsFunc(emergencyLabels(), func(l string) bool { return strings.EqualFold(l, name) }) {
			return name
		}
	}
	return ""
}

// lookedAt is the emergency record or label that answers for a change; late says why
// one does not, as far as it is about the time, and unknown why one may or may not.
func (c change) lookedAt() (what string, late []string, unknown string) {
	for _, r := range c.notes {
		if r.kind != "emergencies" {
			continue
		}
		by, at, made := r.text("approved_after_by"), r.time("approved_after"), r.time("made")
		switch {
		case by == "" || at.IsZero() || strings.EqualFold(by, r.text("made_by")):
		case made.IsZero():
			unknown = notAnswered("when the emergency " + r.text("id") + " was, and whether " + by + " looked at it in time")
		case !at.After(lateBy(made)):
			return "an emergency, looked at by " + by + " on " + at.Format(time.DateOnly) + ", by the record " + r.text("id"), nil, ""
		default:
			late = append(late, fmt.Sprintf("%s looked at the emergency %s on %s, after %s", by, r.text("id"), at.Format(time.DateOnly), lateBy(made).Format(time.DateOnly)))
		}
	}
	if c.pull == nil || c.pull.label() == "" {
		return "", late, unknown
	}
	merged := c.pull.time("mergedAt")
	for _, o := range c.approvals().late {
		switch {
		case o.commit != c.pull.text("headRefOid"):
		case !o.at.After(lateBy(merged)):
			return fmt.Sprintf("an emergency by its label %s, approved by %s on %s", c.pull.label(), o.login, o.at.Format(time.DateOnly)), nil, ""
		default:
			late = append(late, fmt.Sprintf("%s approved the emergency on %s, after %s", o.login, o.at.Format(time.DateOnly), lateBy(merged).Format(time.DateOnly)))
		}
	}
	if len(late) == 0 {
		late = []string{"it has the label " + c.pull.label() + ", and nobody else approved it afterwards"}
	}
	return "", late, unknown
}

// emergenciesInTime: one finding for each change that is an emergency, by a record or a
// label, on whether somebody else looked at it in time. It reads what changesReviewed
// reads.
func emergenciesInTime(in joining) []Finding {
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		record := slices.ContainsFunc(c.notes, func(n note) bool { return n.kind == "emergencies" })
		label := c.pull != nil && c.pull.label() != ""
		what, late, open := c.lookedAt()
		var before Verdict
		var unknown string
		if label {
			before, unknown = c.approvals().enough(1)
		}
		switch {
		case !record && !label && c.unknown != "":
			f.Verdict, f.Reason = NotEvaluated, c.unknown
		case !record && !label && c.unread["emergencies"] != "":
			f.Verdict, f.Reason = NotEvaluated, c.unread["emergencies"]
		case !record && !label:
			f.Verdict, f.Reason = NotApplicable, "no record and no label says that it was an emergency"
		case what != "":
			f.Verdict, value["looked_at"] = Pass, what
		case open != "":
			f.Verdict, f.Reason = NotEvaluated, open
		case label && !record && before == NotEvaluated:
			f.Verdict, f.Reason = NotEvaluated, unknown
		case label && !record && before == Pass:
			f.Verdict, f.Reason = NotApplicable, "it has an emergency's label, and was approved before it was merged"
		default:
			f.Verdict, value["looked_at"] = Fail, "not in time"
			if len(late) > 0 {
				value["late"] = anys(late)
			}
		}
	})
}
