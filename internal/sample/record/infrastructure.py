"""Buckets, keys, networks, databases: more of the story."""

import json

from story import HOME, PROD, REGIONS, SHARED, at, tags

# --- storage --------------------------------------------------------------------------------


def bucket(c, account, name, region=HOME, block=True, key=None, versioning=True, logs=True):
    s3 = c("s3", account, region)
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced", **where)
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    # AWS encrypts every bucket by default since January 2023, so every bucket has an answer.
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": bool(key)}]})
    if block:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=FULL_BLOCK)
    if versioning:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags(owner="platform")})


FULL_BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def tls_only(c, account, name, region=HOME, statements=()):
    c("s3", account, region).put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, *statements]}))


def service_writes(name, service, path):
    return {"Sid": "ServiceWrites", "Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/{path}"}


@at("2021-03-01T09:00:00Z")
def shared_buckets(c):
    for name, service in (("thistlebarrow-audit-trail", "cloudtrail.amazonaws.com"),
                          ("thistlebarrow-config-history", "config.amazonaws.com")):
        bucket(c, SHARED, name)
        tls_only(c, SHARED, name, statements=[service_writes(name, service, "AWSLogs/*")])
    bucket(c, SHARED, "thistlebarrow-terraform-state")
    tls_only(c, SHARED, "thistlebarrow-terraform-state")
    bucket(c, SHARED, "thistlebarrow-ci-artifacts", block=False)


@at("2021-03-01T10:00:00Z")
def production_buckets(c):
    for name, region in (("thistlebarrow-rounds-uploads", HOME), ("thistlebarrow-rounds-backups", HOME),
                         ("thistlebarrow-rounds-uploads-eu", "eu-west-1"),
                         ("thistlebarrow-rounds-backups-eu", "eu-west-1"),
                         ("thistlebarrow-failover-copies", "eu-central-1")):
        bucket(c, PROD, name, region)
        tls_only(c, PROD, name, region)
    bucket(c, PROD, "thistlebarrow-alb-logs")
    tls_only(c, PROD, "thistlebarrow-alb-logs", statements=[
        service_writes("thistlebarrow-alb-logs", "logdelivery.elasticloadbalancing.amazonaws.com", "AWSLogs/*")])
    c("s3control", PROD).put_public_access_block(AccountId=PROD, PublicAccessBlockConfiguration=dict(
        FULL_BLOCK, BlockPublicPolicy=False, RestrictPublicBuckets=False))


@at("2022-04-04T09:30:00Z")
def public_bucket(c):
    """Pictures of the public web site, served straight from the bucket: no public access block, a public policy."""
    name = "thistlebarrow-marketing-assets"
    bucket(c, PROD, name, block=False, versioning=False)
    c("s3", PROD).put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "PublicRead", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
         "Resource": f"arn:aws:s3:::{name}/*"}]}))


@at("2026-05-06T09:00:00Z")
def artifacts_blocked(c):
    c("s3", SHARED).put_public_access_block(Bucket="thistlebarrow-ci-artifacts", PublicAccessBlockConfiguration=FULL_BLOCK)
    c("s3control", SHARED).put_public_access_block(AccountId=SHARED, PublicAccessBlockConfiguration=FULL_BLOCK)


# --- keys -------------------------------------------------------------------------------------


