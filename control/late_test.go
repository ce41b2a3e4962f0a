package control

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// Records that claim more than they can, by their dates.
func TestRecordParts(t *testing.T) {
	dated := func(days ...string) (out []string) {
		for _, d := range days {
			out = append(out, `{"record":{"date":"`+d+`"}}`)
		}
		return out
	}
	nothing := func(from, to, signed string) string {
		return `{"record":{"of":"event","from":"` + from + `","to":"` + to + `","signed":"` + signed + `"}}`
	}
	tests := []struct {
		name    string
		kind    RecordKind
		at      string // the day of the newest run; the period is 2026
		records []string
		nothing []string
		unread  bool
		want    Status
		reason  string
	}{
		{"one a month", RecordKind{Cadence: "monthly"}, "2026-04-10", dated("2026-01-20", "2026-02-20", "2026-03-20"), nil, false, ManualHas, "3 of 3 months"},
		{"each in the month after", RecordKind{Cadence: "monthly"}, "2026-04-10", dated("2026-02-03", "2026-03-02", "2026-04-01"), nil, false, ManualHas, "3 of 3 months"},
		{"one every second month", RecordKind{Cadence: "monthly"}, "2026-05-10", dated("2026-02-15", "2026-04-15"), nil, false, ManualHasNot, "2 of 4 months"},
		{"two on one day are two", RecordKind{Cadence: "monthly"}, "2026-03-10", dated("2026-02-15", "2026-02-16"), nil, false, ManualHas, "2 of 2 months"},
		{"too late", RecordKind{Cadence: "monthly"}, "2026-04-10", dated("2026-03-20", "2026-03-21", "2026-03-22"), nil, false, ManualHasNot, "2 of 3 months"},
		{"two records for four quarters", RecordKind{Cadence: "quarterly"}, "2027-01-31", dated("2026-04-10", "2026-10-10"), nil, false, ManualHasNot, "2 of 4 quarters"},
		{"a quarter's record of the future", RecordKind{Cadence: "quarterly"}, "2026-04-02", dated("2026-04-20"), nil, false, ManualHasNot, "0 of 1 quarters"},
		{"no quarter is over", RecordKind{Cadence: "quarterly"}, "2026-02-02", nil, nil, false, NA, "none is due yet"},
		{"a yearly record of the future", RecordKind{Cadence: "annual"}, "2026-06-01", dated("2026-11-01"), nil, false, ManualHasNot, "0 within a year"},
		{"a yearly record of the year before", RecordKind{Cadence: "annual"}, "2026-06-01", dated("2025-06-01"), nil, false, ManualHas, "1 within a year"},
		{"a yearly record of a day earlier", RecordKind{Cadence: "annual"}, "2026-06-01", dated("2025-05-31"), nil, false, ManualHasNot, "0 within a year"},
		{"an event of the future", RecordKind{Cadence: "per event"}, "2026-06-01", dated("2026-06-02"), nil, false, ManualHasNot, "0 in the period"},
		{"an event on the day of the run", RecordKind{Cadence: "per event"}, "2026-06-01", dated("2026-06-01"), nil, false, ManualHas, "1 in the period"},
		{"an event before the period", RecordKind{Cadence: "per event"}, "2026-06-01", dated("2025-12-31"), nil, false, ManualHasNot, "0 in the period"},
		{"none, and nobody says so", RecordKind{Cadence: "per event", NilStatement: true}, "2026-06-01", nil, nil, false, ManualHasNot, "nobody has stated"},
		{"none, as stated", RecordKind{Cadence: "per event", NilStatement: true}, "2026-06-01", nil, []string{nothing("2026-01-01", "2026-03-31", "2026-04-01")}, false, ManualHas, "as stated"},
		{"stated with a hole of a day", RecordKind{Cadence: "per event", NilStatement: true}, "2026-07-01", nil, []string{nothing("2026-01-01", "2026-03-30", "2026-04-01"), nothing("2026-04-01", "2026-06-30", "2026-07-01")}, false, ManualHasNot, "only up to 2026-03-30"},
		{"stated ahead of time", RecordKind{Cadence: "per event", NilStatement: true}, "2026-04-02", nil, []string{nothing("2026-01-01", "2026-12-31", "2026-12-31")}, false, ManualHasNot, "nobody has stated"},
		{"none, as stated, and one that cannot be read", RecordKind{Cadence: "per event", NilStatement: true}, "2026-06-01", nil, []string{nothing("2026-01-01", "2026-03-31", "2026-04-01")}, true, NotEvaluatedIn, "no date"},
		{"one, and one that cannot be read", RecordKind{Cadence: "per event"}, "2026-06-01", dated("2026-02-01"), nil, true, NotEvaluatedIn, "no date"},
		{"no quarter is over, and nothing is stated", RecordKind{Cadence: "per event", NilStatement: true}, "2026-02-02", nil, nil, false, NA, "no quarter of the period is over"},
		{"an empty register", RecordKind{Cadence: "kept current"}, "2026-06-01", nil, nil, false, ManualHasNot, "0 in the register"},
		{"a register that cannot be read", RecordKind{Cadence: "kept current"}, "2026-06-01", nil, nil, true, NotEvaluatedIn, "no date"},
	}
	for _, tt := range tests {
		k := tt.kind
		k.Kind, k.DatedBy = "event", "date"
		ev := Evidence{At: onDay(tt.at).Add(6 * time.Hour)}
		for i, r := range tt.records {
			ev.found(t, "", "", "record/event", fmt.Sprint(i), r)
		}
		for i, r := range tt.nothing {
			ev.found(t, "", "", "record/nil-statement", fmt.Sprint(i), r)
		}
		if tt.unread {
			ev.Unread = map[string]string{"event": "records/events/x.md:3: no date"}
		}
		part := recordPart(&Library{Kinds: []RecordKind{k}}, newWorld(ev, smallEngagement().Period), "event", nil)
		if part.Status != tt.want || !strings.Contains(part.Reason, tt.reason) {
			t.Errorf("%s: got %q, %q; want %q, %q", tt.name, part.Status, part.Reason, tt.want, tt.reason)
		}
	}
}

