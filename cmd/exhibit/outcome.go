package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/seal"
)

// outcome is what a job says at its end, as JSON or as text.
type outcome struct {
	Sample     bool     `json:"sample,omitempty"`
	Repository string   `json:"repository"`
	Run        string   `json:"run,omitempty"`
	Commit     string   `json:"commit,omitempty"`
	Cells      int      `json:"cells,omitempty"`
	Calls      int      `json:"calls,omitempty"`
	Plan       string   `json:"plan,omitempty"` // the file it was written to
	PlanSum    string   `json:"plan_sha256,omitempty"`
	Accounts   int      `json:"accounts,omitempty"` // planned
	Part       string   `json:"part,omitempty"`     // the folder of a shard's part
	Shard      string   `json:"shard,omitempty"`
	Gaps       []string `json:"gaps,omitempty"` // cells with a gap, in words
	Package    string   `json:"package,omitempty"`
	Index      string   `json:"index,omitempty"`
	Zip        string   `json:"zip,omitempty"`
	Bundle     string   `json:"bundle,omitempty"`
	Verified   bool     `json:"verified,omitempty"`
	Unchanged  bool     `json:"unchanged,omitempty"` // the package was made from the very same before, and stays

	Checks     int             `json:"checks,omitempty"` // how many were evaluated
	Counts     *control.Counts `json:"counts,omitempty"`
	Exceptions []string        `json:"exceptions,omitempty"`     // checks with findings that fail
	Needed     []string        `json:"records_needed,omitempty"` // checks with findings that lack a record
	Problems   []string        `json:"problems,omitempty"`       // in what people wrote
}

// evaluated takes down what the checks found.
func (j *job) evaluated(r *control.Report) {
	j.report = r
	o := j.result
	o.Run, o.Commit, o.Problems, o.Checks, o.Counts = r.Run.Name, r.Commit, r.Problems, len(r.Checks), &control.Counts{}
	checks := slices.Clone(r.Checks)
	worst := []control.Severity{"critical", "high", "medium", "low", "info"}
	slices.SortStableFunc(checks, func(a, b control.CheckResult) int {
		return slices.Index(worst, a.Check.Severity) - slices.Index(worst, b.Check.Severity)
	})
	for _, c := range checks {
		n := c.Counts
		*o.Counts = o.Counts.Plus(n)
		if open := n.Failed - n.Compensated; open > 0 {
			o.Exceptions = append(o.Exceptions, fmt.Sprintf("%s: %d of %d (%s)", c.Check.Name, open, n.Population, c.Check.Severity))
		}
		if n.NeedsRecord > 0 {
			o.Needed = append(o.Needed, fmt.Sprintf("%s: %d of %d (%s)", c.Check.Name, n.NeedsRecord, n.Population, c.Check.Severity))
		}
	}
	o.Gaps = nil
	for _, c := range r.Cells {
		if unanswered(c) {
			o.Gaps = append(o.Gaps, gapLine(c))
		}
	}
	for _, p := range r.Problems {
		j.warn("%s", p)
	}
}

// verdict prints the outcome and returns the exit code it stands for:
// exceptions before gaps.
func (j *job) verdict() error {
	o := j.result
	if err := j.ui.result(o, func(w io.Writer) { j.print(w) }); err != nil {
		return err
	}
	switch {
	case o.Part != "" || o.Plan != "":
		return nil // the gaps are the merged run's to tell
	case len(o.Exceptions)+len(o.Needed) > 0:
		return &exit{code: exitExceptions}
	case len(o.Gaps) > 0 || o.Counts != nil && o.Counts.NotEvaluated > 0:
		return &exit{code: exitGaps}
	}
	return nil
}

// shownLines of a list are printed; the site and --json hold all.
const shownLines = 12

func (j *job) print(w io.Writer) {
	o := j.result
	list := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(w, "\n%s (%d)\n", title, len(lines))
		for i, l := range lines {
			if i == shownLines {
				fmt.Fprintf(w, "  … and %d more\n", len(lines)-i)
				break
			}
			fmt.Fprintf(w, "  %s\n", seal.Visible(l))
		}
	}
	if o.Sample {
		fmt.Fprintln(w, "SAMPLE: an invented organisation. Nothing of this is evidence.")
	}
	if n := o.Counts; n != nil {
		fmt.Fprintf(w, "%d checks on %s: %d pass, %d fail (%d compensated), %d need a record, %d not evaluated, %d not applicable\n",
			o.Checks, count(n.Population, "item"), n.Passed, n.Failed, n.Compensated, n.NeedsRecord, n.NotEvaluated, n.NotApplicable)
	}
	list("Exceptions, by check, the gravest first", o.Exceptions)
	list("Need a record, by check", o.Needed)
	list("Not collected", o.Gaps)
	list("To mend in what people wrote", o.Problems)
	switch {
	case o.Plan != "":
		fmt.Fprintf(w, "The plan of %s in %s is in %s, SHA-256 %s\n", count(o.Cells, "cell"), count(o.Accounts, "account"), o.Plan, o.PlanSum)
	case o.Part != "":
		fmt.Fprintf(w, "Part %s of the plan %s is in %s: %s\n", o.Shard, o.PlanSum[:10], o.Part, count(o.Cells, "cell"))
	case o.Index != "":
		fmt.Fprintf(w, "\nThe site     %s\n", o.Index)
		if o.Zip != "" {
			fmt.Fprintf(w, "The zip      %s\n", o.Zip)
		}
		if o.Bundle != "" {
			fmt.Fprintf(w, "The bundle   %s\n", o.Bundle)
		}
		fmt.Fprintf(w, "To verify    exhibit verify --signers %s %s\n", typed(filepath.Join(o.Repository, allowedSigners)), typed(o.Package))
		if o.Sample {
			fmt.Fprintf(w, "\nFor your own accounts: exhibit init FOLDER, edit and commit FOLDER/exhibit.yaml, then exhibit evidence -C FOLDER.\n")
		}
	case o.Run != "":
		fmt.Fprintf(w, "Run %s is kept in commit %s of %s\n", o.Run, o.Commit[:10], o.Repository)
	}
}

// typed is a path as it must be typed in a shell.
func typed(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+=@:,%~", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

// unanswered reports whether a cell is a gap the exit code speaks of.
func unanswered(c evidence.Cell) bool { return !c.State.Answered() || c.Gaps > 0 }
