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
	"fmt"
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
	address, stop, err := Start(findPython(t), t.TempDir(), graph)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return address
}

// Start runs the stand-in over a graph, with its files in dir, until stop is called.
func Start(python, dir string, graph map[string]any) (address string, stop func(), err error) {
	b, err := json.Marshal(graph)
	if err != nil {
		return "", nil, err
	}
	name := filepath.Join(dir, "graph.json")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		return "", nil, err
	}
	for _, f := range []string{"github.py", "github.graphql.xz"} {
		b, err := files.ReadFile(f)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f), b, 0o600)
		}
		if err != nil {
			return "", nil, err
		}
	}
	cmd := exec.Command(python, filepath.Join(dir, "github.py"), name)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting the stand-in for GitHub: %w", err)
	}
	stop = func() {
		_ = cmd.Process.Kill() // gone already is as good
		_ = cmd.Wait()         // it was killed
	}
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop() // and errs is whole
		return "", nil, fmt.Errorf("the stand-in for GitHub did not start: %s", errs.String())
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port), stop, nil
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