// Reviews that name the quarter and prove nothing.
func TestAccessReviews(t *testing.T) {
	const good = `"quarter":"2026-Q1","reviewer":"ana","systems":["aws"],"changes":[],"sign_off":"ben"`
	tests := []struct {
		name, review, at string
		want             Verdict
	}{
		{"in the quarter", good + `,"date":"2026-03-20"`, "2026-04-10", Pass},
		{"on the last day allowed", good + `,"date":"2026-05-01"`, "2026-05-10", Pass},
		{"a day late", good + `,"date":"2026-05-02"`, "2026-05-10", Fail},
		{"dated after the run", good + `,"date":"2026-04-20"`, "2026-04-02", Fail},
		{"on the day of the run", good + `,"date":"2026-04-02"`, "2026-04-02", Pass},
		{"signed off after the run", good + `,"date":"2026-03-20","sign_off_date":"2026-04-20"`, "2026-04-02", Fail},
		{"before the quarter", good + `,"date":"2025-12-20"`, "2026-04-02", Fail},
		{"of another quarter", strings.Replace(good, "Q1", "Q2", 1) + `,"date":"2026-03-20"`, "2026-04-10", NeedsRecord},
		{"no date", good, "2026-04-10", Fail},
	}
	lib := realLibrary(t)
	for _, tt := range tests {
		ev := Evidence{At: onDay(tt.at).Add(6 * time.Hour)}
		ev.found(t, "", "", "record/access-review", "r", `{"record":{`+tt.review+`}}`)
		c := resultOf(t, judged(t, lib, ev), "access-reviewed-quarterly")
		if len(c.Findings) != 1 || c.Findings[0].Verdict != tt.want {
			t.Errorf("%s: got %+v, want %s", tt.name, c.Findings, tt.want)
		}
	}
	// The last quarter is reviewed after the period, and the run is later still.
	ev := Evidence{At: onDay("2027-01-25")}
	ev.found(t, "", "", "record/access-review", "r", `{"record":{`+strings.Replace(good, "Q1", "Q4", 1)+`,"date":"2027-01-12"}}`)
	for _, f := range resultOf(t, judged(t, lib, ev), "access-reviewed-quarterly").Findings {
		if f.Item == "2026-Q4" && f.Verdict != Pass {
			t.Errorf("a review in the month after the period: %+v", f)
		}
	}
}

