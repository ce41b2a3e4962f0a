package xlsx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"exhibit/evidence/review"
)

// officePython is a Python that speaks to LibreOffice. Without one the test is
// skipped, unless EXHIBIT_REQUIRE_OFFICE says that it must run.
func officePython(t *testing.T) string {
	t.Helper()
	why := "soffice is not installed"
	if _, err := exec.LookPath("soffice"); err == nil {
		why = "no Python here has LibreOffice's module uno (Debian: python3-uno)"
		for _, python := range []string{os.Getenv("EXHIBIT_OFFICE_PYTHON"), "/usr/bin/python3", "python3", "/usr/lib/libreoffice/program/python", "/opt/libreoffice/program/python"} {
			if python != "" && exec.Command(python, "-c", "import uno").Run() == nil {
				return python
			}
		}
	}
	if os.Getenv("EXHIBIT_REQUIRE_OFFICE") == "1" {
		t.Fatal(why)
	}
	t.Skip("SKIPPED, and with it that a workbook edited in LibreOffice is taken back: " + why + "; EXHIBIT_REQUIRE_OFFICE=1 makes this a failure")
	return ""
}

type edit map[string]any

// inOffice opens a workbook in LibreOffice, edits it there and saves it.
func inOffice(t *testing.T, book []byte, edits ...edit) (saved []byte, shown struct {
	Sheets, Protected, Locked []string
	List                      string
}) {
	t.Helper()
	python, dir := officePython(t), t.TempDir()
	from, to := filepath.Join(dir, "from.xlsx"), filepath.Join(dir, "to.xlsx")
	if err := os.WriteFile(from, book, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(append([]edit{}, edits...))
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/office.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, script, from, to, filepath.Join(dir, "profile"))
	cmd.Stdin, cmd.Dir = bytes.NewReader(in), dir
	cmd.Env = append(os.Environ(), "HOME="+dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if err := json.Unmarshal(out, &shown); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if saved, err = os.ReadFile(to); err != nil {
		t.Fatal(err)
	}
	return saved, shown
}

func decided(r *review.Review, decision, why string) []edit {
	var edits []edit
	for i := range r.Population {
		edits = append(edits, edit{"sheet": review.DecisionSheet, "cell": fmt.Sprint("M", review.FirstLine+i), "text": decision}, edit{"sheet": review.DecisionSheet, "cell": fmt.Sprint("N", review.FirstLine+i), "text": why})
	}
	return edits
}

// LibreOffice opens the workbook, shows what is locked and the drop-down, takes the
// decisions and saves the file with styles, texts and drop-downs of its own; what it
// means is the same, and is imported.
func TestReviewInLibreOffice(t *testing.T) {
	book, r, people := handedOut(t)
	by := edit{"sheet": review.ReadMeSheet, "cell": ReadReview(book).Facts[review.FactDecidedBy].At, "text": "Bo <Example> & Söhne"}
	edits := append(decided(r, "Keep", "=needed, \"as\" it <stands> & falls"), by, edit{"sheet": review.DecisionSheet, "filter": 1})
	saved, shown := inOffice(t, book, edits...)
	if strings.Join(shown.Protected, ",") != review.ReadMeSheet+","+review.DecisionSheet {
		t.Errorf("LibreOffice sees the sheets %q protected", shown.Protected)
	}
	for _, w := range review.Words() {
		if !strings.Contains(shown.List, w) {
			t.Errorf("the drop-down is %q, without %s", shown.List, w)
		}
	}
	if got := strings.Join(shown.Locked, " "); got != "A3 C3 K3 L3 O3" {
		t.Errorf("LibreOffice sees the cells %s locked", got)
	}
	if bytes.Equal(saved, book) {
		t.Error("LibreOffice saved nothing")
	}
	v := r.Judge(ReadReview(saved), nil, people)
	if len(v.Problems) > 0 {
		t.Fatalf("what LibreOffice saved is refused: %+v", v.Problems)
	}
	if v.Decided != len(r.Population) || v.Decisions[0].Justification != "=needed, \"as\" it <stands> & falls" {
		t.Errorf("%d decisions, the first %+v", v.Decided, v.Decisions[0])
	}

	// A second round in LibreOffice of what LibreOffice saved.
	again, _ := inOffice(t, saved, edit{"sheet": review.DecisionSheet, "cell": "M4", "text": "Revoke"})
	r.Decisions = v.Decisions
	if v := r.Judge(ReadReview(again), nil, people); len(v.Problems) > 0 || len(v.Decisions) != 1 || v.Decisions[0].Replaces != review.Keep {
		t.Errorf("the second round gives %+v", v)
	}
}

// What a person can do in LibreOffice that must not pass is refused, and the
// annotated copy opens there, too.
func TestReviewRefusedFromLibreOffice(t *testing.T) {
	out, r, people := handedOut(t)
	book, err := AnswerReview(out, "bo", nil, Answer{"Keep", "is needed"})
	if err != nil {
		t.Fatal(err)
	}
	open := edit{"sheet": review.DecisionSheet, "unprotect": true}
	saved, _ := inOffice(t, book, open,
		edit{"sheet": review.DecisionSheet, "cell": "C5", "text": "somebody else"},
		edit{"sheet": review.DecisionSheet, "cell": "M4", "formula": `="Ke"&"ep"`},
		edit{"sheet": review.DecisionSheet, "cell": "M6", "text": "Perhaps"},
		edit{"sheet": review.DecisionSheet, "remove_row": 9},
		edit{"add": "Shadow", "hidden": true})
	v := r.Judge(ReadReview(saved), nil, people)
	var says []string
	for _, p := range v.Problems {
		says = append(says, p.Sheet+" "+p.Cell+" "+p.Says)
	}
	all := strings.Join(says, "\n")
	for _, want := range []string{"C5 Identity was changed", "M4 the cell holds a formula", `M6 "Perhaps" is no decision`, "is missing", `the sheet "Shadow" did not go out`} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q; said is\n%s", want, all)
		}
	}
	if len(v.Decisions) > 0 {
		t.Errorf("%d decisions were imported by halves", len(v.Decisions))
	}
	annotated, err := AnnotateReview(saved, v.Problems)
	if err != nil {
		t.Fatal(err)
	}
	if _, shown := inOffice(t, annotated); strings.Join(shown.Sheets, ",") != "Read me,Decisions,Shadow,Problems" {
		t.Errorf("the annotated copy shows the sheets %q", shown.Sheets)
	}

	sorted, _ := inOffice(t, book, open, edit{"sheet": review.DecisionSheet, "sort": 1})
	v = r.Judge(ReadReview(sorted), nil, people)
	if len(v.Problems) == 0 || !strings.Contains(v.Problems[0].Says, "in another order") {
		t.Errorf("sorted rows give %+v", v.Problems)
	}
}
