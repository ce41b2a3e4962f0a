package render

import (
	"fmt"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

func sampleBook(id string) string  { return "artifacts/samples/" + table.FileName(id) + ".xlsx" }
func samplePaper(id string) string { return "artifacts/samples/" + table.FileName(id) + ".pdf" }
func sampleData(id string) string  { return "data/samples/" + table.FileName(id) + ".jsonl" }

// samplePages are what auditors drew: a list, a sheet for each, a page for each item.
func (b *binder) samplePages() {
	b.page("samples.html", b.samplesPage)
	var links []table.Link
	for _, s := range b.Samples {
		links = append(links, table.Link{Text: s.ID, Href: b.SamplePage(s.ID)})
	}
	for i, s := range b.Samples {
		b.page(links[i].Href, func() *table.Paper {
			p := b.samplePage(s)
			p.Prev, p.Next = turn(links, i)
			p.Blocks = append(p.Blocks, table.H2("files", "To take away"), table.Files{Items: b.haveFiles(sampleBook(s.ID), samplePaper(s.ID), sampleData(s.ID))})
			return p
		})
		var items []table.Link
		for n := range s.Results {
			items = append(items, table.Link{Text: fmt.Sprintf("item %d", n+1), Href: b.SampleItemPage(s.ID, n)})
		}
		for n := range s.Results {
			b.page(items[n].Href, func() *table.Paper {
				p := b.sampleItem(s, n)
				p.Prev, p.Next = turn(items, n)
				return p
			})
		}
	}
}

func (b *binder) samplesPage() *table.Paper {
	p := &table.Paper{Kicker: "What auditors drew", Title: "Samples", Crumbs: crumbs(), Wide: true,
		Lead: table.Line("A sample is drawn from a ", table.Term("population", "population"), " frozen at a commit, with a seed of the auditor's own words. The same words give the same items, for anybody with the list."),
	}
	p.Blocks = []table.Block{table.Grid{Table: b.SamplesTable()},
		table.H2("how", "How it is drawn"),
		table.List{Ordered: true, Items: [][]table.Span{
			table.Line("The population is a file of lines, one an item: ", table.K("data/populations/NAME.jsonl"), ". Its digest is the SHA-256 of the file."),
			table.Line("Each line gets a number: the SHA-256 of the seed, the digest and the line, with a newline between them."),
			table.Line("The lines with the smallest numbers are the sample. Where it is stratified every flagged line is taken, and as many as were asked for from the rest."),
			table.Line("An item the auditor cannot use stays on the sheet with the reason, and the next line in rank stands for it."),
		}},
		table.P("Neither side can steer it: the list is fixed before the seed is chosen, and the seed before anybody can know the numbers."),
		table.Pre{Title: "The same with the tools of any Unix", Text: control.DrawScript},
	}
	return p
}

func (b *binder) samplePage(s control.Sample) *table.Paper {
	title := s.Title
	if title == "" {
		title = s.Population
	}
	p := &table.Paper{Kicker: "Sample " + s.ID, Title: title, ID: s.ID, Crumbs: crumbs(table.Link{Text: "Samples", Href: "samples.html"}), Cite: b.Cite("", s.ID, s.Digest), Wide: true,
		Lead: table.Line(table.Plural(len(s.Drawn), "item", "items"), fmt.Sprintf(" of %d. What the evidence shows of each attribute is filled in; the auditor's mark is the auditor's.", s.Items))}
	add := func(blocks ...table.Block) { p.Blocks = append(p.Blocks, blocks...) }
	if s.Problem != "" {
		p.Lead = nil
		add(table.Notice{Kind: "alarm", Title: "This sample cannot be relied on", Spans: table.Line(s.Problem)})
		return p
	}
	if !s.Matches() {
		add(table.Notice{Kind: "note", Title: "The population has changed since the sample was drawn",
			Spans: table.Line("Its digest is ", table.K(s.Now), " now. The sample keeps to the list as it was frozen in ", table.K(s.Path+"/population.jsonl"), "; attributes are tested against today's evidence.")})
	}
	strata := "no: every item had the same chance"
	if s.Stratified {
		strata = "yes: every flagged item is taken, and the size from the rest"
	}
	add(known(
		table.Fact{Name: "Population", Values: one(table.Str(title).To(b.PopulationPage(s.Population)))},
		table.Fact{Name: "Frozen at commit", Values: one(table.Mono(s.Commit))},
		table.Fact{Name: "Run", Values: one(table.Mono(s.Run).To(b.RunHref(s.Run)))},
		table.Fact{Name: "Digest of the list", Values: one(table.Mono(s.Digest))},
		table.Fact{Name: "Seed", Values: one(table.Str(s.Seed))},
		table.Fact{Name: "Size", Values: one(table.Int(s.Size))},
		table.Fact{Name: "Why this size", Values: one(table.Str(s.Why))},
		table.Fact{Name: "Stratified", Values: one(table.Str(strata))},
		table.Fact{Name: "Method", Values: one(table.Mono(s.Method))},
		table.Fact{Name: "Kept in", Values: one(table.Mono(s.Path))},
	))
	add(table.Grid{Table: b.AttributesTable(s)}, table.H2("items", "Every item drawn"), table.Grid{Table: b.SampleSheet(s)},
		table.H2("again", "Draw it again"), table.Pre{Text: fmt.Sprintf("sh draw.sh %s/population.jsonl %s %d%s", s.Path, quote(s.Seed), s.Size+len(s.Replaced), map[bool]string{true: " stratified"}[s.Stratified])},
		table.P("The script is on ", table.A("Samples", "samples.html#how"), "."))
	return p
}

// sampleItem is the page of one item: what it is, and what the evidence shows of
// each attribute.
func (b *binder) sampleItem(s control.Sample, n int) *table.Paper {
	d, r := s.Drawn[n], s.Results[n]
	id := fmt.Sprintf("%s-%03d", s.ID, n+1)
	p := &table.Paper{Kicker: fmt.Sprintf("Sample %s, item %d of %d", s.ID, n+1, len(s.Results)), Title: d.ID, ID: id, Cite: b.Cite("", id, ""), Wide: true,
		Crumbs: crumbs(table.Link{Text: "Samples", Href: "samples.html"}, table.Link{Text: s.ID, Href: b.SamplePage(s.ID)})}
	if d.Replaced != "" {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "note", Title: "Replaced", Spans: table.Line("The auditor could not use this item: ", d.Replaced, ". The next in rank stands for it.")})
	}
	if r.Gone {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "note", Title: "No longer in the population", Spans: table.Line("It is shown as it was when the list was frozen.")})
	}
	if sheet, ok := b.Sheets[control.SheetKey(r.Item.Region, r.Item.ID)]; ok && r.Item.Source == "git/change" {
		p.Title = sheet.Subject
		p.Lead = table.Line("One change from the commit to its deployment, with what the evidence says of each rule, and room for the auditor's mark.")
		p.Blocks = append(p.Blocks, b.changeSheet(s, sheet, d)...)
		p.Blocks = append(p.Blocks, table.H2("drawn", "How it was drawn"), known(
			table.Fact{Name: "Drawn as", Values: one(table.Str(d.Stratum))}, table.Fact{Name: "Rank", Values: one(table.Int(d.Rank))}, table.Fact{Name: "Flags", Values: texts(r.Member.Risks())},
			table.Fact{Name: "Line of the frozen list", Values: one(table.Int(d.Line))}, table.Fact{Name: "Number", Values: one(table.Mono(d.Hash))}, table.Fact{Name: "Written in", Values: one(table.Mono(r.Item.Pointer.Path).To(b.MemberHref(r.Item)))}))
		return p
	}
	facts := []table.Fact{{Name: "Item", Values: one(table.Mono(d.ID).To(b.MemberHref(r.Item)))}, {Name: "Account", Values: one(table.Mono(d.Account))}, {Name: "Region", Values: one(table.Mono(d.Region))}}
	for i, c := range s.Columns {
		if i < len(r.Member.Values) && r.Member.Values[i] != nil {
			facts = append(facts, table.Fact{Name: c.Title, Values: one(table.Shown(r.Member.Values[i]))})
		}
	}
	facts = append(facts, table.Fact{Name: "Flags", Values: texts(r.Member.Risks())},
		table.Fact{Name: "Drawn as", Values: one(table.Str(d.Stratum))}, table.Fact{Name: "Rank", Values: one(table.Int(d.Rank))},
		table.Fact{Name: "Line of the frozen list", Values: one(table.Int(d.Line))}, table.Fact{Name: "Number", Values: one(table.Mono(d.Hash))},
		table.Fact{Name: "Written in", Values: one(table.Mono(r.Item.Pointer.Path))})
	p.Blocks = append(p.Blocks, known(facts...), table.Grid{Table: b.ItemAttributes(s, n)})
	if text, err := r.Item.MarshalJSON(); err == nil {
		lines := table.PrettyJSON(text)
		if len(lines) > pageBytes {
			lines = "Too long for this page; it is line " + fmt.Sprint(d.Line) + " of " + s.Path + "/population.jsonl."
		}
		p.Blocks = append(p.Blocks, table.H2("item", "The item"), table.Pre{Text: lines})
	}
	return p
}

