package control

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/evidence"
)

// What is judged from run to run is what is judged from scratch: every check of
// the library over randomised histories, in which items come, go and change, cells
// are refused, records are written and days pass. The whole report is compared.
func TestReuse(t *testing.T) {
	// A check of which the value that decided depends on the day, and the verdict does not.
	lib, err := Load(os.DirFS("../policies"), fstest.MapFS{"checks/own.yaml": {Data: []byte(`
- check: own-key-age
  title: t
  says: s
  of: kms/key
  pass: item.DescribeKey.KeyMetadata.KeyState == "Enabled"
  shows: days("2026-01-01", asof)
  severity: low
  remediation: r
  examples: {pass: [{item: {DescribeKey: {KeyMetadata: {KeyState: Enabled}}}}], fail: [{item: {DescribeKey: {KeyMetadata: {KeyState: Disabled}}}}], unknown: [{item: {DescribeKey: "!gap"}}]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(6) {
		h := newHistory(lib, seed)
		runs := h.runs(5)
		last := len(runs) - 1
		fast, err := Evaluate(lib, smallEngagement(), runs[last], runs[:last])
		if err != nil {
			t.Fatal(err)
		}
		alone := make([]Evidence, len(runs))
		for i, r := range runs {
			alone[i] = unshared(r)
		}
		slow, err := Evaluate(lib, smallEngagement(), alone[last], alone[:last])
		if err != nil {
			t.Fatal(err)
		}
		if seed == 0 {
			h.says(t, fast)
		}
		for i := range fast.Checks {
			if !reflect.DeepEqual(fast.Checks[i], slow.Checks[i]) {
				t.Errorf("seed %d, %s: judged from run to run\n%+v\nfrom scratch\n%+v", seed, fast.Checks[i].Check.Name, fast.Checks[i], slow.Checks[i])
			}
		}
		forget(fast)
		forget(slow)
		if !reflect.DeepEqual(fast, slow) {
			t.Errorf("seed %d: the reports differ", seed)
		}
		oneByOne(t, lib, fast, alone)
	}
}

// oneByOne holds what a report says of the runs against each run judged by itself.
func oneByOne(t *testing.T, lib *Library, r *Report, runs []Evidence) {
	t.Helper()
	w := newWorld(runs[len(runs)-1], r.Engagement.Period)
	for _, e := range runs[:len(runs)-1] {
		b := newWorld(e, r.Engagement.Period)
		b.before = slices.Clone(w.before)
		w.before = append(w.before, b)
	}
	all := append(slices.Clone(w.before), w)
	exceptions, _, err := exceptionsThen(lib, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		var seen []Seen
		var mended []Finding
		failing := func(f Finding) bool {
			return slices.ContainsFunc(c.Findings, func(g Finding) bool {
				return g.Verdict == Fail && g.Account == f.Account && g.Region == f.Region && g.Item == f.Item
			})
		}
		for i, b := range all {
			then, err := lib.ready[c.Check.Name].judge(b, exceptions[i], true)
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, Seen{b.Run, b.Commit, b.At, then.Status, then.Counts})
			for _, f := range then.Findings {
				if f.Verdict == Fail && !failing(f) {
					mended = slices.DeleteFunc(mended, func(m Finding) bool { return m.Account == f.Account && m.Region == f.Region && m.Item == f.Item })
					mended = append(mended, f)
				}
			}
		}
		if !reflect.DeepEqual(seen, c.Seen) {
			t.Errorf("%s: seen\n%+v, want\n%+v", c.Check.Name, c.Seen, seen)
		}
		if !reflect.DeepEqual(mended, c.Mended) {
			t.Errorf("%s: mended\n%+v, want\n%+v", c.Check.Name, c.Mended, mended)
		}
	}
}

// unshared is a run as if it were read alone: every item located, none shared.
func unshared(ev Evidence) Evidence {
	w := newWorld(ev, smallEngagement().Period)
	out := ev
	out.Files, out.Items = nil, map[string][]Located{}
	for source, list := range w.given {
		if source == documentSource {
			continue
		}
		list = slices.Clone(list)
		for i := range list {
			list[i].Shared = nil
		}
		out.Items[source] = list
	}
	return out
}

// forget takes out of a report what tells that items were shared.
func forget(r *Report) {
	lists := []map[string][]Located{r.Items, r.Records}
	for i := range r.Populations {
		lists = append(lists, map[string][]Located{"": r.Populations[i].Items})
	}
	for _, m := range lists {
		for _, list := range m {
			for i := range list {
				list[i].Shared = nil
			}
		}
	}
}

// A history makes the evidence of run after run from the examples of a library.
type history struct {
	rnd     *rand.Rand
	sources []string
	some    map[string][]map[string]any // answers an item of the source may have
	state   map[string][]*evidence.Item // by cell
	refused map[string]bool
	written map[string][]*evidence.Item
}

func newHistory(lib *Library, seed uint64) *history {
	h := &history{rnd: rand.New(rand.NewPCG(seed, 1)), some: map[string][]map[string]any{}, state: map[string][]*evidence.Item{}, refused: map[string]bool{}, written: map[string][]*evidence.Item{}}
	add := func(source string, items ...map[string]any) {
		for _, m := range items {
			if m != nil {
				h.some[source] = append(h.some[source], m)
			}
		}
		if !slices.Contains(h.sources, source) && source != documentSource {
			h.sources = append(h.sources, source)
		}
	}
	for _, c := range lib.Checks {
		for _, e := range slices.Concat(c.Examples.Pass, c.Examples.Fail, c.Examples.Unknown, c.Examples.NotApplicable) {
			add(c.Of, e.Item)
			add(c.Of, e.Items...)
			for v, items := range e.With {
				add(strings.TrimSuffix(c.With[v], everywhere), items...)
			}
		}
	}
	slices.Sort(h.sources)
	return h
}

func historyPlaces() []place {
	return []place{{"111111111111", "eu-west-1"}, {"111111111111", "global"}, {"222222222222", "eu-west-1"}, {"222222222222", "us-east-1"}}
}

// item is an example's item with a name of its own.
func (h *history) item(source, id string) *evidence.Item {
	it := &evidence.Item{ID: id, Answers: map[string]any{}}
	if list := h.some[source]; len(list) > 0 {
		for k, v := range list[h.rnd.IntN(len(list))] {
			switch s, _ := v.(string); {
			case k == "id":
				it.ID = fmt.Sprint(v)
			case s == gapText:
				it.Gaps = append(it.Gaps, evidence.Gap{Question: k, Code: "AccessDeniedException"})
			default:
				it.Answers[k] = marked(v)
			}
		}
	}
	slices.SortFunc(it.Gaps, func(a, b evidence.Gap) int { return strings.Compare(a.Question, b.Question) })
	return it
}

// runs are n runs, a month apart.
func (h *history) runs(n int) (out []Evidence) {
	for i := range n {
		at := time.Date(2026, time.Month(2+i), 3, 6, 0, 0, 0, time.UTC)
		ev := Evidence{Run: fmt.Sprintf("%04d", i+1), Commit: fmt.Sprintf("c%d", i+1), Began: at.Add(-time.Minute), At: at, Items: map[string][]Located{}, Files: map[string][]*evidence.Item{}}
		for _, source := range h.sources {
			if strings.HasPrefix(source, "record/") {
				h.written[source] = h.change(source, "", h.written[source])
				for line, it := range h.written[source] {
					ev.Items[source] = append(ev.Items[source], Located{Item: *it, Source: source, Shared: it, Pointer: Pointer{Commit: ev.Commit, Path: source, Line: line + 1}})
				}
				continue
			}
			for _, p := range historyPlaces() {
				ev.Cells = append(ev.Cells, h.cell(&ev, p, source))
			}
		}
		out = append(out, ev)
	}
	return out
}

func (h *history) cell(ev *Evidence, p place, source string) evidence.Cell {
	path := "evidence/" + p.String() + "/" + source
	h.state[path] = h.change(source, p.String(), h.state[path])
	if h.rnd.IntN(30) == 0 {
		h.refused[path] = !h.refused[path]
	}
	c := evidence.Cell{Account: p.account, Region: p.region, Source: source, State: evidence.Empty, Started: ev.Began, Ended: ev.At}
	switch {
	case h.refused[path]:
		c.State = evidence.DeniedSCP
	case len(h.state[path]) > 0:
		c.State, c.Path = evidence.Collected, path
		ev.Files[path] = h.state[path]
	}
	return c
}

// change lets items come, go and change; most lists stay as they are.
func (h *history) change(source, where string, list []*evidence.Item) []*evidence.Item {
	if list != nil && h.rnd.IntN(3) > 0 {
		return list
	}
	out := slices.Clone(list)
	for range h.rnd.IntN(3) {
		switch n := h.rnd.IntN(3); {
		case n == 0 && len(out) > 0:
			out = slices.Delete(out, 0, 1)
		case n == 1 && len(out) > 0:
			out[0] = h.item(source, out[0].ID)
		default:
			out = append(out, h.item(source, fmt.Sprintf("arn:%s:%s/%d", where, source, h.rnd.IntN(1000))))
		}
	}
	slices.SortStableFunc(out, func(a, b *evidence.Item) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// says refuses a history in which too little happens for the test to mean anything.
func (h *history) says(t *testing.T, r *Report) {
	t.Helper()
	verdicts := map[Verdict]int{}
	mended := 0
	for _, c := range r.Checks {
		mended += len(c.Mended)
		for _, f := range c.Findings {
			verdicts[f.Verdict]++
		}
	}
	t.Logf("%v, %d mended", verdicts, mended)
	if verdicts[Pass] < 100 || verdicts[Fail] < 100 || verdicts[NotEvaluated] < 100 || verdicts[NotApplicable] < 10 || verdicts[NeedsRecord] < 10 || mended < 50 {
		t.Errorf("the history shows too little: %v, %d mended", verdicts, mended)
	}
}
