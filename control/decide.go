package control

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
			f.Reason = "outside what the check covers: " + cmp.Or(j.check.Covers, j.check.When)
		}
	}
	if f.Verdict != NotApplicable {
		f.Verdict = j.verdict(f, verdict)
	}
	if !j.full && f.Verdict != Fail {
		return
	}
	r := j.shows.eval(vars)
	switch {
	case f.Verdict != NotApplicable:
		f.Value = shown(r)
	case r.Unknown == nil && r.Problem == "":
		f.Value = answeredOf(shown(r)) // what was not asked of an item outside the check is no gap
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

// answeredOf leaves out of an object the fields that were not answered; nil when
// none is left.
func answeredOf(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for k, e := range m {
		if s, _ := e.(string); !strings.HasPrefix(s, notAnswered()) && !strings.HasPrefix(s, noSuchKey) {
			out[k] = e
		}
	}
	if len(out) == 0 {
		return nil
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
		asOf, countedTo, run := j.w.dayOf(j.check)
		j.base = map[string]any{
			"period": map[string]any{"start": j.w.period.Start, "end": j.w.period.End},
			"asof":   asOf, "counted_to": countedTo, "run": run,
			"params": j.params(), "item": nil, "items": []any{},
		}
	}
	here := j.beside(at)
	vars := make(map[string]any, len(j.base)+len(j.wide)+len(here)+3)
	for _, m := range []map[string]any{j.base, j.wide, here, of} {
		for k, v := range m {
			vars[k] = v
		}
	}
	return vars
}

// variable is one of with at a place.
func (j *judging) variable(name string, at place) any {
	if v, here := j.beside(at)[name]; here {
		return v
	}
	return j.wide[name]
}

// beside are the variables of with at a place; those that are the same at every
// place are kept in wide.
func (j *judging) beside(at place) map[string]any {
	here, known := j.seen[at]
	if known {
		return here
	}
	if j.seen == nil {
		j.seen, j.wide = map[place]map[string]any{}, map[string]any{}
	}
	here = map[string]any{}
	for _, v := range j.with {
		source := j.check.With[v]
		if strings.HasSuffix(source, everywhere) || alwaysRead(source) {
			if j.wide[v] == nil {
				j.wide[v] = prepared(j.w.with(source, at), v, &j.reads)
			}
			continue
		}
		here[v] = prepared(j.w.with(source, at), v, &j.reads)
	}
	j.seen[at] = here
	return here
}

// params are the check's, with the organisation's own limits.
func (j *judging) params() map[string]any {
	if j.check.Params == nil {
		return map[string]any{}
	}
	return j.w.own.params(j.check.Params)
}
