package control

import (
	"testing"
	"time"
)

// Each kind of duty, at a run in the middle of the period: what is done, what is
// missing, what is to come.
func TestDuties(t *testing.T) {
	lib := realLibrary(t)
	lib.Keeps = []Retention{{Source: "backup/job", What: "backup jobs", Days: 30, Asked: 30}}
	run := func(name, day string, only ...string) Evidence {
		on := onDay(day).Add(6 * time.Hour)
		return Evidence{Run: name, Commit: name, Began: on, At: on, Only: only}
	}
	first, capture := run("1", "2026-04-02"), run("2", "2026-05-13", "backup/job")
	now := run("3", "2026-06-10", "iam/user") // neither a whole run nor a capture
	for _, ev := range []*Evidence{&first, &capture, &now} {
		ev.found(t, "", "", "record/person", "ana", `{"record":{"id":"ana","name":"Ana Prior","start":"2020-01-01"}}`)
		ev.found(t, "", "", "record/person", "ben", `{"record":{"id":"ben","name":"Ben Late","start":"2020-01-01","last_day":"2026-03-31"}}`)
		ev.found(t, "", "", "record/monthly-security-review", "march", `{"record":{"date":"2026-03-31"}}`)
		ev.found(t, "", "", "record/vendor", "mail", `{"record":{"id":"mail","name":"Mail","customer_data":true,"owner":"ana"}}`)
		ev.found(t, "", "", "record/vendor-review", "m1", `{"record":{"vendor":"mail","date":"2026-02-03"}}`)
		ev.found(t, "", "", "record/penetration-test", "p1", `{"record":{"date":"2025-06-30"}}`)
		ev.found(t, "", "", "record/incident", "I-1", `{"record":{"id":"I-1","severity":"high","detected":"2026-03-01","resolved":"2026-03-02","owner":"ana"}}`)
		ev.found(t, "", "", "record/post-incident-review", "R-1", `{"record":{"incident":"I-1","date":"2026-03-30","actions":[{"action":"Rotate","owner":"ana","due":"2026-05-01"},{"action":"Train","owner":"ana","due":"2026-07-01"}]}}`)
		ev.found(t, "1", "eu", "acm/certificate", "c/1", `{"DescribeCertificate":{"Certificate":{"NotAfter":"2026-09-01T00:00:00Z","RenewalEligibility":"INELIGIBLE"}}}`)
		ev.found(t, "1", "eu", "acm/certificate", "c/2", `{"DescribeCertificate":{"Certificate":{"NotAfter":"2029-09-01T00:00:00Z","RenewalEligibility":"INELIGIBLE"}}}`)
		ev.found(t, "1", "global", "iam/access-key", "K1", `{"ListAccessKeys":{"UserName":"ci","Status":"Active","CreateDate":"2026-04-01T00:00:00Z"}}`)
		ev.found(t, "1", "global", "iam/access-key", "K2", `{"ListAccessKeys":{"UserName":"old","Status":"Inactive","CreateDate":"2024-04-01T00:00:00Z"}}`)
	}
	eng := smallEngagement()
	eng.Categories, eng.Auditor, eng.Fieldwork = []string{"security", "availability"}, "Prior CPAs", onDay("2027-02-15")
	r, err := Evaluate(lib, eng, now, []Evidence{first, capture})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Duty{}
	for i, d := range r.Calendar {
		if _, twice := got[d.ID]; twice {
			t.Errorf("two duties are %s", d.ID)
		}
		got[d.ID] = d
		if i > 0 && d.On.Before(r.Calendar[i-1].On) {
			t.Errorf("%s is out of order", d.ID)
		}
	}
	for _, tt := range []struct {
		id    string
		state DutyState
		on    string
		who   string
		by    string
	}{
		{"capture/2026-03-30", DutyDone, "2026-04-05", "by schedule", "1"},
		{"capture/2026-05-11", DutyDone, "2026-05-17", "by schedule", "2"},
		{"capture/2026-05-18", DutyMissing, "2026-05-24", "by schedule", ""},
		{"capture/2026-06-08", DutyUpcoming, "2026-06-14", "by schedule", ""}, // the week of the run, which asked for something else
		{"run/2026-Q1", DutyDone, "2026-05-01", "whoever runs exhibit evidence", "1"},
		{"run/2026-Q2", DutyUpcoming, "2026-07-31", "whoever runs exhibit evidence", ""},
		{"monthly-security-review/2026-03", DutyDone, "2026-05-01", "Head of security", "march"},
		{"monthly-security-review/2026-04", DutyOverdue, "2026-05-31", "Head of security", ""},
		{"monthly-security-review/2026-05", DutyUpcoming, "2026-07-01", "Head of security", ""},
		{"access-review/2026-Q1", DutyOverdue, "2026-05-01", "Head of security", ""},
		{"vendor/mail/2026-02-03", DutyDone, "2026-02-03", "Ana Prior", "m1"},
		{"vendor/mail/next", DutyUpcoming, "2027-02-03", "Ana Prior", ""},
		{"penetration-test/next", DutyUpcoming, "2026-06-30", "Head of security", ""},
		{"incident/I-1", DutyLate, "2026-03-16", "Ana Prior", "R-1"},
		{"follow-up/post-incident-review/R-1/1", DutyOverdue, "2026-05-01", "Ana Prior", ""},
		{"follow-up/post-incident-review/R-1/2", DutyUpcoming, "2026-07-01", "Ana Prior", ""},
		{"offboarding/ben", DutyOverdue, "2026-04-01", "Head of people", ""},
		{"expiry/acm/certificate/1/eu/c/1", DutyUpcoming, "2026-09-01", "", ""},
		{"expiry/iam/access-key/1/K1", DutyUpcoming, "2026-06-30", "", ""},
		{"audit/90", DutyUpcoming, "2026-11-17", "whoever leads the audit", ""},
		{"audit/fieldwork", DutyUpcoming, "2027-02-15", "Prior CPAs", ""},
	} {
		d, ok := got[tt.id]
		if !ok {
			t.Errorf("%s is not in the calendar", tt.id)
			continue
		}
		if d.State != tt.state || !d.On.Equal(onDay(tt.on)) || d.Who != tt.who || d.By != tt.by {
			t.Errorf("%s: %s by %s, who %q, shown by %q; want %s by %s, %q, %q", tt.id, d.State, d.On.Format(time.DateOnly), d.Who, d.By, tt.state, tt.on, tt.who, tt.by)
		}
	}
	for _, id := range []string{"expiry/acm/certificate/1/eu/c/2", "expiry/iam/access-key/1/K2"} {
		if _, ok := got[id]; ok {
			t.Errorf("%s is in the calendar", id)
		}
	}
	// What is due is the part of it that is still to be done, and not far off.
	open := 0
	for _, d := range r.Calendar {
		if (d.State == DutyOverdue || d.State == DutyUpcoming) && !d.On.After(now.At.Add(horizon)) {
			open++
		}
	}
	if len(r.Due) != open || open == 0 {
		t.Errorf("%d are due, and the calendar has %d open", len(r.Due), open)
	}
}
