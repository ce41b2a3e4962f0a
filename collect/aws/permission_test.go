package aws

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestGrants has every action of every service once, on what its service says.
func TestGrants(t *testing.T) {
	grants := Grants(nil)
	if grants[0].Resources[0] != "*" {
		t.Errorf("the first grant is on %v", grants[0].Resources)
	}
	for _, s := range Services() {
		for _, a := range s.Actions {
			n := 0
			for _, g := range grants {
				if slices.Contains(g.Actions, a) && (len(s.On[a]) == 0 && g.Resources[0] == "*" || slices.Equal(g.Resources, slices.Sorted(slices.Values(s.On[a])))) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s: %s is granted %d times on %v", s.Name, a, n, s.On[a])
			}
		}
		for a, on := range s.On {
			if !slices.Contains(s.Actions, a) || len(on) == 0 {
				t.Errorf("%s limits %s, which it does not ask, or to nothing", s.Name, a)
			}
			for _, r := range on {
				if !strings.HasPrefix(r, "arn:aws:") {
					t.Errorf("%s: %q is no ARN of the partition aws", s.Name, r)
				}
			}
		}
	}
	some := Grants([]string{"kms/*"})
	for _, g := range some {
		for _, a := range g.Actions {
			if !strings.HasPrefix(a, "kms:") && a != "sts:GetCallerIdentity" {
				t.Errorf("kms/* needs no %s", a)
			}
		}
	}
}

// iamSays answers STS and IAM as AWS does, by the action of the form.
func iamSays(t *testing.T, answers map[string]func(form map[string][]string) (int, string)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		answer, ok := answers[r.Form.Get("Action")]
		if !ok {
			t.Errorf("%s was asked", r.Form.Get("Action"))
			return
		}
		status, body := answer(r.Form)
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func caller(arn string) func(map[string][]string) (int, string) {
	return func(map[string][]string) (int, string) {
		return 200, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>` + arn + `</Arn><UserId>X</UserId><Account>` + account111 + `</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	}
}

// TestLacking names what the caller's own permissions, and the organization's
// policies, do not allow; and says when it is not known.
func TestLacking(t *testing.T) {
	const refused = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no identity-based policy allows it</Message></Error></ErrorResponse>`
	simulate := func(form map[string][]string) (int, string) {
		if got := form["PolicySourceArn"][0]; got != "arn:aws:iam::"+account111+":role/audit/Reader" {
			t.Errorf("simulated for %s", got)
		}
		var b strings.Builder
		for i := 1; ; i++ {
			a := form[fmt.Sprintf("ActionNames.member.%d", i)]
			if a == nil {
				break
			}
			decision, organizations := "allowed", "true"
			switch a[0] {
			case "kms:ListKeyRotations":
				continue // IAM says nothing of it
			case "kms:ListKeys":
				decision = "implicitDeny"
			case "kms:DescribeKey":
				decision, organizations = "explicitDeny", "false"
			}
			fmt.Fprintf(&b, `<member><EvalActionName>%s</EvalActionName><EvalDecision>%s</EvalDecision><EvalResourceName>*</EvalResourceName><OrganizationsDecisionDetail><AllowedByOrganizations>%s</AllowedByOrganizations></OrganizationsDecisionDetail></member>`, a[0], decision, organizations)
		}
		return 200, `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>` + b.String() + `</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`
	}
	role := func(map[string][]string) (int, string) {
		return 200, `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/audit/</Path><Arn>arn:aws:iam::` + account111 + `:role/audit/Reader</Arn><RoleName>Reader</RoleName><RoleId>AROAX</RoleId><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role></GetRoleResult></GetRoleResponse>`
	}
	session := "arn:aws:sts::" + account111 + ":assumed-role/Reader/exhibit"
	for _, tt := range []struct {
		name    string
		answers map[string]func(map[string][]string) (int, string)
		missing []string
		reason  string
	}{
		{"two are missing", map[string]func(map[string][]string) (int, string){"GetCallerIdentity": caller(session), "GetRole": role, "SimulatePrincipalPolicy": simulate},
			[]string{"kms:DescribeKey, denied by an organization's policy", "kms:ListKeyRotations, of which the simulation says nothing", "kms:ListKeys"}, ""},
		{"may not simulate", map[string]func(map[string][]string) (int, string){"GetCallerIdentity": caller(session), "GetRole": role,
			"SimulatePrincipalPolicy": func(map[string][]string) (int, string) { return 403, refused }}, nil, "SimulatePrincipalPolicy: AccessDenied: no identity-based policy allows it"},
		{"may not see its role", map[string]func(map[string][]string) (int, string){"GetCallerIdentity": caller(session),
			"GetRole": func(map[string][]string) (int, string) { return 403, refused }}, nil, "GetRole: AccessDenied: no identity-based policy allows it"},
		{"root", map[string]func(map[string][]string) (int, string){"GetCallerIdentity": caller("arn:aws:iam::" + account111 + ":root")}, nil, "it is the root user, which may do everything: use a role"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Lacking(context.Background(), Config{Static: &Static{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, Endpoint: iamSays(t, tt.answers), Regions: []string{"us-east-1"},
				Only: []string{"kms/key"}, Now: fixedNow, Sleep: noSleep, MaxAttempts: 1})
			if err != nil || len(got) != 1 {
				t.Fatalf("%v, %v", got, err)
			}
			if !slices.Equal(got[0].Actions, tt.missing) || got[0].Reason != tt.reason || got[0].Account != account111 {
				t.Errorf("got %+v", got[0])
			}
		})
	}
}

// TestLackingApart keeps what one account refuses from standing for the next.
func TestLackingApart(t *testing.T) {
	const other = "444455556666"
	entered, asked := 0, 0
	endpoint := iamSays(t, map[string]func(map[string][]string) (int, string){
		"GetCallerIdentity": func(form map[string][]string) (int, string) { // first as oneself, then within the other account
			entered++
			status, body := caller("arn:aws:iam::" + account111 + ":user/audit")(form)
			if entered > 1 {
				body = strings.ReplaceAll(body, account111, other)
			}
			return status, body
		},
		"AssumeRole": func(map[string][]string) (int, string) {
			return 200, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
		},
		"SimulatePrincipalPolicy": func(map[string][]string) (int, string) {
			if asked++; asked == 1 {
				return 403, `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`
			}
			return 200, `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults/></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`
		},
	})
	got, err := Lacking(context.Background(), Config{Static: &Static{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, Endpoint: endpoint, Regions: []string{"us-east-1"}, Only: []string{"kms/alias"},
		Accounts: []Account{{ID: account111}, {ID: other, Role: "Reader"}}, Now: fixedNow, Sleep: noSleep, MaxAttempts: 1})
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].Reason != "SimulatePrincipalPolicy: AccessDenied: no" {
		t.Errorf("the first: %+v", got[0])
	}
	if got[1].Reason != "" || len(got[1].Actions) != 2 {
		t.Errorf("the second: %+v", got[1])
	}
}
