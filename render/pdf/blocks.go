package pdf

import (
	"strconv"
	"strings"
	"time"

	"exhibit/render/table"
)

func (d *doc) blocks(bs []table.Block, markdown func([]byte) []table.Block) {
	for i, b := range bs {
		switch b := b.(type) {
		case table.Heading:
			d.heading(b, d.opening(bs[i+1:]))
		case table.Para:
			d.para(b.Spans, 0)
			d.gap(1.6)
		case table.List:
			for i, item := range b.Items {
				mark := "•"
				if b.Ordered {
					mark = strconv.Itoa(i+1) + "."
				}
				d.keep(5)
				y := d.GetY()
				d.set(regular, body, ink())
				d.line(left+1, body*leading*mm, mark)
				d.SetY(y)
				d.para(item, 6)
				d.gap(0.7)
			}
			d.gap(1.2)
		case table.Facts:
			d.facts(b.Items)
		case table.Notice:
			d.notice(b)
		case table.Tally:
			d.tally(b)
		case table.Grid:
			d.table(b.Table)
		case table.Strip:
			d.strip(b)
		case table.Life: // the table beside it says the same
		case table.Pre:
			if b.Title != "" {
				d.gap(0.8)
				d.keep(9)
				d.text(bold, 8, soft(), b.Title)
			}
			d.pre(b.Text)
		case table.Box:
			d.box(b)
		case table.Markdown:
			d.blocks(markdown(b.Body), markdown)
		case table.Diff:
			d.keep(10)
			d.text(bold, sizeH3, ink(), b.Title)
			for _, l := range b.Lines {
				c := ink()
				switch l.Kind {
				case '-':
					c = ofShape("exc")
				case '+':
					c = ofShape("met")
				case '@':
					c = soft()
				}
				d.indented(mono, 7.4, c, string(l.Kind)+" "+l.Text, 0, d.room())
			}
			d.gap(2)
		case table.Fold:
			d.keep(30) // a heading does not end a page
			d.text(bold, sizeH3, ink(), b.Summary)
			d.blocks(b.Blocks, markdown)
		case table.Files:
			for _, l := range b.Items {
				d.indented(mono, 7.6, ink(), l.Text, 0, d.room())
			}
			d.gap(2)
		}
	}
}

// opening is how much of the page the beginning of what comes next takes: a heading
// stands above it, not alone at the end of a page.
func (d *doc) opening(bs []table.Block) float64 {
	const least = 8.0
	if len(bs) == 0 {
		return least
	}
	switch b := bs[0].(type) {
	case table.Heading:
		return 12 + d.opening(bs[1:])
	case table.Grid:
		if len(b.Table.Rows) > 0 {
			return min(1.5+d.tableNeed(b.Table, d.columns(b.Table)), (d.height-top-bottom)/2)
		}
		return 16
	case table.Facts, table.Pre:
		return 14
	case table.Notice, table.Strip, table.Box:
		return 26
	case table.Tally:
		return 18
	case table.Fold:
		return 30
	}
	return least
}

func (d *doc) heading(h table.Heading, next float64) {
	size, above := sizeH2, 5.0
	if h.Level > 2 {
		size, above = sizeH3, 3.0
	}
	if h.Page && d.GetY() > top+1 {
		d.AddPage()
	}
	if d.GetY() > top+1 {
		d.gap(above)
	}
	d.keep(min(max(16, size*leading*mm+1+next), d.height-top-bottom-1))
	d.sections = append(d.sections, section{h.Text, max(h.Level, 2), d.PageNo()})
	d.Bookmark(d.w.show(h.Text), h.Level-2, -1)
	d.text(bold, size, ink(), h.Text)
	d.gap(1)
}

// para sets spans of different faces in one paragraph.
func (d *doc) para(spans []table.Span, indent float64) {
	type piece struct {
		s     string
		f     face
		w     float64
		space bool
	}
	h := body * leading * mm
	var line []piece
	used, room := 0.0, d.room()-indent
	if room > 172 { // a measure that reads well
		room = 172 + (room-172)/2
	}
	flush := func() {
		d.keep(h)
		x := left + indent
		for _, p := range line {
			size := body
			if p.f == mono {
				size = body - 1
			}
			d.set(p.f, size, ink())
			d.line(x, h, p.s)
			x += p.w
		}
		d.gap(h)
		line, used = nil, 0
	}
	any := false
	for _, sp := range spans {
		f, size := regular, body
		switch {
		case sp.Code:
			f, size = mono, body-1
		case sp.Strong:
			f = bold
		}
		text := sp.Text
		if !sp.At.IsZero() {
			text = sp.At.UTC().Format("2006-01-02T15:04:05Z")
		}
		for i, part := range strings.Split(d.w.show(text), "\n") {
			if i > 0 {
				flush()
			}
			for _, word := range strings.SplitAfter(part, " ") {
				for _, bit := range d.w.wrap(f, size, room, word) {
					if strings.HasSuffix(word, " ") && !strings.HasSuffix(bit, " ") && strings.HasSuffix(strings.TrimRight(word, " "), bit) {
						bit += " "
					}
					n := d.w.width(f, size, bit)
					if used > 0 && used+d.w.width(f, size, strings.TrimRight(bit, " ")) > room {
						flush()
					}
					if bit != "" {
						line = append(line, piece{s: bit, f: f, w: n})
						used += n
						any = true
					}
				}
			}
		}
	}
	if len(line) > 0 || !any {
		flush()
	}
}

