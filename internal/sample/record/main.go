// Record makes the sample's tapes anew. It is a tool for developers; README.md
// beside the package says how to set it up.
//
//	go run ./internal/sample/record [-python python3] [-out internal/sample/tapes]
//
// It starts standin.py, moves it from quarter to quarter, lets exhibit's own
// collectors ask it everything they ask of AWS, and keeps what was answered.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"exhibit/collect"
	"exhibit/collect/aws"
	"exhibit/collect/envoy"
	"exhibit/evidence"
	"exhibit/internal/sample"
	"exhibit/internal/sample/tape"
)

// runs are the quarters' collections and the captures between them, at the times the sample's history says.
var runs = []struct{ tape, at string }{
	{"2025-10-27", "2025-10-27T05:17:00Z"},
	{"2025-11-24", "2025-11-24T05:17:00Z"},
	{"2025-q4", "2026-01-02T06:00:00Z"},
	{"2026-01-29", "2026-01-29T05:17:00Z"},
	{"2026-02-26", "2026-02-26T05:17:00Z"},
	{"2026-q1", "2026-04-01T06:00:00Z"},
	{"2026-04-28", "2026-04-28T05:17:00Z"},
	{"2026-05-26", "2026-05-26T05:17:00Z"},
	{"2026-q2", "2026-07-01T06:00:00Z"},
	{"2026-07-20", "2026-07-20T05:17:00Z"},
	{"2026-07-27", "2026-07-27T05:17:00Z"},
	{"2026-08-10", "2026-08-10T05:17:00Z"},
	{"2026-08-24", "2026-08-24T05:17:00Z"},
	{"2026-09-07", "2026-09-07T05:17:00Z"},
	{"2026-09-21", "2026-09-21T05:17:00Z"},
	{"2026-q3", "2026-10-01T06:00:00Z"},
}

func main() {
	python := flag.String("python", "python3", "an interpreter that has what requirements.txt names")
	out := flag.String("out", "internal/sample/tapes", "where the tapes go")
	only := flag.String("only", "", "record aws alone, or the code host: forge")
	flag.Parse()
	var err error
	if *only != "forge" {
		err = record(context.Background(), *python, *out)
	}
	if err == nil && *only != "aws" {
		err = recordHost(context.Background(), *python, *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "record: error:", err)
		os.Exit(1)
	}
}

func record(ctx context.Context, python, out string) error {
	standin, stop, err := start(ctx, python)
	if err != nil {
		return fmt.Errorf("starting the stand-in: %w", err)
	}
	defer stop()
	for _, r := range runs {
		at, err := time.Parse(time.RFC3339, r.at)
		if err != nil {
			return err
		}
		if sample.HostAlone(r.tape) {
			continue
		}
		if err := plant(standin, r.at); err != nil {
			return fmt.Errorf("telling the story until %s: %w", r.at, err)
		}
		t, err := quarter(ctx, standin, at, sample.Capture(r.tape))
		if err != nil {
			return fmt.Errorf("recording %s: %w", r.tape, err)
		}
		if err := write(t, r.tape, out); err != nil {
			return err
		}
	}
	return nil
}

// recordHost records what the code host answers, on tapes of its own; to a capture
// only what it deletes.
func recordHost(ctx context.Context, python, out string) error {
	for _, r := range runs {
		at, err := time.Parse(time.RFC3339, r.at)
		if err != nil {
			return err
		}
		t, err := host(ctx, python, at, sample.Capture(r.tape))
		if err != nil {
			return fmt.Errorf("recording the code host at %s: %w", r.tape, err)
		}
		if err := write(t, r.tape+"-forge", out); err != nil {
			return err
		}
	}
	return nil
}

func write(t *tape.Tape, name, out string) error {
	var b bytes.Buffer
	if err := t.Write(&b); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.WriteFile(filepath.Join(out, name+".jsonl.gz"), b.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d answers, %d bytes\n", name, len(t.Answers), b.Len())
	return nil
}

// start runs standin.py on a free port and waits until it is ready.
func start(ctx context.Context, python string) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String()) // an address the listener itself gave
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, python, filepath.Join("internal", "sample", "record", "standin.py"), port)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "PYTHONHASHSEED=0", "TZ=UTC", "PYTHONDONTWRITEBYTECODE=1")
	said, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()         // killed: always an error
	}
	if ready, err := bufio.NewReader(said).ReadString('\n'); err != nil || ready != "ready\n" {
		stop()
		return "", nil, fmt.Errorf("it said %q: is everything in requirements.txt installed? %w", ready, errors.Join(err))
	}
	return "http://127.0.0.1:" + port, stop, nil
}

