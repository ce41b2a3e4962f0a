package control

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

const (
	duty      = `{"GetFindings":{"Id":"f1","Arn":"arn:aws:guardduty:eu:1:detector/d/finding/f1","Severity":%s,"Type":"T","CreatedAt":"%s","Service":{"Archived":true}}}`
	inspector = `{"ListFindings":{"findingArn":"arn:aws:inspector2:eu:1:finding/i1","severity":"%s","status":"%s","title":"CVE","firstObservedAt":"%s"}}`
	external  = `{"ListFindingsV2":{"id":"a1","findingType":"%s","status":"%s","resource":"r","createdAt":"2026-06-01T10:00:00Z"}}`
	hub       = `{"GetFindings":{"Id":"arn:aws:securityhub:eu:1:x/finding/h1","Severity":{"Label":"%s"},"RecordState":"ACTIVE","Title":"t","CreatedAt":"2026-06-01T10:00:00Z","Workflow":{"Status":"%s"}}}`
)

// responding is evidence of the day with all four sources asked in one place.
func responding(run, on string) Evidence {
	ev := Evidence{Run: run, Commit: "c", At: onDay(on).Add(6 * time.Hour)}
	for _, g := range graveSources() {
		ev.cell("1", "eu", g.source, evidence.Collected)
	}
	return ev
}

