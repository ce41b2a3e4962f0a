package aws

import (
	"context"
	"errors"
	"hash/fnv"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// A retryer decides what is asked again. Every field of the SDK's own is set:
// its retry quota is off (it gives up without backing off once many calls are
// refused at a time; the limiter does that work), and what the environment says
// about retries does not count.
type retryer struct {
	std     *retry.Standard
	limiter *limiter
	max     int
}

// serverFailures is how often an answer of 500 and above is asked again: a
// service that does not know an operation answers so for ever.
const serverFailures = 3

func newRetryer(maxAttempts int, l *limiter) *retryer {
	if maxAttempts <= 0 {
		maxAttempts = 10
	}
	r := &retryer{limiter: l, max: maxAttempts}
	r.std = retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = 10 * time.Second
		o.Backoff = retry.BackoffDelayerFunc(r.backoff)
		o.Retryables = append([]retry.IsErrorRetryable(nil), retry.DefaultRetryables...)
		o.Timeouts = append([]retry.IsErrorTimeout(nil), retry.DefaultTimeouts...)
		o.RateLimiter = ratelimit.None
		o.RetryCost, o.RetryTimeoutCost, o.NoRetryIncrement = 0, 0, 0
	})
	return r
}

var _ aws.RetryerV2 = (*retryer)(nil)

// IsErrorRetryable is the SDK's own judgement, but for names that do not resolve.
func (r *retryer) IsErrorRetryable(err error) bool {
	return !noSuchHost(err) && r.std.IsErrorRetryable(err)
}

// MaxAttempts counts the first one.
func (r *retryer) MaxAttempts() int { return r.max }

// RetryDelay is how long to wait after the attempt-th answer.
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	return r.backoff(attempt, err)
}

// backoff doubles from 0.1 s to 10 s and spreads over the upper half. The spread
// is taken from the refusal's own text (it holds the request id), so nothing here
// is drawn at random.
func (r *retryer) backoff(attempt int, err error) (time.Duration, error) {
	h := fnv.New32a()
	if err != nil {
		_, _ = h.Write([]byte(err.Error())) // a hash's Write never fails
	}
	full := math.Min(10, 0.1*math.Pow(2, float64(max(0, attempt-1))))
	spread := 0.5 + 0.5*float64(h.Sum32())/math.MaxUint32
	return time.Duration(full * spread * float64(time.Second)), nil
}

// GetRetryToken ends the attempts when a server keeps failing.
func (r *retryer) GetRetryToken(ctx context.Context, _ error) (func(error) error, error) {
	if hearingOf(ctx).failing() >= serverFailures {
		return nil, errServerFails
	}
	return func(error) error { return nil }, nil
}

var errServerFails = errors.New("the server failed each time")

// GetInitialToken is the older interface's; the SDK calls GetAttemptToken.
func (r *retryer) GetInitialToken() func(error) error { return func(error) error { return nil } }

// GetAttemptToken waits for the limiter, before the request is signed.
func (r *retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if err := r.limiter.pace(ctx, hearingOf(ctx).keyOf(ctx)); err != nil {
		return nil, err
	}
	return func(error) error { return nil }, nil
}

func (h *hearing) failing() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failures
}
