package render

import (
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence"
	"exhibit/render/table"
)

// coveragePages are the gaps, the matrix of each account, and the chain of runs.
func (b *binder) coveragePages() {
	open := b.Unanswered()
	rows := func(from, to int) *table.Table {
		t := b.CellsTable("gaps", "Listings not collected, or not in every part", open[from:to])
		t.Empty = "Every listing was answered."
		drop(t, "sha256")
		t.Narrow()
		return t
	}
	b.paged("coverage.html", len(open), table.PageRows, b.haveFiles("data/coverage.jsonl"), rows, func(part int, g table.Grid) *table.Paper {
		p := &table.Paper{Kicker: "What was asked, and what was answered", Title: "Coverage", Crumbs: crumbs(),
			Lead: table.Line("Every ", table.Term("cell", "cell"), " (an account, a region, a source) was planned before anything was asked, so that nothing can drop out unseen.")}
		if part > 0 {
			p.Blocks = []table.Block{g}
			return p
		}
		count := map[string]int{}
		for _, c := range b.Cells {
			count[table.CoverWord(c.State)]++
		}
		tally := table.Tally{}
		for _, w := range table.CoverWords() {
			tally.Items = append(tally.Items, table.Count{N: count[w], Word: strings.ToLower(w), Status: table.CoverStatus(w)})
		}
		some := b.CoverageByAccount()
		more := []table.Block{}
		if n := len(some.Rows); n > table.PageRows {
			some.Rows = some.Rows[:table.PageRows]
			some.Note = fmt.Sprintf("The first %d of %d.", table.PageRows, n)
			more = append(more, table.P(table.A("All accounts", accountsPage), "."))
		}
		p.Blocks = append([]table.Block{tally, table.H2("not-collected", "Gaps first"), g, b.allOpen(), table.H2("accounts", "By account"), table.Grid{Table: some}}, more...)
		return p
	})
	if all := b.CoverageByAccount(); len(all.Rows) > table.PageRows {
		b.paged(accountsPage, len(all.Rows), table.PageRows, b.haveFiles("data/coverage.jsonl"), func(from, to int) *table.Table {
			t := *all
			t.Rows = all.Rows[from:to]
			return &t
		}, func(_ int, g table.Grid) *table.Paper {
			return &table.Paper{Kicker: "Coverage", Title: "All accounts", Wide: true, Crumbs: crumbs(table.Link{Text: "Coverage", Href: "coverage.html"}), Blocks: []table.Block{g}}
		})
	}
	seen := map[string]bool{}
	for _, c := range b.Cells {
		if seen[c.Account] {
			continue
		}
		seen[c.Account] = true
		b.page(b.AccountPage(c.Account), func() *table.Paper { return b.accountPage(c.Account) })
	}
	b.page("runs.html", b.runsPage)
}

// accountsPage lists the coverage of every account, where there are many.
const accountsPage = "coverage/all-accounts.html"

func (b *binder) accountPage(account string) *table.Paper {
	title := b.AccountName(account)
	if account == "" {
		title = "Git and records"
	}
	p := &table.Paper{Kicker: "Coverage of one account", Title: title, Crumbs: crumbs(table.Link{Text: "Coverage", Href: "coverage.html"}), Wide: true,
		Lead: table.Line("Sources down, regions across. The number is how many items were listed.")}
	if account != "" && title != account {
		p.Kicker = "Coverage of account " + account
	}
	var cells []evidence.Cell
	count := map[string]int{}
	for _, c := range b.Cells {
		if c.Account != account {
			continue
		}
		count[table.CoverWord(c.State)]++
		if w := table.CoverWord(c.State); w == table.CoverGap || w == table.CoverPartial {
			cells = append(cells, c)
		}
	}
	tally := table.Tally{}
	for _, w := range table.CoverWords() {
		tally.Items = append(tally.Items, table.Count{N: count[w], Word: strings.ToLower(w), Status: table.CoverStatus(w)})
	}
	gaps := limit(b.CellsTable("gaps", "Not collected, or not in every part", cells), 200)
	gaps.Empty = "Every listing of this account was answered."
	drop(gaps, "account")
	drop(gaps, "sha256")
	m := b.MatrixOf(account)
	loud, quiet, none, off := m.Quiet()
	p.Blocks = []table.Block{tally, table.Grid{Table: gaps}}
	if len(loud.Rows) > 0 {
		p.Blocks = append(p.Blocks, loud)
	}
	if len(quiet.Rows) > 0 {
		var says []string
		if none > 0 {
			says = append(says, table.Plural(none, "source", "sources")+" with nothing there in any region")
		}
		if off > 0 {
			says = append(says, table.Plural(off, "source that does", "sources that do")+" not apply to this account")
		}
		p.Blocks = append(p.Blocks, table.Fold{Summary: joinWords(says), Blocks: []table.Block{quiet}})
	}
	if len(m.Off) > 0 {
		p.Blocks = append(p.Blocks, table.P("Nothing applies in ", table.Plural(len(m.Off), "region", "regions"), ", and they are left out above: ", strings.Join(m.Off, ", "), ". The reason of each stands on the page of each source."))
	}
	return p
}

