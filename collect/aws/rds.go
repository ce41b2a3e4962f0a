package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// rdsInstances collects the database instances; Neptune's and DocumentDB's are
// among them (see Engine).
var rdsInstances = Service{
	Name:    "rds/instance",
	Actions: []string{"rds:DescribeDBInstances"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		instances := func(p *rds.DescribeDBInstancesOutput) []types.DBInstance { return p.DBInstances }
		list(c, svc.DescribeDBInstances, &rds.DescribeDBInstancesInput{}, instances, func(it *item, d types.DBInstance) { it.id(d.DBInstanceArn) })
	},
}

// rdsClusters collects the database clusters; Neptune's and DocumentDB's are among them.
var rdsClusters = Service{
	Name:    "rds/cluster",
	Actions: []string{"rds:DescribeDBClusters"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		clusters := func(p *rds.DescribeDBClustersOutput) []types.DBCluster { return p.DBClusters }
		list(c, svc.DescribeDBClusters, &rds.DescribeDBClustersInput{}, clusters, func(it *item, d types.DBCluster) { it.id(d.DBClusterArn) })
	},
}
