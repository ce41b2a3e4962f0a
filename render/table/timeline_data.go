package table

import (
	"time"

	"exhibit/control"
)

// A TimelineSight is what one look saw, in data/timeline.jsonl.
type TimelineSight struct {
	Look     string         `json:"look"` // name of the run
	Status   control.Status `json:"status"`
	Observed bool           `json:"observed"`
	Counts   control.Counts `json:"counts"`
}

// A TimelineInterval is a time in which nothing was observed.
type TimelineInterval struct {
	From   time.Time        `json:"from"`
	To     time.Time        `json:"to"`
	Days   int              `json:"days"`
	Kind   string           `json:"kind"`
	Long   bool             `json:"long"` // longer than the cadence allows
	Silent []string         `json:"silent,omitempty"`
	Told   []TimelineBridge `json:"told,omitempty"`
}

// A TimelineBridge is what a source with a memory of its own says of an interval.
type TimelineBridge struct {
	Via      string          `json:"via"`
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Status   control.Status  `json:"status,omitempty"`
	Says     string          `json:"says"`
	Captured time.Time       `json:"captured"`
	Evidence control.Pointer `json:"evidence"`
}

// A TimelineSpell is a row of looks that saw an item in one state.
type TimelineSpell struct {
	Status    control.Status   `json:"status"`
	First     string           `json:"first"` // names of runs
	Last      string           `json:"last"`
	Opening   any              `json:"opening,omitempty"`
	Closing   any              `json:"closing,omitempty"` // left out, like To, where one look saw it
	Reason    string           `json:"reason,omitempty"`
	Exception string           `json:"exception,omitempty"`
	From      *control.Pointer `json:"from,omitempty"`
	To        *control.Pointer `json:"to,omitempty"`
}

// TimelineLines are the ledger as data/timeline.jsonl has it: looks, criteria,
// controls, checks, the items that did not stay the same, and listings not told.
func (b *Book) TimelineLines() []map[string]any {
	l := b.Ledger
	var out []map[string]any
	for _, k := range l.Looks {
		out = append(out, map[string]any{"kind": "look", "look": k.Run, "commit": k.Commit, "at": k.At.UTC(), "after_period": k.After})
	}
	for _, of := range []struct {
		kind  string
		lines []control.Line
	}{{"criterion", l.Criteria}, {"control", l.Controls}, {"check", l.Checks}} {
		for i := range of.lines {
			out = append(out, b.timelineLine(of.kind, &of.lines[i]))
		}
	}
	for i := range l.Checks {
		n := &l.Checks[i]
		for _, it := range n.Items {
			var spells []TimelineSpell
			for _, s := range it.Spells {
				t := TimelineSpell{s.Status, l.Looks[s.First].Run, l.Looks[s.Last].Run, s.Opening, s.Closing, s.Reason, s.Exception, nil, nil}
				if s.From.Path != "" {
					t.From = &s.From
				}
				if s.First == s.Last {
					t.Closing = nil
				} else if s.To.Path != "" {
					t.To = &s.To
				}
				spells = append(spells, t)
			}
			id := FindingID(control.Finding{Check: n.ID, Account: it.Account, Region: it.Region, Source: it.Source, Item: it.Item})
			out = append(out, map[string]any{"kind": "item", "check": n.ID, "account": it.Account, "region": it.Region, "source": it.Source, "item": it.Item, "id": id, "spells": spells})
		}
	}
	for i := range l.Unseen {
		u := &l.Unseen[i]
		type sight struct {
			Look     string `json:"look"`
			Answered bool   `json:"answered"`
			State    string `json:"state"`
			Reason   string `json:"reason,omitempty"`
		}
		var seen []sight
		for _, s := range u.Sights {
			seen = append(seen, sight{l.Looks[s.Look].Run, s.Answered, s.State, s.Reason})
		}
		out = append(out, map[string]any{"kind": "listing", "account": u.Account, "region": u.Region, "source": u.Source, "never": u.Never(), "seen": seen,
			"allowed_days": u.Allowed, "not_observed": b.timelineIntervals(u.Intervals), "checks": u.Checks})
	}
	return out
}

func (b *Book) timelineLine(kind string, n *control.Line) map[string]any {
	l := b.Ledger
	off := l.Ever(n)
	seen := []TimelineSight{}
	for _, s := range n.Sights {
		seen = append(seen, TimelineSight{l.Looks[s.Look].Run, s.Status, s.Observed, s.Counts})
	}
	m := map[string]any{"kind": kind, "name": n.ID, "seen": seen, "changes": n.Turns(), "ever_off": off.Ever, "known": off.Known, "says": off.Says,
		"not_observed": b.timelineIntervals(n.Intervals)}
	if n.Cadence != "" {
		m["cadence"] = n.Cadence
	}
	if n.Allowed > 0 {
		m["allowed_days"] = n.Allowed
	}
	if k := l.First(n); k != nil {
		m["first_seen"], m["last_seen"] = k.Run, l.Last(n).Run
	}
	if v := n.Longest(); v != nil {
		m["longest_days"] = v.Days
	}
	if len(n.Blind) > 0 {
		m["never_observed"] = n.Blind
	}
	return m
}

func (b *Book) timelineIntervals(list []control.Interval) []TimelineInterval {
	out := []TimelineInterval{}
	for _, v := range list {
		t := TimelineInterval{From: v.From.UTC(), To: v.To.UTC(), Days: v.Days, Kind: string(v.Kind), Long: v.Long}
		for _, s := range v.Silent {
			t.Silent = append(t.Silent, b.Ledger.Looks[s].Run)
		}
		for _, x := range v.Bridges {
			t.Told = append(t.Told, TimelineBridge{x.Via, x.From.UTC(), x.To.UTC(), x.Status, x.Says, x.Captured.UTC(), x.Evidence})
		}
		out = append(out, t)
	}
	return out
}
