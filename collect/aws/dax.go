package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/dax"
	"github.com/aws/aws-sdk-go-v2/service/dax/types"
)

// daxClusters collects the caches in front of DynamoDB.
var daxClusters = Service{
	Name:     "dax/cluster",
	Actions:  []string{"dax:DescribeClusters"},
	NotInUse: []string{"InvalidParameterValueException: Access Denied to API Version"}, // DAX's word for a region without it
	Collect: func(c *call) {
		svc := dax.NewFromConfig(c.cfg)
		clusters := func(p *dax.DescribeClustersOutput) []types.Cluster { return p.Clusters }
		list(c, svc.DescribeClusters, &dax.DescribeClustersInput{}, clusters, func(it *item, d types.Cluster) { it.id(d.ClusterArn) })
	},
}
