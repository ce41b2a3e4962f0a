package control

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"exhibit/evidence"
)

// newLedger lays out the looks of a period: the runs in it, and the newest when it
// came after. looked are their worlds, in the same order.
func newLedger(p Period, w *world) (l *Ledger, looked []*world) {
	l = &Ledger{Period: p}
	_, end := p.bounds()
	for _, e := range append(w.before[:len(w.before):len(w.before)], w) {
		if e.At.Before(p.Start) || e != w && !p.within(e.At) {
			continue
		}
		l.Looks = append(l.Looks, Look{Run: e.Run, Commit: e.Commit, At: e.At, After: !e.At.Before(end)})
		looked = append(looked, e)
	}
	l.Rest = l.rest()
	return l, looked
}

// reads are the sources a check's verdicts rest on.
func (c Check) reads() []string {
	out := append([]string{c.Of}, c.Also...)
	for _, v := range slices.Sorted(maps.Keys(c.With)) {
		source := sourceOf(c.With[v])
		if !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	return out
}

// askedHere reports whether this run put the questions of a cell, rather than
// leave it as an earlier run had it.
func (w *world) askedHere(c evidence.Cell) bool {
	return w.Began.IsZero() || c.Ended.IsZero() || !c.Ended.Before(w.Began)
}

// looksAt reports whether this run asked all that a check reads. A run limited to
// some sources judges the others by what an earlier one was told.
func (w *world) looksAt(c Check) bool {
	for _, source := range c.reads() {
		if alwaysRead(source) {
			continue
		}
		old := false
		for _, cell := range w.cells[source] {
			if left(cell) || cell.Ended.IsZero() {
				continue
			}
			if old = !w.askedHere(cell); !old {
				break
			}
		}
		if old {
			return false
		}
	}
	return true
}

type itemKey struct{ account, region, source, item string }

func keyOf(f Finding) itemKey { return itemKey{f.Account, f.Region, f.Source, f.Item} }

// notAnItem reports a finding on a listing or a whole source, which stands for
// items nobody saw.
func notAnItem(res *CheckResult, f Finding) bool {
	switch {
	case f.Item == f.Source || f.Item == res.Check.Of:
		return true
	case res.Check.Each != "" && res.Check.Each != "item" || f.Verdict != NotEvaluated:
		return false
	}
	p := place{f.Account, f.Region}.String()
	return f.Evidence.Line == 0 && (f.Item == p || strings.HasPrefix(f.Item, p+", "))
}

// statusOf is a verdict as a status.
func statusOf(f Finding) Status {
	switch {
	case f.Verdict == Pass:
		return Met
	case f.Verdict == Fail && f.Compensated:
		return Compensated
	case f.Verdict == Fail:
		return ExceptionIn
	case f.Verdict == NotApplicable:
		return NA
	case f.Verdict == NeedsRecord:
		return ManualHasNot
	}
	return NotEvaluatedIn
}

func spellOf(f Finding, look int) Spell {
	return Spell{Status: statusOf(f), First: look, Last: look, Opening: f.Value, Closing: f.Value, Reason: f.Reason, Exception: f.Exception, From: f.Evidence, To: f.Evidence}
}

// A clerk writes one check's line, look by look: from the oldest to the newest, or
// from the newest back.
type clerk struct {
	line  Line
	items []track
	at    map[itemKey]int
	blind [][]dark // by sight
	back  bool     // looks come newest first
}

// dark is a place whose listing a look was not told, and why; the zero place is
// everywhere.
type dark struct {
	place
	why string
}

type track struct {
	key    itemKey
	spells []Spell
	sight  int // the sight that touched it last
}

// add takes what the next look saw.
func (t *track) add(s Spell, back bool) {
	n := len(t.spells)
	if n == 0 || t.spells[n-1].Status != s.Status {
		t.spells = append(t.spells, s)
		return
	}
	last := &t.spells[n-1]
	if back {
		last.First, last.Opening, last.From = s.First, s.Opening, s.From
		return
	}
	last.Last, last.Closing, last.Reason, last.Exception, last.To = s.Last, s.Closing, s.Reason, s.Exception, s.To
}

// see writes down what a look found. then must hold the values of all findings, of
// passes too: they are what stands before and after a change.
func (k *clerk) see(look int, w *world, then *CheckResult) {
	if !w.looksAt(then.Check) {
		return
	}
	if seen := len(k.line.Sights); seen > 0 {
		k.back = look < k.line.Sights[seen-1].Look
	}
	n := then.Counts
	k.line.Sights = append(k.line.Sights, Sight{Look: look, Status: then.Status, Counts: n, Unlisted: len(then.Unanswered),
		Observed: n.NotEvaluated < n.Population || n.Population == 0})
	var blind []dark
	for _, c := range then.Unanswered {
		blind = append(blind, dark{place{c.Account, c.Region}, cellReason(c)})
	}
	for _, c := range then.Excluded {
		if c.State == evidence.OutOfScope {
			blind = append(blind, dark{place{c.Account, c.Region}, strings.TrimSuffix("left out of scope: "+c.Reason, ": ")})
		}
	}
	if n.Population > 0 && n.NotEvaluated == n.Population && len(then.Unanswered) == 0 && len(then.Findings) == 1 && notAnItem(then, then.Findings[0]) {
		blind = append(blind, dark{place{}, then.Findings[0].Reason}) // nobody ever asked, or a register is empty
	}
	k.blind = append(k.blind, blind)

	now := len(k.line.Sights) - 1
	for _, f := range then.Findings {
		if notAnItem(then, f) {
			continue
		}
		key := keyOf(f)
		i, ok := k.at[key]
		if !ok {
			i = len(k.items)
			k.at[key] = i
			k.items = append(k.items, track{key: key, sight: -1})
			for s := range now { // what the looks before this one can say of it
				k.items[i].add(k.absent(key, s), k.back)
			}
		}
		if k.items[i].sight == now {
			continue // a second verdict on it: they are sorted, and the first is the worst
		}
		k.items[i].add(spellOf(f, look), k.back)
		k.items[i].sight = now
	}
	for i := range k.items {
		if k.items[i].sight != now {
			k.items[i].add(k.absent(k.items[i].key, now), k.back)
		}
	}
}

// absent is an item at a sight that has no finding on it.
func (k *clerk) absent(key itemKey, sight int) Spell {
	s := Spell{Status: NotThere, First: k.line.Sights[sight].Look, Last: k.line.Sights[sight].Look}
	for _, d := range k.blind[sight] {
		hides := d.place == place{} || d.account == key.account && (d.region == key.region || d.region == "other regions" || key.region == "") || key.account == ""
		if hides {
			s.Status, s.Reason = NotSeen, d.why
			break
		}
	}
	return s
}

// close gives the line, with the items that did not stay the same.
func (k *clerk) close(l *Ledger, cadence string) Line {
	n := k.line
	if k.back {
		slices.Reverse(n.Sights)
	}
	n.Cadence, n.Allowed = cadence, allowed(cadence)
	for _, t := range k.items {
		if k.back {
			slices.Reverse(t.spells)
		}
		if len(t.spells) > 1 {
			n.Items = append(n.Items, ItemLine{t.key.account, t.key.region, t.key.source, t.key.item, t.spells})
		}
	}
	slices.SortFunc(n.Items, func(a, b ItemLine) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Source, b.Source))
	})
	n.measure(l)
	return n
}

