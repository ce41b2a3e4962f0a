package control

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/review"
)

// Evidence is what stood in the evidence repository at one commit, ready to be
// judged.
type Evidence struct {
	Run    string    // name of the run that made the commit
	Commit string    // the commit
	At     time.Time // when that run ended
	// Began is when that run began: what was asked before then, an earlier run
	// asked. Zero when not known; nothing is then taken for old.
	Began time.Time
	// Only are the sources the run was limited to; empty for a whole run.
	Only []string
	// Cells are the newest state of every cell ever planned.
	Cells []evidence.Cell
	// Items are items by source. What people wrote is among them: the source is
	// "record/<kind>" and each item answers the question "record". Records need no
	// cell: the repository is always read whole.
	Items map[string][]Located
	// Files are the items of the cells' files by path, one a line, where Items does
	// not have the source: in a form that runs share.
	Files map[string][]*evidence.Item
	// Unread says, by kind of record ("policy" for policies), why not everything
	// people wrote of it could be read. The kind's population is then not whole, and whatever needs a record
	// that is not found is not evaluated.
	Unread map[string]string
	// Documents are the policies with their history. For an earlier run they may be
	// left out: what Evaluate got for the newest is cut to what existed then.
	Documents []Document
	// Kept is what every run sealed of what people wrote, those before the period
	// too, oldest first. When empty, the runs that are given stand for all.
	Kept []Kept
	// Reviews are the access reviews that lie in the repository, whole ones only.
	Reviews []*review.Review
	// Samples are what auditors drew, as samples/ holds them; see ReadSamples.
	Samples []Sample
	// Came says of the files people wrote, by path, which commit brought each; renames
	// are followed. Empty when not known.
	Came map[string]Came
}

// runAt is when the evidence was collected; the day ages are counted to when that
// is not known.
func (w *world) runAt() time.Time {
	if w.At.IsZero() {
		return w.asOf
	}
	return w.At
}

// a place is an account and a region.
type place struct{ account, region string }

func (p place) String() string {
	switch {
	case p.account == "":
		return p.region
	case p.region == "":
		return p.account
	}
	return p.account + "/" + p.region
}

// A world is evidence, sorted and indexed.
type world struct {
	Run, Commit string
	At, Began   time.Time
	Cells       []evidence.Cell
	Unread      map[string]string
	Documents   []Document
	Only        []string // what the run was limited to; empty for a whole run

	before    []*world // the earlier runs of the period, oldest first
	asOf      time.Time
	countedTo string
	period    Period
	own       Own
	came      map[string]Came
	born      time.Time                  // when the first file of a record came, by git's word; zero when not known
	cells     map[string][]evidence.Cell // by source, sorted by account, region
	inScope   map[place]bool             // places of which anything at all is in scope
	same      map[sameKey]bool           // what was compared with another run
	keeps     []Retention                // how long the provider keeps what sources list
	toldWhole bool                       // of an example: its one run tells of the whole period
	holdings

	responded       *Responses // nil until responses is asked
	reviewsHere     []*review.Review
	reviewed        []ReviewResult                // what reviews made of them
	entitlements    map[string]review.Entitlement // by row; nil until ways is asked
	entitlementGaps []review.Missing
}

// newWorld indexes evidence and fixes the day ages are counted to: the end of
// the run, or the last day of the period when that came first.
func newWorld(ev Evidence, p Period) *world { return indexed(ev, p, true) }

