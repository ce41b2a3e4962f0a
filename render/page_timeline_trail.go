package render

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/render/table"
)

// auditLogProof says, on the page that asks whether the audit log was ever off, when it
// was switched off and since when what records, and leads to whatever else shows it: the
// digests, GuardDuty, the change that did it, and records.
func (b *binder) auditLogProof() []table.Block {
	out := []table.Block{table.H2("gaps", "When it was switched off, and since when it records again")}
	gaps := &table.Table{ID: "log-gaps", Title: "Told by CloudTrail: a trail stopped or deleted", Empty: "No event that a run was told of stopped or deleted a trail. The event history holds 90 days, so this alone shows nothing.", Columns: []table.Column{
		{Key: "account", Name: "Account", Kind: table.Code, Width: 15}, {Key: "off", Name: "Switched off at", Kind: table.Time, Width: 20}, {Key: "event", Name: "Event", Width: 36},
		{Key: "on", Name: "What records there now", Width: 50}, {Key: "whole", Name: "In all regions again", Width: 40},
	}}
	for _, x := range b.Ledger.Bridges {
		if !strings.HasPrefix(x.Says, "DeleteTrail") && !strings.HasPrefix(x.Says, "StopLogging") {
			continue
		}
		now, whole := b.trailsNow(x.Account)
		gaps.Add("", table.Mono(x.Account), table.At(x.From), table.Str(x.Says), table.Str(now).To(b.SourcePage("cloudtrail/trail")), table.Str(whole).To(b.CheckPage("cloudtrail-multi-region-trail")))
	}
	out = append(out, table.Grid{Table: gaps})
	shown := &table.Table{ID: "log-shown", Title: "What else shows it", Empty: "Nothing else in this package speaks of it.", Columns: []table.Column{
		{Key: "kind", Name: "Kind", Width: 20}, {Key: "day", Name: "Day", Kind: table.Date, Width: 12}, {Key: "what", Name: "What", Width: 44}, {Key: "says", Name: "What it says", Width: 60},
	}}
	for _, name := range []string{"cloudtrail-digest-chain-whole", "cloudtrail-digests-delivered", "cloudtrail-logging-active"} {
		c := b.Check(name)
		if c == nil {
			continue
		}
		says := cmp.Or(c.Counts.Words(), "no item")
		for _, f := range c.Findings {
			if f.Verdict == control.NotEvaluated {
				says += "; " + f.Reason
				break
			}
		}
		shown.Add("", table.Str("Check"), table.Cell{}, table.Str(c.Check.Title).To(b.CheckPage(name)), table.Str(says))
	}
	found := slices.Clone(b.Items["guardduty/finding"])
	for _, s := range b.Gone["guardduty/finding"] {
		found = append(found, s.Located)
	}
	for _, it := range found {
		if !strings.Contains(leaf(it.Item, "GetFindings.Type"), "CloudTrailLoggingDisabled") {
			continue
		}
		archived := "still open at the newest run"
		if leaf(it.Item, "Service.Archived") == "true" {
			archived = "archived"
		}
		shown.Add("", table.Str("GuardDuty finding"), dayCell(leaf(it.Item, "GetFindings.CreatedAt")), table.Mono(leaf(it.Item, "GetFindings.Type")).To(b.ItemHref(table.Key{Account: it.Account, Region: it.Region, Source: it.Source}, it.ID)),
			table.Str(fmt.Sprintf("severity %s, account %s, %s; %s", leaf(it.Item, "GetFindings.Severity"), it.Account, it.Region, archived)))
	}
	for _, f := range b.Changes {
		for _, l := range f.Lines {
			if !aboutLogging.MatchString(l.Subject) {
				continue
			}
			says := strings.ToLower(string(table.VerdictStatus(control.Finding{Verdict: l.Worst()})))
			if wrong := b.WrongWith(l); len(wrong) > 0 {
				says += ": " + strings.Join(wrong, "; ")
			}
			approved := "nobody's that counts"
			if len(l.ApprovedBy) > 0 {
				approved = strings.Join(l.ApprovedBy, "; ")
			}
			shown.Add("", table.Str("Change of "+f.Repository), table.Day(l.Committed), table.Str(l.Subject).To(b.ItemHref(table.Key{Region: f.Repository, Source: "git/change"}, l.ID)),
				table.Str("approval: "+approved+"; "+says+". Whether one of those who approved is of the security team no check tests: see how the organisation approves changes to its logging"))
		}
	}
	for _, kind := range b.RecordKinds() {
		for _, it := range b.Records[kind] {
			if name := table.RecordName(it); aboutLogging.MatchString(name) && kind != "vendor" && kind != "walkthrough" {
				shown.Add("", table.Str(kindWords(kind)), dayCell(field(it, "date", "opened", "detected", "approved_on", "requested")), table.Str(name).To(b.RecordHref(kind, it.ID)), table.Str(field(it, "status", "result", "resolution", "outcome")))
			}
		}
	}
	return append(out, table.Grid{Table: limit(shown, 200)}, table.P("Changes and records stand here where their title speaks of a trail or of logging."))
}

// dayCell is the day of a text that gives one; the text itself where it does not.
func dayCell(s string) table.Cell {
	if len(s) >= len(time.DateOnly) {
		if t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)]); err == nil {
			return table.Day(t)
		}
	}
	return table.Str(s)
}

// aboutLogging is a title that speaks of the audit log.
var aboutLogging = regexp.MustCompile(`(?i)\b(cloudtrail|audit trail|audit log|the trail|trails?)\b`)

// trailsNow are the trails that record in an account by the newest run, and whether one
// of them does in all regions.
func (b *binder) trailsNow(account string) (now, whole string) {
	var list []string
	whole = "not by the newest run: no trail that records is of all regions"
	for _, it := range b.Items["cloudtrail/trail"] {
		if it.Account != account {
			continue
		}
		name := cmp.Or(leaf(it.Item, "DescribeTrails.Name"), it.ID)
		switch leaf(it.Item, "GetTrailStatus.IsLogging") {
		case "true":
			list = append(list, fmt.Sprintf("%s in %s, since %s by its own word", name, it.Region, cmp.Or(leaf(it.Item, "GetTrailStatus.StartLoggingTime"), "a time not answered")))
			if leaf(it.Item, "DescribeTrails.IsMultiRegionTrail") == "true" {
				whole = "yes, by " + name
			}
		case "false":
			list = append(list, fmt.Sprintf("%s in %s does not record", name, it.Region))
		default:
			list = append(list, fmt.Sprintf("%s in %s: not answered", name, it.Region))
		}
	}
	if len(list) == 0 {
		return "no trail is listed there", whole
	}
	return strings.Join(list, "\n"), whole
}
