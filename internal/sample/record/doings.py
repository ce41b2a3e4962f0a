"""What was done: copies of backups, commands on hosts, builds, what Macie found and AWS Health told.

Worked out from the day of the run, as backups.py does: AWS deletes what is older.
"""

import datetime
import hashlib

from answers import answers, now, when
from alerting import NO_MACIE
from infrastructure import STATE  # noqa: F401
from story import HOME, PROD
from wire import Refusal


def made_of(*parts):
    h = hashlib.sha256(" ".join(parts).encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}"


def moment(v):
    """A time of a request, which may be a number or a text."""
    return datetime.datetime.fromtimestamp(float(v), datetime.timezone.utc) if str(v).replace(".", "").isdigit() else when(str(v))


# --- copies of backups -------------------------------------------------------------------------

FAILED_COPY = "2026-08-09"  # the key of the other region was being replaced


@answers("backup:ListCopyJobs")
def _(s, x):
    """The product's database is copied to Ireland on Sundays."""
    if (x.account, x.region) != (PROD, HOME):
        return {"CopyJobs": []}
    start, end = moment(x.params["ByCreatedAfter"]), moment(x.params["ByCreatedBefore"])
    out, day = [], start.replace(hour=7, minute=30, second=0)
    while day < end:
        if day >= start and day.weekday() == 6:
            d = day.strftime("%Y-%m-%d")
            failed = d == FAILED_COPY
            uid = made_of("copy", d)
            job = {"AccountId": PROD, "CopyJobId": uid, "SourceBackupVaultArn": f"arn:aws:backup:{HOME}:{PROD}:backup-vault:rounds-databases",
                   "SourceRecoveryPointArn": f"arn:aws:rds:{HOME}:{PROD}:snapshot:awsbackup:job-{made_of('rounds-primary', d)}",
                   "DestinationBackupVaultArn": f"arn:aws:backup:eu-west-1:{PROD}:backup-vault:rounds-databases",
                   "ResourceArn": f"arn:aws:rds:{HOME}:{PROD}:db:rounds-primary", "ResourceType": "RDS", "CreationDate": day,
                   "CompletionDate": day + datetime.timedelta(minutes=4 if failed else 38), "State": "FAILED" if failed else "COMPLETED",
                   "IamRoleArn": f"arn:aws:iam::{PROD}:role/service-role/AWSBackupDefaultServiceRole", "BackupSizeInBytes": 214748364800, "IsParent": False}
            if failed:
                job.update(StatusMessage="The key of the destination vault is disabled", MessageCategory="KMSKeyError")
            else:
                job["DestinationRecoveryPointArn"] = f"arn:aws:rds:eu-west-1:{PROD}:snapshot:awsbackup:copyjob-{uid}"
            out.append(job)
        day += datetime.timedelta(days=1)
    return {"CopyJobs": out[::-1]}


# --- commands ----------------------------------------------------------------------------------

# region, time, document, words, how many hosts, how it ended
COMMANDS = [
    ("eu-west-1", "2026-07-22T08:15:00Z", "AWS-RunShellScript", "Restart the search service", 2, "Success"),
    (HOME, "2026-09-03T21:48:00Z", "AWS-RunShellScript", "Look for large files", 1, "Failed"),
]


@answers("ssm:ListCommands")
def _(s, x):
    """Patches are installed on the second Tuesday of a month; the other commands are people's."""
    f = {e["key"]: e["value"] for e in x.params["Filters"]}
    start, end = when(f["InvokedAfter"]), when(f["InvokedBefore"])
    all_of = list(COMMANDS)
    month = datetime.date(2025, 9, 1)
    while month < datetime.date(2026, 11, 1):
        second = 8 + (1 - month.weekday()) % 7
        all_of += [(r, f"{month:%Y-%m}-{second:02d}T03:00:00Z", "AWS-RunPatchBaseline", "Monthly patches", 2, "Success") for r in (HOME, "eu-west-1")]
        month = (month.replace(day=28) + datetime.timedelta(days=7)).replace(day=1)
    out = []
    for region, time, document, comment, hosts, ended in sorted(all_of, key=lambda c: c[1], reverse=True):
        t = when(time)
        if x.account != PROD or region != x.region or not start <= t < end:
            continue
        out.append({"CommandId": made_of(region, time), "DocumentName": document, "DocumentVersion": "1", "Comment": comment,
                    "Parameters": {"Operation": ["Install"]} if "Patch" in document else {"commands": ["sample only"]},
                    "Targets": [{"Key": "tag:Name", "Values": ["rounds-search"]}], "RequestedDateTime": t, "ExpiresAfter": t + datetime.timedelta(hours=2),
                    "Status": ended, "StatusDetails": ended, "MaxConcurrency": "1", "MaxErrors": "0", "TargetCount": hosts, "CompletedCount": hosts,
                    "ErrorCount": 0 if ended == "Success" else 1, "DeliveryTimedOutCount": 0, "TimeoutSeconds": 3600})
    return {"Commands": out}


# --- builds ------------------------------------------------------------------------------------

