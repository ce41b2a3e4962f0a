package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A BranchRules is what the code host said at one run stood over a branch. Texts are
// "yes", "no", "not answered", or what they say.
type BranchRules struct {
	Run   string
	At    time.Time
	Facts []BranchFact
	// Changed are the facts that the run before saw otherwise; empty for the first.
	Changed []string
}

// A BranchFact is one rule in words.
type BranchFact struct{ Name, Value string }

// rulesOver are the rules of a production branch at each run of the period that asked,
// oldest first: what the branch protection and the sets of rules say together.
func (w *world) rulesOver(repository string) (out []BranchRules) {
	for _, b := range append(slices.Clone(w.before), w) {
		asked, at := false, b.runAt()
		for _, c := range b.cells["forge/branch-rule"] {
			if c.Region == repository && c.State.Answered() && b.askedHere(c) {
				asked = true
				if !c.Ended.IsZero() {
					at = c.Ended
				}
			}
		}
		if !asked {
			continue
		}
		for _, it := range b.items("forge/branch-rule") {
			if it.Region != repository {
				continue
			}
			one := BranchRules{Run: b.Run, At: at, Facts: factsOf(it, b.items("forge/ruleset"))}
			if n := len(out); n > 0 {
				for i, f := range one.Facts {
					if before := out[n-1].Facts[i]; before.Value != f.Value {
						one.Changed = append(one.Changed, fmt.Sprintf("%s: %s before", f.Name, before.Value))
					}
				}
			}
			out = append(out, one)
		}
	}
	return out
}

// factsOf reads both kinds of rules GitHub has; each makes a branch stricter.
func factsOf(it Located, sets []Located) []BranchFact {
	protection, toldProtection := field(it, "branchProtectionRule")
	rules, toldRules := field(it, "rules")
	p := written(fieldsOf(protection))
	byType := map[string]written{}
	list, _ := fieldsOf(rules)["nodes"].([]any)
	for _, n := range list {
		r := written(fieldsOf(n))
		byType[r.text("type")] = fieldsOf(r["parameters"])
	}
	known := toldProtection && toldRules
	either := func(a, b bool) string {
		switch {
		case a || b:
			return "yes"
		case known:
			return "no"
		}
		return "not answered"
	}
	has := func(kind string) bool { _, ok := byType[kind]; return ok }
	pr := byType["PULL_REQUEST"]
	approvals := pr.number("requiredApprovingReviewCount", 0)
	if p.bool("requiresApprovingReviews") {
		approvals = max(approvals, p.number("requiredApprovingReviewCount", 0))
	}
	count := fmt.Sprint(approvals)
	if approvals == 0 && !known {
		count = "not answered"
	}
	checks := p.texts("requiredStatusCheckContexts")
	required, _ := byType["REQUIRED_STATUS_CHECKS"]["requiredStatusChecks"].([]any)
	for _, c := range required {
		checks = append(checks, written(fieldsOf(c)).text("context"))
	}
	slices.Sort(checks)
	words := strings.Join(slices.Compact(checks), ", ")
	if words == "" {
		words = map[bool]string{true: "none", false: "not answered"}[known]
	}
	return []BranchFact{
		{"Approvals required", count},
		{"A new push takes approvals away", either(p.bool("dismissesStaleReviews"), pr.bool("dismissStaleReviewsOnPush"))},
		{"The last pusher's approval does not count", either(p.bool("requireLastPushApproval"), pr.bool("requireLastPushApproval"))},
		{"Owners of the code must approve", either(p.bool("requiresCodeOwnerReviews"), pr.bool("requireCodeOwnerReview"))},
		{"Checks required", words},
		{"Rewriting is blocked", either(len(p) > 0 && !p.bool("allowsForcePushes"), has("NON_FAST_FORWARD"))},
		{"Deletion is blocked", either(len(p) > 0 && !p.bool("allowsDeletions"), has("DELETION"))},
		{"May go around", bypassWords(aroundOf(p, it.Region, sets), toldProtection)},
	}
}

// bypassWords says who may, and that it may not be all of them.
func bypassWords(who []string, told bool) string {
	if !told {
		who = append(who, "not answered whom the branch protection lets")
	}
	if len(who) == 0 {
		return "nobody that is told"
	}
	return strings.Join(who, "; ")
}

// aroundOf names who may go around the rules, as far as they are told.
func aroundOf(p written, repository string, sets []Located) []string {
	var out []string
	if len(p) > 0 && !p.bool("isAdminEnforced") {
		out = append(out, "administrators, of the branch protection")
	}
	for _, k := range []string{"bypassPullRequestAllowances", "bypassForcePushAllowances"} {
		nodes, _ := fieldsOf(p[k])["nodes"].([]any)
		for _, n := range nodes {
			a := written(fieldsOf(fieldsOf(n)["actor"]))
			out = append(out, strings.ToLower(a.text("__typename"))+" "+a.text("login")+a.text("slug"))
		}
	}
	for _, it := range sets {
		s := written(fieldsOf(it.Answers["ruleset"]))
		nodes, _ := fieldsOf(s["bypassActors"])["nodes"].([]any)
		if it.Region != repository || s.text("enforcement") != "ACTIVE" {
			continue
		}
		for _, n := range nodes {
			b := written(fieldsOf(n))
			a := written(fieldsOf(b["actor"]))
			who := strings.TrimSpace(strings.ToLower(a.text("__typename")) + " " + a.text("slug"))
			switch {
			case b.bool("organizationAdmin"):
				who = "administrators of the organization"
			case b.text("repositoryRoleName") != "":
				who = "the role " + b.text("repositoryRoleName")
			case b.bool("deployKey"):
				who = "deploy keys"
			}
			out = append(out, fmt.Sprintf("%s, of %s (%s)", who, s.text("name"), strings.ToLower(b.text("bypassMode"))))
		}
	}
	return out
}
