package store

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

// An Author is who a commit names. Nothing in git proves it: the seal does.
type Author struct{ Name, Email string }

// CommitOptions says who keeps a run, and the key that seals it.
type CommitOptions struct {
	Key    seal.Key // required
	Author Author   // author and committer of the commit
	// Stamp gets a timestamp token over the signature of the run's seal; nil, or no
	// token, where there is none to be had. It may take a while, and the run is not
	// kept before it returns.
	Stamp func(signature []byte) (token []byte)
	// Reviewers is how many second signatures the run's seal asks for.
	Reviewers int
}

// Commit keeps a snapshot as one commit on the branch HEAD is on: the evidence
// files, and the run's folder with its seal. Everything else is carried as it
// stands in the last commit, whatever lies in the work tree.
//
// It sets the name and number of the run in the snapshot, and its times to UTC. The same snapshot,
// author and Ed25519 key on the same commit give the same commit; other keys sign
// differently each time.
//
// An error with an empty commit means that nothing changed. An error with a
// commit means that the run is kept and sealed, and the work tree or index
// could not be brought along; the next Open tries again.
func (r *Repository) Commit(snap *evidence.Snapshot, opt CommitOptions) (commit string, err error) {
	if opt.Key.Public.IsZero() {
		return "", &Hint{errors.New("there is no key to seal the run with"), "make one with: exhibit init, or name yours in exhibit.yaml"}
	}
	tx, err := r.begin()
	if err != nil {
		return "", fmt.Errorf("keeping the run: %w", err)
	}
	defer func() { err = errors.Join(err, tx.end()) }()
	commit, err = tx.run(snap, opt)
	if err != nil {
		return commit, fmt.Errorf("keeping the run: %w", err)
	}
	return commit, nil
}

func (tx *transaction) run(snap *evidence.Snapshot, opt CommitOptions) (string, error) {
	b, err := tx.r.ready()
	if err != nil {
		return "", err
	}
	if err := tx.r.cleanOwned(b, tx.index); err != nil {
		return "", err
	}
	name, err := b.next(snap.Run.Started)
	if err != nil {
		return "", err
	}
	if snap.Run.Ended.Before(snap.Run.Started) {
		return "", fmt.Errorf("run %s ended before it began: %s", name, snap.Run.Ended.UTC().Format(time.RFC3339))
	}
	snap.Run.Name, snap.Run.Sequence = name, len(b.chain)+1
	inUTC(snap)
	writes, sums, err := tx.r.evidenceWrites(b, snap)
	if err != nil {
		return "", err
	}
	coverage, err := tx.r.coverage(snap.Cells)
	if err != nil {
		return "", fmt.Errorf("writing coverage.jsonl: %w", err)
	}
	defer func() {
		_ = discard(coverage) // a file beside the packs that git gc clears away too
	}()
	own, err := runFiles(snap, coverage)
	if err != nil {
		return "", err
	}
	writes = append(writes, own...)
	sealed, err := tx.r.sealRun(b, snap, sums, writes, opt)
	if err != nil {
		return "", err
	}
	writes = append(writes, sealed...)
	return tx.keep(change{
		from: b.head, tree: b.commit.Tree, writes: writes,
		author: opt.Author, when: snap.Run.Ended, message: runMessage(snap),
	})
}

// inUTC writes the times of a run and its cells in UTC, whatever zone the machine is in.
func inUTC(s *evidence.Snapshot) {
	s.Run.Started, s.Run.Ended = s.Run.Started.UTC(), s.Run.Ended.UTC()
	for i := range s.Cells {
		c := &s.Cells[i]
		c.Started, c.Ended = c.Started.UTC(), c.Ended.UTC()
		if c.AsOf != nil {
			at := c.AsOf.UTC()
			c.AsOf = &at
		}
	}
}

func blob(path string, content []byte) write {
	return write{path: path, mode: objects.ModeFile, id: objects.Sum(objects.Blob, content), content: evidence.InMemory(content)}
}

