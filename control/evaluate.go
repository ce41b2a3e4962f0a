package control

import "slices"

// Evaluate judges the newest evidence with every check, and looks at the earlier
// runs of the period, oldest first, to say how each check stood then.
//
// It fills everything of a Report that follows from evidence: Criteria, Controls,
// Checks, Exceptions, Due, Documents, Records, Populations, Samples, Requests, Items,
// Cells, Commit, AsOf, and Problems. The caller adds Run, Runs, Calls, Sample and Tool.
func Evaluate(lib *Library, eng Engagement, current Evidence, earlier []Evidence) (*Report, error) {
	w := newWorld(current, eng.Period)
	w.own, w.came = eng.Own, current.Came
	for _, c := range w.came {
		if w.born.IsZero() || c.At.Before(w.born) {
			w.born = c.At
		}
	}
	w.keeps = lib.Keeps
	report := &Report{
		Engagement: eng, Commit: current.Commit, AsOf: w.asOf, Cells: w.Cells,
		Documents: current.Documents, Items: collected(w.given), Records: records(w.given),
	}
	for _, e := range earlier {
		if e.At.Before(eng.Period.Start) {
			continue
		}
		if e.Documents == nil {
			e.Documents = documentsAt(current.Documents, e.At)
		}
		b := indexed(e, eng.Period, false)
		b.own = eng.Own
		b.keeps = lib.Keeps
		b.before = w.before[:len(w.before):len(w.before)]
		w.before = append(w.before, b)
	}
	for _, k := range lib.Kinds {
		report.Kinds = append(report.Kinds, eng.Own.kind(k))
	}
	report.Sealings = sealings(lib, w, keptBy(current, earlier))
	report.FollowUps = followUps(w)
	for _, b := range w.before {
		b.reviews()
	}
	report.Reviews = w.reviews()
	report.Responses = w.responses()
	runs := append(w.before[:len(w.before):len(w.before)], w)
	then, problems, err := exceptionsThen(lib, runs)
	if err != nil {
		return nil, err
	}
	exceptions, life := then[len(then)-1], lives{}
	report.Problems = append(append(report.Problems, w.doubts()...), problems...)

	ledger, looked := newLedger(eng.Period, w)
	cadence := cadencesOf(lib, eng)
	for _, c := range lib.Checks {
		line := newClerk(c.Name)
		res, err := throughRuns(lib.ready[c.Name], runs, then, func(at *world, res *CheckResult) {
			life.see(at, res, then[slices.Index(runs, at)])
			if look := slices.Index(looked, at); look >= 0 {
				line.see(look, at, res)
			}
		})
		if err != nil {
			return nil, err
		}
		ledger.Checks = append(ledger.Checks, line.close(ledger, cadence[c.Name]))
		res.Check = eng.Own.Check(eng.Own.say(lib, res.Check))
		report.Checks = append(report.Checks, res)
	}
	for i := range exceptions {
		exceptions[i].Life = life[exceptions[i].ID]
	}
	report.Exceptions = exceptions
	report.Problems = append(report.Problems, unmatched(exceptions, report.Checks)...)
	report.Problems = append(report.Problems, unknownControls(lib, w)...)
	ledger.finish(lib, looked, cadence)
	report.Ledger = ledger
	report.Controls = controlResults(lib, eng, w, report.Checks, report.Sealings, ledger)
	report.Criteria = criterionResults(lib, eng, report.Controls)
	report.Calendar = calendar(lib, w, report)
	report.Due = due(report.Calendar, w.asOf)
	report.Changes = w.changeFlows(report.Checks)
	report.Deployments = w.deployments()
	made := newCompiling(lib, w, report.Checks)
	report.Populations = made.populations()
	report.Samples = made.samples(current.Samples, report.Populations)
	report.Sheets = w.sheets(report)
	report.Requests = made.requests(report)
	report.People = w.lives()
	report.Reaches = Reaches(lib.Keeps, eng.Period, w.observedRuns(""), w.runAt())
	report.Gone = w.gone()
	return report, nil
}

// keptBy is what each run sealed of what people wrote.
func keptBy(current Evidence, earlier []Evidence) []Kept {
	if len(current.Kept) > 0 {
		return current.Kept
	}
	var out []Kept
	for _, e := range append(earlier[:len(earlier):len(earlier)], current) {
		out = append(out, Kept{Run: e.Run, Commit: e.Commit, At: e.At, Items: e.Items})
	}
	return out
}

// throughRuns judges a check at the runs of the period, oldest first, and gives what it
// says at the newest. From run to run what did not change is not judged again.
// exceptions are those that count at each run; see is told what each run said.
func throughRuns(r *ready, runs []*world, exceptions [][]Exception, see func(*world, *CheckResult)) (res CheckResult, err error) {
	var seen []Seen
	var mending mending
	var last, now, spare *decisions
	for i, w := range runs {
		if i < len(runs)-1 && !w.period.within(w.At) {
			continue // a run after the period tells what was deleted since, and not how things stood in it
		}
		last, spare = now, last
		if len(runs) > 1 {
			now = spare.again(w, res.Findings)
		}
		if res, err = r.judgeAfter(w, exceptions[i], true, last, now); err != nil {
			return res, err
		}
		mending.see(res.Findings)
		if w.looksAt(r.check) || i == len(runs)-1 && seen == nil { // a capture leaves the rest as it was: nobody looked
			seen = append(seen, Seen{Run: w.Run, Commit: w.Commit, At: w.At, Status: res.Status, Counts: res.Counts})
		}
		see(w, &res)
	}
	res.Seen, res.Mended = seen, mending.mended(res.Findings)
	return res, nil
}
