package aws

import (
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// watch is CloudWatch's client speaking JSON, not its own CBOR: an answer one can
// read, and that stand-ins know.
func (c *call) watch() *cloudwatch.Client {
	return cloudwatch.NewFromConfig(c.cfg, func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) })
}

// cloudWatchAlarms collects the alarms and what they do when they go off.
var cloudWatchAlarms = Service{
	Name:    "cloudwatch/alarm",
	Actions: []string{"cloudwatch:DescribeAlarms"},
	Collect: func(c *call) {
		svc := c.watch()
		of := func(t types.AlarmType) *cloudwatch.DescribeAlarmsInput {
			return &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{t}}
		}
		metric := func(p *cloudwatch.DescribeAlarmsOutput) []types.MetricAlarm { return p.MetricAlarms }
		list(c, svc.DescribeAlarms, of(types.AlarmTypeMetricAlarm), metric, func(it *item, a types.MetricAlarm) { it.id(a.AlarmArn) })
		composite := func(p *cloudwatch.DescribeAlarmsOutput) []types.CompositeAlarm { return p.CompositeAlarms }
		list(c, svc.DescribeAlarms, of(types.AlarmTypeCompositeAlarm), composite, func(it *item, a types.CompositeAlarm) { it.id(a.AlarmArn) })
	},
}

// alarmDays is how long CloudWatch keeps the history of an alarm. Older versions
// of its guide say two weeks.
const alarmDays = 30

// cloudWatchAlarmHistory collects what became of the alarms in the last 30 whole
// days, which is as long as CloudWatch keeps it: states, actions taken, settings
// changed. An entry has no id of its own; the alarm, the time, the kind and the
// summary together are its name.
var cloudWatchAlarmHistory = Service{
	Name:    "cloudwatch/alarm-history",
	Actions: []string{"cloudwatch:DescribeAlarmHistory"},
	Keeps: Retention{
		Days: 30, Asked: alarmDays, What: "the history of alarms",
		Says: "CloudWatch keeps the history of alarms for 30 days, also of alarms that are gone.",
		Doc:  "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
	},
	Collect: func(c *call) {
		from, to := c.wholeDays(alarmDays)
		entries := func(p *cloudwatch.DescribeAlarmHistoryOutput) []types.AlarmHistoryItem { return p.AlarmHistoryItems }
		in := &cloudwatch.DescribeAlarmHistoryInput{StartDate: &from, EndDate: &to, MaxRecords: sdk.Int32(100), ScanBy: types.ScanByTimestampAscending,
			AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}}
		list(c, c.watch().DescribeAlarmHistory, in, entries, func(it *item, h types.AlarmHistoryItem) {
			at := sdk.ToTime(h.Timestamp).UTC().Format(time.RFC3339Nano)
			it.name(h.AlarmName, &at, sdk.String(string(h.HistoryItemType)), h.HistorySummary)
		})
	},
}
