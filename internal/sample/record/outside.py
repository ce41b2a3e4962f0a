"""Who else is let in: a vendor's role, a grant nobody remembers, a partner that replaces its own key, a share.

moto keeps the role, the grant and the policy of the secret; of shares it knows nothing of the story.
"""

import json

from answers import answers, now, when
from story import HOME, PROD, SHARED, allow, at, policy, role

LANTERNFLY = "702914388165"  # in the vendor register since September 2026
CARRIER_WREN = "835610274419"  # a vendor, whose account nobody wrote down
IMPORTER = "619283746510"  # of the firm that brought the old practices' files over in 2024; no vendor any more


@at("2024-11-05T13:20:00Z")
def import_grant(c):
    """For one import, and never retired."""
    kms = c("kms", PROD)
    key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/rounds-uploads")
    kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{IMPORTER}:role/practice-import", Operations=["Encrypt", "GenerateDataKey", "Decrypt"],
                     Name="practice-import")


@at("2026-04-02T09:05:00Z")
def partner_replaces(c):
    """The partner puts its new key into the secret itself."""
    c("secretsmanager", PROD).put_resource_policy(SecretId="rounds/carrier-wren", ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "PartnerReplacesItsKey", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CARRIER_WREN}:role/key-rotation"},
         "Action": "secretsmanager:PutSecretValue", "Resource": "*"}]}))


@at("2026-09-16T09:58:00Z")
def telemetry_role(c):
    """What Lanternfly is to use instead of the key of telemetry-export."""
    read = policy(c, PROD, "telemetry-read", allow("cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "tag:GetResources"),
                  "Read-only metrics for Lanternfly Observability")
    role(c, PROD, "lanternfly-telemetry", json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{LANTERNFLY}:root"}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "thistlebarrow-4f19c2"}}}]}), [read], "Lanternfly Observability reads metrics")


# --- Resource Access Manager ----------------------------------------------------------------------

# account that shares, region, id, name, since, what, with whom
SHARES = [
    (SHARED, HOME, "3d6f0f7e-6c1a-4c0e-9a53-7f0f1b2c8d10", "office-addresses", "2023-04-20T09:00:00Z",
     [f"arn:aws:ec2:us-east-1:{SHARED}:prefix-list/pl-0a1b2c3d4e5f60718"], [PROD]),
    (PROD, HOME, "8b0c5f4e-2d7b-4a95-8f3e-5c6d7e8f9a01", "telemetry-addresses", "2026-09-16T10:10:00Z",
     [f"arn:aws:ec2:us-east-1:{PROD}:prefix-list/pl-0f9e8d7c6b5a49382"], [LANTERNFLY]),
]


def shares(x, which):
    for account, region, uid, name, since, what, whom in SHARES:
        arn = f"arn:aws:ram:{region}:{account}:resource-share/{uid}"
        if region == x.region and when(since) <= now() and which(account, whom, arn):
            yield account, arn, name, when(since), what, whom


@answers("ram:GetResourceShares")
def _(s, x):
    mine = x.params["resourceOwner"] == "SELF"
    return {"resourceShares": [
        {"resourceShareArn": arn, "name": name, "owningAccountId": account, "allowExternalPrincipals": account == PROD, "status": "ACTIVE",
         "creationTime": since, "lastUpdatedTime": since, "featureSet": "STANDARD"}
        for account, arn, name, since, _, _ in shares(x, lambda a, whom, _: a == x.account if mine else x.account in whom)]}


@answers("ram:ListPrincipals")
def _(s, x):
    return {"principals": [{"id": p, "resourceShareArn": arn, "creationTime": since, "lastUpdatedTime": since, "external": p not in (SHARED, PROD)}
                           for _, arn, _, since, _, whom in shares(x, lambda a, w, arn: arn in x.params["resourceShareArns"]) for p in whom]}


@answers("ram:ListResources")
def _(s, x):
    return {"resources": [{"arn": r, "type": "ec2:PrefixList", "resourceShareArn": arn, "status": "AVAILABLE", "creationTime": since,
                           "lastUpdatedTime": since, "resourceRegionScope": "REGIONAL"}
                          for _, arn, _, since, what, _ in shares(x, lambda a, w, arn: arn in x.params["resourceShareArns"]) for r in what]}
