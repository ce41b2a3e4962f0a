package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
)

// An OpenKind is a kind of thing that can be not evaluated, with the page that has
// the same number of them.
type OpenKind struct {
	ID    string
	Name  string // of one row
	Page  string // its own page
	Place string // what the page is called
	Says  string // which of them are counted
}

// The kinds, in the order of a table.
const (
	openListing    = "listing"
	openItem       = "item"
	openChange     = "change"
	openRecord     = "record"
	openTime       = "time"
	openAtRun      = "at-run"
	openNever      = "never"
	openLost       = "lost"
	openPopulation = "population"
	openResponse   = "response"
	openSample     = "sample"
	openDecision   = "decision"
	openKind       = "kind"
	openControl    = "control"
	openCriterion  = "criterion"
)

// OpenKinds are all of them.
func OpenKinds() []OpenKind {
	return []OpenKind{
		{openListing, "Listing", "coverage.html", "Coverage", "not collected, or in part"},
		{openItem, "Item of a check", "findings/not-evaluated.html", "Findings, not evaluated", "not evaluated, changes left out"},
		{openChange, "Change", "findings/not-evaluated.html", "Findings, not evaluated", "a change under a check that did not evaluate it"},
		{openRecord, "Item that needs a record", "findings/record-needed.html", "Findings, need a record", "all"},
		{openKind, "Record a control asks for", "records.html", "All records", "kinds of record missing, by control in scope"},
		{openPopulation, "Population", "populations.html", "Populations", "not whole, or not made"},
		{openResponse, "Response to a finding", "responses.html", "Responses", "not evaluated"},
		{openSample, "Attribute of a sample", "samples.html", "Samples", "not evaluated"},
		{openDecision, "Decision of an access review", "access-review.html", "Access review", "not proved"},
		{openLost, "Part of the period", "lost.html", "Lost", "no run tells of it"},
		{openAtRun, "Listing at a run", "timeline.html", "Timeline", "not answered at one run of the period or more"},
		{openTime, "Control over time", "timeline.html#controls-over", "Timeline", "not observed for longer than its cadence allows"},
		{openNever, "Check over time", "timeline/checks.html", "Every check over the period", "not observed by any run of the period"},
		{openControl, "Control", "controls.html", "Controls", "not evaluated, or needs a record"},
		{openCriterion, "Criterion", criteriaList, "Criteria", "in scope; not evaluated, or needs a record"},
	}
}

const criteriaList = "criteria.html"

// An Open is one thing that was not evaluated, or needs a record.
type Open struct {
	Kind            string
	Cause           control.Cause
	Word            string // the word of its own page: Not evaluated, Not collected, Not observed …
	What            Cell
	Of              Cell // what it is part of: the check, the source, the controls
	Account, Region string
	Why             string
}

// Unevaluated is everything in the package that was not evaluated, by cause and kind.
// Each kind has as many as its own page.
func (b *Book) Unevaluated() []Open {
	var out []Open
	out = append(out, b.openCells()...)
	out = append(out, b.openFindings()...)
	out = append(out, b.openRecords()...)
	out = append(out, b.openTimes()...)
	out = append(out, b.openLists()...)
	out = append(out, b.openSums()...)
	causes := control.Causes()
	rank := func(c control.Cause) int {
		return slices.IndexFunc(causes, func(t control.CauseText) bool { return t.Cause == c })
	}
	kinds := OpenKinds()
	kind := func(id string) int { return slices.IndexFunc(kinds, func(k OpenKind) bool { return k.ID == id }) }
	slices.SortStableFunc(out, func(x, y Open) int {
		return cmp.Or(cmp.Compare(rank(x.Cause), rank(y.Cause)), cmp.Compare(kind(x.Kind), kind(y.Kind)))
	})
	return out
}

