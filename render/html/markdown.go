package html

import (
	"bytes"
	"html/template"
	"strings"

	"exhibit/render/table"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// parse reads Markdown as people write policies: GitHub's tables, no raw HTML,
// no images, no links but to the web; headings stand below the page's own.
func parse(body []byte) (goldmark.Markdown, ast.Node, []byte) {
	src := []byte(table.Visible(strings.ReplaceAll(string(body), "\r\n", "\n")))
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList))
	doc := md.Parser().Parse(text.NewReader(src))
	least := 7
	var drop []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		if !in {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			least = min(least, n.Level)
		case *ast.Link:
			if !web(string(n.Destination)) {
				drop = append(drop, n)
			}
		case *ast.AutoLink:
			if n.AutoLinkType != ast.AutoLinkEmail && !web(string(n.URL(src))) {
				drop = append(drop, n)
			}
		case *ast.Image:
			drop = append(drop, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range drop { // the words stay, the link goes
		parent := n.Parent()
		if auto, ok := n.(*ast.AutoLink); ok {
			parent.InsertBefore(parent, n, ast.NewString(auto.Label(src)))
		}
		for c := n.FirstChild(); c != nil; {
			next := c.NextSibling()
			parent.InsertBefore(parent, n, c)
			c = next
		}
		parent.RemoveChild(parent, n)
	}
	level := 2
	_ = ast.Walk(doc, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && in {
			h.Level = min(h.Level-least+3, level+1, 6) // h3 and below, none left out
			level = h.Level
		}
		return ast.WalkContinue, nil
	})
	return md, doc, src
}

func web(dest string) bool {
	return strings.HasPrefix(dest, "https://") || strings.HasPrefix(dest, "http://") || strings.HasPrefix(dest, "mailto:")
}

func markdown(body []byte) (template.HTML, error) {
	md, doc, src := parse(body)
	var b bytes.Buffer
	if err := md.Renderer().Render(&b, src, doc); err != nil {
		return "", err
	}
	return template.HTML(strings.ReplaceAll(b.String(), "<!-- raw HTML omitted -->", "")), nil
}

// Blocks reads Markdown into blocks, for documents that are printed.
func Blocks(body []byte) []table.Block {
	_, doc, src := parse(body)
	return blocks(doc, src)
}

func blocks(parent ast.Node, src []byte) []table.Block {
	var out []table.Block
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			out = append(out, table.Heading{Level: min(n.Level-1, 3), Text: table.Plain(spans(n, src, table.Span{}))})
		case *ast.Paragraph, *ast.TextBlock:
			out = append(out, table.Para{Spans: spans(n, src, table.Span{})})
		case *ast.List:
			l := table.List{Ordered: n.IsOrdered()}
			for item := n.FirstChild(); item != nil; item = item.NextSibling() {
				var line []table.Span
				for c := item.FirstChild(); c != nil; c = c.NextSibling() {
					if len(line) > 0 {
						line = append(line, table.Span{Text: "\n"})
					}
					line = append(line, flatSpans(c, src)...)
				}
				l.Items = append(l.Items, line)
			}
			out = append(out, l)
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			var code strings.Builder
			for i := range n.Lines().Len() {
				seg := n.Lines().At(i)
				code.Write(seg.Value(src))
			}
			out = append(out, table.Pre{Text: strings.TrimRight(code.String(), "\n")})
		case *ast.Blockquote:
			out = append(out, blocks(n, src)...)
		case *extast.Table:
			t := &table.Table{ID: "md"}
			for row := n.FirstChild(); row != nil; row = row.NextSibling() {
				var cells []table.Cell
				for c := row.FirstChild(); c != nil; c = c.NextSibling() {
					cells = append(cells, table.Str(table.Plain(spans(c, src, table.Span{}))))
				}
				if row.Kind() == extast.KindTableHeader {
					for _, c := range cells {
						t.Columns = append(t.Columns, table.Column{Key: c.Text, Name: c.Text, Width: 24})
					}
					continue
				}
				t.Add("", append(cells, make([]table.Cell, max(0, len(t.Columns)-len(cells)))...)[:len(t.Columns)]...)
			}
			out = append(out, table.Grid{Table: t})
		default:
			if n.HasChildren() {
				out = append(out, blocks(n, src)...)
			}
		}
	}
	return out
}

// flatSpans is the text of a list item's part, nested lists included.
func flatSpans(n ast.Node, src []byte) []table.Span {
	if l, ok := n.(*ast.List); ok {
		var out []table.Span
		for item := l.FirstChild(); item != nil; item = item.NextSibling() {
			out = append(out, table.Span{Text: "\n– "})
			for c := item.FirstChild(); c != nil; c = c.NextSibling() {
				out = append(out, flatSpans(c, src)...)
			}
		}
		return out
	}
	return spans(n, src, table.Span{})
}

func spans(n ast.Node, src []byte, style table.Span) []table.Span {
	var out []table.Span
	add := func(s string) {
		if s != "" {
			st := style
			st.Text = s
			out = append(out, st)
		}
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			s := string(c.Segment.Value(src))
			switch {
			case c.HardLineBreak():
				s += "\n"
			case c.SoftLineBreak():
				s += " "
			}
			add(s)
		case *ast.String:
			add(string(c.Value))
		case *ast.CodeSpan:
			st := style
			st.Code = true
			out = append(out, spans(c, src, st)...)
		case *ast.Emphasis:
			st := style
			st.Strong = st.Strong || c.Level > 1
			out = append(out, spans(c, src, st)...)
		case *ast.AutoLink:
			add(string(c.URL(src)))
		case *ast.Link:
			out = append(out, spans(c, src, style)...)
			if dest := string(c.Destination); dest != table.Plain(spans(c, src, style)) {
				add(" (" + dest + ")")
			}
		case *ast.RawHTML:
		case *extast.TaskCheckBox:
			if c.IsChecked {
				add("[x] ")
			} else {
				add("[ ] ")
			}
		default:
			out = append(out, spans(c, src, style)...)
		}
	}
	return out
}