func plant(standin, until string) error {
	resp, err := http.Post(standin+"/_standin/plant?until="+url.QueryEscape(until), "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(resp.Body) // only for the message
		return fmt.Errorf("%s: %s", resp.Status, b)
	}
	return nil
}

// quarter collects once and returns what was answered; a capture asks only for
// what AWS deletes.
func quarter(ctx context.Context, standin string, at time.Time, capture bool) (*tape.Tape, error) {
	r := &recorder{standin: standin, tape: &tape.Tape{At: at, Answers: map[string][]tape.Answer{}}}
	s := httptest.NewServer(r)
	defer s.Close()
	clock := collect.NewClock(at)
	start, end := sample.Period()
	var only []string
	if capture {
		for _, s := range envoy.Expiring() {
			only = append(only, s.Name)
		}
	}
	plan, err := aws.Plan(ctx, aws.Config{
		Static:           &aws.Static{AccessKeyID: sample.AccessKeyID, SecretAccessKey: sample.SecretAccessKey},
		FromOrganization: true, Role: sample.Role, Only: only,
		Regions:  []string{"us-east-1", "eu-west-1", "eu-central-1"},
		Endpoint: s.URL, Now: clock.Now, Sleep: clock.Sleep,
		Period: aws.Period{Start: start, End: end}, Trails: aws.Validation{DigestDays: sample.TrailDays, LogDays: sample.TrailDays},
	})
	if err != nil {
		return nil, err
	}
	snap, err := collect.Run(ctx, clock.Now, plan, nil)
	if err != nil {
		return nil, err
	}
	report(snap)
	if len(r.failed) > 0 {
		sort.Strings(r.failed)
		return nil, fmt.Errorf("the stand-in could not answer %d requests:\n%s", len(r.failed), strings.Join(r.failed, "\n"))
	}
	return r.tape, nil
}

// report prints how the cells ended, and each that was not answered whole.
func report(snap *evidence.Snapshot) {
	states := map[evidence.State]int{}
	for _, c := range snap.Cells {
		states[c.State]++
		if !c.State.Answered() || c.Gaps > 0 {
			fmt.Printf("  %s %s %s: %s %s (%d gaps)\n", c.Account, c.Region, c.Source, c.State, c.Reason, c.Gaps)
			if c.Gap != nil {
				fmt.Printf("    %s %s %s\n", c.Gap.Question, c.Gap.Code, c.Gap.Message)
			}
		}
	}
	fmt.Println(" ", states)
}

// A recorder stands before the stand-in and keeps what it answers.
type recorder struct {
	standin string
	mu      sync.Mutex
	tape    *tape.Tape
	failed  []string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	a, err := r.ask(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotImplemented)
		return
	}
	for k, v := range a.Header {
		w.Header().Set(k, v)
	}
	w.Header().Set("Date", r.tape.At.UTC().Format(http.TimeFormat))
	w.WriteHeader(a.Status)
	if req.Method != http.MethodHead {
		_, _ = w.Write(a.Body) // the collector hung up: nobody to tell
	}
}

func (r *recorder) ask(req *http.Request) (tape.Answer, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return tape.Answer{}, err
	}
	key := tape.Key(req, body, sample.AccountOf)
	out, err := http.NewRequestWithContext(req.Context(), req.Method, r.standin+req.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return tape.Answer{}, err
	}
	out.Header = req.Header.Clone()
	out.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.failed = append(r.failed, key+": "+err.Error())
		return tape.Answer{}, err
	}
	defer resp.Body.Close()
	a := tape.Answer{Status: resp.StatusCode, Header: map[string]string{}}
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		return tape.Answer{}, err
	}
	for k := range resp.Header {
		if name := strings.ToLower(k); name != "date" && name != "content-length" {
			a.Header[name] = resp.Header.Get(k)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.Status >= 500 || bytes.HasPrefix(bytes.ToLower(a.Body), []byte("<!doctype html")) {
		r.failed = append(r.failed, key)
		return tape.Answer{}, errors.New("the stand-in has no answer to " + key)
	}
	r.tape.Add(key, a)
	return a, nil
}
