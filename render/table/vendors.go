package table

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/control"
)

// NeverReviewed is what stands beside the name of a vendor nobody reviewed.
const NeverReviewed = "never reviewed"

// VendorsTable is the inventory of vendors: agreement, assurance and what of the
// audit period it covers, review. Those that were never reviewed say so beside
// their names and stand first, then those with uncovered days.
func (b *Book) VendorsTable() *Table {
	t := &Table{ID: "vendors", Title: "Vendors", Empty: "The repository holds no vendor.", Columns: []Column{
		{"vendor", "Vendor", Text, 24}, {"service", "Service", Text, 28}, {"criticality", "Criticality", Text, 10}, {"customer_data", "Customer data", Text, 22},
		{"agreement", "DPA or BAA", Text, 18}, {"uncovered", "Days not covered", Number, 10}, {"which", "Which days of the period", Text, 24}, {"reviewed", "Last reviewed", Date, 12}, {"report", "Report read", Text, 30}, {"from", "Report from", Date, 12}, {"to", "Report to", Date, 12},
		{"bridge", "Bridge letter to", Date, 12}, {"user_controls", "Our part mapped", Text, 12}, {"next_review", "Next review", Date, 12},
		{"subprocessors", "Subprocessors", Text, 22}, {"aws_accounts", "AWS accounts", Code, 16}, {"owner", "Owner", Text, 18}, {"status", "Status", Text, 14}, {"id", "Id", Code, 16},
	}}
	type row struct {
		rank  int
		cells []Cell
	}
	var rows []row
	for _, it := range b.Records["vendor"] {
		id := textAt(it, "record.id")
		if id == "" {
			id = it.ID
		}
		last := b.lastReview(id)
		name, rank := textAt(it, "record.name"), 2
		status := textAt(it, "record.status")
		var report, mapped string
		var reviewed, from, to, bridge Cell
		if last == nil {
			if status != "ended" {
				rank = 0
			}
			name += " (" + NeverReviewed + ")"
		} else {
			report, mapped = textAt(*last, "record.report"), textAt(*last, "record.user_controls_mapped")
			reviewed, from, to, bridge = Day(timeAt(*last, "record.date")), Day(timeAt(*last, "record.report_period_start")), Day(timeAt(*last, "record.report_period_end")), Day(timeAt(*last, "record.bridge_letter_until"))
		}
		days, which := b.notCovered(id)
		if days.Set && days.Int > 0 {
			rank = min(rank, 1)
		}
		data := "no"
		if textAt(it, "record.customer_data") == "yes" {
			if data = joinTexts(listAt(it, "record.data_types")); data == "" {
				data = "yes"
			}
		}
		if end := textAt(it, "record.ended"); end != "" {
			status += " " + end
		}
		rows = append(rows, row{rank, []Cell{Str(name).To(b.RecordHref("vendor", it.ID)), Str(textAt(it, "record.service")), Str(textAt(it, "record.criticality")), Str(data),
			Str(agreement(it)), days, Str(which), reviewed, Str(report), from, to, bridge, Str(mapped), Day(timeAt(it, "record.next_review")),
			Str(named(it, "record.subprocessors")), Mono(joinTexts(listAt(it, "record.aws_accounts"))), Str(textAt(it, "record.owner")), Str(status), Mono(id)}})
	}
	slices.SortStableFunc(rows, func(x, y row) int { return x.rank - y.rank })
	for _, r := range rows {
		t.Add("", r.cells...)
	}
	return t
}

// lastReview is the newest review of a vendor, of those that were held; nil for none.
func (b *Book) lastReview(vendor string) (last *control.Located) {
	for i, it := range b.Records["vendor-review"] {
		if textAt(it, "record.vendor") != vendor || timeAt(it, "record.date").After(b.AsOf) {
			continue
		}
		if last == nil || !timeAt(it, "record.date").Before(timeAt(*last, "record.date")) {
			last = &b.Records["vendor-review"][i]
		}
	}
	return last
}

// notCovered is what the check of reports against the period says of a vendor.
func (b *Book) notCovered(vendor string) (days Cell, which string) {
	c := b.Check("vendor-reports-cover-the-period")
	if c == nil {
		return
	}
	for _, f := range c.Findings {
		if value, ok := f.Value.(map[string]any); ok && f.Item == vendor && f.Verdict != control.NotApplicable {
			if n, ok := value["days_uncovered"]; ok {
				var d int
				fmt.Sscan(fmt.Sprint(n), &d) // 0 where it is no number, which it always is
				days = Int(d)
			}
			list, _ := value["uncovered"].([]any)
			which = joinTexts(list)
		}
	}
	return days, which
}

// agreement says which of the two agreements is signed.
func agreement(it control.Located) string {
	var out []string
	for _, a := range [][2]string{{"dpa", "DPA"}, {"baa", "BAA"}} {
		switch s := textAt(it, "record."+a[0]); s {
		case "":
		case "signed":
			out = append(out, strings.TrimSpace(a[1]+" signed "+textAt(it, "record."+a[0]+"_signed")))
		default:
			out = append(out, a[1]+" "+strings.ReplaceAll(s, "-", " "))
		}
	}
	return strings.Join(out, ", ")
}

