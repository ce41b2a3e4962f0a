package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// cloudWatchAlarms collects the alarms and what they do when they go off.
var cloudWatchAlarms = Service{
	Name:    "cloudwatch/alarm",
	Actions: []string{"cloudwatch:DescribeAlarms"},
	Collect: func(c *call) {
		// JSON, not the client's CBOR: an answer one can read, and that stand-ins know.
		svc := cloudwatch.NewFromConfig(c.cfg, func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) })
		of := func(t types.AlarmType) *cloudwatch.DescribeAlarmsInput {
			return &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{t}}
		}
		metric := func(p *cloudwatch.DescribeAlarmsOutput) []types.MetricAlarm { return p.MetricAlarms }
		list(c, svc.DescribeAlarms, of(types.AlarmTypeMetricAlarm), metric, func(it *item, a types.MetricAlarm) { it.id(a.AlarmArn) })
		composite := func(p *cloudwatch.DescribeAlarmsOutput) []types.CompositeAlarm { return p.CompositeAlarms }
		list(c, svc.DescribeAlarms, of(types.AlarmTypeCompositeAlarm), composite, func(it *item, a types.CompositeAlarm) { it.id(a.AlarmArn) })
	},
}
