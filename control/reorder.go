package control

import (
	"cmp"
	"slices"
)

// Reorder puts a report whose names were replaced into the order it would have had
// with the new ones. listed are items that stand in the order of the file they were
// written in, such as the people register: they are sorted by id, for their place in
// the file would tell which is which.
func (r *Report) Reorder(listed func(Located) bool) {
	byID := func(a, b Located) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID))
	}
	for i := range r.Checks {
		slices.SortStableFunc(r.Checks[i].Findings, byVerdict)
	}
	for _, items := range r.Items {
		slices.SortStableFunc(items, byID)
	}
	for kind, items := range r.Records {
		if len(items) == 0 || !listed(items[0]) {
			continue
		}
		slices.SortStableFunc(items, byID)
		there := r.Sealings[kind]
		slices.SortStableFunc(there, func(a, b Sealing) int {
			if a.Gone != b.Gone {
				return map[bool]int{false: -1, true: 1}[a.Gone]
			}
			return cmp.Compare(a.ID, b.ID)
		})
	}
	for i := range r.Controls {
		for j := range r.Controls[i].Records {
			if p := &r.Controls[i].Records[j]; len(r.Records[p.Kind]) > 0 && listed(r.Records[p.Kind][0]) {
				slices.Sort(p.IDs)
			}
		}
	}
	for i := range r.Populations {
		if p := &r.Populations[i]; !p.Definition.Calendar {
			p.reorder()
		}
	}
	slices.SortStableFunc(r.People, byLeaving)
}

// reorder sorts the items of a population, and what is said of each with it.
func (p *Population) reorder() {
	type both struct {
		it Located
		m  Member
	}
	all := make([]both, len(p.Items))
	for i, it := range p.Items {
		all[i].it = it
		if i < len(p.Members) {
			all[i].m = p.Members[i]
		}
	}
	slices.SortStableFunc(all, func(a, b both) int { return inPopulation(a.it, b.it) })
	for i, x := range all {
		p.Items[i] = x.it
		if i < len(p.Members) {
			p.Members[i] = x.m
		}
	}
}
