package render_test

import (
	"fmt"
	"testing/fstest"

	"exhibit/control"
	"exhibit/evidence"
)

func (f *builder) record(kind, id string, fields map[string]any, text string) {
	fields["id"] = id
	it := evidence.Item{ID: id, Answers: map[string]any{"record": fields}}
	if text != "" {
		it.Answers["text"] = text
	}
	if kind == "incident" {
		data := []byte("%PDF-1.4 not really\n")
		f.repo["records/incidents/post-mortem.pdf"] = &fstest.MapFile{Data: data}
		it.Answers["attachments"] = []any{map[string]any{"path": "records/incidents/post-mortem.pdf", "sha256": sum(data)},
			map[string]any{"path": "records/incidents/gone.pdf", "sha256": sum(nil)}}
	}
	b, err := it.MarshalJSON()
	f.must(err)
	var back evidence.Item
	f.must(back.UnmarshalJSON(b))
	f.r.Records[kind] = append(f.r.Records[kind], control.Located{Item: back, Source: "record/" + kind, Region: "records",
		Pointer: control.Pointer{Commit: commit, Path: "records/" + kind + ".md", Line: len(f.r.Records[kind]) + 1}})
}

func (f *builder) people() {
	f.record("vendor", "datadog", map[string]any{"name": "Datadog", "service": "Monitoring", "criticality": "high", "customer_data": true, "dpa": "2025-03-01", "last_review": "2026-02-14", "owner": "Grace"}, "")
	f.record("vendor", evilPath, map[string]any{"name": evilFormula, "service": evilTag, "criticality": "low", "customer_data": false, "owner": evilBidi}, "")
	f.record("incident", "INC-2026-001", map[string]any{"title": "Till stopped taking cards", "severity": "high", "detected_at": "2026-03-02T08:15:00Z", "resolved_at": "2026-03-02T10:40:00Z", "root_cause": evilNUL},
		"## Timeline\n\n- 08:15 alarm\n- 08:20 acknowledged by **Ada**\n\n## What we changed\n\nThe card provider's certificate is now renewed by machine.\n\n"+evilMD)
	f.record("incident", evilAt, map[string]any{"title": evilTag, "severity": "low", "detected_at": "2026-04-02T08:15:00Z"}, evilMD)
	f.record("tabletop-exercise", "2026-03-15", map[string]any{"date": "2026-03-15", "scenario": "Ransom note in the build system", "facilitator": "Ada", "attendees": []any{"Ada", "Grace", "Юрий"}}, "## Decisions\n\nCall the insurer first.\n")
	f.record("access-review", "2026-Q2", map[string]any{"quarter": "2026-Q2", "reviewer": "Grace", "date": "2026-07-03", "users_reviewed": num(14), "changes": "Removed two keys"}, "")
	f.record("access-review", "2026-Q3", map[string]any{"quarter": "2026-Q3", "reviewer": "Grace", "date": "2026-10-02", "users_reviewed": num(14), "changes": "None"}, "All rows were looked at.\n")
	f.record("access-review", "2026-Q4", map[string]any{"quarter": "2026-Q4", "reviewer": "Grace", "decisions": []any{map[string]any{"user": "ada", "decision": "keep"}, map[string]any{"user": evilFormula, "decision": "remove", "ticket": "ENG-9"}}}, "")
	f.record("offboarding", "ENG-1234", map[string]any{"person": "jane", "last_day": "2026-05-31", "aws_access_removed_at": "2026-05-31T17:00:00Z", "completed_by": "Grace"}, "")
	f.record("guardduty-finding-response", "finding-abc123", map[string]any{"finding_id": "abc123", "severity": "8", "investigator": "Ada", "conclusion": "A scanner of ours", "closed_at": "2026-06-04"}, "")
	f.record("person", "ada", map[string]any{"name": "Ada Lovelace", "start_date": "2022-01-10", "role": "Engineer", "email": "ada@example.com"}, "")
	f.record("person", "jane", map[string]any{"name": "Jane Doe", "start_date": "2023-01-10", "end_date": "2026-05-31", "role": "Engineer"}, "")
	f.r.Exceptions = []control.Exception{
		{ID: "EX-1", Check: "kms-key-rotates", Items: []string{f.r.Items["kms/key"][0].ID}, Constraint: "The till's vendor pins the key.", Risk: "A leaked key is good for longer. " + evilTag, Compensating: "Use of the key is alarmed on.", Owner: "Ada", ApprovedBy: "Grace", ApprovedOn: day("2026-01-20"), Expires: day("2027-01-20"), Path: "exceptions/ex-1.md"},
		{ID: "EX-2", Check: "iam-users-have-mfa", Items: []string{"x"}, ApprovedBy: "", Owner: evilBidi, Void: "not approved", Path: "exceptions/ex-2.md"},
	}
	ended := f.r.Runs[0].Run.Ended
	f.r.People = []control.PersonLife{
		{Located: f.r.Records["person"][1], ID: "jane", Name: "Jane Doe", Title: evilTag, Start: day("2023-01-10"), LastDay: day("2026-05-31"), Left: true, Said: evilBidi, Seen: []control.Seeing{
			{Run: f.r.Runs[0].Run.Name, At: ended.AddDate(0, -6, 0), Ways: []control.Way{{Identity: "IAM user jane in 1", Open: true, With: "a password", LastUse: ended.AddDate(0, -6, 0)}, {Identity: evilTag, Open: true}}},
			{Run: f.r.Runs[0].Run.Name, At: ended.AddDate(0, -3, 0), Ways: []control.Way{{Identity: "IAM user jane in 1"}}, Unknown: []string{evilAttr}},
			{Run: f.r.Runs[0].Run.Name, At: ended}}},
		{Located: f.r.Records["person"][0], ID: "ada", Name: "Ada Lovelace", Start: day("2026-02-01"), Joined: true, Seen: []control.Seeing{{Run: f.r.Runs[0].Run.Name, At: ended, Unknown: []string{"not answered: iam/credential"}}}},
	}
	seen := []control.ProofSeen{{ExceptionProof: control.ExceptionProof{Check: "iam-users-have-mfa", Items: []string{evilTag}}, Holds: true, Says: evilFormula}, {ExceptionProof: control.ExceptionProof{Record: "incident", IDs: []string{evilAt}}, Says: evilBidi}}
	f.r.Exceptions[0].Proofs = seen
	f.r.Exceptions[0].Life = []control.ExceptionRun{{Run: f.r.Runs[0].Run.Name, Commit: commit, At: day("2026-04-01"), Void: evilMD, Proofs: seen, Failing: 1, Items: 1}}
	f.r.Kinds = []control.RecordKind{{Kind: "incident", Title: "Incident", Cadence: "per event", DatedBy: "detected_at"}, {Kind: "access-review", Title: "Access review", Cadence: "quarterly", DatedBy: "date"},
		{Kind: "tabletop-exercise", Title: "Exercise", Cadence: "semi-annual", Default: "annual", DatedBy: "date"}}
	run := f.r.Runs[0].Run
	f.r.Sealings = map[string][]control.Sealing{
		"incident": {
			{Kind: "incident", ID: "INC-2026-001", Dated: day("2026-03-02"), Run: run.Name, Commit: commit, At: run.Ended, Days: 190, State: control.SealedLate, Says: "written down late",
				Changes: []control.RecordChange{{FromRun: run.Name, FromCommit: commit, Commit: commit, Fields: []control.FieldChange{{Field: "title", From: evilTag, To: evilFormula}, {Field: "text", From: "", To: evilMD}, {Field: evilAttr, From: evilBidi}}}}},
			{Kind: "incident", ID: evilAt, Dated: day("2026-04-02"), State: control.NotSealed, Says: "no run has sealed it yet"},
			{Kind: "incident", ID: evilPath, Path: evilPath, Gone: true, Run: run.Name, Commit: commit, At: run.Ended, State: control.SealedGone, Says: "gone"},
		},
		"tabletop-exercise": {{Kind: "tabletop-exercise", ID: "2026-03-15", Dated: day("2026-03-15"), Run: run.Name, Commit: commit, At: run.Ended, Days: 12, State: control.SealedInTime, Says: "sealed 12 days after its date"}},
	}
	answer := control.Reply{Kind: "guardduty-finding-response", ID: "finding-abc123", Names: []string{"abc123", evilTag}, Owner: evilFormula, Ticket: evilAttr, Acknowledged: at("2026-06-01T10:00:00Z"), Pointer: control.Pointer{Path: evilPath}}
	f.r.Responses = control.Responses{
		Findings: []control.Answered{
			{Source: "guardduty/finding", Account: "111122223333", Region: "eu-west-1", Item: "x", ID: evilTag, Severity: "critical", Rated: "9.5", What: evilFormula, Detected: at("2026-06-01T10:00:00Z"), LastSeen: run.Name, AtSource: "archived", State: control.ResponseOrphan, Says: evilMD},
			{Source: "securityhub/finding", Account: "111122223333", Region: "eu-west-1", Item: "y", ID: evilBidi, Rated: "not said", What: evilNUL, LastSeen: run.Name, State: control.ResponseUnknown, Says: "not known"},
			{Source: "inspector2/finding", Item: "z", ID: evilPath, Severity: "high", Rated: "HIGH", Detected: at("2026-06-01T10:00:00Z"), Acknowledged: at("2026-06-01T11:00:00Z"), Resolved: at("2026-06-02T11:00:00Z"), State: control.ResponseClosed, Replies: []control.Reply{answer}},
		},
		Strangers: []control.Reply{answer},
		Unseen:    []control.Unlooked{{Source: "access-analyzer/finding", Why: evilTag}, {Source: "guardduty/finding", Account: "111122223333", Region: "eu-west-1", Run: run.Name, Why: "refused"}},
	}
	f.r.FollowUps = []control.FollowUp{
		{Kind: "tabletop-exercise", Record: "2026-03-15", Action: evilTag, Owner: evilFormula, Due: day("2026-04-15"), State: control.FollowUpOverdue},
		{Kind: "tabletop-exercise", Record: "2026-03-15", Action: "Buy insurance", Owner: "Ada", Due: day("2026-04-15"), Closed: day("2026-04-10"), State: control.FollowUpClosed},
	}
	findings := control.Retention{Source: "guardduty/finding", What: "GuardDuty findings", Days: 90, Says: "GuardDuty keeps a finding for 90 days.", Doc: "https://docs.aws.amazon.com/guardduty/"}
	f.r.Reaches = []control.Reach{
		{Retention: findings, Account: "111122223333", Region: "eu-west-1", Runs: 4, SeenTo: run.Ended, Lost: []control.Lost{{From: day("2026-01-01"), Until: day("2026-01-04"), Before: run.Name, Deleted: true, Refused: []string{run.Name + ": " + evilTag}}}},
		{Retention: findings, Account: evilTag, Region: evilBidi, Runs: 0, SeenTo: day("2026-01-01"), Next: day("2027-02-01"), Lost: []control.Lost{{From: day("2026-01-01"), Until: day("2026-10-02"), Refused: []string{evilFormula}}}},
	}
	f.r.Gone = map[string][]control.Sighting{"guardduty/finding": {{
		Located: control.Located{Account: "111122223333", Region: "eu-west-1", Source: "guardduty/finding", Item: evidence.Item{ID: evilTag, Answers: map[string]any{"GetFindings": map[string]any{"Title": evilFormula, "Severity": 8}}}},
		First:   run.Name, Last: run.Name, FirstSeen: run.Ended, LastSeen: run.Ended}}}
	f.r.Calendar = []control.Duty{
		{ID: "capture/2026-01-05", Kind: "capture", Ref: "2026-01-05", What: "Capture what is deleted", Who: "the schedule", From: day("2026-01-05"), On: day("2026-01-11"), State: control.DutyMissing, Why: "each week"},
		{ID: "capture/2026-01-12", Kind: "capture", Ref: "2026-01-12", What: "Capture what is deleted", Who: "the schedule", From: day("2026-01-12"), On: day("2026-01-18"), State: control.DutyMissing, Why: "each week"},
		{ID: "policy/access-control/next", Kind: "policy", Ref: "access-control", What: "Review the access control policy", Who: "Head of security", On: day("2026-08-01"), State: control.DutyOverdue, Why: "annual review; last on 2025-08-01"},
		{ID: "incident/INC-2026-001", Kind: "incident", Ref: "INC-2026-001", What: evilTag, Who: evilFormula, On: day("2026-09-01"), Done: day("2026-09-05"), By: evilBidi, State: control.DutyLate, Why: evilMD},
		{ID: "audit/90", Kind: "audit", Ref: "90 days", What: "Zażółć gęślą jaźń; a line that is folded, because it is longer than what one line of the format may be in octets", On: day("2026-10-03"), State: control.DutyUpcoming, Why: "90 days\nbefore"},
	}
	f.r.Due = []control.Due{
		{What: "Review the access control policy", Kind: "policy", Ref: "access-control", On: day("2026-08-01"), Overdue: true, Why: "annual review; last on 2025-08-01"},
		{What: "Renew exception EX-1", Kind: "exception", Ref: "EX-1", On: day("2027-01-20"), Why: "expires"},
		{What: evilTag, Kind: "vendor", Ref: "datadog", On: day("2027-02-14"), Why: evilFormula},
	}
}

