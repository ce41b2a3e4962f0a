package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"exhibit/internal/awstest/org"
)

// inFlight is how many calls exhibit has under way at most.
const inFlight = 64

// org collects simulated organisations: AWS's limits and 50 ms of latency for
// every call, 17 regions, and the sources the stand-in answers whole (--only).
// There is no peer that does this; what is held against is the paper floor, the
// least time the stand-in's own limits and latency allow. Then a thousand
// accounts, without latency and with three sources, in one process and in shards.
func (b *bench) org() error {
	fmt.Printf("sources: %s\n", strings.Join(org.Sources, ","))
	fmt.Printf("%-34s %8s %9s %9s %9s %7s %8s %7s\n", "", "calls", "floor s", "wall s", "of floor", "CPU s", "MB", "cells")
	for _, accounts := range []int{1, 100} {
		c := &org.Cloud{Accounts: accounts, Latency: 50 * time.Millisecond, Limits: true, Users: 250, Buckets: 5, Keys: 3, Rows: 3}
		f, err := b.collectOrg(c, fmt.Sprintf("org-%d", accounts), org.Sources)
		if err != nil {
			return err
		}
		bucket, latency, slowest := c.Floor(inFlight)
		floor := max(bucket, latency)
		total, throttled, most := c.Load()
		fmt.Printf("%-34s %8d %9.1f %9.1f %9.2f %7.1f %8.0f %7d\n", fmt.Sprintf("%d accounts x 17 regions, 50 ms", accounts), total, floor.Seconds(), f.wall, f.wall/floor.Seconds(), f.cpu, f.mb, f.cells)
		fmt.Printf("  floor: %.1f s for %s %s in one account; %.1f s for %d calls of 50 ms, %d at a time (%d were seen); %d throttled\n",
			bucket.Seconds(), slowest.Service, slowest.Action, latency.Seconds(), total, inFlight, most, throttled)
		if f.wall > 1.5*floor.Seconds() || f.mb > 1024 {
			err = errors.Join(err, fmt.Errorf("%d accounts: %.1f s are %.2f of the floor, %.0f MB", accounts, f.wall, f.wall/floor.Seconds(), f.mb))
			fmt.Printf("  over the bound of 1.5 times the floor or 1 GB: %v\n", err)
		}
	}
	few := []string{"account/region", "iam/password-policy", "ec2/vpc", "ec2/subnet"}
	fmt.Printf("\nwithout latency and limits, %s:\n", strings.Join(few, ","))
	for _, accounts := range []int{1, 100, 1000} {
		c := &org.Cloud{Accounts: accounts, Rows: 3}
		f, err := b.collectOrg(c, fmt.Sprintf("few-%d", accounts), few)
		if err != nil {
			return err
		}
		total, _, _ := c.Load()
		fmt.Printf("%-34s %8d %9s %9.1f %9s %7.1f %8.0f %7d\n", fmt.Sprintf("%d accounts, one process", accounts), total, "", f.wall, "", f.cpu, f.mb, f.cells)
	}
	return b.shards(&org.Cloud{Accounts: 1000, Rows: 3}, few, 4)
}

