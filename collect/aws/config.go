package aws

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// A Config says whom to ask, as whom, and for what. The environment counts only
// through the SDK's own chain of credentials.
type Config struct {
	// Profile names a section of the AWS configuration files; "" for the chain's own choice.
	Profile string
	// Static are credentials for a stand-in. With AWS's own endpoints they are refused.
	Static *Static
	// Accounts to ask. Empty: the account of the credentials, or with FromOrganization all of the organization's.
	Accounts         []Account
	FromOrganization bool
	// Role is assumed in every account that names no role or profile of its own, but
	// not in the credentials' own:
	// a name ("OrganizationAccountAccessRole") or an ARN with * for the account id.
	Role       string
	ExternalID string
	// Regions to ask; empty for every region the account has enabled.
	Regions []string
	// Endpoint is a stand-in's address that answers instead of AWS, such as
	// http://127.0.0.1:5000. RUN.json names it: what it says is no evidence of AWS.
	Endpoint string
	// Only limits the run to sources: "kms/key", "kms/*". Empty for all.
	Only       []string
	OutOfScope []Exclusion
	// Period is the audit period, for what is validated over all of it; without one it
	// is the 90 days before the run.
	Period Period
	// Trails bounds the validation of CloudTrail's files.
	Trails Validation
	// MaxAttempts per call, the first included; 10 when 0.
	MaxAttempts int
	// InFlight is how many calls may be under way in all; 64 when 0.
	InFlight int
	// Salt keys the digests that stand for redacted fields; without it they are only "redacted".
	Salt []byte
	// Now is the clock.
	Now func() time.Time
	// Sleep waits, or returns early with the context's error; nil for a real timer.
	Sleep func(context.Context, time.Duration) error
}

// A Period is a span of time; its End is not part of it.
type Period struct{ Start, End time.Time }

// A Validation says how much of what CloudTrail signed is validated.
type Validation struct {
	DigestDays int    // the last days of the period; 0 for all of it
	Logs       string // which log files are hashed: "recent" (or ""), "all" or "none"
	LogDays    int    // the last days whose log files are hashed when recent; 7 when 0
}

// Static are fixed credentials.
type Static struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// An Account is one to ask, and how to enter it.
type Account struct {
	ID         string // 12 digits
	Name       string
	Role       string // ARN, or a role's name in that account; "" for none
	ExternalID string
	Profile    string // "" for Config.Profile
}

// An Exclusion takes cells out of scope. Empty fields match all; a Source may end
// in "/*". A Reason is required: it stands in the coverage.
type Exclusion struct{ Account, Region, Source, Reason string }

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
)

// check refuses what could never work, with what is allowed.
func (cfg *Config) check(services []Service) error {
	for _, a := range cfg.Accounts {
		if !accountID.MatchString(a.ID) {
			return fmt.Errorf("account %q: an account id has 12 digits", a.ID)
		}
	}
	for _, r := range cfg.Regions {
		if !regionName.MatchString(r) {
			return fmt.Errorf("region %q: a region looks like eu-west-1", r)
		}
	}
	for _, o := range cfg.Only {
		if !matchesAny(o, services) {
			return fmt.Errorf("unknown source %q: see the list of sources, or write service/*", o)
		}
	}
	for _, x := range cfg.OutOfScope {
		if x.Reason == "" {
			return fmt.Errorf("out of scope %s %s %s: a reason is required", x.Account, x.Region, x.Source)
		}
		if x.Source != "" && !matchesAny(x.Source, services) {
			return fmt.Errorf("out of scope: unknown source %q", x.Source)
		}
	}
	if cfg.Static != nil && cfg.Endpoint == "" {
		return fmt.Errorf("fixed credentials are only for a stand-in: name its endpoint, or use a profile")
	}
	if t := cfg.Trails; t.DigestDays < 0 || t.LogDays < 0 || !slices.Contains([]string{"", "recent", "all", "none"}, t.Logs) {
		return fmt.Errorf("validation of trails: days are 0 or more, and log files recent, all or none")
	}
	if cfg.Now == nil {
		return fmt.Errorf("no clock was given")
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	return nil
}

func matchesAny(pattern string, services []Service) bool {
	for _, s := range services {
		if matches(pattern, s.Name) {
			return true
		}
	}
	return false
}

// matches reports whether a pattern ("", "*", "kms/*", "kms", "kms/key") names a source.
func matches(pattern, source string) bool {
	if pattern == "" || pattern == "*" || pattern == source {
		return true
	}
	n := len(pattern)
	if n > 2 && pattern[n-2:] == "/*" {
		pattern = pattern[:n-2]
	}
	return len(source) > len(pattern) && source[:len(pattern)] == pattern && source[len(pattern)] == '/'
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