func TestResponses(t *testing.T) {
	lib := smallLibrary(t)
	gd := fmt.Sprintf(duty, "8", "2026-06-01T10:00:00Z")
	answer := func(more string) string {
		return `{"record":{"finding_id":"f1","investigator":"ana","ticket":"S-1"` + more + `}}`
	}
	soon := answer(`,"detected":"2026-06-01T10:00:00Z","acknowledged":"2026-06-01T11:00:00Z","resolved":"2026-06-05T11:00:00Z"`)
	vulnerability := func(more string) string {
		return `{"record":{"finding_id":"arn:aws:inspector2:eu:1:finding/i1","owner":"ana","ticket":"S-1"` + more + `}}`
	}
	tests := []struct {
		name         string
		source, item string
		kind, record string
		more         string // a second record: kind, then its JSON
		own          ResponseLimits
		state        ResponseState
		says         string
	}{
		{"nobody", "guardduty/finding", gd, "", "", "", ResponseLimits{}, ResponseOrphan, "no ticket and no record names it"},
		{"in time", "guardduty/finding", gd, "guardduty-finding-response", soon, "", ResponseLimits{}, ResponseClosed, "taken up and resolved in time"},
		{"by its ARN in a ticket's items", "guardduty/finding", gd, "ticket", `{"record":{"id":"S-1","items":["arn:aws:guardduty:eu:1:detector/d/finding/f1"],"opened":"2026-06-02","closed":"2026-06-03"}}`, "", ResponseLimits{}, ResponseClosed, ""},
		{"by an incident", "guardduty/finding", gd, "incident", `{"record":{"id":"I-1","findings":["f1"],"acknowledged":"2026-06-01T10:30:00Z","resolved":"2026-06-01T19:00:00Z"}}`, "", ResponseLimits{}, ResponseClosed, ""},
		{"a title joins nothing", "guardduty/finding", gd, "ticket", `{"record":{"id":"S-1","title":"f1 T","items":["F1","f1 ","xf1"],"opened":"2026-06-02","closed":"2026-06-03"}}`, "", ResponseLimits{}, ResponseOrphan, ""},
		{"taken up late", "guardduty/finding", gd, "guardduty-finding-response", strings.Replace(soon, "06-01T11", "06-03T11", 1), "", ResponseLimits{}, ResponseLate, "taken up 2 days after it was detected, allowed are 24 hours"},
		{"taken up late by a minute", "guardduty/finding", gd, "guardduty-finding-response", strings.Replace(soon, "06-01T11:00", "06-02T10:01", 1), "", ResponseLimits{}, ResponseLate, "taken up 24 hours"},
		{"a day on which there was still time", "guardduty/finding", gd, "ticket", `{"record":{"id":"S","findings":["f1"],"opened":"2026-06-02","closed":"2026-07-01"}}`, "", ResponseLimits{}, ResponseClosed, ""},
		{"a day too late", "guardduty/finding", gd, "ticket", `{"record":{"id":"S","findings":["f1"],"opened":"2026-06-02","closed":"2026-07-02"}}`, "", ResponseLimits{}, ResponseLate, "resolved 30 days"},
		{"with a tighter limit", "guardduty/finding", gd, "guardduty-finding-response", soon, "", ResponseLimits{Within: map[Severity]ResponseLimit{"high": {Resolve: 72 * time.Hour}}}, ResponseLate, "resolved 4 days after it was detected, allowed are 3 days"},
		{"open for too long", "guardduty/finding", gd, "guardduty-finding-response", answer(`,"acknowledged":"2026-06-01T11:00:00Z"`), "", ResponseLimits{}, ResponseLate, "open for 38 days, allowed are 30 days"},
		{"open, and may be", "guardduty/finding", fmt.Sprintf(duty, "8", "2026-07-01T10:00:00Z"), "guardduty-finding-response", answer(`,"acknowledged":"2026-07-01T11:00:00Z"`), "", ResponseLimits{}, ResponseOpen, "to be resolved until 2026-07-31 10:00"},
		{"nobody yet, and may be", "guardduty/finding", fmt.Sprintf(duty, "8", "2026-07-09T10:00:00Z"), "", "", "", ResponseLimits{}, ResponseOpen, "allowed until 2026-07-10 10:00"},
		{"resolved on a day to come", "guardduty/finding", gd, "guardduty-finding-response", strings.Replace(soon, "06-05T11", "09-05T11", 1), "", ResponseLimits{}, ResponseLate, "open for 38 days"},
		{"one of two answers is open", "guardduty/finding", gd, "guardduty-finding-response", soon, `ticket {"record":{"id":"S-2","findings":["f1"],"opened":"2026-06-02"}}`, ResponseLimits{}, ResponseLate, "open for 38 days"},
		{"nothing says when it was taken up", "guardduty/finding", gd, "guardduty-finding-response", answer(`,"resolved":"2026-06-05T11:00:00Z"`), "", ResponseLimits{}, ResponseUnknown, "when somebody took it up is not written down"},
		{"resolved so soon that it was taken up in time", "guardduty/finding", gd, "guardduty-finding-response", answer(`,"resolved":"2026-06-01T15:00:00Z"`), "", ResponseLimits{}, ResponseClosed, ""},
		{"not grave", "guardduty/finding", fmt.Sprintf(duty, "6.9", "2026-06-01T10:00:00Z"), "", "", "", ResponseLimits{}, "", ""},
		{"not grave by default", "guardduty/finding", fmt.Sprintf(duty, "6.9", "2026-06-01T10:00:00Z"), "", "", "", ResponseLimits{GuardDuty: 4}, ResponseOrphan, ""},
		{"after the period", "guardduty/finding", fmt.Sprintf(duty, "8", "2027-01-01T00:00:00Z"), "", "", "", ResponseLimits{}, "", ""},
		{"severity not said", "guardduty/finding", `{"GetFindings":{"Id":"f1","CreatedAt":"2026-06-01T10:00:00Z"}}`, "guardduty-finding-response", soon, "", ResponseLimits{}, ResponseUnknown, "how grave it is the source did not say"},
		{"when not said", "guardduty/finding", `{"GetFindings":{"Id":"f1","Severity":8}}`, "guardduty-finding-response", soon, "", ResponseLimits{}, ResponseUnknown, "when it was detected the source did not say"},
		{"high and not wanted", "inspector2/finding", fmt.Sprintf(inspector, "HIGH", "ACTIVE", "2026-06-01T10:00:00Z"), "", "", "", ResponseLimits{}, "", ""},
		{"high and wanted", "inspector2/finding", fmt.Sprintf(inspector, "HIGH", "ACTIVE", "2026-06-01T10:00:00Z"), "", "", "", ResponseLimits{InspectorHigh: true}, ResponseOrphan, ""},
		{"mended", "inspector2/finding", fmt.Sprintf(inspector, "CRITICAL", "CLOSED", "2026-06-01T10:00:00Z"), "vulnerability-response", vulnerability(`,"acknowledged":"2026-06-02","status":"fixed","fixed_on":"2026-06-04"`), "", ResponseLimits{}, ResponseClosed, ""},
		{"mended by the record alone", "inspector2/finding", fmt.Sprintf(inspector, "CRITICAL", "ACTIVE", "2026-06-01T10:00:00Z"), "vulnerability-response", vulnerability(`,"acknowledged":"2026-06-02","status":"fixed","fixed_on":"2026-06-04"`), "", ResponseLimits{}, ResponseLate, "its records say it was resolved on 2026-06-04, and Inspector still has it open at run 2"},
		{"an old record, taken up by its ticket", "inspector2/finding", fmt.Sprintf(inspector, "CRITICAL", "CLOSED", "2026-06-01T10:00:00Z"), "vulnerability-response", vulnerability(`,"status":"fixed","fixed_on":"2026-06-04"`), `ticket {"record":{"id":"S-1","opened":"2026-06-01"}}`, ResponseLimits{}, ResponseClosed, ""},
		{"an old record without one", "inspector2/finding", fmt.Sprintf(inspector, "CRITICAL", "CLOSED", "2026-06-01T10:00:00Z"), "vulnerability-response", vulnerability(`,"status":"fixed","fixed_on":"2026-06-04"`), "", ResponseLimits{}, ResponseUnknown, "when somebody took it up"},
		{"accepted", "inspector2/finding", fmt.Sprintf(inspector, "CRITICAL", "ACTIVE", "2026-06-01T10:00:00Z"), "vulnerability-response", vulnerability(`,"acknowledged":"2026-06-02","status":"accepted","accepted_by":"ben","accepted_on":"2026-06-05"`), "", ResponseLimits{}, ResponseClosed, "the risk accepted"},
		{"accepted, nobody says when", "inspector2/finding", fmt.Sprintf(inspector, "CRITICAL", "ACTIVE", "2026-06-01T10:00:00Z"), "vulnerability-response", vulnerability(`,"acknowledged":"2026-06-02","status":"accepted","accepted_by":"ben"`), "", ResponseLimits{}, ResponseUnknown, "does not say when the risk was accepted"},
		{"external access", "access-analyzer/finding", fmt.Sprintf(external, "ExternalAccess", "ACTIVE"), "", "", "", ResponseLimits{}, ResponseOrphan, ""},
		{"external access, by its short id", "access-analyzer/finding", fmt.Sprintf(external, "ExternalAccess", "ACTIVE"), "ticket", `{"record":{"id":"S","findings":["a1"],"opened":"2026-06-02"}}`, "", ResponseLimits{}, ResponseLate, "open for 38 days"},
		{"unused access", "access-analyzer/finding", fmt.Sprintf(external, "UnusedIAMRole", "ACTIVE"), "", "", "", ResponseLimits{}, "", ""},
		{"external access of no run", "access-analyzer/finding", fmt.Sprintf(external, "ExternalAccess", "RESOLVED"), "", "", "", ResponseLimits{}, "", ""},
		{"critical of Security Hub", "securityhub/finding", fmt.Sprintf(hub, "CRITICAL", "NEW"), "", "", "", ResponseLimits{}, ResponseOrphan, ""},
		{"high of Security Hub", "securityhub/finding", fmt.Sprintf(hub, "HIGH", "NEW"), "", "", "", ResponseLimits{}, "", ""},
	}
	for _, tt := range tests {
		ev := responding("2", "2026-07-10")
		ev.found(t, "1", "eu", tt.source, "i", tt.item)
		if tt.kind != "" {
			ev.found(t, "", "", "record/"+tt.kind, "R", tt.record)
		}
		if kind, record, ok := strings.Cut(tt.more, " "); ok {
			ev.found(t, "", "", "record/"+kind, "R2", record)
		}
		eng := smallEngagement()
		eng.Own.Responses = tt.own
		r, err := Evaluate(lib, eng, ev, nil)
		if err != nil {
			t.Fatal(err)
		}
		var state ResponseState
		var says string
		if len(r.Responses.Findings) == 1 {
			state, says = r.Responses.Findings[0].State, r.Responses.Findings[0].Says
		}
		if state != tt.state || !strings.Contains(says, tt.says) || len(r.Responses.Unseen) > 0 {
			t.Errorf("%s: %q, %q, %v; want %q, %q", tt.name, state, says, r.Responses.Unseen, tt.state, tt.says)
		}
	}
}

