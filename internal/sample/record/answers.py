"""What moto does not answer, and what it answers differently from AWS.

ANSWERS are whole answers, written from the story; FIXES take moto's answer as
botocore reads it and give back what AWS would have said. README.md lists every
one of both. NOW is the frozen time of the run.
"""

import datetime

from story import HOME, PROD, REGIONS, SHARED
from wire import Refusal

NOW = ""
ANSWERS, FIXES = {}, {}


def answers(name):
    return lambda f: ANSWERS.setdefault(name, f)


def fixes(name):
    return lambda f: FIXES.setdefault(name, f)


def now():
    return when(NOW)


def when(s):
    return datetime.datetime.fromisoformat(s.replace("Z", "+00:00"))


def ago(**kw):
    return now() - datetime.timedelta(**kw)


# --- who asks, and where -----------------------------------------------------------------


def role_arn(account):
    return f"arn:aws:sts::{account}:assumed-role/exhibit-evidence/exhibit"


@answers("sts:GetCallerIdentity")
def _(s, x):
    return {"Account": x.account, "Arn": role_arn(x.account), "UserId": "AROASAMPLE" + x.account[:10] + ":exhibit"}


@answers("sts:AssumeRole")
def _(s, x):
    account = x.params["RoleArn"].split(":")[4]
    if account not in (SHARED, PROD):
        raise Refusal(403, "AccessDenied", f"User: {role_arn(x.account)} is not authorized to perform: sts:AssumeRole "
                      f"on resource: {x.params['RoleArn']}")
    return {"Credentials": {"AccessKeyId": "ASIASAMPLEPROD000000" if account == PROD else "ASIASAMPLESHARED0000",
                            "SecretAccessKey": "SampleOnlyNotASecretSampleOnlyNotASecret",
                            "SessionToken": "sample-only-not-a-token",
                            # Far away, because the SDK compares it with the day of the replay.
                            "Expiration": when("2099-12-31T00:00:00Z")},
            "AssumedRoleUser": {"Arn": role_arn(account), "AssumedRoleId": "AROASAMPLE" + account[:10] + ":exhibit"}}


DEFAULT = ("ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 "
           "eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2").split()
OPT_IN = ("af-south-1 ap-east-1 ap-south-2 ap-southeast-3 ap-southeast-4 ca-west-1 eu-central-2 eu-south-1 eu-south-2 "
          "il-central-1 me-central-1 me-south-1").split()


@answers("account:ListRegions")
def _(s, x):
    known = [(r, "ENABLED_BY_DEFAULT") for r in DEFAULT] + [(r, "DISABLED") for r in OPT_IN]
    wanted = x.params.get("RegionOptStatusContains")
    return {"Regions": [{"RegionName": r, "RegionOptStatus": st} for r, st in sorted(known) if not wanted or st in wanted]}


@answers("ec2:DescribeRegions")
def _(s, x):
    out = [(r, "opt-in-not-required") for r in DEFAULT]
    if x.params.get("AllRegions") == "true":
        out += [(r, "not-opted-in") for r in OPT_IN]
    return {"Regions": [{"RegionName": r, "Endpoint": f"ec2.{r}.amazonaws.com", "OptInStatus": st} for r, st in sorted(out)]}


@fixes("organizations:ListAccounts")
def _(s, x, out):
    for a in out["Accounts"]:
        if a["Id"] == SHARED:
            a["Name"], a["Email"] = "thistlebarrow-shared", "aws-shared@thistlebarrow.example"
    return out


@fixes("organizations:DescribeAccount")
def _(s, x, out):
    if out["Account"]["Id"] == SHARED:
        out["Account"].update(Name="thistlebarrow-shared", Email="aws-shared@thistlebarrow.example")
    return out


@fixes("organizations:DescribeOrganization")
def _(s, x, out):
    out["Organization"]["MasterAccountEmail"] = "aws-shared@thistlebarrow.example"
    return out


# --- IAM ------------------------------------------------------------------------------------

