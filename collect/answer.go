package collect

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"sync"
	"time"

	"exhibit/evidence"
)

// CancelledCode is the code of a gap left by a cancelled run.
const CancelledCode = "Cancelled"

// TruncatedCode is the code of a gap left by a listing that was cut.
const TruncatedCode = "Truncated"

// An Answer takes down what one task is told. It is safe for the calls of one
// task that run side by side.
type Answer struct {
	mu         sync.Mutex
	items      []evidence.Item
	calls      []evidence.Call
	listing    *evidence.Gap  // the first question about the listing that was not answered
	refused    evidence.State // the state that refusal stands for
	rows       int            // rows that listing had given before
	aside      []evidence.Gap // questions whose answer the listing could do without
	ended      evidence.State
	reason     string
	asOf       *time.Time
	expired    string
	redactions map[string]int
}

// Item adds one resource.
func (a *Answer) Item(it evidence.Item) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.items = append(a.items, it)
}

// Call adds one page of one call.
func (a *Answer) Call(c evidence.Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, c)
}

// Refuse says that a listing is not whole: a page of it was not answered, after
// rows of it were given. With rows the cell is Truncated, without them it is
// what the refusal stands for. Of several refusals the first in order of
// question, code and message counts, whichever came first.
func (a *Answer) Refuse(g evidence.Gap, rows int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listing == nil || gapLess(g, *a.listing) {
		a.listing, a.refused, a.rows = &g, StateOf(g), rows
	}
}

// Refusal is the question that kept the listing from being whole, nil for none.
func (a *Answer) Refusal() *evidence.Gap {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.listing
}

// Aside adds a question that was not answered though the listing is whole
// without it, such as the first of two ways to list the same.
func (a *Answer) Aside(g evidence.Gap) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.aside = append(a.aside, g)
}

// End says that the source itself told how the cell ends, such as NotInUse.
func (a *Answer) End(s evidence.State, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended == "" {
		a.ended, a.reason = s, reason
	}
}

// AsOf takes down the time the source gives for its own answer.
func (a *Answer) AsOf(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t = t.UTC()
	a.asOf = &t
}

// Over reports whether the account's credentials have ended.
func (a *Answer) Over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.expired != ""
}

// Expired says that the credentials of the cell's account have ended: the cells
// of that account that were not asked yet need not be.
func (a *Answer) Expired(reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expired = reason
}

// Redacted counts one field withheld by a rule.
func (a *Answer) Redacted(rule string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.redactions == nil {
		a.redactions = map[string]int{}
	}
	a.redactions[rule]++
}

// Take adds all that another answer took down, for a cell that planning has
// asked already. from must be at rest.
func (a *Answer) Take(from *Answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.items = append(a.items, from.items...)
	a.calls = append(a.calls, from.calls...)
	a.aside = append(a.aside, from.aside...)
	if a.listing == nil {
		a.listing, a.refused, a.rows = from.listing, from.refused, from.rows
	}
	if a.ended == "" {
		a.ended, a.reason = from.ended, from.reason
	}
	if a.asOf == nil {
		a.asOf = from.asOf
	}
	for rule, n := range from.redactions {
		if a.redactions == nil {
			a.redactions = map[string]int{}
		}
		a.redactions[rule] += n
	}
}

// Items returns what was listed so far, for planning.
func (a *Answer) Items() []evidence.Item {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]evidence.Item(nil), a.items...)
}

