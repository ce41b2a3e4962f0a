package control

import (
	"fmt"
	"testing"
)

// Every way to write "everything" that IAM accepts, and its neighbours.
func TestGrants(t *testing.T) {
	tests := []struct {
		statement          string
		actions, resources bool
		services           string
	}{
		{`{"Action":"*","Resource":"*"}`, true, true, "[*]"},
		{`{"Action":"*:*","Resource":"arn:aws:s3:::b"}`, true, false, "[*:*]"},
		{`{"Action":"**","Resource":["arn:aws:s3:::b","*"]}`, true, true, "[**]"},
		{`{"Action":"?*","Resource":"*"}`, true, true, "[?*]"},
		{`{"Action":["s3:GetObject","s3:*"],"Resource":"arn:aws:s3:::*"}`, false, false, "[s3:*]"},
		{`{"Action":"s3:**","Resource":"arn:aws:*:*:*:*"}`, false, true, "[s3:**]"},
		{`{"Action":"s3:Get*","Resource":"arn:*"}`, false, true, "[]"},
		{`{"Action":"iam:?*","Resource":"arn:*:*:*:*:*"}`, false, true, "[iam:?*]"},
		{`{"Action":"*:Get*","Resource":"arn:aws:iam::*:*"}`, false, false, "[]"},
		{`{"NotAction":["iam:*","organizations:*"],"Resource":"*"}`, false, true, "[everything but iam:*, organizations:*]"},
		{`{"Action":"*","NotResource":"arn:aws:s3:::b"}`, true, true, "[*]"},
		{`{"Action":"*","Resource":"arn:aws:s3:::*"}`, true, false, "[*]"},
		{`{"Action":"*","Resource":"arn:aws:s3:*:*:*"}`, true, false, "[*]"},
	}
	for _, tt := range tests {
		list, err := statements(data(t, `{"Statement":`+tt.statement[:len(tt.statement)-1]+`,"Effect":"Allow"}}`))
		if err != nil {
			t.Fatal(err)
		}
		s := list[0].(map[string]any)
		if a, r, w := allActions(s), allResources(s), fmt.Sprint(wholeServices(s)); a != tt.actions || r != tt.resources || w != tt.services {
			t.Errorf("%s: got %v %v %s, want %v %v %s", tt.statement, a, r, w, tt.actions, tt.resources, tt.services)
		}
	}
}

// Denials for want of MFA that deny less than everything.
func TestDeniesWithoutMFA(t *testing.T) {
	const condition = `"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`
	tests := []struct{ statement, want string }{
		{`"Effect":"Deny","Action":"*","Resource":"*",` + condition, "denies"},
		{`"Effect":"Deny","NotAction":["iam:EnableMFADevice","iam:List*","sts:GetSessionToken"],"Resource":"*",` + condition, "denies"},
		{`"Effect":"Deny","NotAction":["*"],"Resource":"*",` + condition, "no"},
		{`"Effect":"Deny","NotAction":["iam:*"],"Resource":"*",` + condition, "no"},
		{`"Effect":"Deny","NotAction":["sts:*"],"Resource":"*",` + condition, "no"},
		{`"Effect":"Deny","NotAction":["iam:EnableMFADevice","s3:*"],"Resource":"*",` + condition, "no"},
		{`"Effect":"Deny","NotAction":["ec2:TerminateInstances"],"Resource":"*",` + condition, "no"},
		{`"Effect":"Allow","Action":"*","Resource":"*",` + condition, "no"},
		{`"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b",` + condition, "no"},
		{`"Effect":"Deny","Action":"*","Resource":"*"`, "no"},
		{`"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`, "no"},
		// An access key's requests do not hold the key at all: Bool lets them through.
		{`"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`, "no"},
		// A further condition narrows the denial.
		{`"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"StringEquals":{"aws:PrincipalTag/team":"a"}}`, "cannot say"},
		{`"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false","aws:SecureTransport":"false"}}`, "cannot say"},
		{`"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false","aws:ViaAWSService":"false"}}`, "denies"},
		{`"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:multifactorauthpresent":["false"]}}`, "denies"},
	}
	for _, tt := range tests {
		denies, err := deniesWithoutMFA(data(t, `{"Statement":{`+tt.statement+`}}`))
		got := map[bool]string{true: "denies", false: "no"}[denies]
		if err != nil {
			got = "cannot say"
		}
		if got != tt.want {
			t.Errorf("%s: got %q (%v), want %q", tt.statement, got, err, tt.want)
		}
	}
}

func TestDenies(t *testing.T) {
	const action = "backup:DeleteRecoveryPoint"
	for _, tt := range []struct {
		statement string
		want      bool
	}{
		{`{"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}`, true},
		{`{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["backup:UpdateRecoveryPointLifecycle", "backup:delete*"], "Resource": ["*"]}`, true},
		{`{"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": "*", "Resource": "*"}`, true},
		{`{"Effect": "Deny", "Principal": "*", "NotAction": "backup:Describe*", "Resource": "*"}`, true},
		{`{"Effect": "Deny", "Principal": "*", "NotAction": "backup:Delete*", "Resource": "*"}`, false},
		{`{"Effect": "Allow", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}`, false},
		{`{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/a"}, "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}`, false},
		{`{"Effect": "Deny", "Principal": {"Service": "*"}, "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}`, false},
		{`{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/a"}, "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}`, false},
		{`{"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalArn": "a"}}}`, false},
		{`{"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "arn:aws:ec2:eu-west-1::snapshot/snap-1"}`, false},
		{`{"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoints", "Resource": "*"}`, false},
		{`{"Effect": "Deny", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}`, false},
	} {
		if got, err := denies(data(t, `{"Statement": `+tt.statement+`}`), action); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", tt.statement, got, err)
		}
	}
	if _, err := denies(data(t, `{"Statement": [{"Effect": "Nay"}]}`), action); err == nil {
		t.Error("a document that cannot be read denies nothing")
	}
}
