package control

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A ChangeFlow is what reached one production branch in the period: the commits
// git lists, held against the pull requests the forge lists.
type ChangeFlow struct {
	Repository, Branch string
	// Tips are where the branch stood at each run of the period that asked, oldest
	// first.
	Tips []BranchTip
	// Rules are those over the branch at each run of the period that asked, oldest first.
	Rules []BranchRules
	// Arrivals are the lines by the tips between which they came, oldest first.
	Arrivals []Arrival
	Lines    []ChangeLine // newest first
	// Merged is how many pull requests the forge lists as merged in the period.
	Merged int
	// Elsewhere are those of them that ended in no commit listed here.
	Elsewhere []string
	// Unlisted says why the forge's list is not known whole; "" when it is.
	Unlisted string
	// How the lines came. ByPull + Direct + NotKnown is all of them; Bots and Reverts
	// are counted among them.
	ByPull, Direct, NotKnown, Bots, Reverts int
}

// A BranchTip is where a branch stood when a run asked.
type BranchTip struct {
	Run    string
	At     time.Time
	Commit string
	// Descends is "yes" or "no" as to the tip of the run before, and "not evaluated"
	// where no run before saw the branch, or git could not tell.
	Descends string
}

// A ChangeLine is one change with what the forge knows of it.
type ChangeLine struct {
	ID        string // the commit
	Evidence  Pointer
	number    int64 // on the branch's first-parent line
	Subject   string
	Committed time.Time // as the commit claims
	Merged    time.Time // as the forge says; zero for none
	// Way is how it came: pull request, direct, not known.
	Way              string
	Pull, URL        string // its pull request; "" when there is none, or none is known
	Author, MergedBy string // accounts at the forge
	Claims           string // whom the commit itself names as its author: nobody vouches for it
	Bot, Reverts     bool
	ApprovedBy       []string // "bo on 2026-03-02T09:00:00Z"
	NotCounted       []string // approvals that do not count, and why
	Explained        string   // the record that answers for it
	Unknown          string
	// Verdicts are those of the checks over changes, by the check's name; Words say the
	// same in the words of a list: met, exception, explained, not known, does not apply.
	Verdicts map[string]Verdict
	Words    map[string]string
	// Signature is what the commit carries, in words; "none", or "" when it is not known.
	Signature string
	// PickedFrom is the commit it says it is a copy of; "" when it says none.
	PickedFrom string
	// Undoes are the changes of the list it takes back, by what its message says. Where it
	// names one that is not in the list, UndoesElse says so.
	Undoes     []string
	UndoesElse string
	UndoneBy   []string // changes of the list that take it back

	undoes written // what its message says
}

// word is what a list says of a finding on a change.
func (f Finding) word() string {
	v, _ := f.Value.(map[string]any)
	switch {
	case f.Verdict == Pass && v["explained"] != nil, f.Compensated:
		return "explained"
	case f.Verdict == Pass:
		return "met"
	case f.Verdict == Fail || f.Verdict == NeedsRecord:
		return "exception"
	case f.Verdict == NotApplicable:
		return "does not apply"
	}
	return "not evaluated"
}

// Worst is the gravest verdict of a change: fail, not evaluated, pass; not
// applicable where no check says anything.
func (l ChangeLine) Worst() Verdict {
	out := NotApplicable
	for _, v := range l.Verdicts {
		switch {
		case v == Fail || v == NeedsRecord:
			return Fail
		case v == NotEvaluated:
			out = NotEvaluated
		case v == Pass && out == NotApplicable:
			out = Pass
		}
	}
	return out
}

// changeFlows are the flows of all repositories.
func (w *world) changeFlows(checks []CheckResult) []ChangeFlow {
	in := joining{
		Of: w.listing("git/change"), With: map[string]listing{"pulls": w.listing("forge/pull-request"), "approvals": w.listing("record/change-approval"), "emergencies": w.listing("record/change-emergency")},
		Period: w.period, AsOf: w.asOf, At: w.runAt(),
	}
	flows := flowsOf(in, checks)
	at := map[string]map[string]int64{} // repository, then commit: its place on the branch
	for _, it := range in.Of.Items {
		if at[it.Region] == nil {
			at[it.Region] = map[string]int64{}
		}
		at[it.Region][it.ID] = lineNumber(it)
	}
	for i := range flows {
		f := &flows[i]
		f.Tips = w.tips(f.Repository, f.Branch)
		f.Rules = w.rulesOver(f.Repository)
		f.Arrivals = f.arrivals(at[f.Repository], in.With["pulls"].in(f.Repository))
	}
	return flows
}

