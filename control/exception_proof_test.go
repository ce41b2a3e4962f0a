package control

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

const proofBase = `"id":"EX","check":"key-rotates","items":["k"],"owner":"ana","approved_by":"ben","approved_on":"2026-02-05","expires":"2026-12-31","compensating_control":"c"`

// A proof that does not hold, or that says nothing, voids the exception.
func TestExceptionProofs(t *testing.T) {
	tests := []struct {
		name, proof string
		void        string // "" when it counts
		problem     string
	}{
		{"none", ``, "no proof is named", ""},
		{"empty", `"proof":[]`, "no proof is named", ""},
		{"a check that passes", `"proof":[{"check":"watched"}]`, "", ""},
		{"a check that fails", `"proof":[{"check":"key-rotates","items":["k2"]}]`, "key-rotates on k2: fail", ""},
		{"a check that passes for the item", `"proof":[{"check":"key-rotates","items":["k3"]}]`, "", ""},
		{"with its account", `"proof":[{"check":"key-rotates","items":["1/k3"]}]`, "", ""},
		{"one of two items", `"proof":[{"check":"key-rotates","items":["k3","k2"]}]`, "key-rotates on k2: fail", ""},
		{"an item that was refused", `"proof":[{"check":"key-rotates","items":["k4"]}]`, "key-rotates on k4: not evaluated", ""},
		{"an item outside what the check covers", `"proof":[{"check":"key-rotates","items":["k5"]}]`, "key-rotates on k5: not applicable", ""},
		{"an item that is not there", `"proof":[{"check":"key-rotates","items":["k9"]}]`, "no finding about k9", ""},
		{"the check itself", `"proof":[{"check":"key-rotates"}]`, "is the check it deviates from", "cannot show that something else was done"},
		{"the item itself", `"proof":[{"check":"key-rotates","items":["k"]}]`, "is what it deviates from", "cannot show that something else was done"},
		{"a check of nothing", `"proof":[{"check":"vendor-reviewed"}]`, "vendor-reviewed needs 1 record", ""},
		{"a check that does not exist", `"proof":[{"check":"wached"}]`, "wached does not exist", `its proof names a check "wached" that does not exist (did you mean "watched"?)`},
		{"neither", `"proof":[{"ids":["x"]}]`, "neither a check nor a kind", "names either a check or a kind of record"},
		{"both", `"proof":[{"check":"watched","record":"incident"}]`, "or both", "names either a check or a kind of record"},
		{"a kind that does not exist", `"proof":[{"record":"incidnt"}]`, "no kind of record with a day", `did you mean "incident"`},
		{"a register", `"proof":[{"record":"vendor"}]`, "no kind of record with a day", "whose entries have no day"},
		{"an event in its life", `"proof":[{"record":"incident"}]`, "", ""},
		{"an event since", `"proof":[{"record":"incident","since":"2026-06-01"}]`, "no incident is dated from 2026-06-01 to 2026-07-10", ""},
		{"by id", `"proof":[{"record":"incident","ids":["I1"]}]`, "", ""},
		{"by the id of one before its life", `"proof":[{"record":"incident","ids":["I1","I0"]}]`, "no incident I0 is dated from 2026-02-05", ""},
		{"by an id that is not there", `"proof":[{"record":"incident","ids":["I7"]}]`, "no incident I7", ""},
		{"each quarter", `"proof":[{"record":"access-review"}]`, "", ""}, // the second quarter has its days of grace
		{"each quarter, none since", `"proof":[{"record":"access-review","since":"2026-04-01"}]`, "", ""},
		{"two, one of which does not hold", `"proof":[{"check":"watched"},{"record":"incident","ids":["I7"]}]`, "no incident I7", ""},
	}
	lib := smallLibrary(t)
	for _, tt := range tests {
		ev := proofEvidence(t, "2026-07-10")
		ev.found(t, "", "", "record/exception", "EX", `{"record":{`+strings.TrimSuffix(proofBase+","+tt.proof, ",")+`}}`)
		r := judged(t, lib, ev)
		e, problems := r.Exceptions[0], strings.Join(r.Problems, "\n")
		f := resultOf(t, r, "key-rotates").Findings[0]
		if tt.void == "" && e.Void != "" || !strings.Contains(e.Void, tt.void) || f.Compensated != (tt.void == "") || f.Verdict != Fail || f.Exception != "EX" {
			t.Errorf("%s: void %q, %+v; want %q", tt.name, e.Void, f, tt.void)
		}
		if tt.problem == "" && strings.Contains(problems, "EX") || !strings.Contains(problems, tt.problem) {
			t.Errorf("%s: problems %q, want %q", tt.name, problems, tt.problem)
		}
		if tt.void != "" && tt.void != "no proof is named" {
			due := ""
			for _, d := range r.Due {
				due += d.What + ": " + d.Why + "\n"
			}
			if !strings.Contains(due, "Show what is done instead under exception EX") {
				t.Errorf("%s: due %s", tt.name, due)
			}
		}
	}
}

