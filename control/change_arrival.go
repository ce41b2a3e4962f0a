package control

import (
	"fmt"
	"slices"
	"time"
)

// An Arrival is what came onto a branch between two tips that runs saw, held against
// what the forge lists as merged in that time.
//
// Every change of a ChangeFlow stands in exactly one Arrival, so N of all of them is
// the number of its lines, and N = ByPull + Direct + NotKnown of each.
type Arrival struct {
	// From is the tip before; its Run is "" where no run of the period saw one, and the
	// list begins with the period. To is the tip after; its Run is "" for what lies
	// behind the last tip that is still on the branch.
	From, To                                         BranchTip
	N, ByPull, Pulls, Direct, NotKnown, Bots, Undoes int
	Merged                                           int      // pull requests the forge lists as merged after From and not after To
	Differences                                      []string // what stands in one of the two lists alone, or at another time
}

// arrivals divides the lines of a flow among its tips. at are all commits of the branch
// with their places on it, those that came after the period too.
func (f *ChangeFlow) arrivals(at map[string]int64, pulls []Located) (out []Arrival) {
	lines := slices.Clone(f.Lines)
	slices.SortFunc(lines, func(a, b ChangeLine) int { return int(a.number - b.number) })
	var from BranchTip
	for _, tip := range f.Tips {
		n, on := at[tip.Commit]
		if !on {
			continue // rewritten, or not listed: what came lies in the next arrival
		}
		k := 0
		for k < len(lines) && lines[k].number <= n {
			k++
		}
		out = append(out, arrival(from, tip, lines[:k], pulls, f.Unlisted == ""))
		lines, from = lines[k:], tip
	}
	if len(lines) > 0 {
		out = append(out, arrival(from, BranchTip{}, lines, pulls, f.Unlisted == ""))
	}
	return out
}

// within reports whether a time lies after the tip before and not after the tip after.
func (a Arrival) within(t time.Time) bool {
	return t.After(a.From.At) && (a.To.Run == "" || !t.After(a.To.At))
}

func arrival(from, to BranchTip, lines []ChangeLine, pulls []Located, listed bool) Arrival {
	a := Arrival{From: from, To: to, N: len(lines)}
	say := func(format string, args ...any) { a.Differences = append(a.Differences, fmt.Sprintf(format, args...)) }
	here := map[string]bool{} // commits
	seen := map[string]bool{} // pull requests
	for _, l := range lines {
		here[l.ID] = true
		switch l.Way {
		case "pull request":
			a.ByPull++
			if !seen[l.Pull] {
				seen[l.Pull] = true
				a.Pulls++
				if !l.Merged.IsZero() && !a.within(l.Merged) {
					say("%.10s, %s: it came here, and the code host says that %s was merged on %s, which is not in this time.", l.ID, l.Subject, l.Pull, l.Merged.UTC().Format("2006-01-02 15:04"))
				}
			}
		case "direct":
			a.Direct++
			say("%.10s, %s: git lists it, and no pull request ended in it.", l.ID, l.Subject)
		default:
			a.NotKnown++
		}
		if l.Bot {
			a.Bots++
		}
		if l.Reverts {
			a.Undoes++
		}
	}
	if !listed {
		a.Differences = nil
		return a
	}
	for _, it := range pulls {
		p := written(fieldsOf(it.Answers["pullRequest"]))
		merged := p.time("mergedAt")
		if merged.IsZero() || !a.within(merged) {
			continue
		}
		a.Merged++
		if oid := written(fieldsOf(p["mergeCommit"])).text("oid"); !here[oid] && !seen[it.ID] {
			say("%s: the code host says that it was merged on %s, and git lists no commit here that it ended in.", it.ID, merged.UTC().Format("2006-01-02 15:04"))
		}
	}
	return a
}
