package aws

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// cloudTrails collects the trails that record a region. A trail is the item
// named by its ARN in its home region, where its status is asked; elsewhere, and
// for an organization's trail in a member account, its shadow is the item
// ARN@region: it shows that the region is recorded, and is no second trail.
var cloudTrails = Service{
	Name:    "cloudtrail/trail",
	Actions: []string{"cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors"},
	Absent:  []string{"GetInsightSelectors:InsightNotEnabledException"},
	Collect: func(c *call) {
		svc := cloudtrail.NewFromConfig(c.cfg)
		trails := func(p *cloudtrail.DescribeTrailsOutput) []types.Trail { return p.TrailList }
		list(c, svc.DescribeTrails, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: sdk.Bool(true)}, trails, func(it *item, t types.Trail) {
			it.id(t.TrailARN)
			if sdk.ToString(t.HomeRegion) != c.region || !strings.Contains(it.ID, ":"+c.account+":") {
				it.ID += "@" + c.region
				return
			}
			ask(it, svc.GetTrailStatus, &cloudtrail.GetTrailStatusInput{Name: t.TrailARN})
			ask(it, svc.GetEventSelectors, &cloudtrail.GetEventSelectorsInput{TrailName: t.TrailARN})
			if sdk.ToBool(t.HasInsightSelectors) {
				ask(it, svc.GetInsightSelectors, &cloudtrail.GetInsightSelectorsInput{TrailName: t.TrailARN})
			}
		})
	},
}
