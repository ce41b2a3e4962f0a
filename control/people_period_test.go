package control

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// overRuns is what four quarterly runs of 2026 saw: rows of the credential report
// by run, "" for none, "!" for one that was refused.
func overRuns(t *testing.T, person string, rows []string, with map[string][]string) joining {
	t.Helper()
	item := func(source, text string) Located {
		it := Located{Source: source, Account: "1", Region: "global"}
		if err := json.Unmarshal([]byte(text), &it.Answers); err != nil {
			t.Fatal(text, err)
		}
		return it
	}
	period := Period{onDay("2026-01-01"), onDay("2026-12-31")}
	var runs []joining
	for i, at := range []string{"2026-01-02", "2026-04-01", "2026-07-01", "2026-10-01"} {
		in := joining{Period: period, AsOf: onDay(at), At: onDay(at).Add(6 * time.Hour), Run: "000" + string(rune('1'+i)), With: map[string]listing{}, Params: written{}}
		in.Of = listing{Source: "record/person", Items: []Located{item("record/person", `{"record":`+person+`}`)}}
		cell := evidence.Cell{Account: "1", Region: "global", Source: "iam/credential", State: evidence.Collected}
		l := listing{Source: "iam/credential", Cells: []evidence.Cell{cell}}
		switch {
		case rows[i] == "!":
			l.Cells[0].State = evidence.DeniedIdentity
			l.Missing = l.Cells
		case rows[i] != "":
			l.Items = []Located{item("iam/credential", `{"GetCredentialReport":`+rows[i]+`}`)}
		}
		in.With["credentials"] = l
		in.With["directory"] = listing{Source: "identitystore/user", Cells: []evidence.Cell{{Account: "1", Region: "eu-west-1", Source: "identitystore/user", State: evidence.Empty}}}
		in.With["offboarding"] = listing{Source: "record/offboarding"}
		for name, list := range with {
			l := listing{Source: "record/" + name}
			for _, text := range list {
				l.Items = append(l.Items, item("record/"+name, text))
			}
			in.With[name] = l
		}
		runs = append(runs, in)
	}
	last := runs[len(runs)-1]
	last.Past = runs[:len(runs)-1]
	return last
}

