package envoy

import (
	"context"
	"fmt"
	"time"
)

// A Config says whom to ask, as whom, and for what. The environment counts only
// through the SDK's own chain of credentials.
type Config struct {
	// Profile names a section of the AWS configuration files; "" for the chain's own choice.
	Profile string `json:"profile,omitempty"`
	// Static are credentials for a stand-in. With AWS's own endpoints they are refused.
	Static *Static `json:"static,omitempty"`
	// Accounts to ask. Empty: the account of the credentials, or with FromOrganization all of the organization's.
	Accounts         []Account `json:"accounts,omitempty"`
	FromOrganization bool      `json:"from_organization,omitempty"`
	// Role is assumed in every account that names no role or profile of its own, but
	// not in the credentials' own:
	// a name ("OrganizationAccountAccessRole") or an ARN with * for the account id.
	Role       string `json:"role,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	// Regions to ask; empty for every region the account has enabled.
	Regions []string `json:"regions,omitempty"`
	// Endpoint is a stand-in's address that answers instead of AWS, such as
	// http://127.0.0.1:5000. RUN.json names it: what it says is no evidence of AWS.
	Endpoint string `json:"endpoint,omitempty"`
	// Only limits the run to sources: "kms/key", "kms/*". Empty for all.
	Only       []string    `json:"only,omitempty"`
	OutOfScope []Exclusion `json:"out_of_scope,omitempty"`
	// Period is the audit period, for what is validated over all of it; without one it
	// is the 90 days before the run.
	Period Period `json:"period"`
	// Trails bounds the validation of CloudTrail's files.
	Trails Validation `json:"trail_validation"`
	// MaxAttempts per call, the first included; 10 when 0.
	MaxAttempts int `json:"max_attempts,omitempty"`
	// InFlight is how many calls may be under way in all; 64 when 0.
	InFlight int `json:"in_flight,omitempty"`
	// Salt keys the digests that stand for redacted fields; without it they are only "redacted".
	Salt []byte `json:"salt,omitempty"`
	// StandsAt is where the envoy's clock stands, for recorded answers; only with a
	// stand-in on this machine. nil for the time it is.
	StandsAt *time.Time `json:"stands_at,omitempty"`

	// Witness is what the run calls itself to AWS, so that CloudTrail keeps a trace of it.
	Witness Witness `json:"witness"`

	// Now is the clock of the process that asks.
	Now func() time.Time `json:"-"`
	// Sleep waits, or returns early with the context's error; nil for a real timer.
	Sleep func(context.Context, time.Duration) error `json:"-"`
}

// A Witness is the trace a run leaves with AWS, where whoever holds the evidence
// cannot change it: the run's number and the seal before it.
type Witness struct {
	// App is the SDK's app id, in the user agent of every call ("app/…"): at most 50 characters.
	App string `json:"app,omitempty"`
	// Session names the session of every role that is assumed; "exhibit" when it is empty.
	Session string `json:"session,omitempty"`
}

// WitnessOf is that of a run by its number and the SHA-256 of the seal before it, in
// hex; "" for the first run. 32 digits of it fit into an app id, 48 into the name of
// a session, which AWS takes up to 50 and 64 characters of.
func WitnessOf(run int, previous string) Witness {
	if len(previous) != 64 {
		return Witness{fmt.Sprintf("exhibit-%04d-first", run), fmt.Sprintf("exhibit-%04d-first", run)}
	}
	return Witness{fmt.Sprintf("exhibit-%04d-%s", run, previous[:32]), fmt.Sprintf("exhibit-%04d-%s", run, previous[:48])}
}

// A Period is a span of time; its End is not part of it.
type Period struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// A Validation says how much of what CloudTrail signed is validated.
type Validation struct {
	DigestDays int    `json:"digest_days"` // the last days of the period; 0 for all of it
	Logs       string `json:"logs"`        // which log files are hashed: "recent" (or ""), "all" or "none"
	LogDays    int    `json:"log_days"`    // the last days whose log files are hashed when recent; 7 when 0
}

// Static are fixed credentials.
type Static struct {
	AccessKeyID     string `json:"access_key_id"`
	SecretAccessKey string `json:"secret_access_key"`
	SessionToken    string `json:"session_token,omitempty"`
}

// An Account is one to ask, and how to enter it.
type Account struct {
	ID         string `json:"id"` // 12 digits
	Name       string `json:"name,omitempty"`
	Role       string `json:"role,omitempty"` // ARN, or a role's name in that account; "" for none
	ExternalID string `json:"external_id,omitempty"`
	Profile    string `json:"profile,omitempty"` // "" for Config.Profile
}

// An Exclusion takes cells out of scope. Empty fields match all; a Source may end
// in "/*". A Reason is required: it stands in the coverage.
type Exclusion struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Source  string `json:"source,omitempty"`
	Reason  string `json:"reason"`
}
