package render

import (
	"slices"
	"strconv"

	"exhibit/control"
	"exhibit/render/table"
)

// controlPages are a page for each criterion and each control.
func (b *binder) controlPages() {
	var criteria []table.Link
	for i := range b.Criteria {
		c := &b.Criteria[i].Criterion
		criteria = append(criteria, table.Link{Text: c.ID + " " + c.Title, Href: b.CriterionPage(c.ID)})
	}
	for i := range b.Criteria {
		b.page(criteria[i].Href, func() *table.Paper {
			p := b.criterion(&b.Criteria[i])
			p.Prev, p.Next = turn(criteria, i)
			return p
		})
	}
	var controls []table.Link
	for i := range b.Controls {
		c := &b.Controls[i].Control
		controls = append(controls, table.Link{Text: c.ID + " " + c.Title, Href: b.ControlPage(c.ID)})
	}
	for i := range b.Controls {
		b.page(controls[i].Href, func() *table.Paper {
			p := b.workpaper(&b.Controls[i], false)
			p.Prev, p.Next = turn(controls, i)
			return p
		})
	}
}

func (b *binder) criterion(c *control.CriterionResult) *table.Paper {
	p := &table.Paper{Kicker: "Criterion " + c.Criterion.ID + " · " + c.Criterion.Group, Title: c.Criterion.Title, Crumbs: crumbs(table.Link{Text: "Criteria", Href: criteriaPage}),
		Lead: table.Line(c.Criterion.Summary), Status: c.Status, ID: c.Criterion.ID, Cite: b.Cite("", c.Criterion.ID, "")}
	if !c.InScope {
		p.Status = ""
		p.Blocks = append(p.Blocks, table.Notice{Kind: "note", Title: "Out of scope",
			Spans: table.Line("The category ", c.Criterion.Category, " is not part of this engagement. What is shown below is not asserted.")})
	}
	ids := slices.Clone(c.Controls)
	slices.SortStableFunc(ids, func(x, y string) int { return b.urgencyOf(x) - b.urgencyOf(y) })
	t := b.ControlsTable("controls", "Controls that serve "+c.Criterion.ID, ids)
	t.Empty = "No control serves this criterion."
	p.Blocks = append(p.Blocks, table.Grid{Table: t})
	var automated, records, statements int
	for _, id := range c.Controls {
		if k := b.Control(id); k != nil {
			automated += len(k.Automated)
			records += len(k.Records)
			statements += len(k.Control.Statements)
		}
	}
	p.Blocks = append(p.Blocks, table.P("The proof is of three kinds, kept apart: ", table.Plural(automated, "automated check", "automated checks"), ", ",
		table.Plural(records, "kind of record", "kinds of record"), " that people write, and ",
		table.Plural(statements, "statement", "statements"), " by management."))
	return p
}

func (b *binder) urgencyOf(id string) int {
	if c := b.Control(id); c != nil {
		return table.Urgency(c.Status)
	}
	return 0
}

// rowsOnControl is the most findings a control's page shows of one kind; the
// check's own page has them all. rowsPrinted is the same for a working paper:
// some hundred pages; the workbook of findings has them all.
const (
	rowsOnControl = 60
	rowsPrinted   = 4000
)

