package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"exhibit/evidence"
)

// giteaRule is the rule that stands over the branch, nil for none. Of several that
// match Gitea takes the first by priority; where versions have no priority, one
// without wildcards.
func (q *question) giteaRule(ctx context.Context) (rule map[string]any, err error) {
	better := func(a, b map[string]any) bool {
		pa, pb := whole(a["priority"]), whole(b["priority"])
		if pa != pb {
			return pa < pb
		}
		return !strings.ContainsAny(ruleName(a), "*?[{") && strings.ContainsAny(ruleName(b), "*?[{")
	}
	v, _, err := q.get(ctx, request{operation: "branchProtections", path: q.repoPath() + "/branch_protections"}) // not paged
	if err != nil {
		return nil, err
	}
	rows, ok := v.([]any)
	if !ok {
		return nil, &refusal{"branchProtections", "Unreadable", "the answer is not a list"}
	}
	for _, row := range rows {
		r := object(row)
		matches, known := globs(ruleName(r), q.repo.Branch)
		if !known {
			return nil, &refusal{"branchProtections", "Unreadable", fmt.Sprintf("whether the rule %q stands over %s is not known: only * and ? are understood", ruleName(r), q.repo.Branch)}
		}
		if matches && (rule == nil || better(r, rule)) {
			rule = r
		}
	}
	return rule, nil
}

func ruleName(r map[string]any) string {
	if s := text(r, "rule_name"); s != "" {
		return s
	}
	return text(r, "branch_name") // versions before 1.19
}

// giteaRules keeps the rule over the branch, in GitHub's shape and as Gitea gave it,
// and how the repository lets changes be merged.
//
// A rule that lets everybody push demands no pull request, however many approvals
// one would need: then no approvals are required. Whom a rule lets push beside pull
// requests is among those who may go around it.
func (s *source) giteaRules(ctx context.Context, q *question) error {
	if there, err := q.branchThere(ctx); err != nil || !there {
		return err
	}
	repo, err := q.object(ctx, "repository", q.repoPath(), nil)
	if err != nil {
		return err
	}
	it := evidence.Item{ID: q.repo.Path + "@" + q.repo.Branch, Answers: map[string]any{"rules": nil}} // Gitea has rules of one kind
	rule, err := q.giteaRule(ctx)
	switch g := gapOf("branchProtectionRule", err); {
	case ctx.Err() != nil:
		return ctx.Err()
	case g != nil:
		it.Gaps = append(it.Gaps, *g)
	case rule == nil:
		it.Answers["branchProtectionRule"] = nil
	default:
		it.Answers["branchProtectionRule"] = giteaProtection(rule)
		it.Answers["protection"] = tidy(rule)
	}
	settings := map[string]any{"nameWithOwner": q.repo.Path, "defaultBranch": text(repo, "default_branch")}
	for to, from := range map[string]string{"isArchived": "archived", "mergeCommitAllowed": "allow_merge_commits", "squashMergeAllowed": "allow_squash_merge", "rebaseMergeAllowed": "allow_rebase"} {
		put(settings, to, repo[from])
	}
	settings["visibility"] = "PUBLIC"
	if private, _ := repo["private"].(bool); private {
		settings["visibility"] = "PRIVATE"
	}
	it.Answers["repository"] = settings
	q.Item(it)
	q.rows++
	return nil
}

func giteaProtection(r map[string]any) map[string]any {
	is := func(key string) bool { b, _ := r[key].(bool); return b }
	anyone := is("enable_push") && !is("enable_push_whitelist")
	approvals := whole(r["required_approvals"])
	out := map[string]any{
		"pattern": ruleName(r), "requiresApprovingReviews": approvals > 0 && !anyone, "requiredApprovingReviewCount": number(approvals),
		"dismissesStaleReviews": is("dismiss_stale_approvals"), "requiresStatusChecks": is("enable_status_check"),
		"requiresCommitSignatures": is("require_signed_commits"), "requiresStrictStatusChecks": is("block_on_outdated_branch"),
		// a branch with a rule cannot be deleted, nor its history be replaced unless the rule says so (since 1.23)
		"allowsForcePushes": is("enable_force_push") && is("enable_push"), "allowsDeletions": false,
		"isAdminEnforced": is("block_admin_merge_override"), "restrictsPushes": !anyone,
	}
	if contexts := list(r, "status_check_contexts"); contexts != nil {
		out["requiredStatusCheckContexts"] = contexts
	}
	allowed := func(on bool, users, teams, keys string) map[string]any {
		var who []any
		if on {
			for _, u := range list(r, users) {
				who = append(who, map[string]any{"actor": map[string]any{"__typename": "User", "login": u}})
			}
			for _, t := range list(r, teams) {
				who = append(who, map[string]any{"actor": map[string]any{"__typename": "Team", "slug": t}})
			}
			if is(keys) {
				who = append(who, map[string]any{"actor": map[string]any{"__typename": "App", "slug": "deploy keys that may write"}})
			}
		}
		return nodes(who)
	}
	out["bypassPullRequestAllowances"] = allowed(is("enable_push") && is("enable_push_whitelist"), "push_whitelist_usernames", "push_whitelist_teams", "push_whitelist_deploy_keys")
	out["bypassForcePushAllowances"] = allowed(is("enable_force_push") && is("enable_force_push_allowlist"), "force_push_allowlist_usernames", "force_push_allowlist_teams", "force_push_allowlist_deploy_keys")
	out["pushAllowances"] = allowed(is("enable_merge_whitelist"), "merge_whitelist_usernames", "merge_whitelist_teams", "")
	return out
}

