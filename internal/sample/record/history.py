"""What AWS Config remembers: when each resource was written down, and what changed.

moto has no history. Which resources there are it says; when they changed the story does, here. The recorder
was switched on in May 2023, and wrote down what was there already.
"""

import hashlib
import json

import infrastructure
from answers import answers, now, when
from story import HOME, PROD, SHARED

BEGUN = when("2023-05-08T09:10:00Z")  # the recorders' first look


def block(on):
    return {"blockPublicAcls": on, "ignorePublicAcls": on, "blockPublicPolicy": on, "restrictPublicBuckets": on}


def bucket_block(on):
    return {"supplementaryConfiguration": {"PublicAccessBlockConfiguration": block(on)}}


def account_block(on):
    return {"configuration": dict(block(on))}


def ssh():
    return {"configuration": {"groupName": "migration-bastion", "ipPermissions": [
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": ["0.0.0.0/0"], "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}], "ipv6Ranges": [],
         "userIdGroupPairs": [], "prefixListIds": []}]}}


def verdict(kind, ident, rule, complies):
    return {"configuration": {"complianceType": "COMPLIANT" if complies else "NON_COMPLIANT", "targetResourceId": ident, "targetResourceType": kind,
                              "configRuleList": [{"configRuleName": rule, "complianceType": "COMPLIANT" if complies else "NON_COMPLIANT"}]}}


EU = "thistlebarrow-rounds-uploads-eu"
# (account, region, type, id): the states, oldest first, each with the time it was written down at
CHANGES = {
    # Opened to look at one practice's file from outside, and closed again three quarters of an hour later: no run saw it.
    (PROD, "eu-west-1", "AWS::S3::Bucket", EU): [("2023-05-08T09:10:00Z", bucket_block(True)), ("2026-08-18T13:24:10Z", bucket_block(False)),
                                                 ("2026-08-18T14:07:31Z", bucket_block(True))],
    (SHARED, HOME, "AWS::S3::Bucket", "thistlebarrow-ci-artifacts"): [("2023-05-08T09:10:00Z", bucket_block(False)), ("2026-05-06T09:02:44Z", bucket_block(True))],
    (SHARED, HOME, "AWS::S3::AccountPublicAccessBlock", SHARED): [("2023-05-08T09:10:00Z", account_block(False)), ("2026-05-06T09:02:50Z", account_block(True))],
    (PROD, HOME, "AWS::CloudTrail::Trail", "production-trail"): [
        ("2023-05-08T09:10:00Z", {"configuration": {"isMultiRegionTrail": False, "logFileValidationEnabled": True}}),
        ("2026-02-20T11:02:20Z", {"configuration": {"isMultiRegionTrail": True, "logFileValidationEnabled": True}})],
    (SHARED, HOME, "AWS::CloudTrail::Trail", "audit-trail-v2"): [
        ("2026-09-08T14:33:05Z", {"configuration": {"isMultiRegionTrail": False, "logFileValidationEnabled": True}})],
    (PROD, HOME, "AWS::Config::ResourceCompliance", "AWS::IAM::User/dmarsh"): [
        ("2023-05-08T09:40:00Z", verdict("AWS::IAM::User", "dmarsh", "access-keys-rotated", True)),
        ("2026-08-12T02:15:00Z", verdict("AWS::IAM::User", "dmarsh", "access-keys-rotated", False))],
    (PROD, HOME, "AWS::Config::ResourceCompliance", "AWS::IAM::User/obelenko"): [
        ("2023-05-08T09:40:00Z", verdict("AWS::IAM::User", "obelenko", "mfa-enabled-for-iam-console-access", True)),
        ("2026-06-03T09:05:00Z", verdict("AWS::IAM::User", "obelenko", "mfa-enabled-for-iam-console-access", False))],
    (PROD, "eu-west-1", "AWS::Config::ResourceCompliance", "AWS::S3::Bucket/" + EU): [
        ("2023-05-08T09:40:00Z", verdict("AWS::S3::Bucket", EU, "s3-bucket-public-read-prohibited", True))],
    (PROD, HOME, "AWS::Config::ResourceCompliance", "AWS::RDS::DBInstance/billing-legacy"): [
        ("2023-05-08T09:40:00Z", verdict("AWS::RDS::DBInstance", "billing-legacy", "rds-storage-encrypted", False))],
    (PROD, HOME, "AWS::IAM::Policy", "support-tools"): [("2023-05-08T09:10:00Z", {}), ("2026-02-03T09:01:15Z", {})],
    (PROD, HOME, "AWS::IAM::Role", "lanternfly-telemetry"): [("2026-09-16T09:59:40Z", {})],
    (PROD, HOME, "AWS::KMS::Key", "reports-export"): [("2023-05-08T09:10:00Z", {}), ("2026-05-20T09:17:30Z", {})],
}
OPENED, CLOSED = "2026-06-25T19:42:10Z", "2026-07-09T09:06:30Z"  # the security group migration-bastion


