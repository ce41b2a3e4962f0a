package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// rdsSnapshots collects the account's own snapshots of database instances. Whom
// they are shared with is asked of all but the automatic ones, which AWS lets
// nobody share.
var rdsSnapshots = Service{
	Name:    "rds/snapshot",
	Actions: []string{"rds:DescribeDBSnapshots", "rds:DescribeDBSnapshotAttributes"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		snapshots := func(p *rds.DescribeDBSnapshotsOutput) []types.DBSnapshot { return p.DBSnapshots }
		list(c, svc.DescribeDBSnapshots, &rds.DescribeDBSnapshotsInput{}, snapshots, func(it *item, s types.DBSnapshot) {
			it.id(s.DBSnapshotArn)
			if sdk.ToString(s.SnapshotType) != "automated" {
				ask(it, svc.DescribeDBSnapshotAttributes, &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: s.DBSnapshotIdentifier})
			}
		})
	},
}

// rdsClusterSnapshots collects the account's own snapshots of clusters, those of
// Neptune and DocumentDB among them, and whom they are shared with.
var rdsClusterSnapshots = Service{
	Name:    "rds/cluster-snapshot",
	Actions: []string{"rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterSnapshotAttributes"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		snapshots := func(p *rds.DescribeDBClusterSnapshotsOutput) []types.DBClusterSnapshot { return p.DBClusterSnapshots }
		list(c, svc.DescribeDBClusterSnapshots, &rds.DescribeDBClusterSnapshotsInput{}, snapshots, func(it *item, s types.DBClusterSnapshot) {
			it.id(s.DBClusterSnapshotArn)
			if sdk.ToString(s.SnapshotType) != "automated" {
				ask(it, svc.DescribeDBClusterSnapshotAttributes, &rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: s.DBClusterSnapshotIdentifier})
			}
		})
	},
}
