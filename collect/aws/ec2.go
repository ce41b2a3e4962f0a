package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ec2EBSDefault collects, one item a region, whether new volumes are encrypted
// and with which key.
var ec2EBSDefault = Service{
	Name:    "ec2/ebs-default",
	Actions: []string{"ec2:GetEbsEncryptionByDefault", "ec2:GetEbsDefaultKmsKeyId"},
	Collect: func(c *call) {
		svc := ec2.NewFromConfig(c.cfg)
		c.single(c.region, func(it *item) {
			ask(it, svc.GetEbsEncryptionByDefault, &ec2.GetEbsEncryptionByDefaultInput{})
			ask(it, svc.GetEbsDefaultKmsKeyId, &ec2.GetEbsDefaultKmsKeyIdInput{})
		})
	},
}

// ec2SecurityGroups collects every security group with all its rules. They are
// judged here, not filtered there: EC2's filters match each rule's ports and
// each rule's sources independently.
var ec2SecurityGroups = Service{
	Name:    "ec2/security-group",
	Actions: []string{"ec2:DescribeSecurityGroups"},
	Collect: func(c *call) {
		svc := ec2.NewFromConfig(c.cfg)
		groups := func(p *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return p.SecurityGroups }
		list(c, svc.DescribeSecurityGroups, &ec2.DescribeSecurityGroupsInput{MaxResults: sdk.Int32(1000)}, groups, func(it *item, g types.SecurityGroup) { it.id(g.GroupId) })
	},
}

// ec2SecurityGroupRules collects every rule by its own id.
var ec2SecurityGroupRules = Service{
	Name:    "ec2/security-group-rule",
	Actions: []string{"ec2:DescribeSecurityGroupRules"},
	Collect: func(c *call) {
		svc := ec2.NewFromConfig(c.cfg)
		rules := func(p *ec2.DescribeSecurityGroupRulesOutput) []types.SecurityGroupRule { return p.SecurityGroupRules }
		list(c, svc.DescribeSecurityGroupRules, &ec2.DescribeSecurityGroupRulesInput{MaxResults: sdk.Int32(1000)}, rules, func(it *item, r types.SecurityGroupRule) { it.id(r.SecurityGroupRuleId) })
	},
}
