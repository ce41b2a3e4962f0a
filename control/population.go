package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence"
)

// memberKey is what an item is, whatever run saw it.
func memberKey(it Located) itemKey { return itemKey{it.Account, it.Region, it.Source, it.ID} }

// compiling makes populations of a world: what several of them ask for is worked
// out once.
type compiling struct {
	lib      *Library
	w        *world
	results  map[string]*CheckResult
	verdicts map[string]map[itemKey]Finding   // by check
	seen     map[string]map[itemKey][2]string // by source: the first and the last run of the period that saw it
	judges   map[*ready]*judging
}

func newCompiling(lib *Library, w *world, results []CheckResult) *compiling {
	c := &compiling{lib: lib, w: w, results: map[string]*CheckResult{}, verdicts: map[string]map[itemKey]Finding{},
		seen: map[string]map[itemKey][2]string{}, judges: map[*ready]*judging{}}
	for i := range results {
		c.results[results[i].Check.Name] = &results[i]
	}
	return c
}

// populations are the lists an auditor asks for, each whole or saying what it
// lacks, in the library's order.
func (c *compiling) populations() []Population {
	var out []Population
	for _, d := range c.lib.Populations {
		out = append(out, c.population(c.lib.lists[d.ID]))
	}
	return out
}

func (c *compiling) population(l *readyList) Population {
	d := l.def
	p := Population{ID: d.ID, Title: d.Title, Source: d.Of, Definition: d, Second: Reconciliation{None: d.Second.None}}
	if d.Waits != "" {
		p.Says = "NOT MADE: " + d.Waits
		p.Second.None = "the list itself is not made yet"
		return p
	}
	for _, source := range append([]string{d.Of}, d.Also...) {
		p.Cells = append(p.Cells, c.w.cellsOf(source)...)
		p.Items = append(p.Items, c.items(l, source)...)
		if d.AsOf == "period" {
			p.Lost = append(p.Lost, c.w.lost(source, d.Keeps)...)
		}
	}
	if !d.Calendar { // one order whatever run saw an item: a list that is the same has the same bytes
		slices.SortStableFunc(p.Items, inPopulation)
	}
	joined := c.reconcile(l, &p)
	for _, it := range p.Items {
		p.Members = append(p.Members, c.member(l, it, joined[memberKey(it)]))
	}
	p.complete()
	return p
}

// inPopulation is the order of a population's items.
func inPopulation(a, b Located) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
}

// items are the members of a population from one source.
func (c *compiling) items(l *readyList, source string) []Located {
	d := l.def
	if d.Calendar {
		return c.w.calendar(c.lib, strings.TrimPrefix(source, "record/"))
	}
	kind := c.w.kind(c.lib, strings.TrimPrefix(source, "record/"))
	all := c.w.itemsOf(source)
	switch {
	case strings.HasPrefix(source, "derived/") || c.w.Unread[kind.Kind] != "" && alwaysRead(source):
	case kind.Cadence == "kept current":
		gone, _ := c.w.listedBefore(source) // an entry that was struck off does not drop out unseen
		all = append(all, gone...)
	case d.AsOf == "period":
		all = c.w.overPeriod(source)
	}
	return c.held(l.holds, all)
}

// held keeps what an expression does not decide to leave out: where it is not
// known whether an item belongs, it does.
func (c *compiling) held(p *program, items []Located) []Located {
	if p == nil {
		return items
	}
	var out []Located
	for _, it := range items {
		r := p.eval(map[string]any{
			"item": asked(it), "items": []any{}, "account": it.Account, "region": it.Region, "params": map[string]any{},
			"period": map[string]any{"start": c.w.period.Start, "end": c.w.period.End}, "asof": c.w.asOf, "counted_to": c.w.countedTo, "run": c.w.runAt(),
		})
		if b, ok := r.Value.(bool); !ok || b {
			out = append(out, it)
		}
	}
	return out
}

