package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

// recordArtifacts are what people wrote, as documents and workbooks.
func (b *binder) recordArtifacts() {
	each := []struct {
		kind, path, title string
		name              func(control.Located) string
	}{
		{"access-review", "CC6-access-control/access-review-", "Access review", quarter},
		{"offboarding", "CC6-access-control/offboarding-tickets/", "Offboarding", ticket},
		{"incident", "CC7-incident-response/incidents/", "Incident", id},
		{"post-incident-review", "CC7-incident-response/incidents/", "Post-incident review", func(it control.Located) string { return id(it) + "-post-incident-review" }},
		{"tabletop-exercise", "CC7-incident-response/tabletop-exercise-", "Tabletop exercise", day},
		{"guardduty-finding-response", "CC7-incident-response/guardduty-finding-responses/", "Response to a GuardDuty finding", ticket},
		{"restore-test", "A1-availability/restore-test-", "Restore test", id},
		{"failover-test", "A1-availability/failover-test-", "Failover test", id},
		{"penetration-test", "CC4-monitoring-activities/penetration-test-", "Penetration test", day},
		{"vendor-review", "CC9-vendor-management/vendor-reviews/", "Vendor review", id},
	}
	for _, e := range each {
		items := b.Records[e.kind]
		checks := b.ChecksOf("record/" + e.kind)
		if len(items) == 0 {
			b.hold(artifact{path: "artifacts/" + e.path + "….pdf", title: e.title, from: "records: " + e.kind, checks: checks, kind: e.kind, state: table.CoverNothing,
				why: "the repository holds no record of this kind", folder: strings.Split(e.path, "/")[0]}, nil)
			continue
		}
		for _, it := range items {
			if e.kind == "access-review" && b.Review(it.ID) != nil {
				continue // reviewArtifacts has all of it
			}
			path := "artifacts/" + e.path + table.FileName(e.name(it))
			a := artifact{title: e.title + " " + it.ID, from: kindWords(e.kind) + " " + it.ID, page: b.RecordHref(e.kind, it.ID), checks: checks, kind: e.kind, state: table.CoverCollected}
			a.path = path + ".pdf"
			b.hold(a, func() ([]byte, error) { return b.print(b.recordPaper(e.kind, e.title, it)) })
			if e.kind == "access-review" {
				a.path = path + ".xlsx"
				b.hold(a, func() ([]byte, error) {
					t := b.RecordTable(e.kind, e.title, []control.Located{it})
					t.Provenance = recordBox(it)
					return xlsx.Book(b.Stamp, e.title+" "+it.ID, append([]*table.Table{t}, table.RecordRows(it)...)...)
				})
			}
		}
	}
	b.reviewArtifacts()
	b.missingReviews()
	year := b.date()[:4]
	if vendors := b.Records["vendor"]; len(vendors) > 0 {
		a := artifact{title: "Vendor inventory", from: "Vendor", page: b.RecordPage("vendor"), checks: b.ChecksOf("record/vendor"), kind: "vendor", state: table.CoverCollected}
		tables := func() []*table.Table { return b.vendorTables(vendors) }
		a.path = "artifacts/CC9-vendor-management/vendor-inventory-" + year + ".xlsx"
		b.hold(a, func() ([]byte, error) { return xlsx.Book(b.Stamp, "Vendor inventory", tables()...) })
		a.path = "artifacts/CC9-vendor-management/vendor-inventory-" + year + ".pdf"
		b.hold(a, func() ([]byte, error) {
			p := &table.Paper{Kicker: "Vendor management", Title: "Vendor inventory", ID: "vendor-inventory-" + year, Wide: true, Lead: table.Line("Who else handles the organisation's data."),
				Cite: b.Cite("", "vendor-inventory-"+year, "")}
			for _, t := range tables() {
				if t.ID == "register" { // the first table says the same, and the workbook has it
					continue
				}
				for _, key := range []string{"service", "subprocessors", "aws_accounts", "owner", "id", "user_controls"} {
					if t.ID == "vendors" {
						drop(t, key)
					}
				}
				p.Blocks = append(p.Blocks, table.Grid{Table: narrow(t)})
			}
			p.Blocks = append(p.Blocks, table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: registerBox(vendors)})
			return b.print(p)
		})
	} else {
		b.hold(artifact{path: "artifacts/CC9-vendor-management/vendor-inventory-" + year + ".xlsx", title: "Vendor inventory", from: "records: vendor", state: table.CoverNothing, why: "the repository holds no vendor"}, nil)
	}
	for _, kind := range table.SortedKeys(b.Records) {
		if len(b.Records[kind]) == 0 {
			continue
		}
		b.hold(artifact{path: recordBook(kind), title: "All records: " + kindWords(kind), from: kindWords(kind), page: b.RecordPage(kind), checks: b.ChecksOf("record/" + kind), kind: kind, state: table.CoverCollected}, func() ([]byte, error) {
			t := b.RecordsTable(kind, kindWords(kind))
			sheets := []*table.Table{t}
			if spans := b.SpansOf(kind); len(spans) > 0 {
				sheets = append(sheets, b.SpansTable(kind, spans))
			}
			for _, t := range []*table.Table{b.ChangesTable("changes", "Changed after sealing", b.Sealings[kind]), b.GoneTable("gone", b.Sealings[kind])} {
				if len(t.Rows) > 0 {
					sheets = append(sheets, t)
				}
			}
			for _, t := range sheets {
				t.Provenance = registerBox(b.Records[kind])
			}
			return xlsx.Book(b.Stamp, kindWords(kind), sheets...)
		})
	}
	if len(b.FollowUps) > 0 {
		b.hold(artifact{path: followUpBook, title: "Follow-ups: actions set in records", from: "all records", page: "follow-ups.html", state: table.CoverCollected}, func() ([]byte, error) {
			t := b.FollowUpsTable("follow-ups", "Follow-ups", b.FollowUps)
			t.Provenance = table.Provenance{Shows: "Every action that a record names with a day it is due, and when it was closed.", ShowsNot: "Actions nobody wrote down, and whether what was done is enough.",
				Facts: []table.Fact{{Name: "Source", Values: one(table.Str("records of the evidence repository at commit " + b.Commit))}, {Name: "Counted to", Values: one(table.At(b.AsOf))}}}
			return xlsx.Book(b.Stamp, "Follow-ups", t)
		})
	}
}