// limitedRuns say what the runs asked that did not ask everything.
func (b *binder) limitedRuns() []table.Block {
	var lists []string
	runs := map[string][]string{}
	for i := len(b.Runs) - 1; i >= 0; i-- {
		if r := b.Runs[i].Run; len(r.Only) > 0 {
			list := strings.Join(r.Only, ", ")
			if runs[list] == nil {
				lists = append(lists, list)
			}
			runs[list] = append(runs[list], r.Name)
		}
	}
	var out []table.Block
	for _, list := range lists {
		out = append(out, table.P(strings.Join(runs[list], ", ")+" asked only: "+list+". Of all else the answers of the run before stand."))
	}
	return out
}

func (b *binder) runsPage() *table.Paper {
	p := &table.Paper{Kicker: "When the evidence was taken", Title: "Runs", Crumbs: crumbs(), Wide: true,
		Lead: table.Line("Each ", table.Term("run", "run"), " is one collection, fixed by a ", table.Term("seal", "seal"), " that names the one before. A run that was dropped, altered or put in another order breaks the chain.")}
	var elsewhere, asked []string
	for i := len(b.Runs) - 1; i >= 0; i-- {
		if r := b.Runs[i].Run; len(r.Endpoints) > 0 {
			elsewhere = append(elsewhere, r.Name)
			for _, e := range r.Endpoints {
				if !slices.Contains(asked, e) {
					asked = append(asked, e)
				}
			}
		}
	}
	if n := len(elsewhere); n > 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "alarm", Title: table.Plural(n, "run", "runs") + " did not ask AWS's own endpoints",
			Spans: table.Line(strings.Join(elsewhere, ", ")+" asked ", joinWords(asked), ". What such an endpoint answers is not evidence about AWS.")})
	}
	var trusting []string
	for i := len(b.Runs) - 1; i >= 0; i-- {
		if r := b.Runs[i].Run; len(r.CAs) > 0 {
			trusting = append(trusting, r.Name+" ("+joinWords(r.CAs)+")")
		}
	}
	if n := len(trusting); n > 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "alarm", Title: table.Plural(n, "run", "runs") + " trusted certificates of the machine's own choosing",
			Spans: table.Line("Whoever holds the key of such a certificate can answer in the place of AWS: " + strings.Join(trusting, "; ") + ". Ask whose it is. A company that inspects its own traffic has one; compare a sample of the calls with CloudTrail.")})
	}
	for i, r := range b.Runs {
		if i > 0 && r.Previous != b.Runs[i-1].SealSum {
			p.Blocks = append(p.Blocks, table.Notice{Kind: "alarm", Title: "The chain is broken before run " + r.Run.Name,
				Spans: table.Line("Its seal names ", table.K(r.Previous), " as the one before; that of run ", b.Runs[i-1].Run.Name, " is ", table.K(b.Runs[i-1].SealSum), ".")})
		}
	}
	p.Blocks = append(p.Blocks, b.timeNotice(), table.Grid{Table: b.RunsTable()})
	p.Blocks = append(p.Blocks, b.limitedRuns()...)
	p.Blocks = append(p.Blocks, table.H2("newest", "The newest run"))
	r := b.Run
	facts := table.Facts{Items: []table.Fact{
		{Name: "Run", Values: one(table.Mono(r.Name))},
		{Name: "Started", Values: one(table.At(r.Started))},
		{Name: "Ended", Values: one(table.At(r.Ended))},
		{Name: "Collected by", Values: one(table.Str(r.Tool))},
		{Name: "SHA-256 of the program", Values: sums(r.BinarySum, r.AWSBinarySum)},
		{Name: "SHA-256 of the plan", Values: one(table.Mono(r.PlanSum))},
		{Name: "On the machine", Values: one(table.Str(r.Host))},
		{Name: "Called itself, in AWS's own CloudTrail", Values: witness(r)},
		{Name: "Cells, calls, questions not answered", Values: one(table.Str(fmt.Sprintf("%d, %d, %d", r.Cells, r.Calls, r.Gaps)))},
		{Name: "Withheld", Values: redactions(r, nil)},
	}}
	skew := table.Str("not answered: no server gave a date")
	if r.ClockSkew != nil {
		skew = table.Str(fmt.Sprintf("%+d seconds against the servers' dates", *r.ClockSkew))
	}
	facts.Items = append(facts.Items, table.Fact{Name: "Clock", Values: one(skew)})
	p.Blocks = append(p.Blocks, facts)
	t := &table.Table{ID: "callers", Title: "Who asked", Columns: []table.Column{
		{Key: "account", Name: "Account", Kind: table.Code, Width: 15}, {Key: "arn", Name: "Identity, as STS named it", Kind: table.Code, Width: 50},
		{Key: "after", Name: "After the run", Kind: table.Code, Width: 30}, {Key: "reachable", Name: "Entered", Width: 24},
	}}
	for _, c := range r.Callers {
		reach := "yes"
		if !c.Reachable {
			reach = "no: " + c.Reason
		}
		after := table.Mono(c.ARNAfter)
		if c.ARNAfter == c.ARN {
			after = table.Str("the same")
		}
		t.Add("", table.Mono(c.Account), table.Mono(c.ARN), after, table.Str(reach))
	}
	p.Blocks = append(p.Blocks, table.Grid{Table: t})
	names := table.Files{}
	for _, r := range b.Runs {
		for _, f := range b.runFilesOf(r.Run.Name) {
			names.Items = append(names.Items, table.Link{Text: f, Href: f})
		}
	}
	if len(names.Items) > 0 {
		p.Blocks = append(p.Blocks, table.H2("files", "The runs' own files"), table.Fold{Summary: table.Plural(len(names.Items), "file", "files"), Blocks: []table.Block{names}})
	}
	return p
}

