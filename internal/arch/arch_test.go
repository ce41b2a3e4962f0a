package arch

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// may is who may import which of our packages. A package that is not here may
// import none; "…/" covers everything below.
var may = map[string][]string{
	// everything but what links an AWS client: that is exhibit-aws's (see TestTwoExecutables)
	"exhibit/cmd/exhibit":        {"exhibit/"},
	"exhibit/cmd/exhibit-aws":    {"exhibit/collect/aws", "exhibit/collect/envoy"},
	"exhibit/cmd/exhibit-verify": {"exhibit/seal"},
	"exhibit/seal":               {},
	// what asks timestamp authorities: seal itself knows no network
	"exhibit/seal/anchor":    {"exhibit/seal"},
	"exhibit/evidence":       {},
	"exhibit/evidence/store": {"exhibit/evidence", "exhibit/evidence/store/objects", "exhibit/seal"},
	// git's objects as bytes: shared by the one who writes a run and the one who lists changes
	"exhibit/evidence/store/objects": {},
	"exhibit/evidence/record":        {"exhibit/evidence", "exhibit/internal/near"},
	// what people keep encrypted, opened for reading: the one place that knows age
	"exhibit/evidence/withheld": {},
	// what an access review freezes and takes back: control proves it, render/xlsx writes and reads its workbooks
	"exhibit/evidence/review": {"exhibit/evidence", "exhibit/internal/near", "exhibit/seal"},
	"exhibit/collect":         {"exhibit/evidence", "exhibit/internal/secret"},
	"exhibit/collect/aws":     {"exhibit/collect", "exhibit/collect/aws/trail", "exhibit/collect/envoy", "exhibit/evidence"},
	// what exhibit and exhibit-aws both know, and how they speak
	"exhibit/collect/envoy": {"exhibit/collect", "exhibit/evidence", "exhibit/internal/heap"},
	// what CloudTrail signs, as bytes: judged without a client, so that it can be tested without one
	"exhibit/collect/aws/trail": {},
	"exhibit/collect/git":       {"exhibit/collect", "exhibit/evidence", "exhibit/evidence/store/objects", "exhibit/internal/secret"},
	// what a forge says beside what git lists: over HTTPS, and without a client library
	"exhibit/collect/forge": {"exhibit/collect", "exhibit/evidence", "exhibit/internal/secret"},
	"exhibit/control":       {"exhibit/evidence", "exhibit/evidence/review", "exhibit/internal/near"},
	"exhibit/policies":      {},
	"exhibit/templates":     {},
	"exhibit/site":          {},
	"exhibit/render":        {"exhibit/control", "exhibit/evidence", "exhibit/evidence/review", "exhibit/render/", "exhibit/templates", "exhibit/site", "exhibit/seal"},
	"exhibit/render/table":  {"exhibit/control", "exhibit/evidence", "exhibit/evidence/review"},
	"exhibit/render/html":   {"exhibit/control", "exhibit/evidence", "exhibit/render/table", "exhibit/templates", "exhibit/site"},
	// whose names a report holds, and what stands in their place: of use before anything is written
	"exhibit/render/pseudonym":       {"exhibit/control", "exhibit/evidence"},
	"exhibit/render/pdf":             {"exhibit/control", "exhibit/evidence", "exhibit/render/table"},
	"exhibit/render/xlsx":            {"exhibit/control", "exhibit/evidence", "exhibit/evidence/review", "exhibit/render/table"},
	"exhibit/internal/sample":        {"exhibit/evidence", "exhibit/internal/sample/tape", "exhibit/seal"},
	"exhibit/internal/sample/tape":   {},
	"exhibit/internal/sample/record": {"exhibit/"},
	"exhibit/internal/awstest":       {"exhibit/"},
	"exhibit/internal/awstest/org":   {},
	"exhibit/internal/trailtest":     {},
	// packages tampered with, for the tests of the commands that verify
	"exhibit/internal/tampertest": {"exhibit/seal"},
	"exhibit/internal/forgetest":  {},
	"exhibit/internal/tsatest":    {},
	"exhibit/internal/golden":     {},
	"exhibit/internal/gates":      {},
	"exhibit/internal/arch":       {},
	"exhibit/internal/near":       {},
	// when memory is freed: both executables start alike
	"exhibit/internal/heap":   {},
	"exhibit/internal/secret": {},
	"exhibit/bench":           {"exhibit/"},
}

