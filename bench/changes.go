package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// changes reads the history of a large repository against git log: the commits of
// the production branch alone; a year of them, and all of them, with the files each
// changed; those as a run, judged for secrets, sealed and committed, which git log
// does not do; and the history of a folder of documents, as that of policies is read,
// against git log --follow of one of them. That looks for moves without a change only:
// a clone may lack the contents that others are told by, and it costs more.
func (b *bench) changes() error {
	clone := os.Getenv("EXHIBIT_BENCH_REPO")
	if clone == "" {
		var err error
		if clone, err = b.generateHistory(60_000); err != nil {
			return err
		}
		fmt.Println("EXHIBIT_BENCH_REPO names no clone: a generated history of 60,000 commits stands in")
	}
	branch, err := gitSays(clone, "symbolic-ref", "--short", "HEAD")
	if err != nil {
		return err
	}
	date, err := gitSays(clone, "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	newest, err := strconv.ParseInt(date, 10, 64)
	if err != nil {
		return fmt.Errorf("reading the date of the newest commit: %w", err)
	}
	walks, err := b.tests("collect/git")
	if err != nil {
		return err
	}
	reads, err := b.tests("evidence/store")
	if err != nil {
		return err
	}
	repo, err := b.repositoryOfChanges(clone, branch)
	if err != nil {
		return err
	}
	folder, file, err := document(clone)
	if err != nil {
		return err
	}
	whole := filepath.Join(b.dir, "changes-whole") // an evidence repository has a work tree; this one is empty
	if out, err := exec.Command("git", "clone", "-q", "--shared", "--no-checkout", clone, whole).CombinedOutput(); err != nil {
		return fmt.Errorf("git clone: %w\n%s", err, out)
	}

	header := "--format=%H %T %P %an %ae %at %cn %ce %ct %s"
	files := []string{"-m", "--no-renames", "--name-status", header}
	log := func(args ...string) func() *exec.Cmd {
		return func() *exec.Cmd {
			return exec.Command("git", append([]string{"-C", clone, "log", "--first-parent"}, args...)...)
		}
	}
	ours := func(tests, repo, name string) func() *exec.Cmd {
		return func() *exec.Cmd {
			cmd := exec.Command(tests, "-test.run", "xxx", "-test.bench", name+"$", "-test.benchtime", "1x")
			cmd.Env = append(os.Environ(), "EXHIBIT_BENCH_REPO="+repo, "EXHIBIT_BENCH_BRANCH="+branch, "EXHIBIT_BENCH_FOLDER="+folder)
			return cmd
		}
	}
	collects := func() *exec.Cmd {
		cmd := exec.Command(b.bin, "collect", "--only", "git/change", "-C", repo)
		cmd.Env = append(os.Environ(), "HOME="+b.dir)
		return cmd
	}
	for _, pair := range [][2]peer{
		{{"git log, commits", log(header)}, {"exhibit, commits", ours(walks, clone, "Walk")}},
		{{"git log, a year with files", log(append([]string{fmt.Sprintf("--since=@%d", newest-365*24*3600)}, files...)...)}, {"exhibit, a year with files", ours(walks, clone, "ChangesOfAYear")}},
		{{"git log, all with files", log(files...)}, {"exhibit, all with files", ours(walks, clone, "ChangesOfAllTime")}},
		{{"git log, all with files", log(files...)}, {"exhibit collect, sealed and committed", collects}},
		{{"git log --follow " + file, log("--follow", "-M100%", "--name-status", header, "--", file)}, {"exhibit, history of " + folder + "/", ours(reads, whole, "History")}},
	} {
		cmds := map[string]func() *exec.Cmd{pair[0].name: pair[0].cmd, pair[1].name: pair[1].cmd}
		figs, err := b.measure(b.runs, cmds, []string{pair[0].name, pair[1].name})
		if err != nil {
			return err
		}
		report(figs)
	}
	return nil
}

// tests builds the benchmarks of a package.
func (b *bench) tests(pkg string) (string, error) {
	name := filepath.Join(b.dir, strings.ReplaceAll(pkg, "/", "-")+".test")
	if out, err := exec.Command("go", "test", "-c", "-o", name, "./"+pkg).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the benchmarks of %s: %w\n%s", pkg, err, out)
	}
	return name, nil
}

// repositoryOfChanges is an evidence repository that collects the changes of a clone.
func (b *bench) repositoryOfChanges(clone, branch string) (string, error) {
	repo := filepath.Join(b.dir, "changes-evidence")
	if err := b.initRepository(repo, "http://127.0.0.1:9"); err != nil {
		return "", err
	}
	config := fmt.Sprintf("organisation: Bench\nengagement:\n  system: Bench\n  period: {start: 1990-01-01, end: 2099-12-31}\nrepositories:\n  - {name: large, path: %s, branch: %s}\n", clone, branch)
	if err := os.WriteFile(filepath.Join(repo, "exhibit.yaml"), []byte(config), 0o644); err != nil {
		return "", err
	}
	return repo, commitAll(repo, "configure")
}

// document is a folder that comes close to one of policies: of those of the newest
// commit with five texts or more the one with the fewest files; of a repository
// without such a one any folder. file is the first text in it.
func document(clone string) (folder, file string, err error) {
	names, err := gitSays(clone, "ls-tree", "-r", "--name-only", "HEAD")
	if err != nil {
		return "", "", err
	}
	files, texts, first := map[string]int{}, map[string]int{}, map[string]string{}
	for name := range strings.SplitSeq(names, "\n") {
		top, _, deep := strings.Cut(name, "/")
		if !deep || strings.HasPrefix(top, ".") {
			continue
		}
		if files[top]++; strings.HasSuffix(name, ".md") {
			texts[top]++
		}
		if first[top] == "" || texts[top] == 1 && strings.HasSuffix(name, ".md") {
			first[top] = name
		}
	}
	better := func(a, b string) bool {
		if (texts[a] >= 5) != (texts[b] >= 5) {
			return texts[a] >= 5
		}
		return files[a] < files[b] || files[a] == files[b] && a < b
	}
	for top := range files {
		if folder == "" || better(top, folder) {
			folder = top
		}
	}
	if folder == "" {
		return "", "", fmt.Errorf("the newest commit of %s has no folder", clone)
	}
	return folder, first[folder], nil
}

func gitSays(dir string, args ...string) (string, error) {
	out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
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
