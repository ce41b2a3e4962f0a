package control

import (
	"fmt"
	"strings"

	"exhibit/evidence"
)

// populations are the lists an auditor asks for, each whole or saying what it lacks.
func populations(w *world) []Population {
	p := w.period
	joined := func(it Located) bool { return p.within(recordOf(it).day("start")) }
	left := func(it Located) bool { return p.within(recordOf(it).day("last_day")) }
	dated := func(key string) func(Located) bool {
		return func(it Located) bool { return p.within(recordOf(it).day(key)) }
	}
	out := []Population{
		w.population("aws-accounts", "AWS accounts", "organizations/account", nil, ""),
		w.population("iam-users", "IAM users", "iam/credential", nil, "one row for each user of the credential report, root included"),
		w.population("iam-roles", "IAM roles", "iam/role", nil, ""),
		w.population("iam-policies", "IAM policies", "iam/policy", nil, "the account's own policies, and those of AWS that are attached"),
		w.population("identity-center-users", "Identity Center users", "identitystore/user", nil, ""),
		w.population("identity-center-assignments", "Identity Center assignments", "sso/assignment", nil, "who may enter which account with which permission set"),
		w.population("people", "People", "record/person", nil, ""),
		w.population("joiners", "People who joined in the period", "record/person", joined, "those of the people register whose first day lies in "+p.String()),
		w.population("leavers", "People who left in the period", "record/person", left, "those of the people register whose last day lies in "+p.String()),
		w.population("vendors", "Vendors", "record/vendor", nil, ""),
		w.population("incidents", "Incidents in the period", "record/incident", dated("detected"), "those detected in "+p.String()),
		w.population("access-reviews", "Access reviews", "record/access-review", nil, ""),
		w.population("policies", "Policies", documentSource, nil, "every policy document of the repository with an id"),
		w.population("guardduty-high-findings", "GuardDuty findings of high severity", "guardduty/finding", highFinding, "severity 7 and above, as any run of the period saw them: GuardDuty keeps findings for 90 days"),
	}
	return append(out, w.changes()...)
}

// highFinding keeps a finding whose severity is not known: it may be high.
func highFinding(it Located) bool {
	v, known := field(it, "GetFindings", "Severity")
	n, ok := number(v)
	return !known || !ok || n >= 7
}

// population lists the items of a source that match; nil matches all. note says
// what the list holds, where its title does not.
func (w *world) population(id, title, source string, match func(Located) bool, note string) Population {
	p := Population{ID: id, Title: title, Source: source, Cells: w.planned(source)}
	items := w.items(source)
	if source == "guardduty/finding" {
		items = w.overPeriod(source)
	}
	for _, it := range items {
		if match == nil || match(it) {
			p.Items = append(p.Items, it)
		}
	}
	if gone, _ := w.listedBefore(source); len(gone) > 0 && match == nil && len(items) > 0 {
		var ids []string
		for _, it := range gone {
			ids = append(ids, recordOf(it).text("id"))
		}
		note = strings.TrimPrefix(note+"; earlier runs of the period also saw "+strings.Join(ids, ", "), "; ")
	}
	p.complete(note)
	return p
}

// changes is one population for each repository and branch.
func (w *world) changes() []Population {
	var out []Population
	for _, c := range w.planned("git/change") {
		byBranch := map[string][]Located{}
		for _, it := range w.in(c) {
			change := written(fieldsOf(it.Answers["change"]))
			if in, said := change["in_period"].(bool); said && !in {
				continue
			}
			byBranch[change.text("branch")] = append(byBranch[change.text("branch")], it)
		}
		if len(byBranch) == 0 {
			byBranch[""] = nil
		}
		for _, branch := range sortedKeys(byBranch) {
			p := Population{
				ID: strings.TrimSuffix("changes-"+slug(c.Region)+"-"+slug(branch), "-"), Title: strings.TrimSpace("Changes to " + c.Region + " " + branch),
				Source: c.Source, Cells: []evidence.Cell{c}, Items: byBranch[branch],
			}
			p.complete("first-parent commits of the branch in " + w.period.String())
			out = append(out, p)
		}
	}
	return out
}

func slug(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
}

// complete says in words how far the list may be relied upon.
func (p *Population) complete(note string) {
	var missing, out []string
	asked, absent := 0, map[evidence.State]int{}
	for _, c := range p.Cells {
		where := place{c.Account, c.Region}.String()
		switch {
		case !c.State.Answered():
			missing = append(missing, where+" ("+string(c.State)+")")
		case c.State == evidence.OutOfScope:
			out = append(out, where+" ("+c.Reason+")")
		case left(c):
			absent[c.State]++
		default:
			asked++
		}
	}
	p.Whole = len(missing) == 0 && asked > 0
	say := []string{plural(len(p.Items), "item")}
	if note != "" {
		say = append(say, note)
	}
	switch {
	case len(p.Cells) == 0:
		say = append(say, "NOT COLLECTED: "+p.Source+" was never asked")
	case len(missing) == 0 && asked == 0:
		say = append(say, "NOT ASKED anywhere")
	case len(missing) > 0:
		say = append(say, fmt.Sprintf("NOT COMPLETE: %d of %s did not answer: %s", len(missing), plural(asked+len(missing), "place"), strings.Join(missing, ", ")))
	case alwaysRead(p.Source):
		say = append(say, "read from the repository as a whole; that everything was written down is the owner's statement")
	default:
		say = append(say, "complete: "+plural(asked, "place")+" asked, each answered to the last page")
	}
	if len(out) > 0 {
		say = append(say, "out of scope: "+strings.Join(out, ", "))
	}
	for _, a := range []struct {
		state evidence.State
		words string
	}{{evidence.RegionNotEnabled, "not enabled"}, {evidence.ServiceNotInRegion, "without the service"}, {evidence.AccountSuspended, "of suspended accounts"}} {
		if n := absent[a.state]; n > 0 {
			say = append(say, plural(n, "region")+" "+a.words)
		}
	}
	p.Says = strings.Join(say, "; ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
