package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// cloudFrontDistributions collects the distributions. The listing leaves out what
// the configuration has: logging of the older kind.
var cloudFrontDistributions = Service{
	Name:    "cloudfront/distribution",
	Scope:   Global,
	Actions: []string{"cloudfront:ListDistributions", "cloudfront:GetDistributionConfig", "cloudfront:ListTagsForResource"},
	Collect: func(c *call) {
		svc := cloudfront.NewFromConfig(c.cfg)
		distributions := func(p *cloudfront.ListDistributionsOutput) []types.DistributionSummary {
			if p.DistributionList == nil {
				return nil
			}
			return p.DistributionList.Items
		}
		list(c, svc.ListDistributions, &cloudfront.ListDistributionsInput{MaxItems: sdk.Int32(100)}, distributions, func(it *item, d types.DistributionSummary) {
			it.id(d.ARN)
			ask(it, svc.GetDistributionConfig, &cloudfront.GetDistributionConfigInput{Id: d.Id})
			ask(it, svc.ListTagsForResource, &cloudfront.ListTagsForResourceInput{Resource: d.ARN})
		})
	},
}

// cloudFrontLogs collects where logs of the newer kind are delivered. They are
// deliveries of CloudWatch Logs in the region CloudFront is asked in, whose
// deliveries of other services come with them.
var cloudFrontLogs = Service{
	Name:    "cloudfront/log-delivery",
	Scope:   Global,
	Actions: []string{"logs:DescribeDeliveries", "logs:GetDeliverySource"},
	Collect: func(c *call) {
		svc := logs.NewFromConfig(c.cfg)
		deliveries := func(p *logs.DescribeDeliveriesOutput) []logtypes.Delivery { return p.Deliveries }
		list(c, svc.DescribeDeliveries, &logs.DescribeDeliveriesInput{Limit: sdk.Int32(50)}, deliveries, func(it *item, d logtypes.Delivery) {
			it.id(d.Arn)
			ask(it, svc.GetDeliverySource, &logs.GetDeliverySourceInput{Name: d.DeliverySourceName})
		})
	},
}