// missingReviews names the quarters of the period that are over and have no
// access review, in the place where its file would stand.
func (b *binder) missingReviews() {
	items := b.Records["access-review"]
	if len(items) == 0 {
		return // the index says already that there is none at all
	}
	have := map[string]bool{}
	for _, it := range items {
		have[quarter(it)] = true
	}
	p := b.Engagement.Period
	for start := p.Start; !start.IsZero() && !start.After(p.End); start = start.AddDate(0, 1, 0) {
		first := time.Date(start.Year(), (start.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
		name := fmt.Sprintf("Q%d-%d", (first.Month()+2)/3, first.Year())
		if have[name] || first.AddDate(0, 3, 0).After(b.AsOf.Add(24*time.Hour)) {
			continue
		}
		have[name] = true
		b.hold(artifact{path: "artifacts/CC6-access-control/access-review-" + name + ".pdf", title: "Access review of " + name, from: "records: access-review", page: b.RecordPage("access-review"),
			checks: b.ChecksOf("record/access-review"), kind: "access-review", state: table.CoverGap, why: "no review of this quarter is recorded"}, nil)
	}
}

// narrow keeps for print the first twelve columns; the workbook has them all.
func narrow(t *table.Table) *table.Table {
	const most = 12
	if len(t.Columns) <= most {
		return t
	}
	t.Note = "Some of the fields; the workbook beside this document has all of them."
	t.Columns = t.Columns[:most]
	for i := range t.Rows {
		t.Rows[i].Cells = t.Rows[i].Cells[:most]
	}
	return t
}

func (b *binder) recordPaper(kind, title string, it control.Located) *table.Paper {
	p := &table.Paper{Kicker: title, Title: title + " " + it.ID, ID: it.ID, Cite: b.Cite("", kind+" "+it.ID, "")}
	if name := field(it, "title", "name", "scenario"); name != "" {
		p.Title = name
	}
	blocks := b.record(kind, it, false)
	p.Blocks = append(blocks[1:len(blocks)-1], table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: recordBox(it)}) // title and citation are the paper's own
	return p
}

func recordBox(it control.Located) table.Provenance {
	return table.Provenance{
		Shows: "What its author wrote down, as it stood in the evidence repository at the commit named.", ShowsNot: "That it is true. What supports it is attached or named in it.",
		Facts: []table.Fact{{Name: "Source", Values: one(table.Str("the organisation's own records"))}, {Name: "File", Values: one(table.Mono(it.Pointer.Path))},
			{Name: "Line", Values: one(lineCell(it.Pointer.Line))}, {Name: "Commit", Values: one(table.Mono(it.Pointer.Commit))}},
	}
}

func lineCell(n int) table.Cell {
	if n == 0 {
		return table.Cell{}
	}
	return table.Int(n)
}

func registerBox(items []control.Located) table.Provenance {
	p := recordBox(items[0])
	var paths []string
	for _, it := range items {
		if !slices.Contains(paths, it.Pointer.Path) {
			paths = append(paths, it.Pointer.Path)
		}
	}
	if len(paths) > 20 {
		paths = append(paths[:20], "and more")
	}
	p.Facts = []table.Fact{p.Facts[0], {Name: "Files", Values: one(table.Mono(strings.Join(paths, "\n")))}, {Name: "Records", Values: one(table.Int(len(items)))}, p.Facts[3]}
	return p
}

// field is the first of a record's fields that is set.
func field(it control.Located, names ...string) string {
	fields := table.RecordFields(it)
	for _, n := range names {
		for _, f := range fields {
			if f.Path == n && f.Cell.String() != "" {
				return f.Cell.String()
			}
		}
	}
	return ""
}

// id is a record's id as part of a file name; where it is not plainly a name, its
// day, and hold tells apart what falls together.
func id(it control.Located) string {
	name := strings.ReplaceAll(it.ID, "/", "-")
	if d := field(it, "date", "performed_on", "detected", "started", "started_at"); table.FileName(name) != name && len(d) >= 10 && table.FileName(d[:10]) == d[:10] {
		return d[:10]
	}
	return name
}

func ticket(it control.Located) string {
	if t := field(it, "ticket"); t != "" && table.FileName(t) == t {
		return t
	}
	return id(it)
}

func day(it control.Located) string {
	if d := field(it, "date", "performed_on"); len(d) >= 10 && table.FileName(d[:10]) == d[:10] {
		return d[:10]
	}
	return id(it)
}

// quarter is Q3-2026 for a review of 2026-Q3, as auditors' layouts have it.
func quarter(it control.Located) string {
	q := field(it, "quarter", "period")
	if q == "" {
		q = it.ID
	}
	if year, n, ok := strings.Cut(q, "-"); ok && len(year) == 4 && len(n) == 2 && n[0] == 'Q' {
		return n + "-" + year
	}
	return strings.ReplaceAll(q, "/", "-")
}

// policyArtifacts are the policies in force, and the history of all versions.
func (b *binder) policyArtifacts() {
	for _, d := range b.Documents {
		v := d.InForce(b.Engagement.Period.End)
		if v == nil {
			b.hold(artifact{path: "artifacts/policies/" + table.FileName(d.ID) + ".pdf", title: d.Title, from: "policy", page: b.PolicyPage(d.ID), state: table.CoverGap,
				why: "no version was in force at the period's end"}, nil)
			continue
		}
		print := func() ([]byte, error) { return b.print(b.policyPaper(d, v)) }
		a := artifact{path: policyFile(d, v), title: d.Title + ", version " + v.Version, from: "policy", page: b.PolicyPage(d.ID), state: table.CoverCollected}
		b.hold(a, print)
		if d.ID == "incident-response" {
			a.path = "artifacts/CC7-incident-response/" + table.FileName("incident-response-policy-v"+v.Version) + ".pdf"
			b.hold(a, print)
		}
	}
	if len(b.Documents) > 0 {
		b.hold(artifact{path: "artifacts/policies/policy-version-history.xlsx", title: "Version history of all policies", from: "policies", page: "policies.html", state: table.CoverCollected}, func() ([]byte, error) {
			box := table.Provenance{Shows: "Every commit that changed a policy's text, newest first, followed through renames.", ShowsNot: "When a version was read or accepted by anybody: see the records of acknowledgement.",
				Facts: []table.Fact{{Name: "Source", Values: one(table.Str("git history of the evidence repository"))}, {Name: "Commit", Values: one(table.Mono(b.Commit))}, {Name: "Policies", Values: one(table.Int(len(b.Documents)))}}}
			p, v := b.PoliciesTable(), b.VersionsTable("versions", "All versions", nil)
			p.Provenance, v.Provenance = box, box
			return xlsx.Book(b.Stamp, "Policy version history", p, v)
		})
	}
}

func (b *binder) policyPaper(d control.Document, v *control.DocumentVersion) *table.Paper {
	p := &table.Paper{Kicker: "Policy", Title: d.Title, ID: d.ID + " version " + v.Version, Cite: b.Cite("", d.ID+" version "+v.Version, "")}
	p.Blocks = []table.Block{table.Facts{Items: []table.Fact{
		{Name: "Version", Values: one(table.Str(v.Version))}, {Name: "Effective", Values: one(table.Day(v.Effective))}, {Name: "Owner", Values: one(table.Str(d.Owner))},
		{Name: "Approved by", Values: one(table.Str(v.ApprovedBy))}, {Name: "Approved on", Values: one(table.Day(v.ApprovedOn))}, {Name: "Review", Values: one(table.Str(d.Review))},
		{Name: "What changed", Values: one(table.Str(v.Change))}, {Name: "Commit", Values: one(table.Mono(v.Commit))},
	}}, table.Markdown{Body: v.Body}}
	h := b.VersionsTable("history", "Version history", []control.Document{d})
	for _, key := range []string{"policy", "path", "author", "in_force"} {
		drop(h, key)
	}
	p.Blocks = append(p.Blocks, table.Grid{Table: h}, table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: table.Provenance{
		Shows: "The text of the policy as committed.", ShowsNot: "That it is followed: see the controls.",
		Facts: []table.Fact{{Name: "Source", Values: one(table.Str("git history of the evidence repository"))}, {Name: "File at that commit", Values: one(table.Mono(v.Path))}, {Name: "Commit", Values: one(table.Mono(v.Commit))}, {Name: "Committed", Values: one(table.At(v.CommittedAt))}, {Name: "Committed by", Values: one(table.Str(v.Author))}}}})
	return p
}
