package control

import (
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// A population nobody asked about must never read as "nothing occurred".
func TestNothingAskedIsNoOccurrence(t *testing.T) {
	lib := smallLibrary(t)
	tests := []struct {
		name   string
		states []evidence.State // of the cells, one region each
		want   Status           // of a check of items
		whole  bool             // of the population
	}{
		{"asked and empty", []evidence.State{evidence.Empty}, NoOccurrence, true},
		{"asked in one region, out of scope in the other", []evidence.State{evidence.Empty, evidence.OutOfScope}, NoOccurrence, true},
		{"all out of scope", []evidence.State{evidence.OutOfScope, evidence.OutOfScope}, NA, false},
		{"no region has the service", []evidence.State{evidence.ServiceNotInRegion}, NA, false},
		{"no region is enabled", []evidence.State{evidence.RegionNotEnabled}, NA, false},
		{"the account is suspended", []evidence.State{evidence.AccountSuspended}, NA, false},
		{"in use nowhere", []evidence.State{evidence.NotInUse, evidence.NotInUse}, NA, true},
		{"in use in one region", []evidence.State{evidence.NotInUse, evidence.Empty}, NoOccurrence, true},
		{"refused", []evidence.State{evidence.OutOfScope, evidence.DeniedSCP}, NotEvaluatedIn, false},
	}
	for _, tt := range tests {
		ev := Evidence{At: onDay("2026-05-01")}
		for i, s := range tt.states {
			ev.cell("1", string(rune('a'+i)), "kms/key", s)
			ev.cell("1", string(rune('a'+i)), "guardduty/detector", s)
		}
		ev.cell("1", "global", "iam/role", tt.states[0])
		r := judged(t, lib, ev)
		if got := resultOf(t, r, "key-rotates").Status; got != tt.want {
			t.Errorf("%s: items: got %q, want %q", tt.name, got, tt.want)
		}
		if got := resultOf(t, r, "watched").Status; got == NoOccurrence {
			t.Errorf("%s: regions: got %q", tt.name, got)
		}
		for _, p := range r.Populations {
			if p.ID == "iam-roles" && len(tt.states) == 1 && p.Whole != tt.whole {
				t.Errorf("%s: the population says %v %q, want %v", tt.name, p.Whole, p.Says, tt.whole)
			}
		}
	}
}

// What a check reads beside its population: a source left out of scope where the
// rest of the place is in scope was not asked, and "not asked" is not "nothing".
func TestWithOutOfScope(t *testing.T) {
	lib := realLibrary(t)
	balancer := `{"DescribeLoadBalancers":{"Type":"application","Scheme":"internet-facing","LoadBalancerArn":"lb","LoadBalancerName":"web"}}`
	for state, want := range map[evidence.State]Verdict{
		evidence.Empty: Fail, evidence.NotInUse: Fail, evidence.OutOfScope: NotEvaluated, evidence.DeniedIdentity: NotEvaluated,
	} {
		ev := Evidence{At: onDay("2026-05-01")}
		ev.cell("1", "eu", "elbv2/load-balancer", evidence.Collected)
		ev.cell("1", "eu", "wafv2/web-acl", state)
		ev.found(t, "1", "eu", "elbv2/load-balancer", "lb", balancer)
		if f := resultOf(t, judged(t, lib, ev), "alb-waf-attached").Findings[0]; f.Verdict != want {
			t.Errorf("web ACLs %s: got %s (%s), want %s", state, f.Verdict, f.Reason, want)
		}
	}
}

// Where an account does not list its regions, those asked need not be all.
func TestRegionsNotListed(t *testing.T) {
	for _, tt := range []struct {
		regions       evidence.State
		items, places Status
		whole         bool
	}{{evidence.Collected, Met, Met, true}, {evidence.Partial, Met, Met, true}, {evidence.DeniedIdentity, NotEvaluatedIn, NotEvaluatedIn, false}} {
		ev := Evidence{At: onDay("2026-05-01")}
		ev.cell("1", "global", "account/region", tt.regions)
		ev.cell("1", "eu", "kms/key", evidence.Collected)
		ev.cell("1", "eu", "guardduty/detector", evidence.Collected)
		ev.cell("1", "eu", "guardduty/finding", evidence.Empty)
		ev.cell("2", "eu", "kms/key", evidence.Empty)
		ev.cell("1", "global", "iam/role", evidence.Empty)
		ev.found(t, "1", "eu", "kms/key", "k", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":true}}`)
		ev.found(t, "1", "eu", "guardduty/detector", "d", `{"GetDetector":{"Status":"ENABLED"}}`)
		r := judged(t, smallLibrary(t), ev)
		if got := resultOf(t, r, "key-rotates"); got.Status != tt.items || got.Counts.Passed != 1 {
			t.Errorf("%s: items: %s %+v", tt.regions, got.Status, got.Findings)
		}
		if got := resultOf(t, r, "watched"); got.Status != tt.places || got.Counts.Passed != 1 {
			t.Errorf("%s: regions: %s %+v", tt.regions, got.Status, got.Findings)
		}
		if len(r.Cells) != len(ev.Cells) {
			t.Errorf("%s: the report holds %d cells, the runs planned %d", tt.regions, len(r.Cells), len(ev.Cells))
		}
		for _, p := range r.Populations {
			if p.ID == "guardduty-high-findings" && p.Whole != tt.whole || p.ID == "iam-roles" && !p.Whole {
				t.Errorf("%s: %+v", tt.regions, p)
			}
		}
	}
}

// A user who came after the credential report was made is on no row of it.
func TestUsersSinceTheReport(t *testing.T) {
	lib := realLibrary(t)
	for users, want := range map[string]Status{"a": Met, "a b": NotEvaluatedIn, "": Met} {
		ev := Evidence{At: onDay("2026-05-01")}
		ev.cell("1", "global", "iam/credential", evidence.Collected)
		ev.cell("1", "global", "iam/user", evidence.Collected)
		ev.cell("2", "global", "iam/credential", evidence.Empty)
		ev.found(t, "1", "global", "iam/credential", "a", `{"GetCredentialReport":{"user":"a","password_enabled":"true","mfa_active":"true"}}`)
		for _, u := range strings.Fields(users) {
			ev.found(t, "1", "global", "iam/user", u, `{"GetAccountAuthorizationDetails":{"UserName":"`+u+`","Arn":"`+u+`"}}`)
		}
		c := resultOf(t, judged(t, lib, ev), "iam-console-users-have-mfa")
		if c.Status != want || want == NotEvaluatedIn && !strings.Contains(c.Findings[0].Reason, "no row for b") {
			t.Errorf("users %q: %s %+v", users, c.Status, c.Findings)
		}
	}
}

// Cells an earlier run asked and the newest did not: an account that left the
// organization, a region taken from the list. What was so then is not so now.
func TestNoLongerAsked(t *testing.T) {
	lib := smallLibrary(t)
	began := onDay("2026-07-10").Add(5 * time.Hour)
	key := `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":true}}`
	tests := []struct {
		name         string
		now, other   string // when the newest run asked kms/key of account 1, and when account 2 was last asked
		verdicts     string // of accounts 1 and 2
		population   int
		excluded     int
		notEvaluated int
	}{
		{"both asked now", "2026-07-10", "2026-07-10", "pass pass", 2, 0, 0},
		{"account 2 was asked in spring", "2026-07-10", "2026-04-10", "pass not_evaluated", 2, 0, 1},
		{"account 2 was asked before the period", "2026-07-10", "2025-04-10", "pass ", 1, 1, 0},
		{"the run was limited to other sources", "2026-04-10", "2026-04-10", "pass pass", 2, 0, 0},
		{"limited to other sources, and the keys are of before the period", "2025-04-10", "2025-04-10", "not_evaluated not_evaluated", 2, 0, 2},
	}
	for _, tt := range tests {
		ev := Evidence{Run: "9", At: began.Add(time.Hour), Began: began}
		for i, on := range []string{tt.now, tt.other} {
			at := onDay(on).Add(5*time.Hour + time.Minute)
			account := string(rune('1' + i))
			ev.Cells = append(ev.Cells, evidence.Cell{Account: account, Region: "eu", Source: "kms/key", State: evidence.Collected, Started: at, Ended: at, Path: "p"})
			ev.found(t, account, "eu", "kms/key", "k"+account, key)
		}
		c := resultOf(t, judged(t, lib, ev), "key-rotates")
		got := map[string]string{}
		for _, f := range c.Findings {
			got[f.Account] = string(f.Verdict)
		}
		if s := got["1"] + " " + got["2"]; s != tt.verdicts || c.Counts.Population != tt.population || len(c.Excluded) != tt.excluded || len(c.Unanswered) != tt.notEvaluated {
			t.Errorf("%s: got %q %+v, excluded %d, unanswered %d", tt.name, s, c.Counts, len(c.Excluded), len(c.Unanswered))
		}
	}
}

// An account of the organization of which no cell was ever planned.
func TestAccountsNeverPlanned(t *testing.T) {
	ev := Evidence{At: onDay("2026-05-01")}
	ev.cell("1", "global", "organizations/account", evidence.Collected)
	ev.cell("2", "global", "iam/role", evidence.OutOfScope)
	for id, status := range map[string]string{"1": "ACTIVE", "2": "ACTIVE", "3": "ACTIVE", "4": "SUSPENDED", "5": ""} {
		ev.found(t, "1", "global", "organizations/account", id, `{"ListAccounts":{"Id":"`+id+`","Name":"n`+id+`","Status":"`+status+`"}}`)
	}
	var got []string
	for _, p := range judged(t, smallLibrary(t), ev).Problems {
		if strings.Contains(p, "of the organization") {
			got = append(got, p)
		}
	}
	if len(got) != 2 || !strings.Contains(got[0], "3 (n3)") || !strings.Contains(got[1], "5 (n5)") {
		t.Errorf("got %q", got)
	}
}

func judged(t testing.TB, lib *Library, ev Evidence, earlier ...Evidence) *Report {
	t.Helper()
	r, err := Evaluate(lib, smallEngagement(), ev, earlier)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
