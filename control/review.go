package control

import (
	"fmt"
	"strings"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/review"
)

// The sources checks name to judge access reviews. An item of reviewSource answers
// "review" and, as "whole", whether every listing behind it was answered; one of
// decisionSource answers "decision" and "proof", and is there for each Revoke and
// Modify alone.
const (
	reviewSource   = "review/access"
	decisionSource = "review/decision"
)

// A ReviewResult is an access review with what later runs prove of its decisions.
type ReviewResult struct {
	*review.Review
	// Proofs are those of the rows with a Revoke or Modify, by row.
	Proofs map[string]Proof
	// InPeriod says that its quarter ends in the audit period, or that it was opened in it.
	InPeriod bool
}

// reviews derives from the reviews of the repository what checks and pages read.
// before must be set.
func (w *world) reviews() []ReviewResult {
	var out []ReviewResult
	var whole, decided []Located
	for _, r := range w.reviewsHere {
		res := ReviewResult{Review: r, Proofs: w.proofs(r), InPeriod: w.period.within(quarterEnd(r.Quarter)) || w.period.within(r.Opened)}
		out = append(out, res)
		if res.InPeriod {
			whole = append(whole, w.reviewItem(r))
			decided = append(decided, w.decisionItems(res)...)
		}
	}
	if len(w.reviewsHere) > 0 {
		w.give(reviewSource, whole)
		w.give(decisionSource, decided)
	}
	w.reviewed = out
	return out
}

// quarterEnd is the last day of "2026-Q3"; zero for anything else.
func quarterEnd(name string) time.Time {
	var year, q int
	if n, err := fmt.Sscanf(name, "%4d-Q%1d", &year, &q); n != 2 || err != nil || q < 1 || q > 4 {
		return time.Time{}
	}
	return time.Date(year, time.Month(3*q+1), 0, 0, 0, 0, 0, time.UTC)
}

func (w *world) reviewItem(r *review.Review) Located {
	s := r.StandingOf("")
	open := []any{}
	for _, p := range r.Deciders() {
		if !r.StandingOf(p).Decided() {
			open = append(open, p)
		}
	}
	m := map[string]any{
		"id": r.ID, "quarter": r.Quarter, "opened": r.Opened.UTC().Format(time.RFC3339), "opened_by": r.By, "run": r.Run, "rows": int64(s.Rows),
		"keep": int64(s.Keep), "revoke": int64(s.Revoke), "modify": int64(s.Modify), "undecided": int64(s.Undecided + s.NotMine), "reviewers_open": open, "closed": r.Closed != nil,
	}
	path := r.Dir() + "/OPEN.json"
	if c := r.Closed; c != nil {
		path = r.Dir() + "/CLOSED.json"
		m["closed_on"], m["signed_off_by"] = c.Closed.UTC().Format(time.RFC3339), c.SignOff
		if c.Second != "" {
			m["second"] = c.Second
		}
	}
	it := evidence.Item{ID: r.ID, Answers: map[string]any{"review": m, "whole": true}}
	if n := len(r.NotEvaluated); n > 0 {
		first := r.NotEvaluated[0]
		code := strings.Join(strings.Fields(first.Source+" in "+place{first.Account, first.Region}.String()+": "+first.State), " ")
		if n > 1 {
			code += fmt.Sprintf(", and %d more listings", n-1)
		}
		delete(it.Answers, "whole")
		it.Gaps = []evidence.Gap{{Question: "whole", Code: code, Message: "the population may lack what stands there"}}
	}
	return Located{Item: it, Region: "global", Source: reviewSource, Pointer: Pointer{Commit: w.Commit, Path: path}}
}

func (w *world) decisionItems(res ReviewResult) (out []Located) {
	for i, e := range res.Population {
		p, there := res.Proofs[e.Row]
		if !there {
			continue
		}
		d := p.Decision
		m := map[string]any{
			"review": res.ID, "row": e.Row, "decision": d.Decision, "reviewer": d.Reviewer, "received": d.Received.UTC().Format(time.RFC3339),
			"entitlement": e.Says(), "person": e.Person, "justification": d.Justification,
		}
		it := evidence.Item{ID: res.ID + "/" + e.Row + " " + e.Says(), Answers: map[string]any{"decision": m}}
		if p.Outcome == ProofUnknown || p.Outcome == ProofWaiting {
			it.Gaps = []evidence.Gap{{Question: "proof", Code: p.Says, Message: p.Says}}
		} else {
			proof := map[string]any{"outcome": string(p.Outcome), "says": p.Says, "days": int64(p.Days)}
			it.Answers["proof"] = proof
		}
		at := Pointer{Commit: w.Commit, Path: res.Dir() + "/population.jsonl", Line: i + 1}
		out = append(out, Located{Item: it, Account: e.Account, Region: "global", Source: decisionSource, Pointer: at})
	}
	return out
}

