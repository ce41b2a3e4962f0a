"""Trails, detectors, recorders, hubs, alarms: more of the story."""

from story import HOME, PROD, REGIONS, SHARED, at

# --- trails, detectors, recorders, hubs ----------------------------------------------------


def trail(c, account, name, everywhere, validated=True):
    ct = c("cloudtrail", account)
    ct.create_trail(Name=name, S3BucketName="thistlebarrow-audit-trail", IsMultiRegionTrail=everywhere,
                    IncludeGlobalServiceEvents=True, EnableLogFileValidation=validated)
    ct.put_event_selectors(TrailName=name, EventSelectors=[
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}])
    ct.start_logging(Name=name)


@at("2021-03-03T09:00:00Z")
def trails(c):
    trail(c, SHARED, "audit-trail", True)
    trail(c, PROD, "production-trail", False)


@at("2026-02-20T11:00:00Z")
def production_everywhere(c):
    c("cloudtrail", PROD).update_trail(Name="production-trail", IsMultiRegionTrail=True)


@at("2026-09-08T14:30:00Z")
def trail_replaced(c):
    """Moving the log bucket, the trail was made anew, with the default of the tool: one region."""
    c("cloudtrail", SHARED).delete_trail(Name="audit-trail")
    trail(c, SHARED, "audit-trail-v2", False)


CONFIG_RULES = [
    ("mfa-enabled-for-iam-console-access", "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS"),
    ("access-keys-rotated", "ACCESS_KEYS_ROTATED"),
    ("s3-bucket-server-side-encryption-enabled", "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED"),
    ("s3-bucket-public-read-prohibited", "S3_BUCKET_PUBLIC_READ_PROHIBITED"),
    ("rds-storage-encrypted", "RDS_STORAGE_ENCRYPTED"),
    ("restricted-ssh", "INCOMING_SSH_DISABLED"),
    ("cloud-trail-log-file-validation-enabled", "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"),
]
# Rules are deployed where there is something to look at; the others in the home region.
RULED = {(PROD, "INCOMING_SSH_DISABLED"): REGIONS, (SHARED, "INCOMING_SSH_DISABLED"): REGIONS,
         (PROD, "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED"): REGIONS, (PROD, "S3_BUCKET_PUBLIC_READ_PROHIBITED"): REGIONS,
         (PROD, "RDS_STORAGE_ENCRYPTED"): ["us-east-1", "eu-west-1"], (SHARED, "RDS_STORAGE_ENCRYPTED"): []}


def watch(c, account, region, guardduty=True, hub=True):
    if guardduty:
        c("guardduty", account, region).create_detector(Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES", Features=[
            {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}, {"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}])
    cfg = c("config", account, region)
    cfg.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": region == HOME}})
    cfg.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "thistlebarrow-config-history"})
    cfg.start_configuration_recorder(ConfigurationRecorderName="default")
    for name, source in CONFIG_RULES:
        if region not in RULED.get((account, source), [HOME]):
            continue
        more = {"InputParameters": '{"maxAccessKeyAge":"90"}'} if source == "ACCESS_KEYS_ROTATED" else {}
        cfg.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": {"Owner": "AWS", "SourceIdentifier": source},
                                        "Description": f"AWS managed rule {source}", **more})
    if hub:
        c("securityhub", account, region).enable_security_hub(EnableDefaultStandards=True)


@at("2023-05-08T09:00:00Z")
def watching(c):
    for account in (SHARED, PROD):
        for region in REGIONS:
            failover = region == "eu-central-1"
            watch(c, account, region, guardduty=not (failover and account == SHARED), hub=not (failover and account == PROD))


@at("2026-03-24T10:00:00Z")
def guardduty_everywhere(c):
    c("guardduty", SHARED, "eu-central-1").create_detector(Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES")


@at("2023-05-08T10:00:00Z")
def volumes(c):
    for account in (SHARED, PROD):
        for region in REGIONS:
            if (account, region) != (SHARED, "eu-central-1"):
                c("ec2", account, region).enable_ebs_encryption_by_default()


@at("2026-03-24T10:30:00Z")
def volumes_everywhere(c):
    c("ec2", SHARED, "eu-central-1").enable_ebs_encryption_by_default()


# --- alarms -----------------------------------------------------------------------------------


def alarm(c, account, name, metric, namespace, threshold, region=HOME, **dimensions):
    topic = c("sns", account, region).create_topic(Name="on-call")["TopicArn"]
    c("cloudwatch", account, region).put_metric_alarm(
        AlarmName=name, AlarmDescription=name.replace("-", " "), MetricName=metric, Namespace=namespace, Statistic="Sum",
        Period=300, EvaluationPeriods=1, Threshold=threshold, ComparisonOperator="GreaterThanOrEqualToThreshold",
        ActionsEnabled=True, AlarmActions=[topic], TreatMissingData="notBreaching",
        Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()])


@at("2023-06-05T09:00:00Z")
def alarms(c):
    for account in (SHARED, PROD):
        for name in ("root-account-used", "console-sign-in-without-mfa", "unauthorized-api-calls", "iam-policy-changed",
                     "cloudtrail-changed", "security-group-changed"):
            alarm(c, account, name, name, "CloudTrailMetrics", 1)
    alarm(c, PROD, "rounds-web-5xx", "HTTPCode_ELB_5XX_Count", "AWS/ApplicationELB", 25)
    alarm(c, PROD, "rounds-primary-free-storage", "FreeStorageSpace", "AWS/RDS", 20, DBInstanceIdentifier="rounds-primary")
    alarm(c, PROD, "reminder-queue-age", "ApproximateAgeOfOldestMessage", "AWS/SQS", 900, QueueName="rounds-reminders")
    for name in ("partner-api-5xx", "rounds-eu-connections", "appointments-replica-lag"):
        alarm(c, PROD, name, name, "Thistlebarrow/Rounds", 10, "eu-west-1")
