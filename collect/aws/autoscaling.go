package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// autoScalingGroups collects every Auto Scaling group with its instances.
var autoScalingGroups = Service{
	Name:    "autoscaling/group",
	Actions: []string{"autoscaling:DescribeAutoScalingGroups"},
	Collect: func(c *call) {
		rows := func(p *autoscaling.DescribeAutoScalingGroupsOutput) []types.AutoScalingGroup {
			return p.AutoScalingGroups
		}
		list(c, autoscaling.NewFromConfig(c.cfg).DescribeAutoScalingGroups, &autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: sdk.Int32(100)}, rows, func(it *item, g types.AutoScalingGroup) { it.id(g.AutoScalingGroupARN) })
	},
}

// autoScalingLaunchConfigurations collects the launch configurations, which launch
// templates have replaced. User data is withheld.
var autoScalingLaunchConfigurations = Service{
	Name:    "autoscaling/launch-configuration",
	Actions: []string{"autoscaling:DescribeLaunchConfigurations"},
	Collect: func(c *call) {
		rows := func(p *autoscaling.DescribeLaunchConfigurationsOutput) []types.LaunchConfiguration {
			return p.LaunchConfigurations
		}
		list(c, autoscaling.NewFromConfig(c.cfg).DescribeLaunchConfigurations, &autoscaling.DescribeLaunchConfigurationsInput{MaxRecords: sdk.Int32(100)}, rows, func(it *item, l types.LaunchConfiguration) { it.id(l.LaunchConfigurationARN) })
	},
}
