package trail

import (
	"time"
)

// Counts are files by outcome.
type Counts struct {
	Valid        int `json:"valid"`
	Invalid      int `json:"invalid"`
	Missing      int `json:"missing"`
	NotEvaluated int `json:"not_evaluated"`
}

func (c *Counts) add(o Outcome) {
	switch o {
	case Valid:
		c.Valid++
	case Invalid:
		c.Invalid++
	case Missing:
		c.Missing++
	default:
		c.NotEvaluated++
	}
}

func count(links []*link) (c Counts) {
	for _, l := range links {
		c.add(l.outcome)
	}
	return c
}

// An Interval is a span of time, and for one not covered why.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Why  string    `json:"why,omitempty"`
}

// A Problem is one file that is not valid, or one break of the chain.
type Problem struct {
	Kind    string `json:"kind"` // digest, log, link or listing
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Outcome string `json:"outcome"`
	Found   string `json:"found"`

	code string
}

// An End is the first or the last digest of a chain.
type End struct {
	Key   string    `json:"key"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Logs are the log files the valid digests name.
type Logs struct {
	From time.Time `json:"from"` // hashed are those of digests that end after this
	To   time.Time `json:"to"`
	Counts
	Named     int `json:"named"`      // by the valid digests of the whole time
	NotHashed int `json:"not_hashed"` // of those named: outside of what is to be hashed
	// Untold counts digests of the hashed time that are not valid: which log files
	// they named is not known.
	Untold        int       `json:"digests_not_valid"`
	Problems      []Problem `json:"problems"`
	ProblemsTotal int       `json:"problems_total"`
}

// A Report is what became of a chain.
type Report struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Counts
	// Gaps counts the intervals without a digest that nothing but the chain's own
	// beginning explains: logging or validation off, the end cut off, no digest at all.
	Gaps int `json:"gaps"`
	// Unlinked counts valid digests that the one after them passes over.
	Unlinked int `json:"unlinked"`
	// Restarts counts digests that say none came before them though one lies there.
	Restarts int `json:"restarts"`
	// Begins is when the chain began, where it began within the time; nil otherwise.
	Begins         *time.Time `json:"begins,omitempty"`
	First          *End       `json:"first,omitempty"` // valid ones; nil when there is none
	Last           *End       `json:"last,omitempty"`
	Covered        []Interval `json:"covered"`
	CoveredTotal   int        `json:"covered_total"`
	Uncovered      []Interval `json:"not_covered"`
	UncoveredTotal int        `json:"not_covered_total"`
	Backfill       Counts     `json:"backfill"`
	Problems       []Problem  `json:"problems"`
	ProblemsTotal  int        `json:"problems_total"`

	Logs Logs `json:"-"`
	// Refused counts what was not evaluated, by code and then kind: digest, log file, listing.
	Refused map[string]map[string]int `json:"-"`
	// Unlisted says why the chain's own folder could not be listed whole; nil when it
	// was. The rest of the report then says nothing.
	Unlisted *Refusal `json:"-"`
}

// most is how many intervals or problems are named; the totals count all.
const most = 100

func keep[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list[:min(len(list), most)]
}

// within are the links of the time itself, without those after it that only tell of it.
func within(links []*link, b Bounds) []*link {
	var out []*link
	for _, l := range links {
		if after(l, b) {
			continue
		}
		out = append(out, l)
	}
	return out
}

// after reports whether a digest's hour lies behind the time. Of one that was not
// read it is taken to be an hour.
func after(l *link, b Bounds) bool {
	start := l.start
	if start.IsZero() {
		start = l.end.Add(-time.Hour)
	}
	return !start.Before(b.To)
}

// problems names what is not valid. base is the folder that had to be listed.
func (r *Report) problems(base string, listings []Problem, chain, backfill []*link) {
	r.Refused = map[string]map[string]int{}
	refused := func(kind, code string) {
		if code == "" {
			return
		}
		if r.Refused[code] == nil {
			r.Refused[code] = map[string]int{}
		}
		r.Refused[code][kind]++
	}
	all := listings
	for _, l := range listings {
		if l.Key == base && r.Unlisted == nil {
			r.Unlisted = &Refusal{Code: l.code, Message: l.Found}
			continue
		}
		r.NotEvaluated++ // what the older folder holds
		refused("listing", l.code)
	}
	all = append(all, r.Problems...)
	var logs []Problem
	for _, links := range [][]*link{chain, backfill} {
		for _, l := range links {
			if l.outcome != Valid {
				all = append(all, Problem{Kind: "digest", Bucket: l.at.Bucket, Key: l.at.Key, Outcome: l.outcome.String(), Found: l.why})
				if l.outcome == NotEvaluated {
					refused("digest", l.code)
				}
				continue
			}
			for _, g := range l.logs {
				if g.outcome == Valid {
					continue
				}
				logs = append(logs, Problem{Kind: "log", Bucket: g.at.Bucket, Key: g.at.Key, Outcome: g.outcome.String(), Found: g.why})
				if g.outcome == NotEvaluated {
					refused("log file", g.code)
				}
			}
		}
	}
	r.Problems, r.ProblemsTotal = keep(all), len(all)
	r.Logs.Problems, r.Logs.ProblemsTotal = keep(logs), len(logs)
	r.CoveredTotal, r.UncoveredTotal = len(r.Covered), len(r.Uncovered)
	r.Covered, r.Uncovered = keep(r.Covered), keep(r.Uncovered)
}
