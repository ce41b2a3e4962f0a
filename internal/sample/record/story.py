"""What the sample organisation did in its two AWS accounts, and when.

Every event is a function with the time it happened at; plant() applies those
that are due, in order, with the clock standing at each one's time. Nothing here
knows how answers are read: reading is the collectors' business.
"""

import json

SHARED = "111122223333"  # management account of the organization, and shared services
PROD = "444455556666"
REGIONS = ["us-east-1", "eu-west-1", "eu-central-1"]
HOME = "us-east-1"

EVENTS = []


def at(when):
    """Registers an event at a time in UTC."""

    def add(f):
        EVENTS.append((when, len(EVENTS), f))
        return f

    return add


def allow(*actions, resource="*", **more):
    return json.dumps({"Version": "2012-10-17",
                       "Statement": [dict({"Effect": "Allow", "Action": list(actions), "Resource": resource}, **more)]})


def trust(**principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


def tags(**kv):
    return [{"Key": k, "Value": v} for k, v in kv.items()]


# --- people and machines with credentials -------------------------------------------------


def user(c, account, name, password=False, mfa=True, policies=(), groups=(), key=False):
    iam = c("iam", account)
    iam.create_user(UserName=name, Tags=tags(kind="service" if not password else "person"))
    for g in groups:
        iam.add_user_to_group(GroupName=g, UserName=name)
    for arn in policies:
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    if password:
        iam.create_login_profile(UserName=name, Password="Sample-0nly-not-a-secret!", PasswordResetRequired=False)
    if mfa:
        device(c, account, name)
    if key:
        iam.create_access_key(UserName=name)


def device(c, account, name):
    iam = c("iam", account)
    d = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    iam.enable_mfa_device(UserName=name, SerialNumber=d["SerialNumber"],
                          AuthenticationCode1="123456", AuthenticationCode2="654321")


def drop_device(c, account, name):
    iam = c("iam", account)
    serial = f"arn:aws:iam::{account}:mfa/{name}"
    iam.deactivate_mfa_device(UserName=name, SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)


def new_key(c, account, name):
    """Replaces the user's access keys by a new one."""
    iam = c("iam", account)
    old = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    iam.create_access_key(UserName=name)
    for k in old:
        iam.delete_access_key(UserName=name, AccessKeyId=k["AccessKeyId"])


def delete_user(c, account, name):
    iam = c("iam", account)
    for k in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=k["AccessKeyId"])
    for d in iam.list_mfa_devices(UserName=name)["MFADevices"]:
        iam.deactivate_mfa_device(UserName=name, SerialNumber=d["SerialNumber"])
        iam.delete_virtual_mfa_device(SerialNumber=d["SerialNumber"])
    for g in iam.list_groups_for_user(UserName=name)["Groups"]:
        iam.remove_user_from_group(GroupName=g["GroupName"], UserName=name)
    for p in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=p["PolicyArn"])
    for p in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=p)
    try:
        iam.delete_login_profile(UserName=name)
    except iam.exceptions.NoSuchEntityException:
        pass
    iam.delete_user(UserName=name)


def policy(c, account, name, document, description):
    return c("iam", account).create_policy(PolicyName=name, PolicyDocument=document, Description=description)["Policy"]["Arn"]


def role(c, account, name, trusted, managed=(), description=""):
    iam = c("iam", account)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, Description=description)
    for arn in managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)


AWS = "arn:aws:iam::aws:policy/"


@at("2021-02-08T09:00:00Z")
def accounts(c):
    org = c("organizations", SHARED)
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    org.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    org.create_account(Email="aws-production@thistlebarrow.example", AccountName="thistlebarrow-production")
    ou = org.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
    org.move_account(AccountId=PROD, SourceParentId=root, DestinationParentId=ou)


