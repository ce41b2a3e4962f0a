"""Log groups and their alarms, topics, queues, rules, secrets, parameters, stacks and
AWS's scanners: more of the story, and what moto does not answer of it.

The trails write to a log group each, where fifteen filters feed fifteen alarms. When
the shared account's trail is made anew in September 2026, nobody gives the new one its
log group back: from then on all fifteen are deaf.
"""

import datetime
import json

import compute  # noqa: F401  its events come first
from answers import ago, answers, fixes, now, when
from story import HOME, PROD, REGIONS, SHARED, at
from watching import alarm
from wire import Refusal

ACCOUNTS = (SHARED, PROD)

# --- topics -------------------------------------------------------------------------------


def on_call(account, region):
    return f"arn:aws:sns:{region}:{account}:on-call"


@at("2023-06-05T08:00:00Z")
def topics(c):
    """The pager hears of every account and region, over a key that CloudWatch and EventBridge may use."""
    for account in ACCOUNTS:
        for region in REGIONS:
            kms = c("kms", account, region)
            key = kms.create_key(Description="Alerts on their way to the pager")["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName="alias/alerts", TargetKeyId=key)
            kms.enable_key_rotation(KeyId=key)
            sns = c("sns", account, region)
            topic = sns.create_topic(Name="on-call", Attributes={"KmsMasterKeyId": "alias/alerts"})["TopicArn"]
            sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://pager.thistlebarrow.example/v1/aws")
    # Made for an integration with partners and never given a key.
    c("sns", PROD).create_topic(Name="rounds-appointments")


@at("2022-06-10T08:00:00Z")
def queues(c):
    sqs = c("sqs", PROD)
    for name in ("rounds-reminders", "rounds-exports"):
        dead = sqs.create_queue(QueueName=name + "-dead", Attributes={"SqsManagedSseEnabled": "true", "MessageRetentionPeriod": "1209600"})["QueueUrl"]
        dead = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.create_queue(QueueName=name, Attributes={"SqsManagedSseEnabled": "true", "RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": dead, "maxReceiveCount": "5"})})


@answers("sqs:GetQueueAttributes")
def _(s, x):
    """moto takes no question for RedriveAllowPolicy, which no queue of the story has."""
    names = [n for n in x.params["AttributeNames"] if n != "RedriveAllowPolicy"]
    return {"Attributes": s.client("sqs", x.account, x.region).get_queue_attributes(QueueUrl=x.params["QueueUrl"], AttributeNames=names)["Attributes"]}


# --- trails to alarms -----------------------------------------------------------------------


def calls(source, *names):
    return f"{{ ($.eventSource = {source}) && ({' || '.join(f'($.eventName = {n})' for n in names)}) }}"


