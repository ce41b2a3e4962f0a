package control

import (
	"time"

	"exhibit/evidence"
)

// Verdict is what a check says of one item.
type Verdict string

const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	NotApplicable Verdict = "not_applicable"
	NotEvaluated  Verdict = "not_evaluated" // the reason names the unanswered question
	NeedsRecord   Verdict = "needs_record"  // a person's record is missing
)

// Severity orders findings: critical, high, medium, low, info.
type Severity string

// A Criterion is one Trust Services Criterion, titled in our own words.
type Criterion struct {
	ID       string `yaml:"id"`
	Category string `yaml:"category"` // security, availability, confidentiality, processing integrity, privacy
	Group    string `yaml:"group"`    // "CC6 Logical and physical access"
	Title    string `yaml:"title"`
	Summary  string `yaml:"summary"`
}

// A Control is what the organisation does to meet criteria.
type Control struct {
	ID         string   `yaml:"control"` // "AC-03"
	Title      string   `yaml:"title"`
	Statement  string   `yaml:"statement"` // as the auditor tests it
	Owner      string   `yaml:"owner"`     // a role
	Frequency  string   `yaml:"frequency"` // continuous, daily, weekly, monthly, quarterly, annual, per event
	Criteria   []string `yaml:"criteria"`
	Checks     []string `yaml:"checks"`               // names of checks; empty when nothing here can be automated
	Records    []string `yaml:"records"`              // kinds of records that show it; empty when none
	Statements []string `yaml:"management_statement"` // what only management's word or another firm's report shows; empty when none
	Limits     []string `yaml:"-" json:",omitempty"`  // that its statement names, each with where it comes from (Own.Control)
	File       string   `yaml:"-"`                    // where it was read: "soc2/cc6.yaml:12"
}

// A Check is one automated test on a whole population. In checks/*.yaml it looks
// like this:
//
//   - check: kms-key-rotates
//     title: Customer keys rotate
//     says: Every enabled symmetric key of the account's own rotates.
//     of: kms/key
//     when: item.DescribeKey.KeyMetadata.KeyManager == "CUSTOMER"
//     pass: item.GetKeyRotationStatus.KeyRotationEnabled
//     shows: item.GetKeyRotationStatus.KeyRotationEnabled
//     severity: medium
//     remediation: Switch on automatic rotation for the key.
//     peers: {prowler: kms_cmk_rotation_enabled}
//     examples:
//     pass: [{item: {DescribeKey: {KeyMetadata: {KeyManager: CUSTOMER}}, GetKeyRotationStatus: {KeyRotationEnabled: true}}}]
//     fail: [{item: {DescribeKey: {KeyMetadata: {KeyManager: CUSTOMER}}, GetKeyRotationStatus: {KeyRotationEnabled: false}}}]
//     unknown: [{item: {DescribeKey: {KeyMetadata: {KeyManager: CUSTOMER}}, GetKeyRotationStatus: "!gap"}}]
//     not_applicable: [{item: {DescribeKey: {KeyMetadata: {KeyManager: AWS}}}}]
//
// Expressions read item (its answers by question, and id, account, region, source), items,
// account, region, period.start, period.end, asof and counted_to (the day ages are
// counted to, and what that day is), run (when the evidence was collected, which
// may be after asof), params, and each variable of with; beside
// CEL's own functions they have statements, allActions, allResources, wholeServices,
// allowsAnyone, permits, allActionsOf, accounts, granted, escalations,
// denies, forbids, requiresTLS, keepsObjects,
// where, arn, dateIn, opensPort, opensAllPorts, wideRanges, aclOpensPort, leadsToInternet,
// distinct, daily, named, called, bucketNamed, days, date and unknown (see expr_func.go).
type Check struct {
	Name  string `yaml:"check"`
	Title string `yaml:"title"`
	Says  string `yaml:"says"` // what must be true, in one sentence for a CPA
	// Of names the source whose items are the population: "kms/key", "record/vendor".
	Of string `yaml:"of"`
	// Also names further sources whose items belong to the same population; only
	// where Each is item. Empty for most checks.
	Also []string `yaml:"also"`
	// Over is "period" where the population is what any run of the period saw, not
	// the newest alone: events the provider deletes. "" is the newest.
	Over string `yaml:"over"`
	// Each is "item" (the default), or "region" or "account" when the population
	// is the planned cells of the source themselves and their items are the variable
	// items, or "organisation" when one answer is wanted for all cells together.
	Each string `yaml:"each"`
	// With names further sources the expressions may read, by variable: the items
	// of the same account and region (or the account's global cell).
	With map[string]string `yaml:"with"`
	// Params are numbers and texts the expressions read as params.NAME, such as {days: 90}.
	Params map[string]any `yaml:"params"`
	// Limits are those that its words and parameters name, each with where it comes
	// from; empty for most checks, and before they are filled in (Own.Check).
	Limits []string `yaml:"-" json:",omitempty"`

	When string `yaml:"when"` // CEL; "" is always; false makes the item not applicable
	// Covers is When in words: "access keys that can be used". "" shows When itself.
	Covers string `yaml:"covers"`
	// Needs is CEL: false says that a record a person should have written is not
	// there, which is needs_record, not fail. "" when the check needs none.
	Needs string `yaml:"needs"`
	Pass  string `yaml:"pass"`  // CEL
	Shows string `yaml:"shows"` // CEL; the value that decided
	Join  string `yaml:"join"`  // name of a Go function instead of Pass, for checks that join populations
	// Steps say in words how the join decides; nil for a check without one.
	Steps       []string            `yaml:"-"`
	Severity    Severity            `yaml:"severity"`
	Remediation string              `yaml:"remediation"`
	Peers       map[string][]string `yaml:"peers"` // prowler, powerpipe, aws_config, security_hub
	Examples    Examples            `yaml:"examples"`
	File        string              `yaml:"-"`
}

