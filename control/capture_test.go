package control

import (
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// captures are a whole run and two captures after it: the captures ask for backup
// jobs alone, and leave everything else as the whole run was told.
func captures(t *testing.T) (newest Evidence, earlier []Evidence) {
	var jobs, key evidence.Cell
	job := func(ev *Evidence, id, state, created string) {
		ev.found(t, "1", "eu", "backup/job", id, `{"ListBackupJobs":{"ResourceArn":"db","State":"`+state+`","CreationDate":"`+created+`"}}`)
	}
	at := func(run, day string, whole bool) *Evidence {
		on := onDay(day).Add(6 * time.Hour)
		ev := Evidence{Run: run, Commit: "c" + run, Began: on, At: on.Add(time.Minute)}
		jobs = evidence.Cell{Account: "1", Region: "eu", Source: "backup/job", State: evidence.Collected, Started: on, Ended: on}
		if whole {
			key = evidence.Cell{Account: "1", Region: "global", Source: "iam/access-key", State: evidence.Collected, Started: on, Ended: on}
		}
		ev.Cells = []evidence.Cell{jobs, key}
		ev.found(t, "1", "global", "iam/access-key", "k", `{"ListAccessKeys":{"UserName":"ci","Status":"Active","CreateDate":"2026-01-01T00:00:00Z"}}`)
		earlier = append(earlier, ev)
		return &earlier[len(earlier)-1]
	}
	whole := at("1", "2026-01-20", true)
	job(whole, "j1", "COMPLETED", "2026-01-18T05:00:00Z")
	first := at("2", "2026-02-15", false)
	job(first, "j2", "FAILED", "2026-02-01T05:00:00Z")
	job(first, "j3", "COMPLETED", "2026-02-02T05:00:00Z")
	second := at("3", "2026-04-10", false)
	job(second, "j4", "FAILED", "2026-04-05T05:00:00Z")
	return earlier[2], earlier[:2]
}

// What only a capture saw is an item of the period; what no run tells of is not
// known; and the rest is judged as of the day it was asked.
func TestCaptures(t *testing.T) {
	lib := realLibrary(t)
	lib.Keeps = []Retention{{Source: "backup/job", What: "backup jobs", Days: 30, Asked: 30}}
	newest, earlier := captures(t)
	r := judged(t, lib, newest, earlier...)

	got := map[string]Verdict{}
	c := resultOf(t, r, "backup-jobs-succeed")
	for _, f := range c.Findings {
		got[f.Item] = f.Verdict
	}
	for item, want := range map[string]Verdict{
		"j1": Pass, "j2": Pass, "j3": Pass, // seen by the whole run and by the first capture; j3 made good for j2
		"j4":                             Fail, // and no later one made good for it
		"1/eu, 2026-02-15 to 2026-03-11": NotEvaluated,
	} {
		if got[item] != want {
			t.Errorf("%s: got %q, want %q", item, got[item], want)
		}
	}
	if len(got) != 5 || c.Counts.Population != 5 {
		t.Errorf("%d items: %v", c.Counts.Population, got)
	}

	// The key was 19 days old when it was looked at; how old it is now nobody looked at.
	f := resultOf(t, r, "iam-access-keys-rotated-90-days").Findings[0]
	v := fieldsOf(f.Value)
	if f.Verdict != Pass || v["age_days"] != int64(19) || !strings.Contains(v["counted_to"].(string), "2026-01-20, the day it was last asked") {
		t.Errorf("a key the captures did not ask about: %s %v", f.Verdict, f.Value)
	}

	if len(r.Reaches) != 1 || len(r.Reaches[0].Lost) != 1 || r.Reaches[0].Runs != 3 {
		t.Errorf("reaches: %+v", r.Reaches)
	}
	gone := r.Gone["backup/job"]
	if len(gone) != 3 || gone[0].ID != "j1" || gone[0].First != "1" || gone[0].Last != "1" || gone[1].Last != "2" || gone[1].Pointer.Commit != "c2" {
		t.Errorf("gone: %+v", gone)
	}
	if r.Gone["iam/access-key"] != nil {
		t.Error("what stands as it was left is not gone")
	}
}

// A capture does not look at who can get in: of somebody who left since the last
// run that did, it knows nothing, and says so by the day it counts to.
func TestCapturesAndLeavers(t *testing.T) {
	lib := realLibrary(t)
	run := func(name, day string, asked time.Time) Evidence {
		ev := Evidence{Run: name, Commit: name, Began: onDay(day), At: onDay(day).Add(time.Minute)}
		for _, s := range []string{"iam/credential", "iam/user", "iam/access-key", "identitystore/user", "identitystore/group", "sso/assignment", "sso/instance"} {
			ev.Cells = append(ev.Cells, evidence.Cell{Account: "1", Region: "global", Source: s, State: evidence.Collected, Started: asked, Ended: asked})
		}
		ev.Cells = append(ev.Cells, evidence.Cell{Account: "1", Region: "eu", Source: "backup/job", State: evidence.Empty, Started: ev.Began, Ended: ev.Began})
		ev.found(t, "1", "global", "iam/credential", "lea", `{"GetCredentialReport":{"user":"lea","arn":"arn:aws:iam::1:user/lea","password_enabled":"true","access_key_1_active":"false","access_key_2_active":"false","mfa_active":"true"}}`)
		ev.found(t, "", "", "record/person", "lea", `{"record":{"id":"lea","name":"Lea Gone","email":"lea@example.com","start":"2020-01-01","last_day":"2026-04-15","iam_users":["lea"]}}`)
		ev.found(t, "", "", "record/person", "ana", `{"record":{"id":"ana","name":"Ana Prior","email":"ana@example.com","start":"2020-01-01"}}`)
		return ev
	}
	whole := onDay("2026-04-01")
	r := judged(t, lib, run("2", "2026-05-20", whole), run("1", "2026-04-01", whole))
	for _, name := range []string{"leavers-have-no-access", "leavers-lost-access-in-time"} {
		for _, f := range resultOf(t, r, name).Findings {
			if f.Item == "lea" && f.Verdict == Fail {
				t.Errorf("%s: a capture that did not ask says that she can still get in: %v %s", name, f.Value, f.Reason)
			}
		}
	}
	for _, p := range r.People {
		for _, s := range p.Seen {
			if p.ID == "lea" && s.At.After(whole.Add(time.Hour)) {
				t.Errorf("seen at the capture: %+v", s)
			}
		}
	}
	// A whole run on that day does say so.
	r = judged(t, lib, run("2", "2026-05-20", onDay("2026-05-20")), run("1", "2026-04-01", whole))
	if f := resultOf(t, r, "leavers-have-no-access").Findings[0]; f.Item != "lea" || f.Verdict != Fail {
		t.Errorf("a whole run: %+v", f)
	}
}

// What the code host forgets within a month a capture asks for: the change is known not
// to have gone past the rules though no whole run asked in time.
func TestCapturesOfBypasses(t *testing.T) {
	lib := realLibrary(t)
	lib.Keeps = []Retention{{Source: "forge/rule-suite", What: "pushes past the branch's rules", Days: 28}}
	sha := strings.Repeat("a", 40)
	run := func(name, day string, whole time.Time, from string) Evidence {
		on := onDay(day)
		ev := Evidence{Run: name, Commit: name, Began: on, At: on.Add(time.Minute)}
		if whole.Before(on) {
			ev.Only = []string{"forge/rule-suite"}
		}
		for _, s := range []string{"git/change", "forge/pull-request"} {
			ev.Cells = append(ev.Cells, evidence.Cell{Region: "shop", Source: s, State: evidence.Collected, Started: whole, Ended: whole})
		}
		ev.Cells = append(ev.Cells, evidence.Cell{Region: "shop", Source: "forge/rule-suite", State: evidence.Collected, Started: on, Ended: on})
		ev.found(t, "", "shop", "git/change", sha, `{"commit":{"sha":"`+sha+`","subject":"One"},"change":{"number":1,"in_period":true,"committed":"2026-02-10T10:00:00Z","branch":"main"}}`)
		ev.found(t, "", "shop", "forge/rule-suite", "o/shop@main", `{"asked":{"from":"`+from+`","until":"`+on.Format(time.RFC3339)+`"}}`)
		return ev
	}
	first, last := onDay("2026-01-20"), onDay("2026-05-01")
	whole, capture := run("1", "2026-01-20", first, "2025-12-24T00:00:00Z"), run("2", "2026-02-15", first, "2026-01-19T00:00:00Z")
	newest := run("3", "2026-05-01", last, "2026-04-04T00:00:00Z")
	for _, c := range []struct {
		earlier []Evidence
		want    Verdict
	}{{[]Evidence{whole, capture}, Pass}, {[]Evidence{whole}, NotEvaluated}} {
		r := judged(t, lib, newest, c.earlier...)
		if f := resultOf(t, r, "git-rules-not-bypassed").Findings[0]; f.Verdict != c.want {
			t.Errorf("after %d runs: %s %s, want %s", len(c.earlier), f.Verdict, f.Reason, c.want)
		}
		if len(r.Reaches) != 1 || r.Reaches[0].Keeper() != "the code host" || len(r.Reaches[0].Lost) == 0 {
			t.Errorf("reaches: %+v", r.Reaches)
		}
	}
}
