package render

import (
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// vendorChecks are the checks about vendors, in a reader's order.
func vendorChecks() []string {
	return []string{"vendors-reviewed-yearly", "vendor-reports-cover-the-period", "external-principals-are-known-vendors", "aws-soc-report-current", "user-controls-are-mapped"}
}

// vendorPages is the inventory of vendors with everything that says how far they
// can be relied upon.
func (b *binder) vendorPages() { b.page("vendors.html", b.vendors) }

// lackingReports are the vendors that hold customer data and whose reports and letters
// leave days of the period uncovered, or that gave no report over a period.
func (b *binder) lackingReports() (out []string) {
	t := b.VendorsTable()
	at := func(key string) int {
		return slices.IndexFunc(t.Columns, func(c table.Column) bool { return c.Key == key })
	}
	data, days := at("customer_data"), at("uncovered")
	if data < 0 || days < 0 {
		return nil
	}
	for _, r := range t.Rows {
		held := strings.ToLower(r.Cells[data].String())
		if held == "" || held == "no" || held == "none" {
			continue
		}
		name, _, _ := strings.Cut(r.Cells[0].Text, " (")
		switch n := r.Cells[days]; {
		case !n.Set:
			out = append(out, name+": no report over a period")
		case n.Int > 0:
			out = append(out, fmt.Sprintf("%s: %s not covered", name, table.Plural(int(n.Int), "day", "days")))
		}
	}
	return out
}

func (b *binder) vendors() *table.Paper {
	p := &table.Paper{Kicker: "Organisation", Title: "Vendors", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("Who else handles the organisation's data or keeps its service running: what binds them, what shows how they work, for which days of the audit period, and whom our accounts let in from outside.")}
	var never []string
	for _, r := range b.VendorsTable().Rows {
		if name := r.Cells[0].Text; strings.HasSuffix(name, "("+table.NeverReviewed+")") {
			never = append(never, strings.TrimSuffix(name, " ("+table.NeverReviewed+")"))
		}
	}
	switch {
	case len(b.Records["vendor"]) == 0:
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "No record", Spans: table.Line("There is no vendor in ", table.K("registers/vendors.yaml"), ".")})
	case len(never) > 0:
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "Never reviewed", Spans: table.Line("No review names ", strings.Join(never, ", "), ".")})
	}
	if r := b.Check("external-principals-are-known-vendors"); r != nil && r.Counts.Failed > 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "alarm", Title: "Let in, and in no register", Spans: table.Line(table.A(table.Plural(r.Counts.Failed, "resource lets", "resources let")+" in an account or provider that belongs to no vendor of the register", "#outside"), ".")})
	}
	if names := b.lackingReports(); len(names) > 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: table.Plural(len(names), "vendor holds", "vendors hold") + " customer data, and no report covers the whole period", Spans: table.Line(strings.Join(names, "; "), ".")})
	}
	inventory := b.VendorsTable()
	for _, key := range []string{"service", "id", "owner", "status", "aws_accounts", "user_controls", "from", "subprocessors"} { // the register and the workbook have them
		drop(inventory, key)
	}
	var books []string
	for _, a := range b.held {
		if a.made && strings.HasPrefix(a.path, "artifacts/CC9-vendor-management/vendor-inventory-") {
			books = append(books, a.path)
		}
	}
	p.Blocks = append(p.Blocks, table.H2("inventory", "Inventory"), table.Grid{Table: limit(inventory, table.PageRows), Downloads: b.haveFiles(books...)},
		table.P("A day of the audit period is covered by the period of a report somebody read, or by a letter that bridges from the end of one. Blank: the vendor gives no report over a period, or nothing about it is required."))
	p.Blocks = append(p.Blocks, table.H2("outside", "Principals outside our accounts"), table.Grid{Table: limit(b.OutsidersTable(), table.PageRows)},
		table.P("Read from the policies of roles, buckets, keys, topics, queues, functions, image repositories, backup vaults, event buses, logs and secrets, from the grants of keys, from what is shared by AWS Resource Access Manager, from identity providers and network peerings. Not looked at: access given by a password or key."))
	p.Blocks = append(p.Blocks, table.H2("subservice-h", "The subservice organisation"), table.Grid{Table: limit(b.SubserviceTable(), table.PageRows)}, table.Grid{Table: limit(b.UserControlsTable(), table.PageRows)})
	var have []string
	for _, name := range vendorChecks() {
		if b.Check(name) != nil {
			have = append(have, name)
		}
	}
	for _, kind := range []string{"vendor", "vendor-review"} { // a company's own
		for _, name := range b.ChecksOf("record/" + kind) {
			if !slices.Contains(have, name) {
				have = append(have, name)
			}
		}
	}
	if len(have) > 0 {
		t := b.ChecksTable("checks", "What was tested", have)
		drop(t, "severity")
		p.Blocks = append(p.Blocks, table.H2("tested", "What was tested, and what was not met"), table.Grid{Table: t})
		if t := b.notMet(have); len(t.Rows) > 0 {
			p.Blocks = append(p.Blocks, table.Grid{Table: t})
		}
	}
	var kinds []table.Link
	for _, kind := range []string{"vendor", "vendor-review", "complementary-controls"} {
		if n := len(b.Records[kind]); n > 0 {
			kinds = append(kinds, table.Link{Text: kindWords(kind) + " (" + table.Plural(n, "record", "records") + ")", Href: b.RecordPage(kind)})
		}
	}
	if len(kinds) > 0 {
		p.Blocks = append(p.Blocks, table.H2("registers", "Register and records"), table.Files{Items: kinds})
	}
	if list := b.artifactsFor("Vendors"); len(list) > 0 {
		p.Blocks = append(p.Blocks, table.H2("files", "To take away"), table.Files{Items: list})
	}
	for _, x := range b.Populations {
		if x.ID == "vendors" {
			p.Blocks = append(p.Blocks, table.H2("populations", "Population"), table.Files{Items: []table.Link{{Text: x.Title + " (" + table.Plural(len(x.Items), "item", "items") + ")", Href: b.PopulationPage(x.ID)}}})
		}
	}
	return p
}

// vendorTables are the sheets of the vendor inventory.
func (b *binder) vendorTables(vendors []control.Located) []*table.Table {
	t := b.VendorsTable()
	t.Provenance = registerBox(vendors)
	out := []*table.Table{t, b.OutsidersTable(), b.UserControlsTable(), b.SubserviceTable()}
	register := b.RecordsTable("vendor", "Register as written")
	register.ID, register.Provenance = "register", registerBox(vendors)
	out = append(out, register)
	if len(b.Records["vendor-review"]) > 0 {
		r := b.RecordsTable("vendor-review", "Reviews")
		r.Provenance = registerBox(b.Records["vendor-review"])
		out = append(out, r)
	}
	return out
}
