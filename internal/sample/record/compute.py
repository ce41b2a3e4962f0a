"""Servers, volumes and what lies around the networks: more of the story, and what
moto answers differently about it.

The product runs on Fargate. Servers there are few: two that run its search, two
that build it, and one of the migration of 2023 that was stopped and forgotten.
"""

from answers import answers, fixes, now, when
from infrastructure import STATE
from story import AWS, HOME, PROD, REGIONS, SHARED, at, role, tags, trust


def named(**kv):
    """Tag specifications for each kind of resource."""
    return lambda *kinds: [{"ResourceType": k, "Tags": tags(**kv)} for k in kinds]


# --- the networks, finished ---------------------------------------------------------------------


@at("2022-06-02T09:00:00Z")
def redirect(c):
    """Who types the address without https is sent on."""
    elb, ec2 = c("elbv2", PROD), c("ec2", PROD)
    lb = next(b for b in elb.describe_load_balancers()["LoadBalancers"] if b["LoadBalancerName"] == "rounds-web")
    elb.create_listener(LoadBalancerArn=lb["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[
        {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])
    ec2.authorize_security_group_ingress(GroupId=STATE[HOME][3]["web"], IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "sent on to https"}],
         "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "sent on to https"}]}])


def flow_log(c, account, region, vpc, days):
    c("logs", account, region).create_log_group(logGroupName="vpc-flow-logs")
    c("logs", account, region).put_retention_policy(logGroupName="vpc-flow-logs", retentionInDays=days)
    c("ec2", account, region).create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="cloud-watch-logs", LogGroupName="vpc-flow-logs",
        DeliverLogsPermissionArn=f"arn:aws:iam::{account}:role/vpc-flow-logs")


def endpoints(c, account, region, vpc, subnets, services):
    """S3 by the route tables, the others by an interface in each subnet, with a group of their own."""
    ec2 = c("ec2", account, region)
    tables = [t["RouteTableId"] for t in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{region}.s3", VpcEndpointType="Gateway", RouteTableIds=tables)
    if not services:
        return
    group = ec2.create_security_group(GroupName="endpoints", Description="AWS services, from inside", VpcId=vpc)["GroupId"]
    cidr = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": cidr, "Description": "whatever runs here"}]}])
    for s in services:
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{region}.{s}", VpcEndpointType="Interface", SubnetIds=subnets,
                                SecurityGroupIds=[group], PrivateDnsEnabled=True)


