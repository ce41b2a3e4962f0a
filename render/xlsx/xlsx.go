// Package xlsx writes workbooks: a read-me sheet with the stamp and the IPE box
// of each table, then a sheet for each table. It is the only importer of
// excelize.
//
// Text is text: it is written as strings and never as a formula, and it is not
// altered to keep a spreadsheet from running it, because evidence is not
// altered. Whoever types such a text anew into a cell makes a formula of it;
// the read-me says so. Dates and numbers are typed. The same tables give the
// same bytes: zip times, document properties and order are fixed (normalise).
package xlsx

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"exhibit/render/table"

	"github.com/xuri/excelize/v2"
)

// mostText is what Excel holds in one cell, in UTF-16 units.
const mostText = 32767

// Book writes a workbook of tables.
func Book(s table.Stamp, title string, tables ...*table.Table) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // only temporary files are behind it
	w := &writer{file: f, stamp: s, names: map[string]bool{}}
	if err := w.styles(); err != nil {
		return nil, fmt.Errorf("writing workbook %q: %w", title, err)
	}
	if err := w.readme(title, tables); err != nil {
		return nil, fmt.Errorf("writing workbook %q: %w", title, err)
	}
	for i, t := range tables {
		if err := w.sheet(i, t); err != nil {
			return nil, fmt.Errorf("writing workbook %q, table %s: %w", title, t.ID, err)
		}
	}
	stamp := s.AsOf.UTC().Format("2006-01-02T15:04:05Z")
	if err := f.SetDocProps(&excelize.DocProperties{Creator: s.Tool, LastModifiedBy: s.Tool, Created: stamp, Modified: stamp,
		Title: table.Visible(title), Subject: table.Visible(s.Line()), Language: "en"}); err != nil {
		return nil, fmt.Errorf("writing workbook %q: %w", title, err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("writing workbook %q: %w", title, err)
	}
	return normalise(out.Bytes())
}

type writer struct {
	file  *excelize.File
	stamp table.Stamp
	names map[string]bool // sheets, lower-cased

	title, sample, name, head, text, code, number, day, time int // styles
}

func (w *writer) styles() (err error) {
	add := func(s excelize.Style) int {
		if err != nil {
			return 0
		}
		if s.Font == nil {
			s.Font = &excelize.Font{}
		}
		if s.Font.Family == "" {
			s.Font.Family = "Calibri"
		}
		if s.Font.Size == 0 {
			s.Font.Size = 11
		}
		var id int
		id, err = w.file.NewStyle(&s)
		return id
	}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	day, clock := "yyyy-mm-dd", `yyyy-mm-dd"T"hh:mm:ss"Z"`
	rule := []excelize.Border{{Type: "bottom", Color: "1D4E5F", Style: 2}}
	hair := []excelize.Border{{Type: "bottom", Color: "DCD8CF", Style: 1}}
	w.title = add(excelize.Style{Font: &excelize.Font{Bold: true, Size: 14, Color: "1D4E5F"}, Alignment: &excelize.Alignment{Vertical: "top"}})
	w.sample = add(excelize.Style{Font: &excelize.Font{Bold: true, Color: "2B2100"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F6D36B"}}})
	w.name = add(excelize.Style{Font: &excelize.Font{Bold: true, Color: "515C68"}, Alignment: top})
	w.head = add(excelize.Style{Font: &excelize.Font{Bold: true, Color: "1B242E"}, Border: rule, Alignment: &excelize.Alignment{Vertical: "bottom", WrapText: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF3F5"}}})
	w.text = add(excelize.Style{Alignment: top, Border: hair, NumFmt: 49})
	w.code = add(excelize.Style{Font: &excelize.Font{Family: "Consolas", Size: 10}, Alignment: top, Border: hair, NumFmt: 49})
	w.number = add(excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right", Indent: 1}, Border: hair, NumFmt: 1}) // off the text in the next column
	w.day = add(excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}, Border: hair, CustomNumFmt: &day})
	w.time = add(excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}, Border: hair, CustomNumFmt: &clock})
	return err
}

// text is a string as Excel can hold it.
func text(s string) string {
	s = table.Visible(s)
	if len(s) <= mostText {
		return s
	}
	const note = " … (cut: a cell holds 32,767 characters; the JSON of the same table has all of it)"
	room, n := mostText-len(note), 0
	for i, r := range s {
		u := 1
		if r >= 1<<16 {
			u = 2
		}
		if n += u; n > room {
			return s[:i] + note
		}
	}
	return s
}

// mostName is how many characters the name of a column of a table object may have.
const mostName = 255

// columnName is a column's name as a table object can hold it; whoever names a tag of
// a resource names a column.
func columnName(s string) string {
	s = text(s)
	if r := []rune(s); len(r) > mostName/3 {
		s = string(r[:mostName/3]) + "…"
	}
	return s
}

// sheetName is a name Excel accepts, unique in the workbook.
func (w *writer) sheetName(title string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) || r > 0xffff {
			return '-'
		}
		return r
	}, table.Visible(title))
	name = strings.Trim(strings.ReplaceAll(name, "\n", " "), " ")
	if words := strings.Fields(name); utf8.RuneCountInString(name) > 28 { // at a word's end, where there is one
		name = ""
		for _, word := range words {
			if utf8.RuneCountInString(name+" "+word) > 29 {
				break
			}
			name = strings.TrimSpace(name + " " + word)
		}
		if name == "" {
			name = words[0]
		}
		name = strings.TrimRight(name, ",;:")
	}
	for utf8.RuneCountInString(name) > 28 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	if name = strings.TrimSpace(name); name == "" {
		name = "Table"
	}
	try := name
	for i := 2; w.names[strings.ToLower(try)]; i++ {
		try = fmt.Sprintf("%s %d", name, i)
	}
	w.names[strings.ToLower(try)] = true
	return try
}

