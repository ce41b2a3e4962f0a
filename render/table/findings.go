package table

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"exhibit/control"
)

// A Found is a finding with the check that made it.
type Found struct {
	*control.Finding
	Check *control.CheckResult
}

// Findings lists the findings of all checks that keep accepts (nil: all), what
// is not met first: by urgency, then severity, check, account, region, item.
func (b *Book) Findings(keep func(Found) bool) []Found {
	var out []Found
	for i := range b.Checks {
		c := &b.Checks[i]
		for j := range c.Findings {
			f := Found{&c.Findings[j], c}
			if keep == nil || keep(f) {
				out = append(out, f)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Found) int {
		return cmp.Or(
			cmp.Compare(Urgency(VerdictStatus(*x.Finding)), Urgency(VerdictStatus(*y.Finding))),
			cmp.Compare(severity(x.Check.Check.Severity), severity(y.Check.Check.Severity)),
			cmp.Compare(x.Check.Check.Name, y.Check.Check.Name),
			cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region), cmp.Compare(x.Item, y.Item),
		)
	})
	return out
}

// severity ranks: 0 is critical, 5 is none.
func severity(s control.Severity) int {
	if i := slices.Index([]control.Severity{"critical", "high", "medium", "low", "info"}, s); i >= 0 {
		return i
	}
	return 5
}

// FindingsTable is the whole table of findings: what data/findings.jsonl,
// findings.xlsx and the pages of findings show.
func (b *Book) FindingsTable(id, title string, fs []Found) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"status", "Status", Status, 14}, {"check", "Check", Code, 24}, {"item", "Item", Code, 40},
		{"value", "Deciding value", Text, 44}, {"why", "Why", Text, 30}, {"severity", "Severity", Text, 10},
		{"controls", "Controls", Text, 14}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14},
		{"evidence", "Evidence", Code, 40}, {"id", "Finding", Code, 16},
	}}
	for _, f := range fs {
		t.Add(FindingID(*f.Finding), Word(VerdictStatus(*f.Finding)), Mono(f.Check.Check.Name).To(b.CheckPage(f.Check.Check.Name)),
			b.itemCell(*f.Finding), valueCell(*f.Finding), b.why(*f.Finding), Str(string(f.Check.Check.Severity)),
			Str(strings.Join(b.ControlsOf(f.Check.Check.Name), ", ")), Mono(f.Account), Mono(f.Region), b.pointer(*f.Finding), Mono(FindingID(*f.Finding)).To(b.FindingHref(*f.Finding)))
	}
	return t
}

// CheckFindings is the same for one check: no check, controls or severity.
func (b *Book) CheckFindings(id, title string, fs []control.Finding) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"status", "Status", Status, 14}, {"item", "Item", Code, 40}, {"value", "Deciding value", Text, 44}, {"why", "Why", Text, 30},
		{"account", "Account", Code, 15}, {"region", "Region", Code, 14},
		{"evidence", "Evidence", Code, 20}, {"id", "Finding", Code, 18},
	}}
	for _, f := range fs {
		id := FindingID(f)
		t.Add(id, Word(VerdictStatus(f)), b.itemCell(f), valueCell(f), b.why(f), Mono(f.Account), Mono(f.Region), b.pointer(f),
			Mono(id).To(b.FindingHref(f)))
	}
	t.Narrow()
	return t
}

// MendedTable lists items that failed at an earlier run of the period and do not
// fail at the newest, with the run that saw them fail last. Its evidence lies at
// that run's commit, which this package does not carry, so it is named and not linked.
func (b *Book) MendedTable(id, title string, fs []control.Finding) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"check", "Check", Code, 24}, {"item", "Item", Code, 36}, {"value", "Value that failed", Text, 44},
		{"account", "Account", Code, 15}, {"region", "Region", Code, 14}, {"run", "Last failed at", Code, 24}, {"evidence", "Evidence, file and line at commit", Code, 30},
	}}
	runs := map[string]string{}
	for _, r := range b.Runs {
		runs[r.Commit] = r.Run.Name
	}
	for _, f := range fs {
		where := fmt.Sprintf("%s:%d at %s", f.Evidence.Path, f.Evidence.Line, Short(f.Evidence.Commit))
		t.Add("m-"+FindingID(f), Mono(f.Check).To(b.CheckPage(f.Check)), Mono(f.Item), valueCell(f), Mono(f.Account), Mono(f.Region),
			Mono(runs[f.Evidence.Commit]), Mono(where))
	}
	t.Narrow()
	return t
}

// FindingHref leads to a finding's row on its check's page, on the part it is on.
func (b *Book) FindingHref(f control.Finding) string {
	page := b.CheckPage(f.Check)
	if page == "" {
		return ""
	}
	return PartPath(page, b.findingAt[FindingID(f)]/PageRows) + "#" + FindingID(f)
}

