package sample

// planted are facts of the story in the evidence: in is the quarters in which the
// item of path whose id contains id is there and its line contains has. README.md
// lists the ten of them that auditors find most.
var planted = []struct{ what, path, id, has, in string }{
	{"1 console user without MFA", "444455556666/global/iam-credential", "user/obelenko", `"mfa_active":"false"`, "2026-q2 2026-q3"},
	{"2 key of a person", "444455556666/global/iam-access-key", "AKIAWO645SY5AV2KDANC", `"CreateDate":"2026-05-13T12:00:00Z","Status":"Active","UserName":"dmarsh"`, "2026-q2 2026-q3"},
	{"2 key of a vendor, its exception expired", "444455556666/global/iam-access-key", "AKIAWO645SY5M4UC5DTA", `"CreateDate":"2025-05-12T15:40:00Z"`, all},
	{"2 key of the build server is rotated", "444455556666/global/iam-access-key", "", `"CreateDate":"2026-09-12T07:45:00Z","Status":"Active","UserName":"ci-deploy"`, "2026-q3"},
	{"3 leaver of May still has a key", "444455556666/global/iam-credential", "user/rquayle", `"access_key_1_active":"true"`, all},
	{"3 leaver of February is gone", "111122223333/global/iam-credential", "user/tvance", "", "2025-q4"},
	{"4 GuardDuty finding without response", "444455556666/eu-west-1/guardduty-finding", "c05e7d93a18b4f2f86d4197b3ea0c5fd", `"Archived":false`, "2026-q3"},
	{"4 GuardDuty finding with response", "444455556666/us-east-1/guardduty-finding", "3ac94e1f0b7d4c5296e1a8d05f2b7c10", `"Archived":true`, "2025-q4"},
	{"6 trail of production", "444455556666/us-east-1/cloudtrail-trail", "production-trail", `"IsMultiRegionTrail":false`, "2025-q4"},
	{"6 trail of the shared account, made anew", "111122223333/us-east-1/cloudtrail-trail", "audit-trail-v2", `"IsMultiRegionTrail":false`, "2026-q3"},
	{"6 trail of the shared account, before", "111122223333/us-east-1/cloudtrail-trail", "audit-trail", `"IsMultiRegionTrail":true`, "2025-q4 2026-q1 2026-q2"},
	{"7 policy that allows everything", "444455556666/global/iam-policy", "release-automation-everything", `"Action":["*"]`, all},
	{"7 inline policy on a user", "444455556666/global/iam-user", "user/obelenko", `"PolicyName":"legacy-upload"`, all},
	{"7 policy of support, narrowed", "444455556666/global/iam-policy", "policy/support-tools", `"DefaultVersionId":"v1"`, "2025-q4"},
	{"9 bucket without a block", "444455556666/global/s3-bucket", "marketing-assets", `"GetPublicAccessBlock":null`, all},
	{"9 public policy", "444455556666/global/s3-bucket", "marketing-assets", `"IsPublic":true`, all},
	{"9 bucket of artifacts, mended", "111122223333/global/s3-bucket", "ci-artifacts", `"GetPublicAccessBlock":null`, "2025-q4 2026-q1"},
	{"the trail that was deleted, in the event history", "111122223333/us-east-1/cloudtrail-event", "", `"EventName":"DeleteTrail"`, "2026-q3"},
	{"security contact of production, mended", "444455556666/global/account-contact", "444455556666", `"GetAlternateContact":null`, "2025-q4 2026-q1 2026-q2"},
	{"root's second factor on a telephone", "444455556666/global/iam-virtual-mfa-device", "root-account-mfa-device", "", all},
	{"uploads of Ireland without a key of their own", "444455556666/global/s3-bucket", "rounds-uploads-eu", `"SSEAlgorithm":"AES256"`, all},
	{"password policy, mended", "111122223333/global/iam-password-policy", "111122223333", `"MinimumPasswordLength":10`, "2025-q4 2026-q1"},
	{"SSH open over the end of a quarter", "444455556666/us-east-1/ec2-security-group", "sg-65108b446b310d921", `"GroupName":"migration-bastion"`, "2026-q2"},
	{"old TLS of partners, mended", "444455556666/eu-west-1/elbv2-listener", "partner-api", `"SslPolicy":"ELBSecurityPolicy-2016-08"`, "2025-q4 2026-q1"},
	{"rotation of a key, mended", "444455556666/us-east-1/kms-key", "", `"Description":"Exports of reports" && "KeyRotationEnabled":false`, "2025-q4 2026-q1"},
	{"database not encrypted, compensated", "444455556666/us-east-1/rds-instance", "billing-legacy", `"StorageEncrypted":false`, all},
	{"GuardDuty in the failover region", "111122223333/eu-central-1/guardduty-detector", "", "", "2026-q1 2026-q2 2026-q3"},
	{"server of the migration, forgotten", "444455556666/us-east-1/ec2-instance", "", `"StateTransitionReason":"User initiated (2023-06-30 16:20:00 GMT)"`, all},
	{"flow log of the failover region", "444455556666/eu-central-1/ec2-flow-log", "", `"DeliverLogsStatus":"SUCCESS"`, "2026-q1 2026-q2 2026-q3"},
	{"network ACL of the failover region, as AWS made it", "444455556666/eu-central-1/ec2-network-acl", "", `"RuleAction":"allow","RuleNumber":100`, all},
	{"public snapshots in the failover region, mended", "111122223333/eu-central-1/ec2-account-setting", "", `"State":"unblocked"`, "2025-q4"},
	{"the shared account's new trail writes to no log group", "111122223333/us-east-1/cloudtrail-trail", "audit-trail", `"CloudWatchLogsLogGroupArn"`, "2025-q4 2026-q1 2026-q2"},
	{"the filter on network ACLs is an old list", "444455556666/us-east-1/logs-metric-filter", "network-acl-changed", `ReplaceNetworkAclAssociation`, all},
	{"malware protection of the failover region, mended", "111122223333/eu-central-1/guardduty-detector", "", `"EBS_MALWARE_PROTECTION"`, "2026-q3"},
	{"password in a plain parameter", "444455556666/us-east-1/ssm-parameter", "/rounds/legacy/smtp-password", `"Type":"String"`, all},
	{"a topic without a key", "444455556666/us-east-1/sns-topic", "rounds-appointments", `"SubscriptionsConfirmed":"0"`, all},
	{"encryption by default in the failover region, mended", "111122223333/eu-central-1/ec2-ebs-default", "", `"EbsEncryptionByDefault":false`, "2025-q4"},
}

const all = "2025-q4 2026-q1 2026-q2 2026-q3"
