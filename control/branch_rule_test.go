package control

import (
	"slices"
	"testing"
	"time"

	"exhibit/evidence"
)

// The rules over a branch at each run that asked: what changed, and what is not known.
func TestRulesOver(t *testing.T) {
	run := func(name string, at time.Time, asked bool, answers string, gaps ...evidence.Gap) *world {
		began := at.Add(-time.Minute)
		if !asked {
			began = at.Add(time.Hour)
		}
		ev := Evidence{Run: name, At: at, Began: began, Items: map[string][]Located{}}
		ev.Cells = []evidence.Cell{{Region: "shop", Source: "forge/branch-rule", State: evidence.Collected, Items: 1, Started: at, Ended: at}}
		m, _ := data(t, answers).(map[string]any)
		ev.Items["forge/branch-rule"] = []Located{{Region: "shop", Source: "forge/branch-rule", Item: evidence.Item{ID: "x@main", Answers: m, Gaps: gaps}}}
		return newWorld(ev, Period{onDay("2026-01-01"), onDay("2026-12-31")})
	}
	strict := `{"branchProtectionRule":null,"rules":{"nodes":[{"type":"PULL_REQUEST","parameters":{"requiredApprovingReviewCount":2,"dismissStaleReviewsOnPush":true}},{"type":"DELETION"},{"type":"NON_FAST_FORWARD"},{"type":"REQUIRED_STATUS_CHECKS","parameters":{"requiredStatusChecks":[{"context":"test"},{"context":"build"}]}}]}}`
	loose := `{"branchProtectionRule":{"requiresApprovingReviews":true,"requiredApprovingReviewCount":1,"allowsForcePushes":true,"allowsDeletions":false,"isAdminEnforced":false},"rules":{"nodes":[]}}`
	w := run("3", onDay("2026-06-01"), true, `{"rules":{"nodes":[]}}`, evidence.Gap{Question: "branchProtectionRule", Code: "FORBIDDEN"})
	w.before = []*world{run("1", onDay("2026-02-01"), true, strict), run("1b", onDay("2026-02-08"), false, strict), run("2", onDay("2026-04-01"), true, loose)}
	got := w.rulesOver("shop")
	want := [][]string{
		{"2", "yes", "no", "no", "build, test", "yes", "yes", "nobody that is told"},
		{"1", "no", "no", "no", "none", "no", "yes", "administrators, of the branch protection"},
		{"not answered", "not answered", "not answered", "not answered", "not answered", "not answered", "not answered", "not answered whom the branch protection lets"},
	}
	if len(got) != 3 {
		t.Fatalf("%d runs: %+v", len(got), got)
	}
	for i, r := range got {
		var values []string
		for _, f := range r.Facts {
			values = append(values, f.Value)
		}
		if !slices.Equal(values, want[i]) {
			t.Errorf("%s: %q, want %q", r.Run, values, want[i])
		}
	}
	if !slices.Contains(got[1].Changed, "Approvals required: 2 before") || len(got[0].Changed) != 0 {
		t.Errorf("changed %q, %q", got[0].Changed, got[1].Changed)
	}
}
