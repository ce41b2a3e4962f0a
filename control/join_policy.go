package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// policyVersionsApproved: one finding for each version of a policy that was in force in
// the period, or was approved or committed in it, and for each text that was committed
// in it without a version. Of is git/document; with reads people (record/person).
func policyVersionsApproved(in joining) []Finding {
	var people []written
	for _, it := range in.With["people"].Items {
		people = append(people, recordOf(it))
	}
	var out []Finding
	for _, it := range in.Of.Items {
		d := written(fieldsOf(it.Answers["document"]))
		versions, _ := d["versions"].([]any)
		for i, e := range versions { // newest first
			v := written(fieldsOf(e))
			f := about(it)
			f.Item = it.ID + " " + v.text("version")
			value := map[string]any{"policy": d.text("title"), "version": v.text("version"), "committed": v.time("committed_at").Format(time.DateOnly), "author": v.text("author")}
			if v.text("version") == "" {
				if v.time("committed_at").IsZero() {
					f.Verdict, f.Reason = NotEvaluated, notAnswered("when a text without a version was committed to "+it.ID)
					out = append(out, f)
					continue
				}
				if !in.Period.holds(v.time("committed_at")) {
					continue
				}
				f.Item = it.ID + " of " + v.time("committed_at").Format(time.DateOnly)
				value["version"] = "none: the text changed, and its number did not"
				f.Verdict, f.Value = Fail, value
				out = append(out, f)
				continue
			}
			if !policyOfPeriod(in.Period, versions, i) {
				continue
			}
			value["approved_by"], value["approved_on"], value["effective"] = v.text("approved_by"), v.text("approved_on"), v.text("effective")
			problem, unknown := approvedVersion(v, people, in.With["people"].refused())
			switch {
			case problem != "":
				f.Verdict, value["problem"], f.Value = Fail, problem, value
			case unknown != "":
				f.Verdict, f.Reason = NotEvaluated, unknown
			default:
				f.Verdict, f.Value = Pass, value
			}
			out = append(out, f)
		}
	}
	return out
}

// holds reports whether a time lies in the period.
func (p Period) holds(t time.Time) bool {
	return !t.IsZero() && !t.Before(p.Start) && t.Before(p.End.AddDate(0, 0, 1))
}

// policyOfPeriod reports whether a version was in force in the period, or was approved
// or committed in it.
func policyOfPeriod(p Period, versions []any, i int) bool {
	v := written(fieldsOf(versions[i]))
	if p.holds(v.day("approved_on")) || p.holds(v.time("committed_at")) {
		return true
	}
	from := v.day("effective")
	if from.IsZero() || from.After(p.End) {
		return false
	}
	for j := i - 1; j >= 0; j-- { // the one after it
		next := written(fieldsOf(versions[j]))
		if n := next.day("effective"); next.text("version") != "" && !n.IsZero() {
			return n.After(p.Start)
		}
	}
	return true
}

// approvedVersion says what is wrong with the approval of a version, or what of it is
// not known.
func approvedVersion(v written, people []written, refused string) (problem, unknown string) {
	by, on, from := v.text("approved_by"), v.day("approved_on"), v.day("effective")
	switch {
	case by == "" || on.IsZero():
		return "nobody approved it", ""
	case from.IsZero():
		return "", notAnswered("from when on version " + v.text("version") + " is in force")
	case from.Before(on):
		return fmt.Sprintf("it took effect on %s, before it was approved", day(from)), ""
	case v.text("author") == "":
		return "", notAnswered("who committed version " + v.text("version"))
	case strings.EqualFold(by, v.text("author")):
		return by + " approved what " + v.text("author") + " committed", ""
	}
	approver, author := personCalled(people, by), personCalled(people, v.text("author"))
	if approver == nil {
		return "", cmp.Or(refused, notAnswered("who "+by+" is, that the people register does not have"))
	}
	first, last := approver.day("start"), approver.day("last_day")
	switch {
	case approver.refused("last_day"):
		return "", notAnswered("until when " + by + " was here")
	case author == nil: // who it was may go by another name in the register
		return "", cmp.Or(refused, notAnswered("who "+v.text("author")+" is, that committed version "+v.text("version")+" and that the people register does not have"))
	case author.text("id") == approver.text("id"):
		return by + " approved what " + v.text("author") + " committed, who is the same person", ""
	case !last.IsZero() && on.After(last):
		return fmt.Sprintf("%s approved it on %s, and had left on %s", by, day(on), day(last)), ""
	case first.IsZero():
		return "", notAnswered("since when " + by + " is here")
	case on.Before(first):
		return fmt.Sprintf("%s approved it on %s, and came only on %s", by, day(on), day(first)), ""
	}
	return "", ""
}

// personCalled finds a person by id, name or address; nil when there is none.
func personCalled(people []written, s string) written {
	for _, p := range people {
		if slices.ContainsFunc([]string{p.text("id"), p.text("name"), p.text("email")}, func(n string) bool { return n != "" && strings.EqualFold(strings.TrimSpace(s), n) }) {
			return p
		}
	}
	return nil
}

