package main

import (
	"cmp"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"exhibit/collect/envoy"
	"exhibit/collect/forge"
)

var collectCommand = command{
	name: "collect", args: "[--only SOURCES | --expiring | --resume | --plan FILE [--shard I/N --out FOLDER]]",
	short: "ask AWS and git, and keep the answers as one sealed commit",
	long: `Asks every source in scope in every account and region, and keeps what was
answered as one commit of the evidence repository, sealed and chained to the run
before. What was refused, cut or never answered is kept as a named gap.

--only limits the run to sources: --only kms/key,iam/*. The other cells stay as
the run before left them. --only ? lists the sources.

--expiring limits the run to the sources whose answers AWS and GitHub delete after
weeks: backup and restore jobs, findings, alarm history, management events, pushes
past a branch's rules. Run each week it loses none of them; make capture does. See
docs/capture.md.

A run that was interrupted, by a person, by a crash or because credentials ended,
commits nothing. What it was told is kept in .exhibit/work for 24 hours, and
--resume asks only what is missing. --incomplete keeps a run whose credentials
ended as it is, with the gaps.

--plan FILE writes what there is to ask and asks none of it. With --shard I/N one
of N processes, on as many machines as you like, asks its share of that plan into
the folder --out; exhibit merge makes one run of the folders. See docs/scale.md.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		only := fs.String("only", "", "ask only these `SOURCES`, separated by commas")
		capture := fs.Bool("expiring", false, "ask only the sources whose answers AWS and GitHub delete")
		t := takingFlags(fs)
		fs.StringVar(&t.planFile, "plan", "", "write the plan to this `FILE`, or with --shard ask a share of it")
		shard := fs.String("shard", "", "ask the share `I/N` of the plan")
		fs.StringVar(&t.out, "out", "", "the `FOLDER` for the shard's part")
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 0 {
				return usageError("collect takes no argument %q", c.args[0])
			}
			if *capture && *only != "" {
				return usageError("--expiring names the sources itself: leave --only out")
			}
			if err := t.check(*shard, *only != "" || *capture); err != nil {
				return err
			}
			var named []string
			if *only != "" {
				var err error
				if named, err = sources(*only); err != nil {
					return err
				}
			}
			if *capture {
				named = expiring()
			}
			t.only = named
			j, err := collecting(ctx, c, *t)
			if err != nil {
				return err
			}
			defer j.close()
			return run(ctx, j)
		}
	},
}

// expiring are the names of the sources whose answers the provider deletes.
func expiring() []string {
	var out []string
	for _, s := range envoy.Expiring() {
		out = append(out, s.Name)
	}
	return append(out, forgotten()...)
}

// forgotten are those of them that the code host deletes.
func forgotten() []string {
	var out []string
	for _, e := range forge.Expire() {
		out = append(out, e.Source)
	}
	return out
}

// sources reads what --only names, and refuses what no source is called.
func sources(list string) ([]string, error) {
	known := append([]string{"git/change", "git/ref"}, forge.Sources()...)
	for _, s := range envoy.Sources() {
		known = append(known, s.Name)
	}
	var only []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		service := strings.TrimSuffix(name, "/*")
		if slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, service+"/") }) {
			name = service + "/*"
		} else if !slices.Contains(known, name) {
			err := usageError("--only: there is no source %q", name)
			slices.Sort(known)
			return nil, withNear(err, name, known, "write SERVICE/*, or one of: %s", strings.Join(known, ", "))
		}
		only = append(only, name)
	}
	return only, nil
}

// collecting is a job that collects: with the key, and for the sample with its
// recorded answers.
func collecting(ctx context.Context, c *call, t taking) (*job, error) {
	var early *envoy.Envoy
	var unsent error
	if len(t.folders) == 0 && t.wantsAWS() { // it starts while this process looks at its own part
		early, unsent = send(c)
	}
	cfg, err := loadConfig(c.Dir)
	if err = cmp.Or(err, unsent); err != nil {
		if early != nil {
			early.Kill()
		}
		return nil, err
	}
	j := newJob(c, cfg)
	j.taking, j.envoy, j.collects = t, early, true
	if err := j.prepare(ctx); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// prepare is what a job needs before it can collect.
func (j *job) prepare(ctx context.Context) error {
	t := j.taking
	if t.planFile == "" { // who plans and who asks a share needs no key: who merges seals
		if err := j.signs(ctx); err != nil {
			return err
		}
		if err := j.stamps(); err != nil {
			return err
		}
	}
	if j.cfg.Sample {
		if t.planFile != "" || t.resume || len(t.folders) > 0 {
			return usageError("the sample is collected in one go, from recorded answers")
		}
		return j.replay()
	}
	exe, _ := os.Executable() // a run that does not say what kept it is a run
	asker := ""
	if j.envoy != nil {
		asker = j.envoy.Path()
	}
	folder := filepath.Join(j.cfg.dir, ".exhibit")
	j.binary, j.binaryOf = hash(exe, folder, j.openKey()), hash(asker, folder, j.openKey())
	return nil
}
