package render_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/control"
	"exhibit/evidence/review"
	"exhibit/render"
)

// reviewed adds to a fixture an access review with every outcome there is.
func reviewed(t *testing.T, change func(*review.Review)) render.Input {
	t.Helper()
	in := fixture(t, 1)
	repo := in.Repository.(fstest.MapFS)
	r := &review.Review{Opening: review.NewOpening(), Sums: map[string]string{"decisions.jsonl": sum([]byte("decisions"))}}
	r.ID, r.Quarter, r.Run, r.Commit, r.Seen, r.Opened, r.By = "2026-Q2-again", "2026-Q2", "0003-20260701T060000Z", commit, at("2026-07-01T06:00:00Z"), at("2026-07-10T09:00:00Z"), "grace"
	r.Opening.Population, r.DormantDays = sum([]byte("population")), 90
	res := control.ReviewResult{Review: r, Proofs: map[string]control.Proof{}, InPeriod: true}
	var rows []string
	for i, o := range []control.Outcome{"", control.ProofGone, control.ProofPresent, control.ProofBack, control.ProofUnchanged, control.ProofChanged, control.ProofUnknown} {
		e := review.Entitlement{Kind: review.Password, Account: prod, Principal: "arn:user/" + string(rune('a'+i)), Name: "user-" + string(rune('a'+i)) + evilTag, Access: "password", Opens: "console password", Person: "ada", Called: "Ada " + evilFormula,
			Path: "evidence/aws/111122223333/global/iam-credential.jsonl", Line: i + 1, Flags: []review.Flag{{Flag: review.Privileged, Says: "privileged: AdministratorAccess"}}}
		e.Row = e.RowName()
		r.Population, rows = append(r.Population, e), append(rows, e.Row)
		d := review.Decision{Row: e.Row, Decision: review.Keep, Justification: "on call " + evilTag, Reviewer: "grace", Received: at("2026-07-12T09:00:00Z"), Workbook: r.Dir() + "/received/grace-1.xlsx", Line: 3 + i}
		if o != "" {
			d.Decision = review.Revoke
			res.Proofs[e.Row] = control.Proof{Decision: d, Outcome: o, Says: "found so: " + string(o), Days: 80}
		}
		r.Decisions = append(r.Decisions, d)
	}
	r.Rows = len(rows)
	r.Reviewers = []review.Reviewer{{Person: "grace", Rows: rows}}
	book := []byte("the workbook, byte for byte")
	r.Receipts = []review.Receipt{{Reviewer: "grace", Path: r.Dir() + "/received/grace-1.xlsx", Sum: sum(book), Received: at("2026-07-12T09:00:00Z"), File: "grace.xlsx", Decided: 7, Changed: 7}}
	c := review.NewClosing()
	c.ID, c.Closed, c.SignOff, c.Second = r.ID, at("2026-07-20T09:00:00Z"), "grace", "ada"
	r.Closed = &c
	for name, b := range map[string][]byte{"OPEN.json": []byte("{}\n"), "population.jsonl": []byte("{}\n"), "decisions.jsonl": []byte("{}\n"), "received/grace-1.xlsx": book} {
		repo[r.Dir()+"/"+name] = &fstest.MapFile{Data: b}
	}
	if change != nil {
		change(r)
	}
	in.Report.Reviews = []control.ReviewResult{res}
	return in
}

func TestReviewPages(t *testing.T) {
	files := all(t, reviewed(t, nil))
	checkLinks(t, files)
	page := text(parse(t, "review", files["reviews/2026-Q2-again.html"]))
	for _, want := range []string{"3 decisions were not carried out", "1 decision is not proved", "found so: back", "Kept in spite of a flag", "closed the review", "signed besides", "grace-1.xlsx"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if still, gone := strings.Index(page, "found so: present"), strings.Index(page, "found so: gone"); still < 0 || gone < still {
		t.Error("what is not done does not stand first")
	}
	if got := files["data/reviews/2026-Q2-again/received/grace-1.xlsx"]; !bytes.Equal(got, []byte("the workbook, byte for byte")) {
		t.Errorf("the workbook as received is %q", got)
	}
	for _, p := range []string{"artifacts/CC6-access-control/access-review-Q2-2026-again.pdf", "artifacts/CC6-access-control/access-review-Q2-2026-again.xlsx", "reviews/2026-Q2-again-rows.html"} {
		if len(files[p]) == 0 {
			t.Errorf("there is no %s", p)
		}
	}
	overview := text(parse(t, "access-review", files["access-review.html"]))
	if !strings.Contains(overview, "2026-Q2-again") || !strings.Contains(overview, "Exception") {
		t.Error("the page of all reviews does not name it")
	}

	// The same review gives the same bytes.
	again := all(t, reviewed(t, nil))
	for p, b := range files {
		if strings.Contains(p, "review") && !bytes.Equal(b, again[p]) {
			t.Errorf("%s has other bytes", p)
		}
	}
}

// What is not known of a review says so, and a workbook that is not the one that
// came back is not handed on.
func TestReviewGaps(t *testing.T) {
	files := all(t, reviewed(t, func(r *review.Review) {
		r.Closed = nil
		r.Decisions = r.Decisions[1:]
		r.NotEvaluated = []review.Missing{{Source: "iam/role", Account: prod, Region: "global", State: "denied_identity", Reason: "ListRoles: AccessDenied"}}
		r.Receipts[0].Sum = sum([]byte("another"))
	}))
	checkLinks(t, files)
	page := text(parse(t, "review", files["reviews/2026-Q2-again.html"]))
	for _, want := range []string{"The list reviewed is not whole", "The review is open", "1 row has no decision", "Nobody has signed", "denied identity"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if files["data/reviews/2026-Q2-again/received/grace-1.xlsx"] != nil {
		t.Error("a workbook of another sum was handed on")
	}
}
