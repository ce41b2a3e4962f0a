package render

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// recordPages are what people wrote: a page for each kind, and the pages that
// bring together what auditors ask for in one go.
func (b *binder) recordPages() {
	for _, kind := range b.RecordKinds() {
		items := b.Records[kind]
		rows := func(from, to int) *table.Table { return onScreen(b.RecordTable(kind, "All records", items[from:to])) }
		b.paged(b.RecordPage(kind), len(items), recordsPart, b.haveFiles(recordBook(kind)), rows, func(part int, g table.Grid) *table.Paper {
			some := items
			if len(g.Pages) > 1 {
				some = items[g.From-1 : g.To]
			}
			p := &table.Paper{Kicker: "Records people wrote", Title: kindWords(kind), Crumbs: crumbs(table.Link{Text: "All records", Href: "records.html"}),
				Lead: table.Line("A record says what its author says happened. When it was first seen is fixed by the seal of the run after it.")}
			if part == 0 {
				p.Blocks = append(p.Blocks, b.inTime(kind)...)
			}
			if len(items) > 0 {
				p.Blocks = append(p.Blocks, table.H2("records", "Records"), g)
			}
			for _, it := range some {
				p.Blocks = append(p.Blocks, b.record(kind, it, true)...)
			}
			return p
		})
		for _, it := range items {
			for _, a := range table.Attachments(it) {
				b.attachment(a)
			}
		}
	}
	b.page("records.html", b.recordsPage)
	b.page("incidents.html", func() *table.Paper {
		return b.about("Incidents", "What happened, what was done about it, and whether the response was practised.",
			[]string{"incident", "post-incident-review", "tabletop-exercise", "tabletop", "guardduty-finding-response", "ticket", "nil-statement"}, "incident")
	})
	b.page("access-review.html", func() *table.Paper {
		p := b.about("Access review", "Who had access, who looked at it, and what was changed as a result.",
			[]string{"access-review"}, "iam-users", "people-with-aws-access", "identity-center-users", "access")
		p.Blocks = append(b.administrators(), p.Blocks...)
		return p
	})
}

// onScreen keeps of a table of records the columns that a window shows without
// being moved sideways. Each record stands in full below, or behind its name.
func onScreen(t *table.Table) *table.Table {
	const most = 190 // characters, or about as much
	n, used := 0, 0
	for _, c := range t.Columns {
		if used += max(c.Width, 12); used > most && n > 3 {
			break
		}
		n++
	}
	if n == len(t.Columns) {
		return t
	}
	left := len(t.Columns) - n
	t.Note = strings.TrimSpace(t.Note + " " + table.Plural(left, "field more stands", "fields more stand") + " with each record in full and in the workbook.")
	t.Columns = t.Columns[:n]
	for i := range t.Rows {
		t.Rows[i].Cells = t.Rows[i].Cells[:n]
	}
	return t
}

// recordsPart is how many records one page shows.
const recordsPart = table.RecordsPart

// kindWords is a kind as a heading.
func kindWords(kind string) string {
	s := strings.ReplaceAll(kind, "-", " ")
	if s == "" {
		return "Records"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// about brings together records of some kinds, the populations beside them, and
// the checks that read them.
func (b *binder) about(title, lead string, kinds []string, populations ...string) *table.Paper {
	p := &table.Paper{Kicker: "Organisation", Title: title, Crumbs: crumbs(), Lead: table.Line(lead)}
	var checks []string
	for _, kind := range kinds {
		of := b.ChecksOf("record/" + kind)
		if kind == "access-review" {
			of = b.reviewChecks()
		}
		for _, name := range of {
			if !slices.Contains(checks, name) {
				checks = append(checks, name)
			}
		}
	}
	if len(checks) > 0 {
		t := b.ChecksTable("checks", "What was tested", checks)
		drop(t, "severity")
		p.Blocks = append(p.Blocks, table.Grid{Table: t})
		if t := b.notMet(checks); len(t.Rows) > 0 {
			p.Blocks = append(p.Blocks, table.Grid{Table: t})
		}
	}
	if t := b.ReviewsTable(); len(t.Rows) > 0 && slices.Contains(kinds, "access-review") {
		drop(t, "run")
		p.Blocks = append(p.Blocks, table.H2("part-reviews", "Reviews, row by row"), table.Grid{Table: t})
	}
	found := false
	for _, kind := range kinds {
		items := b.Records[kind]
		if len(items) == 0 {
			continue
		}
		found = true
		t := onScreen(limit(b.RecordTable(kind, kindWords(kind), items), 200))
		for i := range t.Rows {
			t.Rows[i].ID = ""
		}
		links := append([]table.Link{{Text: "in full", Href: b.RecordPage(kind)}}, b.haveFiles(recordBook(kind))...)
		p.Blocks = append(p.Blocks, table.H2("kind-"+table.FileName(kind), kindWords(kind)), table.Grid{Table: t, Downloads: links})
	}
	if !found {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "No record", Spans: table.Line("The repository holds no record of these kinds: ", strings.Join(kinds, ", "), ".")})
	}
	if list := b.artifactsFor(title); len(list) > 0 {
		p.Blocks = append(p.Blocks, table.H2("files", "To take away"), table.Files{Items: list})
	}
	var pops []table.Link
	for _, x := range b.Populations {
		for _, want := range populations {
			if x.ID == want || strings.HasPrefix(x.ID, want) {
				pops = append(pops, table.Link{Text: x.Title + " (" + table.Plural(len(x.Items), "item", "items") + ")", Href: b.PopulationPage(x.ID)})
				break
			}
		}
	}
	if len(pops) > 0 {
		p.Blocks = append(p.Blocks, table.H2("populations", "Populations"), table.Files{Items: pops})
	}
	return p
}