PATTERNS = {
    "root-account-used": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    "unauthorized-api-calls": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    "console-sign-in-without-mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
                                   '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    "console-sign-in-failed": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    "iam-policy-changed": calls(
        "iam.amazonaws.com", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "PutGroupPolicy", "PutRolePolicy",
        "PutUserPolicy", "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "AttachGroupPolicy", "AttachRolePolicy",
        "AttachUserPolicy", "DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy"),
    "cloudtrail-changed": calls("cloudtrail.amazonaws.com", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    "kms-key-disabled-or-deleted": calls("kms.amazonaws.com", "DisableKey", "ScheduleKeyDeletion"),
    "bucket-policy-changed": calls(
        "s3.amazonaws.com", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
        "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"),
    "config-changed": calls("config.amazonaws.com", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"),
    "security-group-changed": calls(
        "ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup"),
    # An old list: entries of a network ACL that are replaced go unnoticed.
    "network-acl-changed": calls("ec2.amazonaws.com", "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
                                 "ReplaceNetworkAclAssociation"),
    "gateway-changed": calls("ec2.amazonaws.com", "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway",
                             "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"),
    "route-table-changed": calls("ec2.amazonaws.com", "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation",
                                 "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"),
    "vpc-changed": calls("ec2.amazonaws.com", "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection",
                         "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection"),
    "organization-changed": calls(
        "organizations.amazonaws.com", "AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy",
        "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType",
        "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization",
        "UpdateOrganizationalUnit", "UpdatePolicy"),
}
TRAIL = {SHARED: "audit-trail", PROD: "production-trail"}
TRAIL_LOGS = "aws-cloudtrail-logs"


@at("2023-06-05T10:00:00Z")
def trail_alarms(c):
    """Beside the six alarms there were already, nine more; and the filters that feed all of them."""
    for account in ACCOUNTS:
        logs = c("logs", account)
        logs.create_log_group(logGroupName=TRAIL_LOGS)
        logs.put_retention_policy(logGroupName=TRAIL_LOGS, retentionInDays=731)
        c("cloudtrail", account).update_trail(
            Name=TRAIL[account], CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{account}:log-group:{TRAIL_LOGS}:*",
            CloudWatchLogsRoleArn=f"arn:aws:iam::{account}:role/trail-to-logs")
        there = {a["AlarmName"] for a in c("cloudwatch", account).describe_alarms()["MetricAlarms"]}
        for name, pattern in PATTERNS.items():
            logs.put_metric_filter(logGroupName=TRAIL_LOGS, filterName=name, filterPattern=pattern, metricTransformations=[
                {"metricName": name, "metricNamespace": "CloudTrailMetrics", "metricValue": "1", "defaultValue": 0.0}])
            if name not in there:
                alarm(c, account, name, name, "CloudTrailMetrics", 1)


@at("2023-06-05T11:00:00Z")
def balancer_alarms(c):
    """The alarm on errors of the product's load balancer names it; partners' has one too."""
    for region, name, balancer in ((HOME, "rounds-web-5xx", "rounds-web"), ("eu-west-1", "partner-api-unhealthy", "partner-api")):
        arn = next(b["LoadBalancerArn"] for b in c("elbv2", PROD, region).describe_load_balancers()["LoadBalancers"] if b["LoadBalancerName"] == balancer)
        metric, threshold = ("HTTPCode_ELB_5XX_Count", 25) if region == HOME else ("UnHealthyHostCount", 1)
        alarm(c, PROD, name, metric, "AWS/ApplicationELB", threshold, region, LoadBalancer=arn.partition(":loadbalancer/")[2])


# --- log groups -------------------------------------------------------------------------------

MASKED = ("/rounds/api", "/rounds/worker", "/rounds/search")


@at("2023-06-05T12:00:00Z")
def log_groups(c):
    for region in (HOME, "eu-west-1"):
        logs, kms = c("logs", PROD, region), c("kms", PROD, region)
        key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/rounds-database")
        for name in MASKED[:2] if region == "eu-west-1" else MASKED:
            logs.create_log_group(logGroupName=name, kmsKeyId=f"arn:aws:kms:{region}:{PROD}:key/{key}")
            logs.put_retention_policy(logGroupName=name, retentionInDays=365)
    logs = c("logs", PROD)
    for name, days in (("aws-waf-logs-rounds", 365), ("/aws/rds/instance/rounds-primary/postgresql", 365), ("/aws/rds/instance/reporting/postgresql", 30)):
        logs.create_log_group(logGroupName=name)
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


@fixes("logs:DescribeLogGroups")
def _(s, x, out):
    """moto knows nothing of classes and of what is masked."""
    for g in out["logGroups"]:
        g.setdefault("logGroupClass", "STANDARD")
        g["logGroupArn"] = g["arn"].removesuffix(":*")
        if g["logGroupName"] in MASKED:
            g["dataProtectionStatus"] = "ACTIVATED"
    return out


@answers("logs:DescribeLogStreams")
def _(s, x):
    """The newest stream of a group; every group was written to in the last minutes."""
    group = x.params["logGroupName"]
    name, at_ = f"{x.account}_{x.region}", int(ago(minutes=3, seconds=len(group)).timestamp() * 1000)
    return {"logStreams": [{"logStreamName": name, "creationTime": int(when("2023-06-05T12:10:00Z").timestamp() * 1000),
                            "firstEventTimestamp": int(when("2023-06-05T12:11:00Z").timestamp() * 1000), "lastEventTimestamp": at_,
                            "lastIngestionTime": at_ + 900, "arn": f"arn:aws:logs:{x.region}:{x.account}:log-group:{group}:log-stream:{name}",
                            "storedBytes": 0}]}


QUERIES = {
    "who-assumed-which-role": "filter eventName = 'AssumeRole' | stats count(*) by userIdentity.arn, requestParameters.roleArn",
    "what-a-key-did": "filter userIdentity.accessKeyId = 'KEY' | fields eventTime, eventSource, eventName, sourceIPAddress | sort eventTime asc",
    "sign-ins-by-address": "filter eventName = 'ConsoleLogin' | stats count(*) by sourceIPAddress, responseElements.ConsoleLogin",
}


@answers("logs:DescribeQueryDefinitions")
def _(s, x):
    if x.region != HOME:
        return {"queryDefinitions": []}
    return {"queryDefinitions": [{
        "queryDefinitionId": f"00000000-0000-4000-8000-{n:012d}", "name": name, "queryString": text, "queryLanguage": "CWLI",
        "lastModified": int(when("2024-02-19T09:00:00Z").timestamp() * 1000), "logGroupNames": [TRAIL_LOGS]}
        for n, (name, text) in enumerate(QUERIES.items(), 1)]}


@answers("cloudwatch:DescribeAlarmHistory")
def _(s, x):
    """Twice in the month before a run calls were refused in production, and the pager was told."""
    out = []
    if (x.account, x.region) == (PROD, HOME):
        for days, hour in ((19, 9), (6, 15)):
            t = (now() - datetime.timedelta(days=days)).replace(hour=hour, minute=4, second=12, microsecond=0)
            for kind, later, summary in (("StateUpdate", 0, "Alarm updated from OK to ALARM"),
                                         ("Action", 1, f"Successfully executed action {on_call(PROD, HOME)}"),
                                         ("StateUpdate", 300, "Alarm updated from ALARM to OK")):
                out.append({"AlarmName": "unauthorized-api-calls", "AlarmType": "MetricAlarm", "Timestamp": t + datetime.timedelta(seconds=later),
                            "HistoryItemType": kind, "HistorySummary": summary})
    return {"AlarmHistoryItems": out}


# --- rules ------------------------------------------------------------------------------------


def guardduty_rule(c, account, region):
    events = c("events", account, region)
    events.put_rule(Name="guardduty-high", State="ENABLED", Description="High findings to the pager", EventPattern=json.dumps(
        {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [{"numeric": [">=", 7]}]}}))
    events.put_targets(Rule="guardduty-high", Targets=[{"Id": "pager", "Arn": on_call(account, region)}])


