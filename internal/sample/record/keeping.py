"""Who is let in and what is kept: contacts, what people last used, trails, buckets.

moto keeps trails and buckets; what it does not know of them, and what IAM and
CloudTrail remember of people, is worked out here from the day of the run.
"""

import datetime
import hashlib
import json

from answers import FIXES, USE, ago, answers, fixes, last, now, when
from infrastructure import bucket, service_writes, tls_only
from story import HOME, PROD, SHARED, at, policy, role, tags, trust
from wire import Refusal

# --- trails -------------------------------------------------------------------------------


@at("2021-03-03T09:33:00Z")
def trails_kept(c):
    """What trails write is encrypted, and tells of every object. Alarms hear of it in alerting.py."""
    kms = c("kms", SHARED)
    key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/audit-trail")
    for account, name in ((SHARED, "audit-trail"), (PROD, "production-trail")):
        ct = c("cloudtrail", account)
        ct.update_trail(Name=name, KmsKeyId=f"arn:aws:kms:{HOME}:{SHARED}:key/{key}")
        ct.put_event_selectors(TrailName=name, EventSelectors=[
            {"ReadWriteType": "All", "IncludeManagementEvents": True,
             "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])


delivered = FIXES["cloudtrail:GetTrailStatus"]


@answers("cloudtrail:GetTrailStatus")
def _(s, x):
    """As services.py corrects it, and when CloudWatch Logs last had something of the trail."""
    ct = s.client("cloudtrail", x.account, x.region)
    out = {k: v for k, v in ct.get_trail_status(Name=x.params["Name"]).items() if k != "ResponseMetadata"}
    out = delivered(s, x, out)
    trails = ct.describe_trails(includeShadowTrails=False)["trailList"]
    if any(t["TrailARN"] == x.params["Name"] and t.get("CloudWatchLogsLogGroupArn") for t in trails):
        out["LatestCloudWatchLogsDeliveryTime"] = ago(minutes=6)
    return out


# --- buckets ------------------------------------------------------------------------------

# account, region, bucket: class of data, what it holds, how much depends on it, days until objects go
KEPT = [
    (SHARED, HOME, "thistlebarrow-audit-trail", "internal", "logs", "high", 1095),
    (SHARED, HOME, "thistlebarrow-config-history", "internal", "records", "normal", 1095),
    (SHARED, HOME, "thistlebarrow-terraform-state", "internal", "configuration", "high", None),
    (SHARED, HOME, "thistlebarrow-ci-artifacts", "internal", "artifacts", "normal", None),
    (PROD, HOME, "thistlebarrow-rounds-uploads", "confidential", "documents", "critical", None),
    (PROD, "eu-west-1", "thistlebarrow-rounds-uploads-eu", "confidential", "documents", "critical", None),
    (PROD, HOME, "thistlebarrow-rounds-backups", "confidential", "backups", "high", 35),
    (PROD, "eu-west-1", "thistlebarrow-rounds-backups-eu", "confidential", "backups", "high", 35),
    (PROD, "eu-central-1", "thistlebarrow-failover-copies", "confidential", "documents", "high", None),
    (PROD, HOME, "thistlebarrow-alb-logs", "internal", "logs", "normal", 365),
]
# Where the data is confidential, the key: the uploads of Ireland were overlooked.
KEYS = {("thistlebarrow-rounds-uploads", HOME): "rounds-uploads", ("thistlebarrow-rounds-backups", HOME): "rounds-database",
        ("thistlebarrow-rounds-backups-eu", "eu-west-1"): "rounds-database", ("thistlebarrow-failover-copies", "eu-central-1"): "failover"}


def rules(days):
    out = [{"ID": "old-versions", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 35},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]
    if days:
        out.append({"ID": "retention", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}})
    return {"Rules": out}


@at("2021-03-04T09:03:00Z")
def buckets_kept(c):
    for account, region, name, klass, content, criticality, days in KEPT:
        s3 = c("s3", account, region)
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags(owner="platform", content=content, criticality=criticality, **{"data-class": klass})})
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=rules(days))
        if alias := KEYS.get((name, region)):
            key = next(a["TargetKeyId"] for a in c("kms", account, region).list_aliases()["Aliases"] if a["AliasName"] == f"alias/{alias}")
            s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{"BucketKeyEnabled": True,
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:{region}:{account}:key/{key}"}}]})


@at("2021-03-04T09:23:00Z")
def access_logs(c):
    """Who reads the logs and the state of the infrastructure is logged in its turn."""
    name = "thistlebarrow-access-logs"
    bucket(c, SHARED, name)
    s3 = c("s3", SHARED)
    writes = service_writes(name, "logging.s3.amazonaws.com", "*")
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [writes]}))  # moto reads no other principal
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=rules(400))
    for source in ("thistlebarrow-audit-trail", "thistlebarrow-config-history", "thistlebarrow-terraform-state", "thistlebarrow-ci-artifacts"):
        s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": name, "TargetPrefix": source + "/"}})
    tls_only(c, SHARED, name, statements=[writes])


