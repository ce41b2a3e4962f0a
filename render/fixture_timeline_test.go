package render_test

import (
	"time"

	"exhibit/control"
)

// ledger lays out the period of the fixture: four runs, a check whose listing was
// refused at one of them, items that changed, came and went, an event in between and
// a bridged time, with hostile names in every text from outside.
func (f *builder) ledger() {
	l := &control.Ledger{Period: f.r.Engagement.Period}
	for _, r := range f.r.Runs {
		l.Looks = append(l.Looks, control.Look{Run: r.Run.Name, Commit: r.Commit, At: r.Run.Ended, After: r.Run.Ended.After(f.r.Engagement.Period.End.AddDate(0, 0, 1))})
	}
	event := control.Bridge{Via: "CloudTrail", Account: prod, Item: evilTag, Checks: []string{"kms-key-rotates"}, From: at("2026-05-05T10:00:00Z"), To: at("2026-05-05T10:00:00Z"),
		Says: "ScheduleKeyDeletion by " + evilBidi + " on " + evilTag, Captured: at("2026-07-01T06:00:00Z")}
	told := control.Bridge{Via: "AWS Config history", Account: prod, Checks: []string{"kms-key-rotates"}, From: at("2026-07-10T00:00:00Z"), To: at("2026-08-20T00:00:00Z"),
		Status: control.Met, Says: "rotation was on " + evilAttr, Captured: at("2026-10-01T06:00:00Z")}
	l.Bridges = []control.Bridge{event, told}
	intervals := func(allowed int) []control.Interval {
		var out []control.Interval
		last, kind := l.Period.Start, control.Beginning
		for _, k := range l.Looks {
			v := control.Interval{From: last, To: k.At, Days: int(k.At.Sub(last) / (24 * time.Hour)), Kind: kind}
			v.Long = allowed > 0 && v.Days > allowed
			out = append(out, v)
			last, kind = k.At, control.Between
		}
		return out
	}
	for i := range f.r.Checks {
		c := &f.r.Checks[i]
		n := control.Line{ID: c.Check.Name, Cadence: "continuous", Allowed: 7, Intervals: intervals(7)}
		for k, s := range c.Seen {
			n.Sights = append(n.Sights, control.Sight{Look: k, Status: s.Status, Counts: s.Counts, Observed: s.Status != control.NotEvaluatedIn})
		}
		if c.Check.Name == "kms-key-rotates" {
			n.Intervals[2].Bridges, n.Intervals[3].Bridges = []control.Bridge{event}, []control.Bridge{told}
			n.Items = []control.ItemLine{
				{Account: prod, Region: "eu-west-1", Source: "kms/key", Item: evilTag, Spells: []control.Spell{
					{Status: control.Met, First: 0, Last: 1, Opening: true, Closing: true, To: control.Pointer{Commit: l.Looks[1].Commit, Path: "evidence/x.jsonl", Line: 3}},
					{Status: control.ExceptionIn, First: 2, Last: 2, Opening: evilAttr, Closing: evilAttr, From: control.Pointer{Commit: l.Looks[2].Commit, Path: "evidence/x.jsonl", Line: 3}},
					{Status: control.NotThere, First: 3, Last: 3}}},
				{Account: prod, Region: "eu-west-1", Source: "kms/key", Item: evilBidi, Spells: []control.Spell{
					{Status: control.NotSeen, First: 0, Last: 0, Reason: "not answered: " + evilTag}, {Status: control.Met, First: 1, Last: 3, Opening: true, Closing: true}}},
			}
		}
		l.Checks = append(l.Checks, n)
	}
	for i := range f.r.Controls {
		c := &f.r.Controls[i].Control
		n := control.Line{ID: c.ID, Cadence: c.Frequency}
		f.r.Controls[i].InScope = true
		if c.Frequency == "continuous" {
			n.Allowed = 7
		}
		for _, name := range c.Checks {
			if of := l.Check(name); of != nil {
				n.Sights, n.Intervals = of.Sights, of.Intervals
			}
		}
		l.Controls = append(l.Controls, n)
	}
	for i := range f.r.Criteria {
		l.Criteria = append(l.Criteria, control.Line{ID: f.r.Criteria[i].Criterion.ID, Sights: l.Controls[0].Sights, Intervals: l.Controls[0].Intervals})
	}
	l.Unseen = []control.Unseen{{Account: staging, Region: "eu-west-1", Source: "kms/key", Allowed: 7, Checks: []string{"kms-key-rotates"}, Intervals: intervals(7),
		Sights: []control.CellSight{{Look: 0, State: "denied_scp", Reason: "refused " + evilTag}, {Look: 1, Answered: true, State: "collected"}}}}
	f.r.Ledger = l
}
