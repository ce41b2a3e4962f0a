package render

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

func populationBook(id string) string  { return "artifacts/populations/" + table.FileName(id) + ".xlsx" }
func populationCSV(id string) string   { return "artifacts/populations/" + table.FileName(id) + ".csv" }
func populationLines(id string) string { return "data/populations/" + table.FileName(id) + ".jsonl" }

// populationPages are the lists an auditor may sample from.
func (b *binder) populationPages() {
	b.page("populations.html", func() *table.Paper {
		p := &table.Paper{Kicker: "Whole lists to sample from", Title: "Populations", Crumbs: crumbs(), Wide: true,
			Lead: table.Line("Each ", table.Term("population", "population"), " says where it comes from, whether it is whole, how it compares with a second list of the same, and gives every row to take away.")}
		p.Blocks = []table.Block{table.Grid{Table: b.PopulationsTable()},
			table.P("How a sample is drawn from one, so that anybody can draw it again, is said on ", table.A("Samples", "samples.html"), "."), b.allOpen()}
		return p
	})
	var links []table.Link
	for _, x := range b.Populations {
		links = append(links, table.Link{Text: x.Title, Href: b.PopulationPage(x.ID)})
	}
	for i, x := range b.Populations {
		columns := sync.OnceValue(func() []string { return table.FlatColumns(plainItems(x.Items), 6) })
		digest := sync.OnceValue(func() string { return b.digest(x) })
		rows := func(from, to int) *table.Table {
			if len(x.Definition.Columns) > 0 {
				t := b.MembersTable(x, from, to)
				t.Provenance = b.populationBox(x, digest())
				return t
			}
			return b.populationRows(x, x.Items[from:to], columns())
		}
		downloads := b.haveFiles(populationBook(x.ID), populationCSV(x.ID), populationLines(x.ID))
		b.paged(links[i].Href, len(x.Items), table.PageRows, downloads, rows, func(part int, g table.Grid) *table.Paper {
			p := b.population(x, part, g, digest)
			if len(g.Pages) == 0 {
				p.Prev, p.Next = turn(links, i)
			}
			return p
		})
	}
}

// digest is the SHA-256 of a population's lines, by which a sample names it.
func (b *binder) digest(x control.Population) string {
	lines, err := x.Lines(b.Sample)
	if err != nil {
		return "not answered: " + err.Error()
	}
	return control.Digest(lines)
}

func plainItems(items []control.Located) []evidence.Item {
	out := make([]evidence.Item, len(items))
	for i, it := range items {
		out[i] = it.Item
	}
	return out
}

// populationArtifacts are the workbook and the CSV of each population.
func (b *binder) populationArtifacts() {
	for _, x := range b.Populations {
		a := artifact{path: populationBook(x.ID), title: "Population: " + x.Title, page: b.PopulationPage(x.ID), from: x.Source}
		a.state, a.why = b.standing(x.Cells, len(x.Items))
		switch {
		case x.Definition.Waits != "":
			a.state, a.why = table.CoverGap, x.Definition.Waits
		case len(x.Cells) == 0 && len(x.Items) > 0:
			a.state, a.why = table.CoverCollected, ""
		case !x.Whole && a.state == table.CoverCollected:
			a.state, a.why = table.CoverPartial, "the list is not whole over the period; its page says what is missing"
		}
		if len(x.Items) == 0 {
			b.hold(a, nil)
			continue
		}
		b.hold(a, func() ([]byte, error) { return xlsx.Book(b.Stamp, x.Title, b.populationTables(x)...) })
		a.path = populationCSV(x.ID)
		b.hold(a, func() ([]byte, error) { return b.populationTables(x)[0].CSV(b.Stamp) })
	}
}

// populationTables are the sheets of a population's workbook: the list, what
// differs from the second list, the flags, all fields, and the completeness.
func (b *binder) populationTables(x control.Population) []*table.Table {
	all := b.populationTable(x)
	all.Provenance = b.populationBox(x, b.digest(x))
	cells := b.CellsTable("listings", "Completeness", x.Cells)
	if len(x.Definition.Columns) == 0 {
		return []*table.Table{limit(all, 1_000_000), cells}
	}
	t := b.MembersTable(x, 0, len(x.Items))
	t.Provenance = all.Provenance
	out := []*table.Table{limit(t, 1_000_000)}
	if x.Second.Source != "" {
		out = append(out, b.DifferencesTable(x))
	}
	if len(x.Definition.Flags) > 0 {
		out = append(out, table.FlagsTable(x))
	}
	all.ID, all.Title = "fields", "All fields"
	return append(out, limit(all, 1_000_000), cells)
}

// populationTable is the whole population with all fields of its items.
func (b *binder) populationTable(x control.Population) *table.Table {
	return b.populationRows(x, x.Items, table.FlatColumns(plainItems(x.Items), 0))
}

