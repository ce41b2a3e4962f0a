package aws

import (
	"context"
	"math"
	"sync"
	"time"
)

// A limiter keeps us below what AWS permits, per account, region, service and
// action, and learns where that is from what AWS refuses.
//
// Each action has a token bucket. Its rate starts below AWS's documented default
// and is cut when AWS says "too fast": to 0.7 of what was really sent in the last
// second, at most twice a second, because all calls in flight at that moment are
// refused together. Every answer then raises it a little, up to its start. Each
// account, region and service also has at most perService calls in flight, and
// everything together at most inFlight: before the first refusal comes back the
// cap is all there is.
type limiter struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	all   chan struct{}
	reads chan struct{} // objects of S3 being read

	mu      sync.Mutex
	buckets map[key]*bucket
	slots   map[key]*slot // by account, region and service
	sweep   int           // how many buckets there may be before the full ones are dropped
}

// A slot is the places of one account, region and service.
type slot struct {
	places chan struct{}
	users  int // who hold one or wait for one; under the limiter's lock
}

// perService is how many calls may be in flight per account, region and service.
const perService = 8

// objectsInFlight is how many objects of S3 may be read at a time, beside the other
// calls: they are many and small, and S3 serves thousands a second where the APIs
// that describe resources serve tens.
const objectsInFlight = 64

func newLimiter(inFlight int, now func() time.Time, sleep func(context.Context, time.Duration) error) *limiter {
	if inFlight <= 0 {
		inFlight = 64
	}
	return &limiter{now: now, sleep: sleep, all: make(chan struct{}, inFlight), reads: make(chan struct{}, objectsInFlight), buckets: map[key]*bucket{}, slots: map[key]*slot{}, sweep: 4096}
}

// A bucket is one action's allowance. Rates are calls a second.
type bucket struct {
	mu     sync.Mutex
	top    float64 // the rate never rises above it
	rate   float64
	burst  float64
	tokens float64
	at     time.Time // when tokens was right
	cutAt  time.Time // the last cut
	sent   []time.Time
}

// A key names a bucket. account is 12 digits, region as in the endpoint, service
// the SDK's service id, action the operation.
type key struct{ account, region, service, action string }

// pace waits until the action may be asked once more.
func (l *limiter) pace(ctx context.Context, k key) error {
	b := l.bucket(k)
	for {
		before := l.now()
		wait := b.take(before)
		if wait == 0 {
			return nil
		}
		if err := l.sleep(ctx, wait); err != nil {
			return err
		}
		if l.now().Sub(before) < wait/2 { // a clock that stands still, as a replay's does
			b.credit(wait)
		}
	}
}

// getObject is the one operation that reads what a customer keeps.
const getObject = "GetObject"

// enter waits for a place among the calls in flight. leave gives it back.
func (l *limiter) enter(ctx context.Context, k key) (leave func(), err error) {
	if k.action == getObject {
		select {
		case l.reads <- struct{}{}:
			return func() { <-l.reads }, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	k.action = ""
	l.mu.Lock()
	s, ok := l.slots[k]
	if !ok {
		s = &slot{places: make(chan struct{}, perService)}
		l.slots[k] = s
	}
	s.users++
	l.mu.Unlock()
	gone := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if s.users--; s.users == 0 {
			delete(l.slots, k)
		}
	}
	select {
	case s.places <- struct{}{}:
	case <-ctx.Done():
		gone()
		return nil, ctx.Err()
	}
	select {
	case l.all <- struct{}{}:
	case <-ctx.Done():
		<-s.places
		gone()
		return nil, ctx.Err()
	}
	return func() { <-l.all; <-s.places; gone() }, nil
}

// told hears how AWS took the call.
func (l *limiter) told(k key, throttled bool) {
	l.bucket(k).told(l.now(), throttled)
}

func (l *limiter) bucket(k key) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[k]
	if !ok {
		l.forget()
		rate, burst := allowance(k.service, k.action)
		b = &bucket{top: rate, rate: rate, burst: burst, tokens: burst, at: l.now()}
		l.buckets[k] = b
	}
	return b
}

