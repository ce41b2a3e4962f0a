package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	dms "github.com/aws/aws-sdk-go-v2/service/databasemigrationservice"
	"github.com/aws/aws-sdk-go-v2/service/databasemigrationservice/types"
)

// dmsInstances collects the replication instances of Database Migration Service.
var dmsInstances = Service{
	Name:    "dms/replication-instance",
	Actions: []string{"dms:DescribeReplicationInstances"},
	Collect: func(c *call) {
		svc := dms.NewFromConfig(c.cfg)
		instances := func(p *dms.DescribeReplicationInstancesOutput) []types.ReplicationInstance {
			return p.ReplicationInstances
		}
		in := &dms.DescribeReplicationInstancesInput{MaxRecords: sdk.Int32(100)}
		list(c, svc.DescribeReplicationInstances, in, instances, func(it *item, r types.ReplicationInstance) { it.id(r.ReplicationInstanceArn) })
	},
}

// dmsEndpoints collects the databases data is copied from and to. Their servers,
// users, passwords and further attributes are withheld.
var dmsEndpoints = Service{
	Name:    "dms/endpoint",
	Actions: []string{"dms:DescribeEndpoints"},
	Collect: func(c *call) {
		svc := dms.NewFromConfig(c.cfg)
		endpoints := func(p *dms.DescribeEndpointsOutput) []types.Endpoint { return p.Endpoints }
		list(c, svc.DescribeEndpoints, &dms.DescribeEndpointsInput{MaxRecords: sdk.Int32(100)}, endpoints, func(it *item, e types.Endpoint) { it.id(e.EndpointArn) })
	},
}

// dmsTasks collects the replication tasks with their settings and what they log.
var dmsTasks = Service{
	Name:    "dms/replication-task",
	Actions: []string{"dms:DescribeReplicationTasks"},
	Collect: func(c *call) {
		svc := dms.NewFromConfig(c.cfg)
		tasks := func(p *dms.DescribeReplicationTasksOutput) []types.ReplicationTask { return p.ReplicationTasks }
		in := &dms.DescribeReplicationTasksInput{MaxRecords: sdk.Int32(100)}
		list(c, svc.DescribeReplicationTasks, in, tasks, func(it *item, r types.ReplicationTask) { it.id(r.ReplicationTaskArn) })
	},
}
