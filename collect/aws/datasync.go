package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/datasync"
	"github.com/aws/aws-sdk-go-v2/service/datasync/types"
)

// datasyncTasks collects what copies data from one place to another, and where it logs.
var datasyncTasks = Service{
	Name:    "datasync/task",
	Actions: []string{"datasync:ListTasks", "datasync:DescribeTask"},
	Collect: func(c *call) {
		svc := datasync.NewFromConfig(c.cfg)
		tasks := func(p *datasync.ListTasksOutput) []types.TaskListEntry { return p.Tasks }
		list(c, svc.ListTasks, &datasync.ListTasksInput{}, tasks, func(it *item, t types.TaskListEntry) {
			it.id(t.TaskArn)
			ask(it, svc.DescribeTask, &datasync.DescribeTaskInput{TaskArn: t.TaskArn})
		})
	},
}
