package gates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The bounds of a page that opens at once on a slow machine.
const (
	MostBytes = 500 << 10
	MostRows  = 1000 // of one table; the number past which sorting and axe take seconds
)

var classes = regexp.MustCompile(`class="([^"]*)"`)

// Chosen are the pages a browser judges: of each kind of path the largest one
// that is not huge, and then pages until each class the stylesheet may know has
// been seen. A kind is a page at the root, or a folder at its depth with accounts
// and regions left out.
func Chosen(t testing.TB, dir string) []string {
	t.Helper()
	const huge = 120 << 10
	best, size := map[string]string{}, map[string]int{}
	has := map[string][]string{}
	all := files(t, dir, ".html")
	for _, p := range all {
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range classes.FindAllSubmatch(data, -1) {
			for c := range strings.FieldsSeq(string(m[1])) {
				if !slices.Contains(has[p], c) {
					has[p] = append(has[p], c)
				}
			}
		}
		kind := p
		if parts := strings.Split(p, "/"); len(parts) > 1 {
			kind = parts[0] + strings.Repeat("/*", len(parts)-1)
		}
		n := len(data)
		if n > huge { // the smallest of the huge ones, where all are
			n = -n
		}
		if best[kind] == "" || n > size[kind] {
			best[kind], size[kind] = p, n
		}
	}
	var out []string
	seen := map[string]bool{}
	take := func(p string) {
		out = append(out, p)
		for _, c := range has[p] {
			seen[c] = true
		}
	}
	for _, p := range best {
		take(p)
	}
	for _, p := range all {
		if slices.ContainsFunc(has[p], func(c string) bool { return !seen[c] }) {
			take(p)
		}
	}
	slices.Sort(out)
	return out
}

// Browser opens pages in Chromium and says what is wrong with them. In hostile
// pages only what runs or leaves the folder is wrong.
func Browser(t testing.TB, dir string, pages []string, hostile bool) []string {
	t.Helper()
	node, chromium := tool(t, "node"), tool(t, "chromium", "chromium-browser", "google-chrome")
	tool(t, "pdftotext")
	modules := filepath.Dir(installed(t, "node_modules", "playwright-core"))
	script, err := filepath.Abs(scriptPath(t))
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(map[string]any{"base": (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs) + "/"}).String(), "pages": pages, "scratch": t.TempDir(), "chromium": chromium, "modules": modules, "hostile": hostile})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, script)
	cmd.Stdin = bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the browser's judge: %v: %s", err, said.String())
	}
	var found []string
	judged := 0
	for _, l := range lines(out) {
		var f struct {
			Page, Gate, Says string
			Judged           int
		}
		if err := json.Unmarshal([]byte(l), &f); err != nil {
			t.Fatalf("the browser's judge said %q", l)
		}
		if judged += f.Judged; f.Gate != "" {
			found = append(found, fmt.Sprintf("%s: %s: %s", f.Page, f.Gate, f.Says))
		}
	}
	if judged != len(pages) && !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, ": browser: ") }) {
		t.Errorf("%d of %d pages judged", judged, len(pages))
	}
	slices.Sort(found)
	return found
}

func scriptPath(t testing.TB) string {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "exhibit/internal/gates").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "judge.mjs")
}

// nu runs the Nu checker over every page. On file paths it holds 'self' for nothing
// and warns of our own stylesheet and script: those warnings are left out.
func nu(t testing.TB, dir string) []string {
	t.Helper()
	java, jar := tool(t, "java"), installed(t, "node_modules", "vnu-jar", "build", "dist", "vnu.jar")
	// verify.html allows itself one style and one script by their hashes, which the checker does not know.
	all := slices.DeleteFunc(files(t, dir, ".html"), func(p string) bool { return p == "verify.html" })
	found := nuBatches(dir, java, jar, ".*Resource violates Content Security Policy.*", all)
	if _, err := os.Stat(filepath.Join(dir, "verify.html")); err == nil {
		found = append(found, nuBatches(dir, java, jar, ".*(Resource|Inline style|Inline script) violates Content Security Policy.*", []string{"verify.html"})...)
	}
	return found
}