// member says what there is to say of one item beside what it holds itself.
func (c *compiling) member(l *readyList, it Located, second []Located) Member {
	m := Member{}
	if l.def.AsOf == "period" { // as of a day the newest run saw all of them
		if at, ok := c.sightings(it.Source)[memberKey(it)]; ok {
			m.FirstSeen = at[0]
			if at[1] != c.w.Run {
				m.LastSeen = at[1]
			}
		}
	}
	for i, f := range l.def.Flags {
		var v Verdict
		if f.Check != "" {
			v = c.ofCheck(f.Check, it).Verdict
			v = map[Verdict]Verdict{Fail: Pass, NeedsRecord: Pass, NotEvaluated: NotEvaluated}[v] // a check that fails is what flags
		} else {
			v = c.judge(l.flags[i], it).Verdict
		}
		switch v {
		case Pass:
			m.Flags = append(m.Flags, f.Name)
		case NotEvaluated:
			m.Unknown = append(m.Unknown, f.Name)
		}
	}
	slices.Sort(m.Flags)
	slices.Sort(m.Unknown)
	for _, col := range l.def.Columns {
		m.Values = append(m.Values, columnValue(col.From, it, second))
	}
	return m
}

// columnValue is the value a column shows; nil where there is none.
func columnValue(from string, it Located, second []Located) any {
	path, joined := strings.CutPrefix(from, "second.")
	of := []Located{it}
	if joined {
		of = second
	}
	var texts []string
	for _, x := range of {
		if !strings.Contains(path, "{") && !joined {
			if vs := valuesAt(x, path); len(vs) == 1 {
				return vs[0]
			}
		}
		for _, s := range expand(x, path) {
			if !slices.Contains(texts, s) {
				texts = append(texts, s)
			}
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return strings.Join(texts, ", ")
}

// ofCheck is a check's finding on an item, NotEvaluated where it has none but could
// not list the whole, empty where the item is none of its population.
func (c *compiling) ofCheck(name string, it Located) Finding {
	r := c.results[name]
	if r == nil {
		return Finding{}
	}
	by := c.verdicts[name]
	if by == nil {
		by = map[itemKey]Finding{}
		for _, f := range r.Findings {
			by[itemKey{f.Account, f.Region, f.Source, f.Item}] = f
		}
		c.verdicts[name] = by
	}
	if f, ok := by[memberKey(it)]; ok {
		return f
	}
	if f, ok := by[itemKey{it.Account, cmp.Or(it.Region, "global"), it.Source, it.ID}]; ok {
		return f
	}
	if it.Source != r.Check.Of && !slices.Contains(r.Check.Also, it.Source) {
		return Finding{}
	}
	if r.Counts.NotEvaluated > 0 {
		return Finding{Check: name, Verdict: NotEvaluated, Reason: "the check could not list the whole of its population, and has no finding on this item"}
	}
	return Finding{}
}

// judge is a flag or an attribute on one item.
func (c *compiling) judge(r *ready, it Located) Finding {
	j := c.judges[r]
	if j == nil {
		j = &judging{ready: r, w: c.w, full: true, res: &CheckResult{}}
		c.judges[r] = j
	}
	f := about(it)
	f.Check = r.check.Name
	j.decide(&f, map[string]any{"item": asked(it)}, place{it.Account, cmp.Or(it.Region, "global")})
	if r.check.Shows == "" {
		f.Value = nil
	}
	return f
}

// sightings tells by which runs of the period each item of a source was seen.
func (c *compiling) sightings(source string) map[itemKey][2]string {
	if at, ok := c.seen[source]; ok {
		return at
	}
	at := map[itemKey][2]string{}
	for _, w := range append(slices.Clone(c.w.before), c.w) {
		asked := map[place]bool{} // what a run limited to other sources has of this one, an earlier run saw
		for _, cell := range w.planned(source) {
			asked[place{cell.Account, cell.Region}] = fresh(cell, w.Began)
		}
		for _, it := range w.itemsOf(source) {
			if here, planned := asked[place{it.Account, it.Region}]; planned && !here {
				continue
			}
			s, ok := at[memberKey(it)]
			if !ok {
				s[0] = w.Run
			}
			s[1] = w.Run
			at[memberKey(it)] = s
		}
	}
	c.seen[source] = at
	return at
}

// lost are the parts of the period no run tells of, where the provider deletes what
// a source lists. keeps is for how many days, where nobody said it of the source.
func (w *world) lost(source string, keeps int) []Reach {
	var out []Reach
	for _, r := range w.reaches(source, keeps) {
		if len(r.Lost) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// complete says in words how far the list may be relied upon.
func (p *Population) complete() {
	var missing, out []string
	asked, absent := 0, map[evidence.State]int{}
	for _, c := range p.Cells {
		where := place{c.Account, c.Region}.String()
		switch {
		case !c.State.Answered():
			missing = append(missing, where+" ("+string(c.State)+")")
		case c.State == evidence.OutOfScope:
			out = append(out, where+" ("+c.Reason+")")
		case left(c):
			absent[c.State]++
		default:
			asked++
		}
	}
	p.Whole = len(missing) == 0 && asked > 0 && p.Definition.Lacks == "" && len(p.Lost) == 0
	say := []string{plural(len(p.Items), "item")}
	if gone := p.gone(); len(gone) > 0 && len(p.Lost) == 0 && p.Definition.Keeps == 0 { // of what is deleted by rule that says nothing
		say = append(say, "earlier runs of the period also saw "+strings.Join(gone, ", "))
	}
	switch {
	case len(p.Cells) == 0:
		say = append(say, "NOT COLLECTED: "+p.Source+" was never asked")
	case len(missing) == 0 && asked == 0:
		say = append(say, "NOT ASKED anywhere")
	case len(missing) > 0:
		say = append(say, fmt.Sprintf("NOT COMPLETE: %d of %s did not answer: %s", len(missing), plural(asked+len(missing), "place"), strings.Join(missing, ", ")))
	case p.ofOwner():
		say = append(say, "read from the repository as a whole; that everything was written down is the owner's statement")
	case p.Whole:
		say = append(say, "complete: "+plural(asked, "place")+" asked, each answered to the last page")
	default:
		say = append(say, plural(asked, "place")+" asked, each answered to the last page")
	}
	if len(p.Lost) > 0 {
		say = append(say, "NOT COMPLETE over the period: "+strings.Join(lostWords(p.Lost), "; "))
	}
	if p.Definition.Lacks != "" {
		say = append(say, "NOT COMPLETE: "+p.Definition.Lacks)
	}
	if len(out) > 0 {
		say = append(say, "out of scope: "+strings.Join(out, ", "))
	}
	for _, a := range []struct {
		state evidence.State
		words string
	}{{evidence.RegionNotEnabled, "not enabled"}, {evidence.ServiceNotInRegion, "without the service"}, {evidence.AccountSuspended, "of suspended accounts"}} {
		if n := absent[a.state]; n > 0 {
			say = append(say, plural(n, "region")+" "+a.words)
		}
	}
	p.Says = strings.Join(say, "; ")
}

// ofOwner says that the list is made of what people wrote.
func (p *Population) ofOwner() bool {
	return !slices.ContainsFunc(append([]string{p.Definition.Of}, p.Definition.Also...), func(s string) bool { return !alwaysRead(s) })
}

// gone names what only earlier runs saw: ten of them, and how many more.
func (p *Population) gone() []string {
	var out []string
	n := 0
	for i, m := range p.Members {
		if m.LastSeen == "" {
			continue
		}
		if n++; n <= 10 {
			name := ""
			for _, v := range m.Values {
				if name = leafText(v); name != "" {
					break
				}
			}
			out = append(out, cmp.Or(recordOf(p.Items[i]).text("id"), name, p.Items[i].ID))
		}
	}
	if n > 10 {
		out = append(out, fmt.Sprintf("and %d more", n-10))
	}
	return out
}

// lostWords name the parts of the period no run tells of, each once: four of them,
// and how many more.
func lostWords(list []Reach) []string {
	var out []string
	for _, r := range list {
		for _, l := range r.Lost {
			if s := l.Says(r.Retention); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	if len(out) > 4 {
		out = append(out[:4], fmt.Sprintf("and %d more such times", len(out)-4))
	}
	return out
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
