package control

import (
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// Ways in which somebody who left and still has access could pass.
func TestLeavers(t *testing.T) {
	const left = `"id":"jan","name":"Jan Jansen","email":"jan@example.com","start":"2024-01-01","last_day":"2026-05-29"`
	const works = `"id":"jan","name":"Jan Jansen","email":"jan@example.com","start":"2024-01-01"`
	user := func(name, on string) string {
		return `{"GetCredentialReport":{"user":"` + name + `","password_enabled":"` + on + `","access_key_1_active":"false","access_key_2_active":"false","cert_1_active":"false","cert_2_active":"false"}}`
	}
	const hidden = `{"ListUsers":{"UserName":"j.jansen","UserId":"u1","Emails":[{"Value":"redacted:hmac-sha256:0123456789abcdef"}]}}`
	const open = `{"ListUsers":{"UserName":"j.jansen","UserId":"u1","Emails":[{"Value":"other@example.com"}]}}`
	tests := []struct {
		name        string
		person      string
		credentials string // one row in account 1; "" for none
		directory   string // one user; "" for none
		offboarding string
		change      func(*Evidence)
		want        Verdict // "" for no finding
		says        string  // within reason and value
	}{
		{name: "nobody of that name anywhere", person: left + `,"iam_users":["jan"],"identity_center":"jan"`, want: Pass},
		{name: "the user is there", person: left + `,"iam_users":["jan"]`, credentials: user("jan", "true"), want: Fail, says: "IAM user jan in 1"},
		{name: "in capitals", person: left + `,"iam_users":["JAN"]`, credentials: user("jan", "true"), want: Fail},
		{name: "with its account", person: left + `,"iam_users":["1/jan"]`, credentials: user("jan", "true"), want: Fail},
		{name: "of the same name in another account", person: left + `,"iam_users":["2/jan"],"identity_center":"none"`, credentials: user("jan", "true"), want: Pass},
		{name: "named by the work address", person: left, credentials: user("Jan@Example.com", "true"), want: Fail},
		{name: "named by the work address in the directory", person: left, directory: `{"ListUsers":{"UserName":"Jan@Example.com","UserId":"u1"}}`, want: Fail},
		// The directory withholds addresses: a name the register does not give cannot be told from another's.
		{name: "IAM users said, the directory's name not", person: left + `,"iam_users":[]`, directory: hidden, want: NotEvaluated, says: "identity_center"},
		{name: "the same, with addresses to be read", person: left + `,"iam_users":[]`, directory: open, want: Pass},
		{name: "the directory's name said, IAM users not", person: left + `,"identity_center":"jj"`, credentials: user("jansen", "true"), want: NotEvaluated, says: "iam_users"},
		{name: "the same, and there is only root", person: left + `,"identity_center":"jj"`, credentials: user("<root_account>", "not_supported"), want: Pass},
		{name: "never had one in either", person: left + `,"iam_users":[],"identity_center":"none"`, credentials: user("ana", "true"), directory: hidden, want: Pass},
		{name: "never had one, by the register, and the name says otherwise", person: left + `,"iam_users":[],"identity_center":"none"`, directory: `{"ListUsers":{"UserName":"jan@example.com","UserId":"u1"}}`, want: Fail},
		{name: "nothing said and nobody there", person: left, want: NotEvaluated, says: "no identity given"},
		{name: "password_enabled is not said", person: left + `,"iam_users":["jan"]`, credentials: user("jan", "no_information"), want: NotEvaluated},
		{name: "disabled", person: left + `,"iam_users":[],"identity_center":"j.jansen"`, directory: strings.Replace(hidden, `"UserId"`, `"UserStatus":"DISABLED","UserId"`, 1), want: Pass},
		{name: "a status nobody knows", person: left + `,"iam_users":[],"identity_center":"j.jansen"`, directory: strings.Replace(hidden, `"UserId"`, `"UserStatus":"x","UserId"`, 1), want: Fail},
		// The record of what was closed.
		{name: "nobody wrote down what was closed", person: left + `,"iam_users":[],"identity_center":"none"`, offboarding: "none", want: NeedsRecord, says: "offboarding"},
		{name: "nobody wrote it down, and it cannot all be read", person: left + `,"iam_users":[],"identity_center":"none"`, offboarding: "none", want: NotEvaluated, says: "not read whole",
			change: func(ev *Evidence) {
				ev.Unread = map[string]string{"offboarding": "records/offboarding/x.md:2: no date"}
			}},
		{name: "nobody wrote it down, before the period", person: strings.Replace(left, "2026-05-29", "2025-05-29", 1) + `,"iam_users":[],"identity_center":"none"`, offboarding: "none", want: Pass},
		{name: "nobody wrote it down, yesterday", person: strings.Replace(left, "2026-05-29", "2026-07-09", 1) + `,"iam_users":[],"identity_center":"none"`, offboarding: "none", want: Pass},
		{name: "nobody wrote it down, and access is there", person: left + `,"iam_users":["jan"]`, credentials: user("jan", "true"), offboarding: "none", want: Fail},
		// Scope.
		{name: "the report of an account in scope was left out", person: left + `,"iam_users":["jan"],"identity_center":"none"`, want: NotEvaluated, says: "out_of_scope",
			change: func(ev *Evidence) {
				ev.Cells[0].State = evidence.OutOfScope
				ev.cell("1", "global", "iam/role", evidence.Empty)
			}},
		{name: "all of Identity Center's regions were left out", person: left + `,"iam_users":["jan"],"identity_center":"jan"`, want: NotEvaluated, says: "out_of_scope",
			change: func(ev *Evidence) { ev.Cells[1].State = evidence.OutOfScope }},
		{name: "another account is out of scope as a whole", person: left + `,"iam_users":["jan"],"identity_center":"none"`, want: Pass,
			change: func(ev *Evidence) { ev.cell("2", "global", "iam/credential", evidence.OutOfScope) }},
		{name: "the user named lies in an account that is out of scope", person: left + `,"iam_users":["2/jan"],"identity_center":"none"`, want: NotEvaluated, says: "out_of_scope",
			change: func(ev *Evidence) { ev.cell("2", "global", "iam/credential", evidence.OutOfScope) }},
		// Time.
		{name: "a day after the last, access is still allowed", person: strings.Replace(left, "2026-05-29", "2026-07-09", 1) + `,"iam_users":["jan"]`, credentials: user("jan", "true"), want: NotApplicable},
		{name: "two days after", person: strings.Replace(left, "2026-05-29", "2026-07-08", 1) + `,"iam_users":["jan"]`, credentials: user("jan", "true"), want: Fail},
		{name: "left on the last day of the period, access seen three weeks later", person: strings.Replace(left, "2026-05-29", "2026-12-31", 1) + `,"iam_users":["jan"]`, credentials: user("jan", "true"), want: Fail,
			change: func(ev *Evidence) { ev.At = onDay("2027-01-20") }},
		{name: "leaves after the period", person: strings.Replace(left, "2026-05-29", "2027-01-02", 1) + `,"iam_users":["jan"]`, credentials: user("jan", "true"), want: "",
			change: func(ev *Evidence) { ev.At = onDay("2027-01-20") }},
		{name: "works here", person: works + `,"iam_users":["jan"]`, credentials: user("jan", "true"), want: ""},
		// What people wrote elsewhere.
		{name: "offboarded, and the register forgot the last day", person: works + `,"iam_users":["jan"]`, credentials: user("jan", "true"), offboarding: `{"record":{"person":"jan","last_day":"2026-05-29"}}`, want: Fail, says: "2026-05-29"},
		{name: "offboarded in May, the register says 2062", person: strings.Replace(left, "2026-05-29", "2062-05-29", 1) + `,"iam_users":["jan"]`, credentials: user("jan", "true"), offboarding: `{"record":{"person":"jan","last_day":"2026-05-29"}}`, want: Fail, says: "2062-05-29"},
		{name: "came back", person: strings.Replace(works, "2024-01-01", "2026-06-01", 1) + `,"iam_users":["jan"]`, credentials: user("jan", "true"), offboarding: `{"record":{"person":"jan","last_day":"2025-05-29"}}`, want: ""},
		{name: "somebody else was offboarded", person: works + `,"iam_users":["jan"]`, credentials: user("jan", "true"), offboarding: `{"record":{"person":"ana","last_day":"2026-05-29"}}`, want: ""},
	}
	lib := realLibrary(t)
	for _, tt := range tests {
		ev := Evidence{At: onDay("2026-07-10").Add(6 * time.Hour)}
		ev.cell("1", "global", "iam/credential", evidence.Collected)
		ev.cell("1", "eu", "identitystore/user", evidence.Collected)
		ev.cell("1", "eu", "sso/assignment", evidence.Collected)
		ev.found(t, "", "", "record/person", "jan", `{"record":{`+tt.person+`}}`)
		for source, item := range map[string]string{"iam/credential": tt.credentials, "identitystore/user": tt.directory} {
			if item != "" {
				ev.found(t, "1", map[string]string{"iam/credential": "global", "identitystore/user": "eu"}[source], source, "x", item)
			}
		}
		switch tt.offboarding {
		case "none":
		case "":
			if _, last, ok := strings.Cut(tt.person, `"last_day":"`); ok {
				ev.found(t, "", "", "record/offboarding", "o", `{"record":{"person":"jan","last_day":"`+last[:10]+`"}}`)
			}
		default:
			ev.found(t, "", "", "record/offboarding", "o", tt.offboarding)
		}
		if tt.change != nil {
			tt.change(&ev)
		}
		r := judged(t, lib, ev)
		c := resultOf(t, r, "leavers-have-no-access")
		var f Finding
		if len(c.Findings) > 0 && c.Findings[0].Item == "jan" {
			f = c.Findings[0]
		}
		if f.Verdict != tt.want || !strings.Contains(f.Reason+" "+text(f.Value), tt.says) {
			t.Errorf("%s: got %q %s %v, want %q %s", tt.name, f.Verdict, f.Reason, f.Value, tt.want, tt.says)
		}
		problems := strings.Join(r.Problems, "\n")
		if said := strings.Contains(problems, "offboarding record"); said != strings.HasPrefix(tt.name, "offboarded") {
			t.Errorf("%s: problems: %q", tt.name, problems)
		}
	}
}

// Whoever is struck off a register drops out of its population.
func TestStruckOff(t *testing.T) {
	lib := realLibrary(t)
	person := func(id, email string) string {
		return `{"record":{"id":"` + id + `","name":"` + id + `","email":"` + email + `","start":"2024-01-01","iam_users":[],"identity_center":"none"}}`
	}
	tests := []struct {
		name, then, now string // the entry beside ana's, at the run before and at the newest
		unread          bool
		want            Verdict // of the entry that was there then
	}{
		{"still there", person("jan", "jan@x"), person("jan", "jan@x"), false, ""},
		{"struck off", person("jan", "jan@x"), "", false, NotEvaluated},
		{"renamed, with the same address", person("jan", "jan@x"), person("jansen", "Jan@x"), false, ""},
		{"another came", person("jan", "jan@x"), person("eve", "eve@x"), false, NotEvaluated},
		{"the register could not be read", person("jan", "jan@x"), "", true, ""},
	}
	for _, tt := range tests {
		old, now := Evidence{Run: "0001", At: onDay("2026-03-01")}, Evidence{Run: "0002", At: onDay("2026-07-01")}
		for _, ev := range []*Evidence{&old, &now} {
			ev.cell("1", "global", "iam/credential", evidence.Empty)
			ev.cell("1", "eu", "identitystore/user", evidence.Empty)
			ev.found(t, "", "", "record/person", "ana", person("ana", "ana@x"))
		}
		old.found(t, "", "", "record/person", "jan", tt.then)
		if tt.now != "" {
			now.found(t, "", "", "record/person", "x", tt.now)
		}
		if tt.unread {
			now.Unread = map[string]string{"person": "registers/people.yaml:3: is not YAML"}
		}
		r := judged(t, lib, now, old)
		var got Verdict
		for _, f := range resultOf(t, r, "leavers-have-no-access").Findings {
			if f.Item == "jan" {
				got = f.Verdict
			}
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		for _, p := range r.Populations {
			if p.ID == "people" && strings.Contains(p.Says, "jan") != (tt.want == NotEvaluated) {
				t.Errorf("%s: the population says %q", tt.name, p.Says)
			}
		}
	}
	vendor := func(ev *Evidence, id string) {
		ev.found(t, "", "", "record/vendor", id, `{"record":{"id":"`+id+`","name":"`+id+`","customer_data":false,"dpa":"none"}}`)
	}
	old, now := Evidence{Run: "0001", At: onDay("2026-03-01")}, Evidence{Run: "0002", At: onDay("2026-07-01")}
	vendor(&old, "logs")
	vendor(&old, "mail")
	vendor(&now, "mail")
	c := resultOf(t, judged(t, lib, now, old), "vendors-reviewed-yearly")
	if c.Status != NotEvaluatedIn || c.Counts.Population != 2 || c.Findings[0].Item != "logs" {
		t.Errorf("a vendor struck off: %+v", c.Findings)
	}
}

func text(v any) string {
	if m, ok := v.(map[string]any); ok {
		s := ""
		for _, k := range sortedKeys(m) {
			s += k + " " + text(m[k]) + " "
		}
		return s
	}
	if l, ok := v.([]any); ok {
		s := ""
		for _, e := range l {
			s += text(e) + " "
		}
		return s
	}
	s, _ := v.(string)
	return s
}
