package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"
)

// Search works from a folder, where a page may load nothing but scripts: the
// records lie in data/search as scripts that call one function, in parts of at
// most a megabyte. A part looks like this:
//
//	exhibitFound({"n":1,"kinds":["Control"],"places":["every quarter"],"words":["Met met"],"pages":["controls/AC-01.html"],
//	"rows":[["AC-01","Multi-factor authentication",0,0,0,0,""]]})
//
// A row is id, title, then places in the lists before it (-1 is none), then the
// fragment on the page. The first part holds all but findings and items, so that
// what people look for first is there first.

// A hit is one thing that can be found: what it is called, what it is, and where.
type hit struct {
	id, title string
	kind      string
	place     string         // account and region, source, owner: what tells two of a name apart
	status    control.Status // "" where it has none
	href      string
}

// A shelf is a list of hits that are made when they are asked for.
type shelf struct {
	n  int
	at func(int) hit
}

// partBytes is the most of one part of the index; partRows bounds what a page
// decodes at once.
const (
	partBytes = 900 << 10
	partRows  = 8000
)

// searchPart is the path of a part of the index.
func searchPart(n int) string { return fmt.Sprintf("data/search/%d.js", n) }

// searchFiles are the index for the script and the same as a page. It comes last
// in the plan: it reads what the other pages are.
func (b *binder) searchFiles() {
	named := b.namedHits()
	// What is not met comes before all items, and what is met after them: a package of
	// more parts than a page loads by itself is searched from the front.
	open, _ := slices.BinarySearchFunc(b.found, table.Urgency(control.Compensated)+1, func(f table.Found, u int) int { return table.Urgency(table.VerdictStatus(*f.Finding)) - u })
	shelves := []shelf{{len(named), func(i int) hit { return named[i] }}, b.cellHits(), b.findingHits(b.found[:open]), b.itemHits(), b.findingHits(b.found[open:])}
	total := 0
	for _, s := range shelves {
		total += s.n
	}
	at := func(i int) hit {
		for _, s := range shelves {
			if i < s.n {
				return s.at(i)
			}
			i -= s.n
		}
		return hit{}
	}
	ends := cuts(total, len(named), at)
	from := 0
	for n, to := range ends {
		first := from
		b.file(searchPart(n), func() ([]byte, error) { return b.searchScript(n, first, to, at) })
		from = to
	}
	b.file("data/search/parts.js", func() ([]byte, error) {
		counts := make([]int, len(ends))
		last := 0
		for i, to := range ends {
			counts[i], last = to-last, to
		}
		return b.callScript("exhibitParts", counts)
	})
	b.searchPages(named, total, len(ends))
}

// cuts says where each part of the index ends. The first ends behind the named.
func cuts(total, named int, at func(int) hit) []int {
	var ends []int
	size, rows := 0, 0
	for i := range total {
		h := at(i)
		n := 2*(len(h.id)+len(h.title)) + len(h.place) + len(h.href) + 40 // escaping may double a text
		if rows > 0 && (size+n > partBytes || rows == partRows || i == named) {
			ends = append(ends, i)
			size, rows = 0, 0
		}
		size += n
		rows++
	}
	return append(ends, total)
}

// callScript is a script that hands values to a function of the site's.
func (b *binder) callScript(function string, values ...any) ([]byte, error) {
	var data []byte
	for i, v := range values {
		one, err := json.Marshal(v) // writes < > & and the two line ends of JavaScript as escapes
		if err != nil {
			return nil, err
		}
		if i > 0 {
			data = append(data, ',')
		}
		data = append(data, one...)
	}
	head := ""
	if b.Stamp.Sample {
		head = "// " + table.SampleWords + "\n"
	}
	return slices.Concat([]byte(head+function+"("), data, []byte(");\n")), nil
}

// A list gives each text a place in a list, once.
type list struct {
	all []string
	of  map[string]int
}

func (l *list) place(s string) int {
	if s == "" {
		return -1
	}
	if n, ok := l.of[s]; ok {
		return n
	}
	if l.of == nil {
		l.of = map[string]int{}
	}
	l.of[s] = len(l.all)
	l.all = append(l.all, s)
	return len(l.all) - 1
}

func (b *binder) searchScript(n, from, to int, at func(int) hit) ([]byte, error) {
	var kinds, places, words, pages list
	rows := make([][7]any, 0, to-from)
	for i := from; i < to; i++ {
		h := at(i)
		word := ""
		if h.status != "" {
			word = string(h.status) + "\n" + table.ShapeOf(string(h.status))
		}
		page, fragment, _ := strings.Cut(h.href, "#")
		rows = append(rows, [7]any{cut(h.id, 400), cut(h.title, 160), kinds.place(h.kind), places.place(cut(h.place, 160)), words.place(word), pages.place(page), fragment})
	}
	orNone := func(s []string) []string { return append([]string{}, s...) }
	return b.callScript("exhibitFound", struct {
		N      int      `json:"n"`
		Kinds  []string `json:"kinds"`
		Places []string `json:"places"`
		Words  []string `json:"words"`
		Pages  []string `json:"pages"`
		Rows   [][7]any `json:"rows"`
	}{n, orNone(kinds.all), orNone(places.all), orNone(words.all), orNone(pages.all), rows})
}

