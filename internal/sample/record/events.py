"""The management events of the story, as CloudTrail's event history tells them.

Who acts: a person through Identity Center, an IAM user, or the build server. How: with Terraform or another
program, or in the console. What was refused says so.
"""

import hashlib
import json

import infrastructure
from answers import answers, when
from story import GONE, HOME, PROD, SHARED

TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.74.0 aws-sdk-go-v2/1.32.2 os/linux lang/go#1.23.2"
CLI = "aws-cli/2.18.9 md/awscrt#0.22.0 ua/2.0 os/linux#6.6 md/arch#x86_64 lang/python#3.12.6"
CONSOLE = "AWS Internal"

# account, region, time, event, source, who, type and name of what it was done to, how, and what more the event says
EVENTS = [
    (PROD, HOME, "2025-10-16T12:00:08Z", "CreateAccessKey", "iam", "dmarsh", "AWS::IAM::User", "dmarsh", CLI, {}),
    (PROD, HOME, "2025-11-04T16:20:05Z", "CreateAccessKey", "iam", "rquayle", "AWS::IAM::User", "rquayle", CLI, {}),
    (PROD, HOME, "2025-12-30T12:00:11Z", "CreateAccessKey", "iam", "dmarsh", "AWS::IAM::User", "dmarsh", CLI, {}),
    (PROD, HOME, "2026-01-29T16:20:17Z", "CreateAccessKey", "iam", "rquayle", "AWS::IAM::User", "rquayle", CLI, {}),
    (PROD, HOME, "2026-02-03T09:20:14Z", "CreatePolicyVersion", "iam", "dylan.marsh", "AWS::IAM::Policy", f"arn:aws:iam::{PROD}:policy/support-tools", TERRAFORM, {}),
    (SHARED, HOME, "2026-02-13T18:30:08Z", "DeactivateMFADevice", "iam", "ilse.brandvold", "AWS::IAM::User", "tvance", CONSOLE, {}),
    (SHARED, HOME, "2026-02-13T18:30:15Z", "RemoveUserFromGroup", "iam", "ilse.brandvold", "AWS::IAM::User", "tvance", CONSOLE, {"groupName": "break-glass"}),
    (SHARED, HOME, "2026-02-13T18:30:19Z", "DeleteLoginProfile", "iam", "ilse.brandvold", "AWS::IAM::User", "tvance", CONSOLE, {}),
    (SHARED, HOME, "2026-02-13T18:30:24Z", "DeleteUser", "iam", "ilse.brandvold", "AWS::IAM::User", "tvance", CONSOLE, {}),
    (PROD, HOME, "2026-02-20T11:00:41Z", "UpdateTrail", "cloudtrail", "ilse.brandvold", "AWS::CloudTrail::Trail", "production-trail", TERRAFORM, {"name": "production-trail"}),
    (PROD, HOME, "2026-03-02T12:00:26Z", "CreateAccessKey", "iam", "dmarsh", "AWS::IAM::User", "dmarsh", CLI, {}),
    (SHARED, HOME, "2026-03-11T14:20:33Z", "ExecuteChangeSet", "cloudformation", "ilse.brandvold", "AWS::CloudFormation::Stack", "organization-baseline", CLI,
     {"stackName": "organization-baseline", "changeSetName": "alarms-of-the-organization"}),
    (PROD, HOME, "2026-04-21T16:20:44Z", "CreateAccessKey", "iam", "rquayle", "AWS::IAM::User", "rquayle", CLI, {}),
    (PROD, HOME, "2026-04-28T16:31:09Z", "ModifyDBInstance", "rds", "oksana.belenko", "AWS::RDS::DBInstance", "rounds-primary", TERRAFORM, {"dBInstanceIdentifier": "rounds-primary"}),
    # the hand-made build of a branch that was never merged
    (PROD, HOME, "2026-04-29T07:41:12Z", "UpdateService", "ecs", "oksana.belenko", "AWS::ECS::Service", "rounds-api", CONSOLE, {"service": "rounds-api", "cluster": "rounds"}),
    (SHARED, HOME, "2026-05-06T09:10:33Z", "PutBucketPolicy", "s3", "ilse.brandvold", "AWS::S3::Bucket", "thistlebarrow-ci-artifacts", TERRAFORM, {"bucketName": "thistlebarrow-ci-artifacts"}),
    (PROD, HOME, "2026-05-13T12:00:19Z", "CreateAccessKey", "iam", "dmarsh", "AWS::IAM::User", "dmarsh", CLI, {}),
    # Security may read and not delete: the IAM user of the leaver stayed.
    (PROD, HOME, "2026-06-01T09:12:40Z", "DeleteUser", "iam", "hana.fujimori", "AWS::IAM::User", "rquayle", CONSOLE, {"errorCode": "AccessDenied"}),
    (PROD, HOME, "2026-06-03T08:15:02Z", "DeactivateMFADevice", "iam", "breakglass-production", "AWS::IAM::User", "obelenko", CONSOLE, {}),
    (PROD, HOME, "2026-06-25T19:41:07Z", "AuthorizeSecurityGroupIngress", "ec2", "dylan.marsh", "AWS::EC2::SecurityGroup", "bastion", CONSOLE, {"groupId": "bastion"}),
    # Opened to show a practice its own file, and closed again.
    (PROD, "eu-west-1", "2026-08-18T13:22:09Z", "DeleteBucketPublicAccessBlock", "s3", "oksana.belenko", "AWS::S3::Bucket", "thistlebarrow-rounds-uploads-eu", CONSOLE,
     {"bucketName": "thistlebarrow-rounds-uploads-eu"}),
    (PROD, "eu-west-1", "2026-08-18T14:05:48Z", "PutBucketPublicAccessBlock", "s3", "oksana.belenko", "AWS::S3::Bucket", "thistlebarrow-rounds-uploads-eu", CONSOLE,
     {"bucketName": "thistlebarrow-rounds-uploads-eu"}),
    (SHARED, HOME, "2026-09-08T14:30:58Z", "DeleteTrail", "cloudtrail", "dylan.marsh", "AWS::CloudTrail::Trail", "audit-trail", TERRAFORM, {"name": "audit-trail"}),
    (SHARED, HOME, "2026-09-08T14:31:20Z", "PutEventSelectors", "cloudtrail", "dylan.marsh", "AWS::CloudTrail::Trail", "audit-trail-v2", TERRAFORM, {}),
    (PROD, HOME, "2026-09-16T09:58:12Z", "UpdateStack", "cloudformation", "dylan.marsh", "AWS::CloudFormation::Stack", "telemetry-export-role", CONSOLE, {"stackName": "telemetry-export-role"}),
]
# The build server makes itself a new key every month, and deletes the one before.
for month in ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"):
    EVENTS.append((PROD, HOME, f"{month}-12T07:45:03Z", "CreateAccessKey", "iam", "ci-deploy", "AWS::IAM::User", "ci-deploy", CLI, {}))
    EVENTS.append((PROD, HOME, f"{month}-12T07:45:09Z", "DeleteAccessKey", "iam", "ci-deploy", "AWS::IAM::User", "ci-deploy", CLI, {}))