// indexed is newWorld, for an earlier run without locating every item.
func indexed(ev Evidence, p Period, all bool) *world {
	w := &world{
		Run: ev.Run, Commit: ev.Commit, At: ev.At, Began: ev.Began, Cells: slices.Clone(ev.Cells), Unread: ev.Unread, Documents: ev.Documents, Only: ev.Only, reviewsHere: ev.Reviews,
		period: p, cells: map[string][]evidence.Cell{}, inScope: map[place]bool{}, holdings: holdings{commit: ev.Commit},
	}
	w.asOf, w.countedTo = w.At, "the day of the run"
	if end := p.End.AddDate(0, 0, 1).Add(-time.Second); w.At.IsZero() || end.Before(w.At) {
		w.asOf, w.countedTo = end, "the last day of the period"
	}
	w.countedTo = w.asOf.UTC().Format(time.DateOnly) + ", " + w.countedTo

	gone := w.age()
	byPlace := func(a, b evidence.Cell) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Source, b.Source))
	}
	bySource := func(a, b evidence.Cell) int { return cmp.Or(cmp.Compare(a.Source, b.Source), byPlace(a, b)) }
	// Each run has thousands of cells: those of the newest are shown by place, of an
	// earlier one they are kept once, by source.
	cells := w.Cells
	if all {
		slices.SortStableFunc(w.Cells, byPlace)
		cells = slices.Clone(w.Cells)
	}
	slices.SortStableFunc(cells, bySource)
	for len(cells) > 0 {
		n := 1
		for n < len(cells) && cells[n].Source == cells[0].Source {
			n++
		}
		w.cells[cells[0].Source], cells = cells[:n:n], cells[n:]
	}
	for _, c := range w.Cells {
		if c.State != evidence.OutOfScope {
			w.inScope[place{c.Account, c.Region}] = true
		}
	}
	items := ev.Items
	if _, given := items[documentSource]; !given {
		if items = maps.Clone(items); items == nil {
			items = map[string][]Located{}
		}
		items[documentSource] = documentItems(w.Documents, ev.Commit)
	}
	w.hold(items, w.Cells, ev.Files, gone, all)
	w.otherRegions()
	w.youngUsers()
	for source := range w.given {
		if alwaysRead(source) && len(w.cells[source]) == 0 {
			w.cells[source] = w.impliedCells(source)
		}
	}
	return w
}

// alwaysRead reports whether a source is a part of the repository itself, so that
// nothing there is a fact and needs no cell.
func alwaysRead(source string) bool {
	return strings.HasPrefix(source, "record/") || strings.HasPrefix(source, "review/") || source == documentSource
}

func (w *world) impliedCells(source string) []evidence.Cell {
	c := evidence.Cell{Source: source, Region: "global", State: evidence.Empty, Started: w.At, Ended: w.At}
	if c.Items = w.holds(source); c.Items > 0 {
		c.State = evidence.Collected
	}
	kind := strings.TrimPrefix(source, "record/")
	switch {
	case source == documentSource:
		kind = "policy"
	case strings.HasPrefix(source, "review/"):
		kind = "review"
	}
	if w.Unread[kind] != "" {
		c.State, c.Reason = evidence.Truncated, w.Unread[kind]
	}
	return []evidence.Cell{c}
}

// planned returns the cells of a source; those of what people write are implied.
func (w *world) planned(source string) []evidence.Cell {
	if c := w.cells[source]; len(c) > 0 || !alwaysRead(source) {
		return c
	}
	return w.impliedCells(source)
}

// overPeriod returns the items of a source as any run saw them, each as it was
// seen last: first those of this run, then those only earlier ones saw.
func (w *world) overPeriod(source string) []Located {
	type key struct{ account, region, id string }
	seen := map[key]bool{}
	var out []Located
	take := func(list []Located) {
		for _, it := range list {
			if k := (key{it.Account, it.Region, it.ID}); !seen[k] {
				seen[k] = true
				out = append(out, it)
			}
		}
	}
	take(w.items(source))
	for _, b := range slices.Backward(w.before) {
		take(b.items(source))
	}
	return out
}

// asked returns an item's answers as expressions read them: a gap is marked at
// its question, even where a part of the answer is there.
func asked(it Located) *questions {
	q := &questions{answers: it.Answers, id: it.ID, account: it.Account, region: it.Region, source: it.Source, shared: it.Shared}
	if len(it.Gaps) == 0 {
		return q
	}
	q.answers = make(map[string]any, len(it.Answers)+len(it.Gaps))
	for k, v := range it.Answers {
		q.answers[k] = v
	}
	for _, g := range it.Gaps {
		q.answers[g.Question] = unanswered{g.Question + " (" + g.Code + ")"}
	}
	return q
}

func askedAll(items []Located) []any {
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = asked(it)
	}
	return out
}

