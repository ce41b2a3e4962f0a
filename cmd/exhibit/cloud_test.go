package main

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"exhibit/internal/awstest/org"
)

// cloudCommands are what scripts do with an organisation on loopback:
//
//	cloud accounts=2 keys=3   start it; $CLOUD is its endpoint, and the credentials are those of its first account
//	cloud-hang 40             after so many more questions answer none
//	cloud-hung                wait until that is so
//	cloud-go                  answer again
//	cloud-expire ACCOUNT 40   after so many more questions the credentials of an account end; without a number they are good again
//	cloud-asked FILE          write how often each question was asked since the last time
var cloudCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"answer":    answerWorkbook, // review_test.go
	"authority": authorityStart, // authority_test.go
	"cloud":     cloudStart, "cloud-hang": cloudHang, "cloud-hung": cloudHung, "cloud-go": cloudGo, "cloud-expire": cloudExpire, "cloud-asked": cloudAsked,
}

// A standing is one script's cloud.
type standing struct {
	org.Cloud
	mu      sync.Mutex
	left    int           // questions until it hangs, or until the credentials end; -1 for never
	expires string        // whose credentials end then; "" when it hangs
	hung    chan struct{} // closed when it hangs
	release chan struct{}
	told    map[org.Question]int
}

var standings sync.Map // by $WORK

func standingOf(ts *testscript.TestScript) *standing {
	s, ok := standings.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("no cloud was started")
	}
	return s.(*standing)
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

func cloudStart(ts *testscript.TestScript, _ bool, args []string) {
	s := &standing{Cloud: org.Cloud{Accounts: 2, Regions: []string{"eu-west-1", "us-east-1"}, Users: 3, Buckets: 2, Keys: 2, Rows: 2}, left: -1}
	for _, a := range args {
		name, v, _ := strings.Cut(a, "=")
		field := map[string]*int{"accounts": &s.Accounts, "users": &s.Users, "buckets": &s.Buckets, "keys": &s.Keys, "rows": &s.Rows}[name]
		if field == nil {
			ts.Fatalf("cloud: %q?", a)
		}
		*field = number(ts, v)
	}
	s.Before = s.before
	endpoint, stop := s.Start()
	ts.Defer(func() {
		s.goOn()
		stop()
	})
	standings.Store(ts.Getenv("WORK"), s)
	for k, v := range map[string]string{"CLOUD": endpoint, "AWS_ACCESS_KEY_ID": org.Key(org.Account(1)), "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"} {
		ts.Setenv(k, v)
	}
}

func (s *standing) before(r *http.Request, _ org.Question) {
	s.mu.Lock()
	if s.left > 0 {
		if s.left--; s.left == 0 && s.expires != "" {
			s.Fail(org.Fault{Kind: org.ExpiredToken, Question: org.Question{Account: s.expires}})
		}
	}
	var wait chan struct{}
	if s.left == 0 && s.expires == "" {
		if s.hung != nil {
			close(s.hung)
			s.hung = nil
		}
		wait = s.release
	}
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
	}
}

func (s *standing) goOn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left = -1; s.release != nil {
		close(s.release)
		s.release = nil
	}
}

func cloudHang(ts *testscript.TestScript, _ bool, args []string) {
	s := standingOf(ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.expires, s.hung, s.release = number(ts, args[0]), "", make(chan struct{}), make(chan struct{})
}

func cloudHung(ts *testscript.TestScript, _ bool, _ []string) {
	s := standingOf(ts)
	s.mu.Lock()
	hung := s.hung
	s.mu.Unlock()
	if hung == nil { // already
		return
	}
	select {
	case <-hung:
	case <-time.After(time.Minute):
		ts.Fatalf("the cloud was not asked enough to hang")
	}
}

func cloudGo(ts *testscript.TestScript, _ bool, _ []string) { standingOf(ts).goOn() }

func cloudExpire(ts *testscript.TestScript, _ bool, args []string) {
	s := standingOf(ts)
	s.Fail()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left, s.expires = -1, args[0]; len(args) > 1 {
		s.left = number(ts, args[1])
	}
}

func cloudAsked(ts *testscript.TestScript, _ bool, args []string) {
	s := standingOf(ts)
	var lines []string
	now := s.Asked()
	for q, n := range now {
		if n -= s.told[q]; n > 0 {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %d", q.Account, q.Region, q.Service, q.Action, n))
		}
	}
	s.told = now
	slices.Sort(lines)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}
