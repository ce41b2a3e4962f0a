package control

import (
	"strings"
	"testing"
)

func TestCatches(t *testing.T) {
	for _, tt := range []struct {
		pattern any
		want    bool
	}{
		{`{"source":["aws.guardduty"]}`, true},
		{`{"detail-type":["GuardDuty Finding"],"source":["aws.guardduty"],"detail":{"severity":[{"numeric":[">=",7]}]}}`, true},
		{`{"source":["aws.guardduty"],"detail":{"severity":[7,7.0,7.1,8,8.5,9]}}`, true},
		{map[string]any{"source": []any{"aws.guardduty"}}, true},
		{`{"source":[{"prefix":"aws."}]}`, true},
		{`{"source":[{"suffix":"duty"}],"detail-type":[{"equals-ignore-case":"guardduty finding"}]}`, true},
		{`{"detail":{"severity":[{"exists":true}]},"source":["aws.guardduty","aws.macie"]}`, true},
		{`{"$or":[{"source":["aws.guardduty"]},{"source":["aws.inspector2"]}]}`, true},
		{`{"source":["aws.guardduty"],"detail":{"severity":[{"numeric":[">",0,"<=",10]}]}}`, true},
		{`{"source":["aws.guardduty"],"detail":{"severity":[{"numeric":[">=",8]}]}}`, false},
		{`{"source":["aws.guardduty"],"detail":{"severity":[{"numeric":[">=",7,"<",9]}]}}`, false}, // leaves out the critical
		{`{"source":["aws.guardduty"],"detail":{"severity":[7,8]}}`, false},
		{`{"source":["aws.guardduty"],"detail":{"type":[{"prefix":"CryptoCurrency"}]}}`, false},
		{`{"source":["aws.guardduty"],"region":["us-east-1"]}`, false},
		{`{"source":["aws.guardduty"],"detail":{"accountId":[{"exists":false}]}}`, false},
		{`{"source":["aws.guardduty"],"detail":{"severity":[{"exists":false}]}}`, false},
		{`{"source":["aws.guardduty"],"detail-type":["AWS API Call via CloudTrail"]}`, false},
		{`{"source":["aws.securityhub"]}`, false},
		{`{"source":[{"anything-but":"aws.ec2"}]}`, false}, // not read
		{`{"source":[]}`, false},
		{`{"source":"aws.guardduty"}`, false},
		{`{"source":[null]}`, false},
		{`{"source":["aws.guardduty"],"detail":{"severity":[{"numeric":[">="]}]}}`, false},
		{`{"source":["aws.guardduty"],"detail":{"severity":[{"numeric":[7,">="]}]}}`, false},
	} {
		got, err := catches(tt.pattern, "guardduty-high")
		if err != nil || got != tt.want {
			t.Errorf("%v: got %v, %v, want %v", tt.pattern, got, err, tt.want)
		}
	}
	for _, wrong := range []struct {
		pattern any
		kind    string
		says    string
	}{{`{`, "guardduty-high", "reading an event pattern"}, {1, "guardduty-high", "not int"}, {`{}`, "weather", "no kind of event"}} {
		if _, err := catches(wrong.pattern, wrong.kind); err == nil || !strings.Contains(err.Error(), wrong.says) {
			t.Errorf("%v: got %v", wrong.pattern, err)
		}
	}
}