func (b *binder) populationRows(x control.Population, items []control.Located, columns []string) *table.Table {
	t := b.ItemsTable("population", x.Title, items, columns, !strings.HasPrefix(x.Source, "record/"))
	t.Empty = "No occurrence in the period."
	t.Provenance = b.populationBox(x, "")
	return t
}

func (b *binder) population(x control.Population, part int, g table.Grid, digest func() string) *table.Paper {
	d := x.Definition
	p := &table.Paper{Kicker: "Population " + x.ID, Title: x.Title, ID: x.ID, Crumbs: crumbs(table.Link{Text: "Populations", Href: "populations.html"}), Wide: len(d.Columns) > 5,
		Lead: table.Line(b.Completeness(x)), Cite: b.Cite("", x.ID, "")}
	if d.Says != "" {
		p.Lead = table.Line(d.Says)
	}
	if part > 0 {
		p.Blocks = []table.Block{g}
		return p
	}
	add := func(blocks ...table.Block) { p.Blocks = append(p.Blocks, blocks...) }
	if d.Waits != "" {
		add(table.Notice{Kind: "gap", Title: "This list is not made yet", Spans: table.Line(table.Capital(d.Waits), ".")}, b.populationFacts(x, ""))
		return p
	}
	flagged := 0
	for _, m := range x.Members {
		if len(m.Risks()) > 0 {
			flagged++
		}
	}
	tally := []table.Count{{N: len(x.Items), Word: "items"}, {N: len(x.Cells), Word: "listings planned"}}
	if len(d.Flags) > 0 {
		tally = append(tally, table.Count{N: flagged, Word: "flagged"})
	}
	if x.Second.Source != "" {
		tally = append(tally, table.Count{N: len(x.Second.Differences), Word: "differences from the second list", Href: b.PopulationPage(x.ID) + "#second"})
	}
	add(table.Tally{Items: tally})
	if !x.Whole {
		add(table.Notice{Kind: "gap", Title: "This population is not whole", Spans: table.Line("A sample drawn from it may miss items: ", b.Completeness(x), ".")})
	} else if len(x.Items) == 0 {
		p.Status = control.NoOccurrence
		add(b.nothingOccurred(x))
	}
	add(b.populationFacts(x, digest()))
	add(table.H2("rows", "Every item"), g)
	if len(d.Flags) > 0 && len(x.Items) > 0 {
		add(table.Grid{Table: table.FlagsTable(x)})
	}
	add(b.secondList(x)...)
	if len(x.Items) > 0 {
		add(b.drawing(x)...)
	}
	add(table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: b.populationBox(x, digest())})
	cells := limit(b.CellsTable("cells", "Where it was asked", x.Cells), 300)
	cells.Empty = "It does not come from a listing."
	add(table.H2("completeness", "Completeness"), table.P(b.Completeness(x), "."), table.Grid{Table: cells})
	return p
}

