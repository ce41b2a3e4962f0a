package main

import (
	"slices"
	"time"

	"exhibit/internal/sample"
)

// What was brought to production beside the releases, and how: told here, as the code
// host was told of it.
const (
	// a release that did not come up, and what went back to the one before it
	brokenRelease, workingRelease = "v2026.35", "v2026.27"
	// a hand-made build that somebody deployed once, from a branch that was never merged
	handMade = "2026-04-29T07:40:00Z"
)

// deployments are one of each release half an hour after it, and those above.
func (g *graph) deployments() []any {
	out := []any{}
	put := func(at time.Time, commit, ref, prefix, by, state string, steps ...string) {
		if at.After(g.at) {
			return
		}
		statuses := []any{}
		for i := len(steps) - 1; i >= 0; i-- { // newest first
			statuses = append(statuses, map[string]any{"state": steps[i], "createdAt": at.Add(time.Duration(i+1) * 3 * time.Minute).Format(time.RFC3339), "environment": "production", "creator": account(by)})
		}
		out = append(out, map[string]any{"databaseId": 7000 + len(out), "commitOid": commit, "createdAt": at.Format(time.RFC3339), "updatedAt": at.Add(9 * time.Minute).Format(time.RFC3339), "environment": "production",
			"originalEnvironment": "production", "task": "deploy", "state": state, "creator": account(by), "ref": map[string]any{"name": ref, "prefix": prefix}, "statuses": statuses})
	}
	commits := map[string]string{}
	for _, r := range g.released {
		commits[r.Name] = r.Commit
		at := r.At.Add(30 * time.Minute)
		if r.Name != brokenRelease {
			put(at, r.Commit, r.Name, "refs/tags/", r.By, "INACTIVE", "IN_PROGRESS", "SUCCESS", "INACTIVE")
			continue
		}
		put(at, r.Commit, r.Name, "refs/tags/", r.By, "FAILURE", "IN_PROGRESS", "FAILURE")
		put(at.Add(25*time.Minute), commits[workingRelease], workingRelease, "refs/tags/", r.By, "INACTIVE", "IN_PROGRESS", "SUCCESS", "INACTIVE")
		put(at.Add(26*time.Hour), r.Commit, r.Name, "refs/tags/", r.By, "INACTIVE", "IN_PROGRESS", "SUCCESS", "INACTIVE")
	}
	if at, err := time.Parse(time.RFC3339, handMade); err == nil {
		put(at, invented("by hand", 1), "larger-pool", "refs/heads/", "oksana-belenko", "INACTIVE", "IN_PROGRESS", "SUCCESS", "INACTIVE")
	}
	return out
}

func (g *graph) releases() []any {
	out := []any{}
	for i, r := range g.released {
		at := r.At.Add(5 * time.Minute)
		if at.After(g.at) {
			continue
		}
		out = append(out, map[string]any{"databaseId": 400 + i, "name": r.Name, "tagName": r.Name, "url": "https://foldgate.example/" + sample.ForgePath + "/releases/" + r.Name, "createdAt": r.At.Format(time.RFC3339),
			"publishedAt": at.Format(time.RFC3339), "updatedAt": at.Format(time.RFC3339), "isDraft": false, "isPrerelease": false, "author": account(r.By), "tagCommit": map[string]any{"oid": r.Commit}})
	}
	slices.Reverse(out)
	return out
}

// suites are the pushes past the rules of the month before the run.
func (g *graph) suites() []any {
	out := []any{}
	for i, p := range g.pushed {
		if p.At.After(g.at) || g.at.Sub(p.At) > 28*24*time.Hour {
			continue
		}
		out = append(out, map[string]any{"id": 9120 + i, "actor_id": 31 + i, "actor_name": p.By, "before_sha": p.Before, "after_sha": p.Commit, "ref": "refs/heads/main", "repository_id": 12, "repository_name": sample.Repository,
			"pushed_at": p.At.Format(time.RFC3339), "result": "bypass", "evaluation_result": "bypass",
			"rule_evaluations": []any{map[string]any{"rule_source": map[string]any{"type": "ruleset", "id": 31, "name": "production"}, "enforcement": "active", "result": "fail", "rule_type": "pull_request"}}})
	}
	return out
}