func nuBatches(dir, java, jar, pattern string, all []string) []string {
	return oneByBatch(all, 700, func(batch []string) []string {
		cmd := exec.Command(java, append([]string{"-jar", jar, "--Werror", "--filterpattern", pattern}, batch...)...)
		cmd.Dir = dir
		if said, err := cmd.CombinedOutput(); err != nil {
			return append(lines(said), "the Nu checker: "+err.Error())
		}
		return nil
	})
}

// htmlValidate runs html-validate over pages.
func htmlValidate(t testing.TB, dir string, pages []string) []string {
	t.Helper()
	exe := installed(t, "node_modules", ".bin", "html-validate")
	config := filepath.Join(filepath.Dir(scriptPath(t)), "htmlvalidate.json")
	cmd := exec.Command(tool(t, "node"), append([]string{exe, "--config", config, "--formatter", "text"}, pages...)...)
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return append(lines(said), "html-validate: "+err.Error())
	}
	return nil
}

// Links says of a folder's pages which link or fragment leads nowhere, which leaves
// the folder (a policy may name a page of the web), which page nobody links to, which
// id stands twice, and which page is too large.
func Links(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	type link struct{ from, to, fragment string }
	var links []link
	ids, exists := map[string]map[string]bool{}, map[string]bool{}
	all := files(t, dir, ".html")
	for _, p := range all {
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > MostBytes {
			found = append(found, fmt.Sprintf("%s: %d KB, and %d is the most", p, len(data)>>10, MostBytes>>10))
		}
		root, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		ids[p] = map[string]bool{}
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data == "tbody" {
				rows := 0
				for c := range n.ChildNodes() {
					if c.Data == "tr" {
						rows++
					}
				}
				if rows > MostRows {
					found = append(found, fmt.Sprintf("%s: %d rows in one table", p, rows))
				}
			}
			for _, a := range n.Attr {
				switch a.Key {
				case "id":
					if ids[p][a.Val] {
						found = append(found, fmt.Sprintf("%s: two elements with the id %q", p, a.Val))
					}
					ids[p][a.Val] = true
				case "href", "src":
					u, err := url.Parse(a.Val)
					switch {
					case a.Val == "data:,":
					case err != nil || u.Scheme == "" && strings.HasPrefix(u.Path, "/"):
						found = append(found, fmt.Sprintf("%s: %q is no link within the package", p, a.Val))
					case u.Scheme != "":
						if !strings.HasPrefix(p, "policies/") || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" {
							found = append(found, fmt.Sprintf("%s: %q leaves the package", p, a.Val))
						}
					default:
						to := p
						if u.Path != "" {
							to = path.Join(path.Dir(p), u.Path)
						}
						links = append(links, link{p, to, u.Fragment})
					}
				}
			}
		}
	}
	next := map[string][]string{}
	for _, l := range links {
		if !exists[l.to] {
			if _, err := os.Stat(filepath.Join(dir, l.to)); err != nil {
				found = append(found, fmt.Sprintf("%s: %q leads nowhere", l.from, l.to))
				continue
			}
			exists[l.to] = true
		}
		if l.fragment != "" && path.Ext(l.to) == ".html" && !ids[l.to][l.fragment] {
			found = append(found, fmt.Sprintf("%s: no place %q on %s", l.from, l.fragment, l.to))
		}
		next[l.from] = append(next[l.from], l.to)
	}
	reached := map[string]bool{"index.html": true}
	for todo := []string{"index.html"}; len(todo) > 0; todo = todo[1:] {
		for _, to := range next[todo[0]] {
			if !reached[to] {
				reached[to] = true
				todo = append(todo, to)
			}
		}
	}
	for _, p := range all {
		if !reached[p] {
			found = append(found, p+": no way leads there from index.html")
		}
	}
	return found
}