// layout is how a sheet prints: across, fitted to the page's width, with the
// stamp below and the page's number.
func (w *writer) layout(sheet, landscape string) error {
	size, zero, one, yes := 9, 0, 1, true // 9 is A4
	if err := w.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &size, Orientation: &landscape, FitToWidth: &one, FitToHeight: &zero}); err != nil {
		return err
	}
	if err := w.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	// In a header & begins a code: && is the character itself.
	foot := strings.ReplaceAll(table.Visible(w.stamp.Organisation+" "+w.stamp.Period+" run "+w.stamp.Run), "&", "&&")
	if w.stamp.Sample {
		foot = "SAMPLE " + foot
	}
	for len(foot) > 200 { // Excel takes 255 in all
		_, n := utf8.DecodeLastRuneInString(foot)
		foot = foot[:len(foot)-n]
	}
	return w.file.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L&8" + foot + "&R&8Page &P of &N"})
}

func (w *writer) readme(title string, tables []*table.Table) error {
	name := w.sheetName("Read me")
	if err := w.file.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	if err := w.layout(name, "portrait"); err != nil {
		return err
	}
	sw, err := w.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := sw.SetColWidth(1, 1, 30); err != nil {
		return err
	}
	if err := sw.SetColWidth(2, 2, 100); err != nil {
		return err
	}
	row := 0
	put := func(cells ...any) {
		row++
		if err != nil || len(cells) == 0 {
			return
		}
		lines := 1
		for i, c := range cells {
			if c, ok := c.(excelize.Cell); ok && c.StyleID != w.title && c.StyleID != w.sample {
				lines = max(lines, linesOf(c.Value, []float64{30, 100}[i]))
			}
		}
		err = sw.SetRow(fmt.Sprintf("A%d", row), cells, height(lines))
	}
	line := func(name, value string) {
		put(excelize.Cell{StyleID: w.name, Value: text(name)}, excelize.Cell{StyleID: w.text, Value: text(value)})
	}
	if w.stamp.Sample {
		put(excelize.Cell{StyleID: w.sample, Value: table.SampleWords}, excelize.Cell{StyleID: w.sample, Value: ""})
	}
	put(excelize.Cell{StyleID: w.title, Value: text(title)})
	put()
	for _, kv := range [][2]string{{"Organisation", w.stamp.Organisation}, {"System", w.stamp.System}, {"Period", w.stamp.Period}, {"Run", w.stamp.Run},
		{"Evidence commit", w.stamp.Commit}, {"Counted to", w.stamp.AsOf.Format("2006-01-02T15:04:05Z")}, {"Made by", w.stamp.Tool}, {"Statuses", table.Opinion},
		{"Text that looks like a formula", "Cells hold text as it was given, as text: nothing here is a formula. Retyping such a text would make it one."},
		{"Times", "UTC throughout."}} {
		if kv[1] != "" {
			line(kv[0], kv[1])
		}
	}
	for _, t := range tables {
		put()
		put(excelize.Cell{StyleID: w.title, Value: text(t.Title)})
		line("Rows", fmt.Sprint(len(t.Rows)))
		if t.Note != "" {
			line("Note", t.Note)
		}
		p := t.Provenance
		if p.Shows != "" {
			line("What this shows", p.Shows)
		}
		if p.ShowsNot != "" {
			line("What this does not show", p.ShowsNot)
		}
		for _, f := range p.Facts {
			var values []string
			for _, v := range f.Values {
				values = append(values, v.String())
			}
			if len(values) == 0 {
				values = []string{"not stated"}
			}
			line(f.Name, strings.Join(values, "\n"))
		}
		if len(p.Commands) > 0 {
			line("To count again", strings.Join(p.Commands, "\n"))
		}
	}
	if err != nil {
		return err
	}
	return sw.Flush()
}

// headRow is the row of column names: the stamp stands above it.
const headRow = 2