# The migrations of a release run in CodeBuild, half an hour after its tag: when, of which commit's tag, by whom, how it ended
BUILDS = [("2025-11-03T11:00:30Z", "v2025.45", "SUCCEEDED"), ("2025-12-15T10:30:30Z", "v2025.51", "SUCCEEDED"), ("2026-02-10T16:30:30Z", "v2026.07", "SUCCEEDED"),
          ("2026-03-30T10:30:30Z", "v2026.14", "SUCCEEDED"), ("2026-05-27T11:10:30Z", "v2026.22", "SUCCEEDED"), ("2026-07-02T10:40:30Z", "v2026.27", "SUCCEEDED"),
          ("2026-08-26T09:30:30Z", "v2026.35", "FAILED"), ("2026-08-27T11:30:30Z", "v2026.35", "SUCCEEDED"), ("2026-09-29T15:30:30Z", "v2026.40", "SUCCEEDED")]


@answers("codebuild:ListBuilds")
def _(s, x):
    if (x.account, x.region) != (PROD, HOME):
        return {"ids": []}
    return {"ids": [f"rounds-migrations:{made_of('build', t)}" for t, _, _ in reversed(BUILDS)
                    if when(t) < now() and now() - when(t) < datetime.timedelta(days=365)]}


@answers("codebuild:BatchGetBuilds")
def _(s, x):
    out = []
    for n, (time, tag, ended) in enumerate(BUILDS, 41):
        uid = f"rounds-migrations:{made_of('build', time)}"
        if uid in x.params["ids"]:
            out.append({"id": uid, "arn": f"arn:aws:codebuild:{HOME}:{PROD}:build/{uid}", "buildNumber": n, "projectName": "rounds-migrations",
                        "startTime": when(time), "endTime": when(time) + datetime.timedelta(minutes=3), "currentPhase": "COMPLETED", "buildStatus": ended,
                        "buildComplete": True, "sourceVersion": f"refs/tags/{tag}", "initiator": "ci-deploy",
                        "environment": {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL", "privilegedMode": False},
                        "logs": {"groupName": "/codebuild/rounds-migrations", "cloudWatchLogs": {"status": "ENABLED", "groupName": "/codebuild/rounds-migrations"}}})
    return {"builds": out}


# --- Macie and Health ----------------------------------------------------------------------------

# region, time, type, severity, bucket, words
MACIE = [
    ("us-east-1", "2026-02-17T05:12:00Z", "SensitiveData:S3Object/Personal", "Medium", "thistlebarrow-marketing-assets", "The S3 object contains personal information."),
    ("eu-west-1", "2026-08-18T13:40:00Z", "Policy:IAMUser/S3BlockPublicAccessDisabled", "High", "thistlebarrow-rounds-uploads-eu", "All bucket-level block public access settings were disabled for the S3 bucket."),
]


def macie(x):
    if (x.account, x.region) in NO_MACIE:
        raise Refusal(403, "AccessDeniedException", "Macie is not enabled")
    for region, time, kind, severity, bucket, words in MACIE:
        t = when(time)
        if (x.account, x.region) == (PROD, region) and t < now() and now() - t < datetime.timedelta(days=90):
            yield {"accountId": PROD, "archived": False, "category": "POLICY" if kind.startswith("Policy") else "CLASSIFICATION", "count": 1, "createdAt": t,
                   "updatedAt": t, "description": words, "id": made_of("macie", time).replace("-", ""), "partition": "aws", "region": region, "sample": False,
                   "schemaVersion": "1.0", "severity": {"description": severity, "score": 3 if severity == "High" else 2}, "title": words, "type": kind,
                   "resourcesAffected": {"s3Bucket": {"arn": f"arn:aws:s3:::{bucket}", "name": bucket}}}


@answers("macie2:ListFindings")
def _(s, x):
    return {"findingIds": [f["id"] for f in macie(x)]}


@answers("macie2:GetFindings")
def _(s, x):
    return {"findings": [f for f in macie(x) if f["id"] in x.params["findingIds"]]}


HEALTH = [
    ("eu-west-1", "RDS", "AWS_RDS_PLANNED_LIFECYCLE_EVENT", "scheduledChange", "2026-03-02T09:00:00Z", "2026-03-20T09:00:00Z"),
    ("us-east-1", "LAMBDA", "AWS_LAMBDA_RUNTIME_DEPRECATION_SCHEDULED", "scheduledChange", "2026-02-03T10:00:00Z", "2026-04-30T10:00:00Z"),
    ("us-east-1", "RDS", "AWS_RDS_OPERATIONAL_ISSUE", "issue", "2026-08-14T04:05:00Z", "2026-08-14T05:20:00Z"),
]


@answers("health:DescribeEvents")
def _(s, x):
    bound = x.params["filter"]["lastUpdatedTimes"][0]
    start, end = moment(bound["from"]), moment(bound["to"])
    out = []
    for region, service, code, category, first, last in HEALTH:
        updated = min(when(last), now())
        if x.account != PROD or when(first) > now() or not start <= updated <= end:
            continue
        out.append({"arn": f"arn:aws:health:{region}::event/{service}/{code}/{code}_{made_of(code)[:8]}", "service": service, "eventTypeCode": code,
                    "eventTypeCategory": category, "region": region, "startTime": when(first), "endTime": when(last), "lastUpdatedTime": updated,
                    "statusCode": "closed" if when(last) <= now() else "upcoming" if category == "scheduledChange" else "open",
                    "eventScopeCode": "ACCOUNT_SPECIFIC"})
    return {"events": out}
