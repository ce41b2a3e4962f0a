package control

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/review"
)

// A cloud of one account at one run: what each listing answered, and what was refused.
type cloudAt struct {
	day     string
	items   map[string][]evidence.Item
	refused []string // sources
}

func (c cloudAt) evidence() Evidence {
	at, err := time.Parse(time.RFC3339, c.day+"T06:00:00Z")
	if err != nil {
		panic(err)
	}
	e := Evidence{Run: "run-" + c.day, Commit: "commit-" + c.day, At: at, Began: at.Add(-time.Minute), Items: map[string][]Located{}}
	for _, source := range []string{"iam/credential", "iam/access-key", "iam/user", "iam/group", "iam/role", "iam/policy", "sso/assignment", "sso/permission-set", "identitystore/user", "identitystore/group"} {
		region := "global"
		if !strings.HasPrefix(source, "iam/") {
			region = "us-east-1"
		}
		path := "evidence/aws/111122223333/" + region + "/" + strings.ReplaceAll(source, "/", "-") + ".jsonl"
		cell := evidence.Cell{Account: "111122223333", Region: region, Source: source, State: evidence.Empty, Started: at, Ended: at}
		for _, r := range c.refused {
			if r == source {
				cell.State, cell.Reason = evidence.DeniedIdentity, "AccessDenied"
			}
		}
		for i, it := range c.items[source] {
			if cell.State == evidence.Empty {
				cell.State = evidence.Collected
			}
			e.Items[source] = append(e.Items[source], Located{Item: it, Account: "111122223333", Region: region, Source: source, Pointer: Pointer{Path: path, Line: i + 1}})
		}
		if cell.State == evidence.DeniedIdentity {
			e.Items[source] = nil
		}
		e.Cells = append(e.Cells, cell)
	}
	for _, p := range []map[string]any{
		{"id": "ada", "name": "Ada Example", "email": "ada@example.com", "manager": "bo", "iam_users": []any{"111122223333/ada"}, "identity_center": "ada.example"},
		{"id": "bo", "name": "Bo Example", "email": "bo@example.com"},
		{"id": "dee", "name": "Dee Example", "email": "dee@example.com", "manager": "bo", "last_day": "2026-05-29", "iam_users": []any{"dee", "ops"}},
		{"id": "eve", "name": "Eve Example", "email": "eve@example.com", "manager": "bo", "iam_users": []any{"ops"}},
	} {
		e.Items["record/person"] = append(e.Items["record/person"], Located{Item: evidence.Item{ID: p["id"].(string), Answers: map[string]any{"record": p}}, Source: "record/person", Pointer: Pointer{Path: "registers/people.yaml", Line: 1}})
	}
	return e
}

func credential(user, password, mfa, used string) evidence.Item {
	arn := "arn:aws:iam::111122223333:user/" + user
	return evidence.Item{ID: arn, Answers: map[string]any{"GetCredentialReport": map[string]any{"user": user, "arn": arn, "password_enabled": password, "mfa_active": mfa, "password_last_used": used,
		"user_creation_time": "2025-01-01T00:00:00+00:00", "cert_1_active": "false", "cert_2_active": "false", "access_key_1_active": "false", "access_key_2_active": "false"}}}
}

func iamUser(name, policy string, groups ...any) evidence.Item {
	arn := "arn:aws:iam::111122223333:user/" + name
	attached := []any{}
	if policy != "" {
		attached = append(attached, map[string]any{"PolicyArn": "arn:aws:iam::aws:policy/" + policy, "PolicyName": policy})
	}
	return evidence.Item{ID: arn, Answers: map[string]any{"GetAccountAuthorizationDetails": map[string]any{"Arn": arn, "UserName": name, "GroupList": groups, "AttachedManagedPolicies": attached, "UserPolicyList": []any{}}}}
}

func accessKey(id, user, status string) evidence.Item {
	return evidence.Item{ID: id, Answers: map[string]any{"ListAccessKeys": map[string]any{"AccessKeyId": id, "UserName": user, "Status": status, "CreateDate": "2026-01-01T00:00:00Z"},
		"GetAccessKeyLastUsed": map[string]any{"AccessKeyLastUsed": map[string]any{"LastUsedDate": "2026-06-30T00:00:00Z"}}}}
}

func trusting(name string, principal map[string]any) evidence.Item {
	arn := "arn:aws:iam::111122223333:role/" + name
	return evidence.Item{ID: arn, Answers: map[string]any{"GetAccountAuthorizationDetails": map[string]any{"Arn": arn, "RoleName": name, "Path": "/", "AttachedManagedPolicies": []any{}, "RolePolicyList": []any{},
		"AssumeRolePolicyDocument": map[string]any{"Statement": []any{map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}}}}}}
}