// policiesAcknowledged: one finding for each person who worked here in the period and
// each policy of params.policies. Of is record/person; with reads acknowledgements
// (record/policy-acknowledgement) and documents (git/document).
//
// Who came in the period acknowledged it at most params.days days after the first day;
// everybody else in the period, or in the 365 days before the last day of those who left.
func policiesAcknowledged(in joining) []Finding {
	days := int(in.Params.number("days", 30))
	until := in.AsOf
	var out []Finding
	for _, it := range in.Of.Items {
		p := recordOf(it)
		first, last := p.day("start"), p.day("last_day")
		for _, policy := range in.Params.texts("policies") {
			f := about(it)
			f.Item = it.ID + " " + policy
			value := map[string]any{"person": it.ID, "policy": policy, "start": p.text("start")}
			from, by := in.Period.Start, in.Period.End
			joined := in.Period.holds(first)
			if joined {
				from, by = first.AddDate(0, 0, -30), first.AddDate(0, 0, days)
				value["due"] = day(by)
			}
			if !last.IsZero() && last.Before(by) {
				by = last
				if !joined {
					from = last.AddDate(0, 0, -365)
				}
			}
			said, late, odd, unknown := acknowledged(in, it.ID, policy, from, by)
			switch {
			case first.IsZero() || p.refused("last_day"):
				f.Verdict, f.Reason = NotEvaluated, notAnswered("since when "+it.ID+" is here, and until when")
			case first.After(in.Period.End) || !last.IsZero() && last.Before(in.Period.Start):
				f.Verdict, f.Reason = NotApplicable, "did not work here in the period"
			case said != "":
				f.Verdict, value["acknowledged"], f.Value = Pass, said, value
			case unknown != "":
				f.Verdict, f.Reason = NotEvaluated, unknown
			case odd != "":
				f.Verdict, value["acknowledged"], f.Value = Fail, odd, value
			case late != "":
				f.Verdict, value["acknowledged"], f.Value = Fail, late, value
			case in.With["acknowledgements"].refused() != "":
				f.Verdict, f.Reason = NotEvaluated, in.With["acknowledgements"].refused()
			case joined && !last.IsZero() && last.Before(first.AddDate(0, 0, days)):
				f.Verdict, f.Reason = NotApplicable, "left before the time for it was over"
			case until.Before(by.AddDate(0, 0, 1)):
				f.Verdict, f.Reason = NotApplicable, "the time for it is not over"
			default:
				f.Verdict, f.Value, f.Reason = NeedsRecord, value, fmt.Sprintf("no acknowledgement of %s by %s from %s to %s", policy, it.ID, day(from), day(by))
			}
			out = append(out, f)
		}
	}
	return out
}

// acknowledged finds a person's acknowledgement of a policy between two days: one of a
// version that was in force, or was to be. late is one that came after, odd one of a
// version that was not in force.
func acknowledged(in joining, person, policy string, from, by time.Time) (said, late, odd, unknown string) {
	for _, it := range in.With["acknowledgements"].Items {
		a := recordOf(it)
		on := a.day("acknowledged")
		if a.text("person") != person || a.text("policy") != policy {
			continue
		}
		if on.IsZero() {
			unknown = notAnswered("when " + person + " acknowledged " + policy)
			continue
		}
		if on.Before(from) || on.After(in.AsOf) {
			continue
		}
		words := fmt.Sprintf("version %s on %s", a.text("version"), day(on))
		why, open := notInForce(in.With["documents"], policy, a.text("version"), on)
		switch {
		case open != "":
			unknown = open
		case on.After(by):
			late = words + ", late"
		case why != "":
			odd = words + ": " + why
		default:
			return words, "", "", ""
		}
	}
	return "", late, odd, unknown
}

// notInForce says why a version cannot have been read for the one in force on a day:
// there is none of the number, a newer one was in force, or it was not there yet. One
// that was approved and is to take effect later may be read before. unknown says what
// of it is not known.
func notInForce(documents listing, policy, version string, on time.Time) (why, unknown string) {
	for _, it := range documents.Items {
		if it.ID != policy {
			continue
		}
		versions, _ := fieldsOf(it.Answers["document"])["versions"].([]any)
		for _, e := range versions { // newest first
			v := written(fieldsOf(e))
			from, approved := v.day("effective"), v.day("approved_on")
			switch {
			case v.text("version") == version && approved.IsZero():
				return "", cmp.Or(unknown, notAnswered("when version "+version+" of "+policy+" was approved"))
			case v.text("version") == version && approved.After(on):
				return "it was approved only on " + day(approved), unknown
			case v.text("version") == version:
				return why, unknown
			case v.text("version") == "" && v.time("committed_at").After(on.AddDate(0, 0, 1)):
			case v.text("version") == "" || from.IsZero():
				unknown = cmp.Or(unknown, notAnswered("whether a newer version of "+policy+" than "+version+" was in force"))
			case why == "" && !from.After(on):
				why = "version " + v.text("version") + " was in force"
			}
		}
		return "there is no such version", unknown
	}
	return "there is no such policy", cmp.Or(unknown, documents.refused())
}
