// Command exhibit collects AWS configuration and git history into a versioned
// evidence repository and renders any commit of it into a sealed static site
// for a SOC 2 auditor. Read run.go first: all that exhibit does is there.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"exhibit/internal/heap"
)

// Exit codes are part of the interface.
const (
	exitOK         = 0 // all well
	exitError      = 1 // an error, or something was changed
	exitUsage      = 2
	exitExceptions = 3 // exceptions were found
	exitGaps       = 4 // something was not collected
)

// world is everything the program takes from outside: passed, never global.
type world struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Standing       bool   // Now does not move: exhibit-aws is told the time, which it takes for recorded answers alone
	Dir            string // the folder exhibit was called in
	Home           string
	Terminal       bool // Stderr is a terminal: progress may overwrite itself
}

func main() {
	if os.Getenv("GOGC") == "" {
		heap.Grow(64<<20, 46) // a laptop's memory is dearer than a quarter of the time: 294 MB instead of 420 for the sample
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = dir
	}
	w := world{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: func() time.Time { return time.Now().UTC() },
		Dir: dir, Home: home, Terminal: isTerminal(os.Stderr) && os.Getenv("TERM") != "dumb",
	}
	os.Exit(exhibit(ctx, w, os.Args[1:]))
}

func isTerminal(f *os.File) bool {
	i, err := f.Stat()
	return err == nil && i.Mode()&os.ModeCharDevice != 0
}
