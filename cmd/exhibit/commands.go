package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"exhibit/collect/envoy"
	"exhibit/site"
)

// version is the tool's version as it stands in every run and seal. It is the
// release's name, not the build's: a page must not depend on who compiled it.
const version = envoy.Version

// A command is one verb of the program.
type command struct {
	name  string
	args  string // after the name in usage
	short string // one line
	long  string // what the help prints
	// setup defines the command's flags and returns what runs once they are parsed.
	setup func(fs *flag.FlagSet) func(ctx context.Context, c *call) error
}

// call is one invocation of a command.
type call struct {
	world
	*ui
	args []string // what is left after the flags
}

func commands() []command {
	return []command{
		evidenceCommand, collectCommand, mergeCommand, renderCommand, packCommand, verifyCommand, anchorCommand, countersignCommand, proofCommand, verifyProofCommand,
		initCommand, recordCommand, calendarCommand, doctorCommand, checksCommand, stateCommand, policyCommand, diffCommand, iamPolicyCommand, reviewCommand,
		sampleCommand, requestsCommand, peopleCommand, letterCommand,
	}
}

const usageHead = `exhibit turns AWS configuration and git history into a sealed evidence site.

  exhibit init FOLDER       make an evidence repository
  exhibit evidence          the main job: collect, judge, render, seal, verify
  exhibit verify PATH       what the auditor runs

Commands
`

const usageTail = `
Exit codes
  0  all well
  1  an error, or something was changed
  2  the command was called wrongly
  3  exceptions were found, or a record is missing
  4  something was not collected (a gap); 3 wins where both hold

exhibit COMMAND --help says more about one command.
`

// exhibit is the program: it returns the exit code.
func exhibit(ctx context.Context, w world, args []string) int {
	u := newUI(w, false)
	if len(args) == 0 || args[0] == "help" && len(args) == 1 || args[0] == "--help" || args[0] == "-h" {
		out := w.Stdout
		if len(args) == 0 {
			out = w.Stderr
		}
		printUsage(out)
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	}
	name := args[0]
	if name == "help" {
		name, args = args[1], []string{args[1], "--help"}
	}
	if name == "version" || name == "--version" {
		fmt.Fprintf(w.Stdout, "exhibit %s\nverify.html, SHA-256: %s\n", version, site.VerifyPageSum())
		return exitOK
	}
	if name == "completion" {
		return completion(w, args[1:])
	}
	var names []string
	for _, cmd := range commands() {
		names = append(names, cmd.name)
		if cmd.name == name {
			return cmd.call(ctx, w, args[1:])
		}
	}
	err := usageError("there is no command %q", name)
	if strings.HasPrefix(name, "-") {
		return u.fail(withNear(err, name, names, "flags follow their command: exhibit collect -C FOLDER"))
	}
	return u.fail(withNear(err, name, names, "exhibit help lists the commands"))
}

func printUsage(w io.Writer) {
	io.WriteString(w, usageHead)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-12s %s\n", c.name, c.short)
	}
	fmt.Fprintf(w, "  %-12s %s\n  %-12s %s\n", "completion", "print a completion script for bash, zsh or fish", "version", "print the version")
	io.WriteString(w, usageTail)
}

// call parses the command's flags and runs it.
func (c command) call(ctx context.Context, w world, args []string) int {
	fs := flag.NewFlagSet("exhibit "+c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	asJSON := fs.Bool("json", false, "print the result as JSON")
	dir := fs.String("C", "", "run as if called in this `FOLDER`")
	inv := &call{world: w}
	run := c.setup(fs)
	inv.ui = newUI(w, false)
	rest, err := parseMixed(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(w.Stdout, "usage: %s\n\n%s\n\nFlags\n", strings.TrimSpace("exhibit "+c.name+" "+c.args), strings.TrimSpace(c.long))
		printFlags(w.Stdout, fs)
		return exitOK
	}
	if err != nil {
		return inv.ui.fail(withHint(usageError("%s: %w", c.name, err), "exhibit %s --help lists the flags", c.name))
	}
	if *dir != "" {
		if i, err := os.Stat(*dir); err != nil || !i.IsDir() {
			return inv.ui.fail(usageError("-C %q is not a folder", *dir))
		}
		inv.Dir = absolute(w.Dir, *dir)
	}
	inv.ui = newUI(w, *asJSON)
	inv.args = rest
	if err := run(ctx, inv); err != nil {
		var said *hint
		if ctx.Err() != nil && errors.Is(err, context.Canceled) && !errors.As(err, &said) {
			err = withHint(errors.New("interrupted"), "a run is kept whole or not at all, and a package likewise: the repository is fit for the next run")
		}
		return inv.ui.fail(err)
	}
	inv.ui.clear()
	return exitOK
}

// printFlags lists flags as people write them.
func printFlags(w io.Writer, set *flag.FlagSet) {
	set.VisitAll(func(f *flag.Flag) {
		dash := "--"
		if len(f.Name) == 1 {
			dash = "-"
		}
		value, says := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" {
			says += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(w, "  %-18s %s\n", strings.TrimSpace(dash+f.Name+" "+value), says)
	})
}

// parseMixed lets flags stand after arguments, as people type them.
func parseMixed(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		args = fs.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest = append(rest, args[0])
		args = args[1:]
	}
}
