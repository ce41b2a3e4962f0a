package gates

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"
)

// Firefox says what does not work in a package that Firefox opens on file://: search,
// the filter and the order of a table, and the page that verifies.
func Firefox(t testing.TB, dir string) []string {
	t.Helper()
	node := tool(t, "node")
	tool(t, "firefox-esr")
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(map[string]string{"base": (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs) + "/"}).String(), "profile": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, filepath.Join(filepath.Dir(scriptPath(t)), "firefox.mjs"))
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("Firefox: %v: %s", err, out)
	}
	said := lines(out)
	if n := len(said); n > 0 && said[n-1] == "judged" {
		return said[:n-1]
	}
	return append(said, "Firefox did not judge to the end")
}