@at("2021-03-04T09:43:00Z")
def copies(c):
    """What customers upload is copied to the failover region."""
    to = "arn:aws:s3:::thistlebarrow-failover-copies"
    may = policy(c, PROD, "uploads-replication", json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"], "Resource": "arn:aws:s3:::thistlebarrow-rounds-uploads*"},
        {"Effect": "Allow", "Action": ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"], "Resource": "arn:aws:s3:::thistlebarrow-rounds-uploads*/*"},
        {"Effect": "Allow", "Action": ["s3:ReplicateObject", "s3:ReplicateDelete"], "Resource": to + "/*"}]}), "Copies uploads to the failover region")
    role(c, PROD, "uploads-replication", trust(Service="s3.amazonaws.com"), [may], "Copies uploads to the failover region")
    for name, region in (("thistlebarrow-rounds-uploads", HOME), ("thistlebarrow-rounds-uploads-eu", "eu-west-1")):
        c("s3", PROD, region).put_bucket_replication(Bucket=name, ReplicationConfiguration={
            "Role": f"arn:aws:iam::{PROD}:role/uploads-replication", "Rules": [
                {"ID": "failover", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "Destination": {"Bucket": to},
                 "DeleteMarkerReplication": {"Status": "Disabled"}}]})


@at("2026-05-06T09:10:00Z")
def artifacts_encrypted_on_the_way(c):
    tls_only(c, SHARED, "thistlebarrow-ci-artifacts")


@answers("s3:GetBucketNotificationConfiguration")
def _(s, x):
    """moto keeps no notification to EventBridge."""
    told = {name for _, _, name, *_ in KEPT} | {"thistlebarrow-access-logs"}
    return {"EventBridgeConfiguration": {}} if x.params["Bucket"] in told else {}


# Buckets whose objects are locked, and for how many days.
LOCKED = {"thistlebarrow-audit-trail": 365, "thistlebarrow-config-history": 365}


@answers("s3:GetObjectLockConfiguration")
def _(s, x):
    """moto locks only what was made with a lock; AWS lets a bucket be locked later."""
    days = LOCKED.get(x.params["Bucket"])
    if not days:
        raise Refusal(404, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": days}}}}


@fixes("kms:DescribeKey")
def _(s, x, out):
    """The keys AWS makes for EBS and others, which moto makes as the customer's own."""
    if out["KeyMetadata"].get("Description", "").startswith("Default master key that protects my "):
        out["KeyMetadata"].update(KeyManager="AWS", Description=out["KeyMetadata"]["Description"].replace("master key", "key"))
    return out


# --- the account, and who is let in --------------------------------------------------------


@answers("account:GetAlternateContact")
def _(s, x):
    """Production had none until the new head of security asked for it."""
    if x.params["AlternateContactType"] != "SECURITY" or x.account == PROD and now() < when("2026-07-10T09:00:00Z"):
        raise Refusal(404, "ResourceNotFoundException", "No contact of the inputted alternate contact type found.")
    return {"AlternateContact": {"AlternateContactType": "SECURITY", "EmailAddress": "security@thistlebarrow.example", "Name": "Security",
                                 "PhoneNumber": "+1 206 555 0142", "Title": "On call for security"}}


@answers("account:GetContactInformation")
def _(s, x):
    return {"ContactInformation": {"FullName": "Thistlebarrow, Inc.", "CompanyName": "Thistlebarrow, Inc.", "AddressLine1": "400 Sample Street",
                                   "City": "Seattle", "StateOrRegion": "WA", "PostalCode": "98101", "CountryCode": "US",
                                   "PhoneNumber": "+1 206 555 0100", "WebsiteUrl": "https://thistlebarrow.example"}}


@answers("iam:ListOrganizationsFeatures")
def _(s, x):
    org = s.client("organizations", SHARED).describe_organization()["Organization"]["Id"]
    return {"OrganizationId": org, "EnabledFeatures": ["RootCredentialsManagement", "RootSessions"]}


@at("2023-04-11T09:07:00Z")
def sign_in(c):
    """Identity Center makes itself a provider in every account."""
    for account in (SHARED, PROD):
        c("iam", account).create_saml_provider(Name="AWSSSO_5d2f1c8e7a90b364_DO_NOT_DELETE", SAMLMetadataDocument="<sample/>" * 120)


@fixes("iam:ListSAMLProviders")
def _(s, x, out):
    for p in out["SAMLProviderList"]:
        p.update(CreateDate=when("2023-04-11T09:05:00Z"), ValidUntil=when("2123-04-11T09:05:00Z"))
    return out


NAMES = {"autoscaling": "Amazon EC2 Auto Scaling", "cloudtrail": "AWS CloudTrail", "cloudwatch": "Amazon CloudWatch", "config": "AWS Config",
         "ec2": "Amazon EC2", "ecr": "Amazon Elastic Container Registry", "ecs": "Amazon Elastic Container Service", "iam": "AWS Identity and Access Management",
         "kms": "AWS Key Management Service", "rds": "Amazon RDS", "s3": "Amazon S3", "sqs": "Amazon SQS", "tag": "Amazon Resource Group Tagging API"}
# What a principal may use, and of that what it did use.
OPERATOR = "autoscaling cloudtrail cloudwatch config ec2 ecs iam kms rds s3 sqs".split(), ["cloudwatch", "ec2", "ecs", "s3"]
GRANTED = {"ci-deploy": (["ecr", "ecs"], ["ecr", "ecs"]), "telemetry-export": (["cloudwatch", "tag"], ["cloudwatch"]),
           "support-tools": (["s3"], ["s3"]), "exhibit-evidence": (sorted(NAMES), sorted(set(NAMES) - {"ecr", "tag"})),
           "breakglass-shared": (sorted(NAMES), ["iam"]), "breakglass-production": (sorted(NAMES), ["iam"]), "tvance": (sorted(NAMES), ["cloudtrail", "iam"]),
           "dmarsh": OPERATOR, "obelenko": OPERATOR, "rquayle": OPERATOR}


def job(arn):
    h = hashlib.sha256(arn.encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}"


@answers("iam:GenerateServiceLastAccessedDetails")
def _(s, x):
    return {"JobId": job(x.params["Arn"])}


@answers("iam:GetServiceLastAccessedDetails")
def _(s, x):
    iam = s.client("iam", x.account)
    arns = [u["Arn"] for u in iam.list_users()["Users"]] + [r["Arn"] for r in iam.list_roles()["Roles"]]
    arn = next(a for a in arns if job(a) == x.params["JobId"])
    name = arn.rpartition("/")[2]
    granted, used = GRANTED.get(name, ([], []))
    at_last = ago(days=2)
    if (x.account, name) in USE:
        at_last = max((t for t in (last(x.account, name, 0), last(x.account, name, 1)) if t), default=None)
    rows = []
    for n, service in enumerate(granted):
        row = {"ServiceName": NAMES[service], "ServiceNamespace": service, "TotalAuthenticatedEntities": 0}
        if service in used and at_last:
            row.update(LastAuthenticated=at_last - datetime.timedelta(hours=3 * n), LastAuthenticatedEntity=arn, LastAuthenticatedRegion=HOME,
                       TotalAuthenticatedEntities=1)
        rows.append(row)
    return {"JobStatus": "COMPLETED", "JobType": "SERVICE_LEVEL", "JobCreationDate": now(), "JobCompletionDate": now(),
            "ServicesLastAccessed": rows, "IsTruncated": False}

