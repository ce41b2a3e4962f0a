"""Reading requests and writing answers in AWS's wire formats, from botocore's models.

An Exchange is one request as it came over the wire, told apart into account,
region, botocore service, operation and parameters. answer() writes a result in
the service's own protocol and reads it back with botocore's parser, so that an
answer written here is one that AWS's documented shapes allow; refuse() writes
an error.
"""

import functools
import hashlib
import json
import re
import urllib.parse

import botocore.parsers
import botocore.session
from moto.core.utils import get_service_model
from moto.core.serialize import (
    RestXMLSerializer,
    S3Serializer,
    get_serializer_class,
)

# Signing names of the services the sample may be asked for, and botocore's name
# for each. Two services that share a signing name are told apart by path, target or version.
SERVICES = {
    "access-analyzer": ["accessanalyzer"],
    "account": ["account"],
    "acm": ["acm"],
    "apigateway": ["apigateway", "apigatewayv2"],
    "application-autoscaling": ["application-autoscaling"],
    "appsync": ["appsync"],
    "artifact": ["artifact"],
    "athena": ["athena"],
    "autoscaling": ["autoscaling"],
    "backup": ["backup"],
    "bedrock": ["bedrock"],
    "cloudformation": ["cloudformation"],
    "cloudfront": ["cloudfront"],
    "cloudtrail": ["cloudtrail"],
    "codebuild": ["codebuild"],
    "codedeploy": ["codedeploy"],
    "codepipeline": ["codepipeline"],
    "config": ["config"],
    "datasync": ["datasync"],
    "dax": ["dax"],
    "dms": ["dms"],
    "dynamodb": ["dynamodb"],
    "ec2": ["ec2"],
    "ecr": ["ecr"],
    "ecs": ["ecs"],
    "eks": ["eks"],
    "elasticache": ["elasticache"],
    "elasticbeanstalk": ["elasticbeanstalk"],
    "elasticfilesystem": ["efs"],
    "elasticloadbalancing": ["elbv2"],
    "elasticmapreduce": ["emr"],
    "es": ["opensearch"],
    "events": ["events"],
    "firehose": ["firehose"],
    "fsx": ["fsx"],
    "glue": ["glue"],
    "guardduty": ["guardduty"],
    "health": ["health"],
    "iam": ["iam"],
    "identitystore": ["identitystore"],
    "inspector2": ["inspector2"],
    "kafka": ["kafka"],
    "kinesis": ["kinesis"],
    "kms": ["kms"],
    "lambda": ["lambda"],
    "logs": ["logs"],
    "macie2": ["macie2"],
    "monitoring": ["cloudwatch"],
    "mq": ["mq"],
    "network-firewall": ["network-firewall"],
    "organizations": ["organizations"],
    "ram": ["ram"],
    "rds": ["rds"],
    "redshift": ["redshift"],
    "route53": ["route53"],
    "s3": ["s3control", "s3"],
    "sagemaker": ["sagemaker"],
    "secretsmanager": ["secretsmanager"],
    "securityhub": ["securityhub"],
    "sns": ["sns"],
    "sqs": ["sqs"],
    "ssm": ["ssm"],
    "sso": ["sso-admin"],
    "states": ["stepfunctions"],
    "sts": ["sts"],
    "tagging": ["resourcegroupstaggingapi"],
    "transfer": ["transfer"],
    "wafv2": ["wafv2"],
}


@functools.cache
def session():
    return botocore.session.Session()


@functools.cache
def model(service):
    return session().get_service_model(service)


@functools.cache
def routes(service):
    """The REST operations of a service: (method, compiled path, fixed query, operation)."""
    out = []
    m = model(service)
    for name in m.operation_names:
        if m.operation_model(name).deprecated:  # S3's older names for what it still answers
            continue
        http = m.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.escape(path.rstrip("/"))  # the SDK leaves a closing slash out
        pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", pattern)
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)
        fixed = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        fixed = {k: v for k, v in fixed.items() if not v.startswith("{")}
        out.append((http["method"], re.compile("^" + pattern + "/?$"), fixed, name))
    # The route with more fixed query parameters is the more exact one.
    out.sort(key=lambda r: (-len(r[2]), r[1].pattern.count("(?P<"), r[3]))
    return out


