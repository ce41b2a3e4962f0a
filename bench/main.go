// Command bench measures exhibit against named peers, side by side in one run,
// and prints ratios. It is what `make bench` runs; nothing else makes a claim
// about speed or memory.
//
// Sections: nine (the nine exports a consultant's script makes, with the aws
// command, with boto3 in threads, with exhibit, and the least the stand-in itself
// takes for the same requests, on one moto), sample (the
// whole sample organisation), judge (every check over 100,000 items), period (twelve
// such runs against one), prowler (its
// SOC 2 scan of a moto account, on request), changes (the history of a repository against git
// log; give a large clone in EXHIBIT_BENCH_REPO), digests (CloudTrail's digests and
// log files, against aws cloudtrail validate-logs), org (simulated organisations of 1,
// 100 and 1,000 accounts, against the least time their limits allow), commit (10,000 evidence files against
// git add and git commit), again (a re-render with nothing changed, against a full one), verify (a package, against sha256sum), pages (a site of tables, against Hugo), sheets (a workbook,
// against excelize's StreamWriter alone), papers (a PDF, against Chromium), size (the
// stripped binary).
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if dir := os.Getenv("EXHIBIT_BENCH_COMMIT"); dir != "" {
		seed := 0
		_, err := fmt.Sscan(os.Getenv("EXHIBIT_BENCH_SEED"), &seed)
		if err == nil {
			err = commitOurs(dir, seed, 10_000)
		}
		if err != nil {
			fatal(err)
		}
		return
	}
	if n := os.Getenv("EXHIBIT_BENCH_JUDGE"); n != "" {
		items := 0
		_, err := fmt.Sscan(n, &items)
		if err == nil {
			err = judgeItems(items)
		}
		if err != nil {
			fatal(err)
		}
		return
	}
	if what := os.Getenv("EXHIBIT_BENCH_PACKAGE"); what != "" {
		if err := packaged(what, os.Getenv("EXHIBIT_BENCH_OUT")); err != nil {
			fatal(err)
		}
		return
	}
	if name := os.Getenv("EXHIBIT_BENCH_FLOOR"); name != "" {
		if err := floor(name); err != nil {
			fatal(err)
		}
		return
	}
	only := flag.String("only", "nine,sample,judge,period,changes,digests,org,commit,again,verify,pages,sheets,papers,size", "sections to run")
	runs := flag.Int("n", 5, "counted runs of each command, after one that warms up")
	flag.Parse()
	b := &bench{runs: *runs, bin: absolute("bin/exhibit")}
	if _, err := os.Stat(b.bin); err != nil {
		fatal(fmt.Errorf("no bin/exhibit: run make build first"))
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "exhibit-bench-"); err != nil {
		fatal(err)
	}
	failed := false
	sections := map[string]func() error{"nine": b.nine, "sample": b.sample, "judge": b.judge, "period": b.period, "prowler": b.prowler, "changes": b.changes, "digests": b.digests, "org": b.org, "commit": b.commit, "again": b.again, "verify": b.verify, "pages": b.pages, "sheets": b.sheets, "papers": b.papers, "size": b.size}
	for name := range strings.SplitSeq(*only, ",") {
		f, ok := sections[name]
		if !ok {
			fatal(fmt.Errorf("no section %q", name))
		}
		fmt.Printf("\n## %s\n", name)
		if err := f(); err != nil {
			fmt.Printf("not measured: %v\n", err)
			failed = true
		}
	}
	_ = os.RemoveAll(b.dir) // a temporary folder left behind harms nothing
	if failed {
		os.Exit(1)
	}
}

type bench struct {
	runs     int
	bin, dir string
}

// A figure is one command's cost over the counted runs.
type figure struct {
	name      string
	wall, cpu []float64 // seconds
	rss       []float64 // MB of the largest process
}

// measure runs the commands in turn, A B A B, so that a machine that slows down
// slows all of them. prepare runs before each, uncounted.
func (b *bench) measure(runs int, cmds map[string]func() *exec.Cmd, order []string) ([]figure, error) {
	figs := make([]figure, len(order))
	for round := range runs + 1 {
		for i, name := range order {
			cmd := cmds[name]()
			var log strings.Builder
			cmd.Stdout, cmd.Stderr = &log, &log
			start := time.Now()
			err := cmd.Run()
			wall := time.Since(start).Seconds()
			if err != nil && !tolerated(err) {
				return nil, fmt.Errorf("%s: %w\n%s", name, err, tail(log.String()))
			}
			if round == 0 {
				continue
			}
			u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			figs[i].name = name
			figs[i].wall = append(figs[i].wall, wall)
			figs[i].cpu = append(figs[i].cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
			figs[i].rss = append(figs[i].rss, float64(u.Maxrss)/1024)
		}
	}
	return figs, nil
}

// tolerated are exhibit's exit codes that say "exceptions" and "gaps".
func tolerated(err error) bool {
	x, ok := err.(*exec.ExitError)
	return ok && (x.ExitCode() == 3 || x.ExitCode() == 4)
}

// report prints the figures and each one's ratio to the last, which is ours.
func report(figs []figure) {
	ours := figs[len(figs)-1]
	fmt.Printf("%-38s %28s %10s %8s %12s %11s\n", "", "wall s (min/median/max)", "CPU s", "MB", "wall, ours=1", "CPU, ours=1")
	for _, f := range figs {
		fmt.Printf("%-38s %8.3f /%8.3f /%8.3f %10.3f %8.0f %12.1f %11.1f\n", f.name, slices.Min(f.wall), median(f.wall), slices.Max(f.wall),
			median(f.cpu), median(f.rss), median(f.wall)/median(ours.wall), median(f.cpu)/median(ours.cpu))
	}
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func tail(s string) string {
	if len(s) > 1500 {
		s = "…" + s[len(s)-1500:]
	}
	return s
}

func absolute(p string) string {
	a, err := filepath.Abs(p)
	if err != nil {
		fatal(err)
	}
	return a
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func (b *bench) size() error {
	for _, name := range []string{"bin/exhibit", "bin/exhibit-aws", "bin/exhibit-verify"} {
		i, err := os.Stat(name)
		if err != nil {
			return err
		}
		fmt.Printf("%s, stripped: %.1f MB\n", name, float64(i.Size())/1e6)
	}
	cmds := map[string]func() *exec.Cmd{
		"git --version":   func() *exec.Cmd { return exec.Command("git", "--version") },
		"aws --version":   func() *exec.Cmd { return exec.Command(awsCommand(), "--version") },
		"exhibit-aws":     func() *exec.Cmd { return exec.Command(b.bin + "-aws") },
		"exhibit version": func() *exec.Cmd { return exec.Command(b.bin, "version") },
	}
	figs, err := b.measure(b.runs*4, cmds, []string{"aws --version", "git --version", "exhibit-aws", "exhibit version"})
	if err != nil {
		return err
	}
	fmt.Println("start-up:")
	report(figs)
	return nil
}

func awsCommand() string {
	if p := os.Getenv("EXHIBIT_AWS"); p != "" {
		return p
	}
	return "aws"
}
