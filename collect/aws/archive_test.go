package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/rogpeppe/go-internal/txtar"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/trailtest"
)

var update = flag.Bool("update", false, "write what came out into the archives")

// account111 is the account of every archive.
const account111 = "111122223333"

// A tape answers each operation with the archive's next file of its name, as it
// would have come over the wire.
type tape struct {
	t     *testing.T
	mu    sync.Mutex
	files []txtar.File
	asked []string // service:Operation
}

func (p *tape) Do(req *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := hearingOf(req.Context())
	op := h.keyOf(req.Context()).action
	p.asked = append(p.asked, h.asked.service+":"+op)
	for i, f := range p.files {
		name, note, _ := strings.Cut(f.Name, " ")
		if name != op {
			continue
		}
		p.files = slices.Delete(p.files, i, i+1)
		status := 200
		mime := "application/x-amz-json-1.1"
		if note != "" {
			s, rest, _ := strings.Cut(note, " ")
			n, err := strconv.Atoi(s)
			if err != nil {
				p.t.Errorf("%s: the note is no HTTP status", f.Name)
			}
			status, mime = n, rest
		}
		body := bytes.TrimSuffix(f.Data, []byte("\n"))
		header := http.Header{"Date": {"Mon, 05 Jan 2026 06:00:00 GMT"}, "X-Amzn-Requestid": {fmt.Sprintf("request-%d", len(p.asked))}, "Content-Type": {mime}}
		if mime == "application/gzip" { // an object CloudTrail wrote, with a signature that is none
			body = trailtest.Zip(body)
			header["X-Amz-Meta-Signature"], header["X-Amz-Meta-Signature-Algorithm"] = []string{"00"}, []string{"SHA256withRSA"}
		}
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Request: req, Header: header, Body: io.NopCloser(bytes.NewReader(body))}, nil
	}
	p.t.Errorf("%s was asked and the archive has no (further) answer", op)
	return nil, fmt.Errorf("no answer to %s", op)
}

func fixedNow() time.Time { return time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC) }

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// askArchive collects one service from one case of an archive.
func askArchive(t *testing.T, sv Service, files []txtar.File) (*evidence.Snapshot, []string) {
	t.Helper()
	p := &tape{t: t, files: slices.Clone(files)}
	s := newSession(Config{Now: fixedNow, Sleep: noSleep, MaxAttempts: 1, Salt: []byte("salt")})
	s.transport = &transport{base: p, limiter: s.limiter, now: fixedNow}
	region, at := "eu-west-1", "eu-west-1"
	if sv.Scope == Global || sv.Scope == Organization {
		region, at = "global", "us-east-1"
	}
	cfg := aws.Config{Region: at, HTTPClient: s.transport, Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""), Retryer: func() aws.Retryer { return s.retryer }}
	plan := collect.Plan{Tasks: []collect.Task{{Cell: evidence.Cell{Account: account111, Region: region, Source: sv.Name}, Ask: func(ctx context.Context, a *collect.Answer) {
		c := s.call(ctx, cfg, account111, &sv, a)
		c.region, c.width = region, 1
		c.heard = func(operation string, body []byte, out any) {
			for _, what := range lost(body, out) {
				t.Errorf("%s: the SDK does not read %s of the answer", operation, what)
			}
		}
		sv.Collect(c)
	}}}}
	snap, err := collect.Run(context.Background(), fixedNow, plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.files {
		t.Errorf("%s was never asked for", f.Name)
	}
	return snap, p.asked
}

