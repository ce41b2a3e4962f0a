package main

import (
	"context"
	"flag"
	"io"

	"exhibit/control"
	"exhibit/evidence/store"
	"exhibit/render"
)

var calendarCommand = command{
	name: "calendar", args: "[> team.ics]",
	short: "who must do what by when, for the calendars people use",
	long: `Prints what the controls ask of people and of the program in the audit period, done
and to come, as an iCalendar file (RFC 5545): weekly captures, monthly and quarterly
reviews and runs, annual records, reviews of policies and vendors, exceptions and
certificates that end, follow-ups, and the 90 days before the audit. Each event has
the same UID every time, so importing it again moves what has moved.

It is made from the newest commit; so is calendar.html of a package. --json prints
the duties as they are.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		return func(_ context.Context, c *call) error {
			if len(c.args) > 0 {
				return usageError("calendar takes no argument %q", c.args[0])
			}
			j, err := rendering(c, "HEAD")
			if err != nil {
				return err
			}
			repo, err := store.Open(j.cfg.dir)
			if err != nil {
				return err
			}
			defer repo.Close()
			report, _, err := j.assess(repo, j.at)
			if err != nil {
				return err
			}
			return c.result(map[string]any{"calendar": dutyLines(report.Calendar)}, func(w io.Writer) {
				_, _ = w.Write(render.Ical(report)) // ui.go reports what cannot be written
			})
		}
	},
}

// A dutyLine is a duty as --json and data/calendar.jsonl have it.
type dutyLine = render.DutyLine

func dutyLines(duties []control.Duty) []dutyLine {
	out := []dutyLine{}
	for _, d := range duties {
		out = append(out, render.DutyLineOf(d))
	}
	return out
}
