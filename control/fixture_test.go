package control

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/evidence"
)

const smallCriteria = `
- {id: CC6.1, category: security, group: CC6 Logical access, title: Access is limited, summary: s}
- {id: CC6.2, category: security, group: CC6 Logical access, title: Access is granted and ended, summary: s}
- {id: CC9.2, category: security, group: CC9 Risk, title: Vendors are managed, summary: s}
- {id: A1.1, category: availability, group: A1 Availability, title: Capacity is managed, summary: s}
`

const smallControls = `
- {control: AC-01, title: Keys rotate, statement: s, owner: Head of security, frequency: continuous, criteria: [CC6.1], checks: [key-rotates]}
- {control: AC-02, title: Watched everywhere, statement: s, owner: Head of security, frequency: continuous, criteria: [CC6.1, CC6.2], checks: [watched], records: [access-review]}
- {control: VM-01, title: Vendors, statement: s, owner: Head of security, frequency: annual, criteria: [CC9.2], checks: [vendor-reviewed], records: [vendor]}
- {control: GV-01, title: Capacity, statement: s, owner: Head of security, frequency: annual, criteria: [A1.1], management_statement: [Somebody looks.]}
- {control: IR-01, title: Incidents, statement: s, owner: Head of security, frequency: per event, criteria: [CC6.2], records: [incident]}
`

const smallPopulations = `
- population: iam-roles
  title: IAM roles
  says: Every role.
  as_of: date
  of: iam/role
  second: {none: nothing else lists them}
  columns: [{column: role, title: Role, from: id}]
  criteria: [CC6.1]
  frequency: per event
  typical: all
- population: guardduty-high-findings
  title: High findings
  says: Severity 7 and above.
  as_of: period
  of: guardduty/finding
  holds: item.GetFindings.Severity >= 7
  second: {none: nothing else lists them}
  columns: [{column: type, title: Type, from: GetFindings.Type}]
  criteria: [CC6.2]
  frequency: per event
  typical: all
- population: vendors
  title: Vendors
  says: The register.
  as_of: period
  of: record/vendor
  key: [record.id]
  second: {of: record/vendor-review, key: [record.vendor], compare: first in second, says: the reviews}
  columns: [{column: name, title: Name, from: record.name}, {column: reviewed, title: Reviewed, from: second.record.date}]
  flags: [{flag: not-reviewed, says: has no review, check: vendor-reviewed}, {flag: data, says: has data, when: item.record.customer_data}]
  tested:
  - {attribute: reviewed, says: It was reviewed., check: vendor-reviewed}
  - {attribute: data, says: It has no data., pass: '!item.record.customer_data', shows: item.record.customer_data}
  - {attribute: read, says: Somebody read the report.}
  criteria: [CC9.2]
  frequency: per event
  typical: all
- population: access-reviews
  title: Access reviews
  says: The quarters.
  as_of: period
  of: record/access-review
  calendar: true
  second: {none: the calendar is the list}
  columns: [{column: to, title: To, from: span.to}, {column: review, title: Review, from: record.id}]
  flags: [{flag: none, says: has none, when: item.span != null && item.record == null}]
  criteria: [CC6.2]
  frequency: per event
  typical: all
- {population: deployments, title: Deployments, says: What went out., waits: the forge is not collected yet, criteria: [CC6.1], frequency: per event, typical: all}
`

const smallChecks = `
- check: key-rotates
  title: Keys rotate
  says: Keys rotate.
  of: kms/key
  when: item.DescribeKey.Manager == "CUSTOMER"
  pass: item.GetKeyRotationStatus.On
  shows: item.GetKeyRotationStatus.On
  severity: high
  remediation: Switch it on.
  examples: &same
`

func smallLibrary(t testing.TB) *Library {
	t.Helper()
	lib, err := Load(smallFiles(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range lib.Test() {
		if !r.OK {
			t.Fatalf("%+v", r)
		}
	}
	return lib
}

// smallFiles are what smallLibrary is read from.
func smallFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	examples := `{pass: [{item: {DescribeKey: {Manager: CUSTOMER}, GetKeyRotationStatus: {On: true}}}], fail: [{item: {DescribeKey: {Manager: CUSTOMER}, GetKeyRotationStatus: {On: false}}}], unknown: [{item: {DescribeKey: "!gap"}}], not_applicable: [{item: {DescribeKey: {Manager: AWS}}}]}`
	checks := strings.Replace(smallChecks, "&same", examples, 1) + `
- check: watched
  title: Watched everywhere
  says: Each region is watched.
  of: guardduty/detector
  each: region
  pass: items.exists(d, d.GetDetector.Status == "ENABLED")
  shows: items.map(d, d.GetDetector.Status)
  severity: high
  remediation: Switch it on.
  examples: {pass: [{items: [{GetDetector: {Status: ENABLED}}]}], fail: [{items: []}], unknown: [{unanswered: [items]}]}
- check: vendor-reviewed
  title: Vendors are reviewed
  says: Each vendor was reviewed.
  of: record/vendor
  with: {reviews: record/vendor-review}
  needs: reviews.exists(r, r.record.vendor == item.record.id)
  pass: reviews.exists(r, r.record.vendor == item.record.id && days(r.record.date, asof) <= 365)
  shows: reviews.filter(r, r.record.vendor == item.record.id).map(r, r.record.date)
  severity: low
  remediation: Review it.
  examples: {pass: [{item: {record: {id: a}}, with: {reviews: [{record: {vendor: a, date: "2026-01-02"}}]}}], fail: [{item: {record: {id: a}}}], unknown: [{item: {record: {id: a}}, unanswered: [reviews]}]}
`
	kind := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"soc2/criteria.yaml":         kind(smallCriteria),
		"soc2/all.yaml":              kind(smallControls),
		"checks/all.yaml":            kind(checks),
		"sampling/sizes.yaml":        kind("- {frequency: per event, low: 20, moderate: 30, high: 40, source: s}"),
		"populations/all.yaml":       kind(smallPopulations),
		"records/vendor.yaml":        kind("{kind: vendor, cadence: kept current}"),
		"records/access-review.yaml": kind("{kind: access-review, cadence: quarterly, dated_by: date}"),
		"records/incident.yaml":      kind("{kind: incident, cadence: per event, dated_by: detected, nil_statement: true}"),
		"records/vendor-review.yaml": kind("{kind: vendor-review, cadence: annual, dated_by: date}"),
		"records/nil-statement.yaml": kind("{kind: nil-statement, cadence: per event, dated_by: signed}"),
		"records/exception.yaml":     kind("{kind: exception, cadence: per event, dated_by: approved_on}"),
	}
}

