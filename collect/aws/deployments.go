package aws

import (
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	deploy "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	pipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// deploymentDays is how far back deployments are collected: a quarter, so that a
// run a quarter sees them all.
const deploymentDays = 92

func pipelines(p *codepipeline.ListPipelinesOutput) []pipeline.PipelineSummary { return p.Pipelines }

// codePipelines collects the pipelines there are.
var codePipelines = Service{
	Name:    "codepipeline/pipeline",
	Actions: []string{"codepipeline:ListPipelines"},
	Collect: func(c *call) {
		svc := codepipeline.NewFromConfig(c.cfg)
		list(c, svc.ListPipelines, &codepipeline.ListPipelinesInput{}, pipelines, func(it *item, p pipeline.PipelineSummary) { it.id(p.Name) })
	},
}

// codePipelineExecutions collects what the pipelines deployed in the last 92 whole
// days: which revision, started by whom, and how it ended.
var codePipelineExecutions = Service{
	Name:    "codepipeline/execution",
	Actions: []string{"codepipeline:ListPipelines", "codepipeline:ListPipelineExecutions"},
	Keeps: Retention{
		Days: 365, Asked: deploymentDays, What: "pipeline executions",
		Says: "CodePipeline keeps the history of executions for 12 months.",
		Doc:  "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListPipelineExecutions.html",
	},
	Collect: func(c *call) {
		svc := codepipeline.NewFromConfig(c.cfg)
		executions := func(p *codepipeline.ListPipelineExecutionsOutput) []pipeline.PipelineExecutionSummary {
			return p.PipelineExecutionSummaries
		}
		started := func(e pipeline.PipelineExecutionSummary) *time.Time { return e.StartTime }
		list(c, svc.ListPipelines, &codepipeline.ListPipelinesInput{}, pipelines, func(_ *item, p pipeline.PipelineSummary) {
			in := &codepipeline.ListPipelineExecutionsInput{PipelineName: p.Name, MaxResults: sdk.Int32(100)}
			newest(c, svc.ListPipelineExecutions, in, executions, started, deploymentDays, func(it *item, e pipeline.PipelineExecutionSummary) { it.name(p.Name, e.PipelineExecutionId) })
		})
	},
}

// codeDeployments collects what CodeDeploy deployed in the last 92 whole days, of
// all applications.
var codeDeployments = Service{
	Name:    "codedeploy/deployment",
	Actions: []string{"codedeploy:ListDeployments", "codedeploy:BatchGetDeployments"},
	Keeps: Retention{
		Asked: deploymentDays, What: "deployments",
		Says: "A run asks for the deployments of the last 92 whole days; CodeDeploy does not say how long it keeps them.",
	},
	Collect: func(c *call) {
		svc := codedeploy.NewFromConfig(c.cfg)
		from, to := c.wholeDays(deploymentDays)
		ids := func(p *codedeploy.ListDeploymentsOutput) []string { return p.Deployments }
		infos := func(p *codedeploy.BatchGetDeploymentsOutput) []deploy.DeploymentInfo { return p.DeploymentsInfo }
		asked := all(c, svc.ListDeployments, &codedeploy.ListDeploymentsInput{CreateTimeRange: &deploy.TimeRange{Start: &from, End: &to}}, ids)
		for batch := range slices.Chunk(asked, 25) {
			in := &codedeploy.BatchGetDeploymentsInput{DeploymentIds: batch}
			got := list(c, svc.BatchGetDeployments, in, infos, func(it *item, d deploy.DeploymentInfo) { it.id(d.DeploymentId) })
			c.whole("BatchGetDeployments", len(batch), got)
		}
	},
}
