"""Backups: what was set up, and what AWS Backup and RDS tell of it.

moto keeps plans and vaults; what they made is worked out here from the day of the
run: one backup a day of what is in the plan, kept for 35 days.
"""

import datetime
import hashlib

from answers import answers, fixes, now, when
from story import HOME, PROD, at
from wire import Refusal

# What the plan of each region backs up; billing-legacy was never assigned to it.
ASSIGNED = {HOME: ["db:rounds-primary", "db:reporting"], "eu-west-1": ["db:rounds-eu", "cluster:appointments"]}
ROLE = f"arn:aws:iam::{PROD}:role/service-role/AWSBackupDefaultServiceRole"
KEPT = 35


@at("2023-02-01T09:10:00Z")
def plans(c):
    for region in ASSIGNED:
        kms, backup = c("kms", PROD, region), c("backup", PROD, region)
        key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/rounds-database")
        backup.create_backup_vault(BackupVaultName="rounds-databases", EncryptionKeyArn=f"arn:aws:kms:{region}:{PROD}:key/{key}")
        backup.create_backup_plan(BackupPlan={"BackupPlanName": "rounds-databases", "Rules": [
            {"RuleName": "daily", "TargetBackupVaultName": "rounds-databases", "ScheduleExpression": "cron(0 5 ? * * *)",
             "StartWindowMinutes": 60, "CompletionWindowMinutes": 180, "Lifecycle": {"DeleteAfterDays": KEPT}}]})


@at("2023-02-08T10:20:00Z")
def lock(c):
    """The vault of the home region alone: the other was forgotten."""
    c("backup", PROD, HOME).put_backup_vault_lock_configuration(BackupVaultName="rounds-databases", MinRetentionDays=30)


@at("2023-02-08T10:50:00Z")
def events(c):
    topic = c("sns", PROD, HOME).create_topic(Name="database-events")["TopicArn"]
    c("rds", PROD, HOME).create_event_subscription(
        SubscriptionName="database-events", SnsTopicArn=topic, SourceType="db-instance", Enabled=True,
        EventCategories=["configuration change", "failure", "maintenance"])


@at("2025-08-19T07:30:00Z")
def before_upgrade(c):
    c("rds", PROD, HOME).create_db_snapshot(DBSnapshotIdentifier="rounds-primary-before-16-4", DBInstanceIdentifier="rounds-primary")


@at("2022-06-02T09:20:00Z")
def members(c):
    """The cluster's two instances, which moto leaves out."""
    rds = c("rds", PROD, "eu-west-1")
    for n in (1, 2):
        rds.create_db_instance(
            DBInstanceIdentifier=f"appointments-{n}", DBClusterIdentifier="appointments", Engine="aurora-postgresql",
            DBInstanceClass="db.r6g.large", StorageEncrypted=True, PubliclyAccessible=False, DBSubnetGroupName="rounds",
            AutoMinorVersionUpgrade=True, CopyTagsToSnapshot=True)


# --- AWS Backup ---------------------------------------------------------------------------------


def protected(s, x):
    """(ARN, type, name) of what the plan backs up here: databases, tables, and the disks of the search servers."""
    if x.account != PROD or x.region not in ASSIGNED:
        return
    for name in ASSIGNED[x.region]:
        yield f"arn:aws:rds:{x.region}:{PROD}:{name}", "Aurora" if name.startswith("cluster") else "RDS", name.partition(":")[2]
    for name in s.client("dynamodb", PROD, x.region).list_tables()["TableNames"]:
        yield f"arn:aws:dynamodb:{x.region}:{PROD}:table/{name}", "DynamoDB", name
    search = [{"Name": "tag:Name", "Values": ["rounds-search"]}]
    for v in s.client("ec2", PROD, x.region).describe_volumes(Filters=search)["Volumes"]:
        yield f"arn:aws:ec2:{x.region}:{PROD}:volume/{v['VolumeId']}", "EBS", "rounds-search"


SNAPSHOT = {"RDS": "rds:{region}:{account}:snapshot:awsbackup:job-{id}", "Aurora": "rds:{region}:{account}:cluster-snapshot:awsbackup:job-{id}",
            "DynamoDB": "backup:{region}:{account}:recovery-point:{id}", "EBS": "ec2:{region}::snapshot/snap-0{short}"}


def uuid(*parts):
    h = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}"


