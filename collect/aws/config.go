package aws

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"exhibit/collect/envoy"
)

// What a run is asked to do is said where no client is known (collect/envoy).
type (
	Config     = envoy.Config
	Account    = envoy.Account
	Exclusion  = envoy.Exclusion
	Period     = envoy.Period
	Validation = envoy.Validation
	Static     = envoy.Static
	Grant      = envoy.Grant
	Lack       = envoy.Lack
	Retention  = envoy.Retention
)

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
)

// check refuses what could never work, with what is allowed.
func check(cfg *Config, services []Service) error {
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
		if envoy.Matches(pattern, s.Name) {
			return true
		}
	}
	return false
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
