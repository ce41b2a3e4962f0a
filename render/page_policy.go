package render

import (
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// policyPages are the list of policies and a page for each with its text,
// versions and what changed between them.
func (b *binder) policyPages() {
	b.page("policies.html", func() *table.Paper {
		t := b.PoliciesTable()
		t.Empty = "The repository holds no policy."
		return &table.Paper{Kicker: "Documents under version control", Title: "Policies", Wide: true, Crumbs: crumbs(),
			Lead:   table.Line("The version in force is the newest one effective on ", b.Engagement.Period.End.Format("2 January 2006"), ", the period's last day."),
			Blocks: []table.Block{table.Grid{Table: t}, table.Grid{Table: b.VersionsTable("versions", "All versions", nil), Downloads: b.haveFiles("artifacts/policies/policy-version-history.xlsx")}}}
	})
	var links []table.Link
	for _, d := range b.Documents {
		links = append(links, table.Link{Text: d.Title, Href: b.PolicyPage(d.ID)})
	}
	for i, d := range b.Documents {
		b.page(links[i].Href, func() *table.Paper {
			p := b.policy(d)
			p.Prev, p.Next = turn(links, i)
			return p
		})
	}
}

func (b *binder) policy(d control.Document) *table.Paper {
	p := &table.Paper{Kicker: "Policy " + d.ID, Title: d.Title, ID: d.ID, Crumbs: crumbs(table.Link{Text: "Policies", Href: "policies.html"})}
	v := d.InForce(b.Engagement.Period.End)
	facts := []table.Fact{{Name: "Owner", Values: one(table.Str(d.Owner))}, {Name: "Review", Values: one(table.Str(d.Review))}, {Name: "Last reviewed", Values: one(table.Day(d.Reviewed))}}
	cite := d.ID
	if v != nil {
		facts = append(facts, table.Fact{Name: "Version in force at the period's end", Values: one(table.Str(v.Version))},
			table.Fact{Name: "Effective", Values: one(table.Day(v.Effective))}, table.Fact{Name: "Approved by", Values: one(table.Str(v.ApprovedBy))},
			table.Fact{Name: "Approved on", Values: one(table.Day(v.ApprovedOn))}, table.Fact{Name: "Commit", Values: one(table.Mono(v.Commit))},
			table.Fact{Name: "To print", Values: b.policyLink(d, v)})
		cite += " version " + v.Version
	}
	p.Cite = b.Cite("", cite, "")
	p.Blocks = append(p.Blocks, table.Facts{Items: facts})
	if len(d.Problems) > 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "What is wrong with its history", Spans: table.Line(strings.Join(d.Problems, "; "))})
	}
	for _, due := range b.Due {
		if due.Kind == "policy" && due.Ref == d.ID && due.Overdue {
			p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "Its review is overdue", Spans: table.Line("It was due on ", due.On.Format("2006-01-02"), ": ", due.Why, ".")})
		}
	}
	p.Blocks = append(p.Blocks, table.H2("versions", "Versions"), table.Grid{Table: b.VersionsTable("history", "Every version, newest first", []control.Document{d})})
	switch {
	case v != nil:
		p.Blocks = append(p.Blocks, table.H2("text", "Text in force: version "+v.Version), table.Markdown{Body: v.Body})
	case len(d.Versions) > 0:
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "No version was in force at the period's end", Spans: table.Line("The newest text is shown; nothing says that it was in force.")},
			table.H2("text", "Newest text"), table.Markdown{Body: d.Versions[0].Body})
	}
	if len(d.Versions) > 1 {
		p.Blocks = append(p.Blocks, table.H2("changes", "What changed"))
		for i := 0; i+1 < len(d.Versions); i++ {
			now, before := d.Versions[i], d.Versions[i+1]
			diff := table.Compare([]byte(table.Visible(string(before.Body))), []byte(table.Visible(string(now.Body))))
			title := "From " + versionWords(before) + " to " + versionWords(now)
			if len(diff) == 0 || len(diff) == 1 && diff[0].Kind == '@' {
				p.Blocks = append(p.Blocks, table.P(title, ": the text is the same."))
				continue
			}
			p.Blocks = append(p.Blocks, table.Diff{Title: title, Lines: diff})
		}
	}
	return p
}

func versionWords(v control.DocumentVersion) string {
	if v.Version == "" {
		return "the text without a version at " + table.Short(v.Commit)
	}
	return "version " + v.Version
}

func (b *binder) policyLink(d control.Document, v *control.DocumentVersion) []table.Cell {
	path := policyFile(d, v)
	return one(table.Str(path).To(path))
}

// policyFile is policies/<id>-v<version>.pdf; what is not plainly a name
// becomes a hash.
func policyFile(d control.Document, v *control.DocumentVersion) string {
	return "artifacts/policies/" + table.FileName(table.FileName(d.ID)+"-v"+v.Version) + ".pdf"
}