// A finding of an earlier run stays on the list, as grave as any run saw it.
func TestResponsesOverRuns(t *testing.T) {
	before, now := responding("1", "2026-06-10"), responding("2", "2026-07-10")
	before.found(t, "1", "eu", "securityhub/finding", "h", fmt.Sprintf(hub, "CRITICAL", "NEW"))
	now.found(t, "1", "eu", "securityhub/finding", "h", fmt.Sprintf(hub, "INFORMATIONAL", "RESOLVED"))
	before.found(t, "1", "eu", "guardduty/finding", "g", fmt.Sprintf(duty, "8", "2026-06-01T10:00:00Z")) // deleted since
	before.found(t, "1", "eu", "access-analyzer/finding", "an/a1", fmt.Sprintf(external, "ExternalAccess", "ACTIVE"))
	now.found(t, "1", "eu", "access-analyzer/finding", "an/a1", fmt.Sprintf(external, "ExternalAccess", "ARCHIVED"))
	// Security Hub's copy of GuardDuty's finding: whoever answers one answers both.
	before.found(t, "1", "eu", "securityhub/finding", "copy", `{"GetFindings":{"Id":"arn:aws:guardduty:eu:1:detector/d/finding/f1","Severity":{"Label":"CRITICAL"},"RecordState":"ACTIVE","Title":"t","CreatedAt":"2026-06-01T10:00:00Z","Workflow":{"Status":"NEW"}}}`)
	now.found(t, "", "", "record/guardduty-finding-response", "R", `{"record":{"finding_id":"f1","detected":"2026-06-01T10:00:00Z","acknowledged":"2026-06-01T11:00:00Z","resolved":"2026-06-02T11:00:00Z"}}`)
	r, err := Evaluate(smallLibrary(t), smallEngagement(), now, []Evidence{before})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Responses.Findings {
		got = append(got, fmt.Sprintf("%s %s %s %s", f.ID, f.Rated, f.LastSeen, f.State))
	}
	want := "a1 external access 2 no response; arn:aws:securityhub:eu:1:x/finding/h1 CRITICAL 2 no response; f1 8 1 closed in time; arn:aws:guardduty:eu:1:detector/d/finding/f1 CRITICAL 1 closed in time"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
}

