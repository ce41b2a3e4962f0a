package control

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// Which parts of the period no run tells of. Where a run is not said to have a
// state it was answered and found nothing.
func TestReaches(t *testing.T) {
	findings := Retention{Source: "guardduty/finding", What: "findings", Days: 90}
	jobs := Retention{Source: "backup/job", What: "backup jobs", Days: 30, Asked: 30}
	pipelines := Retention{Source: "codepipeline/execution", What: "executions", Days: 365, Asked: 92}
	tests := []struct {
		name string
		of   Retention
		runs string // "2026-02-01", "2026-02-01=denied_scp", or "2026-02-01=-" for a run that did not ask
		now  string
		lost []string // "from to until"
		next string   // "" for none
	}{
		{"closely enough", findings, "2026-02-01 2026-04-20 2026-07-01 2026-09-20 2026-12-10 2027-01-02", "2027-01-02", nil, ""},
		{"the first run comes too late", findings, "2026-05-01", "2026-05-01", []string{"2026-01-01 to 2026-01-31 06:00"}, "2026-07-30"},
		{"no run yet, and nothing lost", findings, "", "2026-02-01", nil, "2026-04-01"},
		{"no run yet, and each day more is lost", findings, "", "2026-06-01", []string{"2026-01-01 to 2026-03-03 06:00"}, "2026-06-02"},
		{"no run, and the period is long over", findings, "", "2027-06-01", []string{"2026-01-01 to 2027-01-01"}, ""},
		{"a run of each quarter", jobs, "2026-01-20 2026-04-20", "2026-04-20", []string{"2026-01-20 to 2026-03-21"}, "2026-05-20"},
		{"the same day of the month after, whole days", jobs, "2026-01-20 2026-02-19 2026-03-21", "2026-03-21", nil, "2026-04-20"},
		{"a day more", jobs, "2026-01-20 2026-02-20", "2026-02-20", []string{"2026-01-20 to 2026-01-21"}, "2026-03-22"},
		{"a run in between that asked for other things", jobs, "2026-01-20 2026-02-15=- 2026-03-12", "2026-03-12", []string{"2026-01-20 to 2026-02-10"}, "2026-04-11"},
		{"a run in between that was refused", jobs, "2026-01-20 2026-02-15=denied_scp 2026-03-12", "2026-03-12", []string{"2026-01-20 to 2026-02-10"}, "2026-04-11"},
		{"refused, and the next run looks back far enough", jobs, "2026-01-20 2026-02-05=denied_scp 2026-02-19", "2026-02-19", nil, "2026-03-21"},
		{"since the last run", jobs, "2026-01-20", "2026-03-01", []string{"2026-01-20 to 2026-01-30"}, "2026-03-02"},
		{"a run before the period tells nothing of it", jobs, "2025-12-20 2026-02-10", "2026-02-10", []string{"2026-01-01 to 2026-01-11"}, "2026-03-12"},
		{"a run long after the period", jobs, "2026-12-20 2027-03-01", "2027-03-01", []string{"2026-01-01 to 2026-11-20", "2026-12-20 to 2027-01-01"}, ""},
		{"the provider keeps them longer than anybody asks", pipelines, "2026-02-01 2026-06-01", "2026-06-01", []string{"2026-02-01 to 2026-03-01"}, "2026-09-01"},
		{"switched off in between", findings, "2026-02-01 2026-02-20=not_in_use 2026-03-20=not_in_use", "2026-03-20", []string{"2026-02-01 06:00 to 2026-02-20 06:00"}, "2026-06-18"},
		{"a region that was enabled later", findings, "2026-03-01=region_not_enabled 2026-05-20", "2026-05-20", nil, "2026-08-18"},
		{"never in use", findings, "2026-02-01=not_in_use", "2026-02-01", nil, "2026-05-02"},
	}
	for _, tt := range tests {
		var runs []Observed
		var last time.Time
		for d := range strings.FieldsSeq(tt.runs) {
			d, state, said := strings.Cut(d, "=")
			at := onDay(d).Add(6 * time.Hour)
			c := evidence.Cell{Account: "1", Region: "eu", Source: tt.of.Source, State: evidence.Empty, Started: at, Ended: at}
			if said && state == "-" {
				c.Started, c.Ended = last, last
			} else if said {
				c.State = evidence.State(state)
			}
			last = c.Ended
			runs = append(runs, Observed{Run: d, Began: at, At: at, Cells: []evidence.Cell{c}})
		}
		got := Reaches([]Retention{tt.of, {Source: "kms/key"}}, smallEngagement().Period, runs, onDay(tt.now).Add(6*time.Hour))
		if len(got) != 1 {
			t.Fatalf("%s: %d places", tt.name, len(got))
		}
		var lost []string
		for _, l := range got[0].Lost {
			lost = append(lost, l.String())
			if l.Deleted == (tt.of.Days > tt.of.Asked && tt.of.Asked > 0) || !strings.Contains(l.Says(tt.of), tt.of.What) {
				t.Errorf("%s: %+v says %q", tt.name, l, l.Says(tt.of))
			}
		}
		next := ""
		if !got[0].Next.IsZero() {
			next = got[0].Next.Format(time.DateOnly)
		}
		if !slices.Equal(lost, tt.lost) || next != tt.next {
			t.Errorf("%s: lost %q, next %q; want %q, %q", tt.name, lost, next, tt.lost, tt.next)
		}
	}
	// Two places are told of apart, and one that is out of scope not at all.
	at := onDay("2026-05-01")
	cell := func(region string, s evidence.State) evidence.Cell {
		return evidence.Cell{Account: "1", Region: region, Source: jobs.Source, State: s, Ended: at}
	}
	got := Reaches([]Retention{jobs}, smallEngagement().Period, []Observed{{Run: "r", Began: at, At: at, Cells: []evidence.Cell{cell("us", evidence.DeniedSCP), cell("eu", evidence.Empty), cell("ap", evidence.OutOfScope), cell("sa", evidence.RegionNotEnabled)}}}, at)
	if len(got) != 2 || got[0].Region != "eu" || got[0].Runs != 1 || got[1].Runs != 0 || got[1].Lost[0].String() != "2026-01-01 to 2026-04-01" || !strings.Contains(fmt.Sprint(got[1].Lost[0].Refused), "denied_scp") {
		t.Errorf("two places: %+v", got)
	}
}
