package render

import (
	"fmt"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/render/table"
)

// checkPages are a page for each check, in parts where it has many findings.
func (b *binder) checkPages() {
	var links []table.Link
	for i := range b.Checks {
		links = append(links, table.Link{Text: b.Checks[i].Check.Name, Href: b.CheckPage(b.Checks[i].Check.Name)})
	}
	for i := range b.Checks {
		c := &b.Checks[i]
		rows := func(from, to int) *table.Table {
			t := b.CheckFindings("findings", "Every item of the population", c.Findings[from:to])
			t.Empty = "No item was tested."
			return t
		}
		b.paged(links[i].Href, len(c.Findings), table.PageRows, b.haveFiles("artifacts/findings.xlsx"), rows, func(part int, g table.Grid) *table.Paper {
			p := b.check(c, part, g)
			if len(g.Pages) == 0 {
				p.Prev, p.Next = turn(links, i)
			}
			return p
		})
	}
}

func (b *binder) check(c *control.CheckResult, part int, g table.Grid) *table.Paper {
	k := c.Check
	title := k.Title
	if title == "" {
		title = k.Name
	}
	p := &table.Paper{Kicker: "Check " + k.Name, Title: title, Lead: table.Line(k.Says), Status: c.Status, ID: k.Name,
		Crumbs: crumbs(table.Link{Text: "Checks", Href: "checks.html"}), Cite: b.Cite("", k.Name, ""), Wide: true}
	if part > 0 {
		p.Kicker = fmt.Sprintf("Check %s, part %d", k.Name, part+1)
		p.Blocks = []table.Block{table.P("The test itself is described on ", table.A("the first part", b.CheckPage(k.Name)), "."), g}
		return p
	}
	n := c.Counts
	facts := []table.Fact{
		{Name: "Controls", Values: b.controlLinks(k.Name)},
		{Name: "Population", Values: one(table.Mono(k.Of).To(b.SourcePage(k.Of)))},
		{Name: "Severity", Values: one(table.Str(string(k.Severity)))},
		{Name: "Defined in", Values: one(table.Mono(k.File))},
	}
	if days := b.countedTo(c); len(days) > 0 {
		facts = append(facts, table.Fact{Name: "Counted to", Values: days})
	}
	if len(k.Limits) > 0 {
		facts = append(facts, table.Fact{Name: "Limits", Values: limitCells(k.Limits)})
	}
	for _, v := range table.SortedKeys(k.With) {
		facts = append(facts, table.Fact{Name: "Also reads, as " + v, Values: one(table.Mono(k.With[v]).To(b.SourcePage(k.With[v])))})
	}
	for _, peer := range table.SortedKeys(k.Peers) {
		facts = append(facts, table.Fact{Name: "Same test in " + peerName(peer), Values: one(table.Mono(strings.Join(k.Peers[peer], "\n")))})
	}
	p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{
		{N: n.Population, Word: "items in the population"},
		{N: n.Failed - n.Compensated, Word: "exceptions", Status: control.ExceptionIn},
		{N: n.Compensated, Word: "compensated", Status: control.Compensated},
		{N: n.NotEvaluated, Word: "not evaluated", Status: control.NotEvaluatedIn},
		{N: n.NeedsRecord, Word: "need a record", Status: control.ManualHasNot},
		{N: n.Passed, Word: "met", Status: control.Met},
		{N: n.NotApplicable, Word: "not applicable", Status: control.NA},
	}}, known(facts...))
	if sum := n.Passed + n.Failed + n.NotApplicable + n.NotEvaluated + n.NeedsRecord; sum != n.Population {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "alarm", Title: "The counts do not add up",
			Spans: table.Line(fmt.Sprintf("The population has %d items and %d verdicts were given.", n.Population, sum))})
	}
	if len(c.Unanswered) > 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "The population may be larger than counted",
			Spans: table.Line(table.Plural(len(c.Unanswered), "listing was", "listings were"), " not answered whole. Each also counts as one item not evaluated.")},
			table.Grid{Table: limit(b.CellsTable("unanswered", "Listings not answered whole", c.Unanswered), 200)})
	}
	p.Blocks = append(p.Blocks, table.H2("items", "Findings"), g,
		table.P("To cite one finding, put its id, such as ", table.K("F-…"), ", in place of the check's name in the line at the foot of this page. The id leads to its row and stays the same from package to package."),
		table.H2("test", "The test"))
	if k.When != "" {
		p.Blocks = append(p.Blocks, table.Pre{Title: "Applies where", Text: k.When})
	}
	switch {
	case k.Pass != "":
		p.Blocks = append(p.Blocks, table.Pre{Title: "Met where", Text: k.Pass})
	case k.Join != "":
		steps := table.List{Ordered: true}
		for _, say := range k.Steps {
			steps.Items = append(steps.Items, table.Line(say))
		}
		p.Blocks = append(p.Blocks, table.P("This test joins populations, which one expression could not. The program decides it in these steps, in the function ", table.K(k.Join), ":"), steps)
	}
	if k.Shows != "" {
		p.Blocks = append(p.Blocks, table.Pre{Title: "The value shown", Text: k.Shows})
	}
	if k.Remediation != "" {
		p.Blocks = append(p.Blocks, table.H2("mend", "How to mend an exception"), table.P(k.Remediation))
	}
	if n := b.Ledger.Check(k.Name); n != nil {
		p.Blocks = append(p.Blocks, b.continuity("check", n, b.Ledger.ChangesOf(n), table.PageRows/2)...)
	}
	return p
}

