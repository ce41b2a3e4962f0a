"""A stand-in for GitHub's GraphQL API on loopback.

Queries are parsed, validated and executed by graphql-core against the schema that
GitHub publishes (github.graphql.xz, from the package @octokit/graphql-schema
15.26.1, MIT licence), over a graph given as JSON: objects are objects of the
schema's shape, and a connection is given as the list of its nodes (or of its
edges, as {"node": ..., ...}).

    github.py GRAPH

prints the port it listens on. Beside the repositories the graph may hold
"faults": a list of {"operation", "status", "headers", "body", "times"} answered
in place of the first requests whose query contains the operation's text, and
"moves": after the n-th page of pull requests one of them changes. "owners" are, by
login, organizations and people with their "repositories".

REST has no published schema that is executed here. What is asked by it is answered
in the shapes of GitHub's OpenAPI description (github/rest-api-description, MIT
licence) from a repository's "ruleSuites", each with its "rule_evaluations", and
from "auditLogs" and "organizations" by organization, and "user"; parameters the description does not have are
refused, as are values it does not allow.
"""

import base64
import json
import lzma
import pathlib
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from graphql import GraphQLError, build_schema, execute, get_named_type, parse, validate

TOKEN = "gho_standin"
HERE = pathlib.Path(__file__).parent
GRAPH = json.loads(pathlib.Path(sys.argv[1]).read_text())
SCHEMA = build_schema(lzma.decompress((HERE / "github.graphql.xz").read_bytes()).decode(), assume_valid=True)
FAULTS = GRAPH.get("faults", [])
MOVES = GRAPH.get("moves", [])
PAGES = 0


def connection(rows, kind, args, total=None):
    """A page of a list, by the rules of the cursor specification."""
    start = int(base64.b64decode(args["after"])) if args.get("after") else 0
    if args.get("last"):
        page = rows[-args["last"]:]
        end = len(rows)
    else:
        page = rows[start:start + (args.get("first") or 0)]
        end = start + len(page)
    if not args.get("first") and not args.get("last"):
        raise GraphQLError(f"You must provide a `first` or `last` value to properly paginate the `{kind}` connection.")
    if max(args.get("first") or 0, args.get("last") or 0) > 100:
        raise GraphQLError(f"Requesting more than 100 records on the `{kind}` connection exceeds the `first` limit.")
    return {
        "totalCount": len(rows) if total is None else total,
        "pageInfo": {"hasNextPage": end < len(rows), "hasPreviousPage": start > 0,
                     "endCursor": base64.b64encode(str(end).encode()).decode() if page else None},
        "nodes": [r["node"] if isinstance(r, dict) and "node" in r else r for r in page],
        "edges": page,
    }


def resolve(source, info, **args):
    """Looks a field up in the graph; lists become connections where the schema has one."""
    global PAGES
    name = info.field_name
    if name == "repositoryOwner":
        return GRAPH.get("owners", {}).get(args["login"])
    if name == "repository" and info.parent_type.name == "Query":
        found = GRAPH["repositories"].get(f"{args['owner']}/{args['name']}")
        if found is None:
            raise GraphQLError(f"Could not resolve to a Repository with the name '{args['owner']}/{args['name']}'.", extensions={"type": "NOT_FOUND"})
        return found
    value = source.get(name)
    if isinstance(value, dict) and "forbidden" in value:
        raise GraphQLError(value["forbidden"], extensions={"type": "FORBIDDEN"})
    if name == "pullRequest" and "number" in args:
        return next((p for p in source["pullRequests"] if p["number"] == args["number"]), None)
    if name == "isRequired":
        return bool(value)
    if name == "ref" and "qualifiedName" in args:
        return source["refs"].get(args["qualifiedName"])
    if name == "pullRequests":
        PAGES += 1
        for m in MOVES:
            if m["page"] == PAGES:
                next(p for p in value if p["number"] == m["number"])["updatedAt"] = m["updatedAt"]
        value = [p for p in value if p.get("baseRefName") == args.get("baseRefName") and ("MERGED" in (args.get("states") or ["MERGED"])) == bool(p.get("mergedAt"))]
        value.sort(key=lambda p: p["updatedAt"], reverse=True)
    if name == "repositories":
        value = sorted(value or [], key=lambda r: r["createdAt"])
    if name == "deployments":
        value = sorted(value or [], key=lambda d: d["createdAt"], reverse=args["orderBy"]["direction"] == "DESC")
    kind = get_named_type(info.return_type).name
    if kind.endswith("Connection") and isinstance(value, list):
        if name == "timelineItems":
            wanted = {t.replace("_", "").lower() for t in args["itemTypes"]}
            value = [e for e in value if e["__typename"].lower() in wanted]
        return connection(value, name, args, source.get(name + "Total"))
    if kind.endswith("Connection") and value is None:
        return connection([], name, args)
    return value


