package xlsx

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"exhibit/evidence/review"

	"github.com/xuri/excelize/v2"
)

// reviewFixture is a review with awkward texts, decided by bo.
func reviewFixture() (*review.Review, map[string]review.Person) {
	people := map[string]review.Person{"bo": {ID: "bo", Name: "Bo <Example> & Söhne", Email: "bo@example.com"}, "ada": {ID: "ada", Name: "Ada Example"}}
	r := &review.Review{Opening: review.NewOpening()}
	r.ID, r.Quarter, r.Run, r.By, r.DormantDays = "2026-Q3", "2026-Q3", "0003-20260701T060000Z", "ada", 90
	r.Opened, r.Opening.Population = time.Date(2026, 7, 10, 9, 0, 0, 0, time.UTC), strings.Repeat("ab", 32)
	r.Accounts = []review.Account{{ID: "011122223333", Name: "shared"}}
	r.LeftOut, r.NotEvaluated = []string{"roles that services alone may assume: 3"}, []review.Missing{{Source: "iam/role", Account: "011122223333", Region: "global", State: "denied_identity", Reason: "ListRoles: AccessDenied"}}
	var rows []string
	for _, name := range []string{"plain", "=1+1", "@cmd", "_x0041_ _x005F_", "tab\there", "two\nlines", "‮dlrow", " spaces ", "'quoted", "00012", "1E5", "2026-03-04", "TRUE", strings.Repeat("long ", 600)} {
		e := review.Entitlement{Kind: review.AccessKey, Source: "iam/access-key", Account: "011122223333", Region: "global", Principal: "arn:aws:iam::011122223333:user/" + name, Name: name, Access: "AKIA" + name, Opens: "access key AKIA", Created: "2026-03-31", LastUsed: "never", Path: "evidence/aws/011122223333/global/iam-access-key.jsonl", Line: 1}
		if name == "plain" {
			e.Person, e.Called, e.Flags, e.Grants = "ada", "Ada Example", []review.Flag{{Flag: review.Privileged, Says: "privileged: AdministratorAccess"}, {Flag: review.Dormant, Says: "never used in 140 days"}}, []string{"AdministratorAccess (group ops)", "require-mfa (group ops)"}
		}
		e.Row = e.RowName()
		r.Population, rows = append(r.Population, e), append(rows, e.Row)
	}
	r.Rows = len(rows)
	r.Reviewers = []review.Reviewer{{Person: "bo", Rows: rows}}
	return r, people
}

func handedOut(t testing.TB) ([]byte, *review.Review, map[string]review.Person) {
	t.Helper()
	r, people := reviewFixture()
	book, err := ReviewBook(stamp(), r, nil, people["bo"])
	if err != nil {
		t.Fatal(err)
	}
	return book, r, people
}

func TestReviewBook(t *testing.T) {
	book, r, people := handedOut(t)
	if again, _, _ := handedOut(t); !bytes.Equal(book, again) {
		t.Error("the same review gives other bytes")
	}
	answers := map[string]Answer{r.Population[0].Row: {"Keep", "=SUM(A1) is how it is typed"}, r.Population[1].Row: {"Revoke", ""}}
	filled, err := AnswerReview(book, "Bo <Example> & Söhne", answers, Answer{"Modify", "less"})
	if err != nil {
		t.Fatal(err)
	}
	rec := ReadReview(filled)
	v := r.Judge(rec, nil, people)
	if len(v.Problems) > 0 {
		t.Fatalf("what was written does not read as it was: %+v", v.Problems)
	}
	if v.Reviewer != "bo" || v.Decided != len(r.Population) || v.Decisions[0].Justification != "=SUM(A1) is how it is typed" {
		t.Errorf("judged %+v", v)
	}
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, cell := range []string{"A3", "C4", "O4"} {
		if locked := isLocked(t, f, cell); !locked {
			t.Errorf("%s is open", cell)
		}
	}
	for _, cell := range []string{"M3", "N16"} {
		if isLocked(t, f, cell) {
			t.Errorf("%s is locked", cell)
		}
	}
	if p, err := f.GetSheetProtection(review.DecisionSheet); err != nil || p.Password != "" || !p.AutoFilter {
		t.Errorf("protection %+v, %v", p, err)
	}
	if dv, err := f.GetDataValidations(review.DecisionSheet); err != nil || len(dv) != 2 || dv[0].Formula1 != `"Keep,Revoke,Modify,Not mine"` {
		t.Errorf("drop-downs %+v, %v", dv, err)
	}
	all, err := f.GetRows(review.ReadMeSheet)
	if err != nil || !strings.Contains(strings.Join(flat(all), "\n"), "NOT WHOLE. These were not answered") {
		t.Errorf("the first sheet does not say what the list lacks: %v", err)
	}
}

// A text that looks like a spreadsheet's escapes is written so that it reads as it is.
func TestShared(t *testing.T) {
	for text, want := range map[string]string{"plain_x": "plain_x", "_x0041_": "_x005F_x0041_", "_x0041_x0042_": "_x005F_x0041_x005F_x0042_", "_x005F_": "_x005F_x005F_"} {
		if got := shared(text); got != want {
			t.Errorf("%s is written as %s, want %s", text, got, want)
		}
	}
}

func flat(rows [][]string) (out []string) {
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}