// notMet lists what some checks found not met, or could not evaluate.
func (b *binder) notMet(checks []string) *table.Table {
	var open []control.Finding
	for _, name := range checks {
		for _, f := range b.Check(name).Findings {
			if f.Verdict != control.Pass && f.Verdict != control.NotApplicable {
				open = append(open, f)
			}
		}
	}
	return b.controlFindings("not-met", "Exceptions, not evaluated, needs a record", open, rowsOnControl)
}

// record is one record as blocks; on a page it has an anchor.
func (b *binder) record(kind string, it control.Located, anchored bool) []table.Block {
	id := ""
	if anchored {
		id = table.RecordAnchor(it.ID)
	}
	facts := table.Facts{}
	for _, f := range table.RecordFields(it) {
		facts.Items = append(facts.Items, table.Fact{Name: table.FieldWords(f.Path), Values: one(b.PersonCell(f.Path, f.Cell))})
	}
	pointer := it.Pointer.Path
	if it.Pointer.Line > 0 {
		pointer += fmt.Sprintf(":%d", it.Pointer.Line)
	}
	facts.Items = append(facts.Items, table.Fact{Name: "Written in", Values: one(table.Mono(pointer))})
	facts.Items = append(facts.Items, b.sealedFacts(kind, it.ID)...)
	out := []table.Block{table.H2(id, kindWords(kind)+" "+it.ID), known(facts.Items...)}
	for _, t := range table.RecordRows(it) {
		out = append(out, table.Grid{Table: t})
	}
	if text := table.RecordText(it); text != "" {
		out = append(out, table.Markdown{Body: []byte(text)})
	}
	if files := table.Attachments(it); len(files) > 0 {
		list := table.Files{}
		for _, a := range files {
			if b.aliases != nil {
				out = append(out, table.Notice{Kind: "gap", Title: "An attachment is withheld", Spans: table.Line(table.K(a.Path), ", sha256 ", table.K(a.Sum), ", may name people, who ", table.A("appear under pseudonyms", "withheld.html#names"), " in this package.")})
				continue
			}
			f, err := b.read(a.Path)
			switch {
			case err != nil || f.missing:
				out = append(out, table.Notice{Kind: "gap", Title: "An attachment is missing", Spans: table.Line(table.K(a.Path), " is named but not in the repository.")})
			case a.Sum != "" && a.Sum != f.sum:
				out = append(out, table.Notice{Kind: "alarm", Title: "An attachment is not the one that was named",
					Spans: table.Line(table.K(a.Path), " should have sha256 ", table.K(a.Sum), " and has ", table.K(f.sum), ".")})
			default:
				list.Items = append(list.Items, table.Link{Text: a.Path + " (sha256 " + f.sum + ")", Href: attachmentPath(a, f.sum)})
			}
		}
		if len(list.Items) > 0 {
			out = append(out, list)
		}
	}
	return append(out, table.P("Cite as ", table.K(b.Cite("", kind+" "+it.ID, ""))))
}

// attachmentPath names the copy by its hash: what a file is called is not ours
// to trust. The ending is kept where it is one that no browser runs.
func attachmentPath(a table.Attachment, sum string) string {
	ext := strings.ToLower(path.Ext(a.Path))
	if !slices.Contains([]string{".pdf", ".png", ".jpg", ".jpeg", ".csv", ".txt", ".json", ".xlsx", ".docx", ".md", ".eml", ".log"}, ext) {
		ext = ".bin"
	}
	return "data/attachments/" + sum[:32] + ext
}

func (b *binder) attachment(a table.Attachment) {
	if b.aliases != nil {
		b.leave(a.Path, a.Sum, "an attachment, which is not searched for names")
		return
	}
	f, err := b.read(a.Path)
	if err != nil || f.missing || a.Sum != "" && a.Sum != f.sum {
		return // the record's page says so
	}
	to := attachmentPath(a, f.sum)
	if slices.ContainsFunc(b.jobs, func(j job) bool { return j.path == to }) {
		return
	}
	b.file(to, func() ([]byte, error) { return fs.ReadFile(b.repo, a.Path) })
}
