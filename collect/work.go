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
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"exhibit/evidence"
)

// A Work is the folder of a run under way: what was planned, and what was told so
// far. A run that was interrupted is taken up from it; a shard's is handed over
// whole, and is then a part:
//
//	plan.jsonl.gz   the whole plan
//	answers         the spool
//	answers.here    what the process that keeps the run asked itself, while another
//	                asked AWS; joined to the answers when both are done
//	PART.json       whose part it is; written at the end
//	SHA256SUMS      of the three; written last, so that what has it is whole
type Work struct {
	Dir   string
	Head  PlanHead
	Cells []evidence.Cell // of the whole plan
	Spool *Spool          // the answers; nil until they are opened

	here   *Spool // answers.here
	unlock func() error
}

const (
	workPlan    = "plan.jsonl.gz"
	workAnswers = "answers"
	workHere    = "answers.here"
	workPart    = "PART.json"
	workSums    = "SHA256SUMS"
	workLock    = "LOCK"
	workAsking  = "LOCK.aws" // held by the process that writes the answers
)

// workFiles are all that lies in a folder of ours.
var workFiles = map[string]bool{workPlan: true, workAnswers: true, workPart: true, workSums: true, workHere: true, workLock: true, workAsking: true, "calls.jsonl": true, workPlan + ".new": true, workSums + ".new": true}

// ErrBusy is wrapped when another process is at work in the folder.
var ErrBusy = errors.New("another exhibit is collecting")

// NewWork begins a folder: what an earlier run left in it goes. plan puts the plan,
// compressed, where it is told to.
func NewWork(dir string, plan func(name string) (PlanHead, error)) (w *Work, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the run: %w", err)
	}
	w = &Work{Dir: dir}
	if err = w.lock(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if err := w.clear(); err != nil {
		return w, err
	}
	// The plan is put in place once it is whole: without it there is no run to take up.
	if w.Head, err = plan(w.path(workPlan + ".new")); err != nil {
		return w, fmt.Errorf("keeping the plan: %w", err)
	}
	if w.Spool, err = CreateSpool(w.path(workAnswers)); err != nil {
		return w, err
	}
	if err := os.Rename(w.path(workPlan+".new"), w.path(workPlan)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return w, fmt.Errorf("keeping the plan: %w", err)
	}
	return w, nil
}

