package render

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"exhibit/control"
	"exhibit/render/table"
)

// startPages are the overview and the lists that lead on from it.
func (b *binder) startPages() {
	b.page("index.html", b.index)
	b.page(criteriaPage, b.criteriaList)
	b.page("controls.html", b.controlsPage)
	b.page("checks.html", b.checksPage)
	b.page("exceptions.html", b.exceptionsPage)
	b.page("due.html", b.duePage)
	b.page("artifacts.html", b.artifactsPage)
}

// index says first what is not met, what changed and what is not known; everything
// by criterion is a page of its own. An auditor reads it in two screens, so what comes
// second is folded or a page away.
func (b *binder) index() *table.Paper {
	e := b.Engagement
	p := &table.Paper{Kicker: "SOC 2 " + typeWords(e.Type) + " evidence", Title: e.Organisation, Wide: true,
		Lead: table.Line("Evidence for the period ", e.Period.Start.Format("2 January 2006"), " to ", e.Period.End.Format("2 January 2006"),
			", collected from AWS, git and the organisation's records. ", table.Opinion)}
	if b.shared != nil {
		p.Blocks = append(p.Blocks, b.sharedNotice())
	}
	count := map[control.Status]int{}
	for _, f := range b.found {
		count[table.VerdictStatus(*f.Finding)]++
	}
	p.Blocks = append(p.Blocks, table.H2("first", "Verdicts at the newest run"),
		table.Tally{Items: []table.Count{
			{N: count[control.ExceptionIn], Word: "exceptions", Status: control.ExceptionIn, Href: "findings/exceptions.html"},
			{N: count[control.NotEvaluatedIn], Word: "not evaluated", Status: control.NotEvaluatedIn, Href: "findings/not-evaluated.html"},
			{N: count[control.ManualHasNot], Word: "need a record", Status: control.ManualHasNot, Href: "findings/record-needed.html"},
			{N: count[control.Compensated], Word: "exceptions, compensated", Status: control.Compensated, Href: "findings/compensated.html"},
			{N: count[control.Met], Word: "met", Status: control.Met, Href: "findings/met.html"},
			{N: count[control.NA], Word: "not applicable", Status: control.NA, Href: "findings/not-applicable.html"},
		}})
	p.Blocks = append(p.Blocks, b.warnings()...)
	p.Blocks = append(p.Blocks, b.firstFacts())

	notMet := b.openControls()
	const shown = 5
	t := b.ControlsTable("not-met", "Controls with exceptions, gaps or missing records, the gravest first", notMet[:min(shown, len(notMet))])
	t.Empty = "No control has one."
	for _, key := range []string{"frequency", "criteria", "operating", "owner"} {
		drop(t, key)
	}
	p.Blocks = append(p.Blocks, table.H2("controls", "Controls not met"), table.Grid{Table: t}, table.P(table.A(fmt.Sprintf("All controls, the %d not met first", len(notMet)), "controls.html"), "."))
	p.Blocks = append(p.Blocks, b.changedWords()...)
	p.Blocks = append(p.Blocks, b.overThePeriod()...)
	p.Blocks = append(p.Blocks, table.P("Ways in: by ", table.A("criterion", criteriaPage), ", ", table.A("control", "controls.html"), ", ", table.A("request", "requests.html"), ", ",
		table.A("artifact", "artifacts.html"), ", ", table.A("population", "populations.html"), ", ", table.A("account", "coverage.html"), ", ", table.A("time", "timeline.html"), ", or by ", table.A("search", "search.html"), "."),
		table.Fold{Summary: "Criteria by group", Blocks: []table.Block{table.Grid{Table: b.GroupsTable(criteriaPage)}}})
	p.Blocks = append(p.Blocks, table.Fold{Summary: "Scope of this package", Blocks: []table.Block{table.Facts{Items: []table.Fact{
		{Name: "System", Values: one(table.Str(e.System))},
		{Name: "Auditor", Values: one(table.Str(e.Auditor))},
		{Name: "Categories", Values: one(table.Str(joinWords(e.Categories)))},
		{Name: "Accounts in scope", Values: b.accountCells()},
		{Name: "Counted to", Values: []table.Cell{table.At(b.AsOf), table.Str("the day ages and deadlines are counted to; a check that counts to another says so").To("glossary.html#counted-to")}},
		{Name: "Newest run", Values: one(table.Mono(b.Run.Name).To(b.RunHref(b.Run.Name)))},
		{Name: "Evidence commit", Values: one(table.Mono(b.Commit))},
		{Name: "Made by", Values: one(table.Str(b.Tool))},
	}}}})
	p.Cite = b.Cite("", "package", "")
	return p
}

