package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// artifactReports collects the list of AWS's own audit reports: which there are,
// for which period, and in what state. The reports themselves stay where they
// are: each is given under terms a person accepts.
var artifactReports = Service{
	Name:    "artifact/report",
	Scope:   Global,
	Actions: []string{"artifact:ListReports"},
	Collect: func(c *call) {
		if partitionOf(c.cfg.Region) != "aws" {
			c.notInUse("AWS Artifact's interface is not offered in this partition")
			return
		}
		svc := artifactClient{cfg: c.in("us-east-1"), endpoint: c.endpoint, now: c.now, sleep: c.sleep}
		reports := func(p *ListReportsOutput) []map[string]any { return p.Reports }
		list(c, svc.ListReports, &ListReportsInput{}, reports, func(it *item, r map[string]any) { it.ID, _ = r["arn"].(string) })
	},
}

// An artifactClient asks AWS Artifact, for which the SDK has no client that the
// module proxy serves: one operation, REST with JSON, signed by the SDK's signer.
// Source of the wire format: the AWS Artifact API reference, 2018-05-10.
type artifactClient struct {
	cfg      aws.Config
	endpoint string
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error
}

// ListReportsInput is Artifact's question.
type ListReportsInput struct{ NextToken *string }

// ListReportsOutput is Artifact's answer. Reports are kept as they came.
type ListReportsOutput struct {
	Reports   []map[string]any
	NextToken *string
}

// ListReports lists one page of reports.
func (a artifactClient) ListReports(ctx context.Context, in *ListReportsInput, _ ...func(*struct{})) (*ListReportsOutput, error) {
	q := url.Values{"maxResults": {"300"}}
	if in.NextToken != nil {
		q.Set("nextToken", *in.NextToken)
	}
	base := "https://artifact." + a.cfg.Region + ".amazonaws.com"
	if a.endpoint != "" {
		base = strings.TrimSuffix(a.endpoint, "/")
	}
	var out struct {
		Reports   []map[string]any `json:"reports"`
		NextToken *string          `json:"nextToken"`
	}
	if err := a.get(ctx, base+"/v1/report/list?"+q.Encode(), &out); err != nil {
		return nil, err
	}
	return &ListReportsOutput{Reports: out.Reports, NextToken: out.NextToken}, nil
}

// get sends a signed GET, again where the retryer says so, and reads the answer.
func (a artifactClient) get(ctx context.Context, address string, out any) error {
	again := a.cfg.Retryer().(aws.RetryerV2)
	for attempt := 1; ; attempt++ {
		if _, err := again.GetAttemptToken(ctx); err != nil {
			return err
		}
		err := a.once(ctx, address, out)
		if err == nil || attempt >= again.MaxAttempts() || !again.IsErrorRetryable(err) {
			return err
		}
		if _, stop := again.GetRetryToken(ctx, err); stop != nil {
			return err
		}
		wait, _ := again.RetryDelay(attempt, err) // ours never fails
		if serr := a.sleep(ctx, wait); serr != nil {
			return serr
		}
	}
}

// emptyHash is the sha256 of no bytes: a GET has no body.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func (a artifactClient) once(ctx context.Context, address string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	creds, err := a.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("get credentials: %w", err)
	}
	req.Header.Set("X-Amz-Content-Sha256", emptyHash)
	if err := v4.NewSigner().SignHTTP(ctx, creds, req, emptyHash, "artifact", a.cfg.Region, a.now().UTC()); err != nil {
		return fmt.Errorf("signing the request: %w", err)
	}
	resp, err := a.cfg.HTTPClient.Do(req)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer resp.Body.Close()
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	if resp.StatusCode == http.StatusOK {
		return d.Decode(out)
	}
	var said struct{ Message, Code, Type string }
	var raw map[string]any
	if d.Decode(&raw) == nil { // a page for people has no code, and the status says enough
		for k, v := range raw {
			s, _ := v.(string)
			switch strings.ToLower(k) {
			case "message":
				said.Message = s
			case "code", "__type":
				said.Code = s
			}
		}
	}
	if t := resp.Header.Get("X-Amzn-Errortype"); t != "" {
		said.Code = t
	}
	code, _, _ := strings.Cut(said.Code, ":")
	code = code[strings.LastIndexByte(code, '#')+1:]
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: resp},
		Err:      &smithy.GenericAPIError{Code: code, Message: said.Message},
	}}
}
