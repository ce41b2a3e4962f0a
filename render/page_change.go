package render

import (
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

const changesPage = "changes.html"

func flowPage(f control.ChangeFlow) string {
	return "changes/" + table.FileName(strings.Trim(f.Repository+"-"+f.Branch, "-")) + ".html"
}

func flowBook(f control.ChangeFlow) string {
	return "artifacts/CC8-change-management/changes-" + table.FileName(strings.Trim(f.Repository+"-"+f.Branch, "-")) + ".xlsx"
}

// changePages answer whether a change went to production around the rules: one page
// over all repositories, and one for each branch with every change.
func (b *binder) changePages() {
	b.page(changesPage, b.changesPage)
	for _, f := range b.Changes {
		lines := gravest(f.Lines)
		rows := func(from, to int) *table.Table {
			return b.MergedOnPage("changes", "Every change of the period, exceptions first", f, lines[from:to])
		}
		b.paged(flowPage(f), len(lines), table.PageRows, b.haveFiles(flowBook(f)), rows, func(part int, g table.Grid) *table.Paper {
			p := &table.Paper{Kicker: "Changes to production", Title: title(f), Wide: true, Crumbs: crumbs(table.Link{Text: "Changes", Href: changesPage}),
				Lead: table.Line("Every first-parent commit of the branch in the period, as git lists them, each with the pull request the code host says it came by.")}
			if part > 0 {
				p.Blocks = append(p.Blocks, g)
				return p
			}
			p.Blocks = append(p.Blocks, b.reconciled(f)...)
			p.Blocks = append(p.Blocks, table.H2("changes-h", "The changes"), g, table.H2("tips-h", "Where the branch stood"),
				table.P("Between two runs nothing can have come onto the branch that is not listed: each commit names the one before it. When a change arrived is bounded by the runs; the dates in commits are claims."),
				table.Grid{Table: b.TipsTable(f)}, table.H2("rules-h", "The rules over the branch"),
				table.P("What the code host said when each run asked. Between two runs rules may have been other ones."), table.Grid{Table: b.RulesTable(f)})
			return p
		})
	}
}

func title(f control.ChangeFlow) string {
	if f.Branch == "" {
		return f.Repository
	}
	return f.Repository + ", branch " + f.Branch
}

// gravest puts exceptions first, then what was not evaluated; of the same the newest.
func gravest(lines []control.ChangeLine) []control.ChangeLine {
	out := slices.Clone(lines)
	order := []control.Verdict{control.Fail, control.NotEvaluated, control.Pass, control.NotApplicable}
	slices.SortStableFunc(out, func(a, b control.ChangeLine) int {
		return slices.Index(order, a.Worst()) - slices.Index(order, b.Worst())
	})
	return out
}

func (b *binder) changesPage() *table.Paper {
	p := &table.Paper{Kicker: "Over the period", Title: "Changes to production", Crumbs: crumbs(),
		Lead: table.Line("Did a change reach production without somebody else's approval? Git says which changes there were, the code host who approved them.")}
	t := &table.Table{ID: "flows", Title: "Production branches", Empty: "exhibit.yaml names no repository, so no change was listed.", Columns: []table.Column{
		{Key: "branch", Name: "Branch", Width: 26}, {Key: "changes", Name: "Changes", Kind: table.Number, Width: 9}, {Key: "by_pull_request", Name: "By pull request", Kind: table.Number, Width: 9},
		{Key: "direct", Name: "Direct", Kind: table.Number, Width: 8}, {Key: "not_known", Name: "Not evaluated", Kind: table.Number, Width: 8}, {Key: "not_approved", Name: "Not approved by another", Kind: table.Number, Width: 10},
		{Key: "exceptions", Name: "With any exception", Kind: table.Number, Width: 10}, {Key: "forge", Name: "What the code host said", Width: 34}}}
	unapproved, direct, answered, unknown := 0, 0, 0, 0
	for _, f := range b.Changes {
		bad, any, open, around := 0, 0, 0, 0
		for _, l := range f.Lines {
			switch l.Verdicts["git-changes-reviewed"] {
			case control.Fail:
				bad++
			case control.NotEvaluated:
				open++
			}
			if l.Verdicts["git-no-direct-pushes"] == control.Fail {
				around++
			}
			if l.Worst() == control.Fail {
				any++
			}
		}
		unapproved, direct, answered, unknown = unapproved+bad, direct+around, answered+f.Direct-around, unknown+open
		host := fmt.Sprintf("%s merged in the period", table.Plural(f.Merged, "pull request", "pull requests"))
		if f.Unlisted != "" {
			host = f.Unlisted
		}
		t.Add("", table.Str(title(f)).To(flowPage(f)), table.Int(len(f.Lines)), table.Int(f.ByPull), table.Int(f.Direct), table.Int(f.NotKnown), table.Int(bad), table.Int(any), table.Str(host))
	}
	if len(b.Changes) > 0 {
		p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{
			{N: unapproved, Word: "without another's approval", Status: control.ExceptionIn, Href: b.CheckPage("git-changes-reviewed")},
			{N: direct, Word: "around the pull requests", Status: control.ExceptionIn, Href: b.CheckPage("git-no-direct-pushes")},
			{N: answered, Word: "around them, answered for by a record"},
			{N: unknown, Word: "approval not evaluated", Status: control.NotEvaluatedIn, Href: b.CheckPage("git-changes-reviewed")},
		}})
	}
	p.Blocks = append(p.Blocks, table.Grid{Table: t})
	p.Blocks = append(p.Blocks, b.repositoriesBlocks()...)
	for _, f := range b.Changes {
		bad := slices.DeleteFunc(gravest(f.Lines), func(l control.ChangeLine) bool { return l.Worst() != control.Fail })
		if len(bad) > 0 {
			p.Wide = true
			p.Blocks = append(p.Blocks, table.H2("x-"+table.Hash(f.Repository, f.Branch), "Exceptions in "+title(f)), table.Grid{Table: limit(b.MergedOnPage("exceptions-"+table.Hash(f.Repository, f.Branch), "Changes with an exception", f, bad), 200)})
		}
	}
	return p
}