@at("2023-06-05T13:00:00Z")
def rules(c):
    for account in ACCOUNTS:
        for region in REGIONS:
            if (account, region) != (SHARED, "eu-central-1"):
                guardduty_rule(c, account, region)


@at("2023-06-05T14:00:00Z")
def protections(c):
    for account in ACCOUNTS:
        for region in REGIONS:
            protect(c, account, region)


def protect(c, account, region):
    gd = c("guardduty", account, region)
    for d in gd.list_detectors()["DetectorIds"]:
        gd.update_detector(DetectorId=d, Features=[{"Name": n, "Status": "ENABLED"} for n in (
            "S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS")])


@at("2026-07-22T09:30:00Z")
def failover_protected(c):
    """What was forgotten when the detector was made in March. The rule to the pager still is."""
    protect(c, SHARED, "eu-central-1")


@answers("guardduty:GetAdministratorAccount")
def _(s, x):
    return {}  # nobody administers GuardDuty for the organization


@answers("guardduty:ListOrganizationAdminAccounts")
def _(s, x):
    if x.account != SHARED:
        raise Refusal(400, "BadRequestException", "The request failed because the account is not the organization's management account.")
    return {"AdminAccounts": []}


@answers("guardduty:DescribeOrganizationConfiguration")
def _(s, x):
    raise Refusal(400, "BadRequestException", "The request is rejected because the account is not the GuardDuty delegated administrator.")


@answers("guardduty:ListMembers")
def _(s, x):
    return {"Members": []}


# --- Config ---------------------------------------------------------------------------------


@fixes("config:DescribeConfigurationRecorderStatus")
def _(s, x, out):
    """moto's recorders stay as they were when they began."""
    for r in out["ConfigurationRecordersStatus"]:
        r.update(lastStatus="SUCCESS", lastStatusChangeTime=ago(minutes=11))
    return out


