package control

import (
	"fmt"
	"slices"
	"strings"
)

// codeOwnersApproved: one finding for each change that touches a path which the
// CODEOWNERS file of its first parent gives an owner, on whether an owner of each such
// path approved it. It reads what changesReviewed reads, and members (forge/member).
func codeOwnersApproved(in joining) []Finding {
	t := teamsOf(in.With["members"])
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		v, known := field(c.Located, "owners")
		own := fieldsOf(v)
		rules, _ := own["rules"].([]any)
		switch {
		case !known:
			f.Verdict, f.Reason = NotEvaluated, notAnswered("owners of "+c.ID)
			return
		case v == nil:
			f.Verdict, f.Reason = NotApplicable, "the repository had no CODEOWNERS before it"
			return
		case len(rules) == 0:
			f.Verdict, f.Reason = NotApplicable, "no path it touches has an owner"
			return
		case c.pull == nil && c.unknown != "":
			f.Verdict, f.Reason = NotEvaluated, c.unknown
			return
		case c.pull == nil:
			f.Verdict, f.Reason = NotApplicable, "it came by no pull request, which is another check's matter"
			return
		}
		o := c.approvals()
		value["owners_by"] = written(own).text("file")
		o.show(value)
		if o.unknown != "" {
			f.Verdict, f.Reason = NotEvaluated, o.unknown
			return
		}
		var by, lacks, open []string
		for _, e := range rules {
			r := written(fieldsOf(e))
			owners, path := r.texts("owners"), strings.Join(r.texts("paths"), ", ")
			switch who, why := t.approves(c.Region, owners, o.count); {
			case who != "":
				by = append(by, fmt.Sprintf("%s for %s", who, r.text("pattern")))
			case why != "":
				open = append(open, fmt.Sprintf("%s: %s", r.text("pattern"), why))
			case len(o.open) > 0:
				open = append(open, fmt.Sprintf("%s: %s", r.text("pattern"), strings.Join(o.open, "; ")))
			default:
				lacks = append(lacks, fmt.Sprintf("%s of line %d, %s: %s", r.text("pattern"), r.number("line", 0), strings.Join(owners, " "), path))
			}
		}
		value["owners"] = anys(by)
		switch {
		case len(lacks) > 0:
			f.Verdict, value["no_owner_approved"] = Fail, anys(lacks)
		case len(open) > 0:
			f.Verdict, f.Reason = NotEvaluated, notAnswered(strings.Join(open, "; "))
		default:
			f.Verdict = Pass
		}
		if f.Verdict != Pass {
			c.answered(f, value)
		}
	})
}

// teams are who may reach a repository, and by which teams.
type teams struct {
	listing
	by map[string]map[string][]string // repository, then account: names of teams, in small letters
}

func teamsOf(members listing) teams {
	t := teams{members, map[string]map[string][]string{}}
	for _, it := range members.Items {
		e := written(fieldsOf(it.Answers["collaborator"]))
		login := loginOf(e["node"])
		if login == "" {
			continue
		}
		if t.by[it.Region] == nil {
			t.by[it.Region] = map[string][]string{}
		}
		names := []string{}
		sources, _ := e["permissionSources"].([]any)
		for _, s := range sources {
			if team := written(fieldsOf(fieldsOf(s)["source"])); team.text("__typename") == "Team" {
				names = append(names, strings.ToLower(team.text("slug")))
			}
		}
		t.by[it.Region][login] = names
	}
	return t
}

// approves finds an owner among those who approved. why says what is not known where
// none is found: the forge tells today's teams, and whoever left is in none.
func (t teams) approves(repository string, owners []string, count []opinion) (who, why string) {
	for _, o := range count {
		for _, owner := range owners {
			name, at := strings.CutPrefix(strings.ToLower(owner), "@")
			_, team, ofTeam := strings.Cut(name, "/")
			teams, listed := t.by[repository][o.login]
			switch {
			case !at:
				why = notAnswered("whose account " + owner + " is")
			case !ofTeam && name == o.login, ofTeam && slices.Contains(teams, team):
				return o.login + " (" + owner + ")", ""
			case ofTeam && t.of(repository).refused() != "":
				why = t.of(repository).refused()
			case ofTeam && !listed:
				why = notAnswered("whether " + o.login + ", who may not reach the repository any more, was of " + owner)
			}
		}
	}
	return "", why
}
