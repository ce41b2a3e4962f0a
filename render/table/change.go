package table

import (
	"slices"
	"strings"

	"exhibit/control"
)

// MergedTable lists the changes of a branch as they are to be tested, one row
// each: how each came, who approved it, and what the checks say.
func (b *Book) MergedTable(id, title string, f control.ChangeFlow, list []control.ChangeLine) *Table {
	t := &Table{ID: id, Title: title, Empty: "No change reached the branch in the period.", Columns: []Column{
		{"status", "Status", Status, 18}, {"change", "Change", Text, 34}, {"commit", "Commit", Code, 42}, {"committed", "Committed, as it claims", Time, 20},
		{"came_by", "Came by", Text, 14}, {"pull_request", "Pull request", Code, 24}, {"author", "Author", Text, 18}, {"merged", "Merged", Time, 20}, {"merged_by", "Merged by", Text, 18},
		{"approved_by", "Approvals that count", Text, 34}, {"not_counted", "Approvals that do not", Text, 40}, {"explained", "Answered for by a record", Text, 36}, {"exceptions", "Exceptions and gaps", Text, 40},
	}}
	for _, l := range list {
		t.Add("chg-"+Hash(f.Repository, l.ID), Word(VerdictStatus(control.Finding{Verdict: l.Worst()})), Str(l.Subject), b.commitCell(f, l), At(l.Committed), Str(cameBy(l)), Mono(l.Pull), Str(author(l)), At(l.Merged), Str(l.MergedBy),
			Str(strings.Join(l.ApprovedBy, "\n")), Str(strings.Join(l.NotCounted, "\n")), Str(l.Explained), Str(strings.Join(b.wrongWith(l), "\n")))
	}
	return t
}

// MergedOnPage is the same for a page: what belongs together in one column.
func (b *Book) MergedOnPage(id, title string, f control.ChangeFlow, list []control.ChangeLine) *Table {
	t := &Table{ID: id, Title: title, Empty: "No change reached the branch in the period.", Columns: []Column{
		{"status", "Status", Status, 16}, {"change", "Change", Text, 42}, {"came_by", "Came by", Text, 26}, {"who", "Author, merged by", Text, 28},
		{"approved", "Approved by", Text, 38}, {"exceptions", "Exceptions and gaps", Text, 38}, {"commit", "Commit", Code, 14},
	}}
	for _, l := range list {
		came := cameBy(l)
		if l.Pull != "" {
			came = l.Pull
		}
		if !l.Merged.IsZero() {
			came += "\nmerged " + l.Merged.UTC().Format("2006-01-02 15:04")
		} else if !l.Committed.IsZero() {
			came += "\ncommitted " + l.Committed.UTC().Format("2006-01-02 15:04") + ", as it claims"
		}
		who := author(l)
		if l.MergedBy != "" {
			who += "\nmerged by " + l.MergedBy
		}
		approved := slices.Clone(l.NotCounted)
		for i, a := range l.ApprovedBy {
			who, at, _ := strings.Cut(a, " on ")
			approved = slices.Insert(approved, i, who+"\n"+strings.TrimSuffix(strings.Replace(at, "T", " ", 1), ":00Z"))
		}
		if l.Explained != "" {
			approved = append(approved, l.Explained)
		}
		if len(approved) == 0 {
			approved = append(approved, map[bool]string{true: "not known", false: "nobody"}[l.Way == "not known"])
		}
		t.Add("chg-"+Hash(f.Repository, l.ID), Word(VerdictStatus(control.Finding{Verdict: l.Worst()})), Str(l.Subject), Str(came), Str(strings.TrimSpace(who)), Str(strings.Join(approved, "\n")), Str(strings.Join(b.wrongWith(l), "\n")), b.short(f, l))
	}
	return t
}

func cameBy(l control.ChangeLine) string {
	words := []string{l.Way}
	if l.Reverts {
		words = append(words, "undoes another")
	}
	return strings.Join(words, ", ")
}

func author(l control.ChangeLine) string {
	if l.Bot {
		return l.Author + ", a bot"
	}
	return l.Author
}

func (b *Book) commitCell(f control.ChangeFlow, l control.ChangeLine) Cell {
	return Mono(l.ID).To(b.ItemHref(Key{"", f.Repository, "git/change"}, l.ID))
}

func (b *Book) short(f control.ChangeFlow, l control.ChangeLine) Cell {
	c := b.commitCell(f, l)
	c.Text = l.ID[:min(10, len(l.ID))]
	return c
}

// failing says in a few words what a change that fails a check lacks.
var failing = map[string]string{
	"git-changes-reviewed":                     "no approval that counts",
	"git-no-direct-pushes":                     "came around the pull requests",
	"git-required-checks-green":                "a required check was not green",
	"git-changes-linked-to-tickets":            "names no ticket",
	"git-infrastructure-changes-two-reviewers": "infrastructure, approved by fewer than two",
	"git-rollbacks-documented":                 "undoes another, and no record says why",
}

// wrongWith says what a change lacks, and what of it could not be decided.
func (b *Book) wrongWith(l control.ChangeLine) []string {
	var failed, unknown []string
	for _, name := range SortedKeys(l.Verdicts) {
		title := name
		if c := b.Check(name); c != nil {
			title = c.Check.Title
		}
		switch l.Verdicts[name] {
		case control.Fail, control.NeedsRecord:
			word := failing[name]
			if word == "" {
				word = "fails: " + title
			}
			failed = append(failed, word)
		case control.NotEvaluated:
			unknown = append(unknown, "not evaluated: "+title)
		}
	}
	return append(failed, unknown...)
}

// TipsTable is where a branch stood at each run, with how many changes lie between.
func (b *Book) TipsTable(f control.ChangeFlow) *Table {
	t := &Table{ID: "tips", Title: "Where the branch stood when each run asked", Empty: "No run of the period saw the branch.", Columns: []Column{
		{"run", "Run", Code, 24}, {"at", "Asked", Time, 20}, {"tip", "The branch stood at", Code, 42}, {"descends", "Follows from the tip before", Text, 18}, {"arrived", "Changes since the tip before", Number, 12}}}
	place := map[string]int{} // by commit: newest is 0
	for i, l := range f.Lines {
		place[l.ID] = i
	}
	before := len(f.Lines)
	for _, tip := range f.Tips {
		n, arrived := place[tip.Commit], Cell{Kind: Number}
		if _, listed := place[tip.Commit]; listed && n <= before {
			arrived, before = Int(before-n), n
		}
		follows := tip.Descends
		if follows == "no" {
			follows = "no: history was rewritten"
		}
		t.Add("", Mono(tip.Run).To(b.RunHref(tip.Run)), At(tip.At), Mono(tip.Commit), Str(follows), arrived)
	}
	return t
}