@answers("config:DescribeDeliveryChannelStatus")
def _(s, x):
    names = x.params.get("DeliveryChannelNames") or [c["name"] for c in s.client("config", x.account, x.region).describe_delivery_channels()["DeliveryChannels"]]
    went = {"lastStatus": "SUCCESS", "lastAttemptTime": ago(hours=3), "lastSuccessfulTime": ago(hours=3)}
    return {"DeliveryChannelsStatus": [{
        "name": n, "configSnapshotDeliveryInfo": {"lastStatus": "NOT_APPLICABLE"}, "configHistoryDeliveryInfo": dict(went, nextDeliveryTime=now() + datetime.timedelta(hours=3)),
        "configStreamDeliveryInfo": {"lastStatus": "NOT_APPLICABLE"}} for n in names]}


PACK = "soc2-baseline"


def packs(x):
    return [PACK] if (x.account, x.region) == (PROD, HOME) else []


def pack_arn(x):
    return f"arn:aws:config:{x.region}:{x.account}:conformance-pack/{PACK}/conformance-pack-5s4m3p2l1"


@answers("config:DescribeConformancePacks")
def _(s, x):
    return {"ConformancePackDetails": [{
        "ConformancePackName": n, "ConformancePackArn": pack_arn(x), "ConformancePackId": "conformance-pack-5s4m3p2l1", "DeliveryS3Bucket": "",
        "ConformancePackInputParameters": [{"ParameterName": "AccessKeysRotatedParamMaxAccessKeyAge", "ParameterValue": "90"}],
        "LastUpdateRequestedTime": when("2024-01-15T10:00:00Z")} for n in packs(x)]}


@answers("config:DescribeConformancePackStatus")
def _(s, x):
    return {"ConformancePackStatusDetails": [{
        "ConformancePackName": n, "ConformancePackId": "conformance-pack-5s4m3p2l1", "ConformancePackArn": pack_arn(x), "ConformancePackState": "CREATE_COMPLETE",
        "StackArn": f"arn:aws:cloudformation:{x.region}:{x.account}:stack/awsconfigconforms-{PACK}/7c0d7b10-b38f-11ee-8c99-0242ac120002",
        "LastUpdateRequestedTime": when("2024-01-15T10:00:00Z"), "LastUpdateCompletedTime": when("2024-01-15T10:03:20Z")} for n in packs(x)]}


@answers("config:GetConformancePackComplianceSummary")
def _(s, x):
    return {"ConformancePackComplianceSummaryList": [{"ConformancePackName": n, "ConformancePackComplianceStatus": "NON_COMPLIANT"} for n in packs(x)]}


@answers("config:ListConformancePackComplianceScores")
def _(s, x):
    return {"ConformancePackComplianceScores": [{"ConformancePackName": n, "Score": "94.12", "LastUpdatedTime": ago(hours=7)} for n in packs(x)]}


@answers("config:GetDiscoveredResourceCounts")
def _(s, x):
    def c(service):
        return s.client(service, x.account, x.region)

    counts = {
        "AWS::EC2::SecurityGroup": len(c("ec2").describe_security_groups()["SecurityGroups"]),
        "AWS::EC2::Subnet": len(c("ec2").describe_subnets()["Subnets"]),
        "AWS::EC2::VPC": len(c("ec2").describe_vpcs()["Vpcs"]),
        "AWS::KMS::Key": len(c("kms").list_keys()["Keys"]),
        "AWS::RDS::DBInstance": len(c("rds").describe_db_instances()["DBInstances"]),
    }
    if x.region == HOME:
        counts["AWS::IAM::Role"] = len(c("iam").list_roles()["Roles"])
        counts["AWS::IAM::User"] = len(c("iam").list_users()["Users"])
    rows = [{"resourceType": k, "count": n} for k, n in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])) if n]
    return {"totalDiscoveredResources": sum(counts.values()), "resourceCounts": rows}


# --- Inspector and Macie ------------------------------------------------------------------------

# Since when: account, region. The failover region of the shared account has nothing to scan.
NOT_SCANNED = {(SHARED, "eu-central-1")}
NO_MACIE = {(SHARED, "eu-west-1"), (SHARED, "eu-central-1")}