func assignment(kind, principal string) evidence.Item {
	return evidence.Item{ID: "a/" + kind + "/" + principal, Answers: map[string]any{"ListAccountAssignments": map[string]any{"AccountId": "444455556666", "PermissionSetArn": "arn:aws:sso:::permissionSet/i/ps-1", "PrincipalId": principal, "PrincipalType": kind}}}
}

func cloudOf(day string) cloudAt {
	members := map[string]any{"GroupMemberships": []any{map[string]any{"MemberId": map[string]any{"UserId": "u-ada"}}, map[string]any{"MemberId": map[string]any{"UserId": "u-x"}}}}
	return cloudAt{day: day, items: map[string][]evidence.Item{
		"iam/credential": {credential("<root_account>", "not_supported", "true", "N/A"), credential("ada", "true", "false", "2026-06-30T00:00:00+00:00"), credential("dee", "true", "true", "2026-01-01T00:00:00+00:00"),
			credential("ops", "true", "true", "no_information"), credential("idle", "false", "false", "N/A")},
		"iam/user":       {iamUser("ada", "AdministratorAccess"), iamUser("dee", "ReadOnlyAccess"), iamUser("ops", ""), iamUser("idle", "")},
		"iam/access-key": {accessKey("AKIA1", "ada", "Active"), accessKey("AKIA2", "ada", "Inactive")},
		"iam/role": {trusting("service", map[string]any{"Service": "ec2.amazonaws.com"}), trusting("federated", map[string]any{"Federated": "arn:aws:iam::111122223333:saml-provider/okta"}),
			trusting("audit", map[string]any{"AWS": []any{"arn:aws:iam::999988887777:root", "arn:aws:iam::111122223333:user/ada"}})},
		"sso/assignment":      {assignment("GROUP", "g-1"), assignment("USER", "u-ada")},
		"sso/permission-set":  {{ID: "arn:aws:sso:::permissionSet/i/ps-1", Answers: map[string]any{"DescribePermissionSet": map[string]any{"PermissionSet": map[string]any{"Name": "Operator"}}, "ListManagedPoliciesInPermissionSet": map[string]any{"AttachedManagedPolicies": []any{map[string]any{"Arn": "arn:aws:iam::aws:policy/PowerUserAccess", "Name": "PowerUserAccess"}}}, "GetInlinePolicyForPermissionSet": map[string]any{"InlinePolicy": ""}}}},
		"identitystore/user":  {{ID: "d/u-ada", Answers: map[string]any{"ListUsers": map[string]any{"UserId": "u-ada", "UserName": "ada.example"}}}, {ID: "d/u-x", Answers: map[string]any{"ListUsers": map[string]any{"UserId": "u-x", "UserName": "x"}}}},
		"identitystore/group": {{ID: "d/g-1", Answers: map[string]any{"ListGroups": map[string]any{"GroupId": "g-1", "DisplayName": "ops"}, "ListGroupMemberships": members}}},
	}}
}

func day0(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// Members of the code host are entitlements where they were asked for, and proved like others.
func TestMembers(t *testing.T) {
	at := func(day string, logins ...string) Evidence {
		e := cloudOf(day).evidence()
		cell := evidence.Cell{Region: "shop", Source: "forge/member", State: evidence.Collected, Started: e.At, Ended: e.At}
		for i, l := range logins {
			e.Items["forge/member"] = append(e.Items["forge/member"], Located{Region: "shop", Source: "forge/member", Pointer: Pointer{Path: "evidence/git/shop/members.jsonl", Line: i + 1},
				Item: evidence.Item{ID: "example/shop/" + l, Answers: map[string]any{"collaborator": map[string]any{"permission": "ADMIN", "node": map[string]any{"login": l},
					"permissionSources": []any{map[string]any{"permission": "ADMIN", "source": map[string]any{"__typename": "Team", "slug": "ops"}}}}}}})
		}
		e.Cells = append(e.Cells, cell)
		e.Items["record/identity"] = []Located{{Source: "record/identity", Item: evidence.Item{ID: "i", Answers: map[string]any{"record": map[string]any{"system": "code-host", "principal": "ada-x", "kind": "personal", "person": "ada"}}}}}
		return e
	}
	f := Entitlements(at("2026-07-01", "ada-x", "stranger"), theYear(), 90, day0("2026-07-10"))
	var got []string
	r := &review.Review{Opening: review.NewOpening(), Population: f.Entitlements}
	r.Run, r.Seen = f.Run, f.At
	for _, e := range f.Entitlements {
		if e.Kind == review.CodeHost {
			got = append(got, fmt.Sprintf("%s %s %s %s [%s]", or(e.Person, "-"), e.Name, e.Opens, strings.Join(e.Grants, ","), e.FlagWords()))
			r.Decisions = append(r.Decisions, review.Decision{Row: e.Row, Decision: review.Revoke, Reviewer: "bo", Received: day0("2026-07-20")})
		}
	}
	want := "ada ada-x repository example/shop ADMIN (team ops) [privileged: admin of example/shop]; - stranger repository example/shop ADMIN (team ops) [privileged: admin of example/shop; belongs to nobody in the registers]"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("members are %s", s)
	}
	w := newWorld(at("2026-10-01", "stranger"), theYear())
	proofs := w.proofs(r)
	if p := proofs[r.Decisions[0].Row]; p.Outcome != ProofGone {
		t.Errorf("a member who is gone is %s: %s", p.Outcome, p.Says)
	}
	if p := proofs[r.Decisions[1].Row]; p.Outcome != ProofPresent {
		t.Errorf("a member who is there is %s: %s", p.Outcome, p.Says)
	}
}

