package store

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
	"exhibit/seal"
)

var testAuthor = Author{"Ada Example", "ada@example.com"}

// testKey is a key anybody can make: seed of zeros.
func testKey() seal.Key {
	return seal.FileKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
}

// day is the nth day of the tests' year.
func day(n int) time.Time { return time.Date(2026, 1, n, 6, 0, 0, 0, time.UTC) }

// gitRun runs the real git with no configuration but the repository's.
func gitRun(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := gitTry(dir, args...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func gitTry(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C", "TZ=UTC",
		"GIT_AUTHOR_NAME=Bo", "GIT_AUTHOR_EMAIL=bo@example.com", "GIT_COMMITTER_NAME=Bo", "GIT_COMMITTER_EMAIL=bo@example.com",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// whole checks with the real git that a repository is sound and clean.
func whole(t testing.TB, dir string) {
	t.Helper()
	if out := gitRun(t, dir, "fsck", "--strict", "--full", "--no-dangling"); out != "" {
		t.Errorf("git fsck: %s", out)
	}
	if out := gitRun(t, dir, "status", "--porcelain", "--ignored"); out != "" {
		t.Errorf("git status: %s", out)
	}
}

func starter() map[string][]byte {
	return map[string][]byte{
		"exhibit.yaml":          []byte("organisation: Example Ltd\n"),
		"policies/access.md":    []byte("---\nid: POL-1\n---\nAccess.\n"),
		"registers/people.yaml": []byte("- name: Ada\n"),
		".gitignore":            []byte("out/\n*.tmp\n"),
	}
}

func newRepo(t testing.TB) *Repository {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "evidence repo [x]")
	r, err := Init(dir, starter(), testAuthor, day(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// reopen opens a repository as another process would.
func reopen(t testing.TB, r *Repository) *Repository {
	t.Helper()
	n, err := Open(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// snapshot is a run on a day: files by path under evidence/aws/; a nil content
// is a cell that was asked and refused.
func snapshot(n int, files map[string][]byte) *evidence.Snapshot {
	s := &evidence.Snapshot{Files: map[string]evidence.Content{}}
	s.Run = evidence.Run{Started: day(n), Ended: day(n).Add(time.Minute), Organisation: "Example Ltd", Tool: "exhibit 0.1.0", Callers: []evidence.Caller{}}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		content := files[p]
		account, rest, _ := strings.Cut(p, "/")
		region, source, _ := strings.Cut(rest, "/")
		c := evidence.Cell{Account: account, Region: region, Source: strings.TrimSuffix(source, ".jsonl"), State: evidence.Collected, Items: bytes.Count(content, []byte("\n"))}
		if content == nil {
			c.State = evidence.DeniedSCP
		} else {
			c.Path = "evidence/aws/" + p
			s.Files[c.Path] = evidence.InMemory(content)
		}
		s.Cells = append(s.Cells, c)
	}
	calls, err := evidence.WriteLines([]evidence.Call{{Service: "kms", Operation: "ListKeys", Page: 1, Started: day(n), Ended: day(n)}})
	if err != nil {
		panic(err) // strings and times
	}
	s.Calls = evidence.InMemory(calls)
	s.Run.Cells, s.Run.Calls = len(s.Cells), 1
	return s
}

func line(id string) []byte { return fmt.Appendf(nil, "{\"id\":%q}\n", id) }

func mustCommit(t testing.TB, r *Repository, s *evidence.Snapshot) string {
	t.Helper()
	id, err := r.Commit(s, CommitOptions{Key: testKey(), Author: testAuthor})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
