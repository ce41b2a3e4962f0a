package html

import (
	"bytes"
	"fmt"

	"exhibit/control"
	"exhibit/render/table"
)

// writeStrip draws a status at each run as a row of shapes. The table of the
// same runs stands beside it on the page: the picture adds nothing to it.
func writeStrip(b *bytes.Buffer, s table.Strip) {
	if len(s.Seen) == 0 {
		return
	}
	const step = 26
	counts := map[control.Status]int{}
	var order []control.Status
	for _, seen := range s.Seen {
		if counts[seen.Status] == 0 {
			order = append(order, seen.Status)
		}
		counts[seen.Status]++
	}
	fmt.Fprintf(b, `<figure class="strip"><svg role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %d 26" width="%d" height="26"><title id="%s-t">`, s.ID, s.ID, len(s.Seen)*step, len(s.Seen)*step, s.ID)
	esc(b, s.Title)
	fmt.Fprintf(b, `</title><desc id="%s-d">`, s.ID)
	for i, st := range order {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "%s at %s", st, table.Plural(counts[st], "run", "runs"))
	}
	b.WriteString(`</desc>`)
	for i, seen := range s.Seen {
		x := i*step + 3
		shape := table.Shape(seen.Status)
		fmt.Fprintf(b, `<g class="sh %s"><title>`, shape)
		esc(b, seen.At.UTC().Format("2006-01-02")+" "+string(seen.Status))
		b.WriteString(`</title>`)
		switch shape {
		case "met":
			fmt.Fprintf(b, `<circle cx="%d" cy="13" r="9"/>`, x+10)
		case "exc":
			fmt.Fprintf(b, `<path d="M%d 3 l10 19 h-20z"/>`, x+10)
		case "comp":
			fmt.Fprintf(b, `<path d="M%d 3 l10 10 l-10 10 l-10 -10z"/>`, x+10)
		case "has":
			fmt.Fprintf(b, `<rect x="%d" y="4" width="18" height="18"/>`, x+1)
		case "none":
			fmt.Fprintf(b, `<circle class="o" cx="%d" cy="13" r="8"/>`, x+10)
		case "na":
			fmt.Fprintf(b, `<path class="o" d="M%d 13 h16"/>`, x+2)
		case "stmt":
			fmt.Fprintf(b, `<path class="o" d="M%d 5 v16 M%d 5 v16"/>`, x+6, x+14)
		default: // not collected, record needed, and what is not known
			fmt.Fprintf(b, `<rect class="o" x="%d" y="5" width="16" height="16"/>`, x+2)
		}
		b.WriteString(`</g>`)
	}
	first, last := s.Seen[0].At.UTC().Format("2006-01-02"), s.Seen[len(s.Seen)-1].At.UTC().Format("2006-01-02")
	fmt.Fprintf(b, `</svg><figcaption>%s from <time datetime="%s">%s</time> to <time datetime="%s">%s</time></figcaption></figure>`,
		table.Plural(len(s.Seen), "run", "runs"), first, first, last, last)
}

// writeMatrix writes coverage as a table: the picture is the table.
func writeMatrix(b *bytes.Buffer, root string, m table.Matrix) {
	cap := "cap-" + m.ID
	fmt.Fprintf(b, `<div class="grid"><div class="tw tall" role="region" tabindex="0" aria-labelledby="%s"><table class="matrix" id="%s"><caption id="%s"><span class="ci">`, cap, m.ID, cap)
	esc(b, m.Title)
	b.WriteString(`</span></caption><thead><tr><th scope="col">Source</th>`)
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
