package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
)

// configRules collects AWS Config's rules, what each says of the account, and,
// of one that is not complied with, the resources it calls non-compliant.
var configRules = Service{
	Name:    "config/rule",
	Actions: []string{"config:DescribeConfigRules", "config:DescribeComplianceByConfigRule", "config:GetComplianceDetailsByConfigRule"},
	Collect: func(c *call) {
		svc := configservice.NewFromConfig(c.cfg)
		rules := func(p *configservice.DescribeConfigRulesOutput) []types.ConfigRule { return p.ConfigRules }
		list(c, svc.DescribeConfigRules, &configservice.DescribeConfigRulesInput{}, rules, func(it *item, r types.ConfigRule) {
			it.id(r.ConfigRuleArn)
			told := ask(it, svc.DescribeComplianceByConfigRule, &configservice.DescribeComplianceByConfigRuleInput{ConfigRuleNames: []string{sdk.ToString(r.ConfigRuleName)}})
			if told == nil || !compliant(told.ComplianceByConfigRules) {
				askAll(it, svc.GetComplianceDetailsByConfigRule, &configservice.GetComplianceDetailsByConfigRuleInput{
					ConfigRuleName: r.ConfigRuleName, ComplianceTypes: []types.ComplianceType{types.ComplianceTypeNonCompliant}, Limit: 100})
			}
		})
	},
}

// compliant says that a rule has no non-compliant resource to name.
func compliant(said []types.ComplianceByConfigRule) bool {
	return len(said) == 1 && said[0].Compliance != nil && said[0].Compliance.ComplianceType == types.ComplianceTypeCompliant
}
