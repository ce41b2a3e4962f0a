package table

import (
	"slices"
	"strings"

	"exhibit/control"
)

// ExceptionsTable lists the deviations management accepted in writing.
func (b *Book) ExceptionsTable() *Table {
	t := &Table{ID: "exceptions", Title: "Accepted exceptions", Empty: "Management has accepted no exception in writing.", Columns: []Column{
		{"exception", "Exception", Code, 16}, {"counts", "Counts", Text, 16}, {"check", "Check", Code, 24}, {"items", "Items", Code, 30},
		{"compensating", "Compensating control", Text, 40}, {"proof", "What shows that it operates", Text, 36}, {"approved_by", "Approved by", Text, 18}, {"approved_on", "Approved on", Date, 12}, {"expires", "Expires", Date, 12},
		{"constraint", "Constraint", Text, 36}, {"risk", "Risk", Text, 36}, {"owner", "Owner", Text, 18},
	}}
	for _, e := range b.Exceptions {
		counts := "yes"
		if e.Void != "" {
			counts = "no: " + e.Void
		}
		var proofs []string
		for _, p := range e.Proofs {
			proofs = append(proofs, holds(p)+p.Says)
		}
		t.Add(RecordAnchor(e.ID), Mono(e.ID).To(b.ExceptionPage(e.ID)), Str(counts), Mono(e.Check).To(b.CheckPage(e.Check)), Mono(strings.Join(e.Items, "\n")),
			Str(e.Compensating), Str(strings.Join(proofs, "\n")), Str(e.ApprovedBy), Day(e.ApprovedOn), Day(e.Expires), Str(e.Constraint), Str(e.Risk), Str(e.Owner))
	}
	return t
}

// ExceptionPage is the path of an exception's page.
func (b *Book) ExceptionPage(id string) string { return b.page("exceptions", id) }

func holds(p control.ProofSeen) string {
	if p.Holds {
		return ""
	}
	return "does not hold: "
}

// ProofName is a proof in words.
func (b *Book) ProofName(p control.ExceptionProof) Cell {
	switch {
	case p.Check != "" && len(p.Items) > 0:
		return Str("check " + p.Check + " on " + strings.Join(p.Items, ", ")).To(b.CheckPage(p.Check))
	case p.Check != "":
		return Str("check " + p.Check + " on all its items").To(b.CheckPage(p.Check))
	case len(p.IDs) > 0:
		return Str("records " + p.Record + " " + strings.Join(p.IDs, ", ")).To(b.RecordPage(p.Record))
	}
	return Str("records " + p.Record).To(b.RecordPage(p.Record))
}

// ExceptionLife is an exception at each run, with its proofs.
func (b *Book) ExceptionLife(e *control.Exception) *Table {
	t := &Table{ID: "life", Title: "At each run", Empty: "No run of the period had it.", Columns: []Column{
		{"run", "Run", Code, 24}, {"at", "At", Date, 12}, {"counts", "Counted", Text, 30}, {"failing", "Items that deviated", Text, 18}, {"proof", "Proof at that run", Text, 50},
	}}
	for _, l := range e.Life {
		counts := "yes"
		if l.Void != "" {
			counts = "no: " + l.Void
		}
		var proofs []string
		for _, p := range l.Proofs {
			proofs = append(proofs, holds(p)+p.Says)
		}
		t.Add("", Mono(l.Run).To(b.RunHref(l.Run)), Day(l.At), Str(counts), Str(Plural(l.Failing, "item", "items")+" of "+Plural(len(e.Items), "item", "items")+" named"), Str(strings.Join(proofs, "\n")))
	}
	return t
}

// DueTable lists what people must do; overdue first, then by date.
func (b *Book) DueTable(overdue bool) *Table {
	id, title := "due", "Coming up"
	if overdue {
		id, title = "overdue", "Overdue"
	}
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"on", "On", Date, 12}, {"what", "What", Text, 44}, {"kind", "Kind", Text, 18}, {"ref", "Of", Text, 24}, {"why", "Why", Text, 44},
	}}
	due := slices.Clone(b.Due)
	slices.SortStableFunc(due, func(x, y control.Due) int { return x.On.Compare(y.On) })
	for _, d := range due {
		if d.Overdue == overdue {
			t.Add("", Day(d.On), Str(d.What), Str(d.Kind), Str(d.Ref).To(b.refPage(d)), Str(d.Why))
		}
	}
	return t
}

