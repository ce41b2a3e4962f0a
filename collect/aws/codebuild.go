package aws

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
)

// codeBuildProjects collects the build projects: where the source comes from, what
// is passed to a build, what is logged.
var codeBuildProjects = Service{
	Name:    "codebuild/project",
	Actions: []string{"codebuild:ListProjects", "codebuild:BatchGetProjects"},
	Collect: func(c *call) {
		svc := codebuild.NewFromConfig(c.cfg)
		names := func(p *codebuild.ListProjectsOutput) []string { return p.Projects }
		projects := func(p *codebuild.BatchGetProjectsOutput) []types.Project { return p.Projects }
		for batch := range slices.Chunk(all(c, svc.ListProjects, &codebuild.ListProjectsInput{}, names), 100) {
			got := list(c, svc.BatchGetProjects, &codebuild.BatchGetProjectsInput{Names: batch}, projects, func(it *item, p types.Project) { it.id(p.Arn) })
			c.whole("BatchGetProjects", len(batch), got)
		}
	},
}
