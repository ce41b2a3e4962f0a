package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// stateMachines collects the state machines and how they log, without their
// definitions: those may hold what is passed to other services.
var stateMachines = Service{
	Name:    "stepfunctions/state-machine",
	Actions: []string{"states:ListStateMachines", "states:DescribeStateMachine"},
	Collect: func(c *call) {
		svc := sfn.NewFromConfig(c.cfg)
		machines := func(p *sfn.ListStateMachinesOutput) []types.StateMachineListItem { return p.StateMachines }
		list(c, svc.ListStateMachines, &sfn.ListStateMachinesInput{MaxResults: 1000}, machines, func(it *item, m types.StateMachineListItem) {
			it.id(m.StateMachineArn)
			ask(it, svc.DescribeStateMachine, &sfn.DescribeStateMachineInput{StateMachineArn: m.StateMachineArn, IncludedData: types.IncludedDataMetadataOnly})
		})
	},
}
