package control

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// A Ledger is what the runs of the audit period saw of every check, item,
// control and criterion, and when nobody looked.
//
// Glossary and rules:
//
//   - A look is a run. What was so is known at looks alone: two looks that saw
//     the same say nothing of the time between them.
//   - A line is one check, control or criterion over the looks. A look that did
//     not ask what a check reads is not on its line, even where an answer of an
//     earlier run was still in the evidence.
//   - An item is in the ledger if any look of the period saw it, also when it is
//     gone at the newest.
//   - An interval is the time between two looks that saw something, or between
//     one and an end of the period. It is long when it is longer than the
//     control's cadence allows.
//   - A bridge is what a source with a memory of its own (AWS Config, CloudTrail)
//     says of an interval. A bridged interval stays one that no run observed.
type Ledger struct {
	Period   Period
	Looks    []Look // oldest first
	Checks   []Line // as Report.Checks
	Controls []Line // as Report.Controls
	Criteria []Line // as Report.Criteria
	// Unseen are the listings that at least one look of the period was not told,
	// worst first.
	Unseen  []Unseen
	Bridges []Bridge // by From
	// Rest is the time from the newest look to the end of the period; zero Days when
	// a look lies at or after the end. Nothing in this report tells of it.
	Rest Interval
}

// A Look is one run, as something that looked.
type Look struct {
	Run    string
	Commit string
	At     time.Time // when it ended
	After  bool      // after the period's last day: it bounds the last interval and lies outside of the period
}

// A Line is a check, control or criterion over the period.
type Line struct {
	ID      string
	Cadence string // the frequency of the control, or the strictest of those that name the check; "" when none does
	Allowed int    // days that may lie between two looks by that cadence; 0 when it sets none
	Sights  []Sight
	// Intervals are all times of a day or more between two looks that observed it,
	// and between such a look and the ends of the period; oldest first.
	Intervals []Interval
	// Items are those of a check that did not stay the same over all its sights: the
	// state changed, or they came, went or were not told at some. All others have at
	// every sight the state of the newest finding. Empty for controls and criteria.
	Items []ItemLine
	// Blind are checks of a control, or controls of a criterion, that no look of the
	// period observed at all; they do not bound Intervals.
	Blind []string
}

// A Sight is what one look saw of a line.
type Sight struct {
	Look     int // index in Ledger.Looks
	Status   Status
	Counts   Counts
	Unlisted int  // listings of the population that were not answered
	Observed bool // at least one item was evaluated, or all was asked and there was none
}

// Off reports whether the look saw a deviation, compensated or not.
func (s Sight) Off() bool { return s.Counts.Failed > 0 }

// What a look can say of an item besides its verdict.
const (
	NotThere Status = "Not there"    // its listing was answered, and it was not in it
	NotSeen  Status = "Not observed" // its listing was not answered
)

// An ItemLine is one item of a check over the looks.
type ItemLine struct {
	Account, Region, Source, Item string
	Spells                        []Spell // oldest first; they cover all sights of the check
}

// A Spell is a row of sights, one after the other, that saw an item in one state.
type Spell struct {
	Status      Status
	First, Last int // indexes in Ledger.Looks
	// Opening and Closing are the values that decided at First and at Last; nil when
	// the verdict has none.
	Opening, Closing any
	Reason           string  // of the verdict at Last, or why it was not seen
	Exception        string  // id of the exception at Last
	From, To         Pointer // into the evidence at First and at Last
}

// A Change is an item seen in another state than at the look before.
type Change struct {
	Check         string
	Item          ItemLine // without Spells
	Before, After Spell
	Told          []Bridge // events between the two looks that may speak of it
}

// Moved reports whether an item that was all right came or went: nothing about it
// changed but that it is there.
func (c Change) Moved() bool {
	off := func(s Status) bool { return s == ExceptionIn || s == Compensated }
	return c.Before.Status == NotThere && !off(c.After.Status) || c.After.Status == NotThere && !off(c.Before.Status)
}

// Changes lists every change of an item's state, by check, then by item and time.
// A look that could not see an item is passed over: what is compared is the last
// state that was seen before it and the first after it.
func (l *Ledger) Changes() []Change {
	var out []Change
	for i := range l.Checks {
		out = append(out, l.ChangesOf(&l.Checks[i])...)
	}
	return out
}

// ChangesOf are those of one check's items.
func (l *Ledger) ChangesOf(n *Line) []Change {
	var out []Change
	for _, it := range n.Items {
		for _, c := range it.changes(n.ID) {
			c.Told = l.told(n, it, l.Looks[c.Before.Last].At, l.Looks[c.After.First].At)
			out = append(out, c)
		}
	}
	return out
}

