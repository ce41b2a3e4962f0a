package pdf

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"exhibit/render/table"

	"github.com/jung-kurt/gofpdf"
)

// The page: A4, in millimetres.
const (
	left, right  = 16.0, 16.0
	top, bottom  = 21.0, 18.0
	body         = 9.2 // size of text in points
	leading      = 1.36
	sizeH1       = 19.0
	sizeH2       = 12.5
	sizeH3       = 10.0
	sizeTable    = 7.4
	sizeMarginal = 7.0
)

// The colours of the site on paper.
type colour struct{ r, g, b int }

func ink() colour  { return colour{27, 36, 46} }
func soft() colour { return colour{81, 92, 104} }
func rule() colour { return colour{29, 78, 95} }
func hair() colour { return colour{205, 200, 190} }
func wash() colour { return colour{243, 245, 246} }
func ofShape(shape string) colour {
	switch shape {
	case "met":
		return colour{29, 98, 56}
	case "exc":
		return colour{156, 29, 29}
	case "comp":
		return colour{119, 57, 122}
	case "na", "none":
		return colour{86, 97, 108}
	case "has", "stmt":
		return colour{59, 79, 134}
	}
	return colour{124, 74, 0}
}

// doc is one document being printed.
type doc struct {
	*gofpdf.Fpdf
	w             *Writer
	p             *table.Paper
	width, height float64 // of the page

	sections []section // found so far, in order
	entries  []entry   // of the table of contents

	sized *table.Table // whose columns' widths were found last
	sizes []float64
}

// shortPaper is how many pages need no table of contents; mostContents how many
// entries one has, so that it stays on the first pages.
const (
	shortPaper   = 3
	mostContents = 60
)

// A section is a heading and the page it stands on.
type section struct {
	text  string
	level int
	page  int
}

// An entry is where the number of a section's page is to stand.
type entry struct {
	page int
	y    float64
	link int
}

// contents sets the table of contents. Page numbers are put in by marginals, as
// the contents themselves move what follows.
func (d *doc) contents(of []section) {
	if len(of) == 0 {
		return
	}
	d.text(bold, sizeH2, ink(), "Contents")
	d.gap(1)
	h := body * 1.5 * mm
	for _, s := range of[:min(len(of), mostContents)] {
		d.keep(h)
		indent := 5 * float64(s.level-2)
		link := d.AddLink()
		d.set(regular, body, ink())
		d.line(left+indent, h, d.fit(regular, body, d.w.show(s.text), d.room()-20-indent))
		d.Link(left, d.GetY(), d.room(), h, link)
		d.entries = append(d.entries, entry{d.PageNo(), d.GetY() + h*0.76, link})
		d.gap(h)
	}
	if n := len(of) - mostContents; n > 0 {
		d.text(regular, body, soft(), fmt.Sprintf("and %d more, in the document's bookmarks", n))
	}
	d.gap(4)
}

// Paper prints a paper. blocks turns a policy's Markdown into blocks. A paper of
// more than three pages is set a second time, with a table of contents, since
// only then its length and sections are known.
func (w *Writer) Paper(p *table.Paper, blocks func([]byte) []table.Block) ([]byte, error) {
	d := w.lay(p, blocks, nil)
	if d.PageCount() > shortPaper && len(d.sections) > 1 {
		d = w.lay(p, blocks, d.sections)
	}
	d.marginals()
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, fmt.Errorf("printing %q: %w", p.Title, err)
	}
	strict, err := normalise(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("printing %q: %w", p.Title, err)
	}
	return strict, nil
}

