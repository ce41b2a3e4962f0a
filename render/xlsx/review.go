package xlsx

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"exhibit/evidence/review"
	"exhibit/render/table"

	"github.com/xuri/excelize/v2"
)

var escape = regexp.MustCompile(`^_x[0-9A-Fa-f]{4}_`)

// mostRows is how many rows one reviewer's workbook may have: nobody decides more.
const mostRows = 20_000

// ReviewBook writes the workbook of one reviewer: a sheet to read first, with what
// the list is and what it lacks, and the sheet of decisions. What tells a row from
// another is locked; decision and justification are open. prev is the review
// before, nil where there is none. The same review gives the same bytes.
func ReviewBook(s table.Stamp, r, prev *review.Review, who review.Person) ([]byte, error) {
	rows := r.RowsOf(who.ID)
	if len(rows) > mostRows {
		return nil, fmt.Errorf("writing the workbook of %s: %d rows are more than the %d one person can decide; name owners for single accounts", who.ID, len(rows), mostRows)
	}
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	w := &reviewWriter{writer: writer{file: f, stamp: s, names: map[string]bool{}}, r: r, prev: prev, who: who, rows: rows}
	for _, step := range []func() error{w.styles, w.reviewStyles, w.first, w.decisions, w.properties} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("writing the workbook of %s: %w", who.ID, err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("writing the workbook of %s: %w", who.ID, err)
	}
	return normalise(out.Bytes())
}

type reviewWriter struct {
	writer
	r, prev *review.Review
	who     review.Person
	rows    []review.Entitlement

	open, locked, lockedCode, flagged int // styles of cells
	note                              int
}

func (w *reviewWriter) reviewStyles() (err error) {
	add := func(s excelize.Style) (id int) {
		if err == nil {
			s.Font.Family, s.NumFmt = "Calibri", 49
			if s.Font.Size == 0 {
				s.Font.Size = 10
			}
			id, err = w.file.NewStyle(&s)
		}
		return id
	}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	hair := []excelize.Border{{Type: "bottom", Color: "DCD8CF", Style: 1}}
	box := []excelize.Border{{Type: "bottom", Color: "1D4E5F", Style: 1}, {Type: "top", Color: "1D4E5F", Style: 1}, {Type: "left", Color: "1D4E5F", Style: 1}, {Type: "right", Color: "1D4E5F", Style: 1}}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	w.locked = add(excelize.Style{Font: &excelize.Font{Color: "1B242E"}, Alignment: top, Border: hair, Protection: &excelize.Protection{Locked: true}})
	w.lockedCode = add(excelize.Style{Font: &excelize.Font{Color: "515C68", Size: 8}, Alignment: top, Border: hair, Protection: &excelize.Protection{Locked: true}})
	w.flagged = add(excelize.Style{Font: &excelize.Font{Bold: true, Color: "7A3B00"}, Fill: fill("FCEFD9"), Alignment: top, Border: hair, Protection: &excelize.Protection{Locked: true}})
	w.open = add(excelize.Style{Font: &excelize.Font{Color: "000000"}, Fill: fill("FFFDE7"), Alignment: top, Border: box, Protection: &excelize.Protection{Locked: false}})
	w.note = add(excelize.Style{Font: &excelize.Font{Color: "1B242E", Size: 11}, Alignment: top})
	return err
}

// protect locks a sheet without a password: it keeps a hand from slipping. What
// keeps the content honest is import, which knows every cell that went out.
func (w *reviewWriter) protect(sheet string) error {
	return w.file.ProtectSheet(sheet, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, AutoFilter: true, FormatColumns: true, FormatRows: true,
	})
}

