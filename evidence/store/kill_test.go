//go:build unix

package store

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"exhibit/evidence"
)

// steps are the places where a write may be killed, in order.
var steps = []string{"objects", "journal", "ref", "worktree", "index", "done"}

// moved are the steps before which the branch has moved already.
var moved = map[string]bool{"worktree": true, "index": true, "done": true}

const killEnv = "EXHIBIT_TEST_KILL" // "<step> <repository>": set in the process that is to be killed

// TestMain is also the process that TestKilledAnywhere kills.
func TestMain(m *testing.M) {
	at, dir, ok := strings.Cut(os.Getenv(killEnv), " ")
	if !ok {
		os.Exit(m.Run())
	}
	syscall.Umask(0o077)
	r, err := Open(dir)
	if err != nil {
		panic(err)
	}
	r.step = func(name string) error {
		if name == at {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}
	_, err = r.Commit(killedRun(), CommitOptions{Key: testKey(), Author: testAuthor})
	panic(err)
}

// killedRun changes one file, adds one and removes one.
func killedRun() (s *evidence.Snapshot) {
	return snapshot(3, map[string][]byte{kms: line("changed"), s3: line("new"), iam: nil})
}

func TestKilledAnywhere(t *testing.T) {
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			r := newRepo(t)
			before := mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k"), iam: line("u")}))
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), killEnv+"="+step+" "+r.dir)
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the process was not killed: %v", err)
			}
			// Before anything is mended, git can read the repository.
			gitRun(t, r.dir, "fsck", "--strict", "--full", "--no-dangling")
			gitRun(t, r.dir, "log", "--stat")
			head := gitRun(t, r.dir, "rev-parse", "HEAD")
			if (head != before) != moved[step] {
				t.Errorf("HEAD moved: %t", head != before)
			}
			// Opening it mends it.
			again := reopen(t, r)
			whole(t, r.dir)
			checkNoLeftovers(t, r)
			if err := again.Clean(context.Background()); err != nil {
				t.Error(err)
			}
			next := snapshot(4, map[string][]byte{kms: line("later"), iam: line("u")})
			mustCommit(t, again, next)
			want := 2
			if moved[step] {
				want = 3
			}
			if next.Run.Sequence != want {
				t.Errorf("the next run has the number %d, want %d", next.Run.Sequence, want)
			}
			whole(t, r.dir)
			verifySeals(t, r.dir)
		})
	}
}

func checkNoLeftovers(t *testing.T, r *Repository) {
	t.Helper()
	for _, name := range []string{ownIndex, ownRef, journal, "index.lock", "refs/heads/main.lock"} {
		if _, err := os.Lstat(filepath.Join(r.git.own, name)); err == nil {
			t.Errorf(".git/%s is left behind", name)
		}
	}
}

func TestFailedAnywhere(t *testing.T) {
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			r := newRepo(t)
			before := mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k"), iam: line("u")}))
			full := errors.New("no space left on device")
			r.step = func(name string) error {
				if name == step {
					return full
				}
				return nil
			}
			id, err := r.Commit(killedRun(), CommitOptions{Key: testKey(), Author: testAuthor})
			if !errors.Is(err, full) {
				t.Fatalf("error %v", err)
			}
			if (id != "") != moved[step] {
				t.Errorf("commit %q", id)
			}
			if head := gitRun(t, r.dir, "rev-parse", "HEAD"); moved[step] && head != id || !moved[step] && head != before {
				t.Errorf("HEAD is %s", head)
			}
			if !moved[step] {
				whole(t, r.dir)
				checkNoLeftovers(t, r)
			}
			again := reopen(t, r)
			whole(t, r.dir)
			checkNoLeftovers(t, r)
			mustCommit(t, again, snapshot(4, map[string][]byte{kms: line("later")}))
		})
	}
}

// TestRecoveryKeepsWhatPeopleEdited kills a commit of people's files and edits
// one before the repository is opened again.
func TestRecoveryKeepsWhatPeopleEdited(t *testing.T) {
	r := newRepo(t)
	failed := errors.New("killed")
	r.step = func(name string) error {
		if name == "worktree" {
			return failed
		}
		return nil
	}
	_, err := r.CommitFiles(map[string][]byte{"policies/access.md": []byte("two\n"), "exhibit.yaml": []byte("organisation: Two\n")}, testAuthor, day(2), "m")
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	name := filepath.Join(r.dir, "policies", "access.md")
	if err := os.WriteFile(name, []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	reopen(t, r)
	if got := gitRun(t, r.dir, "status", "--porcelain"); got != "M policies/access.md" {
		t.Errorf("git status: %q", got)
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "mine\n" {
		t.Errorf("%q, %v", b, err)
	}
}

func TestTwoWriters(t *testing.T) {
	r := newRepo(t)
	other := reopen(t, r)
	var second error
	r.step = func(name string) error {
		if name == "ref" {
			_, second = other.Commit(snapshot(3, map[string][]byte{iam: line("u")}), CommitOptions{Key: testKey(), Author: testAuthor})
			reopen(t, r) // reading goes on
		}
		return nil
	}
	mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k")}))
	if !errors.Is(second, ErrLocked) {
		t.Errorf("the second writer: %v", second)
	}
	whole(t, r.dir)
	mustCommit(t, other, snapshot(3, map[string][]byte{iam: line("u")}))
	whole(t, r.dir)
	verifySeals(t, r.dir)
}

// TestGitAtWork has git commit, and stage, while a run is being kept.
func TestGitAtWork(t *testing.T) {
	r := newRepo(t)
	r.step = func(name string) error {
		if name == "objects" {
			out, err := gitTry(r.dir, "add", "exhibit.yaml")
			if err == nil || !strings.Contains(out, "index.lock") {
				t.Errorf("git add: %v, %s", err, out)
			}
		}
		if name == "ref" { // moves the branch without the index
			gitRun(t, r.dir, "update-ref", "refs/heads/main", gitRun(t, r.dir, "commit-tree", "-p", "HEAD", "-m", "x", "HEAD^{tree}"))
		}
		return nil
	}
	_, err := r.Commit(snapshot(2, map[string][]byte{kms: line("k")}), CommitOptions{Key: testKey(), Author: testAuthor})
	if err == nil || !strings.Contains(err.Error(), "refs/heads/main moved to") {
		t.Errorf("error %v", err)
	}
	whole(t, r.dir)
	checkNoLeftovers(t, r)
	// And a lock that git holds is not taken.
	lock := filepath.Join(r.git.own, "index.lock")
	if err := os.WriteFile(lock, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = reopen(t, r).Commit(snapshot(2, map[string][]byte{kms: line("k")}), CommitOptions{Key: testKey(), Author: testAuthor})
	if err == nil || !strings.Contains(err.Error(), "git is at work") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Lstat(lock); err != nil {
		t.Error("git's lock was removed")
	}
}

func TestUmask(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	r := newRepo(t)
	mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k")}))
	whole(t, r.dir)
	for p, want := range map[string]os.FileMode{
		"evidence/aws/" + kms: 0o644, "evidence/aws/111122223333": 0o755, "runs": 0o755,
		"runs/0001-20260102T060000Z/SEAL.txt": 0o644, "policies": 0o755, "policies/access.md": 0o644,
		".git/refs/heads/main": 0o644,
	} {
		fi, err := os.Stat(filepath.Join(r.dir, filepath.FromSlash(p)))
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", p, fi.Mode().Perm(), want)
		}
	}
}