@answers("inspector2:BatchGetAccountStatus")
def _(s, x):
    state = {"status": "DISABLED" if (x.account, x.region) in NOT_SCANNED else "ENABLED", "errorCode": "ALREADY_ENABLED", "errorMessage": ""}
    return {"accounts": [{"accountId": a, "state": state, "resourceState": {k: state for k in ("ec2", "ecr", "lambda", "lambdaCode")}}
                         for a in x.params.get("accountIds") or [x.account]], "failedAccounts": []}


@answers("inspector2:ListCoverage")
def _(s, x):
    out = []
    for r in s.client("ecr", x.account, x.region).describe_repositories()["repositories"]:
        out.append({"resourceType": "AWS_ECR_REPOSITORY", "resourceId": r["repositoryArn"], "accountId": x.account, "scanType": "PACKAGE",
                    "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
                    "resourceMetadata": {"ecrRepository": {"name": r["repositoryName"], "scanFrequency": "CONTINUOUS_SCAN"}}})
    for i in running(s, x):
        out.append({"resourceType": "AWS_EC2_INSTANCE", "resourceId": i["InstanceId"], "accountId": x.account, "scanType": "PACKAGE",
                    "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"}, "lastScannedAt": ago(hours=9), "scanMode": "EC2_SSM_AGENT_BASED",
                    "resourceMetadata": {"ec2": {"amiId": i["ImageId"], "platform": "LINUX"}}})
    return {"coveredResources": sorted(out, key=lambda r: r["resourceId"])}


# id, vulnerability, package, severity, first seen, fixed ("" not yet), resource
VULNERABILITIES = [
    ("5b0c1e7d", "CVE-2025-61984", "openssh", "HIGH", "2025-10-21T04:10:00Z", "2025-11-12T04:10:00Z"),
    ("8a41f0c3", "CVE-2026-21441", "python3-urllib3", "HIGH", "2026-01-14T04:10:00Z", "2026-02-03T04:10:00Z"),
    ("c97d24e8", "CVE-2026-27135", "nghttp2", "CRITICAL", "2026-06-19T04:10:00Z", "2026-07-02T04:10:00Z"),
    ("e13f86ab", "CVE-2026-40919", "libxml2", "CRITICAL", "2026-09-17T04:10:00Z", ""),
]


@answers("inspector2:ListFindings")
def _(s, x):
    """Findings about the search servers; a closed one is kept for a month."""
    out = []
    servers = sorted(i["InstanceId"] for i in running(s, x)) if (x.account, x.region) == (PROD, HOME) else []
    for fid, cve, package, severity, first, fixed in VULNERABILITIES:
        closed = bool(fixed) and when(fixed) <= now()
        if not servers or when(first) > now() or closed and when(fixed) < ago(days=30):
            continue
        last = when(fixed) if closed else ago(hours=9)
        out.append({
            "findingArn": f"arn:aws:inspector2:{HOME}:{PROD}:finding/{fid}{fid}{fid}{fid}", "awsAccountId": PROD, "type": "PACKAGE_VULNERABILITY",
            "title": f"{cve} - {package}", "description": f"A weakness of {package}.", "severity": severity, "status": "CLOSED" if closed else "ACTIVE",
            "firstObservedAt": when(first), "lastObservedAt": last, "updatedAt": last, "fixAvailable": "YES", "exploitAvailable": "NO",
            "inspectorScore": 9.8 if severity == "CRITICAL" else 7.5, "remediation": {"recommendation": {"text": "None Provided"}},
            "resources": [{"type": "AWS_EC2_INSTANCE", "id": servers[0], "partition": "aws", "region": HOME}],
            "packageVulnerabilityDetails": {"vulnerabilityId": cve, "source": "NVD", "vulnerablePackages": [{"name": package, "version": "1.0.0", "packageManager": "OS"}]}})
    return {"findings": out}


@answers("macie2:GetMacieSession")
def _(s, x):
    if (x.account, x.region) in NO_MACIE:
        raise Refusal(403, "AccessDeniedException", "Macie is not enabled")
    return {"createdAt": when("2024-03-04T10:00:00Z"), "updatedAt": when("2024-03-04T10:00:00Z"), "status": "ENABLED",
            "findingPublishingFrequency": "SIX_HOURS",
            "serviceRole": f"arn:aws:iam::{x.account}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"}


