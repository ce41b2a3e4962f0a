package main

import (
	"context"
	"flag"
	"strings"
)

var collectCommand = command{
	name: "collect", args: "[--only SOURCES]",
	short: "ask AWS and git, and keep the answers as one sealed commit",
	long: `Asks every source in scope in every account and region, and keeps what was
answered as one commit of the evidence repository, sealed and chained to the run
before. What was refused, cut or never answered is kept as a named gap.

--only limits the run to sources: --only kms/key,iam/*. The other cells stay as
the run before left them.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		only := fs.String("only", "", "sources to ask, separated by commas (`kms/key,iam/*`)")
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 0 {
				return usageError("collect takes no argument %q", c.args[0])
			}
			j, err := collecting(ctx, c)
			if err != nil {
				return err
			}
			defer j.close()
			if *only != "" {
				j.only = strings.Split(*only, ",")
			}
			return run(ctx, j)
		}
	},
}

// collecting is a job that collects: with the key, and for the sample with its
// recorded answers.
func collecting(ctx context.Context, c *call) (*job, error) {
	cfg, err := loadConfig(c.Dir)
	if err != nil {
		return nil, err
	}
	j := newJob(c, cfg)
	if err := j.signs(); err != nil {
		return nil, err
	}
	j.collects, j.binary = true, hashSelf()
	if cfg.Sample {
		if err := j.replay(); err != nil {
			return nil, err
		}
	}
	return j, nil
}
