package table

import (
	"strings"

	"exhibit/control"
)

// CriteriaTable is the start page's table: every criterion, its controls and
// their counts.
func (b *Book) CriteriaTable(category string) *Table {
	t := &Table{ID: "criteria-" + idOf(category), Title: Capital(category), Columns: []Column{
		{"criterion", "Criterion", Code, 10}, {"title", "Title", Text, 34}, {"status", "Status", Status, 16},
		{"controls", "Controls", Number, 9}, {"not_met", "Not met", Number, 9}, {"population", "Items tested", Number, 12},
		{"exceptions", "Exceptions", Number, 11}, {"compensated", "Compensated", Number, 12}, {"not_evaluated", "Not evaluated", Number, 13}, {"records", "Need a record", Number, 14},
	}}
	for i := range b.Criteria {
		c := &b.Criteria[i]
		if c.Criterion.Category != category {
			continue
		}
		page := b.CriterionPage(c.Criterion.ID)
		sum, notMet, records := b.sum(c.Controls)
		status := Word(c.Status)
		if !c.InScope {
			status = Str("out of scope")
		}
		t.Add(RecordAnchor(c.Criterion.ID), Mono(c.Criterion.ID).To(page), Str(c.Criterion.Title).To(page), status,
			Int(len(c.Controls)), Int(notMet), Int(sum.Population), Int(sum.Failed-sum.Compensated), Int(sum.Compensated), Int(sum.NotEvaluated), Int(records))
	}
	return t
}

// sum adds the counts of controls, and says how many are not met and how many
// kinds of record they still need.
func (b *Book) sum(ids []string) (n control.Counts, notMet, records int) {
	for _, id := range ids {
		c := b.Control(id)
		if c == nil {
			continue
		}
		n = n.Plus(c.Counts)
		if Urgency(c.Status) < Urgency(control.StatementOnly) {
			notMet++
		}
		for _, r := range c.Records {
			if r.Status == control.ManualHasNot {
				records++
			}
		}
	}
	return n, notMet, records
}

// Gravest is the severity of the gravest check of a control that fails on an item
// no exception covers; "" for none.
func (b *Book) Gravest(c *control.ControlResult) control.Severity {
	var worst control.Severity
	for _, name := range c.Control.Checks {
		r := b.Check(name)
		if r != nil && r.Counts.Failed > r.Counts.Compensated && (worst == "" || severity(r.Check.Severity) < severity(worst)) {
			worst = r.Check.Severity
		}
	}
	return worst
}

// ControlsTable lists controls by id; nil is all.
func (b *Book) ControlsTable(id, title string, ids []string) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"control", "Control", Code, 10}, {"title", "Title", Text, 36}, {"status", "Status", Status, 18},
		{"operating", "Over the period", Text, 28}, {"population", "Items tested", Number, 12}, {"exceptions", "Exceptions", Number, 11}, {"compensated", "Compensated", Number, 12},
		{"gravest", "Gravest", Text, 10}, {"not_evaluated", "Not evaluated", Number, 13}, {"owner", "Owner", Text, 20}, {"frequency", "Frequency", Text, 14},
		{"criteria", "Criteria", Text, 18},
	}}
	add := func(c *control.ControlResult) {
		page := b.ControlPage(c.Control.ID)
		t.Add(RecordAnchor(c.Control.ID), Mono(c.Control.ID).To(page), Str(c.Control.Title).To(page), Word(c.Status), Str(c.Operating),
			Int(c.Counts.Population), Int(c.Counts.Failed-c.Counts.Compensated), Int(c.Counts.Compensated), Str(string(b.Gravest(c))), Int(c.Counts.NotEvaluated), Str(c.Control.Owner), Str(c.Control.Frequency),
			Str(strings.Join(c.Control.Criteria, ", ")))
	}
	if ids == nil {
		for i := range b.Controls {
			add(&b.Controls[i])
		}
		return t
	}
	for _, id := range ids {
		if c := b.Control(id); c != nil {
			add(c)
		}
	}
	return t
}

// ChecksTable lists checks by name; nil is all.
func (b *Book) ChecksTable(id, title string, names []string) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"check", "Check", Code, 24}, {"says", "What must be true", Text, 48}, {"status", "Status", Status, 16}, {"severity", "Severity", Text, 10},
		{"population", "Items", Number, 11}, {"failed", "Fail", Number, 11}, {"compensated", "of these compensated", Number, 12},
		{"not_evaluated", "Not evaluated", Number, 13}, {"needs_record", "Needs a record", Number, 13}, {"passed", "Met", Number, 8}, {"not_applicable", "Not applicable", Number, 13},
	}}
	add := func(c *control.CheckResult) {
		n := c.Counts
		t.Add(RecordAnchor(c.Check.Name), Mono(c.Check.Name).To(b.CheckPage(c.Check.Name)), Str(c.Check.Says), Word(c.Status), Str(string(c.Check.Severity)),
			Int(n.Population), Int(n.Failed), Int(n.Compensated), Int(n.NotEvaluated), Int(n.NeedsRecord), Int(n.Passed), Int(n.NotApplicable))
	}
	if names == nil {
		for i := range b.Checks {
			add(&b.Checks[i])
		}
		return t
	}
	for _, name := range names {
		if c := b.Check(name); c != nil {
			add(c)
		}
	}
	return t
}

// RecordParts lists the records a control needs and has.
func (b *Book) RecordParts(c *control.ControlResult) *Table {
	t := &Table{ID: "record-parts", Title: "Records", Columns: []Column{
		{"kind", "Kind", Text, 24}, {"status", "Status", Status, 20}, {"cadence", "How often", Text, 18}, {"have", "In the period", Number, 12}, {"late", "Written down late", Number, 10}, {"reason", "Why", Text, 36}, {"ids", "Records", Text, 40},
	}}
	for _, r := range c.Records {
		t.Add("", Str(r.Kind).To(b.RecordPage(r.Kind)), Word(r.Status), Str(r.Cadence), Int(r.Have), Int(r.Late), Str(r.Reason), Str(strings.Join(r.IDs, ", ")).To(b.RecordPage(r.Kind)))
	}
	return t
}

// RunHref leads to a run on the page of runs.
func (b *Book) RunHref(name string) string {
	for i := range b.Runs {
		if b.Runs[i].Run.Name == name {
			return "runs.html#" + RecordAnchor(name)
		}
	}
	return ""
}

// Capital is words with a capital first letter.
func Capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// idOf makes an id of words: "processing integrity" is "processing-integrity".
func idOf(words string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(words) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return s
	}
	return "x-" + Hash(words)
}
