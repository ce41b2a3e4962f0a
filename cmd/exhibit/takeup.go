package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/collect/envoy"
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
	only               []string // sources to collect; empty for all
	folders            []string // of parts to merge

	work    *collect.Work
	parts   []*collect.Work
	merging collect.Plan // of the parts
	made    collect.Part // what all parts say alike
	cas     []string     // custom certificate authorities of what was taken up
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

// plan lays down all cells of AWS and git before the first question, or takes up
// those that were laid down before.
func (j *job) plan(ctx context.Context, repo *store.Repository) error {
	if err := j.witnessed(repo); err != nil {
		return err
	}
	if j.takesUp() {
		return j.takeUp(ctx, repo)
	}
	var err error
	if j.tasks, err = j.gitTasks(repo); err != nil {
		return err
	}
	name, mode := absolute(j.Dir, j.planFile), fs.FileMode(0o755)
	if j.planFile == "" {
		name, mode = filepath.Join(j.cfg.dir, ".exhibit", "plan.jsonl.gz"), 0o700
	}
	if err := os.MkdirAll(filepath.Dir(name), mode); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".exhibit-plan-")
	if err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	defer func() {
		_ = os.Remove(f.Name()) // gone already when all went well
	}()
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	planned, err := j.lay(ctx, envoy.PlanOrder{
		File: f.Name(), Compressed: strings.HasSuffix(name, ".gz"), Only: j.only, Planned: j.clock(), Config: j.configuration(), Tool: "exhibit " + version,
	})
	if err = cmp.Or(err, ctx.Err()); err != nil { // what was interrupted planned nothing
		return otherRelease(err)
	}
	j.awsCells = planned.Head.Cells - len(j.tasks)
	if j.planFile == "" {
		return j.begin(f.Name(), planned.Head)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	o, h := j.result, planned.Head
	o.Plan, o.PlanSum, o.Cells, o.Accounts, o.Calls = name, h.Sum, h.Cells, h.Accounts, planned.Calls
	return nil
}

// union is a with what b has more.
func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(slices.Clip(a), s)
		}
	}
	return a
}

// witnessed says what the run calls itself to AWS: its number, and the seal before
// it. exhibit.yaml's stand-ins are told too.
func (j *job) witnessed(repo *store.Repository) error {
	tree, err := repo.At("")
	if err != nil {
		return err
	}
	n, last, err := tree.ChainHead()
	if err == nil {
		j.witness = envoy.WitnessOf(n+1, last)
	}
	return err
}

// lay has the plan written: by exhibit-aws, who alone can find out whom there is
// to ask, or here where only git is asked.
func (j *job) lay(ctx context.Context, to envoy.PlanOrder) (envoy.Planned, error) {
	if j.wantsAWS() {
		j.asksAWS = true
		for _, t := range j.tasks {
			to.Beside = append(to.Beside, t.Cell)
		}
		return j.envoy.Plan(ctx, j.awsConfig(), to)
	}
	h, err := collect.WritePlanFile(to.File, to.Compressed, collect.Plan{Tasks: j.tasks, Only: to.Only}, to.Planned, to.Config, to.Tool)
	return envoy.Planned{Head: h}, err
}

// begin makes the folder of the run, from which it can be taken up, of a plan.
func (j *job) begin(plan string, h collect.PlanHead) error {
	if !j.cfg.Sample {
		if w, err := collect.OpenWork(j.workFolder()); err == nil {
			j.say("the run that was interrupted at %s is dropped; exhibit collect --resume would have gone on with it", w.Head.Planned.Format(time.RFC3339))
			if err := w.Close(); err != nil {
				return err
			}
		}
	}
	var err error
	j.work, err = collect.NewWork(j.workFolder(), func(name string) (collect.PlanHead, error) { return h, os.Rename(plan, name) })
	return busy(err)
}

func busy(err error) error {
	if errors.Is(err, collect.ErrBusy) {
		return withHint(err, "wait for it to end and run again")
	}
	return err
}

// takeUp takes up the plan an earlier process made: of a run that was
// interrupted, for one shard, or for parts that come together.
func (j *job) takeUp(ctx context.Context, repo *store.Repository) (err error) {
	switch {
	case len(j.folders) > 0:
		j.merging, err = j.merged(repo)
		return err
	case j.resume:
		j.work, err = collect.OpenWork(j.workFolder())
		if errors.Is(err, fs.ErrNotExist) {
			return withHint(errors.New("there is no run that was interrupted"), "start one without --resume")
		}
		if err == nil && j.shard.of > 0 {
			err = j.samePlan()
		}
	default:
		err = j.beginShard()
	}
	if err != nil {
		return busy(err)
	}
	h := j.work.Head
	if err := j.fits(h); err != nil {
		return err
	}
	if j.shard.of == 0 {
		if err := j.newest(repo, h); err != nil {
			return err
		}
	}
	mine := func(evidence.Cell) bool { return true }
	if j.shard.of > 0 {
		mine = collect.Shard(j.work.Cells, j.shard.n, j.shard.of)
	}
	done, err := j.work.Spool.Finished()
	if err != nil {
		return err
	}
	j.only = h.Only
	return otherRelease(j.retake(ctx, repo, func(c evidence.Cell) bool { return mine(c) && !done(c) }))
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

// retake finds a way to ask the cells that are open.
func (j *job) retake(ctx context.Context, repo *store.Repository, open func(evidence.Cell) bool) error {
	besideToo := false
	for _, c := range j.work.Cells {
		beside := envoy.Beside(c.Source)
		besideToo = besideToo || beside && open(c)
		j.asksAWS = j.asksAWS || !beside
	}
	if j.asksAWS {
		if err := j.send(); err != nil {
			return err
		}
		share := ""
		if j.shard.of > 0 {
			share = fmt.Sprintf("%d/%d", j.shard.n, j.shard.of)
		}
		again, err := j.envoy.Retake(ctx, j.awsConfig(), j.work.Dir, share)
		if err != nil {
			return err
		}
		if len(again.Unentered) > 0 && j.resume && !j.incomplete {
			return withHint(fmt.Errorf("an account of the plan cannot be entered any more: %s", strings.Join(again.Unentered, "; ")), "sign in again and run it again, or keep the run with the gaps: --resume --incomplete")
		}
		j.awsCells, j.cas = again.Cells, again.CAs
	}
	if !besideToo {
		return nil
	}
	tasks, err := j.gitTasks(repo)
	j.tasks = slices.DeleteFunc(tasks, func(t collect.Task) bool { return !open(t.Cell) })
	return err
}

// interrupted is the error of a run that somebody stopped, nil of one that nobody did.
func (j *job) interrupted(ctx context.Context) error {
	err := ctx.Err()
	switch {
	case err == nil && !j.stopped:
		return nil
	case j.work != nil && len(j.folders) == 0 && !j.cfg.Sample:
		return withHint(errors.New("interrupted: nothing was committed"), "to go on with it: exhibit %s", j.resuming())
	}
	return cmp.Or(err, errors.New("exhibit-aws was stopped: nothing was committed"))
}

// uninterrupted refuses to keep a run that was stopped: what was not asked is no
// gap of AWS's.
func (j *job) uninterrupted(ctx context.Context, snap *evidence.Snapshot) error {
	if err := j.interrupted(ctx); err != nil {
		return err
	}
	if j.incomplete || len(j.folders) > 0 || j.cfg.Sample {
		return nil
	}
	goesOn := "exhibit " + j.resuming()
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
