package collect

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"exhibit/evidence"
)

// sound checks a record that an earlier process wrote: its file is what its sum
// says, has as many rows, and holds no credential.
func (r *run) sound(at place, c evidence.Cell) error {
	where := fmt.Sprintf("%s: %s %s %s", at.in.name, c.Account, c.Region, c.Source)
	if (at.file > 0) != (c.Sum != "") || (c.Sum != "") != (c.Path != "") || c.State == "" {
		return fmt.Errorf("%s: its record contradicts itself", where)
	}
	var file []byte
	if at.file > 0 {
		var err error
		if file, err = at.content().Bytes(); err != nil {
			return fmt.Errorf("%s: reading its file: %w", where, err)
		}
		if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != c.Sum {
			return fmt.Errorf("%s: its file is not what its sum says", where)
		}
		if n := bytes.Count(file, []byte("\n")); n != c.Items {
			return fmt.Errorf("%s: its file has %d rows, not %d", where, n, c.Items)
		}
	}
	return gate(c, file)
}

// snapshot puts together what every cell said, in an order that shows nothing of
// the one they ended in.
func (r *run) snapshot() (*evidence.Snapshot, error) {
	sort.Sort(byName{r.cells, r.places})
	snap := &evidence.Snapshot{Cells: r.cells, Files: map[string]evidence.Content{}}
	snap.Run = evidence.Run{Callers: r.callers, Only: r.plan.Only, Cells: len(r.cells), Complete: true}
	if len(r.redactions) > 0 {
		snap.Run.Redactions = r.redactions
	}
	for i, c := range r.cells {
		if c.Path != "" {
			snap.Files[c.Path] = r.places[i].content()
		}
		snap.Run.Gaps += c.Gaps
		if !c.State.Answered() || c.Gaps > 0 {
			snap.Run.Complete = false
		}
	}
	return snap, r.calls(snap)
}

// byName sorts cells, and where their records lie, in place: there may be millions.
type byName struct {
	cells  []evidence.Cell
	places []place
}

func (b byName) Len() int           { return len(b.cells) }
func (b byName) Less(i, j int) bool { return nameOf(b.cells[i]).compare(nameOf(b.cells[j])) < 0 }
func (b byName) Swap(i, j int) {
	b.cells[i], b.cells[j] = b.cells[j], b.cells[i]
	b.places[i], b.places[j] = b.places[j], b.places[i]
}

// calls writes calls.jsonl beside the spool: each cell's own, and between them
// those that belong to no cell, by what was asked.
func (r *run) calls(snap *evidence.Snapshot) error {
	var to backing = &memory{}
	if r.spool.name != inMemory {
		f, err := os.OpenFile(filepath.Join(filepath.Dir(r.spool.name), "calls.jsonl"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("writing the calls: %w", err)
		}
		r.spool.also = append(r.spool.also, f)
		to = f
	}
	at := &appender{to: to}
	w := bufio.NewWriterSize(at, 1<<16)
	s := summary{seen: map[string]bool{}, skew: map[time.Duration]int{}}
	strays := slices.Clone(r.strays)
	sortCalls(strays)
	if r.taken { // an earlier process may have said the same
		strays = distinct(strays)
	}
	write := func(calls []evidence.Call) error {
		sortCalls(calls)
		lines, err := evidence.WriteLines(calls)
		if err != nil {
			return err
		}
		s.add(lines)
		_, err = w.Write(lines)
		return err
	}
	for i := range r.cells {
		name := nameOf(r.cells[i])
		n := 0
		for n < len(strays) && callCell(strays[n]).compare(name) < 0 {
			n++
		}
		if err := write(strays[:n]); err != nil {
			return err
		}
		strays = strays[n:]
		lines, err := r.places[i].callLines()
		if err != nil {
			return fmt.Errorf("reading the calls of %s: %w", r.spool.name, err)
		}
		for n = 0; n < len(strays) && callCell(strays[n]) == name; n++ {
		}
		if n > 0 {
			own, err := evidence.ReadLines[evidence.Call](lines)
			if err != nil {
				return err
			}
			if err := write(append(slices.Clone(strays[:n]), own...)); err != nil {
				return err
			}
			strays = strays[n:]
			continue
		}
		s.add(lines)
		if _, err := w.Write(lines); err != nil {
			return err
		}
	}
	if err := write(strays); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the calls: %w", err)
	}
	snap.Calls = evidence.Within(to, 0, at.size)
	snap.Run.Calls, snap.Run.ClockSkew = s.count, s.median()
	snap.Run.Endpoints, snap.Run.CAs = r.plan.Endpoints, r.plan.CAs
	if len(r.plan.Endpoints) == 0 && r.plan.Native != nil {
		for _, e := range sortedKeys(s.seen) {
			if e != "" && !r.plan.Native(e) {
				snap.Run.Endpoints = append(snap.Run.Endpoints, e)
			}
		}
	}
	return nil
}

// An appender writes one piece after another.
type appender struct {
	to   io.WriterAt
	size int64
}

func (a *appender) Write(b []byte) (int, error) {
	n, err := a.to.WriteAt(b, a.size)
	a.size += int64(n)
	return n, err
}