// facts are set in two columns, or three across.
func (d *doc) facts(items []table.Fact) {
	cols := 2
	if d.p.Wide {
		cols = 3
	}
	gutter := 6.0
	w := (d.room() - gutter*float64(cols-1)) / float64(cols)
	nameH, valueH := 7.2*1.3*mm, 8.6*1.3*mm
	for i := 0; i < len(items); i += cols {
		row := items[i:min(i+cols, len(items))]
		lines := make([][]string, len(row))
		faces := make([][]face, len(row))
		most := 1
		for n, it := range row {
			for _, v := range it.Values {
				f := regular
				if v.Kind == table.Code {
					f = mono
				}
				for _, l := range d.w.wrap(f, sizeOf(f), w, d.w.show(v.String())) {
					lines[n] = append(lines[n], l)
					faces[n] = append(faces[n], f)
				}
			}
			if len(it.Values) == 0 {
				lines[n], faces[n] = []string{"not stated"}, []face{regular}
			}
			most = max(most, len(lines[n]))
		}
		need := nameH + float64(most)*valueH + 1.6
		if need < d.height-top-bottom {
			d.keep(need)
		}
		y := d.GetY()
		for n, it := range row {
			x := left + float64(n)*(w+gutter)
			d.SetY(y)
			d.set(regular, 7.2, soft())
			d.line(x, nameH, d.fit(regular, 7.2, d.w.show(it.Name), w))
			for k, l := range lines[n] {
				d.SetY(y + nameH + float64(k)*valueH)
				if d.GetY() > d.height-bottom {
					break // the HTML of the same paper has the rest
				}
				d.set(faces[n][k], sizeOf(faces[n][k]), ink())
				d.line(x, valueH, l)
			}
		}
		d.SetY(y + need)
	}
	d.gap(1.5)
}

func sizeOf(f face) float64 {
	if f == mono {
		return 7.6
	}
	return 8.6
}

func (d *doc) notice(n table.Notice) {
	text := table.Plain(n.Spans)
	h := body * leading * mm
	lines := d.w.wrap(regular, body, d.room()-8, d.w.show(text))
	need := float64(len(lines)+1)*h + 4
	if need < 200 {
		d.keep(need)
	}
	c := rule()
	switch n.Kind {
	case "alarm":
		c = ofShape("exc")
	case "gap":
		c = ofShape("gap")
	}
	y := d.GetY()
	d.SetFillColor(wash().r, wash().g, wash().b)
	d.Rect(left, y, d.room(), need, "F")
	d.SetFillColor(c.r, c.g, c.b)
	d.Rect(left, y, 1.2, need, "F")
	d.SetY(y + 1.8)
	if n.Title != "" {
		d.indented(bold, body, ink(), n.Title, 5, d.room())
	}
	d.indented(regular, body, ink(), text, 5, d.room()-3)
	d.SetY(max(d.GetY(), y+need))
	d.gap(2.5)
}

func (d *doc) tally(t table.Tally) {
	const h = 14.0
	d.keep(h + 3)
	w := d.room() / float64(max(len(t.Items), 1))
	y := d.GetY()
	for i, c := range t.Items {
		x := left + float64(i)*w
		d.SetDrawColor(hair().r, hair().g, hair().b) // the shapes below have their own
		d.SetLineWidth(0.2)
		d.Rect(x, y, w, h, "D")
		d.SetY(y + 1.2)
		colour := ink()
		if c.N == 0 {
			colour = soft()
		}
		d.set(bold, 14, colour)
		d.line(x+2.5, 7, strconv.Itoa(c.N))
		d.SetY(y + 7.8)
		if c.Status != "" {
			d.mark(x+2.5, 4, 1.8, table.Shape(c.Status))
			d.set(regular, 7, soft())
			d.line(x+5.4, 4, d.fit(regular, 7, d.w.show(c.Word), w-7))
		} else {
			d.set(regular, 7, soft())
			d.line(x+2.5, 4, d.fit(regular, 7, d.w.show(c.Word), w-4))
		}
	}
	d.SetY(y + h + 3)
}

