package aws

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"exhibit/collect"
	"exhibit/evidence"
)

// redactions are the fields withheld before anything is written: personal data a
// check never needs, and addresses that open a document to whoever holds them.
// A rule is service:Operation.path, the path as the operation's answer holds it;
// for a listing, as its element does. name[] is every element of a list, name{}
// every value of a map, whose keys stay, name[K!=a|b] the elements whose K is
// neither; ** is any depth; name@ is the user and password of an address alone.
// An ARN stays too: it is a name; so does true or false: it is no secret.
var redactions = []string{
	"identitystore:ListUsers.Emails[].Value",
	"identitystore:ListUsers.PhoneNumbers[].Value",
	"identitystore:ListUsers.Addresses[].StreetAddress",
	"identitystore:ListUsers.Addresses[].Formatted",
	"identitystore:ListUsers.Birthdate",
	"account:GetAlternateContact.AlternateContact.Name",
	"account:GetAlternateContact.AlternateContact.PhoneNumber",
	"account:GetContactInformation.ContactInformation.FullName",
	"account:GetContactInformation.ContactInformation.AddressLine1",
	"account:GetContactInformation.ContactInformation.AddressLine2",
	"account:GetContactInformation.ContactInformation.AddressLine3",
	"account:GetContactInformation.ContactInformation.PostalCode",
	"account:GetContactInformation.ContactInformation.PhoneNumber",
	"cloudtrail:LookupEvents.CloudTrailEvent",    // the whole record: addresses, request parameters
	"iam:ListVirtualMFADevices.Base32StringSeed", // AWS does not send these two; a stand-in does
	"iam:ListVirtualMFADevices.QRCodePNG",
	"ec2:DescribeLaunchTemplateVersions.LaunchTemplateData.UserData",
	"autoscaling:DescribeLaunchConfigurations.UserData",

	"wafv2:GetWebACL.WebACL.Rules[].**.SearchString", // what a header must hold may be a shared secret
	"wafv2:GetWebACL.WebACL.**.InsertHeaders[].Value",
	"cloudfront:ListDistributions.Origins.Items[].CustomHeaders.Items[].HeaderValue", // what an origin knows CloudFront by
	"cloudfront:GetDistributionConfig.DistributionConfig.Origins.Items[].CustomHeaders.Items[].HeaderValue",
	"apigateway:GetStages.variables{}",
	"apigatewayv2:GetStages.StageVariables{}",
	"lambda:ListFunctions.Environment.Variables{}",
	"ecs:DescribeTaskDefinition.taskDefinition.containerDefinitions[].environment[].value",
	"ecs:DescribeTaskDefinition.taskDefinition.containerDefinitions[].command[]",
	"ecs:DescribeTaskDefinition.taskDefinition.containerDefinitions[].entryPoint[]",
	"ecs:DescribeTaskDefinition.taskDefinition.containerDefinitions[].healthCheck.command[]",
	"ecs:DescribeTaskDefinition.taskDefinition.containerDefinitions[].dockerLabels{}",
	"ecs:DescribeTaskDefinition.taskDefinition.containerDefinitions[].logConfiguration.options{}", // a log service's token is an option
	"ecs:DescribeTaskDefinition.taskDefinition.volumes[].dockerVolumeConfiguration.driverOpts{}",
	"ecs:DescribeServices.deployments[].serviceConnectConfiguration.logConfiguration.options{}",
	"elasticbeanstalk:DescribeConfigurationSettings.ConfigurationSettings[].OptionSettings[Namespace!=aws:elasticbeanstalk:cloudwatch:logs|aws:elasticbeanstalk:healthreporting:system|aws:elasticbeanstalk:managedactions].Value",
	"stepfunctions:DescribeStateMachine.definition", // not asked for; a stand-in may send it
	"codebuild:BatchGetProjects.environment.environmentVariables[].value",
	"codebuild:BatchGetProjects.source.buildspec",
	"codebuild:BatchGetProjects.source.location@",
	"codebuild:BatchGetProjects.secondarySources[].buildspec",
	"codebuild:BatchGetProjects.secondarySources[].location@",
	"codebuild:BatchGetProjects.webhook.secret",
	"codebuild:BatchGetProjects.webhook.payloadUrl",
	"codebuild:BatchGetProjects.badge.badgeRequestUrl",
	"sns:ListSubscriptionsByTopic.Subscriptions[].Endpoint", // addresses, telephone numbers, and URLs that hold a key
	"events:ListTargetsByRule.Targets[].Input",
	"events:ListTargetsByRule.Targets[].InputTransformer.InputTemplate",
	"events:ListTargetsByRule.Targets[].HttpParameters.PathParameterValues[]",
	"events:ListTargetsByRule.Targets[].HttpParameters.HeaderParameters{}",
	"events:ListTargetsByRule.Targets[].HttpParameters.QueryStringParameters{}",
	"events:ListTargetsByRule.Targets[].RedshiftDataParameters.Sql",
	"events:ListTargetsByRule.Targets[].RedshiftDataParameters.Sqls[]",
	"guardduty:ListMembers.Members[].Email",
	"macie2:GetFindings.resourcesAffected.s3Object.key", // a file's name may be a person's
	"macie2:GetFindings.resourcesAffected.s3Object.path",
	"macie2:GetFindings.policyDetails.actor.ipAddressDetails.ipAddressV4",
	"ssm:ListCommands.Parameters{}", // the text of scripts among them
	"codebuild:BatchGetBuilds.environment.environmentVariables[].value",
	"codebuild:BatchGetBuilds.exportedEnvironmentVariables[].value",
	"codebuild:BatchGetBuilds.source.buildspec",
	"codebuild:BatchGetBuilds.source.location@",
	"codebuild:BatchGetBuilds.secondarySources[].buildspec",
	"codebuild:BatchGetBuilds.secondarySources[].location@",
	"codebuild:BatchGetBuilds.debugSession.sessionTarget",
	"codebuild:BatchGetBuilds.phases[].contexts[].message", // may quote a command
	"secretsmanager:ListSecrets.ExternalSecretRotationMetadata[].Value",
	"cloudformation:DescribeStacks.Parameters[].ParameterValue",
	"cloudformation:DescribeStacks.Parameters[].ResolvedValue",
	"cloudformation:DescribeStacks.Outputs[].OutputValue",
	"configservice:DescribeConformancePacks.ConformancePackInputParameters[].ParameterValue",
	"codedeploy:BatchGetDeployments.revision.string.content",
	"codedeploy:BatchGetDeployments.revision.appSpecContent.content",

	"firehose:DescribeDeliveryStream.**.HECToken", // Splunk's
	"firehose:DescribeDeliveryStream.**.ClusterJDBCURL",
	"firehose:DescribeDeliveryStream.**.CopyOptions", // of Redshift, where credentials were once given
	"firehose:DescribeDeliveryStream.**.Username",
	"firehose:DescribeDeliveryStream.**.User", // Snowflake's
	"firehose:DescribeDeliveryStream.**.EndpointConfiguration.Url",
	"firehose:DescribeDeliveryStream.**.AttributeValue",
	"mq:DescribeBroker.Users[].Username",
	"mq:DescribeBroker.**.ServiceAccountUsername",
	"emr:DescribeCluster.Cluster.KerberosAttributes.KdcAdminPassword",
	"emr:DescribeCluster.Cluster.KerberosAttributes.CrossRealmTrustPrincipalPassword",
	"emr:DescribeCluster.Cluster.KerberosAttributes.ADDomainJoinUser",
	"emr:DescribeCluster.Cluster.KerberosAttributes.ADDomainJoinPassword",
	"emr:DescribeCluster.Cluster.Configurations[].**.Properties{}",
	"emr:DescribeCluster.Cluster.Applications[].Args[]",
	"emr:DescribeCluster.Cluster.Applications[].AdditionalInfo{}",
	"dms:DescribeEndpoints.ExtraConnectionAttributes",
	"dms:DescribeEndpoints.**.ServerName",
	"dms:DescribeEndpoints.**.Username",
	"dms:DescribeEndpoints.**.Password",
	"dms:DescribeEndpoints.**.AfterConnectScript",
	"dms:DescribeEndpoints.OracleSettings.AsmServer",
	"dms:DescribeEndpoints.OracleSettings.AsmUser",
	"dms:DescribeEndpoints.OracleSettings.AsmPassword",
	"dms:DescribeEndpoints.OracleSettings.SecurityDbEncryption", // a password, for all its name
	"dms:DescribeEndpoints.KafkaSettings.SaslUsername",
	"dms:DescribeEndpoints.KafkaSettings.SaslPassword",
	"dms:DescribeEndpoints.KafkaSettings.SslClientKeyPassword",
	"dms:DescribeEndpoints.RedisSettings.AuthUserName",
	"dms:DescribeEndpoints.RedisSettings.AuthPassword",
	"dms:DescribeReplicationInstances.KerberosAuthenticationSettings.Krb5FileContents",
	"dms:DescribeReplicationTasks.LastFailureMessage", // may quote rows
	"dms:DescribeReplicationTasks.TaskData",
	"athena:GetWorkGroup.WorkGroup.Configuration.AdditionalConfiguration",
	"athena:GetWorkGroup.**.AdditionalConfigs{}",
	"athena:GetWorkGroup.**.SparkProperties{}",
	"athena:GetWorkGroup.**.Properties{}",
	"glue:GetJobs.DefaultArguments{}",
	"glue:GetJobs.NonOverridableArguments{}",
	"glue:GetJobs.CodeGenConfigurationNodes{}",
	"glue:GetJobs.SourceControlDetails.AuthToken",
	"sagemaker:ListNotebookInstances.DefaultCodeRepository@",
	"sagemaker:ListNotebookInstances.AdditionalCodeRepositories[]",
	"sagemaker:DescribeNotebookInstance.DefaultCodeRepository@",
	"sagemaker:DescribeNotebookInstance.AdditionalCodeRepositories[]",
}

