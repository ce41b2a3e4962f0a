package git

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The examples of GitHub's own page about code owners, and the corners of its rules.
func TestOwnersOfPaths(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		yes, no []string
	}{
		{"*", []string{"a", "a/b/c"}, nil},
		{"*.js", []string{"a.js", "x/y/a.js"}, []string{"a.jsx", "a.js.map"}},
		{"/build/logs/", []string{"build/logs/a", "build/logs/x/y"}, []string{"x/build/logs/a", "build/logs"}},
		{"docs/*", []string{"docs/getting-started.md"}, []string{"docs/build-app/troubleshooting.md", "x/docs/a"}},
		{"apps/", []string{"apps/a", "x/apps/a/b"}, []string{"apps"}},
		{"/docs/", []string{"docs/a", "docs/a/b"}, []string{"x/docs/a"}},
		{"/scripts/", []string{"scripts/x"}, []string{"scripts.sh"}},
		{"**/logs", []string{"logs", "logs/a", "build/logs/a", "deeply/nested/logs/x/y"}, []string{"logs.txt"}},
		{"/apps/github", []string{"apps/github", "apps/github/a/b"}, []string{"apps/githubx", "x/apps/github"}},
		{"apps/github", []string{"apps/github/a"}, []string{"x/apps/github"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b/c"}, []string{"a/xb"}},
		{"a/**", []string{"a/x", "a/x/y"}, []string{"a", "b/a"}},
		{"/*", []string{"a"}, []string{"a/b"}},
		{"ab?", []string{"abc", "x/abd/e"}, []string{"ab", "abcd"}},
		{"*.tf*", []string{"a.tf", "m/a.tfvars"}, []string{"a.t"}},
		{"A", []string{"A"}, []string{"a"}}, // capitals are told apart
	} {
		rules, skipped := parseOwners(tt.pattern + " @a")
		if len(rules) != 1 || len(skipped) > 0 {
			t.Fatalf("%s: %v, %v", tt.pattern, rules, skipped)
		}
		for _, p := range tt.yes {
			if !rules[0].holds(p) {
				t.Errorf("%s does not hold %s", tt.pattern, p)
			}
		}
		for _, p := range tt.no {
			if rules[0].holds(p) {
				t.Errorf("%s holds %s", tt.pattern, p)
			}
		}
	}
	rules, skipped := parseOwners("# who\r\n\n* @a @org/team # all\nx#y docs@example.com\n!z @a\n[ab] @a\n\\#c @a\n/ @a\n/free\nw who\n")
	var got []string
	for _, r := range rules {
		got = append(got, r.pattern+"="+strings.Join(r.owners, ","))
	}
	if want := []string{"*=@a,@org/team", "x#y=docs@example.com", "/free="}; !slices.Equal(got, want) {
		t.Errorf("rules %q, want %q", got, want)
	}
	if len(skipped) != 5 || !strings.HasPrefix(skipped[0], "line 5: ") {
		t.Errorf("skipped %q", skipped)
	}
}

// Owners are those of the first parent: a change cannot make itself its own owner.
func TestOwnersOfTheFirstParent(t *testing.T) {
	g := newTester(t)
	first := g.commit("a.go", "First\n")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(g.dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(g.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("docs/CODEOWNERS", "* @docs\n")
	brought := g.commit("b.go", "Bring owners\n")
	write(".github/CODEOWNERS", "* @ada\n*.tf @org/ops\n!x @y\n/free/\n")
	moved := g.commit("c.go", "Other owners\n")
	write("free/x", "x")
	last := g.commit("infra/a.tf", "Infrastructure\n")
	got := items(t, ask(t, t.Context(), Repository{Name: "shop", Path: g.dir, Branch: "main"}, year, ""), Changes)
	for _, sha := range []string{first, brought} {
		if v, there := got[sha].Answers["owners"]; v != nil || !there {
			t.Errorf("%s has owners %v", sha, v)
		}
	}
	if v := at(got[moved], "owners", "file"); v != "docs/CODEOWNERS" || at(got[moved], "owners", "rules", 0, "owners", 0) != "@docs" {
		t.Errorf("by %v: %v", v, got[moved].Answers["owners"])
	}
	it := got[last]
	if at(it, "owners", "file") != ".github/CODEOWNERS" || at(it, "owners", "rules", 0, "owners", 0) != "@org/ops" || at(it, "owners", "rules", 0, "paths", 0) != "infra/a.tf" ||
		at(it, "owners", "rules", 1) != nil || at(it, "owners", "without_owner") != number(1) || at(it, "owners", "skipped", 0) != "line 3: a pattern cannot be negated" {
		t.Errorf("owners %v", it.Answers["owners"])
	}
}

func FuzzOwners(f *testing.F) {
	f.Add("* @a\n**/x/ @b # c\n/a/*/b? c@d\n!", "a/b/c.go")
	f.Fuzz(func(t *testing.T, text, path string) {
		rules, _ := parseOwners(text)
		for _, r := range rules {
			got := r.holds(path)
			if r.pattern == "*" && !got {
				t.Errorf("* does not hold %q", path)
			}
			if strings.HasPrefix(path, strings.Trim(r.pattern, "/")+"/") && !strings.ContainsAny(r.pattern, "*?") && r.parts[0] != "**" && !got && !strings.Contains(path, "//") && !strings.Contains(r.pattern, "//") {
				t.Errorf("%q does not hold %q, which lies in it", r.pattern, path)
			}
		}
	})
}
