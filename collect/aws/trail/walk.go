package trail

import (
	"fmt"
	"strings"
	"time"
)

// walk goes along the chain, oldest first, and says what of the time its valid
// digests cover. all holds the digests after the time too: they tell whether the
// last of it are there.
//
// Two digests are joined when the later names the earlier and that is valid: then
// CloudTrail itself vouches that nothing lies between. Where the digest before
// lies before the time, the later one is joined to its start.
func (v *validation) walk(all []*link) Report {
	r := Report{From: v.From, To: v.To}
	inside := within(all, v.Bounds)
	r.Counts = count(inside)
	named := map[Place]bool{}
	for _, l := range all {
		if l.outcome == Valid {
			named[l.previous] = true
		}
	}
	at, since := v.From, 0 // up to at the time is accounted for; all[since:] came after
	for i, l := range all {
		if l.outcome != Valid {
			continue
		}
		from := l.start
		switch p := v.links[l.previous]; {
		case l.previous == Place{}:
			if i > 0 && i < len(inside) {
				r.Restarts++
			}
		case p == nil:
			from = earlier(from, v.From)
		case p.outcome == Valid:
			from = earlier(from, p.end)
		}
		if i > 0 && l.previous != (Place{}) {
			if x := all[i-1]; x.outcome == Valid && !named[x.at] {
				r.Unlinked++
				r.Problems = append(r.Problems, Problem{Kind: "link", Bucket: x.at.Bucket, Key: x.at.Key, Outcome: Invalid.String(), Found: clip("the digest after it names another as the one before: " + l.previous.Key)})
			}
		}
		if at.Before(from) {
			v.hole(&r, at, earlier(from, v.To), all[since:i], l, i == 0)
		}
		r.cover(later(at, from), earlier(l.end, v.To))
		at, since = later(at, l.end), i+1
		if i < len(inside) {
			e := End{l.at.Key, l.start, l.end}
			if r.First == nil {
				r.First = &e
			}
			r.Last = &e
		}
	}
	v.hole(&r, at, v.To, within(all[since:], v.Bounds), nil, len(all) == 0)
	return r
}

// hole names an interval no valid digest covers. between are the digests there
// that are not valid, next the valid one behind it, if any; alone says that there
// is no other digest before it.
func (v *validation) hole(r *Report, from, to time.Time, between []*link, next *link, alone bool) {
	if !from.Before(to) {
		return
	}
	why := ""
	switch n := count(between); {
	case len(between) > 0:
		var parts []string
		for _, p := range []struct {
			n    int
			what string
		}{{n.Missing, "missing"}, {n.Invalid, "invalid"}, {n.NotEvaluated, "not evaluated"}} {
			if p.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
			}
		}
		why = "digests here: " + strings.Join(parts, ", ")
	case next != nil && next.previous == Place{} && alone:
		why = "the chain begins after it"
		begins := next.start
		r.Begins = &begins
	case next != nil && next.previous != Place{}:
		r.Gaps++
		why = "no digest here"
	case next != nil:
		r.Gaps++
		why = "no digest here, and the one after it says that none came before: logging or validation was off"
	case alone:
		r.Gaps++
		why = "no digest was found"
	default:
		r.Gaps++
		why = "no later digest was found"
	}
	r.Uncovered = append(r.Uncovered, Interval{from, to, why})
}

// cover adds to what valid digests cover.
func (r *Report) cover(from, to time.Time) {
	if !from.Before(to) {
		return
	}
	if n := len(r.Covered); n > 0 && !r.Covered[n-1].To.Before(from) {
		r.Covered[n-1].To = to
		return
	}
	r.Covered = append(r.Covered, Interval{From: from, To: to})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
