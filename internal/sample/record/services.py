"""More of answers.py: storage, trails, databases, the edge, and AWS's own watchers."""

import datetime
import fnmatch
import hashlib
import json

import findings
from answers import ago, answers, fixes, now, role_arn, when
from story import PROD
from wire import Refusal

# --- storage ------------------------------------------------------------------------------------


@fixes("s3:ListBuckets")
def _(s, x, out):
    s3 = s.client("s3", x.account)
    for b in out["Buckets"]:
        b["BucketRegion"] = s3.get_bucket_location(Bucket=b["Name"])["LocationConstraint"] or "us-east-1"
    wanted = x.params.get("bucket-region")
    out["Buckets"] = [b for b in out["Buckets"] if not wanted or b["BucketRegion"] == wanted]
    return out


@answers("s3:GetBucketPolicyStatus")
def _(s, x):
    s3 = s.client("s3", x.account)
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=x.params["Bucket"])["Policy"])
    except s3.exceptions.ClientError as e:
        raise Refusal(404, "NoSuchBucketPolicy", "The bucket policy does not exist") from e
    public = any(st["Effect"] == "Allow" and st["Principal"] == "*" and not st.get("Condition") for st in policy["Statement"])
    return {"PolicyStatus": {"IsPublic": public}}


# --- trails, volumes, databases -----------------------------------------------------------------


@fixes("cloudtrail:GetTrailStatus")
def _(s, x, out):
    """moto says that nothing was ever delivered; AWS delivers within minutes and a digest every hour."""
    logging = out.get("IsLogging")
    t = ago(minutes=4)
    out.update(LatestDeliveryTime=t, LatestDigestDeliveryTime=ago(minutes=41), LatestDeliveryAttemptTime=t.strftime("%Y-%m-%dT%H:%M:%SZ"),
               LatestDeliveryAttemptSucceeded=t.strftime("%Y-%m-%dT%H:%M:%SZ"), LatestNotificationAttemptTime="",
               LatestNotificationAttemptSucceeded="", TimeLoggingStopped="")
    if not logging:
        raise SystemExit("the story has no stopped trail")
    return out


@answers("cloudtrail:GetEventSelectors")
def _(s, x):
    """AWS answers for a trail of another region by its ARN; moto looks only in the region asked."""
    home = x.params["TrailName"].split(":")[3] if x.params["TrailName"].startswith("arn:") else x.region
    out = s.client("cloudtrail", x.account, home).get_event_selectors(TrailName=x.params["TrailName"])
    return {k: v for k, v in out.items() if k != "ResponseMetadata" and v != []}


@answers("ec2:GetEbsDefaultKmsKeyId")
def _(s, x):
    return {"KmsKeyId": "alias/aws/ebs"}


@fixes("rds:DescribeDBInstances")
def _(s, x, out):
    for d in out["DBInstances"]:
        d.setdefault("MonitoringInterval", 60)
        d.setdefault("CertificateDetails", {"CAIdentifier": "rds-ca-rsa2048-g1", "ValidTill": when("2027-05-24T00:00:00Z")})
        d.setdefault("PubliclyAccessible", False)
    return out


@fixes("kms:ListAliases")
def _(s, x, out):
    """moto names AWS's own keys that it does not list."""
    listed = {k["KeyId"] for k in s.client("kms", x.account, x.region).list_keys()["Keys"]}
    out["Aliases"] = [a for a in out["Aliases"] if a.get("TargetKeyId") in listed]
    return out


@fixes("kms:GetKeyRotationStatus")
def _(s, x, out):
    """AWS says how often a key rotates, and when next; moto only when the period was set by hand."""
    if out.get("KeyRotationEnabled"):
        out.setdefault("RotationPeriodInDays", 365)
    return out


# --- edge -----------------------------------------------------------------------------------------


@fixes("elbv2:DescribeRules")
def _(s, x, out):
    """moto ends a rule's ARN with an address in its memory."""
    for r in out["Rules"]:
        listener, _, _ = r["RuleArn"].rpartition("/")
        r["RuleArn"] = listener + "/" + hashlib.sha256((listener + r["Priority"]).encode()).hexdigest()[:16]
    return out


