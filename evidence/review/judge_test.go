package review

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func at(day string) time.Time {
	t, err := time.Parse(time.RFC3339, day+"T09:00:00Z")
	if err != nil {
		panic(err)
	}
	return t
}

func people() map[string]Person {
	return map[string]Person{
		"ada": {ID: "ada", Name: "Ada Example", Email: "ada@example.com", Manager: "bo"},
		"bo":  {ID: "bo", Name: "Bo Example", Email: "bo@example.com"},
		"cy":  {ID: "cy", Name: "Cy Example", Email: "cy@example.com", Manager: "bo"},
		"dee": {ID: "dee", Name: "Dee Example", Email: "dee@example.com", Manager: "bo", Left: at("2026-05-29")},
	}
}

func population() []Entitlement {
	list := []Entitlement{
		{Kind: Password, Account: "111122223333", Principal: "arn:aws:iam::111122223333:user/ada", Name: "ada", Access: "password", Opens: "console password", Person: "ada", Called: "Ada Example", Grants: []string{"ReadOnlyAccess"}, LastUsed: "2026-06-30"},
		{Kind: AccessKey, Account: "111122223333", Principal: "arn:aws:iam::111122223333:user/cy", Name: "cy", Access: "AKIA1", Opens: "access key AKIA1", Person: "cy", Called: "Cy Example", Flags: []Flag{{Privileged, "privileged: AdministratorAccess"}}},
		{Kind: Assignment, Account: "111122223333", Principal: "u-1", Name: "cy.example", Access: "ps-1", Opens: "Operator", Via: "group ops", ViaID: "g-1", Person: "cy", Called: "Cy Example"},
		{Kind: Password, Account: "111122223333", Principal: "arn:aws:iam::111122223333:user/bo", Name: "bo", Access: "password", Opens: "console password", Person: "bo", Called: "Bo Example"},
		{Kind: Password, Account: "444455556666", Principal: "arn:aws:iam::444455556666:user/=1+1", Name: "=1+1", Access: "password", Opens: "console password", Flags: []Flag{{Orphan, "belongs to nobody in the people register"}}},
	}
	for i := range list {
		list[i].Row = list[i].RowName()
	}
	slices.SortFunc(list, Compare)
	return list
}

// opened is a review of that population: bo decides all but bo's own row.
func opened(t *testing.T) *Review {
	t.Helper()
	r := &Review{Opening: NewOpening(), Population: population(), Sums: map[string]string{}}
	r.ID, r.Quarter, r.Opened, r.By, r.Opening.Population = "2026-Q3", "2026-Q3", at("2026-07-10"), "cy", strings.Repeat("ab", 32)
	rows, err := Assign(r.Population, Rules{Default: "bo", Second: "cy"}, people(), r.Opened)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"bo", "cy"} {
		r.Reviewers = append(r.Reviewers, Reviewer{Person: id, Rows: rows[id]})
	}
	return r
}

// handed is the workbook of bo as it went out, with decisions by row.
func handed(r *Review, decisions map[string][2]string) Received {
	rec := Received{Sheet: DecisionSheet, Facts: map[string]Cell{
		FactReview: {r.ID, "B9"}, FactPopulation: {r.Opening.Population, "B12"}, FactReviewer: {"Bo Example (bo)", "B10"}, FactDecidedBy: {"bo@example.com", "B8"},
	}}
	for _, c := range Columns() {
		rec.Head = append(rec.Head, c.Name)
	}
	for i, e := range r.RowsOf("bo") {
		cells := e.Cells(r.ID, r.AccountName(e.Account), "")
		cells[DecisionColumn], cells[JustificationColumn] = decisions[e.Row][0], decisions[e.Row][1]
		rec.Rows = append(rec.Rows, ReceivedRow{Line: FirstLine + i, Cells: cells})
	}
	return rec
}

func rowOf(r *Review, name, opens string) string {
	for _, e := range r.Population {
		if e.Name == name && e.Opens == opens {
			return e.Row
		}
	}
	panic("no row of " + name)
}

func whole(r *Review) map[string][2]string {
	return map[string][2]string{
		rowOf(r, "ada", "console password"):  {"Keep", ""},
		rowOf(r, "cy", "access key AKIA1"):   {"revoke ", "no longer runs the exports"},
		rowOf(r, "cy.example", "Operator"):   {"Modify", "reading is enough"},
		rowOf(r, "=1+1", "console password"): {"", ""},
	}
}