// nothingOccurred says what an empty list means, and whether somebody stated it.
func (b *binder) nothingOccurred(x control.Population) table.Block {
	kind, record := strings.CutPrefix(x.Source, "record/")
	if !record {
		return table.Notice{Kind: "note", Title: "No occurrence in the period", Spans: table.Line("Every place was asked and answered that there is none.")}
	}
	for i := range b.Controls {
		for _, r := range b.Controls[i].Records {
			if r.Kind == kind && r.Status == control.ManualHas && r.Have == 0 {
				return table.Notice{Kind: "note", Title: "No occurrence in the period, as stated", Spans: table.Line("Somebody stated in writing that there was none: ", table.A("nil statements", b.RecordPage("nil-statement")), ".")}
			}
		}
	}
	return table.Notice{Kind: "gap", Title: "No occurrence in the period, and nobody has stated that there was none",
		Spans: table.Line("No record of the kind ", table.K(kind), " was written. Whether none happened only a person can say: a ", table.A("nil statement", cmpOr(b.RecordPage("nil-statement"), "records.html")), " would.")}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (b *binder) populationFacts(x control.Population, digest string) table.Facts {
	d := x.Definition
	var criteria []table.Cell
	for _, id := range d.Criteria {
		criteria = append(criteria, table.Str(id).To(b.CriterionPage(id)))
	}
	asOf := map[string]string{
		"date":   "as the newest run saw it, on " + b.Run.Ended.UTC().Format("2006-01-02"),
		"period": "over " + b.Stamp.Period + ": what any run of the period saw, with the first and the last that did",
	}[d.AsOf]
	return known(
		table.Fact{Name: "Criteria", Values: criteria},
		table.Fact{Name: "As of", Values: one(table.Str(asOf))},
		table.Fact{Name: "Held against", Values: one(table.Str(table.ReconciledWords(x.Second)))},
		table.Fact{Name: "Auditors commonly take", Values: one(table.Str(d.Typical))},
		table.Fact{Name: "Digest", Values: one(table.Mono(digest))},
		table.Fact{Name: "Defined in", Values: one(table.Mono(d.File))},
	)
}

// secondList shows the population beside the list it was held against.
func (b *binder) secondList(x control.Population) []table.Block {
	r := x.Second
	out := []table.Block{table.H2("second", "Held against a second list")}
	if r.None != "" {
		return append(out, table.P("There is no second list: ", r.None, "."))
	}
	if r.Source == "" {
		return nil
	}
	out = append(out, table.P("The second list is ", r.Says, "."),
		table.Facts{Items: []table.Fact{{Name: "In this population", Values: one(table.Int(r.First))}, {Name: "In the second list", Values: one(table.Int(r.Count))},
			{Name: "Source of the second", Values: one(table.Mono(r.Source).To(b.SourceHref(r.Source)))}, {Name: "Compared", Values: one(table.Str(comparedWords(x.Definition.Second)))}}})
	if r.Unknown != "" {
		out = append(out, table.Notice{Kind: "gap", Title: "The comparison is not whole", Spans: table.Line(r.Unknown)})
	}
	return append(out, table.Grid{Table: limit(b.DifferencesTable(x), 500)})
}

func comparedWords(s control.SecondDef) string {
	switch {
	case s.Count != "":
		return "by number, account by account"
	case s.Compare == "both":
		return "both ways: what is in either list alone is a difference"
	case s.Compare == "second in first":
		return "what the second list has and the population lacks is a difference; the other way round is none"
	}
	return "what the population has and the second list lacks is a difference; the other way round is none"
}

// drawing says how to draw from a population, and what was drawn.
func (b *binder) drawing(x control.Population) []table.Block {
	out := []table.Block{table.H2("draw", "Draw a sample"),
		table.P("With words of the auditor's own choosing as the seed; the same words and the digest above give the same items, for anybody: "),
		table.Pre{Text: "exhibit sample " + x.ID + " --seed " + quote("words the auditor chose") + " --size 25"}}
	if at := slices.IndexFunc(b.Samples, func(s control.Sample) bool { return s.Population == x.ID }); at >= 0 {
		list := table.Files{}
		for _, s := range b.Samples {
			if s.Population == x.ID {
				list.Items = append(list.Items, table.Link{Text: fmt.Sprintf("sample %s: %s", s.ID, table.Plural(len(s.Drawn), "item", "items")), Href: b.SamplePage(s.ID)})
			}
		}
		out = append(out, table.P("Drawn so far:"), list)
	}
	return out
}

// populationBox is the IPE box of a population. digest may be "" where none is drawn from.
func (b *binder) populationBox(x control.Population, digest string) table.Provenance {
	p := table.Provenance{Shows: "Every item that the listings below gave: " + b.Completeness(x), ShowsNot: "Items that existed only between two runs, and what the collecting identity may not see."}
	answered := 0
	var first, last table.Cell
	for _, c := range x.Cells {
		if c.State.Answered() {
			answered++
		}
		if !c.Started.IsZero() && (!first.Set || c.Started.Before(first.At)) {
			first = table.At(c.Started)
		}
		if !c.Ended.IsZero() && (!last.Set || c.Ended.After(last.At)) {
			last = table.At(c.Ended)
		}
	}
	whole := "no"
	if x.Whole {
		whole = "yes"
	}
	filter := "none of ours; those of each call are on its listing's page"
	if x.Definition.Holds != "" {
		filter = "items for which this does not hold are left out: " + x.Definition.Holds
	}
	p.Facts = []table.Fact{
		{Name: "Source", Values: one(table.Mono(x.Source).To(b.SourceHref(x.Source)))},
		{Name: "Items", Values: one(table.Int(len(x.Items)))},
		{Name: "Listings answered", Values: one(table.Str(fmt.Sprintf("%d of %d planned", answered, len(x.Cells))))},
		{Name: "Whole", Values: one(table.Str(whole))},
		{Name: "First asked", Values: one(first)}, {Name: "Last answered", Values: one(last)},
		{Name: "Filters", Values: one(table.Str(filter))},
		{Name: "Run", Values: one(table.Mono(b.Run.Name).To(b.RunHref(b.Run.Name)))},
		{Name: "Commit", Values: one(table.Mono(b.Commit))},
	}
	if len(x.Definition.Also) > 0 {
		p.Facts = append(p.Facts, table.Fact{Name: "Also from", Values: one(table.Mono(strings.Join(x.Definition.Also, "\n")))})
	}
	if s := table.ReconciledWords(x.Second); s != "" {
		p.Facts = append(p.Facts, table.Fact{Name: "Second list", Values: one(table.Str(s))})
	}
	if digest != "" && len(x.Items) > 0 {
		p.Facts = append(p.Facts, table.Fact{Name: "SHA-256 of " + populationLines(x.ID), Values: one(table.Mono(digest))})
		p.Commands = []string{"wc -l < " + populationLines(x.ID), "sha256sum " + populationLines(x.ID)}
	}
	return p
}
