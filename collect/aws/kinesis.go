package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// kinesisStreams collects the data streams: encryption and how long they keep data.
var kinesisStreams = Service{
	Name:    "kinesis/stream",
	Actions: []string{"kinesis:ListStreams", "kinesis:DescribeStreamSummary"},
	Collect: func(c *call) {
		svc := kinesis.NewFromConfig(c.cfg)
		streams := func(p *kinesis.ListStreamsOutput) []string { return p.StreamNames }
		list(c, svc.ListStreams, &kinesis.ListStreamsInput{Limit: sdk.Int32(1000)}, streams, func(it *item, name string) {
			it.ID = c.arn("kinesis", "stream/"+name)
			ask(it, svc.DescribeStreamSummary, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
		})
	},
}
