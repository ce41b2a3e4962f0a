package html

import (
	"strings"
	"testing"

	"exhibit/render/table"

	xhtml "golang.org/x/net/html"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"headings stand below the page's", "# A\n\n### C\n\n# B", "<h3>A</h3>\n<h4>C</h4>\n<h3>B</h3>\n"},
		{"raw HTML is left out", "a <b onclick=x>b</b>\n\n<script>x</script>", "<p>a b</p>\n\n"},
		{"links to the web stay", "[x](https://example.com)", `<p><a href="https://example.com">x</a></p>` + "\n"},
		{"other links are words", "[x](javascript:alert(1)) [y](../z.html) ![pic](p.png)", "<p>x y pic</p>\n"},
		{"what does not show is written out", "a\u202eb", "<p>a&lt;U+202E&gt;b</p>\n"},
		{"a table", "|a|b|\n|-|-|\n|1|2|", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := markdown([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// Whoever names a tag names a column.
func TestColumnNameIsText(t *testing.T) {
	w, err := New(table.Stamp{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	evil := `"><img src=x onerror=alert(1)>`
	g := &table.Table{ID: "t", Title: "T", Columns: []table.Column{{Key: evil, Name: evil}}}
	g.Add("", table.Str("x"))
	page, err := w.Page(&table.Paper{Path: "t.html", Title: "T", Blocks: []table.Block{table.Grid{Table: g}}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "<img") {
		t.Error("the key of a column became an element")
	}
}

// No Markdown makes an element that could run, load or lead out of the package.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"# A\n<script>x</script>", "[a](javascript:x)", "![a](x)", "<https://a>", "`<b>`", "[a]: javascript:x\n[a]", "|a|\n|-|\n|<img src=x onerror=y>|", "- [ ] x", "<A0:>", "<javascript:x>", "<a@b.c>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := markdown([]byte(s))
		if err != nil {
			t.Skip()
		}
		n, err := xhtml.Parse(strings.NewReader(string(got)))
		if err != nil {
			t.Fatal(err)
		}
		for c := range n.Descendants() {
			if c.Type != xhtml.ElementNode {
				continue
			}
			switch c.Data {
			case "script", "img", "iframe", "style", "object", "embed", "form", "link", "base", "svg", "h1", "h2":
				t.Fatalf("%q makes <%s>: %s", s, c.Data, got)
			}
			for _, a := range c.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" && !web(a.Val) {
					t.Fatalf("%q makes %s=%q", s, a.Key, a.Val)
				}
			}
		}
		Blocks([]byte(s)) // the same text for print must not fail either
	})
}

func TestBlocks(t *testing.T) {
	bs := Blocks([]byte("# A\n\ntext **bold** `code`\n\n1. one\n2. two\n   - deep\n\n```\nx\n```\n\n|a|b|\n|-|-|\n|1|\n"))
	var got []string
	for _, b := range bs {
		switch b := b.(type) {
		case table.Heading:
			got = append(got, "h:"+b.Text)
		case table.Para:
			got = append(got, "p:"+table.Plain(b.Spans))
		case table.List:
			for _, it := range b.Items {
				got = append(got, "li:"+table.Plain(it))
			}
		case table.Pre:
			got = append(got, "pre:"+b.Text)
		case table.Grid:
			got = append(got, "td:"+b.Table.Rows[0].Cells[0].String())
		}
	}
	if want := "h:A|p:text bold code|li:one|li:two\n\n– deep|pre:x|td:1"; strings.Join(got, "|") != want {
		t.Errorf("got  %q\nwant %q", strings.Join(got, "|"), want)
	}
}

func TestRoot(t *testing.T) {
	for path, want := range map[string]string{"index.html": "./", "a/b.html": "../", "a/b/c/d.html": "../../../"} {
		if got := Root(path); got != want {
			t.Errorf("Root(%q) = %q", path, got)
		}
	}
}

// Every kind of block is written by a template that knows its fields.
func TestEveryBlock(t *testing.T) {
	w, err := New(table.Stamp{Organisation: "O"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	grid := &table.Table{ID: "g", Title: "g", Columns: []table.Column{{Key: "a", Name: "A"}}}
	blocks := []table.Block{table.H2("a", "A"), table.H3("", "B"), table.P("x"), table.List{Items: [][]table.Span{table.Line("li")}, Ordered: true}, table.Facts{Items: []table.Fact{{Name: "n"}}},
		table.Grid{Table: grid}, table.Notice{Kind: "gap", Title: "t"}, table.Tally{Items: []table.Count{{N: 1, Word: "w", Href: "x.html"}}}, table.Strip{ID: "s"}, table.Life{ID: "l"}, table.Network{ID: "n", Title: "N", Says: "n", Zones: []string{"a"}, Tiers: []table.Tier{{Name: "public", Subnets: [][]table.Subnet{{{Name: "x"}}}}}}, table.Matrix{ID: "m"},
		table.Pre{ID: "p", Title: "t", Text: "x"}, table.Box{ID: "b", Title: "t", Provenance: table.Provenance{Shows: "s", Commands: []string{"a", "b"}}}, table.Markdown{Body: []byte("x")},
		table.Diff{Title: "d", Lines: []table.DiffLine{{Kind: '+', Text: "x"}}}, table.Files{Items: []table.Link{{Text: "f", Href: "f"}}}, table.Fold{Summary: "s", Blocks: []table.Block{table.P("inner")}}}
	out, err := w.Page(&table.Paper{Path: "a/b.html", Title: "T", Blocks: blocks})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<ol class=\"text\">", "not stated", "None.", "notice gap", `href="../x.html"`, "<table class=\"matrix\"", "a\nb", "<ins>", "inner", `href="../f"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		words []string
		n     int
		want  string
	}{
		{nil, 20, ""},
		{[]string{"one", "two"}, 20, "one · two"},
		{[]string{"1 NAT gateway", "internet gateway igw"}, 24, "1 NAT gateway\ninternet gateway igw"},
		{[]string{"endpoints of kms, logs, monitoring, s3"}, 20, "endpoints of kms,\nlogs, monitoring, s3"},
		{[]string{"unbrokenandlong"}, 8, "unbroke…"},
	} {
		if got := strings.Join(wrap(c.words, c.n), "\n"); got != c.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.words, c.n, got, c.want)
		}
	}
}
