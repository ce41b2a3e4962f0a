package review

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"exhibit/internal/near"
)

// Received is what a workbook says, read and not yet believed.
type Received struct {
	// Facts are the cells beside the names of the read-me sheet.
	Facts map[string]Cell
	Sheet string // the sheet of decisions
	Head  []string
	Rows  []ReceivedRow
	// Problems are what reading alone refuses: formulas, macros, links, sheets that
	// did not go out. Where Unread is set nothing else of it was read.
	Problems []Problem
	Unread   bool
}

// A Cell is a text and where it stands: "B4".
type Cell struct{ Text, At string }

// A ReceivedRow is one row of the sheet of decisions; Line is from 1.
type ReceivedRow struct {
	Line  int
	Cells []string
}

// A Problem is why a workbook is refused: the cell ("K7"; "" for the whole sheet
// or file), what is wrong there, and what to do about it.
type Problem struct {
	Sheet string `json:"sheet,omitempty"`
	Cell  string `json:"cell,omitempty"`
	Says  string `json:"says"`
	Mend  string `json:"mend"`
}

// The facts of the read-me sheet that import reads.
const (
	FactReview     = "Review"
	FactReviewer   = "Reviewer"
	FactPopulation = "Population sha256"
	FactDecidedBy  = "Decided by"
)

// DecisionSheet is the name of the sheet people decide on, ReadMeSheet that of the first.
const (
	ReadMeSheet   = "Read me"
	DecisionSheet = "Decisions"
	// HeadLine is the row of column names, FirstLine the first row below it.
	HeadLine, FirstLine = 2, 3
)

// A Person is somebody of the people register.
type Person struct {
	ID, Name, Email, Manager string
	Left                     time.Time // last day; zero while the person works here
}

// Is reports whether a typed name is the person's id, name or address.
func (p Person) Is(typed string) bool {
	typed = strings.TrimSpace(typed)
	return typed != "" && (strings.EqualFold(typed, p.ID) || strings.EqualFold(typed, p.Name) || strings.EqualFold(typed, p.Email))
}

// A Verdict is what became of a workbook: decisions, or problems and no decision.
type Verdict struct {
	Reviewer  string
	Problems  []Problem
	Decisions []Decision // new ones, and those that replace another; Received, Workbook are the caller's to fill in
	Decided   int        // rows with a decision
	Open      int        // rows without
	// Differences say, for people, what is other than at the import before.
	Differences []string
}

// Judge holds a workbook against the review it says it is of. prev is the review
// before, nil where there is none; people are those of the register, by id.
func (r *Review) Judge(rec Received, prev *Review, people map[string]Person) Verdict {
	j := judge{r: r, rec: rec, people: people}
	j.v.Problems = append(j.v.Problems, rec.Problems...)
	if rec.Unread || !j.whose() || !j.head() {
		return j.v
	}
	j.rows(prev)
	if len(j.v.Problems) > 0 {
		j.v.Decisions, j.v.Differences = nil, nil
	}
	return j.v
}

type judge struct {
	r      *Review
	rec    Received
	people map[string]Person
	v      Verdict
}

func (j *judge) problem(sheet, cell, mend, format string, args ...any) {
	j.v.Problems = append(j.v.Problems, Problem{Sheet: sheet, Cell: cell, Says: fmt.Sprintf(format, args...), Mend: mend})
}

