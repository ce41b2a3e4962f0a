package control

import (
	"encoding/json"
	"testing"
)

// Who is everyone, and what keeps everyone out.
func TestAllowsAnyone(t *testing.T) {
	for _, tt := range []struct {
		statement string
		want      bool
	}{
		{`{"Effect":"Allow","Principal":"*"}`, true},
		{`{"Effect":"Allow","Principal":{"AWS":"*"}}`, true},
		{`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]}}`, true},
		{`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}}`, true},
		{`{"Effect":"Deny","Principal":"*"}`, false},
		{`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"}}`, false},
		{`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"AWS:PrincipalOrgID":["o-a1b2c3d4e5"]}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringLike":{"aws:userid":"AROAEXAMPLE:*"}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::bucket"}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","2001:db8::/32"]}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.7"}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpce":"vpce-1"}}}`, false},
		{`{"Effect":"Allow","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringNotEquals":{"aws:SourceAccount":"111122223333"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringLike":{"aws:SourceAccount":"*"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":[]}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":["111122223333","*"]}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringLike":{"aws:PrincipalOrgPaths":"*/r-1/"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:topic"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/8"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","0.0.0.0/1"]}}}`, true},
		{`{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"::/0"}}}`, true},
	} {
		list, err := statements(data(t, `{"Statement":`+tt.statement+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := allowsAnyone(fieldsOf(list[0])); got != tt.want {
			t.Errorf("%s: %v", tt.statement, got)
		}
	}
}

func TestDistinct(t *testing.T) {
	for in, want := range map[string]string{`[]`: `[]`, `["a","b","a"]`: `["a","b"]`, `[1,2,1,{"a":1},{"a":1}]`: `[1,2,{"a":1}]`} {
		list, _ := data(t, in).([]any)
		if got, _ := json.Marshal(distinct(list)); string(got) != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
