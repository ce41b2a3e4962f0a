package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// The floor is what the stand-in itself takes: the very requests exhibit sent,
// signed bytes and all, sent again by a client that knows nothing of AWS and keeps
// nothing. A request goes off when
// those have come back that had come back before exhibit sent it, so that what
// had to wait for an answer waits here too. No client can be faster on this
// machine without asking less.

// An exchange is one request as the stand-in's front saw it.
type exchange struct {
	Method, URL, Host string
	Header            http.Header
	Body              []byte
	Began, Ended      time.Duration // since the recording began
}

// A recorder keeps what goes through the front while it is on.
type recorder struct {
	mu    sync.Mutex
	on    bool
	since time.Time
	all   []exchange
}

// through hands a request on and keeps it.
func (r *recorder) through(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		on := r.on
		r.mu.Unlock()
		if !on {
			next.ServeHTTP(w, req)
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		x := exchange{Method: req.Method, URL: req.URL.RequestURI(), Host: req.Host, Header: req.Header.Clone(), Body: body, Began: time.Since(r.since)}
		next.ServeHTTP(w, req)
		x.Ended = time.Since(r.since)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, x)
	})
}

// record keeps what do sends.
func (r *recorder) record(do func() error) ([]exchange, error) {
	r.mu.Lock()
	r.on, r.since, r.all = true, time.Now(), nil
	r.mu.Unlock()
	err := do()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
	return r.all, err
}

// A floorRun is what the process that is the floor reads.
type floorRun struct {
	Base      string
	Exchanges []exchange
}

// A peer is one command to measure.
type peer struct {
	name string
	cmd  func() *exec.Cmd
}

// floorOf is the process that sends exchanges again.
func (b *bench) floorOf(base string, exchanges []exchange) (peer, error) {
	name := filepath.Join(b.dir, "floor.json")
	text, err := json.Marshal(floorRun{base, exchanges})
	if err != nil {
		return peer{}, err
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return peer{}, err
	}
	self, err := os.Executable()
	return peer{fmt.Sprintf("floor: its %d requests alone", len(exchanges)), func() *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "EXHIBIT_BENCH_FLOOR="+name)
		return cmd
	}}, err
}

// floor is that process.
func floor(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var f floorRun
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	done := make([]chan struct{}, len(f.Exchanges))
	for i := range done {
		done[i] = make(chan struct{})
	}
	failed := make(chan error, len(f.Exchanges))
	for i, x := range f.Exchanges {
		go func() {
			defer close(done[i])
			for k, before := range f.Exchanges {
				if before.Ended <= x.Began {
					<-done[k]
				}
			}
			failed <- send(client, f.Base, x)
		}()
	}
	for range f.Exchanges {
		if err := <-failed; err != nil {
			return err
		}
	}
	return nil
}

func send(client *http.Client, base string, x exchange) error {
	req, err := http.NewRequest(x.Method, base+x.URL, bytes.NewReader(x.Body))
	if err != nil {
		return err
	}
	req.Header, req.Host = x.Header, x.Host
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode >= 500 {
		return fmt.Errorf("%s %s: %s", x.Method, x.URL, resp.Status)
	}
	return nil
}