class Exchange:
    def __init__(self, method, path, query, headers, body, account):
        self.method, self.path, self.query = method, path, query
        self.headers, self.body, self.account = headers, body, account
        self.region = self.signing = ""
        m = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request", headers.get("authorization", ""))
        if m:
            self.region, self.signing = m.group(2), m.group(3)
        self.service, self.operation, self.params = self._identify()

    def _identify(self):
        names = SERVICES.get(self.signing, [])
        target = self.headers.get("x-amz-target", "")
        query = dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))
        for service in names:
            protocol = model(service).metadata["protocol"]
            if target:
                return service, target.rpartition(".")[2], json.loads(self.body or b"{}")
            if protocol in ("query", "ec2"):
                form = dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))
                if len(names) > 1 and form.get("Version") != model(service).metadata["apiVersion"]:
                    continue
                return service, form.get("Action", ""), form
            for method, pattern, fixed, name in routes(service):
                m = pattern.match(self.path)
                if method != self.method or not m:
                    continue
                if any(query.get(k) != v and k not in ("x-id",) for k, v in fixed.items() if k != "x-id"):
                    continue
                params = dict(query)
                params.update({k: urllib.parse.unquote(v) for k, v in m.groupdict().items()})
                if self.body[:1] == b"{":
                    params.update(json.loads(self.body))
                # On the wire members have names of their own; the story speaks of the members.
                shape = model(service).operation_model(name).input_shape
                for member, s in (shape.members.items() if shape else ()):
                    wire_name = s.serialization.get("name", member)
                    if wire_name in params:
                        params[member] = params[wire_name]
                return service, name, params
        return (names or [""])[-1], "", {}

    @property
    def name(self):
        return f"{self.service}:{self.operation}"

    @property
    def request_id(self):
        """The same request has the same id in every recording."""
        h = hashlib.sha256(
            "\n".join([self.account, self.region, self.signing, self.method, self.path, self.query,
                       self.headers.get("x-amz-target", "")]).encode() + self.body
        ).hexdigest()
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}"


def _protocol(x):
    """The protocol the caller spoke, which for CloudWatch may be any of three."""
    if x.headers.get("x-amz-target"):
        return "json"
    return model(x.service).resolved_protocol if hasattr(model(x.service), "resolved_protocol") else model(x.service).metadata["protocol"]


def answer(x, result):
    """(status, headers, body) of a result, checked by reading it back."""
    operation = get_service_model(x.service).operation_model(x.operation)
    protocol = _protocol(x)
    if x.service == "s3control":
        cls = RestXMLSerializer
    elif x.service == "s3":
        cls = S3Serializer
    else:
        cls = get_serializer_class(x.service, protocol)
    r = cls(operation).serialize(result)
    body = r["body"].encode() if isinstance(r["body"], str) else r["body"]
    headers = {k.lower(): v for k, v in r["headers"].items()}
    parsed = parse(x, r["status_code"], headers, body)
    lost = missing(result, parsed)
    if lost:
        raise SystemExit(f"{x.name}: botocore does not read back {lost}")
    return r["status_code"], headers, body


def parse(x, status, headers, body):
    """What botocore reads in an answer."""
    operation = model(x.service).operation_model(x.operation)
    protocol = _protocol(x)
    if protocol == "json" and model(x.service).metadata["protocol"] != "json":
        protocol = "json"
    parser = botocore.parsers.create_parser(protocol)
    out = parser.parse({"status_code": status, "headers": Folded(headers), "body": body}, operation.output_shape)
    out.pop("ResponseMetadata", None)
    return out


class Folded(dict):
    """Headers, looked up without regard to case."""

    def __init__(self, d):
        super().__init__({k.lower(): v for k, v in d.items()})

    def get(self, k, default=None):
        return super().get(k.lower(), default)

    def __getitem__(self, k):
        return super().__getitem__(k.lower())

    def __contains__(self, k):
        return super().__contains__(k.lower())


def missing(want, got, at=""):
    """The first path of want that got lacks."""
    if isinstance(want, dict):
        for k, v in want.items():
            if v is None:
                continue
            if not isinstance(got, dict) or k not in got:
                return f"{at}.{k}"
            if m := missing(v, got[k], f"{at}.{k}"):
                return m
    elif isinstance(want, list):
        if not isinstance(got, list) or len(want) != len(got):
            return f"{at}[]"
        for i, v in enumerate(want):
            if m := missing(v, got[i], f"{at}[{i}]"):
                return m
    return ""


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def refuse(x, e):
    """(status, headers, body) of an error, in the protocol of the request."""
    protocol = _protocol(x)
    if protocol in ("query", "rest-xml"):
        from xml.sax.saxutils import escape

        inner = f"<Code>{e.code}</Code><Message>{escape(e.message)}</Message>"
        if protocol == "query":
            body = (f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
                    f"<RequestId>{x.request_id}</RequestId></ErrorResponse>")
        else:
            body = f"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{inner}<RequestId>{x.request_id}</RequestId></Error>"
        return e.status, {"content-type": "text/xml"}, body.encode()
    if protocol == "ec2":
        body = (f"<Response><Errors><Error><Code>{e.code}</Code><Message>{e.message}</Message></Error></Errors>"
                f"<RequestID>{x.request_id}</RequestID></Response>")
        return e.status, {"content-type": "text/xml"}, body.encode()
    kind = "application/json" if protocol == "rest-json" else "application/x-amz-json-1.1"
    headers = {"content-type": kind, "x-amzn-errortype": e.code}
    return e.status, headers, json.dumps({"__type": e.code, "message": e.message, "Message": e.message}).encode()
