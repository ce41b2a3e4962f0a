// Package forgetest starts stand-ins for code forges on this machine. It is test
// code: nothing that ships may import it.
//
// GitHub's is github.py: graphql-core executes the queries against the schema
// GitHub publishes. Python is the one that has moto (see internal/awstest).
package forgetest

import (
	"bufio"
	"embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed github.py github.graphql.xz
var files embed.FS

// Token is the one the stand-in takes.
const Token = "gho_standin"

// GitHub starts the stand-in over a graph until the test ends, and returns the
// address of its API. github.py says what a graph looks like.
func GitHub(t testing.TB, graph map[string]any) string {
	t.Helper()
	python := findPython(t)
	b, err := json.Marshal(graph)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "graph.json")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(name)
	for _, f := range []string{"github.py", "github.graphql.xz"} {
		b, err := files.ReadFile(f)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, filepath.Join(dir, "github.py"), name)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting the stand-in for GitHub: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // gone already is as good
		_ = cmd.Wait()         // it was killed
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait() // for what it wrote
		t.Fatalf("the stand-in for GitHub did not start: %s", errs.String())
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// findPython is the Python beside moto: it has graphql-core, which moto needs too.
func findPython(t testing.TB) string {
	t.Helper()
	if moto := os.Getenv("EXHIBIT_MOTO"); moto != "" {
		if python := filepath.Join(filepath.Dir(moto), "python"); exists(python) {
			return python
		}
	}
	msg := "there is no Python with graphql-core: make test sets it up, and EXHIBIT_MOTO names it"
	if os.Getenv("EXHIBIT_REQUIRE_MOTO") == "1" {
		t.Fatal(msg)
	}
	t.Skip(msg)
	return ""
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
