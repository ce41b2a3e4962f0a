package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/html"
	"exhibit/render/pdf"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

// An artifact is one file an auditor asks for, or the reason why it is not there.
type artifact struct {
	path   string // as it is or would be named; "" never
	title  string
	folder string // the group of the layout it belongs to
	from   string // sources or kinds, in words
	page   string // the page of the site that shows the same
	checks []string
	kind   string // of records, where it is made of them: controls may name it
	state  string // one of the words of coverage
	why    string
	made   bool
}

// artifacts are the files of the layout auditors know. A file stands there only
// where there is evidence for it; where there is none the index says why.
func (b *binder) artifacts() {
	for _, a := range b.listings() {
		b.listing(a)
	}
	b.securityHub()
	b.inventoryArtifacts()
	b.recordArtifacts()
	b.changeArtifacts()
	b.deploymentArtifacts()
	b.responseArtifacts()
	b.peopleArtifact()
	b.policyArtifacts()
	b.workArtifacts()
	slices.SortStableFunc(b.held, func(x, y artifact) int {
		return strings.Compare(x.folder+"\x00"+x.path, y.folder+"\x00"+y.path)
	})
	b.file("artifacts/README.md", func() ([]byte, error) { return b.artifactList(), nil })
}

// hold puts an artifact in the index and, where make is given, in the package.
func (b *binder) hold(a artifact, make func() ([]byte, error)) {
	if a.folder == "" {
		a.folder, _, _ = strings.Cut(strings.TrimPrefix(a.path, "artifacts/"), "/")
	}
	a.made = make != nil
	if a.made {
		if b.have[a.path] { // two records that would be named alike
			i := strings.LastIndexByte(a.path, '.')
			a.path = a.path[:i] + "-" + table.Hash(a.title, a.from) + a.path[i:]
		}
		b.have[a.path] = true
		b.file(a.path, make)
	}
	b.held = append(b.held, a)
}

// haveFiles are links to those of the paths that the package holds.
func (b *binder) haveFiles(paths ...string) []table.Link {
	var out []table.Link
	for _, p := range paths {
		if b.have[p] {
			ext := p[strings.LastIndexByte(p, '.')+1:]
			out = append(out, table.Link{Text: strings.ToUpper(ext), Href: p})
		}
	}
	return out
}

// artifactsFor are the files that belong on a page of people's records.
func (b *binder) artifactsFor(title string) []table.Link {
	prefix := map[string][]string{
		"Vendors":             {"artifacts/CC9-vendor-management/"},
		"Incidents":           {"artifacts/CC7-incident-response/"},
		"Access review":       {"artifacts/CC6-access-control/access-review", "artifacts/CC6-access-control/iam-credential-report", "artifacts/CC6-access-control/identity-center"},
		"Joiners and leavers": {"artifacts/CC6-access-control/offboarding-tickets/"},
	}[title]
	var out []table.Link
	for _, a := range b.held {
		if a.made && slices.ContainsFunc(prefix, func(p string) bool { return strings.HasPrefix(a.path, p) }) {
			out = append(out, table.Link{Text: strings.TrimPrefix(a.path, "artifacts/"), Href: a.path})
		}
	}
	return out
}

func (b *binder) print(p *table.Paper) ([]byte, error) { return b.printer.Paper(p, html.Blocks) }

func (b *binder) newPrinter() error {
	w, err := pdf.New(b.Stamp)
	b.printer = w
	return err
}

// date is the day of the newest run: it is in the names of files.
func (b *binder) date() string { return b.Run.Ended.UTC().Format("2006-01-02") }

