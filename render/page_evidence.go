package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"
)

// evidencePages are the list of sources, a page for each source with its
// cells, and a page for each cell with the data.
func (b *binder) evidencePages() {
	b.page("evidence.html", b.sourcesPage)
	var links []table.Link
	for _, s := range b.Sources() {
		links = append(links, table.Link{Text: s, Href: b.SourcePage(s)})
	}
	for i, source := range b.Sources() {
		cells := b.CellsOf(source)
		asked := askedFirst(cells)
		rows := func(from, to int) *table.Table { return b.sourceCells(asked[from:to]) }
		b.paged(links[i].Href, len(asked), table.PageRows, b.haveFiles("data/coverage.jsonl"), rows, func(part int, g table.Grid) *table.Paper {
			p := b.sourcePage(source, part, g)
			if len(g.Pages) == 0 {
				p.Prev, p.Next = turn(links, i)
			}
			return p
		})
		var near []table.Link
		var with []evidence.Cell
		for _, c := range cells {
			if page := b.CellPage(table.KeyOf(c)); page != "" {
				near = append(near, table.Link{Text: where(c), Href: page})
				with = append(with, c)
			}
		}
		for n, c := range with {
			b.cellPages(c, near, n)
		}
	}
}

func where(c evidence.Cell) string {
	if c.Account == "" {
		return c.Region
	}
	return c.Account + " " + c.Region
}

// checksNamed is the most checks the list of sources names at one of them; its
// own page names all.
const checksNamed = 6

func (b *binder) sourcesPage() *table.Paper {
	t := &table.Table{ID: "sources", Title: "Listings by kind", Columns: []table.Column{
		{Key: "source", Name: "Source", Kind: table.Code, Width: 28}, {Key: "items", Name: "Items", Kind: table.Number}, {Key: "asked", Name: "Listings planned", Kind: table.Number},
		{Key: "not_collected", Name: "Not collected", Kind: table.Number}, {Key: "partial", Name: "Partial", Kind: table.Number}, {Key: "checks", Name: "Checks that read it", Kind: table.Text, Width: 50},
	}}
	none := &table.Table{ID: "sources-nothing", Title: "Sources with nothing anywhere", Columns: t.Columns}
	for _, s := range b.Sources() {
		var items, planned, gaps, partial int
		for _, c := range b.CellsOf(s) {
			planned++
			items += c.Items
			switch table.CoverWord(c.State) {
			case table.CoverGap:
				gaps++
			case table.CoverPartial:
				partial++
			}
		}
		checks := b.ChecksOf(s)
		says := strings.Join(checks, ", ")
		if n := len(checks) - checksNamed; n > 1 {
			says = fmt.Sprintf("%s and %d more", strings.Join(checks[:checksNamed], ", "), n)
		}
		to := t
		if items+gaps+partial == 0 {
			to = none
		}
		to.Add("", table.Mono(s).To(b.SourcePage(s)), table.Int(items), table.Int(planned), table.Int(gaps), table.Int(partial), table.Str(says))
	}
	t.Empty = "No source gave an item."
	blocks := []table.Block{table.P("A listing is one source asked in one account and region, called a ", table.Term("cell", "cell"), ". How many were answered is shown by account under ",
		table.A("coverage", "coverage.html"), "."), table.Grid{Table: t}}
	if n := len(none.Rows); n > 0 {
		drop(none, "items")
		drop(none, "not_collected")
		drop(none, "partial")
		blocks = append(blocks, table.Fold{Summary: table.Plural(n, "source", "sources") + " with nothing in any account or region, and nothing refused", Blocks: []table.Block{table.Grid{Table: none}}})
	}
	return &table.Paper{Kicker: "What was asked and answered", Title: "Listings", Crumbs: crumbs(),
		Lead:   table.Line("Every listing with the data as a table and as its source gave it, and the box an auditor needs before relying on it (", table.Term("IPE", "ipe"), ")."),
		Blocks: blocks}
}

// askedFirst puts what was asked before what does not apply.
func askedFirst(cells []evidence.Cell) []evidence.Cell {
	out := slices.Clone(cells)
	slices.SortStableFunc(out, func(x, y evidence.Cell) int {
		na := func(c evidence.Cell) int {
			if table.CoverWord(c.State) == table.CoverNA {
				return 1
			}
			return 0
		}
		return na(x) - na(y)
	})
	return out
}

// sourceCells are some of a source's cells; the region leads to the listing.
func (b *binder) sourceCells(cells []evidence.Cell) *table.Table {
	t := b.CellsTable("cells", "Where it was asked", cells)
	drop(t, "source")
	for i, c := range cells {
		t.Rows[i].Cells[2] = t.Rows[i].Cells[2].To(b.CellPage(table.KeyOf(c)))
	}
	return t
}

