package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	antypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"exhibit/collect"
	"exhibit/evidence"
)

type inner struct {
	Name    *string
	Enabled bool
	Count   int32
	State   antypes.AnalyzerStatus
	hidden  string
}

type outer struct {
	When           *time.Time
	Blob           []byte
	Rows           []inner
	None           []string
	Empty          []string
	Map            map[string]*string
	Union          antypes.AnalyzerConfiguration
	PolicyDocument *string
	NextToken      *string
	ResultMetadata any
}

// TestEncode holds each rule of the encoder.
func TestEncode(t *testing.T) {
	at := time.Date(2026, 1, 5, 7, 0, 0, 120e6, time.FixedZone("CET", 3600))
	v := &outer{
		When: &at, Blob: []byte("a"), Empty: []string{}, Map: map[string]*string{"k": sdk.String("v")},
		Rows:           []inner{{Name: sdk.String(""), hidden: "x"}, {Enabled: true, Count: 3, State: "ACTIVE"}},
		Union:          &antypes.AnalyzerConfigurationMemberUnusedAccess{Value: antypes.UnusedAccessConfiguration{UnusedAccessAge: sdk.Int32(90)}},
		PolicyDocument: sdk.String("%7B%22Version%22%3A1.50%7D"), NextToken: sdk.String("n"), ResultMetadata: 1,
	}
	for _, tt := range []struct {
		name  string
		wire  string
		lower bool
		want  string
	}{
		{"zeros that were not sent", `{"Rows":[{},{}]}`, false, `{"Blob":"YQ==","Empty":[],"Map":{"k":"v"},"PolicyDocument":{"Version":1.50},"Rows":[{"Name":""},{"Count":3,"Enabled":true,"State":"ACTIVE"}],"Union":{"UnusedAccess":{"UnusedAccessAge":90}},"When":"2026-01-05T06:00:00.12Z"}`},
		{"zeros that were, in XML", `<enabled>false</enabled>`, false, `{"Blob":"YQ==","Empty":[],"Map":{"k":"v"},"PolicyDocument":{"Version":1.50},"Rows":[{"Enabled":false,"Name":""},{"Count":3,"Enabled":true,"State":"ACTIVE"}],"Union":{"UnusedAccess":{"UnusedAccessAge":90}},"When":"2026-01-05T06:00:00.12Z"}`},
		{"small names", `{}`, true, `{"blob":"YQ==","empty":[],"map":{"k":"v"},"policyDocument":{"Version":1.50},"rows":[{"name":""},{"count":3,"enabled":true,"state":"ACTIVE"}],"union":{"unusedAccess":{"unusedAccessAge":90}},"when":"2026-01-05T06:00:00.12Z"}`},
	} {
		got, err := evidence.Canonical(newEncoder([]byte(tt.wire), spelling{lower: tt.lower}).answer(*v))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s (%v)", tt.name, got, tt.want, err)
		}
	}
}

