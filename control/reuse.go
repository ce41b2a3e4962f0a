package control

import (
	"cmp"
	"slices"
	"strings"

	"exhibit/evidence"
)

// Decisions are what a check said at one run, for the run judged next. What it says
// of an item is a function of the item, of its place, of what the variables of with
// hold there, and of the day where an expression reads it (Check.Params and the
// period are the same for all runs). Where none of these differs it says the same
// again, and is not asked.
//
// What a finding adds to that is made anew at each run: where the evidence lies,
// exceptions and the cells that were not answered.
type decisions struct {
	at     *world
	items  map[subject]decision
	places map[place]placed
	room   []Finding // for the findings of the run; of no length
}

// placed is the decision for a place, and the cells it was made from.
type placed struct {
	decision
	cells []evidence.Cell
}

// A subject is an item in its place.
type subject struct {
	item *evidence.Item
	place
	source string
}

// A decision is what the expressions of a check gave.
type decision struct {
	verdict Verdict
	value   any
	reason  string
	read    *reads // of the variables of with; nil where there are none
}

// fresh is what was just decided of a finding.
func (j *judging) fresh(f Finding, at place) decision {
	d := decision{f.Verdict, f.Value, f.Reason, nil}
	if len(j.with) == 0 {
		return d
	}
	for _, v := range j.with {
		if _, list := j.variable(v, at).(*population); !list { // it was not answered
			j.reads.readWhole(v)
		}
	}
	read := j.reads
	d.read = &read
	return d
}

func newDecisions(at *world) *decisions {
	return &decisions{at: at, items: map[subject]decision{}, places: map[place]placed{}}
}

// again makes room for another run, with what decisions took that nobody needs any
// more, and with its findings.
func (d *decisions) again(at *world, findings []Finding) *decisions {
	if d == nil {
		return newDecisions(at)
	}
	clear(d.items)
	clear(d.places)
	d.at, d.room = at, findings[:0]
	return d
}

// recall gives what was decided of the same before, if it still holds: with reads
// the same, or what was read of it does.
func (j *judging) recall(d decision, found bool, at place) (decision, bool) {
	if !found || j.readsDay && !j.sameDay() {
		return d, false
	}
	for _, v := range j.changed(at) {
		if !d.read.sameReads(v, j.variable(v, at)) {
			return d, false
		}
	}
	return d, true
}

// item judges one item, or recalls what was said of it.
func (j *judging) item(it Located) Finding {
	f, at := about(it), place{it.Account, it.Region}
	k := subject{it.Shared, at, it.Source}
	if j.last != nil && it.Shared != nil {
		before, found := j.last.items[k]
		if d, holds := j.recall(before, found, at); holds {
			f.Verdict, f.Value, f.Reason = d.verdict, d.value, d.reason
			j.now.items[k] = d
			return f
		}
	}
	j.reads = reads{}
	j.decide(&f, map[string]any{"item": asked(it)}, at)
	if j.now != nil && it.Shared != nil {
		j.now.items[k] = j.fresh(f, at)
	}
	return f
}

// whole judges the items of a place together, or recalls what was said of them.
func (j *judging) whole(f *Finding, p place, items []any, cells []evidence.Cell) {
	at := place{p.account, cmp.Or(p.region, "global")}
	if j.last != nil && j.check.Over == "" {
		before, found := j.last.places[p]
		answered := func(c evidence.Cell) bool { return c.State.Answered() }
		found = found && j.w.sameCells(j.last.at, cells, before.cells, answered, answered)
		if d, holds := j.recall(before.decision, found, at); holds {
			f.Verdict, f.Value, f.Reason = d.verdict, d.value, d.reason
			j.now.places[p] = placed{d, cells}
			return
		}
	}
	j.reads = reads{}
	j.decide(f, map[string]any{"items": items}, at)
	if j.now != nil {
		j.now.places[p] = placed{j.fresh(*f, at), cells}
	}
}