// whose reads the first sheet: which review, which reviewer, who decided.
func (j *judge) whose() bool {
	before := len(j.v.Problems)
	fact := func(name string) Cell {
		c, ok := j.rec.Facts[name]
		if !ok {
			j.problem(ReadMeSheet, "", "take the workbook that was handed out, and fill that in", "there is no line %q", name)
		}
		return c
	}
	again := "fill in the workbook of this review: " + j.r.Dir() + "/workbooks"
	if c := fact(FactReview); c.At != "" && strings.TrimSpace(c.Text) != j.r.ID {
		j.problem(ReadMeSheet, c.At, again, "the workbook is of the review %q, not of %s", c.Text, j.r.ID)
	}
	if c := fact(FactPopulation); c.At != "" && strings.TrimSpace(c.Text) != j.r.Opening.Population {
		j.problem(ReadMeSheet, c.At, again, "the workbook was made from another population")
	}
	c := fact(FactReviewer)
	reviewer := strings.TrimSpace(c.Text)
	if i := strings.LastIndexByte(reviewer, '('); i >= 0 { // "Ada Example (ada)"
		reviewer = strings.TrimSuffix(reviewer[i+1:], ")")
	}
	if c.At != "" && !slices.Contains(j.r.Deciders(), reviewer) {
		j.problem(ReadMeSheet, c.At, "the reviewers are "+strings.Join(j.r.Deciders(), ", "), "%q is no reviewer of %s", c.Text, j.r.ID)
	}
	p, known := j.people[reviewer]
	if c := fact(FactDecidedBy); c.At != "" && known {
		switch {
		case strings.TrimSpace(c.Text) == "":
			j.problem(ReadMeSheet, c.At, "write there the name of the person who decided: "+p.Name, "nobody says to have decided")
		case !p.Is(c.Text):
			j.problem(ReadMeSheet, c.At, fmt.Sprintf("only %s may decide these rows; to give them to somebody else: exhibit review assign %s --from %s --to PERSON", p.Name, j.r.ID, p.ID), "%q decided, and the rows are %s's", c.Text, p.Name)
		}
	} else if c.At != "" && reviewer != "" && slices.Contains(j.r.Deciders(), reviewer) {
		j.problem(ReadMeSheet, c.At, "add the person to registers/people.yaml", "the people register does not have the reviewer %q", reviewer)
	}
	j.v.Reviewer = reviewer
	return len(j.v.Problems) == before
}

func (j *judge) head() bool {
	columns := Columns()
	ok := len(j.rec.Head) == len(columns)
	for i, c := range columns {
		ok = ok && strings.TrimSpace(j.rec.Head[i]) == c.Name
	}
	if !ok {
		j.problem(j.rec.Sheet, fmt.Sprintf("A%d", HeadLine), "take the workbook that was handed out: no column may be added, moved, renamed or taken away", "the columns are not those that went out: %s", strings.Join(j.rec.Head, ", "))
	}
	return ok
}

func (j *judge) rows(prev *Review) {
	expected := j.r.RowsOf(j.v.Reviewer)
	at := map[string]int{}
	for i, e := range expected {
		at[e.Row] = i
	}
	latest, last := j.r.Latest(), prev.lastWords()
	seen, given, next, moved := map[string]int{}, j.r.Given(), 0, false
	for _, row := range j.rec.Rows {
		name := strings.TrimSpace(row.Cells[0])
		cell := func(column int) string { return ColumnLetter(column) + fmt.Sprint(row.Line) }
		i, mine := at[name]
		switch {
		case name == "":
			j.problem(j.rec.Sheet, cell(0), "take the row away; what is not on the list is told to whoever opened the review", "a row without a name was added")
			continue
		case !mine && given[name] != "":
			j.problem(j.rec.Sheet, cell(0), "take the row away; "+given[name]+" decides it", "the row %s is not %s's to decide", name, j.v.Reviewer)
			continue
		case !mine:
			j.problem(j.rec.Sheet, cell(0), "take the row away, or write its name as it was", "the row %s is not of this review: it was added or renamed", name)
			continue
		case seen[name] > 0:
			j.problem(j.rec.Sheet, cell(0), "take one of the two away", "the row %s stands there twice, here and in row %d", name, seen[name])
			continue
		}
		seen[name] = row.Line
		if i != next && !moved && !j.anyMissingBefore(expected, i, next) {
			j.problem(j.rec.Sheet, cell(0), "undo the sorting: the rows keep the order they were handed out in", "the rows are in another order from here: %s stands where %s stood", name, expected[min(next, len(expected)-1)].Row)
			moved = true
		}
		next = i + 1
		e := expected[i]
		if e.Person != "" && e.Person == j.v.Reviewer {
			j.problem(j.rec.Sheet, cell(0), fmt.Sprintf("give it to somebody else: exhibit review assign %s --row %s --to PERSON", j.r.ID, e.Row), "the row is %s's own access, which nobody decides about", e.Called)
		}
		want := e.Cells(j.r.ID, j.r.AccountName(e.Account), last[e.Row])
		for c, col := range Columns() {
			if !col.Fill && !same(row.Cells[c], want[c]) {
				j.problem(j.rec.Sheet, cell(c), fmt.Sprintf("put back %q", want[c]), "%s was changed: it says %q", col.Name, row.Cells[c])
			}
		}
		j.decide(e, row, latest[e.Row], cell)
	}
	for i, e := range expected {
		if seen[e.Row] == 0 {
			j.problem(j.rec.Sheet, fmt.Sprintf("A%d", FirstLine+i), "put the row back as it was handed out", "the row %s (%s) is missing", e.Row, e.Says())
		}
	}
}

