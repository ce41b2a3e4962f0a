package html

import (
	"bytes"
	"fmt"
	"html"
	"strings"
	"time"

	"exhibit/render/table"
)

// esc writes text from outside: visible first, then escaped for text and for
// attributes in double quotes.
func esc(b *bytes.Buffer, s string) {
	s = table.Visible(s)
	if strings.ContainsAny(s, `<>&"'`) {
		s = html.EscapeString(s)
	}
	b.WriteString(s)
}

func writeStatus(b *bytes.Buffer, word string) {
	b.WriteString(`<span class="st `)
	b.WriteString(table.ShapeOf(word))
	b.WriteString(`">`)
	esc(b, word)
	b.WriteString(`</span>`)
}

func writeTime(b *bytes.Buffer, t time.Time) {
	s := t.UTC().Format("2006-01-02T15:04:05Z")
	b.WriteString(`<time datetime="` + s + `">` + s + `</time>`)
}

// href writes a link's start. Paths are the renderer's own; they are escaped
// all the same.
func href(b *bytes.Buffer, root, to string) {
	b.WriteString(`<a href="`)
	esc(b, root+to)
	b.WriteString(`">`)
}

func writeCell(b *bytes.Buffer, root string, c table.Cell) {
	if !c.Set {
		return
	}
	if c.Href != "" {
		href(b, root, c.Href)
	}
	switch c.Kind {
	case table.Status:
		writeStatus(b, c.Text)
	case table.Picture:
		writeStrip(b, *c.Strip)
	case table.Code:
		if n := longestLine(c.Text); n <= 14 { // an account, a finding: never broken
			b.WriteString(`<code class="w i">`)
		} else if n <= 24 {
			b.WriteString(`<code class="w">`)
		} else {
			b.WriteString("<code>")
		}
		esc(b, c.Text)
		b.WriteString("</code>")
	case table.Time: // may be broken between day and hour where the column is narrow
		day, hour, _ := strings.Cut(c.At.UTC().Format("2006-01-02T15:04:05Z"), "T")
		b.WriteString(`<time datetime="` + day + "T" + hour + `">` + day + "T<wbr>" + hour + `</time>`)
	case table.Date:
		s := c.String()
		b.WriteString(`<time datetime="` + s + `">` + s + `</time>`)
	default:
		esc(b, c.String())
	}
	if c.Href != "" {
		b.WriteString("</a>")
	}
}

func writeSpan(b *bytes.Buffer, root string, s table.Span) {
	if !s.At.IsZero() {
		writeTime(b, s.At)
		return
	}
	switch {
	case s.Term != "":
		b.WriteString(`<dfn>`)
		href(b, root, "glossary.html#"+s.Term)
	case s.Href != "":
		href(b, root, s.Href)
	}
	open, shut := "", ""
	if s.Strong {
		open, shut = "<strong>", "</strong>"
	}
	if s.Code {
		open, shut = open+"<code>", "</code>"+shut
	}
	b.WriteString(open)
	esc(b, s.Text)
	b.WriteString(shut)
	switch {
	case s.Term != "":
		b.WriteString("</a></dfn>")
	case s.Href != "":
		b.WriteString("</a>")
	}
}

// longestLine is the length of the longest of a text's lines, in bytes.
func longestLine(s string) int {
	most := 0
	for line := range strings.SplitSeq(s, "\n") {
		most = max(most, len(line))
	}
	return most
}

// longWord says that a text has a word of more than most bytes, which must be broken
// to fit a column.
func longWord(s string, most int) bool {
	n := 0
	for i := range len(s) {
		if n++; s[i] == ' ' || s[i] == '\n' {
			n = 0
		}
		if n > most {
			return true
		}
	}
	return false
}

// width is the class that gives a column room: as much as it was thought to need, and
// no more than what stands in it.
func width(c table.Column, n need) string {
	most := min(float64(c.Width), n.want)
	switch {
	case c.Kind == table.Number:
		return "n"
	case c.Kind == table.Date || c.Kind == table.Time || c.Kind == table.Status:
		return "k"
	case c.Kind == table.Picture:
		return "p"
	case most <= 12:
		return "s"
	case most <= 24:
		return "m"
	case most <= 40:
		return "l"
	}
	return "x"
}

// roomy is how wide a table may want to be, in characters, before it is set closer and
// breaks all but short words: a window of 1400 pixels shows some of it in two lines.
const roomy = 190

