package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
)

// guardDutyOrganization collects, one item a region, who administers GuardDuty for
// the organization, for whom, and what new accounts get.
//
// The management account alone may name the administrators, and they alone the
// settings. To anybody else GuardDuty says that the request is bad, which here,
// with a detector it listed itself, means that the account is not one of them.
var guardDutyOrganization = Service{
	Name:    "guardduty/organization",
	Actions: []string{"guardduty:ListOrganizationAdminAccounts", "guardduty:ListDetectors", "guardduty:GetAdministratorAccount", "guardduty:DescribeOrganizationConfiguration", "guardduty:ListMembers"},
	Absent:  []string{"ListOrganizationAdminAccounts:BadRequestException", "DescribeOrganizationConfiguration:BadRequestException"},
	Collect: func(c *call) {
		svc := guardduty.NewFromConfig(c.cfg)
		c.single(c.region, func(it *item) {
			askAll(it, svc.ListOrganizationAdminAccounts, &guardduty.ListOrganizationAdminAccountsInput{})
			for _, detector := range all(c, svc.ListDetectors, &guardduty.ListDetectorsInput{}, detectors) { // a region has one at most
				ask(it, svc.GetAdministratorAccount, &guardduty.GetAdministratorAccountInput{DetectorId: &detector})
				askAll(it, svc.DescribeOrganizationConfiguration, &guardduty.DescribeOrganizationConfigurationInput{DetectorId: &detector})
				askAll(it, svc.ListMembers, &guardduty.ListMembersInput{DetectorId: &detector, OnlyAssociated: sdk.String("false")})
			}
		})
	},
}