// evidenceWrites are the evidence files that differ from the last commit, and
// those that go away: the ones of cells this run asked again without an answer.
// With them come the sums of all files of the run.
func (r *Repository) evidenceWrites(b base, snap *evidence.Snapshot) ([]write, map[string][sha256.Size]byte, error) {
	claimed := make(map[string]*evidence.Cell, len(snap.Files))
	planned, err := cellsByKey(snap.Cells)
	if err != nil {
		return nil, nil, err
	}
	for i := range snap.Cells {
		c := &snap.Cells[i]
		if _, ok := snap.Files[c.Path]; !ok {
			c.Path, c.Sum = "", ""
			continue
		}
		if twin := claimed[c.Path]; twin != nil {
			return nil, nil, fmt.Errorf("two cells, %s and %s, have one file, %s", cellName(*twin), cellName(*c), c.Path)
		}
		claimed[c.Path] = c
	}
	for p := range snap.Files {
		if claimed[p] == nil {
			return nil, nil, fmt.Errorf("%s belongs to no cell of the run", p)
		}
		if !strings.HasPrefix(p, "evidence/") {
			return nil, nil, fmt.Errorf("%s is not under evidence/", p)
		}
		if err := seal.CheckPath(p); err != nil {
			return nil, nil, err
		}
	}
	ids, sums, err := identify(snap.Files)
	if err != nil {
		return nil, nil, err
	}
	for p, c := range claimed {
		sum := fmt.Sprintf("%x", sums[p])
		if c.Sum != "" && c.Sum != sum {
			return nil, nil, fmt.Errorf("the content of %s is not what %s was given as: its SHA-256 is %s, not %s", p, cellName(*c), sum, c.Sum)
		}
		c.Sum = sum
	}
	var writes []write
	left := map[string]bool{} // files this run did not bring
	for _, f := range b.files {
		if !strings.HasPrefix(f.path, "evidence/") {
			continue
		}
		id, ok := ids[f.path]
		if !ok {
			left[f.path] = true
		}
		if ok && id == f.ID && f.Mode == objects.ModeFile {
			delete(ids, f.path)
		}
	}
	for p, id := range ids {
		writes = append(writes, write{path: p, mode: objects.ModeFile, id: id, content: snap.Files[p]})
	}
	gone, err := r.unanswered(b, planned, left)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range gone {
		writes = append(writes, write{path: p, gone: true})
	}
	return writes, sums, nil
}

func cellName(c evidence.Cell) string { return path.Join(c.Account, c.Region, c.Source) }

// identify reads every file twice, once for git's name of it and once for the
// seal's: none need be in memory whole.
func identify(files map[string]evidence.Content) (map[string]objects.ID, map[string][sha256.Size]byte, error) {
	paths := slices.Collect(maps.Keys(files))
	names := make([]objects.ID, len(paths))
	hashes := make([][sha256.Size]byte, len(paths))
	err := parallel(len(paths), func(i int) (err error) {
		if names[i], err = objects.SumOf(objects.Blob, files[paths[i]].Open()); err == nil {
			hashes[i], err = sumOf(files[paths[i]])
		}
		return err
	})
	ids := make(map[string]objects.ID, len(paths))
	sums := make(map[string][sha256.Size]byte, len(paths))
	for i, p := range paths {
		ids[p], sums[p] = names[i], hashes[i]
	}
	return ids, sums, err
}

// unanswered are those of the files left over whose cell this run planned. The
// newest run that wrote a file says whose it is.
func (r *Repository) unanswered(b base, planned func(cellKey) bool, left map[string]bool) (gone []string, err error) {
	for i := len(b.chain) - 1; i >= 0 && len(left) > 0; i-- {
		cells, err := r.cellsOf(b.chain[i])
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			if !left[c.Path] {
				continue
			}
			delete(left, c.Path)
			if planned(keyOf(c)) {
				gone = append(gone, c.Path)
			}
		}
	}
	for p := range left {
		return nil, &Hint{fmt.Errorf("%s belongs to no cell of any run", p), "remove it and commit: evidence/ is written by exhibit alone"}
	}
	slices.Sort(gone)
	return gone, nil
}

type cellKey struct{ account, region, source string }

func keyOf(c evidence.Cell) cellKey { return cellKey{c.Account, c.Region, c.Source} }

func (k cellKey) compare(o cellKey) int {
	return cmp.Or(cmp.Compare(k.account, o.account), cmp.Compare(k.region, o.region), cmp.Compare(k.source, o.source))
}

// cellsByKey tells which cells there are, and refuses one that is there twice.
// It holds four bytes a cell: there may be millions.
func cellsByKey(cells []evidence.Cell) (has func(cellKey) bool, err error) {
	order := make([]int32, len(cells))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return keyOf(cells[a]).compare(keyOf(cells[b])) })
	for n := 1; n < len(order); n++ {
		if c := cells[order[n]]; keyOf(c) == keyOf(cells[order[n-1]]) {
			return nil, fmt.Errorf("the run has the cell %s twice", cellName(c))
		}
	}
	return func(k cellKey) bool {
		_, ok := slices.BinarySearchFunc(order, k, func(i int32, k cellKey) int { return keyOf(cells[i]).compare(k) })
		return ok
	}, nil
}