// redact withholds what the rules name in an answer and counts it by rule. What
// stands instead is a salted digest, so that two equal values can still be seen
// to be equal by whoever holds the salt; without a salt it is the bare word.
func redact(service, operation string, answer any, salt []byte, count func(rule string)) any {
	for _, rule := range redactions {
		at, path, _ := strings.Cut(rule, ".")
		if at == service+":"+operation {
			answer = withhold(answer, strings.Split(path, "."), salt, func() { count(rule) })
		}
	}
	return answer
}

func withhold(v any, path []string, salt []byte, count func()) any {
	if v == nil {
		return nil
	}
	if len(path) == 0 {
		text, ok := v.(string)
		if ok && (text == "" || text == "true" || text == "false") { // nothing to withhold, and worth knowing
			return v
		}
		what := collect.SecretIn(text)
		if what == "" && strings.HasPrefix(text, "arn:") {
			return v
		}
		count()
		if what != "" {
			return digest(v, salt) + holds + what
		}
		return digest(v, salt)
	}
	if path[0] == "**" {
		return withholdBelow(v, path, salt, count)
	}
	name, exempt, list := strings.Cut(strings.TrimSuffix(path[0], "]"), "[")
	name, values := strings.CutSuffix(name, "{}")
	name, address := strings.CutSuffix(name, "@")
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	x, ok := m[name]
	if !ok {
		return v
	}
	if rows, ok := x.([]any); ok && list {
		for i := range rows {
			if exempted(rows[i], exempt) {
				continue
			}
			rows[i] = withhold(rows[i], path[1:], salt, count)
		}
		return v
	}
	if rows, ok := x.(map[string]any); ok && values {
		for k := range rows {
			rows[k] = withhold(rows[k], path[1:], salt, count)
		}
		return v
	}
	if address {
		m[name] = withoutUser(x, salt, count)
		return v
	}
	m[name] = withhold(x, path[1:], salt, count)
	return v
}

