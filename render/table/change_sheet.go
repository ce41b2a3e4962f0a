package table

import (
	"maps"
	"slices"
	"strings"

	"exhibit/control"
)

// SheetReviews are what people said of the pull request of a change, one a row.
func (b *Book) SheetReviews(s control.ChangeSheet) *Table {
	t := &Table{ID: "reviews", Title: "What people said of it", Empty: "Nobody said anything of it at the code host.", Columns: []Column{
		{"who", "Who", Text, 22}, {"said", "Said", Text, 16}, {"at", "When", Time, 20}, {"on", "On commit", Code, 42}, {"counts", "Counts as an approval", Text, 14}, {"why", "Why", Text, 44}}}
	for _, r := range s.Reviews {
		counts := "no"
		if r.Counts {
			counts = "yes"
		}
		why := r.Why
		if why == "" && r.Counts && r.On == s.Head {
			why = "on the commit that was merged, before the merge"
		}
		t.Add("", Str(r.Who), Str(r.Said), At(r.At), Mono(r.On), Str(counts), Str(why))
	}
	return t
}

// SheetRuns are the checks that ran on what was merged.
func (b *Book) SheetRuns(s control.ChangeSheet) *Table {
	t := &Table{ID: "runs", Title: "Checks of the commit that was merged", Empty: "No check ran on it.", Columns: []Column{
		{"name", "Check", Text, 30}, {"required", "Required", Text, 12}, {"ended", "Ended", Text, 16}, {"at", "When", Time, 20}}}
	for _, r := range s.Runs {
		t.Add("", Str(r.Name), Str(r.Required), Str(r.Ended), At(r.At))
	}
	return t
}

// SheetCommits are the commits of the pull request.
func (b *Book) SheetCommits(s control.ChangeSheet) *Table {
	t := &Table{ID: "commits", Title: "Commits of the pull request", Columns: []Column{{"commit", "Commit", Code, 42}, {"title", "Title", Text, 44}, {"authors", "Authors", Text, 26}, {"at", "Committed, as it claims", Time, 20}}}
	for _, c := range s.Commits {
		t.Add("", Mono(c.ID), Str(c.Title), Str(c.Authors), At(c.At))
	}
	return t
}

// toldAbove are what the sheet says already, over the rules.
func toldAbove() []string {
	return []string{"change", "committed", "merged", "merged_by", "author", "pull_request"}
}

// SheetRules are the rules over changes, one a row, with the data that decided: those
// the population's attributes name with their letters.
func (b *Book) SheetRules(s control.ChangeSheet, tested []control.Attribute) *Table {
	t := &Table{ID: "rules", Title: "Rule by rule", Empty: "No check is about changes.", Columns: []Column{
		{"rule", "Rule", Text, 40}, {"shows", "The evidence shows", Status, 16}, {"value", "The data that decided", Text, 56}, {"why", "Why", Text, 40}, {"auditor", "Auditor's mark", Text, 12}}}
	place := func(f control.Finding) int { // the attributes by their letters, then the others
		if i := slices.IndexFunc(tested, func(a control.Attribute) bool { return a.Check == f.Check }); i >= 0 {
			return i
		}
		return len(tested)
	}
	findings := slices.Clone(s.Findings)
	slices.SortStableFunc(findings, func(x, y control.Finding) int { return place(x) - place(y) })
	for _, f := range findings {
		c := b.Check(f.Check)
		if c == nil || c.Check.Each == "organisation" {
			continue
		}
		name := c.Check.Title
		if i := slices.IndexFunc(tested, func(a control.Attribute) bool { return a.Check == f.Check }); i >= 0 {
			name = letter(i) + ". " + name
		}
		rule := Str(name).To(b.CheckPage(f.Check))
		if _, there := b.findingAt[FindingID(f)]; there {
			rule = Str(name).To(b.FindingHref(f))
		}
		value := Cell{}
		if v, ok := f.Value.(map[string]any); ok {
			v = maps.Clone(v)
			for _, k := range toldAbove() {
				delete(v, k)
			}
			value = Str(ValueLines(v))
			if len(v) == 0 {
				value = Cell{}
			}
		} else if f.Value != nil {
			value = Str(ValueLines(f.Value))
		}
		t.Add("", rule, Word(VerdictStatus(f)), value, Str(f.Reason), Str("[  ]"))
	}
	letters := map[string]bool{}
	for _, f := range s.Findings {
		letters[f.Check] = true
	}
	for i, a := range tested {
		if a.Check == "" || !letters[a.Check] { // only a person can see it
			t.Add("", Str(letter(i)+". "+strings.TrimSuffix(a.Says, ".")), Word(ToInspect), Cell{}, Str("the evidence cannot show it: the auditor inspects it"), Str("[  ]"))
		}
	}
	return t
}
