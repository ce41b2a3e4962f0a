package main

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exhibit/seal"
)

func testKey(letter byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{letter}, ed25519.SeedSize))
}

// fixture is a folder with all that an auditor may have before them.
type fixture struct {
	dir string
	t   *testing.T
}

func (f fixture) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f fixture) write(name string, content []byte) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(f.path(name), content, 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// flat is text without its line breaks, to look for sentences in.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// newFixture writes a repository of one run, the package made from it as a
// folder and as a zip, allowed_signers, and a SEAL.txt of another company.
func newFixture(t *testing.T, sample bool) fixture {
	f := fixture{t.TempDir(), t}
	at := time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC)
	name := seal.RunName(1, at)
	s := seal.Seal{Kind: seal.KindRun, Sample: sample, Organisation: "Example Ltd", Run: name, Claimed: at, Tool: "exhibit test", SumsPath: "runs/" + name + "/SHA256SUMS"}
	repository := map[string][]byte{"exhibit.yaml": []byte("a: b\n"), "evidence/a.jsonl": []byte("{}\n"), "runs/" + name + "/RUN.json": []byte("{}\n")}
	sealed := func(files map[string][]byte, s seal.Seal) map[string][]byte {
		out, err := seal.SealFiles(maps.All(files), s, seal.FileKey(testKey('a')))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	run := sealed(repository, s)
	maps.Copy(repository, run)
	pack := map[string][]byte{"index.html": []byte("<h1>Evidence</h1>\n")}
	maps.Copy(pack, run)
	s.Kind, s.Period, s.Commit, s.SumsPath = seal.KindPackage, "2026-01-01..2026-12-31", strings.Repeat("c", 40), "SHA256SUMS"
	sum := sha256.Sum256(run["runs/"+name+"/SEAL.txt"])
	s.Chain = hex.EncodeToString(sum[:])
	maps.Copy(pack, sealed(pack, s))
	for path, content := range repository {
		f.write("repository/"+path, content)
	}
	var z bytes.Buffer
	for path, content := range pack {
		f.write("package/"+path, content)
	}
	if err := seal.WriteZip(&z, maps.All(pack)); err != nil {
		t.Fatal(err)
	}
	f.write("package.zip", z.Bytes())
	signer := seal.Signer{Principal: "seal@example.com", Key: seal.Ed25519(testKey('a').Public().(ed25519.PublicKey))}
	f.write("allowed_signers", []byte(signer.String()+"\n"))
	signer.Key = seal.Ed25519(testKey('z').Public().(ed25519.PublicKey))
	f.write("other_signers", []byte(signer.String()+"\n"))
	s.Organisation, s.Chain = "Other Ltd", strings.Repeat("0a", 32)
	f.write("other/SEAL.txt", sealed(map[string][]byte{"x": nil}, s)["SEAL.txt"])
	return f
}

// verify runs the command line, in which @ stands for the fixture's folder.
func (f fixture) verify(line string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	args := strings.Fields(line)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "@", f.dir+string(filepath.Separator))
	}
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

func TestWhole(t *testing.T) {
	f := newFixture(t, false)
	for _, path := range []string{"@package", "@package.zip", "@repository"} {
		code, stdout, stderr := f.verify("--signers @allowed_signers " + path)
		if code != exitOK || stderr != "" || !strings.HasPrefix(stdout, "content whole, and signed by a key on your list.\n") || strings.Contains(stdout, "SAMPLE") {
			t.Errorf("%s: %d\n%s%s", path, code, stdout, stderr)
		}
		code, stdout, stderr = f.verify(path)
		if code != exitOK || !strings.HasPrefix(stdout, "content whole; signer NOT checked") || !strings.Contains(stderr, "hint: get the allowed_signers") || strings.Contains(stdout, "signer   held") {
			t.Errorf("%s without signers: %d\n%s%s", path, code, stdout, stderr)
		}
		code, stdout, _ = f.verify(path + " --signers @allowed_signers --since @package/SEAL.txt")
		if code != exitOK || !strings.Contains(flat(stdout), "the seal you kept") {
			t.Errorf("%s since: %d\n%s", path, code, stdout)
		}
	}
}