@at("2021-02-08T09:30:00Z")
def defaults(c):
    """AWS gives every account and region default networks and keys; moto makes them when first asked, so they are asked here."""
    for account in (SHARED, PROD):
        for region in REGIONS:
            c("ec2", account, region).describe_vpcs()
            c("kms", account, region).list_aliases()
            c("rds", account, region).describe_db_instances()
            c("elbv2", account, region).describe_load_balancers()
            c("sso-admin", account, region).list_instances()
        c("s3", account).list_buckets()


@at("2021-02-08T10:00:00Z")
def break_glass(c):
    for account, suffix in ((SHARED, "shared"), (PROD, "production")):
        iam = c("iam", account)
        iam.create_group(GroupName="break-glass")
        iam.attach_group_policy(GroupName="break-glass", PolicyArn=AWS + "AdministratorAccess")
        user(c, account, f"breakglass-{suffix}", password=True, groups=["break-glass"])
    c("iam", PROD).create_group(GroupName="operators")
    c("iam", PROD).attach_group_policy(GroupName="operators", PolicyArn=AWS + "job-function/SystemAdministrator")


@at("2021-06-21T13:10:00Z")
def first_users(c):
    user(c, SHARED, "tvance", password=True, groups=["break-glass"])
    user(c, PROD, "rquayle", password=True, groups=["operators"], key=True)


@at("2022-03-14T08:30:00Z")
def operators(c):
    user(c, PROD, "obelenko", password=True, groups=["operators"])
    user(c, PROD, "dmarsh", password=True, groups=["operators"], key=True)
    # An upload script of 2022 nobody took away: the inline policy on a user.
    c("iam", PROD).put_user_policy(UserName="obelenko", PolicyName="legacy-upload", PolicyDocument=allow(
        "s3:PutObject", "s3:GetObject", resource="arn:aws:s3:::thistlebarrow-marketing-assets/*"))


@at("2022-05-02T11:00:00Z")
def machines(c):
    deploy = policy(c, PROD, "ci-deploy", allow(
        "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:PutImage", "ecs:UpdateService",
        "ecs:DescribeServices"), "What the build server needs to release the application")
    user(c, PROD, "ci-deploy", mfa=False, policies=[deploy], key=True)


@at("2025-05-12T15:40:00Z")
def vendor_key(c):
    read = policy(c, PROD, "telemetry-export-read", allow(
        "cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "tag:GetResources",
        Condition={"IpAddress": {"aws:SourceIp": ["198.51.100.0/27"]}}), "Read-only metrics for Lanternfly Observability")
    user(c, PROD, "telemetry-export", mfa=False, policies=[read], key=True)


@at("2023-01-17T10:20:00Z")
def roles(c):
    saml = trust(Service="ecs-tasks.amazonaws.com")
    for account in (SHARED, PROD):
        role(c, account, "exhibit-evidence", trust(AWS=f"arn:aws:iam::{SHARED}:root"), [AWS + "SecurityAudit"],
             "Read-only collection of audit evidence")
    task = policy(c, PROD, "rounds-api-task", allow(
        "s3:GetObject", "s3:PutObject", resource="arn:aws:s3:::thistlebarrow-rounds-uploads/*"), "Task role of the API")
    role(c, PROD, "rounds-api-task", saml, [task], "The API's tasks")
    worker = policy(c, PROD, "rounds-worker-task", allow(
        "sqs:ReceiveMessage", "sqs:DeleteMessage", resource=f"arn:aws:sqs:us-east-1:{PROD}:rounds-reminders"),
        "Task role of the reminder worker")
    role(c, PROD, "rounds-worker-task", saml, [worker], "The reminder worker's tasks")
    # Written in a hurry for one migration: everything on everything, attached to a role that is not for administrators.
    everything = policy(c, PROD, "release-automation-everything", allow("*"), "Temporary, for the 2023 migration")
    role(c, PROD, "release-automation", trust(Service="codebuild.amazonaws.com"), [everything], "Runs database migrations")
    support = policy(c, PROD, "support-tools", allow("s3:*"), "Support engineers restore deleted uploads")
    role(c, PROD, "support-tools", trust(AWS=f"arn:aws:iam::{SHARED}:root"), [support], "Assumed by support engineers")


