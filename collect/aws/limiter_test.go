package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"exhibit/collect"
	"exhibit/evidence"
)

// clock is a clock that only sleeping moves, so that a second costs nothing.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	return ctx.Err()
}

// TestThrottled asks a server that answers at most 20 questions a second about
// 100 keys, 64 calls wanted at a time: every one is answered in the end.
func TestThrottled(t *testing.T) {
	b := &bucket{top: 20, rate: 20, burst: 20, tokens: 20, at: time.Now()}
	var refused, most, now atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if b.take(time.Now()) != 0 {
			refused.Add(1)
			w.WriteHeader(400)
			fmt.Fprint(w, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
			return
		}
		fmt.Fprint(w, `{"KeyRotationEnabled":true}`)
	}))
	defer srv.Close()
	s := newSession(Config{Now: time.Now, Sleep: sleep, InFlight: 64, Endpoint: srv.URL})
	var err error
	if s.transport, err = newTransport(awshttp.NewBuildableClient(), srv.URL, s.limiter, time.Now); err != nil {
		t.Fatal(err)
	}
	cfg := sdk.Config{Region: "eu-west-1", BaseEndpoint: sdk.String(srv.URL), HTTPClient: s.transport, Retryer: func() sdk.Retryer { return s.retryer },
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
	a := &collect.Answer{}
	c := s.call(context.Background(), cfg, account111, &kmsKeys, a)
	svc := kms.NewFromConfig(c.cfg)
	var wg sync.WaitGroup
	free := make(chan struct{}, 64)
	items := make([]*item, 100)
	for i := range items {
		items[i] = &item{c: c, Item: evidence.Item{Answers: map[string]any{}}}
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			ask(items[i], svc.GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: sdk.String(fmt.Sprint(i))})
		})
	}
	wg.Wait()
	for i, it := range items {
		if len(it.Gaps) > 0 || it.Answers["GetKeyRotationStatus"] == nil {
			t.Errorf("key %d: %v", i, it.Gaps)
		}
	}
	if refused.Load() == 0 {
		t.Error("the server never refused: the test shows nothing")
	}
	if most.Load() > perService {
		t.Errorf("%d calls were in flight, %d are allowed", most.Load(), perService)
	}
	t.Logf("100 answers, %d refusals on the way", refused.Load())
}

// TestBucket holds the arithmetic: the pace, the cut, the climb back.
func TestBucket(t *testing.T) {
	at := fixedNow()
	b := &bucket{top: 10, rate: 10, burst: 2, tokens: 2, at: at}
	for i, want := range []time.Duration{0, 0, 100 * time.Millisecond} {
		if got := b.take(at); got.Round(time.Millisecond) != want {
			t.Errorf("question %d waits %v, want %v", i, got, want)
		}
	}
	at = at.Add(100 * time.Millisecond)
	if got := b.take(at); got != 0 {
		t.Errorf("after the wait it waits %v more", got)
	}
	b.told(at, true)
	first := b.rate
	if first >= 3*0.7+0.01 { // three were sent in the last second
		t.Errorf("cut to %v a second after 3 were sent", first)
	}
	b.told(at, true)
	if b.rate != first {
		t.Error("one burst of refusals cuts twice")
	}
	b.told(at.Add(time.Second), true)
	if b.rate >= first {
		t.Error("a later refusal does not cut")
	}
	for range 50 {
		b.told(at.Add(time.Hour), true)
		at = at.Add(time.Hour)
	}
	if b.rate < minRate {
		t.Errorf("the rate fell to %v", b.rate)
	}
	for range 1000 {
		b.told(at, false)
	}
	if b.rate != b.top {
		t.Errorf("the rate climbed to %v of %v", b.rate, b.top)
	}
}

// TestPaceByAction keeps one action's pace from another's, and ends with the context.
func TestPaceByAction(t *testing.T) {
	ck := &clock{t: fixedNow()}
	l := newLimiter(0, ck.now, ck.sleep)
	for range 100 {
		if err := l.pace(context.Background(), key{"1", "r", "WAFV2", "GetWebACL"}); err != nil {
			t.Fatal(err)
		}
	}
	spent := ck.now().Sub(fixedNow())
	if spent < 20*time.Second || spent > 26*time.Second { // (100-5)/4
		t.Errorf("100 questions at 4 a second took %v", spent)
	}
	before := ck.now()
	for _, k := range []key{{"2", "r", "WAFV2", "GetWebACL"}, {"1", "s", "WAFV2", "GetWebACL"}, {"1", "r", "WAFV2", "ListWebACLs"}} {
		if err := l.pace(context.Background(), k); err != nil || ck.now() != before {
			t.Errorf("%v waits for another's pace", k)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 10 {
		if err := l.pace(ctx, key{"1", "r", "WAFV2", "GetWebACL"}); err != nil {
			return
		}
	}
	t.Error("a cancelled run goes on waiting")
}

// TestForget keeps no bucket that says no more than a new one, and no place that
// nobody holds: a thousand accounts have millions of them.
func TestForget(t *testing.T) {
	ck := &clock{t: fixedNow()}
	l := newLimiter(0, ck.now, ck.sleep)
	cut := key{"cut", "r", "KMS", "ListKeys"}
	l.told(cut, true)
	for i := range 20_000 {
		k := key{fmt.Sprint(i), "r", "KMS", "ListKeys"}
		if err := l.pace(context.Background(), k); err != nil {
			t.Fatal(err)
		}
		leave, err := l.enter(context.Background(), k)
		if err != nil {
			t.Fatal(err)
		}
		leave()
		ck.t = ck.t.Add(20 * time.Millisecond)
	}
	if n := len(l.buckets); n > 10_000 {
		t.Errorf("%d buckets are kept", n)
	}
	if l.buckets[cut] == nil {
		t.Error("what AWS said of an action is forgotten")
	}
	if n := len(l.slots); n != 0 {
		t.Errorf("%d places are kept", n)
	}
}

// TestServerFailures asks a failing server three times and no more, and a
// stand-in's page for people ends as its status.
func TestServerFailures(t *testing.T) {
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(500)
		fmt.Fprint(w, "<!doctype html><title>500</title>")
	}))
	defer srv.Close()
	snap := collectFrom(t, srv.URL, Config{Only: []string{"kms/key"}, Regions: []string{"eu-west-1"}})
	c := snap.Cells[0]
	if c.State != evidence.AccountUnreachable || !strings.Contains(c.Reason, "HTTP 500") {
		t.Errorf("%s: %s", c.State, c.Reason)
	}
	if n := asked.Load(); n != serverFailures {
		t.Errorf("asked %d times, want %d", n, serverFailures)
	}
}

// collectFrom plans and runs against a stand-in, without waiting for backoff.
func collectFrom(t *testing.T, url string, cfg Config) *evidence.Snapshot {
	t.Helper()
	cfg.Endpoint, cfg.Now = url, fixedNow
	cfg.Sleep = noSleep
	if cfg.Static == nil {
		cfg.Static = &Static{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"}
	}
	p, err := Plan(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := collect.Run(context.Background(), fixedNow, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// answers writes one JSON answer.
func answers(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client sees what did not arrive
}
