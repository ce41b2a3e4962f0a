package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/inspector2/types"
)

// inspectorAccount collects what Inspector scans in the region: one item, the account's.
var inspectorAccount = Service{
	Name:    "inspector2/account",
	Actions: []string{"inspector2:BatchGetAccountStatus"},
	Collect: func(c *call) {
		svc := inspector2.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) {
			ask(it, svc.BatchGetAccountStatus, &inspector2.BatchGetAccountStatusInput{AccountIds: []string{c.account}})
		})
	},
}

// inspectorOn reports whether there is anything to list: Inspector refuses its
// lists where it is not enabled.
func inspectorOn(c *call, svc *inspector2.Client) bool {
	accounts := func(p *inspector2.BatchGetAccountStatusOutput) []types.AccountState { return p.Accounts }
	asked := all(c, svc.BatchGetAccountStatus, &inspector2.BatchGetAccountStatusInput{AccountIds: []string{c.account}}, accounts)
	if c.answer.Refusal() != nil {
		return false
	}
	if slices.ContainsFunc(asked, func(a types.AccountState) bool { return a.State != nil && a.State.Status == types.StatusDisabled }) {
		c.notInUse("Inspector is not enabled in this region")
		return false
	}
	return true
}

// inspectorCoverage collects, of the account's own resources, which are scanned
// and why others are not.
var inspectorCoverage = Service{
	Name:    "inspector2/coverage",
	Actions: []string{"inspector2:BatchGetAccountStatus", "inspector2:ListCoverage"},
	Collect: func(c *call) {
		svc := inspector2.NewFromConfig(c.cfg)
		covered := func(p *inspector2.ListCoverageOutput) []types.CoveredResource { return p.CoveredResources }
		own := &types.CoverageFilterCriteria{AccountId: []types.CoverageStringFilter{{Comparison: types.CoverageStringComparisonEquals, Value: &c.account}}}
		if !inspectorOn(c, svc) {
			return
		}
		list(c, svc.ListCoverage, &inspector2.ListCoverageInput{MaxResults: sdk.Int32(200), FilterCriteria: own}, covered, func(it *item, r types.CoveredResource) {
			it.name(r.ResourceId, sdk.String(string(r.ScanType)))
		})
	},
}

// inspectorFindings collects the critical and high findings about the account's
// own resources: open, suppressed and, as long as Inspector keeps them, closed.
var inspectorFindings = Service{
	Name:    "inspector2/finding",
	Actions: []string{"inspector2:BatchGetAccountStatus", "inspector2:ListFindings"},
	Keeps: Retention{
		Days: 30, Soonest: 3, What: "closed Inspector findings",
		Says: "Inspector deletes a finding 30 days after it was closed, and 3 days after where the resource itself is gone. Open ones stay.",
		Doc:  "https://docs.aws.amazon.com/inspector/latest/user/findings-understanding.html",
	},
	Collect: func(c *call) {
		svc := inspector2.NewFromConfig(c.cfg)
		findings := func(p *inspector2.ListFindingsOutput) []types.Finding { return p.Findings }
		if !inspectorOn(c, svc) {
			return
		}
		list(c, svc.ListFindings, &inspector2.ListFindingsInput{MaxResults: sdk.Int32(100), FilterCriteria: &types.FilterCriteria{
			AwsAccountId: equals(c.account), Severity: equals("CRITICAL", "HIGH"),
		}}, findings, func(it *item, f types.Finding) { it.id(f.FindingArn) })
	},
}

func equals(values ...string) []types.StringFilter {
	var out []types.StringFilter
	for _, v := range values {
		out = append(out, types.StringFilter{Comparison: types.StringComparisonEquals, Value: sdk.String(v)})
	}
	return out
}
