package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"

	"exhibit/collect"
	"exhibit/collect/envoy"
	"exhibit/evidence/store"
)

var mergeCommand = command{
	name: "merge", args: "FOLDER...",
	short: "keep the parts of several collecting processes as one sealed commit",
	long: `Takes the folders that exhibit collect --plan FILE --shard I/N --out FOLDER wrote,
checks that each is what was handed over, that all are of one plan and of this
exhibit.yaml, and keeps them as one run. The order in which they are named, and
how many shards there were, make no difference.

A cell that came twice, because a shard was run again, is kept once: the answered
one; of two the one that ended later; of the same moment the one whose SHA-256 is
less. Cells of a shard that is missing are kept as lost: planned and not answered.
Nothing passes on them, and the exit code is 4.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		return func(ctx context.Context, c *call) error {
			if len(c.args) == 0 {
				return usageError("merge needs the folders of the parts")
			}
			j, err := collecting(ctx, c, taking{folders: c.args})
			if err != nil {
				return err
			}
			defer j.close()
			return run(ctx, j)
		}
	},
}

// merged is the plan of parts, with what they were told.
func (j *job) merged(repo *store.Repository) (p collect.Plan, err error) {
	made := map[string]bool{}
	for i, folder := range j.folders {
		w, part, err := collect.OpenPart(absolute(j.Dir, folder))
		if err != nil {
			return p, withHint(err, "a part is whole once its shard has ended well; leave it out and its cells are lost, or run the shard again")
		}
		j.parts = append(j.parts, w)
		if w.Head.Sum != j.parts[0].Head.Sum || !w.Head.Planned.Equal(j.parts[0].Head.Planned) {
			return p, withHint(fmt.Errorf("%s and %s are parts of different plans", j.folders[0], folder), "merge the parts of one plan")
		}
		if i == 0 {
			if err := w.ReadCells(); err != nil {
				return p, err
			}
		}
		if err := w.Check(part, j.parts[0].Cells); err != nil {
			return p, fmt.Errorf("%s: %w", folder, err)
		}
		if i == 0 {
			j.made = part
		}
		if part.BinarySum != j.made.BinarySum { // machines of two kinds: nothing true to say in one word
			j.made.BinarySum = ""
		}
		if part.AWSBinarySum != j.made.AWSBinarySum {
			j.made.AWSBinarySum = ""
		}
		if part.Host != j.made.Host {
			j.made.Host = ""
		}
		j.cas = union(j.cas, part.CAs)
		made[part.Shard] = true
	}
	h := j.parts[0].Head
	if err := j.fits(h); err != nil {
		return p, err
	}
	if err := j.newest(repo, h); err != nil {
		return p, err
	}
	j.only = h.Only
	p = collect.Plan{Callers: h.Callers, Calls: h.Calls, Only: h.Only, Endpoints: h.Endpoints, CAs: h.CAs, Native: envoy.Native, Digest: h.Sum, Started: h.Planned}
	p.CAs = union(p.CAs, j.cas)
	p.Tasks = make([]collect.Task, len(j.parts[0].Cells))
	for i, c := range j.parts[0].Cells {
		p.Tasks[i] = collect.Task{Cell: c}
	}
	j.parts[0].Cells = nil
	for _, w := range j.parts {
		p.Parts = append(p.Parts, w.Spool)
	}
	j.work, err = collect.NewWork(filepath.Join(j.cfg.dir, ".exhibit", "merge"), func(string) (collect.PlanHead, error) { return h, nil })
	if err != nil {
		return p, busy(err)
	}
	p.Spool = j.work.Spool
	j.say("merging %s of %s", count(len(made), "shard"), count(len(p.Tasks), "cell"))
	return p, nil
}