// strip draws the period as a time axis, like the page does.
func (d *doc) strip(s table.Strip) {
	d.keep(24)
	y, w := d.GetY(), d.room()-5
	x := func(t time.Time) float64 { return left + 2.5 + w*s.X(t) }
	mid := y + 3.5
	d.SetLineWidth(0.15)
	d.SetDrawColor(soft().r, soft().g, soft().b)
	d.Line(left+2.5, mid, left+2.5+w, mid)
	d.Line(left+2.5, y+8, left+2.5+w, y+8)
	gap := ofShape("gap")
	for _, v := range s.Unseen {
		from, to := x(v.From), x(v.To)
		d.SetDrawColor(gap.r, gap.g, gap.b)
		d.Rect(from, mid-2, to-from, 4, "D")
		for h := from; h < to; h += 1.6 {
			d.Line(h, mid+2, min(h+2, to), mid+2-4*(min(h+2, to)-h)/2)
		}
	}
	d.SetDrawColor(soft().r, soft().g, soft().b)
	if s.Rest.To.After(s.Rest.From) {
		d.SetDashPattern([]float64{1, 0.8}, 0)
		d.Rect(x(s.Rest.From), mid-2, x(s.Rest.To)-x(s.Rest.From), 4, "D")
		d.SetDashPattern(nil, 0)
	}
	told := ofShape("stmt")
	d.SetFillColor(told.r, told.g, told.b)
	for _, v := range s.Bridged {
		for h := x(v.From); h < x(v.To); h += 1.5 {
			d.Circle(h, mid+1.4, 0.35, "F")
		}
	}
	for _, t := range s.Told {
		d.Circle(x(t), mid+1.4, 0.7, "F")
	}
	for _, m := range s.Shown() {
		d.SetY(y)
		d.SetFillColor(255, 255, 255)
		d.Circle(x(m.At), mid, 2.1, "F")
		d.mark(x(m.At)-1.7, 7, 3.4, table.Shape(m.Status))
	}
	d.SetLineWidth(0.3)
	d.SetDrawColor(ink().r, ink().g, ink().b)
	for _, t := range s.Runs {
		d.Line(x(t), y+6.6, x(t), y+8)
	}
	d.SetLineWidth(0.15)
	d.set(regular, 6, soft())
	for _, t := range s.Months() {
		name := t.Format("Jan")
		if t.Month() == time.January {
			name = t.Format("2006")
		}
		d.Line(x(t), y+8, x(t), y+9)
		if s.X(t) < 0.96 {
			d.SetY(y + 9)
			d.line(x(t), 3, name)
		}
	}
	d.SetY(y + 12.6)
	d.text(regular, 7.2, soft(), s.Says)
	d.gap(2)
}

func (d *doc) pre(text string) {
	h := 7.4 * 1.3 * mm
	for _, line := range d.w.wrap(mono, 7.4, d.room()-4, d.w.show(text)) {
		d.keep(h)
		y := d.GetY()
		d.SetFillColor(wash().r, wash().g, wash().b)
		d.Rect(left, y, d.room(), h+0.05, "F")
		d.set(mono, 7.4, ink())
		d.line(left+2, h, line)
		d.SetY(y + h)
	}
	d.gap(2.4)
}

// box is the IPE box: a rule above, the facts, what it shows.
func (d *doc) box(b table.Box) {
	d.gap(3)
	d.keep(24)
	d.SetDrawColor(rule().r, rule().g, rule().b)
	d.SetLineWidth(0.5)
	d.Line(left, d.GetY(), d.width-right, d.GetY())
	d.gap(1.5)
	d.Bookmark(d.w.show(b.Title), 0, -1)
	d.text(bold, 11, ink(), b.Title)
	d.gap(0.8)
	p := b.Provenance
	if p.Shows != "" {
		d.para(table.Line(table.B("What this shows. "), p.Shows), 0)
	}
	if p.ShowsNot != "" {
		d.para(table.Line(table.B("What this does not show. "), p.ShowsNot), 0)
	}
	d.gap(1.2)
	d.facts(p.Facts)
	if len(p.Commands) > 0 {
		d.text(bold, 8, soft(), "To count again, with read access to the source:")
		d.pre(strings.Join(p.Commands, "\n"))
	}
}
