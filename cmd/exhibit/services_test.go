package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/collect/envoy"
	"exhibit/control"
	"exhibit/internal/golden"
	"exhibit/policies"
)

// products are AWS's names of what a source's first word stands for.
var products = map[string]string{
	"access-analyzer": "IAM Access Analyzer", "account": "AWS Account Management", "acm": "AWS Certificate Manager", "apigateway": "Amazon API Gateway (REST)",
	"apigatewayv2": "Amazon API Gateway (HTTP, WebSocket)", "application-autoscaling": "Application Auto Scaling", "appsync": "AWS AppSync", "artifact": "AWS Artifact",
	"athena": "Amazon Athena", "autoscaling": "Amazon EC2 Auto Scaling", "backup": "AWS Backup", "bedrock": "Amazon Bedrock", "cloudformation": "AWS CloudFormation",
	"cloudfront": "Amazon CloudFront", "cloudtrail": "AWS CloudTrail", "cloudwatch": "Amazon CloudWatch", "codebuild": "AWS CodeBuild", "codedeploy": "AWS CodeDeploy",
	"codepipeline": "AWS CodePipeline", "config": "AWS Config", "datasync": "AWS DataSync", "dax": "Amazon DynamoDB Accelerator", "dms": "AWS Database Migration Service",
	"docdb": "Amazon DocumentDB", "dynamodb": "Amazon DynamoDB", "ec2": "Amazon EC2, EBS and VPC", "ecr": "Amazon ECR", "ecs": "Amazon ECS", "efs": "Amazon EFS", "eks": "Amazon EKS",
	"elasticache": "Amazon ElastiCache", "elasticbeanstalk": "AWS Elastic Beanstalk", "elb": "Elastic Load Balancing (classic)", "elbv2": "Elastic Load Balancing", "emr": "Amazon EMR",
	"events": "Amazon EventBridge", "firehose": "Amazon Data Firehose", "fsx": "Amazon FSx", "git": "git", "glue": "AWS Glue", "guardduty": "Amazon GuardDuty", "health": "AWS Health", "iam": "AWS IAM",
	"identitystore": "IAM Identity Center directory", "inspector2": "Amazon Inspector", "kafka": "Amazon MSK", "kinesis": "Amazon Kinesis", "kms": "AWS KMS", "lambda": "AWS Lambda",
	"logs": "Amazon CloudWatch Logs", "macie2": "Amazon Macie", "mq": "Amazon MQ", "neptune": "Amazon Neptune", "network-firewall": "AWS Network Firewall", "opensearch": "Amazon OpenSearch Service",
	"organizations": "AWS Organizations", "ram": "AWS Resource Access Manager", "rds": "Amazon RDS", "record": "records people write", "redshift": "Amazon Redshift", "resourcegroupstaggingapi": "Resource Groups Tagging", "route53": "Amazon Route 53",
	"s3": "Amazon S3", "s3control": "Amazon S3 Control", "sagemaker": "Amazon SageMaker AI", "secretsmanager": "AWS Secrets Manager", "securityhub": "AWS Security Hub", "sns": "Amazon SNS", "sqs": "Amazon SQS",
	"ssm": "AWS Systems Manager", "sso": "IAM Identity Center", "stepfunctions": "AWS Step Functions", "transfer": "AWS Transfer Family", "wafv2": "AWS WAF",
}

// waiting are the checks auditors ask for that nothing here can decide yet. None
// is stubbed: a check that is not there says nothing, and its control rests on records.
const waiting = `
## Checks that wait

| check | for what |
|---|---|
| ` + "`" + `git-evidence-contemporaneous` + "`" + ` | when each record was first sealed, against the day it is about |
| ` + "`" + `vpn-tunnels-up` + "`" + ` | a way to ask that does not answer with the tunnels' keys, such as CloudWatch's metric |
`

// TestServicesDocument keeps docs/services.md what the code does: every service
// with its sources, the checks that read them and the IAM actions they need.
// go test ./cmd/exhibit -run ServicesDocument -update writes it anew.
func TestServicesDocument(t *testing.T) {
	lib, err := control.Load(policies.FS, fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	reads := map[string][]string{} // checks by the source whose items they judge, or read beside
	beside := map[string][]string{}
	for _, c := range lib.Checks {
		for _, s := range append([]string{c.Of}, c.Also...) {
			reads[s] = append(reads[s], c.Name)
		}
		for _, s := range c.With {
			s, _, _ = strings.Cut(s, " ")
			if s != c.Of && !slices.Contains(beside[s], c.Name) {
				beside[s] = append(beside[s], c.Name)
			}
		}
	}
	services := map[string][]envoy.Source{}
	actions := map[string]bool{}
	for _, s := range envoy.Sources() {
		first, _, _ := strings.Cut(s.Name, "/")
		services[first] = append(services[first], s)
		for _, a := range s.Actions {
			actions[a] = true
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `# What is asked of AWS

Made from the code by a test; do not edit. %d sources of %d services, %d IAM actions, %d checks.
`+"`exhibit iam-policy`"+` prints the actions as a policy or a role, `+"`exhibit checks explain NAME`"+` a check with its rule.

Asked: in every enabled region (regional), once an account (global), once in the management account
(organisation), or in every region and once more for the account (everywhere).
`, len(envoy.Sources()), len(services), len(actions), len(lib.Checks))
	for _, first := range slices.Sorted(maps.Keys(services)) {
		if products[first] == "" {
			t.Errorf("AWS's name of %q is missing", first)
		}
		fmt.Fprintf(&b, "\n## %s\n\n| source | asked | IAM actions | checks of its items | read beside by |\n|---|---|---|---|---|\n", products[first])
		for _, s := range services[first] {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.Name, s.Asked, cells(s.Actions), cells(reads[s.Name]), cells(beside[s.Name]))
		}
	}
	fmt.Fprintf(&b, "\n## Checks of what git and people say\n\n| source | checks |\n|---|---|\n")
	for _, s := range slices.Sorted(maps.Keys(reads)) {
		if first, _, _ := strings.Cut(s, "/"); first == "git" || first == "record" {
			fmt.Fprintf(&b, "| `%s` | %s |\n", s, cells(reads[s]))
		}
	}
	b.WriteString(waiting)
	golden.Check(t, "../../../docs/services.md", b.Bytes())
}

func cells(words []string) string {
	if len(words) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(words))
	return "`" + strings.Join(slices.Compact(sorted), "`, `") + "`"
}
