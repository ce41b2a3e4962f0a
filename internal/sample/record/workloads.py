"""What the product runs on and is reached by: containers, functions, images, builds,
certificates, names, the CDN. More of the story, and what moto answers differently.

The product is two services in containers, in two regions, behind the load
balancers. A few functions do what must not wait: reminders, pictures, reports.
"""

import datetime
import io
import zipfile

import infrastructure  # noqa: F401  its events come first
import compute  # noqa: F401  and these
from answers import answers, fixes, now, when
from infrastructure import STATE
from story import AWS, HOME, PROD, SHARED, at, role, tags, trust

# --- images ---------------------------------------------------------------------------------------


def repository(c, name, mutability="IMMUTABLE"):
    ecr = c("ecr", SHARED)
    ecr.create_repository(repositoryName=name, imageTagMutability=mutability, imageScanningConfiguration={"scanOnPush": True},
                          encryptionConfiguration={"encryptionType": "AES256"}, tags=tags(owner="platform"))
    ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=(
        '{"rules":[{"rulePriority":1,"description":"untagged for two weeks","selection":{"tagStatus":"untagged",'
        '"countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}'))


@at("2022-06-01T09:13:00Z")
def images(c):
    """One registry, in the shared account; production pulls from it."""
    for name in ("rounds-api", "rounds-worker"):
        repository(c, name)
        c("ecr", SHARED).set_repository_policy(repositoryName=name, policyText=(
            '{"Version":"2012-10-17","Statement":[{"Sid":"ProductionPulls","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::'
            + PROD + ':root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}'))
    # What builds run in: its tag "latest" is moved with every change.
    repository(c, "build-tools", mutability="MUTABLE")


@fixes("ecr:BatchGetRepositoryScanningConfiguration")
def _(s, x, out):
    """moto knows the registry's rules alone; AWS adds what the repository itself is set to."""
    ecr = s.client("ecr", x.account, x.region)
    for r in out["scanningConfigurations"]:
        [have] = ecr.describe_repositories(repositoryNames=[r["repositoryName"]])["repositories"]
        if have["imageScanningConfiguration"]["scanOnPush"]:
            r.update(scanOnPush=True, scanFrequency="SCAN_ON_PUSH")
    return out


@fixes("ecr:GetLifecyclePolicy")
def _(s, x, out):
    out["lastEvaluatedAt"] = now().replace(hour=2, minute=14)
    return out


# --- containers -----------------------------------------------------------------------------------




def task(c, region, name, command, environment, secrets):
    return c("ecs", PROD, region).register_task_definition(
        family=name, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="1024", memory="2048",
        taskRoleArn=f"arn:aws:iam::{PROD}:role/{name}-task", executionRoleArn=f"arn:aws:iam::{PROD}:role/rounds-task-execution",
        containerDefinitions=[{
            "name": name, "image": f"{SHARED}.dkr.ecr.us-east-1.amazonaws.com/{name}:2022.41", "essential": True, "command": command,
            "portMappings": [{"containerPort": 8443, "protocol": "tcp"}] if name == "rounds-api" else [],
            "environment": [{"name": k, "value": v} for k, v in environment.items()],
            "secrets": [{"name": k, "valueFrom": f"arn:aws:secretsmanager:{region}:{PROD}:secret:rounds/{v}"} for k, v in secrets.items()],
            "readonlyRootFilesystem": True,
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": f"/ecs/{name}", "awslogs-region": region, "awslogs-stream-prefix": name}},
        }])["taskDefinition"]["taskDefinitionArn"]


def addresses(c, region):
    """The addresses of the tasks' network interfaces, with their zones."""
    found = c("ec2", PROD, region).describe_network_interfaces()["NetworkInterfaces"]
    return [(i["PrivateIpAddress"], i["AvailabilityZone"]) for i in found if i["Description"].startswith("arn:aws:ecs:")]


