package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const nineSources = "iam/credential,iam/password-policy,iam/account-summary,cloudtrail/trail,guardduty/detector,config/rule,ec2/security-group,kms/key,s3/account-public-access-block"

// nine makes the same nine exports three ways on one moto. Ours includes
// start-up, the commit into the evidence repository and the seal.
func (b *bench) nine() error {
	s, err := startStand()
	if err != nil {
		return err
	}
	defer s.stop()
	python := filepath.Join(filepath.Dir(os.Getenv("EXHIBIT_MOTO")), "python")
	plant := exec.Command(python, "bench/plant.py")
	plant.Env = s.env()
	if out, err := plant.CombinedOutput(); err != nil {
		return fmt.Errorf("planting: %w\n%s", err, tail(string(out)))
	}
	repo := filepath.Join(b.dir, "nine-evidence")
	if err := b.initRepository(repo, s.url); err != nil {
		return err
	}
	shell := filepath.Join(b.dir, "nine-sh")
	peer := func(name string, args ...string) func() *exec.Cmd {
		return func() *exec.Cmd { c := exec.Command(name, args...); c.Env = s.env(); return c }
	}
	ours := func() *exec.Cmd {
		c := exec.Command(b.bin, "collect", "--only", nineSources, "-C", repo)
		c.Env = append(clientEnv(), "HOME="+b.dir)
		return c
	}
	if err := run(ours()); err != nil { // the stand-in is slow at first
		return err
	}
	exchanges, err := s.heard.record(func() error { return run(ours()) })
	if err != nil {
		return err
	}
	least, err := b.floorOf(s.url, exchanges)
	if err != nil {
		return err
	}
	figs, err := b.measure(b.runs, map[string]func() *exec.Cmd{
		least.name:                least.cmd,
		"aws command, one by one": peer("sh", "bench/nine.sh", shell),
		"boto3, 16 threads":       peer(python, "bench/nine.py", filepath.Join(b.dir, "nine-py")),
		"exhibit collect":         ours,
	}, []string{"aws command, one by one", "boto3, 16 threads", least.name, "exhibit collect"})
	if err != nil {
		return err
	}
	report(figs)

	// What each says where the truth is known: six groups open SSH.
	flagged, err := os.ReadFile(filepath.Join(shell, "open-ssh.txt"))
	if err != nil {
		return err
	}
	checks := exec.Command(b.bin, "checks", "explain", "sg-no-open-ssh", "--findings", "-C", repo)
	said, err := checks.CombinedOutput()
	if err != nil && !tolerated(err) {
		return fmt.Errorf("asking for the findings: %w\n%s", err, tail(string(said)))
	}
	fmt.Printf("open SSH groups, 6 planted: the server-side filter names %d; exhibit names %d\n",
		len(strings.Fields(string(flagged))), bytes.Count(said, []byte("fail  ")))
	return nil
}

// initRepository makes an evidence repository for the account of the stand-in.
func (b *bench) initRepository(dir, endpoint string) error {
	cmd := exec.Command(b.bin, "init", dir)
	cmd.Env = append(os.Environ(), "HOME="+b.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("exhibit init: %w\n%s", err, tail(string(out)))
	}
	config := fmt.Sprintf(`organisation: Bench
engagement:
  system: Bench
  period: {start: 2026-01-01, end: 2026-12-31}
aws:
  accounts:
    - {id: "123456789012", name: bench}
  regions: [us-east-1]
  endpoint: %s
`, endpoint)
	if err := os.WriteFile(filepath.Join(dir, "exhibit.yaml"), []byte(config), 0o644); err != nil {
		return err
	}
	return commitAll(dir, "configure")
}

func run(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil && !tolerated(err) {
		return fmt.Errorf("%s: %w\n%s", cmd.Args[0], err, tail(string(out)))
	}
	return nil
}