def harden(c, account, region, vpc, acl=True):
    """Nothing by the default group; SSH and RDP denied at the edge of every subnet."""
    ec2 = c("ec2", account, region)
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    for g in ec2.describe_security_groups(Filters=here)["SecurityGroups"]:
        if g["GroupName"] != "default":
            continue
        if g["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=g["GroupId"], IpPermissions=g["IpPermissions"])
        if g["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=g["GroupId"], IpPermissions=g["IpPermissionsEgress"])
    if not acl:
        return
    for a in ec2.describe_network_acls(Filters=here)["NetworkAcls"]:
        for n, port in ((90, 22), (91, 3389)):
            ec2.create_network_acl_entry(NetworkAclId=a["NetworkAclId"], RuleNumber=n, Protocol="6", RuleAction="deny", Egress=False,
                                         CidrBlock="0.0.0.0/0", PortRange={"From": port, "To": port})


def interfaces(c, region, subnets, group, descriptions):
    for i, d in enumerate(descriptions):
        c("ec2", PROD, region).create_network_interface(SubnetId=subnets[i % len(subnets)], Groups=[group], Description=d)


@at("2022-06-03T08:00:00Z")
def networks_finished(c):
    for account in (SHARED, PROD):
        role(c, account, "vpc-flow-logs", trust(Service="vpc-flow-logs.amazonaws.com"), description="Writes flow logs")
    for region in REGIONS:
        vpc, public, private, group = STATE[region]
        ec2 = c("ec2", PROD, region)
        for g, port, other, why in ((group["app"], 8443, group["web"], "from the load balancer"), (group["db"], 5432, group["app"], "from the application")):
            if region == "eu-central-1" and other == group["app"]:
                continue  # the one nobody described
            rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": other}]}
            ec2.revoke_security_group_ingress(GroupId=g, IpPermissions=[rule])
            ec2.authorize_security_group_ingress(GroupId=g, IpPermissions=[dict(rule, UserIdGroupPairs=[{"GroupId": other, "Description": why}])])
        failover = region == "eu-central-1"
        harden(c, PROD, region, vpc, acl=not failover)
        endpoints(c, PROD, region, vpc, private, [] if failover else ["kms", "logs", "monitoring"])
        if not failover:
            flow_log(c, PROD, region, vpc, 365 if region == HOME else 60)


@at("2022-06-03T09:00:00Z")
def network_interfaces(c):
    """What load balancers, tasks and databases have in the subnets; moto makes none for them."""
    for region in (HOME, "eu-west-1"):
        _, public, private, group = STATE[region]
        for b in c("elbv2", PROD, region).describe_load_balancers()["LoadBalancers"]:
            interfaces(c, region, public, group["web"], ["ELB " + b["LoadBalancerArn"].partition(":loadbalancer/")[2]] * 2)
        interfaces(c, region, private, group["app"], [
            f"arn:aws:ecs:{region}:{PROD}:attachment/{n:08x}-3c1e-4f0b-9d27-5a1b6c7d8e9f" for n in range(1, 5)])
        interfaces(c, region, private, group["db"], ["RDSNetworkInterface"] * 2)


@at("2025-09-29T09:00:00Z")
def default_networks_removed(c):
    """The networks AWS makes with every account: nothing ran in them."""
    for account in (SHARED, PROD):
        for region in REGIONS:
            ec2 = c("ec2", account, region)
            for v in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]:
                here = [{"Name": "vpc-id", "Values": [v["VpcId"]]}]
                for s in ec2.describe_subnets(Filters=here)["Subnets"]:
                    ec2.delete_subnet(SubnetId=s["SubnetId"])
                for g in ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [v["VpcId"]]}])["InternetGateways"]:
                    ec2.detach_internet_gateway(InternetGatewayId=g["InternetGatewayId"], VpcId=v["VpcId"])
                    ec2.delete_internet_gateway(InternetGatewayId=g["InternetGatewayId"])
                ec2.delete_vpc(VpcId=v["VpcId"])


@at("2026-03-24T11:00:00Z")
def failover_recorded(c):
    flow_log(c, PROD, "eu-central-1", STATE["eu-central-1"][0], 365)


@at("2026-02-10T15:00:00Z")
def address_kept(c):
    """Ordered for a partner who then did not need it."""
    c("ec2", PROD, "eu-west-1").allocate_address(Domain="vpc")


# --- servers ------------------------------------------------------------------------------------


def linux(ec2):
    return min((i for i in ec2.describe_images(Owners=["amazon"])["Images"]
                if i["Name"].startswith("amzn2-ami-hvm") and i["Architecture"] == "x86_64"), key=lambda i: i["Name"])["ImageId"]


def profile(c, account, name, description):
    role(c, account, name, trust(Service="ec2.amazonaws.com"), [AWS + "AmazonSSMManagedInstanceCore"], description)
    iam = c("iam", account)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


def server(ec2, name, image, kind, subnet, group, size, profile_name=None, tokens="required", monitored=True):
    more = {"IamInstanceProfile": {"Name": profile_name}} if profile_name else {}
    return ec2.run_instances(
        ImageId=image, InstanceType=kind, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group], EbsOptimized=True,
        Monitoring={"Enabled": monitored}, MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": "enabled"},
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "VolumeSize": size, "VolumeType": "gp3", "DeleteOnTermination": True}}],
        TagSpecifications=named(Name=name, owner="platform")("instance", "volume"), **more)["Instances"][0]["InstanceId"]


def fleet(c, account, name, image, kind, subnets, group, size, targets=()):
    """A launch template, one server in each subnet, and the group that replaces them."""
    ec2, scaling = c("ec2", account), c("autoscaling", account)
    template = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={
        "ImageId": image, "InstanceType": kind, "IamInstanceProfile": {"Name": name}, "Monitoring": {"Enabled": True}, "EbsOptimized": True,
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1}, "SecurityGroupIds": [group],
        "UserData": "IyEvYmluL3NoCnN5c3RlbWN0bCBlbmFibGUgLS1ub3cgcm91bmRzCg==",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "VolumeSize": size, "VolumeType": "gp3"}}]})["LaunchTemplate"]
    ids = [server(ec2, name, image, kind, s, group, size, name) for s in subnets]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name, LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "$Default"}, MinSize=0, MaxSize=4,
        DesiredCapacity=0, VPCZoneIdentifier=",".join(subnets), HealthCheckType="ELB" if targets else "EC2", HealthCheckGracePeriod=120,
        TargetGroupARNs=list(targets), Tags=[{"Key": "owner", "Value": "platform", "PropagateAtLaunch": True}])
    scaling.attach_instances(AutoScalingGroupName=name, InstanceIds=ids)
    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=len(ids))
    return ids


