package control

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestStatements(t *testing.T) {
	tests := []struct{ doc, want string }{
		{`null`, `[]`},
		{`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, `[{"Action":["s3:*"],"Condition":{},"Effect":"Allow","NotAction":[],"NotResource":[],"Principal":{},"Resource":["*"],"Sid":""}]`},
		{`{"Statement":[{"Effect":"Deny","NotAction":["a","b"],"Resource":["r"],"Sid":"x","Principal":"*","Condition":{"Bool":{"k":"v"}}}]}`, `[{"Action":[],"Condition":{"Bool":{"k":"v"}},"Effect":"Deny","NotAction":["a","b"],"NotResource":[],"Principal":"*","Resource":["r"],"Sid":"x"}]`},
		{`"{\"Statement\":[]}"`, `[]`},
		{`"%7B%22Statement%22%3A%5B%5D%7D"`, `[]`},
		{`"+%7B%7D"`, "error"},
		{`""`, "error"}, {`"text"`, "error"}, {`"{} {}"`, "error"}, {`{}`, "error"}, {`[]`, "error"}, {`1`, "error"},
		{`{"Statement":[1]}`, "error"}, {`{"Statement":[{"Effect":"allow"}]}`, "error"}, {`{"Statement":[{"Effect":"Allow","Action":1}]}`, "error"},
		{`{"Statement":[{"Effect":"Allow","Action":[1]}]}`, "error"},
	}
	for _, tt := range tests {
		got := "error"
		if s, err := statements(data(t, tt.doc)); err == nil {
			b, _ := json.Marshal(s)
			got = string(b)
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.doc, got, tt.want)
		}
	}
}

// A document that reads at all reads to the same statements again.
func FuzzStatements(f *testing.F) {
	f.Add(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	f.Add(`%7B%22Statement%22%3A%5B%5D%7D`)
	f.Add(`{"Statement":[{"Effect":"Deny","NotAction":["a"],"Condition":{"Bool":{"x":["false"]}}}]}`)
	f.Fuzz(func(t *testing.T, doc string) {
		once, err := statements(doc)
		if err != nil {
			return
		}
		for _, s := range once {
			s := s.(map[string]any)
			if e := s["Effect"]; e != "Allow" && e != "Deny" {
				t.Errorf("effect %v", e)
			}
			for _, k := range []string{"Action", "NotAction", "Resource", "NotResource"} {
				if _, ok := s[k].([]any); !ok {
					t.Errorf("%s is no list: %v", k, s[k])
				}
			}
		}
		again, err := statements(map[string]any{"Statement": once})
		if err != nil || !reflect.DeepEqual(again, once) {
			t.Errorf("read again: %v %v, want %v", again, err, once)
		}
		_, _ = deniesWithoutMFA(doc) // must not panic; what it says is tested elsewhere
	})
}

// Seven ways to be open or not: what a filter on ports and addresses by
// themselves gets wrong.
func TestOpensPort(t *testing.T) {
	tests := []struct{ permission, want string }{
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":0,"ToPort":65535,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":20,"ToPort":30,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "open"},
		{`{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "open"},
		{`{"IpProtocol":"-1","FromPort":-1,"ToPort":-1,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "open"},
		{`{"IpProtocol":"6","FromPort":-1,"ToPort":-1,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"Ipv6Ranges":[{"CidrIpv6":"::/0"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"Ipv6Ranges":[{"CidrIpv6":"0:0:0:0:0:0:0:0/0"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]}`, "closed"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/1"},{"CidrIp":"128.0.0.0/1"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"Ipv6Ranges":[{"CidrIpv6":"2000::/3"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"Ipv6Ranges":[{"CidrIpv6":"3000::/4"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"Ipv6Ranges":[{"CidrIpv6":"f000::/4"}]}`, "closed"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"PrefixListIds":[{"PrefixListId":"pl-1"}]}`, "the prefix list pl-1"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}],"PrefixListIds":[{"PrefixListId":"pl-1"}]}`, "open"},
		{`{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"PrefixListIds":[{"PrefixListId":"pl-1"}]}`, "closed"},
		{`{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "closed"},
		{`{"IpProtocol":"udp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "closed"},
		{`{"IpProtocol":"icmp","FromPort":-1,"ToPort":-1,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "closed"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"UserIdGroupPairs":[{"GroupId":"sg-1"}]}`, "closed"},
		{`{"IpProtocol":"tcp","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "error"},
		{`{"FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`, "error"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"anywhere"}]}`, "error"},
		{`{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{}]}`, "error"},
		{`"tcp"`, "error"},
	}
	for _, tt := range tests {
		open, lists, err := opensPort(data(t, "["+tt.permission+"]"), 22)
		got := map[bool]string{true: "open", false: "closed"}[open]
		if lists != nil {
			got = strings.Join(lists, ", ")
		}
		if err != nil {
			got = "error"
		}
		if got != tt.want {
			t.Errorf("%s: got %s (%v), want %s", tt.permission, got, err, tt.want)
		}
	}
}

func TestDays(t *testing.T) {
	tests := []struct {
		from, to string
		want     int64
	}{
		{"2026-01-01", "2026-01-01", 0}, {"2026-01-01", "2026-01-02", 1}, {"2026-01-01T12:00:00Z", "2026-01-02T11:59:59Z", 1},
		{"2026-01-01T00:00:00Z", "2026-01-01T23:59:59Z", 0}, {"2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z", 1},
		{"2026-01-02", "2026-01-01", -1}, {"2026-01-01T01:00:00Z", "2026-01-01T00:00:00Z", 0}, {"2024-02-28", "2024-03-01", 2},
		{"2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00Z", 1},
	}
	for _, tt := range tests {
		if got, err := days(tt.from, tt.to); err != nil || got != tt.want {
			t.Errorf("days(%s, %s) = %d, %v, want %d", tt.from, tt.to, got, err, tt.want)
		}
	}
	for _, bad := range []any{"N/A", "", nil, true, "2026-02-30"} {
		if _, err := days(bad, time.Time{}); err == nil {
			t.Errorf("%v was taken for a time", bad)
		}
	}
}

func TestQuarters(t *testing.T) {
	tests := []struct{ start, end, at, want string }{
		{"2026-01-01", "2026-12-31", "2026-12-31T23:59:59Z", "2026-Q1 2026-Q2 2026-Q3 2026-Q4"},
		{"2026-01-01", "2026-12-31", "2026-12-31T12:00:00Z", "2026-Q1 2026-Q2 2026-Q3"},
		{"2026-01-01", "2026-12-31", "2026-03-30T12:00:00Z", ""},
		{"2026-02-15", "2026-08-14", "2027-01-01T00:00:00Z", "2026-Q1 2026-Q2"},
		{"2025-10-01", "2026-03-31", "2026-04-01T00:00:00Z", "2025-Q4 2026-Q1"},
	}
	for _, tt := range tests {
		at, _ := instant(tt.at)
		var got []string
		for _, q := range quarters(Period{onDay(tt.start), onDay(tt.end)}, at) {
			got = append(got, q.name)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s..%s at %s: got %q, want %q", tt.start, tt.end, tt.at, s, tt.want)
		}
	}
}

const denyDoc = `{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}}}}`

// Where a service control policy binds: the root of the organization or the
// account itself, never the management account; a unit is not decided.
func TestMFAByServiceControlPolicy(t *testing.T) {
	lib := realLibrary(t)
	tests := []struct {
		name, management, target string
		want                     Verdict
	}{
		{"root", "9", `{"Type":"ROOT","TargetId":"r-1"}`, Pass},
		{"account", "9", `{"Type":"ACCOUNT","TargetId":"1"}`, Pass},
		{"another account", "9", `{"Type":"ACCOUNT","TargetId":"2"}`, Fail},
		{"a unit", "9", `{"Type":"ORGANIZATIONAL_UNIT","TargetId":"ou-1"}`, NotEvaluated},
		{"the management account", "1", `{"Type":"ROOT","TargetId":"r-1"}`, Fail},
	}
	for _, tt := range tests {
		ev := Evidence{At: onDay("2026-05-01")}
		for _, s := range []string{"iam/credential", "iam/user", "iam/group", "iam/policy"} {
			ev.cell("1", "global", s, "collected")
		}
		ev.cell(tt.management, "global", "organizations/policy", "collected")
		ev.found(t, "1", "global", "iam/credential", "a", `{"GetCredentialReport":{"user":"ana","password_enabled":"true"}}`)
		ev.found(t, "1", "global", "iam/user", "a", `{"GetAccountAuthorizationDetails":{"UserName":"ana"}}`)
		ev.found(t, tt.management, "global", "organizations/policy", "p", `{"DescribePolicy":{"Policy":{"PolicySummary":{"Name":"mfa","Type":"SERVICE_CONTROL_POLICY"},"Content":"`+denyDoc+`"}},"ListTargetsForPolicy":{"Targets":[`+tt.target+`]}}`)
		r, err := Evaluate(lib, smallEngagement(), ev, nil)
		if err != nil {
			t.Fatal(err)
		}
		if f := resultOf(t, r, "iam-mfa-enforced-by-policy").Findings[0]; f.Verdict != tt.want {
			t.Errorf("%s: got %s (%v %s), want %s", tt.name, f.Verdict, f.Value, f.Reason, tt.want)
		}
	}
}
