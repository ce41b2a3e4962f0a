package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/docdb"
	"github.com/aws/aws-sdk-go-v2/service/docdb/types"
)

// docdbClusters collects the document databases. DocumentDB cannot list them
// apart from the clusters of RDS and Neptune, which have sources of their own.
var docdbClusters = Service{
	Name:    "docdb/cluster",
	Actions: []string{"rds:DescribeDBClusters"},
	Collect: func(c *call) {
		svc := docdb.NewFromConfig(c.cfg)
		clusters := func(p *docdb.DescribeDBClustersOutput) []types.DBCluster { return p.DBClusters }
		list(c, svc.DescribeDBClusters, &docdb.DescribeDBClustersInput{}, clusters, func(it *item, d types.DBCluster) {
			if isEngine(d.Engine, "docdb") {
				it.id(d.DBClusterArn)
			}
		})
	},
}