@at("2026-02-03T09:00:00Z")
def narrower_support(c):
    """Support's policy named every S3 action; it now names three."""
    c("iam", PROD).create_policy_version(
        PolicyArn=f"arn:aws:iam::{PROD}:policy/support-tools", SetAsDefault=True,
        PolicyDocument=allow("s3:ListBucketVersions", "s3:GetObjectVersion", "s3:RestoreObject", resource=[
            "arn:aws:s3:::thistlebarrow-rounds-uploads", "arn:aws:s3:::thistlebarrow-rounds-uploads/*"]))


# The ways in that a person without MFA still needs: to see oneself and to add a device.
WITHOUT_MFA = ["iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:CreateVirtualMFADevice",
               "iam:EnableMFADevice", "iam:ResyncMFADevice", "iam:ChangePassword", "sts:GetSessionToken"]


@at("2022-09-05T09:00:00Z")
def require_mfa(c):
    """Everyone with a password is in a group that may do nothing without MFA."""
    for account, groups in ((SHARED, ["break-glass"]), (PROD, ["break-glass", "operators"])):
        arn = policy(c, account, "require-mfa", json.dumps({"Version": "2012-10-17", "Statement": [{
            "Sid": "DenyWithoutMFA", "Effect": "Deny", "NotAction": WITHOUT_MFA, "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}), "Nothing works without MFA")
        for g in groups:
            c("iam", account).attach_group_policy(GroupName=g, PolicyArn=arn)


@at("2023-02-01T09:00:00Z")
def passwords(c):
    c("iam", PROD).update_account_password_policy(
        MinimumPasswordLength=16, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=24)
    c("iam", SHARED).update_account_password_policy(
        MinimumPasswordLength=10, RequireSymbols=False, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True)


@at("2026-04-22T14:05:00Z")
def stronger_passwords(c):
    c("iam", SHARED).update_account_password_policy(
        MinimumPasswordLength=16, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=24)


# The build server's key is rotated every month: that is what its exception promises.
for month in ("2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04",
              "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"):
    at(f"{month}-12T07:45:00Z")(lambda c: new_key(c, PROD, "ci-deploy"))
for day in ("2025-11-04", "2026-01-29", "2026-04-21"):
    at(f"{day}T16:20:00Z")(lambda c: new_key(c, PROD, "rquayle"))
# The last rotation of this key is of May 2026: 140 days old when the period ends.
for day in ("2025-10-16", "2025-12-30", "2026-03-02", "2026-05-13"):
    at(f"{day}T12:00:00Z")(lambda c: new_key(c, PROD, "dmarsh"))


@at("2026-02-13T18:30:00Z")
def head_of_security_leaves(c):
    delete_user(c, SHARED, "tvance")


@at("2026-06-03T08:15:00Z")
def lost_phone(c):
    """The phone with the MFA device was lost; the device was taken away and no new one was added."""
    drop_device(c, PROD, "obelenko")


# --- organization and identity center ------------------------------------------------------


def scp(c, name, description, statement, target):
    org = c("organizations", SHARED)
    p = org.create_policy(Name=name, Description=description, Type="SERVICE_CONTROL_POLICY",
                          Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    org.attach_policy(PolicyId=p["Policy"]["PolicySummary"]["Id"], TargetId=target)


@at("2023-03-06T10:00:00Z")
def guardrails(c):
    root = c("organizations", SHARED).list_roots()["Roots"][0]["Id"]
    scp(c, "deny-unused-regions", "Only us-east-1, eu-west-1 and eu-central-1 are used", {
        "Sid": "DenyUnusedRegions", "Effect": "Deny",
        "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*", "route53:*", "cloudfront:*", "account:*", "artifact:*",
                      "s3:ListAllMyBuckets", "s3:GetAccountPublicAccessBlock", "s3:ListMultiRegionAccessPoints"],
        "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": REGIONS}}}, root)
    scp(c, "protect-audit-trail", "Nobody stops or deletes a trail, a recorder or a detector", {
        "Sid": "ProtectAudit", "Effect": "Deny",
        "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:StopConfigurationRecorder",
                   "config:DeleteConfigurationRecorder", "guardduty:DeleteDetector"], "Resource": "*"}, root)
    scp(c, "deny-without-mfa", "People act with MFA", {
        "Sid": "DenyWithoutMFA", "Effect": "Deny",
        "Action": ["iam:*", "ec2:TerminateInstances", "rds:DeleteDBInstance", "s3:DeleteBucket", "kms:ScheduleKeyDeletion"],
        "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}, root)


@at("2025-07-15T10:00:00Z")
def security_hub_denied(c):
    """Written to save money before the failover region carried data; it also keeps evidence from being read."""
    scp(c, "no-security-hub-in-failover-region", "Security Hub is not used in eu-central-1", {
        "Sid": "DenySecurityHub", "Effect": "Deny", "Action": "securityhub:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}, PROD)


PERMISSION_SETS = {
    "Administrator": ("Everything, for four hours, two people", AWS + "AdministratorAccess", "PT4H"),
    "PlatformOperator": ("Runs production", AWS + "PowerUserAccess", "PT8H"),
    "Developer": ("Reads production", AWS + "ReadOnlyAccess", "PT8H"),
    "SecurityAudit": ("Reads configuration", AWS + "SecurityAudit", "PT8H"),
    "Billing": ("Reads and pays bills", AWS + "AWSBillingReadOnlyAccess", "PT8H"),
}
GROUPS = {
    "platform": [("Administrator", PROD), ("Administrator", SHARED), ("PlatformOperator", PROD)],
    "engineering": [("Developer", PROD)],
    "security": [("SecurityAudit", PROD), ("SecurityAudit", SHARED)],
    "finance": [("Billing", SHARED)],
}
# username, first name, last name, groups
DIRECTORY = [
    ("ilse.brandvold", "Ilse", "Brandvold", ["platform"]),
    ("priyanka.raghunathan", "Priyanka", "Raghunathan", ["engineering"]),
    ("tobias.vance", "Tobias", "Vance", ["security"]),
    ("hana.fujimori", "Hana", "Fujimori", ["security"]),
    ("oksana.belenko", "Oksana", "Belenko", ["platform"]),
    ("dylan.marsh", "Dylan", "Marsh", ["platform"]),
    ("rosalind.quayle", "Rosalind", "Quayle", ["engineering", "platform"]),
    ("mateo.echeverri", "Mateo", "Echeverri", ["engineering"]),
    ("sunniva.aakre", "Sunniva", "Aakre", ["engineering"]),
    ("jakub.wrona", "Jakub", "Wrona", ["engineering"]),
    ("adaeze.nwosu", "Adaeze", "Nwosu", ["engineering"]),
    ("felix.drummond", "Felix", "Drummond", ["engineering"]),
    ("noor.alsabbagh", "Noor", "Al-Sabbagh", ["finance"]),
    ("cillian.roarke", "Cillian", "Roarke", ["engineering"]),
]


def directory(c):
    sso = c("sso-admin", SHARED)
    i = sso.list_instances()["Instances"][0]
    return sso, c("identitystore", SHARED), i["InstanceArn"], i["IdentityStoreId"]


def add_person(c, username, first, last, groups):
    _, ids, _, store = directory(c)
    uid = ids.create_user(IdentityStoreId=store, UserName=username, DisplayName=f"{first} {last}",
                          Name={"GivenName": first, "FamilyName": last},
                          Emails=[{"Value": f"{username}@thistlebarrow.example", "Type": "work", "Primary": True}])["UserId"]
    have = {g["DisplayName"]: g["GroupId"] for g in ids.list_groups(IdentityStoreId=store)["Groups"]}
    for g in groups:
        ids.create_group_membership(IdentityStoreId=store, GroupId=have[g], MemberId={"UserId": uid})


GONE = {}  # user name: the id it had in the directory


def remove_person(c, username):
    _, ids, _, store = directory(c)
    uid = next(u["UserId"] for u in ids.list_users(IdentityStoreId=store)["Users"] if u["UserName"] == username)
    for g in ids.list_groups(IdentityStoreId=store)["Groups"]:
        for m in ids.list_group_memberships(IdentityStoreId=store, GroupId=g["GroupId"])["GroupMemberships"]:
            if m["MemberId"]["UserId"] == uid:
                ids.delete_group_membership(IdentityStoreId=store, MembershipId=m["MembershipId"])
    ids.delete_user(IdentityStoreId=store, UserId=uid)
    GONE[username] = uid


@at("2023-04-11T09:00:00Z")
def identity_center(c):
    sso, ids, instance, store = directory(c)
    sets = {}
    for name, (description, managed, duration) in PERMISSION_SETS.items():
        arn = sso.create_permission_set(InstanceArn=instance, Name=name, Description=description,
                                        SessionDuration=duration)["PermissionSet"]["PermissionSetArn"]
        sso.attach_managed_policy_to_permission_set(InstanceArn=instance, PermissionSetArn=arn, ManagedPolicyArn=managed)
        sets[name] = arn
    for name, assigned in GROUPS.items():
        gid = ids.create_group(IdentityStoreId=store, DisplayName=name, Description=f"The {name} team")["GroupId"]
        for permission_set, account in assigned:
            sso.create_account_assignment(InstanceArn=instance, TargetId=account, TargetType="AWS_ACCOUNT",
                                          PermissionSetArn=sets[permission_set], PrincipalType="GROUP", PrincipalId=gid)
    for person in DIRECTORY:
        add_person(c, *person)


at("2025-11-03T08:00:00Z")(lambda c: add_person(c, "beatriz.salgueiro", "Beatriz", "Salgueiro", ["engineering"]))
at("2025-12-12T17:00:00Z")(lambda c: remove_person(c, "felix.drummond"))
at("2026-01-12T08:00:00Z")(lambda c: add_person(c, "ruairi.penhallow", "Ruairi", "Penhallow", ["platform"]))
at("2026-02-13T18:35:00Z")(lambda c: remove_person(c, "tobias.vance"))
at("2026-03-16T08:00:00Z")(lambda c: add_person(c, "linh.tran-moreau", "Linh", "Tran-Moreau", ["engineering"]))
at("2026-05-29T16:10:00Z")(lambda c: remove_person(c, "rosalind.quayle"))
at("2026-07-06T08:00:00Z")(lambda c: add_person(c, "lucian.abernathy", "Lucian", "Abernathy", ["security"]))
at("2026-08-28T15:00:00Z")(lambda c: remove_person(c, "cillian.roarke"))


def plant(client, clock, seed, until):
    """Applies the events up to a time that were not yet applied. Each begins with a seed of its
    own, so that its ids depend on nothing that was asked before."""
    import infrastructure  # noqa: F401  registers its events
    import compute  # noqa: F401  and so on
    import trails  # noqa: F401
    import tables  # noqa: F401
    import watching  # noqa: F401  and these theirs
    import workloads  # noqa: F401  and so on

    assert len({when for when, _, _ in EVENTS}) == len(EVENTS), "two events at one time would make the same ids"
    for when, _, f in sorted(EVENTS):
        if plant.done < when <= until:
            clock(when)
            seed(when)
            f(client)
    plant.done = until
    clock(until)


plant.done = ""
