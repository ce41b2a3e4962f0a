package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticbeanstalk"
	"github.com/aws/aws-sdk-go-v2/service/elasticbeanstalk/types"
)

// beanstalkEnvironments collects the environments that are not terminated, and
// their options.
var beanstalkEnvironments = Service{
	Name:    "elasticbeanstalk/environment",
	Actions: []string{"elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribeConfigurationSettings"},
	Collect: func(c *call) {
		svc := elasticbeanstalk.NewFromConfig(c.cfg)
		environments := func(p *elasticbeanstalk.DescribeEnvironmentsOutput) []types.EnvironmentDescription {
			return p.Environments
		}
		in := &elasticbeanstalk.DescribeEnvironmentsInput{IncludeDeleted: sdk.Bool(false), MaxRecords: sdk.Int32(1000)}
		list(c, svc.DescribeEnvironments, in, environments, func(it *item, e types.EnvironmentDescription) {
			it.id(e.EnvironmentArn)
			ask(it, svc.DescribeConfigurationSettings, &elasticbeanstalk.DescribeConfigurationSettingsInput{ApplicationName: e.ApplicationName, EnvironmentName: e.EnvironmentName})
		})
	},
}
