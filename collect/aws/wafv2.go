package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// wafACLs collects the web ACLs with their rules, their logging and the load
// balancers they protect. A region's cell holds its own; the global cell holds
// CloudFront's, whose distributions only CloudFront itself can name.
var wafACLs = Service{
	Name:    "wafv2/web-acl",
	Scope:   Everywhere,
	Actions: []string{"wafv2:ListWebACLs", "wafv2:GetWebACL", "wafv2:GetLoggingConfiguration", "wafv2:ListResourcesForWebACL"},
	Absent:  []string{"GetLoggingConfiguration:WAFNonexistentItemException"}, // no logging is configured
	Collect: func(c *call) {
		svc := wafv2.NewFromConfig(c.cfg)
		scope := types.ScopeRegional
		if c.region == "global" {
			scope = types.ScopeCloudfront
			if partitionOf(c.cfg.Region) != "aws" {
				c.notInUse("CloudFront's web ACLs are not offered in this partition")
				return
			}
		}
		acls := func(p *wafv2.ListWebACLsOutput) []types.WebACLSummary { return p.WebACLs }
		list(c, svc.ListWebACLs, &wafv2.ListWebACLsInput{Scope: scope}, acls, func(it *item, a types.WebACLSummary) {
			it.id(a.ARN)
			ask(it, svc.GetWebACL, &wafv2.GetWebACLInput{Id: a.Id, Name: a.Name, Scope: scope})
			ask(it, svc.GetLoggingConfiguration, &wafv2.GetLoggingConfigurationInput{ResourceArn: a.ARN})
			if scope == types.ScopeRegional {
				ask(it, svc.ListResourcesForWebACL, &wafv2.ListResourcesForWebACLInput{WebACLArn: a.ARN, ResourceType: types.ResourceTypeApplicationLoadBalancer})
			}
		})
	},
}
