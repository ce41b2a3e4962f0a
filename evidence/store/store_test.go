package store

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/evidence"
	"exhibit/seal"
)

const (
	kms = "111122223333/eu-west-1/kms-key.jsonl"
	iam = "111122223333/global/iam-user.jsonl"
	s3  = "444455556666/global/s3-bucket.jsonl"
)

func TestRunIsOneCommit(t *testing.T) {
	r := newRepo(t)
	whole(t, r.dir)
	before, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	id := mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k"), iam: line("u"), s3: nil}))
	whole(t, r.dir)
	if got := gitRun(t, r.dir, "rev-parse", "HEAD", "HEAD^"); got != id+"\n"+before {
		t.Errorf("HEAD and its parent are %q, want %s and %s", got, id, before)
	}
	want := strings.Join([]string{
		"A\tevidence/aws/111122223333/eu-west-1/kms-key.jsonl", "A\tevidence/aws/111122223333/global/iam-user.jsonl",
		"A\truns/0001-20260102T060000Z/RUN.json", "A\truns/0001-20260102T060000Z/SEAL.txt", "A\truns/0001-20260102T060000Z/SEAL.txt.sig",
		"A\truns/0001-20260102T060000Z/SHA256SUMS", "A\truns/0001-20260102T060000Z/calls.jsonl", "A\truns/0001-20260102T060000Z/coverage.jsonl",
	}, "\n")
	if got := gitRun(t, r.dir, "show", "--format=", "--name-status", "HEAD"); got != want {
		t.Errorf("the commit changes\n%s\nwant\n%s", got, want)
	}
	if got := gitRun(t, r.dir, "log", "-1", "--format=%an <%ae> %aI|%cn %cI|%s"); got != "Ada Example <ada@example.com> 2026-01-02T06:01:00+00:00|Ada Example 2026-01-02T06:01:00+00:00|Run 0001-20260102T060000Z" {
		t.Errorf("the commit says %q", got)
	}
	if got := gitRun(t, r.dir, "reflog", "-1", "--format=%gs"); got != "exhibit: Run 0001-20260102T060000Z" {
		t.Errorf("the reflog says %q", got)
	}
	if err := r.Clean(context.Background()); err != nil {
		t.Error(err)
	}
	verifySeals(t, r.dir)
}

// verifySeals checks the work tree with the code an auditor runs.
func verifySeals(t *testing.T, dir string) {
	t.Helper()
	res, err := seal.VerifyRuns(os.DirFS(dir), seal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Errorf("seal: %v", p)
	}
}

