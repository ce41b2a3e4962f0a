package aws

import (
	"cmp"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func accounts(p *organizations.ListAccountsOutput) []types.Account { return p.Accounts }

// organizationsAccounts collects the accounts of the organization. Only the
// management account or a delegated administrator is told.
var organizationsAccounts = Service{
	Name:    "organizations/account",
	Scope:   Organization,
	Actions: []string{"organizations:ListAccounts"},
	Collect: func(c *call) {
		svc := organizations.NewFromConfig(c.cfg)
		list(c, svc.ListAccounts, &organizations.ListAccountsInput{}, accounts, func(it *item, a types.Account) { it.id(a.Id) })
	},
}

// organizationsOrganization collects the organization itself and its roots, with
// the kinds of policy that are switched on.
var organizationsOrganization = Service{
	Name:    "organizations/organization",
	Scope:   Organization,
	Actions: []string{"organizations:DescribeOrganization", "organizations:ListRoots"},
	Collect: func(c *call) {
		svc := organizations.NewFromConfig(c.cfg)
		c.single("organization", func(it *item) {
			if o := ask(it, svc.DescribeOrganization, &organizations.DescribeOrganizationInput{}); o != nil && o.Organization != nil {
				it.id(o.Organization.Arn)
				askAll(it, svc.ListRoots, &organizations.ListRootsInput{})
			}
		})
	},
}

// organizationsPolicies collects the service control policies, their documents
// and what they are attached to.
var organizationsPolicies = Service{
	Name:    "organizations/policy",
	Scope:   Organization,
	Actions: []string{"organizations:ListPolicies", "organizations:DescribePolicy", "organizations:ListTargetsForPolicy"},
	Collect: func(c *call) {
		svc := organizations.NewFromConfig(c.cfg)
		policies := func(p *organizations.ListPoliciesOutput) []types.PolicySummary { return p.Policies }
		list(c, svc.ListPolicies, &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy}, policies, func(it *item, p types.PolicySummary) {
			it.id(p.Arn)
			ask(it, svc.DescribePolicy, &organizations.DescribePolicyInput{PolicyId: p.Id})
			askAll(it, svc.ListTargetsForPolicy, &organizations.ListTargetsForPolicyInput{PolicyId: p.Id})
		})
	},
}

// managementAccount asks which account manages the organization; "" when refused.
func managementAccount(c *call) string {
	p := invoke(c, organizations.NewFromConfig(c.cfg).DescribeOrganization, &organizations.DescribeOrganizationInput{}, 1)
	c.record(p.call, 1, p.out != nil)
	if p.out == nil || p.out.Organization == nil {
		return ""
	}
	return sdk.ToString(p.out.Organization.MasterAccountId)
}

// A member is an account of the organization. status is ACTIVE, or why it cannot be asked; "" when AWS did not say.
type member struct{ id, name, status string }

// memberAccounts lists the organization's accounts, none when refused.
func memberAccounts(c *call) []member {
	var out []member
	for _, a := range all(c, organizations.NewFromConfig(c.cfg).ListAccounts, &organizations.ListAccountsInput{}, accounts) {
		out = append(out, member{sdk.ToString(a.Id), sdk.ToString(a.Name), cmp.Or(string(a.State), string(a.Status))})
	}
	return out
}
