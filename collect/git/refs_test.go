package git

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"exhibit/evidence"
)

func TestTips(t *testing.T) {
	g := newTester(t)
	first := g.commit("a", "First\n")
	g.run("tag", "-a", "-m", "v1", "v1")
	g.run("branch", "grown")
	g.run("branch", "same")
	g.run("switch", "-q", "-c", "rewritten")
	gone := g.commit("b", "To be rewritten\n")
	g.run("switch", "-q", "main")
	second := g.commit("a", "Second\n")
	before, err := PreviousTips(held(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, year, "").Files["evidence/git/shop/refs.jsonl"]))
	if err != nil {
		t.Fatal(err)
	}
	if before["refs/heads/main"] != second || before["refs/heads/rewritten"] != gone || len(before) != 5 {
		t.Fatalf("tips %v", before)
	}
	third := g.commit("a", "Third\n")
	g.run("branch", "-f", "grown", "main")
	g.run("branch", "-f", "rewritten", first)
	g.run("branch", "new")
	before["refs/heads/new2"] = "x"
	g.run("branch", "new2")
	s := ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main", Previous: before}, year, "")
	got := items(t, s, Refs)
	for name, want := range map[string]any{"main": true, "grown": true, "same": true, "rewritten": false, "new": nil} {
		it := got["refs/heads/"+name]
		if at(it, "descends", "descends") != want || len(it.Gaps) > 0 {
			t.Errorf("%s: %v, gaps %v, want %v", name, it.Answers, it.Gaps, want)
		}
	}
	if v, there := got["refs/heads/new"].Answers["descends"]; v != nil || !there {
		t.Error("a new branch has no answer that there is no earlier tip")
	}
	if g, ok := got["refs/heads/new2"].Gap("descends"); !ok {
		t.Errorf("a tip that cannot be read: %v", g)
	}
	if it := got["refs/tags/v1"]; at(it, "ref", "commit") != first || at(it, "ref", "sha") != g.run("rev-parse", "v1") || at(it, "descends", "descends") != true {
		t.Errorf("tag %v", it.Answers)
	}
	if it := got["refs/heads/main"]; at(it, "ref", "sha") != third || at(it, "ref", "production") != true {
		t.Errorf("main %v", it.Answers)
	}
	// Garbage collected: what a complete history does not hold, no tip of it descends from.
	g.run("-c", "gc.reflogExpire=now", "-c", "gc.reflogExpireUnreachable=now", "gc", "-q", "--prune=now")
	got = items(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main", Previous: before}, year, ""), Refs)
	if at(got["refs/heads/rewritten"], "descends", "descends") != false {
		t.Errorf("rewritten and gone: %v", got["refs/heads/rewritten"])
	}
}

