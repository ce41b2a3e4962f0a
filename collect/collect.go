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
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
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
	// Told is what planning was told of the cell already; it is then not asked. nil for most.
	Told *Answer
}

// A Plan is all that a run is going to ask.
type Plan struct {
	Tasks   []Task
	Callers []evidence.Caller
	Calls   []evidence.Call // those that planning itself made
	Only    []string        // sources the run is limited to; empty for all
	// Endpoints are those that are not the provider's own, as configured.
	Endpoints []string
	// CAs are the certificate authorities trusted in place of the system's own, in words.
	CAs []string
	// Native reports whether an endpoint is the provider's own; with no Endpoints
	// configured, every other one that a call used is named in the run. nil trusts all.
	Native func(endpoint string) bool
	// InFlight is how many tasks are asked at a time; 32 when 0.
	InFlight int
	// After is asked once at the end who the callers are then; nil when nobody needs asking.
	After func(ctx context.Context, callers []evidence.Caller) []evidence.Call

	// Digest is the Sum of the whole plan where Tasks are a part of it; "" for their own.
	Digest string
	// Started is when an earlier process began the run; zero when it begins now.
	Started time.Time
	// Ended is when an asking that is over ended; zero for when the last of the Parts
	// was told, or for now.
	Ended time.Time
	// Spool keeps what is told, as it comes; nil for memory. What it has already
	// of an earlier process is not asked again.
	Spool *Spool
	// Parts are the spools of what was asked already, by other processes too. With
	// them nothing is asked, and a cell none of them has is lost.
	Parts []*Spool
}

// PathOf is the file that holds a cell's items, from the repository's root:
// evidence/aws/111122223333/eu-west-1/kms-key.jsonl.
func PathOf(c evidence.Cell) string {
	if c.Path != "" {
		return c.Path
	}
	return "evidence/aws/" + c.Account + "/" + c.Region + "/" + strings.ReplaceAll(c.Source, "/", "-") + ".jsonl"
}

// Ask asks every task of a plan into its spool and makes nothing of what it is
// told: whoever keeps the run takes it from there, with the spool among the Parts
// of its own plan. What the spool holds already is not looked at.
//
// A cancelled ctx leaves what was not asked out of the spool. The error is for
// what must not be written.
func Ask(ctx context.Context, now func() time.Time, p Plan, progress func(done, total int, c evidence.Cell)) error {
	r := newRun(now, p, progress)
	if err := r.beside(p.Calls, p.Callers); err != nil {
		return err
	}
	r.ask(ctx)
	if err := r.after(ctx); err != nil {
		return err
	}
	return r.refused
}

// Run asks every task and ends every cell in exactly one state. now is the
// clock. progress may be nil; it is called for one cell at a time, as they end.
//
// A cancelled ctx leaves the cells not yet asked "cancelled" and still returns
// the snapshot, which can be read until the plan's spool is closed. The error is
// only for what must not be written at all: a plan that names a cell twice, or a
// secret in an answer.
func Run(ctx context.Context, now func() time.Time, p Plan, progress func(done, total int, c evidence.Cell)) (*evidence.Snapshot, error) {
	sum := p.Digest
	_, err := p.order()
	if err == nil && sum == "" {
		sum, err = p.Sum()
	}
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	r := newRun(now, p, progress)
	if err := r.take(); err != nil {
		return nil, err
	}
	started := p.Started
	if started.IsZero() {
		started = now()
	}
	if err := r.beside(p.Calls, p.Callers); err != nil {
		return nil, err
	}
	if len(p.Parts) > 0 {
		r.lose()
	} else {
		r.ask(ctx)
		if err := r.after(ctx); err != nil {
			return nil, err
		}
	}
	if r.refused != nil {
		return nil, r.refused
	}
	snap, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	snap.Run.Started, snap.Run.PlanSum = started, sum
	switch {
	case !p.Ended.IsZero():
		snap.Run.Ended = p.Ended
	case len(p.Parts) > 0:
		snap.Run.Ended = r.last(started) // the same parts give the same run whenever they are merged
	default:
		snap.Run.Ended = now()
	}
	return snap, nil
}

// Sum is the sha256 of the planned cells, one canonical line each, sorted; it
// says what was going to be asked, whatever came of it.
func (p Plan) Sum() (string, error) {
	_, sum, err := p.lines()
	return sum, err
}

// order is that of the tasks by their cells' names. Two of one name are an error.
func (p Plan) order() ([]int32, error) {
	order := make([]int32, len(p.Tasks))
	for i := range order {
		order[i] = int32(i)
	}
	name := func(i int32) cellName { return nameOf(p.Tasks[i].Cell) }
	slices.SortFunc(order, func(a, b int32) int { return name(a).compare(name(b)) })
	for n, i := range order {
		if n > 0 && name(i) == name(order[n-1]) {
			c := p.Tasks[i].Cell
			return nil, fmt.Errorf("the cell %s %s %s is planned twice", c.Account, c.Region, c.Source)
		}
	}
	return order, nil
}

// lines are the planned cells as Sum takes them, and Sum.
func (p Plan) lines() (lines []string, sum string, err error) {
	order, err := p.order()
	if err != nil {
		return nil, "", err
	}
	lines = make([]string, 0, len(p.Tasks))
	for _, i := range order {
		b, err := planLine(p.Tasks[i].Cell)
		if err != nil {
			return nil, "", err
		}
		lines = append(lines, string(b))
	}
	sort.Strings(lines)
	h := sha256.New()
	for _, l := range lines {
		_, _ = io.WriteString(h, l) // a hash's Write never fails
	}
	return lines, hex.EncodeToString(h.Sum(nil)), nil
}

// planLine is a cell as it was planned.
func planLine(c evidence.Cell) ([]byte, error) {
	b, err := evidence.Canonical(map[string]string{"account": c.Account, "region": c.Region, "source": c.Source, "state": string(c.State), "reason": c.Reason})
	return append(b, '\n'), err
}

// A cellName is what one cell of a run is told from the others by.
type cellName struct{ account, region, source string }

func nameOf(c evidence.Cell) cellName { return cellName{c.Account, c.Region, c.Source} }

func (n cellName) compare(o cellName) int {
	return cmp.Or(cmp.Compare(n.account, o.account), cmp.Compare(n.region, o.region), cmp.Compare(n.source, o.source))
}
