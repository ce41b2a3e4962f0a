package control

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The whole report of a small organisation, as JSON.
func TestReport(t *testing.T) {
	r, err := Evaluate(smallLibrary(t), smallEngagement(), smallEvidence(t), []Evidence{earlierEvidence(t)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Checks { // what is long and known
		r.Checks[i].Check = Check{Name: r.Checks[i].Check.Name}
	}
	for i := range r.Controls {
		r.Controls[i].Control = Control{ID: r.Controls[i].Control.ID}
	}
	for i := range r.Criteria {
		r.Criteria[i].Criterion = Criterion{ID: r.Criteria[i].Criterion.ID}
	}
	for i := range r.Populations {
		r.Populations[i].Items, r.Populations[i].Cells = nil, nil
		r.Populations[i].Definition = PopulationDef{ID: r.Populations[i].ID}
	}
	r.Items, r.Records, r.Cells, r.Documents = nil, nil, nil, nil
	r.Ledger = nil // has tests of its own
	got, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "testdata/report.golden.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the report differs from %s; run go test ./control -run TestReport -update and read the difference\n%s", golden, got)
	}
}

func findings(r CheckResult) map[string]Verdict {
	out := map[string]Verdict{}
	for _, f := range r.Findings {
		out[f.Source+" "+f.Item] = f.Verdict
	}
	return out
}

func resultOf(t *testing.T, r *Report, check string) CheckResult {
	t.Helper()
	for _, c := range r.Checks {
		if c.Check.Name == check {
			return c
		}
	}
	t.Fatalf("no check %s", check)
	return CheckResult{}
}

// How each state of a cell counts, for items and for regions.
func TestCellStates(t *testing.T) {
	lib := smallLibrary(t)
	tests := []struct {
		state            evidence.State
		items, regions   Verdict // "" for no finding
		excluded, unseen bool
	}{
		{evidence.Collected, "", Fail, false, false},
		{evidence.Empty, "", Fail, false, false},
		{evidence.Partial, "", Fail, false, false},
		{evidence.NotInUse, "", Fail, false, false}, // of items excluded, see below
		{evidence.RegionNotEnabled, "", "", true, false},
		{evidence.ServiceNotInRegion, "", "", true, false},
		{evidence.AccountSuspended, "", "", true, false},
		{evidence.OutOfScope, "", "", true, false},
		{evidence.DeniedSCP, NotEvaluated, NotEvaluated, false, true},
		{evidence.DeniedIdentity, NotEvaluated, NotEvaluated, false, true},
		{evidence.DeniedResource, NotEvaluated, NotEvaluated, false, true},
		{evidence.AccountUnreachable, NotEvaluated, NotEvaluated, false, true},
		{evidence.Throttled, NotEvaluated, NotEvaluated, false, true},
		{evidence.CredentialExpired, NotEvaluated, NotEvaluated, false, true},
		{evidence.Truncated, NotEvaluated, NotEvaluated, false, true},
		{evidence.Cancelled, NotEvaluated, NotEvaluated, false, true},
		{evidence.Lost, NotEvaluated, NotEvaluated, false, true},
		{evidence.Failed, NotEvaluated, NotEvaluated, false, true},
		{evidence.State("a state of the future"), NotEvaluated, NotEvaluated, false, true},
	}
	for _, tt := range tests {
		ev := Evidence{At: onDay("2026-05-01")}
		ev.cell("1", "eu", "kms/key", tt.state)
		ev.cell("1", "eu", "guardduty/detector", tt.state)
		r, err := Evaluate(lib, smallEngagement(), ev, nil)
		if err != nil {
			t.Fatal(err)
		}
		items, regions := resultOf(t, r, "key-rotates"), resultOf(t, r, "watched")
		if got := findings(items)["kms/key 1/eu"]; got != tt.items {
			t.Errorf("%s: items: got %q, want %q", tt.state, got, tt.items)
		}
		if got := findings(regions)["guardduty/detector 1/eu"]; got != tt.regions {
			t.Errorf("%s: regions: got %q, want %q", tt.state, got, tt.regions)
		}
		for _, c := range []CheckResult{items, regions} {
			excluded := tt.excluded || tt.state == evidence.NotInUse && c.Check.Each == "item"
			if (len(c.Excluded) == 1) != excluded || (len(c.Unanswered) == 1) != tt.unseen {
				t.Errorf("%s: %s: excluded %d, unanswered %d", tt.state, c.Check.Name, len(c.Excluded), len(c.Unanswered))
			}
		}
	}
}

