package aws

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
)

// codeBuilds collects the builds of the last 92 whole days: of which commit, started
// by whom, and how they ended. CodeBuild lists the newest first.
var codeBuilds = Service{
	Name:    "codebuild/build",
	Actions: []string{"codebuild:ListBuilds", "codebuild:BatchGetBuilds"},
	Keeps: Retention{
		Days: 365, Asked: deploymentDays, What: "builds",
		Says: "CodeBuild keeps the history of builds for one year.",
		Doc:  "https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html",
	},
	Collect: func(c *call) {
		svc := codebuild.NewFromConfig(c.cfg)
		from, to := c.wholeDays(deploymentDays)
		came, older := 0, false
		within := func(p *codebuild.BatchGetBuildsOutput) []types.Build {
			came += len(p.Builds)
			return slices.DeleteFunc(slices.Clone(p.Builds), func(b types.Build) bool {
				old := b.StartTime != nil && b.StartTime.Before(from)
				older = older || old
				return old || b.StartTime != nil && !b.StartTime.Before(to)
			})
		}
		turn(c, svc.ListBuilds, &codebuild.ListBuildsInput{SortOrder: types.SortOrderTypeDescending}, func(p page[codebuild.ListBuildsOutput]) bool {
			p.call.Listing = p.call.Operation != ""
			if p.out == nil {
				c.record(p.call, 0, false)
				if p.gap != nil {
					c.answer.Refuse(*p.gap, 0)
				}
				return false
			}
			c.record(p.call, len(p.out.Ids), true)
			for batch := range slices.Chunk(p.out.Ids, 100) {
				came = 0
				list(c, svc.BatchGetBuilds, &codebuild.BatchGetBuildsInput{Ids: batch}, within, func(it *item, b types.Build) { it.id(b.Arn) })
				c.whole("BatchGetBuilds", len(batch), came)
			}
			return !older
		}, nil)
	},
}
