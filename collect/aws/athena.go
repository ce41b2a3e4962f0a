package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
)

// athenaWorkGroups collects the workgroups and what they make of every query. A
// region has one, named primary, whether or not Athena is used.
var athenaWorkGroups = Service{
	Name:    "athena/work-group",
	Actions: []string{"athena:ListWorkGroups", "athena:GetWorkGroup"},
	Collect: func(c *call) {
		svc := athena.NewFromConfig(c.cfg)
		groups := func(p *athena.ListWorkGroupsOutput) []types.WorkGroupSummary { return p.WorkGroups }
		list(c, svc.ListWorkGroups, &athena.ListWorkGroupsInput{}, groups, func(it *item, w types.WorkGroupSummary) {
			it.id(w.Name)
			ask(it, svc.GetWorkGroup, &athena.GetWorkGroupInput{WorkGroup: w.Name})
		})
	},
}
