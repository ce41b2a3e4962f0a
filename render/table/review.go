package table

import (
	"cmp"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/review"
)

// Review returns an access review by id, or nil.
func (b *Book) Review(id string) *control.ReviewResult {
	for i := range b.Reviews {
		if b.Reviews[i].ID == id {
			return &b.Reviews[i]
		}
	}
	return nil
}

// ReviewPage is the path of a review's page.
func (b *Book) ReviewPage(id string) string { return b.page("reviews", id) }

// ReviewStatus is the word for a review: an exception where something that was to
// go is still there or it was not decided in time, not evaluated where anything of
// it is not known yet.
func ReviewStatus(r control.ReviewResult) control.Status {
	open := r.Closed == nil || len(r.NotEvaluated) > 0
	for _, p := range r.Proofs {
		switch p.Outcome {
		case control.ProofPresent, control.ProofBack, control.ProofUnchanged:
			return control.ExceptionIn
		case control.ProofUnknown, control.ProofWaiting:
			open = true
		}
	}
	if open {
		return control.NotEvaluatedIn
	}
	return control.Met
}

// ProofStatus is the word for what became of one decision.
func ProofStatus(o control.Outcome) control.Status {
	switch o {
	case control.ProofGone, control.ProofChanged:
		return control.Met
	case control.ProofPresent, control.ProofBack, control.ProofUnchanged:
		return control.ExceptionIn
	}
	return control.NotEvaluatedIn
}

// Tally counts the outcomes of a review: proved, not done, not proved.
func ReviewTally(r control.ReviewResult) (proved, failed, unknown int) {
	for _, p := range r.Proofs {
		switch ProofStatus(p.Outcome) {
		case control.Met:
			proved++
		case control.ExceptionIn:
			failed++
		default:
			unknown++
		}
	}
	return proved, failed, unknown
}

// person is a person's name as the register of the report's commit gives it, with
// the id; the id alone where it has none.
func (b *Book) person(id string) string {
	for _, it := range b.Records["person"] {
		m, _ := it.Answers["record"].(map[string]any)
		if name, _ := m["name"].(string); m["id"] == id && name != "" {
			return name
		}
	}
	return id
}

// PersonName is how people call somebody of the people register.
func (b *Book) PersonName(id string) string { return b.person(id) }

// ReviewsTable lists the access reviews.
func (b *Book) ReviewsTable() *Table {
	t := &Table{ID: "reviews", Title: "Access reviews", Empty: "No access review was opened with exhibit.", Columns: []Column{
		{"review", "Review", Text, 14}, {"status", "Status", Status, 22}, {"opened", "Opened", Date, 12}, {"closed", "Closed", Date, 12}, {"signed_off", "Signed off by", Text, 24},
		{"rows", "Entitlements", Number, 12}, {"keep", "Keep", Number, 8}, {"revoke", "Revoke", Number, 8}, {"modify", "Modify", Number, 8}, {"undecided", "Not decided", Number, 12},
		{"not_done", "Not done", Number, 10}, {"whole", "Population", Text, 24}, {"run", "Evidence of run", Code, 24},
	}}
	for _, r := range slices.Backward(b.Reviews) {
		s := r.StandingOf("")
		_, failed, _ := ReviewTally(r)
		closed, by, whole := Cell{}, Str("open"), Str("whole")
		if c := r.Closed; c != nil {
			closed, by = Day(c.Closed), Str(b.signers(c))
		}
		if n := len(r.NotEvaluated); n > 0 {
			whole = Str("not whole: " + Plural(n, "listing", "listings") + " not answered")
		}
		t.Add(RecordAnchor(r.ID), Str(r.ID).To(b.ReviewPage(r.ID)), Word(ReviewStatus(r)), Day(r.Opened), closed, by, Int(s.Rows), Int(s.Keep), Int(s.Revoke), Int(s.Modify), Int(s.Undecided+s.NotMine), Int(failed), whole, Mono(r.Run))
	}
	return t
}

func (b *Book) signers(c *review.Closing) string {
	s := b.person(c.SignOff)
	if c.Second != "" {
		s += " and " + b.person(c.Second)
	}
	return s
}