// Policies whose review lies in the future, and policies nobody can read.
func TestPoliciesReviewed(t *testing.T) {
	on := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		return onDay(s)
	}
	tests := []struct {
		name, at string
		reviewed []string // the last is the newest; the run is of the day at
		want     Verdict
	}{
		{"within the year", "2026-07-01", []string{"2026-01-01"}, Pass},
		{"365 days before", "2026-07-01", []string{"2025-07-01"}, Pass},
		{"366 days before", "2026-07-02", []string{"2025-07-01"}, Fail},
		{"never", "2026-07-01", nil, Fail},
		{"only in the future", "2026-07-01", []string{"2026-08-01"}, Fail},
		{"in the future, and long before", "2026-07-01", []string{"2024-08-01", "2027-08-01"}, Fail},
		{"in the future, and in time", "2026-07-01", []string{"2026-02-01", "2027-08-01"}, Pass},
		{"after the period, and not in it", "2027-01-20", []string{"2025-02-01", "2027-01-15"}, Fail},
		{"after the period, and in it", "2027-01-20", []string{"2026-02-01", "2027-01-15"}, Pass},
	}
	lib := realLibrary(t)
	for _, tt := range tests {
		var revisions []Revision
		for i, s := range tt.reviewed {
			revisions = append(revisions, Revision{ID: "p", Title: "P", Reviewed: on(s), DocumentVersion: DocumentVersion{Version: "1", Body: []byte("x"), Path: "policies/p.md", Commit: fmt.Sprint(i), CommittedAt: onDay("2024-01-01")}})
		}
		if revisions == nil {
			revisions = []Revision{{ID: "p", Title: "P", DocumentVersion: DocumentVersion{Version: "1", Path: "policies/p.md", CommittedAt: onDay("2024-01-01")}}}
		}
		ev := Evidence{At: onDay(tt.at).Add(6 * time.Hour), Documents: Histories(revisions)}
		if f := resultOf(t, judged(t, lib, ev), "git-policies-reviewed-yearly").Findings[0]; f.Verdict != tt.want {
			t.Errorf("%s: got %s %v %s, want %s", tt.name, f.Verdict, f.Value, f.Reason, tt.want)
		}
	}
	ev := Evidence{At: onDay("2026-07-01"), Unread: map[string]string{"policy": "policies/hr.md:2: no title"},
		Documents: []Document{{ID: "p", Title: "P", Reviewed: onDay("2026-01-01"), Versions: []DocumentVersion{{Path: "policies/p.md"}}}}}
	r := judged(t, lib, ev)
	if c := resultOf(t, r, "git-policies-reviewed-yearly"); c.Status != NotEvaluatedIn || len(c.Unanswered) != 1 {
		t.Errorf("a policy that cannot be read: %s %+v", c.Status, c.Findings)
	}
	for _, p := range r.Populations {
		if p.ID == "policies" && p.Whole {
			t.Errorf("a policy that cannot be read: %+v", p)
		}
	}
}

// What a run of the period could not see of events that the provider deletes is
// not known, unless a later run saw it all the same.
func TestOverPeriodRefused(t *testing.T) {
	lib := realLibrary(t)
	tests := []struct {
		name string
		days []string // of the runs; the last is the newest
		refused,
		notEvaluated int // which run was refused; how many findings say so
	}{
		{"none refused", []string{"2026-02-01", "2026-04-01", "2026-06-01"}, -1, 0},
		{"refused, and the next run looks back far enough", []string{"2026-02-01", "2026-03-01", "2026-04-20"}, 1, 0},
		{"refused, and the next run does not", []string{"2026-02-01", "2026-04-01", "2026-06-01"}, 1, 1},
		{"the first is refused, and the next looks back to the beginning", []string{"2026-02-01", "2026-03-15"}, 0, 0},
		{"the first is refused", []string{"2026-02-01", "2026-05-01"}, 0, 1},
		{"the newest is refused", []string{"2026-02-01", "2026-03-01"}, 1, 1},
	}
	for _, tt := range tests {
		var all []Evidence
		for i, d := range tt.days {
			ev := Evidence{Run: fmt.Sprint(i), At: onDay(d)}
			state := evidence.Empty
			if i == tt.refused {
				state = evidence.DeniedSCP
			}
			ev.cell("1", "eu", "guardduty/finding", state)
			all = append(all, ev)
		}
		n := len(all) - 1
		c := resultOf(t, judged(t, lib, all[n], all[:n]...), "guardduty-high-findings-documented")
		want := NoOccurrence
		if tt.notEvaluated > 0 {
			want = NotEvaluatedIn
		}
		if c.Counts.NotEvaluated != tt.notEvaluated || c.Status != want {
			t.Errorf("%s: got %s %+v, want %d not evaluated", tt.name, c.Status, c.Findings, tt.notEvaluated)
		}
	}
}

