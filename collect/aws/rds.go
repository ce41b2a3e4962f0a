package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func dbInstanceRows(p *rds.DescribeDBInstancesOutput) []types.DBInstance { return p.DBInstances }
func dbClusterRows(p *rds.DescribeDBClustersOutput) []types.DBCluster    { return p.DBClusters }

// rdsInstances collects the database instances; Neptune's and DocumentDB's are
// among them (see Engine).
var rdsInstances = Service{
	Name:    "rds/instance",
	Actions: []string{"rds:DescribeDBInstances"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		list(c, svc.DescribeDBInstances, &rds.DescribeDBInstancesInput{}, dbInstanceRows, func(it *item, d types.DBInstance) { it.id(d.DBInstanceArn) })
	},
}

// rdsClusters collects the database clusters; Neptune's and DocumentDB's are among them.
var rdsClusters = Service{
	Name:    "rds/cluster",
	Actions: []string{"rds:DescribeDBClusters"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		list(c, svc.DescribeDBClusters, &rds.DescribeDBClustersInput{}, dbClusterRows, func(it *item, d types.DBCluster) { it.id(d.DBClusterArn) })
	},
}

// rdsEvents collects to which topics the events of the databases go.
var rdsEvents = Service{
	Name:    "rds/event-subscription",
	Actions: []string{"rds:DescribeEventSubscriptions"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		subscriptions := func(p *rds.DescribeEventSubscriptionsOutput) []types.EventSubscription {
			return p.EventSubscriptionsList
		}
		list(c, svc.DescribeEventSubscriptions, &rds.DescribeEventSubscriptionsInput{}, subscriptions, func(it *item, s types.EventSubscription) {
			it.id(s.EventSubscriptionArn)
		})
	},
}