// openControls are the controls that are not met, the gravest first.
func (b *binder) openControls() []string {
	var out []string
	for i := range b.Controls {
		if table.Urgency(b.Controls[i].Status) < table.Urgency(control.StatementOnly) {
			out = append(out, b.Controls[i].Control.ID)
		}
	}
	slices.SortStableFunc(out, func(x, y string) int {
		return cmp.Or(table.Urgency(b.Control(x).Status)-table.Urgency(b.Control(y).Status), table.BySeverity(b.Gravest(b.Control(x)), b.Gravest(b.Control(y))))
	})
	return out
}

// firstFacts are the few lines of each list an auditor asks for first, with the
// number of all.
func (b *binder) firstFacts() table.Facts {
	const shown = 2
	some := func(list []table.Cell, all, href string) []table.Cell {
		if len(list) == 0 {
			return one(table.Str("none"))
		}
		rest := len(list) - shown
		if rest <= 0 {
			return list
		}
		return append(slices.Clone(list[:shown]), table.Str("and "+strconv.Itoa(rest)+" more: "+all).To(href))
	}
	var unknown, overdue, accepted []table.Cell
	reasons := table.OpenByCause(b.open, func(i int) string {
		return table.PartPath(unevaluatedPage, i/table.PageRows) + "#" + openAnchor(i)
	})
	for _, r := range reasons.Rows {
		unknown = append(unknown, table.Str(r.Cells[0].Text+": "+r.Cells[1].String()).To(r.Cells[0].Href))
	}
	late := b.DueTable(true)
	for _, r := range late.Rows {
		overdue = append(overdue, table.Str(r.Cells[1].Text+", "+r.Cells[0].String()).To(r.Cells[3].Href))
	}
	for i := range b.Exceptions {
		e := &b.Exceptions[i]
		says := e.ID + " to " + e.Check + ", until " + table.Day(e.Expires).String()
		if e.Void != "" {
			says = e.ID + " to " + e.Check + ", counts for nothing"
		}
		accepted = append(accepted, table.Str(says).To(b.ExceptionPage(e.ID)))
	}
	number := func(n int, what string) string { return what + " (" + strconv.Itoa(n) + ")" }
	return table.Facts{Items: []table.Fact{
		{Name: number(len(b.open), "Everything not evaluated, by reason"), Values: some(unknown, "everything not evaluated", unevaluatedPage)},
		{Name: number(len(overdue), "Overdue"), Values: some(overdue, "due", "due.html")},
		{Name: number(len(accepted), "Exceptions accepted in writing"), Values: some(accepted, "exceptions", "exceptions.html")},
	}}
}

// overThePeriod is the period at a glance: how many controls were not met at each
// run, when nobody looked, and what was asked of each account.
func (b *binder) overThePeriod() []table.Block {
	out := []table.Block{table.H2("period", "Over the period")}
	if s, ok := b.PeriodStrip(); ok {
		out = append(out, s)
	}
	out = append(out, b.lookedAt()...)
	m := b.CoverageMap(mapRows)
	if len(m.Rows) > 0 {
		fold := table.Fold{Summary: "Coverage by account and region", Blocks: []table.Block{m}}
		if rest := b.accountCount() - len(m.Rows); rest > 0 {
			fold.Blocks = append(fold.Blocks, table.P(table.Plural(rest, "further account", "further accounts"), " with no gap that is not shown above: ", table.A("coverage", "coverage.html"), "."))
		}
		out = append(out, fold)
	}
	return out
}