// listing makes one file of what AWS answered, over all accounts and regions.
func (b *binder) listing(l listing) {
	var cells []evidence.Cell
	for _, s := range l.sources {
		cells = append(cells, b.CellsOf(s)...)
	}
	var items []control.Located
	for _, s := range l.sources {
		for _, it := range b.Items[s] {
			if (l.keep == nil || l.keep(it)) && l.about(it.Item) {
				items = append(items, it)
			}
		}
	}
	a := artifact{path: "artifacts/" + l.path, title: l.title, from: joinWords(l.sources), page: b.SourcePage(l.sources[0])}
	for _, s := range l.sources {
		for _, c := range b.ChecksOf(s) {
			if !slices.Contains(a.checks, c) {
				a.checks = append(a.checks, c)
			}
		}
	}
	a.state, a.why = b.standing(cells, len(items))
	if len(items) == 0 {
		b.hold(a, nil)
		return
	}
	b.hold(a, func() ([]byte, error) {
		if strings.HasSuffix(l.path, ".csv") {
			return b.listingTable(l, items).CSV(b.Stamp)
		}
		return b.listingJSON(l, items, cells)
	})
}

// standing says how complete the listings behind an artifact are.
func (b *binder) standing(cells []evidence.Cell, items int) (state, why string) {
	if len(cells) == 0 {
		return table.CoverGap, "no run has asked for it"
	}
	var gaps []string
	partial, answered := 0, 0
	for _, c := range cells {
		switch table.CoverWord(c.State) {
		case table.CoverGap:
			text := where(c) + ": " + table.CellWhy(c)
			if len(gaps) < 3 {
				gaps = append(gaps, text)
			} else if len(gaps) == 3 {
				gaps = append(gaps, "and more, see coverage")
			}
		case table.CoverPartial:
			partial++
		case table.CoverCollected, table.CoverNothing:
			answered++
		}
	}
	switch {
	case len(gaps) > 0 && items == 0:
		return table.CoverGap, strings.Join(gaps, "; ")
	case len(gaps) > 0:
		return table.CoverPartial, "not collected in " + strings.Join(gaps, "; ")
	case partial > 0:
		return table.CoverPartial, "some questions about single items were not answered; each is named at its item"
	case items > 0:
		return table.CoverCollected, ""
	case answered > 0:
		return table.CoverNothing, "asked in " + table.Plural(len(cells), "place", "places") + ", and there is none"
	}
	return table.CoverNA, table.CellWhy(cells[0])
}

func (b *binder) listingTable(l listing, items []control.Located) *table.Table {
	located := slices.Clone(items)
	for i := range items {
		located[i].Item = l.cut(items[i].Item)
	}
	t := b.ItemsTable(idFrom(l.path), l.title, located, table.FlatColumns(plainItems(located), 0), true)
	t.Note = l.note
	t.Provenance = b.ipeOf(l.sources, len(items))
	return t
}

func idFrom(path string) string {
	id := path[strings.LastIndexByte(path, '/')+1:]
	if i := strings.IndexByte(id, '.'); i > 0 {
		id = id[:i]
	}
	return id
}

// listingJSON is the answers as AWS gave them, with the state of every listing
// they come from.
func (b *binder) listingJSON(l listing, items []control.Located, cells []evidence.Cell) ([]byte, error) {
	type place struct {
		Account string         `json:"account"`
		Region  string         `json:"region"`
		Source  string         `json:"source"`
		Covered string         `json:"covered"`
		State   evidence.State `json:"state"`
		Why     string         `json:"why,omitempty"`
		Items   int            `json:"items"`
		AsOf    string         `json:"as_of,omitempty"`
		Sum     string         `json:"sha256,omitempty"`
	}
	type entry struct {
		Account string        `json:"account"`
		Region  string        `json:"region"`
		Source  string        `json:"source"`
		Item    evidence.Item `json:"item"`
	}
	places := []place{}
	for _, c := range cells {
		p := place{c.Account, c.Region, c.Source, table.CoverWord(c.State), c.State, table.CellWhy(c), c.Items, "", c.Sum}
		if !c.Ended.IsZero() {
			p.AsOf = table.At(c.Ended).String()
		}
		places = append(places, p)
	}
	entries := make([]entry, 0, len(items))
	for _, it := range items {
		entries = append(entries, entry{it.Account, it.Region, it.Source, l.cut(it.Item)})
	}
	fields := map[string]any{"title": l.title, "listings": places, "items": entries}
	if l.note != "" {
		fields["note"] = l.note
	}
	return table.Indented(b.Stamp, fields)
}

