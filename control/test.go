package control

import (
	"fmt"
	"slices"
	"time"

	"exhibit/evidence"
)

// An ExampleResult is what became of one example of a check.
type ExampleResult struct {
	Check  string
	Group  string // pass, fail, unknown or not_applicable
	Number int    // from 1, within the group
	Got    Verdict
	OK     bool
	// Says explains a result that is not OK: the finding's reason or value.
	Says string
}

// Examples are judged as if collected at exampleAt, in a period of that year.
const (
	exampleAccount = "111122223333"
	otherAccount   = "444455556666" // where further items of the population's own source lie
	exampleRegion  = "eu-west-1"
)

func exampleAt() time.Time { return time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC) }

func examplePeriod() Period {
	return Period{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}
}

// Test runs the examples of every check, in the library's order.
func (l *Library) Test() []ExampleResult {
	var out []ExampleResult
	for _, c := range l.Checks {
		r := l.ready[c.Name]
		for _, g := range []struct {
			name     string
			examples []Example
			want     []Verdict
		}{
			{"pass", c.Examples.Pass, []Verdict{Pass}},
			{"fail", c.Examples.Fail, []Verdict{Fail, NeedsRecord}},
			{"unknown", c.Examples.Unknown, []Verdict{NotEvaluated}},
			{"not_applicable", c.Examples.NotApplicable, []Verdict{NotApplicable, ""}},
		} {
			for i, e := range g.examples {
				res := ExampleResult{Check: c.Name, Group: g.name, Number: i + 1}
				res.Got, res.Says = r.example(e)
				res.OK = slices.Contains(g.want, res.Got)
				out = append(out, res)
			}
		}
	}
	return out
}

// examplesGiven refuses a check without examples: they are its tests.
func (r *ready) examplesGiven() []error {
	var errs []error
	e := r.check.Examples
	for _, g := range []struct {
		name string
		n    int
	}{{"pass", len(e.Pass)}, {"fail", len(e.Fail)}, {"unknown", len(e.Unknown)}, {"not_applicable", len(e.NotApplicable)}} {
		if g.n == 0 && (g.name != "not_applicable" || r.check.When != "") {
			errs = append(errs, fmt.Errorf("%s: check %q: examples: at least one %s case must be given", r.check.File, r.check.Name, g.name))
		}
	}
	for _, list := range [][]Example{e.Pass, e.Fail, e.Unknown, e.NotApplicable} {
		for _, x := range list {
			names := append(slices.Clone(r.with), "items")
			for _, v := range append(sortedKeys(x.With), x.Unanswered...) {
				if !slices.Contains(names, v) {
					errs = append(errs, fmt.Errorf("%s: check %q: examples: %q is not a variable of the check; there are %v", r.check.File, r.check.Name, v, names))
				}
			}
		}
	}
	return errs
}

// example judges one example and returns the worst verdict it gave; "" for none.
func (r *ready) example(e Example) (Verdict, string) {
	ev := Evidence{Run: "example", Commit: "example", At: exampleAt(), Items: map[string][]Located{}}
	items := e.Items
	if e.Item != nil {
		items = append(items, e.Item)
	}
	ev.put(exampleAccount, r.check.Of, items, slices.Contains(e.Unanswered, "items"))
	for _, also := range r.check.Also {
		ev.put(exampleAccount, also, nil, false)
	}
	for _, v := range r.with {
		source := sourceOf(r.check.With[v])
		account := exampleAccount
		if source == r.check.Of {
			account = otherAccount
		}
		ev.put(account, source, e.With[v], slices.Contains(e.Unanswered, v))
	}
	w := newWorld(ev, examplePeriod())
	w.toldWhole = true
	w.own.Pipeline.Identities = []string{"arn:aws:iam::444455556666:role/deploy"}
	res, err := r.judge(w, nil, true)
	if err != nil {
		return "", err.Error()
	}
	for _, v := range []Verdict{Fail, NotEvaluated, NeedsRecord, Pass, NotApplicable} {
		for _, f := range res.Findings {
			if f.Verdict == v && f.Account != otherAccount {
				return v, fmt.Sprintf("%s %v", f.Reason, f.Value)
			}
		}
	}
	return "", "no finding"
}

// put adds items of a source in an account, as a whole or refused listing. An
// item may give its own id beside its answers.
func (ev *Evidence) put(account, source string, items []map[string]any, refused bool) {
	c := evidence.Cell{Account: account, Region: exampleRegion, Source: source, State: evidence.Collected}
	if alwaysRead(source) {
		c.Account, c.Region = "", "global"
	}
	if len(items) == 0 {
		c.State = evidence.Empty
	}
	if refused {
		c.State = evidence.DeniedIdentity
	}
	ev.Cells = append(ev.Cells, c)
	for i, m := range items {
		it := Located{Account: c.Account, Region: c.Region, Source: source}
		it.ID, it.Answers = fmt.Sprintf("example-%d", i+1), map[string]any{}
		for k, v := range m {
			switch s, _ := v.(string); {
			case k == "id":
				it.ID = s
			case s == gapText:
				it.Gaps = append(it.Gaps, evidence.Gap{Question: k, Code: "AccessDeniedException"})
			default:
				it.Answers[k] = marked(v)
			}
		}
		slices.SortFunc(it.Gaps, func(a, b evidence.Gap) int { return len(a.Question) - len(b.Question) })
		ev.Items[source] = append(ev.Items[source], it)
	}
}