// flowsOf are the flows without where the branches stood.
func flowsOf(in joining, checks []CheckResult) []ChangeFlow {
	verdicts := map[string]map[string]Verdict{} // "repository commit", then check
	words := map[string]map[string]string{}
	for _, c := range checks {
		if c.Check.Of != "git/change" {
			continue
		}
		for _, f := range c.Findings {
			k := f.Region + " " + f.Item
			if verdicts[k] == nil {
				verdicts[k], words[k] = map[string]Verdict{}, map[string]string{}
			}
			verdicts[k][c.Check.Name], words[k][c.Check.Name] = f.Verdict, f.word()
		}
	}
	end := in.Period.End.AddDate(0, 0, 1)
	flows := map[[2]string]*ChangeFlow{}
	var order [][2]string
	flow := func(repository, branch string) *ChangeFlow {
		k := [2]string{repository, branch}
		if flows[k] == nil {
			flows[k] = &ChangeFlow{Repository: repository, Branch: branch}
			order = append(order, k)
		}
		return flows[k]
	}
	ended := map[string]bool{}
	for _, c := range changesOf(in) {
		if at := c.arrived(); !at.IsZero() && !at.Before(end) {
			continue
		}
		ended[c.Region+" "+c.sha()] = true
		f := flow(c.Region, c.how.text("branch"))
		l := ChangeLine{ID: c.ID, Evidence: c.Pointer, number: lineNumber(c.Located), Subject: c.commit.text("subject"), Committed: c.how.time("committed"), Way: "direct", Unknown: c.unknown,
			Reverts: c.how["reverts"] != nil, Verdicts: verdicts[c.Region+" "+c.ID], Words: words[c.Region+" "+c.ID],
			Bot: c.byBot(), Signature: c.signature(), PickedFrom: c.how.text("picked_from"), undoes: fieldsOf(c.how["reverts"])}
		l.Explained, _ = c.explained()
		l.Claims = written(fieldsOf(c.commit["author"])).text("name")
		switch {
		case c.pull != nil:
			l.Way, l.Pull, l.URL, l.Merged = "pull request", c.pull.id, c.pull.text("url"), c.pull.time("mergedAt")
			l.Author, l.MergedBy = loginOf(c.pull.written["author"]), loginOf(c.pull.written["mergedBy"])
			o := c.approvals()
			for _, one := range o.count {
				l.ApprovedBy = append(l.ApprovedBy, one.words())
			}
			l.NotCounted, l.Unknown = append(o.but, o.open...), o.unknown
			f.ByPull++
		case c.unknown != "":
			l.Way = "not evaluated"
			f.NotKnown++
		default:
			f.Direct++
		}
		if l.Bot {
			f.Bots++
		}
		if l.Reverts {
			f.Reverts++
		}
		f.Lines = append(f.Lines, l)
	}
	for _, c := range in.Of.Cells {
		if !slices.ContainsFunc(order, func(k [2]string) bool { return k[0] == c.Region }) {
			flow(c.Region, "")
		}
	}
	var out []ChangeFlow
	for _, k := range order {
		f := flows[k]
		f.Unlisted = in.With["pulls"].of(k[0]).refused()
		for _, it := range in.With["pulls"].Items {
			p := written(fieldsOf(it.Answers["pullRequest"]))
			if it.Region != k[0] {
				continue
			}
			f.Merged++
			if oid := written(fieldsOf(p["mergeCommit"])).text("oid"); !ended[k[0]+" "+oid] {
				f.Elsewhere = append(f.Elsewhere, it.ID)
			}
		}
		f.undone()
		slices.SortStableFunc(f.Lines, func(a, b ChangeLine) int { return cmp.Compare(b.number, a.number) })
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b ChangeFlow) int {
		return cmp.Or(strings.Compare(a.Repository, b.Repository), strings.Compare(a.Branch, b.Branch))
	})
	return out
}

// tips are where a branch stood at the runs of the period that asked, the newest
// included; a run limited to other sources was not told.
func (w *world) tips(repository, branch string) (out []BranchTip) {
	for _, b := range append(slices.Clone(w.before), w) {
		at, asked := b.runAt(), true
		for _, c := range b.cells["git/ref"] {
			if c.Region == repository {
				asked = c.State.Answered() && b.askedHere(c)
				if !c.Ended.IsZero() {
					at = c.Ended
				}
			}
		}
		if !asked {
			continue
		}
		for _, it := range b.items("git/ref") {
			ref := written(fieldsOf(it.Answers["ref"]))
			if it.Region != repository || !ref.bool("production") || branch != "" && !strings.HasSuffix(it.ID, "/"+branch) {
				continue
			}
			tip := BranchTip{Run: b.Run, At: at, Commit: ref.text("commit"), Descends: "not evaluated"}
			if d, said := fieldsOf(it.Answers["descends"])["descends"].(bool); said {
				tip.Descends = map[bool]string{true: "yes", false: "no"}[d]
			}
			out = append(out, tip)
		}
	}
	return out
}

// undone leads from each change that takes another back to that other, and from there
// back. A message names a commit, or the pull request it came by.
func (f *ChangeFlow) undone() {
	for i := range f.Lines {
		l := &f.Lines[i]
		sha, n := l.undoes.text("sha"), l.undoes.number("pull_request", 0)
		if sha == "" && n == 0 {
			continue
		}
		for j := range f.Lines {
			other := &f.Lines[j]
			if i == j || other.ID != sha && (n == 0 || !strings.HasSuffix(other.Pull, "#"+itoa(n))) {
				continue
			}
			l.Undoes = append(l.Undoes, other.ID)
			other.UndoneBy = append(other.UndoneBy, l.ID)
		}
		switch {
		case len(l.Undoes) > 0:
		case sha != "":
			l.UndoesElse = sha
		default:
			l.UndoesElse = "#" + itoa(n)
		}
	}
}
