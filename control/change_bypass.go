package control

import (
	"fmt"
	"time"
)

// A bypass is a push to the branch that the forge says was let past its rules.
type bypass struct {
	suite  written
	id     string
	rules  []string // that it went around
	region string
}

// bypasses are those all runs of the period were told of, and the times they asked about.
type bypasses struct {
	list  []bypass
	asked map[string][]span // by repository
	why   map[string]string // by repository: why nothing was told; "" when something was
}

// bypassesOf gathers them: the forge forgets within a month.
func bypassesOf(in joining) *bypasses {
	b := &bypasses{asked: map[string][]span{}, why: map[string]string{}}
	seen := map[string]bool{}
	for _, l := range in.everyRun("bypasses") {
		for _, c := range l.Cells {
			b.why[c.Region] = l.of(c.Region).refused()
		}
		for _, it := range l.Items {
			if asked := written(fieldsOf(it.Answers["asked"])); len(asked) > 0 {
				b.asked[it.Region] = append(b.asked[it.Region], span{asked.time("from"), asked.time("until")})
				continue
			}
			if seen[it.Region+" "+it.ID] {
				continue
			}
			seen[it.Region+" "+it.ID] = true
			one := bypass{fieldsOf(it.Answers["ruleSuite"]), it.ID, nil, it.Region}
			rules, _ := it.Answers["ruleEvaluations"].([]any)
			for _, e := range rules {
				if r := written(fieldsOf(e)); r.text("result") == "fail" {
					one.rules = append(one.rules, r.text("rule_type"))
				}
			}
			b.list = append(b.list, one)
		}
	}
	return b
}

// covers reports whether some run asked about a time.
func (b *bypasses) covers(repository string, t time.Time) bool {
	for _, s := range b.asked[repository] {
		if !s.start.IsZero() && !t.Before(s.start) && !t.After(s.end) {
			return true
		}
	}
	return false
}

// changesNotBypassed: one finding for each change, on whether it was pushed past the
// rules of the branch. It reads what changesReviewed reads, and bypasses
// (forge/rule-suite) over the runs of the period.
func changesNotBypassed(in joining) []Finding {
	b := bypassesOf(in)
	number := map[string]int64{}
	for _, it := range in.Of.Items {
		number[it.Region+" "+it.ID] = lineNumber(it)
	}
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		for _, one := range b.list {
			if one.region != c.Region || !one.brought(c, number) {
				continue
			}
			f.Verdict = Fail
			value["bypass"], value["by"], value["pushed"], value["rules"] = one.id, one.suite.text("actor_name"), one.suite.text("pushed_at"), anys(one.rules)
			c.answered(f, value)
			return
		}
		switch at := c.arrived(); {
		case at.IsZero():
			f.Verdict, f.Reason = NotEvaluated, notAnswered("when "+c.ID+" came")
		case b.covers(c.Region, at):
			f.Verdict, value["bypass"] = Pass, "none"
		case b.why[c.Region] != "" || len(b.asked[c.Region]) == 0:
			f.Verdict, f.Reason = NotEvaluated, b.why[c.Region]
			if f.Reason == "" {
				f.Reason = notAnswered("forge/rule-suite (never asked)")
			}
		default:
			f.Verdict, f.Reason = NotEvaluated, notAnswered(fmt.Sprintf("pushes past the rules on %s: the code host tells of the last month, and no run asked in time", day(at)))
		}
	})
}

// brought reports whether a push brought a change: it is the commit pushed, or lies on
// the branch between what stood there before and that.
func (b bypass) brought(c change, number map[string]int64) bool {
	after := b.suite.text("after_sha")
	if after == c.sha() {
		return true
	}
	from, to, n := number[c.Region+" "+b.suite.text("before_sha")], number[c.Region+" "+after], lineNumber(c.Located)
	return from > 0 && to > 0 && n > from && n <= to
}