// cut shows at most n characters of a text, on one line.
func cut(s string, n int) string {
	return short(strings.ReplaceAll(table.Visible(s), "\n", " "), n)
}

// namedHits are the things people look for by name: all but listings, findings and items.
func (b *binder) namedHits() []hit {
	var out []hit
	add := func(h hit) {
		if h.href != "" && h.id+h.title != "" {
			out = append(out, h)
		}
	}
	for i := range b.Criteria {
		c := &b.Criteria[i]
		h := hit{id: c.Criterion.ID, title: c.Criterion.Title, kind: "Criterion", place: c.Criterion.Category, status: c.Status, href: b.CriterionPage(c.Criterion.ID)}
		if !c.InScope {
			h.status = ""
		}
		add(h)
	}
	for i := range b.Controls {
		c := &b.Controls[i]
		add(hit{id: c.Control.ID, title: c.Control.Title, kind: "Control", place: c.Control.Owner, status: c.Status, href: b.ControlPage(c.Control.ID)})
	}
	for i := range b.Checks {
		c := &b.Checks[i]
		add(hit{id: c.Check.Name, title: cmp.Or(c.Check.Title, c.Check.Says), kind: "Check", place: c.Check.Of, status: c.Status, href: b.CheckPage(c.Check.Name)})
	}
	for _, r := range b.Requests {
		kind := "Request"
		if r.Kind == "walkthrough" {
			kind = "Walkthrough"
		}
		add(hit{id: r.ID, title: r.Title, kind: kind, place: strings.Join(r.Criteria, ", "), href: b.RequestPage(r.ID)})
	}
	for _, x := range b.Populations {
		add(hit{id: x.ID, title: x.Title, kind: "Population", place: x.Source, href: b.PopulationPage(x.ID)})
	}
	for _, s := range b.Samples {
		add(hit{id: s.ID, title: s.Title, kind: "Sample", place: s.Population, href: b.SamplePage(s.ID)})
	}
	for _, d := range b.Documents {
		add(hit{id: d.ID, title: d.Title, kind: "Policy", place: d.Owner, href: b.PolicyPage(d.ID)})
	}
	for i := range b.Exceptions {
		e := &b.Exceptions[i]
		add(hit{id: e.ID, title: "Exception to " + e.Check, kind: "Accepted exception", place: e.Owner, href: b.ExceptionPage(e.ID)})
	}
	for i, p := range b.People {
		add(hit{id: p.ID, title: p.Name, kind: "Person", place: p.Team, href: table.PartPath(table.PeoplePage, i/table.PeoplePart) + "#" + table.PersonAnchor(p.ID)})
	}
	for _, kind := range b.RecordKinds() {
		for _, it := range b.Records[kind] {
			add(hit{id: it.ID, title: table.RecordName(it), kind: kindWords(kind), place: it.Pointer.Path, href: b.RecordHref(kind, it.ID)})
		}
	}
	for i := range b.Reviews {
		add(hit{id: b.Reviews[i].ID, title: "Access review", kind: "Access review", href: b.ReviewPage(b.Reviews[i].ID)})
	}
	for _, a := range b.Engagement.Accounts {
		add(hit{id: a.ID, title: a.Name, kind: "Account", href: b.AccountPage(a.ID)})
	}
	for i := range b.Runs {
		r := &b.Runs[i].Run
		add(hit{id: r.Name, title: "Run of " + r.Ended.UTC().Format("2 January 2006"), kind: "Run", href: b.RunHref(r.Name)})
	}
	for _, a := range b.held {
		h := hit{id: strings.TrimPrefix(a.path, "artifacts/"), title: a.title, kind: "Artifact", place: a.from, status: control.Status(a.state), href: a.path}
		if !a.made {
			h.href = "artifacts.html#missing"
		}
		add(h)
	}
	for _, s := range b.Sources() {
		add(hit{id: s, title: "All listings of " + s, kind: "Source", href: b.SourcePage(s)})
	}
	return append(out, b.headingHits()...)
}

// headingHits are the pages everybody can reach from every page, and their sections.
func (b *binder) headingHits() []hit {
	var out []hit
	for _, g := range b.navigation() {
		for _, l := range g.Links {
			out = append(out, hit{title: l.Text, kind: "Page", place: g.Title, href: l.Href})
			make := b.papers[l.Href]
			if make == nil {
				continue
			}
			p := make()
			for _, block := range p.Blocks {
				if h, ok := block.(table.Heading); ok && h.ID != "" {
					kind := "Section"
					if l.Href == "glossary.html" && h.Level == 3 {
						kind = "Word"
					}
					out = append(out, hit{title: h.Text, kind: kind, place: l.Text, href: l.Href + "#" + h.ID})
				}
			}
		}
	}
	return out
}

