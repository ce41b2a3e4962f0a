package render

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"
)

// What a check reads of an item, and where that stands in the item's lines: a
// page of evidence marks it, so that nobody has to look for the value that decided.

// readsItem finds what an expression reads of the item: "item.DescribeKey.KeyMetadata".
var readsItem = regexp.MustCompile(`\bitem((?:\.[A-Za-z_][A-Za-z0-9_]*)+)(\(?)`)

// deciding are the fields that a check's rule and the value it shows read, sorted.
// A check that joins populations has no expression and so no field.
func deciding(c control.Check) []string {
	var out []string
	for _, text := range []string{c.Pass, c.Shows} {
		for _, m := range readsItem.FindAllStringSubmatch(text, -1) {
			path := strings.TrimPrefix(m[1], ".")
			if m[2] == "(" { // the last name is a function's
				i := strings.LastIndexByte(path, '.')
				if i < 0 {
					continue
				}
				path = path[:i]
			}
			switch path {
			case "id", "account", "region", "source":
				continue
			}
			if !slices.Contains(out, path) {
				out = append(out, path)
			}
		}
	}
	slices.Sort(out)
	return out
}

// markLines gives the lines of indented JSON where one of the paths stands. Lists
// have no name of their own: a path into one is every element's.
func markLines(text string, paths map[string]bool) []int {
	if len(paths) == 0 {
		return nil
	}
	var out []int
	var names []string // the object each level of indentation lies in
	n := -1
	for line := range strings.Lines(text) {
		n++
		body := strings.TrimLeft(line, " ")
		level := (len(line) - len(body)) / 2
		for len(names) <= level {
			names = append(names, "")
		}
		names = names[:level+1]
		names[level] = ""
		if body == "" || body[0] != '"' {
			continue
		}
		end := strings.Index(body, `": `)
		if end < 0 {
			continue
		}
		names[level] = body[1:end]
		if paths[strings.Join(slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" }), ".")] {
			out = append(out, n)
		}
	}
	return out
}

// readFindings files the findings by the listing they were decided from.
func (b *binder) readFindings() {
	b.decided = map[table.Key][]int32{}
	for i := range b.found {
		f := &b.found[i]
		k := table.Key{Account: f.Account, Region: f.Region, Source: f.Source}
		b.decided[k] = append(b.decided[k], int32(i))
	}
	b.fields = map[string][]string{}
	for i := range b.Checks {
		b.fields[b.Checks[i].Check.Name] = deciding(b.Checks[i].Check)
	}
	b.seen = map[table.Key][]seenCell{}
	for r := range b.Runs {
		for c := range b.Runs[r].Cells {
			k := table.KeyOf(b.Runs[r].Cells[c])
			b.seen[k] = append(b.seen[k], seenCell{int32(r), int32(c)})
		}
	}
}

// A seenCell is a run that planned a listing, and which of its cells it is.
type seenCell struct{ run, cell int32 }

// decidedTable says which checks decided from a listing, by which fields.
func (b *binder) decidedTable(k table.Key) *table.Table {
	t := &table.Table{ID: "decided", Title: "What was decided from it", Empty: "No check of this report decided on an item of this listing.", Columns: []table.Column{
		{Key: "check", Name: "Check", Kind: table.Code, Width: 30}, {Key: "fields", Name: "Fields that decide, marked below", Kind: table.Code, Width: 40},
		{Key: "exceptions", Name: "Exceptions", Kind: table.Number}, {Key: "not_evaluated", Name: "Not evaluated", Kind: table.Number}, {Key: "needs_record", Name: "Need a record", Kind: table.Number},
		{Key: "met", Name: "Met", Kind: table.Number}, {Key: "not_applicable", Name: "Not applicable", Kind: table.Number},
	}}
	count := map[string]map[control.Status]int{}
	for _, i := range b.decided[k] {
		f := &b.found[i]
		if count[f.Finding.Check] == nil {
			count[f.Finding.Check] = map[control.Status]int{}
		}
		count[f.Finding.Check][table.VerdictStatus(*f.Finding)]++
	}
	names := table.SortedKeys(count)
	slices.SortStableFunc(names, func(x, y string) int {
		bad := func(name string) int {
			n := count[name]
			return n[control.ExceptionIn] + n[control.Compensated] + n[control.NotEvaluatedIn]
		}
		return cmp.Compare(bad(y), bad(x))
	})
	for _, name := range names {
		n := count[name]
		fields := strings.Join(b.fields[name], "\n")
		if fields == "" {
			fields = "a test that joins populations"
		}
		t.Add("", table.Mono(name).To(b.CheckPage(name)), table.Mono(fields), table.Int(n[control.ExceptionIn]+n[control.Compensated]), table.Int(n[control.NotEvaluatedIn]),
			table.Int(n[control.ManualHasNot]), table.Int(n[control.Met]), table.Int(n[control.NA]))
	}
	dropZero(t, "needs_record")
	dropZero(t, "not_applicable")
	return t
}

// decidedOn files the findings of a listing by item.
func (b *binder) decidedOn(k table.Key) map[string][]*table.Found {
	out := map[string][]*table.Found{}
	for _, i := range b.decided[k] {
		f := &b.found[i]
		out[f.Item] = append(out[f.Item], f)
	}
	return out
}

// metNamed is how many checks that an item meets are named beside it.
const metNamed = 3

// verdicts says in a line what the checks decided on an item, what is not met first,
// and which paths of it they read.
func (b *binder) verdicts(fs []*table.Found) (says []table.Span, paths map[string]bool) {
	paths = map[string]bool{}
	met := 0
	last := control.Status("")
	for _, f := range fs { // in the order of all findings: what is not met first
		for _, p := range b.fields[f.Finding.Check] {
			paths[p] = true
		}
		status := table.VerdictStatus(*f.Finding)
		if status == control.NA {
			continue
		}
		if status == control.Met {
			if met++; met > metNamed {
				continue
			}
		}
		switch {
		case status == last:
			says = append(says, table.Span{Text: ", "})
		case last != "":
			says = append(says, table.Span{Text: "; " + string(status) + " in "})
		default:
			says = append(says, table.Span{Text: string(status) + " in "})
		}
		last = status
		says = append(says, table.A(f.Finding.Check, b.FindingHref(*f.Finding)))
	}
	if met > metNamed {
		says = append(says, table.Span{Text: fmt.Sprintf(" and %d more", met-metNamed)})
	}
	return says, paths
}

// historyTable is what each run was told of a listing.
func (b *binder) historyTable(k table.Key) *table.Table {
	t := &table.Table{ID: "history-runs", Title: "What each run was told", Empty: "No run is kept that planned it.", Columns: []table.Column{
		{Key: "run", Name: "Run", Kind: table.Code, Width: 24}, {Key: "ended", Name: "Asked", Kind: table.Time, Width: 20}, {Key: "covered", Name: "Coverage", Kind: table.Status, Width: 16},
		{Key: "items", Name: "Items", Kind: table.Number}, {Key: "changed", Name: "Against the run before", Width: 40}, {Key: "sha256", Name: "SHA-256", Kind: table.Code, Width: 20},
	}}
	var before *evidence.Cell
	for _, s := range b.seen[k] {
		r := &b.Runs[s.run]
		c := &r.Cells[s.cell]
		says := ""
		switch {
		case before == nil:
			says = "first asked"
		case before.Sum != "" && before.Sum == c.Sum:
			says = "the same, byte for byte"
		case c.Sum == "" || before.Sum == "":
			says = "answered otherwise"
			if table.CoverWord(before.State) == table.CoverWord(c.State) {
				says = "the same"
			}
		case c.Items > before.Items:
			says = fmt.Sprintf("other answers; %d items more", c.Items-before.Items)
		case c.Items < before.Items:
			says = fmt.Sprintf("other answers; %d items fewer", before.Items-c.Items)
		default:
			says = "other answers, as many items"
		}
		before = c
		t.Add("", table.Mono(r.Run.Name).To(b.RunHref(r.Run.Name)), table.At(c.Ended), table.Word(control.Status(table.CoverWord(c.State))), table.Int(c.Items), table.Str(says), table.Mono(table.Short(c.Sum)))
	}
	slices.Reverse(t.Rows)
	return limit(t, 60)
}