def here(s, x):
    """(type, id, name, ARN) of what AWS Config records here, and what its rules say of some of it by their ids."""
    ids = {}
    for kind, ident, name, arn in resources(s, x):
        ids[f"{kind}/{name}"] = f"{kind}/{ident}"
        yield kind, ident, name, arn
    for (account, region, kind, of), changes in CHANGES.items():
        if (account, region) == (x.account, x.region) and when(changes[0][0]) <= now():
            if kind == "AWS::Config::ResourceCompliance":
                yield kind, ids[of], of, ""
            if kind == "AWS::S3::AccountPublicAccessBlock":
                yield kind, of, "", ""


def resources(s, x):
    """What moto has."""
    for b in sorted(b["Name"] for b in s.client("s3", x.account).list_buckets()["Buckets"]):
        at = s.client("s3", x.account).get_bucket_location(Bucket=b).get("LocationConstraint") or HOME
        if at == x.region:
            yield "AWS::S3::Bucket", b, b, f"arn:aws:s3:::{b}"
    for g in s.client("ec2", x.account, x.region).describe_security_groups()["SecurityGroups"]:
        yield "AWS::EC2::SecurityGroup", g["GroupId"], g["GroupName"], f"arn:aws:ec2:{x.region}:{x.account}:security-group/{g['GroupId']}"
    for v in s.client("ec2", x.account, x.region).describe_volumes()["Volumes"]:
        yield "AWS::EC2::Volume", v["VolumeId"], "", f"arn:aws:ec2:{x.region}:{x.account}:volume/{v['VolumeId']}"
    for d in s.client("rds", x.account, x.region).describe_db_instances()["DBInstances"]:
        ident = "db-" + hashlib.sha256(d["DBInstanceArn"].encode()).hexdigest()[:26].upper()  # moto has one id for all
        yield "AWS::RDS::DBInstance", ident, d["DBInstanceIdentifier"], d["DBInstanceArn"]
    for t in s.client("cloudtrail", x.account, x.region).describe_trails(includeShadowTrails=False)["trailList"]:
        yield "AWS::CloudTrail::Trail", t["TrailARN"], t["Name"], t["TrailARN"]
    kms = s.client("kms", x.account, x.region)
    for a in kms.list_aliases()["Aliases"]:
        if not a["AliasName"].startswith("alias/aws/") and a.get("TargetKeyId"):
            yield "AWS::KMS::Key", a["TargetKeyId"], a["AliasName"][6:], f"arn:aws:kms:{x.region}:{x.account}:key/{a['TargetKeyId']}"
    if x.region == HOME:
        iam = s.client("iam", x.account)
        for u in iam.list_users()["Users"]:
            yield "AWS::IAM::User", u["UserId"], u["UserName"], u["Arn"]
        for r in iam.list_roles()["Roles"]:
            yield "AWS::IAM::Role", r["RoleId"], r["RoleName"], r["Arn"]
        for p in iam.list_policies(Scope="Local")["Policies"]:
            yield "AWS::IAM::Policy", p["PolicyId"], p["PolicyName"], p["Arn"]


