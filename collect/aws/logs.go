package aws

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logGroups collects the log groups: how long they keep, under which key, whether
// they mask, and of each the stream that was written to last. It shows that a log
// is kept up. The events themselves are never asked for: they hold whatever the
// application wrote, customers' data and secrets among it.
var logGroups = Service{
	Name:    "logs/log-group",
	Actions: []string{"logs:DescribeLogGroups", "logs:DescribeLogStreams"},
	Collect: func(c *call) {
		svc := cloudwatchlogs.NewFromConfig(c.cfg)
		groups := func(p *cloudwatchlogs.DescribeLogGroupsOutput) []types.LogGroup { return p.LogGroups }
		list(c, svc.DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{Limit: sdk.Int32(50)}, groups, func(it *item, g types.LogGroup) {
			arn := strings.TrimSuffix(sdk.ToString(g.Arn), ":*") // as LogGroupArn is, which came later
			it.id(&arn)
			askFirst(it, svc.DescribeLogStreams, &cloudwatchlogs.DescribeLogStreamsInput{
				LogGroupName: g.LogGroupName, OrderBy: types.OrderByLastEventTime, Descending: sdk.Bool(true), Limit: sdk.Int32(1)})
		})
	},
}

// logMetricFilters collects what turns log events into metrics that alarms watch.
var logMetricFilters = Service{
	Name:    "logs/metric-filter",
	Actions: []string{"logs:DescribeMetricFilters"},
	Collect: func(c *call) {
		svc := cloudwatchlogs.NewFromConfig(c.cfg)
		filters := func(p *cloudwatchlogs.DescribeMetricFiltersOutput) []types.MetricFilter { return p.MetricFilters }
		list(c, svc.DescribeMetricFilters, &cloudwatchlogs.DescribeMetricFiltersInput{Limit: sdk.Int32(50)}, filters, func(it *item, f types.MetricFilter) { it.name(f.LogGroupName, f.FilterName) })
	},
}

// logQueries collects the saved queries of Logs Insights.
var logQueries = Service{
	Name:    "logs/query-definition",
	Actions: []string{"logs:DescribeQueryDefinitions"},
	Collect: func(c *call) {
		svc := cloudwatchlogs.NewFromConfig(c.cfg)
		queries := func(p *cloudwatchlogs.DescribeQueryDefinitionsOutput) []types.QueryDefinition {
			return p.QueryDefinitions
		}
		list(c, svc.DescribeQueryDefinitions, &cloudwatchlogs.DescribeQueryDefinitionsInput{MaxResults: sdk.Int32(1000)}, queries, func(it *item, q types.QueryDefinition) { it.id(q.QueryDefinitionId) })
	},
}

// logPolicies collects the policies that let others write to, or read, the
// region's log groups: the account's own, which stand for all groups together.
var logPolicies = Service{
	Name:    "logs/resource-policy",
	Actions: []string{"logs:DescribeResourcePolicies"},
	Collect: func(c *call) {
		svc := cloudwatchlogs.NewFromConfig(c.cfg)
		policies := func(p *cloudwatchlogs.DescribeResourcePoliciesOutput) []types.ResourcePolicy {
			return p.ResourcePolicies
		}
		list(c, svc.DescribeResourcePolicies, &cloudwatchlogs.DescribeResourcePoliciesInput{Limit: sdk.Int32(50)}, policies, func(it *item, p types.ResourcePolicy) { it.id(p.PolicyName) })
	},
}