// measure works out the line's intervals from its sights.
func (n *Line) measure(l *Ledger) {
	var observed, silent []int
	for _, s := range n.Sights {
		if s.Observed {
			observed = append(observed, s.Look)
		} else {
			silent = append(silent, s.Look)
		}
	}
	n.Intervals = l.intervals(observed, silent, n.Allowed)
}

func newClerk(check string) *clerk {
	return &clerk{line: Line{ID: check}, at: map[itemKey]int{}}
}

// cadencesOf are, by check, the frequency of the strictest control in scope that
// names it.
func cadencesOf(lib *Library, eng Engagement) map[string]string {
	all := map[string][]string{}
	for _, c := range lib.Controls {
		if !servesScope(lib, eng, c) {
			continue
		}
		for _, name := range c.Checks {
			all[name] = append(all[name], c.Frequency)
		}
	}
	out := map[string]string{}
	for name, f := range all {
		out[name] = strictest(f)
	}
	return out
}

// finish adds, once the lines of the checks are there, those of controls, with
// their records at each look, and of criteria; the listings nobody was told; and
// what bridges the intervals.
func (l *Ledger) finish(lib *Library, looked []*world, cadence map[string]string) {
	checks := map[string]*Line{}
	for i := range l.Checks {
		checks[l.Checks[i].ID] = &l.Checks[i]
	}
	for _, c := range lib.Controls {
		var of []*Line
		for _, name := range c.Checks {
			of = append(of, checks[name])
		}
		var records []Line
		for _, kind := range c.Records {
			n := Line{ID: kind}
			for i, w := range looked {
				n.Sights = append(n.Sights, Sight{Look: i, Status: recordPart(lib, w, kind, nil).Status, Observed: true})
			}
			records = append(records, n)
		}
		for i := range records {
			of = append(of, &records[i])
		}
		n := l.sum(c.ID, c.Frequency, of)
		if len(c.Checks)+len(c.Records) == 0 {
			n.Intervals = nil // nothing any run could look at
		}
		l.Controls = append(l.Controls, n)
	}
	for _, c := range lib.Criteria {
		var of []*Line
		var frequencies []string
		for i, k := range lib.Controls {
			if n := &l.Controls[i]; slices.Contains(k.Criteria, c.ID) && len(n.Sights)+len(n.Blind) > 0 {
				of = append(of, n)
				frequencies = append(frequencies, n.Cadence)
			}
		}
		n := l.sum(c.ID, strictest(frequencies), of)
		if len(of) == 0 {
			n.Intervals = nil
		}
		l.Criteria = append(l.Criteria, n)
	}
	l.Unseen = l.unseen(lib, looked, cadence)
	l.bridge(lib, bridges(lib, looked))
}

