package control

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Pipeline says by which identities of AWS production is changed.
type Pipeline struct {
	// Accounts are those of production; empty for all.
	Accounts []string
	// Identities are ARNs of roles and users, in which * stands for anything; empty where
	// nobody said.
	Identities []string
}

// params are what a check reads of it, beside its own.
func (p Pipeline) params() map[string]any {
	return map[string]any{"accounts": anys(p.Accounts), "identities": anys(p.Identities)}
}

// productionChangedByPipeline: one finding for each management event that changed
// production, on whether an identity of the pipeline made it. Of is cloudtrail/event over
// the period; with reads approvals (record/change-approval) and emergencies
// (record/change-emergency). params.events are the names of the events that count as a change.
func productionChangedByPipeline(in joining) []Finding {
	events, accounts, identities := in.Params.texts("events"), in.Params.texts("accounts"), in.Params.texts("identities")
	if len(identities) == 0 {
		return []Finding{{Region: "global", Source: in.Of.Source, Item: "pipeline", Verdict: NotEvaluated,
			Reason: notAnswered("by which identities the pipeline changes production: exhibit.yaml names none (pipeline.identities)")}}
	}
	end := in.Period.End.AddDate(0, 0, 1)
	notes := &changing{in: in}
	seen := map[itemAt]bool{}
	var out []Finding
	for _, l := range in.everyRun("") {
		for _, it := range l.Items {
			row := written(fieldsOf(it.Answers["LookupEvents"]))
			key := itemAt{it.Account, it.Region, it.ID}
			if seen[key] || !slices.Contains(events, row.text("EventName")) || len(accounts) > 0 && !slices.Contains(accounts, it.Account) {
				continue
			}
			seen[key] = true
			f := about(it)
			e := doneTo{row, fieldsOf(row["CloudTrailEvent"]), row.time("EventTime")}
			value := e.value()
			f.Verdict, f.Reason = e.by(identities)
			switch {
			case e.at.IsZero():
				f.Verdict, f.Reason = NotEvaluated, notAnswered("when "+it.ID+" was")
			case e.at.Before(in.Period.Start) || !e.at.Before(end):
				f.Verdict, f.Reason = NotApplicable, "it was not in the period"
			case f.Verdict == Fail:
				one := change{Located: it, how: written{"committed": e.at.Format(time.RFC3339)}, unread: map[string]string{"approvals": in.With["approvals"].refused(), "emergencies": in.With["emergencies"].refused()}}
				one.notes = notes.naming(row.text("EventId"), it.ID)
				one.answered(&f, value)
			}
			f.Value = value
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), strings.Compare(a.Item, b.Item))
	})
	return out
}

// A doneTo is a management event: its row, and what of its own text is kept.
type doneTo struct {
	row, told written
	at        time.Time
}

// identity is whose it was: the role whose session it is, or the user.
func (e doneTo) identity() string {
	who := written(fieldsOf(e.told["userIdentity"]))
	issuer := written(fieldsOf(fieldsOf(who["sessionContext"])["sessionIssuer"]))
	if who.text("type") == "Root" {
		return cmp.Or(who.text("arn"), "root")
	}
	return cmp.Or(issuer.text("arn"), who.text("arn"))
}

// by judges whose an event was. What CloudFormation and other services did for somebody is
// judged where that somebody asked them to.
func (e doneTo) by(identities []string) (Verdict, string) {
	who := written(fieldsOf(e.told["userIdentity"]))
	arn := e.identity()
	switch {
	case len(e.told) == 0:
		return NotEvaluated, notAnswered("whose " + e.row.text("EventName") + " was, and whether it was refused: its text was withheld whole")
	case e.told.text("errorCode") != "":
		return NotApplicable, "it was refused: " + e.told.text("errorCode")
	case who.text("type") == "AWSService":
		return NotApplicable, "a service of AWS did it by itself: " + cmp.Or(who.text("invokedBy"), e.told.text("sourceIPAddress"), "not said which")
	case strings.HasSuffix(who.text("invokedBy"), ".amazonaws.com"):
		return NotApplicable, who.text("invokedBy") + " did it, for what was asked of it; that is an event of its own"
	case arn == "":
		return NotEvaluated, notAnswered("whose " + e.row.text("EventName") + " was")
	case slices.ContainsFunc(identities, func(p string) bool { return wild(p, arn, false) }):
		return Pass, ""
	}
	return Fail, ""
}

func (e doneTo) value() map[string]any {
	v := map[string]any{"event": e.row.text("EventName"), "by": cmp.Or(e.row.text("Username"), "not said"), "identity": cmp.Or(e.identity(), "not known")}
	if !e.at.IsZero() {
		v["when"] = e.at.Format(time.RFC3339)
	}
	resources, _ := e.row["Resources"].([]any)
	var on []string
	for _, r := range resources {
		if name := written(fieldsOf(r)).text("ResourceName"); name != "" {
			on = append(on, name)
		}
	}
	if len(on) > 0 {
		v["on"] = anys(on)
	}
	how := e.told.text("userAgent")
	if e.told.text("sessionCredentialFromConsole") == "true" || e.told.bool("sessionCredentialFromConsole") {
		how = "the console"
	}
	if how != "" {
		v["how"] = how
	}
	return v
}

// naming are the records that name something by one of its ids, or end in one.
func (c *changing) naming(ids ...string) (out []note) {
	for _, kind := range []string{"approvals", "emergencies"} {
		for _, it := range c.in.With[kind].Items {
			r := recordOf(it)
			if slices.ContainsFunc(append(r.texts("commits"), r.text("id")), func(s string) bool {
				return slices.ContainsFunc(ids, func(id string) bool { return id != "" && (s == id || strings.HasSuffix(s, " "+id)) })
			}) {
				out = append(out, note{r, kind})
			}
		}
	}
	return out
}
