package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// administratorsFew: one finding for each account, on how many people hold
// AdministratorAccess in it. Of is iam/user; with reads groups (iam/group), roles
// (iam/role), sets (sso/permission-set), assignments (sso/assignment) and members
// (identitystore/group).
//
// Counted are IAM users, to whom the policy is attached or to a group of theirs,
// and people of Identity Center to whom a permission set that holds it is assigned,
// by name or by group. Somebody who has both ways in counts twice: no answer of
// AWS's says that they are one. Identity Center may belong to an account that was
// not asked; the roles it makes in this one show that it is there.
func administratorsFew(in joining) []Finding {
	most := in.Params.number("most", 5)
	var out []Finding
	for _, c := range in.Of.Cells {
		if left(c) || !c.State.Answered() {
			continue
		}
		f := Finding{Account: c.Account, Region: c.Region, Item: c.Account, Evidence: Pointer{Path: c.Path}, Verdict: Pass}
		people, unknown := administrators(c.Account, in)
		f.Value = map[string]any{"administrators": anys(people), "number": len(people)}
		switch {
		case int64(len(people)) > most:
			f.Verdict = Fail
		case unknown != "":
			f.Verdict, f.Reason = NotEvaluated, unknown
		}
		out = append(out, f)
	}
	return out
}

func administrators(account string, in joining) (people []string, unknown string) {
	said := map[string]any{} // by whom: a set, so that nobody counts twice
	var causes []string
	doubt := func(cause string) {
		if cause != "" {
			causes = append(causes, cause)
		}
	}
	powerful := map[string]bool{} // IAM groups
	doubt(in.With["groups"].refusedIn(account))
	for _, it := range of(account, in.With["groups"]) {
		details := fieldsOf(it.Answers["GetAccountAuthorizationDetails"])
		admin, known := holdsAdministrator(details["AttachedManagedPolicies"], "PolicyArn")
		name, _ := details["GroupName"].(string)
		powerful[name] = admin
		if !known || name == "" {
			doubt(notAnswered("what " + it.ID + " holds"))
		}
	}
	for _, it := range of(account, in.Of) {
		details := fieldsOf(it.Answers["GetAccountAuthorizationDetails"])
		admin, known := holdsAdministrator(details["AttachedManagedPolicies"], "PolicyArn")
		groups, err := stringList(details["GroupList"])
		if !known || err != nil || details["GroupList"] == nil {
			doubt(notAnswered("what " + it.ID + " holds"))
		}
		if admin || slices.ContainsFunc(groups, func(g any) bool { return powerful[fmt.Sprint(g)] }) {
			said["IAM user "+it.ID[strings.LastIndexByte(it.ID, '/')+1:]] = true
		}
	}
	assigned := identityAdministrators(account, in, said, doubt)
	doubt(in.With["roles"].refusedIn(account))
	for _, it := range of(account, in.With["roles"]) {
		details := fieldsOf(it.Answers["GetAccountAuthorizationDetails"])
		admin, _ := holdsAdministrator(details["AttachedManagedPolicies"], "PolicyArn")
		if admin && strings.Contains(it.ID, ":role/aws-reserved/sso.amazonaws.com/") && !assigned {
			doubt(notAnswered("to whom Identity Center gives " + it.ID))
		}
	}
	return sortedKeys(said), strings.Join(causes, "; ")
}

// identityAdministrators adds the people of Identity Center; assigned says that a
// permission set of administrators is known to be assigned in the account.
func identityAdministrators(account string, in joining, said map[string]any, doubt func(string)) (assigned bool) {
	for _, v := range []string{"sets", "assignments", "members"} {
		doubt(in.With[v].refused())
	}
	sets := map[string]bool{}
	for _, it := range in.With["sets"].Items {
		admin, known := holdsAdministrator(fieldsOf(it.Answers["ListManagedPoliciesInPermissionSet"])["AttachedManagedPolicies"], "Arn")
		sets[it.ID] = admin
		if !known {
			doubt(notAnswered("what " + it.ID + " holds"))
		}
	}
	for _, it := range in.With["assignments"].Items {
		a := fieldsOf(it.Answers["ListAccountAssignments"])
		set, principal := fmt.Sprint(a["PermissionSetArn"]), fmt.Sprint(a["PrincipalId"])
		if a["AccountId"] != account || !sets[set] {
			continue
		}
		assigned = true
		if a["PrincipalType"] != "GROUP" {
			said["Identity Center user "+principal] = true
			continue
		}
		members, known := membersOf(principal, in.With["members"])
		if !known {
			doubt(notAnswered("the members of group " + principal))
		}
		for _, m := range members {
			said["Identity Center user "+m] = true
		}
	}
	return assigned
}

// membersOf lists who is in a group of Identity Center.
func membersOf(group string, groups listing) (people []string, known bool) {
	for _, it := range groups.Items {
		if fieldsOf(it.Answers["ListGroups"])["GroupId"] != group {
			continue
		}
		list, ok := fieldsOf(it.Answers["ListGroupMemberships"])["GroupMemberships"].([]any)
		for _, m := range list {
			id, _ := fieldsOf(fieldsOf(m)["MemberId"])["UserId"].(string)
			people = append(people, cmp.Or(id, "unnamed"))
		}
		return people, ok
	}
	return nil, false
}

// of are the items of one account.
func of(account string, l listing) (out []Located) {
	for _, it := range l.Items {
		if it.Account == account {
			out = append(out, it)
		}
	}
	return out
}

// holdsAdministrator reports whether AWS's policy of administrators is among those
// attached; known is false where the list is not.
func holdsAdministrator(attached any, key string) (holds, known bool) {
	list, known := attached.([]any)
	for _, p := range list {
		arn, ok := fieldsOf(p)[key].(string)
		known = known && ok
		holds = holds || strings.HasSuffix(arn, ":iam::aws:policy/AdministratorAccess")
	}
	return holds, known
}