class Made:
    """The backup of one resource on one day."""

    def __init__(self, s, x, arn, kind, name, day):
        backup = s.client("backup", PROD, x.region)
        plan = backup.list_backup_plans()["BackupPlansList"][0]
        rule = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"][0]
        vault = backup.list_backup_vaults()["BackupVaultList"][0]
        self.start = day.replace(hour=5, minute=len(name) % 7, second=11, microsecond=0)
        self.end = self.start + datetime.timedelta(minutes=9 + len(name) % 5)
        self.id = uuid(arn, f"{self.start:%Y-%m-%d}")
        # The window of one day in each quarter was too short; the next day's backup was made.
        self.failed = name == "rounds-eu" and (now() - day).days == 9
        self.arn = "arn:aws:" + SNAPSHOT[kind].format(region=x.region, account=PROD, id=self.id, short=self.id.replace("-", "")[:16])
        self.of = {"BackupVaultName": vault["BackupVaultName"], "BackupVaultArn": vault["BackupVaultArn"], "ResourceArn": arn,
                   "ResourceType": kind, "ResourceName": name, "IamRoleArn": ROLE, "CreatedBy": {
                       "BackupPlanId": plan["BackupPlanId"], "BackupPlanArn": plan["BackupPlanArn"], "BackupPlanVersion": plan["VersionId"],
                       "BackupPlanName": plan["BackupPlanName"], "BackupRuleId": rule["RuleId"], "BackupRuleName": rule["RuleName"],
                       "BackupRuleCron": rule["ScheduleExpression"], "BackupRuleTimezone": "Etc/UTC"}}
        self.key = {"EncryptionKeyArn": vault["EncryptionKeyArn"], "IsEncrypted": True}


def made(s, x):
    """Every backup of the last days, newest first."""
    for arn, kind, name in protected(s, x):
        for ago in range(KEPT):
            m = Made(s, x, arn, kind, name, now() - datetime.timedelta(days=ago))
            if m.end <= now():
                yield m


@answers("backup:ListBackupSelections")
def _(s, x):
    return {"BackupSelectionsList": [{
        "SelectionId": uuid("selection", x.params["BackupPlanId"]), "SelectionName": "databases", "BackupPlanId": x.params["BackupPlanId"],
        "CreationDate": when("2023-02-01T09:14:00Z"), "IamRoleArn": ROLE}]}


@answers("backup:GetBackupSelection")
def _(s, x):
    return {"SelectionId": x.params["SelectionId"], "BackupPlanId": x.params["BackupPlanId"], "CreationDate": when("2023-02-01T09:14:00Z"),
            "BackupSelection": {"SelectionName": "databases", "IamRoleArn": ROLE, "Resources": [arn for arn, _, _ in protected(s, x)],
                                "NotResources": [], "ListOfTags": []}}


@fixes("backup:ListBackupVaults")
def _(s, x, out):
    for v in out["BackupVaultList"]:
        v.update(NumberOfRecoveryPoints=sum(not m.failed for m in made(s, x)), VaultType="BACKUP_VAULT",
                 EncryptionKeyType="CUSTOMER_MANAGED_KMS_KEY")
    return out


@answers("backup:GetBackupVaultAccessPolicy")
def _(s, x):
    raise Refusal(400, "ResourceNotFoundException", f"Backup vault {x.params['BackupVaultName']} does not have an access policy")


@answers("backup:ListRecoveryPointsByBackupVault")
def _(s, x):
    return {"RecoveryPoints": [dict(
        m.of, **m.key, RecoveryPointArn=m.arn, Status="COMPLETED", CreationDate=m.start, InitiationDate=m.start, CompletionDate=m.end,
        BackupSizeInBytes=0, Lifecycle={"DeleteAfterDays": KEPT}, CalculatedLifecycle={"DeleteAt": m.start + datetime.timedelta(days=KEPT)},
        IsParent=False, VaultType="BACKUP_VAULT") for m in made(s, x) if not m.failed]}


@answers("backup:ListProtectedResources")
def _(s, x):
    newest = {}
    for m in made(s, x):
        if not m.failed:
            newest.setdefault(m.of["ResourceArn"], m)
    return {"Results": [{"ResourceArn": arn, "ResourceType": m.of["ResourceType"], "ResourceName": m.of["ResourceName"],
                         "LastBackupTime": m.end, "LastBackupVaultArn": m.of["BackupVaultArn"], "LastRecoveryPointArn": m.arn}
                        for arn, m in newest.items()]}