func (w *reviewWriter) first() error {
	f, name := w.file, review.ReadMeSheet
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	if err := w.layout(name, "portrait"); err != nil {
		return err
	}
	_ = f.SetColWidth(name, "A", "A", 26) // the names of sheet and columns are ours
	_ = f.SetColWidth(name, "B", "B", 92)
	n := 0
	var failed error
	put := func(a, b string, sa, sb int) {
		n++
		for col, v := range []string{a, b} {
			style := []int{sa, sb}[col]
			at := fmt.Sprintf("%s%d", review.ColumnLetter(col), n)
			if style > 0 {
				failed = firstError(failed, f.SetCellStyle(name, at, at, style))
			}
			if v != "" {
				failed = firstError(failed, f.SetCellStr(name, at, shared(v)))
			}
		}
		failed = firstError(failed, f.SetRowHeight(name, n, min(15*float64(max(linesOf(a, 26), linesOf(b, 92), 1)), 409)))
	}
	line := func(a, b string) { put(a, b, w.name, w.note) }
	r := w.r
	if w.stamp.Sample {
		put(table.SampleWords, "", w.sample, w.sample)
		failed = firstError(failed, f.SetRowHeight(name, n, 18))
	}
	put("Access review "+r.ID+": "+w.who.Name, "", w.title, 0)
	failed = firstError(failed, f.SetRowHeight(name, n, 22))
	n++
	line("What to do", "On the sheet “"+review.DecisionSheet+"”, choose a decision for each row. Write a justification wherever you keep access that has a flag, and wherever something is to be changed. Then write your name below, save the file as .xlsx and give it back.")
	line(review.Keep, "The access is needed for the person's work, as it stands.")
	line(review.Revoke, "The access is to be taken away. A later run proves that it is gone.")
	line(review.Modify, "Something about it is to be changed; the justification says what. A later run shows whether it was.")
	line(review.NotMine, "Somebody else must decide; write who, if you know. Nobody has decided then.")
	line("No decision", "A row left empty is not decided. It never counts as Keep, and the review cannot be closed.")
	put(review.FactDecidedBy, "", w.name, w.open)
	line("", "↑ your name, when you have decided. Only the reviewer named below may.")
	n++
	line(review.FactReview, r.ID)
	line(review.FactReviewer, w.who.Name+" ("+w.who.ID+")")
	line("Rows", fmt.Sprintf("%d of the %d of the whole review", len(w.rows), len(r.Population)))
	line("Organisation", w.stamp.Organisation)
	line("Opened", r.Opened.UTC().Format("2006-01-02T15:04:05Z")+" by "+r.By)
	n++
	put("Information produced by the entity", "", w.title, 0)
	failed = firstError(failed, f.SetRowHeight(name, n, 20))
	line("Source", "What AWS answered in run "+r.Run+", which ended "+r.Seen.UTC().Format("2006-01-02T15:04:05Z")+"; evidence commit "+r.Commit)
	line("What the list holds", "Every IAM user's console password, access keys and signing certificates, each a row; users without any; roles that anybody but an AWS service may assume, a row for each trusted party; each person's permission sets of Identity Center in each account, direct and by group; and who may do what in each repository at the code host, where it was asked.")
	line(review.FactPopulation, r.Opening.Population)
	whole := "Every listing was answered."
	if len(r.NotEvaluated) > 0 {
		var l []string
		for i, m := range r.NotEvaluated {
			if i == 20 {
				l = append(l, fmt.Sprintf("… and %d more: OPEN.json has them all", len(r.NotEvaluated)-i))
				break
			}
			l = append(l, strings.TrimSpace(m.Source+" "+m.Account+" "+m.Region)+": "+strings.ReplaceAll(m.State, "_", " ")+". "+m.Reason)
		}
		whole = "NOT WHOLE. These were not answered, and access may stand there that is on nobody's list:\n" + strings.Join(l, "\n")
	}
	line("Whole", whole)
	line("Left out on purpose", strings.Join(append(append([]string{}, r.LeftOut...), "whether people of Identity Center use MFA, and when they last signed in: AWS was not asked"), "\n"))
	line("Flags", fmt.Sprintf("privileged: a policy allows everything, or a way to give oneself more · dormant: not used for more than %d days before the run · no MFA: a password without a second factor · left: the person's last day has come · new: not in the review before · shared: several people use it · nobody: no register says whose it is", r.DormantDays))
	line("Last decision", lastReview(w.prev))
	line("Digest", "Each row ends with a digest of what it says. Rows that are missing, added, sorted or edited are refused when the file comes back, with a copy that shows where.")
	line("Made by", w.stamp.Tool)
	if failed != nil {
		return failed
	}
	return w.protect(name)
}

