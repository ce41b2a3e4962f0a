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

// walk lists the first-parent changes of a large repository against git log:
// the commits alone; a year of them with the files each changed; and all of them
// as a run, judged for secrets, sealed and committed, which git log does not do.
func (b *bench) walk() error {
	clone := os.Getenv("EXHIBIT_BENCH_REPO")
	if clone == "" {
		var err error
		if clone, err = b.generateHistory(60_000); err != nil {
			return err
		}
		fmt.Println("EXHIBIT_BENCH_REPO names no clone: a generated history of 60,000 commits stands in")
	}
	out, err := exec.Command("git", "-C", clone, "symbolic-ref", "--short", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("reading the clone's branch: %w", err)
	}
	branch := strings.TrimSpace(string(out))
	tests := filepath.Join(b.dir, "git.test")
	if out, err := exec.Command("go", "test", "-c", "-o", tests, "./collect/git").CombinedOutput(); err != nil {
		return fmt.Errorf("building the benchmarks of collect/git: %w\n%s", err, out)
	}
	ours := func(name string) func() *exec.Cmd {
		return func() *exec.Cmd {
			cmd := exec.Command(tests, "-test.run", "xxx", "-test.bench", name+"$", "-test.benchtime", "1x")
			cmd.Env = append(os.Environ(), "EXHIBIT_BENCH_REPO="+clone, "EXHIBIT_BENCH_BRANCH="+branch)
			return cmd
		}
	}
	log := func(args ...string) func() *exec.Cmd {
		return func() *exec.Cmd {
			return exec.Command("git", append([]string{"-C", clone, "log", "--first-parent"}, args...)...)
		}
	}
	repo := filepath.Join(b.dir, "walk-evidence")
	if err := b.initRepository(repo, "http://127.0.0.1:9"); err != nil {
		return err
	}
	config := fmt.Sprintf("organisation: Bench\nengagement:\n  system: Bench\n  period: {start: 1990-01-01, end: 2099-12-31}\nrepositories:\n  - {name: large, path: %s, branch: %s}\n", clone, branch)
	if err := os.WriteFile(filepath.Join(repo, "exhibit.yaml"), []byte(config), 0o644); err != nil {
		return err
	}
	if err := commitAll(repo, "configure"); err != nil {
		return err
	}
	header := "--format=%H %T %P %an %ae %at %cn %ce %ct %s"
	for _, pair := range [][]struct {
		name string
		cmd  func() *exec.Cmd
	}{
		{{"git log, commits", log(header)}, {"exhibit, commits", ours("Walk")}},
		{{"git log, commits and files", log("-m", "--no-renames", "--name-status", header)}, {"exhibit, commits and files", ours("ChangesOfAllTime")}},
		{{"git log, commits and files", log("-m", "--no-renames", "--name-status", header)}, {"exhibit collect, sealed and committed", func() *exec.Cmd {
			cmd := exec.Command(b.bin, "collect", "--only", "git/change", "-C", repo)
			cmd.Env = append(os.Environ(), "HOME="+b.dir)
			return cmd
		}}},
	} {
		cmds, order := map[string]func() *exec.Cmd{}, []string{}
		for _, p := range pair {
			cmds[p.name], order = p.cmd, append(order, p.name)
		}
		figs, err := b.measure(b.runs, cmds, order)
		if err != nil {
			return err
		}
		report(figs)
	}
	return nil
}

// generateHistory makes a repository with real git: n commits on 200 files.
func (b *bench) generateHistory(n int) (string, error) {
	dir := filepath.Join(b.dir, "history")
	if out, err := exec.Command("git", "init", "-q", "-b", "main", dir).CombinedOutput(); err != nil {
		return "", fmt.Errorf("git init: %w\n%s", err, out)
	}
	var s strings.Builder
	for i := range n {
		path := fmt.Sprintf("src/package%02d/file%d.go", i%20, i%200)
		message := fmt.Sprintf("Change %d of %s (#%d)\n\nWhy it changed.\n\nSigned-off-by: A <a@localhost>\n", i, path, i)
		body := fmt.Sprintf("package p\n\nconst Version = %d\n", i)
		fmt.Fprintf(&s, "commit refs/heads/main\nauthor A <a@localhost> %d +0000\ncommitter C <c@localhost> %d +0000\ndata %d\n%s\nM 100644 inline %s\ndata %d\n%s\n",
			1_600_000_000+i*600, 1_600_000_000+i*600, len(message), message, path, len(body), body)
	}
	imp := exec.Command("git", "-C", dir, "fast-import", "--quiet")
	imp.Stdin = strings.NewReader(s.String())
	if out, err := imp.CombinedOutput(); err != nil {
		return "", fmt.Errorf("git fast-import: %w\n%s", err, out)
	}
	if out, err := exec.Command("git", "-C", dir, "gc", "-q").CombinedOutput(); err != nil {
		return "", fmt.Errorf("git gc: %w\n%s", err, out)
	}
	return dir, nil
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
