package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamPasswordPolicy collects the account's password policy. An account without
// one is an item all the same, whose answer is null.
var iamPasswordPolicy = Service{
	Name:    "iam/password-policy",
	Scope:   Global,
	Actions: []string{"iam:GetAccountPasswordPolicy"},
	Absent:  []string{"GetAccountPasswordPolicy:NoSuchEntity"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) { ask(it, svc.GetAccountPasswordPolicy, &iam.GetAccountPasswordPolicyInput{}) })
	},
}

// iamAccountSummary collects IAM's counts for the account: among them whether
// root has MFA and access keys.
var iamAccountSummary = Service{
	Name:    "iam/account-summary",
	Scope:   Global,
	Actions: []string{"iam:GetAccountSummary"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) { ask(it, svc.GetAccountSummary, &iam.GetAccountSummaryInput{}) })
	},
}

// users lists the account's users for questions that are put about each.
func users(p *iam.ListUsersOutput) []types.User { return p.Users }

// iamMFADevices collects, per user, the MFA devices and whether there is a
// console password to protect.
var iamMFADevices = Service{
	Name:    "iam/mfa-device",
	Scope:   Global,
	Actions: []string{"iam:ListUsers", "iam:ListMFADevices", "iam:GetLoginProfile"},
	Absent:  []string{"GetLoginProfile:NoSuchEntity"}, // no console password
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		list(c, svc.ListUsers, &iam.ListUsersInput{}, users, func(it *item, u types.User) {
			it.id(u.Arn)
			askAll(it, svc.ListMFADevices, &iam.ListMFADevicesInput{UserName: u.UserName})
			ask(it, svc.GetLoginProfile, &iam.GetLoginProfileInput{UserName: u.UserName})
		})
	},
}

// iamVirtualMFADevices collects the virtual MFA devices, root's among them.
var iamVirtualMFADevices = Service{
	Name:    "iam/virtual-mfa-device",
	Scope:   Global,
	Actions: []string{"iam:ListVirtualMFADevices"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		devices := func(p *iam.ListVirtualMFADevicesOutput) []types.VirtualMFADevice { return p.VirtualMFADevices }
		list(c, svc.ListVirtualMFADevices, &iam.ListVirtualMFADevicesInput{}, devices, func(it *item, d types.VirtualMFADevice) { it.id(d.SerialNumber) })
	},
}

// iamAccessKeys collects every access key of every user and when it was last used.
var iamAccessKeys = Service{
	Name:    "iam/access-key",
	Scope:   Global,
	Actions: []string{"iam:ListUsers", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		keys := func(p *iam.ListAccessKeysOutput) []types.AccessKeyMetadata { return p.AccessKeyMetadata }
		list(c, svc.ListUsers, &iam.ListUsersInput{}, users, func(_ *item, u types.User) {
			list(c, svc.ListAccessKeys, &iam.ListAccessKeysInput{UserName: u.UserName}, keys, func(it *item, k types.AccessKeyMetadata) {
				it.id(k.AccessKeyId)
				ask(it, svc.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: k.AccessKeyId})
			})
		})
	},
}
