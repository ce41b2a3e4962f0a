package html

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"exhibit/render/table"
)

// writeMatrix writes coverage as a table: the picture is the table.
func writeMatrix(b *bytes.Buffer, root string, m table.Matrix) {
	cap := "cap-" + m.ID
	fmt.Fprintf(b, `<div class="grid"><div class="tw tall" role="region" tabindex="0" aria-labelledby="%s"><table class="matrix" id="%s"><caption id="%s"><span class="ci">`, cap, m.ID, cap)
	esc(b, m.Title)
	b.WriteString(`</span></caption><thead><tr><th scope="col">`)
	esc(b, cmp.Or(m.Head, "Source"))
	b.WriteString(`</th>`)
	for _, c := range m.Columns {
		b.WriteString(`<th scope="col">`)
		esc(b, c)
		b.WriteString(`</th>`)
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, r := range m.Rows {
		b.WriteString(`<tr><th scope="row">`)
		href(b, root, r.Href)
		b.WriteString("<code>")
		esc(b, r.Name)
		b.WriteString("</code></a></th>")
		for _, c := range r.Cells {
			if c.Word == "" {
				b.WriteString(`<td></td>`)
				continue
			}
			b.WriteString(`<td>`)
			if c.Href != "" {
				href(b, root, c.Href)
			}
			writeStatus(b, c.Word)
			if c.Items > 0 {
				fmt.Fprintf(b, ` <span class="q">%d</span>`, c.Items)
				if c.Of > 0 {
					fmt.Fprintf(b, `<span class="q"> of %d</span>`, c.Of)
				}
			}
			if c.Href != "" {
				b.WriteString(`</a>`)
			}
			b.WriteString(`</td>`)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div></div>\n")
}

// writeDiff writes the lines of a comparison with a sign before each, so that
// colour is not needed to read it.
func writeDiff(b *bytes.Buffer, lines []table.DiffLine) {
	for _, l := range lines {
		switch l.Kind {
		case '-':
			b.WriteString(`<del><span class="sg">−</span>`)
		case '+':
			b.WriteString(`<ins><span class="sg">+</span>`)
		case '@':
			b.WriteString(`<span class="skp">`)
			esc(b, l.Text)
			b.WriteString("</span>\n")
			continue
		default:
			b.WriteString(`<span class="same"><span class="sg"> </span>`)
		}
		if len(l.Words) == 0 {
			esc(b, l.Text)
		}
		for _, w := range l.Words {
			if w.Changed {
				b.WriteString("<mark>")
				esc(b, w.Text)
				b.WriteString("</mark>")
			} else {
				esc(b, w.Text)
			}
		}
		switch l.Kind {
		case '-':
			b.WriteString("</del>\n")
		case '+':
			b.WriteString("</ins>\n")
		default:
			b.WriteString("</span>\n")
		}
	}
}

// writeMarked writes text with the lines that matter most marked.
func writeMarked(b *bytes.Buffer, p table.Pre) {
	n, at := 0, 0
	for line := range strings.Lines(p.Text) {
		if at < len(p.Marks) && p.Marks[at] == n {
			at++
			body := strings.TrimLeft(line, " ")
			b.WriteString(line[:len(line)-len(body)])
			text := strings.TrimSuffix(body, "\n")
			b.WriteString("<mark>")
			esc(b, text)
			b.WriteString("</mark>")
			b.WriteString(body[len(text):])
		} else {
			esc(b, line)
		}
		n++
	}
}