@at("2023-01-18T09:13:00Z")
def services(c):
    role(c, PROD, "rounds-task-execution", trust(Service="ecs-tasks.amazonaws.com"), [AWS + "service-role/AmazonECSTaskExecutionRolePolicy"],
         "Pulls images and reads the secrets of tasks")
    for region, group_name in ((HOME, "rounds-web-tasks"), ("eu-west-1", "partner-api-tasks")):
        ecs, elb = c("ecs", PROD, region), c("elbv2", PROD, region)
        _, _, private, group = STATE[region]
        ecs.create_cluster(clusterName="rounds", settings=[{"name": "containerInsights", "value": "enabled"}])
        target = next(g["TargetGroupArn"] for g in elb.describe_target_groups()["TargetGroups"] if g["TargetGroupName"] == group_name)
        elb.register_targets(TargetGroupArn=target, Targets=[{"Id": a, "Port": 8443} for a, _ in addresses(c, region)[:2]])
        for name, command, environment, secrets, balanced in (
            ("rounds-api", ["serve"], {"REGION": region, "LOG_FORMAT": "json"}, {"DATABASE_URL": "database", "SESSION_KEY": "session"}, True),
            ("rounds-worker", ["work"], {"REGION": region, "QUEUE": f"arn:aws:sqs:us-east-1:{PROD}:rounds-reminders"},
             {"DATABASE_URL": "database"}, False),
        ):
            ecs.create_service(
                cluster="rounds", serviceName=name, taskDefinition=task(c, region, name, command, environment, secrets), desiredCount=2,
                launchType="FARGATE", platformVersion="LATEST", enableECSManagedTags=True, propagateTags="SERVICE",
                networkConfiguration={"awsvpcConfiguration": {
                    "subnets": private, "securityGroups": [group["app"]], "assignPublicIp": "DISABLED"}},
                loadBalancers=[{"targetGroupArn": target, "containerName": name, "containerPort": 8443}] if balanced else [],
                deploymentConfiguration={"maximumPercent": 200, "minimumHealthyPercent": 100,
                                         "deploymentCircuitBreaker": {"enable": True, "rollback": True}})


@fixes("ecs:DescribeServices")
def _(s, x, out):
    for v in out["services"]:
        v["runningCount"], v["pendingCount"] = v["desiredCount"], 0
        for d in v["deployments"]:
            d.update(runningCount=v["desiredCount"], pendingCount=0, rolloutState="COMPLETED",
                     rolloutStateReason=f"ECS deployment {d['id']} completed.")
    return out


@fixes("ecs:DescribeClusters")
def _(s, x, out):
    """moto counts what it has not started."""
    for k in out["clusters"]:
        arns = s.client("ecs", x.account, x.region).list_services(cluster=k["clusterArn"])["serviceArns"]
        k.update(activeServicesCount=len(arns), runningTasksCount=2 * len(arns), pendingTasksCount=0)
    return out


@fixes("elbv2:DescribeTargetHealth")
def _(s, x, out):
    """AWS finds the zone of an address in the network of the target group; moto says nothing."""
    zones = dict(addresses(s.client, x.region))
    for t in out["TargetHealthDescriptions"]:
        if t["Target"]["Id"] in zones:
            t["Target"]["AvailabilityZone"] = zones[t["Target"]["Id"]]
        t["TargetHealth"] = {"State": "healthy"}
    return out


# --- load balancers, certificates, names ----------------------------------------------------------


@at("2022-06-02T09:33:00Z")
def attributes(c):
    """The partners' load balancer was made by hand a day later, and hands every header on."""
    for region, name, strict in ((HOME, "rounds-web", "true"), ("eu-west-1", "partner-api", "false")):
        elb = c("elbv2", PROD, region)
        arn = next(b["LoadBalancerArn"] for b in elb.describe_load_balancers()["LoadBalancers"] if b["LoadBalancerName"] == name)
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": strict}])