// A summary is what the calls together say.
type summary struct {
	count int
	seen  map[string]bool       // endpoints
	skew  map[time.Duration]int // the machine's clock minus the server's, to a hundredth of a second
}

func (s *summary) add(lines []byte) {
	for line := range bytes.Lines(lines) {
		s.count++
		var c struct {
			Endpoint string    `json:"endpoint"`
			Date     string    `json:"server_date"`
			Ended    time.Time `json:"ended"`
		}
		if json.Unmarshal(line, &c) != nil {
			continue // this program wrote it
		}
		if !s.seen[c.Endpoint] {
			s.seen[c.Endpoint] = true
		}
		if d, err := time.Parse(time.RFC3339, c.Date); err == nil && !c.Ended.IsZero() {
			s.skew[c.Ended.Sub(d).Truncate(10*time.Millisecond)]++
		}
	}
}

// median is the machine's clock minus the servers' median Date, in whole
// seconds; nil when no server gave a date.
func (s *summary) median() *int {
	total := 0
	diffs := make([]time.Duration, 0, len(s.skew))
	for d, n := range s.skew {
		diffs, total = append(diffs, d), total+n
	}
	if total == 0 {
		return nil
	}
	slices.Sort(diffs)
	before := 0
	for _, d := range diffs {
		if before += s.skew[d]; before > total/2 {
			// A Date is cut to its second, so half a second of every difference is the cut.
			m := int((d - time.Second/2).Round(time.Second) / time.Second)
			return &m
		}
	}
	return nil
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// last is when the last of what was merged ended.
func (r *run) last(at time.Time) time.Time {
	for _, c := range r.cells {
		if c.Ended.After(at) {
			at = c.Ended
		}
	}
	for _, c := range r.strays {
		if c.Ended.After(at) {
			at = c.Ended
		}
	}
	return at
}

// ownCalls are the lines of a cell's calls, and the calls that are about another.
func ownCalls(c evidence.Cell, calls []evidence.Call) (lines []byte, strays []evidence.Call, err error) {
	calls = slices.Clone(calls)
	sortCalls(calls)
	var own []evidence.Call
	for _, call := range calls {
		call.Started, call.Ended = call.Started.UTC(), call.Ended.UTC()
		if callCell(call) == nameOf(c) {
			own = append(own, call)
		} else {
			strays = append(strays, call)
		}
	}
	lines, err = evidence.WriteLines(own)
	return lines, strays, err
}

func callCell(c evidence.Call) cellName { return cellName{c.Account, c.Region, c.Source} }

// distinct drops calls that are there twice: a part may be given twice.
func distinct(calls []evidence.Call) []evidence.Call {
	return slices.CompactFunc(calls, func(a, b evidence.Call) bool {
		if a.RequestID != b.RequestID || !a.Started.Equal(b.Started) || !a.Ended.Equal(b.Ended) || a.RequestID == "" && a.Status > 0 {
			return false
		}
		return callKey(a) == callKey(b)
	})
}

// sortCalls orders calls by what was asked, so that the order in which they
// were answered does not show.
func sortCalls(calls []evidence.Call) {
	key := make(map[int]string, len(calls))
	idx := make([]int, len(calls))
	for i, c := range calls {
		key[i] = callKey(c)
		idx[i] = i
	}
	sort.SliceStable(idx, func(i, j int) bool { return key[idx[i]] < key[idx[j]] })
	out := make([]evidence.Call, len(calls))
	for i, j := range idx {
		out[i] = calls[j]
	}
	copy(calls, out)
}

func callKey(c evidence.Call) string {
	params := []byte("{}")
	if len(c.Params) > 0 {
		params, _ = evidence.Canonical(c.Params) // maps of strings: cannot fail; an empty key only moves the line
	}
	return strings.Join([]string{c.Account, c.Region, c.Source, c.Service, c.Operation, string(params), fmt.Sprintf("%09d", c.Page), c.Started.UTC().Format("2006-01-02T15:04:05.000000000"), c.RequestID}, "\x00")
}

// mergeCallers lays together who acted in each account, as several processes
// say it: one caller an account, unless an account was entered as several.
func mergeCallers(all, more []evidence.Caller) []evidence.Caller {
	out := slices.Clone(all)
	for _, c := range more {
		i := slices.IndexFunc(out, func(o evidence.Caller) bool {
			return o.Account == c.Account && o.ARN == c.ARN && o.UserID == c.UserID && o.Reachable == c.Reachable && (o.ARNAfter == "" || c.ARNAfter == "" || o.ARNAfter == c.ARNAfter) && (o.Reason == "" || o.Reason == c.Reason)
		})
		if i < 0 {
			out = append(out, c)
			continue
		}
		out[i].ARNAfter, out[i].Reason = cmp.Or(out[i].ARNAfter, c.ARNAfter), cmp.Or(out[i].Reason, c.Reason)
	}
	slices.SortStableFunc(out, func(a, b evidence.Caller) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.UserID, b.UserID), cmp.Compare(a.ARNAfter, b.ARNAfter), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}
