package control

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"exhibit/evidence"
)

// Evaluate judges the newest evidence with every check, and looks at the earlier
// runs of the period, oldest first, to say how each check stood then.
//
// It fills everything of a Report that follows from evidence: Criteria, Controls,
// Checks, Exceptions, Due, Documents, Records, Populations, Items, Cells, Commit,
// AsOf, and Problems. The caller adds Run, Runs, Calls, Sample and Tool.
func Evaluate(lib *Library, eng Engagement, current Evidence, earlier []Evidence) (*Report, error) {
	w := newWorld(current, eng.Period)
	report := &Report{
		Engagement: eng, Commit: current.Commit, AsOf: w.asOf, Cells: w.Cells,
		Documents: current.Documents, Items: collected(w.Items), Records: records(w.Items),
	}
	for _, e := range earlier {
		if e.Documents == nil {
			e.Documents = documentsAt(current.Documents, e.At)
		}
		b := newWorld(e, eng.Period)
		b.before = w.before[:len(w.before):len(w.before)]
		w.before = append(w.before, b)
	}
	exceptions, problems := readExceptions(lib, w)
	report.Exceptions = exceptions
	report.Problems = append(report.Problems, problems...)

	for _, c := range lib.Checks {
		res, err := lib.ready[c.Name].judge(w, exceptionsAt(exceptions, w), true)
		if err != nil {
			return nil, err
		}
		for _, e := range append(w.before[:len(w.before):len(w.before)], w) {
			then := res
			if e != w {
				if then, err = lib.ready[c.Name].judge(e, exceptionsAt(exceptions, e), false); err != nil {
					return nil, err
				}
			}
			res.Seen = append(res.Seen, Seen{Run: e.Run, Commit: e.Commit, At: e.At, Status: then.Status, Counts: then.Counts})
		}
		report.Checks = append(report.Checks, res)
	}
	report.Problems = append(report.Problems, unmatched(exceptions, report.Checks)...)
	report.Controls = controlResults(lib, w, report.Checks)
	report.Criteria = criterionResults(lib, eng, report.Controls)
	report.Due = due(lib, w, exceptions)
	report.Populations = populations(w)
	return report, nil
}

// judge runs one check. full asks for the values passes showed too.
func (r *ready) judge(w *world, exceptions []Exception, full bool) (CheckResult, error) {
	res := CheckResult{Check: r.check}
	j := &judging{ready: r, w: w, full: full, res: &res}
	switch {
	case r.join != nil:
		j.joined()
	case r.check.Each == "item":
		j.items()
	default:
		j.places()
	}
	for i := range res.Findings {
		f := &res.Findings[i]
		f.Check = r.check.Name
		f.Source = cmp.Or(f.Source, r.check.Of)
		f.Evidence.Commit = cmp.Or(f.Evidence.Commit, w.Commit)
		except(f, exceptions)
	}
	slices.SortStableFunc(res.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank(a.Verdict), rank(b.Verdict)), cmp.Compare(a.Account, b.Account),
			cmp.Compare(a.Region, b.Region), cmp.Compare(a.Item, b.Item))
	})
	res.Counts = count(res.Findings)
	if err := res.Counts.adds(); err != nil {
		return res, fmt.Errorf("evaluating %s: %w", r.check.Name, err)
	}
	res.Status = res.Counts.status()
	return res, nil
}

// rank orders findings: what needs a look first.
func rank(v Verdict) int {
	return slices.Index([]Verdict{Fail, NotEvaluated, NeedsRecord, Pass, NotApplicable}, v)
}

// judging is one check at work.
type judging struct {
	*ready
	w    *world
	full bool
	res  *CheckResult

	base map[string]any           // what every expression reads, converted once
	seen map[place]map[string]any // with, by place
}

