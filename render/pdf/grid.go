package pdf

import (
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
	d.keep(22)
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
	widths := d.columns(t)
	d.tableHead(t, widths)
	for _, r := range t.Rows {
		d.row(t, r, widths)
	}
	d.gap(4)
}

// columns shares the page's width: each column gets what its widest word and
// its hint ask for, then the rest by hint.
func (d *doc) columns(t *table.Table) []float64 {
	n := len(t.Columns)
	want := make([]float64, n)
	total := 0.0
	for i, c := range t.Columns {
		hint := float64(c.Width)
		if hint == 0 {
			hint = 14
		}
		widest := d.w.width(bold, sizeTable, longestWord(d.w.show(c.Name))) + 2*padX
		seen := 0.0
		for k, r := range t.Rows {
			if k == 200 { // enough to know
				break
			}
			s := d.w.show(r.Cells[i].String())
			if f := faceOf(r.Cells[i]); len(s) < 60 {
				seen = max(seen, d.w.width(f, sizeTable, s)+2*padX+shapeRoom(r.Cells[i]))
			} else {
				seen = 60
			}
		}
		w := min(hint*1.5, max(seen, widest))
		switch c.Kind {
		case table.Number, table.Date, table.Time, table.Status:
			w = max(seen, widest) // these are not broken
		}
		want[i] = max(w, min(widest, 26))
		total += want[i]
	}
	room := d.room()
	if total <= room {
		// Spread over text columns alone, so that numbers stay beside their words.
		texts := 0.0
		for i, c := range t.Columns {
			if c.Kind == table.Text || c.Kind == table.Code {
				texts += want[i]
			}
		}
		for i, c := range t.Columns {
			if texts > 0 && (c.Kind == table.Text || c.Kind == table.Code) {
				want[i] += (room - total) * want[i] / texts
			} else if texts == 0 {
				want[i] *= room / total
			}
		}
		return want
	}
	// Too wide: what may be broken gives way first.
	fixed, loose := 0.0, 0.0
	for i, c := range t.Columns {
		if c.Kind == table.Text || c.Kind == table.Code {
			loose += want[i]
		} else {
			fixed += want[i]
		}
	}
	if loose > 0 && fixed < room*0.7 {
		k := (room - fixed) / loose
		for i, c := range t.Columns {
			if c.Kind == table.Text || c.Kind == table.Code {
				want[i] *= k
			}
		}
		return want
	}
	for i := range want {
		want[i] *= room / total
	}
	return want
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
