package render_test

import (
	"bytes"
	"fmt"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"exhibit/evidence"
	"exhibit/render/table"
	"exhibit/site"

	"golang.org/x/net/html"
)

func stateOf(s string) evidence.State { return evidence.State(s) }

func parse(tb testing.TB, p string, data []byte) *html.Node {
	tb.Helper()
	n, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		tb.Fatalf("%s: %v", p, err)
	}
	return n
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// checkLinks resolves every link and fragment, and finds pages nobody links to.
func checkLinks(t *testing.T, files map[string][]byte) {
	t.Helper()
	ids := map[string]map[string]bool{}
	links := map[string][]string{}
	for p, data := range files {
		if path.Ext(p) != ".html" {
			continue
		}
		ids[p] = map[string]bool{}
		for n := range parse(t, p, data).Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if id, ok := attr(n, "id"); ok {
				if ids[p][id] {
					t.Errorf("%s: two elements with the id %q", p, id)
				}
				ids[p][id] = true
			}
			for _, key := range []string{"href", "src"} {
				if to, ok := attr(n, key); ok && to != "data:," {
					links[p] = append(links[p], to)
				}
			}
			if to, ok := attr(n, "data-rows"); ok {
				parts, _ := attr(n, "data-parts")
				for i := range must(strconv.Atoi(parts)) {
					links[p] = append(links[p], fmt.Sprintf("%s%d.js", to, i))
				}
			}
			if to, ok := attr(n, "data-root"); ok && p == "search.html" { // the sums a citation needs
				for f := range files {
					if path.Dir(f) == "data/sums" {
						links[p] = append(links[p], to+f)
					}
				}
			}
			if to, ok := attr(n, "data-search"); ok && p == "search.html" { // what the script loads
				links[p] = append(links[p], to+"parts.js")
				for f := range files {
					if path.Dir(f) == "data/search" {
						links[p] = append(links[p], to+path.Base(f))
					}
				}
			}
		}
	}
	reached := map[string]bool{"index.html": true}
	todo := []string{"index.html"}
	for p, tos := range links {
		for _, to := range tos {
			u, err := url.Parse(to)
			if err != nil || u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "/") {
				if u != nil && (u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "mailto") && strings.HasPrefix(p, "policies/") {
					continue // a policy may name a page of the web; nothing is fetched
				}
				t.Errorf("%s: %q is no link within the package", p, to)
			}
		}
	}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		for _, to := range links[p] {
			u, err := url.Parse(to)
			if err != nil || u.Scheme != "" {
				continue
			}
			target := p
			if u.Path != "" {
				target = path.Join(path.Dir(p), u.Path)
			}
			if files[target] == nil {
				t.Errorf("%s: %q leads nowhere", p, to)
				continue
			}
			if u.Fragment != "" && path.Ext(target) == ".html" && !ids[target][u.Fragment] {
				t.Errorf("%s: %q: no such place on %s", p, to, target)
			}
			if !reached[target] {
				reached[target] = true
				todo = append(todo, target)
			}
		}
	}
	for p := range files {
		if !reached[p] && p != "README.txt" && p != "artifacts/README.md" && p != "verify-proof.sh" {
			t.Errorf("%s: nothing leads there", p)
		}
	}
}

func must(n int, err error) int {
	if err != nil {
		panic(err)
	}
	return n
}

func TestLinks(t *testing.T) { checkLinks(t, shared(t, 450)) }

func TestPages(t *testing.T) {
	const csp = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:"
	forbidden := regexp.MustCompile(`(?i)no exceptions noted|\d+ ?% compliant|compliance score`)
	for p, data := range shared(t, 450) {
		if path.Ext(p) != ".html" || p == "verify.html" { // which allows itself one script and one style, by their hashes
			continue
		}
		if len(data) > 500<<10 {
			t.Errorf("%s: %d KB", p, len(data)>>10)
		}
		if forbidden.Match(data) {
			t.Errorf("%s: says %q", p, forbidden.Find(data))
		}
		for _, r := range string(data) {
			if r == 0xfffd || r < ' ' && r != '\n' || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
				t.Errorf("%s: a character that does not show, U+%04X", p, r)
				break
			}
		}
		count := map[string]int{}
		level := 0
		for n := range parse(t, p, data).Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data != "title" || n.Parent.Data == "head" { // pictures have titles too
				count[n.Data]++
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s %s=%q>", p, n.Data, a.Key, a.Val)
				}
			}
			switch n.Data {
			case "html":
				if lang, _ := attr(n, "lang"); lang != "en" {
					t.Errorf("%s: no lang", p)
				}
			case "meta":
				if kind, _ := attr(n, "http-equiv"); kind != "" {
					if v, _ := attr(n, "content"); v != csp {
						t.Errorf("%s: policy %q", p, v)
					}
					count["csp"]++
				}
			case "script":
				if src, ok := attr(n, "src"); !ok || !slices.Contains([]string{"exhibit.js", "search.js", "table.js", "cite.js"}, path.Base(src)) || path.Base(path.Dir(src)) != "assets" || n.FirstChild != nil {
					t.Errorf("%s: a script that is not ours", p)
				}
			case "style", "iframe", "img", "object", "embed", "form", "base":
				t.Errorf("%s: <%s>", p, n.Data)
			case "h1", "h2", "h3", "h4", "h5", "h6":
				l := int(n.Data[1] - '0')
				if l > level+1 {
					t.Errorf("%s: <%s> %q after <h%d>", p, n.Data, text(n), level)
				}
				level = l
			case "tbody":
				rows := 0
				for range n.ChildNodes() {
					rows++
				}
				if rows > 2*1000 { // rows and the line ends between them
					t.Errorf("%s: %d rows in one table", p, rows/2)
				}
			case "th":
				if _, ok := attr(n, "scope"); !ok && !strings.HasPrefix(p, "policies/") {
					t.Errorf("%s: a heading cell without scope: %q", p, text(n))
				}
			}
		}
		for what, want := range map[string]int{"csp": 1, "h1": 1, "main": 1, "title": 1, "script": 4} {
			if count[what] != want {
				t.Errorf("%s: %d of %s, want %d", p, count[what], what, want)
			}
		}
		for _, want := range []string{strings.ReplaceAll(table.Opinion, "'", "&#39;"), `class="skip" href="#main"`, "2025-10-01..2026-09-30", "1b7c0f7ad0f1e9f4f0a5b2a6c7d8e9fa0b1c2d3e"} {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s: no %q", p, want)
			}
		}
	}
}