func TestNeverAskedIsNotEvaluated(t *testing.T) {
	r, err := Evaluate(smallLibrary(t), smallEngagement(), Evidence{At: onDay("2026-05-01")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"key-rotates", "watched"} {
		c := resultOf(t, r, name)
		if c.Status != NotEvaluatedIn || c.Counts.NotEvaluated != 1 || !strings.HasPrefix(c.Findings[0].Reason, "never asked: ") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := resultOf(t, r, "vendor-reviewed"); c.Status != ManualHasNot || c.Counts.NeedsRecord != 1 {
		t.Errorf("an empty register: %+v", c)
	}
}

// A vendor whose entry could not be read must not make the others look whole.
func TestUnreadRecords(t *testing.T) {
	ev := smallEvidence(t)
	ev.Unread = map[string]string{"vendor": "registers/vendors.yaml:12: unknown key"}
	r, err := Evaluate(smallLibrary(t), smallEngagement(), ev, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := findings(resultOf(t, r, "vendor-reviewed")); got["record/vendor global"] != NotEvaluated || got["record/vendor logs"] != Pass {
		t.Errorf("unread register: %v", got)
	}
	ev.Unread = map[string]string{"vendor-review": "records/vendor-reviews/x.md:3: no date"}
	if r, err = Evaluate(smallLibrary(t), smallEngagement(), ev, nil); err != nil {
		t.Fatal(err)
	}
	if got := findings(resultOf(t, r, "vendor-reviewed")); got["record/vendor logs"] != Pass || got["record/vendor mail"] != NotEvaluated {
		t.Errorf("unread reviews: %v", got)
	}
}

func TestAsOf(t *testing.T) {
	p := Period{onDay("2026-01-01"), onDay("2026-12-31")}
	for at, want := range map[string]string{
		"2026-07-10": "2026-07-10, the day of the run",
		"2026-12-31": "2026-12-31, the day of the run",
		"2027-01-15": "2026-12-31, the last day of the period",
	} {
		if got := newWorld(Evidence{At: onDay(at).Add(6 * time.Hour)}, p).countedTo; got != want {
			t.Errorf("%s: got %q, want %q", at, got, want)
		}
	}
}

func TestExceptionsVoid(t *testing.T) {
	good := Exception{ApprovedBy: "ben", Owner: "ana", ApprovedOn: onDay("2026-01-01"), Expires: onDay("2026-06-30"), Compensating: "c"}
	at := onDay("2026-06-30").Add(20 * time.Hour)
	for want, change := range map[string]func(*Exception){
		"":                                 func(e *Exception) {},
		"not approved: nobody is named":    func(e *Exception) { e.ApprovedBy = "" },
		"not approved: no date":            func(e *Exception) { e.ApprovedOn = time.Time{} },
		"approved by its own owner":        func(e *Exception) { e.Owner = "ben" },
		"approved only on 2026-07-01":      func(e *Exception) { e.ApprovedOn = onDay("2026-07-01") },
		"no compensating control is named": func(e *Exception) { e.Compensating = "" },
		"it has no last day":               func(e *Exception) { e.Expires = time.Time{} },
		"expired 2026-06-29":               func(e *Exception) { e.Expires = onDay("2026-06-29") },
	} {
		e := good
		change(&e)
		if got := e.void(at); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestStatusOfCounts(t *testing.T) {
	for _, tt := range []struct {
		c    Counts
		want Status
	}{
		{Counts{}, NoOccurrence},
		{Counts{Population: 2, Passed: 1, NotApplicable: 1}, Met},
		{Counts{Population: 1, NotApplicable: 1}, NA},
		{Counts{Population: 2, Passed: 1, NotEvaluated: 1}, NotEvaluatedIn},
		{Counts{Population: 3, Passed: 1, NotEvaluated: 1, Failed: 1}, ExceptionIn},
		{Counts{Population: 2, Failed: 1, Compensated: 1, Passed: 1}, Compensated},
		{Counts{Population: 2, Failed: 2, Compensated: 1}, ExceptionIn},
		{Counts{Population: 2, Failed: 1, Compensated: 1, NotEvaluated: 1}, NotEvaluatedIn},
		{Counts{Population: 2, NeedsRecord: 1, NotEvaluated: 1}, ManualHasNot},
	} {
		if got := tt.c.status(); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.c, got, tt.want)
		}
	}
}

// What GuardDuty has forgotten by now stays in the population of the period.
func TestOverPeriod(t *testing.T) {
	lib := realLibrary(t)
	old, now := Evidence{Run: "1", Commit: "c1", At: onDay("2026-03-01")}, Evidence{Run: "2", Commit: "c2", At: onDay("2026-07-01")}
	for _, ev := range []*Evidence{&old, &now} {
		ev.cell("1", "eu", "guardduty/finding", evidence.Collected)
	}
	old.found(t, "1", "eu", "guardduty/finding", "f1", `{"GetFindings":{"Id":"f1","Severity":8,"Type":"x"}}`)
	old.found(t, "1", "eu", "guardduty/finding", "f2", `{"GetFindings":{"Id":"f2","Severity":2,"Type":"x"}}`)
	now.found(t, "1", "eu", "guardduty/finding", "f2", `{"GetFindings":{"Id":"f2","Severity":8,"Type":"x"}}`)
	r, err := Evaluate(lib, smallEngagement(), now, []Evidence{old})
	if err != nil {
		t.Fatal(err)
	}
	c := resultOf(t, r, "guardduty-high-findings-documented")
	if c.Counts.Population != 3 || c.Counts.NeedsRecord != 2 || c.Findings[1].Evidence.Commit != "c1" || c.Findings[2].Evidence.Commit != "c2" {
		t.Errorf("%+v", c.Findings)
	}
	// The runs lie 122 days apart: what came in the month between nobody can say.
	if f := c.Findings[0]; f.Verdict != NotEvaluated || f.Item != "1/eu, 2026-03-01 to 2026-04-02" || !strings.Contains(f.Reason, "keeps them for 90 days") {
		t.Errorf("what no run tells of: %+v", f)
	}
	if c.Seen[0].Counts.NeedsRecord != 1 || c.Seen[0].Counts.NotApplicable != 1 {
		t.Errorf("then: %+v", c.Seen[0])
	}
	for _, p := range r.Populations {
		if p.ID == "guardduty-high-findings" && len(p.Items) != 2 {
			t.Errorf("population: %+v", p)
		}
	}
}

func realLibrary(t testing.TB) *Library {
	t.Helper()
	lib, err := Load(os.DirFS("../policies"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// Whatever the evidence: counts add up, nothing is lost, nothing unanswered
// passes, and the order of what is given does not change what comes out.
func TestCountsAddUp(t *testing.T) {
	lib := smallLibrary(t)
	rnd := rand.New(rand.NewSource(1))
	states := []evidence.State{evidence.Collected, evidence.Partial, evidence.Empty, evidence.NotInUse, evidence.Truncated, evidence.DeniedSCP, evidence.OutOfScope}
	managers := []string{`{"Manager":"CUSTOMER"}`, `{"Manager":"AWS"}`, `{}`, `null`}
	for round := range 200 {
		ev := Evidence{Run: "r", Commit: "c", At: onDay("2026-05-01")}
		items, cells := 0, 0
		for a := range rnd.Intn(3) {
			for g := range rnd.Intn(3) {
				account, region := fmt.Sprint(a), fmt.Sprint(g)
				state := states[rnd.Intn(len(states))]
				ev.cell(account, region, "kms/key", state)
				if !state.Answered() {
					cells++
				}
				if state != evidence.Collected && state != evidence.Partial && state != evidence.Truncated {
					continue
				}
				for k := range rnd.Intn(4) {
					var gaps []evidence.Gap
					if rnd.Intn(3) == 0 {
						gaps = append(gaps, evidence.Gap{Question: []string{"DescribeKey", "GetKeyRotationStatus"}[rnd.Intn(2)], Code: "x"})
					}
					ev.found(t, account, region, "kms/key", fmt.Sprint("k", k), fmt.Sprintf(`{"DescribeKey":%s,"GetKeyRotationStatus":{"On":%v}}`, managers[rnd.Intn(len(managers))], rnd.Intn(2) == 0), gaps...)
					items++
				}
			}
		}
		r, err := Evaluate(lib, smallEngagement(), ev, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := resultOf(t, r, "key-rotates")
		want := items + cells
		if want == 0 && !slices.ContainsFunc(ev.Cells, func(c evidence.Cell) bool {
			return c.State != evidence.OutOfScope && c.State != evidence.NotInUse
		}) {
			want = 1 // never asked, or nowhere to look
		}
		if err := c.Counts.adds(); err != nil || c.Counts.Population != want || len(c.Findings) != want || len(c.Unanswered) != cells {
			t.Fatalf("round %d: %v: population %d, findings %d, want %d", round, err, c.Counts.Population, len(c.Findings), want)
		}
		for _, f := range c.Findings {
			for _, it := range ev.Items["kms/key"] {
				if it.ID == f.Item && it.Account == f.Account && it.Region == f.Region && f.Verdict == Pass && len(it.Gaps) > 0 {
					t.Fatalf("round %d: %s passes with a gap", round, f.Item)
				}
			}
		}
		shuffled := ev
		shuffled.Items = map[string][]Located{"kms/key": append([]Located(nil), ev.Items["kms/key"]...)}
		shuffled.Cells = append([]evidence.Cell(nil), ev.Cells...)
		rnd.Shuffle(len(shuffled.Items["kms/key"]), func(i, j int) {
			l := shuffled.Items["kms/key"]
			l[i], l[j] = l[j], l[i]
		})
		rnd.Shuffle(len(shuffled.Cells), func(i, j int) { shuffled.Cells[i], shuffled.Cells[j] = shuffled.Cells[j], shuffled.Cells[i] })
		again, err := Evaluate(lib, smallEngagement(), shuffled, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(resultOf(t, again, "key-rotates"), c) {
			t.Fatalf("round %d: another order of the same evidence gives another result", round)
		}
	}
}