func isLocked(t *testing.T, f *excelize.File, cell string) bool {
	t.Helper()
	id, err := f.GetCellStyle(review.DecisionSheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return s.Protection == nil || s.Protection.Locked
}

// reopened does something to a workbook with the library.
func reopened(t *testing.T, book []byte, do func(*excelize.File) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := do(f); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withPart adds a file to the zip, as a hand that hides something would.
func withPart(t *testing.T, book []byte, name, content string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		to, err := w.Create(f.Name)
		if err == nil {
			_, err = io.Copy(to, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	to, err := w.Create(name)
	if err == nil {
		_, err = to.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What reading alone refuses, and that none of it is imported.
func TestReviewRefused(t *testing.T) {
	out, r, people := handedOut(t)
	book, err := AnswerReview(out, "bo", nil, Answer{"Keep", "is needed"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		book   []byte
		says   string
		unread bool
	}{
		{"no workbook", []byte("Row;Person\n"), "not an .xlsx workbook", true},
		{"nothing", nil, "not an .xlsx workbook", true},
		{"macros", withPart(t, book, "xl/vbaProject.bin", "x"), "has macros", true},
		{"macro sheet", withPart(t, book, "xl/macrosheets/sheet1.xml", "<x/>"), "has macros", true},
		{"links", withPart(t, book, "xl/externalLinks/externalLink1.xml", "<x/>"), "links to other files", true},
		{"connection", withPart(t, book, "xl/connections.xml", "<x/>"), "links to other files", true},
		{"object", withPart(t, book, "xl/embeddings/oleObject1.bin", "x"), "objects in it", true},
		{"formula", reopened(t, book, func(f *excelize.File) error {
			return f.SetCellFormula(review.DecisionSheet, "M3", `IF(1,"Keep","Revoke")`)
		}), "holds a formula", false},
		{"formula in the first sheet", reopened(t, book, func(f *excelize.File) error { return f.SetCellFormula(review.ReadMeSheet, "B10", `"bo"`) }), "holds a formula", false},
		{"another sheet", reopened(t, book, func(f *excelize.File) error { _, err := f.NewSheet("Mine"); return err }), "did not go out", false},
		{"hidden sheet", reopened(t, book, func(f *excelize.File) error {
			return firstError(func() error { _, err := f.NewSheet("Shadow"); return err }(), f.SetSheetVisible("Shadow", false, true))
		}), "did not go out", false},
		{"decisions hidden", reopened(t, book, func(f *excelize.File) error { return f.SetSheetVisible(review.DecisionSheet, false) }), "is hidden", false},
		{"no decisions", reopened(t, book, func(f *excelize.File) error { return f.DeleteSheet(review.DecisionSheet) }), `no sheet "Decisions"`, true},
		{"merged", reopened(t, book, func(f *excelize.File) error { return f.MergeCell(review.DecisionSheet, "M3", "M4") }), "merged", false},
		{"beside the table", reopened(t, book, func(f *excelize.File) error { return f.SetCellStr(review.DecisionSheet, "R5", "by the way") }), "beside the table", false},
		{"column inserted", reopened(t, book, func(f *excelize.File) error { return f.InsertCols(review.DecisionSheet, "C", 1) }), "columns are not those", false},
		{"row removed", reopened(t, book, func(f *excelize.File) error { return f.RemoveRow(review.DecisionSheet, 5) }), "is missing", false},
		{"identity edited", reopened(t, book, func(f *excelize.File) error { return f.SetCellStr(review.DecisionSheet, "C5", "eve") }), "Identity was changed", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := ReadReview(c.book)
			if rec.Unread != c.unread {
				t.Errorf("unread is %v", rec.Unread)
			}
			v := r.Judge(rec, nil, people)
			var says []string
			for _, p := range v.Problems {
				says = append(says, p.Sheet+" "+p.Cell+" "+p.Says)
			}
			if len(v.Decisions) > 0 || !strings.Contains(strings.Join(says, "\n"), c.says) {
				t.Errorf("want %q, and the problems are %q; %d decisions", c.says, says, len(v.Decisions))
			}
			if !c.unread { // the annotated copy opens, and names each
				a, err := AnnotateReview(c.book, v.Problems)
				if err != nil {
					t.Fatal(err)
				}
				f, err := excelize.OpenReader(bytes.NewReader(a))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if rows, err := f.GetRows("Problems"); err != nil || len(rows) != len(v.Problems)+2 {
					t.Errorf("%d lines of problems, %v", len(rows), err)
				}
			}
		})
	}
}

// An annotated copy that was mended and freed of its list is a good workbook again.
func TestReviewMended(t *testing.T) {
	out, r, people := handedOut(t)
	book, err := AnswerReview(out, "bo", nil, Answer{"Kepp", ""})
	if err != nil {
		t.Fatal(err)
	}
	v := r.Judge(ReadReview(book), nil, people)
	a, err := AnnotateReview(book, v.Problems)
	if err != nil {
		t.Fatal(err)
	}
	mended := reopened(t, a, func(f *excelize.File) error {
		if c, err := f.GetComments(review.DecisionSheet); err != nil || len(c) != len(r.Population) || !strings.Contains(c[0].Text, `did you mean "Keep"`) {
			t.Errorf("comments %+v, %v", c, err)
		}
		err := f.DeleteSheet("Problems")
		for i := range r.Population {
			err = firstError(err, f.SetCellStr(review.DecisionSheet, "M"+itoa(review.FirstLine+i), "Revoke"))
		}
		return err
	})
	if v := r.Judge(ReadReview(mended), nil, people); len(v.Problems) > 0 || v.Decided != len(r.Population) {
		t.Errorf("mended it still gives %+v", v.Problems)
	}
}

func itoa(n int) string {
	return strings.TrimLeft(string([]byte{byte('0' + n/10), byte('0' + n%10)}), "0")
}

func FuzzReadReview(f *testing.F) {
	book, _, _ := handedOut(f)
	f.Add(book)
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rec := ReadReview(b)
		if rec.Unread && len(rec.Problems) == 0 {
			t.Error("refused without a word")
		}
	})
}
