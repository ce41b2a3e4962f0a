package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"exhibit/collect"
	"exhibit/evidence"
)

// gapOf says why a question was not answered, in words that are the same each
// time the same thing happens: no request ids, no ports, no times.
//
// Where AWS gave an error code, that is the code. A stand-in that does not know
// an operation answers with a page for people: the code is then "HTTP 404" or
// "HTTP 500".
func gapOf(ctx context.Context, question string, err error, h *hearing) evidence.Gap {
	g := evidence.Gap{Question: question}
	var api smithy.APIError
	var resp *awshttp.ResponseError
	var sso *ssocreds.InvalidTokenError
	var dns *net.DNSError
	var op *net.OpError
	var slow interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil && !errors.As(err, &api):
		g.Code, g.Message = collect.CancelledCode, "the run was cancelled"
	case errors.As(err, &sso):
		g.Code, g.Message = "ExpiredToken", "the SSO session has ended: sign in again with aws sso login"
	case errors.As(err, &api) && known(api.ErrorCode()):
		g.Code, g.Message = api.ErrorCode(), clean(api.ErrorMessage())
	case errors.As(err, &resp) && resp.HTTPStatusCode() >= 300:
		g.Code = fmt.Sprintf("HTTP %d", resp.HTTPStatusCode())
		g.Message = "the answer is not one of AWS's" + mime(h)
	case errors.As(err, &dns):
		g.Code, g.Message = "ConnectionFailed", dns.Err
		if dns.IsNotFound {
			g.Code, g.Message = collect.NoEndpointCode, "no such host: "+dns.Name
		}
	case errors.As(err, &slow) && slow.Timeout():
		g.Code, g.Message = "Timeout", "no answer within "+patience.String()
	case errors.As(err, &op):
		g.Code, g.Message = "ConnectionFailed", op.Op+": "+op.Err.Error()
	case noCredentials(err):
		g.Code, g.Message = "NoCredentials", "no credentials were found ("+clean(last(err).Error())+"): name a profile in exhibit.yaml, sign in with aws sso login, or set AWS_PROFILE"
	case h != nil && h.status >= 300:
		g.Code, g.Message = fmt.Sprintf("HTTP %d", h.status), "the answer is not one of AWS's"+mime(h)
	case h != nil && h.status > 0:
		g.Code, g.Message = "Unreadable", "the answer could not be read: "+clean(last(err).Error())
	default:
		g.Code, g.Message = "Failed", clean(last(err).Error())
	}
	return g
}

// known tells a code of AWS's from what the SDK makes up when it cannot read one.
func known(code string) bool { return code != "" && code != "UnknownError" && code != "Unknown" }

func mime(h *hearing) string {
	if h == nil || h.mime == "" {
		return ""
	}
	m, _, _ := strings.Cut(h.mime, ";")
	return " (" + strings.TrimSpace(m) + ")"
}

func noSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// noCredentials reads the words of the SDK's default chain: it has no type for it.
func noCredentials(err error) bool {
	s := err.Error()
	for _, w := range []string{"no EC2 IMDS role found", "failed to refresh cached credentials", "get credentials:", "static credentials are empty", "failed to get shared config profile"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// last is the innermost error: what surrounds it holds request ids.
func last(err error) error {
	for {
		u := errors.Unwrap(err)
		if u == nil {
			return err
		}
		err = u
	}
}

var idText = regexp.MustCompile(`(?i)[,;(]?\s*(?:request ?id|host ?id|aws request id|reference id|proxy)\s*[:=]\s*[^\s,;)]+\)?`)

// clean drops request ids and keeps one line.
func clean(s string) string {
	return strings.TrimSpace(strings.Join(strings.Fields(idText.ReplaceAllString(s, "")), " "))
}
