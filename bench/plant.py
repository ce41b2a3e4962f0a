"""Plants an account on the stand-in for the nine exports. usage: plant.py (AWS_ENDPOINT_URL names it)"""
import boto3

iam, ec2, kms = boto3.client("iam"), boto3.client("ec2"), boto3.client("kms")
for n in range(40):
    iam.create_user(UserName=f"user-{n:02d}")
    if n % 3 == 0:
        iam.create_login_profile(UserName=f"user-{n:02d}", Password="Correct-horse-9-battery")
    if n % 4 == 0:
        iam.create_access_key(UserName=f"user-{n:02d}")
iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True)

s3 = boto3.client("s3")
s3.create_bucket(Bucket="bench-trail-logs")
for name in ("management", "data-events"):
    boto3.client("cloudtrail").create_trail(Name=name, S3BucketName="bench-trail-logs", IsMultiRegionTrail=name == "management")
boto3.client("guardduty").create_detector(Enable=True)
boto3.client("s3control").put_public_access_block(
    AccountId=boto3.client("sts").get_caller_identity()["Account"],
    PublicAccessBlockConfiguration=dict(BlockPublicAcls=True, IgnorePublicAcls=True, BlockPublicPolicy=True, RestrictPublicBuckets=True),
)
for n in range(8):
    key = kms.create_key(Description=f"key {n}")["KeyMetadata"]["KeyId"]
    if n % 2:
        kms.enable_key_rotation(KeyId=key)

vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]


def group(name, protocol, low, high, cidr=None, cidr6=None):
    gid = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    p = {"IpProtocol": protocol}
    if protocol != "-1":
        p.update(FromPort=low, ToPort=high)
    if cidr:
        p["IpRanges"] = [{"CidrIp": cidr}]
    if cidr6:
        p["Ipv6Ranges"] = [{"CidrIpv6": cidr6}]
    ec2.authorize_security_group_ingress(GroupId=gid, IpPermissions=[p])
    return gid


# Six groups open SSH to the internet, each in its own way.
group("open-exactly-22", "tcp", 22, 22, "0.0.0.0/0")
group("open-all-ports", "tcp", 0, 65535, "0.0.0.0/0")
group("open-range-20-30", "tcp", 20, 30, "0.0.0.0/0")
group("open-all-protocols", "-1", 0, 0, "0.0.0.0/0")
group("open-22-ipv6", "tcp", 22, 22, None, "::/0")
group("open-all-protocols-ipv6", "-1", 0, 0, None, "::/0")
# Two do not: a private 22 beside an open 443 is what server-side filters take for open.
both = group("closed-22-private-443-open", "tcp", 22, 22, "10.0.0.0/8")
ec2.authorize_security_group_ingress(GroupId=both, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
group("closed-443", "tcp", 443, 443, "0.0.0.0/0")