func theYear() Period { return Period{day0("2026-01-01"), day0("2026-12-31")} }

func TestEntitlements(t *testing.T) {
	f := Entitlements(cloudOf("2026-07-01").evidence(), theYear(), 90, day0("2026-07-10"))
	var got []string
	for _, e := range f.Entitlements {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s", or(e.Person, "-"), e.Kind, e.Name, or(e.Via, "direct"), e.FlagWords()))
	}
	want := []string{
		"ada|access-key|ada|direct|privileged: AdministratorAccess",
		"ada|console-password|ada|direct|privileged: AdministratorAccess; no MFA",
		"ada|role-trust|user ada of account 111122223333|direct|",
		"ada|identity-center|ada.example|direct|privileged: PowerUserAccess",
		"ada|identity-center|ada.example|group ops|privileged: PowerUserAccess",
		"dee|console-password|dee|direct|not used for 181 days; left on 2026-05-29",
		"-|console-password|ops|direct|never used in 546 days; shared by dee, eve",
		"-|iam-user|idle|direct|belongs to nobody in the registers",
		"-|role-trust|saml provider okta|direct|",
		"-|role-trust|whoever the policies of account 999988887777 allow|direct|",
		"-|identity-center|x|group ops|privileged: PowerUserAccess; belongs to nobody in the registers",
	}
	seen := map[string]bool{}
	for _, g := range got {
		seen[g] = true
	}
	for _, w := range want {
		if !seen[w] {
			t.Errorf("there is no %s", w)
		}
	}
	if len(got) != len(want) || t.Failed() {
		t.Errorf("frozen:\n%s", strings.Join(got, "\n"))
	}
	left := strings.Join(f.LeftOut, "\n")
	for _, w := range []string{"roles that services alone may assume: 1", "access keys that are not active: 1", "root users of accounts"} {
		if !strings.Contains(left, w) {
			t.Errorf("left out is %q, without %q", left, w)
		}
	}
	if len(f.NotEvaluated) != 0 {
		t.Errorf("not evaluated: %+v", f.NotEvaluated)
	}

	// What was refused is named, and what it would have held is not there.
	c := cloudOf("2026-07-01")
	c.refused = []string{"iam/role", "identitystore/group"}
	f = Entitlements(c.evidence(), theYear(), 90, day0("2026-07-10"))
	said := fmt.Sprint(f.NotEvaluated)
	if !strings.Contains(said, "iam/role 111122223333 global denied_identity") || !strings.Contains(said, "identitystore/group") || !strings.Contains(said, "ListGroupMemberships of g-1") {
		t.Errorf("not evaluated: %s", said)
	}
	if f := Entitlements(Evidence{}, theYear(), 90, day0("2026-07-10")); len(f.NotEvaluated) != len(entitlementSources) {
		t.Errorf("of no evidence at all %d listings are missing", len(f.NotEvaluated))
	}
}

// frozenReview is a review of the run of 1 July in which rows by "name|opens|via"
// got a decision on 20 July.
func frozenReview(decisions map[string]string) *review.Review {
	e := cloudOf("2026-07-01").evidence()
	f := Entitlements(e, theYear(), 90, day0("2026-07-10"))
	r := &review.Review{Opening: review.NewOpening(), Population: f.Entitlements, Sums: map[string]string{}}
	r.ID, r.Quarter, r.Run, r.Seen, r.Opened = "2026-Q3", "2026-Q3", e.Run, e.At, day0("2026-07-10")
	for _, x := range f.Entitlements {
		for name, d := range decisions {
			if name == x.Name+"|"+x.Kind+"|"+or(x.Via, "direct") {
				r.Decisions = append(r.Decisions, review.Decision{Row: x.Row, Decision: d, Reviewer: "bo", Received: day0("2026-07-20")})
			}
		}
	}
	return r
}

