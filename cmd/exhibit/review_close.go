package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/review"
	"exhibit/render/xlsx"
)

// acting reads a review, the people, and who of them does something with it.
func (w *reviewing) acting(id, by string) (r *review.Review, people map[string]review.Person, who review.Person, err error) {
	if r, err = w.review(id); err != nil {
		return nil, nil, who, err
	}
	if people, err = w.people(); err != nil {
		return nil, nil, who, err
	}
	who, err = w.person(people, "by", by)
	return r, people, who, err
}

// closeReview signs a review in which every row is decided.
func (w *reviewing) closeReview(f reviewFlags, id string) error {
	r, people, by, err := w.acting(id, f.by)
	if err != nil {
		return err
	}
	if r.Closed != nil {
		return fmt.Errorf("the review %s was closed on %s by %s", r.ID, r.Closed.Closed.UTC().Format("2006-01-02"), r.Closed.SignOff)
	}
	s := r.StandingOf("")
	if !s.Decided() {
		var lines []string
		for _, p := range r.Deciders() {
			if n := r.StandingOf(p); !n.Decided() {
				lines = append(lines, fmt.Sprintf("%s: %d undecided, %d not mine", p, n.Undecided, n.NotMine))
			}
		}
		return withHint(fmt.Errorf("the review %s is not decided: %s of %d\n%s", r.ID, count(s.Undecided+s.NotMine, "row"), s.Rows, strings.Join(lines, "\n")),
			"an empty decision is never Keep: ask for the workbooks, or give the rows to somebody else with exhibit review assign")
	}
	if len(r.NotEvaluated) > 0 && strings.TrimSpace(f.gaps) == "" {
		return withHint(fmt.Errorf("the list of %s is not whole: %s not answered, the first %s", r.ID, count(len(r.NotEvaluated), "listing was", "listings were"), missingLine(r.NotEvaluated[0])),
			"say what was done about them: --gaps \"…\". The review then stays not evaluated as to its completeness")
	}
	c := review.NewClosing()
	if r.PrivilegedReviewer(by.ID) {
		second, err := w.person(people, "second", f.second)
		if f.second == "" {
			return withHint(usageError("%s decided in this review and is privileged: nobody closes a review of their own power alone", by.Name), "a second person signs, too: --second PERSON")
		}
		if err != nil {
			return err
		}
		if second.ID == by.ID {
			return usageError("--second: %s cannot sign twice", by.Name)
		}
		c.Second = second.ID
	} else if f.second != "" {
		second, err := w.person(people, "second", f.second)
		if err != nil {
			return err
		}
		c.Second = second.ID
	}
	c.ID, c.Closed, c.SignOff, c.Gaps = r.ID, w.now(), by.ID, strings.TrimSpace(f.gaps)
	c.Keep, c.Revoke, c.Modify, c.Decision = s.Keep, s.Revoke, s.Modify, r.Sums["decisions.jsonl"]
	b, err := review.JSON(c)
	if err != nil {
		return err
	}
	commit, err := w.keep(map[string][]byte{r.Dir() + "/CLOSED.json": b}, fmt.Sprintf("Close access review %s\n\nSigned off by %s: %d keep, %d revoke, %d modify.", r.ID, strings.TrimSuffix(by.ID+" and "+c.Second, " and "), s.Keep, s.Revoke, s.Modify))
	if err != nil {
		return err
	}
	return w.result(map[string]any{"review": r.ID, "commit": commit, "closing": c}, func(o io.Writer) {
		fmt.Fprintf(o, "review %s is closed: %d keep, %d revoke, %d modify, signed off by %s\n", r.ID, s.Keep, s.Revoke, s.Modify, strings.TrimSuffix(by.Name+" and "+people[c.Second].Name, " and "))
		if s.Revoke+s.Modify > 0 {
			fmt.Fprintln(o, "the next run shows whether what was revoked is gone: exhibit collect, then exhibit review verify")
		}
	})
}