// owners is which of our packages may import a library: who wraps it owns it.
var owners = map[string][]string{
	"filippo.io/age":                {"exhibit/evidence/withheld"},
	"github.com/aws/":               {"exhibit/collect/aws", "exhibit/internal/awstest"},
	"cel.dev/cel-go":                {"exhibit/control"},
	"github.com/jung-kurt/gofpdf":   {"exhibit/render/pdf"},
	"github.com/xuri/excelize":      {"exhibit/render/xlsx", "exhibit/bench"}, // there as the peer: bench ships nowhere
	"github.com/yuin/goldmark":      {"exhibit/render/html"},
	"html/template":                 {"exhibit/render/html"},
	"text/template":                 {},
	"github.com/google/osv-scalibr": {"exhibit/internal/secret"},
	"github.com/go-git/":            {"exhibit/evidence/store", "exhibit/collect/git", "exhibit/internal/sample"},
	"net/http":                      {"exhibit/seal/anchor", "exhibit/internal/tsatest", "exhibit/collect/aws", "exhibit/collect/forge", "exhibit/internal/sample", "exhibit/internal/sample/tape", "exhibit/internal/sample/record", "exhibit/internal/awstest", "exhibit/internal/awstest/org", "exhibit/internal/trailtest", "exhibit/internal/forgetest", "exhibit/bench"},
	"os/exec":                       {"exhibit/cmd/exhibit", "exhibit/collect/envoy", "exhibit/internal/awstest", "exhibit/internal/forgetest", "exhibit/internal/gates", "exhibit/bench", "exhibit/internal/sample/record"},
	"math/rand":                     {"exhibit/collect/aws", "exhibit/internal/tampertest"},
	"math/rand/v2":                  {"exhibit/collect/aws", "exhibit/internal/tampertest"},
	"exhibit/internal/awstest":      {"exhibit/bench"}, // the benchmarks' stand-in; bench ships nowhere
	"exhibit/internal/golden":       {},
	"exhibit/internal/forgetest":    {"exhibit/internal/sample/record"}, // records the sample's answers
	"exhibit/internal/trailtest":    {"exhibit/internal/awstest", "exhibit/bench"},
	"testing":                       {"exhibit/internal/awstest", "exhibit/internal/forgetest", "exhibit/internal/gates", "exhibit/internal/golden"},
}

type pkg struct {
	ImportPath, Dir string
	Imports         []string
	GoFiles         []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "exhibit/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list named only %d packages", len(all))
	}
	return all
}

func covered(rules []string, path string) bool {
	return slices.ContainsFunc(rules, func(r string) bool {
		return path == r || strings.HasSuffix(r, "/") && strings.HasPrefix(path, r)
	})
}

func TestDirectionOfImports(t *testing.T) {
	for _, p := range list(t) {
		rules, known := may[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the table: say what it may import", p.ImportPath)
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "exhibit/") && !covered(rules, imp) {
				t.Errorf("%s must not import %s", p.ImportPath, imp)
			}
			for lib, who := range owners {
				if (imp == lib || strings.HasSuffix(lib, "/") && strings.HasPrefix(imp, lib) || strings.HasPrefix(imp, lib+"/")) && !slices.Contains(who, p.ImportPath) {
					t.Errorf("%s must not import %s: it belongs to %v", p.ImportPath, imp, who)
				}
			}
		}
	}
}

func TestVerifierIsSmall(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "exhibit/cmd/exhibit-verify").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	if want := []string{"exhibit/seal", "exhibit/cmd/exhibit-verify"}; !slices.Equal(got, want) {
		t.Errorf("exhibit-verify links %v; an auditor must be able to read all of it: want %v", got, want)
	}
}

// What holds AWS's credentials reads nothing that people write and renders nothing;
// what renders cannot talk to AWS, and does not pay for its clients.
func TestTwoExecutables(t *testing.T) {
	for exe, never := range map[string][]string{
		"exhibit/cmd/exhibit":     {"github.com/aws/", "github.com/smithy", "exhibit/collect/aws"},
		"exhibit/cmd/exhibit-aws": {"exhibit/control", "exhibit/render", "exhibit/policies", "exhibit/evidence/", "exhibit/internal/sample", "github.com/go-git/", "github.com/xuri/", "github.com/yuin/", "cel.dev/", "go.yaml.in/", "html/template", "text/template"},
	} {
		out, err := exec.Command("go", "list", "-deps", exe).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range strings.Fields(string(out)) {
			for _, n := range never {
				if strings.HasPrefix(p, n) {
					t.Errorf("%s links %s", exe, p)
				}
			}
		}
	}
}

// The clock is an argument everywhere but in the commands, nothing registers
// itself, and no package variable can change.
func TestNoHiddenState(t *testing.T) {
	for _, p := range list(t) {
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			complain := func(at token.Pos, format string, args ...any) {
				t.Errorf("%s: %s", fset.Position(at), fmt.Sprintf(format, args...))
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					complain(fn.Pos(), "init() registers behind the reader's back; write an explicit list")
				}
			}
			clock := strings.HasPrefix(p.ImportPath, "exhibit/cmd/") || strings.HasPrefix(p.ImportPath, "exhibit/internal/") || p.ImportPath == "exhibit/bench"
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since") && !clock {
					complain(sel.Pos(), "time.%s: take the clock as an argument", sel.Sel.Name)
				}
				return true
			})
		}
	}
}
