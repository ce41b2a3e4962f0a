package control

import (
	"fmt"
	"reflect"
	"testing"
)

func statementOf(t *testing.T, text string) map[string]any {
	t.Helper()
	s, err := statement(data(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPermits(t *testing.T) {
	for text, want := range map[string]bool{
		`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`:               true,
		`{"Effect":"Allow","Action":["s3:*","KMS:De*"],"Resource":"*"}`:          true,
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b"}`:            true,
		`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`:                  true,
		`{"Effect":"Allow","NotAction":["kms:*","iam:*"],"Resource":"*"}`:        false,
		`{"Effect":"Allow","Action":["kms:DescribeKey","kms:D"],"Resource":"*"}`: false,
		`{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*"}`:                false,
	} {
		if got := permits(statementOf(t, text), "kms:Decrypt"); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestAccounts(t *testing.T) {
	for text, want := range map[string]string{
		`"Principal":"*"`:                       "[*]",
		`"NotPrincipal":{"AWS":"111122223333"}`: "[*]",
		`"Principal":{"AWS":["arn:aws:iam::111122223333:role/a/b","222233334444"]}`: "[111122223333 222233334444]",
		`"Principal":{"AWS":"AIDAEXAMPLE"}`:                                         "[AIDAEXAMPLE]",
		`"Principal":{"Service":"s3.amazonaws.com"}`:                                "[]",
	} {
		if got, err := accounts(statementOf(t, `{"Effect":"Allow","Action":"*","Resource":"*",`+text+`}`)); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: got %v %v, want %s", text, got, err, want)
		}
	}
	if _, err := accounts(map[string]any{"Principal": map[string]any{"AWS": 1}}); err == nil {
		t.Error("a number was read as a principal")
	}
}

// What IAM says of a policy is its default version; of somebody, what is written into them.
func TestGranted(t *testing.T) {
	const allow = `{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`
	const deny = `{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	for text, want := range map[string]string{
		`{"Arn":"arn:aws:iam::1:policy/x/p","PolicyVersionList":[{"IsDefaultVersion":false,"Document":` + deny + `},{"IsDefaultVersion":true,"Document":` + allow + `}]}`: "p",
		`{"Arn":"arn:aws:iam::1:policy/p","PolicyVersionList":[{"IsDefaultVersion":true,"Document":` + deny + `}]}`:                                                       "",
		`{"Arn":"arn:aws:iam::1:user/u","UserPolicyList":[{"PolicyName":"a","PolicyDocument":` + allow + `},{"PolicyName":"b","PolicyDocument":` + allow + `}]}`:          "ab",
		`{"Arn":"arn:aws:iam::1:role/r","RolePolicyList":[{"PolicyName":"a","PolicyDocument":` + allow + `}],"AssumeRolePolicyDocument":` + allow + `}`:                   "a",
		`{"Arn":"arn:aws:iam::1:group/g"}`:                                                                                "",
		`{"Arn":"arn:aws:iam::1:policy/p"}`:                                                                               "the policy's default version",
		`{"Arn":"arn:aws:iam::1:policy/p","PolicyVersionList":[{"Document":` + allow + `}]}`:                              "the policy's default version",
		`{"Arn":"arn:aws:iam::1:policy/p","PolicyVersionList":[{"IsDefaultVersion":true}]}`:                               "the document of p",
		`{"Arn":"arn:aws:iam::1:user/u","UserPolicyList":[{"PolicyName":"a"}]}`:                                           "the document of a",
		`{"Arn":"arn:aws:iam::1:user/u","UserPolicyList":"x"}`:                                                            "UserPolicyList",
		`{"UserPolicyList":[]}`:                                                                                           "the ARN",
		`{"Arn":"arn:aws:iam::1:user/u","UserPolicyList":[{"PolicyName":"a","PolicyDocument":{"Version":"2012-10-17"}}]}`: "error",
	} {
		got, err := granted(data(t, text))
		said := ""
		switch v := got.(type) {
		case []any:
			for _, s := range v {
				said += fmt.Sprint(fieldsOf(s)["Policy"])
			}
		case unanswered:
			said = v.Cause
		}
		if err != nil {
			said = "error"
		}
		if said != want {
			t.Errorf("%s: got %q, want %q", text, said, want)
		}
	}
}

func TestEscalations(t *testing.T) {
	for text, want := range map[string][]any{
		`[{"Effect":"Allow","Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*"}]`:                                                                                            {"p: iam:PassRole + ec2:RunInstances"},
		`[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"},{"Effect":"Allow","Action":"ec2:Run*","Resource":"*"}]`:                                                           {"p: iam:PassRole + ec2:RunInstances"},
		`[{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::1:role/task"},{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]`:                                       {},
		`[{"Effect":"Allow","Action":"iam:CreateAccess*","Resource":"*"}]`:                                                                                                            {"p: iam:CreateAccessKey"},
		`[{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"arn:aws:iam::1:user/${aws:username}"}]`:                                                                        {},
		`[{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}]`:                                                        {},
		`[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},{"Effect":"Deny","Action":"sts:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]`: {"p: sts:AssumeRole"},
		`[{"Effect":"Allow","Action":"*","Resource":"*"}]`:                                                                                                                            {},
		`[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]`:                                                                                                                         {},
	} {
		got, err := escalations(data(t, `{"Arn":"arn:aws:iam::1:policy/p","PolicyVersionList":[{"IsDefaultVersion":true,"Document":{"Statement":`+text+`}}]}`))
		if err != nil || !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s: got %v %v, want %v", text, got, err, want)
		}
	}
	if got, err := escalations(data(t, `{"Arn":"arn:aws:iam::1:policy/p"}`)); err != nil || got != any(unanswered{"the policy's default version"}) {
		t.Errorf("got %v %v", got, err)
	}
}

func TestKeepsObjects(t *testing.T) {
	const field = `{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}`
	for text, want := range map[string][2]bool{ // read, write
		`{"EventSelectors":[]}`: {false, false},
		`{"EventSelectors":[{"ReadWriteType":"All","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}]}`:                                                        {true, true},
		`{"EventSelectors":[{"ReadWriteType":"All","DataResources":[]},{"ReadWriteType":"WriteOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws-cn:s3:::"]}]}]}`: {false, true},
		`{"EventSelectors":[{"ReadWriteType":"ReadOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::"]}]}]}`:                                                {true, false},
		`{"EventSelectors":[{"ReadWriteType":"All","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::shop/"]}]}]}`:                                                {false, false},
		`{"EventSelectors":[{"ReadWriteType":"All","DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]}`:                                              {false, false},
		`{"AdvancedEventSelectors":[{"FieldSelectors":[` + field + `]}]}`:                                                                                                          {true, true},
		`{"AdvancedEventSelectors":[{"FieldSelectors":[` + field + `,{"Field":"readOnly","Equals":["false"]}]}]}`:                                                                  {false, true},
		`{"AdvancedEventSelectors":[{"FieldSelectors":[` + field + `,{"Field":"readOnly","Equals":["true"]}]}]}`:                                                                   {true, false},
		`{"AdvancedEventSelectors":[{"FieldSelectors":[` + field + `,{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::shop/"]}]}]}`:                                            {false, false},
		`{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]}`:                                                                            {false, false},
		`{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]}`:              {false, false},
	} {
		read, err1 := keepsObjects(data(t, text), "read")
		write, err2 := keepsObjects(data(t, text), "write")
		if err1 != nil || err2 != nil || read != any(want[0]) || write != any(want[1]) {
			t.Errorf("%s: got %v %v (%v %v), want %v", text, read, write, err1, err2, want)
		}
	}
	for _, text := range []string{`{}`, `{"EventSelectors":[{"DataResources":[]}]}`} {
		if got, _ := keepsObjects(data(t, text), "read"); reflect.TypeOf(got) != reflect.TypeOf(unanswered{}) {
			t.Errorf("%s: got %v", text, got)
		}
	}
	if _, err := keepsObjects(nil, "both"); err == nil {
		t.Error("no kind was refused")
	}
}

func TestAllActionsOf(t *testing.T) {
	for text, want := range map[string]bool{
		`"Action":"cloudtrail:*"`:                        true,
		`"Action":["s3:Get*","CloudTrail:**"]`:           true,
		`"Action":"*"`:                                   true,
		`"Action":"*:*"`:                                 true,
		`"Action":"cloud*:*"`:                            true,
		`"Action":"cloudtrail:Get*"`:                     false,
		`"Action":"cloudtrail:StopLogging"`:              false,
		`"Action":"cloudtrail-data:*"`:                   false,
		`"NotAction":"iam:*"`:                            true,
		`"NotAction":["iam:*","cloudtrail:StopLogging"]`: false,
		`"NotAction":"*"`:                                false,
	} {
		if got := allActionsOf(statementOf(t, `{"Effect":"Allow","Resource":"*",`+text+`}`), "cloudtrail"); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestForbids(t *testing.T) {
	for text, want := range map[string]bool{
		`{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject*","Resource":"arn:aws:s3:::b/*"}`:                           true,
		`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/AWSLogs/*"]}`:    true,
		`{"Effect":"Deny","Principal":"*","NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::b"}`:                           true,
		`{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::b"}`:                              false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::b/tmp/*"}`:                        false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"*"}`:                                           false,
		`{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`:                                   false,
		`{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}`:                                           false,
		`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`:                                                     false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`: false,
	} {
		if got, err := forbids(data(t, `{"Statement":`+text+`}`), "s3:DeleteObject", "arn:aws:s3:::b/AWSLogs/*"); err != nil || got != want {
			t.Errorf("%s: got %v %v", text, got, err)
		}
	}
	if _, err := forbids("x", "a", "b"); err == nil {
		t.Error("what is no document was read as one")
	}
}

func TestRequiresTLS(t *testing.T) {
	const both = `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`
	const plain = `"Condition":{"Bool":{"aws:SecureTransport":"false"}}`
	for text, want := range map[string]bool{
		`{"Effect":"Deny","Principal":"*","Action":"s3:*",` + both + `,` + plain + `}`:                                                                                                              true,
		`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*","Condition":{"Bool":{"AWS:SecureTransport":false}}}`:                                                                  true,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b*","Condition":{"BoolIfExists":{"aws:SecureTransport":["false"]}}}`:                                             true,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b",` + plain + `},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*",` + plain + `}`: true,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*",` + plain + `}`:                                                                                             false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject",` + both + `,` + plain + `}`:                                                                                                      false,
		`{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*",` + both + `,` + plain + `}`:                                                                                           false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*",` + both + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`:                                                                        false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*",` + both + `,"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}}`:                              false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*",` + both + `}`:                                                                                                                            false,
		`{"Effect":"Allow","Principal":"*","Action":"s3:*",` + both + `,` + plain + `}`:                                                                                                             false,
	} {
		if got, err := requiresTLS(data(t, `{"Statement":[`+text+`]}`), "arn:aws:s3:::b"); err != nil || got != want {
			t.Errorf("%s: got %v %v", text, got, err)
		}
	}
}
