package aws

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queueSettings are the attributes that are settings; how many messages wait
// changes by the second and is nobody's evidence.
var queueSettings = []types.QueueAttributeName{
	types.QueueAttributeNameQueueArn, types.QueueAttributeNamePolicy, types.QueueAttributeNameKmsMasterKeyId,
	types.QueueAttributeNameKmsDataKeyReusePeriodSeconds, types.QueueAttributeNameSqsManagedSseEnabled,
	types.QueueAttributeNameRedrivePolicy, types.QueueAttributeNameRedriveAllowPolicy,
	types.QueueAttributeNameMessageRetentionPeriod, types.QueueAttributeNameVisibilityTimeout,
	types.QueueAttributeNameCreatedTimestamp, types.QueueAttributeNameLastModifiedTimestamp,
}

// sqsQueues collects the queues: encryption, policy, where what fails goes. A
// listing gives addresses, which end in the queue's name; pages come only to who
// says how many rows he wants.
var sqsQueues = Service{
	Name:    "sqs/queue",
	Actions: []string{"sqs:ListQueues", "sqs:GetQueueAttributes"},
	Collect: func(c *call) {
		svc := sqs.NewFromConfig(c.cfg)
		queues := func(p *sqs.ListQueuesOutput) []string { return p.QueueUrls }
		list(c, svc.ListQueues, &sqs.ListQueuesInput{MaxResults: sdk.Int32(1000)}, queues, func(it *item, url string) {
			it.ID = "arn:" + partitionOf(c.cfg.Region) + ":sqs:" + c.cfg.Region + ":" + c.account + ":" + url[strings.LastIndexByte(url, '/')+1:]
			ask(it, svc.GetQueueAttributes, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: queueSettings})
		})
	},
}