@fixes("elbv2:DescribeListeners")
def _(s, x, out):
    """moto gives a TLS policy to listeners without TLS too."""
    for listener in out["Listeners"]:
        if listener["Protocol"] not in ("HTTPS", "TLS"):
            listener.pop("SslPolicy", None)
    return out


# What AWS answers of an application load balancer beside what was set.
PRESET = {
    "access_logs.s3.enabled": "false", "access_logs.s3.bucket": "", "access_logs.s3.prefix": "", "connection_logs.s3.enabled": "false",
    "deletion_protection.enabled": "false", "idle_timeout.timeout_seconds": "60", "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive", "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http2.enabled": "true", "waf.fail_open.enabled": "false"}


@fixes("elbv2:DescribeLoadBalancerAttributes")
def _(s, x, out):
    have = {a["Key"]: a["Value"] for a in out["Attributes"]}
    have["load_balancing.cross_zone.enabled"] = "true"  # of an application load balancer, always
    return {"Attributes": [{"Key": k, "Value": v} for k, v in sorted({**PRESET, **have}.items())]}


VALID, RENEWED = datetime.timedelta(days=395), datetime.timedelta(days=335)


def renewed(c):
    """A certificate as ACM keeps it: renewed two months before it would end."""
    begins, renewals = c["CreatedAt"], 0
    while begins + RENEWED <= now():
        begins, renewals = begins + RENEWED, renewals + 1
    return begins, begins + VALID, renewals


def users(s, x, arn):
    """Whose certificate it is: listeners of load balancers, distributions."""
    elb = s.client("elbv2", x.account, x.region)
    for b in elb.describe_load_balancers()["LoadBalancers"]:
        for listener in elb.describe_listeners(LoadBalancerArn=b["LoadBalancerArn"])["Listeners"]:
            if arn in [k["CertificateArn"] for k in listener.get("Certificates", [])]:
                yield b["LoadBalancerArn"]
    if CDN and CDN["ViewerCertificate"]["ACMCertificateArn"] == arn:
        yield CDN_ARN


@fixes("acm:DescribeCertificate")
def _(s, x, out):
    k = out["Certificate"]
    begins, ends, renewals = renewed(k)
    k.update(Status="ISSUED", IssuedAt=k["CreatedAt"] + datetime.timedelta(minutes=4), NotBefore=begins, NotAfter=ends, Type="AMAZON_ISSUED",
             KeyAlgorithm="RSA-2048", SignatureAlgorithm="SHA256WITHRSA", InUseBy=sorted(users(s, x, k["CertificateArn"])),
             RenewalEligibility="ELIGIBLE")
    for o in k.get("DomainValidationOptions", []):
        o["ValidationStatus"] = "SUCCESS"
    if renewals:
        k["RenewalSummary"] = {"RenewalStatus": "SUCCESS", "UpdatedAt": begins + datetime.timedelta(hours=3), "DomainValidationOptions": [
            {"DomainName": k["DomainName"], "ValidationStatus": "SUCCESS", "ValidationMethod": "DNS"}]}
    return out


@fixes("acm:ListCertificates")
def _(s, x, out):
    """moto lists what can be said in few words; AWS gives the most of a description with it."""
    acm = s.client("acm", x.account, x.region)
    for k in out["CertificateSummaryList"]:
        k["CreatedAt"] = acm.describe_certificate(CertificateArn=k["CertificateArn"])["Certificate"]["CreatedAt"]
        begins, ends, _ = renewed(k)
        k.update(Status="ISSUED", Type="AMAZON_ISSUED", KeyAlgorithm="RSA-2048", NotBefore=begins, NotAfter=ends, RenewalEligibility="ELIGIBLE",
                 InUse=bool(list(users(s, x, k["CertificateArn"]))))
    return out


