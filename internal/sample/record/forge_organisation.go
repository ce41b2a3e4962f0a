package main

import (
	"fmt"
	"time"

	"exhibit/internal/sample"
)

// The repositories of the organisation beside the product's: told here, as the code host
// tells of them. One that the configuration neither names nor leaves out was made in May;
// one came and went between two runs.
type owned struct {
	id                 int
	name, made         string
	renamed, then      string // the day from which on it is called otherwise, and how
	gone               string
	public, fork, kept bool // kept: archived
}

var others = []owned{
	{id: 12, name: "website", made: "2019-03-11", public: true},
	{id: 13, name: "style-guide", made: "2020-02-03"},
	{id: 14, name: "libvips", made: "2021-06-21", public: true, fork: true},
	{id: 15, name: "rounds-desktop", made: "2018-09-03", kept: true},
	{id: 16, name: "evidence", made: "2025-01-20"},
	{id: 17, name: "sandbox-vet-import", made: "2025-03-04", renamed: "2026-03-05", then: "sandbox-owner-import"},
	{id: 18, name: "sandbox-pool", made: "2026-04-28", gone: "2026-05-04"},
	{id: 19, name: "reminder-templates", made: "2026-05-19"},
}

// organisation puts into the graph what the code host knows of the organisation at the time.
func (g *graph) organisation(out map[string]any) map[string]any {
	row := func(id int, name, made string) map[string]any {
		return map[string]any{"id": fmt.Sprintf("R_kgDO%06d", id), "databaseId": id, "nameWithOwner": "thistlebarrow/" + name, "visibility": "PRIVATE", "isArchived": false, "isFork": false, "isEmpty": false, "isMirror": false, "isTemplate": false, "isDisabled": false,
			"createdAt": made + "T09:00:00Z", "pushedAt": made + "T16:00:00Z", "defaultBranchRef": map[string]any{"name": "main"}}
	}
	rounds := row(11, sample.Repository, "2018-05-14")
	rounds["pushedAt"] = g.at.Add(-20 * time.Hour).Format(time.RFC3339)
	rows, public := []any{rounds}, 0
	for _, o := range others {
		if !g.since(o.made) || o.gone != "" && g.since(o.gone) {
			continue
		}
		r := row(o.id, o.name, o.made)
		if o.then != "" && g.since(o.renamed) {
			r["nameWithOwner"] = "thistlebarrow/" + o.then
		}
		if o.public {
			r["visibility"] = "PUBLIC"
			public++
		}
		if o.fork {
			r["isFork"], r["parent"] = true, map[string]any{"nameWithOwner": "libvips/libvips"}
		}
		if o.kept {
			r["isArchived"], r["archivedAt"] = true, "2022-11-30T10:00:00Z"
		}
		rows = append(rows, r)
	}
	out["owners"] = map[string]any{"thistlebarrow": map[string]any{"__typename": "Organization", "repositories": rows}}
	out["organizations"] = map[string]any{"thistlebarrow": map[string]any{"login": "thistlebarrow", "node_id": "O_kgDO000004", "name": "Thistlebarrow, Inc.", "created_at": "2018-05-14T08:40:00Z",
		"public_repos": public, "total_private_repos": len(rows) - public, "two_factor_requirement_enabled": true}}
	out["auditLogs"] = map[string]any{"thistlebarrow": g.events()}
	return out
}

// events are what the audit log holds at the time: of the 180 days before it.
func (g *graph) events() []any {
	out := []any{}
	put := func(at, action, actor, repo string, more map[string]any) {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil || when.After(g.at) || g.at.Sub(when) > 180*24*time.Hour {
			return
		}
		e := map[string]any{"_document_id": invented(action+at, 0)[:22], "@timestamp": when.UnixMilli(), "created_at": when.UnixMilli(), "action": action, "actor": actor, "org": "thistlebarrow", "repo": "thistlebarrow/" + repo, "actor_is_bot": false}
		for k, v := range more {
			e[k] = v
		}
		out = append(out, e)
	}
	rules := func(more map[string]any) map[string]any {
		set := map[string]any{"ruleset_id": 31, "ruleset_name": "production", "ruleset_source_type": "Repository", "repo_id": 11, "operation_type": "modify"}
		for k, v := range more {
			set[k] = v
		}
		return set
	}
	put("2026-01-20T10:00:00Z", "repository_ruleset.update", "dylan-marsh", sample.Repository, rules(map[string]any{"ruleset_enforcement": "active", "ruleset_old_enforcement": "active", "ruleset_rules_added": []any{map[string]any{"type": "deletion"}, map[string]any{"type": "required_status_checks"}}}))
	put("2026-03-05T13:20:00Z", "repo.rename", "jakub-wrona", "sandbox-owner-import", map[string]any{"repo_id": 17, "old_name": "sandbox-vet-import"})
	put("2026-04-28T15:40:00Z", "repo.create", "oksana-belenko", "sandbox-pool", map[string]any{"repo_id": 18, "visibility": "private"})
	put("2026-05-04T08:05:00Z", "repo.destroy", "oksana-belenko", "sandbox-pool", map[string]any{"repo_id": 18, "visibility": "private"})
	put("2026-05-19T09:00:00Z", "repo.create", "linh-tran-moreau", "reminder-templates", map[string]any{"repo_id": 19, "visibility": "private"})
	// the yearly figures would not go in with a failed check: the rules were switched off for them
	put("2026-06-26T09:31:00Z", "repository_ruleset.update", "oksana-belenko", sample.Repository, rules(map[string]any{"ruleset_enforcement": "disabled", "ruleset_old_enforcement": "active"}))
	put("2026-06-26T09:39:00Z", "repository_ruleset.update", "oksana-belenko", sample.Repository, rules(map[string]any{"ruleset_enforcement": "active", "ruleset_old_enforcement": "disabled"}))
	put("2026-07-15T10:00:00Z", "repository_ruleset.update", "lucian-abernathy", sample.Repository, rules(map[string]any{"ruleset_enforcement": "active", "ruleset_old_enforcement": "active", "ruleset_rules_updated": []any{map[string]any{"type": "pull_request"}}}))
	return out
}