func TestJudge(t *testing.T) {
	r := opened(t)
	v := r.Judge(handed(r, whole(r)), nil, people())
	if len(v.Problems) > 0 {
		t.Fatalf("problems: %v", v.Problems)
	}
	if v.Reviewer != "bo" || v.Decided != 3 || v.Open != 1 || len(v.Decisions) != 3 {
		t.Errorf("judged %+v", v)
	}
	for _, d := range v.Decisions {
		if d.Row == rowOf(r, "cy", "access key AKIA1") && d.Decision != Revoke {
			t.Errorf("a decision typed in small letters is %q", d.Decision)
		}
	}
	r.Decisions = v.Decisions
	if s := r.StandingOf("bo"); s.Keep != 1 || s.Revoke != 1 || s.Modify != 1 || s.Undecided != 1 || s.Decided() {
		t.Errorf("it stands at %+v: an empty decision must not count", s)
	}

	// A second time: nothing is new; then one changes, and the history says from what.
	if again := r.Judge(handed(r, whole(r)), nil, people()); len(again.Decisions) != 0 || len(again.Differences) != 0 {
		t.Errorf("the same workbook again gives %+v", again)
	}
	other := whole(r)
	other[rowOf(r, "ada", "console password")] = [2]string{"Revoke", ""}
	other[rowOf(r, "cy.example", "Operator")] = [2]string{"", ""}
	changed := r.Judge(handed(r, other), nil, people())
	if len(changed.Problems) != 0 || len(changed.Decisions) != 1 || changed.Decisions[0].Replaces != Keep {
		t.Errorf("a changed decision gives %+v", changed)
	}
	if d := strings.Join(changed.Differences, "\n"); !strings.Contains(d, "was Keep, is Revoke") || !strings.Contains(d, "was Modify, and is empty now: the decision of") {
		t.Errorf("differences: %s", d)
	}
}

// Each thing a person or a program may do to a workbook that must not pass: where
// it is said to be, and what.
func TestRefusals(t *testing.T) {
	const own = "Bo Example's own access"
	for _, c := range []struct {
		name string
		do   func(*Review, *Received)
		cell string
		says string
	}{
		{"another review", func(_ *Review, w *Received) { w.Facts[FactReview] = Cell{"2026-Q2", "B9"} }, "B9", `of the review "2026-Q2"`},
		{"another population", func(_ *Review, w *Received) { w.Facts[FactPopulation] = Cell{strings.Repeat("cd", 32), "B12"} }, "B12", "another population"},
		{"unknown reviewer", func(_ *Review, w *Received) { w.Facts[FactReviewer] = Cell{"Eve (eve)", "B10"} }, "B10", "is no reviewer"},
		{"decided by another", func(_ *Review, w *Received) { w.Facts[FactDecidedBy] = Cell{"Cy Example", "B8"} }, "B8", "the rows are Bo Example's"},
		{"decided by nobody", func(_ *Review, w *Received) { w.Facts[FactDecidedBy] = Cell{" ", "B8"} }, "B8", "nobody says to have decided"},
		{"no such line", func(_ *Review, w *Received) { delete(w.Facts, FactPopulation) }, "", "there is no line"},
		{"missing row", func(_ *Review, w *Received) { w.Rows = slices.Delete(w.Rows, 1, 2) }, "A4", "is missing"},
		{"added row", func(_ *Review, w *Received) {
			w.Rows = append(w.Rows, ReceivedRow{Line: 9, Cells: append([]string{"E-000000000000"}, make([]string, 14)...)})
		}, "A9", "it was added or renamed"},
		{"row without a name", func(_ *Review, w *Received) {
			w.Rows = append(w.Rows, ReceivedRow{Line: 9, Cells: append([]string{"", "Eve"}, make([]string, 13)...)})
		}, "A9", "without a name"},
		{"row twice", func(_ *Review, w *Received) {
			w.Rows = append(w.Rows, ReceivedRow{Line: 9, Cells: w.Rows[0].Cells})
		}, "A9", "stands there twice"},
		{"another's row", func(r *Review, w *Received) {
			e := r.Entitlement(rowOf(r, "bo", "console password"))
			w.Rows = append(w.Rows, ReceivedRow{Line: 9, Cells: e.Cells(r.ID, e.Account, "")})
		}, "A9", "is not bo's to decide"},
		{"other order", func(_ *Review, w *Received) {
			w.Rows[0].Cells, w.Rows[1].Cells = w.Rows[1].Cells, w.Rows[0].Cells
		}, "A3", "in another order"},
		{"changed person", func(_ *Review, w *Received) { w.Rows[1].Cells[1] = "Somebody Else" }, "B4", "Person was changed"},
		{"changed flag", func(_ *Review, w *Received) { w.Rows[1].Cells[10] = "" }, "K4", "Flags was changed"},
		{"changed digest", func(_ *Review, w *Received) { w.Rows[1].Cells[14] = "00" }, "O4", "Digest was changed"},
		{"column moved", func(_ *Review, w *Received) { w.Head[2], w.Head[3] = w.Head[3], w.Head[2] }, "A2", "columns are not those"},
		{"wrong word", func(_ *Review, w *Received) { w.Rows[0].Cells[DecisionColumn] = "Kepp" }, "M3", `"Kepp" is no decision`},
		{"keep of a flagged row", func(r *Review, w *Received) {
			for i := range w.Rows {
				if w.Rows[i].Cells[0] == rowOf(r, "=1+1", "console password") {
					w.Rows[i].Cells[DecisionColumn], w.Rows[i].Cells[JustificationColumn] = "Keep", " . "
				}
			}
		}, "N6", "Keep needs a reason"},
		{"modify without words", func(r *Review, w *Received) {
			for i := range w.Rows {
				if w.Rows[i].Cells[0] == rowOf(r, "cy.example", "Operator") {
					w.Rows[i].Cells[JustificationColumn] = ""
				}
			}
		}, "N5", "Modify needs to say what"},
		{"justification alone", func(_ *Review, w *Received) {
			w.Rows[3].Cells[JustificationColumn] = "is needed"
		}, "M6", "a justification and no decision"},
		{"own access", func(r *Review, w *Received) { // as after a person took over an identity
			r.Population[0].Person = "bo"
		}, "A3", own[4:]},
		{"formula", func(_ *Review, w *Received) {
			w.Problems = append(w.Problems, Problem{Sheet: DecisionSheet, Cell: "M3", Says: "the cell holds a formula"})
		}, "M3", "formula"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := opened(t)
			w := handed(r, whole(r))
			c.do(r, &w)
			v := r.Judge(w, nil, people())
			if len(v.Decisions) > 0 {
				t.Errorf("imported by halves: %d decisions", len(v.Decisions))
			}
			for _, p := range v.Problems {
				if p.Cell == c.cell && strings.Contains(p.Says, c.says) || strings.Contains(p.Says, c.says) && c.name == "own access" {
					if p.Mend == "" && c.name != "formula" {
						t.Error("no mend is given")
					}
					return
				}
			}
			t.Errorf("want %q at %s, and the problems are %+v", c.says, c.cell, v.Problems)
		})
	}
}