func one(t *testing.T, found []Finding, want Verdict, says ...string) {
	t.Helper()
	if len(found) != 1 {
		t.Fatalf("%d findings, want one: %v", len(found), found)
	}
	b, err := json.Marshal(found[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	text := found[0].Reason + " " + string(b)
	if found[0].Verdict != want {
		t.Errorf("%s, want %s: %s", found[0].Verdict, want, text)
	}
	for _, s := range says {
		if !strings.Contains(text, s) {
			t.Errorf("%q does not say %q", text, s)
		}
	}
}

const (
	janOpen   = `{"user":"jan","password_enabled":"true","access_key_1_active":"false","access_key_2_active":"false","cert_1_active":"false","cert_2_active":"false"}`
	janClosed = `{"user":"jan","password_enabled":"false","access_key_1_active":"false","access_key_2_active":"false","cert_1_active":"false","cert_2_active":"false"}`
)

// How long somebody who left kept access, as far as runs, events and records tell.
func TestLeaversOverThePeriod(t *testing.T) {
	const left = `{"id":"jan","start":"2024-01-01","last_day":"2026-05-29","iam_users":["1/jan"],"identity_center":"none"}`
	record := func(day string) map[string][]string {
		return map[string][]string{"offboarding": {`{"record":{"person":"jan","last_day":"2026-05-29","access_removed_on":"` + day + `"}}`}}
	}
	event := func(at string) map[string][]string {
		return map[string][]string{"events": {`{"LookupEvents":{"EventName":"DeleteUser","EventTime":"` + at + `","Resources":[{"ResourceType":"AWS::IAM::User","ResourceName":"jan"}]}}`}}
	}
	for _, c := range []struct {
		name string
		rows []string
		with map[string][]string
		want Verdict
		says []string
	}{
		{"still there", []string{janOpen, janOpen, janOpen, janOpen}, record("2026-05-29"), Fail, []string{"not by 2026-10-01", "125"}},
		{"a month late, and mended since", []string{janOpen, janOpen, janOpen, ""}, record("2026-05-29"), Fail, []string{"between 2026-07-01 (run 0003) and 2026-10-01 (run 0004)"}},
		{"gone at the run after, as the record says", []string{janOpen, janOpen, "", ""}, record("2026-05-29"), Pass, []string{"between 2026-04-01 (run 0002) and 2026-07-01 (run 0003)", "removed on 2026-05-29", "told by the record, not observed"}},
		{"gone, and the record says late", []string{janOpen, janOpen, "", ""}, record("2026-06-12"), Fail, nil},
		{"gone, and nothing says when", []string{janOpen, janOpen, "", ""}, nil, NeedsRecord, []string{"between 2026-04-01"}},
		{"gone on the day, by an event", []string{janOpen, janOpen, "", ""}, event("2026-05-29T17:03:00Z"), Pass, []string{"on 2026-05-29T17:03:00Z, by CloudTrail"}},
		{"gone, and the event of the day was refused", []string{janOpen, janOpen, "", ""}, map[string][]string{"events": {strings.Replace(event("2026-05-29T17:03:00Z")["events"][0], `"EventName"`, `"CloudTrailEvent":{"errorCode":"AccessDenied"},"EventName"`, 1)}}, NeedsRecord, []string{"between 2026-04-01"}},
		{"an event of the day, and no run after it could look", []string{janOpen, janOpen, "!", "!"}, event("2026-05-29T17:03:00Z"), NotEvaluated, nil},
		{"an event of the day that worked, and no run after it could look", []string{janOpen, janOpen, "!", "!"}, map[string][]string{"events": {strings.Replace(event("2026-05-29T17:03:00Z")["events"][0], `"EventName"`, `"CloudTrailEvent":{"eventVersion":"1.11"},"EventName"`, 1)}}, Pass, []string{"on 2026-05-29T17:03:00Z, by CloudTrail"}},
		{"gone late, by an event", []string{janOpen, janOpen, "", ""}, event("2026-06-20T17:03:00Z"), Fail, []string{"2026-06-20"}},
		{"came back", []string{janOpen, janOpen, janClosed, janOpen}, record("2026-05-29"), Fail, []string{"125"}},
		{"the run after was refused", []string{janOpen, janOpen, "!", janClosed}, record("2026-05-29"), Pass, []string{"between 2026-04-01 (run 0002) and 2026-10-01 (run 0004)"}},
		{"every run after was refused", []string{janOpen, janOpen, "!", "!"}, record("2026-05-29"), NotEvaluated, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			one(t, leaversLostAccessInTime(overRuns(t, left, c.rows, c.with)), c.want, c.says...)
		})
	}
}

// An event that only an earlier run was told of counts: a run's history goes back ninety days.
func TestLeaversByAnEventOfAnEarlierRun(t *testing.T) {
	const left = `{"id":"jan","start":"2024-01-01","last_day":"2026-05-29","iam_users":["1/jan"],"identity_center":"none"}`
	in := overRuns(t, left, []string{janOpen, janOpen, "", ""}, map[string][]string{"events": {`{"LookupEvents":{"EventName":"DeleteUser","EventTime":"2026-05-29T17:03:00Z","CloudTrailEvent":{"eventVersion":"1.11"},"Resources":[{"ResourceType":"AWS::IAM::User","ResourceName":"jan"}]}}`}})
	in.With["events"] = listing{Source: "record/events"}
	one(t, leaversLostAccessInTime(in), Pass, "on 2026-05-29T17:03:00Z, by CloudTrail", "closed_by_events", "IAM user jan in 1: 2026-05-29T17:03:00Z")
}

// A use after the last day shows at whichever run saw it.
func TestUseAfterTheLastDay(t *testing.T) {
	const left = `{"id":"jan","start":"2024-01-01","last_day":"2026-05-29","iam_users":["1/jan"],"identity_center":"none"}`
	used := func(day string) string {
		return strings.Replace(janOpen, `"password_enabled":"true"`, `"password_enabled":"true","password_last_used":"`+day+`T10:00:00+00:00"`, 1)
	}
	early := map[string][]string{"offboarding": {`{"record":{"person":"jan","last_day":"2026-05-29","access_removed_on":"2026-05-29"}}`}}
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{used("2025-12-30"), used("2026-03-30"), used("2026-06-11"), ""}, nil)), Fail, "a password of IAM user jan in 1 on 2026-06-11T10:00:00Z")
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{used("2025-12-30"), used("2026-03-30"), used("2026-05-29"), used("2026-05-29")}, nil)), Pass)
	// What is gone tells nothing of its last weeks.
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{used("2025-12-30"), used("2026-03-30"), used("2026-05-29"), ""}, nil)), NotEvaluated, "a password of IAM user jan in 1 was last seen on 2026-07-01")
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{used("2025-12-30"), used("2026-03-30"), used("2026-05-29"), ""}, early)), NotEvaluated) // July saw open what the record calls closed
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{used("2025-12-30"), used("2026-03-30"), used("2026-05-29"), janClosed}, nil)), NotEvaluated, "a password of IAM user jan in 1 was last seen on 2026-07-01")
	key := strings.Replace(janClosed, `"access_key_1_active":"false"`, `"access_key_1_active":"false","access_key_1_last_rotated":"2025-02-01T08:00:00+00:00","access_key_1_last_used_date":"N/A"`, 1)
	on := strings.Replace(key, `"access_key_1_active":"false"`, `"access_key_1_active":"true"`, 1)
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{on, on, on, key}, nil)), Pass) // switched off, there, and never used
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{on, on, key, janClosed}, early)), Pass)
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{on, on, on, janClosed}, nil)), NotEvaluated, "access key 1 of IAM user jan in 1")
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{used("2025-12-30"), used("2026-03-30"), "", ""}, nil)), NotEvaluated, "last seen on 2026-04-01", "no run tells")
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{used("2025-12-30"), used("2026-03-30"), "", ""}, early)), Pass)
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{"", "", "", ""}, nil)), NotApplicable)
	one(t, leaversDidNotUseAccess(overRuns(t, left, []string{"", "", "", "!"}, nil)), NotEvaluated)
}

