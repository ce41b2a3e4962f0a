package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/neptune"
	"github.com/aws/aws-sdk-go-v2/service/neptune/types"
)

// neptuneClusters collects the graph databases. The same question lists the
// clusters of RDS and DocumentDB, which have sources of their own.
var neptuneClusters = Service{
	Name:    "neptune/cluster",
	Actions: []string{"rds:DescribeDBClusters"},
	Collect: func(c *call) {
		svc := neptune.NewFromConfig(c.cfg)
		clusters := func(p *neptune.DescribeDBClustersOutput) []types.DBCluster { return p.DBClusters }
		in := &neptune.DescribeDBClustersInput{Filters: []types.Filter{{Name: sdk.String("engine"), Values: []string{"neptune"}}}}
		list(c, svc.DescribeDBClusters, in, clusters, func(it *item, d types.DBCluster) {
			if isEngine(d.Engine, "neptune") {
				it.id(d.DBClusterArn)
			}
		})
	},
}

// neptuneSnapshots collects the snapshots of graph databases. Neptune cannot list
// them apart from those of other engines.
var neptuneSnapshots = Service{
	Name:    "neptune/cluster-snapshot",
	Actions: []string{"rds:DescribeDBClusterSnapshots"},
	Collect: func(c *call) {
		svc := neptune.NewFromConfig(c.cfg)
		snapshots := func(p *neptune.DescribeDBClusterSnapshotsOutput) []types.DBClusterSnapshot {
			return p.DBClusterSnapshots
		}
		list(c, svc.DescribeDBClusterSnapshots, &neptune.DescribeDBClusterSnapshotsInput{}, snapshots, func(it *item, s types.DBClusterSnapshot) {
			if isEngine(s.Engine, "neptune") {
				it.id(s.DBClusterSnapshotArn)
			}
		})
	},
}

// isEngine tells an engine's own rows from those of its neighbours. A row that
// does not say its engine may be one.
func isEngine(engine *string, name string) bool { return engine == nil || *engine == name }
