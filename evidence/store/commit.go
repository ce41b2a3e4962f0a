package store

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
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
	Key    ed25519.PrivateKey // required
	Author Author             // author and committer of the commit
}

// Commit keeps a snapshot as one commit on the branch HEAD is on: the evidence
// files, and the run's folder with its seal. Everything else is carried as it
// stands in the last commit, whatever lies in the work tree.
//
// It sets the name and number of the run in the snapshot, and its times to UTC. The same snapshot,
// author and key on the same commit give the same commit.
//
// An error with an empty commit means that nothing changed. An error with a
// commit means that the run is kept and sealed, and the work tree or index
// could not be brought along; the next Open tries again.
func (r *Repository) Commit(snap *evidence.Snapshot, opt CommitOptions) (commit string, err error) {
	if len(opt.Key) != ed25519.PrivateKeySize {
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
	writes, err := tx.r.evidenceWrites(b, snap)
	if err != nil {
		return "", err
	}
	own, err := runFiles(snap)
	if err != nil {
		return "", err
	}
	writes = append(writes, own...)
	sealed, err := tx.r.sealRun(b, snap, writes, opt.Key)
	if err != nil {
		return "", err
	}
	writes = append(writes, sealed...)
	return tx.keep(change{
		from: b.head, tree: b.commit.Tree, writes: writes,
		author: opt.Author, when: snap.Run.Ended, message: runMessage(snap),
	})
}

// inUTC writes every time of a snapshot in UTC, whatever zone the machine is in.
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
	for i := range s.Calls {
		c := &s.Calls[i]
		c.Started, c.Ended = c.Started.UTC(), c.Ended.UTC()
	}
}

func blob(path string, content []byte) write {
	if content == nil {
		content = []byte{}
	}
	return write{path: path, mode: objects.ModeFile, id: objects.Sum(objects.Blob, content), content: content}
}

// evidenceWrites are the evidence files that differ from the last commit, and
// those that go away: the ones of cells this run asked again without an answer.
func (r *Repository) evidenceWrites(b base, snap *evidence.Snapshot) ([]write, error) {
	claimed := make(map[string]*evidence.Cell, len(snap.Cells))
	planned := make(map[cellKey]bool, len(snap.Cells))
	for i := range snap.Cells {
		c := &snap.Cells[i]
		if planned[keyOf(*c)] {
			return nil, fmt.Errorf("the run has the cell %s twice", cellName(*c))
		}
		planned[keyOf(*c)] = true
		content, ok := snap.Files[c.Path]
		if !ok {
			c.Path, c.Sum = "", ""
			continue
		}
		if twin := claimed[c.Path]; twin != nil {
			return nil, fmt.Errorf("two cells, %s and %s, have one file, %s", cellName(*twin), cellName(*c), c.Path)
		}
		claimed[c.Path] = c
		sum := fmt.Sprintf("%x", sha256.Sum256(content))
		if c.Sum != "" && c.Sum != sum {
			return nil, fmt.Errorf("the content of %s is not what %s was given as: its SHA-256 is %s, not %s", c.Path, cellName(*c), sum, c.Sum)
		}
		c.Sum = sum
	}
	for p := range snap.Files {
		if claimed[p] == nil {
			return nil, fmt.Errorf("%s belongs to no cell of the run", p)
		}
		if !strings.HasPrefix(p, "evidence/") {
			return nil, fmt.Errorf("%s is not under evidence/", p)
		}
		if err := seal.CheckPath(p); err != nil {
			return nil, err
		}
	}
	ids, err := blobIDs(snap.Files)
	if err != nil {
		return nil, err
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
		content := snap.Files[p]
		if content == nil {
			content = []byte{}
		}
		writes = append(writes, write{path: p, mode: objects.ModeFile, id: id, content: content})
	}
	gone, err := r.unanswered(b, planned, left)
	if err != nil {
		return nil, err
	}
	for _, p := range gone {
		writes = append(writes, write{path: p, gone: true})
	}
	return writes, nil
}

func cellName(c evidence.Cell) string { return path.Join(c.Account, c.Region, c.Source) }

func blobIDs(files map[string][]byte) (map[string]objects.ID, error) {
	paths := make([]string, 0, len(files))
	for p := range files {
		paths = append(paths, p)
	}
	sums := make([]objects.ID, len(paths))
	err := parallel(len(paths), func(i int) error {
		sums[i] = objects.Sum(objects.Blob, files[paths[i]])
		return nil
	})
	ids := make(map[string]objects.ID, len(paths))
	for i, p := range paths {
		ids[p] = sums[i]
	}
	return ids, err
}

// unanswered are those of the files left over whose cell this run planned. The
// newest run that wrote a file says whose it is.
func (r *Repository) unanswered(b base, planned map[cellKey]bool, left map[string]bool) (gone []string, err error) {
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
			if planned[keyOf(c)] {
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

// runFiles are the run's own files but for its seal.
func runFiles(snap *evidence.Snapshot) ([]write, error) {
	dir := path.Join("runs", snap.Run.Name)
	run, err := evidence.Canonical(snap.Run)
	if err != nil {
		return nil, fmt.Errorf("writing RUN.json: %w", err)
	}
	cells, err := evidence.WriteLines(snap.Cells)
	if err != nil {
		return nil, fmt.Errorf("writing coverage.jsonl: %w", err)
	}
	calls, err := evidence.WriteLines(snap.Calls)
	if err != nil {
		return nil, fmt.Errorf("writing calls.jsonl: %w", err)
	}
	return []write{
		blob(path.Join(dir, "RUN.json"), append(run, '\n')),
		blob(path.Join(dir, "calls.jsonl"), calls),
		blob(path.Join(dir, "coverage.jsonl"), cells),
	}, nil
}

// sealRun lists and seals the tree as it will be.
func (r *Repository) sealRun(b base, snap *evidence.Snapshot, writes []write, key ed25519.PrivateKey) ([]write, error) {
	m, err := r.manifest(b.files, snap.Files, writes)
	if err != nil {
		return nil, err
	}
	s := seal.Seal{
		Kind: seal.KindRun, Sample: snap.Run.Sample, Organisation: snap.Run.Organisation,
		Run: snap.Run.Name, Commit: b.id.String(), Claimed: snap.Run.Ended, Tool: snap.Run.Tool,
		SumsPath: path.Join("runs", snap.Run.Name, seal.SumsName),
	}
	if n := len(b.chain); n > 0 {
		s.Previous, s.PreviousToken = b.chain[n-1].sealSum, b.chain[n-1].tokenSum
	}
	files, err := seal.SealManifest(m, s, key)
	if err != nil {
		return nil, err
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
	fmt.Fprintf(&b, "%d cells, %d calls, %d questions not answered.\n", len(snap.Cells), len(snap.Calls), snap.Run.Gaps)
	if len(snap.Run.Only) > 0 {
		fmt.Fprintf(&b, "Only %s.\n", strings.Join(snap.Run.Only, ", "))
	}
	if snap.Run.Tool != "" {
		fmt.Fprintf(&b, "\nTool: %s\n", snap.Run.Tool)
	}
	return b.String()
}
