package xlsx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"exhibit/evidence/review"

	"github.com/xuri/excelize/v2"
)

// mostBytes is what a workbook may hold once unpacked.
const mostBytes = 256 << 20

// ReadReview reads a workbook that came back. It is strict about what it means, not
// about its bytes: another program writes styles, texts and drop-downs anew, and
// may. A workbook with macros, with links to other files, with objects in it, or
// that is no workbook at all, is not read further (Unread).
func ReadReview(book []byte) review.Received {
	rec := review.Received{Sheet: review.DecisionSheet}
	refuse := func(mend, format string, args ...any) review.Received {
		rec.Unread = true
		rec.Problems = append(rec.Problems, review.Problem{Says: fmt.Sprintf(format, args...), Mend: mend})
		return rec
	}
	const again = "take the workbook that was handed out, fill that in, and save it as Excel workbook (.xlsx)"
	parts, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return refuse(again, "it is not an .xlsx workbook: %v", err)
	}
	var total uint64
	formulas := map[string]bool{}
	for _, p := range parts.File {
		if total += p.UncompressedSize64; total > mostBytes || total < p.UncompressedSize64 {
			return refuse(again, "unpacked it would take more than %d MB", mostBytes>>20)
		}
		name := strings.ToLower(p.Name)
		switch {
		case strings.Contains(name, "vbaproject"), strings.Contains(name, "macrosheets"), strings.Contains(name, "dialogsheets"):
			return refuse("save it without macros, as Excel workbook (.xlsx)", "it has macros (%s)", p.Name)
		case strings.Contains(name, "externallinks"), strings.Contains(name, "connections.xml"), strings.Contains(name, "querytables"):
			return refuse("take out what refers to other files", "it has links to other files (%s)", p.Name)
		case strings.Contains(name, "embeddings"), strings.Contains(name, "activex"), strings.Contains(name, "ctrlprops"):
			return refuse("take out what was put into it", "it has objects in it (%s)", p.Name)
		}
		isSheet := strings.HasPrefix(name, "xl/worksheets/") && path.Ext(name) == ".xml"
		if !isSheet && name != "[content_types].xml" {
			continue
		}
		b, err := readPart(p)
		if err != nil {
			return refuse(again, "it cannot be read: %v", err)
		}
		if name == "[content_types].xml" && bytes.Contains(b, []byte("macroEnabled")) {
			return refuse("save it as Excel workbook (.xlsx)", "it is a workbook made for macros")
		}
		formulas[p.Name] = isSheet && formulaTag.Match(b)
	}
	f, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostBytes, UnzipXMLSizeLimit: mostBytes})
	if err != nil {
		return refuse(again, "it cannot be read: %v", err)
	}
	defer func() { _ = f.Close() }()
	r := reading{f: f, rec: &rec, formulas: slices.Contains(mapValues(formulas), true)}
	if !r.sheets() {
		return rec
	}
	r.facts()
	r.table()
	return rec
}

var formulaTag = regexp.MustCompile(`<([A-Za-z0-9]+:)?f[ />]`)

func mapValues(m map[string]bool) (out []bool) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func readPart(p *zip.File) ([]byte, error) {
	r, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err == nil && len(b) > mostBytes {
		err = fmt.Errorf("%s is larger than it says", p.Name)
	}
	return b, err
}

type reading struct {
	f        *excelize.File
	rec      *review.Received
	formulas bool
}

func (r *reading) problem(sheet, cell, mend, format string, args ...any) {
	r.rec.Problems = append(r.rec.Problems, review.Problem{Sheet: sheet, Cell: cell, Says: fmt.Sprintf(format, args...), Mend: mend})
}

// sheets are the two that went out, in sight, and no other.
func (r *reading) sheets() bool {
	ok := true
	for _, name := range r.f.GetSheetList() {
		if name != review.ReadMeSheet && name != review.DecisionSheet {
			r.problem(name, "", "take the sheet out; also one that is hidden", "the sheet %q did not go out with the workbook", name)
			continue
		}
		if visible, err := r.f.GetSheetVisible(name); err != nil || !visible {
			r.problem(name, "", "show the sheet again", "the sheet %q is hidden", name)
		}
		if merged, err := r.f.GetMergeCells(name); err != nil || len(merged) > 0 {
			at := ""
			if len(merged) > 0 {
				at = merged[0].GetStartAxis()
			}
			r.problem(name, at, "split the cells again", "cells were merged")
		}
	}
	for _, want := range []string{review.ReadMeSheet, review.DecisionSheet} {
		if !slices.Contains(r.f.GetSheetList(), want) {
			r.problem("", "", "take the workbook that was handed out", "there is no sheet %q", want)
			ok = false
		}
	}
	r.rec.Unread = !ok
	return ok
}

func (r *reading) facts() {
	r.rec.Facts = map[string]review.Cell{}
	rows, err := r.f.GetRows(review.ReadMeSheet)
	if err != nil {
		r.problem(review.ReadMeSheet, "", "take the workbook that was handed out", "the sheet cannot be read: %v", err)
		return
	}
	for i, row := range rows {
		if len(row) == 0 {
			continue
		}
		name, c := strings.TrimSpace(row[0]), review.Cell{At: fmt.Sprintf("B%d", i+1)}
		if len(row) > 1 {
			c.Text = oneLine(row[1])
		}
		for col := range row {
			r.formula(review.ReadMeSheet, col, i+1)
		}
		switch name {
		case review.FactReview, review.FactReviewer, review.FactPopulation, review.FactDecidedBy:
			if twin, there := r.rec.Facts[name]; there {
				r.problem(review.ReadMeSheet, c.At, "take one of the two away", "the line %q stands there twice, here and in %s", name, twin.At)
			}
			r.rec.Facts[name] = c
		}
	}
}