// workpaper is a control in the order of an auditor's working paper. The page
// and the printed document are this one function; full shows every finding.
func (b *binder) workpaper(c *control.ControlResult, full bool) *table.Paper {
	k := c.Control
	p := &table.Paper{Kicker: "Control " + k.ID, Title: k.Title, Status: c.Status, ID: k.ID, Crumbs: crumbs(table.Link{Text: "Controls", Href: "controls.html"}),
		Cite: b.Cite("", k.ID, "")}
	add := func(blocks ...table.Block) { p.Blocks = append(p.Blocks, blocks...) }
	most := rowsOnControl
	if full {
		most = rowsPrinted
	}

	add(table.H2("criterion", "Criteria it serves"))
	var criteria table.List
	for _, id := range k.Criteria {
		if cr := b.Criterion(id); cr != nil {
			criteria.Items = append(criteria.Items, table.Line(table.A(id+" "+cr.Criterion.Title, b.CriterionPage(id)), ". ", cr.Criterion.Summary))
		} else {
			criteria.Items = append(criteria.Items, table.Line(id))
		}
	}
	add(criteria, table.H2("statement", "Control as written"), table.P(k.Statement),
		known(
			table.Fact{Name: "Owner", Values: one(table.Str(k.Owner))},
			table.Fact{Name: "Limits", Values: limitCells(k.Limits)},
			table.Fact{Name: "Frequency", Values: one(table.Str(k.Frequency))},
			table.Fact{Name: "Over the period", Values: one(table.Str(c.Operating))},
			table.Fact{Name: "Defined in", Values: one(table.Mono(k.File))},
			table.Fact{Name: "Working paper to print", Values: b.workpaperLink(k.ID, full)},
		))

	add(table.H2("population", "Population and tests"))
	if len(k.Checks) == 0 {
		add(table.P("Nothing about this control is tested automatically."))
	} else {
		n := c.Counts
		add(table.Tally{Items: []table.Count{
			{N: n.Population, Word: "items tested"},
			{N: n.Failed - n.Compensated, Word: "exceptions", Status: control.ExceptionIn},
			{N: n.Compensated, Word: "compensated", Status: control.Compensated},
			{N: n.NotEvaluated, Word: "not evaluated", Status: control.NotEvaluatedIn},
			{N: n.NeedsRecord, Word: "need a record", Status: control.ManualHasNot},
			{N: n.Passed, Word: "met", Status: control.Met},
			{N: n.NotApplicable, Word: "not applicable", Status: control.NA},
		}})
		add(b.checksOfControl(k)...)
		for _, name := range k.Checks {
			if b.Check(name) == nil {
				add(table.Notice{Kind: "gap", Title: "Not tested", Spans: table.Line("The check ", table.K(name), " has no result in this report.")})
			}
		}
	}

	var notMet, met, mended []control.Finding
	unanswered := []table.Block{}
	for _, name := range k.Checks {
		r := b.Check(name)
		if r == nil {
			continue
		}
		for _, f := range r.Findings {
			switch f.Verdict {
			case control.Pass, control.NotApplicable:
				met = append(met, f)
			default:
				notMet = append(notMet, f)
			}
		}
		mended = append(mended, r.Mended...)
		if len(r.Unanswered) > 0 {
			unanswered = append(unanswered, table.Grid{Table: limit(b.CellsTable("unanswered-"+table.Hash(name), "Not listed whole: "+name, r.Unanswered), rowsOnControl)})
		}
	}
	add(table.H2("exceptions", "Exceptions and gaps"))
	t := b.controlFindings("not-met", "Exceptions, not evaluated, needs a record", notMet, most)
	t.Empty = "The newest run's tests found no deviation, and every question was answered."
	if len(k.Checks) == 0 {
		t.Empty = "Nothing was tested automatically."
	}
	add(table.Grid{Table: t})
	if len(mended) > 0 {
		add(table.Grid{Table: b.MendedTable("mended", "Failed at an earlier run of the period, and not at the newest", mended)})
	}
	add(unanswered...)

	add(table.H2("passes", "Items that met the test"))
	t = b.controlFindings("met", "Met and not applicable, with the value that decided", met, most)
	t.Empty = "None."
	add(table.Grid{Table: t})

	add(table.H2("records", "Records"))
	if len(c.Records) == 0 {
		add(table.P("No record is expected for this control."))
	} else {
		add(table.Grid{Table: b.RecordParts(c)})
		for _, r := range c.Records {
			if len(r.Spans) > 1 {
				add(table.Grid{Table: b.SpansTable(r.Kind, r.Spans)})
			}
		}
	}

	var changes []control.Change
	for _, name := range k.Checks {
		if n := b.Ledger.Check(name); n != nil {
			changes = append(changes, b.Ledger.ChangesOf(n)...)
		}
	}
	add(b.continuity("control", b.Ledger.Control(k.ID), changes, most)...)

	add(table.H2("management", "Management's statement"))
	if len(k.Statements) == 0 {
		add(table.P("Management makes no further statement about this control."))
	} else {
		l := table.List{}
		for _, s := range k.Statements {
			l.Items = append(l.Items, table.Line(s))
		}
		add(l)
	}
	add(table.P(table.Opinion))
	return p
}

