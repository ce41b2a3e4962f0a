package aws

import "strings"

// actionOf names the IAM action an operation needs. Source of the exceptions: the
// Service Authorization Reference.
func actionOf(operation string) string {
	special := map[string]string{
		"accessanalyzer:ListFindingsV2":            "access-analyzer:ListFindings",
		"ecs:ListServicesByNamespace":              "ecs:ListServices",
		"s3api:GetBucketEncryption":                "s3:GetEncryptionConfiguration",
		"s3api:GetBucketLifecycleConfiguration":    "s3:GetLifecycleConfiguration",
		"s3api:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
		"s3api:GetBucketReplication":               "s3:GetReplicationConfiguration",
		"s3api:GetObjectLockConfiguration":         "s3:GetBucketObjectLockConfiguration",
		"s3api:GetPublicAccessBlock":               "s3:GetBucketPublicAccessBlock",
		"s3api:ListBuckets":                        "s3:ListAllMyBuckets",
		"s3api:ListObjectsV2":                      "s3:ListBucket",
		"s3control:GetPublicAccessBlock":           "s3:GetAccountPublicAccessBlock",
	}
	if a, ok := special[operation]; ok {
		return a
	}
	service, op, _ := strings.Cut(operation, ":")
	if p, ok := prefixes[service]; ok {
		service = p
	}
	if service == "apigateway" { // one action for whatever is read
		op = "GET"
	}
	return service + ":" + op
}

// prefixes are the APIs whose IAM actions begin with another word than the aws command's.
var prefixes = map[string]string{
	"accessanalyzer": "access-analyzer", "apigatewayv2": "apigateway", "configservice": "config", "docdb": "rds", "efs": "elasticfilesystem",
	"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "emr": "elasticmapreduce", "neptune": "rds", "opensearch": "es",
	"resourcegroupstaggingapi": "tag", "s3api": "s3", "s3control": "s3", "sso-admin": "sso", "stepfunctions": "states",
}
