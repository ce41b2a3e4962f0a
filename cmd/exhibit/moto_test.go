package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/internal/awstest"
)

// highFinding is a GuardDuty finding as the service answers it; moto has
// detectors and no findings.
const highFinding = `{"findings":[{"accountId":"123456789012","arn":"arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/f0f0","createdAt":"2026-01-10T08:00:00.000Z","id":"f0f0","partition":"aws","region":"us-east-1","resource":{"resourceType":"AccessKey"},"schemaVersion":"2.0","service":{"archived":false,"count":3,"detectorId":"d","eventFirstSeen":"2026-01-10T08:00:00.000Z","eventLastSeen":"2026-01-10T09:00:00.000Z","serviceName":"guardduty"},"severity":8,"title":"Credentials were used from outside.","type":"UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS","updatedAt":"2026-01-10T09:00:00.000Z"}]}`

// front stands before moto and answers the two calls about findings.
func front(t *testing.T, moto string) string {
	target, err := url.Parse(moto)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
	}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body string
		switch {
		case strings.HasPrefix(r.URL.Path, "/detector/") && strings.HasSuffix(r.URL.Path, "/findings"):
			body = `{"findingIds":["f0f0"],"nextToken":""}`
		case strings.HasPrefix(r.URL.Path, "/detector/") && strings.HasSuffix(r.URL.Path, "/findings/get"):
			body = highFinding
		default:
			proxy.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if _, err := io.WriteString(w, body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// tester is a person at a terminal with an evidence repository.
type tester struct {
	t    *testing.T
	home string
	dir  string
	now  time.Time
}

func (p *tester) exhibit(args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	var out, errs bytes.Buffer
	w := world{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
		Now: func() time.Time { return p.now }, Standing: true, Dir: p.dir, Home: p.home,
	}
	code = exhibit(context.Background(), w, args)
	return code, out.String(), errs.String()
}

func (p *tester) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tester) git(args ...string) {
	p.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", p.dir, "-c", "user.name=Tester", "-c", "user.email=tester@localhost"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
}

// newTester makes an evidence repository for the account of the stand-in.
func newTester(t *testing.T, endpoint string, now time.Time) *tester {
	t.Helper()
	for k, v := range map[string]string{
		"AWS_ACCESS_KEY_ID": awstest.Access, "AWS_SECRET_ACCESS_KEY": awstest.Secret, "AWS_REGION": awstest.Home, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
	} {
		t.Setenv(k, v)
	}
	root := t.TempDir()
	p := &tester{t: t, home: filepath.Join(root, "home"), dir: root, now: now}
	if code, _, errs := p.exhibit("init", "evidence"); code != 0 {
		t.Fatalf("init: %d\n%s", code, errs)
	}
	p.dir = filepath.Join(root, "evidence")
	p.write(configName, fmt.Sprintf(`organisation: Planted, Inc.
engagement:
  system: Planted
  period: {start: 2025-10-01, end: 2026-12-31}
aws:
  accounts: [{id: "%s", name: planted}]
  regions: [%s, %s]
  endpoint: %s
signing: {principal: exhibit@evidence}
`, awstest.Account, awstest.Home, awstest.Away, endpoint))
	return p
}

func (p *tester) findings(check string) []control.Finding {
	p.t.Helper()
	code, out, errs := p.exhibit("checks", "explain", check, "--findings", "--json")
	if code != 0 {
		p.t.Fatalf("explain %s: %d\n%s", check, code, errs)
	}
	var got struct {
		Result struct{ Findings []control.Finding }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		p.t.Fatal(err)
	}
	return got.Result.Findings
}

// The ten findings auditors make most often on AWS, planted in a stand-in's
// account and in what its people did not write, are all found, each with the
// value that decided. What the stand-in does not implement is a gap, and the
// checks that need it are not evaluated.
func TestTenFindings(t *testing.T) {
	moto := awstest.Start(t)
	planted := awstest.Plant(t, moto)
	// moto cannot make an old access key, so the run is made 120 days from now.
	p := newTester(t, front(t, moto), time.Now().UTC().AddDate(0, 0, 120).Truncate(time.Second))
	p.write(configName, strings.NewReplacer("2025-10-01", p.now.AddDate(-1, 0, 0).Format(time.DateOnly), "2026-12-31", p.now.AddDate(0, 1, 0).Format(time.DateOnly)).Replace(read(t, filepath.Join(p.dir, configName))))
	p.write("registers/people.yaml", fmt.Sprintf(`- id: lea
  name: Lea Vergangen
  email: lea@planted.example
  title: Engineer
  start: %s
  last_day: %s
  iam_users: [%s]
`, p.now.AddDate(-2, 0, 0).Format(time.DateOnly), p.now.AddDate(0, -2, 0).Format(time.DateOnly), planted.Leaver))
	p.write("registers/vendors.yaml", `- id: beacon
  name: Beacon Analytics
  service: Product analytics
  customer_data: true
  criticality: high
  dpa: none
  owner: lea
`)
	p.git("add", "-A")
	p.git("commit", "-qm", "configure")

	code, out, errs := p.exhibit("evidence")
	if code != exitExceptions {
		t.Fatalf("evidence: exit %d, want %d for exceptions\n%s%s", code, exitExceptions, out, errs)
	}
	if strings.Contains(errs, "registers/") {
		t.Fatalf("the records have problems:\n%s", errs)
	}

	for _, x := range []struct {
		finding     int
		check, item string
		verdict     control.Verdict
		value       string // part of the value that decided, as JSON
	}{
		{1, "iam-console-users-have-mfa", planted.NoMFA, control.Fail, `"mfa_active":"false"`},
		{2, "iam-access-keys-rotated-90-days", planted.LeaverKey, control.Fail, `120`},
		{3, "leavers-have-no-access", "lea", control.Fail, planted.Leaver},
		{4, "guardduty-high-findings-documented", "f0f0", control.NeedsRecord, ``},
		{5, "incident-response-tested-yearly", "", control.NeedsRecord, ``},
		{6, "cloudtrail-multi-region-trail", "", control.Fail, `"IsMultiRegionTrail":false`},
		{7, "iam-no-full-admin-policies", planted.WidePolicy, control.Fail, `*`},
		{7, "iam-users-no-inline-policies", planted.InlineUser, control.Fail, ``},
		{8, "access-reviewed-quarterly", "", control.NeedsRecord, ``},
		{9, "s3-bucket-public-access-blocked", planted.OpenBucket, control.Fail, ``},
		{9, "s3-default-encryption", planted.OpenBucket, control.Fail, ``},
		{10, "vendors-reviewed-yearly", "beacon", control.Fail, ``},
	} {
		found := false
		for _, f := range p.findings(x.check) {
			value, err := evidence.Canonical(f.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(f.Item, x.item) && f.Verdict == x.verdict && strings.Contains(string(value), x.value) && (f.Value != nil || f.Reason != "") {
				found = true
			}
		}
		if !found {
			t.Errorf("finding %d: %s does not say %s of %q with %q; it says %+v", x.finding, x.check, x.verdict, x.item, x.value, p.findings(x.check))
		}
	}

	// What moto does not implement.
	for check, cells := range map[string]int{"iam-access-analyzer-enabled": 2, "iam-access-analyzer-no-active-findings": 2, "aws-soc-report-current": 1} {
		got := 0
		for _, f := range p.findings(check) {
			if f.Verdict == control.Pass {
				t.Errorf("%s passes %s though moto answers nothing about it", check, f.Item)
			}
			if f.Verdict == control.NotEvaluated && f.Reason != "" {
				got++
			}
		}
		if got < cells {
			t.Errorf("%s: %d not evaluated with a reason, want at least %d", check, got, cells)
		}
	}
	tamper(t, p)
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