@at("2021-03-03T09:13:00Z")
def names(c):
    """The public zone, with a log of its queries, and one inside the network."""
    logs, dns = c("logs", PROD), c("route53", PROD)
    logs.create_log_group(logGroupName="/aws/route53/thistlebarrow.example")
    logs.put_retention_policy(logGroupName="/aws/route53/thistlebarrow.example", retentionInDays=365)
    zone = dns.create_hosted_zone(Name="thistlebarrow.example.", CallerReference="public")["HostedZone"]["Id"]
    dns.create_query_logging_config(HostedZoneId=zone.rpartition("/")[2], CloudWatchLogsLogGroupArn=(
        f"arn:aws:logs:us-east-1:{PROD}:log-group:/aws/route53/thistlebarrow.example:*"))
    dns.create_health_check(CallerReference="app", HealthCheckConfig={
        "Type": "HTTPS", "FullyQualifiedDomainName": "app.thistlebarrow.example", "Port": 443, "ResourcePath": "/health",
        "RequestInterval": 30, "FailureThreshold": 3, "EnableSNI": True})


# --- the CDN --------------------------------------------------------------------------------------


@at("2024-02-06T10:13:00Z")
def distribution(c):
    """The application's pages and customers' pictures, near to whoever looks at them."""
    cert = c("acm", PROD).request_certificate(DomainName="cdn.thistlebarrow.example", ValidationMethod="DNS")["CertificateArn"]
    waf = c("wafv2", PROD)
    shown = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True}
    acl = waf.create_web_acl(
        Name="rounds-cdn", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, Description="Rules in front of the CDN",
        VisibilityConfig=dict(shown, MetricName="rounds-cdn"), Rules=[
            {"Name": "AWSManagedRulesCommonRuleSet", "Priority": 0, "OverrideAction": {"None": {}},
             "VisibilityConfig": dict(shown, MetricName="common"),
             "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}}])["Summary"]
    waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": acl["ARN"], "LogDestinationConfigs": [
        f"arn:aws:logs:us-east-1:{PROD}:log-group:aws-waf-logs-rounds-cdn"]})
    behavior = {"TargetOriginId": "app", "ViewerProtocolPolicy": "redirect-to-https", "Compress": True,
                "SmoothStreaming": False, "FieldLevelEncryptionId": "", "LambdaFunctionAssociations": {"Quantity": 0},
                "FunctionAssociations": {"Quantity": 0}, "TrustedSigners": {"Enabled": False, "Quantity": 0},
                "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}}}
    CDN.update({
        "CallerReference": "cdn", "Comment": "Pages and pictures", "Enabled": True, "PriceClass": "PriceClass_100", "WebACLId": acl["ARN"],
        "Aliases": {"Quantity": 1, "Items": ["cdn.thistlebarrow.example"]}, "DefaultRootObject": "", "HttpVersion": "http2",
        "CustomErrorResponses": {"Quantity": 0}, "OriginGroups": {"Quantity": 0}, "IsIPV6Enabled": True, "Staging": False,
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "Origins": {"Quantity": 2, "Items": [
            {"Id": "app", "DomainName": "app.thistlebarrow.example", "OriginPath": "", "CustomHeaders": {"Quantity": 1, "Items": [
                {"HeaderName": "X-Rounds-Edge", "HeaderValue": "sample-only-not-a-secret"}]},
             "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only",
                                    "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}, "OriginReadTimeout": 30,
                                    "OriginKeepaliveTimeout": 5}, "OriginAccessControlId": ""},
            {"Id": "pictures", "DomainName": "thistlebarrow-rounds-uploads.s3.us-east-1.amazonaws.com", "OriginPath": "/public",
             "CustomHeaders": {"Quantity": 0}, "S3OriginConfig": {"OriginAccessIdentity": ""}, "OriginAccessControlId": "E2SAMPLEOAC001"}]},
        "DefaultCacheBehavior": behavior,
        "CacheBehaviors": {"Quantity": 1, "Items": [dict(behavior, PathPattern="/pictures/*", TargetOriginId="pictures")]},
        "ViewerCertificate": {"ACMCertificateArn": cert, "Certificate": cert, "CertificateSource": "acm", "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021",
                              "CloudFrontDefaultCertificate": False},
    })
    logs = c("logs", PROD)
    logs.put_delivery_source(name="cdn", resourceArn=CDN_ARN, logType="ACCESS_LOGS")
    where = logs.put_delivery_destination(name="cdn", outputFormat="json", deliveryDestinationConfiguration={
        "destinationResourceArn": "arn:aws:s3:::thistlebarrow-alb-logs/cdn"})["deliveryDestination"]["arn"]
    logs.create_delivery(deliverySourceName="cdn", deliveryDestinationArn=where)


