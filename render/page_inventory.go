package render

import (
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

// inventoryPages are the lists over many services at once, and the drawings of networks.
func (b *binder) inventoryPages() {
	b.page("inventories.html", b.inventoriesPage)
	for _, v := range table.Inventories() {
		whole := v.Table(b.Book)
		whole.Provenance = b.ipeOf(v.Sources, len(whole.Rows))
		b.paged(inventoryPage(v.ID), len(whole.Rows), table.PageRows, b.haveFiles(inventoryFile(v, "xlsx"), inventoryFile(v, "csv")), func(from, to int) *table.Table {
			part := *whole
			part.Rows = whole.Rows[from:to]
			return &part
		}, func(part int, g table.Grid) *table.Paper {
			p := &table.Paper{Kicker: "Inventory", Title: v.Title, Crumbs: inventoryCrumbs(), Wide: true, Lead: table.Line(v.Lead)}
			p.Blocks = append(b.holes(v.Sources), g)
			if part == 0 {
				p.Blocks = append(p.Blocks, table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: whole.Provenance})
			}
			return p
		})
	}
	b.page("inventories/networks.html", b.networksPage)
}

func inventoryPage(id string) string { return "inventories/" + id + ".html" }

func inventoryFile(v table.Inventory, ext string) string {
	return "artifacts/" + v.Folder + "/" + v.ID + "-inventory." + ext
}

func inventoryCrumbs() []table.Link {
	return crumbs(table.Link{Text: "Inventories", Href: "inventories.html"})
}

// holes says which listings an inventory could not be made of in full.
func (b *binder) holes(sources []string) []table.Block {
	n := 0
	for _, s := range sources {
		for _, c := range b.CellsOf(s) {
			if w := table.CoverWord(c.State); w == table.CoverGap || w == table.CoverPartial {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []table.Block{table.Notice{Kind: "gap", Title: table.Plural(n, "listing", "listings") + " behind this inventory not collected in full",
		Spans: table.Line("What they would have named is missing here, not absent. See ", table.A("coverage", "coverage.html"), ".")}}
}

func (b *binder) inventoriesPage() *table.Paper {
	p := &table.Paper{Kicker: "Across all accounts, regions and services", Title: "Inventories", Crumbs: crumbs(),
		Lead: table.Line("What auditors ask for as one list. An inventory says what AWS answered; whether it is as it should be, the ", table.A("checks", "checks.html"), " say.")}
	t := &table.Table{ID: "inventories", Title: "Inventories", Columns: []table.Column{
		{Key: "inventory", Name: "Inventory", Width: 24}, {Key: "rows", Name: "Rows", Kind: table.Number, Width: 8}, {Key: "says", Name: "What it lists", Width: 60}}}
	for _, v := range table.Inventories() {
		t.Add("", table.Str(v.Title).To(inventoryPage(v.ID)), table.Int(len(v.Table(b.Book).Rows)), table.Str(v.Lead))
	}
	drawn, _, _ := b.Networks()
	t.Add("", table.Str("Networks").To("inventories/networks.html"), table.Int(len(drawn)), table.Str("A drawing and a table of every VPC with its subnets, zones and ways out."))
	p.Blocks = []table.Block{table.Grid{Table: t}}
	return p
}

func (b *binder) networksPage() *table.Paper {
	p := &table.Paper{Kicker: "Inventory", Title: "Networks", Crumbs: inventoryCrumbs(), Wide: true,
		Lead: table.Line("Each VPC as AWS describes it: a column for each availability zone, a row for each way out, a box for each subnet. A subnet is public when its default route leads to an internet gateway; what is in it is counted from network interfaces.")}
	p.Blocks = b.holes([]string{"ec2/vpc", "ec2/subnet", "ec2/route-table", "ec2/network-interface"})
	drawn, tables, others := b.Networks()
	if len(drawn) == 0 {
		p.Blocks = append(p.Blocks, table.P("No VPC was listed that anything is in."))
	}
	if others > 0 {
		p.Blocks = append(p.Blocks, table.P(table.Plural(others, "default VPC", "default VPCs"), " that nothing is in ", map[bool]string{true: "is", false: "are"}[others == 1], " not drawn; ", table.A("all are listed", b.SourcePage("ec2/vpc")), "."))
	}
	for i, n := range drawn {
		p.Blocks = append(p.Blocks, table.H2(n.ID+"-h", n.Title), n, table.Grid{Table: tables[i]})
	}
	return p
}

// inventoryArtifacts are the same lists as files.
func (b *binder) inventoryArtifacts() {
	for _, v := range table.Inventories() {
		var cells []artifact
		whole := v.Table(b.Book)
		a := artifact{title: v.Title, page: inventoryPage(v.ID), from: "Inventory: " + v.Title}
		for _, s := range v.Sources {
			a.checks = append(a.checks, b.ChecksOf(s)...)
			if state, why := b.standing(b.CellsOf(s), len(b.Items[s])); state == table.CoverGap || state == table.CoverPartial {
				a.state = table.CoverPartial
				if a.why == "" {
					a.why = s + ": " + why
				}
			}
		}
		if a.state == "" {
			a.state = table.CoverCollected
		}
		for _, ext := range []string{"xlsx", "csv"} {
			one := a
			one.path = inventoryFile(v, ext)
			cells = append(cells, one)
		}
		if len(whole.Rows) == 0 {
			cells[0].state = table.CoverNothing
			b.hold(cells[0], nil)
			continue
		}
		whole.Provenance = b.ipeOf(v.Sources, len(whole.Rows))
		b.hold(cells[0], func() ([]byte, error) { return xlsx.Book(b.Stamp, v.Title, limit(whole, 1_000_000)) })
		b.hold(cells[1], func() ([]byte, error) { return whole.CSV(b.Stamp) })
	}
}