func lastReview(prev *review.Review) string {
	if prev == nil {
		return "There is no earlier review of this kind: nothing is marked as new."
	}
	return "Of the review " + prev.ID + "."
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func (w *reviewWriter) decisions() error {
	f, name := w.file, review.DecisionSheet
	if _, err := f.NewSheet(name); err != nil {
		return err
	}
	if err := w.layout(name, "landscape"); err != nil {
		return err
	}
	columns := review.Columns()
	last := review.ColumnLetter(len(columns) - 1)
	err := f.SetCellStr(name, "A1", shared(w.stamp.Organisation+" · access review "+w.r.ID+" · "+w.who.Name+" · evidence of run "+w.r.Run))
	if w.stamp.Sample {
		err = firstError(err, f.SetCellStr(name, "A1", shared(table.SampleWords+" · access review "+w.r.ID+" · "+w.who.Name)))
		err = firstError(err, f.SetCellStyle(name, "A1", last+"1", w.sample))
	}
	for c, col := range columns {
		letter := review.ColumnLetter(c)
		at := fmt.Sprintf("%s%d", letter, review.HeadLine)
		err = firstError(err, f.SetColWidth(name, letter, letter, float64(col.Width)))
		err = firstError(err, f.SetCellStr(name, at, col.Name))
		err = firstError(err, f.SetCellStyle(name, at, at, w.head))
	}
	for i, e := range w.rows {
		line, height := review.FirstLine+i, 1
		for c, v := range e.Cells(w.r.ID, w.r.AccountName(e.Account), review.LastWord(w.prev, e.Row)) {
			at := fmt.Sprintf("%s%d", review.ColumnLetter(c), line)
			style := w.locked
			switch {
			case columns[c].Fill:
				style = w.open
			case columns[c].Name == "Flags" && v != "":
				style = w.flagged
			case c == 0 || c == len(columns)-1:
				style = w.lockedCode
			}
			err = firstError(err, f.SetCellStyle(name, at, at, style))
			if v != "" {
				err = firstError(err, f.SetCellStr(name, at, shared(v)))
			}
			height = max(height, linesOf(v, float64(columns[c].Width)*1.05))
		}
		err = firstError(err, f.SetRowHeight(name, line, min(13.5*float64(height)+2, 409)))
	}
	end := max(review.FirstLine, review.FirstLine+len(w.rows)-1)
	decision, why := review.ColumnLetter(review.DecisionColumn), review.ColumnLetter(review.JustificationColumn)
	list := excelize.NewDataValidation(true)
	list.Sqref = fmt.Sprintf("%s%d:%s%d", decision, review.FirstLine, decision, end)
	err = firstError(err, list.SetDropList(review.Words()))
	title, say := "Decision", "Choose Keep, Revoke, Modify or Not mine."
	list.SetError(excelize.DataValidationErrorStyleStop, title, say)
	list.SetInput(title, say+" Empty is not decided.")
	err = firstError(err, f.AddDataValidation(name, list))
	length := excelize.NewDataValidation(true)
	length.Sqref = fmt.Sprintf("%s%d:%s%d", why, review.FirstLine, why, end)
	err = firstError(err, length.SetRange(0, 2000, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween))
	length.SetInput("Justification", "Needed for Keep where a flag stands, and for Modify.")
	length.SetError(excelize.DataValidationErrorStyleStop, "Justification", "Two thousand characters are the most.")
	err = firstError(err, f.AddDataValidation(name, length))
	err = firstError(err, f.AutoFilter(name, fmt.Sprintf("A%d:%s%d", review.HeadLine, last, end), nil))
	err = firstError(err, f.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: 3, YSplit: review.HeadLine, TopLeftCell: fmt.Sprintf("D%d", review.FirstLine), ActivePane: "bottomRight"}))
	err = firstError(err, f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("%s!$%d:$%d", name, review.HeadLine, review.HeadLine), Scope: name}))
	yes := true // AutoFilter drops what layout said of the page
	err = firstError(err, f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}))
	if err != nil {
		return err
	}
	return w.protect(name)
}

func (w *reviewWriter) properties() error {
	at := w.r.Opened.UTC().Format("2006-01-02T15:04:05Z")
	return w.file.SetDocProps(&excelize.DocProperties{Creator: w.stamp.Tool, LastModifiedBy: w.stamp.Tool, Created: at, Modified: at,
		Title: text("Access review " + w.r.ID + ": " + w.who.Name), Language: "en"})
}

// shared is a text as the library must be given it: it writes shared strings without
// escaping what a reader takes for an escape, such as the name _x0041_.
func shared(s string) string {
	s = text(s)
	var b strings.Builder
	for i := range len(s) {
		if escape.MatchString(s[i:]) {
			b.WriteString("_x005F")
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
