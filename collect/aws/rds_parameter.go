package aws

import (
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// parameters are those an audit asks for, of the hundreds a group has: what
// forces TLS, and what is written to the logs.
func parameters(names ...string) []types.Filter {
	return []types.Filter{{Name: sdk.String("parameter-name"), Values: append([]string{"rds.force_ssl", "require_secure_transport"}, names...)}}
}

// rdsParameters collects the parameter groups that instances use.
var rdsParameters = Service{
	Name:    "rds/parameter-group",
	Actions: []string{"rds:DescribeDBInstances", "rds:DescribeDBParameters"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		inUse := map[string]bool{}
		for _, d := range all(c, svc.DescribeDBInstances, &rds.DescribeDBInstancesInput{}, dbInstanceRows) {
			for _, g := range d.DBParameterGroups {
				inUse[sdk.ToString(g.DBParameterGroupName)] = true
			}
		}
		these := parameters("log_connections", "log_disconnections", "log_statement", "general_log", "slow_query_log", "audit_trail")
		for _, name := range slices.Sorted(maps.Keys(inUse)) {
			c.single(name, func(it *item) {
				askAll(it, svc.DescribeDBParameters, &rds.DescribeDBParametersInput{DBParameterGroupName: &name, Filters: these})
			})
		}
	},
}

// rdsClusterParameters collects the parameter groups that clusters use, but for
// those of Neptune and DocumentDB, whose parameters are others.
var rdsClusterParameters = Service{
	Name:    "rds/cluster-parameter-group",
	Actions: []string{"rds:DescribeDBClusters", "rds:DescribeDBClusterParameters"},
	Collect: func(c *call) {
		svc := rds.NewFromConfig(c.cfg)
		inUse := map[string]bool{}
		for _, d := range all(c, svc.DescribeDBClusters, &rds.DescribeDBClustersInput{}, dbClusterRows) {
			if !slices.Contains([]string{"neptune", "docdb"}, sdk.ToString(d.Engine)) {
				inUse[sdk.ToString(d.DBClusterParameterGroup)] = true
			}
		}
		delete(inUse, "")
		these := parameters("log_connections", "log_disconnections", "log_statement", "server_audit_logging", "server_audit_events")
		for _, name := range slices.Sorted(maps.Keys(inUse)) {
			c.single(name, func(it *item) {
				askAll(it, svc.DescribeDBClusterParameters, &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: &name, Filters: these})
			})
		}
	},
}
