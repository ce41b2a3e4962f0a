package render

import (
	"io/fs"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/review"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

// reviewPages are a page for each access review, its rows paged, and the files it
// is made of, the workbooks as they came back among them.
func (b *binder) reviewPages() {
	b.leaveReviews()
	for i := range b.Reviews {
		r := b.Reviews[i]
		page := b.ReviewPage(r.ID)
		for _, f := range b.reviewFiles(r) {
			b.file("data/"+f, func() ([]byte, error) { return fs.ReadFile(b.repo, f) })
		}
		b.page(page, func() *table.Paper { return b.reviewPaper(r, false) })
		rows := func(from, to int) *table.Table {
			t := b.ReviewRows(r, "rows", "Every entitlement and its decision", r.Population[from:to])
			drop(t, "evidence")
			return t
		}
		b.paged(strings.TrimSuffix(page, ".html")+"-rows.html", len(r.Population), table.PageRows, b.haveFiles(reviewBook(r)), rows, func(part int, g table.Grid) *table.Paper {
			return &table.Paper{Kicker: "Access review " + r.ID, Title: "Every entitlement and its decision", Wide: true,
				Crumbs: crumbs(table.Link{Text: "Access review", Href: "access-review.html"}, table.Link{Text: r.ID, Href: page}), Blocks: []table.Block{g}}
		})
	}
}

// reviewFiles are the files of a review that lie in the repository, by path.
func (b *binder) reviewFiles(r control.ReviewResult) []string {
	if b.aliases != nil {
		return nil // leaveReviews says so
	}
	out := []string{r.Dir() + "/OPEN.json", r.Dir() + "/population.jsonl"}
	for _, name := range []string{"decisions.jsonl", "received.jsonl", "assigned.jsonl", "CLOSED.json"} {
		if r.Sums[name] != "" {
			out = append(out, r.Dir()+"/"+name)
		}
	}
	for _, v := range r.Receipts {
		if f, err := b.read(v.Path); err == nil && !f.missing && f.sum == v.Sum && !slices.Contains(out, v.Path) {
			out = append(out, v.Path)
		}
	}
	return out
}

// reviewBook and reviewPDF are the artifacts of a review, named as auditors know
// them: access-review-Q3-2026; a further review of a quarter keeps its word.
func reviewBook(r control.ReviewResult) string { return reviewPath(r) + ".xlsx" }

func reviewPath(r control.ReviewResult) string {
	name := r.Quarter
	if year, q, ok := strings.Cut(r.Quarter, "-"); ok {
		name = q + "-" + year
	}
	return "artifacts/CC6-access-control/access-review-" + table.FileName(name+strings.TrimPrefix(r.ID, r.Quarter))
}

// reviewArtifacts are the document and the workbook of each review.
func (b *binder) reviewArtifacts() {
	for i := range b.Reviews {
		r := b.Reviews[i]
		a := artifact{path: reviewPath(r) + ".pdf", title: "Access review " + r.ID, from: "access review " + r.ID, page: b.ReviewPage(r.ID), checks: b.reviewChecks(), kind: "access-review", state: table.CoverCollected}
		if n := len(r.NotEvaluated); n > 0 {
			a.state, a.why = table.CoverPartial, table.Plural(n, "listing was", "listings were")+" not answered when it was opened"
		}
		b.hold(a, func() ([]byte, error) { return b.print(b.reviewPaper(r, true)) })
		a.path = reviewBook(r)
		b.hold(a, func() ([]byte, error) {
			rows := b.ReviewRows(r, "rows", "Entitlements and decisions", r.Population)
			rows.Provenance = b.reviewBox(r)
			return xlsx.Book(b.Stamp, "Access review "+r.ID, b.signOff(r), b.ProofTable(r), limit(rows, 1_000_000), b.ReviewersTable(r, func(string) string { return "" }), b.ReviewHistory(r), b.ReviewMissing(r))
		})
	}
}

// reviewChecks are the checks that judge reviews.
func (b *binder) reviewChecks() []string {
	var out []string
	for _, source := range []string{"record/access-review", "review/access", "review/decision"} {
		for _, c := range b.ChecksOf(source) {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// signOff is who closed a review, as a table: a workbook has it on a sheet.
func (b *binder) signOff(r control.ReviewResult) *table.Table {
	t := &table.Table{ID: "sign-off", Title: "Sign-off", Columns: []table.Column{{Key: "name", Name: "Who", Width: 28}, {Key: "role", Name: "As", Width: 34}, {Key: "on", Name: "On", Kind: table.Date}, {Key: "says", Name: "Says", Width: 60}},
		Empty: "Nobody has signed: the review is open."}
	c := r.Closed
	if c == nil {
		return t
	}
	says := "Every one of the " + table.Plural(r.Rows, "entitlement", "entitlements") + " is decided; none by the person it is of."
	if c.Gaps != "" {
		says += " About what was not answered: " + c.Gaps
	}
	t.Add("", table.Str(b.PersonName(c.SignOff)), table.Str("closed the review"), table.Day(c.Closed), table.Str(says))
	if c.Second != "" {
		t.Add("", table.Str(b.PersonName(c.Second)), table.Str("signed besides, as the first decided and is privileged"), table.Day(c.Closed), table.Str(says))
	}
	return t
}

// reviewPaper is a review as a page, or, with every row, as a document.
func (b *binder) reviewPaper(r control.ReviewResult, print bool) *table.Paper {
	s := r.StandingOf("")
	proved, failed, unknown := table.ReviewTally(r)
	p := &table.Paper{Kicker: "Access review", Title: "Access review " + r.ID, ID: "access-review-" + r.ID, Status: table.ReviewStatus(r), Wide: print,
		Crumbs: crumbs(table.Link{Text: "Access review", Href: "access-review.html"}), Cite: b.Cite("", "access-review "+r.ID, r.Opening.Population),
		Lead: table.Line("Everybody who could get in as run ", table.A(r.Run, b.RunHref(r.Run)), " saw it, decided row by row by ", table.Plural(len(r.Deciders()), "reviewer", "reviewers"), ", and what later runs show of the decisions.")}
	add := func(blocks ...table.Block) { p.Blocks = append(p.Blocks, blocks...) }
	if failed > 0 {
		add(table.Notice{Kind: "alarm", Title: table.Plural(failed, "decision was", "decisions were") + " not carried out", Spans: table.Line("At the newest run after the decision the access is still there, there again, or unchanged. Each is listed below.")})
	}
	if n := len(r.NotEvaluated); n > 0 {
		add(table.Notice{Kind: "gap", Title: "The list reviewed is not whole", Spans: table.Line(table.Plural(n, "listing was", "listings were"), " not answered when the list was frozen; access may stand there that nobody reviewed.")})
	}
	if s.Undecided+s.NotMine > 0 || r.Closed == nil {
		add(table.Notice{Kind: "gap", Title: "The review is open", Spans: table.Line(table.Plural(s.Undecided+s.NotMine, "row has", "rows have"), " no decision. A row without one does not count as kept.")})
	}
	if unknown > 0 {
		add(table.Notice{Kind: "gap", Title: table.Plural(unknown, "decision is", "decisions are") + " not proved", Spans: table.Line("No run since, or the newest was not answered. Not answered is not gone.")})
	}
	add(table.Tally{Items: []table.Count{{N: s.Rows, Word: "entitlements"}, {N: s.Keep, Word: "keep"}, {N: s.Revoke, Word: "revoke"}, {N: s.Modify, Word: "modify"}, {N: s.Undecided + s.NotMine, Word: "not decided"},
		{N: failed, Word: "not carried out", Status: control.ExceptionIn}, {N: unknown, Word: "not proved", Status: control.NotEvaluatedIn}, {N: proved, Word: "proved", Status: control.Met}}})
	proofs := b.ProofTable(r)
	if !print {
		drop(proofs, "row")
		drop(proofs, "received")
	}
	add(table.H2("part-proofs", "What became of each Revoke and Modify"), table.Grid{Table: proofs})
	flagged := slices.DeleteFunc(slices.Clone(r.Population), func(e review.Entitlement) bool { return len(e.Flags) == 0 })
	latest := r.Latest()
	kept := slices.DeleteFunc(flagged, func(e review.Entitlement) bool { return latest[e.Row].Decision != review.Keep })
	if !print {
		t := limit(b.ReviewRows(r, "flagged", "Kept in spite of a flag", kept), 200)
		for _, column := range []string{"evidence", "policies", "created", "last_used", "row", "received"} {
			drop(t, column)
		}
		t.Empty = "Nothing that has a flag was kept."
		add(table.H2("part-flagged", "Kept in spite of a flag"), table.P(flagWords(r)), table.Grid{Table: t},
			table.P(table.A("Every entitlement and its decision", strings.TrimSuffix(b.ReviewPage(r.ID), ".html")+"-rows.html"), " (", table.Plural(len(r.Population), "row", "rows"), ")."))
	}
	have := b.reviewFiles(r)
	add(table.H2("part-reviewers", "Who reviewed what, and when"), table.Grid{Table: b.ReviewersTable(r, func(path string) string {
		if slices.Contains(have, path) && !print {
			return "data/" + path
		}
		return ""
	})})
	add(table.H2("part-sign-off", "Sign-off"), table.Grid{Table: b.signOff(r)})
	if t := b.ReviewHistory(r); len(t.Rows) > 0 {
		add(table.H2("part-history", "Decided anew"), table.Grid{Table: t})
	}
	if t := b.ReviewMissing(r); len(t.Rows) > 0 {
		add(table.H2("part-missing", "What the list may lack"), table.Grid{Table: t})
	}
	if print {
		t := b.ReviewRows(r, "rows", "Every entitlement and its decision", r.Population)
		for _, column := range []string{"evidence", "created", "row", "received"} {
			drop(t, column)
		}
		add(table.H2("part-rows", "Every entitlement and its decision"), table.P(flagWords(r)), table.Grid{Table: limit(t, 2000)})
	} else {
		var files []table.Link
		for _, f := range b.haveFiles(reviewPath(r)+".pdf", reviewBook(r)) {
			files = append(files, table.Link{Text: "Access review " + r.ID + ", " + f.Text, Href: f.Href})
		}
		for _, f := range have {
			files = append(files, table.Link{Text: strings.TrimPrefix(f, r.Dir()+"/"), Href: "data/" + f})
		}
		add(table.H2("files", "To take away"), table.Files{Items: files})
	}
	add(table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: b.reviewBox(r)})
	return p
}

// flagWords counts the flags of a review in a sentence.
func flagWords(r control.ReviewResult) string {
	var parts []string
	for _, f := range [...][2]string{{review.Privileged, "privileged"}, {review.Dormant, "not used for long"}, {review.NoMFA, "without a second factor"}, {review.Leaver, "of somebody who left"}, {review.New, "new since the review before"}, {review.Shared, "used by several people"}, {review.Orphan, "nobody's"}} {
		n := 0
		for _, e := range r.Population {
			if e.Flagged(f[0]) {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, table.Plural(n, "entitlement is ", "entitlements are ")+f[1])
		}
	}
	if len(parts) == 0 {
		return "No entitlement had a flag."
	}
	return "On the list reviewed, " + strings.Join(parts, ", ") + "."
}

func (b *binder) reviewBox(r control.ReviewResult) table.Provenance {
	whole := "yes"
	if len(r.NotEvaluated) > 0 {
		whole = "no: " + table.Plural(len(r.NotEvaluated), "listing", "listings") + " not answered"
	}
	p := table.Provenance{
		Shows:    "Each way in that AWS's answers showed at the commit below: passwords, active keys and certificates of IAM users, roles that anybody but a service may assume, what Identity Center assigns to people, direct and by group, and who may do what at the code host, where it was asked.",
		ShowsNot: "Access to systems that are not listed, whether people of Identity Center use a second factor, and what was given and taken away between two runs.",
		Facts: []table.Fact{
			{Name: "Source", Values: one(table.Mono("iam/credential\niam/access-key\niam/user\niam/group\niam/role\niam/policy\nsso/assignment\nsso/permission-set\nidentitystore/user\nidentitystore/group\nforge/member"))},
			{Name: "Evidence commit", Values: one(table.Mono(r.Commit))}, {Name: "Run", Values: one(table.Mono(r.Run).To(b.RunHref(r.Run)))}, {Name: "Run ended", Values: one(table.At(r.Seen))},
			{Name: "Opened", Values: one(table.At(r.Opened))}, {Name: "Opened by", Values: one(table.Str(b.PersonName(r.By)))},
			{Name: "Rows", Values: one(table.Int(len(r.Population)))}, {Name: "Whole", Values: one(table.Str(whole))}, {Name: "Left out on purpose", Values: one(table.Str(strings.Join(r.LeftOut, "\n")))},
			{Name: "population.jsonl, sha256", Values: one(table.Mono(r.Opening.Population))}, {Name: "decisions.jsonl, sha256", Values: one(table.Mono(r.Sums["decisions.jsonl"]))},
			{Name: "Flagged as dormant", Values: one(table.Str("not used for more than " + table.Plural(r.DormantDays, "day", "days") + " before the run"))},
		},
		Commands: []string{"git show " + r.Commit + ":evidence/… holds each row's file and line, as population.jsonl names them", "exhibit review verify " + r.ID},
	}
	if r.Previous != "" {
		p.Facts = append(p.Facts, table.Fact{Name: "Review before", Values: one(table.Str(r.Previous).To(b.ReviewPage(r.Previous)))})
	}
	return p
}
