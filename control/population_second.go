package control

import (
	"fmt"
	"strings"
)

// reconcile holds a population against its second list and gives, for each item,
// what the second list has of it.
func (c *compiling) reconcile(l *readyList, p *Population) map[itemKey][]Located {
	s := l.def.Second
	if s.None != "" {
		return nil
	}
	r := &p.Second
	r.Source, r.Says = s.Of, s.Says
	var second []Located
	var why []string
	for _, source := range append([]string{s.Of}, s.Also...) {
		items := c.w.itemsOf(source)
		if s.Over == "period" {
			items = c.w.overPeriod(source)
		}
		second = append(second, c.held(l.second, items)...)
		if strings.HasPrefix(source, "derived/") {
			continue
		}
		if no := c.w.listing(source).refused(); no != "" {
			why = append(why, no)
		}
	}
	for _, source := range append([]string{l.def.Of}, l.def.Also...) {
		if !strings.HasPrefix(source, "derived/") {
			if no := c.w.listing(source).refused(); no != "" {
				why = append(why, no)
			}
		}
	}
	r.Unknown = strings.Join(why, "; ")
	if s.Count != "" {
		c.counted(l, p, second)
		return nil
	}
	r.First, r.Count = len(p.Items), len(second)
	byKey := map[string][]int{} // places in second
	for i, it := range second {
		for _, k := range keysOf(it, s.Key) {
			byKey[k] = append(byKey[k], i)
		}
	}
	matched := make([]bool, len(second))
	joined := map[itemKey][]Located{}
	differ := func(it Located, in, why string) {
		r.Differences = append(r.Differences, Difference{Account: it.Account, Region: it.Region, Source: it.Source, Item: it.ID, In: in, Why: why, Pointer: it.Pointer})
	}
	for _, it := range p.Items {
		keys := keysOf(it, l.def.Key)
		taken := map[int]bool{}
		for _, k := range keys {
			for _, i := range byKey[k] {
				if !taken[i] {
					taken[i], matched[i] = true, true
					joined[memberKey(it)] = append(joined[memberKey(it)], second[i])
				}
			}
		}
		if len(taken) == 0 && s.Compare != "second in first" {
			why := "the second list has nothing under " + strings.Join(keys, " or ")
			if len(keys) == 0 {
				why = "it names nothing the second list could be asked for: no " + strings.Join(l.def.Key, ", no ")
			}
			differ(it, "population", why)
		}
	}
	for i, it := range second {
		if matched[i] || s.Compare == "first in second" {
			continue
		}
		keys := keysOf(it, s.Key)
		why := "the population has nothing under " + strings.Join(keys, " or ")
		if len(keys) == 0 {
			why = "it names nothing the population could be asked for: no " + strings.Join(s.Key, ", no ")
		}
		differ(it, "second", why)
	}
	return joined
}

// keysOf are what an item is known by, without regard to case.
func keysOf(it Located, templates []string) []string {
	var out []string
	for _, t := range templates {
		for _, k := range expand(it, t) {
			out = append(out, strings.ToLower(k))
		}
	}
	return out
}

// counted compares numbers, account by account: the second list only counts.
func (c *compiling) counted(l *readyList, p *Population, second []Located) {
	s, r := l.def.Second, &p.Second
	of := s.CountOf
	if of == "" {
		of = l.def.Of
	}
	have := map[string]int{}
	for _, it := range p.Items {
		if it.Source == of {
			have[it.Account]++
			r.First++
		}
	}
	counts := map[string]int{}
	at := map[string]Located{}
	var order []string
	for _, it := range second {
		vs := valuesAt(it, s.Count)
		n, ok := 0., false
		if len(vs) > 0 {
			n, ok = number(vs[0])
		}
		if !ok {
			r.Unknown = strings.TrimPrefix(r.Unknown+"; "+notAnswered(s.Count+" of "+it.ID), "; ")
			continue
		}
		if _, known := counts[it.Account]; !known {
			order, at[it.Account] = append(order, it.Account), it
		}
		counts[it.Account] += int(n)
		r.Count += int(n)
	}
	for _, account := range order {
		if n, it := counts[account], at[account]; n != have[account] {
			r.Differences = append(r.Differences, Difference{Account: account, Region: it.Region, Source: it.Source, Item: account, In: "count",
				Why: fmt.Sprintf("the population has %d, the second list counts %d", have[account], n), Pointer: it.Pointer})
		}
	}
	for _, account := range sortedKeys(have) {
		if _, known := counts[account]; !known {
			r.Unknown = strings.TrimPrefix(r.Unknown+"; "+notAnswered(s.Of+" in "+account), "; ")
		}
	}
}
