// Package html writes pages. It is the only importer of html/template and of
// goldmark. What comes from outside is escaped here and made visible
// (table.Visible); tables are written by hand, because they are most of the
// bytes of a site and a template takes ten times as long for them.
package html

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/templates"
)

// A Group is a part of the site's navigation.
type Group struct {
	Title string
	Links []table.Link
}

// A Writer writes pages of one package. It may be used by several goroutines.
type Writer struct {
	stamp table.Stamp
	nav   []Group
	page  *template.Template
}

// New parses the templates.
func New(stamp table.Stamp, nav []Group) (*Writer, error) {
	t, err := template.New("").Funcs(funcs()).ParseFS(templates.FS, "*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	return &Writer{stamp: stamp, nav: nav, page: t.Lookup("page")}, nil
}

type rooted struct {
	Root string
	V    any
}

func funcs() template.FuncMap {
	return template.FuncMap{
		"at":    func(root string, v any) rooted { return rooted{root, v} },
		"text":  table.Visible,
		"short": table.Short,
		"kind": func(b table.Block) string {
			return strings.TrimPrefix(fmt.Sprintf("%T", b), "table.")
		},
		"shape": table.Shape,
		"status": func(s control.Status) template.HTML {
			return built(func(b *bytes.Buffer) { writeStatus(b, string(s)) })
		},
		"stamptime": func(t time.Time) template.HTML { return built(func(b *bytes.Buffer) { writeTime(b, t) }) },
		"cell": func(root string, c table.Cell) template.HTML {
			return built(func(b *bytes.Buffer) { writeCell(b, root, c) })
		},
		"span": func(root string, s table.Span) template.HTML {
			return built(func(b *bytes.Buffer) { writeSpan(b, root, s) })
		},
		"grid": func(root string, g table.Grid) template.HTML {
			return built(func(b *bytes.Buffer) { writeGrid(b, root, g) })
		},
		"matrix": func(root string, m table.Matrix) template.HTML {
			return built(func(b *bytes.Buffer) { writeMatrix(b, root, m) })
		},
		"life":      func(l table.Life) template.HTML { return built(func(b *bytes.Buffer) { writeLife(b, l) }) },
		"strip":     func(s table.Strip) template.HTML { return built(func(b *bytes.Buffer) { writeStrip(b, s) }) },
		"network":   func(n table.Network) template.HTML { return built(func(b *bytes.Buffer) { writeNetwork(b, n) }) },
		"difflines": func(ls []table.DiffLine) template.HTML { return built(func(b *bytes.Buffer) { writeDiff(b, ls) }) },
		"marklines": func(p table.Pre) template.HTML { return built(func(b *bytes.Buffer) { writeMarked(b, p) }) },
		"markdown":  markdown,
	}
}

func built(write func(*bytes.Buffer)) template.HTML {
	var b bytes.Buffer
	write(&b)
	return template.HTML(b.String())
}

// Root is the way from a page to the package's root: "./", "../", "../../".
func Root(path string) string {
	if n := strings.Count(path, "/"); n > 0 {
		return strings.Repeat("../", n)
	}
	return "./"
}

// title is what the window shows: the page, then whose it is, in 70 characters.
func (w *Writer) title(p *table.Paper) string {
	org := short(table.Visible(w.stamp.Organisation), 24)
	if w.stamp.Sample {
		org += " SAMPLE"
	}
	title := table.Visible(p.Title)
	if p.ID != "" && p.ID != p.Title {
		title = table.Visible(p.ID) + " " + title
	}
	if title == table.Visible(w.stamp.Organisation) {
		title = "Overview"
	}
	return short(title, 30) + " · " + org
}

func short(s string, n int) string {
	if rs := []rune(strings.ReplaceAll(s, "\n", " ")); len(rs) > n {
		return strings.TrimSpace(string(rs[:n-1])) + "…"
	}
	return strings.ReplaceAll(s, "\n", " ")
}

// Page writes one page.
func (w *Writer) Page(p *table.Paper) ([]byte, error) {
	section := ""
	if len(p.Crumbs) > 1 {
		section = p.Crumbs[1].Href
	}
	var contents []table.Link
	for _, b := range p.Blocks {
		switch b := b.(type) {
		case table.Heading:
			if b.Level == 2 && b.ID != "" {
				contents = append(contents, table.Link{Text: b.Text, Href: "#" + b.ID})
			}
		case table.Box:
			contents = append(contents, table.Link{Text: b.Title, Href: "#" + b.ID})
		}
	}
	if len(contents) < 4 {
		contents = nil
	}
	var out bytes.Buffer
	err := w.page.Execute(&out, struct {
		Root, Here, Section, Opinion, Title string
		Stamp                               table.Stamp
		Nav                                 []Group
		Paper                               *table.Paper
		Contents                            []table.Link
	}{Root(p.Path), p.Path, section, table.Opinion, w.title(p), w.stamp, w.nav, p, contents})
	if err != nil {
		return nil, fmt.Errorf("writing page %s: %w", p.Path, err)
	}
	return out.Bytes(), nil
}
