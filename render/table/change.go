package table

import (
	"fmt"
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
		{"approved_by", "Approvals that count", Text, 34}, {"not_counted", "Approvals that do not", Text, 40}, {"explained", "Answered for by", Text, 36}, {"exceptions", "Exceptions and gaps", Text, 40},
		{"undoes", "Undoes, undone by", Text, 30}, {"signature", "Signature, not verified", Text, 30},
	}}
	rules := b.ruleColumns()
	for _, r := range rules {
		t.Columns = append(t.Columns, Column{r.Key, r.Name, Text, 16})
	}
	for _, l := range list {
		cells := []Cell{Word(VerdictStatus(control.Finding{Verdict: l.Worst()})), Str(l.Subject), b.commitCell(f, l), At(l.Committed), Str(cameBy(l)), Mono(l.Pull), Str(author(l)), At(l.Merged), Str(l.MergedBy),
			Str(strings.Join(l.ApprovedBy, "\n")), Str(strings.Join(l.NotCounted, "\n")), Str(l.Explained), Str(strings.Join(b.WrongWith(l), "\n")), Str(strings.Join(undoing(l), "\n")), Str(l.Signature)}
		for _, r := range rules {
			cells = append(cells, Str(l.Words[r.Key]))
		}
		t.Add("chg-"+Hash(f.Repository, l.ID), cells...)
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
			short := l.Pull[strings.LastIndexByte(l.Pull, '/')+1:] // the page says whose repository it is
			came = strings.Join(append([]string{short}, undoing(l)...), "\n")
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
			at, since, _ := strings.Cut(at, " (")
			words := who + "\n" + strings.TrimSuffix(strings.Replace(at, "T", " ", 1), ":00Z")
			if since != "" {
				words += "\n" + strings.TrimSuffix(since, ")")
			}
			approved = slices.Insert(approved, i, words)
		}
		if l.Explained != "" {
			approved = append(approved, l.Explained)
		}
		if len(approved) == 0 {
			approved = append(approved, map[bool]string{true: "not evaluated", false: "nobody"}[l.Way == "not evaluated"])
		}
		t.Add("chg-"+Hash(f.Repository, l.ID), Word(VerdictStatus(control.Finding{Verdict: l.Worst()})), Str(l.Subject), Str(came), Str(strings.TrimSpace(who)), Str(strings.Join(approved, "\n")), Str(strings.Join(b.WrongWith(l), "\n")), b.short(f, l))
	}
	return t
}

// ruleColumns are the checks over changes, a column each.
func (b *Book) ruleColumns() (out []Column) {
	for i := range b.Checks {
		if c := b.Checks[i].Check; c.Of == "git/change" && c.Each != "organisation" {
			out = append(out, Column{Key: c.Name, Name: c.Title})
		}
	}
	return out
}

// undoing says which changes a change takes back, which take it back, and what it is a
// copy of, by what the messages say.
func undoing(l control.ChangeLine) (out []string) {
	for _, id := range l.Undoes {
		out = append(out, fmt.Sprintf("undoes %.10s", id))
	}
	if l.UndoesElse != "" {
		out = append(out, fmt.Sprintf("undoes %.10s, which is not in this list", l.UndoesElse))
	}
	for _, id := range l.UndoneBy {
		out = append(out, fmt.Sprintf("undone by %.10s", id))
	}
	if l.PickedFrom != "" {
		out = append(out, fmt.Sprintf("picked from %.10s", l.PickedFrom))
	}
	return out
}

func cameBy(l control.ChangeLine) string {
	words := append([]string{l.Way}, undoing(l)...)
	if l.Reverts && len(l.Undoes) == 0 && l.UndoesElse == "" {
		words = append(words, "undoes another")
	}
	return strings.Join(words, ", ")
}

func author(l control.ChangeLine) string {
	switch {
	case l.Author == "" && l.Claims != "":
		return l.Claims + ", as the commit claims"
	case l.Bot:
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
	"git-rules-not-bypassed":                   "pushed past the branch's rules",
	"git-bot-changes-approved":                 "a program's, approved by no person",
	"git-code-owners-approved":                 "no owner of the code approved",
	"git-emergencies-approved-in-time":         "an emergency nobody looked at in time",
}

// open says in a few words what of a change a check could not evaluate.
var open = map[string]string{
	"git-changes-reviewed":             "not evaluated: who approved it",
	"git-no-direct-pushes":             "not evaluated: how it came",
	"git-rules-not-bypassed":           "not evaluated: whether it went past the rules",
	"git-code-owners-approved":         "not evaluated: whether an owner approved",
	"git-bot-changes-approved":         "not evaluated: whether a program proposed it",
	"git-emergencies-approved-in-time": "not evaluated: whether it was an emergency",
}

// WrongWith says what a change lacks, and what of it could not be decided.
func (b *Book) WrongWith(l control.ChangeLine) []string {
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
			word := open[name]
			if word == "" {
				word = "not evaluated: " + title
			}
			unknown = append(unknown, word)
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

// RulesTable is what the code host said stood over a branch, a run a row.
func (b *Book) RulesTable(f control.ChangeFlow) *Table {
	t := &Table{ID: "rules", Title: "The rules over the branch when each run asked", Empty: "No run of the period was told of the branch's rules.", Columns: []Column{{"run", "Run", Code, 24}, {"at", "Asked", Time, 20}}}
	if len(f.Rules) > 0 {
		for i, fact := range f.Rules[0].Facts {
			t.Columns = append(t.Columns, Column{fmt.Sprint("rule_", i+1), fact.Name, Text, 16})
		}
	}
	t.Columns = append(t.Columns, Column{"changed", "Changed since the run before", Text, 40})
	for _, r := range f.Rules {
		cells := []Cell{Mono(r.Run).To(b.RunHref(r.Run)), At(r.At)}
		for _, fact := range r.Facts {
			cells = append(cells, Str(fact.Value))
		}
		t.Add("", append(cells, Str(strings.Join(r.Changed, "\n")))...)
	}
	return t
}

// ArrivalsTable is what arrived between two tips, with the differences to the code
// host's list: a row each, and a row for each difference.
func (b *Book) ArrivalsTable(f control.ChangeFlow) *Table {
	t := &Table{ID: "arrivals", Title: "Reconciliation", Columns: []Column{{"from", "From the tip", Code, 42}, {"from_seen", "Seen", Time, 20}, {"to", "To the tip", Code, 42}, {"to_seen", "Seen", Time, 20}, {"arrived", "Commits that arrived", Number, 10}, {"by_pull", "By pull request", Number, 10},
		{"direct", "Direct", Number, 8}, {"not_known", "Not evaluated", Number, 8}, {"bots", "By bots", Number, 8}, {"undo", "That undo another", Number, 10}, {"merged", "Pull requests merged, by the code host", Number, 12}, {"pulls", "Of those, ended here", Number, 10}, {"difference", "Difference", Text, 60}}}
	for _, a := range f.Arrivals {
		t.Add("", Mono(a.From.Commit), At(a.From.At), Mono(a.To.Commit), At(a.To.At), Int(a.N), Int(a.ByPull), Int(a.Direct), Int(a.NotKnown), Int(a.Bots), Int(a.Undoes), Int(a.Merged), Int(a.Pulls), Cell{})
		for _, d := range a.Differences {
			t.Add("", Mono(a.From.Commit), At(a.From.At), Mono(a.To.Commit), At(a.To.At), Cell{}, Cell{}, Cell{}, Cell{}, Cell{}, Cell{}, Cell{}, Cell{}, Str(d))
		}
	}
	return t
}