// lay lays a paper out, with a table of contents of the sections given.
func (w *Writer) lay(p *table.Paper, blocks func([]byte) []table.Block, contents []section) *doc {
	orientation, width, height := "P", 210.0, 297.0
	if p.Wide {
		orientation, width, height = "L", 297.0, 210.0
	}
	d := &doc{Fpdf: gofpdf.New(orientation, "mm", "A4", ""), w: w, p: p, width: width, height: height}
	d.SetCatalogSort(true)
	d.SetCreationDate(w.stamp.AsOf)
	d.SetModificationDate(w.stamp.AsOf)
	d.SetProducer("exhibit", true)
	d.SetCreator(w.stamp.Tool, true)
	line := func(s string) string { return strings.ReplaceAll(w.show(s), "\n", " ") } // a property is one line
	d.SetAuthor(line(w.stamp.Organisation), true)
	title := w.show(p.Title)
	if p.ID != "" {
		title = p.ID + " " + title
	}
	subject := w.stamp.Line()
	d.SetTitle(line(title), true)
	d.SetSubject(line(subject), true)
	d.SetMargins(left, top, right)
	d.SetAutoPageBreak(false, bottom)
	for _, f := range []face{regular, bold, mono} {
		family, style := f.family()
		// A copy for each document: cutting a font down to the letters used, gofpdf
		// appends into the bytes it was given, and would change the next document's font.
		d.AddUTF8FontFromBytes(family, style, bytes.Clone(f.ttf()))
	}
	d.AddPage()
	d.head()
	d.contents(contents)
	d.blocks(p.Blocks, blocks)
	if p.Cite != "" {
		d.keep(14)
		d.gap(4)
		d.text(bold, sizeH3, soft(), "Cite as")
		d.text(mono, 7.6, ink(), p.Cite)
	}
	return d
}

func (d *doc) set(f face, size float64, c colour) {
	family, style := f.family()
	d.SetFont(family, style, size)
	d.SetTextColor(c.r, c.g, c.b)
}

func (d *doc) room() float64 { return d.width - left - right }

// keep opens a new page unless h millimetres are left on this one.
func (d *doc) keep(h float64) bool {
	if d.GetY()+h <= d.height-bottom {
		return false
	}
	d.AddPage()
	d.SetY(top)
	return true
}

func (d *doc) gap(h float64) { d.SetY(d.GetY() + h) }

// text sets a paragraph in one face.
func (d *doc) text(f face, size float64, c colour, s string) {
	d.indented(f, size, c, s, 0, d.room())
}

func (d *doc) indented(f face, size float64, c colour, s string, indent, width float64) {
	h := size * leading * mm
	for _, line := range d.w.wrap(f, size, width-indent, d.w.show(s)) {
		d.keep(h)
		d.set(f, size, c)
		d.line(left+indent, h, line)
		d.gap(h)
	}
}

// line sets one line at the current height.
func (d *doc) line(x, h float64, s string) {
	if s == "" {
		return
	}
	d.SetX(x)
	y := d.GetY()
	d.Text(x, y+h*0.76, s)
	d.SetY(y)
}

// head is the cover line: what it is, of whom, for which period and scope.
func (d *doc) head() {
	d.SetY(top)
	if d.w.stamp.Sample {
		d.SetFillColor(246, 211, 107)
		d.Rect(left, d.GetY(), d.room(), 7, "F")
		d.set(bold, 8.4, ink())
		d.line(left+3, 7, table.SampleWords)
		d.gap(10)
	}
	if d.p.Kicker != "" {
		d.text(regular, 9.4, soft(), d.p.Kicker)
		d.gap(0.6)
	}
	h := sizeH1 * 1.18 * mm
	for _, line := range d.w.wrap(bold, sizeH1, d.room(), d.w.show(d.p.Title)) {
		d.set(bold, sizeH1, ink())
		d.line(left, h, line)
		d.gap(h)
	}
	d.gap(1.5)
	if d.p.Status != "" {
		d.status(left, 6, 11, string(d.p.Status))
		d.gap(7.5)
	}
	if len(d.p.Lead) > 0 {
		d.text(regular, 10, soft(), table.Plain(d.p.Lead))
		d.gap(1)
	}
	s := d.w.stamp
	cover := s.Organisation
	if s.System != "" {
		cover += " · " + s.System
	}
	cover += " · period " + s.Period
	d.gap(1)
	d.SetDrawColor(rule().r, rule().g, rule().b)
	d.SetLineWidth(0.6)
	d.Line(left, d.GetY(), d.width-right, d.GetY())
	d.gap(1.6)
	d.text(bold, 8.6, rule(), cover)
	d.text(regular, 8, soft(), "Counted to "+s.AsOf.Format("2006-01-02T15:04:05Z")+" · run "+s.Run+" · evidence commit "+s.Commit+" · "+s.Tool)
	d.gap(4)
}

