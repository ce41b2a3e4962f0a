"""What GuardDuty, Security Hub and Access Analyzer found in the two accounts."""

import datetime

from story import HOME, PROD, SHARED


def t(s):
    return datetime.datetime.fromisoformat(s.replace("Z", "+00:00"))


def iso(d):
    return d.strftime("%Y-%m-%dT%H:%M:%S.000Z")


# account, region, id, type, severity, first seen, last seen, archived ("" never), title
GUARDDUTY = [
    (PROD, "us-east-1", "3ac94e1f0b7d4c5296e1a8d05f2b7c10", "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", 8,
     "2025-11-19T02:14:09Z", "2025-11-19T02:31:44Z", "2025-11-19T16:20:00Z",
     "Credentials of the role rounds-api-task were used from an address outside AWS."),
    (PROD, "us-east-1", "58d2f7a46c0e4b1f9a3370c9e4d1b625", "UnauthorizedAccess:IAMUser/MaliciousIPCaller", 5,
     "2025-12-17T21:03:51Z", "2025-12-17T21:03:51Z", "2025-12-18T10:02:00Z",
     "An API was called from an address on a threat list."),
    (PROD, "us-east-1", "7b10c3e98fd24a6db5124e9f60a8c733", "Discovery:IAMUser/AnomalousBehavior", 2,
     "2026-01-20T14:40:12Z", "2026-01-20T15:11:37Z", "2026-01-21T09:30:00Z",
     "A person listed resources in a way that is unusual for them."),
    (PROD, "eu-west-1", "91e6d05b3fc74c88a2f0b6714d9e5a48", "CryptoCurrency:EC2/BitcoinTool.B!DNS", 8,
     "2026-03-08T03:22:40Z", "2026-03-08T05:02:18Z", "2026-03-10T11:45:00Z",
     "An instance asked for the name of a mining pool."),
    (PROD, "us-east-1", "a7f3412c96be4d0f8c15d2e07b94f661", "Recon:EC2/PortProbeUnprotectedPort", 2,
     "2026-06-26T00:12:20Z", "2026-07-08T22:40:02Z", "2026-07-09T09:20:00Z",
     "An unprotected port is being probed."),
    (PROD, "us-east-1", "b84c90e7d12f4653a9e8035fc6d7210a", "CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin", 8,
     "2026-07-21T19:55:03Z", "2026-07-21T20:10:47Z", "2026-07-22T13:00:00Z",
     "A user signed in to the database reporting in an unusual way."),
    (PROD, "eu-west-1", "c05e7d93a18b4f2f86d4197b3ea0c5fd", "Exfiltration:S3/AnomalousBehavior", 8,
     "2026-08-22T23:17:30Z", "2026-08-23T01:44:12Z", "",
     "A person read objects from the bucket thistlebarrow-rounds-uploads-eu in an unusual amount."),
    (SHARED, "us-east-1", "d9b3a6170e4c42c1b7f2586ad4e80f93", "Stealth:IAMUser/CloudTrailLoggingDisabled", 2,
     "2026-09-08T14:31:05Z", "2026-09-08T14:31:05Z", "",
     "The trail audit-trail was deleted."),
]