def complaint(e):
    out = e.formatted
    kind = (out.pop("extensions", None) or {}).get("type")
    return {**({"type": kind} if kind else {}), **out}


# Operations of the description: their parameters, and the values of those that have few.
PAGING = {"per_page": None, "page": None}
REST = {
    "rule-suites": {"ref": None, "time_period": {"hour", "day", "week", "month"}, "actor_name": None, "rule_suite_result": {"pass", "fail", "bypass", "all"}, **PAGING},
    "audit-log": {"phrase": None, "include": {"web", "git", "all"}, "after": None, "before": None, "order": {"asc", "desc"}, "per_page": None},
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for k, v in dict(headers).items():
            self.send_header(k, str(v))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-GitHub-Request-Id", "AAAA:1")
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.answer(401, {"message": "Bad credentials"})
        for f in FAULTS:
            if f["operation"] in asked["query"] and asked["query"].count("pullRequest(") >= f.get("atLeast", 0) and f.get("times", 1) > 0:
                f["times"] = f.get("times", 1) - 1
                return self.answer(f["status"], f.get("body") or {}, f.get("headers") or {})
        document = parse(asked["query"])
        errors = validate(SCHEMA, document)
        if errors:
            return self.answer(200, {"errors": [complaint(e) for e in errors]})
        result = execute(SCHEMA, document, root_value={}, variable_values=asked.get("variables") or {}, field_resolver=resolve)
        body = {"data": result.data}
        if result.errors:
            body["errors"] = [complaint(e) for e in result.errors]
        self.answer(200, body)


    def do_GET(self):
        u = urllib.parse.urlsplit(self.path)
        asked = {k: v[0] for k, v in urllib.parse.parse_qs(u.query).items()}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.answer(401, {"message": "Bad credentials", "status": "401"})
        for f in FAULTS:
            if f["operation"] in u.path and f.get("times", 1) > 0:
                f["times"] = f.get("times", 1) - 1
                return self.answer(f["status"], f.get("body") or {}, f.get("headers") or {})
        match u.path.strip("/").split("/"):
            case ["repos", owner, name, "rulesets", "rule-suites"]:
                repo = GRAPH["repositories"].get(f"{owner}/{name}")
                rows = repo and [{k: v for k, v in r.items() if k != "rule_evaluations"} for r in repo.get("ruleSuites", [])
                                 if asked.get("rule_suite_result", "all") in ("all", r["result"]) and asked.get("ref") in (None, r["ref"])]
                kind = "rule-suites"
            case ["repos", owner, name, "rulesets", "rule-suites", number]:
                repo = GRAPH["repositories"].get(f"{owner}/{name}") or {}
                found = next((r for r in repo.get("ruleSuites", []) if str(r["id"]) == number), None)
                return self.answer(200, found) if found else self.answer(404, {"message": "Not Found", "status": "404"})
            case ["orgs", org, "audit-log"]:
                rows, kind = GRAPH.get("auditLogs", {}).get(org), "audit-log"
                action = next((w.removeprefix("action:") for w in asked.get("phrase", "").split() if w.startswith("action:")), None)
                repo = next((w.removeprefix("repo:") for w in asked.get("phrase", "").split() if w.startswith("repo:")), None)
                rows = rows and [e for e in rows if action in (None, e["action"], e["action"].split(".")[0]) and repo in (None, e.get("repo"))]
            case ["orgs", org]:
                found = GRAPH.get("organizations", {}).get(org)
                return self.answer(200, found) if found else self.answer(404, {"message": "Not Found", "status": "404"})
            case ["user"]:
                return self.answer(200, GRAPH.get("user", {"login": "standin"}))
            case _:
                return self.answer(404, {"message": "Not Found", "status": "404"})
        if rows is None:
            return self.answer(404, {"message": "Not Found", "status": "404"})
        for k, v in asked.items():
            if k not in REST[kind] or REST[kind][k] and v not in REST[kind][k]:
                return self.answer(422, {"message": f"Invalid request: {k}={v}", "status": "422"})
        size, page = min(int(asked.get("per_page", 30)), 100), int(asked.get("after") or asked.get("page") or 1)
        headers = {}
        if page * size < len(rows):
            asked["after" if kind == "audit-log" else "page"] = str(page + 1)
            headers["Link"] = f'<http://{self.headers["Host"]}{u.path}?{urllib.parse.urlencode(asked)}>; rel="next"'
        elif page > 1:
            headers["Link"] = f'<http://{self.headers["Host"]}{u.path}>; rel="first"'
        self.answer(200, rows[(page - 1) * size:page * size], headers)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
