package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
)

// firehoseStreams collects the Firehose streams with their destinations, whose
// tokens, users and addresses are withheld.
var firehoseStreams = Service{
	Name:    "firehose/delivery-stream",
	Actions: []string{"firehose:ListDeliveryStreams", "firehose:DescribeDeliveryStream"},
	Collect: func(c *call) {
		svc := firehose.NewFromConfig(c.cfg)
		streams := func(p *firehose.ListDeliveryStreamsOutput) []string { return p.DeliveryStreamNames }
		list(c, svc.ListDeliveryStreams, &firehose.ListDeliveryStreamsInput{Limit: sdk.Int32(1000)}, streams, func(it *item, name string) {
			it.ID = c.arn("firehose", "deliverystream/"+name)
			ask(it, svc.DescribeDeliveryStream, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &name})
		})
	},
}