// sameDay reports whether the days an expression may read are those of the run
// judged before.
func (j *judging) sameDay() bool {
	asOf, countedTo, run := j.w.dayOf(j.check)
	wasOf, wasCountedTo, ran := j.last.at.dayOf(j.check)
	return asOf.Equal(wasOf) && countedTo == wasCountedTo && run.Equal(ran)
}

// changed are the variables of with that do not hold the same at a place as at the
// run judged before.
func (j *judging) changed(at place) []string {
	if len(j.with) == 0 {
		return nil
	}
	out, known := j.differ[at]
	if !known {
		out = slices.DeleteFunc(slices.Clone(j.with), func(v string) bool { return j.w.sameWith(j.last.at, j.check.With[v], at) })
		if j.differ == nil {
			j.differ = map[place][]string{}
		}
		j.differ[at] = out
	}
	return out
}

// sameWith reports whether a variable of with reads the same at a place in two runs.
func (w *world) sameWith(b *world, source string, at place) bool {
	source, over := strings.CutSuffix(source, overThePeriod)
	if over {
		return false // what the runs before saw is among it
	}
	if of, ok := strings.CutSuffix(source, everywhere); ok || alwaysRead(source) {
		k := sameKey{b, of, place{}}
		return w.remember(k, func() bool { return w.sameCells(b, w.planned(of), b.planned(of), w.says, b.says) })
	}
	return w.remember(sameKey{b, source, at}, func() bool {
		answered := func(c evidence.Cell) bool { return c.State.Answered() && c.State != evidence.OutOfScope }
		return w.sameCells(b, w.beside(source, at), b.beside(source, at), answered, answered)
	})
}

// sameKey is what was compared with which run.
type sameKey struct {
	with   *world
	source string
	place
}

func (w *world) remember(k sameKey, compare func() bool) bool {
	same, known := w.same[k]
	if !known {
		if w.same == nil {
			w.same = map[sameKey]bool{}
		}
		same = compare()
		w.same[k] = same
	}
	return same
}

// sameCells reports whether cells of two runs tell expressions the same: as many
// and the same items, and what is not known for the same reasons.
func (w *world) sameCells(b *world, mine, theirs []evidence.Cell, says, theySay func(evidence.Cell) bool) bool {
	if len(mine) != len(theirs) {
		return false
	}
	for i, c := range mine {
		d := theirs[i]
		if c.Account != d.Account || c.Region != d.Region || says(c) != theySay(d) || !says(c) && cellCause(c) != cellCause(d) || !w.sameIn(b, c) {
			return false
		}
	}
	return true
}

// sameIn reports whether a cell holds the same items in two runs. Items of which
// it is not known to be the same are not.
func (w *world) sameIn(b *world, c evidence.Cell) bool {
	mine, theirs := w.sharedIn(c), b.sharedIn(c)
	if len(mine) != len(theirs) {
		return false
	}
	for i, f := range mine {
		g := theirs[i]
		if len(f) != len(g) || len(f) > 0 && &f[0] != &g[0] && !slices.Equal(f, g) || slices.Contains(f, nil) {
			return false
		}
	}
	return true
}

// sharedIn are the shared items of a cell, file by file.
func (h *holdings) sharedIn(c evidence.Cell) [][]*evidence.Item {
	at := place{c.Account, c.Region}
	if files, filed := h.files[c.Source]; filed {
		out := make([][]*evidence.Item, len(files[at]))
		for i, f := range files[at] {
			out[i] = f.items
		}
		return out
	}
	list := h.in(c)
	if len(list) == 0 {
		return nil
	}
	one := make([]*evidence.Item, len(list))
	for i, it := range list {
		one[i] = it.Shared
	}
	return [][]*evidence.Item{one}
}

// readsDay reports whether an expression reads a day of the run.
func (p *program) readsDay() bool {
	if p == nil {
		return false
	}
	return slices.ContainsFunc(p.reads, func(v string) bool { return v == "asof" || v == "counted_to" || v == "run" }) ||
		slices.ContainsFunc(p.parts, func(part program) bool { return part.readsDay() })
}
