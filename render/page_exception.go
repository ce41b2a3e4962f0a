package render

import (
	"exhibit/control"
	"exhibit/render/table"
)

// exceptionPages are a page for each accepted deviation, with its life.
func (b *binder) exceptionPages() {
	var links []table.Link
	for _, e := range b.Exceptions {
		links = append(links, table.Link{Text: e.ID, Href: b.ExceptionPage(e.ID)})
	}
	for i := range b.Exceptions {
		b.page(links[i].Href, func() *table.Paper {
			p := b.exception(&b.Exceptions[i])
			p.Prev, p.Next = turn(links, i)
			return p
		})
	}
}

func (b *binder) exception(e *control.Exception) *table.Paper {
	p := &table.Paper{Kicker: "Accepted exception " + e.ID, Title: e.ID, ID: e.ID, Crumbs: crumbs(table.Link{Text: "Exceptions", Href: "exceptions.html"}), Cite: b.Cite("", e.ID, "")}
	p.Title = "Exception to " + e.Check
	if e.Void != "" {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "alarm", Title: "It counts for nothing", Spans: table.Line(table.Capital(e.Void) + ". What it names is an exception like any other.")})
	} else {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "note", Title: "It compensates what it names", Spans: table.Line("The items stay exceptions, shown as compensated, until ", table.Day(e.Expires).String(), " at the latest.")})
	}
	p.Blocks = append(p.Blocks, known(
		table.Fact{Name: "Check", Values: one(table.Mono(e.Check).To(b.CheckPage(e.Check)))},
		table.Fact{Name: "Owner", Values: one(table.Str(e.Owner))},
		table.Fact{Name: "Approved by", Values: one(table.Str(e.ApprovedBy))},
		table.Fact{Name: "Approved on", Values: one(table.Day(e.ApprovedOn))},
		table.Fact{Name: "Expires", Values: one(table.Day(e.Expires))},
		table.Fact{Name: "Constraint", Values: one(table.Str(e.Constraint))},
		table.Fact{Name: "Risk", Values: one(table.Str(e.Risk))},
		table.Fact{Name: "Compensating control", Values: one(table.Str(e.Compensating))},
		table.Fact{Name: "Written in", Values: one(table.Mono(e.Path).To(b.recordHref("exception", e.ID)))},
	))
	if s := b.Sealing("exception", e.ID); s != nil {
		p.Blocks = append(p.Blocks, known(b.sealedFacts("exception", e.ID)...))
	}
	t := &table.Table{ID: "proofs", Title: "What shows that the compensating control operates", Empty: "It names nothing, so nobody can tell.", Columns: []table.Column{
		{Key: "proof", Name: "Proof", Width: 50}, {Key: "holds", Name: "Holds now", Width: 10}, {Key: "seen", Name: "Seen at the newest run", Width: 50},
	}}
	for _, x := range e.Proofs {
		holds := "no"
		if x.Holds {
			holds = "yes"
		}
		t.Add("", b.ProofName(x.ExceptionProof), table.Str(holds), table.Str(x.Says))
	}
	p.Blocks = append(p.Blocks, table.H2("proof", "Proof"), table.Grid{Table: t})
	p.Blocks = append(p.Blocks, table.H2("runs", "Its life, run by run"),
		table.P("Each run is judged with what stood in the repository then: an exception written later compensates nothing before."), table.Grid{Table: b.ExceptionLife(e)})
	var covered []table.Found
	for _, f := range b.found {
		if f.Exception == e.ID {
			covered = append(covered, f)
		}
	}
	c := limit(b.FindingsTable("covered", "Findings it names, at the newest run", covered), 200)
	c.Empty = "No failure of the newest run is under it."
	for _, key := range []string{"check", "severity", "controls"} { // said above
		drop(c, key)
	}
	c.Narrow()
	p.Blocks = append(p.Blocks, table.H2("covers", "What it covers"), table.P("It names: ", table.K(joinWords(e.Items)), "."), table.Grid{Table: c})
	return p
}

func (b *binder) recordHref(kind, id string) string {
	if b.RecordPage(kind) != "" && b.Sealing(kind, id) != nil {
		return b.RecordHref(kind, id)
	}
	return ""
}