// What was not asked, and answers to what nobody saw.
func TestResponsesUnknown(t *testing.T) {
	ev := Evidence{Run: "2", Commit: "c", At: onDay("2026-07-10")}
	ev.cell("1", "eu", "guardduty/finding", evidence.DeniedSCP)
	ev.cell("1", "us", "guardduty/finding", evidence.NotInUse)
	ev.cell("1", "ap", "guardduty/finding", evidence.RegionNotEnabled)
	ev.cell("1", "sa", "guardduty/finding", evidence.OutOfScope)
	ev.cell("1", "eu", "inspector2/finding", evidence.Collected)
	ev.cell("1", "us", "inspector2/finding", evidence.OutOfScope) // the place itself is in scope
	ev.cell("1", "eu", "securityhub/finding", evidence.Truncated)
	ev.found(t, "1", "eu", "inspector2/finding", "i", fmt.Sprintf(inspector, "CRITICAL", "ACTIVE", "2026-06-01T10:00:00Z"))
	ev.found(t, "1", "eu", "inspector2/finding", "seen", strings.Replace(fmt.Sprintf(inspector, "HIGH", "ACTIVE", "2026-06-01T10:00:00Z"), "i1", "i2", 1))
	for i, record := range []string{
		`{"finding_id":"mistyped","detected":"2026-06-01T10:00:00Z"}`, `{"finding_id":"old","detected":"2025-06-01T10:00:00Z"}`,
	} {
		ev.found(t, "", "", "record/guardduty-finding-response", fmt.Sprint("G", i), `{"record":`+record+`}`)
	}
	for i, name := range []string{"arn:aws:inspector2:eu:1:finding/i9", "SEC-485", "arn:aws:inspector2:eu:1:finding/i2"} {
		ev.found(t, "", "", "record/vulnerability-response", fmt.Sprint("V", i), fmt.Sprintf(`{"record":{"finding_id":%q,"first_seen":"2026-06-01"}}`, name))
	}
	ev.found(t, "", "", "record/ticket", "T", `{"record":{"id":"T","items":["sg-1","arn:aws:s3:::b"],"opened":"2026-06-01"}}`)
	ev.Unread = map[string]string{"ticket": "records/tickets/x.md:3: no date"}
	r, err := Evaluate(smallLibrary(t), smallEngagement(), ev, nil)
	if err != nil {
		t.Fatal(err)
	}
	var strangers, unseen []string
	for _, s := range r.Responses.Strangers {
		strangers = append(strangers, s.ID)
	}
	for _, u := range r.Responses.Unseen {
		unseen = append(unseen, strings.TrimSpace(u.Source+" "+u.Region+" "+u.Run))
	}
	if s := strings.Join(strangers, " "); s != "G0 V0" {
		t.Errorf("strangers: %s", s)
	}
	if s := strings.Join(unseen, ", "); s != "guardduty/finding eu 2, inspector2/finding us 2, access-analyzer/finding, securityhub/finding eu 2" {
		t.Errorf("unseen: %s", s)
	}
	if f := r.Responses.Findings[0]; f.State != ResponseUnknown || !strings.Contains(f.Says, "records/tickets/x.md:3") {
		t.Errorf("a record that cannot be read may be the answer: %+v", f)
	}
}
