package table

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
)

// A Key names a cell of coverage.
type Key struct{ Account, Region, Source string }

// KeyOf is the key of a cell.
func KeyOf(c evidence.Cell) Key { return Key{c.Account, c.Region, c.Source} }

// A Book is a report with its indexes and the path of every page. It is not
// changed once made, so pages may be rendered side by side.
type Book struct {
	*control.Report
	Stamp Stamp

	control    map[string]*control.ControlResult
	criterion  map[string]*control.CriterionResult
	check      map[string]*control.CheckResult
	controlsOf map[string][]string // by check
	cell       map[Key]*evidence.Cell
	items      map[Key][]control.Located
	runOf      map[Key]*control.SealedRun // the newest run that has the cell
	exception  map[string]*control.Exception
	checksOf   map[string][]string // by source
	sources    []string
	accounts   map[string]string // names
	folder     map[string]*names
	findingAt  map[string]int                 // place on its check's page, by FindingID
	itemAt     map[itemKey]int                // place on its cell's page
	sealing    map[[2]string]*control.Sealing // by kind and id
	recordAt   map[[2]string]int              // place on its kind's page, by kind and id
	kind       map[string]*control.RecordKind
}

type itemKey struct {
	Key
	id string
}

// NewBook makes the indexes.
func NewBook(r *control.Report) *Book {
	if r.Ledger == nil { // a report of one state alone
		one := *r
		one.Ledger = &control.Ledger{Period: r.Engagement.Period}
		r = &one
	}
	b := &Book{
		Report: r, Stamp: StampOf(r),
		control: map[string]*control.ControlResult{}, criterion: map[string]*control.CriterionResult{},
		check: map[string]*control.CheckResult{}, controlsOf: map[string][]string{},
		cell: map[Key]*evidence.Cell{}, items: map[Key][]control.Located{}, runOf: map[Key]*control.SealedRun{},
		exception: map[string]*control.Exception{}, checksOf: map[string][]string{},
		accounts: map[string]string{}, folder: map[string]*names{}, findingAt: map[string]int{}, itemAt: map[itemKey]int{},
		sealing: map[[2]string]*control.Sealing{}, recordAt: map[[2]string]int{}, kind: map[string]*control.RecordKind{},
	}
	for kind, items := range r.Records {
		for i, it := range items {
			b.recordAt[[2]string{kind, it.ID}] = i
		}
	}
	for i := range r.Criteria {
		b.criterion[r.Criteria[i].Criterion.ID] = &r.Criteria[i]
		b.file("criteria", r.Criteria[i].Criterion.ID)
	}
	for i := range r.Controls {
		c := &r.Controls[i]
		b.control[c.Control.ID] = c
		b.file("controls", c.Control.ID)
		for _, name := range c.Control.Checks {
			b.controlsOf[name] = append(b.controlsOf[name], c.Control.ID)
		}
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		b.check[c.Check.Name] = c
		b.file("checks", c.Check.Name)
		for j := range c.Findings {
			b.findingAt[FindingID(c.Findings[j])] = j
		}
		of := append([]string{c.Check.Of}, mapValues(c.Check.With)...)
		for _, s := range of {
			if !slices.Contains(b.checksOf[s], c.Check.Name) {
				b.checksOf[s] = append(b.checksOf[s], c.Check.Name)
			}
		}
	}
	for i := range r.Exceptions {
		b.exception[r.Exceptions[i].ID] = &r.Exceptions[i]
		b.file("exceptions", r.Exceptions[i].ID)
	}
	for _, a := range r.Engagement.Accounts {
		b.accounts[a.ID] = a.Name
	}
	seen := map[string]bool{}
	for i := range r.Cells {
		c := &r.Cells[i]
		b.cell[KeyOf(*c)] = c
		if !seen[c.Source] {
			seen[c.Source] = true
			b.sources = append(b.sources, c.Source)
		}
	}
	for _, source := range sortedKeys(r.Items) {
		for _, it := range r.Items[source] {
			k := Key{it.Account, it.Region, source}
			b.itemAt[itemKey{k, it.ID}] = len(b.items[k])
			b.items[k] = append(b.items[k], it)
		}
	}
	slices.Sort(b.sources)
	for _, s := range b.sources {
		b.file("evidence", s)
	}
	for i := range r.Cells {
		b.file("region", r.Cells[i].Region)
		b.file("account", r.Cells[i].Account)
	}
	for i := range r.Runs {
		for _, c := range r.Runs[i].Cells {
			b.runOf[KeyOf(c)] = &r.Runs[i]
		}
	}
	for _, d := range r.Documents {
		b.file("policies", d.ID)
	}
	for _, p := range r.Populations {
		b.file("populations", p.ID)
	}
	for _, s := range r.Samples {
		b.file("samples", s.ID)
	}
	for _, q := range r.Requests {
		b.file("requests", q.ID)
	}
	for i := range r.Kinds {
		b.kind[r.Kinds[i].Kind] = &r.Kinds[i]
	}
	for _, list := range r.Sealings {
		for i := range list {
			if s := &list[i]; !s.Gone {
				b.sealing[[2]string{s.Kind, s.ID}] = s
			}
		}
	}
	for i := range r.Reviews {
		b.file("reviews", r.Reviews[i].ID)
	}
	for _, kind := range b.RecordKinds() {
		b.file("records", kind)
	}
	for _, kind := range sortedKeys(r.Records) {
		for _, it := range r.Records[kind] {
			b.file("record/"+kind, it.ID)
		}
	}
	return b
}