# Until when a person or machine signed in or used a key; "" is to this day, None is never.
# (account, user): (last password use, last key use, service of the key, its region)
USE = {
    (SHARED, "breakglass-shared"): ("2026-01-21T10:04:00Z", None, "", ""),
    (PROD, "breakglass-production"): ("2026-01-21T10:20:00Z", None, "", ""),
    (SHARED, "tvance"): ("2026-02-12T16:48:00Z", None, "", ""),
    (PROD, "rquayle"): ("2026-05-27T09:12:00Z", "2026-05-28T15:31:00Z", "s3", "us-east-1"),
    (PROD, "obelenko"): ("", None, "", ""),
    (PROD, "dmarsh"): ("", "", "ec2", "eu-west-1"),
    (PROD, "ci-deploy"): (None, "", "ecs", "us-east-1"),
    (PROD, "telemetry-export"): (None, "", "monitoring", "us-east-1"),
}
# Break-glass users were last used before the period, and in the drill of January 2026.
EARLIER = {"breakglass-shared": "2025-06-10T09:30:00Z", "breakglass-production": "2025-06-10T09:41:00Z"}


def last(account, name, which):
    until = USE[account, name][which]
    if until is None:
        return None
    recent = (ago(days=1) if which == 0 else ago(hours=9)).replace(minute=12 + len(name) % 40)
    if until == "":
        return recent
    if when(until) > now():
        return when(EARLIER[name]) if name in EARLIER else recent
    return when(until)


# When the break-glass passwords were changed: after their use, after the drill, after a leaver.
SEALED = ["2025-06-10T10:00:00Z", "2026-01-21T10:40:00Z", "2026-02-13T18:40:00Z"]


def changed(account, name, created):
    """Passwords are changed every 84 days while the person is here, sealed ones when they were opened."""
    if name in EARLIER:
        return max(when(t) for t in SEALED if when(t) <= now())
    end = min(now(), when(USE[account, name][0] or NOW))
    while created + datetime.timedelta(days=84) <= end:
        created += datetime.timedelta(days=84)
    return created


@answers("iam:GenerateCredentialReport")
def _(s, x):
    return {"State": "COMPLETE"}  # as when a report less than four hours old exists


HEADER = ("user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"
          "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
          "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
          "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
          "cert_2_last_rotated")


@answers("iam:GetCredentialReport")
def _(s, x):
    iam = s.client("iam", x.account)
    iso = lambda t: t.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")  # noqa: E731
    root_made = "2021-02-08T08:55:00+00:00"
    none = ["false", "N/A", "N/A", "N/A", "N/A"]
    rows = [["<root_account>", f"arn:aws:iam::{x.account}:root", root_made, "not_supported", "2025-06-10T09:12:44+00:00",
             "not_supported", "not_supported", "true", *none, *none, "false", "N/A", "false", "N/A"]]
    try:
        days = iam.get_account_password_policy()["PasswordPolicy"].get("MaxPasswordAge")
    except iam.exceptions.NoSuchEntityException:
        days = None
    for u in iam.list_users()["Users"]:
        name = u["UserName"]
        try:
            made = iam.get_login_profile(UserName=name)["LoginProfile"]["CreateDate"]
            change = changed(x.account, name, made)
            used = last(x.account, name, 0)
            password = ["true", iso(used) if used else "no_information", iso(change),
                        iso(change + datetime.timedelta(days=days)) if days else "N/A"]
        except iam.exceptions.NoSuchEntityException:
            password = ["false", "N/A", "N/A", "N/A"]
        mfa = "true" if iam.list_mfa_devices(UserName=name)["MFADevices"] else "false"
        keys = []
        for k in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            used = key_used(x.account, name, k)
            keys += [str(k["Status"] == "Active").lower(), iso(k["CreateDate"]), *(
                [iso(used), USE[x.account, name][3], USE[x.account, name][2]] if used else ["N/A"] * 3)]
        while len(keys) < 10:
            keys += none
        rows.append([name, u["Arn"], iso(u["CreateDate"]), *password, mfa, *keys, "false", "N/A", "false", "N/A"])
    report = "\n".join([HEADER] + [",".join(r) for r in sorted(rows, key=lambda r: r[0])])
    return {"Content": report.encode(), "ReportFormat": "text/csv", "GeneratedTime": ago(minutes=2)}