// proofOf is what later runs prove of the one decision.
func proofOf(t *testing.T, decided, decision string, later ...cloudAt) Proof {
	t.Helper()
	r := frozenReview(map[string]string{decided: decision})
	if len(r.Decisions) != 1 {
		t.Fatalf("no row is %q", decided)
	}
	var worlds []*world
	for _, c := range append([]cloudAt{cloudOf("2026-07-01")}, later...) {
		w := newWorld(c.evidence(), theYear())
		w.before = append([]*world{}, worlds...)
		worlds = append(worlds, w)
	}
	return worlds[len(worlds)-1].proofs(r)[r.Decisions[0].Row]
}

func without(c cloudAt, source string, ids ...string) cloudAt {
	var kept []evidence.Item
	for _, it := range c.items[source] {
		drop := false
		for _, id := range ids {
			drop = drop || strings.HasSuffix(it.ID, id)
		}
		if !drop {
			kept = append(kept, it)
		}
	}
	c.items[source] = kept
	return c
}

func TestProofs(t *testing.T) {
	gone := func(day string) cloudAt {
		c := cloudOf(day)
		c.items["iam/credential"][2] = credential("dee", "false", "true", "N/A")
		return c
	}
	young := without(cloudOf("2026-10-01"), "iam/credential", "user/dee") // recreated since the report
	other := without(gone("2026-10-01"), "iam/credential", "user/idle")
	refused := gone("2026-10-01")
	refused.refused = []string{"iam/credential"}
	direct := without(cloudOf("2026-10-01"), "sso/assignment", "g-1", "u-ada")
	direct.items["sso/assignment"] = append(direct.items["sso/assignment"], assignment("USER", "u-x"))
	mfa := cloudOf("2026-10-01")
	mfa.items["iam/credential"][1] = credential("ada", "true", "true", "2026-09-30T00:00:00+00:00")
	groups := cloudOf("2026-10-01")
	groups.refused = []string{"identitystore/group"}
	inactive := cloudOf("2026-10-01")
	inactive.items["iam/access-key"][0] = accessKey("AKIA1", "ada", "Inactive")
	for _, c := range []struct {
		name, decided, decision string
		later                   []cloudAt
		want                    Outcome
		says                    string
	}{
		{"gone", "dee|console-password|direct", "Revoke", []cloudAt{cloudOf("2026-08-01"), gone("2026-10-01")}, ProofGone, "gone between run run-2026-08-01 (2026-08-01T06:00:00Z) and run run-2026-10-01 (2026-10-01T06:00:00Z)"},
		{"gone before the first run after", "dee|console-password|direct", "Revoke", []cloudAt{gone("2026-10-01")}, ProofGone, "gone between run run-2026-07-01"},
		{"still there", "dee|console-password|direct", "Revoke", []cloudAt{cloudOf("2026-10-01")}, ProofPresent, "still there at run run-2026-10-01 (2026-10-01T06:00:00Z), 73 days after the decision of 2026-07-20"},
		{"back again", "dee|console-password|direct", "Revoke", []cloudAt{gone("2026-08-01"), cloudOf("2026-10-01")}, ProofBack, "gone at run run-2026-08-01"},
		{"gone, back, gone", "dee|console-password|direct", "Revoke", []cloudAt{gone("2026-08-01"), cloudOf("2026-09-01"), gone("2026-10-01")}, ProofGone, "it had been gone before, and was back at run run-2026-09-01"},
		{"refused is not gone", "dee|console-password|direct", "Revoke", []cloudAt{refused}, ProofUnknown, "iam/credential in 111122223333/global (denied_identity)"},
		{"refused between", "dee|console-password|direct", "Revoke", []cloudAt{func() cloudAt { c := gone("2026-08-01"); c.refused = []string{"iam/credential"}; return c }(), gone("2026-10-01")}, ProofGone, "gone between run run-2026-07-01 (2026-07-01T06:00:00Z) and run run-2026-10-01"},
		{"not in the report yet", "dee|console-password|direct", "Revoke", []cloudAt{young}, ProofUnknown, "users since the report"},
		{"another not in the report yet", "dee|console-password|direct", "Revoke", []cloudAt{other}, ProofGone, "gone between"},
		{"no run yet", "dee|console-password|direct", "Revoke", nil, ProofWaiting, "no run since the decision of 2026-07-20"},
		{"by the next door", "x|identity-center|group ops", "Revoke", []cloudAt{direct}, ProofPresent, "by another way that was not reviewed: direct"},
		{"members not told", "x|identity-center|group ops", "Revoke", []cloudAt{groups}, ProofUnknown, "identitystore/group"},
		{"key no longer active", "ada|access-key|direct", "Revoke", []cloudAt{inactive}, ProofGone, "gone between"},
		{"modified", "ada|console-password|direct", "Modify", []cloudAt{mfa}, ProofChanged, "MFA was no, is yes"},
		{"not modified", "ada|console-password|direct", "Modify", []cloudAt{cloudOf("2026-10-01")}, ProofUnchanged, "unchanged at run run-2026-10-01"},
		{"taken away instead", "dee|console-password|direct", "Modify", []cloudAt{gone("2026-10-01")}, ProofGone, "gone between"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := proofOf(t, c.decided, c.decision, c.later...)
			if p.Outcome != c.want || !strings.Contains(p.Says, c.says) {
				t.Errorf("proved %s: %s", p.Outcome, p.Says)
			}
		})
	}
	if p := proofOf(t, "ada|console-password|direct", "Keep", cloudOf("2026-10-01")); p.Outcome != "" {
		t.Errorf("a Keep is proved %s", p.Outcome)
	}
}