// finish gives the cell its one state and returns its file, nil for none.
func (a *Answer) finish(ctx context.Context, c *evidence.Cell) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.Calls, c.AsOf = len(a.calls), a.asOf
	if c.State != "" { // known before asking
		c.Path = ""
		return nil
	}
	c.Path, c.Sum = PathOf(*c), ""
	items, doubled := a.settle()
	gaps := 0
	cancelled := false
	for _, it := range items {
		gaps += len(it.Gaps)
		for _, g := range it.Gaps {
			cancelled = cancelled || g.Code == CancelledCode
		}
	}
	gaps += len(a.aside)
	none := func(s evidence.State, reason string) []byte {
		c.State, c.Reason, c.Path = s, reason, ""
		c.Gaps = max(gaps, 1)
		if c.State.Answered() {
			c.Gaps = 0
		}
		return nil
	}
	switch {
	case a.listing != nil && a.listing.Code == CancelledCode, cancelled && ctx.Err() != nil:
		c.Gap = a.listing
		return none(evidence.Cancelled, seen("the run was cancelled while this was asked", a.rows))
	case a.listing != nil:
		c.Gap = a.listing
		gaps++
		if a.rows > 0 || a.listing.Code == TruncatedCode {
			return none(evidence.Truncated, seen(says(*a.listing), a.rows))
		}
		return none(a.refused, says(*a.listing))
	case a.ended != "":
		return none(a.ended, a.reason)
	case doubled != "":
		c.Gap = &evidence.Gap{Question: c.Source, Code: "Unreadable", Message: doubled}
		return none(evidence.Failed, doubled)
	case len(items) == 0 && len(a.aside) == 0:
		c.State, c.Path = evidence.Empty, ""
		return nil
	}
	file, err := evidence.WriteItems(items)
	if err != nil {
		c.Gap = &evidence.Gap{Question: c.Source, Code: "Unreadable", Message: err.Error()}
		return none(evidence.Failed, err.Error())
	}
	sum := sha256.Sum256(file)
	c.State, c.Items, c.Gaps, c.Sum = evidence.Collected, len(items), gaps, hex.EncodeToString(sum[:])
	if gaps > 0 {
		c.State = evidence.Partial
		c.Reason = fmt.Sprintf("%s about %s not answered", plural(gaps, "question", "questions"), plural(len(items), "item", "items"))
		c.Gap = firstGap(a.aside, items)
		if a.expired != "" { // what cut it off counts for more than what came first
			c.Gap = cmp.Or(endingGap(items), c.Gap)
		}
	}
	if len(items) == 0 { // an aside and nothing listed
		c.State, c.Path, c.Sum = evidence.Empty, "", ""
		return nil
	}
	return file
}

// settle sorts the items and their gaps, drops a row that pages gave twice with
// the same words, and turns an item nobody said anything about into a refused
// listing. doubled names an id that was given twice with different answers.
func (a *Answer) settle() (items []evidence.Item, doubled string) {
	for _, it := range a.items {
		sort.Slice(it.Gaps, func(i, j int) bool { return gapLess(it.Gaps[i], it.Gaps[j]) })
		if len(it.Answers) == 0 && len(it.Gaps) > 0 && a.listing == nil {
			g := it.Gaps[0]
			a.listing, a.refused = &g, StateOf(g)
			continue
		}
		items = append(items, it)
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i].ID < items[j].ID })
	out := items[:0]
	for i, it := range items {
		if i > 0 && it.ID == items[i-1].ID {
			b, err := it.MarshalJSON()
			p, perr := items[i-1].MarshalJSON()
			if err == nil && perr == nil && bytes.Equal(b, p) {
				continue
			}
			return nil, fmt.Sprintf("the listing gave %q twice, with different answers", it.ID)
		}
		out = append(out, it)
	}
	return out, ""
}

func gapLess(a, b evidence.Gap) bool {
	if a.Question != b.Question {
		return a.Question < b.Question
	}
	return a.Code+"\x00"+a.Message < b.Code+"\x00"+b.Message
}

func firstGap(aside []evidence.Gap, items []evidence.Item) *evidence.Gap {
	if len(aside) > 0 {
		return &aside[0]
	}
	for _, it := range items {
		if len(it.Gaps) > 0 {
			g := it.Gaps[0]
			return &g
		}
	}
	return nil
}

// endingGap is one that says that the credentials ended, nil for none.
func endingGap(items []evidence.Item) *evidence.Gap {
	for _, it := range items {
		for _, g := range it.Gaps {
			if Ends(g) {
				return &g
			}
		}
	}
	return nil
}

func says(g evidence.Gap) string {
	if g.Message == "" {
		return g.Question + ": " + g.Code
	}
	return g.Question + ": " + g.Code + ": " + g.Message
}

func seen(reason string, rows int) string {
	if rows == 0 {
		return reason
	}
	return fmt.Sprintf("%s (after %s)", reason, plural(rows, "row", "rows"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Calls returns the calls made so far, for planning.
func (a *Answer) Calls() []evidence.Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]evidence.Call(nil), a.calls...)
}