func texts(list []string) []table.Cell {
	var out []table.Cell
	for _, s := range list {
		out = append(out, table.Str(s))
	}
	return out
}

// sampleArtifacts are the workbook and the document of each sample.
func (b *binder) sampleArtifacts() {
	for _, s := range b.Samples {
		if s.Problem != "" {
			continue
		}
		a := artifact{path: sampleBook(s.ID), folder: "samples", title: "Sample: " + s.Title, from: "the population " + s.Population, page: b.SamplePage(s.ID), state: table.CoverCollected}
		box := b.sampleBox(s)
		b.hold(a, func() ([]byte, error) {
			sheet, attributes := b.SampleSheet(s), b.AttributesTable(s)
			sheet.Provenance = box
			tables := []*table.Table{sheet, attributes}
			for n := range s.Results {
				t := b.ItemAttributes(s, n)
				t.ID, t.Title = fmt.Sprintf("item-%03d", n+1), fmt.Sprintf("%d %s", n+1, s.Drawn[n].ID)
				if tables = append(tables, t); len(tables) > 62 {
					break // the sheet has all of them; a workbook of hundreds of sheets opens nowhere
				}
			}
			return xlsx.Book(b.Stamp, "Sample "+s.ID, tables...)
		})
		a.path = samplePaper(s.ID)
		b.hold(a, func() ([]byte, error) {
			p := b.samplePage(s)
			for n, r := range s.Results {
				if sheet, ok := b.Sheets[control.SheetKey(r.Item.Region, r.Item.ID)]; ok && r.Item.Source == "git/change" {
					p.Blocks = append(p.Blocks, table.Heading{Level: 2, ID: fmt.Sprintf("item-%d", n+1), Text: fmt.Sprintf("%d. %s", n+1, sheet.Subject), Page: true})
					p.Blocks = append(p.Blocks, b.changeSheet(s, sheet, s.Drawn[n])...)
					continue
				}
				p.Blocks = append(p.Blocks, table.H2(fmt.Sprintf("item-%d", n+1), fmt.Sprintf("%d. %s", n+1, s.Drawn[n].ID)), table.Grid{Table: b.ItemAttributes(s, n)})
			}
			if len(b.Sheets) > 0 {
				p.Blocks = append(p.Blocks, table.Heading{Level: 2, Text: "Where this list comes from", Page: true})
			}
			p.Blocks = append(p.Blocks, table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: box})
			return b.print(p)
		})
	}
}