func (b *Book) itemCell(f control.Finding) Cell {
	if f.Source == "record/person" || f.Source == "record/role-change" { // "jan", or "jan, 2026-05-04" for a move
		id, _, _ := strings.Cut(f.Item, ", ")
		return Mono(f.Item).To(b.PersonHref(id))
	}
	if strings.HasPrefix(f.Source, "review/") { // "2026-Q3/E-… ada: console password in …"
		id, _, _ := strings.Cut(f.Item, "/")
		return Str(f.Item).To(b.ReviewPage(id))
	}
	return Mono(f.Item).To(b.ItemHref(Key{f.Account, f.Region, f.Source}, f.Item))
}

func valueCell(f control.Finding) Cell {
	if f.Value == nil && f.Verdict == control.NotEvaluated {
		return Str("not answered")
	}
	if f.Value == nil {
		return Cell{}
	}
	return Str(ValueLines(f.Value))
}

func (b *Book) why(f control.Finding) Cell {
	parts := []string{}
	if f.Reason != "" {
		parts = append(parts, f.Reason)
	}
	href := ""
	if f.Exception != "" {
		e := b.Exception(f.Exception)
		switch {
		case e != nil && e.Void != "":
			parts = append(parts, "exception "+f.Exception+" counts for nothing: "+e.Void)
		case f.Compensated:
			parts = append(parts, "accepted in exception "+f.Exception)
		default:
			parts = append(parts, "see exception "+f.Exception)
		}
		if e != nil {
			href = b.ExceptionPage(f.Exception)
		}
	}
	return Str(strings.Join(parts, "; ")).To(href)
}

func (b *Book) pointer(f control.Finding) Cell {
	if f.Evidence.Path == "" {
		return Str("none was collected").To(b.CellPage(Key{f.Account, f.Region, f.Source}))
	}
	text := f.Evidence.Path
	if f.Evidence.Line > 0 {
		text += ":" + strconv.Itoa(f.Evidence.Line)
	}
	return Mono(text).To(b.itemCell(f).Href)
}

// Narrow makes a table fit a page beside other things: account and region become
// one column, and the evidence is named by file and line, because its folders
// are that account and region. A column without any value is left out, except
// the first three. Workbooks keep the columns apart, to be filtered.
func (t *Table) Narrow() {
	t.join("account", "region", Column{"where", "Account, region", Code, 15})
	for i, c := range t.Columns {
		if c.Key == "evidence" {
			t.Columns[i].Name, t.Columns[i].Width = "Evidence, file and line", 20
			for _, r := range t.Rows {
				r.Cells[i] = shortPointer(r.Cells[i])
			}
		}
	}
	for i := len(t.Columns) - 1; i > 2; i-- {
		if !slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[i].Set }) {
			t.without(i)
		}
	}
}

// join sets two columns one below the other in the first one's place.
func (t *Table) join(first, second string, as Column) {
	at := func(key string) int { return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Key == key }) }
	i, k := at(first), at(second)
	if i < 0 || k < 0 {
		return
	}
	t.Columns = slices.Clone(t.Columns)
	t.Columns[i] = as
	for _, r := range t.Rows {
		x, y := r.Cells[i], r.Cells[k]
		text := strings.Trim(x.String()+"\n"+y.String(), "\n")
		r.Cells[i] = Mono(text).To(cmp.Or(y.Href, x.Href))
	}
	t.without(k)
}

func (t *Table) without(i int) {
	t.Columns = slices.Delete(slices.Clone(t.Columns), i, i+1)
	for n := range t.Rows {
		t.Rows[n].Cells = slices.Delete(slices.Clone(t.Rows[n].Cells), i, i+1)
	}
}

// shortPointer leaves the folders out where account and region stand beside it.
func shortPointer(c Cell) Cell {
	if i := strings.LastIndexByte(c.Text, '/'); c.Kind == Code && i >= 0 {
		c.Text = c.Text[i+1:]
	}
	return c
}

// PageRows is the most findings on one page; PageItems the most items. With
// these a page stays under 500 KB and opens at once; Grid pages divide by them.
const (
	PageRows  = 400
	PageItems = 200
)

// PartPath is the path of part n (from 0) of a paged page.
func PartPath(page string, n int) string {
	if n == 0 {
		return page
	}
	return strings.TrimSuffix(page, ".html") + "-part" + strconv.Itoa(n+1) + ".html"
}

// BySeverity orders the gravest first, and none last.
func BySeverity(a, b control.Severity) int { return severity(a) - severity(b) }