// What resources are called is shown, and only shown.
func TestHostileNames(t *testing.T) {
	files := shared(t, 450)
	page := text(parse(t, "kms", files["evidence/111122223333/eu-west-1/kms-key.html"]))
	for _, want := range []string{evilTag, evilAttr, "invoice<U+202E>fdp.exe", "nul<U+0000>esc<U+001B>[31m bell<U+0007>", evilFormula, evilAt, evilPath} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of keys does not show %q", want)
		}
	}
	policy := text(parse(t, "policy", files["policies/access-control.html"]))
	if strings.Contains(string(files["policies/access-control.html"]), `href="javascript:`) || !strings.Contains(policy, "click") {
		t.Error("a policy's link is obeyed, or its words are lost")
	}
}

func TestStaticFiles(t *testing.T) {
	css, err := site.FS.ReadFile("exhibit.css")
	if err != nil {
		t.Fatal(err)
	}
	if len(css) > 20<<10 {
		t.Errorf("stylesheet %d bytes", len(css))
	}
	var js []byte
	for _, name := range []string{"exhibit.js", "search.js", "table.js", "cite.js"} {
		data, err := site.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 18<<10 {
			t.Errorf("%s: %d bytes", name, len(data))
		}
		js = append(js, data...)
	}
	for _, bad := range []string{"http:", "https:", "@import", "url(", "fetch(", "XMLHttpRequest", "import(", "eval(", "innerHTML", "document.write", "Function("} {
		if bytes.Contains(css, []byte(bad)) || bytes.Contains(js, []byte(bad)) {
			t.Errorf("%q in a static file", bad)
		}
	}
	if !bytes.Contains(css, []byte("th button{display:contents")) {
		t.Error("without this rule Chromium does not repeat table heads on paper")
	}
}

// Every colour of words is readable on every ground it stands on (WCAG 2.2 AA).
func TestContrast(t *testing.T) {
	css, err := site.FS.ReadFile("exhibit.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`:root\{([^}]*)\}`).FindAllSubmatch(css, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d palettes, want light, dark and print", len(blocks))
	}
	for i, name := range []string{"light", "dark", "print"} {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{3,6})`).FindAllSubmatch(blocks[i][1], -1) {
			colours[string(m[1])] = string(m[2])
		}
		grounds := map[string][]string{
			"bg":    {"ink", "soft", "link", "rule", "met", "exc", "comp", "gap", "na", "stmt"},
			"panel": {"ink", "soft", "link", "rule", "met", "exc", "comp", "gap", "na", "stmt"},
			"mark":  {"ink", "soft", "link", "met", "exc", "comp", "gap", "na", "stmt"}, "exc-bg": {"ink", "link"}, "gap-bg": {"ink", "link"}, "note-bg": {"ink", "link", "soft"},
		}
		for ground, words := range grounds {
			for _, word := range words {
				if colours[ground] == "" || colours[word] == "" {
					t.Fatalf("%s: no colour %s or %s", name, ground, word)
				}
				if c := contrast(t, colours[ground], colours[word]); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", name, word, ground, c)
				}
			}
		}
		if c := contrast(t, colours["bg"], cmpOr(colours["focus"], colours["ink"])); c < 3 {
			t.Errorf("%s: the focus ring has a contrast of %.2f", name, c)
		}
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(hex string) float64 {
		hex = strings.TrimPrefix(hex, "#")
		if len(hex) == 3 {
			hex = fmt.Sprintf("%c%c%c%c%c%c", hex[0], hex[0], hex[1], hex[1], hex[2], hex[2])
		}
		var sum float64
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
