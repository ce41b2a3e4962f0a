package render_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// foundIn reads every row of the index as the script does.
func foundIn(tb testing.TB, files map[string][]byte) map[string][]string {
	tb.Helper()
	out := map[string][]string{} // href by id
	for p, data := range files {
		if !strings.HasPrefix(p, "data/search/") || strings.HasSuffix(p, "parts.js") {
			continue
		}
		if len(data) > 1<<20 {
			tb.Errorf("%s: %d KB", p, len(data)>>10)
		}
		_, body, _ := strings.Cut(string(data), "exhibitFound(")
		body = strings.TrimSuffix(body, ");\n")
		var part struct {
			Pages, Kinds []string
			Rows         [][]any
		}
		if err := json.Unmarshal([]byte(body), &part); err != nil {
			tb.Fatalf("%s: %v", p, err)
		}
		for _, r := range part.Rows {
			href := part.Pages[int(r[5].(float64))]
			if f := r[6].(string); f != "" {
				href += "#" + f
			}
			name := r[0].(string)
			if name == "" {
				name = r[1].(string)
			}
			out[name] = append(out[name], href)
		}
	}
	return out
}

// Whatever has a name can be found, and leads to the place itself.
func TestSearchIndex(t *testing.T) {
	files := shared(t, 450)
	found := foundIn(t, files)
	for name, want := range map[string]string{
		"CC6.1": "criteria/CC6.1.html", "AC-01": "controls/AC-01.html", "kms-key-rotates": "checks/kms-key-rotates.html",
		"EV-111122223333-eu-west-1-kms-key": "evidence/111122223333/eu-west-1/kms-key.html", "access-control": "policies/access-control.html",
		"iam-users": "populations/iam-users.html", "111122223333": "coverage/111122223333.html", "IPE, information produced by the entity": "glossary.html#ipe",
		"0004-20261001T060000Z": "runs.html#", "CC6-access-control/password-policy.json": "artifacts/CC6-access-control/password-policy.json",
	} {
		ok := false
		for _, href := range found[name] {
			ok = ok || strings.HasPrefix(href, want)
		}
		if !ok {
			t.Errorf("%s leads to %q, want %s", name, found[name], want)
		}
	}
	ids := map[string]map[string]bool{}
	for name, hrefs := range found {
		for _, href := range hrefs {
			page, fragment, _ := strings.Cut(href, "#")
			if files[page] == nil {
				t.Errorf("%s leads to %s, which is not there", name, page)
				continue
			}
			if fragment == "" {
				continue
			}
			if ids[page] == nil {
				ids[page] = map[string]bool{}
				for n := range parse(t, page, files[page]).Descendants() {
					if id, ok := attr(n, "id"); ok {
						ids[page][id] = true
					}
				}
			}
			if !ids[page][fragment] {
				t.Errorf("%s leads to %s: no such place", name, href)
			}
		}
	}
	if !strings.Contains(string(files["search.html"]), "kms-key-rotates") {
		t.Error("without a script the index does not list the checks")
	}
}

// The field is worked with the keyboard alone, in a real browser, from a folder.
func TestSearchInChromium(t *testing.T) {
	b := chromium(t)
	dir := onDisk(t, shared(t, 450))
	site := "file://" + dir + "/"
	b.open(site + "controls/AC-01.html")
	if b.eval("document.querySelectorAll('script[src*=search]').length") != "1" {
		t.Error("the index is loaded before anybody searches")
	}
	b.key("/")
	b.until("document.activeElement.id === 'seek'")
	b.typed("kms-key-rotates")
	b.until("document.querySelectorAll('#seek-list li').length > 0 && !/[Ll]oading/.test(document.querySelector('.sf').textContent)")
	for what, want := range map[string]string{
		"document.getElementById('seek').getAttribute('aria-expanded')":                                               "true",
		"document.querySelector('#seek-list li code').textContent":                                                    "kms-key-rotates", // an exact id comes first
		"document.getElementById('seek').hasAttribute('aria-activedescendant')":                                       "false",
		"/found/.test(document.querySelector('.seek [role=status]').textContent)":                                     "true",
		"document.querySelector('#seek-list li').getAttribute('role')":                                                "option",
		"document.getElementById(document.getElementById('seek').getAttribute('aria-controls')).getAttribute('role')": "listbox",
	} {
		if got := b.eval(what); got != want {
			t.Errorf("%s is %q, want %q", what, got, want)
		}
	}
	b.key("ArrowDown")
	if got := b.eval("document.getElementById(document.getElementById('seek').getAttribute('aria-activedescendant')).getAttribute('aria-selected')"); got != "true" {
		t.Errorf("the first is not chosen: %q", got)
	}
	b.key("ArrowUp") // around the end
	b.key("ArrowDown")
	b.key("Escape")
	if got := b.eval("String(document.querySelector('.sp').hidden) + document.getElementById('seek').value"); got != "truekms-key-rotates" {
		t.Errorf("after Escape: %s", got)
	}
	b.key("ArrowDown")
	b.key("Enter")
	b.until("/checks\\/kms-key-rotates.html$/.test(location.href)")

	// Enter with nothing chosen lists all, and that page can be linked to.
	b.open(site + "index.html")
	b.key("/")
	b.typed("mfa")
	b.key("Enter")
	b.until("/search.html#q=mfa$/.test(location.href) && document.querySelectorAll('.sl a').length > 2")
	b.open(site + "search.html#q=" + "kms-key-rotates")
	b.until("document.querySelector('.sl a') && document.querySelector('.sl a').textContent.indexOf('kms-key-rotates') === 0")

	// An address as other search pages have it is understood too, and shown in the field.
	b.open(site + "search.html?q=kms-key+rotates")
	b.until("document.getElementById('seek-all') && document.getElementById('seek-all').value === 'kms-key rotates' && document.querySelector('.sl a')")

	// A name that would be markup is text.
	b.open(site + "search.html#q=%3Cimg")
	b.until("document.querySelector('.seek-page [role=status]').textContent.indexOf('found') > 0")
	if b.eval("document.querySelectorAll('.sl img, .sl script').length") != "0" {
		t.Error("a name became an element")
	}
	b.clean(dir)
}