// assignReview gives rows to somebody else and writes that person's workbook anew.
func (w *reviewing) assignReview(f reviewFlags, id string) error {
	r, people, by, err := w.acting(id, f.by)
	if err != nil {
		return err
	}
	to, err := w.person(people, "to", f.to)
	if err != nil {
		return err
	}
	if r.Closed != nil {
		return fmt.Errorf("the review %s is closed", r.ID)
	}
	if strings.TrimSpace(f.why) == "" {
		return withHint(usageError("--why is missing"), "the auditor reads why the rows went to somebody else: --why \"…\"")
	}
	given, latest := r.Given(), r.Latest()
	wanted := slices.DeleteFunc(strings.Split(f.rows, ","), func(s string) bool { return s == "" })
	for _, row := range wanted {
		if given[row] == "" {
			return usageError("--row: %s has no row %q", r.ID, row)
		}
	}
	var moved []review.Assigned
	for _, e := range r.Population {
		d := latest[e.Row]
		switch {
		case len(wanted) > 0 && !slices.Contains(wanted, e.Row), f.from != "" && given[e.Row] != f.from, given[e.Row] == to.ID:
			continue
		case len(wanted) == 0 && f.from == "" && !(d.Decision == review.NotMine && d.Reviewer == given[e.Row]):
			continue
		case e.Person == to.ID:
			return usageError("--to: %s is the person whose access the row %s is about", to.Name, e.Row)
		}
		moved = append(moved, review.Assigned{Row: e.Row, From: given[e.Row], To: to.ID, By: by.ID, At: w.now(), Why: strings.TrimSpace(f.why)})
	}
	if len(moved) == 0 {
		return withHint(usageError("no row of %s is to be given to %s", r.ID, to.Name), "name whose rows with --from PERSON, or the rows with --row")
	}
	r.Assigned = append(r.Assigned, moved...)
	prev, err := w.before(r)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	if files[r.Dir()+"/assigned.jsonl"], err = evidence.WriteLines(r.Assigned); err != nil {
		return err
	}
	// Whoever loses rows gets a workbook without them, too: the old one would be refused.
	for _, p := range append([]string{to.ID}, r.Losers(moved)...) {
		if len(r.RowsOf(p)) == 0 {
			continue
		}
		book, err := xlsx.ReviewBook(w.stamp(r), r, prev, people[p])
		if err != nil {
			return err
		}
		sum := sha256.Sum256(book)
		files[path.Join(r.Dir(), "workbooks", fmt.Sprintf("%s-%x.xlsx", review.FileName(p), sum[:4]))] = book
	}
	commit, err := w.keep(files, fmt.Sprintf("Access review %s: %s given to %s\n\n%s", r.ID, count(len(moved), "row"), to.ID, f.why))
	if err != nil {
		return err
	}
	return w.result(map[string]any{"review": r.ID, "commit": commit, "assigned": moved}, func(o io.Writer) {
		fmt.Fprintf(o, "review %s: %s given to %s\n", r.ID, count(len(moved), "row"), to.Name)
		for p := range files {
			if strings.HasSuffix(p, ".xlsx") {
				fmt.Fprintf(o, "  %s\n", p)
			}
		}
	})
}

// verifyReviews says what the runs since prove of each Revoke and Modify.
func (w *reviewing) verifyReviews(id string) error {
	if id != "" {
		if _, err := w.review(id); err != nil {
			return err
		}
	}
	lib, err := loadLibrary(w.call)
	if err != nil {
		return err
	}
	j := newJob(w.call, w.cfg)
	j.lib = lib
	report, _, err := j.assess(w.repo, "HEAD")
	if err != nil {
		return err
	}
	type row struct {
		Review   string          `json:"review"`
		Row      string          `json:"row"`
		Says     string          `json:"entitlement"`
		Decision string          `json:"decision"`
		Reviewer string          `json:"reviewer"`
		Received string          `json:"received"`
		Outcome  control.Outcome `json:"outcome"`
		Found    string          `json:"found"`
		Days     int             `json:"days"`
	}
	var rows []row
	failed, unknown := 0, 0
	for _, res := range report.Reviews {
		if id != "" && res.ID != id {
			continue
		}
		for _, e := range res.Population {
			p, ok := res.Proofs[e.Row]
			if !ok {
				continue
			}
			rows = append(rows, row{res.ID, e.Row, e.Says(), p.Decision.Decision, p.Decision.Reviewer, p.Decision.Received.UTC().Format("2006-01-02"), p.Outcome, p.Says, p.Days})
			switch p.Outcome {
			case control.ProofPresent, control.ProofBack, control.ProofUnchanged:
				failed++
			case control.ProofUnknown, control.ProofWaiting:
				unknown++
			}
		}
	}
	err = w.result(rows, func(o io.Writer) {
		for _, r := range rows {
			fmt.Fprintf(o, "%-10s %s %s, %s by %s\n           %s\n", r.Outcome, r.Review, r.Says, r.Decision, r.Reviewer, r.Found)
		}
		fmt.Fprintf(o, "%s to revoke or modify: %d proved, %d not done, %d not proved\n", count(len(rows), "decision"), len(rows)-failed-unknown, failed, unknown)
	})
	switch {
	case err != nil:
		return err
	case failed > 0:
		return &exit{code: exitExceptions}
	case unknown > 0:
		return &exit{code: exitGaps}
	}
	return nil
}