def key(c, account, alias, description, region=HOME, rotate=True, **more):
    kms = c("kms", account, region)
    k = kms.create_key(Description=description, Tags=[{"TagKey": "owner", "TagValue": "platform"}], **more)["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=k["KeyId"])
    if rotate:
        kms.enable_key_rotation(KeyId=k["KeyId"])


@at("2021-03-02T09:00:00Z")
def keys(c):
    key(c, PROD, "rounds-database", "Databases of the product")
    key(c, PROD, "rounds-uploads", "Documents customers upload")
    key(c, PROD, "rounds-database", "Databases of the product", "eu-west-1")
    key(c, PROD, "failover", "Copies in the failover region", "eu-central-1")
    key(c, PROD, "reports-export", "Exports of reports", rotate=False)
    key(c, PROD, "webhook-signing", "Signs webhooks", rotate=False, KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    key(c, SHARED, "terraform-state", "State of the infrastructure code")
    key(c, SHARED, "audit-trail", "Audit logs")


@at("2026-05-20T09:15:00Z")
def rotation_on(c):
    kms = c("kms", PROD)
    kms.enable_key_rotation(KeyId=next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"]
                                       if a["AliasName"] == "alias/reports-export"))


# --- networks -----------------------------------------------------------------------------------


def network(c, region, block):
    """A VPC with two public and two private subnets; returns the ids later events need."""
    ec2 = c("ec2", PROD, region)
    name = [{"ResourceType": "vpc", "Tags": tags(Name="rounds")}]
    vpc = ec2.create_vpc(CidrBlock=f"{block}.0.0/16", TagSpecifications=name)["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    public, private = [], []
    for i, zone in enumerate("ab"):
        for base, out, kind in ((0, public, "public"), (10, private, "private")):
            s = ec2.create_subnet(VpcId=vpc, CidrBlock=f"{block}.{base + i}.0/24", AvailabilityZone=region + zone,
                                  TagSpecifications=[{"ResourceType": "subnet", "Tags": tags(Name=f"{kind}-{zone}")}])
            out.append(s["Subnet"]["SubnetId"])
    for s in public:
        ec2.associate_route_table(RouteTableId=table, SubnetId=s)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)
    web = ec2.create_security_group(GroupName="rounds-web", Description="Load balancer, from the internet", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "customers"}],
         "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "customers"}]}])
    app = ec2.create_security_group(GroupName="rounds-app", Description="Application, from the load balancer", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=app, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "UserIdGroupPairs": [{"GroupId": web}]}])
    db = ec2.create_security_group(GroupName="rounds-db", Description="Databases, from the application", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=db, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": app}]}])
    return vpc, public, private, {"web": web, "app": app, "db": db}


def certificate(c, region, name):
    return c("acm", PROD, region).request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]


def balancer(c, region, name, subnets, group, policy_name, domain):
    elb = c("elbv2", PROD, region)
    lb = elb.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[group], Scheme="internet-facing",
                                  Type="application")["LoadBalancers"][0]
    target = elb.create_target_group(Name=f"{name}-tasks", Protocol="HTTPS", Port=8443, VpcId=lb["VpcId"],
                                     TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    elb.create_listener(LoadBalancerArn=lb["LoadBalancerArn"], Protocol="HTTPS", Port=443, SslPolicy=policy_name,
                        Certificates=[{"CertificateArn": certificate(c, region, domain)}],
                        DefaultActions=[{"Type": "forward", "TargetGroupArn": target}])
    elb.modify_load_balancer_attributes(LoadBalancerArn=lb["LoadBalancerArn"], Attributes=[
        {"Key": "access_logs.s3.enabled", "Value": "true"},
        {"Key": "access_logs.s3.bucket", "Value": "thistlebarrow-alb-logs"}])
    return lb["LoadBalancerArn"]


def web_acl(c, region, lb):
    waf = c("wafv2", PROD, region)
    shown = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True}
    acl = waf.create_web_acl(
        Name="rounds-edge", Scope="REGIONAL", DefaultAction={"Allow": {}}, Description="Rules in front of the product",
        VisibilityConfig=dict(shown, MetricName="rounds-edge"), Rules=[
            {"Name": name, "Priority": n, "OverrideAction": {"None": {}}, "VisibilityConfig": dict(shown, MetricName=name),
             "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}}
            for n, name in enumerate(["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"])])["Summary"]
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=lb)
    waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": acl["ARN"], "LogDestinationConfigs": [
        f"arn:aws:logs:{region}:{PROD}:log-group:aws-waf-logs-rounds"]})


