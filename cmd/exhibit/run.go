package main

import (
	"context"
	"fmt"

	"exhibit/collect"
	"exhibit/evidence/store"
	"exhibit/render"
)

// run turns AWS accounts and their git history into a sealed site of evidence.
// Read this first: all that exhibit does is here, in order. The commands collect,
// render and pack are its beginning, its middle and its end.
func run(ctx context.Context, j *job) error {
	repo, err := store.Open(j.cfg.dir)
	if err != nil {
		return err
	}
	defer repo.Close()

	if j.collects {
		if err := j.ready(ctx, repo); err != nil {
			return err
		}
		// Plan every cell before the first question, or take up what was planned.
		defer j.letGo()
		if err := j.plan(ctx, repo); err != nil {
			return fmt.Errorf("planning: %w", err)
		}
		if j.planFile != "" && !j.takesUp() {
			return j.verdict()
		}
		// Ask: exhibit-aws asks AWS; this process git and the code host.
		if err := j.ask(ctx); err != nil {
			return err
		}
		// What a source refused to say becomes a gap in the snapshot, not an error.
		plan, err := j.told()
		if err != nil {
			return err
		}
		snap, err := collect.Run(ctx, j.clock, plan, nil)
		if err != nil {
			return fmt.Errorf("collecting: %w", err)
		}
		if err := j.uninterrupted(ctx, snap); err != nil {
			return err
		}
		if err := j.identify(snap); err != nil {
			return err
		}
		if j.shard.of > 0 {
			return j.hand(snap)
		}

		// Keep it, as one sealed commit. Nothing below this line uses the network or the
		// clock, but for the timestamps of the seals where exhibit.yaml names who gives them.
		commit, err := repo.Commit(snap, j.commitOptions(ctx))
		if err != nil {
			return err
		}
		j.kept(snap, commit)
	}
	if !j.renders {
		return j.verdict()
	}

	// A package that was made from the very same before is verified, and left as it is.
	if same, err := j.unchanged(repo); err != nil {
		return j.unwritten(err)
	} else if same {
		return j.asBefore(ctx)
	}

	// Evaluate every check on its whole population, over the period.
	report, tree, err := j.assess(repo, j.at)
	if err != nil {
		return fmt.Errorf("evaluating: %w", err)
	}
	j.evaluated(report)
	j.lib = nil // what was compiled to judge is not needed to render, and large

	// Where people are to stay unnamed, their names go now that all is judged.
	names, err := j.unnamed(report)
	if err != nil {
		return err
	}

	// Render. The same commit gives the same bytes.
	files := contents(ctx, report, render.All(render.Input{Report: report, Repository: tree.FS(), People: names, Verify: verifyTextOf(report, j.cfg.Signing.Principal)}), j.cfg.Signing.Principal)
	if j.checks {
		return j.compare(report, files)
	}

	// Write and seal them as they come, then verify with the code the auditor will run.
	if err := j.write(ctx, report, files); err != nil {
		return j.unwritten(err)
	}
	if j.keeps != nil { // and of it the one for somebody, from which something is withheld
		if err := j.withhold(ctx, report, tree, names); err != nil {
			return j.unwritten(err)
		}
	}
	return j.verdict()
}

// ready refuses, before anything is asked, what a run could not be kept on.
func (j *job) ready(ctx context.Context, repo *store.Repository) error {
	if j.shard.of > 0 {
		return nil // whoever merges keeps the run
	}
	if err := repo.Clean(ctx); err != nil {
		return err
	}
	_, err := repo.Next(j.clock())
	return err
}
