package aws

import (
	"maps"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"exhibit/evidence"
)

// cloudTrailDigests validates what each trail signed about a region: the chain of
// its digests over the audit period and the log files they name, as Config.Trails
// bounds it. The item is trail@account/region. A multi-region trail has a chain
// in every region, each the business of that region's cell; an organization's
// trail has one for each member, the business of the member's cells, or of the
// trail's own account where a member of the organization cannot be entered.
//
// The bucket is read as the account that owns it where the run enters that one,
// else as the cell's own. Objects are read to be hashed, and dropped. Where KMS
// encrypts them the reader needs kms:Decrypt on that key besides, which exhibit
// does not ask for: without it they are not evaluated.
var cloudTrailDigests = Service{
	Name: "cloudtrail/digest",
	Actions: []string{"cloudtrail:DescribeTrails", "cloudtrail:ListPublicKeys", "organizations:DescribeOrganization",
		"s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"},
	// What a signature covers can only be judged by reading it; nothing else of any
	// bucket is read.
	On: map[string][]string{"s3:GetObject": {"arn:aws:s3:::*/AWSLogs/*/CloudTrail-Digest/*", "arn:aws:s3:::*/AWSLogs/*/CloudTrail/*"}},
	Collect: func(c *call) {
		svc := cloudtrail.NewFromConfig(c.cfg)
		trails := func(p *cloudtrail.DescribeTrailsOutput) []types.Trail { return p.TrailList }
		list(c, svc.DescribeTrails, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: sdk.Bool(true)}, trails, func(it *item, t types.Trail) {
			if !sdk.ToBool(t.IsMultiRegionTrail) && sdk.ToString(t.HomeRegion) != c.region {
				return // it records nothing here
			}
			organization, gap := "", (*evidence.Gap)(nil)
			if sdk.ToBool(t.IsOrganizationTrail) {
				organization, gap = c.organization()
			}
			row := maps.Clone(it.Answers)
			it.chain(t, c.account, organization, gap)
			if organization == "" || !c.scope.FromOrganization || !strings.Contains(sdk.ToString(t.TrailARN), ":"+c.account+":") {
				return
			}
			for _, member := range c.elsewhere(t, organization) {
				x := &item{c: c, Item: evidence.Item{Answers: maps.Clone(row)}}
				x.chain(t, member, organization, nil)
				c.answer.Item(x.Item)
			}
		})
	},
}
