package main

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/collect/aws"
	"exhibit/evidence"
	"exhibit/evidence/store"
)

// resumable is how long a plan may be asked: a run speaks of one moment, and
// answers further apart than this are two.
const resumable = 24 * time.Hour

// A taking is how a job goes on with what another process began.
type taking struct {
	resume, incomplete bool
	planFile, out      string
	shard              struct{ n, of int }
	folders            []string // of parts to merge

	work  *collect.Work
	parts []*collect.Work
	made  collect.Part // what all parts say alike
}

// takingFlags are the flags of every command that collects.
func takingFlags(fs *flag.FlagSet) *taking {
	t := &taking{}
	fs.BoolVar(&t.resume, "resume", false, "go on with the run that was interrupted")
	fs.BoolVar(&t.incomplete, "incomplete", false, "keep a run whose credentials ended, with the gaps")
	return t
}

// check refuses flags that do not go together.
func (t *taking) check(shard string, limited bool) error {
	if shard != "" {
		var rest string
		if n, _ := fmt.Sscanf(shard+" .", "%d/%d %s", &t.shard.n, &t.shard.of, &rest); n != 3 || rest != "." || t.shard.n < 1 || t.shard.n > t.shard.of || t.shard.of > 10_000 {
			return usageError("--shard %q is not I/N, such as 2/8", shard)
		}
	}
	switch {
	case t.shard.of > 0 && (t.planFile == "" || t.out == ""):
		return usageError("--shard needs --plan FILE, which was written before, and --out FOLDER")
	case t.shard.of == 0 && t.out != "":
		return usageError("--out is for the part of a --shard")
	case t.shard.of == 0 && t.planFile != "" && t.resume:
		return usageError("--plan asks nothing, so there is nothing to --resume")
	case limited && (t.resume || t.shard.of > 0):
		return usageError("which sources are asked belongs to the plan, and that is made already")
	}
	return nil
}

// takesUp reports whether the plan is one that was made before.
func (t *taking) takesUp() bool { return t.resume || t.shard.of > 0 || len(t.folders) > 0 }

// configuration is the sum of what the plan depends on beside AWS: exhibit.yaml
// and the program.
func (j *job) configuration() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte("exhibit "+version+"\n"+j.cfg.sum+"\n")))
}

func (j *job) workFolder() string {
	if j.shard.of > 0 {
		return absolute(j.Dir, j.out)
	}
	return filepath.Join(j.cfg.dir, ".exhibit", "work")
}

// begin makes the folder from which the run can be taken up. The sample has none.
func (j *job) begin(p *collect.Plan) error {
	if j.cfg.Sample || j.planFile != "" {
		return nil
	}
	if w, err := collect.OpenWork(j.workFolder()); err == nil {
		j.say("the run that was interrupted at %s is dropped; exhibit collect --resume would have gone on with it", w.Head.Planned.Format(time.RFC3339))
		if err := w.Close(); err != nil {
			return err
		}
	}
	p.Started = j.clock().UTC()
	work, err := collect.NewWork(j.workFolder(), func(w io.Writer) (collect.PlanHead, error) {
		plan := *p
		plan.Only = j.only
		return collect.WritePlan(w, plan, p.Started, j.configuration(), "exhibit "+version)
	})
	if err != nil {
		return busy(err)
	}
	j.work, p.Spool = work, work.Spool
	return nil
}

func busy(err error) error {
	if errors.Is(err, collect.ErrBusy) {
		return withHint(err, "wait for it to end and run again")
	}
	return err
}

