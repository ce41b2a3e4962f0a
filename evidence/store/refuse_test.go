package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
	"exhibit/seal"
)

func write1(t *testing.T, r *Repository, p, content string) {
	t.Helper()
	name := filepath.Join(r.dir, filepath.FromSlash(p))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove1(t *testing.T, r *Repository, p string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(r.dir, filepath.FromSlash(p))); err != nil {
		t.Fatal(err)
	}
}

func commitAll(t *testing.T, r *Repository) {
	t.Helper()
	gitRun(t, r.dir, "add", "-f", "-A")
	gitRun(t, r.dir, "commit", "-q", "-m", "by hand")
}

const (
	kmsPath = "evidence/aws/" + kms
	run1    = "runs/0001-20260102T060000Z"
	run3    = "runs/0003-20260104T060000Z"
	run2    = "runs/0002-20260103T060000Z"
)

// TestDirty is every state a run must not begin on. Where commits is true,
// Commit refuses it too; where it is false a finished run is still kept.
func TestDirty(t *testing.T) {
	for _, tt := range []struct {
		name    string
		spoil   func(t *testing.T, r *Repository)
		want    []string // in Clean's error
		commits bool     // Commit refuses too
	}{
		{"policy edited", func(t *testing.T, r *Repository) { write1(t, r, "policies/access.md", "x\n") },
			[]string{"modified: policies/access.md", "git add -A"}, false},
		{"policy edited in place, same size and time", func(t *testing.T, r *Repository) {
			name := filepath.Join(r.dir, "policies", "access.md")
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fi, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			write1(t, r, "policies/access.md", strings.Repeat("x", len(b)))
			if err := os.Chtimes(name, fi.ModTime(), fi.ModTime()); err != nil {
				t.Fatal(err)
			}
		}, []string{"modified: policies/access.md"}, false},
		{"policy staged", func(t *testing.T, r *Repository) {
			write1(t, r, "policies/access.md", "x\n")
			gitRun(t, r.dir, "add", "-A")
		}, []string{"staged: policies/access.md"}, false},
		{"policy removed", func(t *testing.T, r *Repository) { remove1(t, r, "policies") }, []string{"deleted: policies/access.md"}, false},
		{"policy made executable", func(t *testing.T, r *Repository) {
			if err := os.Chmod(filepath.Join(r.dir, "policies", "access.md"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, []string{"mode changed: policies/access.md"}, false},
		{"policy is a link", func(t *testing.T, r *Repository) {
			remove1(t, r, "policies/access.md")
			if err := os.Symlink("/etc/passwd", filepath.Join(r.dir, "policies", "access.md")); err != nil {
				t.Fatal(err)
			}
		}, []string{"no longer a plain file: policies/access.md"}, false},
		{"record not added", func(t *testing.T, r *Repository) { write1(t, r, "records/incidents/1.md", "x\n") },
			[]string{"not listed: records/"}, false},
		{"record not added beside others", func(t *testing.T, r *Repository) { write1(t, r, "policies/new.md", "x\n") },
			[]string{"not listed: policies/new.md"}, false},
		{"eleven files", func(t *testing.T, r *Repository) {
			for c := range 11 {
				write1(t, r, "policies/"+string(rune('a'+c))+".md", "x\n")
			}
		}, []string{"and 1 more"}, false},
		{"evidence edited", func(t *testing.T, r *Repository) { write1(t, r, kmsPath, "{}\n") },
			[]string{"evidence/ or runs/ was changed by hand", "modified: " + kmsPath, "git restore"}, true},
		{"evidence removed", func(t *testing.T, r *Repository) { remove1(t, r, "evidence") }, []string{"deleted: " + kmsPath}, true},
		{"evidence added", func(t *testing.T, r *Repository) { write1(t, r, "evidence/aws/x.jsonl", "") },
			[]string{"not listed: evidence/aws/x.jsonl"}, true},
		{"ignored file in evidence", func(t *testing.T, r *Repository) { write1(t, r, "evidence/aws/x.tmp", "") },
			[]string{"not listed: evidence/aws/x.tmp"}, true},
		{"evidence staged", func(t *testing.T, r *Repository) {
			write1(t, r, "evidence/aws/x.jsonl", "")
			gitRun(t, r.dir, "add", "-A")
		}, []string{"staged: evidence/aws/x.jsonl"}, true},
		{"evidence is a link", func(t *testing.T, r *Repository) {
			if err := os.Rename(filepath.Join(r.dir, "evidence"), filepath.Join(r.dir, "..", "elsewhere")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("../elsewhere", filepath.Join(r.dir, "evidence")); err != nil {
				t.Fatal(err)
			}
		}, []string{"not a folder: evidence"}, true},
		{"empty folder in evidence", func(t *testing.T, r *Repository) {
			if err := os.MkdirAll(filepath.Join(r.dir, "evidence", "aws", "empty"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, []string{"empty folder: evidence/aws/empty"}, true},
		{"run edited", func(t *testing.T, r *Repository) { write1(t, r, run1+"/RUN.json", "{}\n") }, []string{"modified: " + run1 + "/RUN.json"}, true},
		{"run added", func(t *testing.T, r *Repository) { write1(t, r, run3+"/RUN.json", "{}\n") }, []string{"not listed: " + run3 + "/"}, true},

		{"evidence committed by hand", func(t *testing.T, r *Repository) {
			write1(t, r, kmsPath, "{}\n")
			commitAll(t, r)
		}, []string{"changed by hand since the last run", "modified evidence/aws/" + kms, "git checkout"}, true},
		{"run removed and committed", func(t *testing.T, r *Repository) {
			remove1(t, r, run1)
			commitAll(t, r)
		}, []string{"gap", "run 0001 is not"}, true},
		{"last run removed and committed", func(t *testing.T, r *Repository) {
			remove1(t, r, run2)
			commitAll(t, r)
		}, []string{"runs/0002-20260103T060000Z was removed"}, true},
		{"all runs removed and committed", func(t *testing.T, r *Repository) {
			remove1(t, r, "runs")
			remove1(t, r, "evidence")
			commitAll(t, r)
		}, []string{"runs/0001-20260102T060000Z was removed"}, true},
		{"old run edited and committed", func(t *testing.T, r *Repository) {
			write1(t, r, run1+"/calls.jsonl", "")
			commitAll(t, r)
		}, []string{"changed by hand since the last run", "modified " + run1 + "/calls.jsonl"}, true},
		{"seal edited and committed", func(t *testing.T, r *Repository) {
			write1(t, r, run1+"/SEAL.txt", "x\n")
			commitAll(t, r)
		}, []string{"reading " + run1 + "/SEAL.txt"}, true},
		{"seal without its end and committed", func(t *testing.T, r *Repository) {
			remove1(t, r, run2+"/SEAL.txt")
			commitAll(t, r)
		}, []string{run2 + " has no SEAL.txt"}, true},
		{"run from elsewhere", func(t *testing.T, r *Repository) {
			if err := os.CopyFS(filepath.Join(r.dir, "runs", "0002-20260104T060000Z"), os.DirFS(filepath.Join(r.dir, filepath.FromSlash(run2)))); err != nil {
				t.Fatal(err)
			}
			commitAll(t, r)
		}, []string{"is the seal of run 0002-20260103T060000Z"}, true},
		{"file among the runs", func(t *testing.T, r *Repository) {
			write1(t, r, "runs/notes.txt", "x\n")
			commitAll(t, r)
		}, []string{"runs/notes.txt is not the folder of a run"}, true},
		{"amended", func(t *testing.T, r *Repository) {
			gitRun(t, r.dir, "commit", "-q", "--amend", "-m", "x")
		}, nil, false}, // the same tree on the same parent: nothing of the run is lost
		{"rebased", func(t *testing.T, r *Repository) {
			write1(t, r, "policies/access.md", "x\n")
			gitRun(t, r.dir, "checkout", "-q", "-b", "side", "HEAD~2")
			commitAll(t, r)
			gitRun(t, r.dir, "rebase", "-q", "side", "main")
		}, []string{"history was rewritten", "rebasing"}, true},
		{"squashed", func(t *testing.T, r *Repository) {
			gitRun(t, r.dir, "reset", "-q", "--soft", "HEAD~2")
			gitRun(t, r.dir, "commit", "-q", "-m", "x")
		}, []string{"history was rewritten"}, true},
		{"another history", func(t *testing.T, r *Repository) {
			gitRun(t, r.dir, "checkout", "-q", "--orphan", "new")
			gitRun(t, r.dir, "commit", "-q", "-m", "x")
		}, []string{"history was rewritten"}, true},

		{"merge under way", func(t *testing.T, r *Repository) {
			gitRun(t, r.dir, "checkout", "-q", "-b", "side")
			write1(t, r, "policies/access.md", "a\n")
			commitAll(t, r)
			gitRun(t, r.dir, "checkout", "-q", "main")
			write1(t, r, "policies/access.md", "b\n")
			commitAll(t, r)
			if _, err := gitTry(r.dir, "merge", "side"); err == nil {
				t.Fatal("no conflict")
			}
		}, []string{"a merge is under way", "git merge --abort"}, true},
		{"detached", func(t *testing.T, r *Repository) { gitRun(t, r.dir, "checkout", "-q", "--detach") },
			[]string{"on no branch", "git switch"}, true},
		{"sparse", func(t *testing.T, r *Repository) { gitRun(t, r.dir, "sparse-checkout", "set", "policies") }, nil, true},
		{"name that cannot be sealed", func(t *testing.T, r *Repository) {
			write1(t, r, "policies/Zugriff für alle.md", "x\n")
			commitAll(t, r)
		}, []string{`"policies/Zugriff für alle.md"`, "git mv"}, true},
		{"names that differ in case", func(t *testing.T, r *Repository) {
			write1(t, r, "policies/Access.md", "x\n")
			commitAll(t, r)
		}, []string{"policies/Access.md and policies/access.md differ only in case"}, true},
		{"symbolic link", func(t *testing.T, r *Repository) {
			if err := os.Symlink("access.md", filepath.Join(r.dir, "policies", "link.md")); err != nil {
				t.Fatal(err)
			}
			commitAll(t, r)
		}, []string{"policies/link.md is a symbolic link"}, true},
		{"attributes that convert", func(t *testing.T, r *Repository) {
			write1(t, r, ".gitattributes", "* -text\n*.pdf filter=lfs -text\n")
			commitAll(t, r)
		}, []string{`.gitattributes:2: "filter=lfs" converts files`}, true},
		{"no attributes", func(t *testing.T, r *Repository) {
			remove1(t, r, ".gitattributes")
			commitAll(t, r)
		}, []string{`no line "* -text"`}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t)
			mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k")}))
			mustCommit(t, r, snapshot(3, map[string][]byte{kms: line("k")}))
			if err := r.Clean(context.Background()); err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, r)
			if tt.name == "sparse" {
				_, err := Open(r.dir)
				if err == nil || !strings.Contains(err.Error(), "git sparse-checkout disable") {
					t.Errorf("opening: %v", err)
				}
				return
			}
			r = reopen(t, r)
			head, tree := gitRun(t, r.dir, "rev-parse", "HEAD"), gitRun(t, r.dir, "status", "--porcelain", "--ignored")
			err := r.Clean(context.Background())
			if (err != nil) != (len(tt.want) > 0) {
				t.Fatalf("Clean: %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Clean: %v\nwant %q", err, want)
				}
			}
			var hint *Hint
			if err != nil && (!errors.As(err, &hint) || hint.Mend == "") {
				t.Errorf("no mend in %v", err)
			}
			_, err = r.Commit(snapshot(9, map[string][]byte{kms: line("k2")}), CommitOptions{Key: testKey(), Author: testAuthor})
			if (err != nil) != tt.commits {
				t.Errorf("Commit: %v", err)
			}
			if tt.commits {
				if now := gitRun(t, r.dir, "rev-parse", "HEAD"); now != head {
					t.Errorf("HEAD moved to %s", now)
				}
				if now := gitRun(t, r.dir, "status", "--porcelain", "--ignored"); now != tree {
					t.Errorf("the work tree was\n%s\nand is\n%s", tree, now)
				}
			} else if now := strings.ReplaceAll(gitRun(t, r.dir, "status", "--porcelain", "--ignored"), " ", ""); now != strings.ReplaceAll(tree, " ", "") {
				t.Errorf("what people left was\n%s\nand is\n%s", tree, now)
			}
		})
	}
}

func TestForeign(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(t *testing.T, dir string) (open string)
		want string
	}{
		{"nothing there", func(t *testing.T, dir string) string { return filepath.Join(dir, "x") }, "exhibit init"},
		{"not a repository", func(t *testing.T, dir string) string { return dir }, "is not a git repository: make one with: exhibit init"},
		{"bare", func(t *testing.T, dir string) string { gitRun(t, dir, "init", "-q", "--bare"); return dir }, "bare git repository"},
		{"sha256", func(t *testing.T, dir string) string {
			gitRun(t, dir, "init", "-q", "--object-format=sha256")
			return dir
		}, "sha256 git repository"},
		{"no commit", func(t *testing.T, dir string) string { gitRun(t, dir, "init", "-q"); return dir }, "no commit yet"},
		{"no exhibit.yaml", func(t *testing.T, dir string) string {
			gitRun(t, dir, "init", "-q")
			gitRun(t, dir, "commit", "-q", "--allow-empty", "-m", "x")
			return dir
		}, "without an exhibit.yaml"},
		{"exhibit.yaml not committed", func(t *testing.T, dir string) string {
			gitRun(t, dir, "init", "-q")
			gitRun(t, dir, "commit", "-q", "--allow-empty", "-m", "x")
			if err := os.WriteFile(filepath.Join(dir, "exhibit.yaml"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "exhibit.yaml is not committed"},
		{"below the root", func(t *testing.T, dir string) string {
			gitRun(t, dir, "init", "-q")
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(dir, "sub")
		}, "not its root"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(tt.make(t, t.TempDir()))
			var hint *Hint
			if !errors.As(err, &hint) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestInit(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Init(dir, starter(), testAuthor, day(1)); err == nil || !strings.Contains(err.Error(), `holds "notes.txt"`) {
		t.Errorf("a folder with files: %v", err)
	}
	r := newRepo(t)
	if _, err := Init(r.dir, starter(), testAuthor, day(1)); err == nil || !strings.Contains(err.Error(), "has an exhibit.yaml already") {
		t.Errorf("twice: %v", err)
	}
	empty := t.TempDir()
	gitRun(t, empty, "init", "-q", "-b", "trunk")
	n, err := Init(empty, starter(), testAuthor, day(1))
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if b, err := n.Branch(); b != "refs/heads/trunk" || err != nil {
		t.Errorf("branch %q, %v", b, err)
	}
	whole(t, empty)
	for p, want := range map[string]string{"evidence/x": "by runs alone", "a\\b": "only letters"} {
		files := starter()
		files[p] = []byte("x")
		into := filepath.Join(t.TempDir(), "new")
		if _, err := Init(into, files, testAuthor, day(1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", p, err)
		}
		if _, err := os.Stat(into); err == nil {
			t.Errorf("%s: the folder was made", p)
		}
	}
}

func TestSnapshotsThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(s *evidence.Snapshot, opt *CommitOptions)
		want  string
	}{
		{"no key", func(s *evidence.Snapshot, o *CommitOptions) { o.Key = seal.Key{} }, "no key"},
		{"no author", func(s *evidence.Snapshot, o *CommitOptions) { o.Author = Author{} }, "author"},
		{"author with a line end", func(s *evidence.Snapshot, o *CommitOptions) { o.Author.Name = "a\nparent x" }, "author"},
		{"file of no cell", func(s *evidence.Snapshot, o *CommitOptions) { s.Files["evidence/aws/y.jsonl"] = evidence.InMemory(nil) }, "belongs to no cell"},
		{"file elsewhere", func(s *evidence.Snapshot, o *CommitOptions) {
			s.Cells[0].Path = "policies/access.md"
			s.Files = map[string]evidence.Content{"policies/access.md": evidence.InMemory(nil)}
		}, "not under evidence/"},
		{"file with a bad name", func(s *evidence.Snapshot, o *CommitOptions) {
			s.Cells[0].Path = "evidence/../x"
			s.Files = map[string]evidence.Content{"evidence/../x": evidence.InMemory(nil)}
		}, "in a path"},
		{"two cells, one file", func(s *evidence.Snapshot, o *CommitOptions) {
			c := s.Cells[0]
			c.Region = "x"
			s.Cells = append(s.Cells, c)
		}, "have one file"},
		{"a cell twice", func(s *evidence.Snapshot, o *CommitOptions) { s.Cells = append(s.Cells, s.Cells[0]) }, "twice"},
		{"another content", func(s *evidence.Snapshot, o *CommitOptions) { s.Cells[0].Sum = strings.Repeat("0", 64) }, "is not what"},
		{"ended before it began", func(s *evidence.Snapshot, o *CommitOptions) { s.Run.Ended = day(1) }, "ended before it began"},
		{"no organisation", func(s *evidence.Snapshot, o *CommitOptions) { s.Run.Organisation = "" }, "organisation"},
		{"clock before the last run", func(s *evidence.Snapshot, o *CommitOptions) {
			s.Run.Started = day(2).Add(30 * time.Second)
		}, "set the clock"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t)
			mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k")}))
			head := gitRun(t, r.dir, "rev-parse", "HEAD")
			s, opt := snapshot(3, map[string][]byte{kms: line("k2")}), CommitOptions{Key: testKey(), Author: testAuthor}
			tt.spoil(s, &opt)
			id, err := r.Commit(s, opt)
			if err == nil || id != "" || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("commit %q, error %v, want %q", id, err, tt.want)
			}
			if now := gitRun(t, r.dir, "rev-parse", "HEAD"); now != head {
				t.Errorf("HEAD moved to %s", now)
			}
			whole(t, r.dir)
		})
	}
}

// TestOtherShapes keeps runs in repositories that git arranges differently.
func TestOtherShapes(t *testing.T) {
	for name, shape := range map[string]func(t *testing.T, r *Repository) *Repository{
		"packed refs": func(t *testing.T, r *Repository) *Repository { gitRun(t, r.dir, "pack-refs", "--all"); return r },
		"index version 4": func(t *testing.T, r *Repository) *Repository {
			gitRun(t, r.dir, "update-index", "--index-version", "4")
			return r
		},
		"no index": func(t *testing.T, r *Repository) *Repository {
			gitRun(t, r.dir, "read-tree", "HEAD") // an index without what the file system said
			return r
		},
		"linked work tree": func(t *testing.T, r *Repository) *Repository {
			dir := filepath.Join(t.TempDir(), "linked")
			gitRun(t, r.dir, "worktree", "add", "-q", "-b", "linked", dir)
			return &Repository{dir: dir}
		},
		"clone": func(t *testing.T, r *Repository) *Repository {
			dir := filepath.Join(t.TempDir(), "clone")
			gitRun(t, r.dir, "clone", "-q", r.dir, dir)
			return &Repository{dir: dir}
		},
		"clone with alternates": func(t *testing.T, r *Repository) *Repository {
			dir := filepath.Join(t.TempDir(), "clone")
			gitRun(t, r.dir, "clone", "-q", "--shared", r.dir, dir)
			return &Repository{dir: dir}
		},
		"branch in a folder": func(t *testing.T, r *Repository) *Repository {
			gitRun(t, r.dir, "switch", "-q", "-c", "team/evidence")
			gitRun(t, r.dir, "pack-refs", "--all")
			return r
		},
		"unrelated staged and edited files": func(t *testing.T, r *Repository) *Repository {
			gitRun(t, r.dir, "config", "core.untrackedCache", "true")
			gitRun(t, r.dir, "status")
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			mustCommit(t, r, snapshot(2, map[string][]byte{kms: line("k")}))
			r = reopen(t, shape(t, r))
			if err := r.Clean(context.Background()); err != nil {
				t.Error(err)
			}
			mustCommit(t, r, snapshot(3, map[string][]byte{kms: line("k2"), iam: line("u")}))
			whole(t, r.dir)
			verifySeals(t, r.dir)
		})
	}
}
