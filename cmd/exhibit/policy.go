package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence/store"
	"exhibit/seal"
)

var policyCommand = command{
	name: "policy", args: "[ID] [--on DATE]",
	short: "which version of each policy was in force on a day",
	long: `Prints the version of each policy, or of the one that is named, that was in force on
a day: the newest whose effective day had come, with who approved it and when, and the
git command that shows its text. Without --on the day ages are counted to is meant.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		on := fs.String("on", "", "the `DATE` asked about, such as 2026-05-12")
		at := fs.String("at", "HEAD", "the `COMMIT` whose policies are asked")
		return func(_ context.Context, c *call) error {
			if len(c.args) > 1 {
				return withHint(usageError("policy takes one id at most, got %q", strings.Join(c.args, " ")), "exhibit policy lists them all")
			}
			var day time.Time
			if *on != "" {
				var err error
				if day, err = time.Parse(time.DateOnly, *on); err != nil {
					return withHint(usageError("--on %q is not a date", *on), "write it as 2026-05-12")
				}
			}
			j, err := rendering(c, *at)
			if err != nil {
				return err
			}
			repo, err := store.Open(j.cfg.dir)
			if err != nil {
				return err
			}
			defer repo.Close()
			report, _, err := j.assess(repo, *at)
			if err != nil {
				return err
			}
			if day.IsZero() {
				day = report.AsOf.UTC().Truncate(24 * time.Hour)
			}
			return printPolicies(c, report.Documents, day)
		}
	},
}

// inForce is one policy on a day.
type inForce struct {
	Policy     string   `json:"policy"`
	Title      string   `json:"title"`
	On         string   `json:"on"`
	Version    string   `json:"version,omitempty"` // none: no version was in force
	Effective  string   `json:"effective,omitempty"`
	ApprovedBy string   `json:"approved_by,omitempty"`
	ApprovedOn string   `json:"approved_on,omitempty"`
	Commit     string   `json:"commit,omitempty"`
	Look       string   `json:"look,omitempty"` // a command that shows the text
	Problems   []string `json:"problems,omitempty"`
}

func printPolicies(c *call, docs []control.Document, day time.Time) error {
	var ids []string
	for _, d := range docs {
		ids = append(ids, d.ID)
	}
	if len(c.args) == 1 {
		if !slices.Contains(ids, c.args[0]) {
			return withNear(usageError("there is no policy %q", c.args[0]), c.args[0], ids, "exhibit policy lists them all")
		}
		docs = slices.DeleteFunc(slices.Clone(docs), func(d control.Document) bool { return d.ID != c.args[0] })
	}
	all := []inForce{}
	for _, d := range docs {
		one := inForce{Policy: d.ID, Title: d.Title, On: day.Format(time.DateOnly), Problems: d.Problems}
		if v := d.InForce(day); v != nil {
			one.Version, one.Effective, one.ApprovedBy, one.Commit = v.Version, v.Effective.Format(time.DateOnly), v.ApprovedBy, v.Commit
			if !v.ApprovedOn.IsZero() {
				one.ApprovedOn = v.ApprovedOn.Format(time.DateOnly)
			}
			one.Look = fmt.Sprintf("git show %s:%s", v.Commit[:min(12, len(v.Commit))], v.Path)
		}
		all = append(all, one)
	}
	return c.result(map[string]any{"policies": all}, func(w io.Writer) {
		for _, p := range all {
			if p.Version == "" {
				fmt.Fprintf(w, "%s: no version was in force on %s\n", seal.Visible(p.Policy), p.On)
			} else {
				by := "approved by nobody"
				if p.ApprovedBy != "" {
					by = fmt.Sprintf("approved by %s on %s", p.ApprovedBy, p.ApprovedOn)
				}
				fmt.Fprintf(w, "%s: version %s, in force from %s, %s\n  %s\n", seal.Visible(p.Policy), seal.Visible(p.Version), p.Effective, seal.Visible(by), seal.Visible(p.Look))
			}
			if len(all) == 1 {
				for _, s := range p.Problems {
					fmt.Fprintf(w, "  problem: %s\n", seal.Visible(s))
				}
			}
		}
	})
}
