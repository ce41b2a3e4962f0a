// Package collect asks sources and takes down what they say: which cells were
// planned, how each ended, and the items of those that were answered.
//
// Glossary:
//
//   - A task is one planned cell and how to ask it.
//   - A plan is all tasks of one run, fixed before the first question.
//   - An answer is what one task was told: items, gaps, calls.
//
// Rules: a refusal is a state of its cell, never an error; a listing that was
// not whole writes no file, for a part must not pass for the whole; the order in
// which answers arrive never shows in what is written. A collector does not judge:
// nothing here knows of controls.
package collect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"exhibit/evidence"
)

// A Task is one planned cell and how to ask it.
type Task struct {
	// Cell names account, region and source. A Path is kept; without one the file is PathOf(Cell).
	// State and Reason are set where planning already knows the end (out of scope, account suspended …).
	Cell evidence.Cell
	// Ask puts the questions and hands what it hears to a. It must return when ctx ends.
	// nil when Cell.State is known.
	Ask func(ctx context.Context, a *Answer)
}

// A Plan is all that a run is going to ask.
type Plan struct {
	Tasks   []Task
	Callers []evidence.Caller
	Calls   []evidence.Call // those that planning itself made
	Only    []string        // sources the run is limited to; empty for all
	// Endpoints are those that are not the provider's own, as configured.
	Endpoints []string
	// Native reports whether an endpoint is the provider's own; with no Endpoints
	// configured, every other one that a call used is named in the run. nil trusts all.
	Native func(endpoint string) bool
	// InFlight is how many tasks are asked at a time; 32 when 0.
	InFlight int
	// After is asked once at the end who the callers are then; nil when nobody needs asking.
	After func(ctx context.Context, callers []evidence.Caller) []evidence.Call
}

// PathOf is the file that holds a cell's items, from the repository's root:
// evidence/aws/111122223333/eu-west-1/kms-key.jsonl.
func PathOf(c evidence.Cell) string {
	if c.Path != "" {
		return c.Path
	}
	return "evidence/aws/" + c.Account + "/" + c.Region + "/" + strings.ReplaceAll(c.Source, "/", "-") + ".jsonl"
}

// Run asks every task and ends every cell in exactly one state. now is the
// clock. progress may be nil; it is called for one cell at a time, as they end.
//
// A cancelled ctx leaves the cells not yet asked "cancelled" and still returns
// the snapshot. The error is only for what must not be written at all: a plan
// that names a cell twice, or a secret in an answer.
func Run(ctx context.Context, now func() time.Time, p Plan, progress func(done, total int, c evidence.Cell)) (*evidence.Snapshot, error) {
	sum, err := p.Sum()
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	r := run{now: now, expired: map[string]string{}, progress: progress, total: len(p.Tasks)}
	started := now()
	r.ask(ctx, p)

	callers := append([]evidence.Caller(nil), p.Callers...)
	calls := append(append([]evidence.Call(nil), p.Calls...), r.calls...)
	if p.After != nil {
		calls = append(calls, p.After(ctx, callers)...)
	}
	sortCalls(calls)
	sort.Slice(r.cells, func(i, j int) bool { return cellKey(r.cells[i]) < cellKey(r.cells[j]) })
	sort.SliceStable(callers, func(i, j int) bool { return callers[i].Account < callers[j].Account })

	snap := &evidence.Snapshot{Cells: r.cells, Calls: calls, Files: r.files}
	if snap.Files == nil {
		snap.Files = map[string][]byte{}
	}
	snap.Run = evidence.Run{
		Started: started, Ended: now(), Callers: callers, Only: p.Only, PlanSum: sum,
		Cells: len(r.cells), Calls: len(calls), Complete: true,
		Endpoints: foreign(p, calls), ClockSkew: clockSkew(calls), Redactions: r.redactions,
	}
	for _, c := range r.cells {
		snap.Run.Gaps += c.Gaps
		if !c.State.Answered() || c.Gaps > 0 {
			snap.Run.Complete = false
		}
	}
	if err := Secrets(snap.Files); err != nil {
		return nil, err
	}
	for _, c := range snap.Cells {
		if what := secretText(c.Reason); what != "" {
			return nil, fmt.Errorf("%s %s %s: the reason it ended %s holds %s: nothing was written", c.Account, c.Region, c.Source, c.State, what)
		}
	}
	return snap, nil
}

// Sum is the sha256 of the planned cells, one canonical line each, sorted; it
// says what was going to be asked, whatever came of it.
func (p Plan) Sum() (string, error) {
	var lines []string
	for _, t := range p.Tasks {
		m := map[string]string{"account": t.Cell.Account, "region": t.Cell.Region, "source": t.Cell.Source, "state": string(t.Cell.State), "reason": t.Cell.Reason}
		b, err := evidence.Canonical(m)
		if err != nil {
			return "", err
		}
		lines = append(lines, string(b)+"\n")
	}
	sort.Strings(lines)
	seen := map[string]bool{}
	for _, t := range p.Tasks {
		k := cellKey(t.Cell)
		if seen[k] {
			return "", fmt.Errorf("the cell %s %s %s is planned twice", t.Cell.Account, t.Cell.Region, t.Cell.Source)
		}
		seen[k] = true
	}
	s := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(s[:]), nil
}

