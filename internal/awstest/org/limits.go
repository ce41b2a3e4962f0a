package org

import (
	"net/http"
	"time"
)

// tokens is the bucket AWS keeps for one action.
type tokens struct {
	rate, burst, left float64
	at                time.Time
}

func (t *tokens) take(now time.Time) bool {
	t.left = min(t.burst, t.left+now.Sub(t.at).Seconds()*t.rate)
	t.at = now
	if t.left < 1 {
		return false
	}
	t.left--
	return true
}

func (o *Cloud) bucket(q Question) *tokens {
	b := o.buckets[q]
	if b == nil {
		rate, burst := Limit(q.Service, q.Action)
		b = &tokens{rate: rate, burst: burst, left: burst, at: time.Now()}
		o.buckets[q] = b
	}
	return b
}

// Limit is what one account may ask of an action in a region: calls a second,
// and how many at once. Where AWS publishes figures they are its own (EC2
// "Request throttling", KMS, Organizations and STS quotas); IAM, RDS and
// GuardDuty publish none, and the figure is what their users report.
func Limit(service, action string) (rate, burst float64) {
	switch service {
	case "ec2":
		return 20, 100
	case "kms":
		return 500, 500
	case "iam":
		return 20, 50
	case "sts":
		return 600, 600
	case "organizations":
		return 8, 13
	case "account":
		return 5, 5
	case "s3":
		return 400, 400
	}
	return 12, 25
}

// Floor is the least time in which the questions asked so far could have been
// answered: by the bucket that takes longest (an account's own limit, which no
// program can pass), and by the latency where at most inFlight are under way.
func (o *Cloud) Floor(inFlight int) (bucket, latency time.Duration, slowest Question) {
	o.mu.Lock()
	defer o.mu.Unlock()
	total := 0
	for q, n := range o.asked {
		total += n
		rate, burst := Limit(q.Service, q.Action)
		if d := time.Duration((float64(n) - burst) / rate * float64(time.Second)); d > bucket {
			bucket, slowest = d, q
		}
	}
	return bucket, time.Duration(total) * o.Latency / time.Duration(inFlight), slowest
}

// throttle is how a service says "too fast".
func throttle(q Question) refusal {
	switch q.Service {
	case "ec2":
		return refusal{http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded."}
	case "s3":
		return refusal{http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate."}
	case "iam", "sts", "rds":
		return refusal{http.StatusBadRequest, "Throttling", "Rate exceeded"}
	case "organizations", "account", "guardduty":
		return refusal{http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded"}
	}
	return refusal{http.StatusBadRequest, "ThrottlingException", "Rate exceeded"}
}
