package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stopper ends a context when a text is written to it.
type stopper struct {
	bytes.Buffer
	at   string
	stop context.CancelFunc
}

func (s *stopper) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if s.at != "" && strings.Contains(s.String(), s.at) {
		s.stop()
	}
	return n, err
}

// TestInterrupt stops the main job at several places: what is not whole is not
// kept, and the next run goes on as if nothing had been.
func TestInterrupt(t *testing.T) {
	home := t.TempDir()
	for k, v := range map[string]string{
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": filepath.Join(home, "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "none"),
	} {
		t.Setenv(k, v)
	}
	at := ""
	now := time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC)
	call := func(args ...string) (int, string) {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		errs := &stopper{at: at, stop: stop}
		var out bytes.Buffer
		now = now.Add(time.Hour)
		begun := time.Now()
		code := exhibit(ctx, world{
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: errs, Getenv: func(string) string { return "" },
			Now: func() time.Time { return now.Add(time.Since(begun)) }, Dir: home, Home: home, Terminal: true,
		}, args)
		return code, errs.String()
	}
	git := func(args ...string) string {
		b, err := exec.Command("git", append([]string{"-C", filepath.Join(home, "e"), "-c", "user.name=t", "-c", "user.email=t@localhost"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, b)
		}
		return string(b)
	}
	if code, said := call("init", "e"); code != exitOK {
		t.Fatal(code, said)
	}
	config := goodConfig + "aws:\n  accounts: [{id: \"111122223333\"}]\n  regions: [eu-west-1]\nsigning: {principal: exhibit@e}\n"
	if err := os.WriteFile(filepath.Join(home, "e", "exhibit.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	git("commit", "-qam", "Configure")
	for _, x := range []struct {
		at   string
		kept int
	}{{"exhibit: 1 of ", 0}, {"exhibit: rendered 20 files", 1}, {"", 2}} {
		at = x.at
		code, said := call("evidence", "-C", filepath.Join(home, "e"))
		runs, err := filepath.Glob(filepath.Join(home, "e", "runs", "*", "SEAL.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if len(runs) != x.kept {
			t.Errorf("stopped at %q: %d runs are kept, not %d\n%s", x.at, len(runs), x.kept, said)
		}
		if stopped := x.at != ""; stopped != strings.Contains(said, "interrupted") || stopped != (code == exitError) {
			t.Errorf("stopped at %q: exit %d, and said\n%s", x.at, code, said)
		}
		if left := git("status", "--porcelain"); left != "" {
			t.Errorf("stopped at %q: left %s", x.at, left)
		}
		entries, err := os.ReadDir(filepath.Join(home, "e", "out"))
		if x.at != "" && len(entries) > 0 {
			t.Errorf("stopped at %q: left %v (%v)", x.at, entries, err)
		}
	}
	if code, said := call("verify", "e"); code != exitOK {
		t.Error(code, said)
	}
	at = "exhibit: run 0001-"
	if code, said := call("evidence", "--sample", "s"); code != exitError || !strings.Contains(said, "interrupted") {
		t.Error(code, said)
	}
	at = ""
	if code, said := call("evidence", "--sample", "s"); code != exitError || !strings.Contains(said, "remove that folder") {
		t.Error(code, said)
	}
}