# moto lists a distribution in a few words and forgets an origin that is a bucket, so that it is told from here.
CDN = {}
CDN_ID = "E1SAMPLECDN001"
CDN_ARN = f"arn:aws:cloudfront::{PROD}:distribution/{CDN_ID}"


@answers("cloudfront:ListDistributions")
def _(s, x):
    out = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": 0}
    if CDN and x.account == PROD:
        row = {k: v for k, v in CDN.items() if k not in ("CallerReference", "DefaultRootObject", "Logging")}
        out.update(Quantity=1, Items=[dict(row, Id=CDN_ID, ARN=CDN_ARN, Status="Deployed", DomainName="d1samplecdn001.cloudfront.net",
                                           HttpVersion="HTTP2", LastModifiedTime=when("2024-02-06T10:13:00Z"))])
    return {"DistributionList": out}


@answers("cloudfront:GetDistributionConfig")
def _(s, x):
    return {"DistributionConfig": CDN}


@answers("cloudfront:ListTagsForResource")
def _(s, x):
    return {"Tags": {"Items": tags(**{"owner": "platform", "data-class": "confidential"})}}


# --- functions ------------------------------------------------------------------------------------


SET = {}  # what moto forgets of a function, by name


def code(name):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w") as z:
        z.writestr(zipfile.ZipInfo("app.py", (2024, 1, 1, 0, 0, 0)), f"# {name}\n")
    return b.getvalue()


def function(c, region, name, runtime, environment, invoked=None, reserved=None, **more):
    fn = c("lambda", PROD, region)
    _, _, private, group = STATE[region]
    role(c, PROD, f"{name}-function", trust(Service="lambda.amazonaws.com"), [AWS + "service-role/AWSLambdaVPCAccessExecutionRole"],
         f"The function {name}")
    SET[name] = dict(more, LoggingConfig={
        "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", "LogGroup": f"/aws/lambda/{name}"})
    fn.create_function(
        FunctionName=name, Runtime=runtime, Role=f"arn:aws:iam::{PROD}:role/{name}-function", Handler="app.handler",
        Code={"ZipFile": code(name)}, Timeout=60, MemorySize=512, Environment={"Variables": environment},
        VpcConfig={"SubnetIds": private, "SecurityGroupIds": [group["app"]]}, TracingConfig={"Mode": "PassThrough"}, **SET[name])
    if invoked:
        service, source = invoked
        fn.add_permission(FunctionName=name, StatementId=service.partition(".")[0], Action="lambda:InvokeFunction", Principal=service,
                          SourceArn=source, SourceAccount=PROD)
    if reserved:
        fn.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)


def dead_letters(region):
    return {"DeadLetterConfig": {"TargetArn": f"arn:aws:sqs:{region}:{PROD}:functions-dead-letters"}}