func TestRefused(t *testing.T) {
	f := newFixture(t, false)
	for line, want := range map[string]string{
		"--signers @other_signers @package":                                     "signed by a key you have not listed: SHA256:",
		"--signers @allowed_signers --since @other/SEAL.txt @package":           "rebuilt or shortened chain",
		"--signers @allowed_signers --since @other/SEAL.txt @repository --json": "rebuilt or shortened chain",
	} {
		if code, stdout, _ := f.verify(line); code != exitProblem || !strings.Contains(stdout, "REFUSED: 1 problem") || !strings.Contains(flat(stdout), want) {
			t.Errorf("%s: %d\n%s", line, code, stdout)
		}
	}
	f.write("package/index.html", []byte("<h1>Fabricated</h1>\n"))
	f.write("repository/evidence/b.jsonl", nil)
	for line, want := range map[string]string{
		"@package":    "changed index.html: not what was sealed",
		"@repository": "added evidence/b.jsonl: not listed in the seal",
	} {
		if code, stdout, stderr := f.verify(line); code != exitProblem || !strings.HasPrefix(stdout, "REFUSED: ") || !strings.Contains(flat(stdout), want) || stderr != "" {
			t.Errorf("%s: %d\n%s%s", line, code, stdout, stderr)
		}
	}
	if err := os.Remove(f.path("package/SEAL.txt")); err != nil {
		t.Fatal(err)
	}
	if code, stdout, _ := f.verify("@package"); code != exitProblem || !strings.Contains(stdout, "missing    SEAL.txt: not there") {
		t.Errorf("no seal: %d\n%s", code, stdout)
	}
}

func TestSample(t *testing.T) {
	f := newFixture(t, true)
	for _, path := range []string{"@package", "@package.zip", "@repository"} {
		if code, stdout, _ := f.verify("--signers @allowed_signers " + path); code != exitOK || !strings.Contains(stdout, "\nSAMPLE: this is invented data for demonstration. It is NOT evidence") {
			t.Errorf("%s: %d\n%s", path, code, stdout)
		}
	}
	if _, stdout, _ := f.verify("--json @package"); !strings.Contains(stdout, `"sample": true`) {
		t.Error(stdout)
	}
}

func TestJSON(t *testing.T) {
	f := newFixture(t, false)
	code, stdout, stderr := f.verify("--json @package")
	var r struct {
		OK     bool
		Levels []seal.Level
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitOK || !r.OK || len(r.Levels) != 5 || r.Levels[1].State != seal.Unknown || !strings.Contains(stderr, "warning: content whole; signer NOT checked") {
		t.Errorf("%d %v\n%s%s", code, err, stdout, stderr)
	}
}

func TestErrors(t *testing.T) {
	f := newFixture(t, false)
	f.write("empty", nil)
	f.write("bad\u202Esigners", []byte("# x\nseal@example.com\n"))
	var trick bytes.Buffer
	z := zip.NewWriter(&trick)
	if _, err := z.Create("../SEAL.txt"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.write("trick.zip", trick.Bytes())
	for _, c := range []struct {
		line string
		code int
		want []string
	}{
		{"", exitUsage, []string{"one PATH", "hint: "}},
		{"@package @package", exitUsage, []string{"there are 2"}},
		{"--colour @package", exitUsage, []string{"-colour", "--help"}},
		{"@package --signers", exitUsage, []string{"signers", "--help"}},
		{"@nowhere", exitProblem, []string{"nowhere", "hint: give the folder"}},
		{"@other/..", exitProblem, []string{"neither a package (no SEAL.txt)", "hint: give the folder in which"}},
		{"@package/SEAL.txt", exitProblem, []string{"is a seal", "hint: give the folder it lies in"}},
		{"@allowed_signers", exitProblem, []string{"opening the zip", "hint: "}},
		{"@trick.zip", exitProblem, []string{"opening the zip: ../SEAL.txt: path", "refuse it"}},
		{"--signers @nobody @package", exitProblem, []string{"reading the allowed signers", "nobody"}},
		{"--signers @empty @package", exitProblem, []string{"is empty", "a line is: name ssh-ed25519"}},
		{"--signers @bad\u202Esigners @package", exitProblem, []string{"bad<U+202E>signers: line 2: no public key"}},
		{"--since @allowed_signers @package", exitProblem, []string{"reading the older seal", "line 1", "hint: give the SEAL.txt"}},
	} {
		code, stdout, stderr := f.verify(c.line)
		if code != c.code || stdout != "" || !strings.HasPrefix(stderr, "exhibit-verify: error: ") || strings.Contains(stderr, "\u202E") {
			t.Errorf("%s: %d\n%s%s", c.line, code, stdout, stderr)
		}
		for _, want := range c.want {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s: no %q in\n%s", c.line, want, stderr)
			}
		}
	}
	if code, stdout, _ := f.verify("--help"); code != exitOK || stdout != usage || !strings.Contains(usage, "Exit codes:") {
		t.Error(code, stdout)
	}
}
