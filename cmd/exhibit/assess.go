package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/record"
	"exhibit/evidence/store"
	"exhibit/policies"
	"exhibit/seal"
)

// assess judges the evidence at a commit, and at the earlier runs of the period.
func (j *job) assess(repo *store.Repository, rev string) (*control.Report, *store.Tree, error) {
	tree, err := repo.At(rev)
	if err != nil {
		return nil, nil, err
	}
	runs, err := tree.Runs()
	if err != nil {
		return nil, nil, err
	}
	if len(runs) == 0 {
		return nil, nil, withHint(fmt.Errorf("there is no run at %s yet", tree.Commit()[:10]), "collect first: exhibit collect")
	}
	sealed, err := asSealed(tree)
	if err != nil {
		return nil, nil, err
	}
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		return nil, nil, err
	}
	past := newPast(schemas)
	if past.keys, err = j.ageKeys(); err != nil {
		return nil, nil, err
	}
	tombstones := past.bury(tree)
	current, problems, err := past.read(tree, runs)
	if err != nil {
		return nil, nil, err
	}
	if current.Documents, err = documents(repo, tree.Commit()); err != nil {
		return nil, nil, err
	}
	if current.Samples, err = control.ReadSamples(tree.FS()); err != nil {
		return nil, nil, err
	}
	hidden := past.hidden(tombstones)
	if current.Unread == nil {
		current.Unread = map[string]string{}
	}
	for _, h := range hidden { // a file that is gone is no list of nobody
		for _, kind := range kindsOf(schemas, h) {
			if current.Unread[kind] == "" {
				current.Unread[kind] = h.Path + ": is withheld: " + h.Why
			}
		}
	}
	var earlier []control.Evidence
	eng := j.cfg.engagement()
	for i, r := range runs[:len(runs)-1] {
		t, err := repo.At(r.Commit)
		if err != nil {
			return nil, nil, err
		}
		if r.Ended.Before(eng.Period.Start) {
			items, _, err := past.written(t)
			if err != nil {
				return nil, nil, err
			}
			current.Kept = append(current.Kept, kept(r, items))
			continue
		}
		e, _, err := past.read(t, runs[:i+1])
		if err != nil {
			return nil, nil, err
		}
		earlier = append(earlier, e)
		current.Kept = append(current.Kept, kept(r, e.Items))
	}
	written := current.Items
	if newest := runs[len(runs)-1]; newest.Commit != tree.Commit() { // people wrote on after the run
		t, err := repo.At(newest.Commit)
		if err != nil {
			return nil, nil, err
		}
		if written, _, err = past.written(t); err != nil {
			return nil, nil, err
		}
	}
	current.Kept = append(current.Kept, kept(runs[len(runs)-1], written))
	if current.Came, err = came(repo, tree.Commit()); err != nil {
		return nil, nil, err
	}
	if j.keeps != nil {
		for _, e := range append(slices.Clone(earlier), current, control.Evidence{Items: written}) {
			j.keeps.see(e)
		}
		for _, k := range current.Kept {
			j.keeps.see(control.Evidence{Items: k.Items})
		}
	}
	report, err := control.Evaluate(j.lib, eng, current, earlier)
	if err != nil {
		return nil, nil, err
	}
	newest := runs[len(runs)-1]
	report.Run, report.Sample, report.Tool = newest.Run, newest.Sample || j.cfg.Sample, "exhibit "+version
	report.Withheld = hidden
	report.Problems = append(append(problems, past.neverSealed(tombstones)...), report.Problems...)
	if report.Calls, err = tree.Calls(newest.Name); err != nil {
		return nil, nil, err
	}
	for _, r := range runs {
		report.Runs = append(report.Runs, sealedRun(r, sealed))
	}
	for _, s := range report.Samples {
		if s.Problem != "" {
			report.Problems = append(report.Problems, s.Problem)
		}
	}
	if err := report.MarkSamples(); err != nil {
		return nil, nil, err
	}
	return report, tree, nil
}

