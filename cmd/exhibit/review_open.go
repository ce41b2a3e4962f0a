package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/record"
	"exhibit/evidence/review"
	"exhibit/policies"
	"exhibit/render/xlsx"
)

// openReview freezes the entitlements at a commit and hands out the workbooks.
func (w *reviewing) openReview(f reviewFlags) error {
	if f.quarter == "" {
		return withHint(usageError("review open: --quarter is missing"), "write it as --quarter 2026-Q3")
	}
	if err := review.CheckID(f.quarter); err != nil {
		return usageError("--quarter: %w", err)
	}
	if _, err := fs.Stat(w.tree.FS(), path.Join(review.Folder, f.quarter)); err == nil {
		return withHint(fmt.Errorf("the review %s is there already", f.quarter), "a further review of the quarter takes a word: --quarter %s-again", f.quarter[:7])
	}
	people, err := w.people()
	if err != nil {
		return err
	}
	by, err := w.person(people, "by", f.by)
	if err != nil {
		return err
	}
	rules, err := w.rules(f.reviewers, people)
	if err != nil {
		return err
	}
	e, tree, err := w.evidenceAt(f.at)
	if err != nil {
		return err
	}
	if tree.Commit() != w.tree.Commit() { // whose an identity is, the registers of today say
		schemas, err := record.Schemas(policies.FS)
		if err != nil {
			return err
		}
		past, err := w.past(schemas)
		if err != nil {
			return err
		}
		if e.Items, _, err = past.written(w.tree); err != nil {
			return err
		}
	}
	frozen := control.Entitlements(e, w.cfg.engagement().Period, rules.DormantDays, w.Now())
	r := &review.Review{Opening: review.NewOpening(), Population: frozen.Entitlements}
	r.ID, r.Quarter, r.Commit, r.Run, r.Seen = f.quarter, f.quarter[:7], tree.Commit(), frozen.Run, frozen.At.UTC()
	r.Opened, r.By, r.Sample, r.DormantDays, r.Rows = w.now(), by.ID, w.cfg.Sample, rules.DormantDays, len(r.Population)
	r.NotEvaluated, r.LeftOut = append(r.NotEvaluated, frozen.NotEvaluated...), append([]string{}, frozen.LeftOut...)
	for _, a := range w.cfg.engagement().Accounts {
		r.Accounts = append(r.Accounts, review.Account{ID: a.ID, Name: a.Name})
	}
	prev := w.newestClosed()
	if prev != nil {
		r.Previous = prev.ID
		review.MarkNew(r.Population, prev)
	}
	if len(r.Population) == 0 {
		var gaps []string
		for _, m := range r.NotEvaluated {
			gaps = append(gaps, missingLine(m))
		}
		return withHint(fmt.Errorf("evidence at %s shows no way in at all\n%s", tree.Commit()[:10], strings.Join(gaps, "\n")), "collect IAM and Identity Center first: exhibit collect")
	}
	population, err := evidence.WriteLines(r.Population)
	if err != nil {
		return err
	}
	r.Opening.Population = fmt.Sprintf("%x", sha256.Sum256(population))
	rows, err := review.Assign(r.Population, rules, people, w.Now())
	if err != nil {
		return withHint(err, "exhibit.yaml: review: {default: PERSON, second: PERSON}")
	}
	files := map[string][]byte{r.Dir() + "/population.jsonl": population}
	for id, list := range rows {
		p := people[id]
		r.Reviewers = append(r.Reviewers, review.Reviewer{Person: id, Name: p.Name, Email: p.Email, Rows: list, Workbook: r.Dir() + "/workbooks/" + review.FileName(id) + ".xlsx"})
	}
	slices.SortFunc(r.Reviewers, func(a, b review.Reviewer) int { return strings.Compare(a.Person, b.Person) })
	for i := range r.Reviewers {
		v := &r.Reviewers[i]
		book, err := xlsx.ReviewBook(w.stamp(r), r, prev, people[v.Person])
		if err != nil {
			return err
		}
		v.Sum, files[v.Workbook] = fmt.Sprintf("%x", sha256.Sum256(book)), book
	}
	if files[r.Dir()+"/OPEN.json"], err = review.JSON(r.Opening); err != nil {
		return err
	}
	commit, err := w.keep(files, fmt.Sprintf("Open access review %s\n\n%s at run %s, for %s.", r.ID, count(r.Rows, "entitlement"), r.Run, count(len(r.Reviewers), "reviewer")))
	if err != nil {
		return err
	}
	return w.opened(r, commit)
}

func (w *reviewing) opened(r *review.Review, commit string) error {
	err := w.result(map[string]any{"review": r.ID, "commit": commit, "evidence": r.Commit, "run": r.Run, "rows": r.Rows, "reviewers": r.Reviewers, "not_evaluated": r.NotEvaluated}, func(o io.Writer) {
		fmt.Fprintf(o, "review %s: %s, as asked for on %s; run %s\n\n", r.ID, count(r.Rows, "entitlement"), r.Seen.Format("2006-01-02"), r.Run)
		for _, v := range r.Reviewers {
			fmt.Fprintf(o, "  %-24s %3d rows  %s\n", v.Person, len(v.Rows), v.Workbook)
		}
		fmt.Fprintf(o, "\nSend each workbook to its reviewer; take it back with: exhibit review import FILE.xlsx\n")
		if len(r.NotEvaluated) > 0 {
			fmt.Fprintf(o, "\nThe list is not whole: %s not answered.\n", count(len(r.NotEvaluated), "listing was", "listings were"))
			for i, m := range r.NotEvaluated {
				if i == shownLines {
					fmt.Fprintf(o, "  … and %d more: OPEN.json names them\n", len(r.NotEvaluated)-i)
					break
				}
				fmt.Fprintf(o, "  %s\n", missingLine(m))
			}
		}
	})
	if err == nil && len(r.NotEvaluated) > 0 {
		return &exit{code: exitGaps}
	}
	return err
}

// rules are those of exhibit.yaml, or of a file given instead.
func (w *reviewing) rules(file string, people map[string]review.Person) (review.Rules, error) {
	c := w.cfg.Review
	rules := review.Rules{Default: c.Default, Second: c.Second, Accounts: c.Accounts, DormantDays: c.DormantDays}
	name := configName + ": review"
	if file != "" {
		b, err := os.ReadFile(absolute(w.Dir, file))
		if err != nil {
			return rules, fmt.Errorf("reading the reviewers: %w", err)
		}
		rules, name = review.Rules{DormantDays: review.DefaultDormantDays}, file
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		if err := d.Decode(&rules); err != nil && !errors.Is(err, io.EOF) {
			return rules, withHint(fmt.Errorf("reading the reviewers: %s: %s", file, strings.TrimPrefix(err.Error(), "yaml: ")), "the keys are default, second, accounts and dormant_days")
		}
	}
	if wrong := rules.Check(people, w.Now()); len(wrong) > 0 {
		return rules, withHint(fmt.Errorf("%s.%s", name, strings.Join(wrong, "\n"+name+".")), "review: {default: PERSON, second: PERSON, accounts: {\"111122223333\": PERSON}} in %s, with ids of registers/people.yaml", configName)
	}
	return rules, nil
}

// newestClosed is the closed review that was opened last; nil for none.
func (w *reviewing) newestClosed() *review.Review {
	all, _ := review.ReadAll(w.tree.FS()) // one that cannot be read is reported by status, and no reason not to go on
	var newest *review.Review
	for _, r := range all {
		if r.Closed != nil && (newest == nil || r.Opened.After(newest.Opened)) {
			newest = r
		}
	}
	return newest
}
