package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"exhibit/internal/tampertest"
	"exhibit/seal"
	"exhibit/site"
)

var (
	tamperings = flag.Int("tamperings", 10000, "how many random tamperings exhibit-verify is shown")
	drawn      = flag.Int("tamperings-drawn", 200, "how many of them the stock tools and verify.html are shown")
	seed       = flag.Uint64("tamperings-seed", 20261001, "which ones are drawn")
)

func tampered(t *testing.T) (*tampertest.Package, string, *rand.Rand) {
	t.Helper()
	dir := t.TempDir()
	p, err := tampertest.New(filepath.Join(dir, "package"))
	if err != nil {
		t.Fatal(err)
	}
	signers := filepath.Join(dir, "allowed_signers")
	if err := os.WriteFile(signers, p.Signers, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("-tamperings-seed %d", *seed)
	return p, signers, rand.New(rand.NewPCG(*seed, 1))
}

// Every tampering is refused, and what cannot be seen is accepted: the table in
// docs/verifying.md is neither too short nor too long.
func TestTamperings(t *testing.T) {
	p, signers, r := tampered(t)
	whole := func(after string) {
		if code := run([]string{"--signers", signers, p.Dir}, io.Discard, io.Discard); code != exitOK {
			t.Fatalf("the whole package is refused, after %s", after)
		}
	}
	whole("nothing")
	unseen := 0
	for n := 0; n-unseen < *tamperings; n++ {
		c, err := p.Tamper(r)
		if err != nil {
			t.Fatal(err)
		}
		code := run([]string{"--signers", signers, p.Dir}, io.Discard, io.Discard)
		if seen := c.SeenBy(tampertest.Exhibit); seen != (code == exitProblem) {
			t.Errorf("%d: %s: exit %d", n, c.What, code)
		} else if !seen {
			unseen++
		}
		if err := p.Restore(); err != nil {
			t.Fatal(err)
		}
		if n%1000 == 0 {
			whole(c.What)
		}
	}
	whole("all")
	t.Logf("%d tamperings refused; %d changes of what is not sealed not seen", *tamperings, unseen)
}

// A package of which something is withheld stands as much as any other.
func TestTamperingsShared(t *testing.T) {
	dir := t.TempDir()
	p, err := tampertest.NewShared(filepath.Join(dir, "package"))
	if err != nil {
		t.Fatal(err)
	}
	signers := filepath.Join(dir, "allowed_signers")
	if err := os.WriteFile(signers, p.Signers, 0o644); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(*seed, 2))
	for n := range *tamperings / 5 {
		c, err := p.Tamper(r)
		if err != nil {
			t.Fatal(err)
		}
		code := run([]string{"--signers", signers, p.Dir}, io.Discard, io.Discard)
		if c.SeenBy(tampertest.Exhibit) != (code == exitProblem) {
			t.Errorf("%d: %s: exit %d", n, c.What, code)
		}
		if err := p.Restore(); err != nil {
			t.Fatal(err)
		}
		if n%500 == 0 {
			if code := run([]string{"--signers", signers, p.Dir}, io.Discard, io.Discard); code != exitOK {
				t.Fatalf("the whole package is refused, after %s", c.What)
			}
		}
	}
}

// A zip is refused where anything lies in it that a reader skips. (Dates in it may
// differ: what is unpacked is the same.)
func TestTamperedZip(t *testing.T) {
	p, signers, r := tampered(t)
	var z bytes.Buffer
	if err := seal.WriteZip(&z, maps.All(p.Files())); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "package.zip")
	for n := range *tamperings / 10 {
		b := bytes.Clone(z.Bytes())
		what := ""
		switch r.IntN(5) {
		case 0:
			what, b = "appended", append(b, "x\x00\nPK"[:1+r.IntN(5)]...)
		case 1:
			what, b = "in front", append([]byte("MZ\x90"), b...)
		case 2:
			what, b = "cut", b[:r.IntN(len(b))]
		case 3:
			comment := "see other.zip"
			b = append(b[:len(b)-2], byte(len(comment)), 0)
			what, b = "comment", append(b, comment...)
		case 4:
			at := r.IntN(len(b))
			what, b = fmt.Sprintf("a byte more at %d", at), append(append(bytes.Clone(b[:at]), 'x'), b[at:]...)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if code := run([]string{"--signers", signers, file}, io.Discard, io.Discard); code != exitProblem {
			t.Errorf("%d: %s: exit %d", n, what, code)
		}
	}
}

// stockCommands are those of the section LINUX of VERIFY.txt.
func stockCommands(text string) (commands []string) {
	_, rest, _ := strings.Cut(text, "\nLINUX\n=====\n")
	rest, _, _ = strings.Cut(rest, "\n===")
	going := false
	for line := range strings.SplitSeq(rest, "\n") {
		command, ok := strings.CutPrefix(line, "    ")
		switch {
		case ok && going:
			commands[len(commands)-1] += "\n" + command
		case ok:
			commands = append(commands, command)
		}
		going = ok
	}
	return commands
}

