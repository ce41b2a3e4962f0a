"""What CloudTrail writes into its bucket: the log files and signed digests of the day before each run.

The sample's exhibit.yaml validates one day, so that the tapes stay small; a day's digests are here as
CloudTrail writes them, one an hour and trail, account and region, and their keys are made from a fixed seed.

They lie here and not in moto, which reads the bucket's policy without its conditions and so refuses everybody.
"""

import datetime
import functools
import gzip
import hashlib
import json

from answers import answers, when
from story import HOME, PROD, REGIONS, SHARED, at
from wire import Refusal

BUCKET = "thistlebarrow-audit-trail"
FILES = {}  # by key: (bytes, metadata, written)


@answers("s3:ListObjectsV2")
def _(s, x):
    prefix, after = x.params.get("Prefix", ""), x.params.get("StartAfter", "")
    found = sorted(k for k in FILES if k.startswith(prefix) and k > after) if x.params["Bucket"] == BUCKET else []
    return {"Name": x.params["Bucket"], "Prefix": prefix, "StartAfter": after, "MaxKeys": 1000, "KeyCount": len(found), "IsTruncated": False,
            "Contents": [{"Key": k, "LastModified": FILES[k][2], "ETag": f'"{hashlib.md5(FILES[k][0]).hexdigest()}"',
                          "Size": len(FILES[k][0]), "StorageClass": "STANDARD"} for k in found]}


@answers("s3:GetObject")
def _(s, x):
    if x.params["Bucket"] != BUCKET or x.params["Key"] not in FILES:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    body, metadata, written = FILES[x.params["Key"]]
    return 200, {"content-type": "application/json", "last-modified": written.strftime("%a, %d %b %Y %H:%M:%S GMT"),
                 **{"x-amz-meta-" + k: v for k, v in metadata.items()}}, body


def put(name, raw, written, metadata):
    FILES[name] = (gzip.compress(raw, mtime=0), metadata, written.replace(tzinfo=datetime.timezone.utc))


# --- keys -----------------------------------------------------------------------------------


def stream(seed, n):
    """n bytes that only the seed decides."""
    out = b""
    while len(out) < n:
        out += hashlib.sha256(f"{seed} {len(out)}".encode()).digest()
    return out[:n]


def probably_prime(n):
    if any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(seed):
    """1024 bits, the two highest set, so that two of them make 2048."""
    n = int.from_bytes(stream(seed, 128), "big") | 3 << 1022 | 1
    while n % 65537 == 1 or not probably_prime(n):
        n += 2
    return n


def der(tag, *parts):
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x80 | 2]) + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