func cellKey(c evidence.Cell) string { return c.Account + "\x00" + c.Region + "\x00" + c.Source }

// run is one Run under way.
type run struct {
	now      func() time.Time
	progress func(done, total int, c evidence.Cell)
	total    int

	mu         sync.Mutex
	cells      []evidence.Cell
	calls      []evidence.Call
	files      map[string][]byte
	redactions map[string]int
	expired    map[string]string // account -> what its credentials' end was called
}

// ask works through the tasks, InFlight at a time, accounts and regions
// interleaved as planned.
func (r *run) ask(ctx context.Context, p Plan) {
	n := p.InFlight
	if n <= 0 {
		n = 32
	}
	tasks := make(chan Task)
	var wg sync.WaitGroup
	for range min(n, max(1, len(p.Tasks))) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for t := range tasks {
				r.task(ctx, t)
			}
		}()
	}
	for _, t := range p.Tasks {
		tasks <- t
	}
	close(tasks)
	wg.Wait()
}

// task asks one cell, unless its end is known already.
func (r *run) task(ctx context.Context, t Task) {
	c := t.Cell
	a := &Answer{}
	switch reason := r.ended(c.Account); {
	case c.State != "":
	case t.Ask == nil:
		c.State, c.Reason = evidence.Failed, "planned without a way to ask"
	case ctx.Err() != nil:
		c.State, c.Reason = evidence.Cancelled, "the run was cancelled before this was asked"
	case reason != "":
		c.State, c.Reason = evidence.CredentialExpired, reason
	default:
		c.Started = r.now().UTC()
		t.Ask(ctx, a)
		c.Ended = r.now().UTC()
	}
	file := a.finish(ctx, &c)
	r.done(c, a, file)
}

func (r *run) ended(account string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.expired[account]
}

func (r *run) done(c evidence.Cell, a *Answer, file []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if file != nil {
		if r.files == nil {
			r.files = map[string][]byte{}
		}
		r.files[c.Path] = file
	}
	if a.expired != "" && r.expired[c.Account] == "" {
		r.expired[c.Account] = a.expired
	}
	for rule, n := range a.redactions {
		if r.redactions == nil {
			r.redactions = map[string]int{}
		}
		r.redactions[rule] += n
	}
	r.cells = append(r.cells, c)
	r.calls = append(r.calls, a.calls...)
	if r.progress != nil {
		r.progress(len(r.cells), r.total, c)
	}
}

// foreign are the endpoints that are not the provider's own.
func foreign(p Plan, calls []evidence.Call) []string {
	if len(p.Endpoints) > 0 || p.Native == nil {
		return p.Endpoints
	}
	seen := map[string]bool{}
	var out []string
	for _, c := range calls {
		if c.Endpoint != "" && !seen[c.Endpoint] && !p.Native(c.Endpoint) {
			seen[c.Endpoint] = true
			out = append(out, c.Endpoint)
		}
	}
	sort.Strings(out)
	return out
}

// sortCalls orders calls by what was asked, so that the order in which they
// were answered does not show.
func sortCalls(calls []evidence.Call) {
	key := make(map[int]string, len(calls))
	idx := make([]int, len(calls))
	for i, c := range calls {
		params, _ := evidence.Canonical(c.Params) // maps of strings: cannot fail; an empty key only moves the line
		key[i] = strings.Join([]string{c.Account, c.Region, c.Source, c.Service, c.Operation, string(params), fmt.Sprintf("%09d", c.Page), c.Started.UTC().Format(time.RFC3339Nano), c.RequestID}, "\x00")
		idx[i] = i
	}
	sort.SliceStable(idx, func(i, j int) bool { return key[idx[i]] < key[idx[j]] })
	out := make([]evidence.Call, len(calls))
	for i, j := range idx {
		out[i] = calls[j]
	}
	copy(calls, out)
}

// clockSkew is the machine's clock minus the servers' median Date, in whole
// seconds; nil when no server gave a date.
func clockSkew(calls []evidence.Call) *int {
	var diffs []time.Duration
	for _, c := range calls {
		if d, err := time.Parse(time.RFC3339, c.Date); err == nil && !c.Ended.IsZero() {
			diffs = append(diffs, c.Ended.Sub(d))
		}
	}
	if len(diffs) == 0 {
		return nil
	}
	sort.Slice(diffs, func(i, j int) bool { return diffs[i] < diffs[j] })
	// A Date is cut to its second, so half a second of every difference is the cut.
	s := int((diffs[len(diffs)/2] - time.Second/2).Round(time.Second) / time.Second)
	return &s
}