// mapRows is how many accounts the overview's map of coverage shows, those with gaps first.
const mapRows = 8

func (b *binder) accountCount() int {
	seen := map[string]bool{}
	for _, c := range b.Cells {
		seen[c.Account] = true
	}
	return len(seen)
}

// criteriaPage lists all criteria.
const criteriaPage = "criteria.html"

func (b *binder) criteriaList() *table.Paper {
	p := &table.Paper{Kicker: "All criteria", Title: "Criteria", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("Each ", table.Term("criterion", "criterion"), " leads to the ", table.Term("controls", "control"), " that serve it, and each control to its ",
			table.Term("population", "population"), ", tests and evidence.")}
	for _, category := range b.categories() {
		p.Blocks = append(p.Blocks, table.Grid{Table: b.CriteriaTable(category)})
	}
	return p
}

// warnings are what a reader must know before relying on anything else.
func (b *binder) warnings() []table.Block {
	var out []table.Block
	if b.aliases != nil {
		out = append(out, table.Notice{Kind: "note", Title: "People appear under pseudonyms",
			Spans: table.Line("Who they are is with the organisation, which can tell of single ones. See ", table.A("what was replaced and what was not", "withheld.html#names"), ".")})
	}
	if len(b.Run.CAs) > 0 {
		out = append(out, table.Notice{Kind: "alarm", Title: "The newest run trusted certificates of the machine's own choosing",
			Spans: table.Line("Whoever holds the key of such a certificate can answer in the place of AWS. See ", table.A("runs", "runs.html"), ".")})
	}
	if len(b.Run.Endpoints) > 0 {
		out = append(out, table.Notice{Kind: "alarm", Title: "Some answers did not come from AWS's own endpoints",
			Spans: table.Line("The newest run asked ", joinWords(b.Run.Endpoints), " instead. What such an endpoint answers is not evidence about AWS. See ", table.A("runs", "runs.html"), ".")})
	}
	unsigned := 0
	for _, r := range b.Runs {
		if r.Signer == "" {
			unsigned++
		}
	}
	if unsigned > 0 {
		out = append(out, table.Notice{Kind: "gap", Title: table.Plural(unsigned, "run is", "runs are") + " not signed",
			Spans: table.Line("Its content is fixed by the chain of seals only. See ", table.A("runs", "runs.html"), ".")})
	}
	if len(b.Problems) > 0 {
		n := table.Notice{Kind: "gap", Title: table.Plural(len(b.Problems), "thing to mend", "things to mend") + " in what people wrote or configured",
			Spans: table.Line("What could not be read counts as missing. See ", table.A("the list", "records.html#problems"), ".")}
		out = append(out, n)
	}
	if n := len(b.Engagement.Accounts); n == 0 {
		out = append(out, table.Notice{Kind: "gap", Title: "No account is named as in scope", Spans: table.Line("The engagement names none.")})
	}
	return out
}

func (b *binder) categories() []string {
	var out []string
	for _, c := range b.Criteria {
		if !slices.Contains(out, c.Criterion.Category) {
			out = append(out, c.Criterion.Category)
		}
	}
	return out
}

// accountsNamed is how many accounts the overview names.
const accountsNamed = 20

func (b *binder) accountCells() []table.Cell {
	var out []table.Cell
	for i, a := range b.Engagement.Accounts {
		if i == accountsNamed {
			out = append(out, table.Str("and "+strconv.Itoa(len(b.Engagement.Accounts)-i)+" more: coverage").To("coverage.html"))
			break
		}
		text := a.ID
		if a.Name != "" {
			text = a.Name + " (" + a.ID + ")"
		}
		out = append(out, table.Str(text).To(b.AccountPage(a.ID)))
	}
	return out
}

