package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/health"
	"github.com/aws/aws-sdk-go-v2/service/health/types"
)

// healthDays is how long AWS Health tells of an event that is over.
const healthDays = 90

// healthEvents collects what AWS Health told this account alone in the last 90 whole
// days: faults, planned changes and notices, such as an exposed key. What it tells
// everybody is left out. An account without a business support plan cannot ask.
var healthEvents = Service{
	Name:    "health/event",
	Scope:   Global,
	Actions: []string{"health:DescribeEvents"},
	Keeps: Retention{
		Days: 90, Asked: healthDays, What: "AWS Health events",
		Says: "AWS Health shows the events of the last 90 days.",
		Doc:  "https://docs.aws.amazon.com/health/latest/ug/getting-started-health-dashboard.html",
	},
	Collect: func(c *call) {
		svc := health.NewFromConfig(c.cfg)
		events := func(p *health.DescribeEventsOutput) []types.Event { return p.Events }
		from, to := c.wholeDays(healthDays)
		in := &health.DescribeEventsInput{MaxResults: sdk.Int32(100), Filter: &types.EventFilter{LastUpdatedTimes: []types.DateTimeRange{{From: &from, To: &to}}}}
		list(c, svc.DescribeEvents, in, events, func(it *item, e types.Event) {
			if e.EventScopeCode != types.EventScopeCodePublic {
				it.id(e.Arn)
			}
		})
	},
}