@answers("wafv2:ListResourcesForWebACL")
def _(s, x):
    if x.params.get("ResourceType", "APPLICATION_LOAD_BALANCER") != "APPLICATION_LOAD_BALANCER":
        return {"ResourceArns": []}
    waf, elb = s.client("wafv2", x.account, x.region), s.client("elbv2", x.account, x.region)
    arns = []
    for lb in elb.describe_load_balancers()["LoadBalancers"]:
        acl = waf.get_web_acl_for_resource(ResourceArn=lb["LoadBalancerArn"]).get("WebACL")
        if acl and acl["ARN"] == x.params["WebACLArn"]:
            arns.append(lb["LoadBalancerArn"])
    return {"ResourceArns": arns}


@answers("artifact:ListReports")
def _(s, x):
    reports = []
    for n, start, end, out in ((1, "2024-10-01", "2025-09-30", "2025-11-14"), (2, "2025-04-01", "2026-03-31", "2026-05-15")):
        if when(out + "T00:00:00Z") > now():
            continue
        reports.append({"id": f"report-sample{n:010d}", "name": "SOC 2 Security, Availability, Confidentiality and Privacy Report",
                        "state": "PUBLISHED", "version": 1, "description": "AWS SOC 2 Type 2 report", "series": "SOC 2",
                        "arn": f"arn:aws:artifact:::report/report-sample{n:010d}:1", "category": "Certifications and Attestations",
                        "companyName": "AWS", "productName": "AWS", "uploadState": "COMPLETE", "acceptanceType": "EXPLICIT",
                        "periodStart": when(start + "T00:00:00Z"), "periodEnd": when(end + "T23:59:59Z")})
    return {"reports": reports}


# --- findings of AWS's own watchers -------------------------------------------------------------


def denied_by_scp(x, action):
    if x.account == PROD and x.region == "eu-central-1":
        raise Refusal(403, "AccessDeniedException", f"User: {role_arn(PROD)} is not authorized to perform: {action} on resource: "
                      f"arn:aws:securityhub:{x.region}:{PROD}:hub/default with an explicit deny in a service control policy")


@answers("securityhub:GetEnabledStandards")
def _(s, x):
    denied_by_scp(x, "securityhub:GetEnabledStandards")
    names = ("aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/3.0.0")
    return {"StandardsSubscriptions": [{
        "StandardsSubscriptionArn": f"arn:aws:securityhub:{x.region}:{x.account}:subscription/{n}",
        "StandardsArn": f"arn:aws:securityhub:{x.region}::standards/{n}", "StandardsInput": {}, "StandardsStatus": "READY",
        "StandardsControlsUpdatable": "READY_FOR_UPDATES"} for n in names]}


@answers("securityhub:ListFindingAggregators")
def _(s, x):
    denied_by_scp(x, "securityhub:ListFindingAggregators")
    return {"FindingAggregators": []}


@answers("securityhub:DescribeHub")
def _(s, x):
    denied_by_scp(x, "securityhub:DescribeHub")
    return {"HubArn": f"arn:aws:securityhub:{x.region}:{x.account}:hub/default", "SubscribedAt": "2023-05-08T09:00:00.000Z",
            "AutoEnableControls": True, "ControlFindingGenerator": "SECURITY_CONTROL"}


@answers("securityhub:GetFindings")
def _(s, x):
    denied_by_scp(x, "securityhub:GetFindings")
    rows = findings.security_hub(x.account, x.region, now())
    if (x.account, x.region, now().strftime("%Y-%m")) == (PROD, "eu-west-1", "2026-04"):
        # The listing of this quarter was cut: the second page was refused.
        if x.params.get("NextToken"):
            raise Refusal(400, "InvalidInputException", "Invalid parameter 'NextToken': the token has expired")
        return {"Findings": rows[:1], "NextToken": "c2FtcGxlLW5leHQtcGFnZQ"}
    return {"Findings": rows}


@answers("guardduty:ListFindings")
def _(s, x):
    return {"FindingIds": [f["Id"] for f in findings.guardduty(x.account, x.region, now(), x.params["DetectorId"])], "NextToken": ""}


@answers("guardduty:GetFindings")
def _(s, x):
    have = {f["Id"]: f for f in findings.guardduty(x.account, x.region, now(), x.params["DetectorId"])}
    return {"Findings": [have[i] for i in x.params["FindingIds"] if i in have]}


@answers("accessanalyzer:ListAnalyzers")
def _(s, x):
    return {"analyzers": findings.analyzers(x.account, x.region, now())}


