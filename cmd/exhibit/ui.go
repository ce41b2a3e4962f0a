package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"exhibit/evidence/store"
	"exhibit/seal"
)

// ui is how the program speaks: plain sentences on stderr, results on stdout.
type ui struct {
	out, err io.Writer
	json     bool
	colour   bool
	terminal bool
	live     bool // the last line on the terminal is progress and may be overwritten
}

func newUI(w world, asJSON bool) *ui {
	return &ui{
		out: w.Stdout, err: w.Stderr, json: asJSON, terminal: w.Terminal,
		colour: w.Terminal && w.Getenv("NO_COLOR") == "",
	}
}

// say prints one line for people.
func (u *ui) say(format string, args ...any) {
	u.clear()
	fmt.Fprintf(u.err, "exhibit: %s\n", seal.Visible(fmt.Sprintf(format, args...)))
}

// warn prints a line that must not be overlooked.
func (u *ui) warn(format string, args ...any) {
	u.clear()
	fmt.Fprintf(u.err, "exhibit: %s %s\n", u.paint("warning:", "33"), seal.Visible(fmt.Sprintf(format, args...)))
}

// progress overwrites itself on a terminal and is silent elsewhere.
func (u *ui) progress(format string, args ...any) {
	if !u.terminal {
		return
	}
	// Without wrapping, so that a narrow terminal cuts the line instead of keeping it.
	fmt.Fprintf(u.err, "\r\x1b[K\x1b[?7l%s\x1b[?7h", seal.Visible(fmt.Sprintf(format, args...)))
	u.live = true
}

func (u *ui) clear() {
	if u.live {
		fmt.Fprint(u.err, "\r\x1b[K")
		u.live = false
	}
}

// fail prints an error and its hint, and returns the exit code it stands for.
func (u *ui) fail(err error) int {
	u.clear()
	var x *exit
	if errors.As(err, &x) && x.err == nil {
		return x.code
	}
	text, mend := err.Error(), ""
	var h *hint
	var sh *store.Hint
	switch {
	case errors.As(err, &h):
		mend = h.text
	case errors.As(err, &sh):
		text, mend = strings.TrimSuffix(text, ": "+sh.Mend), sh.Mend
	}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line = seal.Visible(strings.ReplaceAll(line, "\t", "  "))
		if i == 0 {
			fmt.Fprintf(u.err, "exhibit: %s %s\n", u.paint("error:", "31"), line)
			continue
		}
		fmt.Fprintf(u.err, "exhibit:        %s\n", line)
	}
	if mend != "" {
		fmt.Fprintf(u.err, "exhibit: hint: %s\n", seal.Visible(mend))
	}
	if x != nil {
		return x.code
	}
	return exitError
}

// result prints v as JSON if --json was given, else calls text.
func (u *ui) result(v any, text func(io.Writer)) error {
	u.clear()
	if !u.json {
		text(u.out)
		return nil
	}
	e := json.NewEncoder(u.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func (u *ui) paint(s, code string) string {
	if !u.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// hint is an error with the mend.
type hint struct {
	err  error
	text string
}

func (h *hint) Error() string { return h.err.Error() }
func (h *hint) Unwrap() error { return h.err }

// withHint adds the mend to an error.
func withHint(err error, format string, args ...any) error {
	return &hint{err, fmt.Sprintf(format, args...)}
}

// exit is an error that stands for an exit code; with a nil err everything was
// said already.
type exit struct {
	code int
	err  error
}

func (x *exit) Error() string {
	if x.err == nil {
		return fmt.Sprintf("exit %d", x.code)
	}
	return x.err.Error()
}
func (x *exit) Unwrap() error { return x.err }

func usageError(format string, args ...any) error {
	return &exit{exitUsage, fmt.Errorf(format, args...)}
}