@answers("macie2:GetAutomatedDiscoveryConfiguration")
def _(s, x):
    return {"status": "ENABLED", "autoEnableOrganizationMembers": "NONE", "firstEnabledAt": when("2024-03-04T10:05:00Z"),
            "lastUpdatedAt": when("2024-03-04T10:05:00Z"), "classificationScopeId": "0123456789abcdef0123456789abcdef",
            "sensitivityInspectionTemplateId": "fedcba9876543210fedcba9876543210"}


# --- secrets and parameters -----------------------------------------------------------------------

# By name: how often it is replaced, in days; the partner's key only they can replace.
SECRETS = {"rounds/database": 30, "rounds/session-signing": 90, "rounds/carrier-wren": 0}


@at("2022-06-11T08:00:00Z")
def secrets(c):
    for name in ("rounds/database", "rounds/session-signing"):
        c("secretsmanager", PROD).create_secret(Name=name, SecretString="sample-only-not-a-secret")


@at("2026-04-02T09:00:00Z")
def partner_secret(c):
    c("secretsmanager", PROD).create_secret(Name="rounds/carrier-wren", SecretString="sample-only-not-a-secret")


@fixes("secretsmanager:ListSecrets")
def _(s, x, out):
    """moto rotates with a function it runs; the story's secrets are rotated on their day."""
    for e in out["SecretList"]:
        days = SECRETS.get(e["Name"], 0)
        e["LastAccessedDate"] = ago(days=1).replace(hour=0, minute=0, second=0, microsecond=0)
        if not days:
            e.pop("RotationEnabled", None)
            continue
        begun = when("2022-06-11T08:30:00Z")
        last = begun + (now() - begun) // datetime.timedelta(days=days) * datetime.timedelta(days=days)
        e.update(RotationEnabled=True, RotationLambdaARN=f"arn:aws:lambda:{HOME}:{PROD}:function:rotate-secret", RotationRules={"AutomaticallyAfterDays": days},
                 LastRotatedDate=last, LastChangedDate=last, NextRotationDate=last + datetime.timedelta(days=days))
    return out


@at("2022-06-11T09:00:00Z")
def parameters(c):
    ssm = c("ssm", PROD)
    for name, kind in (("/rounds/production/log-level", "String"), ("/rounds/production/feature-flags", "StringList"),
                       ("/rounds/production/sms/api-key", "SecureString"), ("/rounds/legacy/smtp-password", "String")):
        ssm.put_parameter(Name=name, Value="sample-only-not-a-secret", Type=kind)


@at("2023-09-05T09:00:00Z")
def documents(c):
    c("ssm", PROD).create_document(Name="rounds-restart-search", DocumentType="Command", DocumentFormat="JSON", Content=json.dumps({
        "schemaVersion": "2.2", "description": "Restarts search, one server after another", "mainSteps": [
            {"action": "aws:runShellScript", "name": "restart", "inputs": {"runCommand": ["systemctl restart rounds"]}}]}))


# --- hosts ----------------------------------------------------------------------------------------


def running(s, x):
    rows = s.client("ec2", x.account, x.region).describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])["Reservations"]
    return sorted((i for r in rows for i in r["Instances"]), key=lambda i: i["InstanceId"])


@answers("ssm:DescribeInstanceInformation")
def _(s, x):
    return {"InstanceInformationList": [{
        "InstanceId": i["InstanceId"], "PingStatus": "Online", "LastPingDateTime": ago(minutes=2), "AgentVersion": "3.3.1611.0", "IsLatestVersion": True,
        "PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2", "ResourceType": "EC2Instance", "IPAddress": i["PrivateIpAddress"],
        "ComputerName": i["PrivateDnsName"], "AssociationStatus": "Success", "LastAssociationExecutionDate": ago(hours=5),
        "LastSuccessfulAssociationExecutionDate": ago(hours=5), "SourceId": i["InstanceId"], "SourceType": "AWS::EC2::Instance"} for i in running(s, x)]}