// forget drops the buckets that are as they were at first: a thousand accounts
// have millions, and few are in use at a time. The caller holds the lock.
func (l *limiter) forget() {
	if len(l.buckets) < l.sweep {
		return
	}
	now := l.now()
	for k, b := range l.buckets {
		if b.fresh(now) {
			delete(l.buckets, k)
		}
	}
	l.sweep = max(4096, 2*len(l.buckets))
}

// take returns 0 and spends a token, or says how long to wait before asking again.
func (b *bucket) take(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := now.Sub(b.at).Seconds(); d > 0 {
		b.tokens = math.Min(b.burst, b.tokens+d*b.rate)
		b.at = now
	}
	if b.tokens >= 1-1e-9 {
		b.tokens--
		b.sent = append(b.recent(now), now)
		return 0
	}
	return max(time.Millisecond, time.Duration((1-b.tokens)/b.rate*float64(time.Second)))
}

// fresh reports whether a bucket says no more than a new one would: it is full,
// has been for a while (somebody may hold it still), and was never cut.
func (b *bucket) fresh(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cutAt.IsZero() && b.rate == b.top && b.tokens+now.Sub(b.at).Seconds()*b.rate >= b.burst && now.Sub(b.at) > 10*time.Second
}

// credit gives the tokens of a wait the clock did not see.
func (b *bucket) credit(waited time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = math.Min(b.burst, b.tokens+waited.Seconds()*b.rate)
}

// told cuts or raises the rate.
func (b *bucket) told(now time.Time, throttled bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !throttled {
		b.rate = math.Min(b.top, b.rate+b.top/200)
		return
	}
	b.tokens = math.Min(b.tokens, 0)
	if now.Sub(b.cutAt) < time.Second/2 && !b.cutAt.IsZero() {
		return
	}
	b.cutAt = now
	b.sent = b.recent(now)
	b.rate = math.Max(minRate, 0.7*math.Min(b.rate, math.Max(1, float64(len(b.sent)))))
	b.burst = math.Max(1, math.Min(b.burst, b.rate))
}

// minRate keeps a throttled action moving: a call every two seconds.
const minRate = 0.5

func (b *bucket) recent(now time.Time) []time.Time {
	i := 0
	for i < len(b.sent) && now.Sub(b.sent[i]) > time.Second {
		i++
	}
	return b.sent[i:]
}

// allowance is where an action starts: a rate below AWS's documented default and
// a burst below its bucket. What is not listed gets the default.
//
// Sources: Amazon EC2 "Request throttling" (describe actions: bucket 100, refill
// 20); AWS Security Hub, AWS Organizations, IAM Identity Center, AWS WAF,
// CloudWatch, Elastic Load Balancing and CloudTrail "quotas" pages. IAM publishes
// no figures; its management plane is known to be slow to forgive.
func allowance(service, action string) (rate, burst float64) {
	switch service {
	case "SecurityHub":
		switch action {
		case "GetFindings":
			return 2.5, 5
		case "GetEnabledStandards", "ListFindingAggregators":
			return 1, 4
		}
		return 8, 16
	case "Organizations":
		switch action {
		case "ListAccounts":
			return 6, 10
		}
		return 3, 6
	case "IAM":
		return 20, 40
	case "SSO Admin", "identitystore":
		return 8, 16 // 20 a second, all their actions together
	case "WAFV2":
		return 4, 5
	case "CloudWatch":
		return 7, 9
	case "CloudTrail":
		if action == "LookupEvents" {
			return 1.8, 2
		}
		return 8, 10
	case "EC2":
		return 18, 50
	case "Elastic Load Balancing v2":
		return 9, 30
	case "KMS":
		return 300, 300
	case "S3", "S3 Control":
		if action == getObject {
			return 2000, 1000 // of 5,500 a second and prefix
		}
		return 300, 300
	case "Config Service":
		return 5, 10
	case "Account":
		return 4, 5
	case "STS":
		return 50, 50
	}
	return 10, 20
}