def guardduty(account, region, now, detector):
    """The findings GuardDuty still has: it keeps them for ninety days."""
    out = []
    for a, r, fid, kind, severity, first, last, archived, title in GUARDDUTY:
        done = bool(archived) and t(archived) <= now
        last_seen = min(t(last), now)
        if (a, r) != (account, region) or t(first) > now or now - last_seen > datetime.timedelta(days=90):
            continue
        resource = {"ResourceType": "AccessKey"}
        if ":EC2/" in kind:
            resource = {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-0" + fid[:16], "InstanceType": "m6i.large"}}
        elif ":S3/" in kind:
            resource = {"ResourceType": "S3Bucket", "S3BucketDetails": [
                {"Name": "thistlebarrow-rounds-uploads-eu", "Arn": "arn:aws:s3:::thistlebarrow-rounds-uploads-eu", "Type": "Destination"}]}
        elif ":RDS/" in kind:
            resource = {"ResourceType": "RDSDBInstance", "RdsDbInstanceDetails": {"DbInstanceIdentifier": "reporting", "Engine": "Postgres"}}
        out.append({
            "AccountId": a, "Region": r, "Id": fid, "Arn": f"arn:aws:guardduty:{r}:{a}:detector/{detector}/finding/{fid}",
            "Partition": "aws", "SchemaVersion": "2.0", "Type": kind, "Severity": float(severity), "Title": title,
            "Description": title, "CreatedAt": iso(t(first) + datetime.timedelta(minutes=12)), "UpdatedAt": iso(last_seen + datetime.timedelta(minutes=12)),
            "Resource": resource, "Service": {
                "ServiceName": "guardduty", "DetectorId": detector, "Archived": done, "Count": 1, "ResourceRole": "TARGET",
                "EventFirstSeen": iso(t(first)), "EventLastSeen": iso(last_seen)}})
    return sorted(out, key=lambda f: f["Id"])


# account, region, control, label, normalized, title, type of resource, resource, created, solved ("" open), workflow
SECURITY_HUB = [
    (PROD, HOME, "IAM.5", "MEDIUM", 40, "MFA should be enabled for all IAM users that have a console password", "AwsIamUser",
     f"arn:aws:iam::{PROD}:user/obelenko", "2026-06-03T20:15:00Z", "", "NEW"),
    (PROD, HOME, "IAM.3", "MEDIUM", 40, "IAM users' access keys should be rotated every 90 days or less", "AwsIamUser",
     f"arn:aws:iam::{PROD}:user/telemetry-export", "2025-08-11T04:30:00Z", "", "NOTIFIED"),
    (PROD, HOME, "IAM.3", "MEDIUM", 40, "IAM users' access keys should be rotated every 90 days or less", "AwsIamUser",
     f"arn:aws:iam::{PROD}:user/dmarsh", "2026-08-12T04:30:00Z", "", "NEW"),
    (PROD, HOME, "IAM.1", "HIGH", 70, "IAM policies should not allow full administrative privileges", "AwsIamPolicy",
     f"arn:aws:iam::{PROD}:policy/release-automation-everything", "2023-05-09T04:30:00Z", "", "NOTIFIED"),
    (PROD, HOME, "S3.8", "HIGH", 70, "S3 general purpose buckets should block public access", "AwsS3Bucket",
     "arn:aws:s3:::thistlebarrow-marketing-assets", "2023-05-09T04:31:00Z", "", "NOTIFIED"),
    (PROD, HOME, "RDS.3", "MEDIUM", 40, "RDS DB instances should have encryption at-rest enabled", "AwsRdsDbInstance",
     f"arn:aws:rds:us-east-1:{PROD}:db:billing-legacy", "2023-05-09T04:33:00Z", "", "SUPPRESSED"),
    (PROD, HOME, "EC2.19", "CRITICAL", 90, "Security groups should not allow unrestricted access to ports with high risk", "AwsEc2SecurityGroup",
     f"arn:aws:ec2:us-east-1:{PROD}:security-group/migration-bastion", "2026-06-25T20:02:00Z", "2026-07-09T09:30:00Z", "NEW"),
    (PROD, HOME, "CloudTrail.1", "HIGH", 70, "CloudTrail should be enabled and configured with at least one multi-Region trail", "AwsAccount",
     f"AWS::::Account:{PROD}", "2023-05-09T04:35:00Z", "2026-02-20T12:00:00Z", "NOTIFIED"),
    (SHARED, HOME, "CloudTrail.1", "HIGH", 70, "CloudTrail should be enabled and configured with at least one multi-Region trail", "AwsAccount",
     f"AWS::::Account:{SHARED}", "2026-09-09T04:35:00Z", "", "NEW"),
    (SHARED, HOME, "S3.8", "HIGH", 70, "S3 general purpose buckets should block public access", "AwsS3Bucket",
     "arn:aws:s3:::thistlebarrow-ci-artifacts", "2023-05-09T04:36:00Z", "2026-05-06T10:00:00Z", "NOTIFIED"),
    (PROD, "eu-west-1", "ELB.17", "MEDIUM", 40, "Load balancers should use recommended security policies", "AwsElbv2LoadBalancer",
     f"arn:aws:elasticloadbalancing:eu-west-1:{PROD}:loadbalancer/app/partner-api", "2023-05-09T04:40:00Z", "2026-06-11T07:00:00Z", "NEW"),
    (PROD, "eu-west-1", "ELB.16", "MEDIUM", 40, "Application Load Balancers should be associated with a web ACL", "AwsElbv2LoadBalancer",
     f"arn:aws:elasticloadbalancing:eu-west-1:{PROD}:loadbalancer/app/partner-api", "2023-05-09T04:41:00Z", "2026-03-18T14:00:00Z", "NEW"),
]


def security_hub(account, region, now):
    """Security Hub's findings: a solved one stays until ninety days have passed."""
    out = []
    for n, (a, r, control, label, normalized, title, kind, resource, created, solved, workflow) in enumerate(SECURITY_HUB):
        done = bool(solved) and t(solved) <= now
        if (a, r) != (account, region) or t(created) > now or done and now - t(solved) > datetime.timedelta(days=90):
            continue
        updated = t(solved) if done else now - datetime.timedelta(hours=6)
        out.append({
            "SchemaVersion": "2018-10-08", "Id": f"arn:aws:securityhub:{r}:{a}:security-control/{control}/finding/5a3d0000-0000-4000-8000-{n:012d}",
            "ProductArn": f"arn:aws:securityhub:{r}::product/aws/securityhub", "ProductName": "Security Hub", "CompanyName": "AWS",
            "Region": r, "GeneratorId": f"security-control/{control}", "AwsAccountId": a,
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"], "FirstObservedAt": iso(t(created)),
            "LastObservedAt": iso(updated), "CreatedAt": iso(t(created)), "UpdatedAt": iso(updated),
            "Severity": {"Label": "INFORMATIONAL" if done else label, "Normalized": 0 if done else normalized, "Original": label}, "Title": title,
            "Description": title, "Resources": [{"Type": kind, "Id": resource, "Partition": "aws", "Region": r}],
            "Compliance": {"Status": "PASSED" if done else "FAILED", "SecurityControlId": control},
            "WorkflowState": "NEW", "Workflow": {"Status": "RESOLVED" if done else workflow}, "RecordState": "ACTIVE"})
    return out


def analyzer_arn(account, region):
    return f"arn:aws:access-analyzer:{region}:{account}:analyzer/external-access"


def analyzers(account, region, now):
    made = "2026-03-24T10:45:00Z" if (account, region) == (SHARED, "eu-central-1") else "2023-05-08T09:30:00Z"
    if t(made) > now:
        return []
    return [{"arn": analyzer_arn(account, region), "name": "external-access", "type": "ACCOUNT", "createdAt": t(made),
             "status": "ACTIVE", "lastResourceAnalyzed": f"arn:aws:iam::{account}:role/exhibit-evidence",
             "lastResourceAnalyzedAt": now - datetime.timedelta(minutes=35), "tags": {}}]


def external_access(account, region, now):
    """One finding: the public pictures, open until somebody wrote down in April 2026 that they are meant to be public."""
    if (account, region) != (PROD, HOME):
        return []
    archived = now >= t("2026-04-28T09:00:00Z")
    return [{"id": "e1f0b7aa-2c66-4d0b-9b3c-5d1f6f0a7c21", "resource": "arn:aws:s3:::thistlebarrow-marketing-assets",
             "resourceType": "AWS::S3::Bucket", "resourceOwnerAccount": PROD, "findingType": "ExternalAccess",
             "status": "ARCHIVED" if archived else "ACTIVE", "createdAt": t("2023-05-08T10:05:00Z"),
             "analyzedAt": now - datetime.timedelta(hours=5),
             "updatedAt": t("2026-04-28T09:00:00Z") if archived else t("2023-05-08T10:05:00Z")}]
