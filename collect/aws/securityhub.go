package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"
)

// notSubscribed is how Security Hub says that it is not enabled in a region. It
// uses the same code, with other words, for a caller it does not know.
var notSubscribed = []string{"InvalidAccessException: not subscribed"}

// securityHub collects, one item a region, whether Security Hub is enabled, with
// which standards, and where findings are brought together.
var securityHub = Service{
	Name:     "securityhub/hub",
	Actions:  []string{"securityhub:DescribeHub", "securityhub:GetEnabledStandards", "securityhub:ListFindingAggregators"},
	NotInUse: notSubscribed,
	Collect: func(c *call) {
		svc := securityhub.NewFromConfig(c.cfg)
		c.single(c.region, func(it *item) {
			if hub := ask(it, svc.DescribeHub, &securityhub.DescribeHubInput{}); hub != nil {
				it.id(hub.HubArn)
				askAll(it, svc.GetEnabledStandards, &securityhub.GetEnabledStandardsInput{})
				askAll(it, svc.ListFindingAggregators, &securityhub.ListFindingAggregatorsInput{})
			}
		})
	},
}

// securityFindings collects the findings that are critical or high, active and, as
// long as Security Hub keeps them, archived, of this account and region alone: a hub that brings others' together would count
// them twice.
var securityFindings = Service{
	Name:     "securityhub/finding",
	Actions:  []string{"securityhub:GetFindings"},
	NotInUse: notSubscribed,
	Keeps: Retention{
		Days: 30, What: "archived Security Hub findings",
		Says: "Security Hub deletes an archived finding 30 days after its last update, and an active one after 90.",
		Doc:  "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings.html",
	},
	Collect: func(c *call) {
		svc := securityhub.NewFromConfig(c.cfg)
		findings := func(p *securityhub.GetFindingsOutput) []types.AwsSecurityFinding { return p.Findings }
		list(c, svc.GetFindings, &securityhub.GetFindingsInput{MaxResults: sdk.Int32(100), Filters: &types.AwsSecurityFindingFilters{
			SeverityLabel: is("CRITICAL", "HIGH"), AwsAccountId: is(c.account), Region: is(c.region),
		}}, findings, func(it *item, f types.AwsSecurityFinding) { it.id(f.Id) })
	},
}

func is(values ...string) []types.StringFilter {
	var out []types.StringFilter
	for _, v := range values {
		out = append(out, types.StringFilter{Comparison: types.StringFilterComparisonEquals, Value: sdk.String(v)})
	}
	return out
}
