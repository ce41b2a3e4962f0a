package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// glueJobs collects the jobs. The values of their arguments and what the visual
// editor wrote are withheld.
var glueJobs = Service{
	Name:    "glue/job",
	Actions: []string{"glue:GetJobs"},
	Collect: func(c *call) {
		svc := glue.NewFromConfig(c.cfg)
		jobs := func(p *glue.GetJobsOutput) []types.Job { return p.Jobs }
		list(c, svc.GetJobs, &glue.GetJobsInput{}, jobs, func(it *item, j types.Job) { it.id(j.Name) })
	},
}

// glueSecurityConfigurations collects what jobs encrypt, by the name jobs give.
var glueSecurityConfigurations = Service{
	Name:    "glue/security-configuration",
	Actions: []string{"glue:GetSecurityConfigurations"},
	Collect: func(c *call) {
		svc := glue.NewFromConfig(c.cfg)
		rows := func(p *glue.GetSecurityConfigurationsOutput) []types.SecurityConfiguration {
			return p.SecurityConfigurations
		}
		list(c, svc.GetSecurityConfigurations, &glue.GetSecurityConfigurationsInput{}, rows, func(it *item, s types.SecurityConfiguration) { it.id(s.Name) })
	},
}
