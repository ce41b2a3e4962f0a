package sample

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// run runs stock git in a folder, without anybody's configuration.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// tip is the id of the last commit; it changes when application/changes.txt, the
// people register or the key does, and at no other time.
const tip = "e4628bbc9ec7201bdc7dc989e18280cd3c3e3d0c"

func TestApplicationIsARepositoryLikeAnyOther(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rounds")
	if err := BuildApplication(dir, time.Time{}); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "fsck", "--strict", "--no-dangling")
	if got := strings.TrimSpace(run(t, dir, "rev-parse", "HEAD")); got != tip {
		t.Errorf("HEAD is %s, want %s", got, tip)
	}
	log := run(t, dir, "log", "--first-parent", "--format=%s%x00%P%x00%b%x00%an|%cn", "--since=2025-10-01", "--until=2026-10-01")
	for _, want := range []string{
		"Merge pull request #403 from thistlebarrow/refuse-migrations-that-lock", "(#402)", "Revert \"Yearly figures\" (#445)", "This reverts commit ",
		"Co-authored-by: Samuel Adeyemi <samuel.adeyemi@thistlebarrow.example>", "Signed-off-by: Mateo Echeverri", "Hana Fujimori|Hana Fujimori", "Jakub Wrona|Foldgate",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	merges := strings.Count(run(t, dir, "log", "--merges", "--oneline"), "\n")
	tags := strings.Count(run(t, dir, "tag"), "\n")
	if merges < 12 || tags < 8 {
		t.Errorf("%d merges, %d tags", merges, tags)
	}
	if err := BuildApplication(dir, time.Time{}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("building again over it: %v", err)
	}
}

func TestSignedChangesVerifyWithStockTools(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("no ssh-keygen here")
	}
	dir := filepath.Join(t.TempDir(), "rounds")
	if err := BuildApplication(dir, time.Time{}); err != nil {
		t.Fatal(err)
	}
	pub, err := content.ReadFile("key/people_ed25519.pub")
	if err != nil {
		t.Fatal(err)
	}
	signers := filepath.Join(t.TempDir(), "allowed_signers")
	if err := os.WriteFile(signers, append([]byte("* "), pub...), 0o644); err != nil {
		t.Fatal(err)
	}
	out := run(t, dir, "-c", "gpg.ssh.allowedSignersFile="+signers, "log", "--format=%G? %s", "main")
	good, bad := strings.Count("\n"+out, "\nG "), strings.Count("\n"+out, "\nB ")
	if good != 8 || bad != 0 {
		t.Errorf("%d good and %d bad signatures, want 8 and none:\n%s", good, bad, out)
	}
}

func TestParseChangesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-01T00:00:00Z | squash 1 | a | b | f | t":                                                  "6 fields",
		"then | squash 1 | a | b | f | t | ":                                                               "parsing time",
		"2026-01-01T00:00:00Z | guess 1 | a | b | f | t |":                                                 `unknown kind "guess"`,
		"2026-01-01T00:00:00Z | squash 1 | a | b | f | t | x:y":                                            `unknown word "x"`,
		"2026-01-01T00:00:00Z | merge 1 | a | b | f | t | commits:0":                                       `commits "0"`,
		"2026-01-01T00:00:00Z | direct | a | b | f | t |\n2026-01-01T00:00:00Z | direct | a | b | f | t |": "changes.txt:2: is not after",
	} {
		if _, err := parseChanges(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}