func (b *binder) controlLinks(check string) []table.Cell {
	var out []table.Cell
	for _, id := range b.ControlsOf(check) {
		text := id
		if c := b.Control(id); c != nil {
			text += " " + c.Control.Title
		}
		out = append(out, table.Str(text).To(b.ControlPage(id)))
	}
	if out == nil {
		out = one(table.Str("no control names this check"))
	}
	return out
}

func peerName(key string) string {
	switch key {
	case "prowler":
		return "Prowler"
	case "powerpipe":
		return "Powerpipe"
	case "aws_config":
		return "AWS Config"
	case "security_hub":
		return "Security Hub"
	}
	return key
}

// openFirst puts the way to everything not evaluated before the part of it that findings have.
func openFirst(path string, all table.Block, g table.Grid) []table.Block {
	if path == "findings/not-evaluated.html" || path == "findings/record-needed.html" {
		return []table.Block{all, g}
	}
	return []table.Block{g}
}

// countedTo are the days a check's values are counted to, as each says; one that is not
// the package's is marked. Empty for a check that counts no days.
func (b *binder) countedTo(c *control.CheckResult) (out []table.Cell) {
	seen := map[string]bool{}
	for _, f := range c.Findings {
		value, _ := f.Value.(map[string]any)
		to, _ := value["counted_to"].(string)
		if to == "" || seen[to] {
			continue
		}
		seen[to] = true
		if !strings.HasPrefix(to, b.AsOf.UTC().Format(time.DateOnly)) {
			to += ": not the day the package is counted to, " + b.AsOf.UTC().Format(time.DateOnly)
		}
		if len(out) < 5 {
			out = append(out, table.Str(to).To("glossary.html#counted-to"))
		}
	}
	return out
}