func (b *binder) workpaperLink(id string, full bool) []table.Cell {
	if full {
		return nil
	}
	path := workpaperPath(id)
	return one(table.Str(path).To(path))
}

// controlFindings shows at most n findings of several checks with the check's name.
func (b *binder) controlFindings(id, title string, fs []control.Finding, n int) *table.Table {
	found := make([]table.Found, 0, len(fs))
	for i := range fs {
		found = append(found, table.Found{Finding: &fs[i], Check: b.Check(fs[i].Check)})
	}
	slices.SortStableFunc(found, func(x, y table.Found) int {
		return table.Urgency(table.VerdictStatus(*x.Finding)) - table.Urgency(table.VerdictStatus(*y.Finding))
	})
	t := b.FindingsTable(id, title, found[:min(n, len(found))])
	if len(found) > n {
		t.Note = "The first " + strconv.Itoa(n) + " of " + strconv.Itoa(len(found)) + "; the checks' own pages and the workbook of findings have all."
	}
	drop(t, "controls")
	drop(t, "severity")
	t.Narrow()
	for i := range t.Rows { // the same finding may stand on a page once
		t.Rows[i].ID = "c-" + t.Rows[i].ID
	}
	return t
}

// checksOfControl lists a control's checks, what is not met first. Where many of
// them are about services the organisation does not use, those are folded.
func (b *binder) checksOfControl(k control.Control) []table.Block {
	var tested, idle []string
	for _, name := range b.byUrgency(k.Checks) {
		if r := b.Check(name); r != nil && r.Status == control.NoOccurrence {
			idle = append(idle, name)
		} else {
			tested = append(tested, name)
		}
	}
	if len(idle) < fewIdle || len(tested) == 0 {
		tested, idle = b.byUrgency(k.Checks), nil
	}
	t := b.ChecksTable("checks", "Checks of "+k.ID, tested)
	drop(t, "severity")
	for _, key := range []string{"compensated", "not_evaluated", "needs_record", "not_applicable"} {
		dropZero(t, key) // the counts above say so
	}
	blocks := []table.Block{table.Grid{Table: t}}
	if len(idle) > 0 {
		t := b.ChecksTable("checks-idle", "Checks of "+k.ID+" with nothing to test", idle)
		for _, c := range t.Columns[3:] {
			drop(t, c.Key)
		}
		blocks = append(blocks, table.Fold{Summary: strconv.Itoa(len(idle)) + " more checks with nothing to test: no occurrence in the period", Blocks: []table.Block{table.Grid{Table: t}}})
	}
	return blocks
}

// fewIdle checks without an item to test stand among the others.
const fewIdle = 4

// byUrgency sorts checks by what became of them, keeping their order otherwise;
// those with nothing to test come last.
func (b *binder) byUrgency(checks []string) []string {
	rank := func(name string) int {
		r := b.Check(name)
		switch {
		case r == nil:
			return -1
		case r.Status == control.NoOccurrence:
			return 99
		}
		return table.Urgency(r.Status)
	}
	out := slices.Clone(checks)
	slices.SortStableFunc(out, func(x, y string) int { return rank(x) - rank(y) })
	return out
}

// dropZero removes a column of numbers that are all zero.
func dropZero(t *table.Table, key string) {
	i := slices.IndexFunc(t.Columns, func(c table.Column) bool { return c.Key == key })
	if i >= 0 && !slices.ContainsFunc(t.Rows, func(r table.Row) bool { return !r.Cells[i].Set || r.Cells[i].Int != 0 }) {
		drop(t, key)
	}
}

// drop removes a column.
func drop(t *table.Table, key string) {
	i := slices.IndexFunc(t.Columns, func(c table.Column) bool { return c.Key == key })
	if i < 0 {
		return
	}
	t.Columns = slices.Delete(slices.Clone(t.Columns), i, i+1)
	for n := range t.Rows {
		t.Rows[n].Cells = slices.Delete(slices.Clone(t.Rows[n].Cells), i, i+1)
	}
}
