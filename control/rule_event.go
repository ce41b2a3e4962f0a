package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A ruleEvent is what the audit log of a code host says was done to the rules over
// branches, or around them.
type ruleEvent struct {
	Located
	written
	at time.Time
	// effect is what it did: looser, stricter, around, refused; "" where the event does not
	// say.
	effect, what string
	on           string // what it was done to: a set of rules, a branch
}

// readRuleEvent reads an event as GitHub writes it; ok is false for what is about no rule.
// The fields of repository_ruleset.update are those of GitHub's list of audit log events.
func readRuleEvent(it Located) (e ruleEvent, ok bool) {
	e = ruleEvent{Located: it, written: fieldsOf(it.Answers["event"])}
	action := e.text("action")
	e.at = eventTime(e.written)
	category, verb, _ := strings.Cut(action, ".")
	e.on = category + " " + cmp.Or(itoa(e.number("ruleset_id", 0))+" "+e.text("ruleset_id"), e.text("name"))
	switch category {
	case "repository_ruleset":
		e.what = fmt.Sprintf("the set of rules %q: %s", e.text("ruleset_name"), verb)
		e.effect, e.what = e.ruleset(verb, e.what)
	case "protected_branch":
		e.on = category + " " + e.text("name") // the branch, or the pattern
		e.what = "the protection of the branch " + cmp.Or(e.text("name"), "(not named)") + ": " + strings.ReplaceAll(verb, "_", " ")
		e.effect = map[string]string{"create": "stricter", "destroy": "looser", "policy_override": "around", "rejected_ref_update": "refused"}[verb]
	case "repository_branch_protection_evaluation":
		e.on, e.what = category, "the protection of all branches: "+verb
		e.effect = map[string]string{"disable": "looser", "enable": "stricter"}[verb]
	default:
		return e, false
	}
	return e, true
}

// ruleset tells what was done to a set of rules.
func (e ruleEvent) ruleset(verb, what string) (effect, words string) {
	enforced := func(s string) bool { return s == "active" || s == "enabled" }
	was, is := e.text("ruleset_old_enforcement"), e.text("ruleset_enforcement")
	switch {
	case verb == "destroy":
		return "looser", what
	case verb == "create" && enforced(is):
		return "stricter", what
	case verb == "create":
		return "stricter", what + ", not in force"
	case was != "" && is != "" && enforced(was) && !enforced(is):
		return "looser", what + ", " + was + " became " + is
	case was != "" && is != "" && !enforced(was) && enforced(is):
		return "stricter", what + ", " + was + " became " + is
	}
	some := func(key string) bool {
		list, _ := e.written[key].([]any)
		return len(list) > 0 || e.text(key) != "" && e.text(key) != "[]"
	}
	for _, k := range [][2]string{{"ruleset_rules_deleted", "rules taken out"}, {"ruleset_bypass_actors_added", "more may go around them"}, {"ruleset_conditions_deleted", "where they stand was changed"}, {"ruleset_conditions_updated", "where they stand was changed"}} {
		if some(k[0]) {
			return "looser", what + ", " + k[1]
		}
	}
	switch {
	case some("ruleset_rules_updated") || some("ruleset_bypass_actors_updated"):
		return "", what + ", rules changed"
	case some("ruleset_rules_added") || some("ruleset_bypass_actors_deleted"):
		return "stricter", what + ", rules added or fewer who may go around them"
	case e.text("ruleset_old_name") != "" && e.text("ruleset_old_name") != e.text("ruleset_name"):
		return "stricter", what + ", renamed" // no rule changed
	}
	return "", what
}

// ruleChangesAnswered: one finding for each event of an audit log about rules over
// branches, on whether it made them stricter, or a record answers for it. Of is
// forge/audit-event over the period; with reads rules (forge/branch-rule), sets
// (forge/ruleset), and what changesReviewed reads as changes, pulls, approvals and emergencies.
func ruleChangesAnswered(in joining) []Finding {
	var events []ruleEvent
	seen := map[string]bool{}
	for _, l := range in.everyRun("") {
		for _, it := range l.Items {
			k := it.Region + " " + it.ID
			if e, ok := readRuleEvent(it); ok && !seen[k] {
				seen[k] = true
				events = append(events, e)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b ruleEvent) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.Region, b.Region), strings.Compare(a.ID, b.ID))
	})
	end := in.Period.End.AddDate(0, 0, 1)
	came := changesOf(joining{Of: in.With["changes"], With: in.With, Period: in.Period, AsOf: in.AsOf, At: in.At})
	notes := &changing{in: in}
	looks := looksAtRules(in)
	var out []Finding
	for i, e := range events {
		f := about(e.Located)
		value := map[string]any{"what": e.what, "by": cmp.Or(e.text("actor"), "not said"), "when": e.at.Format(time.RFC3339)}
		if e.effect == "" {
			e.effect, value["told_by"] = looks.effect(events, i)
		}
		switch {
		case e.at.IsZero():
			f.Verdict, f.Reason = NotEvaluated, notAnswered("when "+e.ID+" was")
		case e.at.Before(in.Period.Start) || !e.at.Before(end):
			f.Verdict, f.Reason = NotApplicable, "it was not in the period"
		case e.effect == "refused":
			f.Verdict, f.Reason = NotApplicable, "it was a push that the rules refused"
		case e.effect == "stricter":
			f.Verdict = Pass
		case e.effect == "":
			f.Verdict, f.Reason = NotEvaluated, notAnswered("what the rules were before, and whether "+e.what+" made them looser: the log does not say, and the runs around it do not tell")
		default:
			f.Verdict = Fail
			if e.effect == "looser" {
				e.meanwhile(value, events[i+1:], came)
			}
			one := change{Located: e.Located, how: written{"committed": e.at.Format(time.RFC3339)}, unread: map[string]string{"approvals": in.With["approvals"].refused(), "emergencies": in.With["emergencies"].refused()}}
			one.notes = notes.naming(e.text("_document_id"), e.ID)
			one.answered(&f, value)
		}
		if value["told_by"] == nil {
			delete(value, "told_by")
		}
		f.Value = value
		out = append(out, f)
	}
	return out
}

