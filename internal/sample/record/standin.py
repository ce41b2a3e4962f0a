"""A stand-in for AWS on loopback, telling the story of the sample organisation.

moto answers what it can, in this process, with the clock frozen at the time of
the run; answers.py answers what moto lacks and corrects what it gets wrong. The
recorder (main.go) starts this program, moves it from quarter to quarter with
POST /_standin/plant?until=TIME, and records what the collectors ask.

    python3 standin.py 4599
"""

import http.server
import os
import re
import sys
import threading
import urllib.parse

os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
for variable in ("AWS_PROFILE", "AWS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
    os.environ.pop(variable, None)

import boto3  # noqa: E402
import botocore.awsrequest  # noqa: E402
import freezegun  # noqa: E402
import moto.organizations.models  # noqa: E402
import moto.organizations.utils  # noqa: E402
from botocore.config import Config  # noqa: E402
from moto.moto_api._internal import mock_random  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.test import Client  # noqa: E402

import alerting  # noqa: E402,F401  registers its answers
import answers  # noqa: E402
import backups  # noqa: E402,F401  registers its answers and events
import compute  # noqa: E402,F401  registers its answers
import events  # noqa: E402,F401  registers its answers
import doings  # noqa: E402,F401  registers its answers
import history  # noqa: E402,F401  registers its answers
import outside  # noqa: E402,F401  registers its answers and events
import services  # noqa: E402,F401  registers its answers
import keeping  # noqa: E402,F401  registers its answers and events, and corrects those of services
import story  # noqa: E402
import trails  # noqa: E402,F401  registers its answers
import tables  # noqa: E402,F401  registers its answers
import wire  # noqa: E402
import workloads  # noqa: E402,F401  registers its answers

# What the sample signs with. None of these is a credential of anything.
KEYS = {"AKIASAMPLESHARED0000": story.SHARED, "ASIASAMPLEPROD000000": story.PROD, "ASIASAMPLESHARED0000": story.SHARED}


class Standin:
    def __init__(self):
        self.app = Client(DomainDispatcherApplication(create_backend_app))
        self.lock = threading.RLock()
        self.frozen = None
        self.clients = {}
        moto.organizations.utils.make_random_account_id = lambda: story.PROD
        moto.organizations.models.utils.make_random_account_id = lambda: story.PROD

    def clock(self, when):
        if self.frozen is None:
            # The server's own threads keep the real clock; answers are written with the frozen one.
            freezegun.configure(extend_ignore_list=["socketserver", "selectors", "http.server", "threading"])
            self.freezer = freezegun.freeze_time(when)
            self.frozen = self.freezer.start()
        self.frozen.move_to(when)
        answers.NOW = when

    def client(self, service, account=story.SHARED, region=story.HOME):
        """A boto3 client whose requests never leave this process."""
        if (service, account, region) in self.clients:
            return self.clients[service, account, region]
        c = self.clients[service, account, region] = boto3.session.Session().client(
            service, region_name=region, aws_access_key_id=f"AKIA{account}", aws_secret_access_key="sample",
            endpoint_url="http://127.0.0.1:1", config=Config(inject_host_prefix=False, s3={"addressing_style": "path"}))
        c.meta.events.register("before-send", lambda request, **_: self._before_send(request, account))
        return c

    def _before_send(self, request, account):
        url = urllib.parse.urlsplit(request.url)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
        headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in request.headers.items()}
        status, headers, body = self.moto(request.method, url.path, url.query, headers, body, account)
        return botocore.awsrequest.AWSResponse(request.url, status, wire.Folded(headers), _Raw(body))

    def moto(self, method, path, query, headers, body, account):
        headers = {k: v for k, v in headers.items() if k.lower() not in ("content-length", "host", "accept-encoding")}
        headers["x-moto-account-id"] = account
        with self.lock:
            r = self.app.open(path, method=method, query_string=query, headers=headers, data=body,
                              base_url="http://127.0.0.1:4566")
            return r.status_code, {k.lower(): v for k, v in r.headers.items()}, r.get_data()

    def ask(self, method, path, query, headers, body):
        """One request of the collectors: (status, headers, body)."""
        key = re.search(r"Credential=([^/]+)/", headers.get("authorization", ""))
        account = KEYS.get(key.group(1) if key else "", story.SHARED)
        x = wire.Exchange(method, path, query, headers, body, account)
        mock_random.seed(x.request_id)
        try:
            if x.name in answers.ANSWERS:
                out = answers.ANSWERS[x.name](self, x)
                return out if isinstance(out, tuple) else wire.answer(x, out)  # a tuple is an object's bytes, no shape
            status, headers, body = self.moto(method, path, query, headers, body, account)
            if status == 200 and x.name in answers.FIXES:
                return wire.answer(x, answers.FIXES[x.name](self, x, wire.parse(x, status, headers, body)))
            return status, headers, body
        except wire.Refusal as e:
            return wire.refuse(x, e)


class _Raw:
    def __init__(self, body):
        self.body = body

    def stream(self, **_):
        yield self.body

    def read(self, *_):
        body, self.body = self.body, b""
        return body


REQUEST_ID = re.compile(rb"(<[Rr]equestI[dD]>)[^<]*(</[Rr]equestI[dD]>)")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin = None

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {k.lower(): v for k, v in self.headers.items()}
        if url.path == "/_standin/plant":
            until = urllib.parse.parse_qs(url.query)["until"][0]
            story.plant(self.standin.client, self.standin.clock, mock_random.seed, until)
            return self.send(200, {}, b"")
        with self.standin.lock:
            status, out, data = self.standin.ask(self.command, url.path, url.query, headers, body)
            account = headers.get("authorization", "")
        if status >= 500 or data[:15].lower().startswith(b"<!doctype html>"):
            print(f"standin: no answer ({status}): {self.command} {self.path} {headers.get('x-amz-target', '')} {body[:90]!r} {account[:80]}", file=sys.stderr, flush=True)
        x = wire.Exchange(self.command, url.path, url.query, headers, body, "")
        keep = {k: v for k, v in out.items() if k.startswith("x-amz-meta-") or k in (
            "content-type", "x-amz-bucket-region", "x-amzn-errortype", "location", "etag", "last-modified")}
        keep["x-amzn-requestid"] = x.request_id
        self.send(status, keep, REQUEST_ID.sub(rb"\g<1>" + x.request_id.encode() + rb"\g<2>", data))

    def send(self, status, headers, body):
        self.send_response_only(status)
        for k, v in headers.items():
            self.send_header(k, v)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any


if __name__ == "__main__":
    Handler.standin = Standin()
    http.server.ThreadingHTTPServer.request_queue_size = 128  # the collectors knock all at once
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print("ready", flush=True)
    server.serve_forever()