// shards plans a thousand accounts, asks them in n processes one after another,
// and merges the parts.
func (b *bench) shards(c *org.Cloud, sources []string, n int) error {
	repo, stop, err := b.orgRepository(c, "shards")
	if err != nil {
		return err
	}
	defer stop()
	plan := filepath.Join(b.dir, "plan.jsonl.gz")
	steps := []struct {
		name string
		args []string
	}{{"1000 accounts, plan", []string{"collect", "--plan", plan, "--only", strings.Join(sources, ",")}}}
	merge := []string{"merge"}
	for i := range n {
		part := filepath.Join(b.dir, fmt.Sprintf("part-%d", i+1))
		steps = append(steps, struct {
			name string
			args []string
		}{fmt.Sprintf("  shard %d/%d", i+1, n), []string{"collect", "--plan", plan, "--shard", fmt.Sprintf("%d/%d", i+1, n), "--out", part}})
		merge = append(merge, part)
	}
	for _, s := range append(steps, struct {
		name string
		args []string
	}{"  merge", merge}) {
		before, _, _ := c.Load()
		f, err := b.once(repo, s.args...)
		if err != nil {
			return err
		}
		after, _, _ := c.Load()
		fmt.Printf("%-34s %8d %9s %9.1f %9s %7.1f %8.0f\n", s.name, after-before, "", f.wall, "", f.cpu, f.mb)
	}
	out, err := exec.Command("git", "-C", repo, "rev-list", "--count", "HEAD").Output()
	if err != nil {
		return err
	}
	whole, err := exec.Command("git", "-C", repo, "rev-parse", "HEAD:evidence").Output()
	if err != nil {
		return err
	}
	alone, err := exec.Command("git", "-C", filepath.Join(b.dir, "few-1000"), "rev-parse", "HEAD:evidence").Output()
	if err != nil {
		return err
	}
	fmt.Printf("  %s commits; the evidence is the same as that of one process: %v\n", strings.TrimSpace(string(out)), string(whole) == string(alone))
	if string(whole) != string(alone) {
		return errors.New("shards and one process gave different evidence")
	}
	return nil
}

// A cost is what one process took.
type cost struct {
	wall, cpu, mb float64
	cells         int
}

// collectOrg collects a cloud into a repository of its own.
func (b *bench) collectOrg(c *org.Cloud, name string, sources []string) (cost, error) {
	repo, stop, err := b.orgRepository(c, name)
	if err != nil {
		return cost{}, err
	}
	defer stop()
	f, err := b.once(repo, "collect", "--only", strings.Join(sources, ","))
	if err != nil {
		return f, err
	}
	runs, err := filepath.Glob(filepath.Join(repo, "runs", "*", "coverage.jsonl"))
	if err != nil || len(runs) != 1 {
		return f, fmt.Errorf("%d runs in %s: %w", len(runs), repo, err)
	}
	coverage, err := os.ReadFile(runs[0])
	f.cells = strings.Count(string(coverage), "\n")
	return f, err
}

// orgRepository starts a cloud and makes a repository that asks it.
func (b *bench) orgRepository(c *org.Cloud, name string) (string, func(), error) {
	endpoint, stop := c.Start()
	repo := filepath.Join(b.dir, name)
	if err := b.initRepository(repo, endpoint); err != nil {
		stop()
		return "", nil, err
	}
	config := fmt.Sprintf("organisation: Bench\nengagement:\n  system: Bench\n  period: {start: 2026-01-01, end: 2026-12-31}\naws:\n  discover: organizations\n  role: Auditor\n  endpoint: %s\n", endpoint)
	err := os.WriteFile(filepath.Join(repo, "exhibit.yaml"), []byte(config), 0o644)
	if err == nil {
		err = commitAll(repo, "organisation")
	}
	if err != nil {
		stop()
		return "", nil, err
	}
	return repo, stop, nil
}

// once runs exhibit in a repository, as the stand-in's first account.
func (b *bench) once(repo string, args ...string) (cost, error) {
	cmd := exec.Command(b.bin, append(args, "-C", repo)...)
	cmd.Env = append(os.Environ(), "HOME="+b.dir, "AWS_EC2_METADATA_DISABLED=true", "AWS_PROFILE=", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_ACCESS_KEY_ID="+org.Key(org.Account(1)), "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=t")
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	start := time.Now()
	err := cmd.Run()
	f := cost{wall: time.Since(start).Seconds()}
	if cmd.ProcessState != nil {
		f.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			f.mb = float64(u.Maxrss) / 1024
		}
	}
	if err != nil {
		return f, fmt.Errorf("exhibit %s: %w\n%s", strings.Join(args, " "), err, tail(log.String()))
	}
	return f, nil
}
