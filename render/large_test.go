package render_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render"
)

var large = flag.String("large", "", "write a package of a thousand accounts and 100,000 items to this directory, and open it in Chromium")

// largeFixture is the made-up company with many accounts more, each with a hundred
// keys and a verdict on each.
func largeFixture(tb testing.TB, accounts int) render.Input {
	tb.Helper()
	in := fixture(tb, 12)
	r := in.Report
	f := &builder{tb: tb, r: r, repo: in.Repository.(fstest.MapFS)}
	var check *control.CheckResult
	for i := range r.Checks {
		if r.Checks[i].Check.Name == "kms-key-rotates" {
			check = &r.Checks[i]
		}
	}
	if check == nil {
		tb.Fatal("the fixture has no kms-key-rotates")
	}
	for a := range accounts {
		account := fmt.Sprintf("2%011d", a)
		r.Engagement.Accounts = append(r.Engagement.Accounts, control.Account{ID: account, Name: fmt.Sprintf("workload-%04d", a)})
		var keys []evidence.Item
		for i := range 100 {
			arn := fmt.Sprintf("arn:aws:kms:eu-west-1:%s:key/%08d-aaaa-bbbb-cccc-1234567890ab", account, i)
			keys = append(keys, evidence.Item{ID: arn, Answers: map[string]any{"DescribeKey": map[string]any{"KeyMetadata": map[string]any{"KeyManager": "CUSTOMER", "CreationDate": "2025-02-03T04:05:06Z"}},
				"GetKeyRotationStatus": map[string]any{"KeyRotationEnabled": i%50 != 0}}})
		}
		f.add(account, "eu-west-1", "kms/key", evidence.Collected, keys, "ListKeys")
		for _, it := range r.Items["kms/key"][len(r.Items["kms/key"])-100:] {
			g := control.Finding{Check: "kms-key-rotates", Account: account, Region: "eu-west-1", Source: "kms/key", Item: it.ID, Verdict: control.Pass, Value: map[string]any{"KeyRotationEnabled": true}, Evidence: it.Pointer}
			check.Counts.Population++
			if strings.Contains(it.ID, "key/00000050") || strings.Contains(it.ID, "key/00000000") {
				g.Verdict, g.Value = control.Fail, map[string]any{"KeyRotationEnabled": false}
				check.Counts.Failed++
			} else {
				check.Counts.Passed++
			}
			check.Findings = append(check.Findings, g)
		}
	}
	return in
}

// What must not grow with a company: no page or script over a megabyte.
func TestLarge(t *testing.T) {
	accounts := 60
	if *large != "" {
		accounts = 1000
	}
	pages, biggest, at := 0, 0, ""
	for f, err := range render.All(largeFixture(t, accounts)) {
		if err != nil {
			t.Fatal(err)
		}
		if ext := path.Ext(f.Path); ext == ".html" || ext == ".js" {
			pages++
			if len(f.Data) > biggest {
				biggest, at = len(f.Data), f.Path
			}
			if len(f.Data) > 1<<20 {
				t.Errorf("%s: %d KB", f.Path, len(f.Data)>>10)
			}
		}
		if *large != "" {
			to := filepath.Join(*large, filepath.FromSlash(f.Path))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d pages and scripts for %d accounts; the largest is %s with %d KB", pages, accounts, at, biggest>>10)
	if *large == "" {
		return
	}
	b := chromium(t)
	site := "file://" + *large + "/"
	for _, p := range []string{"index.html", "controls.html", "checks/kms-key-rotates.html", "findings/met.html", "coverage.html", "populations/kms-keys.html", "evidence/kms-key.html", "search.html", "changed.html", "findings.html"} {
		b.open(site + p)
		b.until("performance.getEntriesByName('first-contentful-paint').length")
		t.Logf("%s: first contentful paint %s ms, loaded %s ms, %s elements", p, b.eval("Math.round((performance.getEntriesByName('first-contentful-paint')[0] || {startTime: -1}).startTime)"),
			b.eval("Math.round(performance.timing.loadEventEnd - performance.timing.navigationStart)"), b.eval("document.querySelectorAll('*').length"))
	}
	b.open(site + "findings/met.html")
	b.eval("window.t0 = performance.now(); document.querySelector('.find input').focus()")
	b.until("document.querySelector('.grid.whole')")
	t.Logf("findings/met.html: the table looked through is ready after %s ms: %s", b.eval("Math.round(performance.now() - window.t0)"), b.eval("document.querySelector('.find [role=status]').textContent"))
	for _, script := range []string{"document.querySelector('th[data-key=item] button').click()", "document.querySelector('th[data-key=item] button').click()",
		"(function () { var i = document.querySelector('.find input'); i.value = 'key/00000049'; i.dispatchEvent(new Event('input')); })()"} {
		t.Logf("%s: %s ms", script, b.eval("(function () { var t = performance.now(); "+script+"; return Math.round(performance.now() - t); })()"))
	}
	b.open(site + "index.html")
	b.eval("window.t0 = performance.now(); document.getElementById('seek').focus()")
	b.typed("key/00000049")
	b.until("document.querySelectorAll('#seek-list li').length && !/oading/.test(document.querySelector('.sf').textContent)")
	t.Logf("search: loaded after %s ms: %s", b.eval("Math.round(performance.now() - window.t0)"), b.eval("document.querySelector('.sf').textContent"))
	for _, q := range []string{"kms-key-rotates", "workload-0400", "a", "key 49 200000000512", "arn:aws:kms"} {
		t.Logf("%q: %s ms, %s", q, b.eval(fmt.Sprintf("(function () { var i = document.getElementById('seek'); i.value = %q; var t = performance.now(); i.dispatchEvent(new Event('input')); return Math.round(performance.now() - t); })()", q)), b.eval("document.querySelector('.sf').textContent"))
	}
	b.clean(strings.TrimSuffix(*large, "/"))
}