// An Exception is a deviation that management accepted in writing.
type Exception struct {
	ID           string
	Check        string
	Items        []string // ids of the items it covers
	Constraint   string
	Risk         string
	Compensating string // the compensating control, in words
	Owner        string
	ApprovedBy   string
	ApprovedOn   time.Time // zero when not approved
	Expires      time.Time
	Path         string
	Proof        []ExceptionProof // what shows that the compensating control operates
	Proofs       []ProofSeen      // the same at the newest run
	// Life is the exception at each run of the period that had it, oldest first.
	Life []ExceptionRun
	// Void says why it counts for nothing ("expired 2026-03-01", "not approved"); "" when it counts.
	Void string

	unfit string // why the approver could not approve it; "" when nothing is known against it
}

// A Finding is one check's verdict on one item.
type Finding struct {
	Check   string  `json:"check"`
	Account string  `json:"account,omitempty"`
	Region  string  `json:"region,omitempty"`
	Source  string  `json:"source"`
	Item    string  `json:"item"` // the item's id; for each: region, "111122223333/eu-west-1"
	Verdict Verdict `json:"verdict"`
	// Value is what Shows gave, as JSON; for passes too. nil only when not evaluated
	// or not applicable.
	Value any `json:"value,omitempty"`
	// Reason names the unanswered question of a not_evaluated finding, the missing
	// record of a needs_record one, or says why it does not apply.
	Reason      string  `json:"reason,omitempty"`
	Exception   string  `json:"exception,omitempty"`   // id of an exception that covers a failed item, void or not
	Compensated bool    `json:"compensated,omitempty"` // failed, and an exception that counts covers it
	Evidence    Pointer `json:"evidence"`
}

// A Pointer leads into the evidence repository.
type Pointer struct {
	Commit string `json:"commit"`
	Path   string `json:"path"`           // "" when the cell was never collected
	Line   int    `json:"line,omitempty"` // from 1
}

// Counts of a check: Population = Passed + Failed + NotApplicable + NotEvaluated + NeedsRecord.
type Counts struct {
	Population    int `json:"population"`
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	Compensated   int `json:"compensated"` // of Failed
	NotApplicable int `json:"not_applicable"`
	NotEvaluated  int `json:"not_evaluated"`
	NeedsRecord   int `json:"needs_record"`
}

// Status is the word the site prints for a check, control or criterion.
type Status string

const (
	Met            Status = "Met"                         // all items evaluated, all pass or do not apply
	ExceptionIn    Status = "Exception"                   // at least one item fails, uncompensated
	Compensated    Status = "Exception, compensated"      // fails, each covered by an exception that counts
	NotEvaluatedIn Status = "Not evaluated"               // something was not evaluated, and nothing fails
	NA             Status = "Not applicable"              // the whole population does not apply
	NoOccurrence   Status = "No occurrence in the period" // asked, and the population is empty
	ManualHas      Status = "Has a record"                // only a person can show it, and the records are there
	ManualHasNot   Status = "Needs a record"              // a record that a person must write is missing
	StatementOnly  Status = "Management's statement"
)

// A CheckResult is one check over its whole population at the report's commit.
type CheckResult struct {
	Check    Check
	Status   Status
	Counts   Counts
	Findings []Finding // failed first, then not evaluated, needs record, passed, not applicable; within each by account, region, item
	// Unanswered are the cells of the population that were not listed whole: the
	// population may be larger than counted. Each also stands in Findings as one
	// not_evaluated finding on the cell.
	Unanswered []evidence.Cell
	// Excluded are the cells left out of the population for a reason anybody can
	// see: out of scope, or a region, service or account that is not there.
	Excluded []evidence.Cell
	// Seen is the check at each run of the period, oldest first, the newest included.
	Seen []Seen
	// Mended are items that failed at an earlier run of the period and do not fail
	// now, by the order of the last run that saw them fail; Evidence points into it.
	// They are no part of Counts, and exceptions of the period all the same.
	Mended []Finding
}

// Seen is a check's counts at one run.
type Seen struct {
	Run    string
	Commit string
	At     time.Time
	Status Status
	Counts Counts
}

