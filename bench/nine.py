"""The nine exports with boto3, in threads, in one process: the honest baseline.

usage: nine.py FOLDER (AWS_ENDPOINT_URL names the stand-in)"""
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
cfg = Config(max_pool_connections=16)
session = boto3.session.Session()
names = ["sts", "iam", "cloudtrail", "guardduty", "config", "ec2", "kms", "s3control"]
clients = {n: session.client(n, config=cfg) for n in names}
pool = ThreadPoolExecutor(16)


def save(name, value):
    with open(os.path.join(out, name), "w", encoding="utf-8") as f:
        json.dump(value, f, default=str, indent=1)


def pages(client, operation, key, **kw):
    return [x for page in client.get_paginator(operation).paginate(**kw) for x in page[key]]


def credentials():
    iam = clients["iam"]
    while iam.generate_credential_report()["State"] != "COMPLETE":
        time.sleep(0.2)
    with open(os.path.join(out, "credential-report.csv"), "wb") as f:
        f.write(iam.get_credential_report()["Content"])


def trails():
    ct = clients["cloudtrail"]
    listed = ct.describe_trails(includeShadowTrails=True)["trailList"]
    save("trails.json", listed)
    save("trail-status.json", list(pool.map(lambda t: ct.get_trail_status(Name=t["TrailARN"]), listed)))


def detectors():
    gd = clients["guardduty"]
    ids = pages(gd, "list_detectors", "DetectorIds")
    save("detectors.json", list(pool.map(lambda i: gd.get_detector(DetectorId=i), ids)))


def groups():
    def open_ssh(g):
        for p in g["IpPermissions"]:
            if p["IpProtocol"] != "-1" and not (p.get("FromPort", 0) <= 22 <= p.get("ToPort", 65535)):
                continue
            if any(r["CidrIp"] == "0.0.0.0/0" for r in p["IpRanges"]) or any(r["CidrIpv6"] == "::/0" for r in p["Ipv6Ranges"]):
                return True
        return False

    listed = pages(clients["ec2"], "describe_security_groups", "SecurityGroups")
    save("open-ssh.json", [g["GroupId"] for g in listed if open_ssh(g)])


def rotation():
    kms = clients["kms"]
    keys = [k["KeyId"] for k in pages(kms, "list_keys", "Keys")]
    save("kms-rotation.json", list(pool.map(lambda k: [k, kms.get_key_rotation_status(KeyId=k)["KeyRotationEnabled"]], keys)))


def block():
    account = clients["sts"].get_caller_identity()["Account"]
    save("s3-account-block.json", clients["s3control"].get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"])


jobs = [
    credentials,
    lambda: save("password-policy.json", clients["iam"].get_account_password_policy()["PasswordPolicy"]),
    lambda: save("account-summary.json", clients["iam"].get_account_summary()["SummaryMap"]),
    trails,
    detectors,
    lambda: save("config-compliance.json", pages(clients["config"], "describe_compliance_by_config_rule", "ComplianceByConfigRules")),
    groups,
    rotation,
    block,
]
runner = ThreadPoolExecutor(len(jobs))
for f in [runner.submit(j) for j in jobs]:
    f.result()