def der_int(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


class Key:
    """CloudTrail signs with a key of each region. It guards nothing: everybody can make it again."""

    def __init__(self, region):
        self.p, self.q = prime(f"trail {region} p"), prime(f"trail {region} q")
        self.n = self.p * self.q
        self.public = der(0x30, der_int(self.n), der_int(65537))
        self.fingerprint = hashlib.md5(self.public).hexdigest()
        d = pow(65537, -1, (self.p - 1) * (self.q - 1))
        self.dp, self.dq, self.inverse = d % (self.p - 1), d % (self.q - 1), pow(self.q, -1, self.p)

    def sign(self, text):
        """SHA256withRSA, PKCS #1 v1.5, in hexadecimal digits."""
        info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(text.encode()).digest()
        m = int.from_bytes(b"\x00\x01" + b"\xff" * (253 - len(info)) + b"\x00" + info, "big")
        a, b = pow(m, self.dp, self.p), pow(m, self.dq, self.q)
        return (b + (a - b) * self.inverse % self.p * self.q).to_bytes(256, "big").hex()


@functools.cache
def key(region):
    return Key(region)


@answers("cloudtrail:ListPublicKeys")
def _(s, x):
    k = key(x.region)
    return {"PublicKeyList": [{"Value": k.public, "Fingerprint": k.fingerprint,
                               "ValidityStartTime": when("2025-07-01T00:00:00Z"), "ValidityEndTime": when("2026-12-31T00:00:00Z")}]}


# --- files ----------------------------------------------------------------------------------

# How many hours lie between two log files: the closer to the customers, the busier.
EVERY = {HOME: 1, "eu-west-1": 2, "eu-central-1": 8}
CALLS = [("ecs.amazonaws.com", "ListTasks"), ("s3.amazonaws.com", "GetBucketAcl"), ("sts.amazonaws.com", "AssumeRole"),
         ("kms.amazonaws.com", "Decrypt"), ("ecr.amazonaws.com", "DescribeImages"), ("ec2.amazonaws.com", "DescribeInstances")]


def stamp(t):
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(account, region, t, n):
    source, name = CALLS[n % len(CALLS)]
    event = stream(f"event {account} {region} {t} {n}", 16).hex()
    return {"eventVersion": "1.11", "eventTime": stamp(t), "eventSource": source, "eventName": name, "awsRegion": region,
            "userIdentity": {"type": "AWSService", "invokedBy": "ecs.amazonaws.com"}, "sourceIPAddress": "ecs.amazonaws.com",
            "eventID": f"{event[:8]}-{event[8:12]}-4{event[13:16]}-8{event[17:20]}-{event[20:]}", "readOnly": True,
            "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": account, "eventCategory": "Management"}


def log_file(account, region, t):
    raw = json.dumps({"Records": [record(account, region, t, n + t.hour) for n in range(3)]}, separators=(",", ":")).encode()
    name = f"AWSLogs/{account}/CloudTrail/{region}/{t:%Y/%m/%d}/{account}_CloudTrail_{region}_{t:%Y%m%dT%H%MZ}_{stream(f'log {account} {region} {t}', 8).hex()}.json.gz"
    put(name, raw, t, {})
    return {"s3Bucket": BUCKET, "s3Object": name, "hashValue": hashlib.sha256(raw).hexdigest(), "hashAlgorithm": "SHA-256",
            "newestEventTime": stamp(t), "oldestEventTime": stamp(t)}


def digest_name(account, region, trail, home, end):
    return (f"AWSLogs/{account}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}/"
            f"{account}_CloudTrail-Digest_{region}_{trail}_{home}_{end:%Y%m%dT%H%M%SZ}.json.gz")


def chain(account, trail, region, start, until):
    """The digests from the one that reaches over the start to the newest."""
    k, hour = key(region), datetime.timedelta(hours=1)
    offset = stream(f"offset {account} {trail} {region}", 2)
    end = start + datetime.timedelta(minutes=offset[0] % 40, seconds=1 + offset[1] % 59)
    # What the first records of the one before, which lies before the day and is not read.
    before = stream(f"before {account} {trail} {region} {start}", 288).hex()
    previous = (digest_name(account, region, trail, HOME, end - hour), before[:64], before[64:])
    while end <= until:
        begun = end - hour
        logs = [log_file(account, region, begun + 20 * hour / 60)] if end.hour % EVERY[region] == 0 else []
        name = digest_name(account, region, trail, HOME, end)
        raw = json.dumps({
            "awsAccountId": account, "digestStartTime": stamp(begun), "digestEndTime": stamp(end),
            "digestS3Bucket": BUCKET, "digestS3Object": name,
            "digestPublicKeyFingerprint": k.fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": logs[0]["newestEventTime"] if logs else None, "oldestEventTime": logs[0]["oldestEventTime"] if logs else None,
            "previousDigestS3Bucket": BUCKET, "previousDigestS3Object": previous[0], "previousDigestHashValue": previous[1],
            "previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": previous[2], "logFiles": logs,
        }, separators=(",", ":")).encode()
        total = hashlib.sha256(raw).hexdigest()
        signature = k.sign(f"{stamp(end)}\n{BUCKET}/{name}\n{total}\n{previous[2]}")
        put(name, raw, end, {"signature": signature, "signature-algorithm": "SHA256withRSA"})
        previous, end = (name, total, signature), end + hour


def day(run, *chains):
    @at(f"{run}T05:50:00Z")
    def written(_):
        midnight = datetime.datetime.fromisoformat(f"{run}T00:00:00")
        for account, trail, regions in chains:
            for region in regions:
                chain(account, trail, region, midnight - datetime.timedelta(days=1), midnight + datetime.timedelta(hours=5))


# Which trails there are at each run is told in watching.py.
day("2026-01-02", (SHARED, "audit-trail", REGIONS), (PROD, "production-trail", [HOME]))
day("2026-04-01", (SHARED, "audit-trail", REGIONS), (PROD, "production-trail", REGIONS))
day("2026-07-01", (SHARED, "audit-trail", REGIONS), (PROD, "production-trail", REGIONS))
day("2026-10-01", (SHARED, "audit-trail-v2", [HOME]), (PROD, "production-trail", REGIONS))
