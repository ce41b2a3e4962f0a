package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"exhibit/evidence"
	"exhibit/internal/trailtest"
)

// digests validates three days of one trail, 72 digests and the 864 log files they
// name, against the aws command, behind a front that takes 30 ms a call as a
// region far away does. Ours includes start-up, the commit into the evidence
// repository and the seal.
func (b *bench) digests() error {
	const hours, logs, delay = 72, 12, 30 * time.Millisecond
	s, err := startStand()
	if err != nil {
		return err
	}
	defer s.stop()
	key := trailtest.NewKey()
	written := &trailtest.Trail{Bucket: "bench-trail", Account: "123456789012", Region: "us-east-1", Name: "bench", Home: "us-east-1", Key: key, Events: 100}
	from := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for n := 1; n <= hours; n++ {
		written.Hour(from.Add(time.Duration(n)*time.Hour), logs)
	}
	if err := fillBucket(s.url, written); err != nil {
		return err
	}
	// moto reads about 150 objects a second, which is not what is measured: what was
	// read once is answered from memory, to both.
	front := &trailtest.Front{Moto: s.url, Keys: []*trailtest.Key{key}, Delay: delay, Keep: true}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: front}
	go func() { _ = server.Serve(l) }()   // ends with Close
	defer func() { _ = server.Close() }() // ending anyway
	endpoint := "http://" + l.Addr().String()

	repo := filepath.Join(b.dir, "digests-evidence")
	if err := b.initRepository(repo, endpoint); err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(repo, "exhibit.yaml"))
	if err != nil {
		return err
	}
	days := strings.Replace(string(config), "{start: 2026-01-01, end: 2026-12-31}", "{start: 2026-03-10, end: 2026-03-12}", 1)
	if err := os.WriteFile(filepath.Join(repo, "exhibit.yaml"), []byte(days+"  trail_validation: {logs: all}\n"), 0o644); err != nil {
		return err
	}
	if err := commitAll(repo, "validate all log files"); err != nil {
		return err
	}
	credentials := []string{"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "HOME=" + b.dir}
	theirs := func() *exec.Cmd {
		c := exec.Command(awsCommand(), "cloudtrail", "validate-logs", "--trail-arn", "arn:aws:cloudtrail:us-east-1:123456789012:trail/bench",
			"--start-time", from.Format(time.RFC3339), "--end-time", from.Add(hours*time.Hour-time.Second).Format(time.RFC3339))
		c.Env = append(append(os.Environ(), credentials...), "AWS_ENDPOINT_URL="+endpoint)
		return c
	}
	ours := func() *exec.Cmd {
		c := exec.Command(b.bin, "collect", "--only", "cloudtrail/digest", "-C", repo)
		c.Env = append(os.Environ(), credentials...)
		return c
	}
	said, err := theirs().Output()
	if err != nil {
		return fmt.Errorf("aws cloudtrail validate-logs: %w\n%s", err, tail(string(said)))
	}
	figs, err := b.measure(min(b.runs, 3), map[string]func() *exec.Cmd{"aws cloudtrail validate-logs": theirs, "exhibit collect": ours}, []string{"aws cloudtrail validate-logs", "exhibit collect"})
	if err != nil {
		return err
	}
	report(figs)
	kept, err := os.ReadFile(filepath.Join(repo, "evidence", "aws", "123456789012", "us-east-1", "cloudtrail-digest.jsonl"))
	if err != nil {
		return err
	}
	items, err := evidence.ReadItems(kept)
	if err != nil || len(items) != 1 {
		return fmt.Errorf("the evidence holds %d items: %w", len(items), err)
	}
	valid := func(answer string) any { m, _ := items[0].Answers[answer].(map[string]any); return m["valid"] }
	fmt.Printf("valid, of %d digests and %d log files: aws says %s; exhibit %v and %v\n", hours, hours*logs,
		strings.Join(regexp.MustCompile(`\d+/\d+ \w+ files valid`).FindAllString(string(said), -1), ", "), valid("digests"), valid("logs"))
	return nil
}

// fillBucket makes a trail and its bucket in moto, and puts the objects into it.
func fillBucket(endpoint string, t *trailtest.Trail) error {
	send := func(method, path string, body []byte, header map[string]string) error {
		r, err := http.NewRequest(method, endpoint+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		service := "s3"
		if header["X-Amz-Target"] != "" {
			service = "cloudtrail"
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20260310/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0") // moto looks at the scope alone
		for k, v := range header {
			r.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		said, err := io.ReadAll(resp.Body)
		if err == nil && resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s %s: %s\n%s", method, path, resp.Status, tail(string(said)))
		}
		return err
	}
	if err := send(http.MethodPut, "/"+t.Bucket, nil, nil); err != nil {
		return err
	}
	for _, o := range t.Objects {
		header := map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip"}
		for k, v := range o.Metadata {
			header["X-Amz-Meta-"+k] = v
		}
		if err := send(http.MethodPut, "/"+o.Bucket+"/"+o.Key, o.Body, header); err != nil {
			return err
		}
	}
	return send(http.MethodPost, "/", fmt.Appendf(nil, `{"Name":%q,"S3BucketName":%q,"EnableLogFileValidation":true}`, t.Name, t.Bucket),
		map[string]string{"X-Amz-Target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail", "Content-Type": "application/x-amz-json-1.1"})
}
