package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/store"
	"exhibit/seal"
)

// sample runs the whole sample organisation, four runs and a package. There is
// no peer to hold it against: the figures are bounds.
func (b *bench) sample() error {
	n := 0
	figs, err := b.measure(min(b.runs, 3), map[string]func() *exec.Cmd{"exhibit evidence, whole sample": func() *exec.Cmd {
		n++
		cmd := exec.Command(b.bin, "evidence", "--sample", filepath.Join(b.dir, fmt.Sprintf("sample-%d", n)))
		cmd.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true", "HOME="+b.dir)
		return cmd
	}}, []string{"exhibit evidence, whole sample"})
	if err != nil {
		return err
	}
	report(figs)
	return nil
}

// commit keeps 10,000 new evidence files, against git add and git commit on the
// same files. Ours runs in a process of its own, this program again.
func (b *bench) commit() error {
	const files = 10_000
	self, err := os.Executable()
	if err != nil {
		return err
	}
	n := 0
	figs, err := b.measure(b.runs, map[string]func() *exec.Cmd{
		"git add -A && git commit": func() *exec.Cmd {
			n++
			dir := filepath.Join(b.dir, fmt.Sprintf("commit-git-%d", n))
			if err := prepareTheirs(dir, n, files); err != nil {
				fatal(err)
			}
			return exec.Command("sh", "-c", "cd "+dir+" && git add -A && git -c user.name=b -c user.email=b@localhost commit -q -m run")
		},
		"exhibit, sealed": func() *exec.Cmd {
			n++
			dir := filepath.Join(b.dir, fmt.Sprintf("commit-ours-%d", n))
			if err := prepareOurs(dir); err != nil {
				fatal(err)
			}
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), "EXHIBIT_BENCH_COMMIT="+dir, fmt.Sprintf("EXHIBIT_BENCH_SEED=%d", n))
			return cmd
		},
	}, []string{"git add -A && git commit", "exhibit, sealed"})
	if err != nil {
		return err
	}
	report(figs)
	return nil
}

// content is one evidence file of about 1.5 KB, different for every seed.
func content(seed, i int) []byte {
	var b strings.Builder
	for k := range 8 {
		fmt.Fprintf(&b, `{"DescribeKey":{"KeyMetadata":{"KeyId":"%d-%d-%d","KeyManager":"CUSTOMER","KeyState":"Enabled"}},"GetKeyRotationStatus":{"KeyRotationEnabled":%t},"id":"arn:aws:kms:eu-west-1:111122223333:key/%d-%d-%d"}`+"\n", seed, i, k, k%2 == 0, seed, i, k)
	}
	return []byte(b.String())
}

func pathOf(i int) string {
	return fmt.Sprintf("evidence/aws/%012d/eu-west-%d/kms-key-%d.jsonl", i/100, i%10, i%100/10)
}

func prepareTheirs(dir string, seed, files int) error {
	if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("git init: %w\n%s", err, out)
	}
	for i := range files {
		p := filepath.Join(dir, pathOf(i))
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, content(seed, i), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

func prepareOurs(dir string) error {
	r, err := store.Init(dir, map[string][]byte{"exhibit.yaml": []byte("organisation: Bench\n")}, store.Author{Name: "b", Email: "b@localhost"}, time.Unix(1_700_000_000, 0))
	if err != nil {
		return err
	}
	return r.Close()
}

// commitOurs is the process that commit measures.
func commitOurs(dir string, seed, files int) error {
	at := time.Unix(1_700_000_100, 0).UTC()
	snap := &evidence.Snapshot{Run: evidence.Run{Organisation: "Bench", Tool: "bench", Started: at, Ended: at}, Files: map[string]evidence.Content{}}
	for i := range files {
		p, c := pathOf(i), content(seed, i)
		sum := sha256.Sum256(c)
		snap.Files[p] = evidence.InMemory(c)
		snap.Cells = append(snap.Cells, evidence.Cell{Account: fmt.Sprintf("%012d", i/100), Region: fmt.Sprintf("eu-west-%d", i%10), Source: fmt.Sprintf("kms/key-%d", i%100/10),
			State: evidence.Collected, Items: 8, Started: at, Ended: at, Path: p, Sum: hex.EncodeToString(sum[:])})
	}
	r, err := store.Open(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = r.Commit(snap, store.CommitOptions{Key: seal.FileKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))), Author: store.Author{Name: "b", Email: "b@localhost"}})
	return err
}

func commitAll(dir, message string) error {
	for _, args := range [][]string{{"add", "-A"}, {"-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", message}} {
		git := exec.Command("git", append([]string{"-C", dir}, args...)...)
		if out, err := git.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}
