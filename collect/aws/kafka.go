package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kafka"
	"github.com/aws/aws-sdk-go-v2/service/kafka/types"
)

// kafkaClusters collects the MSK clusters, provisioned and serverless.
var kafkaClusters = Service{
	Name:    "kafka/cluster",
	Actions: []string{"kafka:ListClustersV2"},
	Collect: func(c *call) {
		svc := kafka.NewFromConfig(c.cfg)
		clusters := func(p *kafka.ListClustersV2Output) []types.Cluster { return p.ClusterInfoList }
		list(c, svc.ListClustersV2, &kafka.ListClustersV2Input{MaxResults: sdk.Int32(100)}, clusters, func(it *item, k types.Cluster) { it.id(k.ClusterArn) })
	},
}