// meanwhile says until when the rules were looser, and what came to the branch by then.
func (e ruleEvent) meanwhile(value map[string]any, later []ruleEvent, came []change) {
	var until time.Time
	for _, other := range later {
		if other.Region == e.Region && other.on == e.on && other.effect == "stricter" {
			until = other.at
			value["until"] = fmt.Sprintf("%s, after %s, by %s", until.Format(time.RFC3339), until.Sub(e.at), cmp.Or(other.text("actor"), "not said"))
			break
		}
	}
	if until.IsZero() {
		value["until"] = "no event says that they came back"
		return
	}
	list := []any{}
	for _, c := range came { // a set of the organisation's stands over every repository
		if at := c.arrived(); (c.Region == e.Region || e.text("repo") == "") && !at.Before(e.at) && !at.After(until) {
			list = append(list, fmt.Sprintf("%.10s %s", c.sha(), c.commit.text("subject")))
		}
	}
	value["came_meanwhile"] = list
}

// A ruleLook is what a run was told of the rules over a repository's branch.
type ruleLook struct {
	at    time.Time
	run   string
	facts []BranchFact
}

// ruleLooks are those of all runs that asked, by repository, oldest first.
type ruleLooks map[string][]ruleLook

func looksAtRules(in joining) ruleLooks {
	out := ruleLooks{}
	for _, run := range append(slices.Clone(in.Past), in) {
		for _, it := range run.With["rules"].Items {
			at := run.At
			for _, c := range run.With["rules"].Cells {
				if c.Region == it.Region && !c.Ended.IsZero() {
					at = c.Ended
				}
			}
			if n := len(out[it.Region]); n > 0 && !at.After(out[it.Region][n-1].at) {
				continue // a run that did not ask
			}
			out[it.Region] = append(out[it.Region], ruleLook{at, run.Run, factsOf(it, run.With["sets"].Items)})
		}
	}
	return out
}

// effect tells what an event did from the run before it and the one after it, where it
// is the only one between the two.
func (all ruleLooks) effect(events []ruleEvent, i int) (effect string, toldBy any) {
	e := events[i]
	var before, after *ruleLook
	for n := range all[e.Region] {
		if l := &all[e.Region][n]; !l.at.After(e.at) {
			before = l
		} else if after == nil {
			after = l
		}
	}
	if before == nil || after == nil {
		return "", nil
	}
	for n, other := range events {
		if n != i && other.Region == e.Region && other.effect != "around" && other.effect != "refused" && other.at.After(before.at) && !other.at.After(after.at) {
			return "", nil
		}
	}
	var says []string
	effect = ""
	for n, f := range after.facts {
		was := before.facts[n]
		if was.Value == f.Value {
			continue
		}
		says = append(says, fmt.Sprintf("%s: %s, before %s", f.Name, f.Value, was.Value))
		switch {
		case !stricter(was, f):
			effect = "looser"
		case effect == "":
			effect = "stricter"
		}
	}
	if len(says) == 0 {
		return "", nil
	}
	return effect, anys(append([]string{"runs " + before.run + " and " + after.run}, says...))
}

// stricter reports whether a rule asks for more than it did.
func stricter(was, is BranchFact) bool {
	switch {
	case was.Value == "not known" || is.Value == "not known":
		return false
	case was.Value == "no" && is.Value == "yes":
		return true
	case is.Name == "Approvals required":
		return len(is.Value) > len(was.Value) || len(is.Value) == len(was.Value) && is.Value > was.Value
	case is.Name == "Checks required":
		return was.Value == "none" || len(strings.Split(is.Value, ", ")) > len(strings.Split(was.Value, ", ")) && !slices.ContainsFunc(strings.Split(was.Value, ", "), func(c string) bool { return !slices.Contains(strings.Split(is.Value, ", "), c) })
	}
	return false
}
