package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mq"
	"github.com/aws/aws-sdk-go-v2/service/mq/types"
)

// mqBrokers collects the Amazon MQ brokers. Who may sign in to them is withheld.
var mqBrokers = Service{
	Name:    "mq/broker",
	Actions: []string{"mq:ListBrokers", "mq:DescribeBroker"},
	Collect: func(c *call) {
		svc := mq.NewFromConfig(c.cfg)
		brokers := func(p *mq.ListBrokersOutput) []types.BrokerSummary { return p.BrokerSummaries }
		list(c, svc.ListBrokers, &mq.ListBrokersInput{MaxResults: sdk.Int32(100)}, brokers, func(it *item, b types.BrokerSummary) {
			it.id(b.BrokerArn)
			ask(it, svc.DescribeBroker, &mq.DescribeBrokerInput{BrokerId: b.BrokerId})
		})
	},
}