// sum makes one line of several: at each look the worst that any of them saw. A
// look observes the whole only where it observed every part that was ever
// observed; the others are Blind.
func (l *Ledger) sum(id, cadence string, parts []*Line) Line {
	n := Line{ID: id, Cadence: cadence, Allowed: allowed(cadence)}
	at := map[int]int{}
	ever := 0
	for _, p := range parts {
		if l.First(p) == nil {
			n.Blind = append(n.Blind, p.ID)
		} else {
			ever++
		}
		for _, b := range p.Blind {
			if !slices.Contains(n.Blind, b) {
				n.Blind = append(n.Blind, b)
			}
		}
		for _, s := range p.Sights {
			i, ok := at[s.Look]
			if !ok {
				i = len(n.Sights)
				at[s.Look] = i
				n.Sights = append(n.Sights, Sight{Look: s.Look, Status: s.Status})
			}
			t := &n.Sights[i]
			t.Counts, t.Unlisted = t.Counts.Plus(s.Counts), t.Unlisted+s.Unlisted
			t.Status = worst([]Status{t.Status, s.Status})
		}
	}
	slices.SortFunc(n.Sights, func(a, b Sight) int { return a.Look - b.Look })
	for i := range n.Sights {
		seen := 0
		for _, p := range parts {
			if slices.ContainsFunc(p.Sights, func(s Sight) bool { return s.Look == n.Sights[i].Look && s.Observed }) {
				seen++
			}
		}
		n.Sights[i].Observed = ever > 0 && seen == ever
	}
	n.measure(l)
	return n
}