// ReviewRecord is a closed review as the record of the kind access-review, so that
// whoever asks for one finds it: the controls that name the kind, the calendar, the
// list of records. What became of the decisions is no part of it: later runs tell.
func ReviewRecord(r *review.Review, commit string) Located {
	c, s := r.Closed, r.StandingOf("")
	decided := c.Closed
	if n := len(r.Decisions); n > 0 {
		decided = r.Decisions[n-1].Received
	}
	people, accounts := map[string]bool{}, map[string]bool{}
	rows, changes := []any{}, []any{}
	latest := r.Latest()
	for _, e := range r.Population {
		people[e.Principal] = true
		if e.Account != "" {
			accounts["AWS "+r.AccountName(e.Account)] = true
		}
		d := latest[e.Row]
		word := map[string]string{review.Revoke: "remove", review.Modify: "change"}[d.Decision]
		if word == "" {
			continue
		}
		row := map[string]any{"user": e.Name + ": " + e.Opens, "system": r.AccountName(e.Account), "decision": word}
		if d.Justification != "" {
			row["reason"] = d.Justification
		}
		rows = append(rows, row)
		changes = append(changes, "asked for: "+word+" "+e.Says())
	}
	if s.Keep > 0 {
		rows = append(rows, map[string]any{"user": fmt.Sprintf("%d entitlements", s.Keep), "decision": "keep"})
	}
	m := map[string]any{
		"id": r.ID, "quarter": r.Quarter, "date": day(decided), "reviewer": strings.Join(r.Deciders(), ", "),
		"reviewer_role": "managers of the people, owners of the accounts; " + r.Dir() + "/OPEN.json says who decides which rows", "systems": anys(sortedKeys(accounts)),
		"source_evidence": []any{r.Dir() + "/population.jsonl (sha256 " + r.Opening.Population + "), of run " + r.Run + " at commit " + r.Commit},
		"users_reviewed":  int64(len(people)), "decisions": rows, "changes": changes, "tickets": []any{}, "sign_off": c.SignOff, "sign_off_date": day(c.Closed),
	}
	return Located{Item: evidence.Item{ID: r.ID, Answers: map[string]any{"record": m}}, Source: "record/access-review", Pointer: Pointer{Commit: commit, Path: r.Dir() + "/CLOSED.json", Line: 1}}
}

// ways are the entitlements of a world, worked out once.
func (w *world) ways() (map[string]review.Entitlement, []review.Missing) {
	if w.entitlements == nil {
		f := freezing{w: w, dormant: review.DefaultDormantDays, now: w.runAt(), people: w.registered()}
		f.all()
		w.entitlements = map[string]review.Entitlement{}
		for _, e := range f.out.Entitlements {
			w.entitlements[e.Row] = e
		}
		w.entitlementGaps = f.out.NotEvaluated
	}
	return w.entitlements, w.entitlementGaps
}

// reviewDues are what people must still do for access reviews: decide and close the
// open ones, and carry out what was decided and is not done.
func (w *world) reviewDues() (out []Due) {
	for _, res := range w.reviewed {
		if !res.InPeriod {
			continue
		}
		s := res.StandingOf("")
		if res.Closed == nil {
			out = append(out, Due{What: "Decide and close access review " + res.ID, Kind: "access-review", Ref: res.ID, On: res.Opened.UTC().Truncate(24*time.Hour).AddDate(0, 0, 45),
				Why: fmt.Sprintf("%d of %d rows are not decided; 45 days after it was opened", s.Undecided+s.NotMine, s.Rows)})
		}
		for _, e := range res.Population {
			switch p := res.Proofs[e.Row]; p.Outcome {
			case ProofPresent, ProofBack, ProofUnchanged:
				out = append(out, Due{What: p.Decision.Decision + " " + e.Says(), Kind: "access-review", Ref: res.ID, On: p.Decision.Received.UTC().Truncate(24*time.Hour).AddDate(0, 0, 7),
					Why: "decided in access review " + res.ID + "; " + p.Says})
			}
		}
	}
	return out
}
