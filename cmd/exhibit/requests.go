package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"exhibit/control"
	"exhibit/seal"
)

var requestsCommand = command{
	name: "requests", args: "[REQUEST] [--open]",
	short: "what auditors ask for, and what answers it",
	long: `Lists the usual requests of an auditor and the questions of a walkthrough with their
state at the newest commit: answered, partly, or missing, and what is missing by name.

With REQUEST, such as P-05, it shows each part of the answer. --open leaves out what
is answered. Requests of this repository's own requests/ folder are among them.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		open := fs.Bool("open", false, "only what is not answered, or not in every part")
		return func(_ context.Context, c *call) error {
			if len(c.args) > 1 {
				return usageError("requests takes one REQUEST, not %q", strings.Join(c.args, " "))
			}
			_, report, err := reported(c)
			if err != nil {
				return err
			}
			if len(c.args) == 1 {
				return showRequest(c, report, c.args[0])
			}
			var list []control.RequestResult
			for _, r := range report.Requests {
				if !*open || r.State != control.AnswerWhole {
					list = append(list, r)
				}
			}
			return c.result(list, func(w io.Writer) { printRequests(w, list) })
		}
	},
}

func printRequests(w io.Writer, list []control.RequestResult) {
	count := map[control.AnswerState]int{}
	for _, r := range list {
		count[r.State]++
		fmt.Fprintf(w, "%-6s %-9s %s\n", r.ID, strings.ToLower(string(r.State)), seal.Visible(r.Title))
		for _, m := range r.Missing {
			if runes := []rune(m); len(runes) > 150 {
				m = string(runes[:147]) + "…"
			}
			fmt.Fprintf(w, "         missing: %s\n", seal.Visible(m))
		}
	}
	fmt.Fprintf(w, "%d requests: %d answered, %d partly, %d missing\n", len(list), count[control.AnswerWhole], count[control.AnswerInPart], count[control.AnswerMissing])
}

func showRequest(c *call, report *control.Report, id string) error {
	var names []string
	for _, r := range report.Requests {
		names = append(names, r.ID)
		if !strings.EqualFold(r.ID, id) {
			continue
		}
		return c.result(r, func(w io.Writer) {
			fmt.Fprintf(w, "%s %s: %s\n%s\n", r.ID, r.Title, strings.ToLower(string(r.State)), r.Asks)
			for _, a := range r.Answers {
				fmt.Fprintf(w, "  %-9s %-11s %-36s %s\n", strings.ToLower(string(a.State)), a.Kind, seal.Visible(a.Name), seal.Visible(a.Says))
			}
			for _, p := range r.Probes {
				fmt.Fprintf(w, "  asked next: %s\n", p)
			}
		})
	}
	return withHint(usageError("there is no request %q", id), "there are %s", strings.Join(names, ", "))
}