// causeOfCell is the group of a cell's state.
func causeOfCell(c evidence.Cell) control.Cause {
	switch c.State {
	case evidence.DeniedSCP, evidence.DeniedIdentity, evidence.DeniedResource, evidence.AccountUnreachable:
		return control.CauseRefused
	case evidence.NotAsked:
		return control.CauseUnasked
	case evidence.Throttled, evidence.CredentialExpired, evidence.Truncated, evidence.Cancelled, evidence.Lost:
		return control.CauseFailed
	}
	// Partial, and errors: the source's own code tells more.
	if cause := control.CauseOf(CellWhy(c)); cause != control.CauseSilent || c.State == evidence.Partial {
		return cause
	}
	return control.CauseFailed
}

func (b *Book) openCells() (out []Open) {
	for _, c := range b.Unanswered() {
		out = append(out, Open{Kind: openListing, Cause: causeOfCell(c), Word: CoverWord(c.State), What: Mono(c.Source).To(b.CellPage(KeyOf(c))),
			Of: Str(Plural(len(b.ChecksOf(c.Source)), "check reads it", "checks read it")), Account: c.Account, Region: c.Region, Why: cellReason(c)})
	}
	return out
}

func (b *Book) openFindings() (out []Open) {
	for i := range b.Checks {
		c := &b.Checks[i]
		for j := range c.Findings {
			f := &c.Findings[j]
			s := VerdictStatus(*f)
			if s != control.NotEvaluatedIn && s != control.ManualHasNot {
				continue
			}
			o := Open{Kind: openItem, Cause: control.CauseOf(f.Reason), Word: string(s), What: Mono(f.Item).To(b.FindingHref(*f)), Of: Mono(f.Check).To(b.CheckPage(f.Check)), Account: f.Account, Region: f.Region, Why: f.Reason}
			switch {
			case s == control.ManualHasNot:
				o.Kind, o.Cause = openRecord, control.CauseRecord
			case f.Source == "git/change":
				o.Kind = openChange
			}
			out = append(out, o)
		}
	}
	return out
}

// openRecords are the kinds of record that controls in scope ask for and do not have.
func (b *Book) openRecords() (out []Open) {
	for i := range b.Controls {
		c := &b.Controls[i]
		if !c.InScope {
			continue
		}
		for _, r := range c.Records {
			if r.Status == control.ManualHasNot || r.Status == control.NotEvaluatedIn {
				out = append(out, Open{Kind: openKind, Cause: control.CauseRecord, Word: string(r.Status), What: Str(r.Kind).To(b.RecordPage(r.Kind)), Of: Mono(c.Control.ID).To(b.ControlPage(c.Control.ID)), Why: r.Reason})
			}
		}
	}
	return out
}

// openTimes are the times of the period in which something was not observed.
func (b *Book) openTimes() (out []Open) {
	for _, n := range b.LongUnseen() {
		v := n.Longest()
		out = append(out, Open{Kind: openTime, Cause: control.CauseUnseen, Word: NotObserved, What: Mono(n.ID).To(b.ControlPage(n.ID)), Of: Str(b.Control(n.ID).Control.Title),
			Why: fmt.Sprintf("for up to %d days (%s to %s), where %s allows %d: %s", v.Days, isoDay(v.From), isoDay(v.To), n.Cadence, n.Allowed, b.whyUnseen(*v))})
	}
	for i := range b.Ledger.Unseen {
		u := &b.Ledger.Unseen[i]
		told, last := 0, control.CellSight{}
		for _, s := range u.Sights {
			if s.Answered {
				told++
			} else {
				last = s
			}
		}
		out = append(out, Open{Kind: openAtRun, Cause: control.CauseOf("(" + last.State + ") " + last.Reason), Word: NotObserved, What: Mono(u.Source).To(b.CellPage(Key{u.Account, u.Region, u.Source})),
			Of: Str(fmt.Sprintf("answered at %d of %d runs", told, len(u.Sights))), Account: u.Account, Region: u.Region, Why: last.Reason})
	}
	for i := range b.Checks {
		c := &b.Checks[i]
		n := b.Ledger.Check(c.Check.Name)
		if n == nil || len(b.Ledger.Looks) == 0 || b.Ledger.First(n) != nil {
			continue
		}
		why, cause := "no run asked for "+c.Check.Of, control.CauseUnasked
		if len(c.Findings) > 0 && c.Findings[0].Reason != "" {
			why, cause = c.Findings[0].Reason, control.CauseOf(c.Findings[0].Reason)
		}
		out = append(out, Open{Kind: openNever, Cause: cause, Word: NotObserved, What: Mono(c.Check.Name).To(b.CheckPage(c.Check.Name)), Of: Str(strings.Join(b.ControlsOf(c.Check.Name), ", ")), Why: why})
	}
	for _, l := range b.Losses() {
		cause := control.CauseDeleted
		if !l.Deleted {
			cause = control.CauseUnasked
		}
		out = append(out, Open{Kind: openLost, Cause: cause, Word: NotObserved, What: Mono(l.Source).To(b.SourcePage(l.Source)), Of: Str(l.String()), Region: placesInWords(l.Places), Why: l.Lost.Says(l.Retention)})
	}
	return out
}