// ranks order permissions, least first.
var ranks = map[string]int{"READ": 1, "WRITE": 2, "MAINTAIN": 3, "ADMIN": 4}

// A roll gathers who may do what in a repository, and by what.
type roll struct {
	who map[string]map[string]any
}

// add notes that somebody has a permission by a source.
func (r *roll) add(login, name, permission, role string, source map[string]any) {
	key := strings.ToLower(login)
	if r.who == nil {
		r.who = map[string]map[string]any{}
	}
	if r.who[key] == nil {
		node := map[string]any{"login": login}
		put(node, "name", name)
		r.who[key] = map[string]any{"permission": permission, "node": node, "permissionSources": []any{}}
	}
	one := r.who[key]
	if ranks[permission] > ranks[text(one, "permission")] {
		one["permission"] = permission
	}
	by := map[string]any{"permission": permission, "source": source}
	put(by, "roleName", role)
	one["permissionSources"] = append(list(one, "permissionSources"), by)
}

// keep makes an item of each.
func (r *roll) keep(q *question) {
	for _, login := range sortedKeys(r.who) {
		q.Item(evidence.Item{ID: q.repo.Path + "/" + login, Answers: map[string]any{"collaborator": r.who[login]}})
		q.rows++
	}
}

// giteaMembers keeps who may do what: the owner, collaborators, and the members of
// the organization's teams. Administrators of the whole instance may do everything
// and are listed by no repository.
func (s *source) giteaMembers(ctx context.Context, q *question) error {
	repo, err := q.object(ctx, "repository", q.repoPath(), nil)
	if err != nil {
		return err
	}
	var all roll
	rank := func(s string) string {
		return map[string]string{"read": "READ", "write": "WRITE", "admin": "ADMIN", "owner": "ADMIN"}[s]
	}
	err = q.pages(ctx, request{operation: "collaborators", path: q.repoPath() + "/collaborators", query: url.Values{"limit": {giteaLimit}}, rows: true}, func(u map[string]any) (bool, error) {
		login := text(u, "login")
		p, err := q.object(ctx, "permission", q.repoPath()+"/collaborators/"+url.PathEscape(login)+"/permission", nil)
		if err != nil {
			return false, err
		}
		all.add(login, text(u, "full_name"), rank(text(p, "permission")), text(p, "role_name"), map[string]any{"__typename": "Repository", "nameWithOwner": q.repo.Path})
		return false, nil
	})
	if err != nil {
		return err
	}
	v, _, err := q.get(ctx, request{operation: "teams", path: q.repoPath() + "/teams"}) // not paged
	var r *refusal
	if asRefusal(err, &r) && r.code == "HTTP 405" { // it belongs to a person
		all.add(text(repo["owner"], "login"), text(repo["owner"], "full_name"), "ADMIN", "owner", map[string]any{"__typename": "Repository", "nameWithOwner": q.repo.Path})
		all.keep(q)
		return nil
	}
	if err != nil {
		return err
	}
	teams, ok := v.([]any)
	if !ok {
		return &refusal{"teams", "Unreadable", "the answer is not a list"}
	}
	for _, t := range teams {
		team := object(t)
		role := text(team, "permission")
		if code := text(team["units_map"], "repo.code"); role != "admin" && role != "owner" && code != "" {
			role = code // what the team may do with the code, not with the wiki
		}
		if role == "none" || rank(role) == "" {
			continue
		}
		id, _ := team["id"].(json.Number)
		err := q.pages(ctx, request{operation: "teamMembers", path: "/teams/" + id.String() + "/members", query: url.Values{"limit": {giteaLimit}}}, func(u map[string]any) (bool, error) {
			all.add(text(u, "login"), text(u, "full_name"), rank(role), role, map[string]any{"__typename": "Team", "slug": text(team, "name")})
			return false, nil
		})
		if err != nil {
			return err
		}
	}
	all.keep(q)
	return nil
}

// giteaReleases keeps what was released in the period. Gitea has no deployments.
func (s *source) giteaReleases(ctx context.Context, q *question) error {
	return q.pages(ctx, request{operation: "releases", path: q.repoPath() + "/releases", query: url.Values{"limit": {giteaLimit}}, rows: true}, func(r map[string]any) (bool, error) {
		draft, _ := r["draft"].(bool)
		at := moment(r, "published_at")
		if draft || at.IsZero() {
			at = moment(r, "created_at")
		}
		if !q.within(at) {
			return false, nil
		}
		it := evidence.Item{ID: fmt.Sprintf("%s/release/%v", q.repo.Path, r["id"]), Answers: map[string]any{}}
		one := map[string]any{"databaseId": r["id"], "tagName": text(r, "tag_name"), "isDraft": draft, "isPrerelease": r["prerelease"] == true, "createdAt": text(r, "created_at")}
		put(one, "name", text(r, "name"))
		put(one, "url", text(r, "html_url"))
		put(one, "author", account(r["author"]))
		q.withhold(one, "name", Releases)
		if !draft {
			put(one, "publishedAt", text(r, "published_at"))
			tag, err := q.object(ctx, "tag", q.repoPath()+"/tags/"+url.PathEscape(text(r, "tag_name")), nil)
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			if g := gapOf("tagCommit", err); g != nil {
				it.Gaps = append(it.Gaps, *g)
			} else {
				one["tagCommit"] = map[string]any{"oid": text(tag["commit"], "sha")}
			}
		}
		it.Answers["release"] = one
		q.Item(it)
		q.rows++
		return false, nil
	})
}
