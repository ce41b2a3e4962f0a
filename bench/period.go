package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/store"
	"exhibit/policies"
	"exhibit/seal"
)

// period evaluates a period of one run of 100,000 items, and one of twelve monthly
// runs of which 2 % of the items differ from run to run, each by itself: from the
// evidence repository to the verdicts and the ledger, nothing rendered. There is no
// peer that does this; twelve runs may take twice one run's time.
func (b *bench) period() error {
	const runs, items, churn = 12, 100_000, 0.02
	one, twelve := filepath.Join(b.dir, "period-1"), filepath.Join(b.dir, "period-12")
	for dir, n := range map[string]int{one: 1, twelve: runs} {
		if err := b.periodRepository(dir, n, items, churn); err != nil {
			return err
		}
	}
	state := func(dir string) func() *exec.Cmd {
		return func() *exec.Cmd {
			cmd := exec.Command(b.bin, "state", "cloudtrail-logging-active", "-C", dir)
			cmd.Env = append(os.Environ(), "HOME="+b.dir)
			return cmd
		}
	}
	figs, err := b.measure(min(b.runs, 3), map[string]func() *exec.Cmd{"1 run, 100,000 items": state(one), "12 runs, 2 % churn": state(twelve)}, []string{"12 runs, 2 % churn", "1 run, 100,000 items"})
	if err != nil {
		return err
	}
	report(figs)
	ratio := median(figs[0].cpu) / median(figs[1].cpu)
	fmt.Printf("twelve runs take %.2f times the CPU of one; %.0f MB more, for %d items that differ\n", ratio, median(figs[0].rss)-median(figs[1].rss), int(items*churn*(runs-1)))
	if ratio > 2 {
		return fmt.Errorf("over the bound of 2")
	}
	return nil
}

// singletons are sources of which an account has one in a region, and not
// thousands: a setting, not a population.
func singletons() []string {
	return []string{"access-analyzer/analyzer", "account/contact", "bedrock/model-invocation-logging", "cloudtrail/digest", "cloudtrail/trail", "config/delivery-channel", "config/recorder", "ec2/account-setting",
		"ec2/ebs-default", "emr/block-public-access", "guardduty/detector", "iam/account-summary", "iam/organization-feature", "iam/password-policy", "inspector2/account", "macie2/session", "s3/account-public-access-block", "securityhub/hub"}
}

// periodRepository makes an evidence repository with n monthly runs.
func (b *bench) periodRepository(dir string, n, items int, churn float64) error {
	if err := b.initRepository(dir, "http://127.0.0.1:9"); err != nil {
		return err
	}
	file, err := os.ReadFile(filepath.Join(b.dir, ".config", "exhibit", "id_ed25519"))
	if err != nil {
		return err
	}
	key, _, err := seal.ParsePrivateKey(file)
	if err != nil {
		return err
	}
	lib, err := control.Load(policies.FS, nil)
	if err != nil {
		return err
	}
	patterns := patternsOf(lib)
	sources := slices.Sorted(maps.Keys(patterns))
	state := uint64(1)
	pick := func(n int) int { // a linear congruential generator: the same items for everybody
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % n
	}
	turns := map[string][]int{} // of every item, which answers it has; -1 when it is gone
	single := singletons()
	many := slices.DeleteFunc(slices.Clone(sources), func(s string) bool { return slices.Contains(single, s) })
	for _, s := range sources {
		n := items / len(many)
		if slices.Contains(single, s) {
			n = accounts
		}
		for i := range n {
			turns[s] = append(turns[s], i)
		}
	}
	for r := range n {
		for k := range int(churn * float64(items)) {
			list := turns[many[pick(len(many))]]
			if k == 0 {
				list = turns[single[pick(len(single))]] // a setting changes, too
			}
			if r == 0 || len(list) == 0 {
				continue
			}
			i := pick(len(list))
			if list[i]++; pick(4) == 0 {
				list[i] = -1 - list[i] // goes, or comes again
			}
		}
		at := time.Date(2026, time.Month(r+1), 15, 6, 0, 0, 0, time.UTC)
		if err := commitPeriod(dir, seal.FileKey(key), at, patterns, turns); err != nil {
			return err
		}
	}
	return nil
}

func commitPeriod(dir string, key seal.Key, at time.Time, patterns map[string][]map[string]any, turns map[string][]int) error {
	snap := &evidence.Snapshot{Run: evidence.Run{Organisation: "Bench", Tool: "bench", Started: at, Ended: at}, Files: map[string]evidence.Content{}}
	for _, s := range slices.Sorted(maps.Keys(turns)) {
		lists := make([][]evidence.Item, accounts)
		for i, turn := range turns[s] {
			if turn >= 0 {
				lists[i%accounts] = append(lists[i%accounts], member(patterns[s], s, i, turn))
			}
		}
		for i, list := range lists {
			file, err := evidence.WriteItems(list)
			if err != nil {
				return err
			}
			path := fmt.Sprintf("evidence/aws/%s/eu-west-1/%s.jsonl", accountOf(i), strings.ReplaceAll(s, "/", "-"))
			sum := sha256.Sum256(file)
			snap.Files[path] = evidence.InMemory(file)
			snap.Cells = append(snap.Cells, evidence.Cell{Account: accountOf(i), Region: "eu-west-1", Source: s, State: evidence.Collected, Items: len(list), Started: at, Ended: at, Path: path, Sum: hex.EncodeToString(sum[:])})
		}
	}
	r, err := store.Open(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = r.Commit(snap, store.CommitOptions{Key: key, Author: store.Author{Name: "b", Email: "b@localhost"}})
	return err
}