// TestDocument decodes a policy wherever it is one and leaves all else alone.
func TestDocument(t *testing.T) {
	for in, want := range map[string]any{
		`{"a":1}`:                         map[string]any{"a": json.Number("1")},
		`%7B%22a%22%3A%22%2B%20%25%22%7D`: map[string]any{"a": "+ %"},
		`%7Bnot`:                          `%7Bnot`,
		`{"a":1} {"b":2}`:                 `{"a":1} {"b":2}`,
		`arn:aws:iam::aws:policy/x`:       `arn:aws:iam::aws:policy/x`,
		`["a"]`:                           `["a"]`,
		``:                                ``,
	} {
		if got := document(in); !reflect.DeepEqual(got, want) {
			t.Errorf("document(%q) is %#v", in, got)
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(`{"Statement":[]}`)
	f.Add("%7B%22a%22%3A1%7D")
	f.Fuzz(func(t *testing.T, s string) {
		switch v := document(s).(type) {
		case string:
			if v != s {
				t.Errorf("%q became %q", s, v)
			}
		case map[string]any:
			if _, err := evidence.Canonical(v); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%q became %T", s, v)
		}
	})
}

func FuzzCredentialRows(f *testing.F) {
	f.Add([]byte("user,arn\na,b\n"))
	f.Add([]byte("user,arn,arn\n"))
	f.Add([]byte("\"user\",arn\n\"a\n\",b\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := credentialRows(b)
		for _, r := range rows {
			if err != nil || r["arn"] == "" {
				t.Errorf("a row without an arn, or beside an error: %v, %v", r, err)
			}
		}
	})
}

// TestTokens finds the paging token of every API's own spelling.
func TestTokens(t *testing.T) {
	for _, tt := range []struct {
		name string
		out  any
		in   any
		want string // "" when there is no more
		more bool
	}{
		{"IAM", &iam.ListUsersOutput{IsTruncated: true, Marker: sdk.String("m")}, &iam.ListUsersInput{}, "m", true},
		{"IAM, last", &iam.ListUsersOutput{Marker: sdk.String("m")}, &iam.ListUsersInput{}, "", false},
		{"KMS", &kms.ListKeysOutput{Truncated: true, NextMarker: sdk.String("m")}, &kms.ListKeysInput{}, "m", true},
		{"S3", &s3.ListBucketsOutput{ContinuationToken: sdk.String("m")}, &s3.ListBucketsInput{}, "m", true},
		{"WAF", &wafv2.ListWebACLsOutput{NextMarker: sdk.String("m")}, &wafv2.ListWebACLsInput{}, "m", true},
		{"RDS", &rds.DescribeDBInstancesOutput{Marker: sdk.String("m")}, &rds.DescribeDBInstancesInput{}, "m", true},
		{"CloudFront", &cloudfront.ListDistributionsOutput{DistributionList: &cftypes.DistributionList{IsTruncated: sdk.Bool(true), NextMarker: sdk.String("m"), Marker: sdk.String("")}}, &cloudfront.ListDistributionsInput{}, "m", true},
		{"CloudFront, last", &cloudfront.ListDistributionsOutput{DistributionList: &cftypes.DistributionList{IsTruncated: sdk.Bool(false), Marker: sdk.String("m")}}, &cloudfront.ListDistributionsInput{}, "", false},
		{"API Gateway", &apigateway.GetRestApisOutput{Position: sdk.String("m")}, &apigateway.GetRestApisInput{}, "m", true},
		{"Route 53", &route53.ListHostedZonesOutput{IsTruncated: true, Marker: sdk.String("before"), NextMarker: sdk.String("m")}, &route53.ListHostedZonesInput{}, "m", true},
		{"EFS", &efs.DescribeFileSystemsOutput{Marker: sdk.String("k"), NextMarker: sdk.String("m")}, &efs.DescribeFileSystemsInput{}, "m", true},
		{"EFS, last", &efs.DescribeFileSystemsOutput{Marker: sdk.String("m")}, &efs.DescribeFileSystemsInput{}, "", false},
		{"tagging", &tagging.GetResourcesOutput{PaginationToken: sdk.String("m")}, &tagging.GetResourcesInput{}, "m", true},
		{"tagging, last", &tagging.GetResourcesOutput{PaginationToken: sdk.String("")}, &tagging.GetResourcesInput{}, "", false},
		{"DynamoDB", &dynamodb.ListTablesOutput{LastEvaluatedTableName: sdk.String("m")}, &dynamodb.ListTablesInput{}, "m", true},
		{"Kinesis", &kinesis.ListStreamsOutput{HasMoreStreams: sdk.Bool(true), NextToken: sdk.String("m")}, &kinesis.ListStreamsInput{}, "m", true},
		{"Firehose", &firehose.ListDeliveryStreamsOutput{DeliveryStreamNames: []string{"a", "m"}, HasMoreDeliveryStreams: sdk.Bool(true)}, &firehose.ListDeliveryStreamsInput{}, "m", true},
		{"Firehose, last", &firehose.ListDeliveryStreamsOutput{DeliveryStreamNames: []string{"a", "m"}, HasMoreDeliveryStreams: sdk.Bool(false)}, &firehose.ListDeliveryStreamsInput{}, "", false},
		{"none", &s3.GetBucketAclOutput{}, &s3.GetBucketAclInput{}, "", false},
		{"empty", &rds.DescribeDBInstancesOutput{Marker: sdk.String("")}, &rds.DescribeDBInstancesInput{}, "", false},
	} {
		tok, more := nextToken(tt.out)
		if more != tt.more || more && tok.value != tt.want {
			t.Errorf("%s: %v, %v", tt.name, tok, more)
		}
		if more {
			if !setToken(tt.in, tok) || !strings.Contains(fmt.Sprintf("%+v", newEncoder(nil, spelling{}).answerAll(tt.in)), tt.want) {
				t.Errorf("%s: the token does not reach the next question", tt.name)
			}
		}
	}
	if setToken(&s3.GetBucketAclInput{}, token{"NextToken", "x"}) {
		t.Error("a token was put where there is no field for it")
	}
}

// answerAll encodes a value with its tokens.
func (e *encoder) answerAll(v any) any { return e.value(reflect.ValueOf(v)) }

// TestGapOf words each way not to be answered, the same each time.
func TestGapOf(t *testing.T) {
	api := func(code, msg string) error {
		return &smithy.OperationError{ServiceID: "KMS", OperationName: "ListKeys", Err: &awshttp.ResponseError{RequestID: "7f0d",
			ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 400}}, Err: &smithy.GenericAPIError{Code: code, Message: msg}}}}
	}
	html := &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 404}}, Err: errors.New("invalid character '<'")}}
	dial := func(err error) error {
		return &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Net: "tcp", Source: &net.TCPAddr{Port: 51234}, Err: err}}
	}
	for _, tt := range []struct {
		err  error
		h    *hearing
		want evidence.Gap
		s    evidence.State
	}{
		{api("AccessDeniedException", "no\n  way, RequestID: 7f0d-1"), nil, evidence.Gap{Code: "AccessDeniedException", Message: "no way"}, evidence.DeniedIdentity},
		{errors.Join(api("ThrottlingException", "Rate exceeded"), errServerFails), nil, evidence.Gap{Code: "ThrottlingException", Message: "Rate exceeded"}, evidence.Throttled},
		{html, &hearing{status: 404, mime: "text/html; charset=utf-8"}, evidence.Gap{Code: "HTTP 404", Message: "the answer is not one of AWS's (text/html)"}, evidence.Failed},
		{api("UnknownError", ""), &hearing{status: 400}, evidence.Gap{Code: "HTTP 400", Message: "the answer is not one of AWS's"}, evidence.Failed},
		{fmt.Errorf("x: %w", context.Canceled), nil, evidence.Gap{Code: collect.CancelledCode, Message: "the run was cancelled"}, evidence.Cancelled},
		{fmt.Errorf("awaiting headers: %w", context.DeadlineExceeded), nil, evidence.Gap{Code: "Timeout", Message: "no answer within 2m0s"}, evidence.Failed},
		{dial(errors.New("connection refused")), nil, evidence.Gap{Code: "ConnectionFailed", Message: "dial: connection refused"}, evidence.Failed},
		{dial(&net.DNSError{Err: "no such host", Name: "x.amazonaws.com", IsNotFound: true}), nil, evidence.Gap{Code: collect.NoEndpointCode, Message: "no such host: x.amazonaws.com"}, evidence.ServiceNotInRegion},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "x"}), nil, evidence.Gap{Code: "ConnectionFailed", Message: "server misbehaving"}, evidence.Failed},
		{errors.New("operation error, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found"), nil, evidence.Gap{Code: "NoCredentials", Message: "no credentials were found (operation error, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found): name a profile in exhibit.yaml, sign in with aws sso login, or set AWS_PROFILE"}, evidence.AccountUnreachable},
		{errors.New("deserialization failed"), &hearing{status: 200}, evidence.Gap{Code: "Unreadable", Message: "the answer could not be read: deserialization failed"}, evidence.Failed},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if errors.Is(tt.err, context.Canceled) {
			cancel()
		}
		got := gapOf(ctx, "ListKeys", tt.err, tt.h)
		tt.want.Question = "ListKeys"
		if got != tt.want || collect.StateOf(got) != tt.s {
			t.Errorf("%v: got %+v, %s; want %+v, %s", tt.err, got, collect.StateOf(got), tt.want, tt.s)
		}
	}
}