func TestTamperingsByStockTools(t *testing.T) {
	for _, tool := range []string{"bash", "sha256sum", "ssh-keygen"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here", tool)
		}
	}
	p, _, r := tampered(t)
	var script strings.Builder
	commands := stockCommands(string(p.Files()[seal.VerifyTextName]))
	if len(commands) < 6 {
		t.Fatalf("%d commands: %q", len(commands), commands)
	}
	for _, c := range commands { // each must end well
		if !strings.HasPrefix(c, "sha256sum runs/") { // prints, to be compared by eye
			fmt.Fprintf(&script, "( %s\n) || exit 1\n", c)
		}
	}
	accepts := func() bool {
		cmd := exec.Command("bash", "-c", script.String())
		cmd.Dir = p.Dir
		return cmd.Run() == nil
	}
	if !accepts() {
		t.Fatal("the stock tools refuse the whole package")
	}
	for n, unseen := 0, 0; n-unseen < *drawn; n++ {
		c, err := p.Tamper(r)
		if err != nil {
			t.Fatal(err)
		}
		if !c.SeenBy(tampertest.Stock) {
			unseen++
		}
		if accepts() == c.SeenBy(tampertest.Stock) {
			t.Errorf("%d: %s: accepted %v", n, c.What, !c.SeenBy(tampertest.Stock))
		}
		if err := p.Restore(); err != nil {
			t.Fatal(err)
		}
	}
}

// judgeModules is the folder with playwright-core, or skips by name.
func judgeModules(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node here")
	}
	for _, dir := range []string{os.Getenv("EXHIBIT_JUDGE"), "../../.judge"} {
		if abs, err := filepath.Abs(filepath.Join(dir, "node_modules")); err == nil && dir != "" {
			if _, err := os.Stat(filepath.Join(abs, "playwright-core")); err == nil {
				return abs
			}
		}
	}
	t.Skip("no playwright-core here: EXHIBIT_JUDGE names a folder whose node_modules has it")
	return ""
}

func TestTamperingsByPage(t *testing.T) {
	modules := judgeModules(t)
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("no chromium here")
	}
	p, signers, r := tampered(t)
	dir := t.TempDir()
	page := filepath.Join(dir, "verify.html")
	if err := os.WriteFile(page, site.VerifyPage(), 0o644); err != nil {
		t.Fatal(err)
	}
	type shown struct {
		Dir    string `json:"dir"`
		Refuse bool   `json:"refuse"`
		What   string `json:"what"`
	}
	cases := []shown{{p.Dir, false, "nothing"}}
	for n := 0; len(cases) <= *drawn; n++ {
		c, err := p.Tamper(r)
		if err != nil {
			t.Fatal(err)
		}
		if c.SeenBy(tampertest.Page) { // of the others docs/verifying.md says that a page cannot see them
			to := filepath.Join(dir, fmt.Sprint(n), "package")
			if err := copyFolder(to, p.Dir); err != nil {
				t.Fatal(err)
			}
			cases = append(cases, shown{to, true, c.What})
		}
		if err := p.Restore(); err != nil {
			t.Fatal(err)
		}
	}
	in, err := json.Marshal(map[string]any{"page": "file://" + page, "signers": signers, "cases": cases, "modules": modules})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/page.cjs")
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// copyFolder copies plain files; names that no file system takes elsewhere too.
func copyFolder(to, from string) error {
	return fs.WalkDir(os.DirFS(from), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), b, 0o644)
	})
}

// Firefox too: the whole zip, without a list, and with one byte of a file changed.
func TestPageInFirefox(t *testing.T) {
	for _, tool := range []string{"node", "firefox-esr"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here", tool)
		}
	}
	p, signers, _ := tampered(t)
	dir := t.TempDir()
	zip := func(name string, files map[string][]byte) string {
		var b bytes.Buffer
		if err := seal.WriteZip(&b, maps.All(files)); err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, name+".zip")
		if err := os.WriteFile(to, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return to
	}
	page := filepath.Join(dir, "verify.html")
	if err := os.WriteFile(page, site.VerifyPage(), 0o644); err != nil {
		t.Fatal(err)
	}
	changed := p.Files()
	changed["index.html"] = []byte("<h1>Fabricated</h1>\n")
	added := p.Files()
	added["late.pdf"] = []byte("late")
	unsigned := p.Files()
	unsigned[seal.SignatureName] = seal.Sign(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{'m'}, 32)), seal.NamespaceSeal, unsigned[seal.SealName])
	type shown struct {
		Zip  string `json:"zip"`
		Want string `json:"want"`
		What string `json:"what"`
	}
	in, err := json.Marshal(map[string]any{"page": "file://" + page, "signers": signers, "profile": t.TempDir(), "cases": []shown{
		{zip("whole", p.Files()), "good", "whole"}, {zip("changed", changed), "bad", "changed"}, {zip("added", added), "bad", "added"}, {zip("unsigned", unsigned), "bad", "another key"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/firefox.cjs")
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