// Changed counts the changes of a check's items, without those that came or went and
// were all right.
func (n *Line) Changed() int {
	sum := 0
	for _, it := range n.Items {
		for _, c := range it.changes(n.ID) {
			if !c.Moved() {
				sum++
			}
		}
	}
	return sum
}

// told are the events between two times that may speak of an item.
func (l *Ledger) told(n *Line, it ItemLine, from, to time.Time) []Bridge {
	var out []Bridge
	first := sort.Search(len(l.Bridges), func(i int) bool { return l.Bridges[i].From.After(from) })
	for _, b := range l.Bridges[first:] {
		if b.From.After(to) {
			break
		}
		if b.Event() && slices.Contains(b.Checks, n.ID) && b.about(it) {
			out = append(out, b)
		}
	}
	return out
}

func (it ItemLine) changes(check string) []Change {
	var out []Change
	name := it
	name.Spells = nil
	var before *Spell
	for i := range it.Spells {
		s := &it.Spells[i]
		if s.Status == NotSeen {
			continue
		}
		if before != nil && before.Status != s.Status {
			out = append(out, Change{Check: check, Item: name, Before: *before, After: *s})
		}
		before = s
	}
	return out
}

// Turns counts how often a line was seen with another status than at the sight
// before.
func (n *Line) Turns() int {
	turns := 0
	for i := 1; i < len(n.Sights); i++ {
		if n.Sights[i].Status != n.Sights[i-1].Status {
			turns++
		}
	}
	return turns
}

// First and Last are the looks that observed it first and last; nil when none did.
func (l *Ledger) First(n *Line) *Look { return l.look(slices.IndexFunc(n.Sights, isObserved), n) }

// Last is the newest look that observed a line; nil when none did.
func (l *Ledger) Last(n *Line) *Look {
	for i := len(n.Sights) - 1; i >= 0; i-- {
		if n.Sights[i].Observed {
			return l.look(i, n)
		}
	}
	return nil
}

func isObserved(s Sight) bool { return s.Observed }

func (l *Ledger) look(sight int, n *Line) *Look {
	if sight < 0 {
		return nil
	}
	return &l.Looks[n.Sights[sight].Look]
}

// Longest is the longest of the line's intervals; nil when there is none of a day.
func (n *Line) Longest() *Interval {
	var out *Interval
	for i := range n.Intervals {
		if v := &n.Intervals[i]; out == nil || v.Days > out.Days {
			out = v
		}
	}
	return out
}

// Check returns the line of a check, or nil. Control and Criterion do the same.
func (l *Ledger) Check(name string) *Line { return lineOf(l.Checks, name) }

// Control returns the line of a control, or nil.
func (l *Ledger) Control(id string) *Line { return lineOf(l.Controls, id) }

// Criterion returns the line of a criterion, or nil.
func (l *Ledger) Criterion(id string) *Line { return lineOf(l.Criteria, id) }

func lineOf(lines []Line, id string) *Line {
	if i := slices.IndexFunc(lines, func(n Line) bool { return strings.EqualFold(n.ID, id) }); i >= 0 {
		return &lines[i]
	}
	return nil
}

// ItemsOf returns the lines of the items an id, or the end of an ARN, names: one for
// each account and region that has it. An item that stayed the same is found among the newest
// findings.
func (l *Ledger) ItemsOf(res *CheckResult, id string) []ItemLine {
	n := l.Check(res.Check.Name)
	if n == nil || len(n.Sights) == 0 {
		return nil
	}
	var out []ItemLine
	have := map[itemKey]bool{}
	named := func(account, region, item string) bool {
		return slices.Contains(Finding{Account: account, Region: region, Item: item}.names(true), id) || strings.HasSuffix(item, "/"+id) || strings.HasSuffix(item, ":"+id)
	}
	for _, it := range n.Items {
		if named(it.Account, it.Region, it.Item) {
			have[itemKey{it.Account, it.Region, it.Source, it.Item}] = true
			out = append(out, it)
		}
	}
	for _, f := range res.Findings {
		if named(f.Account, f.Region, f.Item) && !have[keyOf(f)] && !notAnItem(res, f) {
			out = append(out, n.same(f))
		}
	}
	return out
}

// same is the line of an item that was at every sight as its newest finding has it.
// The value and the place of the evidence are known of the newest alone.
func (n *Line) same(f Finding) ItemLine {
	s := spellOf(f, n.Sights[0].Look)
	s.Last = n.Sights[len(n.Sights)-1].Look
	if s.First != s.Last {
		s.Opening, s.From = nil, Pointer{Path: f.Evidence.Path}
	}
	return ItemLine{f.Account, f.Region, f.Source, f.Item, []Spell{s}}
}
