package collect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"exhibit/evidence"
)

// A run is one Run under way. What it keeps in memory of a cell is the cell and
// where its record lies.
type run struct {
	plan     Plan
	now      func() time.Time
	progress func(done, total int, c evidence.Cell)
	spool    *Spool
	total    int
	cells    []evidence.Cell // by task, as planned and then as they ended
	places   []place         // by task
	ended    []bool          // by task: nothing is to be asked any more
	taken    bool            // earlier processes asked some

	mu         sync.Mutex
	done       int
	strays     []evidence.Call // calls that belong to no cell
	callers    []evidence.Caller
	redactions map[string]int
	expired    map[string]string // account -> what its credentials' end was called
	refused    error             // what must not be written, of the first path
	refusedAt  string
}

func newRun(now func() time.Time, p Plan, progress func(int, int, evidence.Cell)) *run {
	r := &run{
		plan: p, now: now, progress: progress, spool: p.Spool, total: len(p.Tasks),
		cells: make([]evidence.Cell, len(p.Tasks)), places: make([]place, len(p.Tasks)), ended: make([]bool, len(p.Tasks)),
		redactions: map[string]int{}, expired: map[string]string{},
	}
	if r.spool == nil {
		r.spool = memorySpool()
	}
	for i := range p.Tasks {
		r.cells[i] = p.Tasks[i].Cell
	}
	return r
}

// beside takes down what was asked and learnt that belongs to no cell.
func (r *run) beside(calls []evidence.Call, callers []evidence.Caller) error {
	r.strays = append(r.strays, calls...)
	r.callers = mergeCallers(r.callers, callers)
	if len(calls) == 0 && len(callers) == 0 {
		return nil
	}
	_, err := r.spool.put(record{Strays: calls, Callers: callers}, nil, nil)
	return err
}

// after asks the callers once more who they are.
func (r *run) after(ctx context.Context) error {
	if r.plan.After == nil {
		return nil
	}
	callers := slices.Clone(r.plan.Callers)
	return r.beside(r.plan.After(ctx, callers), callers)
}

// ask works through the tasks that are left, InFlight at a time. A region is
// asked for all accounts before the next, so that connections are used again,
// and what is asked once an account comes first: it takes longest.
func (r *run) ask(ctx context.Context) {
	n := r.plan.InFlight
	if n <= 0 {
		n = 32
	}
	order := make([]int32, 0, len(r.plan.Tasks))
	for i := range r.plan.Tasks {
		if !r.ended[i] {
			order = append(order, int32(i))
		}
	}
	rank := func(i int32) string {
		if reg := r.cells[i].Region; reg != "global" {
			return reg
		}
		return ""
	}
	slices.SortStableFunc(order, func(a, b int32) int { return strings.Compare(rank(a), rank(b)) })
	tasks := make(chan int32)
	var wg sync.WaitGroup
	for range min(n, max(1, len(order))) {
		wg.Go(func() {
			for i := range tasks {
				r.task(ctx, int(i))
			}
		})
	}
	for _, i := range order {
		tasks <- i
	}
	close(tasks)
	wg.Wait()
	r.plan.Tasks = nil // what asks is not needed any more
}

// task asks one cell, unless its end is known already.
func (r *run) task(ctx context.Context, i int) {
	t := r.plan.Tasks[i]
	c := t.Cell
	a := &Answer{}
	asked := false
	switch reason := r.over(c.Account); {
	case c.State != "":
	case t.Ask == nil && t.Told == nil:
		c.State, c.Reason = evidence.Failed, "planned without a way to ask"
	case ctx.Err() != nil:
		c.State, c.Reason = evidence.Cancelled, "the run was cancelled before this was asked"
	case reason != "":
		c.State, c.Reason = evidence.CredentialExpired, reason
	default:
		asked = true
		c.Started = r.now().UTC()
		if t.Told != nil {
			a.Take(t.Told)
		} else {
			t.Ask(ctx, a)
		}
		c.Ended = r.now().UTC()
	}
	planned := t.Cell.State != ""
	file := a.finish(ctx, &c)
	var at place
	if err := gate(c, file); err != nil {
		r.refuse(PathOf(t.Cell), err)
	} else if !planned && (asked || c.State != evidence.Cancelled) {
		lines, strays, err := ownCalls(c, a.calls)
		if err == nil {
			at, err = r.spool.put(record{Cell: &c, Strays: strays, Redactions: a.redactions}, lines, file)
		}
		if err != nil {
			r.refuse("", err)
		}
		r.mu.Lock()
		r.strays = append(r.strays, strays...)
		r.mu.Unlock()
	}
	r.end(i, c, at, a)
}

func (r *run) over(account string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.expired[account]
}

