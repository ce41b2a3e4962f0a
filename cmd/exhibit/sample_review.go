package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"exhibit/evidence/review"
	"exhibit/internal/sample"
	"exhibit/render/xlsx"
)

// sampleReview makes one step of the sample's access review, with the code that
// makes every other one: its files name commits, and cannot be written beforehand.
func sampleReview(ctx context.Context, c *call, dir string, s sample.Step) error {
	quiet := *c
	quiet.Dir, quiet.Now = dir, func() time.Time { return s.At }
	quiet.ui = &ui{out: nothing{}, err: nothing{}}
	quiet.args = s.Review[1:]
	if s.Review[0] != "import" {
		set := flag.NewFlagSet("review", flag.ContinueOnError)
		run := reviewCommand.setup(set)
		rest, err := parseMixed(set, s.Review)
		if err != nil {
			return err
		}
		quiet.args = rest
		return unlessGaps(run(ctx, &quiet))
	}
	w, err := openReviews(&quiet)
	if err != nil {
		return err
	}
	defer w.close()
	if len(quiet.args) != 2 {
		return fmt.Errorf("a step imports a REVIEW from a REVIEWER, not %q", quiet.args)
	}
	r, err := w.review(quiet.args[0])
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.Reviewers, func(v review.Reviewer) bool { return v.Person == quiet.args[1] })
	if i < 0 {
		return fmt.Errorf("the review %s has no reviewer %q", r.ID, quiet.args[1])
	}
	who := r.Reviewers[i]
	book, err := fs.ReadFile(w.tree.FS(), who.Workbook)
	if err != nil {
		return err
	}
	answers := map[string]xlsx.Answer{}
	var otherwise xlsx.Answer
	for _, a := range s.Answers {
		said, found := xlsx.Answer{Decision: a.Decision, Justification: a.Justification}, false
		if a.Identity == "*" {
			otherwise = said
			continue
		}
		for _, e := range r.RowsOf(who.Person) {
			if e.Name == a.Identity && e.Opens == a.Opens {
				answers[e.Row], found = said, true
			}
		}
		if !found {
			return fmt.Errorf("%s has no row %s: %s", who.Person, a.Identity, a.Opens)
		}
	}
	if book, err = xlsx.AnswerReview(book, who.Name, answers, otherwise); err != nil {
		return err
	}
	file := filepath.Join(dir, ".exhibit", path.Base(who.Workbook))
	if err := os.WriteFile(file, book, 0o600); err != nil {
		return err
	}
	return errors.Join(w.importReview(file), os.Remove(file))
}

// unlessGaps lets pass what only says that something was not collected.
func unlessGaps(err error) error {
	var x *exit
	if errors.As(err, &x) && x.err == nil && x.code == exitGaps {
		return nil
	}
	return err
}