func joinTexts(list []any) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}

// named is a list that may be stated to be empty.
func named(it control.Located, path string) string {
	list := listAt(it, path)
	if list != nil && len(list) == 0 {
		return "none, as stated"
	}
	return joinTexts(list)
}

// UserControlsTable is what providers' reports leave to their customers, with the
// control of ours that meets each.
func (b *Book) UserControlsTable() *Table {
	t := &Table{ID: "user-controls", Title: "Controls providers expect of us (CUECs)", Empty: "Nobody has compared what providers expect of us with our controls.", Columns: []Column{
		{"vendor", "Provider", Text, 18}, {"expects", "Expected of us", Text, 40}, {"response", "How we meet it", Text, 40}, {"control", "Our control", Code, 12}, {"stands", "Where it stands", Status, 16}, {"owner", "Owner", Text, 20}, {"report", "Report", Text, 30}, {"compared", "Compared on", Date, 12},
	}}
	for _, it := range b.Records["complementary-controls"] {
		for _, v := range listAt(it, "record.controls") {
			text := func(k string) string { s, _ := dig(v, k).(string); return s }
			ours, stands := Mono(text("control")).To(b.ControlPage(text("control"))), Cell{}
			switch c := b.Control(text("control")); {
			case text("control") == "":
				ours = Str("none named")
			case c == nil:
				ours = Str(text("control") + ": no control has this id")
			default:
				stands = Word(c.Status)
			}
			t.Add("", Str(textAt(it, "record.vendor")).To(b.RecordHref("complementary-controls", it.ID)), Str(text("expects")), Str(text("response")), ours, stands, Str(text("owner")), Str(textAt(it, "record.report")), Day(timeAt(it, "record.date")))
		}
	}
	return t
}

// OutsidersTable is everybody outside our accounts that a policy lets in, the
// unknown first.
func (b *Book) OutsidersTable() *Table {
	t := &Table{ID: "outsiders", Title: "Whom our policies let in from outside", Empty: "No policy that was looked at lets in an account that is not ours, and no identity provider but AWS's own is trusted.", Columns: []Column{
		{"status", "Status", Status, 14}, {"principal", "Account or provider", Code, 30}, {"vendor", "Vendor", Text, 24}, {"by", "Let in by", Text, 24}, {"resource", "Resource", Code, 44}, {"account", "Our account", Code, 15}, {"region", "Region", Code, 14},
	}}
	c := b.Check("external-principals-are-known-vendors")
	if c == nil {
		t.Empty = "The check that looks for them is not run."
		return t
	}
	for _, f := range c.Findings {
		value, _ := f.Value.(map[string]any)
		list, _ := value["outside"].([]any)
		link := b.FindingHref(f)
		if len(list) == 0 && f.Verdict == control.NotEvaluated {
			t.Add("", Word(VerdictStatus(f)).To(link), Cell{}, Str(f.Reason), Cell{}, b.itemCell(f), Mono(f.Account), Mono(f.Region))
		}
		for _, v := range list {
			text := func(k string) string { s, _ := dig(v, k).(string); return s }
			t.Add("", Word(VerdictStatus(f)).To(link), Mono(text("principal")), Str(text("vendor")), Str(text("by")), b.itemCell(f), Mono(f.Account), Mono(f.Region))
		}
	}
	return t
}

// SubserviceTable is what AWS Artifact offers: the reports of the subservice
// organisation itself, with what of the audit period each covers.
func (b *Book) SubserviceTable() *Table {
	t := &Table{ID: "subservice", Title: "Reports AWS offers about itself (AWS Artifact)", Empty: "No report was listed.", Columns: []Column{
		{"report", "Report", Text, 44}, {"series", "Series", Text, 12}, {"from", "From", Date, 12}, {"to", "To", Date, 12}, {"covers", "Days of the audit period it covers", Number, 14}, {"state", "State", Text, 12}, {"id", "Id", Code, 36},
	}}
	seen := map[string]bool{}
	p := b.Engagement.Period
	for _, it := range b.Items["artifact/report"] {
		if seen[it.ID] { // every account is offered the same
			continue
		}
		seen[it.ID] = true
		from, to := timeAt(it, "ListReports.periodStart"), timeAt(it, "ListReports.periodEnd")
		var covers Cell
		if !from.IsZero() && !to.IsZero() {
			covers = Int(overlap(from, to, p.Start, p.End))
		}
		t.Add("", Str(textAt(it, "ListReports.name")), Str(textAt(it, "ListReports.series")), Day(from), Day(to), covers, Str(strings.ToLower(textAt(it, "ListReports.state"))), b.itemCellOf(it))
	}
	slices.SortStableFunc(t.Rows, func(x, y Row) int { return y.Cells[3].At.Compare(x.Cells[3].At) })
	return t
}

// overlap counts the days of from..to that lie in start..end, all included.
func overlap(from, to, start, end time.Time) int {
	const day = 24 * time.Hour
	from, to = from.Truncate(day), to.Truncate(day)
	if from.Before(start) {
		from = start
	}
	if to.After(end) {
		to = end
	}
	return max(0, int(to.Sub(from)/day)+1)
}