// ipeOf is the box of a table over several listings.
func (b *binder) ipeOf(sources []string, items int) table.Provenance {
	var cells []evidence.Cell
	var ops []string
	for _, s := range sources {
		for _, c := range b.CellsOf(s) {
			cells = append(cells, c)
			for _, x := range b.calls[table.KeyOf(c)] {
				if op := x.Service + ":" + x.Operation; !slices.Contains(ops, op) {
					ops = append(ops, op)
				}
			}
		}
	}
	p := b.populationBox(control.Population{Source: sources[0], Cells: cells, Whole: !slices.ContainsFunc(cells, func(c evidence.Cell) bool { return !c.State.Answered() })}, "")
	p.Shows = "What the operations below answered in every account and region that was planned."
	p.ShowsNot = "What the collecting identity may not see, and what was true at another time."
	p.Facts[0].Values = one(table.Mono(strings.Join(sources, "\n")))
	p.Facts[1].Values = one(table.Int(items))
	p.Facts = append(p.Facts, table.Fact{Name: "Operations", Values: one(table.Mono(strings.Join(ops, "\n")))})
	var callers []table.Cell
	for _, c := range b.Run.Callers {
		callers = append(callers, table.Mono(c.ARN))
	}
	p.Facts = append(p.Facts, table.Fact{Name: "Asked as", Values: callers},
		table.Fact{Name: "Withheld in this run", Values: redactions(b.Run, ops)},
		table.Fact{Name: "Every call, its parameters, pages and request ids", Values: one(table.Str("data/calls.jsonl and the page of each listing").To(b.SourcePage(sources[0])))})
	return p
}

// workArtifacts are the working papers, and the workbooks over everything.
func (b *binder) workArtifacts() {
	for i := range b.Controls {
		c := &b.Controls[i]
		b.hold(artifact{path: workpaperPath(c.Control.ID), title: "Working paper " + c.Control.ID + ": " + c.Control.Title, page: b.ControlPage(c.Control.ID), state: table.CoverCollected, from: "all evidence of the control"},
			func() ([]byte, error) {
				p := b.workpaper(c, true)
				p.Wide = true
				b.boxes(p, c.Control.Checks)
				return b.print(p)
			})
	}
	all := table.Provenance{Shows: "Every verdict of every check on every item, with the value that decided.", ShowsNot: "What was not collected: see the coverage sheet.",
		Facts: []table.Fact{{Name: "Evidence", Values: one(table.Str("the evidence repository at commit " + b.Commit))}, {Name: "Run", Values: one(table.Mono(b.Run.Name))}}}
	if len(b.found) > 0 {
		b.hold(artifact{path: "artifacts/findings.xlsx", folder: "workpapers", title: "Findings", page: "findings.html", state: table.CoverCollected, from: "all checks"}, func() ([]byte, error) {
			f, c := b.FindingsTable("findings", "Findings", b.found), b.CellsTable("coverage", "Coverage", b.Cells)
			f.Provenance, c.Provenance = all, all
			return xlsx.Book(b.Stamp, "Findings", limit(f, 1_000_000), b.ChecksTable("checks", "Checks", nil), limit(c, 1_000_000))
		})
		b.hold(artifact{path: "artifacts/findings.csv", folder: "workpapers", title: "Findings, for other programs", page: "findings.html", state: table.CoverCollected, from: "all checks"},
			func() ([]byte, error) { return b.FindingsTable("findings", "Findings", b.found).CSV(b.Stamp) })
	}
	if len(b.Controls) > 0 {
		b.hold(artifact{path: "artifacts/controls.xlsx", folder: "workpapers", title: "Controls and criteria", page: "controls.html", state: table.CoverCollected, from: "all controls"}, func() ([]byte, error) {
			tables := []*table.Table{b.ControlsTable("controls", "Controls", nil)}
			for _, category := range b.categories() {
				t := b.CriteriaTable(category)
				t.Title = "Criteria: " + category
				tables = append(tables, t)
			}
			tables = append(tables, b.ExceptionsTable(), b.DueTable(true), b.DueTable(false))
			for _, t := range tables {
				t.Provenance = all
			}
			return xlsx.Book(b.Stamp, "Controls and criteria", tables...)
		})
	}
	b.unevaluatedArtifact()
	b.timelineArtifacts()
	b.populationArtifacts()
	b.sampleArtifacts()
	b.requestArtifacts()
}

