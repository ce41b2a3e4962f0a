package render

import (
	"fmt"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

const (
	unevaluatedPage = "not-evaluated.html"
	unevaluatedBook = "artifacts/not-evaluated.xlsx"
)

// unevaluatedPages are one list of all that was not evaluated, wherever in the package
// it belongs: by reason, with who can close it. Pages that show a part lead here.
func (b *binder) unevaluatedPages() {
	list := b.open
	rows := func(from, to int) *table.Table {
		t := b.OpenTable("open", "Everything not evaluated, by reason", list[from:to])
		t.Narrow()
		for i := range t.Columns {
			if t.Columns[i].Key == "where" {
				t.Columns[i].Width = 30
			}
		}
		for i := range t.Rows {
			t.Rows[i].ID = openAnchor(from + i)
		}
		return t
	}
	b.paged(unevaluatedPage, len(list), table.PageRows, b.haveFiles(unevaluatedBook), rows, func(part int, g table.Grid) *table.Paper {
		p := &table.Paper{Kicker: "One list of every gap", Title: "Not evaluated", Wide: true, Crumbs: crumbs(),
			Lead: table.Line("Every listing, item, change, record, population and time of which nothing was decided, and why. None of them is a pass. The words are in the ", table.A("glossary", "glossary.html#statuses"), "."), Cite: b.Cite("", "not-evaluated", "")}
		if part > 0 {
			p.Blocks = []table.Block{g}
			return p
		}
		p.Blocks = append(p.Blocks, b.restNotice()...)
		p.Blocks = append(p.Blocks, table.H2("reasons", "Why, and who can close it"), table.Grid{Table: table.OpenByCause(list, func(i int) string {
			return table.PartPath(unevaluatedPage, i/table.PageRows) + "#" + openAnchor(i)
		})}, table.H2("rows", "Each of them"), g,
			table.H2("kinds", "The same, counted by kind"), table.P("Each of these pages has as many. One cause may stand in several kinds: a listing that was refused also leaves the checks that read it, and the controls they serve, not evaluated."),
			table.Grid{Table: table.OpenByKind(list)})
		return p
	})
}

// openAnchor is the place of a row of the list.
func openAnchor(i int) string { return fmt.Sprintf("open-%d", i+1) }

// unevaluatedArtifact is the list as a workbook.
func (b *binder) unevaluatedArtifact() {
	b.open = b.Unevaluated()
	if len(b.open) == 0 {
		return
	}
	b.hold(artifact{path: unevaluatedBook, folder: "workpapers", title: "Everything not evaluated, by reason", page: unevaluatedPage, state: table.CoverCollected, from: "the whole package"}, func() ([]byte, error) {
		sheets := []*table.Table{table.OpenByCause(b.open, func(int) string { return unevaluatedPage }), limit(b.OpenTable("open", "Not evaluated", b.open), 1_000_000), table.OpenByKind(b.open)}
		for _, t := range sheets {
			t.Provenance = table.Provenance{Shows: "Everything of which this package decided nothing, with the reason and who can close it.", ShowsNot: "What nobody planned to look at: an account or a system the engagement does not name.",
				Facts: []table.Fact{{Name: "Evidence", Values: one(table.Str("the evidence repository at commit " + b.Commit))}, {Name: "Run", Values: one(table.Mono(b.Run.Name))}}}
		}
		return xlsx.Book(b.Stamp, "Not evaluated", sheets...)
	})
}

// allOpen leads from a page that shows a part to the list of all.
func (b *binder) allOpen() table.Block {
	n := 0
	for _, o := range b.open {
		if o.Cause != control.CauseFollows {
			n++
		}
	}
	if n == 0 {
		return table.P("Nothing in this package was left without a verdict.")
	}
	return table.P(table.A(fmt.Sprintf("Everything not evaluated in this package, by reason: %d", len(b.open)), unevaluatedPage), ".")
}