func TestAssign(t *testing.T) {
	rows, err := Assign(population(), Rules{Default: "bo", Second: "ada", Accounts: map[string]string{"444455556666": "cy"}}, people(), at("2026-07-10"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows["bo"]) != 3 || len(rows["cy"]) != 1 || len(rows["ada"]) != 1 {
		t.Errorf("given out as %v: managers decide, owners what is nobody's, the second what is the manager's own", rows)
	}
	if _, err := Assign(population(), Rules{Default: "bo"}, people(), at("2026-07-10")); err == nil || !strings.Contains(err.Error(), "bo: console password in 111122223333") {
		t.Errorf("bo's own access has no other reviewer, and that gives %v", err)
	}
	if _, err := Assign(population(), Rules{Default: "bo", Second: "dee"}, people(), at("2026-07-10")); err == nil {
		t.Error("somebody who left was made reviewer")
	}
	if w := (Rules{Default: "nobody", Second: "dee", DormantDays: -1}).Check(people(), at("2026-07-10")); len(w) != 3 {
		t.Errorf("bad rules give %q", w)
	}
}

func TestNotMineIsUndecided(t *testing.T) {
	r := opened(t)
	row := rowOf(r, "ada", "console password")
	r.Decisions = []Decision{{Row: row, Decision: NotMine, Reviewer: "bo", Received: at("2026-07-11")}}
	if s := r.StandingOf(""); s.NotMine != 1 || s.Decided() {
		t.Errorf("it stands at %+v", s)
	}
	r.Assigned = []Assigned{{Row: row, From: "bo", To: "cy"}}
	if s := r.StandingOf("cy"); s.NotMine != 0 || s.Undecided != 2 {
		t.Errorf("given to another it stands at %+v", s)
	}
	if got := fmt.Sprint(r.Deciders()); got != "[bo cy]" {
		t.Errorf("deciders %s", got)
	}
}
