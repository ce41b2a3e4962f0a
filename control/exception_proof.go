package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An ExceptionProof is what shows that a compensating control operates: a check that passes,
// or records that are kept.
type ExceptionProof struct {
	Check string   // passes wholly, or for Items; "" for a proof by records
	Items []string // as the check's findings name them; empty for all
	// Record is a kind of record. One that comes in a rhythm must be there for every
	// month, quarter or year that began in the exception's life and is over, with its days
	// of grace; of another kind at least one must be dated in its life.
	Record string
	IDs    []string  // of records that must be there; then nothing else is asked
	Since  time.Time // first day it counts from; the day of the approval when earlier or not given
}

// A ProofSeen is a proof at one run.
type ProofSeen struct {
	ExceptionProof
	Holds bool
	Says  string // what was seen, or what is missing
}

// An ExceptionRun is an exception at one run of the period, judged with what was
// written down then.
type ExceptionRun struct {
	Run, Commit string
	At          time.Time
	Void        string // why it counted for nothing; "" when it counted
	Proofs      []ProofSeen
	// Failing are the findings it covers that fail at the run, Items those it names
	// that the check has a finding about.
	Failing, Items int
}

// proofsOf reads the proofs of an exception.
func proofsOf(r written) []ExceptionProof {
	list, _ := r["proof"].([]any)
	var out []ExceptionProof
	for _, e := range list {
		p := written(fieldsOf(e))
		out = append(out, ExceptionProof{Check: p.text("check"), Items: p.texts("items"), Record: p.text("record"), IDs: p.texts("ids"), Since: p.day("since")})
	}
	return out
}

// unsound says what about an exception's proofs can never hold, for whoever wrote them.
func (e Exception) unsound(lib *Library) []string {
	var out []string
	say := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("%s: exception %q: ", e.Path, e.ID)+fmt.Sprintf(format, args...))
	}
	for _, p := range e.Proof {
		_, known := lib.Check(p.Check)
		kind, there := lib.kind(p.Record)
		switch {
		case (p.Check == "") == (p.Record == ""):
			say("a proof names either a check or a kind of record")
		case p.Check != "" && !known:
			say("its proof names a check %q that does not exist%s", p.Check, nearest(p.Check, lib.checkNames()))
		case p.Check == e.Check && len(p.Items) == 0, p.Check == e.Check && slices.ContainsFunc(p.Items, func(i string) bool { return slices.Contains(e.Items, i) }):
			say("its proof is the check it deviates from, which cannot show that something else was done")
		case p.Check == "" && !there:
			var kinds []string
			for _, k := range lib.Kinds {
				kinds = append(kinds, k.Kind)
			}
			say("its proof names a kind of record %q that does not exist%s", p.Record, nearest(p.Record, kinds))
		case p.Check == "" && kind.DatedBy == "":
			say("its proof names the register %q, whose entries have no day: it cannot show that something was done", p.Record)
		}
	}
	return out
}

// prove looks at the proofs at a run, and voids an exception that was still good
// when one of them does not hold. result judges a check at that run.
func (e *Exception) prove(lib *Library, w *world, result func(check string) (*CheckResult, error)) error {
	var missing []string
	for _, p := range e.Proof {
		s := ProofSeen{ExceptionProof: p}
		switch {
		case p.Check != "" && p.Record == "":
			res, err := result(p.Check)
			if err != nil {
				return err
			}
			s.Holds, s.Says = p.byCheck(e, res)
		case p.Record != "" && p.Check == "":
			s.Holds, s.Says = p.byRecords(e, lib, w)
		default:
			s.Says = "it names neither a check nor a kind of record, or both"
		}
		e.Proofs = append(e.Proofs, s)
		if !s.Holds {
			missing = append(missing, s.Says)
		}
	}
	switch {
	case e.Void != "":
	case len(e.Proof) == 0:
		e.Void = "no proof is named that the compensating control operates"
	case len(missing) > 0:
		e.Void = "the compensating control is not shown to have operated: " + strings.Join(missing, "; ")
	}
	return nil
}

// byCheck asks that a check passes. What it does not evaluate, or has nothing to
// say about, shows nothing.
func (p ExceptionProof) byCheck(e *Exception, res *CheckResult) (bool, string) {
	switch {
	case res == nil:
		return false, p.Check + " does not exist"
	case p.Check == e.Check && len(p.Items) == 0:
		return false, p.Check + " is the check it deviates from"
	}
	if len(p.Items) == 0 {
		n := res.Counts
		switch {
		case n.Failed > 0:
			return false, fmt.Sprintf("%s fails on %s", p.Check, plural(n.Failed, "item"))
		case n.NotEvaluated > 0:
			return false, fmt.Sprintf("%s is not evaluated in part: %s", p.Check, firstReason(res.Findings, NotEvaluated))
		case n.NeedsRecord > 0:
			return false, fmt.Sprintf("%s needs %s", p.Check, plural(n.NeedsRecord, "record"))
		case n.Passed == 0:
			return false, p.Check + " had nothing to test"
		}
		return true, fmt.Sprintf("%s passes on %s", p.Check, plural(n.Passed, "item"))
	}
	many := places(res.Findings)
	for _, item := range p.Items {
		if p.Check == e.Check && slices.Contains(e.Items, item) {
			return false, p.Check + " on " + item + " is what it deviates from"
		}
		var about []Finding
		for _, f := range res.Findings {
			if slices.Contains(f.names(many[f.Item] < 2), item) {
				about = append(about, f)
			}
		}
		if len(about) == 0 {
			return false, p.Check + " has no finding about " + item
		}
		for _, f := range about {
			if f.Verdict != Pass {
				said := p.Check + " on " + item + ": " + strings.ReplaceAll(string(f.Verdict), "_", " ")
				if f.Reason != "" && f.Verdict != Fail {
					said += " (" + f.Reason + ")"
				}
				return false, said
			}
		}
	}
	return true, fmt.Sprintf("%s passes on %s", p.Check, strings.Join(p.Items, ", "))
}