// boxes adds the IPE boxes of what a control's checks read.
func (b *binder) boxes(p *table.Paper, checks []string) {
	seen := map[string]bool{}
	var nothing []string
	for _, name := range checks {
		c := b.Check(name)
		if c == nil || seen[c.Check.Of] {
			continue
		}
		seen[c.Check.Of] = true
		if b.nothing(c.Check.Of) {
			nothing = append(nothing, c.Check.Of)
			continue
		}
		box := b.ipeOf([]string{c.Check.Of}, len(b.Items[c.Check.Of]))
		p.Blocks = append(p.Blocks, table.Box{ID: "ipe-" + table.Hash(c.Check.Of), Title: "Information produced by the entity: " + c.Check.Of, Provenance: box})
	}
	if len(nothing) > 0 {
		p.Blocks = append(p.Blocks, table.Box{ID: "ipe-nothing", Title: "Information produced by the entity: sources that were asked in full and gave nothing", Provenance: b.ipeOf(nothing, 0)})
	}
}

// nothing says that a source was asked in full and nothing was there.
func (b *binder) nothing(source string) bool {
	cells := b.CellsOf(source)
	return len(cells) > 0 && len(b.Items[source]) == 0 && !slices.ContainsFunc(cells, func(c evidence.Cell) bool {
		w := table.CoverWord(c.State)
		return w != table.CoverNothing && w != table.CoverNA
	})
}

func workpaperPath(id string) string { return "artifacts/workpapers/" + table.FileName(id) + ".pdf" }
func recordBook(kind string) string  { return "artifacts/records/" + table.FileName(kind) + ".xlsx" }

// artifactsPage is the index: what was asked for, where it is, which controls
// it serves, and why what is missing is missing.
func (b *binder) artifactsPage() *table.Paper {
	p := &table.Paper{Kicker: "By request", Title: "Artifacts", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("The files auditors ask for, in folders by criterion. Where one could not be made, the reason stands in its place: no file here is empty.")}
	missing := 0
	for _, a := range b.held {
		if !a.made {
			missing++
		}
	}
	p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{{N: len(b.held) - missing, Word: "files"}, {N: missing, Word: "not made, with the reason", Status: control.NotEvaluatedIn}}})
	if missing > 0 {
		p.Blocks = append(p.Blocks, table.H2("missing", "What is not there"), table.Grid{Table: b.artifactTable("missing-files", "Not made", func(a artifact) bool { return !a.made })})
	}
	var folders []string
	for _, a := range b.held {
		if a.made && !slices.Contains(folders, a.folder) {
			folders = append(folders, a.folder)
		}
	}
	for _, f := range folders {
		p.Blocks = append(p.Blocks, table.H2("folder-"+f, f), table.Grid{Table: b.artifactTable("files-"+f, f, func(a artifact) bool { return a.made && a.folder == f })})
	}
	machine := table.Files{}
	for _, d := range [][2]string{{"data/findings.jsonl", "every verdict"}, {"data/timeline.jsonl", "what each run of the period saw, every change, and when it was not observed"}, {"data/standing.jsonl", "how controls, checks, policies, people, vendors and exceptions stood at the newest run: what exhibit diff compares"}, {"data/controls.json", "criteria, controls and checks with their counts"}, {"data/coverage.jsonl", "every listing planned, and what became of it"},
		{"data/calls.jsonl", "every call of the newest run"}} {
		if b.have[d[0]] {
			machine.Items = append(machine.Items, table.Link{Text: d[0] + ": " + d[1], Href: d[0]})
		}
	}
	p.Blocks = append(p.Blocks, table.H2("machines", "For machines"), table.P("The same facts, one JSON object a line. The listings as they were collected are linked from their own pages."), machine)
	p.Blocks = append(p.Blocks, table.P("In CSV files ", table.CSVNote, "; the JSON and XLSX hold the text unaltered."))
	return p
}