// writePlan writes the plan for the shards.
func (j *job) writePlan(p collect.Plan) (err error) {
	name := absolute(j.Dir, j.planFile)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".exhibit-plan-")
	if err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	defer func() {
		_ = os.Remove(f.Name()) // gone already when all went well
	}()
	var w io.Writer = f
	flush := func() error { return nil }
	if strings.HasSuffix(name, ".gz") {
		z := gzip.NewWriter(f)
		w, flush = z, z.Close
	}
	p.Only = j.only
	h, err := collect.WritePlan(w, p, j.clock(), j.configuration(), "exhibit "+version)
	if err = errors.Join(err, flush(), f.Close()); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	o := j.result
	o.Plan, o.PlanSum, o.Cells, o.Accounts, o.Calls = name, h.Sum, h.Cells, h.Accounts, len(h.Calls)
	return j.verdict()
}

// takeUp is the plan an earlier process made: of a run that was interrupted, for
// one shard, or for parts that come together.
func (j *job) takeUp(ctx context.Context, repo *store.Repository) (p collect.Plan, err error) {
	switch {
	case len(j.folders) > 0:
		return j.merged(repo)
	case j.resume:
		j.work, err = collect.OpenWork(j.workFolder())
		if errors.Is(err, fs.ErrNotExist) {
			return p, withHint(errors.New("there is no run that was interrupted"), "start one without --resume")
		}
		if err == nil && j.shard.of > 0 {
			err = j.samePlan()
		}
	default:
		err = j.beginShard()
	}
	if err != nil {
		return p, busy(err)
	}
	h := j.work.Head
	if err := j.fits(h); err != nil {
		return p, err
	}
	if j.shard.of == 0 {
		if err := j.newest(repo, h); err != nil {
			return p, err
		}
	}
	mine := func(evidence.Cell) bool { return true }
	if j.shard.of > 0 {
		mine = collect.Shard(j.work.Cells, j.shard.n, j.shard.of)
	}
	done, err := j.work.Spool.Finished()
	if err != nil {
		return p, err
	}
	j.only = h.Only
	p, err = j.retake(ctx, repo, mine, done)
	if j.shard.of == 0 { // a part leaves what planning asked to the plan
		p.Calls, p.Callers = append(p.Calls, h.Calls...), append(p.Callers, h.Callers...)
	}
	p.Digest, p.Started, p.Spool = h.Sum, h.Planned, j.work.Spool
	return p, err
}

// fits refuses a plan that this configuration and program did not make, or that is too old.
func (j *job) fits(h collect.PlanHead) error {
	if h.Config != j.configuration() {
		return withHint(fmt.Errorf("exhibit.yaml is not the one this was planned with, at %s, or it was %s that planned and not exhibit %s", h.Planned.Format(time.RFC3339), h.Tool, version), "plan anew, or put exhibit.yaml back")
	}
	if age := j.clock().Sub(h.Planned); age > resumable {
		return withHint(fmt.Errorf("this was planned at %s, %d hours ago: what is asked now and what was asked then would not be one run", h.Planned.Format(time.RFC3339), int(age.Hours())), "start anew; a plan is good for %d hours", int(resumable.Hours()))
	}
	return nil
}

// newest refuses to keep a run that is older than the last one.
func (j *job) newest(repo *store.Repository, h collect.PlanHead) error {
	runs, err := repo.RunCommits("HEAD")
	if err != nil || len(runs) == 0 {
		return err
	}
	tree, err := repo.At("HEAD")
	if err != nil {
		return err
	}
	last := runs[len(runs)-1]
	b, err := fs.ReadFile(tree.FS(), "runs/"+last.Name+"/RUN.json")
	if err != nil {
		return err
	}
	var run evidence.Run // the commit's time is cut to its second
	if err := json.Unmarshal(b, &run); err != nil {
		return fmt.Errorf("reading run %s: %w", last.Name, err)
	}
	if run.Ended.After(h.Planned) {
		return withHint(fmt.Errorf("run %s was kept after this one was planned, at %s", last.Name, h.Planned.Format(time.RFC3339)), "its answers are newer: start anew when you need another")
	}
	return nil
}