func onDay(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func smallEngagement() Engagement {
	return Engagement{Organisation: "Acme", Type: "type-2", Period: Period{onDay("2026-01-01"), onDay("2026-12-31")}}
}

// found puts items into evidence, from JSON of their answers.
func (ev *Evidence) found(t testing.TB, account, region, source, id, answers string, gaps ...evidence.Gap) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(answers))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if ev.Items == nil {
		ev.Items = map[string][]Located{}
	}
	n := len(ev.Items[source]) + 1
	ev.Items[source] = append(ev.Items[source], Located{
		Item: evidence.Item{ID: id, Answers: m, Gaps: gaps}, Account: account, Region: region, Source: source,
		Pointer: Pointer{Commit: ev.Commit, Path: "evidence/" + source, Line: n},
	})
}

func (ev *Evidence) cell(account, region, source string, state evidence.State) {
	ev.Cells = append(ev.Cells, evidence.Cell{Account: account, Region: region, Source: source, State: state, Path: "evidence/" + source})
}

// smallEvidence is one of everything.
func smallEvidence(t testing.TB) Evidence {
	ev := Evidence{Run: "0002", Commit: "c2", At: onDay("2026-07-10").Add(6 * time.Hour)}
	ev.cell("1", "eu", "kms/key", evidence.Partial)
	ev.cell("1", "us", "kms/key", evidence.DeniedSCP)
	ev.cell("2", "eu", "kms/key", evidence.OutOfScope)
	ev.found(t, "1", "eu", "kms/key", "k1", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":true}}`)
	ev.found(t, "1", "eu", "kms/key", "k2", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":false}}`)
	ev.found(t, "1", "eu", "kms/key", "k3", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":false}}`)
	ev.found(t, "1", "eu", "kms/key", "k4", `{"DescribeKey":{"Manager":"AWS"}}`)
	ev.found(t, "1", "eu", "kms/key", "k5", `{"DescribeKey":{"Manager":"CUSTOMER"}}`, evidence.Gap{Question: "GetKeyRotationStatus", Code: "AccessDeniedException"})
	ev.found(t, "1", "eu", "kms/key", "k6", `{}`, evidence.Gap{Question: "DescribeKey", Code: "AccessDeniedException"})
	ev.cell("1", "eu", "guardduty/detector", evidence.Collected)
	ev.cell("1", "us", "guardduty/detector", evidence.NotInUse)
	ev.cell("1", "ap", "guardduty/detector", evidence.RegionNotEnabled)
	ev.cell("2", "eu", "guardduty/detector", evidence.Throttled)
	ev.found(t, "1", "eu", "guardduty/detector", "d1", `{"GetDetector":{"Status":"ENABLED"}}`)
	ev.found(t, "", "", "record/vendor", "logs", `{"record":{"id":"logs","name":"Logs","customer_data":true}}`)
	ev.found(t, "", "", "record/vendor", "mail", `{"record":{"id":"mail","name":"Mail","customer_data":true}}`)
	ev.found(t, "", "", "record/vendor-review", "logs-1", `{"record":{"vendor":"logs","date":"2026-02-01"}}`)
	ev.found(t, "", "", "record/access-review", "q1", `{"record":{"id":"q1","quarter":"2026-Q1","date":"2026-04-02"}}`)
	ev.found(t, "", "", "record/exception", "EX-1", `{"record":{"id":"EX-1","check":"key-rotates","items":["k2"],"owner":"ana","approved_by":"ben","approved_on":"2026-02-01","expires":"2026-08-01","compensating_control":"c","proof":[{"record":"vendor-review"}]}}`)
	ev.found(t, "", "", "record/exception", "EX-2", `{"record":{"id":"EX-2","check":"key-rotates","items":["k3","k99"],"owner":"ana","approved_by":"ben","approved_on":"2026-02-01","expires":"2026-03-01","compensating_control":"c","proof":[{"record":"vendor-review"}]}}`)
	ev.found(t, "", "", "record/nil-statement", "n1", `{"record":{"of":"incident","from":"2026-01-01","to":"2026-03-31"}}`)
	ev.found(t, "", "", "record/nil-statement", "n2", `{"record":{"of":"incident","from":"2026-04-01","to":"2026-06-30"}}`)
	ev.Documents = []Document{{ID: "access", Title: "Access policy", Review: "annual", Reviewed: onDay("2025-06-01"), Versions: []DocumentVersion{{Version: "1.0", CommittedAt: onDay("2025-06-01"), Path: "policies/access.md"}}}}
	return ev
}

func earlierEvidence(t testing.TB) Evidence {
	ev := Evidence{Run: "0001", Commit: "c1", At: onDay("2026-04-10").Add(6 * time.Hour)}
	ev.cell("1", "eu", "kms/key", evidence.Collected)
	ev.found(t, "1", "eu", "kms/key", "k1", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":false}}`)
	return ev
}
