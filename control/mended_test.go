package control

import (
	"strings"
	"testing"

	"exhibit/evidence"
)

// A deviation mended before the newest run was a deviation of the period.
func TestMended(t *testing.T) {
	lib := smallLibrary(t)
	run := func(day, on string, exception bool) Evidence {
		ev := Evidence{Run: day, Commit: "c" + day, At: onDay(day)}
		ev.cell("1", "eu", "kms/key", evidence.Collected)
		ev.cell("1", "eu", "guardduty/detector", evidence.Collected)
		if on != "" {
			ev.found(t, "1", "eu", "kms/key", "k", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":`+on+`}}`)
		}
		if exception {
			ev.found(t, "", "", "record/exception", "EX", `{"record":{"id":"EX","check":"key-rotates","items":["k"],"owner":"ana","approved_by":"ben","approved_on":"2026-01-02","expires":"2026-12-31","compensating_control":"c","proof":[{"record":"vendor-review"}]}}`)
		}
		return ev
	}
	tests := []struct {
		name     string
		kind     string
		runs     []Evidence
		check    Status
		control  Status
		mended   int
		at       string // commit of the mended finding
		operated string
	}{
		{"never failed", "type-2", []Evidence{run("2026-02-01", "true", false), run("2026-05-01", "true", false)}, Met, Met, 0, "", "operating effectively in evidence at each of 2 runs"},
		{"mended", "type-2", []Evidence{run("2026-02-01", "false", false), run("2026-05-01", "true", false)}, Met, ExceptionIn, 1, "c2026-02-01", "with exceptions at 1 of 2 runs"},
		{"at a point in time it is mended", "type-1", []Evidence{run("2026-02-01", "false", false), run("2026-05-01", "true", false)}, Met, Met, 1, "c2026-02-01", "with exceptions at 1 of 2 runs"},
		{"deleted", "type-2", []Evidence{run("2026-02-01", "false", false), run("2026-05-01", "", false)}, NoOccurrence, ExceptionIn, 1, "c2026-02-01", "with exceptions at 1 of 2 runs"},
		{"still failing", "type-2", []Evidence{run("2026-02-01", "false", false), run("2026-05-01", "false", false)}, ExceptionIn, ExceptionIn, 0, "", "with exceptions at 2 of 2 runs"},
		{"the last time it failed", "type-2", []Evidence{run("2026-02-01", "false", false), run("2026-03-01", "false", false), run("2026-05-01", "true", false)}, Met, ExceptionIn, 1, "c2026-03-01", "with exceptions at 2 of 3 runs"},
		{"compensated, then mended", "type-2", []Evidence{run("2026-02-01", "false", true), run("2026-05-01", "true", true)}, Met, Compensated, 1, "c2026-02-01", "with compensated exceptions at 1 of 2 runs"},
		{"before the period", "type-2", []Evidence{run("2025-11-01", "false", false), run("2026-02-01", "true", false), run("2026-05-01", "true", false)}, Met, Met, 0, "", "operating effectively in evidence at each of 2 runs"},
		{"after the period", "type-2", []Evidence{run("2026-11-01", "true", false), run("2027-01-05", "false", false), run("2027-01-10", "true", false)}, Met, Met, 0, "", "operating effectively in evidence at each of 2 runs"},
	}
	for _, tt := range tests {
		eng := smallEngagement()
		eng.Type = tt.kind
		n := len(tt.runs) - 1
		r, err := Evaluate(lib, eng, tt.runs[n], tt.runs[:n])
		if err != nil {
			t.Fatal(err)
		}
		c, k := resultOf(t, r, "key-rotates"), r.Controls[0]
		k.Operating, _, _ = strings.Cut(k.Operating, ";") // what was not observed is TestOperating's
		if c.Status != tt.check || k.Status != tt.control || len(c.Mended) != tt.mended || k.Operating != tt.operated {
			t.Errorf("%s: check %q, control %q, %q, mended %+v", tt.name, c.Status, k.Status, k.Operating, c.Mended)
			continue
		}
		for _, f := range c.Mended {
			if f.Evidence.Commit != tt.at || f.Item != "k" || f.Value != false || f.Verdict != Fail {
				t.Errorf("%s: %+v", tt.name, f)
			}
		}
	}
}