# It brings each release to production two minutes after the deployment began; v2026.35 went back and came again.
for time in ("2025-11-03T11:02:14Z", "2025-12-15T10:32:10Z", "2026-02-10T16:32:41Z", "2026-03-30T10:32:05Z", "2026-05-27T11:12:33Z", "2026-07-02T10:42:27Z",
             "2026-08-26T09:32:19Z", "2026-08-26T09:57:40Z", "2026-08-27T11:32:08Z", "2026-09-29T15:32:50Z"):
    EVENTS.append((PROD, HOME, time, "UpdateService", "ecs", "ci-deploy", "AWS::ECS::Service", "rounds-api", CLI, {"service": "rounds-api", "cluster": "rounds"}))
# Who leaves is taken out of the directory; IAM Identity Center lies in the management account.
LEFT = {"felix.drummond": "2025-12-12T17:00:21Z", "tobias.vance": "2026-02-13T18:35:13Z", "rosalind.quayle": "2026-05-29T16:10:18Z", "cillian.roarke": "2026-08-28T15:00:27Z"}
for person, time in LEFT.items():
    EVENTS.append((SHARED, HOME, time, "DeleteUser", "identitystore", "ilse.brandvold", "", "", CONSOLE, {"userId": person}))

# The permission set somebody acts with in an account.
SETS = {"hana.fujimori": "SecurityAudit", "oksana.belenko": "PlatformOperator", "dylan.marsh": "PlatformOperator", "ilse.brandvold": "Administrator"}