func (f *builder) policies() {
	old := "# Access control\n\nThis policy says who may have access.\n\n## Rules\n\n1. Access is asked for in a ticket.\n2. Access is reviewed every half year.\n3. Keys are rotated each year.\n\nApproved by the board.\n"
	now := "# Access control\n\nThis policy says who may have access, and who decides.\n\n## Rules\n\n1. Access is asked for in a ticket.\n2. Access is reviewed every quarter by the owner.\n3. Keys are rotated each year.\n4. Leavers lose access on their last day.\n\n| Role | May |\n|---|---|\n| Engineer | read logs |\n| Zażółć | nothing |\n\n" + evilMD + "\n\n```\naws iam get-credential-report\n```\n"
	f.r.Documents = []control.Document{
		{ID: "access-control", Title: "Access control policy", Owner: "Head of security", Review: "annual", Reviewed: day("2025-08-01"), Problems: []string{"text changed without a new version at 1a2b3c4"},
			Versions: []control.DocumentVersion{
				{Version: "2.1", Effective: day("2026-03-01"), ApprovedBy: "Grace", ApprovedOn: day("2026-02-25"), Change: "Quarterly reviews; leavers.", Commit: fmt.Sprintf("%040x", 77), CommittedAt: at("2026-02-26T09:00:00Z"), Author: "Ada", Path: "policies/access-control.md", Body: []byte(now)},
				{Version: "2.0", Effective: day("2025-03-01"), ApprovedBy: "Grace", ApprovedOn: day("2025-02-25"), Change: "First signed version.", Commit: fmt.Sprintf("%040x", 76), CommittedAt: at("2025-02-26T09:00:00Z"), Author: "Ada", Path: "policies/access.md", Body: []byte(old)},
			}},
		{ID: "incident-response", Title: "Incident response policy", Owner: "Head of security", Review: "annual", Reviewed: day("2026-02-01"), Versions: []control.DocumentVersion{
			{Version: "2.3", Effective: day("2026-02-01"), ApprovedBy: "Grace", ApprovedOn: day("2026-01-25"), Change: "Names of the on-call.", Commit: fmt.Sprintf("%040x", 78), CommittedAt: at("2026-01-26T09:00:00Z"), Author: "Ada", Path: "policies/incident-response.md", Body: []byte("# Incident response\n\nWe answer alarms.\n")}}},
		{ID: evilPath, Title: evilTag, Owner: evilBidi, Versions: []control.DocumentVersion{{Commit: fmt.Sprintf("%040x", 79), CommittedAt: at("2026-01-26T09:00:00Z"), Author: evilAttr, Path: evilPath, Change: evilFormula, Body: []byte(evilMD)}}},
	}
}