// cellHits are the listings that have a page.
func (b *binder) cellHits() shelf {
	var cells []evidence.Cell
	for _, c := range b.Cells {
		if b.CellPage(table.KeyOf(c)) != "" {
			cells = append(cells, c)
		}
	}
	return shelf{len(cells), func(i int) hit {
		c := cells[i]
		k := table.KeyOf(c)
		return hit{id: table.EvidenceID(k), title: c.Source, kind: "Listing", place: b.placeOf(k), status: control.Status(table.CoverWord(c.State)), href: b.CellPage(k)}
	}}
}

func (b *binder) findingHits(found []table.Found) shelf {
	return shelf{len(found), func(i int) hit {
		f := found[i]
		return hit{id: table.FindingID(*f.Finding), title: f.Check.Check.Name + ": " + f.Item, kind: "Finding", place: b.placeOf(table.Key{Account: f.Account, Region: f.Region}),
			status: table.VerdictStatus(*f.Finding), href: b.FindingHref(*f.Finding)}
	}}
}

func (b *binder) itemHits() shelf {
	var lists [][]control.Located
	var ends []int
	n := 0
	for _, source := range table.SortedKeys(b.Items) {
		lists = append(lists, b.Items[source])
		n += len(b.Items[source])
		ends = append(ends, n)
	}
	return shelf{n, func(i int) hit {
		at, _ := slices.BinarySearch(ends, i+1)
		if at > 0 {
			i -= ends[at-1]
		}
		it := lists[at][i]
		k := table.Key{Account: it.Account, Region: it.Region, Source: it.Source}
		return hit{id: it.ID, title: it.Source, kind: "Item", place: b.placeOf(k), href: b.ItemHref(k, it.ID)}
	}}
}

// placeOf is an account by name and id, and a region.
func (b *binder) placeOf(k table.Key) string {
	s := k.Account
	if name := b.AccountName(k.Account); name != k.Account {
		s = name + " " + k.Account
	}
	return strings.TrimSpace(s + " " + k.Region)
}

// indexRows is how many rows of the index one page shows.
const indexRows = 1000

// searchPages list by id what can be found by name, for readers without a script:
// the other things are lists already, by source and by check.
func (b *binder) searchPages(named []hit, total, parts int) {
	sorted := slices.Clone(named)
	name := func(h hit) string { return cmp.Or(h.id, h.title) }
	slices.SortStableFunc(sorted, func(x, y hit) int {
		return cmp.Or(strings.Compare(strings.ToLower(name(x)), strings.ToLower(name(y))), strings.Compare(x.kind, y.kind))
	})
	rows := func(from, to int) *table.Table {
		t := &table.Table{ID: "index", Title: "Everything that has a name, A to Z", Columns: []table.Column{
			{Key: "id", Name: "Id or name", Kind: table.Code, Width: 36}, {Key: "title", Name: "Title", Width: 50}, {Key: "kind", Name: "Kind", Width: 18},
			{Key: "place", Name: "Where", Width: 30}, {Key: "status", Name: "Status", Kind: table.Status, Width: 16},
		}}
		for _, h := range sorted[from:to] {
			title := h.title
			switch {
			case h.kind == "Section":
				title = "A section of the page " + h.place
			case h.kind == "Word":
				title = "A word of the glossary"
			case h.kind == "Page":
				title = "A page under " + h.place
			case title == "" || h.id == "":
				title = h.kind
			}
			t.Add("", table.Mono(cut(name(h), 200)).To(h.href), table.Str(cut(title, 160)), table.Str(h.kind), table.Str(h.place), table.Word(h.status))
		}
		return t
	}
	b.paged("search.html", len(sorted), indexRows, nil, rows, func(part int, g table.Grid) *table.Paper {
		p := &table.Paper{Kicker: "Every way in", Title: "Search", Wide: true, Crumbs: crumbs(),
			Lead: table.Line("Criteria, controls, checks, findings, items, listings, artifacts, requests, populations, policies, records, people, vendors, accounts and the sections of these pages.")}
		if part == 0 {
			p.Blocks = append(p.Blocks, table.H2("search-here", "Search everything"), table.P("With scripts switched on, a field stands here and at the head of each page; the key / leads to it. It looks in ",
				fmt.Sprint(total), " names and ids, which lie in ", table.Plural(parts, "file", "files"), " of this folder and are read when it is first used. Nothing leaves this computer."))
		}
		p.Blocks = append(p.Blocks, table.H2("a-to-z", "A to Z"), table.P("Items are listed by source under ", table.A("listings", "evidence.html"), ", findings by check and status under ", table.A("findings", "findings.html"), "."), g)
		return p
	})
}
