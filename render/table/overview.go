package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
)

// GroupsTable is the criteria by group, as the overview shows them: what became of
// the criteria of each, worst first. page is where all criteria are listed.
func (b *Book) GroupsTable(page string) *Table {
	t := &Table{ID: "groups", Title: "Criteria by group", Columns: []Column{
		{"group", "Group", Text, 34}, {"status", "Worst", Status, 18}, {"criteria", "Criteria", Number, 9}, {"which", "Criteria, the worst first", Text, 40}, {"controls", "Controls", Number, 9}, {"not_met", "Controls not met", Number, 9},
	}}
	type group struct {
		name, category string
		list           []*control.CriterionResult
	}
	var groups []*group
	of := map[string]*group{}
	for i := range b.Criteria {
		c := &b.Criteria[i]
		if !c.InScope {
			continue
		}
		g := of[c.Criterion.Group]
		if g == nil {
			g = &group{name: c.Criterion.Group, category: c.Criterion.Category}
			of[c.Criterion.Group] = g
			groups = append(groups, g)
		}
		g.list = append(g.list, c)
	}
	t.Empty = "No criterion is in scope."
	for _, g := range groups {
		slices.SortStableFunc(g.list, func(x, y *control.CriterionResult) int { return cmp.Compare(Urgency(x.Status), Urgency(y.Status)) })
		var ids, controls []string
		for _, c := range g.list {
			ids = append(ids, c.Criterion.ID)
			for _, id := range c.Controls {
				if !slices.Contains(controls, id) {
					controls = append(controls, id)
				}
			}
		}
		_, notMet, _ := b.sum(controls)
		href := page + "#criteria-" + idOf(g.category)
		t.Add("", Str(orWord(g.name, Capital(g.category))).To(href), Word(g.list[0].Status), Int(len(g.list)), Str(strings.Join(ids, ", ")).To(b.CriterionPage(ids[0])), Int(len(controls)), Int(notMet))
	}
	return t
}

// PeriodStrip is the whole period as one strip: at each run the worst verdict of all
// controls that it saw, and in words how many were not met. ok is false without a run.
func (b *Book) PeriodStrip() (s Strip, ok bool) {
	l := b.Ledger
	if len(l.Looks) == 0 {
		return s, false
	}
	off, seen := make([]int, len(l.Looks)), make([]int, len(l.Looks))
	worst := make([]control.Status, len(l.Looks))
	for i := range l.Controls {
		for _, x := range l.Controls[i].Sights {
			if !x.Observed {
				continue
			}
			seen[x.Look]++
			if x.Off() {
				off[x.Look]++
			}
			if worst[x.Look] == "" || Urgency(x.Status) < Urgency(worst[x.Look]) {
				worst[x.Look] = x.Status
			}
		}
	}
	s = Strip{ID: "period-strip", Title: "The runs of the period: the worst verdict of each", Period: l.Period, Rest: Stretch{l.Rest.From, l.Rest.To}}
	var words []string
	for i, k := range l.Looks {
		s.Runs = append(s.Runs, k.At)
		if seen[i] > 0 {
			s.Marks = append(s.Marks, Mark{k.At, worst[i]})
			words = append(words, fmt.Sprintf("%s: %d of %d controls off", isoDay(k.At), off[i], seen[i]))
		}
	}
	s.Says = some(words) + "."
	return s, true
}

// CoverageMap is coverage at a glance: accounts down, regions across, in each the
// worst that became of any listing there. At most n accounts, those with gaps first.
func (b *Book) CoverageMap(n int) Matrix {
	m := Matrix{ID: "coverage-map", Title: "Coverage: the worst of any listing, by account and region", Head: "Account"}
	type place struct{ account, region string }
	worst := map[place]string{}
	asked, alike := map[place]int{}, map[place]map[string]int{} // listings; and by what became of them
	regions, accounts := map[string]bool{}, map[string]int{}    // the worst of the account
	for _, c := range b.Cells {
		w := CoverWord(c.State)
		region := c.Region
		if c.Account == "" {
			region = "global" // a repository, or records
		}
		p := place{c.Account, region}
		if have, ok := accounts[c.Account]; !ok || order(w) < have {
			accounts[c.Account] = order(w)
		}
		if w == CoverNA {
			continue
		}
		regions[region] = true
		asked[p]++
		// Nothing there is an answer as good as items: a place is collected where all is answered.
		if w == CoverNothing {
			w = CoverCollected
		}
		if alike[p] == nil {
			alike[p] = map[string]int{}
		}
		alike[p][w]++
		if worst[p] == "" || order(w) < order(worst[p]) {
			worst[p] = w
		}
	}
	m.Columns = sortedKeys(regions)
	slices.SortStableFunc(m.Columns, func(x, y string) int { return cmp.Compare(boolInt(x != "global"), boolInt(y != "global")) })
	ids := sortedKeys(accounts)
	slices.SortStableFunc(ids, func(x, y string) int { return accounts[x] - accounts[y] })
	for _, id := range ids[:min(n, len(ids))] {
		row := MatrixRow{Name: b.AccountName(id), Href: b.AccountPage(id)}
		if id == "" {
			row.Name = "git and records"
		}
		for _, region := range m.Columns {
			p := place{id, region}
			cell := MatrixCell{Word: worst[p], Items: alike[p][worst[p]], Of: asked[p], Href: row.Href}
			if cell.Items == cell.Of {
				cell.Of = 0
			}
			row.Cells = append(row.Cells, cell)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
