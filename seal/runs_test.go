package seal

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWholeRepository(t *testing.T) {
	c := newCompany()
	for n := 1; n <= 4; n++ {
		f := c.repository(t, n)
		f[".git/config"] = []byte("x")
		f["records/new.md"] = []byte("written after the last run")
		r, err := VerifyRuns(f.fs(), Options{AllowedSigners: signersOf(c.key)})
		must(t, err)
		if !r.OK() || r.State(LevelContent) != Held || r.State(LevelSigner) != Held || r.State(LevelChain) != Held || r.Seal.Run != runName(n) {
			t.Errorf("%d runs:\n%s", n, text(r))
		}
	}
}

func TestTamperedRepositoryIsRefused(t *testing.T) {
	const users = "evidence/aws/111122223333/global/iam-user.jsonl"
	kept := newCompany().repository(t, 3)["runs/"+runName(3)+"/SEAL.txt"]
	run := func(n int, name string) string { return "runs/" + runName(n) + "/" + name }
	for _, c := range []tampering{
		{name: "flipped byte", kind: Changed, path: users, do: func(t *testing.T, f files) { f[users][7] ^= 1 }},
		{name: "older run's evidence put back", kind: Changed, path: users, do: func(t *testing.T, f files) { f[users] = newCompany().repository(t, 2)[users] }},
		{name: "added under evidence", kind: Added, path: "evidence/aws/111122223333/global/more.jsonl", do: func(t *testing.T, f files) { f["evidence/aws/111122223333/global/more.jsonl"] = nil }},
		{name: "removed", kind: Missing, path: users, do: func(t *testing.T, f files) { delete(f, users) }},
		{name: "policy changed", kind: Changed, path: "policies/access.md", do: func(t *testing.T, f files) { f["policies/access.md"] = []byte("# Other\n") }},
		{name: "swapped contents", kind: Changed, path: users, says: "git/shop", do: func(t *testing.T, f files) {
			f[users], f["evidence/git/shop/changes-main.jsonl"] = f["evidence/git/shop/changes-main.jsonl"], f[users]
		}},
		{name: "older run's calls changed", kind: Changed, path: run(2, "calls.jsonl"), do: func(t *testing.T, f files) { f[run(2, "calls.jsonl")] = nil }},
		{name: "older run's coverage removed", kind: Missing, path: run(2, "coverage.jsonl"), do: func(t *testing.T, f files) { delete(f, run(2, "coverage.jsonl")) }},
		{name: "file added to an older run", kind: Added, path: run(2, "more.txt"), do: func(t *testing.T, f files) { f[run(2, "more.txt")] = nil }},
		{name: "file added beside the runs", kind: Added, path: "runs/notes.txt", do: func(t *testing.T, f files) { f["runs/notes.txt"] = nil }},
		{name: "folder that is no run", kind: Added, path: "runs/0005/RUN.json", do: func(t *testing.T, f files) { f["runs/0005/RUN.json"] = nil }},
		{name: "run without a seal", kind: Missing, path: run(5, "SEAL.txt"), do: func(t *testing.T, f files) { f[run(5, "RUN.json")] = nil }},
		{name: "signature by another key", kind: Unlisted, path: run(4, "SEAL.txt.sig"), do: func(t *testing.T, f files) {
			f[run(4, "SEAL.txt.sig")] = Sign(testKey('m'), NamespaceSeal, f[run(4, "SEAL.txt")])
		}},
		{name: "seal edited", kind: Unsigned, path: run(2, "SEAL.txt.sig"), do: func(t *testing.T, f files) {
			f[run(2, "SEAL.txt")] = []byte(strings.Replace(string(f[run(2, "SEAL.txt")]), "exhibit test", "exhibit tost", 1))
		}},
		{name: "empty SHA256SUMS", kind: Malformed, path: run(4, "SHA256SUMS"), says: "empty", do: func(t *testing.T, f files) { f[run(4, "SHA256SUMS")] = nil }},
		{name: "dropped middle run", kind: Broken, path: "runs/" + runName(3), says: "no run 0002", do: func(t *testing.T, f files) { dropRun(f, 2) }},
		{name: "dropped all runs", kind: Missing, path: "runs", do: func(t *testing.T, f files) {
			for i := range 4 {
				dropRun(f, i+1)
			}
		}},
		{name: "dropped newest run", kind: Changed, path: users, do: func(t *testing.T, f files) { dropRun(f, 4) }},
		{name: "shortened, evidence put back", kind: Broken, path: "runs", says: "rebuilt or shortened", since: true, do: func(t *testing.T, f files) {
			clear(f)
			maps.Copy(f, newCompany().repository(t, 2))
		}},
		{name: "rebuilt chain with the same key", kind: Broken, path: "runs", says: "rebuilt or shortened", since: true, do: func(t *testing.T, f files) {
			c := newCompany()
			c.tool = "exhibit rebuilt"
			clear(f)
			maps.Copy(f, c.repository(t, 4))
		}},
		{name: "symlink in place of evidence", kind: Refused, path: "evidence", disk: func(t *testing.T, dir string) { replaceWithLink(t, dir, "evidence") }},
		{name: "symlink in place of a policy", kind: Refused, path: "policies/access.md", disk: func(t *testing.T, dir string) { replaceWithLink(t, dir, "policies/access.md") }},
		{name: "symlink in place of runs", kind: Refused, path: "runs", disk: func(t *testing.T, dir string) { replaceWithLink(t, dir, "runs") }},
		{name: "symlink in place of the newest run", kind: Refused, path: "runs/" + runName(4), disk: func(t *testing.T, dir string) { replaceWithLink(t, dir, "runs/"+runName(4)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newCompany().repository(t, 4)
			if c.do != nil {
				c.do(t, f)
			}
			dir := f.write(t, filepath.Join(t.TempDir(), "repository"))
			if c.disk != nil {
				c.disk(t, dir)
			}
			opt := Options{AllowedSigners: signersOf(testKey('a'))}
			if c.since {
				r, err := VerifyRuns(os.DirFS(dir), opt)
				must(t, err)
				if !r.OK() {
					t.Errorf("refused without the kept seal:\n%s", text(r))
				}
				opt.Since = kept
			}
			r, err := VerifyRuns(os.DirFS(dir), opt)
			must(t, err)
			wantProblem(t, r, c.kind, c.path, c.says)
		})
	}
}

func replaceWithLink(t *testing.T, dir, path string) {
	elsewhere := filepath.Join(filepath.Dir(dir), "elsewhere")
	must(t, os.Rename(filepath.Join(dir, path), elsewhere))
	must(t, os.Symlink(elsewhere, filepath.Join(dir, path)))
}

// A run's list works with sha256sum from the root of the repository.
func TestRunListWithStockTool(t *testing.T) {
	dir := newCompany().repository(t, 2).write(t, t.TempDir())
	for _, list := range []string{"SHA256SUMS", "SEAL.txt"} {
		if out, err := shell(t, dir, "sha256sum --strict -c runs/"+runName(2)+"/"+list); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