// NotObserved is the word of a time in which nothing was observed.
const NotObserved = string(control.NotSeen)

// LongUnseen are the controls in scope that were not observed for longer than their
// cadence allows.
func (b *Book) LongUnseen() []*control.Line {
	var out []*control.Line
	for i := range b.Ledger.Controls {
		n := &b.Ledger.Controls[i]
		if c := b.Control(n.ID); c != nil && c.InScope && len(c.Control.Checks) > 0 {
			if v := n.Longest(); v != nil && v.Long {
				out = append(out, n)
			}
		}
	}
	return out
}

// openLists are populations, responses, samples and decisions.
func (b *Book) openLists() (out []Open) {
	for _, p := range b.Populations {
		if !p.Whole {
			out = append(out, Open{Kind: openPopulation, Cause: control.CauseOf(p.Says), Word: string(NotWhole), What: Str(p.Title).To(b.PopulationPage(p.ID)), Of: Mono(p.Source), Why: b.Completeness(p)})
		}
	}
	for _, a := range b.Responses.Findings {
		if a.State == control.ResponseUnknown {
			out = append(out, Open{Kind: openResponse, Cause: control.CauseOf(a.Says), Word: string(control.NotEvaluatedIn), What: Str(a.What), Of: Mono(a.Source), Account: a.Account, Region: a.Region, Why: a.Says})
		}
	}
	for _, s := range b.Samples {
		for i, r := range s.Results {
			if s.Problem != "" || s.Drawn[i].Replaced != "" {
				continue
			}
			for _, f := range r.Findings {
				if VerdictStatus(f) == control.NotEvaluatedIn {
					out = append(out, Open{Kind: openSample, Cause: control.CauseOf(f.Reason), Word: string(control.NotEvaluatedIn), What: Mono(f.Item).To(b.SamplePage(s.ID)), Of: Mono(cmp.Or(f.Check, s.ID)), Account: f.Account, Region: f.Region, Why: f.Reason})
				}
			}
		}
	}
	for _, r := range b.Reviews {
		for _, p := range r.Proofs {
			if ProofStatus(p.Outcome) == control.NotEvaluatedIn {
				out = append(out, Open{Kind: openDecision, Cause: control.CauseOf(p.Says), Word: string(control.NotEvaluatedIn), What: Str(r.ID).To(b.ReviewPage(r.ID)), Of: Str("access review"), Why: p.Says})
			}
		}
	}
	return out
}