@answers("ssm:DescribeInstancePatchStates")
def _(s, x):
    return {"InstancePatchStates": [{
        "InstanceId": i, "PatchGroup": "", "BaselineId": "arn:aws:ssm:us-east-1:075727635805:patchbaseline/pb-0c10e65780EXAMPLE", "InstalledCount": 412,
        "InstalledOtherCount": 7, "MissingCount": 0, "FailedCount": 0, "NotApplicableCount": 1630, "CriticalNonCompliantCount": 0,
        "SecurityNonCompliantCount": 0, "OtherNonCompliantCount": 0, "Operation": "Install", "RebootOption": "RebootIfNeeded",
        "OperationStartTime": ago(days=3, hours=2), "OperationEndTime": ago(days=3, hours=1)} for i in sorted(x.params["InstanceIds"])]}


@answers("ssm:ListResourceComplianceSummaries")
def _(s, x):
    none = {k + "Count": 0 for k in ("Critical", "High", "Medium", "Low", "Informational", "Unspecified")}
    return {"ResourceComplianceSummaryItems": [{
        "ComplianceType": kind, "ResourceType": "ManagedInstance", "ResourceId": i["InstanceId"], "Status": "COMPLIANT", "OverallSeverity": "UNSPECIFIED",
        "ExecutionSummary": {"ExecutionTime": ago(hours=5)}, "CompliantSummary": {"CompliantCount": n, "SeveritySummary": dict(none, UnspecifiedCount=n)},
        "NonCompliantSummary": {"NonCompliantCount": 0, "SeveritySummary": none}} for i in running(s, x) for kind, n in (("Association", 2), ("Patch", 412))]}


# --- stacks -------------------------------------------------------------------------------------

# The infrastructure is Terraform's; two stacks came from vendors' templates. name, checked for drift, tags
STACKS = [("organization-baseline", True, {"environment": "production", "owner": "platform"}), ("telemetry-export-role", False, {"owner": "platform"})]


@answers("cloudformation:DescribeStacks")
def _(s, x):
    out = []
    for n, (name, checked, tags) in enumerate(STACKS if (x.account, x.region) == (PROD, HOME) else STACKS[:1] if x.region == HOME else [], 1):
        drift = {"StackDriftStatus": "IN_SYNC", "LastCheckTimestamp": ago(days=8)} if checked else {"StackDriftStatus": "NOT_CHECKED"}
        out.append({
            "StackId": f"arn:aws:cloudformation:{x.region}:{x.account}:stack/{name}/0a{n}e1b60-2f4d-11ec-9c5a-0242ac120002", "StackName": name,
            "CreationTime": when("2021-10-18T09:00:00Z"), "StackStatus": "CREATE_COMPLETE", "DisableRollback": False, "NotificationARNs": [],
            "Capabilities": ["CAPABILITY_NAMED_IAM"], "Tags": [{"Key": k, "Value": v} for k, v in sorted(tags.items())],
            "Parameters": [{"ParameterKey": "ExternalId", "ParameterValue": "sample-only-not-a-secret"}] if not checked else [],
            "EnableTerminationProtection": checked, "DriftInformation": drift})
    return {"Stacks": out}


# --- tags ---------------------------------------------------------------------------------------

TAGGED = ("dynamodb:table", "ec2:instance", "ec2:subnet", "ec2:volume", "ec2:vpc", "rds:cluster", "rds:db", "s3", "secretsmanager", "sqs")


@answers("resourcegroupstaggingapi:GetResources")
def _(s, x):
    """moto stumbles over some kinds of resources; these are what it knows the tags of, in one page."""
    rows = {}
    for kind in TAGGED:
        for page in s.client("resourcegroupstaggingapi", x.account, x.region).get_paginator("get_resources").paginate(ResourceTypeFilters=[kind]):
            rows.update({r["ResourceARN"]: sorted(r["Tags"], key=lambda t: t["Key"]) for r in page["ResourceTagMappingList"]})
    where = {"": x.region}  # buckets' ARNs name no region
    for b in s.client("s3", x.account).list_buckets()["Buckets"] if any(a.startswith("arn:aws:s3:") for a in rows) else []:
        where[b["Name"]] = s.client("s3", x.account).get_bucket_location(Bucket=b["Name"])["LocationConstraint"] or HOME
    return {"PaginationToken": "", "ResourceTagMappingList": [
        {"ResourceARN": a, "Tags": tags} for a, tags in sorted(rows.items())
        if tags and (not a.startswith("arn:aws:s3:") or where.get(a.rpartition(":")[2]) == x.region)]}