func (r *run) end(i int, c evidence.Cell, at place, a *Answer) {
	r.cells[i], r.places[i], r.ended[i] = c, at, true
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.expired != "" && r.expired[c.Account] == "" {
		r.expired[c.Account] = a.expired
	}
	for rule, n := range a.redactions {
		r.redactions[rule] += n
	}
	r.done++
	if r.progress != nil {
		r.progress(r.done, r.total, c)
	}
}

// refuse takes down what must not be written: of several the one whose path comes first.
func (r *run) refuse(path string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused == nil || path < r.refusedAt {
		r.refused, r.refusedAt = err, path
	}
}

// gate stands before everything that is written: an answer that holds a
// credential goes nowhere.
func gate(c evidence.Cell, file []byte) error {
	if file != nil {
		if err := Secrets(c.Path, file); err != nil {
			return err
		}
	}
	if what := secretText(c.Reason); what != "" {
		return fmt.Errorf("%s %s %s: the reason it ended %s holds %s: nothing was written", c.Account, c.Region, c.Source, c.State, what)
	}
	return nil
}

// take takes up what spools have already: this run's own, and those of its parts.
func (r *run) take() error {
	spools := r.plan.Parts
	if len(spools) == 0 && r.spool.size > 0 {
		spools = []*Spool{r.spool}
	}
	if len(spools) == 0 {
		return nil
	}
	r.taken = true
	index := make([]int32, len(r.cells)) // by name
	for i := range index {
		index[i] = int32(i)
	}
	slices.SortFunc(index, func(a, b int32) int { return nameOf(r.cells[a]).compare(nameOf(r.cells[b])) })
	for _, s := range spools {
		err := s.each(func(at place, rec record) error {
			r.strays = append(r.strays, besides(rec)...)
			r.callers = mergeCallers(r.callers, rec.Callers)
			if rec.Cell == nil {
				return nil
			}
			if len(r.plan.Parts) == 0 && unfinished(*rec.Cell) {
				return nil // asked again
			}
			n, planned := slices.BinarySearchFunc(index, nameOf(*rec.Cell), func(i int32, n cellName) int { return nameOf(r.cells[i]).compare(n) })
			if !planned || r.cells[index[n]].State != "" && !r.ended[index[n]] {
				return fmt.Errorf("%s holds %s %s %s, which is not in the plan to be asked", s.name, rec.Cell.Account, rec.Cell.Region, rec.Cell.Source)
			}
			r.offer(int(index[n]), at, *rec.Cell)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return r.settle()
}

// offer takes a record of a cell unless there is a better one.
func (r *run) offer(i int, at place, c evidence.Cell) {
	old := r.cells[i]
	n := nameOf(old)
	c.Account, c.Region, c.Source = n.account, n.region, n.source // the same text, once in memory
	if !r.ended[i] || better(c, old) {
		r.cells[i], r.places[i], r.ended[i] = c, at, true
	}
}

// better says which of two records of one cell is kept: the one that was
// answered; of two the one that ended later; of the same moment the one whose
// sum is less.
func better(a, b evidence.Cell) bool {
	if a.State.Answered() != b.State.Answered() {
		return a.State.Answered()
	}
	if !a.Ended.Equal(b.Ended) {
		return a.Ended.After(b.Ended)
	}
	return a.Sum < b.Sum || a.Sum == b.Sum && a.State < b.State
}

// settle checks what was taken.
func (r *run) settle() error {
	for i, c := range r.cells {
		if !r.ended[i] {
			continue
		}
		rec, err := r.places[i].record()
		if err != nil {
			return err
		}
		if err := r.sound(r.places[i], c); err != nil {
			return err
		}
		r.strays = append(r.strays, rec.Strays...)
		for rule, n := range rec.Redactions {
			r.redactions[rule] += n
		}
		r.done++
	}
	return nil
}

// unfinished cells are asked again when their run is taken up.
func unfinished(c evidence.Cell) bool {
	return c.State == evidence.Cancelled || c.State == evidence.CredentialExpired || CutOff(c)
}

// CutOff reports whether a cell is not whole because its account's credentials
// ended while the run was under way, or was not asked for that.
func CutOff(c evidence.Cell) bool {
	if c.Gap == nil {
		return c.State == evidence.CredentialExpired
	}
	return Ends(*c.Gap)
}

// besides are the calls of a record that belongs to no cell.
func besides(rec record) []evidence.Call {
	if rec.Cell != nil {
		return nil
	}
	return rec.Strays
}

// lose ends the cells that no part brought.
func (r *run) lose() {
	r.plan.Tasks = nil
	for i := range r.cells {
		if c := &r.cells[i]; !r.ended[i] && c.State == "" {
			c.State, c.Reason, c.Gaps = evidence.Lost, "it was planned, and the shard that had to ask it never came back", 1
		}
		r.ended[i] = true
	}
}
