package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unique"

	"exhibit/evidence"
	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

// A Run is a run of the tree with the seal that fixes it. Signatures are not
// checked here: seal.VerifyRuns does.
type Run struct {
	evidence.Run
	Commit    string // the commit that kept it
	Cells     []evidence.Cell
	Seal      seal.Seal // as read from SealText
	SealText  []byte    // SEAL.txt
	SealSum   string    // hex SHA-256 of SealText
	Signature []byte    // SEAL.txt.sig; nil when there is none
	Token     []byte    // SEAL.txt.sig.tsr; nil when there is none
	Manifest  []byte    // SHA256SUMS
}

// Runs are the runs of the tree, oldest first. A gap in their numbers, a seal
// that does not follow the one before or a rewritten history is an error.
func (t *Tree) Runs() ([]Run, error) {
	links, err := t.r.chain(t.commit.Tree)
	if err != nil {
		return nil, fmt.Errorf("reading the runs at %s: %w", t.id, err)
	}
	commits, err := t.r.runCommits(t.id, links)
	if err != nil {
		return nil, fmt.Errorf("reading the runs at %s: %w", t.id, err)
	}
	runs := make([]Run, len(links))
	for i, l := range links {
		if runs[i], err = t.r.readRun(l); err != nil {
			return nil, fmt.Errorf("reading runs/%s: %w", l.name, err)
		}
		runs[i].Commit = commits[i].Commit
	}
	return runs, nil
}

// ChainHead is the number of the newest run of the tree and the SHA-256 of its seal,
// in hex; 0 and "" where there is none.
func (t *Tree) ChainHead() (number int, sealSum string, err error) {
	links, err := t.r.chain(t.commit.Tree)
	if err != nil {
		return 0, "", fmt.Errorf("reading the runs at %s: %w", t.id, err)
	}
	if len(links) == 0 {
		return 0, "", nil
	}
	last := links[len(links)-1]
	return last.number, last.sealSum, nil
}

func (r *Repository) readRun(l link) (run Run, err error) {
	files := map[string][]byte{}
	entries, err := r.objs.ReadTree(l.tree)
	if err != nil {
		return run, err
	}
	for _, e := range entries {
		switch e.Name {
		case "RUN.json", "coverage.jsonl", seal.SealName, seal.SignatureName, seal.TokenName, seal.SumsName:
			if files[e.Name], err = r.objs.ReadKind(e.ID, objects.Blob); err != nil {
				return run, err
			}
		}
	}
	if err := json.Unmarshal(files["RUN.json"], &run.Run); err != nil {
		return run, fmt.Errorf("RUN.json: %w", err)
	}
	if run.Name != l.name || run.Sequence != l.number {
		return run, fmt.Errorf("RUN.json is of run %d, %s", run.Sequence, run.Name)
	}
	if run.Cells, err = readCells(files["coverage.jsonl"]); err != nil {
		return run, fmt.Errorf("coverage.jsonl: %w", err)
	}
	run.Seal, run.SealSum = l.seal, l.sealSum
	run.SealText, run.Signature, run.Token, run.Manifest = files[seal.SealName], files[seal.SignatureName], files[seal.TokenName], files[seal.SumsName]
	return run, nil
}

func (r *Repository) cellsOf(l link) ([]evidence.Cell, error) {
	e, err := r.objs.Lookup(l.tree, "coverage.jsonl")
	if err != nil {
		return nil, err
	}
	b, err := r.objs.ReadKind(e.ID, objects.Blob)
	if err != nil {
		return nil, err
	}
	cells, err := readCells(b)
	if err != nil {
		return nil, fmt.Errorf("reading runs/%s/coverage.jsonl: %w", l.name, err)
	}
	return cells, nil
}

// Calls are the calls of one run of the tree.
func (t *Tree) Calls(run string) ([]evidence.Call, error) {
	var calls []evidence.Call
	for n := 0; ; n++ {
		name := evidence.CallsName
		if n > 0 {
			name = evidence.CallsPart(n)
		}
		e, err := t.r.objs.Lookup(t.commit.Tree, "runs/"+run+"/"+name)
		if err != nil {
			return nil, err
		}
		switch {
		case e.Mode != 0:
		case n == 0:
			continue // then there are parts
		case n == 1:
			return nil, fmt.Errorf("no run %q at %s", run, t.id)
		default:
			return calls, nil
		}
		b, err := t.r.objs.ReadKind(e.ID, objects.Blob)
		if err != nil {
			return nil, err
		}
		more, err := evidence.ReadLines[evidence.Call](b)
		if err != nil {
			return nil, fmt.Errorf("reading runs/%s/%s: %w", run, name, err)
		}
		if calls = append(calls, more...); n == 0 {
			return calls, nil
		}
	}
}

// readCells reads the cells of a run. Thousands of them name the same places and
// sources, run after run: each name is in memory once.
func readCells(b []byte) ([]evidence.Cell, error) {
	cells, err := evidence.ReadLines[evidence.Cell](b)
	for i := range cells {
		c := &cells[i]
		for _, s := range []*string{&c.Account, &c.Region, &c.Source, (*string)(&c.State), &c.Reason} {
			*s = unique.Make(*s).Value()
		}
	}
	return cells, err
}

// Cells are the newest state of every cell ever planned, sorted by account,
// region and source. A run limited to some sources leaves the other cells as
// the run before left them.
func (t *Tree) Cells() ([]evidence.Cell, error) {
	links, err := t.r.chain(t.commit.Tree)
	if err != nil {
		return nil, fmt.Errorf("reading the cells at %s: %w", t.id, err)
	}
	runs := make([]Run, len(links))
	for i, l := range links {
		if runs[i].Cells, err = t.r.cellsOf(l); err != nil {
			return nil, err
		}
	}
	return Newest(runs), nil
}

// Newest is Cells, of runs that were read, oldest first.
func Newest(runs []Run) []evidence.Cell {
	newest := map[cellKey]evidence.Cell{}
	for _, r := range runs {
		for _, c := range r.Cells {
			newest[keyOf(c)] = c
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b evidence.Cell) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Source, b.Source))
	})
}

// A RunCommit says which commit kept a run.
type RunCommit struct {
	Name     string
	Sequence int
	Commit   string
	Time     time.Time // committer's: the run's end, as it claims
}

// RunCommits are the runs in the history of a commit, oldest first, each with
// the commit that kept it. A commit that does not follow the one its run was
// made on is an error: history was rewritten.
func (r *Repository) RunCommits(rev string) ([]RunCommit, error) {
	t, err := r.At(rev)
	if err != nil {
		return nil, err
	}
	links, err := r.chain(t.commit.Tree)
	if err != nil {
		return nil, fmt.Errorf("reading the runs at %s: %w", t.id, err)
	}
	return r.runCommits(t.id, links)
}

func (r *Repository) runCommits(at objects.ID, links []link) ([]RunCommit, error) {
	out := make([]RunCommit, len(links))
	for i := len(links) - 1; i >= 0; i-- {
		id, c, err := r.added(at, links[i], func(objects.ID, objects.Header) error { return nil })
		if err != nil {
			return nil, err
		}
		if err := checkMadeOn(links[i], id, c); err != nil {
			return nil, err
		}
		out[i] = RunCommit{links[i].name, links[i].number, id.String(), c.Committer.When.UTC()}
		at = id
	}
	return out, nil
}
