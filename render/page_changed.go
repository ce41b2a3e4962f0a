package render

import (
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// changedPage is where what changed since the last package is told.
const changedPage = "changed.html"

// since compares the newest run with the one before it that asked everything: what
// the package before this one was made of.
func (b *binder) since() (from, to control.Look, turns []table.Turn, ok bool) {
	last := b.LastPackage()
	if last < 0 {
		return from, to, nil, false
	}
	newest := b.NewestLook()
	return b.Ledger.Looks[last], b.Ledger.Looks[newest], table.Differ(b.StandingAt(last, true), b.StandingAt(newest, true)), true
}

// turnsOf are those of one kind, of the hows given; nil is all.
func turnsOf(turns []table.Turn, kind string, hows ...string) []table.Turn {
	var out []table.Turn
	for _, t := range turns {
		if t.Kind == kind && (len(hows) == 0 || slices.Contains(hows, t.How)) {
			out = append(out, t)
		}
	}
	return out
}

// changedPages are the comparison with the last package.
func (b *binder) changedPages() { b.page(changedPage, b.changed) }

func (b *binder) changed() *table.Paper {
	p := &table.Paper{Kicker: "The period", Title: "What changed since the last package", Wide: true, Crumbs: crumbs(), Cite: b.Cite("", "changed", "")}
	from, to, turns, ok := b.since()
	if !ok {
		p.Lead = table.Line("There is no earlier run of the period that asked everything, so there is nothing to compare with.")
		return p
	}
	p.Lead = table.Line("From the run of ", from.At, " to the run of ", to.At, ". Verdicts are those of each run alone, not of the period. To compare any two runs, or two packages: ",
		table.K("exhibit diff "+from.Run+".."+to.Run), ".")
	open, mended, came, went, other := sortFindings(turnsOf(turns, table.StandFinding))
	p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{
		{N: len(turnsOf(turns, table.StandControl, table.Worse)), Word: "controls further from met", Status: control.ExceptionIn},
		{N: len(turnsOf(turns, table.StandControl, table.Better)), Word: "controls nearer to met", Status: control.Met},
		{N: len(open), Word: "findings not met that were not before", Status: control.ExceptionIn},
		{N: len(mended), Word: "findings met that were not before", Status: control.Met},
		{N: items(came), Word: "tested items joined"}, {N: items(went), Word: "tested items left"},
	}})
	section := func(id, title, says, none string, list []table.Turn) {
		p.Blocks = append(p.Blocks, table.H2(id, title))
		if says != "" {
			p.Blocks = append(p.Blocks, table.P(says))
		}
		t := limit(b.TurnsTable("t-"+id, title, list), table.PageRows/2)
		t.Empty = none
		p.Blocks = append(p.Blocks, table.Grid{Table: t})
	}
	section("controls", "Controls", "", "No control has another verdict.", turnsOf(turns, table.StandControl))
	section("checks", "Checks", "", "No check has another verdict.", turnsOf(turns, table.StandCheck))
	section("not-met", "Not met now", "Exceptions, what is not evaluated and what needs a record that the earlier run did not have.", "None.", open)
	section("met", "Met now", "", "None.", mended)
	section("other", "Other changes of findings", "", "None.", other)
	p.Blocks = append(p.Blocks, table.H2("joined", "Items that joined and left"), table.P("Items that one of the two runs saw and the other did not. Those not met stand above one by one; ",
		table.K("exhibit diff --json"), " names all."), table.Grid{Table: b.movedItems(came, went)})
	section("listings", "Evidence", "Listings that were added, are not asked any more, were answered otherwise, or have another number of items.", "Every listing was answered alike.", turnsOf(turns, table.StandListing))
	section("policies", "Policies", "", "No policy has another version.", turnsOf(turns, table.StandPolicy))
	section("people", "People", "By the people register and the days it gives.", "Nobody joined or left.", turnsOf(turns, table.StandPerson))
	section("vendors", "Vendors", "", "No vendor came, went or was reviewed.", turnsOf(turns, table.StandVendor))
	section("exceptions", "Accepted exceptions", "", "None came, went or lost its effect.", turnsOf(turns, table.StandException))
	return p
}