func (b *Book) refPage(d control.Due) string {
	if p := b.PolicyPage(d.Ref); p != "" && d.Kind == "policy" {
		return p
	}
	if p := b.ReviewPage(d.Ref); p != "" && d.Kind == "access-review" {
		return p
	}
	if b.Exception(d.Ref) != nil && d.Kind == "exception" {
		return b.ExceptionPage(d.Ref)
	}
	return b.RecordPage(d.Kind)
}

// PoliciesTable lists the policies with the version in force at the period's end.
func (b *Book) PoliciesTable() *Table {
	t := &Table{ID: "policies", Title: "Policies", Columns: []Column{
		{"policy", "Policy", Text, 36}, {"version", "In force", Text, 10}, {"effective", "Effective", Date, 12}, {"approved_by", "Approved by", Text, 20},
		{"approved_on", "Approved on", Date, 12}, {"owner", "Owner", Text, 20}, {"review", "Review", Text, 12}, {"reviewed", "Last reviewed", Date, 12},
		{"versions", "Versions", Number, 9}, {"problems", "Problems", Text, 40},
	}}
	for _, d := range b.Documents {
		v := d.InForce(b.Engagement.Period.End)
		version := Str("none")
		var effective, approvedBy, approvedOn Cell
		if v != nil {
			version, effective, approvedBy, approvedOn = Str(v.Version), Day(v.Effective), Str(v.ApprovedBy), Day(v.ApprovedOn)
		}
		t.Add(RecordAnchor(d.ID), Str(d.Title).To(b.PolicyPage(d.ID)), version, effective, approvedBy, approvedOn, Str(d.Owner), Str(d.Review),
			Day(d.Reviewed), Int(len(d.Versions)), Str(strings.Join(d.Problems, "\n")))
	}
	return t
}

// VersionsTable is the history of documents; nil is all of them.
func (b *Book) VersionsTable(id, title string, docs []control.Document) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"policy", "Policy", Text, 32}, {"version", "Version", Text, 10}, {"effective", "Effective", Date, 12}, {"approved_by", "Approved by", Text, 20},
		{"approved_on", "Approved on", Date, 12}, {"change", "What changed", Text, 50}, {"author", "Committed by", Text, 22}, {"committed", "Committed", Time, 21},
		{"commit", "Commit", Code, 14}, {"path", "File", Code, 34}, {"in_force", "In force at the period's end", Text, 12},
	}}
	if docs == nil {
		docs = b.Documents
	}
	for _, d := range docs {
		in := d.InForce(b.Engagement.Period.End)
		for i := range d.Versions {
			v := &d.Versions[i]
			version, force := v.Version, ""
			if version == "" {
				version = "none given"
			}
			if v == in {
				force = "in force"
			}
			t.Add("v-"+Hash(d.ID, v.Commit, v.Version), Str(d.Title).To(b.PolicyPage(d.ID)), Str(version), Day(v.Effective), Str(v.ApprovedBy),
				Day(v.ApprovedOn), Str(v.Change), Str(v.Author), At(v.CommittedAt), Mono(Short(v.Commit)), Mono(v.Path), Str(force))
		}
	}
	return t
}

// RecordsTable lists the records of a kind with their fields as columns.
func (b *Book) RecordsTable(kind, title string) *Table {
	return b.RecordTable(kind, title, b.Records[kind])
}

// RecordTable is RecordsTable for some records of a kind.
func (b *Book) RecordTable(kind, title string, items []control.Located) *Table {
	t := &Table{ID: "records-" + idOf(kind), Title: title, Empty: "No record of this kind.", Columns: []Column{{Key: "id", Name: "Record", Kind: Code, Width: 22}}}
	var fields []string
	seen := map[string]bool{"id": true}
	if b.dayOnly(kind, items) {
		seen[b.kind[kind].DatedBy] = true // it stands beside the seal
	}
	for _, it := range items {
		for _, f := range RecordFields(it) {
			if !seen[f.Path] {
				seen[f.Path] = true
				fields = append(fields, f.Path)
			}
		}
	}
	slices.SortStableFunc(fields, func(x, y string) int { return recordOrder(x) - recordOrder(y) })
	long := map[string]int{} // what is long gets more room
	for _, it := range items {
		for _, f := range RecordFields(it) {
			long[f.Path] = max(long[f.Path], len(f.Cell.Text))
		}
	}
	for _, f := range fields {
		width := 18
		if long[f] > 60 {
			width = 44
		}
		t.Columns = append(t.Columns, Column{Key: f, Name: FieldWords(f), Kind: Text, Width: width})
		if f == "dpa" || f == "dpa_signed" { // data processing agreement
			t.Columns[len(t.Columns)-1].Name = strings.Replace(t.Columns[len(t.Columns)-1].Name, "Dpa", "DPA", 1)
		}
	}
	t.Columns = append(t.Columns, Column{Key: "file", Name: "File", Kind: Code, Width: 30})
	sealed := b.sealedColumns(kind, t)
	for _, it := range items {
		cells := append([]Cell{Mono(it.ID).To(b.RecordHref(kind, it.ID))}, sealed(it.ID)...)
		have := map[string]Cell{}
		for _, f := range RecordFields(it) {
			have[f.Path] = f.Cell
		}
		for _, f := range fields {
			cells = append(cells, have[f])
		}
		t.Add("t-"+Hash(it.ID), append(cells, Mono(it.Pointer.Path))...)
	}
	return t
}

