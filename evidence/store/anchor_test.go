package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exhibit/seal"
)

func TestAnchor(t *testing.T) {
	r := newRepo(t)
	mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k")}))
	opt := CommitOptions{Key: testKey(), Author: testAuthor, Stamp: func(sig []byte) []byte { return append([]byte("token over "), sig[:3]...) }}
	if _, err := r.Commit(snapshot(3, map[string][]byte{kms: line("k2")}), opt); err != nil {
		t.Fatal(err)
	}
	runs := runsOf(t, r)
	if len(runs[0].Token) != 0 || string(runs[1].Token) != "token over ---" {
		t.Fatalf("%q %q", runs[0].Token, runs[1].Token)
	}
	if _, err := r.Anchor(map[string][]byte{runs[0].Name: []byte("late")}, testAuthor, day(4)); err != nil {
		t.Fatal(err)
	}
	for says, tokens := range map[string]map[string][]byte{"has one": {runs[0].Name: []byte("again")}, "not there": {"0009-20260101T000000Z": nil}} {
		if _, err := r.Anchor(tokens, testAuthor, day(4)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	mustCommit(t, r, snapshot(5, map[string][]byte{kms: line("k3")}))
	runs = runsOf(t, r)
	if string(runs[0].Token) != "late" || runs[1].Seal.PreviousToken != "" || runs[2].Seal.PreviousToken == "" {
		t.Errorf("%q %q %q", runs[0].Token, runs[1].Seal.PreviousToken, runs[2].Seal.PreviousToken)
	}
	whole(t, r.dir)
	verifySeals(t, r.dir)
	if found, err := r.NotAppended(""); err != nil || len(found) > 0 {
		t.Errorf("%q %v", found, err)
	}
}

func runsOf(t *testing.T, r *Repository) []Run {
	t.Helper()
	tree, err := r.At("")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := tree.Runs()
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestNotAppended(t *testing.T) {
	r := newRepo(t)
	mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k")}))
	runs := runsOf(t, r)
	dir := filepath.Join(r.dir, "runs", runs[0].Name)
	calls := filepath.Join(dir, "calls.jsonl")
	old, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	write := func(path string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	commit := func() { gitRun(t, r.dir, "commit", "-qam", "by hand") }
	// Changed and put back: the tree shows nothing, the history does.
	write(calls, []byte("{}\n"))
	commit()
	write(calls, old)
	commit()
	// Added to a run, taken away again.
	write(filepath.Join(dir, "more.txt"), nil)
	gitRun(t, r.dir, "add", "-A")
	commit()
	gitRun(t, r.dir, "rm", "-q", "runs/"+runs[0].Name+"/more.txt")
	commit()
	// A token may be added, never taken away.
	write(filepath.Join(dir, seal.TokenName), []byte("t"))
	gitRun(t, r.dir, "add", "-A")
	commit()
	gitRun(t, r.dir, "rm", "-q", "runs/"+runs[0].Name+"/"+seal.TokenName)
	commit()
	found, err := reopen(t, r).NotAppended("")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"deleted runs/" + runs[0].Name + "/" + seal.TokenName, "deleted runs/" + runs[0].Name + "/more.txt", "added runs/" + runs[0].Name + "/more.txt", "modified runs/" + runs[0].Name + "/calls.jsonl", "modified runs/" + runs[0].Name + "/calls.jsonl"}
	if len(found) != len(want) {
		t.Fatalf("%q", found)
	}
	for i := range want {
		if !strings.HasSuffix(found[i], want[i]) || !strings.HasPrefix(found[i], "commit ") {
			t.Errorf("%q, want %q", found[i], want[i])
		}
	}
}
