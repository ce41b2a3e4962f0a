package pdf

import (
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

const (
	padX, padY = 1.3, 1.0
	lineH      = sizeTable * 1.28 * mm
)

// table prints a table: its head on every page it reaches, no row split unless
// it is taller than a page, long ids broken.
func (d *doc) table(t *table.Table) {
	d.gap(1.5)
	var widths []float64
	need := 22.0
	if len(t.Rows) > 0 { // title, head and first row stay together
		widths = d.columns(t)
		need = d.tableNeed(t, widths)
	}
	d.keep(min(need, d.height-top-bottom-1))
	d.text(bold, 9.4, ink(), t.Title)
	if t.Note != "" {
		d.text(regular, 7.6, soft(), t.Note)
	}
	if len(t.Rows) == 0 {
		empty := t.Empty
		if empty == "" {
			empty = "None."
		}
		d.text(regular, body, soft(), empty)
		d.gap(3)
		return
	}
	d.gap(0.8)
	d.tableHead(t, widths)
	for _, r := range t.Rows {
		d.row(t, r, widths)
	}
	d.gap(4)
}

// tableNeed is how much a table's title, head and first row take together.
func (d *doc) tableNeed(t *table.Table, widths []float64) float64 {
	return 12 + d.headHeight(t, widths) + float64(d.lines(t.Rows[0], widths))*lineH + 2*padY
}

// columns shares the page's width. Each column has a least width, at which
// nothing that should stay whole is broken (a number, a date, a word, an
// account or region), and a wanted one, at which nothing is broken at all; what
// the page has beyond the least is given in proportion to what is wanted.
func (d *doc) columns(t *table.Table) []float64 {
	if d.sized != t { // a heading above asks first
		d.sized, d.sizes = t, d.share(t)
	}
	return d.sizes
}

func (d *doc) share(t *table.Table) []float64 {
	const slack = 0.4 // rounding, so that what just fits is not broken
	n := len(t.Columns)
	least, want := make([]float64, n), make([]float64, n)
	var sumLeast, sumWant float64
	for i, c := range t.Columns {
		name := d.w.show(c.Name)
		l := d.w.width(bold, sizeTable-0.2, longestWord(name))
		w := l
		for k, r := range t.Rows {
			if k == 300 { // enough to know
				break
			}
			cell := r.Cells[i]
			text := d.w.show(cell.String())
			f := faceOf(cell)
			full := 0.0
			for line := range strings.SplitSeq(first(text, 400), "\n") {
				full = max(full, shapeRoom(cell)+d.w.width(f, sizeTable, first(line, 160)))
			}
			w = max(w, full)
			switch cell.Kind {
			case table.Number, table.Date, table.Time:
				l = max(l, full)
			case table.Code:
				l = max(l, d.w.width(f, sizeTable, first(longestPart(text), 18)))
			default:
				l = max(l, shapeRoom(cell)+d.w.width(f, sizeTable, first(longestWord(text), 20)))
			}
		}
		most := 78.0
		if c.Kind == table.Code {
			most = 70
		}
		w = max(min(w, most), l)
		least[i], want[i] = l+2*padX+slack, w+2*padX+slack
		sumLeast += least[i]
		sumWant += want[i]
	}
	room := d.room()
	out := make([]float64, n)
	switch {
	case sumWant <= room: // the rest goes to prose, so that numbers stay beside their words
		prose := 0.0
		for i, c := range t.Columns {
			if c.Kind == table.Text || c.Kind == table.Code {
				prose += want[i]
			}
		}
		for i, c := range t.Columns {
			out[i] = want[i]
			switch {
			case prose == 0:
				out[i] *= room / sumWant
			case c.Kind == table.Text || c.Kind == table.Code:
				out[i] += (room - sumWant) * want[i] / prose
			}
		}
	case sumLeast <= room:
		k := (room - sumLeast) / (sumWant - sumLeast)
		for i := range out {
			out[i] = least[i] + (want[i]-least[i])*k
		}
	default: // too many columns: all give way alike, and ids are broken
		for i := range out {
			out[i] = least[i] * room / sumLeast
		}
	}
	return out
}

func first(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func longestWord(s string) string {
	best, word := "", ""
	for _, r := range s + " " {
		if r == ' ' || r == '\n' {
			if len(word) > len(best) {
				best = word
			}
			word = ""
			continue
		}
		word += string(r)
	}
	return best
}

// longestPart is the longest part of an id that a line need not end in: an id is
// broken behind a - / or : where there is one, and one of 16 characters or fewer not at all.
func longestPart(s string) string {
	best, from := "", 0
	for line := range strings.SplitSeq(s, "\n") {
		if len(line) <= 16 && len(line) > len(best) {
			best = line
		}
	}
	for i := range len(s) + 1 {
		if i == len(s) || s[i] == '\n' || breaks(s[i]) {
			if part := strings.TrimSuffix(s[from:min(i+1, len(s))], "\n"); len(part) > len(best) {
				best = part
			}
			from = i + 1
		}
	}
	return best
}

func faceOf(c table.Cell) face {
	switch c.Kind {
	case table.Code:
		return mono
	case table.Status:
		return bold
	}
	return regular
}

func shapeRoom(c table.Cell) float64 {
	if c.Kind == table.Status && c.Set {
		return sizeTable*0.25*1.45 + 0.2
	}
	return 0
}

// headHeight is how much a table's head takes.
func (d *doc) headHeight(t *table.Table, widths []float64) float64 {
	most := 1
	for i, c := range t.Columns {
		most = max(most, len(d.w.wrap(bold, sizeTable-0.2, widths[i]-2*padX, d.w.show(c.Name))))
	}
	return float64(most)*lineH + 2*padY
}

// lines is how many lines the tallest cell of a row takes.
func (d *doc) lines(r table.Row, widths []float64) int {
	most := 1
	for i, c := range r.Cells {
		most = max(most, len(d.w.wrap(faceOf(c), sizeTable, widths[i]-2*padX-shapeRoom(c), d.w.show(c.String()))))
	}
	return most
}

func (d *doc) tableHead(t *table.Table, widths []float64) {
	lines := make([][]string, len(widths))
	most := 1
	for i, c := range t.Columns {
		lines[i] = d.w.wrap(bold, sizeTable-0.2, widths[i]-2*padX, d.w.show(c.Name))
		most = max(most, len(lines[i]))
	}
	y, x := d.GetY(), left
	h := float64(most)*lineH + 2*padY
	for i, c := range t.Columns {
		for k, l := range lines[i] {
			d.SetY(y + h - padY - float64(len(lines[i])-k)*lineH)
			d.set(bold, sizeTable-0.2, soft())
			at := x + padX
			if c.Kind == table.Number {
				at = x + widths[i] - padX - d.w.width(bold, sizeTable-0.2, l)
			}
			d.line(at, lineH, l)
		}
		x += widths[i]
	}
	d.SetDrawColor(rule().r, rule().g, rule().b)
	d.SetLineWidth(0.4)
	d.Line(left, y+h, d.width-right, y+h)
	d.SetY(y + h)
}

func (d *doc) row(t *table.Table, r table.Row, widths []float64) {
	lines := make([][]string, len(widths))
	most := 1
	for i, c := range r.Cells {
		lines[i] = d.w.wrap(faceOf(c), sizeTable, widths[i]-2*padX-shapeRoom(c), d.w.show(c.String()))
		most = max(most, len(lines[i]))
	}
	full := int((d.height - top - bottom - 20) / lineH)
	for from := 0; from < most; from += full {
		n := min(full, most-from)
		h := float64(n)*lineH + 2*padY
		if d.keep(h) {
			d.tableHead(t, widths)
		}
		y, x := d.GetY(), left
		for i, c := range r.Cells {
			for k := from; k < min(from+n, len(lines[i])); k++ {
				d.SetY(y + padY + float64(k-from)*lineH)
				if c.Kind == table.Status && c.Set && k == 0 && len(lines[i]) == 1 {
					d.status(x+padX, lineH, sizeTable, c.Text)
					continue
				}
				col := ink()
				if c.Kind == table.Status {
					col = ofShape(shapeOf(c.Text))
					if k == 0 {
						d.mark(x+padX, lineH, sizeTable*0.25, shapeOf(c.Text))
					}
				}
				d.set(faceOf(c), sizeTable, col)
				at := x + padX + shapeRoom(c)
				if t.Columns[i].Kind == table.Number || c.Kind == table.Number && c.Set {
					at = x + widths[i] - padX - d.w.width(faceOf(c), sizeTable, lines[i][k])
				}
				d.line(at, lineH, lines[i][k])
			}
			x += widths[i]
		}
		d.SetDrawColor(hair().r, hair().g, hair().b)
		d.SetLineWidth(0.15)
		d.Line(left, y+h, d.width-right, y+h)
		d.SetY(y + h)
	}
}

func shapeOf(word string) string {
	switch word {
	case table.CoverCollected, table.CoverNothing, table.CoverPartial:
		return table.Shape(table.CoverStatus(word))
	}
	return table.Shape(control.Status(word))
}
