package objects

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func git(t testing.TB, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Bo", "GIT_AUTHOR_EMAIL=bo@example.com", "GIT_COMMITTER_NAME=Bo", "GIT_COMMITTER_EMAIL=bo@example.com",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("git %v: %v\n%s", args, err, exit.Stderr)
		}
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// history is a repository whose pack holds long chains of deltas: 60 commits
// of one long file among 300.
func history(t testing.TB) (dir string) {
	dir = t.TempDir()
	git(t, dir, "", "init", "-q")
	var s strings.Builder
	for n := range 60 {
		fmt.Fprintf(&s, "commit refs/heads/main\ncommitter Bo <bo@example.com> %d +0000\ndata 2\nx\n", 1700000000+n)
		write := func(name, content string) {
			fmt.Fprintf(&s, "M 644 inline %s\ndata %d\n%s\n", name, len(content), content)
		}
		for i := range 300 {
			if n == 0 {
				write(fmt.Sprintf("d%d/f%d", i%7, i), fmt.Sprint(i))
			}
		}
		lines := []string{}
		for i := range 2000 {
			if i == n*30 {
				lines = append(lines, fmt.Sprintf("changed %d", n))
			}
			lines = append(lines, fmt.Sprintf("line %d of many", i))
		}
		write("long", strings.Join(lines, "\n"))
		write(fmt.Sprintf("d%d/f%d", n%7, n), fmt.Sprint("new ", n))
	}
	git(t, dir, s.String(), "fast-import", "--quiet")
	return dir
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(filepath.Join(dir, ".git", "objects"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestEveryObject reads every object of a repository and compares with git.
func TestEveryObject(t *testing.T) {
	dir := history(t)
	for _, shape := range []string{"loose", "packed", "packed with names of bases", "not deflated", "in several packs", "another repository's"} {
		t.Run(shape, func(t *testing.T) {
			switch shape {
			case "loose":
				pack, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
				if err != nil || len(pack) != 1 {
					t.Fatal(pack, err)
				}
				b, err := os.ReadFile(pack[0])
				if err != nil {
					t.Fatal(err)
				}
				if err := os.RemoveAll(filepath.Join(dir, ".git/objects/pack")); err != nil {
					t.Fatal(err)
				}
				git(t, dir, string(b), "unpack-objects", "-q")
			case "packed":
				git(t, dir, "", "repack", "-q", "-a", "-d", "-f", "--depth=100", "--window=50")
			case "packed with names of bases":
				git(t, dir, "", "-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f")
			case "not deflated":
				git(t, dir, "", "-c", "pack.compression=0", "repack", "-q", "-a", "-d", "-F")
			case "in several packs":
				git(t, dir, "", "repack", "-q", "-a", "-d", "-f", "--max-pack-size=1m")
				some := git(t, dir, "", "rev-list", "--objects", "refs/heads/main~20")
				git(t, dir, some, "pack-objects", "-q", ".git/objects/pack/pack") // what other packs hold too
				if packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack")); err != nil || len(packs) < 2 {
					t.Fatal(packs, err)
				}
			case "another repository's":
				other := t.TempDir()
				git(t, other, "", "clone", "-q", "--shared", "--no-checkout", dir, ".")
				dir = other
			}
			s := open(t, dir)
			n := 0
			for l := range strings.SplitSeq(git(t, dir, "", "cat-file", "--batch-all-objects", "--batch-check"), "\n") {
				f := strings.Fields(l)
				id, err := ParseID(f[0])
				if err != nil {
					t.Fatal(err)
				}
				k, b, err := s.Read(id)
				if err != nil {
					t.Fatal(err)
				}
				if k.String() != f[1] || Sum(k, b) != id {
					t.Errorf("%s is a %s with the id %s", l, k, Sum(k, b))
				}
				if k == Commit {
					h, err := s.ReadCommit(id)
					if err != nil {
						t.Fatal(err)
					}
					want := Step{Tree: h.Tree, When: h.Committer.When.Unix()}
					if len(h.Parents) > 0 {
						want.Parent = h.Parents[0]
					}
					if st, err := s.ReadStep(id); st != want || err != nil {
						t.Errorf("step %s: %v, %v, want %v", id, st, err, want)
					}
				}
				if there, err := s.Has(id); !there || err != nil {
					t.Errorf("Has %s: %t, %v", id, there, err)
				}
				n++
			}
			if n < 600 {
				t.Errorf("only %d objects", n)
			}
			absent := Sum(Blob, []byte("absent"))
			if _, _, err := s.Read(absent); !errors.Is(err, ErrMissing) {
				t.Errorf("reading what is not there: %v", err)
			}
			if there, err := s.Has(absent); there || err != nil {
				t.Errorf("Has of what is not there: %t, %v", there, err)
			}
		})
	}
}

func TestDiffIsWhatGitSays(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "", "init", "-q")
	commit := func(files map[string]string) {
		t.Helper()
		git(t, dir, "", "rm", "-q", "-r", "--cached", "--ignore-unmatch", ".")
		for p, mode := range files {
			id := git(t, dir, mode, "hash-object", "-w", "--stdin")
			m, _, _ := strings.Cut(mode, " ")
			if m == "160000" {
				id = strings.Repeat("1", 40)
			}
			git(t, dir, "", "update-index", "--add", "--cacheinfo", m+","+id+","+p)
		}
		git(t, dir, "", "commit", "-q", "--allow-empty", "-m", "x")
	}
	trees := []map[string]string{
		{},
		{"a": "100644 1", "b/c": "100644 1", "b-d": "100644", "z/y/x": "100644 1"},
		{"a": "100755 1", "b": "100644 1", "b-d": "100644", "z/y/x": "100644 1"},
		{"a/b": "100644 1", "b/c": "100644 2", "b.d": "100644", "z/y": "120000 1"},
		{"a/b": "100644 1", "b/c": "120000 2", "b.d": "160000", "z/y": "100644 1"},
	}
	var ids []ID
	for _, files := range trees {
		commit(files)
		id, err := ParseID(git(t, dir, "", "rev-parse", "HEAD^{tree}"))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	s := open(t, dir)
	for i, a := range ids {
		for j, b := range ids {
			var got []string
			if err := s.Diff(a, b, func(c Change) error {
				got = append(got, c.Status()+"\t"+c.Path)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			var want []string
			if out := git(t, dir, "", "diff-tree", "-r", "--no-renames", "--name-status", a.String(), b.String()); out != "" {
				want = strings.Split(out, "\n")
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("from %d to %d: %q, git says %q", i, j, got, want)
			}
		}
	}
}

func TestWritePack(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "", "init", "-q")
	s := open(t, dir)
	var list []Object
	for n := range 1500 { // three batches
		list = append(list, NewObject(Blob, bytes.Repeat(fmt.Appendf(nil, "%d ", n), n)))
	}
	if err := s.WritePack(list); err != nil {
		t.Fatal(err)
	}
	packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*"))
	if err != nil || len(packs) != 2 {
		t.Fatalf("files %q, %v", packs, err)
	}
	git(t, dir, "", "verify-pack", packs[0])
	before, err := os.ReadFile(packs[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WritePack(list); err != nil { // again: the same names, the same bytes
		t.Fatal(err)
	}
	after, err := os.ReadFile(packs[1])
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the same objects gave another pack, %v", err)
	}
	for _, o := range list {
		k, b, err := s.Read(o.ID)
		if err != nil || k != Blob || !bytes.Equal(b, o.Content) {
			t.Fatalf("%s: %s, %v", o.ID, k, err)
		}
	}
	// Written before now, so found by a store that was open then.
	if err := open(t, dir).WritePack([]Object{NewObject(Blob, []byte("later"))}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Read(Sum(Blob, []byte("later"))); err != nil {
		t.Error(err)
	}
}

// TestDamaged flips bytes of a pack: what is read is right or an error.
func TestDamaged(t *testing.T) {
	dir := history(t)
	git(t, dir, "", "repack", "-q", "-a", "-d", "-f")
	packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/pack-*"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []ID
	for l := range strings.SplitSeq(git(t, dir, "", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)"), "\n") {
		id, err := ParseID(l)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for _, name := range packs {
		if ext := filepath.Ext(name); ext != ".pack" && ext != ".idx" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, 0o644); err != nil {
			t.Fatal(err)
		}
		errs := 0
		for i := range 60 {
			bad := bytes.Clone(b)
			bad[len(bad)*i/60] ^= 0x41
			if i == 59 {
				bad = bad[:len(bad)/2]
			}
			if err := os.WriteFile(name, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := Open(filepath.Join(dir, ".git", "objects"))
			if err != nil {
				errs++
				continue
			}
			for _, id := range ids {
				k, content, err := s.Read(id)
				switch {
				case err != nil:
					errs++
				case filepath.Ext(name) == ".pack" && Sum(k, content) != id:
					errs++ // found by the id, which callers that need it check
				}
			}
			s.Close()
		}
		if errs == 0 {
			t.Errorf("%s: no damage was noticed", name)
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestParseCommit(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "tree %t\nparent %t\nauthor A B <a@b> 1 +0130\ncommitter C <c> 2 -0800\n\nhi\n", `[A B] [a@b] 1970-01-01T01:30:01+01:30 [C] [c] 1969-12-31T16:00:02-08:00 1 "hi\n"`},
		{"no message", "tree %t\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n", `[A] [a] 1970-01-01T00:00:01Z [A] [a] 1970-01-01T00:00:01Z 0 ""`},
		{"empty message", "tree %t\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n", `[A] [a] 1970-01-01T00:00:01Z [A] [a] 1970-01-01T00:00:01Z 0 ""`},
		{"nobody", "tree %t\nauthor <> x\ncommitter\n\n\n", `[] [] 0001-01-01T00:00:00Z [] [] 0001-01-01T00:00:00Z 0 "\n"`},
		{"brackets", "tree %t\nauthor A <x> <y> 5 +0000\ncommitter A <a> 99999999999999999999 +0000\n\n", `[A] [x] 1970-01-01T00:00:05Z [A] [a] 0001-01-01T00:00:00Z 0 ""`},
		{"signed", "tree %t\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\ngpgsig one\n two\nmergetag x\n y\n\nm", `[A] [a] 1970-01-01T00:00:01Z [A] [a] 1970-01-01T00:00:01Z 0 "m"`},
	} {
		h, err := ParseCommit([]byte(strings.ReplaceAll(tt.in, "%t", strings.Repeat("a", 40))))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		const layout = "2006-01-02T15:04:05Z07:00"
		got := fmt.Sprintf("[%s] [%s] %s [%s] [%s] %s %d %q", h.Author.Name, h.Author.Email, h.Author.When.Format(layout),
			h.Committer.Name, h.Committer.Email, h.Committer.When.Format(layout), len(h.Parents), h.Message)
		if got != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.name, got, tt.want)
		}
		if tt.name == "signed" && string(h.GPGSig) != "one\ntwo" {
			t.Errorf("signature %q", h.GPGSig)
		}
	}
	if _, err := ParseCommit([]byte("author A")); !errors.Is(err, ErrCorrupt) {
		t.Errorf("no tree: %v", err)
	}
}

func FuzzParseCommit(f *testing.F) {
	f.Add([]byte("tree " + strings.Repeat("a", 40) + "\nparent " + strings.Repeat("b", 40) + "\nauthor A <a@b> 1 +0000\ncommitter A <a> 2 -0130\ngpgsig a\n b\n\nm\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseCommit(b)
		if err == nil && h.Author.When.Year() > 10000 {
			t.Errorf("time %v", h.Author.When)
		}
	})
}

// FuzzStep: the head of a commit says what the whole commit says.
func FuzzStep(f *testing.F) {
	f.Add([]byte("tree " + strings.Repeat("a", 40) + "\nparent " + strings.Repeat("b", 40) + "\nauthor A <a@b> 1 +0000\ncommitter A <a> 2 -0130\ngpgsig a\n b\n\nm\n"))
	f.Add([]byte("tree " + strings.Repeat("a", 40) + "\nauthor A <a@b> 1 +0000\ncommitter A <a> x\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		st, ok := parseStep(b)
		h, err := ParseCommit(b)
		if !ok || err != nil {
			return
		}
		want := Step{Tree: h.Tree}
		if !h.Committer.When.IsZero() {
			want.When = h.Committer.When.Unix()
		}
		if len(h.Parents) > 0 {
			want.Parent = h.Parents[0]
		}
		if st != want && bytes.Count(b, []byte("\ncommitter ")) == 1 && bytes.Count(b, []byte("\nparent ")) <= 1 {
			t.Errorf("step %v, commit %v", st, want)
		}
	})
}

func FuzzTree(f *testing.F) {
	b, err := FormatTree([]Entry{{ModeFile, "a", Sum(Blob, nil)}, {ModeDir, "b", ID{1}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := ParseTree(b)
		if err != nil {
			return
		}
		again, err := FormatTree(entries)
		if err != nil {
			return
		}
		if _, err := ParseTree(again); err != nil {
			t.Errorf("not read back: %v", err)
		}
	})
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("hello world"), []byte{11, 5, 0x90, 5})
	f.Add([]byte("hello world"), []byte{11, 3, 3, 'a', 'b', 'c'})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		out, err := applyDelta(base, delta)
		if err == nil {
			size, rest, _ := deltaSize(delta)
			want, _, _ := deltaSize(rest)
			if size != int64(len(base)) || want != int64(len(out)) {
				t.Errorf("%d bytes from %d", len(out), len(base))
			}
		}
	})
}

func FuzzIdx(f *testing.F) {
	f.Add([]byte{}, make([]byte, 20))
	w := packWriter{trailer: make([]byte, 20), written: []packed{{ID{1}, 12, 0}, {ID{200}, 1 << 40, 0}}}
	f.Add(w.index(), append([]byte{200}, make([]byte, 19)...))
	f.Fuzz(func(t *testing.T, b, id []byte) {
		x, err := openIdx(b)
		if err != nil || len(id) != len(ID{}) {
			return
		}
		if offset, ok, err := x.find(ID(id)); ok && (err != nil || offset < 0) {
			t.Errorf("offset %d, %v", offset, err)
		}
	})
}