@at("2023-05-15T10:00:00Z")
def migration_server(c):
    """Copied the data of the old system, once. It was made by hand, from the console."""
    vpc, _, private, _ = STATE[HOME]
    ec2 = c("ec2", PROD)
    group = ec2.create_security_group(GroupName="migration-2023", Description="Migration of 2023", VpcId=vpc)["GroupId"]
    STATE["migration"] = server(ec2, "migration-2023", linux(ec2), "t3.large", private[0], group, 200, monitored=False)


@at("2023-06-30T16:20:00Z")
def migration_done(c):
    c("ec2", PROD).stop_instances(InstanceIds=[STATE["migration"]])


@at("2023-09-05T08:00:00Z")
def search(c):
    """The product's search, two servers behind the load balancer."""
    vpc, _, private, group = STATE[HOME]
    ec2, elb = c("ec2", PROD), c("elbv2", PROD)
    profile(c, PROD, "rounds-search", "The search servers")
    g = ec2.create_security_group(GroupName="rounds-search", Description="Search, from the load balancer", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=g, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 8444, "ToPort": 8444, "UserIdGroupPairs": [{"GroupId": group["web"], "Description": "from the load balancer"}]}])
    targets = elb.create_target_group(Name="rounds-search", Protocol="HTTPS", Port=8444, VpcId=vpc, TargetType="instance")["TargetGroups"][0]["TargetGroupArn"]
    lb = next(b for b in elb.describe_load_balancers()["LoadBalancers"] if b["LoadBalancerName"] == "rounds-web")
    https = next(x for x in elb.describe_listeners(LoadBalancerArn=lb["LoadBalancerArn"])["Listeners"] if x["Protocol"] == "HTTPS")
    elb.create_rule(ListenerArn=https["ListenerArn"], Priority=10, Conditions=[{"Field": "path-pattern", "Values": ["/search/*"]}],
                    Actions=[{"Type": "forward", "TargetGroupArn": targets}])
    fleet(c, PROD, "rounds-search", linux(ec2), "m6i.large", private, g, 100, [targets])


@at("2024-02-06T09:00:00Z")
def runners(c):
    """Two servers that build the product, in a network of their own."""
    ec2 = c("ec2", SHARED)
    vpc = ec2.create_vpc(CidrBlock="10.80.0.0/16", TagSpecifications=named(Name="build")("vpc"))["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnet = lambda n, zone, kind: ec2.create_subnet(  # noqa: E731
        VpcId=vpc, CidrBlock=f"10.80.{n}.0/24", AvailabilityZone=HOME + zone, TagSpecifications=named(Name=f"{kind}-{zone}")("subnet"))["Subnet"]["SubnetId"]
    public, private = subnet(0, "a", "public"), [subnet(10, "a", "private"), subnet(11, "b", "private")]
    out = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=out, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=out, SubnetId=public)
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"])["NatGateway"]["NatGatewayId"]
    inside = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=inside, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    for s in private:
        ec2.associate_route_table(RouteTableId=inside, SubnetId=s)
    group = ec2.create_security_group(GroupName="ci-runners", Description="Build servers; nothing reaches them", VpcId=vpc)["GroupId"]
    harden(c, SHARED, HOME, vpc)
    endpoints(c, SHARED, HOME, vpc, private, ["kms", "logs", "monitoring"])
    flow_log(c, SHARED, HOME, vpc, 365)
    profile(c, SHARED, "ci-runners", "The build servers")
    STATE["runners"] = fleet(c, SHARED, "ci-runners", linux(ec2), "m6i.large", private, group, 60)