// The exact event stands in the proof where it was collected, and a refused one does not.
func TestProofByEvent(t *testing.T) {
	r := frozenReview(map[string]string{"dee|console-password|direct": "Revoke"})
	prove := func(extra string) Proof {
		first, last := newWorld(cloudOf("2026-07-01").evidence(), theYear()), newWorld(without(without(cloudOf("2026-10-01"), "iam/credential", "user/dee"), "iam/user", "user/dee").evidence(), theYear())
		last.before = []*world{first}
		last.give("cloudtrail/event", []Located{{Account: "111122223333", Region: "us-east-1", Item: evidence.Item{ID: "ev-1", Answers: map[string]any{"LookupEvents": map[string]any{
			"EventName": "DeleteLoginProfile", "EventTime": "2026-07-22T10:00:00Z", "Username": "bo", "CloudTrailEvent": `{"requestParameters":{"userName":"dee"}` + extra + `}`}}}}})
		return last.proofs(r)[r.Decisions[0].Row]
	}
	if p := prove(""); p.Event != "ev-1" || !strings.Contains(p.Says, "DeleteLoginProfile by bo at 2026-07-22T10:00:00Z, CloudTrail event ev-1") {
		t.Errorf("proved %s", p.Says)
	}
	if p := prove(`,"errorCode":"AccessDenied"`); p.Event != "" {
		t.Errorf("a refused call proves %s", p.Says)
	}
}

// A closed review is a record of its quarter, and what is judged of it.
func TestClosedReviewIsARecord(t *testing.T) {
	r := frozenReview(map[string]string{"dee|console-password|direct": "Revoke"})
	for _, e := range r.Population {
		if e.Row != r.Decisions[0].Row {
			r.Decisions = append(r.Decisions, review.Decision{Row: e.Row, Decision: review.Keep, Reviewer: "bo", Received: day0("2026-07-20")})
		}
	}
	c := review.NewClosing()
	c.ID, c.Closed, c.SignOff = "2026-Q3", day0("2026-07-31"), "eve"
	r.Closed = &c
	r.Reviewers = []review.Reviewer{{Person: "bo"}}
	for _, e := range r.Population {
		r.Reviewers[0].Rows = append(r.Reviewers[0].Rows, e.Row)
	}
	e := without(without(cloudOf("2026-10-01"), "iam/credential", "user/dee"), "iam/user", "user/dee").evidence()
	e.Reviews = []*review.Review{r}
	w := newWorld(e, theYear())
	w.before = []*world{newWorld(cloudOf("2026-07-01").evidence(), theYear())}
	w.reviews()
	records := []Located{ReviewRecord(r, "c")}
	if len(records) != 1 || recordOf(records[0]).text("quarter") != "2026-Q3" || recordOf(records[0]).text("sign_off") != "eve" {
		t.Fatalf("records %+v", records)
	}
	q := quarter{"2026-Q3", day0("2026-07-01"), day0("2026-09-30")}
	if wrong := q.wrong(recordOf(records[0]), joining{At: w.At}); len(wrong) > 0 {
		t.Errorf("the record is faulted: %v", wrong)
	}
	if d := w.items(decisionSource); len(d) != 1 || d[0].Answers["proof"] == nil {
		t.Errorf("decisions %+v", d)
	}
}
