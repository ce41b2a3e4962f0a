package control

import "time"

// horizon is how far ahead things that are due are listed.
const horizon = 60 * 24 * time.Hour

// due are the duties of the calendar that are still to be done, soonest first:
// those overdue against the day of the report, and those of the sixty days after it.
func due(calendar []Duty, asOf time.Time) []Due {
	var out []Due
	for _, d := range calendar {
		if (d.State == DutyOverdue || d.State == DutyUpcoming) && !d.On.After(asOf.Add(horizon)) {
			out = append(out, Due{What: d.What, Kind: d.Kind, Ref: d.Ref, On: d.On, Overdue: d.State == DutyOverdue, Why: d.Why})
		}
	}
	return out
}