@at("2025-10-20T09:00:00Z")
def runner_image(c):
    c("ec2", SHARED).create_image(InstanceId=STATE["runners"][0], Name="ci-runner-2025-10", Description="Build tools, as of October 2025")


# Snapshots are taken every night of what runs, and kept for a week; of each night
# before a run the sample has one set.
for night in ("2026-01-01", "2026-03-31", "2026-06-30", "2026-09-30"):

    @at(f"{night}T03:00:00Z")
    def nightly(c):
        for account in (SHARED, PROD):
            ec2 = c("ec2", account)
            for s in ec2.describe_snapshots(Filters=[{"Name": "tag:policy", "Values": ["nightly"]}])["Snapshots"]:
                ec2.delete_snapshot(SnapshotId=s["SnapshotId"])
            for r in ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])["Reservations"]:
                for i in r["Instances"]:
                    for d in i["BlockDeviceMappings"]:
                        ec2.create_snapshot(VolumeId=d["Ebs"]["VolumeId"], Description="Created for policy: nightly",
                                            TagSpecifications=named(policy="nightly")("snapshot"))


# --- what moto answers differently --------------------------------------------------------------


@answers("ec2:GetSnapshotBlockPublicAccessState")
def _(s, x):
    late = (x.account, x.region) == (SHARED, "eu-central-1") and now() < when("2026-03-24T10:30:00Z")
    return {"State": "unblocked" if late else "block-all-sharing", "ManagedBy": "account"}


@answers("ec2:GetImageBlockPublicAccessState")
def _(s, x):
    return {"ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": "account"}


@answers("ec2:GetSerialConsoleAccessStatus")
def _(s, x):
    return {"SerialConsoleAccessEnabled": False, "ManagedBy": "account"}


@answers("ec2:GetInstanceMetadataDefaults")
def _(s, x):
    return {"AccountLevel": {"HttpTokens": "required", "ManagedBy": "account"}}


@answers("ec2:DescribeClientVpnEndpoints")
def _(s, x):
    return {"ClientVpnEndpoints": []}


@answers("ec2:DescribeLaunchTemplateVersions")
def _(s, x):
    """Of all templates, as AWS allows; moto wants one named."""
    ec2 = s.client("ec2", x.account, x.region)
    return {"LaunchTemplateVersions": [
        v for t in ec2.describe_launch_templates()["LaunchTemplates"]
        for v in ec2.describe_launch_template_versions(LaunchTemplateId=t["LaunchTemplateId"], Versions=["$Default"])["LaunchTemplateVersions"]]}


@fixes("ec2:DescribeSnapshots")
def _(s, x, out):
    """moto lists everybody's for any owner, and makes an image's without encryption."""
    if "RestorableBy.1" in x.params:
        return {"Snapshots": []}  # none is public
    out["Snapshots"] = [p for p in out["Snapshots"] if p["OwnerId"] == x.account]
    key = default_key(s, x)
    for p in out["Snapshots"]:
        p.update(Encrypted=True, KmsKeyId=key, StorageTier="standard")
    return out


def default_key(s, x):
    kms = s.client("kms", x.account, x.region)
    return next((f"arn:aws:kms:{x.region}:{x.account}:key/{a['TargetKeyId']}" for a in kms.list_aliases()["Aliases"]
                 if a["AliasName"] == "alias/aws/ebs" and a.get("TargetKeyId")), f"arn:aws:kms:{x.region}:{x.account}:alias/aws/ebs")


@fixes("ec2:DescribeImages")
def _(s, x, out):
    for i in out["Images"]:
        i["RootDeviceType"] = "ebs"
        for d in i["BlockDeviceMappings"]:
            d["Ebs"].update(Encrypted=True, VolumeType="gp3", DeleteOnTermination=True)
    return out


@fixes("ec2:DescribeInstances")
def _(s, x, out):
    """moto answers an empty association where there is no address, an empty reason, and calls GMT UTC."""
    for r in out.get("Reservations", []):
        for i in r["Instances"]:
            i["StateTransitionReason"] = i.get("StateTransitionReason", "").replace(" UTC)", " GMT)")
            if not i.get("StateReason", {}).get("Code"):
                i.pop("StateReason", None)
            for n in i["NetworkInterfaces"]:
                if not n.get("Association"):
                    n.pop("Association", None)
            if p := i.get("IamInstanceProfile"):
                iam = s.client("iam", x.account)
                p["Id"] = iam.get_instance_profile(InstanceProfileName=p["Arn"].rpartition("/")[2])["InstanceProfile"]["InstanceProfileId"]
    return out


