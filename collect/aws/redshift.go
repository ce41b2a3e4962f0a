package aws

import (
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/redshift/types"
)

func redshiftClusterRows(p *redshift.DescribeClustersOutput) []types.Cluster { return p.Clusters }

// redshiftClusters collects the data warehouses and whether they write an audit
// log. Of a cluster AWS gives no ARN, only that of its namespace.
var redshiftClusters = Service{
	Name:    "redshift/cluster",
	Actions: []string{"redshift:DescribeClusters", "redshift:DescribeLoggingStatus"},
	Collect: func(c *call) {
		svc := redshift.NewFromConfig(c.cfg)
		list(c, svc.DescribeClusters, &redshift.DescribeClustersInput{}, redshiftClusterRows, func(it *item, r types.Cluster) {
			it.id(r.ClusterIdentifier)
			ask(it, svc.DescribeLoggingStatus, &redshift.DescribeLoggingStatusInput{ClusterIdentifier: r.ClusterIdentifier})
		})
	},
}

// redshiftParameters collects the parameter groups that clusters use.
var redshiftParameters = Service{
	Name:    "redshift/parameter-group",
	Actions: []string{"redshift:DescribeClusters", "redshift:DescribeClusterParameters"},
	Collect: func(c *call) {
		svc := redshift.NewFromConfig(c.cfg)
		inUse := map[string]bool{}
		for _, r := range all(c, svc.DescribeClusters, &redshift.DescribeClustersInput{}, redshiftClusterRows) {
			for _, g := range r.ClusterParameterGroups {
				inUse[sdk.ToString(g.ParameterGroupName)] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(inUse)) {
			c.single(name, func(it *item) {
				askAll(it, svc.DescribeClusterParameters, &redshift.DescribeClusterParametersInput{ParameterGroupName: &name})
			})
		}
	},
}
