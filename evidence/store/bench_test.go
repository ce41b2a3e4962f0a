package store

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// manyFiles is a run over many accounts and regions: n files of about 2 KB.
func manyFiles(n, seed int) map[string][]byte {
	rnd := rand.New(rand.NewPCG(uint64(seed), 1))
	files := make(map[string][]byte, n)
	for i := range n {
		var b bytes.Buffer
		for k := range 10 {
			fmt.Fprintf(&b, `{"DescribeKey":{"KeyMetadata":{"Arn":"arn:aws:kms:eu-west-1:%012d:key/%016x%016x","CreationDate":"2026-01-02T06:00:00Z","Enabled":true,"KeyState":"Enabled"}},"id":"%d-%d-%d"}`+"\n",
				i/200, rnd.Uint64(), rnd.Uint64(), seed, i, k)
		}
		files[fmt.Sprintf("%012d/region-%02d/source-%02d.jsonl", i/200, i/10%20, i%10)] = b.Bytes()
	}
	return files
}

// BenchmarkCommit10000 keeps a first run of 10,000 evidence files: listing,
// sealing, one pack, the work tree and the index.
func BenchmarkCommit10000(b *testing.B) {
	files := manyFiles(10000, 1)
	for b.Loop() {
		b.StopTimer()
		r := newRepo(b)
		s := snapshot(2, files)
		b.StartTimer()
		mustCommit(b, r, s)
		b.StopTimer()
		if err := os.RemoveAll(r.dir); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkCommit10000Changed100 keeps a later run in which 100 of them changed.
func BenchmarkCommit10000Changed100(b *testing.B) {
	files := manyFiles(10000, 1)
	r := newRepo(b)
	mustCommit(b, r, snapshot(2, files))
	changed := manyFiles(100, 2)
	n := 3
	for b.Loop() {
		b.StopTimer()
		for p, content := range changed {
			files[p] = append(bytes.Clone(content), fmt.Appendf(nil, "{\"id\":\"%d\"}\n", n)...)
		}
		s := snapshot(n, files)
		n++
		b.StartTimer()
		mustCommit(b, r, s)
	}
}

// BenchmarkGit10000 is the peer: git add -A and git commit of the same files,
// which it finds written already.
func BenchmarkGit10000(b *testing.B) {
	files := manyFiles(10000, 1)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		gitRun(b, dir, "init", "-q")
		gitRun(b, dir, "config", "gc.auto", "0") // not counted against it, and not left running
		for p, content := range files {
			name := filepath.Join(dir, "evidence", "aws", filepath.FromSlash(p))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(name, content, 0o644); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		gitRun(b, dir, "add", "-A")
		gitRun(b, dir, "commit", "-q", "-m", "x")
		b.StopTimer()
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkClean10000 asks whether a run may begin.
func BenchmarkClean10000(b *testing.B) {
	r := newRepo(b)
	mustCommit(b, r, snapshot(2, manyFiles(10000, 1)))
	for b.Loop() {
		if err := r.Clean(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHistory is the history of every file of one folder of the repository that
// EXHIBIT_BENCH_REPO names, along its first parents; EXHIBIT_BENCH_FOLDER names the
// folder, which is policies otherwise.
//
//	git clone --shared --no-checkout /path/to/clone there
//	EXHIBIT_BENCH_REPO=there EXHIBIT_BENCH_FOLDER=docs go test -run xxx -bench History$ ./evidence/store
//
// Its peer answers for one file: git log --first-parent --follow --format=%H -- FILE.
func BenchmarkHistory(b *testing.B) {
	dir := os.Getenv("EXHIBIT_BENCH_REPO")
	if dir == "" {
		b.Skip("EXHIBIT_BENCH_REPO names no repository")
	}
	folder := cmp.Or(os.Getenv("EXHIBIT_BENCH_FOLDER"), "policies")
	for b.Loop() {
		r, _, err := open(dir)
		if err != nil {
			b.Fatal(err)
		}
		revisions, err := r.History("HEAD", folder)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(revisions)), "revisions")
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
