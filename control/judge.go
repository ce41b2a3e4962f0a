package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence"
)

// judge runs one check. full asks for the values of all findings, not of failures alone.
func (r *ready) judge(w *world, exceptions []Exception, full bool) (CheckResult, error) {
	return r.judgeAfter(w, exceptions, full, nil, nil)
}

// judgeAfter is judge, which keeps what it decides, and recalls what was decided at
// the run judged before with the values of all findings. Either may be nil.
func (r *ready) judgeAfter(w *world, exceptions []Exception, full bool, last, now *decisions) (CheckResult, error) {
	res := CheckResult{Check: r.check}
	j := &judging{ready: r, w: w, full: full, res: &res, last: last, now: now}
	if now != nil {
		res.Findings = now.room
	}
	exceptions = slices.DeleteFunc(slices.Clone(exceptions), func(e Exception) bool { return e.Check != r.check.Name })
	switch {
	case r.join != nil:
		j.joined()
	case r.check.Each == "item":
		j.items()
	default:
		j.places()
	}
	j.struckOff()
	j.nowhere()
	var many map[string]int
	if len(exceptions) > 0 {
		many = places(res.Findings)
	}
	for i := range res.Findings {
		f := &res.Findings[i]
		f.Check = r.check.Name
		f.Source = cmp.Or(f.Source, r.check.Of)
		f.Evidence.Commit = cmp.Or(f.Evidence.Commit, w.Commit)
		except(f, exceptions, many[f.Item] < 2)
	}
	slices.SortStableFunc(res.Findings, byVerdict)
	res.Counts = count(res.Findings)
	if err := res.Counts.adds(); err != nil {
		return res, fmt.Errorf("evaluating %s: %w", r.check.Name, err)
	}
	res.Status = res.Counts.status()
	return res, nil
}

// byVerdict is the order of findings: what is not met first.
func byVerdict(a, b Finding) int {
	return cmp.Or(cmp.Compare(rank(a.Verdict), rank(b.Verdict)), cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Region, b.Region), cmp.Compare(a.Item, b.Item))
}

// A mending keeps the failures of the runs, each as the last run saw it that did.
type mending struct {
	at   map[[3]string]int // index in last
	last []*Finding        // nil where a later run saw it again
}

// see takes what a run said, later than all before.
func (m *mending) see(then []Finding) {
	if m.at == nil {
		m.at = map[[3]string]int{}
	}
	for _, f := range then {
		if f.Verdict != Fail {
			continue
		}
		k := [3]string{f.Account, f.Region, f.Item}
		if i, known := m.at[k]; known {
			m.last[i] = nil
		}
		m.at[k] = len(m.last)
		m.last = append(m.last, &f)
	}
}

// mended are those that the newest run does not see, by the order of the runs.
func (m *mending) mended(now []Finding) (out []Finding) {
	for _, f := range now {
		if i, known := m.at[[3]string{f.Account, f.Region, f.Item}]; known && f.Verdict == Fail {
			m.last[i] = nil
		}
	}
	for _, f := range m.last {
		if f != nil {
			out = append(out, *f)
		}
	}
	return out
}

// rank orders findings: what needs a look first.
func rank(v Verdict) int {
	return slices.Index([]Verdict{Fail, NotEvaluated, NeedsRecord, Pass, NotApplicable}, v)
}

// judging is one check at work.
type judging struct {
	*ready
	w    *world
	full bool // shows of every finding; else of failures alone
	res  *CheckResult

	last, now *decisions         // of the run judged before, nil when none was; of this
	differ    map[place][]string // which variables of with hold something else than at last

	base  map[string]any           // what every expression reads, converted once
	seen  map[place]map[string]any // with, by place
	wide  map[string]any           // with, where it is the same at every place
	reads reads                    // of with, by the decision that is being made
}

// items judges every item of every cell that was listed.
func (j *judging) items() {
	for _, source := range append([]string{j.check.Of}, j.check.Also...) {
		cells := j.w.planned(source)
		if j.nothingToJudge(source, cells) {
			continue
		}
		for _, c := range cells {
			if left(c) || c.State == evidence.NotInUse {
				j.res.Excluded = append(j.res.Excluded, c)
			}
			if !c.State.Answered() {
				j.unlisted(c)
			}
			if j.check.Over == "" {
				j.each(j.w.in(c))
			}
		}
		if j.check.Over == "period" {
			j.unseen(source)
			j.each(j.w.overPeriod(source))
		}
	}
}

func (j *judging) each(items []Located) {
	for _, it := range items {
		j.res.Findings = append(j.res.Findings, j.item(it))
	}
}

// places judges regions or accounts: the cells of a source themselves.
func (j *judging) places() {
	cells := j.w.planned(j.check.Of)
	if len(cells) == 0 {
		j.neverAsked(j.check.Of)
		return
	}
	var order []place
	groups := map[place][]evidence.Cell{}
	for _, c := range cells {
		if left(c) {
			j.res.Excluded = append(j.res.Excluded, c)
			continue
		}
		p := place{c.Account, c.Region}
		switch j.check.Each {
		case "account":
			p.region = ""
		case "organisation":
			p = place{}
		}
		if groups[p] == nil {
			order = append(order, p)
		}
		groups[p] = append(groups[p], c)
	}
	for _, p := range order {
		j.place(p, groups[p])
	}
}

