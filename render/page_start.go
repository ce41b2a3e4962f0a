package render

import (
	"cmp"
	"slices"
	"strconv"

	"exhibit/control"
	"exhibit/render/table"
)

// startPages are the overview and the lists that lead on from it.
func (b *binder) startPages() {
	b.page("index.html", b.index)
	b.page("controls.html", b.controlsPage)
	b.page("checks.html", b.checksPage)
	b.page("exceptions.html", b.exceptionsPage)
	b.page("due.html", b.duePage)
	b.page("artifacts.html", b.artifactsPage)
}

// index says first what is not met, then everything by criterion.
func (b *binder) index() *table.Paper {
	e := b.Engagement
	p := &table.Paper{Kicker: "SOC 2 " + typeWords(e.Type) + " evidence", Title: e.Organisation,
		Lead: table.Line("Evidence for the period ", e.Period.Start.Format("2 January 2006"), " to ", e.Period.End.Format("2 January 2006"),
			", collected from AWS, git and the organisation's records. ", table.Opinion)}
	facts := table.Facts{Items: []table.Fact{
		{Name: "System", Values: one(table.Str(e.System))},
		{Name: "Auditor", Values: one(table.Str(e.Auditor))},
		{Name: "Categories", Values: one(table.Str(joinWords(e.Categories)))},
		{Name: "Accounts in scope", Values: b.accountCells()},
		{Name: "As of", Values: one(table.At(b.AsOf))},
		{Name: "Newest run", Values: one(table.Mono(b.Run.Name).To(b.RunHref(b.Run.Name)))},
		{Name: "Evidence commit", Values: one(table.Mono(b.Commit))},
		{Name: "Made by", Values: one(table.Str(b.Tool))},
	}}

	count := map[control.Status]int{}
	for _, f := range b.found {
		count[table.VerdictStatus(*f.Finding)]++
	}
	gaps := 0
	for _, c := range b.Cells {
		if table.CoverWord(c.State) == table.CoverGap {
			gaps++
		}
	}
	overdue := 0
	for _, d := range b.Due {
		if d.Overdue {
			overdue++
		}
	}
	p.Blocks = append(p.Blocks,
		table.H2("first", "What is not met"),
		table.Tally{Items: []table.Count{
			{N: count[control.ExceptionIn], Word: "exceptions", Status: control.ExceptionIn, Href: "findings/exceptions.html"},
			{N: count[control.NotCollected], Word: "not evaluated", Status: control.NotCollected, Href: "findings/not-evaluated.html"},
			{N: count[control.ManualHasNot], Word: "records needed", Status: control.ManualHasNot, Href: "findings/record-needed.html"},
			{N: count[control.Compensated], Word: "exceptions, compensated", Status: control.Compensated, Href: "findings/compensated.html"},
			{N: gaps, Word: "listings not collected", Status: control.NotCollected, Href: "coverage.html"},
			{N: overdue, Word: "things overdue", Href: "due.html"},
		}})
	p.Blocks = append(p.Blocks, b.warnings()...)

	var notMet []string
	for i := range b.Controls {
		if table.Urgency(b.Controls[i].Status) < table.Urgency(control.StatementOnly) {
			notMet = append(notMet, b.Controls[i].Control.ID)
		}
	}
	slices.SortStableFunc(notMet, func(x, y string) int {
		return cmp.Or(table.Urgency(b.Control(x).Status)-table.Urgency(b.Control(y).Status), table.BySeverity(b.Gravest(b.Control(x)), b.Gravest(b.Control(y))))
	})
	t := b.ControlsTable("not-met", "Controls with exceptions, gaps or missing records", notMet)
	t.Empty = "No control has one."
	t.Note = "Exceptions are counted at the newest run. One with the status Exception that shows none had them at an earlier run of the period."
	drop(t, "frequency")
	drop(t, "criteria")
	p.Blocks = append(append(p.Blocks, table.Grid{Table: t}), b.sinceLast()...)
	p.Blocks = append(p.Blocks, table.H2("criteria", "All criteria"),
		table.P("Each ", table.Term("criterion", "criterion"), " leads to the ", table.Term("controls", "control"), " that serve it, and each control to its ",
			table.Term("population", "population"), ", tests and evidence."))
	for _, category := range b.categories() {
		p.Blocks = append(p.Blocks, table.Grid{Table: b.CriteriaTable(category)})
	}
	p.Blocks = append(p.Blocks, table.H2("scope", "Scope of this package"), facts)
	p.Cite = b.Cite("", "package", "")
	return p
}

// warnings are what a reader must know before relying on anything else.
func (b *binder) warnings() []table.Block {
	var out []table.Block
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

func (b *binder) accountCells() []table.Cell {
	var out []table.Cell
	for _, a := range b.Engagement.Accounts {
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
	return &table.Paper{Kicker: "All controls", Title: "Controls", Wide: true, Crumbs: crumbs(),
		Lead:   table.Line("What the organisation does to meet the criteria, with what its checks found and what its people recorded."),
		Blocks: []table.Block{table.Grid{Table: b.ControlsTable("controls", "Controls", nil), Downloads: b.haveFiles("artifacts/controls.xlsx")}}}
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