// marginals are the head and foot of every page, set last because only then
// the number of pages is known.
func (d *doc) marginals() {
	n := d.PageCount()
	s := d.w.stamp
	for i, e := range d.entries {
		at := d.sections[i]
		d.SetLink(e.link, 0, at.page)
		d.SetPage(e.page)
		d.set(regular, body, ink())
		number := strconv.Itoa(at.page)
		d.Text(d.width-right-d.w.width(regular, body, number), e.y, number)
	}
	for i := 1; i <= n; i++ {
		d.SetPage(i)
		d.SetDrawColor(hair().r, hair().g, hair().b)
		d.SetLineWidth(0.2)
		d.Line(left, 15, d.width-right, 15)
		d.Line(left, d.height-13, d.width-right, d.height-13)
		d.set(regular, sizeMarginal, soft())
		name := d.fit(regular, sizeMarginal, d.w.show(s.Organisation), 70)
		d.Text(left, 12.6, name)
		what := d.p.Title
		if d.p.ID != "" && !alike(d.p.ID, what) {
			what = d.p.ID + "  " + what
		}
		what = d.fit(regular, sizeMarginal, d.w.show(what), d.room()-110)
		d.Text(d.width-right-d.w.width(regular, sizeMarginal, what), 12.6, what)
		if s.Sample {
			d.set(bold, sizeMarginal+1, colour{124, 74, 0})
			d.Text(left+78, 12.6, "SAMPLE")
			d.set(regular, sizeMarginal, soft())
		}
		foot, room := "Period "+s.Period+" · run "+s.Run+" · commit "+table.Short(s.Commit), d.room()-30
		if one := d.w.show(foot + " · " + table.Opinion); d.w.width(regular, sizeMarginal, one) <= room {
			d.Text(left, d.height-9.4, one)
		} else { // an upright page has two lines
			d.Text(left, d.height-9.4, d.fit(regular, sizeMarginal, d.w.show(foot), room))
			d.Text(left, d.height-6.2, d.fit(regular, sizeMarginal, table.Opinion, d.room()))
		}
		page := fmt.Sprintf("page %d of %d", i, n)
		d.Text(d.width-right-d.w.width(regular, sizeMarginal, page), d.height-9.4, page)
	}
}

// alike says that a title says an id already: access-review-2026-Q3 is the Access review 2026-Q3.
func alike(id, title string) bool {
	plain := strings.NewReplacer("-", " ", "_", " ")
	return strings.HasPrefix(strings.ToLower(plain.Replace(id)), strings.ToLower(plain.Replace(title)))
}

// fit cuts a text that would run into its neighbour; what is cut stands in full elsewhere.
func (d *doc) fit(f face, size float64, s string, max float64) string {
	if d.w.width(f, size, s) <= max {
		return s
	}
	for rs := []rune(s); len(rs) > 0; rs = rs[:len(rs)-1] {
		if t := string(rs) + "…"; d.w.width(f, size, t) <= max {
			return t
		}
	}
	return ""
}

// status draws the shape and the word of a status, as the site does.
func (d *doc) status(x, h, size float64, word string) {
	shape := shapeOf(word)
	k := size * 0.25
	d.mark(x, h, k, shape)
	d.set(bold, size, ofShape(shape))
	d.line(x+k*1.45, h, d.w.show(word))
}

// mark draws a shape of size k in the middle of a line of height h.
func (d *doc) mark(x, h, k float64, shape string) {
	c := ofShape(shape)
	cy := d.GetY() + h/2
	d.SetFillColor(c.r, c.g, c.b)
	d.SetDrawColor(c.r, c.g, c.b)
	d.SetLineWidth(k * 0.18)
	switch shape {
	case "met":
		d.Circle(x+k/2, cy, k/2, "F")
	case "exc":
		d.Polygon([]gofpdf.PointType{{X: x + k/2, Y: cy - k/2}, {X: x + k, Y: cy + k/2}, {X: x, Y: cy + k/2}}, "F")
	case "comp":
		d.Polygon([]gofpdf.PointType{{X: x + k/2, Y: cy - k/2}, {X: x + k, Y: cy}, {X: x + k/2, Y: cy + k/2}, {X: x, Y: cy}}, "F")
	case "na":
		d.Rect(x, cy-k*0.1, k, k*0.2, "F")
	case "none":
		d.Circle(x+k/2, cy, k/2-k*0.09, "D")
	case "has":
		d.Rect(x, cy-k/2, k, k, "F")
	case "stmt":
		d.Rect(x+k*0.4, cy-k/2, k*0.25, k, "F")
	default:
		d.Rect(x+k*0.09, cy-k*0.41, k*0.82, k*0.82, "D")
	}
}