// asSealed refuses to judge what is not what the runs sealed. Later commits may
// change what people write, never evidence/ or runs/. Earlier runs need no look of
// their own: each seal names the commit it was made on, and that pins their trees.
// That a reviewer has not signed yet is shown, and no reason not to judge.
func asSealed(tree *store.Tree) (*seal.Result, error) {
	var opt seal.Options
	if err := trusted(tree.FS(), &opt); err != nil {
		return nil, err
	}
	result, err := seal.VerifyRuns(tree.FS(), opt)
	if err != nil {
		return nil, fmt.Errorf("checking the seals of the runs: %w", err)
	}
	var wrong []string
	for _, p := range result.Problems {
		if own := p.Kind != seal.Unreviewed && (strings.HasPrefix(p.Path, "evidence/") || p.Path == "runs" || strings.HasPrefix(p.Path, "runs/")); own {
			wrong = append(wrong, p.Path+": "+p.Says)
		}
	}
	if len(wrong) == 0 {
		return result, nil
	}
	const shown = 5
	if n := len(wrong) - shown; n > 0 {
		wrong = append(wrong[:shown], fmt.Sprintf("… and %d more", n))
	}
	return nil, withHint(fmt.Errorf("the evidence at %s is not what its runs sealed:\n%s", tree.Commit()[:10], strings.Join(wrong, "\n")),
		"evidence/ and runs/ are written by exhibit alone: git log -p -- evidence runs shows who changed them; a new key is listed in %s", allowedSigners)
}

func sealedRun(r store.Run, sealed *seal.Result) control.SealedRun {
	s := control.SealedRun{Run: r.Run, Commit: r.Commit, SealSum: r.SealSum, Previous: r.Seal.Previous, Cells: r.Cells}
	if key, err := seal.VerifySignature(r.Signature, r.SealText, seal.NamespaceSeal); err == nil {
		s.Signer = seal.Fingerprint(key)
	}
	s.Reviewers = r.Seal.Reviewers
	for _, v := range sealed.Reviews {
		if v.Of == r.Name {
			s.Reviews = append(s.Reviews, control.SealReview{By: v.By, Key: v.Key})
		}
	}
	for _, t := range sealed.Times {
		if t.Of == r.Name {
			s.When, s.Proved = t.Says, t.Proved != nil
		}
	}
	return s
}

// kept is what a run sealed of what people wrote.
func kept(r store.Run, items map[string][]control.Located) control.Kept {
	return control.Kept{Run: r.Name, Commit: r.Commit, At: r.Ended, Items: items}
}

// documents reads the version history of every policy from the commits that
// changed it.
func documents(repo *store.Repository, commit string) ([]control.Document, error) {
	history, err := repo.History(commit, "policies")
	if err != nil {
		return nil, fmt.Errorf("reading the history of policies/: %w", err)
	}
	slices.Reverse(history) // oldest first
	slices.SortStableFunc(history, func(a, b store.Revision) int { return b.Number - a.Number })
	ids := map[string]string{} // by path, as of the commit before
	var out []control.Revision
	for len(history) > 0 {
		n := slices.IndexFunc(history, func(r store.Revision) bool { return r.Commit != history[0].Commit })
		if n < 0 {
			n = len(history)
		}
		revisions, err := commitRevisions(repo, history[:n], ids)
		if err != nil {
			return nil, err
		}
		out, history = append(out, revisions...), history[n:]
	}
	return control.Histories(out), nil
}

// commitRevisions reads what one commit did to policies. A file that went away
// and came again under another path with the same id was renamed.
func commitRevisions(repo *store.Repository, changes []store.Revision, ids map[string]string) ([]control.Revision, error) {
	var out []control.Revision
	came := map[string]bool{}
	var gone []store.Revision
	for _, c := range changes {
		if !strings.HasSuffix(c.Path, ".md") || strings.HasSuffix(c.Path, "README.md") {
			continue
		}
		if c.Gone {
			gone = append(gone, c)
			continue
		}
		b, err := repo.Blob(c.Blob)
		if err != nil {
			return nil, err
		}
		front, body, err := record.ReadDocument(c.Path, b)
		if err != nil {
			continue // record.Read reports what cannot be read now; an older state that could not be read was never in force
		}
		ids[c.Path], came[front.ID] = front.ID, true
		r := control.Revision{ID: front.ID, Title: front.Title, Owner: front.Owner, Review: front.Review, Reviewed: front.ReviewedOn}
		r.DocumentVersion = control.DocumentVersion{
			Version: front.Version, Effective: front.Effective, ApprovedBy: front.ApprovedBy, ApprovedOn: front.ApprovedOn, Change: front.Change,
			Commit: c.Commit, CommittedAt: c.Time, Author: c.Author, Path: c.Path, Body: bytes.Clone(body),
		}
		out = append(out, r)
	}
	for _, c := range gone {
		id := ids[c.Path]
		delete(ids, c.Path)
		if id == "" || came[id] {
			continue
		}
		r := control.Revision{ID: id, Removed: true}
		r.DocumentVersion = control.DocumentVersion{Commit: c.Commit, CommittedAt: c.Time, Author: c.Author, Path: c.Path}
		out = append(out, r)
	}
	return out, nil
}