func mapValues(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, k := range sortedKeys(m) {
		out = append(out, m[k])
	}
	return out
}

// SortedKeys are the keys of a map in order.
func SortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return sortedKeys(m) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// file reserves (while the Book is made) and gives the name of an id in a folder.
func (b *Book) file(folder, id string) string {
	n := b.folder[folder]
	if n == nil {
		n = newNames()
		b.folder[folder] = n
	}
	if id == "" {
		id = "none"
	}
	return n.name(id)
}

// known gives the name of an id that NewBook reserved, or "".
func (b *Book) known(folder, id string) string {
	if n := b.folder[folder]; n != nil {
		if id == "" {
			id = "none"
		}
		return n.of[id]
	}
	return ""
}

func (b *Book) page(folder, id string) string {
	if name := b.known(folder, id); name != "" {
		return folder + "/" + name + ".html"
	}
	return ""
}

// CriterionPage is the path of a criterion's page; "" when there is none. The
// other …Page methods do the same.
func (b *Book) CriterionPage(id string) string { return b.page("criteria", id) }

// ControlPage is the path of a control's page.
func (b *Book) ControlPage(id string) string { return b.page("controls", id) }

// CheckPage is the path of a check's page.
func (b *Book) CheckPage(name string) string { return b.page("checks", name) }

// PolicyPage is the path of a policy's page.
func (b *Book) PolicyPage(id string) string { return b.page("policies", id) }

// PopulationPage is the path of a population's page.
func (b *Book) PopulationPage(id string) string { return b.page("populations", id) }

// SamplePage is the path of a sample's sheet.
func (b *Book) SamplePage(id string) string { return b.page("samples", id) }

// RequestPage is the path of a request's page.
func (b *Book) RequestPage(id string) string { return b.page("requests", id) }

// SourcePage is the path of the page that lists the cells of a source.
func (b *Book) SourcePage(source string) string { return b.page("evidence", source) }

// RecordPage is the path of the page with all records of a kind.
func (b *Book) RecordPage(kind string) string { return b.page("records", kind) }

// RecordsPart is how many records of a kind stand on one page.
const RecordsPart = 100

// RecordHref leads to a record on its kind's page, on the part it is on.
func (b *Book) RecordHref(kind, id string) string {
	return PartPath(b.RecordPage(kind), b.recordAt[[2]string{kind, id}]/RecordsPart) + "#" + RecordAnchor(id)
}

// RecordAnchor is the anchor of one record on its kind's page.
func RecordAnchor(id string) string { return "r-" + Hash(id) }

// CellPage is the path of a cell's page; "" when the cell was never planned, or
// when it does not apply and nothing was asked: seventeen regions that are
// switched off would be most of the pages of a site. Such a cell stands, with
// its reason, on its source's page.
func (b *Book) CellPage(k Key) string {
	c := b.cell[k]
	if c == nil || CoverWord(c.State) == CoverNA && c.Calls == 0 && c.Items == 0 && c.Path == "" {
		return ""
	}
	return "evidence/" + b.folderOf(k) + "/" + b.known("evidence", k.Source) + ".html"
}

