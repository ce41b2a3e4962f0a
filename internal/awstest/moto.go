// Package awstest starts a stand-in for AWS on this machine and plants an account
// in it. It is test code: nothing that ships may import it.
//
// The stand-in is moto, found as EXHIBIT_MOTO (the path of the moto_server
// executable) or on the PATH. Without it tests are skipped, unless
// EXHIBIT_REQUIRE_MOTO=1 says that they must run.
package awstest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Account is the account moto answers for when it is asked with Access and Secret.
const Account = "123456789012"

// Access and Secret are credentials moto takes; nobody else does.
const (
	Access = "AKIAIOSFODNN7EXAMPLE"
	Secret = "wJalrXUtnFEMIexample"
)

// Start runs moto on a free port of this machine until the test ends, and returns
// its endpoint.
func Start(t testing.TB) string {
	t.Helper()
	exe := find(t, "EXHIBIT_MOTO", "moto_server", "moto")
	port := freePort(t)
	endpoint := "http://127.0.0.1:" + port
	var out lockedBuffer
	cmd := exec.Command(exe, "-H", "127.0.0.1", "-p", port)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true", "AWS_ACCESS_KEY_ID="+Access, "AWS_SECRET_ACCESS_KEY="+Secret)
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting moto: %v", err)
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // gone already is as good
		<-gone
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/moto-api/data.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close() // only that it answers counts
			return endpoint
		}
		select {
		case err := <-gone:
			gone <- err
			t.Fatalf("moto ended before it answered: %v\n%s", err, out.String())
		case <-ctx.Done():
			t.Fatalf("moto did not answer within a minute:\n%s", out.String())
		case <-tick.C:
		}
	}
}

// find looks an executable up by variable or on the PATH, and skips the test when
// it is not there and need not be.
func find(t testing.TB, variable, name, what string) string {
	t.Helper()
	exe := os.Getenv(variable)
	if exe == "" {
		exe = name
	}
	path, err := exec.LookPath(exe)
	if err == nil {
		return path
	}
	msg := fmt.Sprintf("%s is not here (%v): name %s in %s, or put it on the PATH", what, err, name, variable)
	if os.Getenv("EXHIBIT_REQUIRE_MOTO") == "1" {
		t.Fatal(msg)
	}
	t.Skip(msg)
	return ""
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// CLI runs the aws command (EXHIBIT_AWS or on the PATH) against an endpoint and
// returns what it printed; a refusal is what it wrote to standard error. For
// s3control the endpoint is an HTTP proxy: it puts the account into the host's name.
func CLI(t testing.TB, endpoint, region string, args ...string) (stdout, refusal string) {
	t.Helper()
	out, errs, err := Command(t, endpoint, region, args...)
	if err == nil {
		return out, ""
	}
	if errs == "" {
		t.Fatalf("aws %s: %v", strings.Join(args, " "), err)
	}
	return "", errs
}

// Command runs the aws command as CLI does and returns all it said: some commands
// end with a failure and a result.
func Command(t testing.TB, endpoint, region string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	exe := find(t, "EXHIBIT_AWS", "aws", "the aws command")
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte("[default]\ncli_timestamp_format = iso8601\ns3 =\n  addressing_style = path\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(strings.ToUpper(v), "NO_PROXY=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	if args[0] == "s3control" {
		cmd.Args = append(cmd.Args, "--endpoint-url", "http://aws.test")
		cmd.Env = append(cmd.Env, "HTTP_PROXY="+endpoint, "http_proxy="+endpoint)
	} else {
		cmd.Args = append(cmd.Args, "--endpoint-url", endpoint)
		cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+endpoint) // for the other services a command asks
	}
	// Should a command still turn to AWS, it gets no further than moto.
	cmd.Env = append(cmd.Env, "HTTPS_PROXY="+endpoint, "https_proxy="+endpoint, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID="+Access, "AWS_SECRET_ACCESS_KEY="+Secret, "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region, "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1",
		"AWS_CONFIG_FILE="+config, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// lockedBuffer takes what two streams of a process write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