// A move that only two versions of the register tell of needs a record.
func TestMovesBetweenRuns(t *testing.T) {
	in := overRuns(t, `{"id":"jan","start":"2024-01-01","title":"Engineer","team":"Platform","iam_users":["1/jan"],"identity_center":"none"}`, []string{janOpen, janOpen, janOpen, janOpen}, map[string][]string{"changes": nil})
	for i := range in.Past[:2] {
		before := in.Past[i].Of.Items[0]
		before.Answers = map[string]any{"record": map[string]any{"id": "jan", "title": "Support specialist", "team": "Support"}}
		in.Past[i].Of.Items = []Located{before}
	}
	one(t, moversAccessChanged(in), NeedsRecord, "team: \\\"Support\\\" became \\\"Platform\\\"", "between\":\"2026-04-01 and 2026-07-01", "access_before", "access_after")
	in.With["changes"] = listing{Source: "record/role-change", Items: []Located{{Item: evidence.Item{ID: "x", Answers: map[string]any{"record": map[string]any{
		"person": "jan", "old_role": "Support", "new_role": "Platform", "effective": "2026-05-04", "completed": "2026-05-05"}}}}}}
	one(t, moversAccessChanged(in), Pass, "access_before\":\"2026-04-01", "access_after\":\"2026-07-01")
}

// Access before the first day is seen by the day the user was made, or by a run.
func TestJoinersOverThePeriod(t *testing.T) {
	const joined = `{"id":"jan","start":"2026-05-04","iam_users":["1/jan"],"identity_center":"none"}`
	asked := map[string][]string{"requests": {`{"record":{"id":"ACC-1","person":"jan","approved_by":"ana","approved":"2026-03-20"}}`}}
	one(t, joinersAccessInOrder(overRuns(t, joined, []string{"", janOpen, janOpen, janOpen}, asked)), Fail, "first seen on 2026-04-01", `"days_before_start":33`)
	one(t, joinersAccessInOrder(overRuns(t, joined, []string{"", "", janOpen, janOpen}, asked)), Pass, "first seen on 2026-07-01")
	one(t, joinersAccessInOrder(overRuns(t, joined, []string{"", "", janOpen, janOpen}, map[string][]string{"requests": nil})), NeedsRecord, "access-request")
	one(t, joinersAccessInOrder(overRuns(t, joined, []string{"", "", "", "!"}, asked)), NotEvaluated)
}
