package aws

import (
	"maps"
	"slices"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func ecsClusterNames(p *ecs.ListClustersOutput) []string { return p.ClusterArns }

// ecsClusters collects the clusters and how they are set.
var ecsClusters = Service{
	Name:    "ecs/cluster",
	Actions: []string{"ecs:ListClusters", "ecs:DescribeClusters"},
	Collect: func(c *call) {
		svc := ecs.NewFromConfig(c.cfg)
		clusters := func(p *ecs.DescribeClustersOutput) []types.Cluster { return p.Clusters }
		about := []types.ClusterField{types.ClusterFieldConfigurations, types.ClusterFieldSettings}
		named := all(c, svc.ListClusters, &ecs.ListClustersInput{MaxResults: sdk.Int32(100)}, ecsClusterNames)
		for batch := range slices.Chunk(named, 100) {
			got := list(c, svc.DescribeClusters, &ecs.DescribeClustersInput{Clusters: batch, Include: about}, clusters, func(it *item, k types.Cluster) { it.id(k.ClusterArn) })
			c.whole("DescribeClusters", len(batch), got)
		}
	},
}

// ecsServices collects the services of every cluster. The last hundred events of
// each are left out: they tell what happened, not how the service is set.
var ecsServices = Service{
	Name:    "ecs/service",
	Actions: []string{"ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"},
	Collect: func(c *call) {
		eachECSService(c, ecs.NewFromConfig(c.cfg), func(it *item, s types.Service) { it.id(s.ServiceArn) })
	},
}

// ecsTaskDefinitions collects the task definitions that services use, each once:
// the service's own and those of deployments under way. Older revisions, of which
// a registry keeps all, run nowhere.
var ecsTaskDefinitions = Service{
	Name:    "ecs/task-definition",
	Actions: []string{"ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices", "ecs:DescribeTaskDefinition"},
	Collect: func(c *call) {
		svc := ecs.NewFromConfig(c.cfg)
		var mu sync.Mutex
		used := map[string]bool{}
		eachECSService(c, svc, func(_ *item, s types.Service) {
			mu.Lock()
			defer mu.Unlock()
			used[sdk.ToString(s.TaskDefinition)] = true
			for _, d := range s.Deployments {
				used[sdk.ToString(d.TaskDefinition)] = true
			}
			for _, t := range s.TaskSets {
				used[sdk.ToString(t.TaskDefinition)] = true
			}
		})
		delete(used, "") // a service whose task sets say what they run
		for _, arn := range slices.Sorted(maps.Keys(used)) {
			c.single(arn, func(it *item) {
				ask(it, svc.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
			})
		}
	},
}

func eachECSService(c *call, svc *ecs.Client, about func(*item, types.Service)) {
	names := func(p *ecs.ListServicesOutput) []string { return p.ServiceArns }
	services := func(p *ecs.DescribeServicesOutput) []types.Service {
		for i := range p.Services {
			p.Services[i].Events = nil
		}
		return p.Services
	}
	list(c, svc.ListClusters, &ecs.ListClustersInput{MaxResults: sdk.Int32(100)}, ecsClusterNames, func(_ *item, cluster string) {
		named := all(c, svc.ListServices, &ecs.ListServicesInput{Cluster: &cluster, MaxResults: sdk.Int32(100)}, names)
		for batch := range slices.Chunk(named, 10) { // no more may be asked about at a time
			got := list(c, svc.DescribeServices, &ecs.DescribeServicesInput{Cluster: &cluster, Services: batch}, services, about)
			c.whole("DescribeServices", len(batch), got)
		}
	})
}