func typeWords(t string) string {
	switch t {
	case "type-1":
		return "Type 1"
	case "type-2":
		return "Type 2"
	}
	return t
}

func one(c table.Cell) []table.Cell {
	if !c.Set {
		return nil
	}
	return []table.Cell{c}
}

// known leaves out facts nobody stated. In an IPE box they stay, as not known.
func known(facts ...table.Fact) table.Facts {
	var out table.Facts
	for _, f := range facts {
		if len(f.Values) > 0 {
			out.Items = append(out.Items, f)
		}
	}
	return out
}

// joinWords is "a, b and c".
func joinWords(words []string) string {
	var s string
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			s += " and "
		default:
			s += ", "
		}
		s += w
	}
	return s
}

func (b *binder) controlsPage() *table.Paper {
	ids := b.openControls()
	for i := range b.Controls {
		if id := b.Controls[i].Control.ID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return &table.Paper{Kicker: "All controls", Title: "Controls", Wide: true, Crumbs: crumbs(),
		Lead:   table.Line("What the organisation does to meet the criteria, with what its checks found and what its people recorded."),
		Blocks: []table.Block{table.Grid{Table: b.ControlsTable("controls", "Controls, what is not met first", ids), Downloads: b.haveFiles("artifacts/controls.xlsx")}}}
}

func (b *binder) checksPage() *table.Paper {
	names := make([]string, 0, len(b.Checks))
	for i := range b.Checks {
		names = append(names, b.Checks[i].Check.Name)
	}
	severities := []string{"critical", "high", "medium", "low", "info"}
	slices.SortStableFunc(names, func(x, y string) int {
		return slices.Index(severities, string(b.Check(x).Check.Severity)) - slices.Index(severities, string(b.Check(y).Check.Severity))
	})
	return &table.Paper{Kicker: "All automated tests", Title: "Checks", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("Each check is one test of a whole ", table.Term("population", "population"),
			". An unanswered question is never a pass: it is counted as not evaluated."),
		Blocks: []table.Block{table.Grid{Table: b.ChecksTable("checks", "Checks, what is not met first", b.byUrgency(names))}}}
}

func (b *binder) exceptionsPage() *table.Paper {
	p := &table.Paper{Kicker: "Deviations accepted in writing", Title: "Exceptions", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("An accepted ", table.Term("exception", "exception"), " stays visible: it compensates a finding and never hides it. One that has expired, was not approved, or whose compensating control is not shown to operate counts for nothing.")}
	var open []table.Found
	for _, f := range b.found {
		if f.Verdict == control.Fail && f.Exception == "" {
			open = append(open, f)
		}
	}
	note := table.P("No test found a deviation that is not covered by an accepted exception.")
	if len(open) > 0 {
		note = table.P(strconv.Itoa(len(open)), " further deviations have no accepted exception: see ", table.A("findings", "findings/exceptions.html"), ".")
	}
	p.Blocks = []table.Block{note, table.Grid{Table: b.ExceptionsTable()}}
	return p
}

// limit cuts a table for a page that shows it in passing, and says so.
func limit(t *table.Table, n int) *table.Table {
	if len(t.Rows) > n {
		t.Note = "The first " + strconv.Itoa(n) + " of " + strconv.Itoa(len(t.Rows)) + "."
		t.Rows = t.Rows[:n]
	}
	return t
}

func (b *binder) duePage() *table.Paper {
	over, coming := b.DueTable(true), b.DueTable(false)
	over.Empty, coming.Empty = "Nothing is overdue.", "Nothing is coming up."
	return &table.Paper{Kicker: "What people must do", Title: "Due", Crumbs: crumbs(),
		Lead:   table.Line("Counted to ", b.AsOf, "."),
		Blocks: []table.Block{table.Grid{Table: over}, table.Grid{Table: coming}}}
}
