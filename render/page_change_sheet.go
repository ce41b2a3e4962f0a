package render

import (
	"fmt"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/render/table"
)

// filesShown is how many files of a change its sheet names.
const filesShown = 12

// changeSheet is one change from the commit to its deployment, as an auditor tests it: a
// page of a document.
func (b *binder) changeSheet(s control.Sample, c control.ChangeSheet, d control.Drawn) []table.Block {
	var out []table.Block
	if d.Replaced != "" {
		out = append(out, table.Notice{Kind: "note", Title: "Replaced", Spans: table.Line("The auditor could not use this item: ", d.Replaced, ". The next in rank stands for it.")})
	}
	text := func(s string) []table.Cell {
		if s == "" {
			return nil
		}
		return one(table.Str(s))
	}
	code := func(s string) []table.Cell {
		if s == "" {
			return nil
		}
		return one(table.Mono(s))
	}
	at := func(t time.Time) []table.Cell {
		if t.IsZero() {
			return nil
		}
		return one(table.At(t))
	}
	stated := func(name, value string) table.Fact { // what is missing is said
		if value == "" {
			value = "none"
		}
		return table.Fact{Name: name, Values: text(value)}
	}
	files := c.Files
	if more := len(files) - filesShown; more > 0 {
		files = append(files[:filesShown:filesShown], fmt.Sprintf("and %d more", more))
	}
	came := c.Pull
	switch {
	case c.Pull == "" && c.Unknown != "":
		came = "not evaluated: " + c.Unknown
	case c.Pull == "":
		came = "no pull request: it was pushed to the branch"
	}
	deployed := c.Deployed
	if deployed == "" {
		deployed = "no deployment or release that has it is told of"
	}
	facts := []table.Fact{
		{Name: "Commit", Values: one(table.Mono(c.Commit).To(b.ItemHref(table.Key{Region: c.Repository, Source: "git/change"}, c.Commit)))},
		{Name: "Repository, branch", Values: text(strings.Trim(c.Repository+", "+c.Branch, ", "))},
		{Name: "Files", Values: text(strings.Join(files, "\n"))},
		{Name: "Pull request", Values: text(came)},
		{Name: "Proposed by", Values: text(c.Author)},
		{Name: "Proposed on", Values: at(c.Opened)},
		{Name: "From the branch", Values: code(c.From)},
		{Name: "Commit that was merged", Values: code(c.Head)},
		{Name: "Merged by", Values: text(c.MergedBy)},
		{Name: "Merged on", Values: at(c.Merged)},
		stated("Ticket", c.Ticket),
		{Name: "Labels", Values: text(strings.Join(c.Labels, ", "))},
		{Name: "Deployed", Values: text(deployed)},
		{Name: "Deployed on", Values: at(c.DeployedAt)},
		{Name: "Deployed by", Values: text(c.DeployedBy)},
		{Name: "Author, as the commit claims", Values: text(c.Claims)},
		{Name: "Committed, as it claims", Values: at(c.Committed)},
		{Name: "Signature, not verified", Values: text(c.Signature)},
		{Name: "Undoes, undone by", Values: text(strings.Join(c.Undoes, "\n"))},
		{Name: "Answered for by", Values: text(c.Explained)},
		{Name: "At the code host", Values: code(c.URL)},
	}
	if c.Title != "" && c.Title != c.Subject {
		facts = append(facts, table.Fact{Name: "Title of the pull request", Values: text(c.Title)})
	}
	out = append(out, known(facts...))
	if c.Pull != "" {
		out = append(out, table.Grid{Table: b.SheetReviews(c)}, table.Grid{Table: b.SheetRuns(c)})
		if len(c.Commits) > 1 { // of one alone all is said above
			out = append(out, table.Grid{Table: b.SheetCommits(c)})
		}
	}
	return append(out, table.Grid{Table: b.SheetRules(c, s.Tested)})
}