// findingPages are all findings and the parts of them people ask for, as
// static pages: a filter that needs no script.
func (b *binder) findingPages() {
	type view struct {
		path, title, says string
		keep              func(table.Found) bool
	}
	is := func(s control.Status) func(table.Found) bool {
		return func(f table.Found) bool { return table.VerdictStatus(*f.Finding) == s }
	}
	views := []view{
		{"findings/exceptions.html", "Exceptions", "Items that fail a test and are not covered by an accepted exception that counts.", is(control.ExceptionIn)},
		{"findings/not-evaluated.html", "Not evaluated", "Items where a question was not answered. They are not passes.", is(control.NotEvaluatedIn)},
		{"findings/record-needed.html", "Need a record", "Items that need a record a person must write.", is(control.ManualHasNot)},
		{"findings/compensated.html", "Exceptions, compensated", "Items that fail, each covered by an accepted exception that counts.", is(control.Compensated)},
		{"findings/met.html", "Met", "Items that pass, with the value that decided.", is(control.Met)},
		{"findings/not-applicable.html", "Not applicable", "Items the test does not apply to, and why.", is(control.NA)},
	}
	var status, accounts []table.Count
	for _, v := range views {
		n := 0
		for _, f := range b.found {
			if v.keep(f) {
				n++
			}
		}
		status = append(status, table.Count{N: n, Word: strings.ToLower(v.title), Href: v.path})
	}
	for i, s := range []control.Status{control.ExceptionIn, control.NotEvaluatedIn, control.ManualHasNot, control.Compensated, control.Met, control.NA} {
		status[i].Status = s
	}
	per := map[string]int{}
	for _, f := range b.found {
		per[f.Account]++
	}
	for _, a := range table.SortedKeys(per) {
		id, name := table.FileName(a), b.AccountName(a)
		if a == "" {
			id, name = "no-account", "git and records"
		}
		path := "findings/account-" + id + ".html"
		accounts = append(accounts, table.Count{N: per[a], Word: name, Href: path})
		views = append(views, view{path, "Findings in " + name, "All findings of this account.", func(f table.Found) bool { return f.Account == a }})
	}
	for _, v := range views {
		var some []table.Found
		for _, f := range b.found {
			if v.keep(f) {
				some = append(some, f)
			}
		}
		rows := func(from, to int) *table.Table { return b.FindingsTable("findings", v.title, some[from:to]) }
		b.paged(v.path, len(some), table.PageRows, b.haveFiles("artifacts/findings.xlsx"), rows, func(part int, g table.Grid) *table.Paper {
			return &table.Paper{Kicker: "Findings", Title: v.title, Wide: true, Lead: table.Line(v.says), Crumbs: crumbs(table.Link{Text: "Findings", Href: "findings.html"}),
				Blocks: openFirst(v.path, b.allOpen(), g)}
		})
	}
	severities := &table.Table{ID: "severities", Title: "By check, what is not met first", Columns: []table.Column{
		{Key: "check", Name: "Check", Kind: table.Code, Width: 30}, {Key: "severity", Name: "Severity", Width: 10}, {Key: "exceptions", Name: "Exceptions", Kind: table.Number},
		{Key: "not_evaluated", Name: "Not evaluated", Kind: table.Number}, {Key: "needs_record", Name: "Need a record", Kind: table.Number}, {Key: "population", Name: "Population", Kind: table.Number},
	}}
	shown := map[string]bool{}
	for _, f := range b.found {
		if c := f.Check; !shown[c.Check.Name] {
			shown[c.Check.Name] = true
			severities.Add("", table.Mono(c.Check.Name).To(b.CheckPage(c.Check.Name)), table.Str(string(c.Check.Severity)), table.Int(c.Counts.Failed-c.Counts.Compensated),
				table.Int(c.Counts.NotEvaluated), table.Int(c.Counts.NeedsRecord), table.Int(c.Counts.Population))
		}
	}
	b.page("findings.html", func() *table.Paper {
		return &table.Paper{Kicker: "Every verdict on every item", Title: "Findings", Crumbs: crumbs(),
			Lead: table.Line(table.Plural(len(b.found), "verdict", "verdicts"), " of ", table.Plural(len(b.Checks), "check", "checks"), ". Choose a status or an account."),
			Blocks: []table.Block{table.H2("status", "By status"), table.Tally{Items: status}, table.H2("account", "By account"), table.Tally{Items: accounts},
				table.H2("check", "By check"), table.Grid{Table: severities, Downloads: b.haveFiles("artifacts/findings.xlsx", "artifacts/findings.csv", "data/findings.jsonl")}}}
	})
}