// Signers are who signed a closed review, by name.
func (b *Book) Signers(c *review.Closing) string { return b.signers(c) }

// ProofTable lists what became of each Revoke and Modify; what is not done first.
func (b *Book) ProofTable(r control.ReviewResult) *Table {
	t := &Table{ID: "proofs", Title: "What became of each Revoke and Modify", Empty: "Nothing was to be revoked or modified.", Columns: []Column{
		{"status", "Status", Status, 20}, {"decision", "Decision", Text, 12}, {"person", "Person", Text, 20}, {"entitlement", "Entitlement", Text, 38}, {"found", "Found by later runs", Text, 48},
		{"days", "Days since decision", Number, 10}, {"justification", "Justification", Text, 36}, {"by", "Decided by", Text, 20}, {"received", "Received", Date, 12}, {"row", "Row", Code, 15},
	}}
	var list []review.Entitlement
	for _, e := range r.Population {
		if _, ok := r.Proofs[e.Row]; ok {
			list = append(list, e)
		}
	}
	rank := func(e review.Entitlement) int {
		return slices.Index([]control.Status{control.ExceptionIn, control.NotEvaluatedIn, control.Met}, ProofStatus(r.Proofs[e.Row].Outcome))
	}
	slices.SortStableFunc(list, func(x, y review.Entitlement) int { return cmp.Compare(rank(x), rank(y)) })
	for _, e := range list {
		p := r.Proofs[e.Row]
		t.Add("", Word(ProofStatus(p.Outcome)), Str(p.Decision.Decision), Str(holder(e)), Str(e.Says()), Str(p.Says), Int(p.Days), Str(p.Decision.Justification), Str(b.person(p.Decision.Reviewer)), Day(p.Decision.Received), Mono(e.Row))
	}
	return t
}

func holder(e review.Entitlement) string {
	switch {
	case e.Called != "":
		return e.Called
	case e.Owner != "":
		return "no person's; " + e.Owner + " answers for it"
	}
	if e.Kind == review.RoleTrust {
		return "no one person's"
	}
	return "nobody's"
}

// ReviewRows lists entitlements with the decision that counts.
func (b *Book) ReviewRows(r control.ReviewResult, id, title string, list []review.Entitlement) *Table {
	t := &Table{ID: id, Title: title, Empty: "None.", Columns: []Column{
		{"person", "Person", Text, 20}, {"entitlement", "Entitlement", Text, 36}, {"account", "Account", Text, 22}, {"policies", "Policies", Text, 32}, {"flags", "Flags", Text, 30},
		{"decision", "Decision", Text, 12}, {"justification", "Justification", Text, 36}, {"by", "Decided by", Text, 20}, {"received", "Received", Date, 12},
		{"created", "Created", Text, 12}, {"last_used", "Last used", Text, 12}, {"row", "Row", Code, 15}, {"evidence", "Evidence", Code, 40},
	}}
	latest, given := r.Latest(), r.Given()
	for _, e := range list {
		d := latest[e.Row]
		decision, by := d.Decision, b.person(d.Reviewer)
		switch {
		case decision == "":
			decision, by = "not decided", "waits for "+b.person(given[e.Row])
		case decision == review.NotMine:
			decision = "not decided: Not mine"
		}
		what := e.Name + ": " + e.Opens
		if e.Via != "" {
			what += " by " + e.Via
		}
		policies := strings.Join(e.Grants, "; ")
		if len(e.Unknown) > 0 {
			policies = strings.TrimPrefix(policies+"; not answered: "+strings.Join(e.Unknown, ", "), "; ")
		}
		t.Add("", Str(holder(e)), Str(what), Str(b.AccountName(e.Account)), Str(policies), Str(e.FlagWords()), Str(decision), Str(d.Justification), Str(by), Day(d.Received),
			Str(e.Created), Str(e.LastUsed), Mono(e.Row), Mono(e.Path+":"+itoa(e.Line)))
	}
	return t
}