func TestTwentyRunsChain(t *testing.T) {
	r := newRepo(t)
	var ids []string
	for n := range 20 {
		files := map[string][]byte{kms: line("k"), iam: line(strings.Repeat("u", n/2+1)), s3: line("b")}
		if n%3 == 1 {
			files[s3] = nil
		}
		s := snapshot(n+2, files)
		if n%5 == 4 { // limited to one source
			s = snapshot(n+2, map[string][]byte{iam: line("only")})
			s.Run.Only = []string{"iam-user"}
		}
		ids = append(ids, mustCommit(t, r, s))
		if n == 10 { // people go on working
			if err := os.WriteFile(filepath.Join(r.dir, "policies", "access.md"), []byte("v2\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			gitRun(t, r.dir, "add", "-A")
			gitRun(t, r.dir, "commit", "-q", "-m", "policy")
			gitRun(t, r.dir, "gc", "-q")
			r = reopen(t, r)
		}
	}
	whole(t, r.dir)
	verifySeals(t, r.dir)
	commits, err := r.RunCommits("")
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range commits {
		if c.Commit != ids[i] || c.Sequence != i+1 {
			t.Errorf("run %d: %+v, want commit %s", i+1, c, ids[i])
		}
	}
	tree, err := r.At("")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := tree.Runs()
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 20 || len(commits) != 20 {
		t.Fatalf("%d runs, %d commits", len(runs), len(commits))
	}
	for i, run := range runs[1:] {
		if run.Seal.Previous != runs[i].SealSum || run.Commit != ids[i+1] {
			t.Errorf("%s does not follow %s", run.Name, runs[i].Name)
		}
	}
	// Every state in the past can be read, by the name of its run too.
	for i, id := range ids {
		tree, err := r.At(runs[i].Name)
		if err != nil {
			t.Fatal(err)
		}
		if tree.Commit() != id {
			t.Errorf("%s is at %s, want %s", runs[i].Name, tree.Commit(), id)
		}
	}
}

func TestCellsAreTheNewestOfEach(t *testing.T) {
	r := newRepo(t)
	mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k"), iam: line("u"), s3: line("b")}))
	only := snapshot(3, map[string][]byte{s3: nil})
	only.Run.Only = []string{"s3-bucket"}
	mustCommit(t, r, only)
	whole(t, r.dir)
	tree, err := r.At("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	cells, err := tree.Cells()
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, c := range cells {
		got = append(got, string(c.State)+" "+c.Path)
	}
	want := []string{"collected evidence/aws/" + kms, "collected evidence/aws/" + iam, "denied_scp "}
	if !slices.Equal(got, want) {
		t.Errorf("cells %q, want %q", got, want)
	}
	// The refused cell has no file any more, the others have theirs.
	for p, there := range map[string]bool{kms: true, iam: true, s3: false} {
		_, err := fs.Stat(tree.FS(), "evidence/aws/"+p)
		if (err == nil) != there {
			t.Errorf("%s: %v", p, err)
		}
		_, err = os.Stat(filepath.Join(r.dir, "evidence", "aws", filepath.FromSlash(p)))
		if (err == nil) != there {
			t.Errorf("%s in the work tree: %v", p, err)
		}
	}
	if _, err := os.Stat(filepath.Join(r.dir, "evidence", "aws", "444455556666")); err == nil {
		t.Error("an empty folder is left behind")
	}
}

func TestUnchangedAccountGivesUnchangedTree(t *testing.T) {
	r := newRepo(t)
	files := map[string][]byte{kms: line("k"), iam: line("u")}
	mustCommit(t, r, snapshot(2, files))
	mustCommit(t, r, snapshot(3, files))
	if got := gitRun(t, r.dir, "diff", "--name-only", "HEAD^", "HEAD", "--", "evidence"); got != "" {
		t.Errorf("evidence changed: %s", got)
	}
}

func TestFSIsWhatGitKeeps(t *testing.T) {
	r := newRepo(t)
	id := mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k"), iam: {}}))
	tree, err := r.At(id[:12])
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(gitRun(t, r.dir, "ls-tree", "-r", "--name-only", "HEAD"), "\n")
	if err := fstest.TestFS(tree.FS(), want...); err != nil {
		t.Error(err)
	}
	var got []string
	if err := fs.WalkDir(tree.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	for _, p := range want {
		b, err := fs.ReadFile(tree.FS(), p)
		if err != nil {
			t.Fatal(err)
		}
		if out := gitRun(t, r.dir, "show", "HEAD:"+p); strings.TrimSpace(string(b)) != out {
			t.Errorf("%s: %q, git says %q", p, b, out)
		}
	}
	if calls, err := tree.Calls("0001-20260102T060000Z"); err != nil || len(calls) != 1 {
		t.Errorf("calls %v, %v", calls, err)
	}
}

// TestSameInputSameCommit keeps the same run twice, on another path, in
// another zone.
func TestSameInputSameCommit(t *testing.T) {
	var ids []string
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("east", 13*3600)} {
		dir := filepath.Join(t.TempDir(), zone.String())
		r, err := Init(dir, starter(), testAuthor, day(1).In(zone))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for n, files := range []map[string][]byte{{kms: line("k"), iam: line("u")}, {kms: line("k"), iam: line("v"), s3: nil}} {
			s := snapshot(n+2, files)
			s.Run.Started, s.Run.Ended = s.Run.Started.In(zone), s.Run.Ended.In(zone)
			asOf := day(1).In(zone)
			s.Cells[0].Started, s.Cells[0].AsOf = day(2).In(zone), &asOf
			ids = append(ids, mustCommit(t, r, s))
		}
	}
	if !slices.Equal(ids[:2], ids[2:]) {
		t.Errorf("commits of the same: %q", ids)
	}
}

func TestHistoryIsWhatGitLogSays(t *testing.T) {
	r := newRepo(t)
	write := func(files map[string][]byte, n int, message string) {
		t.Helper()
		if _, err := r.CommitFiles(files, testAuthor, day(n), message); err != nil {
			t.Fatal(err)
		}
	}
	write(map[string][]byte{"policies/access.md": []byte("two\n")}, 2, "Second version")
	mustCommit(t, r, snapshot(3, map[string][]byte{kms: line("k")}))
	write(map[string][]byte{"policies/access.md": nil, "policies/people/access-control.md": []byte("two\n")}, 4, "Move it")
	gitRun(t, r.dir, "switch", "-q", "-c", "draft")
	write(map[string][]byte{"policies/people/access-control.md": []byte("draft\n")}, 5, "Draft")
	write(map[string][]byte{"policies/people/access-control.md": []byte("three\n")}, 6, "Third version")
	gitRun(t, r.dir, "switch", "-q", "main")
	gitRun(t, r.dir, "merge", "-q", "--no-ff", "-m", "Merge draft", "draft")
	whole(t, r.dir)
	revs, err := r.History("", "policies/")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range revs {
		status := v.Blob
		if v.Gone {
			status = "D"
		}
		got = append(got, v.Commit+" "+status+" "+v.Path)
	}
	var want []string
	out := gitRun(t, r.dir, "log", "--first-parent", "--no-renames", "--raw", "--no-abbrev", "--format=commit %H", "HEAD", "--", "policies")
	commit := ""
	for l := range strings.SplitSeq(out, "\n") {
		if c, ok := strings.CutPrefix(l, "commit "); ok {
			commit = c
		} else if f := strings.Fields(l); len(f) == 6 {
			status := f[3]
			if f[4] == "D" {
				status = "D"
			}
			want = append(want, commit+" "+status+" "+f[5])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("history\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if b, err := r.Blob(revs[0].Blob); err != nil || string(b) != "three\n" {
		t.Errorf("newest policy %q, %v", b, err)
	}
	if _, err := r.Commit(snapshot(8, map[string][]byte{kms: line("k")}), CommitOptions{Key: testKey(), Author: testAuthor}); err != nil {
		t.Errorf("after a merge: %v", err)
	}
}

func TestCommitFilesRefuses(t *testing.T) {
	r := newRepo(t)
	if err := os.WriteFile(filepath.Join(r.dir, "policies", "access.md"), []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]string{
		"policies/access.md": "changed and not committed", "evidence/x": "written by runs alone", "a b": "only letters", "../x": "in a path",
	} {
		_, err := r.CommitFiles(map[string][]byte{p: []byte("x\n")}, testAuthor, day(2), "m")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", p, err, want)
		}
	}
}

func TestFilesOfACellThatMovedGoAway(t *testing.T) {
	r := newRepo(t)
	s := snapshot(2, map[string][]byte{kms: line("k"), iam: line("u")})
	mustCommit(t, r, s)
	moved := snapshot(3, map[string][]byte{iam: line("u")})
	moved.Cells = append(moved.Cells, evidence.Cell{Account: "111122223333", Region: "eu-west-1", Source: "kms-key", State: evidence.Collected, Path: "evidence/aws/111122223333/eu-west-1/kms-keys.jsonl"})
	moved.Files["evidence/aws/111122223333/eu-west-1/kms-keys.jsonl"] = evidence.InMemory(line("k"))
	mustCommit(t, r, moved)
	whole(t, r.dir)
	verifySeals(t, r.dir)
	tree, err := r.At("")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(tree.FS(), "evidence/aws/*/*/*")
	if err != nil {
		t.Fatal(err)
	}
	if want := slices.Sorted(maps.Keys(moved.Files)); !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
}
