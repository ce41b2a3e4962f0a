package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emr/types"
)

// emrClusters collects the clusters that are there, and the instances of their
// primary node. One that has ended is not asked about: AWS lists it for two months,
// one call each, and its nodes are gone. Properties and arguments are withheld.
var emrClusters = Service{
	Name:    "emr/cluster",
	Actions: []string{"elasticmapreduce:ListClusters", "elasticmapreduce:DescribeCluster", "elasticmapreduce:ListInstances"},
	Collect: func(c *call) {
		svc := emr.NewFromConfig(c.cfg)
		clusters := func(p *emr.ListClustersOutput) []types.ClusterSummary { return p.Clusters }
		in := &emr.ListClustersInput{ClusterStates: []types.ClusterState{types.ClusterStateStarting, types.ClusterStateBootstrapping,
			types.ClusterStateRunning, types.ClusterStateWaiting, types.ClusterStateTerminating}}
		list(c, svc.ListClusters, in, clusters, func(it *item, s types.ClusterSummary) {
			it.id(s.ClusterArn)
			told := ask(it, svc.DescribeCluster, &emr.DescribeClusterInput{ClusterId: s.Id})
			if told == nil || told.Cluster == nil {
				return
			}
			nodes := &emr.ListInstancesInput{ClusterId: s.Id, InstanceStates: []types.InstanceState{types.InstanceStateAwaitingFulfillment,
				types.InstanceStateProvisioning, types.InstanceStateBootstrapping, types.InstanceStateRunning}}
			if told.Cluster.InstanceCollectionType == types.InstanceCollectionTypeInstanceFleet {
				nodes.InstanceFleetType = types.InstanceFleetTypeMaster
			} else {
				nodes.InstanceGroupTypes = []types.InstanceGroupType{types.InstanceGroupTypeMaster}
			}
			askAll(it, svc.ListInstances, nodes)
		})
	},
}

// emrPublicAccess collects, one item a region, whether EMR refuses clusters whose
// security groups the internet can reach.
var emrPublicAccess = Service{
	Name:    "emr/block-public-access",
	Actions: []string{"elasticmapreduce:GetBlockPublicAccessConfiguration"},
	Collect: func(c *call) {
		svc := emr.NewFromConfig(c.cfg)
		c.single(c.region, func(it *item) {
			ask(it, svc.GetBlockPublicAccessConfiguration, &emr.GetBlockPublicAccessConfigurationInput{})
		})
	},
}
