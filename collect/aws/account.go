package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"exhibit/collect"
	"exhibit/evidence"
)

// accountRegions collects every region AWS names for the account and whether it
// is enabled: what the run asked, and what it did not. Where account:ListRegions
// is refused EC2 is asked instead, and the refusal is kept beside the list.
var accountRegions = Service{
	Name:    "account/region",
	Scope:   Global,
	Actions: []string{"account:ListRegions", "ec2:DescribeRegions"},
	Collect: func(c *call) {
		svc := account.NewFromConfig(c.cfg)
		first := *c
		first.answer = &collect.Answer{}
		list(&first, svc.ListRegions, &account.ListRegionsInput{MaxResults: sdk.Int32(50)},
			func(p *account.ListRegionsOutput) []types.Region { return p.Regions },
			func(it *item, r types.Region) { it.id(r.RegionName) })
		refused := first.answer.Refusal()
		if refused == nil {
			c.answer.Take(first.answer)
			return
		}
		c.answer.Aside(*refused)
		for _, call := range first.answer.Calls() {
			c.answer.Call(call)
		}
		list(c, ec2.NewFromConfig(c.cfg).DescribeRegions, &ec2.DescribeRegionsInput{AllRegions: sdk.Bool(true)},
			func(p *ec2.DescribeRegionsOutput) []ec2types.Region { return p.Regions },
			func(it *item, r ec2types.Region) { it.id(r.RegionName) })
	},
}

// accountContact collects whom AWS writes to about the account: the contact for
// matters of security, and the account's own.
var accountContact = Service{
	Name:    "account/contact",
	Scope:   Global,
	Actions: []string{"account:GetAlternateContact", "account:GetContactInformation"},
	Absent:  []string{"GetAlternateContact:ResourceNotFoundException"},
	Collect: func(c *call) {
		svc := account.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) {
			ask(it, svc.GetAlternateContact, &account.GetAlternateContactInput{AlternateContactType: types.AlternateContactTypeSecurity})
			ask(it, svc.GetContactInformation, &account.GetContactInformationInput{})
		})
	},
}

// regionStatus is what either listing calls a region's status.
func regionStatus(it evidence.Item) string {
	if m, ok := it.Answers["ListRegions"].(map[string]any); ok {
		s, _ := m["RegionOptStatus"].(string)
		return s
	}
	m, _ := it.Answers["DescribeRegions"].(map[string]any)
	s, _ := m["OptInStatus"].(string)
	return s
}
