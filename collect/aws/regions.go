package aws

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"exhibit/evidence"
)

// A regionPlan is a region and, when it is not to be asked, why.
type regionPlan struct {
	name   string
	state  evidence.State
	reason string
}

// regions are all that AWS names for the account: those to ask, those that are
// not enabled, those the configuration leaves out. When AWS will not list them,
// those of the configuration, or the ones no account can disable, are asked.
func (p *planner) regions(c *call) []regionPlan {
	if !slices.ContainsFunc(p.services, func(s Service) bool {
		return s.Scope == Regional || s.Scope == Everywhere || s.Name == accountRegions.Name
	}) {
		return nil
	}
	accountRegions.Collect(c)
	want := p.session.cfg.Regions
	var out []regionPlan
	for _, it := range c.answer.Items() {
		r := regionPlan{name: it.ID}
		switch status := regionStatus(it); {
		case !slices.Contains([]string{"ENABLED", "ENABLED_BY_DEFAULT", "DISABLING", "opted-in", "opt-in-not-required"}, status): // DISABLING still answers
			r.state, r.reason = evidence.RegionNotEnabled, "the account's status of the region is "+status
		case len(want) > 0 && !slices.Contains(want, r.name):
			r.state, r.reason = evidence.OutOfScope, "exhibit.yaml lists the regions in scope: "+strings.Join(want, ", ")
		}
		out = append(out, r)
	}
	listed := len(out) > 0
	if !listed && len(want) == 0 {
		want = defaultRegions
	}
	for _, name := range want {
		if slices.ContainsFunc(out, func(r regionPlan) bool { return r.name == name }) {
			continue
		}
		r := regionPlan{name: name}
		if listed {
			r.state, r.reason = evidence.Failed, fmt.Sprintf("AWS does not list %s among the account's regions: is it misspelt?", name)
		}
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// defaultRegions are enabled in every account and cannot be disabled. Source: AWS
// Account Management, "Regions that are enabled by default".
var defaultRegions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
	"sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}