func (b *binder) sampleBox(s control.Sample) table.Provenance {
	return table.Provenance{
		Shows:    "Which items the seed draws from the list, and what the evidence at the commit below shows of each attribute.",
		ShowsNot: "That the list was whole: see the population. What the auditor found: the marks and notes are the auditor's.",
		Facts: []table.Fact{{Name: "Population", Values: one(table.Mono(s.Population).To(b.PopulationPage(s.Population)))}, {Name: "Items in it", Values: one(table.Int(s.Items))},
			{Name: "SHA-256 of the list", Values: one(table.Mono(s.Digest))}, {Name: "Seed", Values: one(table.Str(s.Seed))}, {Name: "Why this size", Values: one(table.Str(s.Why))},
			{Name: "Frozen at commit", Values: one(table.Mono(s.Commit))}, {Name: "Attributes read at commit", Values: one(table.Mono(b.Commit))}},
		Commands: []string{"sha256sum " + s.Path + "/population.jsonl"},
	}
}

// sampleLines are a sample for machines: one line an item, with its findings.
func (b *binder) sampleLines(s control.Sample) ([]byte, error) {
	n := -1
	return lines(b, s.Results, func(r control.SampleResult) map[string]any {
		n++
		attributes := map[string]any{}
		for i, f := range r.Findings {
			m := map[string]any{"shows": table.VerdictStatus(f)}
			if f.Value != nil {
				m["value"] = f.Value
			}
			if f.Reason != "" {
				m["reason"] = f.Reason
			}
			attributes[s.Tested[i].Name] = m
		}
		return map[string]any{"drawn": s.Drawn[n], "of": s.ID, "attributes": attributes}
	})
}
