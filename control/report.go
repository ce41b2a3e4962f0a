package control

import (
	"time"

	"exhibit/evidence"
)

// A Period is the audit period, both days included, in UTC.
type Period struct{ Start, End time.Time }

// String is "2026-01-01..2026-12-31".
func (p Period) String() string {
	return p.Start.Format(time.DateOnly) + ".." + p.End.Format(time.DateOnly)
}

// An Engagement is what the auditor was hired for.
type Engagement struct {
	Organisation string
	System       string // name of the system under audit
	Auditor      string
	Type         string // "type-1" or "type-2"
	Period       Period
	Categories   []string // security is always in; availability, confidentiality, processing integrity, privacy
	Accounts     []Account
	Own          Own
	Fieldwork    time.Time // the day the auditor's fieldwork begins; zero when not known
}

// An Account is an AWS account in scope, by the name people use.
type Account struct{ ID, Name string }

// A SealedRun is a run with the seal that fixes it.
type SealedRun struct {
	Run      evidence.Run
	Commit   string
	SealSum  string // hex sha256 of its SEAL.txt
	Previous string // hex sha256 of the seal before; "" for the first
	Signer   string // fingerprint of the key that signed, "" when unsigned
	When     string // what is claimed and what is proved of the time of its seal, in words
	Proved   bool   // a timestamp proves it, of an authority whose root is pinned
	// Reviewers is how many second signatures the seal asks for, Reviews are those of
	// people the repository's own list of signers names; at the report's commit.
	Reviewers int
	Reviews   []SealReview
	Cells     []evidence.Cell
}

// A SealReview is a second signature over a run's seal.
type SealReview struct {
	By  string // who, as trust/allowed_signers names them
	Key string // fingerprint
}

// A Withheld is a file people keep encrypted, or one whose content was destroyed.
type Withheld struct {
	Path   string
	Sum    string // hex sha256 of the ciphertext
	Why    string // why it was not read; "" when it was
	Opened bool   // it was read; the ciphertext alone is in the repository
}

// A Report is everything the renderer needs, and all it may read.
type Report struct {
	Sample     bool
	Tool       string
	Engagement Engagement
	Commit     string          // the evidence commit reported on
	AsOf       time.Time       // the newest run's end, or the period's end when that came first: the day ages are counted to
	Run        evidence.Run    // newest run
	Calls      []evidence.Call // of the newest run
	Runs       []SealedRun     // oldest first
	Cells      []evidence.Cell // newest state of every cell ever planned, sorted by account, region, source

	Criteria   []CriterionResult
	Controls   []ControlResult
	Checks     []CheckResult
	Exceptions []Exception
	Reviews    []ReviewResult // access reviews, in the order of their ids
	Due        []Due
	Calendar   []Duty // by day
	Documents  []Document
	Records    map[string][]Located // by kind: "vendor", "incident", …; file order
	// Kinds are the kinds of record there are, with the cadence the organisation chose.
	Kinds []RecordKind
	// Sealings say of each record when it was first sealed, by kind, in the order of
	// Records; those that were taken away stand behind.
	Sealings map[string][]Sealing
	// FollowUps are the actions people set themselves in records: open ones first,
	// those longest overdue before others.
	FollowUps   []FollowUp
	Responses   Responses
	Populations []Population
	Samples     []Sample        // drawn from them, by id
	Requests    []RequestResult // what auditors ask for and ask about, with what answers it
	// Withheld are the encrypted files at the report's commit, and what tombstones
	// say was destroyed; by path.
	Withheld []Withheld
	// People are the entries of the people register with what each run saw of them;
	// those who left in the period first. Empty without a register.
	People []PersonLife
	// Changes are what reached each production branch; empty when no repository is listed.
	Changes []ChangeFlow
	// Deployments are what was brought to production in the period, oldest first, and
	// tags that give no date before them.
	Deployments []Deployment
	// Sheets say all that is known of the changes auditors drew, by SheetKey.
	Sheets map[string]ChangeSheet
	// Ledger is what each run of the period saw, and when nobody looked.
	Ledger *Ledger
	// Items are all collected items by source, sorted by account, region, id.
	Items map[string][]Located
	// Reaches tell how far over the period the runs go, for each source whose answers
	// the provider deletes and each place, by source, account, region.
	Reaches []Reach
	// Gone are the items of those sources that earlier runs of the period saw and the
	// newest answer does not have any more, by source; each as it was seen last.
	Gone map[string][]Sighting
	// Problems are what was wrong with what people wrote ("registers/vendors.yaml:12: …").
	Problems []string
}
