package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
)

// eksClusters collects the Kubernetes clusters: who reaches the endpoint, what the
// control plane logs, how secrets are kept. What runs in one, AWS does not tell.
var eksClusters = Service{
	Name:    "eks/cluster",
	Actions: []string{"eks:ListClusters", "eks:DescribeCluster"},
	Collect: func(c *call) {
		svc := eks.NewFromConfig(c.cfg)
		names := func(p *eks.ListClustersOutput) []string { return p.Clusters }
		list(c, svc.ListClusters, &eks.ListClustersInput{MaxResults: sdk.Int32(100)}, names, func(it *item, name string) {
			it.ID = "arn:" + partitionOf(c.cfg.Region) + ":eks:" + c.cfg.Region + ":" + c.account + ":cluster/" + name
			ask(it, svc.DescribeCluster, &eks.DescribeClusterInput{Name: &name})
		})
	},
}