def identity(account, who):
    if "." not in who:
        return {"type": "IAMUser", "accountId": account, "arn": f"arn:aws:iam::{account}:user/{who}", "userName": who}
    name = f"AWSReservedSSO_{SETS[who]}_{hashlib.sha256(SETS[who].encode()).hexdigest()[:16]}"
    return {"type": "AssumedRole", "accountId": account, "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{who}", "sessionContext": {
        "sessionIssuer": {"type": "Role", "accountId": account, "arn": f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{name}", "userName": name},
        "attributes": {"mfaAuthenticated": "false"}}}


def told(account, region, time, name, source, who, kind, what, how, more):
    """An event as the trail writes it."""
    params = {k: v for k, v in more.items() if k != "errorCode"}
    if kind == "AWS::IAM::User":
        params["userName"] = what
    if "AccessKey" in name and "Delete" in name:
        params["accessKeyId"] = "AKIASAMPLE" + hashlib.sha256(time[:7].encode()).hexdigest()[:10].upper()
    if kind == "AWS::IAM::Policy":
        params["policyArn"] = what
    if what == "bastion":
        params["groupId"] = what = infrastructure.STATE.get("bastion", "")
    if source == "identitystore":
        params["userId"] = GONE[more["userId"]]
    fid = hashlib.sha256(f"{account} {time} {name}".encode()).hexdigest()
    uid = f"{fid[:8]}-{fid[8:12]}-4{fid[13:16]}-8{fid[17:20]}-{fid[20:32]}"
    text = {"eventVersion": "1.11", "userIdentity": identity(account, who), "eventTime": time, "eventSource": f"{source}.amazonaws.com", "eventName": name,
            "awsRegion": region, "sourceIPAddress": "203.0.113.24", "userAgent": how, "requestParameters": params, "eventID": uid, "readOnly": False,
            "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": account, "eventCategory": "Management"}
    if "errorCode" in more:
        text.update(errorCode=more["errorCode"], errorMessage=f"{who} may not do this", requestParameters=params)
    if how == CONSOLE:
        text["sessionCredentialFromConsole"] = "true"
    return {"EventId": uid, "EventName": name, "ReadOnly": "false", "EventTime": when(time), "EventSource": f"{source}.amazonaws.com", "Username": who,
            "Resources": [{"ResourceType": kind, "ResourceName": what}] if kind else [], "CloudTrailEvent": json.dumps(text)}


@answers("cloudtrail:LookupEvents")
def _(s, x):
    wanted = {a["AttributeKey"]: a["AttributeValue"] for a in x.params.get("LookupAttributes", [])}
    out = [told(*e) for e in EVENTS if e[:2] == (x.account, x.region) and x.params["StartTime"] <= when(e[2]).timestamp() <= x.params["EndTime"]
           and wanted.get("EventName", e[3]) == e[3] and wanted.get("Username", e[5]) == e[5]]
    return {"Events": sorted(out, key=lambda e: e["EventTime"], reverse=True)}