def key_used(account, name, key):
    used = last(account, name, 1)
    return used if used and used > key["CreateDate"] else None


@answers("iam:GetAccessKeyLastUsed")
def _(s, x):
    iam = s.client("iam", x.account)
    for u in iam.list_users()["Users"]:
        for k in iam.list_access_keys(UserName=u["UserName"])["AccessKeyMetadata"]:
            if k["AccessKeyId"] == x.params["AccessKeyId"]:
                used = key_used(x.account, u["UserName"], k)
                _, _, service, region = USE[x.account, u["UserName"]]
                return {"UserName": u["UserName"], "AccessKeyLastUsed": {"LastUsedDate": used, "ServiceName": service, "Region": region}
                        if used else {"ServiceName": "N/A", "Region": "N/A"}}
    raise Refusal(403, "AccessDenied", "The access key is not of this account")


@fixes("iam:ListUsers")
def _(s, x, out):
    for u in out["Users"]:
        u.pop("PasswordLastUsed", None)
        if used := last(x.account, u["UserName"], 0):
            u["PasswordLastUsed"] = used
    return out


@fixes("iam:GetAccountSummary")
def _(s, x, out):
    out["SummaryMap"].update(AccountMFAEnabled=1, AccountAccessKeysPresent=0, AccountSigningCertificatesPresent=0,
                             AccountPasswordPresent=1)
    return out


@fixes("iam:ListVirtualMFADevices")
def _(s, x, out):
    """AWS lists root's virtual device among the others and never repeats a seed; moto has no root and repeats them.
    The management account's root has a hardware key instead."""
    for d in out["VirtualMFADevices"]:
        d.pop("Base32StringSeed", None)
        d.pop("QRCodePNG", None)
    if x.params.get("AssignmentStatus") != "Unassigned" and x.account == PROD:
        out["VirtualMFADevices"].append({
            "SerialNumber": f"arn:aws:iam::{x.account}:mfa/root-account-mfa-device", "EnableDate": when("2021-02-08T09:10:00Z"),
            "User": {"Path": "/", "UserName": "", "UserId": x.account, "Arn": f"arn:aws:iam::{x.account}:root",
                     "CreateDate": when("2021-02-08T08:55:00Z")}})
    return out


@fixes("iam:GetAccountAuthorizationDetails")
def _(s, x, out):
    """AWS lists its own managed policies where they are attached; moto lists all twelve hundred."""
    out["Policies"] = [p for p in out["Policies"] if not p["Arn"].startswith("arn:aws:iam::aws:") or p["AttachmentCount"]]
    return out


@fixes("iam:ListPolicies")
def _(s, x, out):
    out["Policies"] = [p for p in out["Policies"] if not p["Arn"].startswith("arn:aws:iam::aws:") or p["AttachmentCount"]]
    return out


# --- Identity Center --------------------------------------------------------------------------


@answers("sso-admin:ListAccountsForProvisionedPermissionSet")
def _(s, x):
    sso = s.client("sso-admin", x.account, x.region)
    ids = [a for a in (SHARED, PROD) if sso.list_account_assignments(
        InstanceArn=x.params["InstanceArn"], AccountId=a, PermissionSetArn=x.params["PermissionSetArn"])["AccountAssignments"]]
    return {"AccountIds": ids}


@answers("sso-admin:ListPermissionSetsProvisionedToAccount")
def _(s, x):
    sso = s.client("sso-admin", x.account, x.region)
    instance = x.params["InstanceArn"]
    return {"PermissionSets": [p for p in sso.list_permission_sets(InstanceArn=instance)["PermissionSets"]
                               if sso.list_account_assignments(InstanceArn=instance, AccountId=x.params["AccountId"],
                                                               PermissionSetArn=p)["AccountAssignments"]]}


def only_home(name, empty):
    """Identity Center lives in one account and region; moto gives every one of them its own instance."""
    inner = FIXES.get(name, lambda s, x, out: out)
    FIXES[name] = lambda s, x, out: inner(s, x, out) if (x.account, x.region) == (SHARED, HOME) else empty


only_home("sso-admin:ListInstances", {"Instances": []})


assert set(REGIONS) <= set(DEFAULT)
