package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
)

// elastiCacheGroups collects the replication groups of Valkey and Redis OSS.
var elastiCacheGroups = Service{
	Name:    "elasticache/replication-group",
	Actions: []string{"elasticache:DescribeReplicationGroups"},
	Collect: func(c *call) {
		svc := elasticache.NewFromConfig(c.cfg)
		groups := func(p *elasticache.DescribeReplicationGroupsOutput) []types.ReplicationGroup {
			return p.ReplicationGroups
		}
		in := &elasticache.DescribeReplicationGroupsInput{MaxRecords: sdk.Int32(100)}
		list(c, svc.DescribeReplicationGroups, in, groups, func(it *item, g types.ReplicationGroup) { it.id(g.ARN) })
	},
}

// elastiCacheClusters collects the cache clusters: the members of replication
// groups, single nodes, and Memcached.
var elastiCacheClusters = Service{
	Name:    "elasticache/cache-cluster",
	Actions: []string{"elasticache:DescribeCacheClusters"},
	Collect: func(c *call) {
		svc := elasticache.NewFromConfig(c.cfg)
		clusters := func(p *elasticache.DescribeCacheClustersOutput) []types.CacheCluster { return p.CacheClusters }
		in := &elasticache.DescribeCacheClustersInput{MaxRecords: sdk.Int32(100)}
		list(c, svc.DescribeCacheClusters, in, clusters, func(it *item, d types.CacheCluster) { it.id(d.ARN) })
	},
}

// elastiCacheServerless collects the serverless caches, which are always encrypted,
// at rest and on the way.
var elastiCacheServerless = Service{
	Name:    "elasticache/serverless-cache",
	Actions: []string{"elasticache:DescribeServerlessCaches"},
	Collect: func(c *call) {
		svc := elasticache.NewFromConfig(c.cfg)
		caches := func(p *elasticache.DescribeServerlessCachesOutput) []types.ServerlessCache { return p.ServerlessCaches }
		in := &elasticache.DescribeServerlessCachesInput{MaxResults: sdk.Int32(50)}
		list(c, svc.DescribeServerlessCaches, in, caches, func(it *item, s types.ServerlessCache) { it.id(s.ARN) })
	},
}
