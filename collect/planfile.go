package collect

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"exhibit/evidence"
)

// A PlanHead is what a plan's file says before its cells. The file looks like
// this; the sum is that of the lines after the first, as tail -n +2 | sha256sum
// prints it:
//
//	{"plan":"exhibit plan v1","sha256":"5f32…","config_sha256":"77ab…","planned":"2026-10-01T06:00:00Z",…}
//	{"account":"111122223333","reason":"","region":"eu-west-1","source":"kms/key","state":""}
//
// A cell with a state is not to be asked: its end was known when it was planned.
type PlanHead struct {
	Format    string            `json:"plan"`
	Sum       string            `json:"sha256"`
	Config    string            `json:"config_sha256"` // of the configuration and the program that planned
	Planned   time.Time         `json:"planned"`
	Tool      string            `json:"tool"`
	Accounts  int               `json:"accounts"`
	Cells     int               `json:"cells"`
	Only      []string          `json:"only,omitempty"`
	Endpoints []string          `json:"overridden_endpoints,omitempty"`
	CAs       []string          `json:"custom_cas,omitempty"`
	Callers   []evidence.Caller `json:"callers,omitempty"`
	Calls     []evidence.Call   `json:"calls,omitempty"` // those that planning made
}

const planFormat = "exhibit plan v1"

// WritePlan writes a plan for other processes. config and tool say what planned.
func WritePlan(w io.Writer, p Plan, planned time.Time, config, tool string) (PlanHead, error) {
	lines, sum, err := p.lines()
	if err != nil {
		return PlanHead{}, err
	}
	h := PlanHead{
		Format: planFormat, Sum: sum, Config: config, Planned: planned.UTC(), Tool: tool, Cells: len(p.Tasks),
		Only: p.Only, Endpoints: p.Endpoints, CAs: p.CAs, Callers: p.Callers, Calls: slices.Clone(p.Calls),
	}
	accounts := map[string]bool{}
	for _, t := range p.Tasks {
		if t.Cell.Account != "" {
			accounts[t.Cell.Account] = true
		}
		if t.Told != nil { // whoever takes the plan up asks this again; that it was asked is on record
			h.Calls = append(h.Calls, t.Told.Calls()...)
		}
	}
	h.Accounts = len(accounts)
	head, err := evidence.Canonical(h)
	if err != nil {
		return h, err
	}
	b := bufio.NewWriter(w)
	_, _ = b.Write(append(head, '\n')) // Flush tells
	for _, l := range lines {
		_, _ = b.WriteString(l) // the same
	}
	return h, b.Flush()
}

// WritePlanFile writes a plan to a file, compressed or not.
func WritePlanFile(name string, compressed bool, p Plan, planned time.Time, config, tool string) (h PlanHead, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return h, fmt.Errorf("writing the plan: %w", err)
	}
	var w io.Writer = f
	flush := func() error { return nil }
	if compressed {
		z, _ := gzip.NewWriterLevel(f, gzip.BestSpeed) // the level is one of gzip's own
		w, flush = z, z.Close
	}
	h, err = WritePlan(w, p, planned, config, tool)
	if err = errors.Join(err, flush(), f.Close()); err != nil {
		return h, fmt.Errorf("writing the plan: %w", err)
	}
	return h, nil
}

// ReadPlan reads a plan, compressed or not, and checks that it is whole.
func ReadPlan(r io.Reader) (PlanHead, []evidence.Cell, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if magic, err := b.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return PlanHead{}, nil, fmt.Errorf("reading the plan: %w", err)
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	var h PlanHead
	line, err := b.ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &h) != nil || h.Format != planFormat {
		return h, nil, fmt.Errorf("this is no plan of exhibit's: its first line does not say %q", planFormat)
	}
	sum := sha256.New()
	cells := make([]evidence.Cell, 0, min(max(h.Cells, 0), 1<<20))
	for {
		line, err := b.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return h, nil, fmt.Errorf("reading the plan: line %d: %w", len(cells)+2, err)
		}
		var c evidence.Cell
		if err := json.Unmarshal(line, &c); err != nil {
			return h, nil, fmt.Errorf("reading the plan: line %d: %w", len(cells)+2, err)
		}
		_, _ = sum.Write(line) // a hash's Write never fails
		cells = append(cells, c)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != h.Sum || len(cells) != h.Cells {
		return h, nil, fmt.Errorf("the plan was changed or cut: it has %d cells and the sum %.12s…, and its first line says %d and %.12s…", len(cells), got, h.Cells, h.Sum)
	}
	return h, cells, nil
}

// Shard says which cells of a plan are those of the i-th of n shards, from 1. A
// region of an account is never split, for its limits are one; the regions go to
// the shards in order, so that a shard enters few accounts, and evenly by the
// cells that are to be asked.
func Shard(cells []evidence.Cell, i, n int) func(evidence.Cell) bool {
	type region struct{ account, name string }
	count := map[region]int{}
	total := 0
	for _, c := range cells {
		r := region{c.Account, c.Region}
		if _, ok := count[r]; !ok {
			count[r] = 0
		}
		if c.State == "" {
			count[r]++
			total++
		}
	}
	order := make([]region, 0, len(count))
	for r := range count {
		order = append(order, r)
	}
	slices.SortFunc(order, func(a, b region) int {
		return cellName{a.account, a.name, ""}.compare(cellName{b.account, b.name, ""})
	})
	mine := map[region]bool{}
	before := 0
	for _, r := range order {
		// The shard a region belongs to is the one its middle cell falls into.
		at := (2*before + count[r]) * n / max(1, 2*total)
		mine[r] = min(at, n-1) == i-1
		before += count[r]
	}
	return func(c evidence.Cell) bool { return mine[region{c.Account, c.Region}] }
}
