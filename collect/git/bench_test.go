package git

import (
	"os"
	"strings"
	"testing"
	"time"

	"exhibit/collect"
)

// BenchmarkWalk lists every first-parent commit of the repository that
// EXHIBIT_BENCH_REPO names, as a period of all time, without its files; with
// EXHIBIT_BENCH_BRANCH another branch than main.
//
//	EXHIBIT_BENCH_REPO=/path/to/clone go test -run xxx -bench Walk ./collect/git
//
// Its peer: git log --first-parent --format='%H %T %P %an %ae %at %cn %ce %ct %s'.
func BenchmarkWalk(b *testing.B) {
	dir, branch := benchRepo(b)
	for b.Loop() {
		r, err := openRepository(dir)
		if err != nil {
			b.Fatal(err)
		}
		_, tip, err := r.production(branch)
		if err != nil {
			b.Fatal(err)
		}
		line, err := r.firstParents(b.Context(), tip)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(line)), "commits")
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkChangesOfAYear is the whole question git/change for the newest year
// with a commit in it, files included. Its peer adds --since and --name-status.
func BenchmarkChangesOfAYear(b *testing.B) { benchChanges(b, 365) }

// BenchmarkChangesOfAllTime is the same for the whole history.
func BenchmarkChangesOfAllTime(b *testing.B) { benchChanges(b, 100*365) }

func benchChanges(b *testing.B, days int) {
	dir, branch := benchRepo(b)
	r, err := openRepository(dir)
	if err != nil {
		b.Fatal(err)
	}
	_, tip, err := r.production(branch)
	if err != nil {
		b.Fatal(err)
	}
	c, err := r.ReadCommit(tip)
	if err != nil {
		b.Fatal(err)
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	end := c.Committer.When.Add(time.Second)
	tasks := Tasks(Config{Repositories: []Repository{{Name: "bench", Path: dir, Branch: branch}}, Period: Period{end.AddDate(0, 0, -days), end}, Now: clock})
	for b.Loop() {
		var a collect.Answer
		tasks[0].Ask(b.Context(), &a)
		if g := a.Refusal(); g != nil {
			b.Fatal(g.Message)
		}
		b.ReportMetric(float64(len(a.Items())), "changes")
	}
}

func benchRepo(b *testing.B) (dir, branch string) {
	dir = os.Getenv("EXHIBIT_BENCH_REPO")
	if dir == "" {
		b.Skip("EXHIBIT_BENCH_REPO names no repository")
	}
	if branch = os.Getenv("EXHIBIT_BENCH_BRANCH"); branch != "" {
		return dir, branch
	}
	head, err := os.ReadFile(dir + "/HEAD")
	if err != nil {
		if head, err = os.ReadFile(dir + "/.git/HEAD"); err != nil {
			b.Fatal(err)
		}
	}
	return dir, strings.TrimPrefix(strings.TrimSpace(string(head)), "ref: refs/heads/")
}