@answers("accessanalyzer:ListFindingsV2")
def _(s, x):
    return {"findings": findings.external_access(x.account, x.region, now())}


def rules(s, x):
    """Each rule with the resources that do not comply, worked out from what moto holds."""
    c = lambda service: s.client(service, x.account, x.region)  # noqa: E731
    iam = s.client("iam", x.account)
    users = iam.list_users()["Users"]
    old = lambda u: any(now() - k["CreateDate"] > datetime.timedelta(days=90)  # noqa: E731
                        for k in iam.list_access_keys(UserName=u["UserName"])["AccessKeyMetadata"])

    def console_without_mfa(u):
        try:
            iam.get_login_profile(UserName=u["UserName"])
        except iam.exceptions.NoSuchEntityException:
            return False
        return not iam.list_mfa_devices(UserName=u["UserName"])["MFADevices"]

    def of(source):
        match source:
            case "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS":
                return "AWS::IAM::User", [u["UserId"] for u in users], [u["UserId"] for u in users if console_without_mfa(u)]
            case "ACCESS_KEYS_ROTATED":
                return "AWS::IAM::User", [u["UserId"] for u in users], [u["UserId"] for u in users if old(u)]
            case "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED" | "S3_BUCKET_PUBLIC_READ_PROHIBITED":
                s3 = s.client("s3", x.account)
                here = [b["Name"] for b in s3.list_buckets()["Buckets"]
                        if (s3.get_bucket_location(Bucket=b["Name"])["LocationConstraint"] or "us-east-1") == x.region]
                public = [b for b in here if "PUBLIC_READ" in source and fnmatch.fnmatch(b, "*-marketing-assets")]
                return "AWS::S3::Bucket", here, public
            case "RDS_STORAGE_ENCRYPTED":
                dbs = c("rds").describe_db_instances()["DBInstances"]
                return "AWS::RDS::DBInstance", [d["DbiResourceId"] for d in dbs], [d["DbiResourceId"] for d in dbs if not d["StorageEncrypted"]]
            case "INCOMING_SSH_DISABLED":
                groups = c("ec2").describe_security_groups()["SecurityGroups"]
                return "AWS::EC2::SecurityGroup", [g["GroupId"] for g in groups], [
                    g["GroupId"] for g in groups for p in g["IpPermissions"]
                    if p.get("FromPort") == 22 and any(r["CidrIp"] == "0.0.0.0/0" for r in p["IpRanges"])]
            case "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED":
                return "AWS::CloudTrail::Trail", [t["TrailARN"] for t in c("cloudtrail").describe_trails()["trailList"]], []
        raise SystemExit(f"no compliance for {source}")

    out = {}
    for r in c("config").describe_config_rules()["ConfigRules"]:
        out[r["ConfigRuleName"]] = of(r["Source"]["SourceIdentifier"])
    return out


@answers("config:DescribeComplianceByConfigRule")
def _(s, x):
    out = []
    for name, (_, all_, bad) in sorted(rules(s, x).items()):
        kind = "NON_COMPLIANT" if bad else "COMPLIANT" if all_ else "INSUFFICIENT_DATA"
        c = {"ComplianceType": kind}
        if bad:
            c["ComplianceContributorCount"] = {"CappedCount": len(bad), "CapExceeded": False}
        out.append({"ConfigRuleName": name, "Compliance": c})
    wanted = x.params.get("ConfigRuleNames")
    return {"ComplianceByConfigRules": [r for r in out if not wanted or r["ConfigRuleName"] in wanted]}


@answers("config:GetComplianceDetailsByConfigRule")
def _(s, x):
    kind, all_, bad = rules(s, x)[x.params["ConfigRuleName"]]
    wanted = x.params.get("ComplianceTypes")
    out = []
    for i in sorted(all_):
        state = "NON_COMPLIANT" if i in bad else "COMPLIANT"
        if wanted and state not in wanted:
            continue
        out.append({"EvaluationResultIdentifier": {"EvaluationResultQualifier": {
            "ConfigRuleName": x.params["ConfigRuleName"], "ResourceType": kind, "ResourceId": i},
            "OrderingTimestamp": ago(hours=7)}, "ComplianceType": state, "ResultRecordedTime": ago(hours=7),
            "ConfigRuleInvokedTime": ago(hours=7)})
    return {"EvaluationResults": out}