// lock keeps other processes out of the folder. One that asked AWS for a process
// that was killed ends by itself, at once: it is waited for.
func (w *Work) lock() (err error) {
	if w.unlock, err = lockFile(w.path(workLock)); err != nil {
		return err
	}
	for try := 0; ; try++ {
		free, err := lockFile(w.path(workAsking))
		if err == nil {
			return free()
		}
		if !errors.Is(err, ErrBusy) || try == 100 {
			return errors.Join(err, w.Close())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// OpenWork takes up the folder of a run that was interrupted; fs.ErrNotExist is
// that there is none.
func OpenWork(dir string) (w *Work, err error) {
	if _, err := os.Stat(filepath.Join(dir, workPlan)); err != nil {
		return nil, err
	}
	w = &Work{Dir: dir}
	if err = w.lock(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if _, err := os.Stat(w.path(workSums)); err == nil {
		return w, fmt.Errorf("%s holds a part that is whole: there is nothing to go on with", dir)
	}
	if err := w.ReadCells(); err != nil {
		return w, err
	}
	return w, w.Join()
}

// OpenAnswers opens the answers of a run for the process that asks for another:
// nobody else writes them meanwhile.
func OpenAnswers(dir string) (w *Work, err error) {
	w = &Work{Dir: dir}
	if w.unlock, err = lockFile(w.path(workAsking)); err != nil {
		return nil, err
	}
	if w.Spool, err = OpenSpool(w.path(workAnswers)); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Here is where this process keeps what it asks itself while another writes the answers.
func (w *Work) Here() (*Spool, error) {
	var err error
	if w.here == nil {
		w.here, err = CreateSpool(w.path(workHere))
	}
	return w.here, err
}

// Join puts what was asked here behind what another process was told, and opens
// the answers anew. A process that was killed on the way leaves records twice, of
// which one is taken.
func (w *Work) Join() (err error) {
	if w.Spool != nil {
		err = w.Spool.Close()
		w.Spool = nil
	}
	if w.here != nil {
		err = errors.Join(err, w.here.Close())
		w.here = nil
	}
	if err != nil {
		return err
	}
	if w.Spool, err = OpenSpool(w.path(workAnswers)); err != nil {
		return err
	}
	here, err := OpenSpool(w.path(workHere))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = w.Spool.add(here)
	if err = errors.Join(err, here.Close()); err != nil {
		return fmt.Errorf("joining what was asked here: %w", err)
	}
	return os.Remove(w.path(workHere))
}

func (w *Work) path(name string) string { return filepath.Join(w.Dir, name) }

// readHead reads the first line of the plan alone.
func (w *Work) readHead() (h PlanHead, err error) {
	f, err := os.Open(w.path(workPlan))
	if err != nil {
		return h, err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return h, fmt.Errorf("%s: %w", f.Name(), err)
	}
	line, err := bufio.NewReader(z).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &h)
	}
	if err != nil {
		return h, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return h, nil
}

// ReadCells reads the plan and checks it.
func (w *Work) ReadCells() error {
	f, err := os.Open(w.path(workPlan))
	if err != nil {
		return err
	}
	defer f.Close()
	if w.Head, w.Cells, err = ReadPlan(f); err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	return nil
}

// clear removes what an earlier run left, and refuses a folder of somebody else's.
func (w *Work) clear() error {
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !workFiles[e.Name()] {
			return fmt.Errorf("%s holds %s, which is not of a run: name another folder", w.Dir, e.Name())
		}
		if e.Name() == workSums {
			return fmt.Errorf("%s holds a part that is whole: name another folder", w.Dir)
		}
	}
	for _, e := range entries {
		if e.Name() != workLock {
			if err := os.Remove(w.path(e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close lets go of the folder and leaves it as it is.
func (w *Work) Close() error {
	var err error
	for _, s := range []*Spool{w.Spool, w.here} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	w.Spool, w.here = nil, nil
	if w.unlock != nil {
		err = errors.Join(err, w.unlock())
		w.unlock = nil
	}
	return err
}

// Drop removes the folder: its run is kept.
func (w *Work) Drop() error {
	for name := range workFiles {
		if name == workLock {
			continue
		}
		if err := os.Remove(w.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, w.Close())
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.RemoveAll(w.Dir)
}

// Finished reports which cells a spool has that need not be asked again. It reads
// what an earlier process wrote.
func (s *Spool) Finished() (func(evidence.Cell) bool, error) {
	have := map[cellName]bool{}
	err := s.each(func(_ place, r record) error {
		if r.Cell != nil {
			have[nameOf(*r.Cell)] = !unfinished(*r.Cell)
		}
		return nil
	})
	return func(c evidence.Cell) bool { return have[nameOf(c)] }, err
}

// Check refuses a part that holds cells of another's share of the plan's cells.
func (w *Work) Check(p Part, cells []evidence.Cell) error {
	var i, n int
	if _, err := fmt.Sscanf(p.Shard, "%d/%d", &i, &n); err != nil || i < 1 || i > n {
		return fmt.Errorf("its %s says shard %q", workPart, p.Shard)
	}
	mine := Shard(cells, i, n)
	return w.Spool.each(func(_ place, r record) error {
		if r.Cell != nil && !mine(*r.Cell) {
			return fmt.Errorf("it holds %s %s %s, which is not in the share %s", r.Cell.Account, r.Cell.Region, r.Cell.Source, p.Shard)
		}
		return nil
	})
}

// A Part is PART.json: what a shard collected, and who.
type Part struct {
	Format    string `json:"part"` // "exhibit part v1"
	Plan      string `json:"plan_sha256"`
	Config    string `json:"config_sha256"`
	Shard     string `json:"shard"` // "2/5"
	Tool      string `json:"tool"`
	BinarySum string `json:"binary_sha256,omitempty"`
	// AWSBinarySum is of the executable that asked AWS for it.
	AWSBinarySum string    `json:"aws_binary_sha256,omitempty"`
	Host         string    `json:"host,omitempty"`
	CAs          []string  `json:"custom_cas,omitempty"`
	Started      time.Time `json:"started"`
	Ended        time.Time `json:"ended"`
	Cells        int       `json:"cells"`
	Gaps         int       `json:"gaps"`
}

const partFormat = "exhibit part v1"

// Hand makes a folder a part that others can take: nothing is added to it afterwards.
func (w *Work) Hand(p Part) error {
	p.Format, p.Plan, p.Config = partFormat, w.Head.Sum, w.Head.Config
	b, err := evidence.Canonical(p)
	if err != nil {
		return err
	}
	if err := os.WriteFile(w.path(workPart), append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("handing over the part: %w", err)
	}
	var sums bytes.Buffer
	for _, name := range []string{workPart, workAnswers, workPlan} {
		sum, err := fileSum(w.path(name))
		if err != nil {
			return fmt.Errorf("handing over the part: %w", err)
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, name)
	}
	if err := os.WriteFile(w.path(workSums+".new"), sums.Bytes(), 0o600); err != nil {
		return fmt.Errorf("handing over the part: %w", err)
	}
	_ = os.Remove(w.path("calls.jsonl")) // what is left of the snapshot is no part of it
	return os.Rename(w.path(workSums+".new"), w.path(workSums))
}

func fileSum(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// OpenPart opens a part to read it, after checking that it is what was handed
// over. It does not read the plan, of which every part has a copy: ReadCells does.
func OpenPart(dir string) (*Work, Part, error) {
	var p Part
	w := &Work{Dir: dir}
	sums, err := os.ReadFile(w.path(workSums))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, p, fmt.Errorf("%s is no part that was handed over: it has no %s", dir, workSums)
	}
	if err != nil {
		return nil, p, err
	}
	named := map[string]bool{}
	s := bufio.NewScanner(bytes.NewReader(sums))
	for s.Scan() {
		want, name, ok := strings.Cut(s.Text(), "  ")
		if !ok || !workFiles[name] {
			return nil, p, fmt.Errorf("%s: %q is not a line of a part's sums", w.path(workSums), s.Text())
		}
		got, err := fileSum(w.path(name))
		if err != nil {
			return nil, p, err
		}
		if got != want {
			return nil, p, fmt.Errorf("%s is not what was handed over: its SHA-256 is not the one in %s", w.path(name), workSums)
		}
		named[name] = true
	}
	for _, name := range []string{workPart, workAnswers, workPlan} {
		if !named[name] {
			return nil, p, fmt.Errorf("%s names no %s", w.path(workSums), name)
		}
	}
	b, err := os.ReadFile(w.path(workPart))
	if err != nil {
		return nil, p, err
	}
	if err := json.Unmarshal(b, &p); err != nil || p.Format != partFormat {
		return nil, p, fmt.Errorf("%s does not say %q", w.path(workPart), partFormat)
	}
	if w.Head, err = w.readHead(); err != nil {
		return nil, p, err
	}
	if p.Plan != w.Head.Sum || p.Config != w.Head.Config {
		return nil, p, fmt.Errorf("%s: the part is of another plan than the one it holds", dir)
	}
	w.Spool, err = ReadSpool(w.path(workAnswers))
	return w, p, err
}
