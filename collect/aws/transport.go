package aws

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// A transport stands below signing and retry: it paces every attempt, and keeps
// the bytes as they came over the wire until the answer is encoded. Request
// headers are never kept.
type transport struct {
	base    aws.HTTPClient
	limiter *limiter
	now     func() time.Time
}

// Do sends one attempt.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	h := hearingOf(ctx)
	k := h.keyOf(ctx)
	leave, err := t.limiter.enter(ctx, k)
	if err != nil {
		return nil, err
	}
	stays := false
	defer func() {
		if !stays {
			leave()
		}
	}()
	h.attempt(req.URL.Scheme+"://"+req.URL.Host, k)
	resp, err := t.base.Do(req)
	if err != nil {
		h.failed()
		return nil, err
	}
	if h.streams && resp.StatusCode == http.StatusOK {
		h.answer(resp, nil)
		t.limiter.told(k, false)
		stays = true
		resp.Body = &stream{resp.Body, sync.OnceFunc(leave)}
		return resp, nil
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // read to its end, or the read's own error counts
	if err != nil {
		h.failed()
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	h.answer(resp, body)
	t.limiter.told(k, throttled(resp.StatusCode, body))
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// A stream is an answer that is read as it comes, because it may be large; its
// place among the calls in flight is free when it is closed.
type stream struct {
	io.ReadCloser
	leave func()
}

// Close ends it.
func (s *stream) Close() error {
	s.leave()
	return s.ReadCloser.Close()
}

// throttled reports whether an answer means "too fast", in any of AWS's wire formats.
func throttled(status int, body []byte) bool {
	if status == http.StatusTooManyRequests {
		return true
	}
	if status < 400 {
		return false
	}
	head := string(body[:min(len(body), 2048)])
	for _, s := range []string{"Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "BandwidthLimitExceeded", "PriorRequestNotComplete"} {
		if strings.Contains(head, s) {
			return true
		}
	}
	return false
}

// A hearing keeps what the transport saw of one operation, all its attempts.
type hearing struct {
	asked   key  // as invoke knows it; the SDK's own middleware knows better where
	streams bool // a good answer is an object, and is not kept

	mu        sync.Mutex
	key       key
	endpoint  string
	attempts  int
	failures  int // answers of 500 and above that were no throttle, and none at all
	status    int
	requestID string
	date      string
	body      []byte
	mime      string
	errorType string // X-Amzn-Errortype
}

type hearingKey struct{}

// listen returns a context under which one operation is heard.
func listen(ctx context.Context, asked key) (context.Context, *hearing) {
	h := &hearing{asked: asked}
	return context.WithValue(ctx, hearingKey{}, h), h
}

// keyOf names the limiter's bucket: as the SDK says, or as invoke did.
func (h *hearing) keyOf(ctx context.Context) key {
	return key{
		h.asked.account, cmp.Or(awsmiddleware.GetRegion(ctx), h.asked.region),
		cmp.Or(awsmiddleware.GetServiceID(ctx), h.asked.service), cmp.Or(awsmiddleware.GetOperationName(ctx), h.asked.action),
	}
}

// hearingOf never returns nil: credential providers call without a hearing.
func hearingOf(ctx context.Context) *hearing {
	if h, ok := ctx.Value(hearingKey{}).(*hearing); ok {
		return h
	}
	return &hearing{}
}

func (h *hearing) attempt(endpoint string, k key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.endpoint, h.key = endpoint, k
	h.attempts++
	h.status, h.requestID, h.date, h.body, h.mime, h.errorType = 0, "", "", nil, "", ""
}

func (h *hearing) failed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures++
}

func (h *hearing) answer(resp *http.Response, body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status, h.body, h.mime, h.errorType = resp.StatusCode, body, resp.Header.Get("Content-Type"), resp.Header.Get("X-Amzn-Errortype")
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amzn-Request-Id"} {
		if id := resp.Header.Get(name); id != "" {
			h.requestID = id
			break
		}
	}
	if d, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		h.date = d.UTC().Format(time.RFC3339)
	}
	if resp.StatusCode >= 500 && !throttled(resp.StatusCode, body) {
		h.failures++
	}
}

func (h *hearing) sum() string {
	if h.status == 0 {
		return ""
	}
	s := sha256.Sum256(h.body)
	return hex.EncodeToString(s[:])
}

// patience is how long one attempt may take, its answer read to the end.
const patience = 2 * time.Minute

// newTransport wraps the client the SDK made (so that AWS_CA_BUNDLE and the like
// count) in ours. Behind an endpoint of the user's own, every connection goes to
// that one address: some services put the account or the bucket into the host name.
func newTransport(loaded aws.HTTPClient, endpoint string, l *limiter, now func() time.Time) (*transport, error) {
	if loaded == nil { // the SDK loads one only where something was to be set, such as AWS_CA_BUNDLE
		loaded = awshttp.NewBuildableClient()
	}
	b, ok := loaded.(*awshttp.BuildableClient)
	if !ok {
		return &transport{base: loaded, limiter: l, now: now}, nil
	}
	tr := b.GetTransport()
	tr.MaxIdleConns, tr.MaxIdleConnsPerHost = 512, max(cap(l.all), objectsInFlight) // a region is asked for all accounts: its hosts are few
	if endpoint != "" {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("endpoint %q is not a URL such as http://127.0.0.1:5000", endpoint)
		}
		addr := u.Host
		if u.Port() == "" {
			addr = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
		}
		var d net.Dialer
		tr.Proxy = nil
		tr.MaxIdleConnsPerHost = cap(l.all) + objectsInFlight
		tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return d.DialContext(ctx, network, addr)
		}
	}
	client := &http.Client{Transport: tr, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &transport{base: client, limiter: l, now: now}, nil
}
