package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// cloudFormationStacks collects the stacks there are: how they stand, whether they
// drifted and whether they can be deleted. What was put into them and came out is
// withheld, and their templates are not asked for: both may hold secrets.
var cloudFormationStacks = Service{
	Name:    "cloudformation/stack",
	Actions: []string{"cloudformation:DescribeStacks"},
	Collect: func(c *call) {
		svc := cloudformation.NewFromConfig(c.cfg)
		stacks := func(p *cloudformation.DescribeStacksOutput) []types.Stack { return p.Stacks }
		list(c, svc.DescribeStacks, &cloudformation.DescribeStacksInput{}, stacks, func(it *item, s types.Stack) { it.id(s.StackId) })
	},
}