func (b *Book) folderOf(k Key) string {
	return b.AccountFolder(k.Account) + "/" + b.known("region", k.Region)
}

// AccountFolder is the folder of an account's pages of evidence.
func (b *Book) AccountFolder(account string) string {
	if account == "" {
		return "no-account"
	}
	return b.known("account", account)
}

// AccountPage is the path of an account's coverage.
func (b *Book) AccountPage(account string) string {
	if account == "" {
		return "coverage/no-account.html"
	}
	if name := b.known("account", account); name != "" {
		return "coverage/" + name + ".html"
	}
	return ""
}

// ItemAnchor is the anchor of an item on its cell's page.
func ItemAnchor(id string) string { return "i-" + Hash(id) }

// EvidenceID is how a working paper cites a cell: EV-111122223333-eu-west-1-kms-key.
func EvidenceID(k Key) string {
	parts := []string{"EV"}
	for _, p := range []string{k.Account, k.Region, slug(k.Source)} {
		if p != "" {
			parts = append(parts, FileName(p))
		}
	}
	return strings.Join(parts, "-")
}

// ItemHref leads to an item on its cell's page, on the part it is on; "" when
// the cell was never planned.
func (b *Book) ItemHref(k Key, id string) string {
	page := b.CellPage(k)
	if page == "" {
		return ""
	}
	if i, ok := b.itemAt[itemKey{k, id}]; ok {
		return PartPath(page, i/PageItems) + "#" + ItemAnchor(id)
	}
	return page
}

// FindingID is how a working paper cites a finding. It depends on what was
// tested and on which item alone, so it stays from package to package.
func FindingID(f control.Finding) string {
	return "F-" + Hash(f.Check, f.Account, f.Region, f.Source, f.Item)
}

// Control returns a control's result by id, or nil. The methods below do the same.
func (b *Book) Control(id string) *control.ControlResult { return b.control[id] }

// Criterion returns a criterion's result.
func (b *Book) Criterion(id string) *control.CriterionResult { return b.criterion[id] }

// Check returns a check's result.
func (b *Book) Check(name string) *control.CheckResult { return b.check[name] }

// Exception returns an exception.
func (b *Book) Exception(id string) *control.Exception { return b.exception[id] }

// Cell returns a cell's newest state.
func (b *Book) Cell(k Key) *evidence.Cell { return b.cell[k] }

// ItemsOf returns the items of a cell.
func (b *Book) ItemsOf(k Key) []control.Located { return b.items[k] }

// RunOf returns the newest run that planned the cell.
func (b *Book) RunOf(k Key) *control.SealedRun { return b.runOf[k] }

// ControlsOf returns the controls that name a check.
func (b *Book) ControlsOf(check string) []string { return b.controlsOf[check] }

// ChecksOf returns the checks that read a source.
func (b *Book) ChecksOf(source string) []string { return b.checksOf[source] }

// Sources are all sources ever planned, sorted.
func (b *Book) Sources() []string { return b.sources }

// CellsOf are the cells of a source, by account and region.
func (b *Book) CellsOf(source string) []evidence.Cell {
	var out []evidence.Cell
	for _, c := range b.Cells {
		if c.Source == source {
			out = append(out, c)
		}
	}
	return out
}

// AccountName is the name people use for an account, or its id.
func (b *Book) AccountName(id string) string {
	if name := b.accounts[id]; name != "" {
		return name
	}
	return id
}

// Cite is the line an auditor copies into a working paper.
func (b *Book) Cite(subject, id, sum string) string {
	parts := []string{b.Stamp.Organisation, b.Stamp.Period, b.Stamp.Package}
	if b.Stamp.Sample {
		parts = append([]string{"SAMPLE"}, parts...)
	}
	if subject != "" && subject != id {
		parts = append(parts, subject)
	}
	parts = append(parts, id, "run "+b.Stamp.Run, "commit "+b.Stamp.Commit)
	if sum != "" {
		parts = append(parts, "sha256 "+sum)
	}
	return strings.Join(parts, " · ")
}

// Short is the first twelve digits of a commit or hash.
func Short(hex string) string {
	if len(hex) > 12 {
		return hex[:12]
	}
	return hex
}

// Plural is a number with its noun: "1 item", "2 items".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
