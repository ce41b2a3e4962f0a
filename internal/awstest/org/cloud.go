// Package org is a stand-in for AWS at the size of an organisation: many
// accounts, the regions of each, AWS's throttles, and faults where one wants them.
// It is test code that the benchmarks use too: nothing that ships may import it.
package org

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Cloud is an invented organisation that answers on this machine's loopback in
// AWS's wire formats: what moto cannot do. It pages, throttles by account,
// region, service and action, takes its time, and fails where it is told to.
//
// The same Cloud says the same each time it is asked, so the ledger of a run can
// be foretold. Whom one is is read from the access key id: ASIA<account>ORGX.
// It answers the sources of Sources and nothing else.
type Cloud struct {
	Accounts int           // 000000000001 manages the organization
	Regions  []string      // enabled ones; Regions when empty. One more, af-south-1, is not enabled
	Latency  time.Duration // of each answer
	Limits   bool          // throttle as AWS does
	Users    int           // IAM users of each account
	Buckets  int           // S3 buckets of each account
	Keys     int           // KMS keys of each region
	Rows     int           // rows of every other listing
	// Sized overrides how many rows one listing has, by "account region action".
	Sized  map[string]int
	Faults []Fault
	// Hear, when set, is told of every question before it is answered, by one
	// goroutine at a time.
	Hear func(q Question, n int)
	// Before, when set, is called before each answer, of several at a time. It may wait.
	Before func(r *http.Request, q Question)

	mu      sync.Mutex
	asked   map[Question]int
	buckets map[Question]*tokens
	total   int
	refused int
	most    int
	flying  int
}

// Sources are the sources a Cloud answers whole.
var Sources = []string{
	"account/region", "organizations/account", "iam/password-policy", "iam/account-summary", "iam/mfa-device", "iam/access-key",
	"kms/key", "ec2/security-group", "ec2/security-group-rule", "ec2/vpc", "ec2/subnet", "ec2/network-acl", "rds/instance",
	"guardduty/detector", "s3/account-public-access-block", "s3/bucket",
}

// Regions are enabled in every account and cannot be disabled.
var Regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
	"sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// Account is the id of the n-th account, from 1.
func Account(n int) string { return fmt.Sprintf("%012d", n) }

// Key is the access key id with which one is in an account.
func Key(account string) string { return "ASIA" + account + "ORGX" }

// A Question is an account, a region, a service and an action: what AWS's
// throttle tells apart.
type Question struct{ Account, Region, Service, Action string }

// Start answers until stop is called.
func (o *Cloud) Start() (endpoint string, stop func()) {
	o.mu.Lock()
	o.asked, o.buckets = map[Question]int{}, map[Question]*tokens{}
	o.total, o.refused, o.most = 0, 0, 0
	o.mu.Unlock()
	srv := httptest.NewUnstartedServer(o)
	srv.Config.ErrorLog = nil
	srv.Start()
	return srv.URL, srv.Close
}

// Fail replaces the faults while questions are asked.
func (o *Cloud) Fail(f ...Fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Faults = f
}

// Asked is how often each question was asked, refused ones included.
func (o *Cloud) Asked() map[Question]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := make(map[Question]int, len(o.asked))
	for q, n := range o.asked {
		out[q] = n
	}
	return out
}

// Load sums up what was asked: all questions, those throttled, and how many
// there were at one time.
func (o *Cloud) Load() (total, throttled, most int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.total, o.refused, o.most
}

// ServeHTTP answers one question.
func (o *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q, x := read(r, body)
	o.mu.Lock()
	o.asked[q]++
	n := o.asked[q]
	o.total++
	o.flying++
	o.most = max(o.most, o.flying)
	slow := o.Limits && !o.bucket(q).take(time.Now())
	if slow {
		o.refused++
	}
	if o.Hear != nil {
		o.Hear(q, n)
	}
	f := o.fault(q, n)
	o.mu.Unlock()
	if o.Before != nil {
		o.Before(r, q)
	}
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.flying--
	}()
	select {
	case <-time.After(o.Latency):
	case <-r.Context().Done():
		return
	}
	h := w.Header()
	h.Set("X-Amzn-Requestid", fmt.Sprintf("%s-%s-%s-%d", q.Account, q.Region, q.Action, n))
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	switch {
	case slow:
		x.refuse(w, q, throttle(q))
	case f != nil:
		f.apply(w, x, q, func(x *exchange) string { return o.answer(q, x) })
	default:
		text := o.answer(q, x)
		if text == "" && x.status == 0 { // an operation nobody wrote an answer for
			h.Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<!doctype html><title>404 Not Found</title>") // the client sees what did not arrive
			return
		}
		x.send(w, text)
	}
}

// An exchange is what one request asks with, and how it wants to be answered.
type exchange struct {
	format  format
	control bool // S3 Control
	in      map[string]string
	status  int    // other than 200, for an error the answer itself gives
	endless bool   // every page names the same next one
	state   string // of a key, instead of Enabled
}

// page cuts a listing of n rows: the rows from first to last, and the token of
// the next page, "" on the last one.
func (x *exchange) page(n, size int, token string) (first, last int, next string) {
	if s, err := strconv.Atoi(x.in[token]); err == nil {
		first = s
	}
	last = min(n, first+size)
	if last < n {
		next = strconv.Itoa(last)
	}
	if x.endless {
		next = "0"
	}
	return first, last, next
}

// size is the page size the request asks for, at most largest.
func (x *exchange) size(name string, largest int) int {
	if n, err := strconv.Atoi(x.in[name]); err == nil && n > 0 {
		return min(n, largest)
	}
	return largest
}

// abort ends the connection as a router that restarts would.
func abort(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // a reset instead of an end: the test is about it
	}
	_ = c.Close() // the same
}

// accountOf reads who asks, and where and what is asked, from the signature.
func accountOf(r *http.Request) (account, region, service string) {
	_, cred, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	cred, _, _ = strings.Cut(cred, ",")
	part := strings.Split(cred, "/")
	if len(part) < 5 || len(part[0]) < 16 {
		return "", "", ""
	}
	return part[0][4:16], part[2], part[3]
}