func firstReason(list []Finding, v Verdict) string {
	for _, f := range list {
		if f.Verdict == v {
			return f.Reason
		}
	}
	return ""
}

// byRecords asks that records were kept in the exception's life, as the run knows them.
func (p ExceptionProof) byRecords(e *Exception, lib *Library, w *world) (bool, string) {
	k := w.kind(lib, p.Record)
	since, until := e.ApprovedOn, w.asOf.UTC().Truncate(24*time.Hour)
	if p.Since.After(since) {
		since = p.Since
	}
	if !e.Expires.IsZero() && e.Expires.Before(until) {
		until = e.Expires
	}
	switch {
	case k.Kind == "" || k.DatedBy == "":
		return false, p.Record + " is no kind of record with a day"
	case w.Unread[p.Record] != "":
		return false, w.Unread[p.Record]
	case since.IsZero():
		return false, "it was not approved, so nothing counts yet"
	}
	var items []Located // dated in its life
	for _, it := range w.items("record/" + p.Record) {
		if on := recordOf(it).day(k.DatedBy); !on.IsZero() && !on.Before(since) && !on.After(until) && !w.future(on) {
			items = append(items, it)
		}
	}
	if len(p.IDs) > 0 {
		for _, id := range p.IDs {
			if !slices.ContainsFunc(items, func(it Located) bool { return it.ID == id }) {
				return false, fmt.Sprintf("no %s %s is dated from %s to %s", p.Record, id, day(since), day(until))
			}
		}
		return true, fmt.Sprintf("%s %s", p.Record, strings.Join(p.IDs, ", "))
	}
	months := cadenceMonths[k.Cadence]
	if months == 0 && k.Cadence == "annual" {
		months = 12
	}
	if months == 0 {
		if len(items) == 0 {
			return false, fmt.Sprintf("no %s is dated from %s to %s", p.Record, day(since), day(until))
		}
		return true, fmt.Sprintf("%s dated from %s to %s", plural(len(items), p.Record), day(since), day(until))
	}
	over := slices.DeleteFunc(spans(Period{since, until}, until.AddDate(0, 0, 1), months), func(s span) bool { return s.start.Before(since) })
	var due []span
	var missing []string
	for i, it := range covered(items, k, over) {
		if !until.After(over[i].end.AddDate(0, 0, graceDays)) {
			continue // one may still be dated
		}
		due = append(due, over[i])
		if it == nil {
			missing = append(missing, over[i].name(months))
		}
	}
	switch {
	case len(missing) > 0:
		return false, fmt.Sprintf("no %s for %s", p.Record, strings.Join(missing, ", "))
	case len(due) == 0:
		return true, fmt.Sprintf("no %s is due yet since %s", p.Record, day(since))
	}
	return true, fmt.Sprintf("%s: %s due since %s, each held", p.Record, plural(len(due), map[int]string{1: "month", 3: "quarter", 6: "half year", 12: "year"}[months]), day(since))
}

// exceptionsThen are the exceptions that stood in the repository at each run, with
// what was true of them then: one written later compensates nothing before.
func exceptionsThen(lib *Library, runs []*world) ([][]Exception, []string, error) {
	out := make([][]Exception, len(runs))
	var problems []string
	for i, b := range runs {
		list, said := readExceptions(lib, b)
		judged := map[string]*CheckResult{}
		result := func(check string) (*CheckResult, error) {
			r := lib.ready[check]
			if res, have := judged[check]; have || r == nil {
				return res, nil
			}
			res, err := r.judge(b, nil, false)
			judged[check] = &res
			return &res, err
		}
		for k := range list {
			if err := list[k].prove(lib, b, result); err != nil {
				return nil, nil, err
			}
			if i == len(runs)-1 {
				said = append(said, list[k].unsound(lib)...)
			}
		}
		out[i], problems = list, said
	}
	return out, problems, nil
}

// lives gathers what exceptions covered, run by run.
type lives map[string][]ExceptionRun

// see counts what a check's findings at one run have to do with exceptions.
func (l lives) see(w *world, res *CheckResult, then []Exception) {
	for _, e := range then {
		if e.Check != res.Check.Name {
			continue
		}
		r := ExceptionRun{Run: w.Run, Commit: w.Commit, At: w.At, Void: e.Void, Proofs: e.Proofs}
		many := places(res.Findings)
		for _, f := range res.Findings {
			if slices.ContainsFunc(f.names(many[f.Item] < 2), func(n string) bool { return slices.Contains(e.Items, n) }) {
				if r.Items++; f.Verdict == Fail {
					r.Failing++
				}
			}
		}
		l[e.ID] = append(l[e.ID], r)
	}
}