// wanted is what an archive's want holds: the cell, its file, what was asked.
func want(t *testing.T, snap *evidence.Snapshot, asked []string) []byte {
	t.Helper()
	c := snap.Cells[0]
	out := map[string]any{"state": c.State}
	if c.Reason != "" {
		out["reason"] = c.Reason
	}
	if c.Gap != nil {
		out["gap"] = c.Gap
	}
	if c.AsOf != nil {
		out["as_of"] = c.AsOf
	}
	if len(snap.Run.Redactions) > 0 {
		out["redactions"] = snap.Run.Redactions
	}
	out["asked"] = asked
	for path, file := range snap.Files {
		if path != c.Path {
			t.Errorf("file %s, and the cell names %q", path, c.Path)
		}
		items, err := evidence.ReadItems(held(t, file))
		if err != nil {
			t.Error(err)
		}
		out["items"] = items
	}
	if (len(snap.Files) == 0) != (c.Path == "") {
		t.Errorf("the cell's path is %q and there are %d files", c.Path, len(snap.Files))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestArchives asks every service of answers as they come over the wire: at
// least answered, refused and, where it can be, absent.
func TestArchives(t *testing.T) {
	for _, sv := range Services() {
		t.Run(sv.Name, func(t *testing.T) {
			path := filepath.Join("testdata", strings.ReplaceAll(sv.Name, "/", "-")+".txtar")
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatalf("every service has an archive: %v", err)
			}
			var cases []string
			files := map[string][]txtar.File{}
			for _, f := range ar.Files {
				name, rest, ok := strings.Cut(f.Name, "/")
				if !ok {
					t.Fatalf("%s: files are named case/Operation", f.Name)
				}
				if !slices.Contains(cases, name) {
					cases = append(cases, name)
				}
				f.Name = rest
				files[name] = append(files[name], f)
			}
			needs := []string{"answered", "refused"}
			if len(sv.Absent) > 0 {
				needs = append(needs, "absent")
			}
			if len(sv.NotInUse) > 0 {
				needs = append(needs, "not_in_use")
			}
			for _, n := range needs {
				if !slices.Contains(cases, n) {
					t.Errorf("%s has no case %q", path, n)
				}
			}
			used := map[string]bool{}
			for _, name := range cases {
				t.Run(name, func(t *testing.T) {
					all := files[name]
					i := slices.IndexFunc(all, func(f txtar.File) bool { return f.Name == "want" })
					var wire []txtar.File
					for _, f := range all {
						if f.Name != "want" {
							wire = append(wire, f)
						}
					}
					snap, asked := askArchive(t, sv, wire)
					for _, a := range asked {
						used[actionOf(a)] = true
					}
					got := want(t, snap, asked)
					if *update {
						f := txtar.File{Name: name + "/want", Data: got}
						if j := slices.IndexFunc(ar.Files, func(f txtar.File) bool { return f.Name == name+"/want" }); j >= 0 {
							ar.Files[j] = f
						} else {
							at := 0
							for k, f := range ar.Files {
								if strings.HasPrefix(f.Name, name+"/") {
									at = k + 1
								}
							}
							ar.Files = slices.Insert(ar.Files, at, f)
						}
						return
					}
					if i < 0 {
						t.Fatalf("%s has no %s/want: run with -update and read it", path, name)
					}
					if !bytes.Equal(got, all[i].Data) {
						t.Errorf("%s, %s: got\n%s\nwant\n%s", path, name, got, all[i].Data)
					}
				})
			}
			var needed []string
			for a := range used {
				needed = append(needed, a)
			}
			slices.Sort(needed)
			declared := slices.Sorted(slices.Values(sv.Actions))
			if !slices.Equal(needed, declared) {
				t.Errorf("Actions are %v, and what was asked needs %v", declared, needed)
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestNoSecrets refuses operations that return a secret, and those that change anything.
func TestNoSecrets(t *testing.T) {
	deny := []string{
		"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "secretsmanager:GetRandomPassword", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath",
		"ssm:GetParameterHistory", "kms:Decrypt", "kms:GenerateDataKey", "sts:GetSessionToken", "sts:GetFederationToken", "iam:GetSSHPublicKey",
		"ec2:GetPasswordData", "ec2:DescribeVpnConnections", "ec2:GetConsoleOutput", "ec2:GetConsoleScreenshot", "ec2:DescribeInstanceAttribute", "ecr:GetAuthorizationToken", "lambda:GetFunction",
		"rds:DownloadDBLogFilePortion", "rds:DownloadCompleteDBLogFile", "redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM", "codeartifact:GetAuthorizationToken",
		"cognito-idp:DescribeUserPoolClient", "s3:GetObject", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:GetQueryResults", "cloudformation:GetTemplate", "sqs:ReceiveMessage", "ssm:GetDocument", "artifact:GetReport", "artifact:GetTermForReport",
		"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:GetRecords", "kinesis:GetRecords", "kinesis:GetShardIterator", "athena:GetQueryResults",
		"dms:DescribeCertificates", "glue:GetConnection", "glue:GetConnections", "mq:DescribeConfigurationRevision",
		"acm:ExportCertificate", "appsync:ListApiKeys", "appsync:GetGraphqlApiEnvironmentVariables", "elasticbeanstalk:RetrieveEnvironmentInfo",
	}
	// These two have IAM prepare a report about what is there already: nothing in the
	// account is changed, and IAM keeps the report for a few hours.
	prepares := []string{"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails"}
	// What CloudTrail signed can only be validated by reading it. The one service that
	// does is held to the keys CloudTrail writes, and keeps nothing of what it reads.
	only := map[string][]string{"cloudtrail/digest s3:GetObject": {"arn:aws:s3:::*/AWSLogs/*/CloudTrail-Digest/*", "arn:aws:s3:::*/AWSLogs/*/CloudTrail/*"}}
	for _, s := range Services() {
		for _, a := range s.Actions {
			if limit := only[s.Name+" "+a]; slices.Contains(deny, a) && (limit == nil || !slices.Equal(s.On[a], limit)) {
				t.Errorf("%s asks %s, which returns a secret, or what is somebody else's", s.Name, a)
			}
		}
	}
	for _, a := range Actions() {
		_, op, _ := strings.Cut(a, ":")
		if !slices.Contains(prepares, a) && !slices.ContainsFunc([]string{"Get", "GET", "List", "Describe", "BatchGet", "Lookup", "Select"}, func(p string) bool { return strings.HasPrefix(op, p) }) {
			t.Errorf("%s does not only read", a)
		}
	}
	for _, s := range Services() { // one action for whatever is read, API keys among it
		for _, on := range s.On["apigateway:GET"] {
			if strings.Contains(on, "key") || strings.HasSuffix(on, "*") {
				t.Errorf("%s may read %s", s.Name, on)
			}
		}
		if slices.Contains(s.Actions, "apigateway:GET") && len(s.On["apigateway:GET"]) == 0 {
			t.Errorf("%s may read everything of API Gateway", s.Name)
		}
	}
}

// TestNoPaginators keeps the SDK's paginators out: they put the client into an
// interface, and the linker then keeps all its methods.
func TestNoPaginators(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f, "_test.go") && bytes.Contains(b, []byte("Paginator(")) {
			t.Errorf("%s makes a paginator: use list", f)
		}
	}
}

// TestServices holds the list together: names are unique and every one is whole.
func TestServices(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Services() {
		if seen[s.Name] {
			t.Errorf("%s is listed twice", s.Name)
		}
		seen[s.Name] = true
		if len(s.Actions) == 0 || s.Collect == nil || strings.Count(s.Name, "/") != 1 {
			t.Errorf("%s is not whole", s.Name)
		}
		for _, a := range s.Absent {
			if strings.Count(a, ":") != 1 {
				t.Errorf("%s: Absent %q is not Operation:Code", s.Name, a)
			}
		}
	}
}

// held reads a file of a snapshot.
func held(t testing.TB, c evidence.Content) []byte {
	t.Helper()
	b, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
