package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exhibit/control"
	"exhibit/internal/awstest"
)

// An account whose backups change between runs: what only a capture saw is still
// in the population at the end, and what nobody saw is not evaluated.
func TestCaptureMoto(t *testing.T) {
	moto := awstest.Start(t)
	target, err := url.Parse(moto)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := start
	asked := map[string]int{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host }}
	// AWS Backup as it is: a job a day, told of for thirty days. moto has none.
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.Header.Get("X-Amz-Target")+r.URL.Path]++
		if strings.Trim(r.URL.Path, "/") != "backup-jobs" || !strings.Contains(r.Header.Get("Authorization"), "/"+awstest.Home+"/") {
			if strings.Trim(r.URL.Path, "/") == "backup-jobs" {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"BackupJobs":[]}`) // the reader of the answer says if it could not be written
				return
			}
			proxy.ServeHTTP(w, r)
			return
		}
		var jobs []string
		for d := now.Truncate(24*time.Hour).AddDate(0, 0, -30); d.Before(now.Truncate(24 * time.Hour)); d = d.AddDate(0, 0, 1) {
			state := "COMPLETED"
			if d.Day() == 5 {
				state = "FAILED"
			}
			jobs = append(jobs, fmt.Sprintf(`{"BackupJobId":"job-%s","ResourceArn":"arn:aws:rds:us-east-1:123456789012:db:main","State":%q,"CreationDate":%d}`, d.Format(time.DateOnly), state, d.Add(5*time.Hour).Unix()))
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"BackupJobs":[`+strings.Join(jobs, ",")+`]}`) // as above
	}))
	t.Cleanup(s.Close)

	p := newTester(t, s.URL, start.AddDate(0, 0, 20).Add(6*time.Hour))
	p.write(configName, strings.NewReplacer("2025-10-01", "2026-01-01").Replace(read(t, filepath.Join(p.dir, configName))))
	p.git("add", "-A")
	p.git("commit", "-qm", "configure")
	at := func(month time.Month, day int, args ...string) string {
		t.Helper()
		p.now = time.Date(2026, month, day, 6, 0, 0, 0, time.UTC)
		now = p.now
		code, out, errs := p.exhibit(args...)
		if code != exitOK && code != exitGaps && code != exitExceptions {
			t.Fatalf("%v: %d\n%s%s", args, code, out, errs)
		}
		return out
	}
	if out := at(2, 15, "doctor", "--offline", "--json"); !strings.Contains(out, "backup jobs before 2026-01-16 are gone already") {
		t.Errorf("the doctor before the first run says\n%s", out)
	}
	// The stand-in's clock is today's, which the doctor finds fault with: exit 1.
	if _, out, _ := p.exhibit("doctor"); !strings.Contains(out, "the answers come from 127.0.0.1") {
		t.Errorf("the doctor does not say that no AWS answers:\n%s", out)
	}
	at(1, 21, "collect", "--only", "backup/*,account/region")
	clear(asked)
	at(2, 12, "collect", "--expiring")
	for call := range asked {
		if strings.Contains(call, "iam") || strings.Contains(call, "AmazonEC2") || strings.Contains(call, "TrentService") {
			t.Errorf("a capture asked for state: %s", call)
		}
	}
	if out := at(2, 13, "doctor", "--offline", "--json"); !strings.Contains(out, "backup jobs on 2026-03-14") {
		t.Errorf("the doctor after a capture says\n%s", out)
	}
	at(4, 1, "collect", "--only", "backup/*,account/region")

	items := map[string]control.Verdict{}
	for _, f := range p.findings("backup-jobs-succeed") {
		items[f.Item] = f.Verdict
	}
	for item, want := range map[string]control.Verdict{
		"job-2026-01-05": control.Pass, // failed, and the next day's succeeded: seen by the first run alone
		"job-2026-02-05": control.Pass, // by the capture alone
		"job-2026-03-31": control.Pass,
		awstest.Account + "/" + "2 regions, 2026-02-12 to 2026-03-02": control.NotEvaluated,
	} {
		if items[item] != want {
			t.Errorf("%s: %q, want %q", item, items[item], want)
		}
	}
	if _, ok := items["job-2026-02-20"]; ok {
		t.Error("a job nobody saw is in the population")
	}
	var run struct {
		Only     []string
		Expiring bool
	}
	names, err := filepath.Glob(filepath.Join(p.dir, "runs", "0002-*", "RUN.json"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	if err := json.Unmarshal([]byte(read(t, names[0])), &run); err != nil || !run.Expiring || len(run.Only) < 9 {
		t.Errorf("the capture's RUN.json: %+v %v", run, err)
	}
}