@answers("backup:ListBackupJobs")
def _(s, x):
    after, before = when(x.params["ByCreatedAfter"]), when(x.params["ByCreatedBefore"])
    out = []
    for m in made(s, x):
        if not after <= m.start < before:
            continue
        job = dict(m.of, AccountId=PROD, BackupJobId=m.id.upper(), CreationDate=m.start, StartBy=m.start + datetime.timedelta(hours=1),
                   IsParent=False, BackupOptions={})
        if m.failed:
            job.update(State="EXPIRED", StatusMessage="Backup job expired before it was completed", CompletionDate=m.start + datetime.timedelta(hours=3),
                       PercentDone="0.0", MessageCategory="FAILURE")
        else:
            job.update(m.key, State="COMPLETED", RecoveryPointArn=m.arn, CompletionDate=m.end, InitiationDate=m.start,
                       PercentDone="100.0", BackupSizeInBytes=0, MessageCategory="SUCCESS")
        out.append(job)
    return {"BackupJobs": out}


@answers("backup:ListRestoreJobs")
def _(s, x):
    """The restore tests were done from the automatic snapshots of RDS, of which AWS Backup knows nothing."""
    return {"RestoreJobs": []}


@answers("backup:ListRestoreTestingPlans")
def _(s, x):
    return {"RestoreTestingPlans": []}


# --- RDS ----------------------------------------------------------------------------------------


@fixes("rds:DescribeDBSnapshots")
def _(s, x, out):
    """moto makes one automatic snapshot, on the first day; here it is last night's. AWS keeps one of each day."""
    for d in out["DBSnapshots"]:
        if d["SnapshotType"] == "automated":
            t = now().replace(hour=3, minute=10, second=27, microsecond=0)
            d["DBSnapshotIdentifier"] = f"rds:{d['DBInstanceIdentifier']}-{t:%Y-%m-%d-%H-%M}"
            d["DBSnapshotArn"] = f"arn:aws:rds:{x.region}:{x.account}:snapshot:{d['DBSnapshotIdentifier']}"
            d["SnapshotCreateTime"] = d["OriginalSnapshotCreateTime"] = t
    return out


@fixes("rds:DescribeDBClusterSnapshots")
def _(s, x, out):
    for d in out["DBClusterSnapshots"]:
        if d["SnapshotType"] == "automated":
            t = now().replace(hour=1, minute=55, second=42, microsecond=0)
            d["DBClusterSnapshotIdentifier"] = f"rds:{d['DBClusterIdentifier']}-{t:%Y-%m-%d-%H-%M}"
            d["DBClusterSnapshotArn"] = f"arn:aws:rds:{x.region}:{x.account}:cluster-snapshot:{d['DBClusterSnapshotIdentifier']}"
            d["SnapshotCreateTime"] = t
    return out


@fixes("rds:DescribeDBClusters")
def _(s, x, out):
    """moto gives every cluster the group, version and members of another."""
    here = s.client("rds", x.account, x.region).describe_db_instances()["DBInstances"]
    for d in out["DBClusters"]:
        d["DBClusterMembers"] = [{"DBInstanceIdentifier": i["DBInstanceIdentifier"], "IsClusterWriter": i["DBInstanceIdentifier"].endswith("-1"),
                                  "DBClusterParameterGroupStatus": "in-sync", "PromotionTier": 1}
                                 for i in here if i.get("DBClusterIdentifier") == d["DBClusterIdentifier"]]
        d.update(MultiAZ=len(d["DBClusterMembers"]) > 1, DBClusterParameterGroup="appointments", EngineVersion="16.4")
    return out


def parameter(name, value, source="system"):
    return {"ParameterName": name, "ParameterValue": value, "Source": source, "ApplyType": "dynamic", "DataType": "boolean",
            "AllowedValues": "0,1", "IsModifiable": True, "ApplyMethod": "immediate"}


@answers("rds:DescribeDBParameters")
def _(s, x):
    """The group everybody gets with PostgreSQL 16: TLS is forced since version 15."""
    return {"Parameters": [parameter("rds.force_ssl", "1"), parameter("log_connections", "0"), parameter("log_disconnections", "0")]}


@answers("rds:DescribeDBClusterParameters")
def _(s, x):
    return {"Parameters": [parameter("rds.force_ssl", "1", "user"), parameter("log_connections", "1", "user")]}
