package control

import "slices"

// Evaluate judges the newest evidence with every check, and looks at the earlier
// runs of the period, oldest first, to say how each check stood then.
//
// It fills everything of a Report that follows from evidence: Criteria, Controls,
// Checks, Exceptions, Due, Documents, Records, Populations, Items, Cells, Commit,
// AsOf, and Problems. The caller adds Run, Runs, Calls, Sample and Tool.
func Evaluate(lib *Library, eng Engagement, current Evidence, earlier []Evidence) (*Report, error) {
	w := newWorld(current, eng.Period)
	w.own = eng.Own
	w.keeps = lib.Keeps
	report := &Report{
		Engagement: eng, Commit: current.Commit, AsOf: w.asOf, Cells: w.Cells,
		Documents: current.Documents, Items: collected(w.Items), Records: records(w.Items),
	}
	for _, e := range earlier {
		if e.At.Before(eng.Period.Start) {
			continue
		}
		if e.Documents == nil {
			e.Documents = documentsAt(current.Documents, e.At)
		}
		b := newWorld(e, eng.Period)
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
	exceptions, problems := readExceptions(lib, w)
	report.Exceptions = exceptions
	report.Problems = append(append(report.Problems, w.doubts()...), problems...)

	ledger, looked := newLedger(eng.Period, w)
	cadence := cadencesOf(lib, eng)
	for _, c := range lib.Checks {
		line := newClerk(c.Name)
		res, err := lib.ready[c.Name].judge(w, exceptionsAt(exceptions, w), true)
		if err != nil {
			return nil, err
		}
		for _, e := range append(w.before[:len(w.before):len(w.before)], w) {
			then := res
			if e != w {
				if !eng.Period.within(e.At) {
					continue // a run after the period tells what was deleted since, and not how things stood in it
				}
				if then, err = lib.ready[c.Name].judge(e, exceptionsAt(exceptions, e), true); err != nil {
					return nil, err
				}
				res.mend(then)
			}
			res.Seen = append(res.Seen, Seen{Run: e.Run, Commit: e.Commit, At: e.At, Status: then.Status, Counts: then.Counts})
			if look := slices.Index(looked, e); look >= 0 {
				line.see(look, e, &then)
			}
		}
		ledger.Checks = append(ledger.Checks, line.close(ledger, cadence[c.Name]))
		res.Check = eng.Own.say(lib, res.Check)
		report.Checks = append(report.Checks, res)
	}
	report.Problems = append(report.Problems, unmatched(exceptions, report.Checks)...)
	ledger.finish(lib, looked, cadence)
	report.Ledger = ledger
	report.Controls = controlResults(lib, eng, w, report.Checks, report.Sealings, ledger)
	report.Criteria = criterionResults(lib, eng, report.Controls)
	report.Due = due(lib, w, exceptions)
	report.Populations = populations(w)
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
