package evidence

import "time"

// State is how a cell ended. Only the first group can support a pass.
type State string

const (
	Collected          State = "collected"             // asked, answered, at least one item
	Empty              State = "empty"                 // asked, answered, nothing there
	NotInUse           State = "not_in_use"            // the service says it is not subscribed or enabled here
	RegionNotEnabled   State = "region_not_enabled"    // the account has not opted in to the region
	ServiceNotInRegion State = "service_not_in_region" // AWS does not offer the service there
	AccountSuspended   State = "account_suspended"     // Organizations lists the account as suspended
	OutOfScope         State = "out_of_scope"          // excluded in exhibit.yaml, with a reason

	DeniedSCP          State = "denied_scp"
	DeniedIdentity     State = "denied_identity"
	DeniedResource     State = "denied_resource"
	AccountUnreachable State = "account_unreachable" // its role could not be assumed, or there are no credentials
	Throttled          State = "throttled"           // still refused for its rate after every retry
	CredentialExpired  State = "credential_expired"  // the run's credentials ended before this cell was asked
	Partial            State = "partial"             // the listing is whole, some questions about its items are gaps
	Truncated          State = "truncated"           // the listing was cut: a later page was refused or failed
	Cancelled          State = "cancelled"
	Lost               State = "lost" // planned, but its shard never came back
	Failed             State = "error"
	// NotAsked is never written by a run: the report gives it to a cell whose last
	// answer is too old to speak for the newest run.
	NotAsked State = "not_asked"
)

// Answered reports whether a cell in this state says what there is: its items
// are the whole population. A Partial cell does (single items carry gaps), a
// Truncated or refused one does not.
func (s State) Answered() bool {
	switch s {
	case Collected, Empty, NotInUse, RegionNotEnabled, ServiceNotInRegion, AccountSuspended, OutOfScope, Partial:
		return true
	}
	return false
}

// A Cell is account x region x source with what became of it: one line of
// coverage.jsonl. Cells are planned before anything is asked.
type Cell struct {
	Account string `json:"account"` // 12 digits; "" for git and records
	Region  string `json:"region"`  // "global" for services asked once per account; a repository's name for git
	Source  string `json:"source"`
	State   State  `json:"state"`
	Reason  string `json:"reason,omitempty"` // in words: why not collected, or why out of scope
	Items   int    `json:"items"`            // rows written
	Gaps    int    `json:"gaps"`             // questions not answered, listing and items together
	Calls   int    `json:"calls"`
	// Gap is the question whose refusal decided the state; nil when answered.
	Gap *Gap `json:"gap,omitempty"`
	// AsOf is the time the source itself gives for its answer where that is not
	// the time of the call, such as a credential report's GeneratedTime.
	AsOf    *time.Time `json:"as_of,omitempty"`
	Started time.Time  `json:"started"` // zero when the cell was never asked
	Ended   time.Time  `json:"ended"`
	Path    string     `json:"path,omitempty"` // the file under evidence/ that holds the items; "" when none was written
	Sum     string     `json:"sha256,omitempty"`
}

// A Call is one page of one call: one line of calls.jsonl. Request headers are
// never kept. Where thousands of objects are read, one line sums up the calls
// that read those of one folder and ended alike.
type Call struct {
	Account   string         `json:"account"`
	Region    string         `json:"region"`
	Source    string         `json:"source"`
	Service   string         `json:"service"`
	Operation string         `json:"operation"`
	Endpoint  string         `json:"endpoint"`
	Params    map[string]any `json:"params,omitempty"`
	Page      int            `json:"page"` // from 1
	RequestID string         `json:"request_id,omitempty"`
	Date      string         `json:"server_date,omitempty"` // the answer's Date header, RFC 3339 UTC
	Started   time.Time      `json:"started"`
	Ended     time.Time      `json:"ended"`
	Attempts  int            `json:"attempts"`
	Status    int            `json:"status"`            // HTTP; 0 when no answer came
	Code      string         `json:"code,omitempty"`    // AWS's error code
	Count     int            `json:"count"`             // rows of the listing in this page, 1 for a single answer
	Listing   bool           `json:"listing,omitempty"` // a page of the list the items of the cell were made from
	Calls     int            `json:"calls,omitempty"`   // how many calls the line sums up; 0 where it is one call
	// BodySum is of the body as it came over the wire; of a line that sums up, of a
	// text as sha256sum writes it: a line for each body with its object's key, sorted
	// by key.
	BodySum string `json:"sha256,omitempty"`
}

// A Run is one collection: RUN.json.
type Run struct {
	Name         string    `json:"run"` // 0001-20260401T060000Z
	Sequence     int       `json:"sequence"`
	Started      time.Time `json:"started"`
	Ended        time.Time `json:"ended"`
	Organisation string    `json:"organisation"`
	Sample       bool      `json:"sample,omitempty"`
	Tool         string    `json:"tool"`
	// BinarySum is the sha256 of the executable that kept the run, and AWSBinarySum
	// of the one that asked AWS for it: "" where AWS was not asked, and in runs of
	// releases that were one executable.
	BinarySum    string `json:"binary_sha256,omitempty"`
	AWSBinarySum string `json:"aws_binary_sha256,omitempty"`
	Host         string `json:"host,omitempty"`
	// Callers are the identities the run acted under, one per account.
	Callers []Caller `json:"callers"`
	// Only lists the sources a partial run was limited to; empty for a whole run.
	Only []string `json:"only,omitempty"`
	// Expiring says that those are the sources whose answers the provider deletes: a capture between two whole runs.
	Expiring bool `json:"expiring,omitempty"`
	// PlanSum is the sha256 of the planned cells, taken before the first question.
	PlanSum string `json:"plan_sha256"`
	Cells   int    `json:"cells"`
	Calls   int    `json:"calls"`
	Gaps    int    `json:"gaps"`
	// Complete says that every planned cell was answered and no item has a gap.
	Complete bool `json:"complete"`
	// Endpoints are those that are not AWS's own, and so not evidence of AWS.
	Endpoints []string `json:"overridden_endpoints,omitempty"`
	// CAs are the certificate authorities the collecting machines were told to trust in
	// place of their systems' own, in words: whoever holds their keys can answer as AWS.
	CAs []string `json:"custom_cas,omitempty"`
	// AppID and Session are what the run called itself to AWS: in the user agent of every
	// call, and as the name of the sessions of roles it assumed. CloudTrail keeps both.
	AppID   string `json:"app_id,omitempty"`
	Session string `json:"role_session_name,omitempty"`
	// ClockSkew is the machine's clock minus the servers' median Date, in seconds; nil when no server gave a date.
	ClockSkew *int `json:"clock_skew_seconds,omitempty"`
	// Redactions counts the fields withheld, by rule.
	Redactions map[string]int `json:"redactions,omitempty"`
}

// A Caller is who asked, as STS named it before and after the run.
type Caller struct {
	Account   string `json:"account"`
	ARN       string `json:"arn"`
	ARNAfter  string `json:"arn_after,omitempty"`
	UserID    string `json:"user_id"`
	Reachable bool   `json:"reachable"`
	Reason    string `json:"reason,omitempty"` // when not reachable
}