// proofEvidence is a key that does not rotate, and what may show that something
// else is done.
func proofEvidence(t *testing.T, on string) Evidence {
	ev := Evidence{Run: on, Commit: "c" + on, At: onDay(on).Add(6 * time.Hour)}
	ev.cell("1", "eu", "kms/key", evidence.Partial)
	ev.found(t, "1", "eu", "kms/key", "k", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":false}}`)
	ev.found(t, "1", "eu", "kms/key", "k2", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":false}}`)
	ev.found(t, "1", "eu", "kms/key", "k3", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":true}}`)
	ev.found(t, "1", "eu", "kms/key", "k4", `{"DescribeKey":{"Manager":"CUSTOMER"}}`, evidence.Gap{Question: "GetKeyRotationStatus", Code: "AccessDeniedException"})
	ev.found(t, "1", "eu", "kms/key", "k5", `{"DescribeKey":{"Manager":"AWS"}}`)
	ev.cell("1", "eu", "guardduty/detector", evidence.Collected)
	ev.found(t, "1", "eu", "guardduty/detector", "d1", `{"GetDetector":{"Status":"ENABLED"}}`)
	ev.found(t, "", "", "record/vendor", "v", `{"record":{"id":"v"}}`)
	ev.found(t, "", "", "record/incident", "I0", `{"record":{"id":"I0","detected":"2026-01-05T00:00:00Z"}}`)
	ev.found(t, "", "", "record/incident", "I1", `{"record":{"id":"I1","detected":"2026-03-05T00:00:00Z"}}`)
	return ev
}

// Each run is judged with what stood in the repository then, and what its records
// showed by that day.
func TestExceptionRunByRun(t *testing.T) {
	exception := `{"record":{` + proofBase + `,"proof":[{"record":"access-review"}]}}`
	run := func(on string, has bool, reviews ...string) Evidence {
		ev := proofEvidence(t, on)
		if has {
			ev.found(t, "", "", "record/exception", "EX", exception)
		}
		for _, q := range reviews {
			ev.found(t, "", "", "record/access-review", q, fmt.Sprintf(`{"record":{"id":%q,"quarter":%q,"date":"2026-06-30"}}`, q, q))
		}
		return ev
	}
	runs := []Evidence{
		run("2026-03-01", false),           // approved, it says, on 2026-02-05; the run does not have it
		run("2026-04-10", true),            // no quarter of its life is over
		run("2026-08-10", true, "2026-Q2"), // the second is, with its days of grace
		run("2026-11-10", true, "2026-Q2"), // the third is not there
	}
	r, err := Evaluate(smallLibrary(t), smallEngagement(), runs[3], runs[:3])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range r.Exceptions[0].Life {
		got = append(got, fmt.Sprintf("%s %d of %d: %s %s", l.Run, l.Failing, l.Items, l.Void, l.Proofs[0].Says))
	}
	want := []string{
		"2026-04-10 1 of 1:  no access-review is due yet since 2026-02-05",
		"2026-08-10 1 of 1:  access-review: 1 quarter due since 2026-02-05, each held",
		"2026-11-10 1 of 1: the compensating control is not shown to have operated: no access-review for 2026-Q3 no access-review for 2026-Q3",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var compensated []string
	for _, s := range resultOf(t, r, "key-rotates").Seen {
		compensated = append(compensated, fmt.Sprintf("%s %d", s.Run, s.Counts.Compensated))
	}
	if s := strings.Join(compensated, ", "); s != "2026-03-01 0, 2026-04-10 1, 2026-08-10 1, 2026-11-10 0" {
		t.Errorf("compensated: %s", s)
	}
}