func (b *binder) sourcePage(source string, part int, g table.Grid) *table.Paper {
	p := &table.Paper{Kicker: "Listings of one kind", Title: source, Crumbs: crumbs(table.Link{Text: "Listings", Href: "evidence.html"})}
	p.Blocks = append(p.Blocks, g)
	if part > 0 {
		return p
	}
	p.Blocks = append(p.Blocks, b.goneBlocks(source)...)
	if checks := b.ChecksOf(source); len(checks) > 0 {
		p.Blocks = append(p.Blocks, table.Grid{Table: b.ChecksTable("checks", "Checks that read it", checks)})
	} else {
		p.Blocks = append(p.Blocks, table.P("No check reads this kind of item."))
	}
	return p
}

// raw is the file of a cell as it lies in the repository.
type raw struct {
	data    []byte
	missing bool
	sum     string // hex sha256 of the file; of data where people appear by name
}

func (b *binder) read(path string) (raw, error) {
	if path == "" || !fs.ValidPath(path) {
		return raw{missing: true}, nil
	}
	data, err := fs.ReadFile(b.repo, path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return raw{missing: true}, nil
	}
	if err != nil {
		return raw{}, err
	}
	sum := sha256.Sum256(data)
	if b.aliases != nil && strings.HasSuffix(path, ".jsonl") {
		data = b.aliases.Lines(data)
	}
	return raw{data: data, sum: hex.EncodeToString(sum[:])}, nil
}

// rawPath is where the package keeps a copy of a file of the repository; "" for
// a path that would not mean the same on every system.
func rawPath(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		if table.FileName(part) != part {
			return ""
		}
	}
	return "data/" + path
}

// pageBytes is how much of the JSON lines one page shows; the whole file lies beside it.
const pageBytes = 150 << 10

// opened is what the parts of one listing's page share: read once by whichever
// part is made first, let go after the last.
type opened struct {
	mu      sync.Mutex
	left    int
	ready   bool
	err     error
	file    raw
	columns func() []string
	ends    []int // where each line of the file ends, its newline included
}

func (o *opened) use(b *binder, c evidence.Cell, items []control.Located, do func() (*table.Paper, error)) (*table.Paper, error) {
	o.mu.Lock()
	if !o.ready {
		o.ready = true
		o.file, o.err = b.read(c.Path)
		for i, x := range o.file.data {
			if x == '\n' {
				o.ends = append(o.ends, i+1)
			}
		}
	}
	err := o.err
	o.mu.Unlock()
	if err != nil {
		return nil, err
	}
	p, err := do()
	o.mu.Lock()
	if o.left--; o.left == 0 {
		o.file.data, o.ends = nil, nil
	}
	o.mu.Unlock()
	return p, err
}

// line is an item as it stands in the file; where the file does not have it at
// its place, as the report has it.
func (o *opened) line(it control.Located) []byte {
	if n := it.Pointer.Line; n >= 1 && n <= len(o.ends) {
		from := 0
		if n > 1 {
			from = o.ends[n-2]
		}
		line := o.file.data[from : o.ends[n-1]-1]
		var head struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(line, &head) == nil && head.ID == it.ID {
			return line
		}
	}
	line, err := it.MarshalJSON()
	if err != nil {
		return []byte("this item cannot be written: " + err.Error())
	}
	return line
}

func (b *binder) cellPages(c evidence.Cell, near []table.Link, n int) {
	k := table.KeyOf(c)
	items := b.ItemsOf(k)
	path := b.CellPage(k)
	parts := max(1, (len(items)+table.PageItems-1)/table.PageItems)
	share := &opened{left: parts, columns: sync.OnceValue(func() []string { return table.FlatColumns(plainItems(items), 6) })}
	if parts > 1 {
		b.rowsFiles(path, parts, func(i int) *table.Table {
			return b.ItemsTable("items", "Items", items[i*table.PageItems:min((i+1)*table.PageItems, len(items))], share.columns(), false)
		})
	}
	for part := range parts {
		b.file(table.PartPath(path, part), func() ([]byte, error) {
			p, err := share.use(b, c, items, func() (*table.Paper, error) { return b.cell(c, items, share, part, parts), nil })
			if err != nil {
				return nil, err
			}
			p.Path = table.PartPath(path, part)
			if parts == 1 {
				p.Prev, p.Next = turn(near, n)
			}
			return b.pages.Page(p)
		})
	}
	if to := rawPath(c.Path); c.Path != "" && to != "" {
		if _, err := fs.Stat(b.repo, c.Path); err == nil {
			b.file(to, func() ([]byte, error) {
				f, err := b.read(c.Path)
				return f.data, err
			})
		}
	}
}

