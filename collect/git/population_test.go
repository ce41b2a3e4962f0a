package git

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The population of a branch is what git rev-list --first-parent says, commit for
// commit and in its order: of a history of some size made here, with merges, and of the
// repository that EXHIBIT_BENCH_REPO names, where it is given.
func TestPopulationIsThatOfRevList(t *testing.T) {
	g := newTester(t)
	var b strings.Builder // for git fast-import: a merge of a branch of three every fourth commit
	mark, tip := 0, 0
	commit := func(message string, parents ...int) int {
		mark++
		ref := "refs/heads/main"
		if strings.HasPrefix(message, "side") {
			ref = "refs/heads/side"
		}
		fmt.Fprintf(&b, "commit %s\nmark :%d\ncommitter Ada <ada@example.com> %d +0000\ndata %d\n%s\n", ref, mark, 1767225600+mark*60, len(message), message)
		for i, p := range parents {
			fmt.Fprintf(&b, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p)
		}
		fmt.Fprintf(&b, "M 644 inline f%d\ndata 2\nx\n\n", mark%97)
		return mark
	}
	tip = commit("begin")
	for i := range 3000 {
		if i%4 == 3 {
			side := commit("side one", tip)
			side = commit("side two", side)
			tip = commit(fmt.Sprintf("Merge pull request #%d from x/y", i), tip, side)
			continue
		}
		tip = commit(fmt.Sprint("change ", i), tip)
	}
	g.with(b.String(), nil, "fast-import", "--quiet", "--force")
	sameAsRevList(t, g.dir, "main")
	if dir := os.Getenv("EXHIBIT_BENCH_REPO"); dir != "" {
		branch := os.Getenv("EXHIBIT_BENCH_BRANCH")
		if branch == "" {
			out, err := exec.Command("git", "-C", dir, "symbolic-ref", "--short", "HEAD").Output()
			if err != nil {
				t.Fatal(err)
			}
			branch = strings.TrimSpace(string(out))
		}
		sameAsRevList(t, dir, branch)
	}
}

func sameAsRevList(t *testing.T, dir, branch string) {
	t.Helper()
	out, err := exec.Command("git", "-C", dir, "rev-list", "--first-parent", branch).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(out))
	r, err := openRepository(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	_, tip, err := r.production(branch)
	if err != nil {
		t.Fatal(err)
	}
	line, err := r.firstParents(t.Context(), tip)
	if err != nil {
		t.Fatal(err)
	}
	if len(line) != len(want) {
		t.Fatalf("%d commits, git rev-list says %d", len(line), len(want))
	}
	for i := range want {
		if line[i].id.String() != want[i] {
			t.Fatalf("commit %d is %s, git says %s", i, line[i].id, want[i])
		}
	}
	t.Logf("%s: %d commits, as git says", branch, len(want))
}