// repositoriesBlocks say whether these branches are of all repositories there are, and
// whether the rules over them held between the runs.
func (b *binder) repositoriesBlocks() []table.Block {
	out := []table.Block{table.H2("repositories", "Are these all repositories?")}
	if c := b.Check("repositories-in-scope-or-excluded"); c == nil || len(b.CellsOf("forge/repository")) == 0 {
		out = append(out, table.P("Not evaluated: no organisation of a code host was listed, so it is not known which other repositories there are."))
	} else {
		counts := map[string]int{}
		for _, f := range c.Findings {
			if v, ok := f.Value.(map[string]any); ok {
				counts[fmt.Sprint(v["scope"])]++
			}
		}
		out = append(out, table.P(fmt.Sprintf("Of the organisation's repositories in the period %d were in scope, %d left out for a stated reason, and ", counts["in scope"], counts["excluded"]),
			table.A(fmt.Sprintf("%d neither", counts["neither in scope nor excluded"]), b.CheckPage("repositories-in-scope-or-excluded")), fmt.Sprintf("; %d listings or repositories were not evaluated. ", c.Counts.NotEvaluated),
			table.A("The list", b.PopulationPage("repositories")), " is held against the code host's own count."))
	}
	if c := b.Check("branch-rule-changes-answered"); c != nil && len(b.CellsOf("forge/audit-event")) > 0 {
		return append(out, table.P("Between the runs the code host's audit log tells what was done to the rules over the branches: ",
			table.A(table.Plural(c.Counts.Failed, "event", "events")+" that loosened them or went around", b.CheckPage("branch-rule-changes-answered")), fmt.Sprintf(", %d that did not, %d not evaluated.", c.Counts.Passed, c.Counts.NotEvaluated)))
	}
	return append(out, table.P("No audit log of the code host was read: a rule that was switched off and on again between two runs is not known."))
}