// Days are counted as an auditor counts them, from date to date.
func TestAgeOfKeys(t *testing.T) {
	lib := realLibrary(t)
	tests := []struct {
		created, at string
		want        Verdict
		age         int64
	}{
		{"2026-04-11T23:59:59Z", "2026-07-10T00:00:01Z", Pass, 90},
		{"2026-04-11T00:00:00Z", "2026-07-10T23:59:59Z", Pass, 90},
		{"2026-04-10T23:59:59Z", "2026-07-10T00:00:01Z", Fail, 91}, // 90 days and two seconds
		{"2026-04-10T12:00:00+14:00", "2026-07-10T06:00:00Z", Fail, 92},
		{"2026-04-12T00:00:00Z", "2026-07-10T06:00:00Z", Pass, 89},
		{"2026-10-02T23:00:00Z", "2027-02-01T06:00:00Z", Pass, 90}, // counted to the period's last day
		{"2026-10-01T00:30:00Z", "2027-02-01T06:00:00Z", Fail, 91},
		{"2027-01-15T00:30:00Z", "2027-02-01T06:00:00Z", Pass, -15},
	}
	for _, tt := range tests {
		at, err := instant(tt.at)
		if err != nil {
			t.Fatal(err)
		}
		ev := Evidence{At: at}
		ev.cell("1", "global", "iam/access-key", evidence.Collected)
		ev.found(t, "1", "global", "iam/access-key", "k", `{"ListAccessKeys":{"UserName":"ci","Status":"Active","CreateDate":"`+tt.created+`"}}`)
		f := resultOf(t, judged(t, lib, ev), "iam-access-keys-rotated-90-days").Findings[0]
		if age := fieldsOf(f.Value)["age_days"]; f.Verdict != tt.want || age != tt.age {
			t.Errorf("created %s, seen %s: got %s, %v days; want %s, %d", tt.created, tt.at, f.Verdict, age, tt.want, tt.age)
		}
	}
	// A leap day is a day.
	if n, err := days("2027-12-31", "2028-03-01"); n != 61 || err != nil {
		t.Errorf("over a leap day: %d %v", n, err)
	}
}

// How a control is said to have stood over the period.
func TestOperating(t *testing.T) {
	lib := smallLibrary(t)
	run := func(day string) Evidence {
		ev := Evidence{Run: day, At: onDay(day)}
		ev.cell("1", "eu", "kms/key", evidence.Collected)
		ev.cell("1", "eu", "guardduty/detector", evidence.Collected)
		ev.found(t, "1", "eu", "kms/key", "k", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":true}}`)
		return ev
	}
	tests := []struct{ runs, want, problem string }{
		{"2026-02-01 2026-05-01", "operating effectively in evidence at each of 2 runs; not observed for up to 89 days, where continuous allows 7", ""},
		{"2026-02-01", "in evidence at 1 run: whether it operated over the period, one run cannot show; not observed for up to 31 days, where continuous allows 7", ""},
		{"2026-01-05 2026-01-12", "operating effectively in evidence at each of 2 runs", ""},
		{"2025-11-01", "not observed in the period: no run lies in it", "before the period"},
		{"2027-01-10", "not observed in the period: no run lies in it", "no run lies in the period"},
		{"2026-02-01 2026-05-01 2027-06-01", "operating effectively in evidence at each of 3 runs; not observed for up to 245 days, where continuous allows 7", "more than a month after"},
	}
	for _, tt := range tests {
		var all []Evidence
		for _, d := range strings.Fields(tt.runs) {
			all = append(all, run(d))
		}
		n := len(all) - 1
		r := judged(t, lib, all[n], all[:n]...)
		if got := r.Controls[0].Operating; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.runs, got, tt.want)
		}
		if p := strings.Join(r.Problems, "\n"); tt.problem == "" && p != "" || !strings.Contains(p, tt.problem) {
			t.Errorf("%s: problems %q, want %q", tt.runs, p, tt.problem)
		}
	}
}

// A digest is late by the day of the run, also where ages are counted to an
// earlier day.
func TestDigestsAfterThePeriod(t *testing.T) {
	lib := realLibrary(t)
	for delivered, want := range map[string]Verdict{"2027-01-20T05:00:00Z": Pass, "2027-01-18T05:00:00Z": Fail, "2027-01-01T05:00:00Z": Fail} {
		ev := Evidence{At: onDay("2027-01-20").Add(6 * time.Hour)}
		ev.cell("1", "eu", "cloudtrail/trail", evidence.Collected)
		ev.found(t, "1", "eu", "cloudtrail/trail", "t", `{"DescribeTrails":{"TrailARN":"t","Name":"t","HomeRegion":"eu","LogFileValidationEnabled":true},"GetTrailStatus":{"IsLogging":true,"LatestDigestDeliveryTime":"`+delivered+`"}}`)
		if f := resultOf(t, judged(t, lib, ev), "cloudtrail-digests-delivered").Findings[0]; f.Verdict != want {
			t.Errorf("%s: got %s, want %s", delivered, f.Verdict, want)
		}
	}
}