// TestNotAll has every way in which a history is not all there.
func TestNotAll(t *testing.T) {
	g := newTester(t)
	g.commit("a", "First\n")
	lost := g.commit("dir/a", "Second\n")
	g.commit("a", "Third\n")
	for _, tt := range []struct {
		name          string
		make          func(t *testing.T) Repository
		changes, refs evidence.State
		want          string
	}{
		{"shallow", func(t *testing.T) Repository {
			dir := filepath.Join(t.TempDir(), "x")
			g.run("clone", "-q", "--depth=2", "file://"+g.dir, dir)
			return Repository{Path: dir}
		}, evidence.Truncated, evidence.Collected, "git fetch --unshallow"},
		{"an object is missing", func(t *testing.T) Repository {
			dir := filepath.Join(t.TempDir(), "x")
			g.run("clone", "-q", "--no-local", "--no-hardlinks", g.dir, dir)
			c := &tester{TB: t, dir: dir}
			packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
			if err != nil || len(packs) != 1 {
				t.Fatal(packs, err)
			}
			b, err := os.ReadFile(packs[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(dir, ".git/objects/pack")); err != nil {
				t.Fatal(err)
			}
			c.with(string(b), nil, "unpack-objects", "-q")
			if err := os.Remove(filepath.Join(dir, ".git/objects", lost[:2], lost[2:])); err != nil {
				t.Fatal(err)
			}
			return Repository{Path: dir}
		}, evidence.Truncated, evidence.Collected, "ends after 1 commits"},
		{"treeless", func(t *testing.T) Repository {
			dir := filepath.Join(t.TempDir(), "x")
			g.run("config", "uploadpack.allowFilter", "true")
			g.run("clone", "-q", "--bare", "--filter=tree:0", "file://"+g.dir, dir)
			return Repository{Path: dir}
		}, evidence.Partial, evidence.Collected, "not answered"},
		{"no folder", func(t *testing.T) Repository { return Repository{Path: filepath.Join(t.TempDir(), "x")} }, evidence.Failed, evidence.Failed, "there is no folder"},
		{"no repository", func(t *testing.T) Repository { return Repository{Path: t.TempDir()} }, evidence.Failed, evidence.Failed, "is not a git repository"},
		{"a file", func(t *testing.T) Repository { return Repository{Path: filepath.Join(g.dir, "a")} }, evidence.Failed, evidence.Failed, "is not a folder"},
		{"no commit", func(t *testing.T) Repository {
			dir := t.TempDir()
			(&tester{TB: t, dir: dir}).run("init", "-q", "-b", "main")
			return Repository{Path: dir}
		}, evidence.Failed, evidence.Failed, "there is no branch at all"},
		{"another branch", func(t *testing.T) Repository { return Repository{Path: g.dir, Branch: "master"} }, evidence.Failed, evidence.Failed, `there is no branch "master"; there are main`},
		{"damaged ref", func(t *testing.T) Repository {
			dir := filepath.Join(t.TempDir(), "x")
			g.run("clone", "-q", g.dir, dir)
			if err := os.WriteFile(filepath.Join(dir, ".git/refs/heads/main"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return Repository{Path: dir}
		}, evidence.Failed, evidence.Failed, "not 40 hex digits"},
		{"sha256", func(t *testing.T) Repository {
			dir := t.TempDir()
			(&tester{TB: t, dir: dir}).run("init", "-q", "--object-format=sha256")
			return Repository{Path: dir}
		}, evidence.Failed, evidence.Failed, "objectformat = sha256"},
		{"damaged pack", func(t *testing.T) Repository {
			dir := filepath.Join(t.TempDir(), "x")
			g.run("clone", "-q", "--no-local", g.dir, dir)
			packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
			if err != nil || len(packs) != 1 {
				t.Fatal(packs, err)
			}
			if err := os.Chmod(packs[0], 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(packs[0], 100); err != nil {
				t.Fatal(err)
			}
			return Repository{Path: dir}
		}, evidence.Failed, evidence.Failed, "damaged"},
		{"nothing configured", func(t *testing.T) Repository { return Repository{} }, evidence.Failed, evidence.Failed, "neither a path nor a URL"},
		{"another kind of URL", func(t *testing.T) Repository { return Repository{URL: "ftp://user:secret@example.com/x"} }, evidence.Failed, evidence.Failed, `"ftp://example.com/x" is none of`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.make(t)
			r.Name = "shop"
			if r.Branch == "" {
				r.Branch = "main"
			}
			s := ask(t, t.Context(), r, year, t.TempDir())
			c := cell(t, s, Changes)
			if c.State != tt.changes || !strings.Contains(c.Reason, tt.want) {
				t.Errorf("changes are %s: %s; want %s: %s", c.State, c.Reason, tt.changes, tt.want)
			}
			if r := cell(t, s, Refs); r.State != tt.refs {
				t.Errorf("refs are %s: %s; want %s", r.State, r.Reason, tt.refs)
			}
			if (c.Path != "") != (c.State == evidence.Partial) || s.Files["evidence/git/shop/changes-main.jsonl"].Exists() != (c.State == evidence.Partial) {
				t.Errorf("a listing that is not whole has a file: %q", c.Path)
			}
		})
	}
}

func TestShallowDoesNotSayRewritten(t *testing.T) {
	g := newTester(t)
	first := g.commit("a", "First\n")
	g.commit("a", "Second\n")
	g.commit("a", "Third\n")
	dir := filepath.Join(t.TempDir(), "x")
	g.run("clone", "-q", "--depth=1", "file://"+g.dir, dir)
	r := Repository{Name: "shop", Path: dir, Branch: "main", Previous: map[string]string{"refs/heads/main": first}}
	it := items(t, ask(t, t.Context(), r, year, ""), Refs)["refs/heads/main"]
	if _, ok := it.Gap("descends"); !ok || it.Answers["descends"] != nil {
		t.Errorf("%v, gaps %v", it.Answers, it.Gaps)
	}
}

func TestCancelled(t *testing.T) {
	g := newTester(t)
	g.commit("a", "First\n")
	s := &source{cfg: Config{Period: year, Now: clock}, repo: Repository{Name: "shop", Path: g.dir, Branch: "main"}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := openRepository(g.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, tip, err := r.production("main")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.firstParents(ctx, tip); err != context.Canceled {
		t.Errorf("walking: %v", err)
	}
	if c := cell(t, ask(t, ctx, s.repo, year, ""), Changes); c.State != evidence.Cancelled {
		t.Errorf("state %s", c.State)
	}
}

// server speaks git's smart HTTP with the real git behind it.
func server(t *testing.T, g *tester, user, password string) (*httptest.Server, *atomic.Bool) {
	var broken atomic.Bool
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{Stderr: io.Discard, Path: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"), Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(g.dir), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p, _ := r.BasicAuth()
		switch {
		case broken.Load():
			http.Error(w, "broken", http.StatusBadGateway)
		case u != user || p != password:
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		default:
			backend.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv, &broken
}

func TestURL(t *testing.T) {
	g := newTester(t)
	g.commit("a", "First\n")
	second := g.commit("a", "Second\n")
	srv, broken := server(t, g, "reader", "hunter2")
	cache := t.TempDir()
	name := filepath.Base(g.dir)
	r := Repository{Name: "shop", URL: strings.Replace(srv.URL, "http://", "http://reader:hunter2@", 1) + "/" + name + "/.git", Branch: "main"}
	s := ask(t, t.Context(), r, year, cache)
	if n := len(items(t, s, Changes)); n != 2 {
		t.Errorf("%d changes", n)
	}
	// Rewritten there, with a new branch, and one gone.
	g.run("branch", "side")
	third := g.commit("a", "Third\n")
	ask(t, t.Context(), r, year, cache)
	g.run("reset", "-q", "--hard", "HEAD~2")
	g.run("branch", "-D", "side")
	fourth := g.commit("a", "Fourth\n")
	r.Previous = map[string]string{"refs/heads/main": third}
	s = ask(t, t.Context(), r, year, cache)
	got := items(t, s, Refs)
	if len(got) != 1 || at(got["refs/heads/main"], "ref", "sha") != fourth || at(got["refs/heads/main"], "descends", "descends") != false {
		t.Errorf("refs %v", got)
	}
	if changes := items(t, s, Changes); changes[second].ID != "" || changes[fourth].ID == "" {
		t.Errorf("changes %v", sortedKeys(changes))
	}
	// A clone that cannot be brought up to date is not read.
	broken.Store(true)
	s = ask(t, t.Context(), r, year, cache)
	for _, source := range []string{Changes, Refs} {
		if c := cell(t, s, source); c.State != evidence.Failed || c.Gap.Question != "fetch" {
			t.Errorf("%s is %s: %s", source, c.State, c.Reason)
		}
	}
	broken.Store(false)
	for _, tt := range []struct {
		url, code string
		state     evidence.State
	}{
		{srv.URL + "/" + name + "/.git", "AccessDenied", evidence.DeniedIdentity},
		{strings.Replace(srv.URL, "http://", "http://reader:hunter2@", 1) + "/none", "NotFound", evidence.Failed},
		{"http://127.0.0.1:1/x", "Unreadable", evidence.Failed},
	} {
		s := ask(t, t.Context(), Repository{Name: "shop", URL: tt.url, Branch: "main"}, year, t.TempDir())
		if c := cell(t, s, Changes); c.State != tt.state || c.Gap == nil || c.Gap.Code != tt.code {
			t.Errorf("%s is %s: %s", tt.url, c.State, c.Reason)
		}
		noSecret(t, s)
	}
	noSecret(t, s)
	// file:// is read where it lies.
	s = ask(t, t.Context(), Repository{Name: "shop", URL: "file://" + filepath.ToSlash(g.dir), Branch: "main"}, year, cache)
	if n := len(items(t, s, Changes)); n != 2 {
		t.Errorf("file://: %d changes", n)
	}
}

func noSecret(t *testing.T, s *evidence.Snapshot) {
	t.Helper()
	cells, err := evidence.WriteLines(s.Cells)
	if err != nil {
		t.Fatal(err)
	}
	if all := string(cells) + string(held(t, s.Calls)); strings.Contains(all, "hunter2") {
		t.Errorf("the password is written: %s", all)
	}
}

func TestPaths(t *testing.T) {
	for in, want := range map[string]string{
		"main": "main", "release-1.2": "release-1.2", "release/1.2": "release-1.2-", "größe": "gr--e-", "..": "-", "a.": "a-",
		"con": "_con-", "aux.x": "_aux.x-", "-x": "x-", strings.Repeat("x", 200): strings.Repeat("x", 100) + "-",
	} {
		if got := safe(in); want != in {
			sum := sha256.Sum256([]byte(in))
			if got != want+fmt.Sprintf("%x", sum[:4]) {
				t.Errorf("%q: %q, want %q and a digest", in, got, want)
			}
		} else if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	tasks := Tasks(Config{Repositories: []Repository{{Name: "shop", Branch: "release/1.2"}}})
	if p := tasks[0].Cell.Path; !strings.HasPrefix(p, "evidence/git/shop/changes-release-1.2-") || tasks[1].Cell.Path != "evidence/git/shop/refs.jsonl" {
		t.Errorf("paths %q and %q", p, tasks[1].Cell.Path)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("Merge pull request #12 from a/b\n\nThis reverts commit " + strings.Repeat("a", 40) + "\n\nSigned-off-by: A <a@b>\n c\n")
	f.Add("x\n\n \n#\n: a\n\t\n")
	f.Fuzz(func(t *testing.T, s string) {
		m := parseMessage(s)
		m.pullRequest(true)
		m.reverts()
		if strings.ContainsAny(m.subject, "\n") {
			t.Errorf("subject %q", m.subject)
		}
	})
}

func FuzzSignature(f *testing.F) {
	f.Add([]byte("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----"))
	f.Add([]byte("-----BEGIN PGP SIGNATURE-----\nVersion: x\n\niQEz\n=abcd\n-----END PGP SIGNATURE-----"))
	f.Fuzz(func(t *testing.T, b []byte) {
		describeSignature(b)
		pgpKey(b)
		sshKey(b)
	})
}

// Where a tag stands on the branch that goes to production.
func TestTagsOnTheLine(t *testing.T) {
	g := newTester(t)
	g.commit("a", "First\n")
	second := g.commit("a", "Second\n")
	g.run("tag", "light", second)
	g.run("tag", "-a", "-m", "v1", "v1", second)
	g.run("switch", "-q", "-c", "side")
	g.commit("b", "Side\n")
	g.run("tag", "off")
	g.run("switch", "-q", "main")
	g.run("merge", "-q", "--no-ff", "-m", "Merge", "side")
	g.run("tag", "-a", "-m", "a tree", "tree", "main^{tree}")
	got := items(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, year, ""), Refs)
	for name, want := range map[string]any{"light": number(2), "v1": number(2), "off": nil} {
		it := got["refs/tags/"+name]
		if _, there := it.Answers["line"]; !there || at(it, "line", "number") != want {
			t.Errorf("%s: %v", name, it.Answers)
		}
	}
	if it := got["refs/tags/v1"]; at(it, "ref", "tagger") != "bo@example.com" || at(it, "ref", "tagged") != at(it, "line", "committed") {
		t.Errorf("v1: %v", it.Answers)
	}
	if it := got["refs/tags/tree"]; it.Answers["line"] != nil || at(it, "ref", "commit") != nil {
		t.Errorf("a tag of a tree: %v", it.Answers)
	}
	dir := filepath.Join(t.TempDir(), "x")
	g.run("clone", "-q", "--depth=1", "file://"+g.dir, dir)
	(&tester{TB: t, dir: dir}).run("tag", "here")
	it := items(t, ask(t, t.Context(), Repository{Name: "shop", Path: dir, Branch: "main"}, year, ""), Refs)["refs/tags/here"]
	if _, ok := it.Gap("line"); !ok {
		t.Errorf("a shallow clone: %v", it.Answers)
	}
}
