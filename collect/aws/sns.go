package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// snsTopics collects the topics, who may use them and who hears of them. Of a
// subscriber the address is withheld; that somebody confirmed stays.
var snsTopics = Service{
	Name:    "sns/topic",
	Actions: []string{"sns:ListTopics", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"},
	Collect: func(c *call) {
		svc := sns.NewFromConfig(c.cfg)
		topics := func(p *sns.ListTopicsOutput) []types.Topic { return p.Topics }
		list(c, svc.ListTopics, &sns.ListTopicsInput{}, topics, func(it *item, t types.Topic) {
			it.id(t.TopicArn)
			ask(it, svc.GetTopicAttributes, &sns.GetTopicAttributesInput{TopicArn: t.TopicArn})
			askAll(it, svc.ListSubscriptionsByTopic, &sns.ListSubscriptionsByTopicInput{TopicArn: t.TopicArn})
		})
	},
}