// escaped is how spreadsheets write a character by its number.
var escaped = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// same reports whether a cell came back as it went out. Programs do not agree on a
// name that looks like an escape, such as _x0041_, and save it half read: such a
// cell is compared with all of them read.
func same(got, want string) bool {
	if got == want {
		return true
	}
	if !escaped.MatchString(want) {
		return false
	}
	read := func(s string) string {
		for range 8 { // each reading may leave a new one
			s = escaped.ReplaceAllStringFunc(s, func(e string) string {
				n, _ := strconv.ParseUint(e[2:6], 16, 16)
				return string(rune(n))
			})
		}
		return s
	}
	return read(got) == read(want)
}

// anyMissingBefore reports whether the rows passed over were left out rather than
// moved: none of them comes later.
func (j *judge) anyMissingBefore(expected []Entitlement, i, next int) bool {
	if i < next {
		return false
	}
	later := map[string]bool{}
	for _, row := range j.rec.Rows {
		later[strings.TrimSpace(row.Cells[0])] = true
	}
	for _, e := range expected[next:i] {
		if later[e.Row] {
			return false
		}
	}
	return true
}

func (j *judge) decide(e Entitlement, row ReceivedRow, now Decision, cell func(int) string) {
	typed, why := strings.TrimSpace(row.Cells[DecisionColumn]), strings.TrimSpace(row.Cells[JustificationColumn])
	word := ""
	for _, w := range Words() {
		if strings.EqualFold(w, typed) {
			word = w
		}
	}
	if typed == "" {
		j.v.Open++
		if why != "" {
			j.problem(j.rec.Sheet, cell(DecisionColumn), "choose Keep, Revoke, Modify or Not mine; or take the justification away", "there is a justification and no decision")
		}
		if now.Decision != "" && now.Decision != NotMine {
			j.v.Differences = append(j.v.Differences, fmt.Sprintf("%s, %s: was %s, and is empty now: the decision of %s stands", e.Row, e.Says(), now.Decision, now.Received.UTC().Format(time.DateOnly)))
		}
		return
	}
	if word == "" {
		mend := "choose Keep, Revoke, Modify or Not mine"
		if s := near.Word(typed, Words()); s != "" {
			mend = fmt.Sprintf("did you mean %q? Choose Keep, Revoke, Modify or Not mine", s)
		}
		j.problem(j.rec.Sheet, cell(DecisionColumn), mend, "%q is no decision", typed)
		return
	}
	j.v.Decided++
	if !says(why) {
		switch {
		case word == Modify:
			j.problem(j.rec.Sheet, cell(JustificationColumn), "write what is to be changed", "Modify needs to say what")
		case word == Keep && len(e.Flags) > 0:
			j.problem(j.rec.Sheet, cell(JustificationColumn), "write why the access stays", "the row is flagged (%s), and Keep needs a reason", e.FlagWords())
		}
	}
	if now.Decision == word && now.Justification == why && now.Reviewer == j.v.Reviewer {
		return
	}
	d := Decision{Row: e.Row, Decision: word, Justification: why, Reviewer: j.v.Reviewer, Line: row.Line, Replaces: now.Decision}
	j.v.Decisions = append(j.v.Decisions, d)
	switch {
	case now.Decision == "":
	case now.Decision == word:
		j.v.Differences = append(j.v.Differences, fmt.Sprintf("%s, %s: %s as before, with another justification", e.Row, e.Says(), word))
	default:
		j.v.Differences = append(j.v.Differences, fmt.Sprintf("%s, %s: was %s, is %s", e.Row, e.Says(), now.Decision, word))
	}
}

// says reports whether a justification is one: three letters or digits at least.
func says(why string) bool {
	n := 0
	for _, r := range why {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n >= 3
}

// lastWords are the decisions of a review as the sheet of the next one shows them;
// of none for a nil review.
func (r *Review) lastWords() map[string]string {
	out := map[string]string{}
	if r == nil {
		return out
	}
	for row, d := range r.Latest() {
		out[row] = d.Decision + " (" + r.ID + ")"
	}
	return out
}

// LastWord is what the review before decided about a row, as the sheet shows it.
func LastWord(prev *Review, row string) string { return prev.lastWords()[row] }

// ColumnLetter is the letter of a column, from 0: "A".
func ColumnLetter(c int) string { return string(rune('A' + c)) }