// TestNoEndpoint ends "not offered here" only when other names of AWS resolve.
func TestNoEndpoint(t *testing.T) {
	for name, tt := range map[string]struct {
		resolves error
		endpoint string
		want     evidence.State
	}{
		"the service alone": {nil, "", evidence.ServiceNotInRegion},
		"no name at all":    {errors.New("no such host"), "", evidence.Failed},
		"a stand-in":        {nil, "http://nowhere.invalid", evidence.Failed},
	} {
		s := newSession(Config{Now: fixedNow, Sleep: noSleep, MaxAttempts: 1})
		s.endpoint, s.lookup = tt.endpoint, func(context.Context, string) error { return tt.resolves }
		a := &collect.Answer{}
		c := s.call(context.Background(), sdk.Config{Region: "eu-west-9", Retryer: func() sdk.Retryer { return s.retryer }, HTTPClient: unresolved{},
			Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
				return sdk.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
			})}, account111, &kmsKeys, a)
		kmsKeys.Collect(c)
		if g := a.Refusal(); g == nil || collect.StateOf(*g) != tt.want {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

type unresolved struct{}

func (unresolved) Do(r *http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}}
}

// TestWithhold takes the values of a map, keeps names, and says which credential a value was.
func TestWithhold(t *testing.T) {
	m := map[string]any{"Environment": map[string]any{"Variables": map[string]any{
		"MODE": "fast", "DEBUG": "false", "TOPIC": "arn:aws:sns:eu-west-1:111122223333:orders", "DEPLOY": "ghp_" + strings.Repeat("a", 36),
	}}}
	n := 0
	withhold(m, strings.Split("Environment.Variables{}", "."), []byte("salt"), func() { n++ })
	got := m["Environment"].(map[string]any)["Variables"].(map[string]any)
	if n != 2 || got["TOPIC"] != "arn:aws:sns:eu-west-1:111122223333:orders" || got["DEBUG"] != "false" || !strings.HasPrefix(got["MODE"].(string), "redacted:hmac-sha256:") ||
		strings.Contains(got["MODE"].(string), holds) || !strings.HasSuffix(got["DEPLOY"].(string), ": holds a GitHub token") {
		t.Errorf("%d withheld: %v", n, got)
	}
}