// reconciled holds git's list against the code host's, in words, with the
// differences one by one.
func (b *binder) reconciled(f control.ChangeFlow) []table.Block {
	out := []table.Block{table.Tally{Items: []table.Count{
		{N: len(f.Lines), Word: "changes"}, {N: f.ByPull, Word: "by pull request"}, {N: f.Direct, Word: "direct", Status: map[bool]control.Status{true: control.ExceptionIn}[f.Direct > 0]},
		{N: f.NotKnown, Word: "not evaluated", Status: map[bool]control.Status{true: control.NotEvaluatedIn}[f.NotKnown > 0]}, {N: f.Bots, Word: "by bots"}, {N: f.Reverts, Word: "that undo another"},
	}}}
	if f.Unlisted != "" {
		out = append(out, table.Notice{Kind: "gap", Title: "The code host did not list the pull requests", Spans: table.Line(f.Unlisted + ". Who approved these changes is not known, and no change passes for approved.")})
	}
	out = append(out, table.H2("reconciliation", "Git's list against the code host's"))
	var said, differences [][]table.Span
	for _, a := range f.Arrivals {
		said = append(said, table.Line(arrived(a, f.Unlisted == "")))
		for _, d := range a.Differences {
			differences = append(differences, table.Line(d))
		}
	}
	out = append(out, table.List{Items: said})
	for _, tip := range f.Tips {
		if tip.Descends == "no" {
			out = append(out, table.Notice{Kind: "gap", Title: "History was rewritten", Spans: table.Line(fmt.Sprintf("What run %s saw at the branch's tip does not follow from the tip the run before saw. What stood there before is in that run's evidence alone.", tip.Run))})
		}
	}
	if f.Unlisted != "" {
		return out
	}
	if len(differences) == 0 {
		return append(out, table.P("The two lists agree."))
	}
	out = append(out, table.P("The differences, one by one:"), table.List{Items: differences[:min(len(differences), 300)]})
	if more := len(differences) - 300; more > 0 {
		out = append(out, table.P(fmt.Sprintf("And %d more: the workbook has them all.", more)))
	}
	return out
}

// arrived is one arrival in a sentence.
func arrived(a control.Arrival, listed bool) string {
	tip := func(t control.BranchTip) string {
		return fmt.Sprintf("the tip %.10s (seen %s)", t.Commit, t.At.UTC().Format("2006-01-02 15:04"))
	}
	when := "between " + tip(a.From) + " and " + tip(a.To)
	switch {
	case a.From.Run == "" && a.To.Run == "":
		when = "in the period; no tip a run saw is on the branch any more"
	case a.From.Run == "":
		when = "from the beginning of the period to " + tip(a.To)
	case a.To.Run == "":
		when = "after " + tip(a.From)
	}
	if a.N == 0 {
		s := "No commit arrived " + when + "."
		if listed {
			s += fmt.Sprintf(" The code host lists %s merged in that time.", table.Plural(a.Merged, "pull request", "pull requests"))
		}
		return s
	}
	s := fmt.Sprintf("%s arrived %s: %d by pull request, %d direct", table.Plural(a.N, "commit", "commits"), when, a.ByPull, a.Direct)
	if a.NotKnown > 0 {
		s += fmt.Sprintf(", %d not evaluated", a.NotKnown)
	}
	s += fmt.Sprintf("; %d of them by bots, %d that undo another.", a.Bots, a.Undoes)
	if listed {
		s += fmt.Sprintf(" The code host lists %s merged in that time; %d ended here.", table.Plural(a.Merged, "pull request", "pull requests"), a.Pulls)
	}
	return s
}

// changeArtifacts are the changes of each branch as a workbook.
func (b *binder) changeArtifacts() {
	for _, f := range b.Changes {
		a := artifact{path: flowBook(f), title: "Changes to " + title(f), from: "git and the code host", page: flowPage(f), checks: b.ChecksOf("git/change"), state: table.CoverCollected}
		if f.Unlisted != "" {
			a.state, a.why = table.CoverPartial, f.Unlisted
		}
		if len(f.Lines) == 0 {
			a.state, a.why = table.CoverNothing, "no change reached the branch in the period"
			b.hold(a, nil)
			continue
		}
		b.hold(a, func() ([]byte, error) {
			box := b.ipeOf([]string{"git/change", "forge/pull-request"}, len(f.Lines))
			box.Shows = "Every first-parent commit of the branch in the period, with the pull request the code host says it ended."
			box.ShowsNot = "Changes made to production without this branch, and whether whoever signed in to the code host was the person they should be."
			bad := slices.DeleteFunc(gravest(f.Lines), func(l control.ChangeLine) bool { return l.Worst() != control.Fail })
			sheets := []*table.Table{b.MergedTable("changes", "Changes", f, gravest(f.Lines)), b.MergedTable("exceptions", "Exceptions", f, bad), b.TipsTable(f), b.ArrivalsTable(f), b.RulesTable(f)}
			sheets[2].Title, sheets[4].Title = "Tips", "Rules"
			for _, t := range sheets {
				t.Provenance = box
			}
			return xlsx.Book(b.Stamp, "Changes to "+title(f), sheets...)
		})
	}
}
