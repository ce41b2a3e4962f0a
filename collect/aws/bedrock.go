package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// bedrockLogging collects, one item a region, where calls of models are logged to,
// and which models were called: CloudWatch lists a metric for two weeks after its
// last value, and Bedrock has one for each model.
var bedrockLogging = Service{
	Name:    "bedrock/model-invocation-logging",
	Actions: []string{"bedrock:GetModelInvocationLoggingConfiguration", "cloudwatch:ListMetrics"},
	Collect: func(c *call) {
		models := bedrock.NewFromConfig(c.cfg)
		metrics := cloudwatch.NewFromConfig(c.cfg, func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) })
		c.single(c.region, func(it *item) {
			ask(it, models.GetModelInvocationLoggingConfiguration, &bedrock.GetModelInvocationLoggingConfigurationInput{})
			askAll(it, metrics.ListMetrics, &cloudwatch.ListMetricsInput{Namespace: sdk.String("AWS/Bedrock"), MetricName: sdk.String("Invocations")})
		})
	},
}
