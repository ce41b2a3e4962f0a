package git

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// A tester makes repositories with the real git.
type tester struct {
	testing.TB
	dir string
	day int // of the next commit
}

func (t *tester) run(args ...string) string {
	t.Helper()
	return t.with("", nil, args...)
}

func (t *tester) with(stdin string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = t.dir, strings.NewReader(stdin)
	when := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, t.day).Format(time.RFC3339)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C", "TZ=UTC",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Bo", "GIT_COMMITTER_EMAIL=bo@example.com",
		"GIT_AUTHOR_DATE="+when, "GIT_COMMITTER_DATE="+when, "GIT_MERGE_AUTOEDIT=no")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s%s", err, out, exit.Stderr)
		}
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimRight(string(out), "\n")
}

// commit writes a file and commits it, a day after the one before.
func (t *tester) commit(file, message string, env ...string) string {
	t.Helper()
	t.day++
	name := filepath.Join(t.dir, file)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, fmt.Appendf(nil, "%s %d\n", message, t.day), 0o644); err != nil {
		t.Fatal(err)
	}
	t.run("add", "-A")
	t.with(message, env, "commit", "-q", "--allow-empty-message", "--cleanup=verbatim", "-F", "-")
	return t.run("rev-parse", "HEAD")
}

func newTester(tb testing.TB) *tester {
	t := &tester{TB: tb, dir: tb.TempDir()}
	t.run("init", "-q", "-b", "main")
	return t
}

var year = Period{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}

func clock() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }

// ask collects one repository as a run does.
func ask(t testing.TB, ctx context.Context, r Repository, p Period, cache string) *evidence.Snapshot {
	t.Helper()
	snap, err := collect.Run(ctx, clock, collect.Plan{Tasks: Tasks(Config{Repositories: []Repository{r}, Period: p, Cache: cache, Now: clock})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func cell(t testing.TB, s *evidence.Snapshot, source string) evidence.Cell {
	t.Helper()
	for _, c := range s.Cells {
		if c.Source == source {
			return c
		}
	}
	t.Fatalf("no cell %s", source)
	return evidence.Cell{}
}

// items are the rows of a cell by id.
func items(t testing.TB, s *evidence.Snapshot, source string) map[string]evidence.Item {
	t.Helper()
	c := cell(t, s, source)
	if c.State != evidence.Collected && c.State != evidence.Partial && c.State != evidence.Empty {
		t.Fatalf("%s is %s: %s", source, c.State, c.Reason)
	}
	list, err := evidence.ReadItems(held(t, s.Files[c.Path]))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]evidence.Item{}
	for _, it := range list {
		out[it.ID] = it
	}
	return out
}

// at follows a path of keys and indexes into an item; nil where it ends.
func at(it evidence.Item, keys ...any) any {
	var v any = map[string]any(it.Answers)
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

// busy makes a repository with one of everything and returns ids by what they are.
func busy(t *tester) map[string]string {
	id := map[string]string{}
	id["root"] = t.commit("a.txt", "Start\n")
	id["direct"] = t.commit("src/till.go", "Push\nwith a long title\n\nAnd a body.\n\nWith two paragraphs.\n\nReviewed-by: Bo <bo@example.com>\nTicket: SHOP-12\n continued\n")
	t.run("switch", "-q", "-c", "feature/x")
	t.commit("src/x.go", "Draft\n")
	t.commit("src/y.go", "More\n")
	t.run("switch", "-q", "main")
	t.day++
	t.run("merge", "-q", "--no-ff", "-m", "Merge pull request #12 from shop/feature-x", "-m", "Add x", "feature/x")
	id["merge"] = t.run("rev-parse", "HEAD")
	t.run("switch", "-q", "-c", "squashed")
	t.commit("src/z.go", "z\n")
	t.run("switch", "-q", "main")
	t.day++
	t.run("merge", "-q", "--squash", "squashed")
	t.run("commit", "-q", "-m", "Add z (#13)")
	id["squash"] = t.run("rev-parse", "HEAD")
	t.run("switch", "-q", "-c", "rebased", "HEAD~1")
	t.commit("src/r.go", "Rebased\n\nSigned-off-by: Ada <ada@example.com>\nSome words\n")
	t.day++
	t.run("rebase", "-q", "main")
	t.run("switch", "-q", "main")
	t.run("merge", "-q", "--ff-only", "rebased")
	id["rebased"] = t.run("rev-parse", "HEAD")
	t.day++
	t.run("revert", "--no-edit", id["squash"])
	id["revert"] = t.run("rev-parse", "HEAD")
	t.day++
	t.run("mv", "a.txt", "moved to/ä b.txt")
	t.run("commit", "-q", "-m", "Rename")
	id["rename"] = t.run("rev-parse", "HEAD")
	t.run("switch", "-q", "-c", "o1")
	t.commit("o1", "o1\n")
	t.run("switch", "-q", "-c", "o2", "main")
	t.commit("o2", "o2\n")
	t.run("switch", "-q", "main")
	t.day++
	t.run("merge", "-q", "--no-ff", "-m", "Octopus", "o1", "o2")
	id["octopus"] = t.run("rev-parse", "HEAD")
	t.run("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",vendored")
	t.day++
	t.run("commit", "-q", "-m", "Add a submodule\n\nSee merge request shop/till!77")
	id["submodule"] = t.run("rev-parse", "HEAD")
	// git commit makes UTF-8 of everything: older tools did not.
	t.commit("l", "Greetings\n")
	raw := strings.NewReplacer("Greetings", "Gr\xfc\xdfe", "author Ada", "author J\xf6rg").Replace(t.run("cat-file", "commit", "HEAD") + "\n")
	id["declared"] = t.with(strings.Replace(raw, "\n\n", "\nencoding ISO-8859-1\n\n", 1), nil, "hash-object", "-t", "commit", "-w", "--stdin")
	id["latin"] = t.with(raw, nil, "hash-object", "-t", "commit", "-w", "--stdin")
	t.run("reset", "-q", "--soft", id["latin"])
	id["empty"] = t.commit("e", "")
	if err := os.Symlink("l", filepath.Join(t.dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(t.dir, "l"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(t.dir, "e")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("l", filepath.Join(t.dir, "e")); err != nil {
		t.Fatal(err)
	}
	id["modes"] = t.commit("m\xff", "Modes\n\nThis reverts commit "+id["merge"]+".\n\nReverts shop/till#12\n")
	if err := os.MkdirAll(filepath.Join(t.dir, "moved to"), 0o755); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestEverythingGitLogSays(t *testing.T) {
	g := newTester(t)
	if err := os.MkdirAll(filepath.Join(g.dir, "moved to"), 0o755); err != nil {
		t.Fatal(err)
	}
	id := busy(g)
	for _, shape := range []string{"loose", "packed", "bare"} {
		t.Run(shape, func(t *testing.T) {
			dir := g.dir
			switch shape {
			case "packed":
				g.run("gc", "-q")
			case "bare":
				dir = filepath.Join(t.TempDir(), "bare.git")
				g.run("clone", "-q", "--bare", g.dir, dir)
			}
			s := ask(t, t.Context(), Repository{Name: "shop", Path: dir, Branch: "main"}, year, "")
			got := items(t, s, Changes)
			compareWithLog(t, g, got)
		})
	}
	s := ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, year, "")
	got := items(t, s, Changes)
	for _, tt := range []struct {
		of   string
		keys []any
		want any
	}{
		{"root", []any{"change", "number"}, json.Number("1")},
		{"direct", []any{"change", "pull_request"}, nil},
		{"direct", []any{"commit", "subject"}, "Push with a long title"},
		{"direct", []any{"commit", "trailers", 1, "value"}, "SHOP-12 continued"},
		{"direct", []any{"commit", "signature", "kind"}, "none"},
		{"merge", []any{"change", "merge"}, true},
		{"merge", []any{"change", "pull_request", "number"}, json.Number("12")},
		{"merge", []any{"change", "pull_request", "kind"}, "merge"},
		{"merge", []any{"change", "pull_request", "mark"}, "Merge pull request #12 from shop/feature-x"},
		{"merge", []any{"change", "files_changed"}, json.Number("2")},
		{"squash", []any{"change", "pull_request", "kind"}, "squash"},
		{"squash", []any{"change", "pull_request", "mark"}, "(#13)"},
		{"squash", []any{"change", "merge"}, false},
		{"rebased", []any{"commit", "trailers", 0, "key"}, "Signed-off-by"},
		{"revert", []any{"change", "reverts", "sha"}, id["squash"]},
		{"revert", []any{"change", "pull_request"}, nil},
		{"octopus", []any{"commit", "parents", 2}, g.run("rev-parse", "o2")},
		{"submodule", []any{"change", "pull_request", "number"}, json.Number("77")},
		{"submodule", []any{"change", "pull_request", "mark"}, "See merge request shop/till!77"},
		{"latin", []any{"commit", "author", "name"}, `J\xF6rg`},
		{"latin", []any{"commit", "subject"}, `Gr\xFC\xDFe`},
		{"empty", []any{"commit", "subject"}, ""},
		{"modes", []any{"files", 0, "status"}, "T"},
		{"modes", []any{"files", 3, "path"}, `m\xFF`},
		{"modes", []any{"change", "reverts", "pull_request"}, json.Number("12")},
		{"modes", []any{"change", "committed"}, g.run("log", "-1", "--date=format:%Y-%m-%dT%H:%M:%SZ", "--format=%cd")},
	} {
		if v := at(got[id[tt.of]], tt.keys...); v != tt.want {
			t.Errorf("%s: %v is %#v, want %#v", tt.of, tt.keys, v, tt.want)
		}
	}
	// A declared encoding is read.
	g.run("branch", "-f", "declared", id["declared"])
	got = items(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "declared"}, year, ""), Changes)
	if v := at(got[id["declared"]], "commit", "author", "name"); v != "Jörg" {
		t.Errorf("declared encoding: %#v", v)
	}
}

// compareWithLog compares every field git log can print.
func compareWithLog(t *testing.T, g *tester, got map[string]evidence.Item) {
	t.Helper()
	sep := "\x01"
	format := strings.Join([]string{"%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%s", "%b", "%(trailers:only,unfold,key_value_separator=%x3d,separator=%x02)"}, "%x01")
	out := g.run("-c", "i18n.logOutputEncoding=ISO-8859-1", "-c", "core.quotePath=false", "log", "--first-parent", "-z", "--format="+format, "main")
	n := 0
	for rec := range strings.SplitSeq(strings.TrimRight(out, "\x00"), "\x00") {
		f := strings.Split(rec, sep)
		it, ok := got[f[0]]
		if !ok {
			t.Errorf("%s is not listed", f[0])
			continue
		}
		n++
		var parents []any
		for p := range strings.FieldsSeq(f[2]) {
			parents = append(parents, p)
		}
		if v, _ := at(it, "commit", "parents").([]any); !slices.Equal(v, parents) {
			t.Errorf("%s: parents %v, git says %v", f[0], v, parents)
		}
		for i, keys := range [][]any{1: {"tree"}, 3: {"author", "name"}, {"author", "email"}, {"author", "when"}, {"committer", "name"}, {"committer", "email"}, {"committer", "when"}, {"subject"}, {"body"}} {
			if keys == nil {
				continue
			}
			v, _ := at(it, append([]any{"commit"}, keys...)...).(string)
			want := strings.TrimSpace(strings.ReplaceAll(escape([]byte(f[i])), "+00:00", "Z"))
			if strings.TrimSpace(v) != want {
				t.Errorf("%s: %v is %q, git says %q", f[0], keys, v, want)
			}
		}
		var trailers []string
		list, _ := at(it, "commit", "trailers").([]any)
		for i := range list {
			trailers = append(trailers, fmt.Sprintf("%s=%s", at(it, "commit", "trailers", i, "key"), at(it, "commit", "trailers", i, "value")))
		}
		if v := strings.Join(trailers, "\x02"); v != f[11] {
			t.Errorf("%s: trailers %q, git says %q", f[0], v, f[11])
		}
		var files []string
		for _, e := range at(it, "files").([]any) {
			m := e.(map[string]any)
			files = append(files, fmt.Sprintf("%s %s", m["status"], m["path"]))
		}
		var want []string
		before, _, _ := strings.Cut(f[2], " ")
		if before == "" {
			before = g.with("", nil, "hash-object", "-t", "tree", "-w", "--stdin") // the empty one
		}
		words := strings.Split(strings.TrimRight(g.run("diff-tree", "-r", "-z", "--no-commit-id", "--no-renames", "--name-status", before, f[0]), "\x00"), "\x00")
		for i := 0; i+1 < len(words); i += 2 {
			want = append(want, words[i]+" "+escape([]byte(words[i+1])))
		}
		if !slices.Equal(files, want) {
			t.Errorf("%s: files %q, git says %q", f[0], files, want)
		}
	}
	if n != len(got) {
		t.Errorf("%d changes, git log lists %d", len(got), n)
	}
}

func TestSSHSignature(t *testing.T) {
	g := newTester(t)
	key := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	out, err := exec.Command("ssh-keygen", "-l", "-f", key+".pub").Output()
	if err != nil {
		t.Fatal(err)
	}
	g.commit("a", "Unsigned\n")
	g.day++
	g.run("-c", "gpg.format=ssh", "-c", "user.signingkey="+key, "commit", "-q", "--allow-empty", "-S", "-m", "Signed")
	id := g.run("rev-parse", "HEAD")
	it := items(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, year, ""), Changes)[id]
	want := map[string]any{"kind": "ssh", "key_type": "ssh-ed25519", "key": strings.Fields(string(out))[1]}
	got, _ := at(it, "commit", "signature").(map[string]any)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("signature %v, want %v", got, want)
	}
}

func TestOtherSignatures(t *testing.T) {
	// A signature packet of version 4 with an issuer fingerprint and a key id.
	fpr := bytes.Repeat([]byte{0xab}, 20)
	hashed := append([]byte{22, 33, 4}, fpr...)
	unhashed := append([]byte{9, 16}, fpr[:8]...)
	body := append([]byte{4, 0, 22, 8, 0, byte(len(hashed))}, hashed...)
	body = append(append(body, 0, byte(len(unhashed))), unhashed...)
	body = append(body, 1, 2, 0, 1, 1)
	for name, packet := range map[string][]byte{"old": append([]byte{0x88, byte(len(body))}, body...), "new": append([]byte{0xc2, byte(len(body))}, body...)} {
		if got := pgpKey(packet); got != strings.Repeat("AB", 20) {
			t.Errorf("%s format: key %q", name, got)
		}
	}
	for in, want := range map[string]string{
		"": "map[]", "x": "map[kind:unknown]",
		"-----BEGIN PGP SIGNATURE-----\n\nnot base64\n-----END PGP SIGNATURE-----": "map[kind:pgp]",
		"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----":         "map[kind:ssh]",
		"-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----":       "map[kind:x509]",
	} {
		if got := fmt.Sprint(describeSignature([]byte(in))); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	g := newTester(t)
	old := g.commit("a", "Before\n", "GIT_COMMITTER_DATE=2025-06-01T00:00:00Z")
	first := g.commit("a", "First\n", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
	backdated := g.commit("a", "Backdated\n", "GIT_COMMITTER_DATE=2019-01-01T00:00:00Z")
	last := g.commit("a", "Last\n", "GIT_COMMITTER_DATE=2026-12-31T23:59:59Z")
	late := g.commit("a", "After\n", "GIT_COMMITTER_DATE=2027-01-01T00:00:00Z")
	for _, tt := range []struct {
		name string
		repo Repository
		want []string
	}{
		{"by place", Repository{}, []string{first, backdated, last}},
		{"after the last run's tip", Repository{Previous: map[string]string{"refs/heads/main": last}}, []string{first, backdated, last, late}},
		{"after the tip before the period", Repository{Since: old}, []string{first, backdated, last, late}},
		{"tip unknown here", Repository{Since: strings.Repeat("a", 40)}, []string{first, backdated, last}},
		{"tip not moved", Repository{Previous: map[string]string{"refs/heads/main": late}}, []string{first, backdated, last}},
	} {
		tt.repo.Name, tt.repo.Path, tt.repo.Branch = "shop", g.dir, "main"
		got := items(t, ask(t, t.Context(), tt.repo, year, ""), Changes)
		if ids := sortedKeys(got); !slices.Equal(ids, sorted(tt.want)) {
			t.Errorf("%s: %q, want %q", tt.name, ids, sorted(tt.want))
		}
		for id, want := range map[string]bool{first: true, backdated: false, last: true} {
			if at(got[id], "change", "in_period") != want {
				t.Errorf("%s: in_period of %s is %v", tt.name, id, !want)
			}
		}
	}
	s := ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, Period{year.Start.AddDate(-5, 0, 0), year.Start.AddDate(-4, 0, 0)}, "")
	if c := cell(t, s, Changes); c.State != evidence.Empty {
		t.Errorf("no change in the period: %s", c.State)
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// TestWithheld keeps what somebody pasted into a message out of the evidence, and
// the rest of the message, the run and the ledger whole.
func TestWithheld(t *testing.T) {
	token := "ghp_" + strings.Repeat("a1B2", 9)
	r := newTester(t)
	r.commit("a", "Deploy with "+token+" for now\n\nAlso https://bot:hunter22@example.com/x works.\n\nReviewed-by: Bo <bo@example.com>")
	snap := ask(t, context.Background(), Repository{Name: "shop", Path: r.dir, Branch: "main"}, year, "")
	file := held(t, snap.Files["evidence/git/shop/changes-main.jsonl"])
	if bytes.Contains(file, []byte(token)) || bytes.Contains(file, []byte("hunter22")) {
		t.Errorf("it is kept: %s", file)
	}
	items, err := evidence.ReadItems(file)
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	commit, change := items[0].Answers["commit"].(map[string]any), items[0].Answers["change"].(map[string]any)
	if got := commit["subject"]; got != "Deploy with [withheld: a GitHub token] for now" {
		t.Errorf("subject %q", got)
	}
	if got := fmt.Sprint(change["withheld"]); got != "[a GitHub token a password in an address]" {
		t.Errorf("withheld %s", got)
	}
	if commit["trailers"] == nil {
		t.Error("the trailer is lost")
	}
	if got := snap.Run.Redactions["git/change: a credential in a message"]; got != 2 {
		t.Errorf("%d redactions", got)
	}
}

// held reads a file of a snapshot.
func held(t testing.TB, c evidence.Content) []byte {
	t.Helper()
	b, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
