package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"exhibit/evidence"
	"exhibit/evidence/review"
	"exhibit/render/xlsx"
)

// importReview takes a workbook back, whole or not at all.
func (w *reviewing) importReview(file string) error {
	name := absolute(w.Dir, file)
	if ext := strings.ToLower(filepath.Ext(name)); ext != ".xlsx" {
		return withHint(usageError("%s is no .xlsx file", file), "save it as Excel workbook (.xlsx), without macros")
	}
	book, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the workbook: %w", err)
	}
	people, err := w.people()
	if err != nil {
		return err
	}
	rec := xlsx.ReadReview(book)
	id := strings.TrimSpace(rec.Facts[review.FactReview].Text)
	if rec.Unread || id == "" {
		if !rec.Unread {
			rec.Problems = append(rec.Problems, review.Problem{Sheet: review.ReadMeSheet, Says: "there is no line " + review.FactReview, Mend: "take the workbook that was handed out"})
		}
		return w.refused(name, file, book, rec.Problems)
	}
	r, err := w.review(id)
	if err != nil {
		if review.CheckID(id) != nil || errors.Is(err, fs.ErrNotExist) {
			return w.refused(name, file, book, append(rec.Problems, review.Problem{Sheet: review.ReadMeSheet, Cell: rec.Facts[review.FactReview].At,
				Says: fmt.Sprintf("the workbook is of the review %q, which is not of this repository", id), Mend: "exhibit review status lists the reviews there are"}))
		}
		return err
	}
	if r.Closed != nil {
		return withHint(fmt.Errorf("the review %s was closed on %s by %s", r.ID, r.Closed.Closed.UTC().Format("2006-01-02"), r.Closed.SignOff), "open a further review of the quarter: exhibit review open --quarter %s-again", r.Quarter)
	}
	prev, err := w.before(r)
	if err != nil {
		return err
	}
	v := r.Judge(rec, prev, people)
	if len(v.Problems) > 0 {
		return w.refused(name, file, book, v.Problems)
	}
	return w.received(r, v, book, filepath.Base(name))
}

// received keeps the workbook as it came and the decisions that are new.
func (w *reviewing) received(r *review.Review, v review.Verdict, book []byte, file string) error {
	sum := fmt.Sprintf("%x", sha256.Sum256(book))
	n := 1
	for _, x := range r.Receipts {
		if x.Reviewer != v.Reviewer {
			continue
		}
		if n++; x.Sum == sum && len(v.Decisions) == 0 {
			return w.result(map[string]any{"review": r.ID, "reviewer": v.Reviewer, "decided": v.Decided, "open": v.Open, "changed": 0}, func(o io.Writer) {
				fmt.Fprintf(o, "%s was imported before, on %s: nothing is new\n", file, x.Received.UTC().Format("2006-01-02"))
			})
		}
	}
	now := w.now()
	to := path.Join(r.Dir(), "received", fmt.Sprintf("%s-%d.xlsx", review.FileName(v.Reviewer), n))
	decisions := slices.Clone(r.Decisions)
	for _, d := range v.Decisions {
		d.Received, d.Workbook = now, to
		decisions = append(decisions, d)
	}
	receipts := append(slices.Clone(r.Receipts), review.Receipt{Reviewer: v.Reviewer, Path: to, Sum: sum, Received: now, File: file, Decided: v.Decided, Open: v.Open, Changed: len(v.Decisions)})
	files := map[string][]byte{to: book}
	var err error
	if files[r.Dir()+"/received.jsonl"], err = evidence.WriteLines(receipts); err != nil {
		return err
	}
	if len(v.Decisions) > 0 {
		if files[r.Dir()+"/decisions.jsonl"], err = evidence.WriteLines(decisions); err != nil {
			return err
		}
	}
	commit, err := w.keep(files, fmt.Sprintf("Access review %s: decisions of %s\n\n%s, %d not decided, %d new or changed.\nWorkbook %s, sha256 %s.", r.ID, v.Reviewer, count(v.Decided, "decision"), v.Open, len(v.Decisions), file, sum))
	if err != nil {
		return err
	}
	return w.result(map[string]any{"review": r.ID, "reviewer": v.Reviewer, "commit": commit, "workbook": to, "sha256": sum, "decided": v.Decided, "open": v.Open, "changed": len(v.Decisions), "differences": v.Differences}, func(o io.Writer) {
		fmt.Fprintf(o, "review %s, %s: %s, %d not decided, %d new or changed\n", r.ID, v.Reviewer, count(v.Decided, "decision"), v.Open, len(v.Decisions))
		for _, d := range v.Differences {
			fmt.Fprintf(o, "  %s\n", d)
		}
		fmt.Fprintf(o, "kept as it came in %s\n", to)
	})
}

// refused lists what is wrong and writes the annotated copy beside the workbook.
func (w *reviewing) refused(name, file string, book []byte, problems []review.Problem) error {
	copied := ""
	if annotated, err := xlsx.AnnotateReview(book, problems); err == nil {
		copied = strings.TrimSuffix(name, filepath.Ext(name)) + "-problems.xlsx"
		if err := os.WriteFile(copied, annotated, 0o600); err != nil {
			return fmt.Errorf("writing the annotated copy: %w", err)
		}
	}
	var lines []string
	for _, p := range problems {
		at := filepath.Base(file)
		if p.Sheet != "" {
			at += ":" + p.Sheet
		}
		if column := strings.TrimRight(p.Cell, "0123456789"); p.Cell != "" {
			at += ":" + strings.TrimPrefix(p.Cell, column) + ":" + column
		}
		lines = append(lines, fmt.Sprintf("%s: %s; %s", at, p.Says, p.Mend))
	}
	if w.json {
		if err := w.result(map[string]any{"file": file, "problems": problems, "annotated": copied}, nil); err != nil {
			return err
		}
	}
	err := fmt.Errorf("nothing was imported from %s: %s\n%s", filepath.Base(file), count(len(problems), "problem"), strings.Join(lines, "\n"))
	if copied == "" {
		return withHint(err, "mend the workbook and import it again")
	}
	return withHint(err, "%s shows each where it is; mend it there, or in the workbook itself, and import that", filepath.Base(copied))
}
