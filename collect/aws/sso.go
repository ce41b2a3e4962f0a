package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// instances are those the account has to answer for. A member account is shown the
// organization's instance and may ask nothing about it; where its owner is asked
// in the same run, it is left to the owner.
func (c *call) instances(p *ssoadmin.ListInstancesOutput) []types.InstanceMetadata {
	return slices.DeleteFunc(slices.Clone(p.Instances), func(i types.InstanceMetadata) bool {
		owner := sdk.ToString(i.OwnerAccountId)
		return owner != c.account && c.asked[owner]
	})
}

func permissionSets(p *ssoadmin.ListPermissionSetsOutput) []string { return p.PermissionSets }

// ssoInstances collects the instances of IAM Identity Center. It lives in one
// region and belongs to one account; the other cells are empty.
var ssoInstances = Service{
	Name:    "sso/instance",
	Actions: []string{"sso:ListInstances"},
	Collect: func(c *call) {
		svc := ssoadmin.NewFromConfig(c.cfg)
		list(c, svc.ListInstances, &ssoadmin.ListInstancesInput{}, c.instances, func(it *item, i types.InstanceMetadata) { it.id(i.InstanceArn) })
	},
}

// ssoPermissionSets collects what each permission set permits.
var ssoPermissionSets = Service{
	Name: "sso/permission-set",
	Actions: []string{"sso:ListInstances", "sso:ListPermissionSets", "sso:DescribePermissionSet",
		"sso:ListManagedPoliciesInPermissionSet", "sso:GetInlinePolicyForPermissionSet"},
	Collect: func(c *call) {
		svc := ssoadmin.NewFromConfig(c.cfg)
		list(c, svc.ListInstances, &ssoadmin.ListInstancesInput{}, c.instances, func(_ *item, i types.InstanceMetadata) {
			list(c, svc.ListPermissionSets, &ssoadmin.ListPermissionSetsInput{InstanceArn: i.InstanceArn}, permissionSets, func(it *item, set string) {
				it.ID = set
				ask(it, svc.DescribePermissionSet, &ssoadmin.DescribePermissionSetInput{InstanceArn: i.InstanceArn, PermissionSetArn: &set})
				askAll(it, svc.ListManagedPoliciesInPermissionSet, &ssoadmin.ListManagedPoliciesInPermissionSetInput{InstanceArn: i.InstanceArn, PermissionSetArn: &set})
				ask(it, svc.GetInlinePolicyForPermissionSet, &ssoadmin.GetInlinePolicyForPermissionSetInput{InstanceArn: i.InstanceArn, PermissionSetArn: &set})
			})
		})
	},
}

// ssoAssignments collects who may enter which account with which permission set,
// one item an assignment: account/permission set/USER or GROUP/principal.
var ssoAssignments = Service{
	Name:    "sso/assignment",
	Actions: []string{"sso:ListInstances", "sso:ListPermissionSets", "sso:ListAccountsForProvisionedPermissionSet", "sso:ListAccountAssignments"},
	Collect: func(c *call) {
		svc := ssoadmin.NewFromConfig(c.cfg)
		in := func(p *ssoadmin.ListAccountsForProvisionedPermissionSetOutput) []string { return p.AccountIds }
		assignments := func(p *ssoadmin.ListAccountAssignmentsOutput) []types.AccountAssignment { return p.AccountAssignments }
		list(c, svc.ListInstances, &ssoadmin.ListInstancesInput{}, c.instances, func(_ *item, i types.InstanceMetadata) {
			list(c, svc.ListPermissionSets, &ssoadmin.ListPermissionSetsInput{InstanceArn: i.InstanceArn}, permissionSets, func(_ *item, set string) {
				list(c, svc.ListAccountsForProvisionedPermissionSet, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{InstanceArn: i.InstanceArn, PermissionSetArn: &set}, in, func(_ *item, account string) {
					list(c, svc.ListAccountAssignments, &ssoadmin.ListAccountAssignmentsInput{InstanceArn: i.InstanceArn, PermissionSetArn: &set, AccountId: &account}, assignments, func(it *item, a types.AccountAssignment) {
						it.name(a.AccountId, a.PermissionSetArn, sdk.String(string(a.PrincipalType)), a.PrincipalId)
					})
				})
			})
		})
	},
}