@at("2024-03-12T09:13:00Z")
def functions(c):
    function(c, HOME, "reminders-dispatch", "python3.12", {"QUEUE": f"arn:aws:sqs:us-east-1:{PROD}:rounds-reminders", "BATCH": "100"},
             ("events.amazonaws.com", f"arn:aws:events:us-east-1:{PROD}:rule/reminders-every-minute"), 20, **dead_letters(HOME))
    function(c, HOME, "pictures-resize", "python3.12", {"BUCKET": "thistlebarrow-rounds-uploads", "WIDTH": "1280"},
             ("s3.amazonaws.com", "arn:aws:s3:::thistlebarrow-rounds-uploads"), 50, **dead_letters(HOME))
    # Support of its runtime ended on 2026-04-30, and nobody moved it; failed reports are lost.
    function(c, "eu-west-1", "reports-monthly", "nodejs20.x", {"BUCKET": "thistlebarrow-rounds-uploads-eu"},
             ("events.amazonaws.com", f"arn:aws:events:eu-west-1:{PROD}:rule/reports-first-of-month"), 5)


@fixes("lambda:ListFunctions")
def _(s, x, out):
    for f in out["Functions"]:
        f.update(SET[f["FunctionName"]])
        f["VpcConfig"]["VpcId"] = STATE[x.region][0]
        f["LastModified"] = f["LastModified"][:19] + ".000+0000"
    return out


@answers("lambda:ListFunctionUrlConfigs")
def _(s, x):
    return {"FunctionUrlConfigs": []}  # the story has none


# --- an API for one vendor ------------------------------------------------------------------------


@at("2026-04-14T09:13:00Z")
def callbacks(c):
    """Carrier Wren Messaging reports there which reminders arrived. Whoever knows the address may call it."""
    function(c, HOME, "sms-status", "python3.13", {"QUEUE": f"arn:aws:sqs:us-east-1:{PROD}:rounds-reminders"},
             ("apigateway.amazonaws.com", f"arn:aws:execute-api:us-east-1:{PROD}:smscalls/*/*/status"), 10)
    api = c("apigatewayv2", PROD)
    logs = c("logs", PROD)
    logs.create_log_group(logGroupName="/apigateway/sms-callbacks")
    logs.put_retention_policy(logGroupName="/apigateway/sms-callbacks", retentionInDays=365)
    made = api.create_api(Name="sms-callbacks", ProtocolType="HTTP", DisableExecuteApiEndpoint=False)["ApiId"]
    target = api.create_integration(ApiId=made, IntegrationType="AWS_PROXY", PayloadFormatVersion="2.0", IntegrationUri=(
        f"arn:aws:lambda:us-east-1:{PROD}:function:sms-status"))["IntegrationId"]
    api.create_route(ApiId=made, RouteKey="POST /status", AuthorizationType="NONE", Target=f"integrations/{target}")
    api.create_stage(ApiId=made, StageName="$default", AutoDeploy=True, AccessLogSettings={
        "DestinationArn": f"arn:aws:logs:us-east-1:{PROD}:log-group:/apigateway/sms-callbacks", "Format": "$context.requestId"})


# --- builds ---------------------------------------------------------------------------------------


@at("2023-01-24T09:13:00Z")
def migrations(c):
    c("logs", PROD).create_log_group(logGroupName="/codebuild/rounds-migrations")
    c("logs", PROD).put_retention_policy(logGroupName="/codebuild/rounds-migrations", retentionInDays=365)
    c("codebuild", PROD).create_project(
        name="rounds-migrations", description="Runs database migrations",
        source={"type": "S3", "location": "thistlebarrow-rounds-backups/migrations/source.zip"}, artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL",
                     "environmentVariables": [{"name": "STAGE", "value": "production", "type": "PLAINTEXT"},
                                              {"name": "DATABASE_URL", "value": "rounds/database", "type": "SECRETS_MANAGER"}]},
        serviceRole=f"arn:aws:iam::{PROD}:role/release-automation", timeoutInMinutes=60, queuedTimeoutInMinutes=480,
        logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": "/codebuild/rounds-migrations"}, "s3Logs": {"status": "DISABLED"}})


