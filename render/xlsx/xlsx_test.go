package xlsx

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"exhibit/render/table"

	"github.com/xuri/excelize/v2"
)

func stamp() table.Stamp {
	return table.Stamp{Organisation: "R&D <Ltd>", Period: "2026-01-01..2026-12-31", Run: "r", Commit: "c", Tool: "exhibit", AsOf: time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)}
}

func example() *table.Table {
	t := &table.Table{ID: "t", Title: "A title: with [signs] / that sheets refuse?", Columns: []table.Column{
		{Key: "a", Name: "Same", Kind: table.Text}, {Key: "b", Name: "same", Kind: table.Number}, {Key: "c", Name: "Day", Kind: table.Date}, {Key: "d", Name: "Time", Kind: table.Time}, {Key: "e", Name: "Code", Kind: table.Code}}}
	for _, s := range []string{"=HYPERLINK(\"x\")", "+1", "-2+3", "@SUM(1)", "\t=1", "nul\x00", "_x000D_", " spaces ", "two\nlines", strings.Repeat("long ", 8000)} {
		t.Add("", table.Str(s), table.Int(-7), table.Day(time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)), table.At(time.Date(2026, 2, 28, 23, 59, 58, 0, time.UTC)), table.Mono("00012"))
	}
	t.Add("", table.Cell{}, table.Cell{}, table.Cell{}, table.At(time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)), table.Cell{})
	return t
}

func TestBook(t *testing.T) {
	b, err := Book(stamp(), "Title", example(), &table.Table{ID: "e", Title: "Empty", Columns: []table.Column{{Key: "a", Name: "A"}}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names := f.GetSheetList()
	if len(names) != 3 || names[0] != "Read me" || names[2] != "Empty" {
		t.Fatalf("sheets %q", names)
	}
	rows, err := f.GetRows(names[1])
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[2], "|"); got != `=HYPERLINK("x")|-7|2026-02-28|2026-02-28T23:59:58Z|00012` {
		t.Errorf("the first row is %s", got)
	}
	for i, want := range []string{"+1", "-2+3", "@SUM(1)", " =1", "nul<U+0000>", "_x000D_", " spaces ", "two\nlines"} {
		if got := rows[3+i][0]; got != want {
			t.Errorf("row %d is %q, want %q", i, got, want)
		}
	}
	if got := rows[11][0]; len([]rune(got)) > mostText || !strings.Contains(got, "(cut:") {
		t.Errorf("a long text has %d characters", len(got))
	}
	if got := rows[12][3]; got != "1800-01-01T00:00:00Z" {
		t.Errorf("a time before the spreadsheet's calendar is %q", got)
	}
	kind, err := f.GetCellType(names[1], "B3")
	if err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a number is kept as %v (%v)", kind, err)
	}
	for r := 3; r <= 12; r++ {
		cell, _ := excelize.CoordinatesToCellName(1, r)
		if formula, err := f.GetCellFormula(names[1], cell); err != nil || formula != "" {
			t.Errorf("%s: formula %q", cell, formula)
		}
	}
	tables, err := f.GetTables(names[1])
	if err != nil || len(tables) != 1 || tables[0].Range != "A2:E13" {
		t.Errorf("tables %+v, %v", tables, err)
	}
	titles := ""
	for _, d := range f.GetDefinedName() {
		titles += d.Name + " " + d.RefersTo
	}
	if !strings.Contains(titles, "Print_Titles") || !strings.Contains(titles, "$1:$2") {
		t.Errorf("printed heads: %q", titles)
	}
}

func TestSameBytes(t *testing.T) {
	a, err := Book(stamp(), "T", example())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Book(stamp(), "T", example())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("the same tables give other bytes")
	}
	z, err := zip.NewReader(bytes.NewReader(a), int64(len(a)))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != "[Content_Types].xml" {
		t.Errorf("the first entry is %s", z.File[0].Name)
	}
	for _, f := range z.File {
		if !f.Modified.Equal(zipTime()) {
			t.Errorf("%s has the time %v", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "docProps/core.xml" && !bytes.Contains(data, []byte("<cp:coreProperties")) {
			t.Errorf("core properties without a prefix: %s", data)
		}
		if bytes.Contains(data, []byte("<f>")) {
			t.Errorf("%s holds a formula", f.Name)
		}
	}
}

func TestOrderFonts(t *testing.T) {
	in := `<styleSheet><fonts count="2"><font><name val="a"/><sz val="11"/><b/></font><font/></fonts><x>é</x></styleSheet>`
	want := `<styleSheet><fonts count="2"><font><b/><sz val="11"/><name val="a"/></font><font/></fonts><x>é</x></styleSheet>`
	got, err := orderFonts([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := orderFonts([]byte("<font><b></font>")); err == nil {
		t.Error("broken XML passed")
	}
}