// room is how wide a table wants to be.
func room(n []need) float64 {
	var sum float64
	for _, c := range n {
		sum += c.want + 2.6
	}
	return sum
}

func writeGrid(b *bytes.Buffer, root string, g table.Grid) {
	t := g.Table
	rows := t.Rows
	cap := "cap-" + t.ID
	if g.Data == "" {
		b.WriteString(`<div class="grid">`)
	} else {
		fmt.Fprintf(b, `<div class="grid" data-rows="%s" data-parts="%d" data-total="%d" data-root="%s">`, root+g.Data, len(g.Pages), g.Total, root)
	}
	tall := ""
	if len(rows) > 20 {
		tall = " tall"
	}
	if len(rows) == 0 {
		b.WriteString(`<p class="cap" id="` + cap + `">`)
		esc(b, t.Title)
		b.WriteString(`</p><p class="nil">`)
		empty := t.Empty
		if empty == "" {
			empty = "None."
		}
		esc(b, empty)
		b.WriteString("</p></div>\n")
		return
	}
	wants := needs(t)
	dense, most := "", 28
	if room(wants) > roomy {
		dense, most = ` class="dense"`, 14
	}
	fmt.Fprintf(b, `<div class="tw%s" role="region" tabindex="0" aria-labelledby="%s"><table id="%s"%s><caption id="%s"><span class="ci">`, tall, cap, t.ID, dense, cap)
	esc(b, t.Title)
	if g.Total > 0 && len(g.Pages) > 1 {
		fmt.Fprintf(b, ` <span class="of">rows %d to %d of %d</span>`, g.From, g.To, g.Total)
	} else {
		fmt.Fprintf(b, ` <span class="of">%s</span>`, table.Plural(len(rows), "row", "rows"))
	}
	if t.Note != "" {
		b.WriteString(`<span class="note">`)
		esc(b, t.Note)
		b.WriteString(`</span>`)
	}
	b.WriteString("</span></caption>")
	writeColumns(b, wants, dense != "")
	b.WriteString("<thead><tr>")
	head := -1
	for i, c := range t.Columns {
		if head < 0 && c.Kind != table.Status {
			head = i
		}
		b.WriteString(`<th scope="col" class="` + width(c, wants[i]) + `" data-key="`)
		esc(b, c.Key) // of an answer: whoever names a tag names a column
		b.WriteString(`">`)
		for i, part := range strings.SplitAfter(c.Name, ".") {
			if i > 0 {
				b.WriteString("<wbr>")
			}
			esc(b, part)
		}
		b.WriteString("</th>")
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, r := range rows {
		if r.ID != "" {
			b.WriteString(`<tr id="` + r.ID + `">`)
		} else {
			b.WriteString("<tr>")
		}
		for i, c := range r.Cells {
			switch {
			case i == head:
				if c.Kind == table.Code || longWord(c.Text, most) {
					b.WriteString(`<th scope="row" class="a">`)
				} else {
					b.WriteString(`<th scope="row">`)
				}
			case c.Kind == table.Number && c.Set && c.Int == 0:
				b.WriteString(`<td class="n z">`)
			case t.Columns[i].Kind == table.Number || c.Kind == table.Number && c.Set:
				b.WriteString(`<td class="n">`)
			case c.Kind == table.Text && longWord(c.Text, most):
				b.WriteString(`<td class="a">`)
			default:
				b.WriteString("<td>")
			}
			writeCell(b, root, c)
			if i == head {
				b.WriteString("</th>")
			} else {
				b.WriteString("</td>")
			}
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div>")
	if len(g.Pages) > 1 {
		b.WriteString(`<nav class="parts" aria-label="Parts of this table"><ol>`)
		for i, p := range g.Pages {
			b.WriteString("<li>")
			if i == g.Part {
				b.WriteString(`<span aria-current="page">`)
				esc(b, p.Text)
				b.WriteString("</span>")
			} else {
				href(b, root, p.Href)
				esc(b, p.Text)
				b.WriteString("</a>")
			}
			b.WriteString("</li>")
		}
		b.WriteString("</ol></nav>")
	}
	if len(g.Downloads) > 0 {
		b.WriteString(`<p class="dl">Whole table: `)
		for i, d := range g.Downloads {
			if i > 0 {
				b.WriteString(" · ")
			}
			href(b, root, d.Href)
			esc(b, d.Text)
			b.WriteString("</a>")
		}
		b.WriteString("</p>")
	}
	b.WriteString("</div>\n")
}