// retake finds a way to ask the cells that are ours and not done.
func (j *job) retake(ctx context.Context, repo *store.Repository, mine, done func(evidence.Cell) bool) (p collect.Plan, err error) {
	var ours []evidence.Cell
	gitToo := false
	for _, c := range j.work.Cells {
		if besideAWS(c.Source) {
			gitToo = gitToo || mine(c) && !done(c)
			continue
		}
		ours = append(ours, c)
	}
	var unentered []string
	if len(ours) > 0 {
		p, unentered, err = aws.Retake(ctx, j.awsConfig(), ours, j.work.Head.Callers, func(c evidence.Cell) bool { return mine(c) && !done(c) })
		if err != nil {
			return p, err
		}
	}
	if len(unentered) > 0 && j.resume && !j.incomplete {
		return p, withHint(fmt.Errorf("an account of the plan cannot be entered any more: %s", strings.Join(unentered, "; ")), "sign in again and run it again, or keep the run with the gaps: --resume --incomplete")
	}
	ask := map[[3]string]func(context.Context, *collect.Answer){}
	if gitToo {
		tasks, err := j.gitTasks(repo)
		if err != nil {
			return p, err
		}
		for _, t := range tasks {
			ask[[3]string{t.Cell.Account, t.Cell.Region, t.Cell.Source}] = t.Ask
			p.Tasks = append(p.Tasks, t)
		}
		p.Tasks = deleteTasks(p.Tasks, func(c evidence.Cell) bool { return besideAWS(c.Source) && !(mine(c) && !done(c)) })
	}
	for _, c := range j.work.Cells { // what is told already takes its place
		if mine(c) && done(c) {
			p.Tasks = append(p.Tasks, collect.Task{Cell: c})
		}
	}
	return p, nil
}

// uninterrupted refuses to keep a run that was stopped: what was not asked is no
// gap of AWS's.
func (j *job) uninterrupted(ctx context.Context, snap *evidence.Snapshot) error {
	goesOn := "exhibit " + j.resuming()
	if err := ctx.Err(); err != nil {
		if j.work == nil || len(j.folders) > 0 {
			return err
		}
		return withHint(errors.New("interrupted: nothing was committed"), "to go on with it: %s", goesOn)
	}
	if j.incomplete || len(j.folders) > 0 || j.cfg.Sample {
		return nil
	}
	open, whose := 0, map[string]bool{}
	for _, c := range snap.Cells {
		if collect.CutOff(c) {
			open++
			whose[c.Account] = true
		}
	}
	if open == 0 {
		return nil
	}
	return withHint(fmt.Errorf("the credentials of %s ended, and %s not answered whole: nothing was committed", count(len(whose), "account"), count(open, "cell is", "cells are")),
		"sign in again, then: %s; or keep it with the gaps: %s --incomplete", goesOn, goesOn)
}

// resuming is the command that goes on with this run.
func (j *job) resuming() string {
	if j.shard.of > 0 {
		return fmt.Sprintf("collect --plan %s --shard %d/%d --out %s --resume", typed(j.planFile), j.shard.n, j.shard.of, typed(j.out))
	}
	if j.renders {
		return "evidence --resume"
	}
	return "collect --resume"
}

func deleteTasks(tasks []collect.Task, drop func(evidence.Cell) bool) []collect.Task {
	out := tasks[:0]
	for _, t := range tasks {
		if !drop(t.Cell) {
			out = append(out, t)
		}
	}
	return out
}

// drop removes the folder of a run that is kept.
func (j *job) drop() {
	if j.work == nil {
		return
	}
	if err := j.work.Drop(); err != nil {
		j.warn("the folder %s could not be removed: %v", j.workFolder(), err)
	}
	j.work = nil
}

// letGo closes what was taken up; it stays for --resume.
func (j *job) letGo() {
	for _, w := range append(j.parts, j.work) {
		if w != nil {
			_ = w.Close() // whatever was to be kept is committed, or handed over with its sum
		}
	}
}