// TestWithholdAnywhere follows a rule to any depth, past what is exempt, and into
// the user of an address.
func TestWithholdAnywhere(t *testing.T) {
	token := "ghp_" + strings.Repeat("a", 36)
	for _, tt := range []struct{ rule, in, want string }{
		{"Rules[].**.SearchString", `{"Rules":[{"Statement":{"And":{"Statements":[{"Byte":{"SearchString":"c2VjcmV0"}},{"Not":{"Byte":{"SearchString":"YQ=="}}}]}}},{"SearchString":"YQ=="}],"SearchString":"kept"}`,
			`{"Rules":[{"Statement":{"And":{"Statements":[{"Byte":{"SearchString":"redacted"}},{"Not":{"Byte":{"SearchString":"redacted"}}}]}}},{"SearchString":"redacted"}],"SearchString":"kept"}`},
		{"Options[Namespace!=aws:logs|aws:health].Value", `{"Options":[{"Namespace":"aws:logs","Value":"true"},{"Namespace":"aws:health","Value":"x"},{"Namespace":"aws:rds","Value":"p"},{"Value":"q"}]}`,
			`{"Options":[{"Namespace":"aws:logs","Value":"true"},{"Namespace":"aws:health","Value":"x"},{"Namespace":"aws:rds","Value":"redacted"},{"Value":"redacted"}]}`},
		{"location@", `{"location":"https://ana:pass@git.example.com/a/b.git"}`, `{"location":"https://redacted: holds a password@git.example.com/a/b.git"}`},
		{"location@", `{"location":"https://` + token + `@github.com/a/b.git"}`, `{"location":"https://redacted: holds a GitHub token@github.com/a/b.git"}`},
		{"location@", `{"location":"https://ana@bitbucket.org/a/b.git"}`, `{"location":"https://redacted@bitbucket.org/a/b.git"}`},
		{"location@", `{"location":"https://github.com/a/b@c.git"}`, `{"location":"https://github.com/a/b@c.git"}`},
		{"location@", `{"location":"git@github.com:a/b.git"}`, `{"location":"git@github.com:a/b.git"}`},
		{"location@", `{"location":"https://github.com/a?t=` + token + `"}`, `{"location":"redacted: holds a GitHub token"}`},
		{"location@", `{"location":"arn:aws:s3:::sources/a.zip"}`, `{"location":"arn:aws:s3:::sources/a.zip"}`},
	} {
		var v any
		if err := json.Unmarshal([]byte(tt.in), &v); err != nil {
			t.Fatal(err)
		}
		got, err := evidence.Canonical(withhold(v, strings.Split(tt.rule, "."), nil, func() {}))
		if err != nil || string(got) != tt.want {
			want, _ := evidence.Canonical(v) // for the message
			t.Errorf("%s: got\n%s\nwant\n%s (%s, %v)", tt.rule, got, tt.want, want, err)
		}
	}
}

// TestRedact withholds what a rule names, counts it, and keeps equal values equal.
func TestRedact(t *testing.T) {
	value := func(salt string) (any, int) {
		n := 0
		v := redact("identitystore", "ListUsers", map[string]any{"UserName": "al", "Emails": []any{map[string]any{"Value": "a@b.c"}, map[string]any{"Primary": true}, map[string]any{"Value": "a@b.c"}, map[string]any{"Value": ""}}, "Birthdate": nil},
			[]byte(salt), func(string) { n++ })
		return v, n
	}
	a, n := value("one")
	b, _ := value("two")
	bare, _ := value("")
	emails := a.(map[string]any)["Emails"].([]any)
	first, third := emails[0].(map[string]any)["Value"].(string), emails[2].(map[string]any)["Value"].(string)
	if n != 2 || first != third || len(first) != len("redacted:hmac-sha256:")+16 || a.(map[string]any)["UserName"] != "al" {
		t.Errorf("%d withheld: %v", n, a)
	}
	if reflect.DeepEqual(a, b) {
		t.Error("the salt does not count")
	}
	if got := bare.(map[string]any)["Emails"].([]any)[0].(map[string]any)["Value"]; got != "redacted" {
		t.Errorf("without a salt it is %v", got)
	}
}
