package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

var evidenceCommand = command{
	name: "evidence", args: "[--sample FOLDER | --resume]",
	short: "the main job: collect, judge, render, seal, verify",
	long: `Collects, keeps the answers as one sealed commit, judges them with every check,
renders the site with its PDF and XLSX artifacts, seals it, verifies it with the
code the auditor will run, and zips it. This is what make evidence runs.

--sample FOLDER does all of it on the embedded sample organisation, in a
repository it makes in FOLDER. --resume goes on with a run that was interrupted
while it collected, and does the rest.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		sample := fs.String("sample", "", "run on the sample organisation, in this `FOLDER`")
		t := takingFlags(fs)
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 0 {
				return usageError("evidence takes no argument %q", c.args[0])
			}
			if *sample != "" {
				c.Dir = absolute(c.Dir, *sample)
				if err := freshSample(ctx, c); err != nil {
					return err
				}
			}
			j, err := collecting(ctx, c, *t)
			if err != nil {
				return err
			}
			defer j.close()
			if err := j.judges(); err != nil {
				return err
			}
			j.zips = true
			return run(ctx, j)
		}
	},
}

// freshSample makes the sample's repository in c.Dir if there is none yet.
func freshSample(ctx context.Context, c *call) error {
	_, err := os.Stat(filepath.Join(c.Dir, configName))
	if _, half := os.Stat(filepath.Join(c.Dir, halfMade)); half == nil {
		return withHint(fmt.Errorf("making the sample in %s was interrupted", c.Dir), "remove that folder, and start again")
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c.say("making the sample organisation in %s: three quarters of history, then the fourth", c.Dir)
	return initSample(ctx, c, c.Dir)
}