// openSums are controls and criteria whose status follows from the rest.
func (b *Book) openSums() (out []Open) {
	open := func(s control.Status) bool { return s == control.NotEvaluatedIn || s == control.ManualHasNot }
	for i := range b.Controls {
		c := &b.Controls[i]
		if open(c.Status) {
			out = append(out, Open{Kind: openControl, Cause: control.CauseFollows, Word: string(c.Status), What: Mono(c.Control.ID).To(b.ControlPage(c.Control.ID)), Of: Str(c.Control.Title), Why: c.Operating})
		}
	}
	for i := range b.Criteria {
		c := &b.Criteria[i]
		if !c.InScope || !open(c.Status) {
			continue
		}
		var of []string
		for _, id := range c.Controls {
			if k := b.Control(id); k != nil && open(k.Status) {
				of = append(of, id)
			}
		}
		out = append(out, Open{Kind: openCriterion, Cause: control.CauseFollows, Word: string(c.Status), What: Mono(c.Criterion.ID).To(b.CriterionPage(c.Criterion.ID)), Of: Str(c.Criterion.Title), Why: "its controls: " + strings.Join(of, ", ")})
	}
	return out
}

// OpenTable lists what was not evaluated.
func (b *Book) OpenTable(id, title string, list []Open) *Table {
	t := &Table{ID: id, Title: title, Empty: "Everything was evaluated, and no record is missing.", Columns: []Column{
		{"cause", "Reason", Text, 12}, {"kind", "Kind", Text, 12}, {"state", "State", Status, 16}, {"what", "What", Code, 24}, {"of", "Of", Text, 24},
		{"account", "Account", Code, 15}, {"region", "Where", Text, 16}, {"why", "Why", Text, 60},
	}}
	names := map[string]string{}
	for _, k := range OpenKinds() {
		names[k.ID] = k.Name
	}
	for _, o := range list {
		t.Add("", Str(string(o.Cause)), Str(names[o.Kind]), Cell{Kind: Status, Text: o.Word, Set: true}, o.What, o.Of, Mono(o.Account), Str(o.Region), Str(o.Why))
	}
	return t
}

// OpenByCause counts what was not evaluated by its reason: who can close it, and how.
// at leads to the first row of a reason.
func OpenByCause(list []Open, at func(i int) string) *Table {
	t := &Table{ID: "open-by-reason", Title: "By reason", Note: "What somebody can close today comes first.", Columns: []Column{
		{"cause", "Reason", Text, 20}, {"rows", "Rows", Number, 8}, {"which", "Of which", Text, 36}, {"says", "What happened", Text, 40}, {"who", "Who can close it", Text, 30}, {"mend", "How", Text, 44},
	}}
	for _, c := range control.Causes() {
		n, first, of := 0, -1, map[string]int{}
		for i, o := range list {
			if o.Cause == c.Cause {
				if n++; first < 0 {
					first = i
				}
				of[o.Kind]++
			}
		}
		if n == 0 {
			continue
		}
		var which []string
		for _, k := range OpenKinds() {
			if of[k.ID] > 0 {
				which = append(which, fmt.Sprintf("%s: %d", strings.ToLower(k.Name), of[k.ID]))
			}
		}
		t.Add("", Str(string(c.Cause)).To(at(first)), Int(n), Str(strings.Join(which, "\n")), Str(c.Says), Str(c.Who), Str(strings.ReplaceAll(c.Mend, "`", "")))
	}
	return t
}

// OpenByKind counts what was not evaluated by kind, beside the page that has as many.
func OpenByKind(list []Open) *Table {
	t := &Table{ID: "open-by-kind", Title: "By kind, and the page that has as many", Columns: []Column{
		{"kind", "Kind", Text, 26}, {"rows", "Rows", Number, 8}, {"says", "Counted are those", Text, 40}, {"page", "Its own page", Text, 24},
	}}
	of := map[string]int{}
	for _, o := range list {
		of[o.Kind]++
	}
	for _, k := range OpenKinds() {
		t.Add("", Str(k.Name), Int(of[k.ID]), Str(k.Says), Str(k.Place).To(k.Page))
	}
	t.Add("", Str("All"), Int(len(list)), Cell{}, Cell{})
	return t
}
