package control

import (
	"encoding/json"
	"testing"
	"time"
)

// What events say of one way in, by what they hold.
func TestClosingOf(t *testing.T) {
	iam := func(name, at, more string) string {
		return `{"LookupEvents":{"EventName":"` + name + `","EventSource":"iam.amazonaws.com","EventTime":"2026-05-29T` + at + `Z","CloudTrailEvent":{"eventVersion":"1.11"` + more + `}}}`
	}
	jan := `,"requestParameters":{"userName":"jan"}`
	key := func(id string) string { return `,"requestParameters":{"userName":"jan","accessKeyId":"` + id + `"}` }
	user := way{system: "IAM user", account: "1", name: "jan", with: []string{"a password", "access key 1"}, open: true}
	person := way{system: "Identity Center user", name: "jan", id: "u-1", open: true}
	for _, c := range []struct {
		name   string
		way    way
		events []string
		at     string
		sure   bool
	}{
		{"deleted", user, []string{iam("DeleteUser", "17:00:00", jan)}, "17:00:00", true},
		{"deleted, text withheld", user, []string{`{"LookupEvents":{"EventName":"DeleteUser","EventTime":"2026-05-29T17:00:00Z","CloudTrailEvent":"redacted","Resources":[{"ResourceType":"AWS::IAM::User","ResourceName":"jan"}]}}`}, "17:00:00", false},
		{"deleting refused", user, []string{iam("DeleteUser", "17:00:00", jan+`,"errorCode":"DeleteConflict"`)}, "", false},
		{"another's", user, []string{iam("DeleteUser", "17:00:00", `,"requestParameters":{"userName":"ana"}`)}, "", false},
		{"before the run that saw it", user, []string{iam("DeleteUser", "07:00:00", jan)}, "", false},
		{"the password alone", user, []string{iam("DeleteLoginProfile", "17:00:00", jan)}, "", false},
		{"the key alone", user, []string{iam("DeleteAccessKey", "17:00:00", key("AKIA1"))}, "", false},
		{"password and key", user, []string{iam("DeleteLoginProfile", "17:00:00", jan), iam("DeleteAccessKey", "17:05:00", key("AKIA1"))}, "17:05:00", true},
		{"key switched off", user, []string{iam("DeleteLoginProfile", "17:00:00", jan), iam("UpdateAccessKey", "17:05:00", `,"requestParameters":{"userName":"jan","accessKeyId":"AKIA1","status":"Inactive"}`)}, "17:05:00", true},
		{"key switched on", user, []string{iam("DeleteLoginProfile", "17:00:00", jan), iam("UpdateAccessKey", "17:05:00", `,"requestParameters":{"userName":"jan","accessKeyId":"AKIA1","status":"Active"}`)}, "", false},
		{"the same key twice for two", way{system: "IAM user", account: "1", name: "jan", with: []string{"access key 1", "access key 2"}}, []string{iam("DeleteAccessKey", "17:00:00", key("AKIA1")), iam("DeleteAccessKey", "17:05:00", key("AKIA1"))}, "", false},
		{"a key made in between", user, []string{iam("CreateAccessKey", "16:00:00", jan), iam("DeleteLoginProfile", "17:00:00", jan), iam("DeleteAccessKey", "17:05:00", key("AKIA1"))}, "", false},
		{"a certificate is told of by none", way{system: "IAM user", account: "1", name: "jan", with: []string{"signing certificate 1"}}, []string{iam("DeleteLoginProfile", "17:00:00", jan)}, "", false},
		{"directory", person, []string{`{"LookupEvents":{"EventName":"DisableUser","EventSource":"sso-directory.amazonaws.com","EventTime":"2026-05-29T17:00:00Z","CloudTrailEvent":{"eventVersion":"1.08","requestParameters":{"userId":"u-1"}}}}`}, "17:00:00", true},
		{"another of the directory", person, []string{`{"LookupEvents":{"EventName":"DeleteUser","EventSource":"identitystore.amazonaws.com","EventTime":"2026-05-29T17:00:00Z","CloudTrailEvent":{"eventVersion":"1.08","requestParameters":{"userId":"u-2"}}}}`}, "", false},
		{"an IAM user of that name is not the directory's", person, []string{iam("DeleteUser", "17:00:00", jan)}, "", false},
		{"code host", way{system: "code host user", name: "jan"}, []string{iam("DeleteUser", "17:00:00", jan)}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var events []Located
			for _, text := range c.events {
				it := Located{Source: "cloudtrail/event", Account: "1", Region: "us-east-1"}
				if err := json.Unmarshal([]byte(text), &it.Answers); err != nil {
					t.Fatal(text, err)
				}
				events = append(events, it)
			}
			at, sure := closingOf(c.way, events, time.Date(2026, 5, 29, 8, 0, 0, 0, time.UTC))
			got := ""
			if !at.IsZero() {
				got = at.Format(time.TimeOnly)
			}
			if got != c.at || c.at != "" && sure != c.sure {
				t.Errorf("closed at %q, sure %v; want %q, %v", got, sure, c.at, c.sure)
			}
		})
	}
}
