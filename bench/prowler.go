package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// prowler times Prowler's SOC 2 scan of a moto account beside the whole of ours,
// from asking to the verified package. Prowler comes from PyPI and is not small;
// EXHIBIT_PROWLER names its command, without it the section says so.
func (b *bench) prowler() error {
	command := os.Getenv("EXHIBIT_PROWLER")
	if command == "" {
		return errors.New("EXHIBIT_PROWLER names no prowler command (pip install prowler, in an environment of its own)")
	}
	s, err := startStand()
	if err != nil {
		return err
	}
	defer s.stop()
	plant := exec.Command(filepath.Join(filepath.Dir(os.Getenv("EXHIBIT_MOTO")), "python"), "bench/plant.py")
	plant.Env = s.env()
	if out, err := plant.CombinedOutput(); err != nil {
		return fmt.Errorf("planting: %w\n%s", err, tail(string(out)))
	}
	repo := filepath.Join(b.dir, "prowler-evidence")
	if err := b.initRepository(repo, s.url); err != nil {
		return err
	}
	n := 0
	figs, err := b.measure(1, map[string]func() *exec.Cmd{
		"prowler, SOC 2 scan": func() *exec.Cmd {
			n++
			out := filepath.Join(b.dir, fmt.Sprintf("prowler-%d", n))
			cmd := exec.Command("sh", "-c", `"$0" "$@" || test $? -eq 3`, command, "aws", "--compliance", "soc2_aws", "-f", "us-east-1", "-M", "csv", "html", "-o", out, "--no-banner")
			cmd.Env, cmd.Dir = s.env(), b.dir
			return cmd
		},
		"exhibit evidence, all sources, sealed": func() *exec.Cmd {
			cmd := exec.Command(b.bin, "evidence", "-C", repo)
			cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "HOME="+b.dir)
			return cmd
		},
	}, []string{"prowler, SOC 2 scan", "exhibit evidence, all sources, sealed"})
	if err != nil {
		return err
	}
	report(figs)
	return nil
}