// cell is the page of one listing: verdict of coverage, the data as a table and
// as lines, the IPE box, the calls.
func (b *binder) cell(c evidence.Cell, items []control.Located, share *opened, part, parts int) *table.Paper {
	k := table.KeyOf(c)
	path := b.CellPage(k)
	id := table.EvidenceID(k)
	file := share.file
	word := table.CoverWord(c.State)
	p := &table.Paper{Kicker: "Listing " + id, Title: c.Source + " in " + where(c), ID: id, Status: control.Status(word), Wide: true,
		Crumbs: crumbs(table.Link{Text: "Listings", Href: "evidence.html"}, table.Link{Text: c.Source, Href: b.SourcePage(c.Source)}),
		Lead:   table.Line(table.StateWords(c.State)), Cite: b.Cite(c.Path, id, c.Sum), CiteOf: c.Path}
	add := func(blocks ...table.Block) { p.Blocks = append(p.Blocks, blocks...) }
	switch word {
	case table.CoverGap:
		add(table.Notice{Kind: "gap", Title: "Not collected: " + string(c.State), Spans: table.Line(table.CellWhy(c), ". Nothing can be concluded from this listing about what there is.")})
	case table.CoverPartial:
		add(table.Notice{Kind: "gap", Title: "Some questions were not answered", Spans: table.Line(table.Plural(c.Gaps, "question", "questions"), " about single items. Each is named at its item. ", table.CellWhy(c))})
	case table.CoverNA:
		add(table.Notice{Kind: "note", Title: "Not applicable: " + string(c.State), Spans: table.Line(table.CellWhy(c))})
	}
	switch {
	case c.Path != "" && file.missing:
		add(table.Notice{Kind: "alarm", Title: "The file is missing", Spans: table.Line("The run wrote ", table.K(c.Path), ", but the repository does not hold it at this commit.")})
	case c.Path != "" && c.Sum != "" && file.sum != c.Sum:
		add(table.Notice{Kind: "alarm", Title: "The file is not the one the run wrote",
			Spans: table.Line("The run recorded sha256 ", table.K(c.Sum), "; the repository holds ", table.K(file.sum), ".")})
	case c.Path != "" && bytes.Count(file.data, []byte("\n")) != c.Items:
		add(table.Notice{Kind: "alarm", Title: "The counts do not agree", Spans: table.Line(fmt.Sprintf("The run recorded %d rows, the file has %d.", c.Items, bytes.Count(file.data, []byte("\n"))))})
	}

	from, to := part*table.PageItems, min((part+1)*table.PageItems, len(items))
	var links []table.Link
	for i := range parts {
		links = append(links, table.Link{Text: fmt.Sprintf("%d to %d", i*table.PageItems+1, min((i+1)*table.PageItems, len(items))), Href: table.PartPath(path, i)})
	}
	if len(items) > 0 {
		t := b.ItemsTable("items", "Items", items[from:to], share.columns(), false)
		if !slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Cells[len(r.Cells)-1].Set }) {
			drop(t, "not_answered")
		}
		t.Note = "Some of the fields; all of them are in the lines below and in the file."
		g := table.Grid{Table: t, Downloads: b.rawLinks(c)}
		if parts > 1 {
			g.From, g.To, g.Total, g.Pages, g.Part, g.Data = from+1, to, len(items), links, part, rowsData(path)
		}
		add(table.H2("data", "The data"), g)
		if b.aliases != nil {
			add(table.P("People appear under pseudonyms here and in the file beside this page. The sha256 is that of the file as it was collected, with names; ", table.A("what else differs", "withheld.html#names"), "."))
		}
	}
	if part == 0 {
		if len(items) > 0 || len(b.decided[k]) > 0 {
			add(table.H2("decisions", "What was decided from it"), table.Grid{Table: b.decidedTable(k)})
		}
		add(table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: b.ipe(c, file)})
	} else {
		add(table.P("Where this comes from is said on ", table.A("the first part", path), "."))
	}
	if len(items) > 0 {
		add(table.H2("lines", "As the source gave it"), table.P("One item a block, in the words of the API. In the file each is one line. What a check reads is marked; what it decided stands above the block."))
		on := b.decidedOn(k)
		shown := 0
		for i := from; i < to; i++ {
			it := items[i]
			title := it.ID
			if it.Pointer.Line > 0 {
				title = fmt.Sprintf("%s (line %d)", it.ID, it.Pointer.Line)
			}
			text := table.PrettyJSON(share.line(it))
			says, paths := b.verdicts(on[it.ID])
			marks := markLines(text, paths)
			if shown += len(text) + 300 + 100*len(says); shown > pageBytes {
				marks = nil
				text = "Too long for this page; see the file."
				if len(b.rawLinks(c)) > 0 {
					text = "Too long for this page; it is in the file " + b.rawLinks(c)[0].Href
				}
			}
			add(table.Pre{ID: table.ItemAnchor(it.ID), Title: title, Text: text, Says: says, Marks: marks})
		}
	}
	if part == 0 {
		add(table.H2("history", "History"), table.P("When it was first asked, and what every run since was told. What became of one item is on the pages of the checks above."), table.Grid{Table: b.historyTable(k)})
		calls := b.calls[k]
		add(table.H2("calls", "The calls"), table.Grid{Table: limit(table.CallsTable("call-list", "Every page of every call", calls), 300), Downloads: b.haveFiles("data/calls.jsonl")})
	}
	return p
}

func (b *binder) rawLinks(c evidence.Cell) []table.Link {
	to := rawPath(c.Path)
	if c.Path == "" || to == "" {
		return nil
	}
	if _, err := fs.Stat(b.repo, c.Path); err != nil {
		return nil
	}
	return []table.Link{{Text: "the file (JSON lines)", Href: to}}
}
