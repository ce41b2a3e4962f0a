package render

import (
	"fmt"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

// peopleChecks are the checks about people's access, in a reader's order.
func peopleChecks() []string {
	return []string{"leavers-have-no-access", "leavers-lost-access-in-time", "leavers-did-not-use-access", "joiners-access-in-order", "joiners-have-requests", "joiners-have-requests-in-directory",
		"movers-access-changed", "identities-have-an-owner", "people-have-one-identity", "people-register-agrees-with-hr"}
}

// peopleBook is the workbook of joiners, movers and leavers.
const peopleBook = "artifacts/CC6-access-control/joiners-movers-leavers.xlsx"

// peoplePages are joiners, movers and leavers, and everyone with what each run
// saw of them.
func (b *binder) peoplePages() {
	b.page("people.html", b.people)
	if len(b.People) == 0 {
		return
	}
	b.paged(table.PeoplePage, len(b.People), table.PeoplePart, b.haveFiles(peopleBook),
		func(from, to int) *table.Table { return b.PeopleTable(b.People[from:to]) },
		func(part int, g table.Grid) *table.Paper {
			some := b.People
			if len(g.Pages) > 1 {
				some = b.People[g.From-1 : g.To]
			}
			p := &table.Paper{Kicker: "Organisation", Title: "Everyone of the people register", Wide: true, Crumbs: crumbs(table.Link{Text: "Joiners, movers and leavers", Href: "people.html"}),
				Lead: table.Line("Those who left in the period first, then those who joined. For each, the access that every run saw.")}
			p.Blocks = append(p.Blocks, g)
			for _, l := range some {
				p.Blocks = append(p.Blocks, b.person(l)...)
			}
			return p
		})
}

// person is one person as blocks.
func (b *binder) person(l control.PersonLife) []table.Block {
	dates := func(name string, c table.Cell) table.Fact { return table.Fact{Name: name, Values: one(c)} }
	out := []table.Block{table.H2(table.PersonAnchor(l.ID), l.Name), known(
		dates("Id", table.Mono(l.ID)), dates("Work", table.Str(l.Title)), dates("Team", table.Str(l.Team)), dates("Engaged as", table.Str(l.Employment)),
		dates("First day", table.Day(l.Start)), dates("Last day", table.Day(l.LastDay)), dates("The registers differ", table.Str(l.Said)),
		dates("Written in", table.Mono(fmt.Sprintf("%s:%d", l.Pointer.Path, l.Pointer.Line))))}
	life := b.LifeOf(l)
	if len(life.Lines) == 0 {
		for _, s := range l.Seen {
			if !s.Known() {
				return append(out, table.P("No run saw an identity of this person, and not every run could tell: ", strings.Join(s.Unknown, "; "), "."))
			}
		}
		return append(out, table.P("No run of the period saw an identity of this person."))
	}
	t := b.SightingsTable("seen-"+table.Hash(l.ID), "What each run saw of "+l.Name, []control.PersonLife{l})
	drop(t, "person")
	out = append(out, life, table.Fold{Summary: "The same as a table", Blocks: []table.Block{table.Grid{Table: t}}})
	return out
}

// people is the page auditors ask for: who left, joined and moved, and what is
// wrong with identities.
func (b *binder) people() *table.Paper {
	p := &table.Paper{Kicker: "Organisation", Title: "Joiners, movers and leavers", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("Who left, joined or moved in the period, and what access the runs saw before and after. Between two runs it was not observed: how long access stayed open is told as an interval, unless an event or a record says the day.")}
	if len(b.People) == 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "No people register", Spans: table.Line("Neither ", table.K("registers/people.yaml"), " nor ", table.K("registers/people.csv"), " could be read: nobody can be said to have left, joined or moved.")})
	}
	p.Blocks = append(p.Blocks, table.H2("left", "Leavers"), table.Grid{Table: b.LeaversTable(), Downloads: b.haveFiles(peopleBook)})
	drawn := 0
	for _, l := range b.People {
		if life := b.LifeOf(l); l.Left && len(life.Lines) > 0 && drawn < 25 {
			drawn++
			p.Blocks = append(p.Blocks, table.H3("", l.Name), life)
		}
	}
	p.Blocks = append(p.Blocks, table.H2("joined", "Joiners and movers"), table.Grid{Table: b.JoinersTable()})
	if t := b.ofCheck("movers-access-changed", "movers", "Who moved in the period"); t != nil {
		p.Blocks = append(p.Blocks, table.Grid{Table: t})
	}
	var have []string
	for _, name := range peopleChecks() {
		if b.Check(name) != nil {
			have = append(have, name)
		}
	}
	if len(have) > 0 {
		t := b.ChecksTable("checks", "What was tested", have)
		drop(t, "severity")
		p.Blocks = append(p.Blocks, table.H2("tested", "What was tested, and what was not met"), table.Grid{Table: t})
		if t := b.notMet(have); len(t.Rows) > 0 {
			p.Blocks = append(p.Blocks, table.Grid{Table: t})
		}
	}
	p.Blocks = append(p.Blocks, b.hrExport()...)
	var kinds []table.Link
	for _, kind := range []string{"person", "hr-person", "identity", "access-request", "offboarding", "role-change", "joiner", "leaver", "employee-list"} {
		if n := len(b.Records[kind]); n > 0 {
			kinds = append(kinds, table.Link{Text: fmt.Sprintf("%s (%d)", kindWords(kind), n), Href: b.RecordPage(kind)})
		}
	}
	if len(b.People) > 0 {
		kinds = append([]table.Link{{Text: "Everyone, with what each run saw (" + table.Plural(len(b.People), "person", "people") + ")", Href: table.PeoplePage}}, kinds...)
	}
	if len(kinds) > 0 {
		p.Blocks = append(p.Blocks, table.H2("registers", "Registers and records"), table.Files{Items: kinds})
	}
	if list := b.artifactsFor("Joiners and leavers"); len(list) > 0 {
		p.Blocks = append(p.Blocks, table.H2("files", "To take away"), table.Files{Items: list})
	}
	var pops []table.Link
	for _, x := range b.Populations {
		if x.ID == "leavers" || x.ID == "joiners" || strings.HasPrefix(x.ID, "people") {
			pops = append(pops, table.Link{Text: x.Title + " (" + table.Plural(len(x.Items), "item", "items") + ")", Href: b.PopulationPage(x.ID)})
		}
	}
	if len(pops) > 0 {
		p.Blocks = append(p.Blocks, table.H2("populations", "Populations"), table.Files{Items: pops})
	}
	return p
}