// oneLine takes out the line ends programs put into a cell, and the blanks around it.
func oneLine(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(s))
}

func (r *reading) table() {
	rows, err := r.f.GetRows(review.DecisionSheet)
	if err != nil {
		r.problem(review.DecisionSheet, "", "take the workbook that was handed out", "the sheet cannot be read: %v", err)
		return
	}
	n := len(review.Columns())
	for i, row := range rows {
		line := i + 1
		for c := n; c < len(row); c++ {
			if strings.TrimSpace(row[c]) != "" {
				at, _ := excelize.CoordinatesToCellName(c+1, line)
				r.problem(review.DecisionSheet, at, "empty the cell; what is to be said belongs into Justification", "something was written beside the table")
			}
		}
		cells := make([]string, n)
		blank := true
		for c := range cells {
			if c < len(row) {
				if cells[c] = row[c]; review.Columns()[c].Fill {
					cells[c] = oneLine(row[c])
				}
				blank = blank && strings.TrimSpace(row[c]) == ""
				r.formula(review.DecisionSheet, c, line)
			}
		}
		switch {
		case line == review.HeadLine:
			r.rec.Head = cells
		case line >= review.FirstLine && !blank:
			r.rec.Rows = append(r.rec.Rows, review.ReceivedRow{Line: line, Cells: cells})
		}
	}
}

// formula refuses a cell that is worked out: what it says may be something else tomorrow.
func (r *reading) formula(sheet string, col, line int) {
	if !r.formulas {
		return
	}
	at, _ := excelize.CoordinatesToCellName(col+1, line)
	if s, err := r.f.GetCellFormula(sheet, at); err != nil || s != "" {
		r.problem(sheet, at, "write the text itself", "the cell holds a formula: =%s", s)
	}
}

// AnnotateReview returns a copy of a workbook with its problems: each cell coloured
// and commented, and all of them listed on a sheet of their own. The decisions in
// it stay as they are, so that they need not be made again.
func AnnotateReview(book []byte, problems []review.Problem) ([]byte, error) {
	f, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{UnzipSizeLimit: mostBytes, UnzipXMLSizeLimit: mostBytes})
	if err != nil {
		return nil, fmt.Errorf("annotating the workbook: %w", err)
	}
	defer func() { _ = f.Close() }()
	red, err := f.NewStyle(&excelize.Style{
		Font: &excelize.Font{Family: "Calibri", Size: 10, Bold: true, Color: "8A1C1C"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F9D6D5"}},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, Protection: &excelize.Protection{Locked: false}, NumFmt: 49,
	})
	if err != nil {
		return nil, fmt.Errorf("annotating the workbook: %w", err)
	}
	byCell := map[[2]string][]review.Problem{}
	var order [][2]string
	for _, p := range problems {
		if _, err := f.GetSheetIndex(p.Sheet); err != nil || p.Cell == "" || p.Sheet == "" {
			continue
		}
		k := [2]string{p.Sheet, p.Cell}
		if byCell[k] == nil {
			order = append(order, k)
		}
		byCell[k] = append(byCell[k], p)
	}
	for _, k := range order {
		var say []string
		for _, p := range byCell[k] {
			say = append(say, p.Says+"; "+p.Mend+".")
		}
		_ = f.DeleteComment(k[0], k[1]) // one of an earlier round
		if err := firstError(f.SetCellStyle(k[0], k[1], k[1], red), f.AddComment(k[0], excelize.Comment{Cell: k[1], Author: "exhibit", Text: "exhibit: " + text(strings.Join(say, "\n")), Width: 320, Height: 120})); err != nil {
			return nil, fmt.Errorf("annotating %s %s: %w", k[0], k[1], err)
		}
	}
	const name = "Problems"
	if _, err := f.NewSheet(name); err != nil {
		return nil, fmt.Errorf("annotating the workbook: %w", err)
	}
	wrap, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, Font: &excelize.Font{Family: "Calibri", Size: 10}})
	across, one, zero, yes := "landscape", 1, 0, true
	err = firstError(err, f.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &across, FitToWidth: &one, FitToHeight: &zero}))
	err = firstError(err, f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}))
	for c, width := range []float64{16, 10, 70, 70} {
		letter := review.ColumnLetter(c)
		err = firstError(err, f.SetColWidth(name, letter, letter, width))
	}
	err = firstError(err, f.SetSheetRow(name, "A1", &[]string{"Nothing was imported. Mend these in the workbook that was handed out, or here: then take this sheet away and save."}))
	err = firstError(err, f.SetSheetRow(name, "A2", &[]string{"Sheet", "Cell", "What is wrong", "The mend"}))
	for i, p := range problems {
		for c, v := range []string{p.Sheet, p.Cell, p.Says, p.Mend} {
			at := fmt.Sprintf("%s%d", review.ColumnLetter(c), i+3)
			err = firstError(err, f.SetCellStr(name, at, shared(v)))
			err = firstError(err, f.SetCellStyle(name, at, at, wrap))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("annotating the workbook: %w", err)
	}
	if i, err := f.GetSheetIndex(name); err == nil {
		f.SetActiveSheet(i)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("annotating the workbook: %w", err)
	}
	return normalise(out.Bytes())
}
