package render_test

import (
	"strings"
	"testing"
)

// The tables of the pages, in a real browser, from a folder: a long one that lies
// in parts, and a short one that stands on its page.
func TestTablesInChromium(t *testing.T) {
	b := chromium(t)
	files := shared(t, 450)
	dir := onDisk(t, files)
	site := "file://" + dir + "/"
	is := func(script, want string) {
		t.Helper()
		if got := b.eval(script); got != want {
			t.Errorf("%s\n is %q, want %q", script, got, want)
		}
	}
	const page = "checks/kms-key-rotates.html"
	if !strings.Contains(string(files[page]), `data-rows="../data/tables/checks/kms-key-rotates/"`) {
		t.Fatalf("%s has no table in parts", page)
	}
	b.open(site + page)
	is("document.querySelectorAll('#findings tbody tr').length", "400")
	is("document.querySelectorAll('script[src*=tables]').length", "0") // nothing is loaded before it is asked for
	total := b.eval("document.querySelector('[data-total]').getAttribute('data-total')")

	// Tab reaches the field; the words typed look through every part.
	b.eval("document.querySelector('.find input').focus()")
	b.until("document.querySelector('.grid.whole')")
	is("document.querySelectorAll('#findings tbody tr').length", "200")
	id := b.eval("document.querySelector('#findings tbody tr:nth-child(150) th').textContent")
	b.typed(id)
	b.until("document.querySelectorAll('#findings tbody tr').length < 5")
	is("document.querySelector('.find [role=status]').textContent.split(' of ')[1].split(' rows')[0]", total)
	is("document.querySelector('#findings tbody tr th').textContent", id)
	is("/^#t=findings&q=/.test(location.hash)", "true")

	// A permalink to the choice gives the same rows again.
	at := b.eval("location.href")
	b.open(at)
	b.until("document.querySelectorAll('#findings tbody tr').length < 5")
	is("document.querySelector('.find input').value", id)

	// Sorting by status, by the keyboard: what is not met first, and the head says so.
	b.open(site + page)
	b.eval("document.querySelector('#findings th[data-key=status] button').focus()")
	b.key("Enter")
	b.until("document.querySelector('#findings th[data-key=status]').getAttribute('aria-sort') === 'ascending'")
	worst := b.eval("document.querySelector('#findings tbody .st').textContent")
	b.eval("document.querySelector('#findings th[data-key=status] button').click()")
	b.until("document.querySelector('#findings th[data-key=status]').getAttribute('aria-sort') === 'descending'")
	best := b.eval("document.querySelector('#findings tbody .st').textContent")
	if worst == best || worst == "Met" {
		t.Errorf("sorted by status: first %q, then %q", worst, best)
	}
	// Choosing a status leaves its rows alone; the count says of how many.
	b.eval(`(function () { var s = document.querySelector('.find select'); s.value = 'v` + worst + `'; s.dispatchEvent(new Event('change')); })()`)
	b.until("/of " + total + " rows/.test(document.querySelector('.find [role=status]').textContent)")
	is("Array.from(document.querySelectorAll('#findings tbody .st')).every(function (e) { return e.textContent === '"+worst+"'; })", "true")
	is("/f.status=/.test(location.hash)", "true")

	// A short table: the same, where it stands; and its rows as CSV run no formula.
	b.open(site + "checks.html")
	b.eval("document.querySelector('#checks th[data-key=population] button').click()")
	b.until("document.querySelector('#checks th[data-key=population]').getAttribute('aria-sort') === 'ascending'")
	b.open(site + "evidence/111122223333/eu-west-1/kms-key.html")
	b.eval("Object.defineProperty(navigator, 'clipboard', { value: { writeText: function (s) { window.copied = s; return Promise.resolve(); } } })")
	b.eval("Array.from(document.querySelectorAll('.find button')).filter(function (x) { return /CSV/.test(x.textContent); })[0].click()")
	b.until("window.copied")
	is("window.copied.split('\\r\\n').some(function (l) { return /(^|,)\"?[=+@-][A-Za-z]/.test(l); })", "false")
	is("window.copied.indexOf('sample,id') === 0 && window.copied.indexOf(',exhibit\\r\\n') > 0", "true")
	is("document.querySelectorAll('#items img, #items script').length", "0")
	b.clean(dir)
}

// A finding and an item are cited with the file, line and sum they rest on.
func TestCitationsInChromium(t *testing.T) {
	b := chromium(t)
	files := shared(t, 450)
	dir := onDisk(t, files)
	site := "file://" + dir + "/"
	b.open(site + "checks/kms-key-rotates.html")
	id := b.eval("document.querySelector('#findings tbody tr[id]').id")
	b.eval("location.hash = '" + id + "'")
	b.until("document.querySelector('.cited')")
	said := b.eval("document.querySelector('.cited code').textContent")
	for _, want := range []string{"2025-10-01..2026-09-30", "soc2-evidence-2026-10-01", id, "evidence/aws/111122223333/", ".jsonl:", "run 0004-20261001T060000Z", "commit 1b7c0f7ad0f1e9f4f0a5b2a6c7d8e9fa0b1c2d3e", "sha256 "} {
		if !strings.Contains(said, want) {
			t.Errorf("the citation of a finding has no %q: %s", want, said)
		}
	}
	b.open(site + "evidence/111122223333/eu-west-1/kms-key.html")
	b.eval("document.querySelector('.pre .cb').click()")
	b.until("document.querySelector('.cited')")
	said = b.eval("document.querySelector('.cited code').textContent")
	for _, want := range []string{"evidence/aws/111122223333/eu-west-1/kms-key.jsonl:", "soc2-evidence-2026-10-01", "run ", "commit "} {
		if !strings.Contains(said, want) {
			t.Errorf("the citation of an item has no %q: %s", want, said)
		}
	}
	if !strings.Contains(string(files["evidence/111122223333/eu-west-1/kms-key.html"]), "<mark>&#34;KeyRotationEnabled&#34;") {
		t.Error("the value that decided is not marked")
	}
	b.clean(dir)
}