// A RecordPart says which records a control needs and has.
type RecordPart struct {
	Kind   string
	Have   int    // dated in the period, or current for registers
	Status Status // ManualHas or ManualHasNot
	Reason string // "2 of 4 quarters", "none in the period"
	IDs    []string

	Cadence string       // how often one is wanted, with a word when that is the organisation's own choice
	Late    int          // of Have: written down late
	Spans   []RecordSpan // what each span of the period has, where one is wanted in each; empty otherwise

	counted bool // how many there must be is known: one a quarter, one a month
}

// A ControlResult keeps the three kinds of proof apart. In an engagement over a
// period its Status is that of the period: what failed at a run and was mended
// since is an exception.
type ControlResult struct {
	Control Control
	// InScope says that it serves a criterion of the engagement's categories. One
	// that does not is NA, whatever its checks find.
	InScope   bool
	Status    Status
	Automated []string // names of checks evaluated, in the control's order
	Records   []RecordPart
	Counts    Counts // of all its checks together
	// Opinionless one-line summary over the period, such as
	// "operating effectively in evidence", "with exceptions", "with compensated exceptions", "not evaluated in part", "needs a record".
	Operating string
}

// A CriterionResult sums up the controls that serve a criterion.
type CriterionResult struct {
	Criterion Criterion
	Status    Status
	Controls  []string
	InScope   bool
}

// Due is something a person must do, with the date that decided.
type Due struct {
	What    string // "Review the access control policy"
	Kind    string // policy, access-review, vendor-review, exception, tabletop, incident, record
	Ref     string // id of the policy, vendor, exception …
	On      time.Time
	Overdue bool // against the report's AsOf
	Why     string
}

// A Population is a whole list an auditor may sample from, with where it came from.
type Population struct {
	ID     string // "iam-users", "people", "changes"
	Title  string
	Source string
	Cells  []evidence.Cell // every planned cell, with its state
	Items  []Located
	Whole  bool   // every planned cell answered, and nothing of the period was lost
	Says   string // completeness in words
	// Definition is what the library says of the list; its ID is empty for a list
	// that no library defines.
	Definition PopulationDef
	// Members say more of each item, in the order of Items; empty where Definition is.
	Members []Member
	// Lost are the places of which no run tells the whole period: the provider had
	// deleted what came before it was asked. Empty where nothing is deleted.
	Lost []Reach
	// Second is the list held against one from another source.
	Second Reconciliation
}

// A Member is what a population says of one of its items.
type Member struct {
	FirstSeen string   // the first run of the period that saw it; "" where runs have no name
	LastSeen  string   // the last run that saw it, where the newest did not; "" where it did
	Flags     []string // why it is risky, by the names of Definition.Flags; sorted
	Unknown   []string // flags of which it is not known whether they hold; sorted
	Values    []any    // by Definition.Columns; nil where there is none
}

// A Reconciliation holds a population against a second list of the same, made by
// somebody else or told by another question.
type Reconciliation struct {
	None        string // why there is no second list; "" where there is one
	Source      string // of the second
	Says        string // what the second is
	First       int    // items of the population that were compared
	Count       int    // items of the second
	Unknown     string // what keeps the comparison from being whole; "" when nothing does
	Differences []Difference
}

// A Difference is one item that is in one list alone, or a count that differs.
type Difference struct {
	Account, Region, Source string
	Item                    string
	In                      string // "population", "second", or "count"
	Why                     string
	Pointer                 Pointer
}

// Located is an item with where it was found.
type Located struct {
	evidence.Item
	Account, Region, Source string
	Pointer                 Pointer
	// Shared is the item as several runs share it: where it is the same for two, the
	// items are the same. nil where that is not known.
	Shared *evidence.Item
}

// A DocumentVersion is one commit that changed a policy document.
type DocumentVersion struct {
	Version     string // front matter; "" when the text changed without one
	Effective   time.Time
	ApprovedBy  string
	ApprovedOn  time.Time
	Change      string // front matter "change": what changed, in words
	Commit      string
	CommittedAt time.Time
	Author      string
	Path        string // where the file lay at that commit (renames are followed by id)
	Body        []byte // Markdown without front matter
}

// A Document is a policy with its history, newest version first.
type Document struct {
	ID       string // front matter id; survives renames
	Title    string
	Owner    string
	Review   string    // cadence: "annual"
	Reviewed time.Time // last recorded review or approval
	// Reviews are the days of all recorded reviews and approvals, newest first.
	Reviews  []time.Time
	Versions []DocumentVersion
	Problems []string // "text changed without a new version at 1a2b3c4", "effective before approval" …
}

// InForce returns the version in force on a date, or nil.
func (d Document) InForce(on time.Time) *DocumentVersion {
	for i := range d.Versions {
		v := &d.Versions[i]
		if v.Version != "" && !v.Effective.IsZero() && !v.Effective.After(on) {
			return v
		}
	}
	return nil
}