func (b *binder) artifactTable(id, title string, keep func(artifact) bool) *table.Table {
	t := &table.Table{ID: id, Title: title, Columns: []table.Column{
		{Key: "file", Name: "File", Kind: table.Text, Width: 40}, {Key: "what", Name: "What", Width: 36}, {Key: "coverage", Name: "Coverage", Kind: table.Status, Width: 16},
		{Key: "why", Name: "Why", Width: 44}, {Key: "controls", Name: "Controls", Width: 18}, {Key: "page", Name: "On the site", Width: 18},
	}}
	for _, a := range b.held {
		if !keep(a) {
			continue
		}
		file := table.Str(strings.TrimPrefix(a.path, "artifacts/"))
		if a.made {
			file = file.To(a.path)
		}
		page := table.Cell{}
		if a.page != "" {
			page = table.Str(a.from).To(a.page)
		} else {
			page = table.Str(a.from)
		}
		t.Add("", file, table.Str(a.title), table.Cell{Kind: table.Status, Text: a.state, Set: a.state != ""}, table.Str(a.why), table.Str(strings.Join(b.served(a), ", ")), page)
	}
	for _, key := range []string{"why", "controls"} { // a column that says nothing
		i := slices.IndexFunc(t.Columns, func(c table.Column) bool { return c.Key == key })
		if !slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Cells[i].Set }) {
			drop(t, key)
		}
	}
	return t
}

// served are the controls an artifact speaks to: by its checks, or because they
// name the kind of record it is made of.
func (b *binder) served(a artifact) []string {
	var out []string
	for i := range b.Controls {
		c := &b.Controls[i].Control
		if slices.ContainsFunc(a.checks, func(name string) bool { return slices.Contains(c.Checks, name) }) || a.kind != "" && slices.Contains(c.Records, a.kind) {
			out = append(out, c.ID)
		}
	}
	return out
}

// artifactList is the same index for somebody who opened the folder alone.
func (b *binder) artifactList() []byte {
	var s bytes.Buffer
	if b.Stamp.Sample {
		fmt.Fprintf(&s, "**%s**\n\n", table.SampleWords)
	}
	fmt.Fprintf(&s, "# Artifacts\n\n%s\n\nEvery file, what it is, and the controls it serves. The same list with links is ../artifacts.html.\n", table.Visible(b.Stamp.Line()))
	folder := ""
	for _, a := range b.held {
		if a.folder != folder {
			folder = a.folder
			fmt.Fprintf(&s, "\n## %s\n\n", folder)
		}
		controls := b.served(a)
		line := "- `" + strings.TrimPrefix(a.path, "artifacts/") + "`: " + a.title
		if len(controls) > 0 {
			line += " (" + strings.Join(controls, ", ") + ")"
		}
		if !a.made {
			line = "- not made: " + line[2:] + ". " + a.state + ": " + a.why
		} else if a.why != "" {
			line += ". " + a.state + ": " + a.why
		}
		s.WriteString(strings.ReplaceAll(table.Visible(line), "\n", " ") + "\n")
	}
	return s.Bytes()
}

// jsonText is an answer as text to look for words in.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