// place judges one region or account. Items of cells that were not listed are one
// unknown element of the list, so that exists() may still be decided by the rest.
func (j *judging) place(p place, cells []evidence.Cell) {
	f := Finding{Account: p.account, Region: p.region, Item: cmp.Or(p.String(), "organisation")}
	items, unlisted := []any{}, []evidence.Cell(nil)
	for _, c := range cells {
		f.Evidence.Path = cmp.Or(f.Evidence.Path, c.Path)
		here := j.w.in(c)
		if j.check.Over == "period" {
			here = j.w.overPeriodIn(c)
		}
		items = append(items, askedAll(here)...)
		if !c.State.Answered() {
			unlisted = append(unlisted, c)
			items = append(items, unanswered{cellCause(c)})
		}
	}
	j.whole(&f, p, items, cells)
	if f.Verdict == NotEvaluated && len(unlisted) > 0 {
		j.res.Unanswered = append(j.res.Unanswered, unlisted...)
		var why []string
		for _, c := range unlisted {
			why = append(why, cellReason(c))
		}
		f.Reason = strings.Join(why, "; ")
	}
	j.res.Findings = append(j.res.Findings, f)
}

// left reports whether a cell is left out of the population, in a way everybody
// can see: nothing can be there, or exhibit.yaml says that it is not in scope.
func left(c evidence.Cell) bool {
	switch c.State {
	case evidence.RegionNotEnabled, evidence.ServiceNotInRegion, evidence.AccountSuspended, evidence.OutOfScope:
		return true
	}
	return false
}

// nothingToJudge reports a source nobody collected, and a register nobody filled
// in: neither may read as "nothing occurred".
func (j *judging) nothingToJudge(source string, cells []evidence.Cell) bool {
	switch {
	case len(cells) == 0:
		j.neverAsked(source)
	case j.register && j.w.holds(source) == 0 && cells[0].State.Answered():
		j.res.Findings = append(j.res.Findings, Finding{
			Region: "global", Item: source, Verdict: NeedsRecord, Value: "there is none",
			Reason: "no record answers this: there is no " + strings.TrimPrefix(strings.TrimPrefix(source, "record/"), "git/") + " at all",
		})
	default:
		return false
	}
	return true
}

// struckOff finds the entries of a register that are there no more.
func (j *judging) struckOff() {
	if !j.register || !strings.HasPrefix(j.check.Of, "record/") || j.w.holds(j.check.Of) == 0 {
		return // of a register that is empty nothingToJudge has said so
	}
	gone, run := j.w.listedBefore(j.check.Of)
	for _, it := range gone {
		f := about(it)
		f.Item = cmp.Or(recordOf(it).text("id"), it.ID)
		f.Verdict, f.Reason = NotEvaluated, "run "+run[f.Item]+" saw it in the register, which no longer lists it: an entry stays, with the day it ended"
		j.res.Findings = append(j.res.Findings, f)
	}
}

// nowhere says so where nothing was asked that could have had an item: "nothing
// occurred" is for a population somebody looked for.
func (j *judging) nowhere() {
	if len(j.res.Findings) > 0 {
		return
	}
	var why []string
	for _, source := range append([]string{j.check.Of}, j.check.Also...) {
		cells := j.w.planned(source)
		for _, c := range cells {
			if !left(c) && c.State != evidence.NotInUse {
				return
			}
			say := strings.ReplaceAll(string(c.State), "_", " ")
			if c.Reason != "" {
				say += " (" + c.Reason + ")"
			}
			if !slices.Contains(why, say) {
				why = append(why, say)
			}
		}
	}
	slices.Sort(why)
	if more := len(why) - 3; more > 0 {
		why = append(why[:3], fmt.Sprintf("%d more reasons", more))
	}
	j.res.Findings = append(j.res.Findings, Finding{
		Item: j.check.Of, Verdict: NotApplicable, Reason: "there is nowhere to look: " + strings.Join(why, "; "),
	})
}

// unseen finds the parts of the period no run tells of, where the provider
// deletes what a source lists: what happened then is not known. The regions of an
// account that have a part alike are told of together.
func (j *judging) unseen(source string) {
	type part struct{ account, when, why, commit string }
	regions := map[part][]string{}
	var parts []part
	for _, r := range j.w.reaches(source, int(written(j.params()).number("keeps", 90))) {
		for _, l := range r.Lost {
			p := part{r.Account, l.String(), l.Says(r.Retention), j.w.commitOf(l.Before)}
			if regions[p] == nil {
				parts = append(parts, p)
			}
			regions[p] = append(regions[p], r.Region)
		}
	}
	for _, p := range parts {
		c := evidence.Cell{Account: p.account, Region: regions[p][0], Source: source, State: evidence.NotAsked, Reason: p.why}
		if n := len(regions[p]); n > 1 {
			c.Region = fmt.Sprintf("%d regions", n)
			c.Reason += "; in " + strings.Join(regions[p], ", ")
		}
		j.res.Unanswered = append(j.res.Unanswered, c)
		j.res.Findings = append(j.res.Findings, Finding{
			Account: p.account, Region: c.Region, Source: source, Item: place{p.account, c.Region}.String() + ", " + p.when,
			Verdict: NotEvaluated, Reason: notAnswered(cellCause(c)) + ": " + c.Reason, Evidence: Pointer{Commit: p.commit},
		})
	}
}

func (j *judging) neverAsked(source string) {
	j.res.Findings = append(j.res.Findings, Finding{
		Source: source, Item: source, Verdict: NotEvaluated, Reason: "never asked: no run collected " + source,
	})
}

func (j *judging) unlisted(c evidence.Cell) {
	j.res.Unanswered = append(j.res.Unanswered, c)
	j.res.Findings = append(j.res.Findings, Finding{
		Account: c.Account, Region: c.Region, Source: c.Source, Item: place{c.Account, c.Region}.String(),
		Verdict: NotEvaluated, Reason: cellReason(c), Evidence: Pointer{Path: c.Path},
	})
}