def states(x, kind, ident, name):
    """The states so far, newest first; a security group that is open and gone has its own."""
    if ident == infrastructure.STATE.get("bastion"):
        out = [(OPENED, "ResourceDiscovered", ssh()), (CLOSED, "ResourceDeleted", None)]
    else:
        of = CHANGES.get((x.account, x.region, kind, ident)) or CHANGES.get((x.account, x.region, kind, name)) or [(BEGUN.strftime("%Y-%m-%dT%H:%M:%SZ"), {})]
        out = [(t, "OK" if n else "ResourceDiscovered", c) for n, (t, c) in enumerate(of)]
    return [(when(t), status, c) for t, status, c in reversed(out) if when(t) <= now()]


@answers("config:SelectResourceConfig")
def _(s, x):
    rows = []
    for kind, ident, name, arn in here(s, x):
        so_far = states(x, kind, ident, name)
        if not so_far or f"'{kind}'" not in x.params["Expression"]:
            continue
        row = {"resourceId": ident, "resourceType": kind, "configurationItemCaptureTime": so_far[0][0].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
               "configurationItemStatus": so_far[0][1]}
        row.update({k: v for k, v in (("resourceName", name), ("arn", arn)) if v and "Compliance" not in kind})
        rows.append(json.dumps(row, sort_keys=True))
    first = int(x.params.get("NextToken") or 0)
    out = {"Results": rows[first:first + 100], "QueryInfo": {"SelectFields": [{"Name": "resourceId"}, {"Name": "resourceType"}]}}
    if first + 100 < len(rows):
        out["NextToken"] = str(first + 100)
    return out


@answers("config:GetResourceConfigHistory")
def _(s, x):
    kind, ident = x.params["resourceType"], x.params["resourceId"]
    name, arn = next(((n, a) for k, i, n, a in here(s, x) if (k, i) == (kind, ident)), ("", ""))
    items = []
    for t, status, c in states(x, kind, ident, name):
        item = {"version": "1.3", "accountId": x.account, "configurationItemCaptureTime": t, "configurationItemStatus": status, "resourceType": kind,
                "configurationStateId": str(int(t.timestamp() * 1000)), "resourceId": ident, "awsRegion": x.region, "tags": {}, "relatedEvents": [], "relationships": [],
                "recordingFrequency": "CONTINUOUS", "supplementaryConfiguration": {k: json.dumps(v) for k, v in (c or {}).get("supplementaryConfiguration", {}).items()}}
        if c is not None:
            conf = dict(c.get("configuration", {}))
            if "targetResourceId" in conf:
                conf["targetResourceId"] = ident.partition("/")[2]
            item["configuration"] = json.dumps(conf)
        item.update({k: v for k, v in (("resourceName", name), ("arn", arn)) if v and "Compliance" not in kind})
        items.append(item)
    return {"configurationItems": items}


@answers("config:ListDiscoveredResources")
def _(s, x):
    out = [{"resourceType": kind, "resourceId": ident, "resourceName": name} for kind, ident, name, _ in here(s, x) if kind == x.params["resourceType"]]
    bastion = infrastructure.STATE.get("bastion")
    if bastion and (x.account, x.region) == (PROD, HOME) and when(CLOSED) <= now():
        out.append({"resourceType": "AWS::EC2::SecurityGroup", "resourceId": bastion, "resourceDeletionTime": when(CLOSED)})
    return {"resourceIdentifiers": out}


@answers("config:DescribeRetentionConfigurations")
def _(s, x):
    return {"RetentionConfigurations": []}  # nobody set one: 2,557 days