// ofCheck is what a check found, whole; nil where it is not run or found nothing.
func (b *binder) ofCheck(check, id, title string) *table.Table {
	c := b.Check(check)
	if c == nil || len(c.Findings) == 0 {
		return nil
	}
	return limit(b.CheckFindings(id, title, c.Findings), table.PageRows)
}

// hrExport is where the list of people comes from: the IPE of the HR system's list.
func (b *binder) hrExport() []table.Block {
	items := b.Records["hr-export"]
	if len(items) == 0 {
		return []table.Block{table.H2("hr", "The HR system's list"), table.Notice{Kind: "gap", Title: "No list of the HR system",
			Spans: table.Line("There is no ", table.K("registers/people.csv"), " with what it is beside it. Who joined and left is what the people register says, and nothing shows that the register is whole.")}}
	}
	it := items[0]
	p := table.Provenance{Shows: "Everyone the HR system listed, as it listed them.", ShowsNot: "That the report was run with the filters it names: that is the word of whoever exported it."}
	for _, f := range []struct{ name, field string }{{"System", "system"}, {"Report or query", "query"}, {"Exported by", "exported_by"}, {"Exported at", "exported_at"}, {"Rows", "rows"}, {"sha256 of the file", "sha256"}, {"File", "file"}} {
		p.Facts = append(p.Facts, table.Fact{Name: f.name, Values: one(table.Str(leaf(it.Item, "."+f.field)))})
	}
	p.Facts = append(p.Facts, table.Fact{Name: "Rows read", Values: one(table.Int(len(b.Records["hr-person"])))}, table.Fact{Name: "Commit", Values: one(table.Mono(b.Commit))})
	out := []table.Block{table.Box{ID: "hr", Title: "Information produced by the entity: the HR system's list", Provenance: p}}
	if t := b.hrDifferences(); len(t.Rows) > 0 {
		out = append(out, table.Grid{Table: t})
	}
	return out
}

// hrDifferences are where the HR system's list and the people register say
// different things, one by one.
func (b *binder) hrDifferences() *table.Table {
	t := &table.Table{ID: "differences", Title: "Where the HR system's list and the people register differ", Columns: []table.Column{
		{Key: "status", Name: "Status", Kind: table.Status, Width: 14}, {Key: "person", Name: "Person", Width: 26}, {Key: "field", Name: "Field", Width: 14}, {Key: "difference", Name: "Difference", Width: 60}}}
	c := b.Check("people-register-agrees-with-hr")
	if c == nil {
		return t
	}
	for _, f := range c.Findings {
		value, _ := f.Value.(map[string]any)
		name, _ := value["name"].(string)
		for _, k := range table.SortedKeys(value) {
			if s, ok := value[k].(string); ok && k != "name" && k != "exported_at" {
				t.Add("", table.Word(table.VerdictStatus(f)).To(b.FindingHref(f)), table.Str(name), table.Str(strings.ReplaceAll(k, "_", " ")), table.Str(s))
			}
		}
	}
	return t
}

// peopleArtifact is the workbook of joiners, movers and leavers.
func (b *binder) peopleArtifact() {
	a := artifact{path: peopleBook, title: "Joiners, movers and leavers, with what each run saw", from: "people register, HR system's list, credential report and Identity Center at every run", page: "people.html", checks: peopleChecks(), kind: "person", state: table.CoverCollected}
	if len(b.People) == 0 {
		a.state, a.why = table.CoverNothing, "there is no people register"
		b.hold(a, nil)
		return
	}
	b.hold(a, func() ([]byte, error) {
		tables := []*table.Table{b.LeaversTable(), b.JoinersTable()}
		for _, c := range [][3]string{{"movers-access-changed", "movers", "Movers"}, {"identities-have-an-owner", "identities", "Identities and owners"}} {
			if r := b.Check(c[0]); r != nil && len(r.Findings) > 0 {
				tables = append(tables, b.CheckFindings(c[1], c[2], r.Findings))
			}
		}
		tables = append(tables, b.hrDifferences(), b.PeopleTable(b.People), b.SightingsTable("sightings", "What each run saw", b.People))
		return xlsx.Book(b.Stamp, "Joiners, movers and leavers", tables...)
	})
}
