package control

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// keptAt is a run of a day that has the given incidents, "id@day", written in small.
func keptAt(t *testing.T, run, on string, records ...string) Kept {
	ev := Evidence{Run: run, Commit: strings.Repeat(run, 40), At: onDay(on).Add(6 * time.Hour)}
	for _, r := range records {
		id, rest, _ := strings.Cut(r, "@")
		detected, title, _ := strings.Cut(rest, " ")
		ev.found(t, "", "", "record/incident", id, fmt.Sprintf(`{"record":{"id":%q,"detected":"%sT10:00:00Z","title":%q},"text":"t"}`, id, detected, title))
	}
	return Kept{Run: ev.Run, Commit: ev.Commit, At: ev.At, Items: ev.Items}
}

// What a record's own date says against the runs that could have had it.
func TestSealings(t *testing.T) {
	lib := smallLibrary(t)
	runs := []struct{ run, on string }{{"1", "2025-12-01"}, {"2", "2026-04-01"}, {"3", "2026-07-01"}, {"4", "2026-10-05"}}
	tests := []struct {
		name, dated string
		first       int // the first run that has it, from 1; 0 for none
		own         Own
		state       SealState
		days        int
		says        string
	}{
		{"by the next run", "2026-03-20", 2, Own{}, SealedInTime, 12, "12 days after its date"},
		{"on the day of the run", "2026-04-01", 2, Own{}, SealedInTime, 0, "0 days"},
		{"missed a run within the days of grace", "2026-03-20", 3, Own{}, SealedFar, 103, "run 2 of 2026-04-01, 12 days after its date, did not have it; when it was written in between, nothing tells"},
		{"long before the next run, and no run between", "2026-04-10", 3, Own{}, SealedFar, 82, "sealed first on 2026-07-01, 82 days after its date; when it was written"},
		{"in March, sealed in October", "2026-03-29", 4, Own{}, SealedLate, 190, "190 days after its date; run 3 of 2026-07-01, 94 days after its date, did not have it"},
		{"the same with more patience", "2026-03-29", 4, Own{LateAfter: map[string]int{"incident": 200}}, SealedInTime, 190, ""},
		{"the kind's own number wins over that of all", "2026-03-29", 4, Own{LateAfter: map[string]int{"incident": 10, "all": 400}}, SealedLate, 190, ""},
		{"of all kinds", "2026-03-20", 2, Own{LateAfter: map[string]int{"all": 11}}, SealedFar, 12, ""},
		{"before the first run", "2025-08-01", 1, Own{}, SealedFirst, 122, "dated before the first run there is; sealed first on 2025-12-01, 122 days after"},
		{"before the first run, and it did not have it", "2025-08-01", 2, Own{}, SealedLate, 243, "run 1 of 2025-12-01, 122 days after its date, did not have it"},
		{"dated after its seal", "2026-07-09", 3, Own{}, SealedAhead, -8, "8 days before the day it is dated"},
		{"of no run", "2026-10-06", 0, Own{}, NotSealed, 0, "no run has sealed it"},
	}
	for _, tt := range tests {
		record := "A@" + tt.dated + " one"
		current := Evidence{Run: "4", Commit: "c", At: onDay("2026-10-05").Add(6 * time.Hour)}
		for i, r := range runs {
			var has []string
			if tt.first > 0 && i+1 >= tt.first {
				has = []string{record}
			}
			current.Kept = append(current.Kept, keptAt(t, r.run, r.on, has...))
		}
		current.Items = keptAt(t, "", "2026-10-05", record).Items
		eng := smallEngagement()
		eng.Own = tt.own
		report, err := Evaluate(lib, eng, current, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := report.Sealings["incident"]
		if len(s) != 1 || s[0].State != tt.state || s[0].Days != tt.days || !strings.Contains(s[0].Says, tt.says) || len(s[0].Changes) > 0 {
			t.Errorf("%s: %+v; want %s, %d, %q", tt.name, s, tt.state, tt.days, tt.says)
		}
		if late := tt.state == SealedLate; late != strings.Contains(partOf(report, "IR-01").Reason, "written down late") && strings.HasPrefix(tt.dated, "2026") {
			t.Errorf("%s: %+v", tt.name, partOf(report, "IR-01"))
		}
	}
}

func partOf(r *Report, control string) RecordPart {
	for _, c := range r.Controls {
		if c.Control.ID == control {
			return c.Records[0]
		}
	}
	return RecordPart{}
}

// What git says of when a file came is believed against a record, and never for it.
func TestWhatGitSays(t *testing.T) {
	tests := []struct {
		name, path, dated, came string
		first                   int
		state                   SealState
		says                    string
	}{
		{"soon after", "records/incidents/a.md", "2026-04-10", "2026-04-11", 1, SealedFar, "git says it came on 2026-04-11, 1 day after its date, which no seal confirms"},
		{"long after", "records/incidents/a.md", "2026-04-10", "2026-06-20", 1, SealedLate, "git itself says it came on 2026-06-20, 71 days after its date"},
		{"before a run that did not have it", "records/incidents/a.md", "2026-03-25", "2026-03-30", 1, SealedFar, "when it was written in between, nothing tells"},
		{"after the run that has it: the file was moved", "records/incidents/a.md", "2026-04-10", "2026-09-01", 1, SealedFar, "nothing tells"},
		{"of a file with many records", "registers/incidents.yaml", "2026-04-10", "2026-06-20", 1, SealedFar, "nothing tells"},
		{"brought along when the repository began", "records/incidents/a.md", "2025-08-01", "2026-03-01", 0, SealedFirst, "it came with the first records of this repository, on 2026-02-20"},
		{"before all runs, by git too", "records/incidents/a.md", "2025-10-01", "2025-12-01", 0, SealedLate, "61 days after its date"},
	}
	for _, tt := range tests {
		current := Evidence{Run: "3", Commit: "c", At: onDay("2026-10-05"), Came: map[string]Came{tt.path: {At: onDay(tt.came).Add(time.Hour), Author: "Ana"}, "records/x.md": {At: onDay("2025-09-01")}}}
		if tt.state == SealedFirst {
			current.Came["records/x.md"] = Came{At: onDay("2026-02-20")}
		}
		for i, on := range []string{"2026-04-01", "2026-07-01", "2026-10-05"} {
			var has []string
			if i >= tt.first {
				has = []string{"A@" + tt.dated}
			}
			current.Kept = append(current.Kept, keptAt(t, fmt.Sprint(i+1), on, has...))
		}
		current.Items = keptAt(t, "", "2026-10-05", "A@"+tt.dated).Items
		current.Items["record/incident"][0].Pointer.Path = tt.path
		report, err := Evaluate(smallLibrary(t), smallEngagement(), current, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := report.Sealings["incident"][0]; s.State != tt.state || !strings.Contains(s.Says, tt.says) {
			t.Errorf("%s: %s, %s; want %s, %s", tt.name, s.State, s.Says, tt.state, tt.says)
		}
	}
}

// What was changed or taken away after a run had sealed it is named, with the runs.
func TestChangedAfterSealing(t *testing.T) {
	current := Evidence{Run: "3", Commit: "now", At: onDay("2026-10-05")}
	current.Kept = []Kept{
		keptAt(t, "1", "2026-04-01", "A@2026-03-20 one", "B@2026-03-20 two"),
		keptAt(t, "2", "2026-07-01", "A@2026-03-01 one", "B@2026-03-20 two"),
		keptAt(t, "3", "2026-10-05", "A@2026-03-01 one"),
	}
	current.Items = keptAt(t, "", "2026-10-05", "A@2026-03-01 three").Items
	report, err := Evaluate(smallLibrary(t), smallEngagement(), current, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%+v", report.Sealings["incident"])
	a, b := report.Sealings["incident"][0], report.Sealings["incident"][1]
	if len(a.Changes) != 2 || fmt.Sprint(a.Changes[0].Fields) != "[{detected 2026-03-20T10:00:00Z 2026-03-01T10:00:00Z}]" || a.Changes[0].FromRun != "1" || a.Changes[0].Run != "2" ||
		fmt.Sprint(a.Changes[1].Fields) != "[{title one three}]" || a.Changes[1].Run != "" || a.Changes[1].Commit != "now" || a.Run != "1" {
		t.Error(got)
	}
	if !b.Gone || b.ID != "B" || b.Run != "2" || b.State != SealedGone {
		t.Error(got)
	}
}

// A cadence of the organisation's own decides how many records there must be.
func TestOwnCadence(t *testing.T) {
	lib := realLibrary(t)
	test := func(on string) string {
		return `{"record":{"system":"db","date":"` + on + `","result":"passed","rto_measured_minutes":1,"rto_target_minutes":1,"rpo_measured_minutes":1,"rpo_target_minutes":1}}`
	}
	tests := []struct {
		cadence, dates string
		status         Status
		reason, spans  string
		verdicts       string
	}{
		{"", "2026-02-10", ManualHasNot, "1 of 2 quarters", "2026-Q1 held, 2026-Q2 overdue, 2026-Q3 not over yet, 2026-Q4 not over yet", "2026-Q1 pass, 2026-Q2 needs_record"},
		{"semi-annual", "2026-02-10", ManualHas, "1 of 1 half years", "2026-01 to 2026-06 held, 2026-07 to 2026-12 not over yet", "2026-01 to 2026-06 pass"},
		{"annual", "2026-02-10", ManualHas, "1 within a year", "the year to 2026-07-10 held", "the year to 2026-07-10 pass"},
		{"annual", "2025-02-10", ManualHasNot, "0 within a year", "the year to 2026-07-10 missing", "the year to 2026-07-10 needs_record"},
		{"monthly", "2026-02-10 2026-03-10", ManualHasNot, "2 of 6 months", "2026-01 missing, 2026-02 held, 2026-03 held, 2026-04 missing, 2026-05 missing, 2026-06 overdue", "2026-01 needs_record, 2026-02 pass, 2026-03 pass"},
		// The first month was forgotten, not the last: each record stays with its own month.
		{"monthly", "2026-02-10 2026-03-31 2026-04-30 2026-05-29 2026-06-30", ManualHasNot, "5 of 6 months", "2026-01 missing, 2026-02 held", "2026-01 needs_record, 2026-02 pass"},
		// None was forgotten, and one was held late.
		{"monthly", "2026-01-31 2026-02-27 2026-03-31 2026-05-05 2026-05-29 2026-06-30", ManualHas, "6 of 6 months", "2026-01 held, 2026-02 held, 2026-03 held, 2026-04 held, 2026-05 held, 2026-06 held", "2026-04 needs_record"},
	}
	for _, tt := range tests {
		ev := Evidence{Run: "1", Commit: "c", At: onDay("2026-07-10").Add(6 * time.Hour)}
		for _, on := range strings.Fields(tt.dates) {
			ev.found(t, "", "", "record/restore-test", "db/"+on, test(on))
		}
		eng := smallEngagement()
		if tt.cadence != "" {
			eng.Own = Own{Cadence: map[string]string{"restore-test": tt.cadence}}
		}
		report, err := Evaluate(lib, eng, ev, nil)
		if err != nil {
			t.Fatal(err)
		}
		part := partOf(report, "BK-02")
		var spans, verdicts []string
		for _, s := range part.Spans {
			spans = append(spans, s.Name+" "+string(s.State))
		}
		res := resultOf(t, report, "backup-restore-tested-quarterly")
		for _, f := range res.Findings {
			verdicts = append(verdicts, f.Item+" "+string(f.Verdict))
		}
		if tt.cadence != "" && !strings.Contains(res.Check.Says, tt.cadence+" by the organisation's own choice, the default is quarterly") {
			t.Errorf("%s: the check says %q", tt.cadence, res.Check.Says)
		}
		all := strings.Join(verdicts, ", ")
		for _, v := range strings.Split(tt.verdicts, ", ") {
			if !strings.Contains(all, v) {
				t.Errorf("%s: got %s, want %s", tt.cadence, all, v)
			}
		}
		if s := strings.Join(spans, ", "); part.Status != tt.status || !strings.HasPrefix(part.Reason, tt.reason) || !strings.HasPrefix(s, tt.spans) {
			t.Errorf("%s: got %s, %q, %s; want %s, %q, %s", tt.cadence, part.Status, part.Reason, s, tt.status, tt.reason, tt.spans)
		}
	}
}

// Actions set in any record are followed to their end.
func TestFollowUps(t *testing.T) {
	ev := Evidence{Run: "1", Commit: "c", At: onDay("2026-07-10").Add(6 * time.Hour)}
	ev.found(t, "", "", "record/vendor-review", "v", `{"record":{"vendor":"v","follow_ups":[
		{"action":"a","owner":"ana","due":"2026-03-01","closed":"2026-02-01"},{"action":"b","due":"2026-03-01","closed":"2026-03-02"},
		{"action":"c","due":"2026-03-01"},{"action":"d","due":"2026-08-01"},{"action":"e","due":"2026-07-01","closed":"2026-09-01"},{"action":"f"}]}}`)
	report, err := Evaluate(smallLibrary(t), smallEngagement(), ev, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.FollowUps {
		got = append(got, f.Action+" "+string(f.State))
	}
	if s, want := strings.Join(got, "; "), "c open, overdue; e open, overdue; d open; b closed late; a closed in time"; s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	overdue := 0
	for _, d := range report.Due {
		if d.Overdue && d.Kind == "record" {
			overdue++
		}
	}
	if overdue != 2 {
		t.Errorf("due: %+v", report.Due)
	}
}
