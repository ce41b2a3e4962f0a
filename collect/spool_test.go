package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// numbered is a plan of n cells in several accounts and regions, each of which
// counts how often it is asked.
func numbered(n int, asked []int) Plan {
	var p Plan
	for i := range n {
		c := cell(fmt.Sprint("acc", i/6), fmt.Sprint("r", i%6/2), fmt.Sprint("kms/key", i%2))
		p.Tasks = append(p.Tasks, Task{Cell: c, Ask: func(_ context.Context, a *Answer) {
			asked[i]++
			a.Call(evidence.Call{Account: c.Account, Region: c.Region, Source: c.Source, Operation: "ListKeys", Page: 1, RequestID: fmt.Sprint(i), Started: fixed(), Ended: fixed()})
			a.Redacted("rule")
			a.Item(thing(fmt.Sprint("item", i), ok()))
		}})
	}
	return p
}

func spoolAt(t *testing.T, name string) *Spool {
	t.Helper()
	s, err := CreateSpool(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests closed it
	return s
}

// TestTakenUp cuts a run's spool after every byte, as a process that dies does,
// and goes on with it: the same bytes as a run that was not cut, and no cell whose
// record was whole is asked again.
func TestTakenUp(t *testing.T) {
	asked := make([]int, 12)
	dir := t.TempDir()
	p := numbered(12, asked)
	p.Started, p.Spool, p.InFlight = fixed(), spoolAt(t, filepath.Join(dir, "answers")), 1
	whole, err := Run(context.Background(), fixed, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := everything(t, whole)
	file, err := os.ReadFile(filepath.Join(dir, "answers"))
	if err != nil {
		t.Fatal(err)
	}
	var ends []int // of records
	if err := p.Spool.each(func(at place, _ record) error {
		ends = append(ends, int(at.at+at.head+at.calls+at.file))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut <= len(file); cut += 7 {
		name := filepath.Join(dir, "cut")
		if err := os.WriteFile(name, file[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		again := make([]int, 12)
		q := numbered(12, again)
		q.Started, q.InFlight = fixed(), 1
		if q.Spool, err = OpenSpool(name); err != nil {
			t.Fatal(err)
		}
		done, err := q.Spool.Finished()
		if err != nil {
			t.Fatal(err)
		}
		snap, err := Run(context.Background(), fixed, q, nil)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if got := everything(t, snap); !bytes.Equal(got, want) {
			t.Fatalf("cut at %d:\n%.1500s\nwant\n%.1500s", cut, got, want)
		}
		kept := 0
		for _, e := range ends {
			if e <= cut {
				kept++
			}
		}
		n := 0
		for i, k := range again {
			if n += k; done(q.Tasks[i].Cell) != (k == 0) {
				t.Errorf("cut at %d: cell %d was asked %d times", cut, i, k)
			}
		}
		if n != 12-kept {
			t.Errorf("cut at %d: %d cells are asked, and %d records were whole", cut, n, kept)
		}
		if err := q.Spool.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSpoiled refuses a spool whose file is not what its sum says, and one that
// holds a credential: what was kept passes the gate again.
func TestSpoiled(t *testing.T) {
	token := "ghp_" + strings.Repeat("a1B2", 9)
	for _, x := range []struct{ old, by, says string }{
		{"item3", "itemX", "its file is not what its sum says"},
		{`"items":1`, `"items":2`, "its file has 1 rows, not 2"},
		{`"region":"r1","source":"kms/key1","state"`, `"region":"r1","source":"kms/keyX","state"`, "not in the plan"},
		{`"reason":"because"`, `"reason":"` + token + `"`, "holds a GitHub token"},
	} {
		dir := t.TempDir()
		p := numbered(6, make([]int, 6))
		p.Tasks[5].Ask = func(_ context.Context, a *Answer) { a.End(evidence.NotInUse, "because") }
		p.Spool = spoolAt(t, filepath.Join(dir, "answers"))
		if _, err := Run(context.Background(), fixed, p, nil); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, "answers"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b, []byte(x.old)) {
			t.Fatalf("no %q in\n%s", x.old, b)
		}
		if err := os.WriteFile(filepath.Join(dir, "answers"), bytes.ReplaceAll(b, []byte(x.old), []byte(x.by)), 0o600); err != nil {
			t.Fatal(err)
		}
		q := numbered(6, make([]int, 6))
		if q.Spool, err = OpenSpool(filepath.Join(dir, "answers")); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), fixed, q, nil); err == nil || !strings.Contains(err.Error(), x.says) || strings.Contains(err.Error(), token) {
			t.Errorf("%s for %s: %v", x.by, x.old, err)
		}
		_ = q.Spool.Close() // only read
	}
}

// TestGateBeforeSpool writes nothing of a cell that holds a credential, keeps the
// others, and names the first by path whichever came first.
func TestGateBeforeSpool(t *testing.T) {
	token := "ghp_" + strings.Repeat("a1B2", 9)
	dir := t.TempDir()
	p := numbered(12, make([]int, 12))
	for _, i := range []int{9, 3} {
		p.Tasks[i].Ask = func(_ context.Context, a *Answer) {
			a.Item(evidence.Item{ID: "x", Answers: map[string]any{"GetX": token}})
		}
	}
	p.Spool = spoolAt(t, filepath.Join(dir, "answers"))
	_, err := Run(context.Background(), fixed, p, nil)
	if err == nil || !strings.Contains(err.Error(), "evidence/aws/acc0/r1/kms-key1.jsonl") || strings.Contains(err.Error(), token) {
		t.Errorf("%v", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "answers"))
	if err != nil || bytes.Contains(b, []byte(token)) || bytes.Count(b, []byte(`"file":`)) != 10 {
		t.Errorf("%v\n%s", err, b)
	}
}

// TestParts takes parts in every order, one of them twice and one missing.
func TestParts(t *testing.T) {
	dir := t.TempDir()
	var cells []evidence.Cell
	for _, task := range numbered(24, make([]int, 24)).Tasks {
		cells = append(cells, task.Cell)
	}
	part := func(i, n int, now func() time.Time) *Spool {
		p := numbered(24, make([]int, 24))
		mine := Shard(cells, i, n)
		p.Tasks = slices.DeleteFunc(p.Tasks, func(t Task) bool { return !mine(t.Cell) })
		name := filepath.Join(dir, fmt.Sprintf("part-%d-%d-%d", i, n, now().Unix()))
		p.Spool = spoolAt(t, name)
		if _, err := Run(context.Background(), now, p, nil); err != nil {
			t.Fatal(err)
		}
		s, err := ReadSpool(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // only read
		return s
	}
	merge := func(parts ...*Spool) *evidence.Snapshot {
		p := Plan{Started: fixed(), Parts: parts, Digest: "d"}
		for _, c := range cells {
			p.Tasks = append(p.Tasks, Task{Cell: c})
		}
		s, err := Run(context.Background(), func() time.Time { t.Error("a merge asks no clock"); return fixed() }, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	later := func() time.Time { return fixed().Add(time.Hour) }
	a, b, c, b2 := part(1, 3, fixed), part(2, 3, fixed), part(3, 3, fixed), part(2, 3, later)
	want := everything(t, merge(a, b, c))
	for _, order := range [][]*Spool{{c, b, a}, {b, a, c}, {a, b, c, b, a}} {
		if got := everything(t, merge(order...)); !bytes.Equal(got, want) {
			t.Fatalf("got\n%.1500s\nwant\n%.1500s", got, want)
		}
	}
	again := everything(t, merge(a, b, b2, c))
	if bytes.Equal(again, want) || !bytes.Equal(again, everything(t, merge(c, b2, a, b))) {
		t.Error("of two records the later is not kept, or the order of the parts decides")
	}
	lost, files := 0, 0
	s := merge(a, c)
	for _, cell := range s.Cells {
		if cell.State == evidence.Lost {
			lost++
			if cell.State.Answered() || cell.Gaps != 1 || cell.Path != "" || cell.Reason == "" {
				t.Errorf("%+v", cell)
			}
		}
	}
	for range s.Files {
		files++
	}
	if lost == 0 || lost+files != len(cells) || s.Run.Complete || s.Run.Gaps != lost || len(s.Cells) != len(cells) {
		t.Errorf("%d lost, %d files of %d cells, complete %v", lost, files, len(cells), s.Run.Complete)
	}
}

// TestBetter is the rule for two records of one cell, whichever comes first.
func TestBetter(t *testing.T) {
	at := fixed()
	order := []evidence.Cell{ // each better than the next
		{State: evidence.Empty, Ended: at.Add(2)},
		{State: evidence.Collected, Ended: at.Add(1), Sum: "a"},
		{State: evidence.Collected, Ended: at.Add(1), Sum: "b"},
		{State: evidence.Collected, Ended: at},
		{State: evidence.DeniedSCP, Ended: at.Add(9)},
		{State: evidence.Throttled, Ended: at.Add(8)},
		{State: evidence.CredentialExpired},
	}
	for i, a := range order {
		for j, b := range order {
			if better(a, b) != (i < j) {
				t.Errorf("better(%d, %d) is %v", i, j, i >= j)
			}
		}
	}
}

// TestCutOff knows the cells an account's end of credentials left open from those
// that were refused by themselves.
func TestCutOff(t *testing.T) {
	for _, x := range []struct {
		c    evidence.Cell
		want bool
	}{
		{evidence.Cell{State: evidence.CredentialExpired}, true},
		{evidence.Cell{State: evidence.CredentialExpired, Gap: &evidence.Gap{Code: "ExpiredTokenException"}}, true},
		{evidence.Cell{State: evidence.Partial, Gap: &evidence.Gap{Code: "RequestExpired"}}, true},
		{evidence.Cell{State: evidence.Truncated, Gap: &evidence.Gap{Code: "ExpiredToken"}}, true},
		{evidence.Cell{State: evidence.CredentialExpired, Gap: &evidence.Gap{Code: "InvalidClientTokenId"}}, false},
		{evidence.Cell{State: evidence.Partial, Gap: &evidence.Gap{Code: "AccessDenied"}}, false},
		{evidence.Cell{State: evidence.Collected}, false},
	} {
		if CutOff(x.c) != x.want {
			t.Errorf("%s %v: %v", x.c.State, x.c.Gap, !x.want)
		}
	}
	// A question about an item that the end cut off decides, whatever was refused before it.
	p := Plan{Tasks: []Task{{Cell: cell("1", "r", "kms/key"), Ask: func(_ context.Context, a *Answer) {
		a.Expired("ExpiredToken")
		a.Item(thing("a", ok(), gap("AccessDenied", "no"), gap("ExpiredToken", "over")))
	}}}}
	s, err := Run(context.Background(), fixed, p, nil)
	if err != nil || s.Cells[0].State != evidence.Partial || !CutOff(s.Cells[0]) {
		t.Errorf("%v: %+v", err, s.Cells)
	}
}

// TestShard gives every cell to exactly one shard, never splits a region of an
// account, and is even.
func TestShard(t *testing.T) {
	var cells []evidence.Cell
	for a := range 7 {
		for r := range 17 {
			for s := range 1 + (a*r)%5 {
				c := cell(fmt.Sprint(a), fmt.Sprintf("r%02d", r), fmt.Sprint("s/", s))
				if s == 3 {
					c.State = evidence.OutOfScope
				}
				cells = append(cells, c)
			}
		}
	}
	for _, n := range []int{1, 2, 3, 8, 50, 500} {
		whose := map[[2]string]int{}
		sizes := make([]int, n+1)
		count := 0
		for i := 1; i <= n; i++ {
			mine := Shard(cells, i, n)
			for _, c := range cells {
				if !mine(c) {
					continue
				}
				count++
				if c.State == "" {
					sizes[i]++
				}
				k := [2]string{c.Account, c.Region}
				if o := whose[k]; o != 0 && o != i {
					t.Errorf("%v is split between %d and %d of %d", k, o, i, n)
				}
				whose[k] = i
			}
		}
		if count != len(cells) {
			t.Errorf("%d shards have %d cells of %d", n, count, len(cells))
		}
		if n <= 8 && slices.Max(sizes)-slices.Min(sizes[1:]) > 5 {
			t.Errorf("%d shards have %v cells to ask", n, sizes[1:])
		}
	}
}

// TestPlanFile reads what was written, and refuses what was cut or changed.
func TestPlanFile(t *testing.T) {
	p := numbered(12, make([]int, 12))
	p.Tasks[3].Cell.State, p.Tasks[3].Cell.Reason = evidence.OutOfScope, "not \"ours\""
	p.Only = []string{"kms/*"}
	var b bytes.Buffer
	h, err := WritePlan(&b, p, fixed(), "config", "exhibit 1")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := p.Sum()
	if err != nil || h.Sum != sum || h.Accounts != 2 || h.Cells != 12 {
		t.Errorf("%+v, %v, %s", h, err, sum)
	}
	got, cells, err := ReadPlan(bytes.NewReader(b.Bytes()))
	if err != nil || got.Sum != sum || len(cells) != 12 || !got.Planned.Equal(fixed()) || !slices.Equal(got.Only, p.Only) {
		t.Errorf("%+v, %d cells, %v", got, len(cells), err)
	}
	var q Plan
	for _, c := range cells {
		q.Tasks = append(q.Tasks, Task{Cell: c})
	}
	if again, err := q.Sum(); err != nil || again != sum {
		t.Errorf("the sum of what was read is %s, %v", again, err)
	}
	text := b.String()
	for name, x := range map[string]string{
		"cut":            text[:len(text)-1],
		"a line less":    text[:strings.LastIndex(text[:len(text)-1], "\n")+1],
		"another region": strings.Replace(text, `"region":"r1"`, `"region":"r9"`, 1),
		"nothing":        "",
		"something else": "{}\n",
	} {
		if _, _, err := ReadPlan(strings.NewReader(x)); err == nil {
			t.Errorf("%s: read all the same", name)
		}
	}
}

// TestWork keeps two processes out of one folder, and takes no folder of somebody else's.
func TestWork(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	write := func(name string) (PlanHead, error) {
		return WritePlanFile(name, true, numbered(3, make([]int, 3)), fixed(), "c", "t")
	}
	w, err := NewWork(dir, write)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewWork(dir, write); !errors.Is(err, ErrBusy) {
		t.Errorf("a second process: %v", err)
	}
	if _, err := OpenWork(dir); !errors.Is(err, ErrBusy) {
		t.Errorf("a second process: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w, err = OpenWork(dir); err != nil || len(w.Cells) != 3 {
		t.Fatalf("%v, %+v", err, w)
	}
	if err := w.Drop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("the folder is still there")
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "letter.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewWork(other, write); err == nil || !strings.Contains(err.Error(), "letter.txt") {
		t.Errorf("a folder with a letter in it: %v", err)
	}
}

// FuzzSpool reads what another machine may have written as a spool: it ends, and
// takes no record that lies beyond the file.
func FuzzSpool(f *testing.F) {
	f.Add([]byte("{\"calls\":2,\"file\":1}\nab\n{\"calls\":0}\n"))
	f.Add([]byte("{\"calls\":9223372036854775807,\"file\":9223372036854775807}\n"))
	f.Add([]byte("{\"calls\":-1}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := memorySpool()
		if _, err := s.data.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		s.size = int64(len(b))
		err := s.each(func(at place, _ record) error {
			if end := at.at + at.head + at.calls + at.file; end > int64(len(b)) || end <= at.at {
				return fmt.Errorf("a record ends at %d of %d bytes", end, len(b))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestJoin puts the answers of two processes into one folder's, whatever was cut
// short and however often it is done over: the same run as that of one process.
func TestJoin(t *testing.T) {
	whole := numbered(12, make([]int, 12))
	whole.Started = fixed()
	one, err := Run(context.Background(), fixed, whole, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := everything(t, one)
	for _, x := range []struct {
		name          string
		theirs, ours  string // what is left behind each
		closed, twice bool
	}{
		{"whole", "", "", false, false},
		{"killed before it joined", "", "", true, false},
		{"killed while it joined", "", "", true, true},
		{"cut short", `{"calls":99,"cell":{}`, `{"file":7}` + "\nabc", true, false},
	} {
		dir := filepath.Join(t.TempDir(), "work")
		p := numbered(12, make([]int, 12))
		w, err := NewWork(dir, func(name string) (PlanHead, error) { return WritePlanFile(name, true, p, fixed(), "c", "t") })
		if err != nil {
			t.Fatal(err)
		}
		there, err := OpenAnswers(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenAnswers(dir); !errors.Is(err, ErrBusy) {
			t.Errorf("%s: two processes write the answers: %v", x.name, err)
		}
		here, err := w.Here()
		if err != nil {
			t.Fatal(err)
		}
		for _, half := range []Plan{{Tasks: p.Tasks[:7], Spool: there.Spool}, {Tasks: p.Tasks[7:], Spool: here}} {
			if err := Ask(context.Background(), fixed, half, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := there.Close(); err != nil {
			t.Fatal(err)
		}
		behind(t, filepath.Join(dir, workAnswers), []byte(x.theirs))
		behind(t, filepath.Join(dir, workHere), []byte(x.ours))
		if x.twice {
			b, err := os.ReadFile(filepath.Join(dir, workHere))
			if err != nil {
				t.Fatal(err)
			}
			behind(t, filepath.Join(dir, workAnswers), b[:len(b)/2])
		}
		if x.closed {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if w, err = OpenWork(dir); err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
		} else if err := errors.Join(w.Join(), w.ReadCells()); err != nil {
			t.Fatal(err)
		}
		q := Plan{Started: fixed(), Spool: w.Spool, Parts: []*Spool{w.Spool}}
		for _, c := range w.Cells {
			q.Tasks = append(q.Tasks, Task{Cell: c})
		}
		snap, err := Run(context.Background(), fixed, q, nil)
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		if got := everything(t, snap); !bytes.Equal(got, want) {
			t.Errorf("%s:\n%.1500s\nwant\n%.1500s", x.name, got, want)
		}
		if err := w.Drop(); err != nil {
			t.Error(err)
		}
	}
}

// behind appends to a file.
func behind(t *testing.T, name string, b []byte) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
