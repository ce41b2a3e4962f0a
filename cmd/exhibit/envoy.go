package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"exhibit/collect"
	"exhibit/collect/envoy"
	"exhibit/evidence"
)

// AWS is asked by another executable, exhibit-aws: what judges, renders and
// verifies links no client, and what holds AWS's credentials reads nothing that
// people wrote. It is started as soon as it is known that AWS is to be asked, so
// that it is ready when this process is.

// envoyName is the executable's name.
const envoyName = "exhibit-aws"

// envoyPath finds exhibit-aws: beside this executable, where a link leads, or on PATH.
func envoyPath() (string, error) {
	var looked []string
	if exe, err := os.Executable(); err == nil {
		folders := []string{filepath.Dir(exe)}
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
		for _, dir := range slices.Compact(folders) {
			looked = append(looked, dir)
			if path, err := exec.LookPath(filepath.Join(dir, envoyName)); err == nil {
				return path, nil
			}
		}
	}
	path, err := exec.LookPath(envoyName)
	if err == nil {
		return path, nil
	}
	err = fmt.Errorf("%s, which asks AWS for exhibit, is not in %s, and not on PATH", envoyName, strings.Join(looked, ", "))
	return "", withHint(err, "make build builds both; whoever copies exhibit copies %s beside it", envoyName)
}

// send starts exhibit-aws, once.
func (j *job) send() error {
	if j.envoy != nil {
		return nil
	}
	var err error
	j.envoy, err = send(j.call)
	return err
}

func send(c *call) (*envoy.Envoy, error) {
	path, err := envoyPath()
	if err != nil {
		return nil, err
	}
	return envoy.Send(path, c.Stderr)
}

// otherRelease gives the mend where the two executables are not of one release.
func otherRelease(err error) error {
	if errors.Is(err, envoy.ErrOther) {
		return withHint(err, "make build builds both; copy them together")
	}
	return err
}

// ask puts every question of the plan: AWS's through exhibit-aws, those of git and the code host here, at
// the same time.
func (j *job) ask(ctx context.Context) error {
	if len(j.folders) > 0 { // other processes asked, and this one keeps it
		return nil
	}
	both, stop := context.WithCancel(ctx)
	defer stop()
	count := &counter{show: j.progress}
	awsProgress, gitProgress := count.of(j.awsCells), count.of(len(j.tasks))
	aws := make(chan error, 1)
	go func() {
		err := j.askAWS(both, awsProgress)
		if err != nil {
			stop()
		}
		aws <- err
	}()
	err := j.askGit(both, gitProgress)
	if err != nil {
		stop()
	}
	err = errors.Join(err, <-aws)
	if stopped := j.interrupted(ctx); stopped != nil { // counts for more than what it broke
		return stopped
	}
	if err != nil {
		return fmt.Errorf("collecting: %w", err)
	}
	return nil
}

// askAWS has AWS asked, after which there is nothing more to ask it.
func (j *job) askAWS(ctx context.Context, progress func(done, total int, c evidence.Cell)) (err error) {
	if !j.asksAWS {
		return nil
	}
	j.stopped, err = j.envoy.Ask(ctx, j.work.Dir, progress)
	j.envoy.Dismiss()
	return otherRelease(err)
}

func (j *job) askGit(ctx context.Context, progress func(done, total int, c evidence.Cell)) error {
	if len(j.tasks) == 0 {
		return nil
	}
	here, err := j.work.Here()
	if err != nil {
		return err
	}
	return collect.Ask(ctx, j.clock, collect.Plan{Tasks: j.tasks, Spool: here}, progress)
}

// A counter adds up how far several are.
type counter struct {
	mu          sync.Mutex
	done, total int
	show        func(done, total int, c evidence.Cell)
}

// of is the progress of one that has a number of cells to ask.
func (n *counter) of(cells int) func(done, total int, c evidence.Cell) {
	n.total += cells
	was := 0
	return func(done, _ int, c evidence.Cell) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.done += done - was
		was = done
		n.show(n.done, n.total, c)
	}
}

// told is the plan with what both processes were told of it.
func (j *job) told() (p collect.Plan, err error) {
	if len(j.folders) > 0 {
		return j.merging, nil
	}
	if err := j.work.Join(); err != nil {
		return p, err
	}
	mine := func(evidence.Cell) bool { return true }
	if j.work.Cells == nil {
		err = j.work.ReadCells()
	}
	if j.shard.of > 0 {
		mine = collect.Shard(j.work.Cells, j.shard.n, j.shard.of)
	}
	h := j.work.Head
	p = collect.Plan{
		Only: h.Only, Endpoints: h.Endpoints, CAs: union(h.CAs, j.cas), Native: envoy.Native, Digest: h.Sum, Started: h.Planned, Ended: j.clock(),
		Spool: j.work.Spool, Parts: []*collect.Spool{j.work.Spool}, Tasks: make([]collect.Task, 0, len(j.work.Cells)),
	}
	if j.resume && j.shard.of == 0 { // a part leaves what planning asked to the plan, and a run that was not interrupted has it among its answers
		p.Calls, p.Callers = h.Calls, h.Callers
	}
	for _, c := range j.work.Cells {
		if mine(c) {
			p.Tasks = append(p.Tasks, collect.Task{Cell: c})
		}
	}
	j.work.Cells = nil
	return p, err
}
