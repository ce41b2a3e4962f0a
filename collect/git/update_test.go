package git

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What merging the base into a branch brought, after somebody may have approved it.
func TestUpdates(t *testing.T) {
	long := func(first, last string) string { return first + "\n" + strings.Repeat("same\n", 20) + last + "\n" }
	for _, tt := range []struct {
		name   string
		branch func(g *tester, write func(name, text string)) // on the branch
		base   func(g *tester, write func(name, text string)) // on main meanwhile
		amend  func(g *tester, write func(name, text string)) // within the merge
		want   string
	}{
		{"only the base", func(g *tester, w func(string, string)) { w("b.go", "b") }, func(g *tester, w func(string, string)) { w("m.go", "m") }, nil, onlyBase},
		{"a file more", func(g *tester, w func(string, string)) { w("b.go", "b") }, func(g *tester, w func(string, string)) { w("m.go", "m") },
			func(g *tester, w func(string, string)) { w("evil.go", "evil") }, moreThan},
		{"the branch's file changed", func(g *tester, w func(string, string)) { w("b.go", "b") }, func(g *tester, w func(string, string)) { w("m.go", "m") },
			func(g *tester, w func(string, string)) { w("b.go", "not what was approved") }, moreThan},
		{"the base's file changed", func(g *tester, w func(string, string)) { w("b.go", "b") }, func(g *tester, w func(string, string)) { w("m.go", "m") },
			func(g *tester, w func(string, string)) { w("m.go", "not what the base has") }, moreThan},
		{"the base's work dropped", func(g *tester, w func(string, string)) { w("b.go", "b") }, func(g *tester, w func(string, string)) { w("shared.go", "newer") },
			func(g *tester, w func(string, string)) { w("shared.go", long("one", "two")) }, moreThan},
		{"both changed a file", func(g *tester, w func(string, string)) { w("shared.go", long("ONE", "two")) }, func(g *tester, w func(string, string)) { w("shared.go", long("one", "TWO")) }, nil, notProven},
		{"the base renamed what the branch changed", func(g *tester, w func(string, string)) { w("shared.go", long("ONE", "two")) },
			func(g *tester, w func(string, string)) { g.run("mv", "shared.go", "renamed.go") }, nil, notProven},
		{"both made the same", func(g *tester, w func(string, string)) { w("b.go", "b"); w("x.go", "x") }, func(g *tester, w func(string, string)) { w("x.go", "x") }, nil, onlyBase},
		{"the base removed a file", func(g *tester, w func(string, string)) { w("b.go", "b") }, func(g *tester, w func(string, string)) { g.run("rm", "-q", "gone.go") }, nil, onlyBase},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newTester(t)
			write := func(name, text string) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(g.dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			keep := func(words string) {
				g.day++
				g.run("add", "-A")
				g.run("commit", "-q", "-m", words)
			}
			write("shared.go", long("one", "two"))
			write("gone.go", "gone")
			keep("Start")
			g.run("switch", "-q", "-c", "topic")
			tt.branch(g, write)
			keep("Topic")
			approved := g.run("rev-parse", "HEAD")
			g.run("switch", "-q", "main")
			tt.base(g, write)
			keep("Base")
			g.run("switch", "-q", "topic")
			g.day++
			g.run("merge", "-q", "--no-ff", "-m", "Merge branch 'main' into topic", "main")
			if tt.amend != nil {
				tt.amend(g, write)
				g.run("add", "-A")
				g.run("commit", "-q", "--amend", "--no-edit")
			}
			head := g.run("rev-parse", "HEAD")
			g.run("switch", "-q", "main")
			g.day++
			g.run("merge", "-q", "--no-ff", "-m", "Merge pull request #1 from x/topic", "topic")
			it := items(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, year, ""), Changes)[g.run("rev-parse", "HEAD")]
			if got := at(it, "change", "updates", 0, "brings"); got != tt.want || at(it, "change", "updates", 0, "commit") != head || at(it, "change", "updates", 0, "from") != approved {
				t.Errorf("brings %v, want %s: %v", got, tt.want, at(it, "change", "updates"))
			}
		})
	}
}

// Several updates one below the other, and a branch that merged another branch.
func TestUpdatesInARow(t *testing.T) {
	g := newTester(t)
	g.commit("a", "Start\n")
	g.run("branch", "other")
	g.run("switch", "-q", "-c", "topic")
	approved := g.commit("t", "Topic\n")
	for i := range 3 {
		g.run("switch", "-q", "main")
		g.commit(fmt.Sprint("m", i), "Base\n")
		g.run("switch", "-q", "topic")
		g.day++
		g.run("merge", "-q", "--no-ff", "-m", "Merge main", "main")
	}
	g.run("switch", "-q", "main")
	g.run("merge", "-q", "--no-ff", "-m", "Merge pull request #1 from x/topic", "topic")
	first := g.run("rev-parse", "HEAD")
	g.run("switch", "-q", "other")
	g.commit("o", "Other\n")
	g.run("switch", "-q", "-c", "two", "main")
	g.commit("two", "Two\n")
	g.run("merge", "-q", "--no-ff", "-m", "Merge other", "other")
	g.run("switch", "-q", "main")
	g.run("merge", "-q", "--no-ff", "-m", "Merge pull request #2 from x/two", "two")
	got := items(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, year, ""), Changes)
	if it := got[first]; at(it, "change", "updates", 2, "from") != approved || at(it, "change", "updates", 2, "brings") != onlyBase || at(it, "change", "updates", 3) != nil {
		t.Errorf("updates %v", at(got[first], "change", "updates"))
	}
	if it := got[g.run("rev-parse", "HEAD")]; at(it, "change", "updates") != nil {
		t.Errorf("a branch is no base: %v", at(it, "change", "updates"))
	}
}

func TestPickedFrom(t *testing.T) {
	sha := strings.Repeat("a", 40)
	for body, want := range map[string]string{
		"Title\n\nText\n\n(cherry picked from commit " + sha + ")\n":                                                    sha,
		"Title\n\n(cherry picked from commit " + sha + ")\n\nAnd more.\n":                                               "",
		"Title\n\n(cherry picked from commit " + strings.Repeat("b", 40) + ")\n(cherry picked from commit " + sha + ")": sha,
		"Title\n\nIt says (cherry picked from commit " + sha + ") here\n":                                               "",
		"Title\n": "",
	} {
		if got := parseMessage(body).picked(); got != want {
			t.Errorf("%q: %q", body, got)
		}
	}
}