func (w *writer) sheet(i int, t *table.Table) error {
	name := w.sheetName(t.Title)
	if _, err := w.file.NewSheet(name); err != nil {
		return err
	}
	if err := w.layout(name, "landscape"); err != nil {
		return err
	}
	sw, err := w.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for c, col := range t.Columns {
		if err := sw.SetColWidth(c+1, c+1, columnWidth(col)); err != nil {
			return err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: headRow, TopLeftCell: fmt.Sprintf("B%d", headRow+1), ActivePane: "bottomRight"}); err != nil {
		return err
	}
	style := 0
	if w.stamp.Sample {
		style = w.sample
	}
	line := []any{excelize.Cell{StyleID: style, Value: text(w.stamp.Line() + " · " + t.Title)}}
	for range t.Columns[1:] { // without a value, so that the line runs on over them
		line = append(line, excelize.Cell{StyleID: style})
	}
	if err := sw.SetRow("A1", line); err != nil {
		return err
	}
	head := make([]any, len(t.Columns))
	seen := map[string]bool{}
	for c, col := range t.Columns {
		h := columnName(col.Name)
		for seen[strings.ToLower(h)] { // a table object wants its names unique
			h += " "
			h = strings.TrimSpace(h) + "′"
		}
		seen[strings.ToLower(h)] = true
		head[c] = excelize.Cell{StyleID: w.head, Value: h}
	}
	lines := 1
	for c, col := range t.Columns {
		lines = max(lines, linesOf(head[c].(excelize.Cell).Value, columnWidth(col)-4)) // room for the filter's button
	}
	if err := sw.SetRow(fmt.Sprintf("A%d", headRow), head, height(lines)); err != nil {
		return err
	}
	if len(t.Rows) == 0 {
		empty := t.Empty
		if empty == "" {
			empty = "None."
		}
		if err := sw.SetRow(fmt.Sprintf("A%d", headRow+1), []any{excelize.Cell{StyleID: w.text, Value: text(empty)}}); err != nil {
			return err
		}
		return sw.Flush()
	}
	cells := make([]any, len(t.Columns))
	for n, r := range t.Rows {
		lines := 1
		for c, v := range r.Cells {
			cell := w.cell(v)
			cells[c] = cell
			lines = max(lines, linesOf(cell.Value, columnWidth(t.Columns[c])))
		}
		if err := sw.SetRow(fmt.Sprintf("A%d", headRow+1+n), cells, height(lines)); err != nil {
			return err
		}
	}
	last, err := excelize.CoordinatesToCellName(len(t.Columns), headRow+len(t.Rows))
	if err != nil {
		return err
	}
	no := false
	if err := sw.AddTable(&excelize.Table{Range: fmt.Sprintf("A%d:%s", headRow, last), Name: fmt.Sprintf("exhibit_%d", i+1), StyleName: "TableStyleLight1", ShowRowStripes: &no}); err != nil {
		return err
	}
	if err := sw.Flush(); err != nil {
		return err
	}
	return w.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$%d", name, headRow), Scope: name})
}

// linesOf is about how many lines a wrapped text takes in a column. Not every
// program fits the height of rows by itself, so each row says its own.
func linesOf(v any, width float64) int {
	s, ok := v.(string)
	if !ok {
		return 1
	}
	n, room := 0, max(width, 4)/1.12
	for para := range strings.SplitSeq(s, "\n") {
		n++
		used := 0.0
		for word := range strings.SplitSeq(para, " ") {
			w := float64(utf8.RuneCountInString(word)) + 1
			if used > 0 && used+w > room+1 {
				n, used = n+1, 0
			}
			for used += w; used > room+1; used -= room {
				n++
			}
		}
	}
	return n
}

// height is that many lines, in points; 409 is the most a row may have.
func height(lines int) excelize.RowOpts {
	return excelize.RowOpts{Height: min(15*float64(lines), 409)}
}

func columnWidth(c table.Column) float64 {
	switch c.Kind {
	case table.Number:
		return max(10, float64(min(c.Width, 16)))
	case table.Date:
		return 12
	case table.Time:
		return 22
	case table.Status:
		return 24
	}
	if c.Width == 0 {
		return 18
	}
	return float64(min(max(c.Width, 10), 60))
}

// cell types a value. An empty cell has the style of text alone.
func (w *writer) cell(c table.Cell) excelize.Cell {
	if !c.Set {
		return excelize.Cell{StyleID: w.text}
	}
	switch c.Kind {
	case table.Number:
		return excelize.Cell{StyleID: w.number, Value: c.Int}
	case table.Date:
		if c.At.Year() >= 1901 && c.At.Year() <= 9999 { // what a spreadsheet's calendar knows
			y, m, d := c.At.UTC().Date() // the day alone, with no hour behind what is shown
			return excelize.Cell{StyleID: w.day, Value: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
		}
	case table.Time:
		if c.At.Year() >= 1901 && c.At.Year() <= 9999 {
			return excelize.Cell{StyleID: w.time, Value: c.At}
		}
	case table.Code:
		return excelize.Cell{StyleID: w.code, Value: text(c.Text)}
	}
	return excelize.Cell{StyleID: w.text, Value: text(c.String())}
}