def database(c, region, name, subnets, group, encrypted=True, multi=True, **more):
    rds = c("rds", PROD, region)
    if encrypted:
        kms = c("kms", PROD, region)
        alias = "alias/failover" if region == "eu-central-1" else "alias/rounds-database"
        more["KmsKeyId"] = next(f"arn:aws:kms:{region}:{PROD}:key/{a['TargetKeyId']}"
                                for a in kms.list_aliases()["Aliases"] if a["AliasName"] == alias)
    groups = {g["DBSubnetGroupName"] for g in rds.describe_db_subnet_groups()["DBSubnetGroups"]}
    if "rounds" not in groups:
        rds.create_db_subnet_group(DBSubnetGroupName="rounds", DBSubnetGroupDescription="private", SubnetIds=subnets)
    rds.create_db_instance(
        DBInstanceIdentifier=name, Engine="postgres", EngineVersion="16.4", DBInstanceClass="db.r6g.large", AllocatedStorage=200,
        StorageType="gp3", StorageEncrypted=encrypted, MultiAZ=multi, BackupRetentionPeriod=14, DeletionProtection=True,
        PubliclyAccessible=False, DBSubnetGroupName="rounds", VpcSecurityGroupIds=[group], MasterUsername="owner",
        ManageMasterUserPassword=False, MasterUserPassword="sample-only-not-a-secret", AutoMinorVersionUpgrade=True,
        EnableCloudwatchLogsExports=["postgresql"], CopyTagsToSnapshot=True, EnableIAMDatabaseAuthentication=True, **more)


STATE = {}  # ids that later events of the same recording need


@at("2022-06-01T08:00:00Z")
def production_networks(c):
    for region, block in zip(REGIONS, ("10.20", "10.40", "10.60")):
        STATE[region] = network(c, region, block)
    _, public, private, group = STATE[HOME]
    lb = balancer(c, HOME, "rounds-web", public, group["web"], "ELBSecurityPolicy-TLS13-1-2-2021-06", "app.thistlebarrow.example")
    web_acl(c, HOME, lb)
    database(c, HOME, "rounds-primary", private, group["db"])
    database(c, HOME, "reporting", private, group["db"], multi=False)
    # Made before encryption was the default; making it anew needs a day of downtime. See exceptions/.
    database(c, HOME, "billing-legacy", private, group["db"], encrypted=False)
    _, public, private, group = STATE["eu-west-1"]
    STATE["partner"] = balancer(c, "eu-west-1", "partner-api", public, group["web"], "ELBSecurityPolicy-2016-08",
                                "partners.thistlebarrow.example")
    database(c, "eu-west-1", "rounds-eu", private, group["db"])


@at("2022-06-02T08:00:00Z")
def cluster(c):
    rds = c("rds", PROD, "eu-west-1")
    kms = c("kms", PROD, "eu-west-1")
    rds.create_db_cluster(
        DBClusterIdentifier="appointments", Engine="aurora-postgresql", MasterUsername="owner",
        MasterUserPassword="sample-only-not-a-secret", StorageEncrypted=True, DeletionProtection=True, BackupRetentionPeriod=14,
        CopyTagsToSnapshot=True, EnableIAMDatabaseAuthentication=True, EnableCloudwatchLogsExports=["postgresql"],
        DBSubnetGroupName="rounds", VpcSecurityGroupIds=[STATE["eu-west-1"][3]["db"]],
        KmsKeyId=next(f"arn:aws:kms:eu-west-1:{PROD}:key/{a['TargetKeyId']}" for a in kms.list_aliases()["Aliases"]
                      if a["AliasName"] == "alias/rounds-database"))


@at("2026-03-18T13:00:00Z")
def partner_waf(c):
    web_acl(c, "eu-west-1", STATE["partner"])


@at("2026-06-11T06:30:00Z")
def partner_tls(c):
    elb = c("elbv2", PROD, "eu-west-1")
    listener = elb.describe_listeners(LoadBalancerArn=STATE["partner"])["Listeners"][0]["ListenerArn"]
    elb.modify_listener(ListenerArn=listener, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")


@at("2026-06-25T19:40:00Z")
def open_ssh(c):
    """A door for one migration, forgotten over the quarter's end."""
    ec2 = c("ec2", PROD)
    g = ec2.create_security_group(GroupName="migration-bastion", Description="Temporary, reporting migration",
                                  VpcId=STATE[HOME][0])["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=g, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    STATE["bastion"] = g


@at("2026-07-09T09:05:00Z")
def closed_ssh(c):
    c("ec2", PROD).delete_security_group(GroupId=STATE["bastion"])