// RecordFields are the fields of one record, in a reader's order, without its
// text and attachments.
func RecordFields(it control.Located) []Field {
	fields, ok := it.Answers["record"].(map[string]any)
	if !ok {
		fields = it.Answers
	}
	plain := map[string]any{}
	for k, v := range fields {
		if !isRows(v) {
			plain[k] = v
		}
	}
	var out []Field
	for _, f := range Flatten(plain) {
		if f.Path != "id" {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(x, y Field) int { return recordOrder(x.Path) - recordOrder(y.Path) })
	return out
}

// isRows says that a value is a list of objects: a table within a record.
func isRows(v any) bool {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return false
	}
	_, ok = list[0].(map[string]any)
	return ok
}

// RecordRows are the tables within a record: its decisions, its actions.
func RecordRows(it control.Located) []*Table {
	fields, ok := it.Answers["record"].(map[string]any)
	if !ok {
		fields = it.Answers
	}
	var out []*Table
	for _, k := range sortedKeys(fields) {
		if !isRows(fields[k]) {
			continue
		}
		t := &Table{ID: "rows-" + Hash(it.ID, k), Title: FieldWords(k) + " of " + it.ID}
		var rows []map[string]Cell
		seen := map[string]bool{}
		for _, v := range fields[k].([]any) {
			row := map[string]Cell{}
			m, _ := v.(map[string]any)
			for _, f := range Flatten(m) {
				row[f.Path] = f.Cell
				if !seen[f.Path] {
					seen[f.Path] = true
					t.Columns = append(t.Columns, Column{Key: f.Path, Name: FieldWords(f.Path), Kind: Text, Width: 22})
				}
			}
			rows = append(rows, row)
		}
		for _, row := range rows {
			cells := make([]Cell, len(t.Columns))
			for i, c := range t.Columns {
				cells[i] = row[c.Key]
			}
			t.Add("", cells...)
		}
		if len(t.Columns) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// recordOrder puts what names and dates a record before what describes it.
func recordOrder(field string) int {
	for i, names := range [][]string{
		{"name", "title", "person", "vendor"}, {"quarter", "period"}, {"date", "performed_on", "detected", "detected_at", "start_date", "opened", "start"}, {"last_day"},
		{"status", "severity", "criticality", "opinion"}, {"end_date", "resolved", "resolved_at", "closed", "completed_at", "access_removed_on", "completed_on", "customer_data"},
		{"dpa", "dpa_signed", "next_review", "conclusion", "exceptions", "changes", "users_reviewed", "root_cause"},
		{"owner", "reviewer", "facilitator", "by", "sign_off", "completed_by"}, {"sign_off_date", "report", "report_type", "iam_users", "identity_center", "remediation", "customers_affected", "customers_notified"},
	} {
		if slices.Contains(names, field) {
			return i
		}
	}
	if field == "email" || field == "git" { // long, and said by the name
		return 11
	}
	return 10
}

// RecordText is the Markdown body of a record; "" when it has none.
func RecordText(it control.Located) string {
	s, _ := it.Answers["text"].(string)
	return s
}

// An Attachment is a file kept beside a record.
type Attachment struct{ Path, Sum string }

// Attachments are the files a record names.
func Attachments(it control.Located) []Attachment {
	list, _ := it.Answers["attachments"].([]any)
	var out []Attachment
	for _, a := range list {
		if m, ok := a.(map[string]any); ok {
			p, _ := m["path"].(string)
			s, _ := m["sha256"].(string)
			if p != "" {
				out = append(out, Attachment{p, s})
			}
		}
	}
	return out
}

// FieldWords is the name of a field as a heading: "RTO measured minutes".
func FieldWords(field string) string {
	words := strings.Split(field, "_")
	for i, w := range words {
		switch w {
		case "rto", "rpo", "mfa", "url", "id", "aws", "hr", "soc", "dpa", "baa", "iam", "sla":
			words[i] = strings.ToUpper(w)
		}
	}
	return Capital(strings.Join(words, " "))
}
