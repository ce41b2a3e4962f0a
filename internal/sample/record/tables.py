"""Tables and caches, and how Athena, EMR and Bedrock stand in accounts that hardly use them.

Rounds keeps sign-in sessions in DynamoDB and what it can make anew in a cache;
Terraform locks its state by a table in the shared account. The people who answer
for reports ask Athena.
"""

import datetime

from answers import answers, fixes, now, when
from story import HOME, PROD, SHARED, at, tags


def key_arn(c, account, region, alias):
    kms = c("kms", account, region)
    key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == f"alias/{alias}")
    return f"arn:aws:kms:{region}:{account}:key/{key}"


def table(c, account, region, name, key, **more):
    c("dynamodb", account, region).create_table(
        TableName=name, AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}], DeletionProtectionEnabled=True, **more)
    c("dynamodb", account, region).update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})


@at("2021-03-04T09:20:00Z")
def locks(c):
    """With the key DynamoDB owns, and in no backup plan: a lock is worth nothing an hour later."""
    table(c, SHARED, HOME, "terraform-locks", "LockID", BillingMode="PAY_PER_REQUEST")


@at("2022-06-07T08:40:00Z")
def sessions(c):
    """On demand at home, where traffic jumps; with a capacity that scales in Europe."""
    for region in (HOME, "eu-west-1"):
        capacity = {"BillingMode": "PAY_PER_REQUEST"} if region == HOME else {
            "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 25, "WriteCapacityUnits": 25}}
        table(c, PROD, region, "rounds-sessions", "session", Tags=tags(owner="platform"), SSESpecification={
            "Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_arn(c, PROD, region, "rounds-database")}, **capacity)
        c("dynamodb", PROD, region).update_time_to_live(
            TableName="rounds-sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    for what in ("Read", "Write"):
        c("application-autoscaling", PROD, "eu-west-1").register_scalable_target(
            ServiceNamespace="dynamodb", ResourceId="table/rounds-sessions", MinCapacity=25, MaxCapacity=500,
            ScalableDimension=f"dynamodb:table:{what}CapacityUnits")


@at("2022-06-07T09:10:00Z")
def caches(c):
    """The one at home keeps its snapshots for a week, as it was set up first."""
    for region, days in ((HOME, 7), ("eu-west-1", 15)):
        c("elasticache", PROD, region).create_replication_group(
            ReplicationGroupId="rounds-cache", ReplicationGroupDescription="What the application can make anew", Engine="valkey",
            EngineVersion="8.0", CacheNodeType="cache.r7g.large", NumNodeGroups=1, ReplicasPerNodeGroup=1, AutomaticFailoverEnabled=True,
            MultiAZEnabled=True, TransitEncryptionEnabled=True, AtRestEncryptionEnabled=True, SnapshotRetentionLimit=days,
            SnapshotWindow="03:00-04:00", KmsKeyId=key_arn(c, PROD, region, "rounds-database"))


# --- what moto answers otherwise ----------------------------------------------------------------

# How big each table has grown: items and bytes.
GROWN = {"rounds-sessions": (41210, 19783104), "terraform-locks": (0, 0)}


@fixes("dynamodb:DescribeTable")
def _(s, x, out):
    t = out["Table"]
    t["ItemCount"], t["TableSizeBytes"] = GROWN[t["TableName"]]
    if t["BillingModeSummary"]["BillingMode"] == "PROVISIONED":
        del t["BillingModeSummary"]  # AWS has one only of a table that was on demand once
    else:
        t["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"] = t["CreationDateTime"]
    for indexes in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        t.pop(indexes, None)
    return out


@fixes("dynamodb:DescribeContinuousBackups")
def _(s, x, out):
    """moto takes the day of the question for the first that can be restored, and for the last."""
    recovery = out["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    recovery["EarliestRestorableDateTime"] = now() - datetime.timedelta(days=35)
    recovery["LatestRestorableDateTime"] = now() - datetime.timedelta(minutes=5)
    return out


@fixes("application-autoscaling:DescribeScalableTargets")
def _(s, x, out):
    for t in out["ScalableTargets"]:
        t["RoleARN"] = (f"arn:aws:iam::{x.account}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
                        "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable")
        t["SuspendedState"] = {f"{what}Suspended": False for what in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")}
    return out


@fixes("elasticache:DescribeReplicationGroups")
def _(s, x, out):
    for g in out["ReplicationGroups"]:
        g.update(Engine="valkey", AutoMinorVersionUpgrade=True, TransitEncryptionMode="required", SnapshotWindow="03:00-04:00")
    return out


@answers("elasticache:DescribeCacheClusters")
def _(s, x):
    """The members of the groups, which moto does not list."""
    out = []
    for g in s.client("elasticache", x.account, x.region).describe_replication_groups()["ReplicationGroups"]:
        for m in g["NodeGroups"][0]["NodeGroupMembers"]:
            name = m["CacheClusterId"]
            out.append({
                "CacheClusterId": name, "ARN": f"arn:aws:elasticache:{x.region}:{x.account}:cluster:{name}", "CacheClusterStatus": "available",
                "Engine": "valkey", "EngineVersion": "8.0.1", "CacheNodeType": g["CacheNodeType"], "NumCacheNodes": 1,
                "PreferredAvailabilityZone": m["PreferredAvailabilityZone"], "CacheClusterCreateTime": g["ReplicationGroupCreateTime"],
                "ReplicationGroupId": g["ReplicationGroupId"], "AutoMinorVersionUpgrade": True, "SnapshotRetentionLimit": 0,
                "TransitEncryptionEnabled": True, "TransitEncryptionMode": "required", "AtRestEncryptionEnabled": True, "AuthTokenEnabled": False,
                "ReplicationGroupLogDeliveryEnabled": False, "NetworkType": "ipv4", "IpDiscovery": "ipv4"})
    return {"CacheClusters": out}


@answers("elasticache:DescribeServerlessCaches")
def _(s, x):
    return {"ServerlessCaches": []}


# The workgroup every region has was set up once for both accounts, from one list of
# regions, which the shared account's failover region was not on.
UNSET = (SHARED, "eu-central-1")


@fixes("athena:ListWorkGroups")
def _(s, x, out):
    for w in out["WorkGroups"]:
        w["CreationTime"] = when("2021-02-08T09:31:00Z")
    return out


@fixes("athena:GetWorkGroup")
def _(s, x, out):
    out["WorkGroup"]["CreationTime"] = when("2021-02-08T09:31:00Z")
    if (x.account, x.region) != UNSET:
        out["WorkGroup"]["Configuration"].update(
            EnforceWorkGroupConfiguration=True, PublishCloudWatchMetricsEnabled=True, ResultConfiguration={
                "OutputLocation": f"s3://thistlebarrow-athena-{x.account}-{x.region}/", "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}})
    return out


@answers("emr:GetBlockPublicAccessConfiguration")
def _(s, x):
    """As AWS sets it in every account made since the end of 2019."""
    return {"BlockPublicAccessConfiguration": {"BlockPublicSecurityGroupRules": True,
                                               "PermittedPublicSecurityGroupRuleRanges": [{"MinRange": 22, "MaxRange": 22}]},
            "BlockPublicAccessConfigurationMetadata": {"CreationDateTime": when("2021-02-08T09:00:00Z"),
                                                       "CreatedByArn": f"arn:aws:iam::{x.account}:root"}}


@answers("bedrock:GetModelInvocationLoggingConfiguration")
def _(s, x):
    return {}
