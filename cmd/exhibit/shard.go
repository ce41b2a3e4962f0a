package main

import (
	"fmt"
	"os"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// readPlan reads the plan's file.
func (j *job) readPlan() (h collect.PlanHead, cells []evidence.Cell, err error) {
	f, err := os.Open(absolute(j.Dir, j.planFile))
	if err != nil {
		return h, nil, withHint(fmt.Errorf("reading the plan: %w", err), "write it first: exhibit collect --plan %s", typed(j.planFile))
	}
	defer f.Close()
	return collect.ReadPlan(f)
}

// samePlan refuses to go on with a part of another plan than the file's.
func (j *job) samePlan() error {
	h, _, err := j.readPlan()
	if err == nil && (h.Sum != j.work.Head.Sum || !h.Planned.Equal(j.work.Head.Planned)) {
		err = withHint(fmt.Errorf("the part in %s is of another plan than %s", j.out, j.planFile), "begin the part anew, without --resume, in another folder")
	}
	return err
}

// beginShard makes the folder of a part from the plan's file.
func (j *job) beginShard() error {
	h, cells, err := j.readPlan()
	if err != nil {
		return err
	}
	p := collect.Plan{Only: h.Only, Endpoints: h.Endpoints, Callers: h.Callers, Calls: h.Calls}
	for _, c := range cells {
		p.Tasks = append(p.Tasks, collect.Task{Cell: c})
	}
	j.work, err = collect.NewWork(j.workFolder(), func(name string) (collect.PlanHead, error) {
		return collect.WritePlanFile(name, true, p, h.Planned, h.Config, h.Tool)
	})
	if err == nil {
		j.work.Cells = cells
	}
	return err
}

// hand hands over what a shard collected.
func (j *job) hand(snap *evidence.Snapshot) error {
	err := j.work.Hand(collect.Part{
		Shard: fmt.Sprintf("%d/%d", j.shard.n, j.shard.of), Tool: snap.Run.Tool, BinarySum: snap.Run.BinarySum, AWSBinarySum: snap.Run.AWSBinarySum, Host: snap.Run.Host, CAs: snap.Run.CAs,
		Started: snap.Run.Started.UTC(), Ended: snap.Run.Ended.UTC().Truncate(time.Nanosecond), Cells: len(snap.Cells), Gaps: snap.Run.Gaps,
	})
	if err != nil {
		return err
	}
	o := j.result
	o.Part, o.PlanSum, o.Shard, o.Cells, o.Calls = j.workFolder(), j.work.Head.Sum, fmt.Sprintf("%d/%d", j.shard.n, j.shard.of), len(snap.Cells), snap.Run.Calls
	for _, c := range snap.Cells {
		if unanswered(c) {
			o.Gaps = append(o.Gaps, gapLine(c))
		}
	}
	return j.verdict()
}
