package seal

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"exhibit/internal/tsatest"
)

// shell runs a command as an auditor would, in bash.
func shell(t *testing.T, dir, command string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash here")
	}
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// printedCommands are the indented commands of one section of a VERIFY.txt.
func printedCommands(t *testing.T, text, section string) []string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n"+section+"\n===")
	if !ok {
		t.Fatalf("no section %s", section)
	}
	rest, _, _ = strings.Cut(rest, "\n===") // the next heading's underline
	var commands []string
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

func TestPrintedCommands(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("no ssh-keygen here")
	}
	linux := printedCommands(t, string(newCompany().pack(t, 4)[VerifyTextName]), "LINUX")
	if len(linux) != 9 {
		t.Fatalf("%d commands: %q", len(linux), linux)
	}
	for _, start := range []string{"sha256sum --strict", "! LC_ALL=C comm", "! find", "ssh-keygen -Y verify", "previous=none"} {
		if !slices.ContainsFunc(linux, func(c string) bool { return strings.HasPrefix(c, start) }) {
			t.Errorf("no command %q", start)
		}
	}
	signers := signersOf(testKey('a'))
	t.Run("whole", func(t *testing.T) {
		for n := 1; n <= 4; n++ {
			dir := newCompany().pack(t, n).write(t, filepath.Join(t.TempDir(), "package"))
			writeFile(t, filepath.Join(dir, "../allowed_signers"), signers)
			for _, command := range linux {
				if out, err := shell(t, dir, command); err != nil {
					t.Errorf("%d runs: %v\n%s\n%s", n, err, command, out)
				}
			}
		}
	})
	kept := digest(newCompany().repository(t, 3)["runs/"+runName(3)+"/SEAL.txt"])
	for _, c := range tamperings() {
		if c.ours {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			dir := c.tampered(t)
			writeFile(t, filepath.Join(dir, "../allowed_signers"), signers)
			refusedBy, last := 0, ""
			for _, command := range linux {
				out, err := shell(t, dir, command)
				if err != nil {
					refusedBy++
				}
				last = out
			}
			// The last command prints the seals of the runs, to be compared by
			// eye with the one that was kept.
			if c.since {
				if refusedBy > 0 || strings.Contains(last, kept) {
					t.Errorf("refused by %d commands:\n%s", refusedBy, last)
				}
			} else if refusedBy == 0 {
				t.Error("every printed command accepts it")
			}
		})
	}
}

func TestPrintedCommandsOfTimestamps(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("no openssl here")
	}
	rogue, err := tsatest.New("Test Timestamps", 8, runTime(1).AddDate(-5, 0, 0), tsatest.Options{})
	must(t, err)
	good, _ := authority(t, tsatest.Options{})
	for name, pinned := range map[string]*tsatest.Authority{"good": good, "rogue": rogue} {
		f := stampedCompany().pack(t, 2)
		f[TokenName] = stamp(t, good, f[SignatureName], stampedAt)
		linux := printedCommands(t, string(f[VerifyTextName]), "LINUX")
		dir := f.write(t, filepath.Join(t.TempDir(), "package"))
		writeFile(t, filepath.Join(dir, "../tsa-roots.pem"), pinned.PEM())
		out, err := shell(t, dir, linux[slices.IndexFunc(linux, func(c string) bool { return strings.HasPrefix(c, "for t in SEAL.txt.sig.tsr") })])
		want := "SEAL.txt.sig.tsr: Apr  1 06:02:00 2026 GMT\nruns/0001-20260101T060000Z/SEAL.txt.sig.tsr: Jan  1 06:06:00 2026 GMT\n"
		if name == "rogue" {
			want = "NOT GOOD: SEAL.txt.sig.tsr\nNOT GOOD: runs/0001-20260101T060000Z/SEAL.txt.sig.tsr\n"
		}
		if !strings.HasPrefix(out, want) || (err == nil) != (name == "good") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestPrintedCommandsMacOS(t *testing.T) {
	if _, err := exec.LookPath("shasum"); err != nil {
		t.Skip("no shasum here")
	}
	f := newCompany().pack(t, 2)
	commands := printedCommands(t, string(f[VerifyTextName]), "MACOS")
	dir := f.write(t, t.TempDir())
	for _, command := range commands {
		if out, err := shell(t, dir, command); err != nil {
			t.Errorf("%v\n%s\n%s", err, command, out)
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "index.html"), nil, 0o644))
	if _, err := shell(t, dir, commands[0]); err == nil || len(commands) != 2 {
		t.Error("accepted a changed file")
	}
}

func TestVerifyText(t *testing.T) {
	s := packageSeal()
	s.Sample = true
	plainText := string(VerifyText(s, "seal@example.com", strings.Repeat("7", 64)))
	for _, want := range []string{"-I seal@example.com -n exhibit-seal-v1", "SAMPLE: this package", "BY ANOTHER\nWAY", "WHAT IT DOES NOT PROVE", "Get-FileHash", "shasum -a 256", "Its SHA-256 is\n\n    7777777"} {
		if !strings.Contains(plainText, want) {
			t.Errorf("no %q", want)
		}
	}
	hostile := string(VerifyText(s, "x; rm -rf ~", ""))
	if strings.Contains(hostile, "rm -rf") || !strings.Contains(hostile, "in place of PRINCIPAL") {
		t.Error("a name went into a command")
	}
	for line := range strings.SplitSeq(plainText, "\n") {
		if len(line) > 90 && !strings.HasPrefix(line, "  ") && line[0] > '9' {
			t.Errorf("a long line of text: %s", line)
		}
	}
}