// timeNotice says of how many runs the time is proved, and what a time is that is not.
func (b *binder) timeNotice() table.Block {
	proved := 0
	for _, r := range b.Runs {
		if r.Proved {
			proved++
		}
	}
	n := len(b.Runs)
	if b.Sample && proved > 0 {
		return table.Notice{Kind: "note", Title: "SAMPLE timestamps: no real time", Spans: table.Line(
			fmt.Sprintf("%d of %d runs have a timestamp of the sample's own authority, whose keys anybody can make: it shows how a timestamp looks, and proves nothing. ", proved, n),
			"Of a real package an authority that you choose says that each run existed at the time given; a run without one is claimed only, and lies between its neighbours. How to check an authority's word yourself: ", table.A("How to verify", "how-to-verify.html"), ".")}
	}
	const claim = "A time that is claimed only is what the clock of the collecting machine said, and that can be set."
	switch {
	case proved == n:
		return table.P("A timestamp authority proves of each run that it existed at the time given. How to check its word yourself: ", table.A("How to verify", "how-to-verify.html"), ".")
	case proved == 0:
		return table.Notice{Kind: "note", Title: "When the runs were sealed is claimed only", Spans: table.Line(claim + " No timestamp of an independent authority stands beside a seal. The order of the runs is proved, by the seals that name one another.")}
	}
	return table.Notice{Kind: "note", Title: fmt.Sprintf("The time of %d of %d runs is claimed only", n-proved, n), Spans: table.Line(claim + " Of the others a timestamp authority proves that they existed at the time given; a run lies between the timestamps of the runs around it.")}
}

// witness is the trace that CloudTrail keeps of a run, where whoever holds the
// evidence cannot change it.
func witness(r evidence.Run) []table.Cell {
	if r.AppID == "" {
		return one(table.Str("nothing of its own"))
	}
	return []table.Cell{table.Mono("app/" + r.AppID), table.Str("in the user agent of every call; sessions of roles"), table.Mono(r.Session)}
}

// sums are those of the executables that made a run: since they are two, the
// second asked AWS.
func sums(kept, asked string) []table.Cell {
	v := one(table.Mono(kept))
	if asked != "" {
		v = append(v, table.Str("and of the one that asked AWS"), table.Mono(asked))
	}
	return v
}