// ReviewersTable says who reviewed what, and when.
func (b *Book) ReviewersTable(r control.ReviewResult, file func(path string) string) *Table {
	t := &Table{ID: "reviewers", Title: "Who reviewed what, and when", Columns: []Column{
		{"reviewer", "Reviewer", Text, 24}, {"rows", "Rows", Number, 8}, {"keep", "Keep", Number, 8}, {"revoke", "Revoke", Number, 8}, {"modify", "Modify", Number, 8}, {"undecided", "Not decided", Number, 10},
		{"received", "Workbook received", Time, 22}, {"file", "Kept as", Code, 30}, {"sha256", "sha256", Code, 30}, {"changed", "New or changed decisions", Number, 12},
	}}
	seen := map[string]bool{}
	line := func(p string, v *review.Receipt) {
		s := r.StandingOf(p)
		cells := []Cell{Str(b.person(p)), Int(s.Rows), Int(s.Keep), Int(s.Revoke), Int(s.Modify), Int(s.Undecided + s.NotMine)}
		if seen[p] { // the counts stand beside the first workbook
			cells = []Cell{Str(b.person(p)), {}, {}, {}, {}, {}}
		}
		seen[p] = true
		if v == nil {
			t.Add("", append(cells, Cell{}, Str("none came back"), Cell{}, Cell{})...)
			return
		}
		t.Add("", append(cells, At(v.Received), Mono(v.Path[strings.LastIndexByte(v.Path, '/')+1:]).To(file(v.Path)), Mono(v.Sum), Int(v.Changed))...)
	}
	for _, p := range r.Deciders() {
		for i := range r.Receipts {
			if r.Receipts[i].Reviewer == p {
				line(p, &r.Receipts[i])
			}
		}
		if !seen[p] {
			line(p, nil)
		}
	}
	return t
}

// ReviewHistory lists decisions that replaced another, and rows that were given to
// somebody else.
func (b *Book) ReviewHistory(r control.ReviewResult) *Table {
	t := &Table{ID: "history", Title: "Decisions taken anew, and rows given to somebody else", Empty: "No decision was changed, and no row given to somebody else.", Columns: []Column{
		{"at", "When", Time, 22}, {"entitlement", "Entitlement", Text, 44}, {"was", "Was", Text, 24}, {"is", "Became", Text, 24}, {"by", "By", Text, 22}, {"why", "Why", Text, 40},
	}}
	type entry struct {
		cells []Cell
		at    int64
	}
	var list []entry
	says := map[string]string{}
	for _, e := range r.Population {
		says[e.Row] = e.Says()
	}
	for _, d := range r.Decisions {
		if d.Replaces != "" {
			list = append(list, entry{[]Cell{At(d.Received), Str(says[d.Row]), Str(d.Replaces), Str(d.Decision), Str(b.person(d.Reviewer)), Str(d.Justification)}, d.Received.Unix()})
		}
	}
	for _, a := range r.Assigned {
		list = append(list, entry{[]Cell{At(a.At), Str(says[a.Row]), Str("decided by " + b.person(a.From)), Str("decided by " + b.person(a.To)), Str(b.person(a.By)), Str(a.Why)}, a.At.Unix()})
	}
	slices.SortStableFunc(list, func(x, y entry) int { return cmp.Compare(x.at, y.at) })
	for _, e := range list {
		t.Add("", e.cells...)
	}
	return t
}

// ReviewMissing lists the listings a review's population may lack.
func (b *Book) ReviewMissing(r control.ReviewResult) *Table {
	t := &Table{ID: "missing", Title: "Listings that were not answered", Empty: "Every listing was answered.", Columns: []Column{
		{"source", "Listing", Code, 24}, {"account", "Account", Text, 24}, {"region", "Region", Code, 16}, {"state", "State", Text, 18}, {"why", "Why", Text, 60},
	}}
	for _, m := range r.NotEvaluated {
		t.Add("", Mono(m.Source).To(b.SourcePage(m.Source)), Str(b.AccountName(m.Account)), Mono(m.Region), Str(strings.ReplaceAll(m.State, "_", " ")), Str(m.Reason))
	}
	return t
}

func itoa(n int) string { return Int(n).String() }
