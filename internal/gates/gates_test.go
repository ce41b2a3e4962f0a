package gates

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// site is the package to judge: the folder EXHIBIT_SITE names.
func site(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("EXHIBIT_SITE")
	if dir == "" {
		missing(t, "EXHIBIT_SITE names no package (make judge does)")
	}
	return dir
}

func TestLinks(t *testing.T) {
	dir := site(t)
	report(t, "links, fragments, orphans, sizes", Links(t, dir))
}

func TestWords(t *testing.T) {
	dir := site(t)
	report(t, "one word for each state", Words(t, dir))
}

func TestMarkup(t *testing.T) {
	dir := site(t)
	t.Run("nu", func(t *testing.T) { report(t, "the Nu checker, every page", nu(t, dir)) })
	t.Run("html-validate", func(t *testing.T) { report(t, "html-validate", htmlValidate(t, dir, Chosen(t, dir))) })
}

func TestBrowser(t *testing.T) {
	dir := site(t)
	pages := Chosen(t, dir)
	report(t, "Chromium and axe", Browser(t, dir, pages, false))
	t.Logf("%d pages: %q", len(pages), pages)
}

func TestDocuments(t *testing.T) { dir := site(t); report(t, "documents", Documents(t, dir)) }

func TestBooks(t *testing.T) {
	dir := site(t)
	var ours []string
	for _, p := range files(t, dir, ".xlsx") {
		if strings.HasPrefix(p, "artifacts/") { // what people sent back lies elsewhere, as they sent it
			ours = append(ours, p)
		}
	}
	report(t, "workbooks", Books(t, dir, ours))
}

func TestTables(t *testing.T) { dir := site(t); report(t, "tables in two forms", Tables(t, dir)) }

func TestFirefox(t *testing.T) {
	dir := site(t)
	if _, err := exec.LookPath("firefox-esr"); err != nil {
		t.Skip("NOT JUDGED: no firefox-esr on this machine (.ci/run does not install it)")
	}
	report(t, "Firefox", Firefox(t, dir))
}
