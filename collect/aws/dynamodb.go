package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// dynamoDBTables collects the tables: encryption, protection from deletion, how
// far back they can be restored, and whether items expire.
var dynamoDBTables = Service{
	Name:    "dynamodb/table",
	Actions: []string{"dynamodb:ListTables", "dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive"},
	Collect: func(c *call) {
		// A stand-in sends no checksum, of which the client would complain on the terminal.
		svc := dynamodb.NewFromConfig(c.cfg, func(o *dynamodb.Options) { o.DisableValidateResponseChecksum = c.endpoint != "" })
		tables := func(p *dynamodb.ListTablesOutput) []string { return p.TableNames }
		list(c, svc.ListTables, &dynamodb.ListTablesInput{}, tables, func(it *item, name string) {
			it.ID = c.arn("dynamodb", "table/"+name)
			ask(it, svc.DescribeTable, &dynamodb.DescribeTableInput{TableName: &name})
			ask(it, svc.DescribeContinuousBackups, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
			ask(it, svc.DescribeTimeToLive, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
		})
	},
}

// scalableTargets collects what of DynamoDB's tables and indexes scales by itself,
// one item for reading and one for writing.
var scalableTargets = Service{
	Name:    "application-autoscaling/scalable-target",
	Actions: []string{"application-autoscaling:DescribeScalableTargets"},
	Collect: func(c *call) {
		svc := applicationautoscaling.NewFromConfig(c.cfg)
		targets := func(p *applicationautoscaling.DescribeScalableTargetsOutput) []types.ScalableTarget {
			return p.ScalableTargets
		}
		in := &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceDynamodb}
		list(c, svc.DescribeScalableTargets, in, targets, func(it *item, t types.ScalableTarget) {
			dimension := string(t.ScalableDimension)
			it.name(t.ResourceId, &dimension)
		})
	},
}
