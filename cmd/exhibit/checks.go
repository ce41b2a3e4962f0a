package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/store"
	"exhibit/policies"
	"exhibit/seal"
)

var checksCommand = command{
	name: "checks", args: "list | explain CHECK [--findings] | test",
	short: "every check: its rule, its examples, what it finds",
	long: `list     every check with its severity, population and the controls it serves
explain  one check: what it says, its expression, its examples, who else checks it;
         --findings adds what it finds at the newest commit, with the deciding values
test     run the examples of every check; they are its tests

Checks in this repository's own checks/ folder are included.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		findings := fs.Bool("findings", false, "with explain: judge the newest commit and list the findings")
		return func(_ context.Context, c *call) error {
			verb := "list"
			if len(c.args) > 0 {
				verb = c.args[0]
			}
			lib, err := loadLibrary(c)
			if err != nil {
				return err
			}
			switch {
			case verb == "list" && len(c.args) <= 1:
				return listChecks(c, lib)
			case verb == "test" && len(c.args) == 1:
				return testChecks(c, lib)
			case verb == "explain" && len(c.args) == 2:
				return explainCheck(c, lib, c.args[1], *findings)
			}
			return withHint(usageError("checks %s is not a command", strings.Join(c.args, " ")), "exhibit checks list, exhibit checks explain NAME, or exhibit checks test")
		}
	},
}

// loadLibrary reads exhibit's criteria, controls and checks with those of the
// repository the command was called in, if it was called in one.
func loadLibrary(c *call) (*control.Library, error) {
	lib, _, err := libraryRead(c)
	return lib, err
}

// libraryRead is loadLibrary, and the sum of all it read of the repository.
func libraryRead(c *call) (*control.Library, string, error) {
	var own fs.FS
	read := &reading{sums: map[string]string{}}
	if cfg, err := loadConfig(c.Dir); err == nil {
		read.FS, own = os.DirFS(cfg.dir), read
	}
	lib, err := control.Load(policies.FS, own)
	if err != nil {
		return nil, "", err
	}
	lib.Keeps = keeps()
	return lib, read.sum(), nil
}

// reading is a file system that takes down what was read of it.
type reading struct {
	fs.FS
	sums map[string]string // sha256 in hex, by path
}

// ReadFile reads a file and takes its sum down.
func (r *reading) ReadFile(name string) ([]byte, error) {
	b, err := fs.ReadFile(r.FS, name)
	if err == nil {
		r.sums[name] = fmt.Sprintf("%x", sha256.Sum256(b))
	}
	return b, err
}

// sum is one sum over the names and the content of all that was read.
func (r *reading) sum() string {
	h := sha256.New()
	for _, name := range sortedKeys(r.sums) {
		fmt.Fprintf(h, "%q %s\n", name, r.sums[name])
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func listChecks(c *call, lib *control.Library) error {
	serves := map[string][]string{}
	for _, k := range lib.Controls {
		for _, name := range k.Checks {
			serves[name] = append(serves[name], k.ID)
		}
	}
	type row struct {
		Check    string           `json:"check"`
		Title    string           `json:"title"`
		Severity control.Severity `json:"severity"`
		Of       string           `json:"of"`
		Controls []string         `json:"controls"`
	}
	var rows []row
	for _, k := range lib.Checks {
		rows = append(rows, row{k.Name, k.Title, k.Severity, k.Of, serves[k.Name]})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].Check < rows[j].Check })
	return c.result(rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintf(w, "%-40s %-8s %-26s %s\n", r.Check, r.Severity, r.Of, strings.Join(r.Controls, " "))
		}
	})
}

func testChecks(c *call, lib *control.Library) error {
	results := lib.Test()
	failed := 0
	for _, r := range results {
		if !r.OK {
			failed++
		}
	}
	err := c.result(results, func(w io.Writer) {
		for _, r := range results {
			if !r.OK {
				fmt.Fprintf(w, "FAIL  %s, example %s %d: got %s. %s\n", r.Check, r.Group, r.Number, r.Got, r.Says)
			}
		}
		fmt.Fprintf(w, "%d examples of %d checks: %d as they should be, %d not\n", len(results), len(lib.Checks), len(results)-failed, failed)
	})
	if err == nil && failed > 0 {
		return &exit{code: exitError}
	}
	return err
}

func explainCheck(c *call, lib *control.Library, name string, findings bool) error {
	k, ok := lib.Check(name)
	if !ok {
		var names []string
		for _, x := range lib.Checks {
			names = append(names, x.Name)
		}
		err := usageError("there is no check %q", name)
		return withNear(err, name, names, "exhibit checks list names them all")
	}
	var result *control.CheckResult
	if findings {
		cfg, err := loadConfig(c.Dir)
		if err != nil {
			return err
		}
		j := newJob(c, cfg)
		j.lib = lib
		repo, err := store.Open(cfg.dir)
		if err != nil {
			return err
		}
		defer repo.Close()
		report, _, err := j.assess(repo, "HEAD")
		if err != nil {
			return err
		}
		for i := range report.Checks {
			if report.Checks[i].Check.Name == name {
				result = &report.Checks[i]
			}
		}
	}
	return c.result(map[string]any{"check": k, "result": result}, func(w io.Writer) {
		said := k
		if result != nil {
			said = result.Check // with the limits of exhibit.yaml
		} else {
			said = c.own().Check(k)
		}
		explain(w, &said, lib)
		if result != nil {
			printFindings(w, result)
		}
	})
}

// own are the organisation's choices, where an exhibit.yaml can be read.
func (c *call) own() control.Own {
	cfg, err := loadConfig(c.Dir)
	if err != nil {
		return control.Own{}
	}
	return cfg.engagement().Own
}

func explain(w io.Writer, k *control.Check, lib *control.Library) {
	fmt.Fprintf(w, "%s: %s\n  %s\n\n", k.Name, k.Title, k.Says)
	line := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			fmt.Fprintf(w, "  %-12s %s\n", name, strings.ReplaceAll(value, "\n", "\n               "))
		}
	}
	line("severity", string(k.Severity))
	line("limits", strings.Join(k.Limits, "\n"))
	line("population", k.Of)
	line("each", k.Each)
	line("when", k.When)
	line("pass", k.Pass)
	line("join", k.Join)
	line("decided", strings.Join(k.Steps, "\n"))
	line("shows", k.Shows)
	line("remediation", k.Remediation)
	for _, peer := range []string{"prowler", "powerpipe", "aws_config", "security_hub"} {
		line(peer, strings.Join(k.Peers[peer], ", "))
	}
	for _, ctl := range lib.Controls {
		for _, n := range ctl.Checks {
			if n == k.Name {
				line("control", fmt.Sprintf("%s %s (%s)", ctl.ID, ctl.Title, strings.Join(ctl.Criteria, ", ")))
			}
		}
	}
	line("defined in", k.File)
}

func printFindings(w io.Writer, r *control.CheckResult) {
	n := r.Counts
	fmt.Fprintf(w, "\n%s: %d in the population, %d pass, %d fail, %d not applicable, %d not evaluated, %d need a record\n",
		r.Status, n.Population, n.Passed, n.Failed, n.NotApplicable, n.NotEvaluated, n.NeedsRecord)
	for _, f := range r.Findings {
		value := ""
		if f.Value != nil {
			if b, err := evidence.Canonical(f.Value); err == nil {
				value = string(b)
			}
		}
		fmt.Fprintf(w, "%-14s %s %s %s  %s %s\n", f.Verdict, f.Account, f.Region, seal.Visible(f.Item), seal.Visible(value), seal.Visible(f.Reason))
	}
}