@fixes("ec2:DescribeFlowLogs")
def _(s, x, out):
    """moto finds no role that lets it deliver."""
    for f in out["FlowLogs"]:
        f["DeliverLogsStatus"] = "SUCCESS"
        f.pop("DeliverLogsErrorMessage", None)
    return out


# By how an interface is described: who asked for it.
REQUESTERS = {"ELB app/": "amazon-elb", "RDSNetworkInterface": "amazon-rds", "VPC Endpoint Interface": "amazon-vpce",
              "Interface for NAT Gateway": "amazon-nat", "arn:aws:ecs:": "amazon-ecs"}


@fixes("ec2:DescribeNetworkInterfaces")
def _(s, x, out):
    """moto leaves the interfaces of AWS's own services to whoever made them, unattached, in the default group."""
    ec2 = s.client("ec2", x.account, x.region)
    gateways = {a.get("NetworkInterfaceId"): g["NatGatewayId"] for g in ec2.describe_nat_gateways()["NatGateways"] for a in g["NatGatewayAddresses"]}
    ends = {n: e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] for n in e.get("NetworkInterfaceIds", [])}
    for n in out["NetworkInterfaces"]:
        n.pop("RequesterId", None)
        if not n.get("Association"):
            n.pop("Association", None)
        if g := gateways.get(n["NetworkInterfaceId"]):
            n.update(Description=f"Interface for NAT Gateway {g}", InterfaceType="nat_gateway", Groups=[])
        if e := ends.get(n["NetworkInterfaceId"]):
            n.update(Description=f"VPC Endpoint Interface {e['VpcEndpointId']}", InterfaceType="vpc_endpoint", Groups=e["Groups"])
        for beginning, requester in REQUESTERS.items():
            if n.get("Description", "").startswith(beginning):
                n.update(RequesterId=requester, RequesterManaged=True, Status="in-use", Attachment={
                    "AttachmentId": "ela-attach-" + n["NetworkInterfaceId"].partition("-")[2], "DeviceIndex": 1, "Status": "attached",
                    "InstanceOwnerId": requester, "DeleteOnTermination": False})
    return out


@fixes("ec2:DescribeNetworkAcls")
def _(s, x, out):
    """moto keeps the network ACL of a VPC that was deleted."""
    there = {v["VpcId"] for v in s.client("ec2", x.account, x.region).describe_vpcs()["Vpcs"]}
    out["NetworkAcls"] = [a for a in out["NetworkAcls"] if a["VpcId"] in there]
    return out


@fixes("ec2:DescribeSecurityGroupRules")
def _(s, x, out):
    """moto leaves out what a rule that names a group is for, though it tells it with the group."""
    said = {(g["GroupId"], p["IpProtocol"], p.get("FromPort"), u["GroupId"]): u["Description"]
            for g in s.client("ec2", x.account, x.region).describe_security_groups()["SecurityGroups"]
            for p in g["IpPermissions"] for u in p["UserIdGroupPairs"] if u.get("Description")}
    for r in out["SecurityGroupRules"]:
        other = r.get("ReferencedGroupInfo", {}).get("GroupId")
        if other and not r["IsEgress"] and (why := said.get((r["GroupId"], r["IpProtocol"], r.get("FromPort"), other))):
            r["Description"] = why
    return out


@fixes("ec2:DescribeAddresses")
def _(s, x, out):
    """moto does not associate the address of a NAT gateway."""
    used = {a["AllocationId"]: (g, a) for g in s.client("ec2", x.account, x.region).describe_nat_gateways()["NatGateways"]
            for a in g["NatGatewayAddresses"]}
    for a in out["Addresses"]:
        a.setdefault("PublicIpv4Pool", "amazon")
        a.setdefault("NetworkBorderGroup", x.region)
        if (of := used.get(a["AllocationId"])) and not a.get("AssociationId"):
            a["AssociationId"] = "eipassoc-" + a["AllocationId"].partition("-")[2]
            if of[1].get("NetworkInterfaceId"):
                a["NetworkInterfaceId"] = of[1]["NetworkInterfaceId"]
    return out