// overPeriodIn are the items of one cell as any run of the period saw them.
func (w *world) overPeriodIn(c evidence.Cell) []Located {
	seen := map[string]bool{}
	var out []Located
	for _, b := range slices.Backward(append(w.before[:len(w.before):len(w.before)], w)) {
		for _, it := range b.in(c) {
			if !seen[it.ID] {
				seen[it.ID] = true
				out = append(out, it)
			}
		}
	}
	return out
}

// commitOf is the commit of a run of the period; that of this one when it has none
// of the name.
func (w *world) commitOf(run string) string {
	for _, b := range w.before {
		if b.Run == run && run != "" {
			return b.Commit
		}
	}
	return w.Commit
}

// with gives what the variable of a check reads at a place: the items of the
// source in the same account and region, or of the account's global cell, or of
// a source that belongs to no account. The whole is unanswered when its cell is.
//
// "cloudtrail/trail everywhere" is the items of all accounts and regions. There,
// and of what people wrote, each cell that was not answered is one unknown
// element, so that what was seen may still decide.
//
// "backup/job over the period" is what any run of the period saw there. What no run
// tells of is said by the check over that source, once, and not by each of its items.
func (w *world) with(source string, at place) any {
	source, over := strings.CutSuffix(source, overThePeriod)
	if source, ok := strings.CutSuffix(source, everywhere); ok || alwaysRead(source) {
		return w.everywhere(source)
	}
	cells := w.beside(source, at)
	if len(cells) == 0 {
		return unanswered{source + " in " + at.String() + " (never asked)"}
	}
	var items []Located
	for _, c := range cells {
		if !c.State.Answered() || c.State == evidence.OutOfScope { // the place is in scope: it has the item that is judged
			return unanswered{cellCause(c)}
		}
		if over {
			items = append(items, w.overPeriodIn(c)...)
			continue
		}
		items = append(items, w.in(c)...)
	}
	return askedAll(items)
}

// beside are the cells of a source that belong to a place.
func (w *world) beside(source string, at place) (cells []evidence.Cell) {
	for _, want := range []func(evidence.Cell) bool{
		func(c evidence.Cell) bool { return c.Account == at.account && c.Region == at.region },
		func(c evidence.Cell) bool { return c.Account == at.account && c.Region == "global" },
		func(c evidence.Cell) bool { return c.Account == "" },
	} {
		for _, c := range w.planned(source) {
			if want(c) {
				cells = append(cells, c)
			}
		}
		if len(cells) > 0 {
			return cells
		}
	}
	return nil
}

// everywhere follows a source of which all accounts and regions are wanted, and
// overThePeriod one of which all runs are.
const (
	everywhere    = " everywhere"
	overThePeriod = " over the period"
)

// sourceOf is what a variable of with reads, without where and when of it.
func sourceOf(with string) string {
	return strings.TrimSuffix(strings.TrimSuffix(with, everywhere), overThePeriod)
}

func (w *world) everywhere(source string) any {
	cells := w.planned(source)
	if len(cells) == 0 {
		return unanswered{source + " (never asked)"}
	}
	items := []any{}
	for _, c := range cells {
		items = append(items, askedAll(w.in(c))...)
		if !w.says(c) {
			items = append(items, unanswered{cellCause(c)})
		}
	}
	return items
}

// says reports whether a cell tells what there is to whoever looks at several
// cells. One left out of scope does, where the whole place is left out; where
// only its source is, it was just not asked.
func (w *world) says(c evidence.Cell) bool {
	return c.State.Answered() && !(c.State == evidence.OutOfScope && w.inScope[place{c.Account, c.Region}])
}

// cellCause names a cell that was not answered, and why.
func cellCause(c evidence.Cell) string {
	if alwaysRead(c.Source) {
		return c.Source + " (not read whole)"
	}
	return c.Source + " in " + place{c.Account, c.Region}.String() + " (" + string(c.State) + ")"
}

// cellReason says it in a sentence, for a finding on the cell.
func cellReason(c evidence.Cell) string {
	s := notAnswered(cellCause(c))
	if c.Gap != nil && !strings.HasPrefix(c.Reason, c.Gap.Question) {
		s += ": " + c.Gap.Question + " " + c.Gap.Code
	}
	if c.Reason != "" {
		s += ": " + c.Reason
	}
	return s
}