// items judges every item of every cell that was listed.
func (j *judging) items() {
	for _, source := range append([]string{j.check.Of}, j.check.Also...) {
		cells := j.w.planned(source)
		if j.nothingToJudge(source, cells) {
			continue
		}
		for _, c := range cells {
			if left(c) {
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
			j.each(j.w.overPeriod(source))
		}
	}
}

func (j *judging) each(items []Located) {
	for _, it := range items {
		f := about(it)
		j.decide(&f, map[string]any{"item": asked(it)}, place{it.Account, it.Region})
		j.res.Findings = append(j.res.Findings, f)
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
		items = append(items, askedAll(j.w.in(c))...)
		if !c.State.Answered() {
			unlisted = append(unlisted, c)
			items = append(items, unanswered{cellCause(c)})
		}
	}
	j.decide(&f, map[string]any{"items": items}, place{p.account, cmp.Or(p.region, "global")})
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
	case j.register && len(j.w.Items[source]) == 0 && cells[0].State.Answered():
		j.res.Findings = append(j.res.Findings, Finding{
			Region: "global", Item: source, Verdict: NeedsRecord, Value: "there is none",
			Reason: "no record answers this: there is no " + strings.TrimPrefix(strings.TrimPrefix(source, "record/"), "git/") + " at all",
		})
	default:
		return false
	}
	return true
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

// decide evaluates when, pass and shows for one finding.
func (j *judging) decide(f *Finding, of map[string]any, at place) {
	vars := j.vars(at, of)
	vars["account"], vars["region"] = f.Account, f.Region
	verdict := func(p *program) (bool, bool) {
		r := p.eval(vars)
		b, ok := r.Value.(bool)
		switch {
		case r.Problem != "":
			f.Reason = r.Problem
		case r.Unknown != nil:
			f.Reason = notAnswered(r.Unknown...)
		case !ok:
			f.Reason = fmt.Sprintf("the check gave %v, neither true nor false", r.Value)
		}
		return b, ok && f.Reason == ""
	}
	f.Verdict = NotEvaluated
	if j.when != nil {
		applies, known := verdict(j.when)
		if !known {
			return
		}
		if !applies {
			f.Verdict = NotApplicable
			f.Reason = "outside what the check is about: " + j.check.When
		}
	}
	if f.Verdict != NotApplicable {
		f.Verdict = j.verdict(f, verdict)
	}
	if !j.full {
		return
	}
	if r := j.shows.eval(vars); f.Verdict != NotApplicable || r.Unknown == nil && r.Problem == "" {
		f.Value = shown(r)
	}
}

// verdict asks needs and pass of an item the check applies to.
func (j *judging) verdict(f *Finding, ask func(*program) (value, known bool)) Verdict {
	if j.needs != nil {
		there, known := ask(j.needs)
		switch {
		case !known:
			return NotEvaluated
		case !there:
			f.Reason = "no record answers this: " + strings.Join(j.recordKinds(), " or ")
			return NeedsRecord
		}
	}
	passes, known := ask(j.pass)
	switch {
	case known && passes:
		return Pass
	case known:
		return Fail
	}
	return NotEvaluated
}

// recordKinds are the kinds of records that could answer a check: those it reads
// beside its population, and its population itself where that is one.
func (r *ready) recordKinds() []string {
	sources := slices.Sorted(maps.Values(r.check.With))
	if r.check.Each != "item" {
		sources = append([]string{r.check.Of}, sources...)
	}
	var out []string
	for _, source := range sources {
		if kind, ok := strings.CutPrefix(source, "record/"); ok && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
}

func shown(r result) any {
	switch {
	case r.Problem != "":
		return r.Problem
	case r.Unknown != nil:
		return notAnswered(r.Unknown...)
	case r.Value == nil:
		return "there is none"
	}
	return showing(r.Value)
}

// vars returns what an expression reads at a place, with of on top.
func (j *judging) vars(at place, of map[string]any) map[string]any {
	if j.base == nil {
		j.base = map[string]any{
			"period": map[string]any{"start": j.w.period.Start, "end": j.w.period.End},
			"asof":   j.w.asOf, "counted_to": j.w.countedTo,
			"params": j.params(), "item": nil, "items": []any{},
		}
		j.seen = map[place]map[string]any{}
	}
	here := j.seen[at]
	if here == nil {
		here = map[string]any{}
		for _, v := range j.with {
			here[v] = prepared(j.w.with(j.check.With[v], at))
		}
		j.seen[at] = here
	}
	vars := make(map[string]any, len(j.base)+len(here)+3)
	for _, m := range []map[string]any{j.base, here, of} {
		for k, v := range m {
			vars[k] = v
		}
	}
	return vars
}

func (r *ready) params() map[string]any {
	if r.check.Params == nil {
		return map[string]any{}
	}
	return r.check.Params
}