// runFiles are the run's own files but for its seal.
func runFiles(snap *evidence.Snapshot, coverage *os.File) ([]write, error) {
	dir := path.Join("runs", snap.Run.Name)
	run, err := evidence.Canonical(snap.Run)
	if err != nil {
		return nil, fmt.Errorf("writing RUN.json: %w", err)
	}
	fi, err := coverage.Stat()
	if err != nil {
		return nil, err
	}
	cells := evidence.Within(coverage, 0, fi.Size())
	cellsID, err := objects.SumOf(objects.Blob, cells.Open())
	if err != nil {
		return nil, fmt.Errorf("writing coverage.jsonl: %w", err)
	}
	if !snap.Calls.Exists() {
		snap.Calls = evidence.InMemory(nil)
	}
	parts, err := snap.Calls.InParts(evidence.CallsBytes)
	if err != nil {
		return nil, fmt.Errorf("reading the calls: %w", err)
	}
	files := []write{blob(path.Join(dir, "RUN.json"), append(run, '\n'))}
	for i, part := range parts {
		name := evidence.CallsName
		if len(parts) > 1 {
			name = evidence.CallsPart(i + 1)
		}
		id, err := objects.SumOf(objects.Blob, part.Open())
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", name, err)
		}
		files = append(files, write{path: path.Join(dir, name), mode: objects.ModeFile, id: id, content: part})
	}
	return append(files, write{path: path.Join(dir, "coverage.jsonl"), mode: objects.ModeFile, id: cellsID, content: cells}), nil
}

// coverage writes coverage.jsonl to a temporary file: its text takes more room
// than the cells.
func (r *Repository) coverage(cells []evidence.Cell) (f *os.File, err error) {
	dir := filepath.Join(r.git.common, "objects", "pack")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if f, err = os.CreateTemp(dir, "tmp_exhibit_coverage_"); err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	for _, c := range cells {
		line, err := evidence.Canonical(c)
		if err != nil {
			return nil, errors.Join(err, discard(f))
		}
		_, _ = w.Write(line) // Flush tells
		_ = w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		return nil, errors.Join(err, discard(f))
	}
	return f, nil
}

func discard(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }

// sealRun lists and seals the tree as it will be.
func (r *Repository) sealRun(b base, snap *evidence.Snapshot, sums map[string][sha256.Size]byte, writes []write, opt CommitOptions) ([]write, error) {
	m, err := r.manifest(b.files, sums, writes)
	if err != nil {
		return nil, err
	}
	s := seal.Seal{
		Kind: seal.KindRun, Sample: snap.Run.Sample, Organisation: snap.Run.Organisation,
		Run: snap.Run.Name, Commit: b.id.String(), Claimed: snap.Run.Ended, Tool: snap.Run.Tool,
		SumsPath: path.Join("runs", snap.Run.Name, seal.SumsName), Reviewers: opt.Reviewers,
	}
	if n := len(b.chain); n > 0 {
		s.Previous, s.PreviousToken = b.chain[n-1].sealSum, b.chain[n-1].tokenSum
	}
	files, err := seal.SealManifest(m, s, opt.Key)
	if err != nil {
		return nil, err
	}
	if opt.Stamp != nil {
		dir := path.Dir(s.SumsPath)
		if token := opt.Stamp(files[path.Join(dir, seal.SignatureName)]); len(token) > 0 {
			files[path.Join(dir, seal.TokenName)] = token
		}
	}
	var out []write
	for p, content := range files {
		out = append(out, blob(p, content))
	}
	return out, nil
}

func runMessage(snap *evidence.Snapshot) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Run %s\n\n", snap.Run.Name)
	if snap.Run.Sample {
		b.WriteString("SAMPLE: invented data for demonstration.\n")
	}
	fmt.Fprintf(&b, "%d cells, %d calls, %d questions not answered.\n", len(snap.Cells), snap.Run.Calls, snap.Run.Gaps)
	if len(snap.Run.Only) > 0 {
		fmt.Fprintf(&b, "Only %s.\n", strings.Join(snap.Run.Only, ", "))
	}
	if snap.Run.Tool != "" {
		fmt.Fprintf(&b, "\nTool: %s\n", snap.Run.Tool)
	}
	return b.String()
}