// withholdBelow follows the path after "**" from v and from all that is in it.
func withholdBelow(v any, path []string, salt []byte, count func()) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = withholdBelow(v[k], path, salt, count)
		}
		return withhold(v, path[1:], salt, count)
	case []any:
		for i := range v {
			v[i] = withholdBelow(v[i], path, salt, count)
		}
	}
	return v
}

// exempted reports whether a row's field is one of those named: "Namespace!=a|b".
func exempted(row any, rule string) bool {
	field, values, ok := strings.Cut(rule, "!=")
	m, _ := row.(map[string]any)
	text, _ := m[field].(string)
	return ok && slices.Contains(strings.Split(values, "|"), text)
}

// withoutUser withholds who signs in at an address ("https://user:password@host/"),
// and the whole of an address that holds a credential elsewhere.
func withoutUser(v any, salt []byte, count func()) any {
	text, _ := v.(string)
	scheme, rest, _ := strings.Cut(text, "://")
	host, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		user := host[:at]
		what := collect.SecretIn(user)
		if what == "" && strings.Contains(user, ":") {
			what = "a password"
		}
		count()
		text = rest[at:]
		if what != "" {
			text = holds + what + text
		}
		text = scheme + "://" + digest(user, salt) + text
	}
	if what := collect.SecretIn(text); what != "" {
		count()
		return digest(v, salt) + holds + what
	}
	if v == nil {
		return nil
	}
	return text
}

// holds joins the digest of a withheld text to what a scanner knows the text by,
// so that a check can still say that a credential stands where none should.
const holds = ": holds "

// digest is "redacted:hmac-sha256:" and the first 16 hexadecimal digits, or
// "redacted" without a salt: a plain hash of an address is no secret.
func digest(v any, salt []byte) string {
	if len(salt) == 0 {
		return "redacted"
	}
	var text []byte
	switch v := v.(type) {
	case string:
		text = []byte(v)
	case json.Number:
		text = []byte(v)
	default:
		b, err := evidence.Canonical(v)
		if err != nil {
			return "redacted"
		}
		text = b
	}
	h := hmac.New(sha256.New, salt)
	h.Write(text)
	return "redacted:hmac-sha256:" + hex.EncodeToString(h.Sum(nil))[:16]
}