// movedItems counts the items that joined and left, by the check that tests them.
func (b *binder) movedItems(came, went []table.Turn) *table.Table {
	t := &table.Table{ID: "t-moved", Title: "Items that joined and left, by check", Empty: "None joined or left.", Columns: []table.Column{
		{Key: "check", Name: "Check", Kind: table.Code, Width: 30}, {Key: "joined", Name: "Joined", Kind: table.Number}, {Key: "not_met", Name: "Of these not met", Kind: table.Number}, {Key: "left", Name: "Left", Kind: table.Number},
	}}
	count := map[string]*[3]int{}
	at := func(t table.Turn) *[3]int {
		if count[t.Of] == nil {
			count[t.Of] = &[3]int{}
		}
		return count[t.Of]
	}
	for _, c := range came {
		at(c)[0]++
		if open, _, _, _, _ := sortFindings([]table.Turn{c}); len(open) > 0 {
			at(c)[1]++
		}
	}
	for _, w := range went {
		at(w)[2]++
	}
	for _, check := range table.SortedKeys(count) {
		n := count[check]
		t.Add("", table.Mono(check).To(b.CheckPage(check)), table.Int(n[0]), table.Int(n[1]), table.Int(n[2]))
	}
	return t
}

// sortFindings parts the turns of findings: what is not met now and was not before,
// what was mended, items that came and went, and the rest.
func sortFindings(turns []table.Turn) (open, mended, came, went, other []table.Turn) {
	bad := func(s string) bool {
		return s != "" && table.Urgency(control.Status(s)) <= table.Urgency(control.Compensated)
	}
	for _, t := range turns {
		switch {
		case bad(t.After) && !bad(t.Before):
			open = append(open, t)
		case bad(t.Before) && t.After != "" && !bad(t.After):
			mended = append(mended, t)
		case t.Before != "" && t.After != "":
			other = append(other, t)
		}
		switch t.How {
		case table.Joined:
			came = append(came, t)
		case table.Left:
			went = append(went, t)
		}
	}
	return open, mended, came, went, other
}

// items counts the items of findings, each once.
func items(turns []table.Turn) int {
	seen := map[string]bool{}
	for _, t := range turns {
		seen[t.Where+"\x00"+t.Item] = true
	}
	return len(seen)
}

// changedWords is the overview's summary of the comparison.
func (b *binder) changedWords() []table.Block {
	from, to, turns, ok := b.since()
	if !ok {
		return nil
	}
	open, mended, came, went, _ := sortFindings(turnsOf(turns, table.StandFinding))
	words := func(kind, one, many string) string {
		return table.Plural(len(turnsOf(turns, kind)), one, many)
	}
	out := []table.Block{table.H2("changed", "Since the last package"),
		table.P("From the run of ", dayOf(from), " to that of ", dayOf(to), ": ", table.B(table.Plural(len(open), "finding", "findings")), " not met that were not before, ",
			table.B(fmt.Sprint(len(mended))), " mended; ", table.Plural(items(came), "tested item", "tested items"), " joined, ", fmt.Sprint(items(went)), " left; ",
			strings.Join([]string{words(table.StandPolicy, "change of a policy", "changes of policies"), words(table.StandPerson, "person", "people") + " joined or left",
				words(table.StandVendor, "change of a vendor", "changes of vendors"), words(table.StandListing, "listing", "listings") + " answered otherwise"}, ", "),
			". ", table.A("What changed since the last package", changedPage), ".")}
	list := turnsOf(turns, table.StandControl, table.Worse, table.Better)
	if len(list) == 0 {
		return out
	}
	t := b.TurnsTable("turned", "Controls whose verdict at the run changed", list)
	for _, key := range []string{"was", "is"} {
		drop(t, key)
	}
	return append(out, table.Fold{Summary: table.Plural(len(list), "control whose verdict at the run changed", "controls whose verdict at the run changed"), Blocks: []table.Block{table.Grid{Table: t}}})
}
