package control

import (
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// Exceptions that must not compensate, and those that may.
func TestExceptionsApply(t *testing.T) {
	const check = `"id":"EX","check":"ebs-default-encryption","compensating_control":"c","proof":[{"record":"ticket"}]`
	const approved = check + `,"owner":"ana","approved_by":"ben","approved_on":"2026-02-01","expires":"2026-12-31"`
	tests := []struct {
		name, record, items, at string
		compensated             string // places, of "1/eu 2/eu"
		void, problem           string
	}{
		{"qualified by the account", approved, `["1/eu"]`, "2026-07-01", "1/eu", "", ""},
		{"an id that two accounts have", approved, `["eu"]`, "2026-07-01", "", "", "several places"},
		{"both, by name", approved, `["1/eu","2/eu"]`, "2026-07-01", "1/eu 2/eu", "", ""},
		{"of an account that is not there", approved, `["3/eu"]`, "2026-07-01", "", "", "no finding about"},
		{"on its last day", approved, `["1/eu"]`, "2026-12-31", "1/eu", "", ""},
		{"approved by its owner", strings.Replace(approved, "ben", "ana", 1), `["1/eu"]`, "2026-07-01", "", "approved by its own owner", ""},
		{"in capitals", strings.Replace(approved, "ben", "Ana ", 1), `["1/eu"]`, "2026-07-01", "", "approved by its own owner", ""},
		{"by a second entry of the same name", strings.Replace(approved, "ben", "ana2", 1), `["1/eu"]`, "2026-07-01", "", "approved by its own owner", ""},
		{"by somebody who had left", strings.Replace(approved, "ben", "gone", 1), `["1/eu"]`, "2026-07-01", "", "who had left on 2026-01-31", ""},
		{"by somebody who was to come", strings.Replace(approved, "ben", "new", 1), `["1/eu"]`, "2026-07-01", "", "who came only on 2026-03-01", ""},
		{"approved after the run", strings.Replace(approved, "2026-02-01", "2026-07-02", 1), `["1/eu"]`, "2026-07-01", "", "approved only on 2026-07-02", ""},
		{"approved after the period, the run later still", strings.Replace(approved, `"2026-02-01","expires":"2026-12-31"`, `"2027-01-10","expires":"2027-12-31"`, 1), `["1/eu"]`, "2027-01-20", "", "approved only on 2027-01-10", ""},
		{"expired", strings.Replace(approved, "2026-12-31", "2026-06-30", 1), `["1/eu"]`, "2026-07-01", "", "expired 2026-06-30", ""},
		{"of another check", strings.Replace(approved, "ebs-default-encryption", "kms-rotation-enabled", 1), `["1/eu"]`, "2026-07-01", "", "", "no finding about"},
	}
	lib := realLibrary(t)
	for _, tt := range tests {
		ev := Evidence{At: onDay(tt.at).Add(6 * time.Hour)}
		for _, p := range []string{
			`"id":"ana","name":"Ana Ruiz","start":"2020-01-01"`, `"id":"ana2","name":"ana ruiz","start":"2020-01-01"`, `"id":"ben","name":"Ben","start":"2020-01-01"`,
			`"id":"gone","name":"Gone","start":"2020-01-01","last_day":"2026-01-31"`, `"id":"new","name":"New","start":"2026-03-01"`,
		} {
			ev.found(t, "", "", "record/person", p, `{"record":{`+p+`}}`)
		}
		for _, account := range []string{"1", "2"} {
			ev.cell(account, "eu", "ec2/ebs-default", evidence.Collected)
			ev.found(t, account, "eu", "ec2/ebs-default", "eu", `{"GetEbsEncryptionByDefault":{"EbsEncryptionByDefault":false}}`)
			ev.cell(account, "eu", "kms/key", evidence.Empty)
		}
		ev.found(t, "", "", "record/ticket", "T", `{"record":{"id":"T","opened":"2026-02-15"}}`)
		ev.found(t, "", "", "record/exception", "EX", `{"record":{`+tt.record+`,"items":`+tt.items+`}}`)
		r := judged(t, lib, ev)
		var got []string
		for _, f := range resultOf(t, r, "ebs-default-encryption").Findings {
			if f.Verdict != Fail {
				t.Errorf("%s: an exception hides the failure: %+v", tt.name, f)
			}
			if f.Compensated {
				got = append(got, f.Account+"/"+f.Item)
			}
		}
		problems := strings.Join(r.Problems, "\n")
		if s := strings.Join(got, " "); s != tt.compensated || !strings.Contains(r.Exceptions[0].Void, tt.void) || tt.void == "" && r.Exceptions[0].Void != "" ||
			!strings.Contains(problems, tt.problem) || tt.problem == "" && strings.Contains(problems, "EX") {
			t.Errorf("%s: compensated %q, void %q, problems %q; want %q, %q, %q", tt.name, s, r.Exceptions[0].Void, problems, tt.compensated, tt.void, tt.problem)
		}
	}
}
