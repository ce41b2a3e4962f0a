package control

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// mfaEnforcedByPolicy: one finding for each account. Of is iam/credential; with
// reads users (iam/user), groups (iam/group), policies (iam/policy) and scps
// (organizations/policy).
//
// Without MFA nothing works when a service control policy that binds the account
// denies it, or when every user with a password carries such a denial, by itself
// or by a group. An account where nobody has a password passes: people come in
// through Identity Center.
func mfaEnforcedByPolicy(in joining) []Finding {
	var out []Finding
	for _, c := range in.Of.Cells {
		if left(c) || !c.State.Answered() {
			continue
		}
		f := Finding{Account: c.Account, Region: c.Region, Item: c.Account, Evidence: Pointer{Path: c.Path}}
		f.Verdict, f.Value, f.Reason = mfaIn(c.Account, in)
		out = append(out, f)
	}
	return out
}

func mfaIn(account string, in joining) (Verdict, any, string) {
	people, unknown := passwordUsers(account, in.Of)
	if len(people) == 0 && unknown == "" {
		return Pass, map[string]any{"users_with_password": []any{}}, ""
	}
	if scp, undecided := denyingSCP(account, in.With["scps"]); scp != "" {
		return Pass, map[string]any{"service_control_policy": scp}, ""
	} else if undecided != "" {
		unknown = strings.TrimPrefix(unknown+"; "+undecided, "; ")
	}
	docs := documentsOf(account, in)
	uncovered := []any{}
	for _, name := range people {
		switch covered, why := docs.covers(name); {
		case why != "":
			unknown = strings.TrimPrefix(unknown+"; "+why, "; ")
		case !covered:
			uncovered = append(uncovered, name)
		}
	}
	value := map[string]any{"users_with_password": anys(people), "without_a_denial": uncovered}
	switch {
	case unknown != "":
		return NotEvaluated, value, unknown
	case len(uncovered) > 0:
		return Fail, value, ""
	}
	return Pass, value, ""
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func passwordUsers(account string, rows listing) (names []string, unknown string) {
	for _, it := range rows.Items {
		if it.Account != account {
			continue
		}
		v, known := field(it, "GetCredentialReport")
		r := written(fieldsOf(v))
		switch {
		case r.text("user") == rootUser:
		case r.text("password_enabled") == "true":
			names = append(names, r.text("user"))
		case !known || r.text("password_enabled") != "false":
			unknown = notAnswered("GetCredentialReport of " + it.ID)
		}
	}
	return names, unknown
}

// rootUser is how the credential report calls the root of an account.
const rootUser = "<root_account>"

// denyingSCP names a service control policy that binds the account and denies what
// is asked without MFA. undecided says why there may be one that was not seen.
func denyingSCP(account string, scps listing) (name, undecided string) {
	undecided = scps.refused()
	for _, it := range scps.Items {
		if it.Account == account {
			continue // service control policies do not bind the management account, where they are listed
		}
		desc, known := field(it, "DescribePolicy", "Policy")
		targets, knownTargets := field(it, "ListTargetsForPolicy", "Targets")
		if !known || !knownTargets {
			undecided = notAnswered("DescribePolicy or ListTargetsForPolicy of " + it.ID)
			continue
		}
		p := written(fieldsOf(desc))
		summary := written(fieldsOf(p["PolicySummary"]))
		if t := summary.text("Type"); t != "" && t != "SERVICE_CONTROL_POLICY" {
			continue
		}
		denies, err := deniesWithoutMFA(p["Content"])
		if err != nil {
			undecided = fmt.Sprintf("%s: %v", it.ID, err)
			continue
		}
		if !denies {
			continue
		}
		list, _ := targets.([]any)
		for _, t := range list {
			switch t := written(fieldsOf(t)); {
			case t.text("Type") == "ROOT", t.text("TargetId") == account:
				return summary.text("Name"), ""
			case t.text("Type") == "ORGANIZATIONAL_UNIT":
				undecided = fmt.Sprintf("%s denies what is asked without MFA in the unit %s, and nothing collected says whether the account is in it", it.ID, t.text("TargetId"))
			}
		}
	}
	return "", undecided
}

// accountDocuments are the policies that bind the users of one account.
type accountDocuments struct {
	refused  string
	users    map[string]Located
	groups   map[string]Located
	policies map[string]Located // customer managed, by ARN
}

func documentsOf(account string, in joining) accountDocuments {
	d := accountDocuments{users: map[string]Located{}, groups: map[string]Located{}, policies: map[string]Located{}}
	for _, l := range []struct {
		v, key string
		into   map[string]Located
	}{{"users", "UserName", d.users}, {"groups", "GroupName", d.groups}, {"policies", "Arn", d.policies}} {
		if why := in.With[l.v].refusedIn(account); why != "" {
			d.refused = why
		}
		for _, it := range in.With[l.v].Items {
			if v, _ := field(it, authorizationDetails, l.key); it.Account == account {
				if s, ok := v.(string); ok {
					l.into[s] = it
				}
			}
		}
	}
	return d
}

// authorizationDetails is the question IAM's users, groups, roles and policies answer.
const authorizationDetails = "GetAccountAuthorizationDetails"

// covers reports whether a user carries a denial. why says what is not known.
func (d accountDocuments) covers(name string) (covered bool, why string) {
	if d.refused != "" {
		return false, d.refused
	}
	u, ok := d.users[name]
	v, known := field(u, authorizationDetails)
	if !ok || !known {
		return false, notAnswered("GetAccountAuthorizationDetails of IAM user " + name)
	}
	user := written(fieldsOf(v))
	holders := []written{user}
	for _, g := range user.texts("GroupList") {
		v, known := field(d.groups[g], authorizationDetails)
		if !known {
			return false, notAnswered("GetAccountAuthorizationDetails of IAM group " + g)
		}
		holders = append(holders, fieldsOf(v))
	}
	for _, h := range holders {
		covered, err := d.denied(h)
		if err != nil {
			return false, fmt.Sprintf("IAM user %s: %v", name, err)
		}
		if covered {
			return true, ""
		}
	}
	return false, ""
}

func (d accountDocuments) denied(h written) (bool, error) {
	var docs []any
	for _, k := range []string{"UserPolicyList", "GroupPolicyList"} {
		list, _ := h[k].([]any)
		for _, p := range list {
			docs = append(docs, fieldsOf(p)["PolicyDocument"])
		}
	}
	list, _ := h["AttachedManagedPolicies"].([]any)
	for _, p := range list {
		arn := written(fieldsOf(p)).text("PolicyArn")
		if strings.Contains(arn, ":iam::aws:") {
			continue // no policy AWS manages denies for want of MFA
		}
		v, known := field(d.policies[arn], authorizationDetails, "PolicyVersionList")
		versions, _ := v.([]any)
		if !known || len(versions) == 0 {
			return false, fmt.Errorf("not answered: the document of %s", arn)
		}
		for _, v := range versions {
			if m := written(fieldsOf(v)); m.bool("IsDefaultVersion") {
				docs = append(docs, m["Document"])
			}
		}
	}
	for _, doc := range docs {
		if denies, err := deniesWithoutMFA(doc); denies || err != nil {
			return denies, err
		}
	}
	return false, nil
}

// deniesWithoutMFA reports whether a policy document denies everything on all
// resources while aws:MultiFactorAuthPresent is false or missing. What a person
// needs to register a device, single actions of IAM and STS, may be left out of
// the denial. The error is for a denial that a further condition narrows.
func deniesWithoutMFA(doc any) (bool, error) {
	list, err := statements(doc)
	if err != nil {
		return false, err
	}
	for _, s := range list {
		s := s.(map[string]any)
		but, _ := s["NotAction"].([]any)
		everything := allActions(s) || len(but) > 0 && !slices.ContainsFunc(but, func(a any) bool { return !registersDevice(a) })
		if s["Effect"] != "Deny" || !everything || !anyMatches(s["Resource"], everyResource) {
			continue
		}
		denies, unclear := whileNoMFA(s["Condition"])
		if denies {
			return true, nil
		}
		if unclear != nil {
			err = unclear
		}
	}
	return false, err
}

// registersDevice reports whether an action may stay open to whoever has no second
// factor yet. Source: the IAM guide, "Allows MFA-authenticated IAM users to manage
// their own credentials".
func registersDevice(action any) bool {
	s, _ := action.(string)
	return deviceAction.MatchString(s)
}

var deviceAction = regexp.MustCompile(`(?i)^(iam:(get|list)([a-z]+[*]?|[*])|iam:changepassword|iam:[a-z]+mfadevice|sts:getsessiontoken|sts:getcalleridentity)$`)

// whileNoMFA reads a condition. BoolIfExists holds for a request without the key
// too, such as one by an access key; Bool lets it through.
func whileNoMFA(condition any) (bool, error) {
	found := false
	var narrower []string
	for op, keys := range fieldsOf(condition) {
		for k, v := range fieldsOf(keys) {
			if l, ok := v.([]any); ok && len(l) == 1 {
				v = l[0]
			}
			no := strings.EqualFold(fmt.Sprint(v), "false")
			switch {
			case strings.EqualFold(k, "aws:MultiFactorAuthPresent"):
				if !strings.EqualFold(op, "BoolIfExists") || !no {
					return false, nil
				}
				found = true
			case strings.EqualFold(k, "aws:ViaAWSService") && no && (strings.EqualFold(op, "BoolIfExists") || strings.EqualFold(op, "Bool")):
			default:
				narrower = append(narrower, op+" "+k)
			}
		}
	}
	if found && len(narrower) > 0 {
		slices.Sort(narrower)
		return false, fmt.Errorf("a denial without MFA is narrowed by %s, which is not weighed here", strings.Join(narrower, ", "))
	}
	return found, nil
}
