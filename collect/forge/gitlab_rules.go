package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"exhibit/collect"
	"exhibit/evidence"
)

// gitlabRules keeps what stands over the branch. Of several protections that match
// GitLab lets do what any of them allows.
func (s *source) gitlabRules(ctx context.Context, q *question) error {
	project, err := q.projectThere(ctx)
	if err != nil || project == nil {
		return err
	}
	it := evidence.Item{ID: q.repo.Path + "@" + q.repo.Branch, Answers: map[string]any{"rules": nil}}
	var over []any
	err = q.pages(ctx, request{operation: "protectedBranches", path: q.project() + "/protected_branches", query: rowsPerPage()}, func(p map[string]any) (bool, error) {
		matches, known := globs(text(p, "name"), q.repo.Branch)
		if !known {
			return false, &refusal{"protectedBranches", "Unreadable", fmt.Sprintf("whether %q stands over %s is not known", text(p, "name"), q.repo.Branch)}
		}
		if matches {
			over = append(over, p)
		}
		return false, nil
	})
	need := 0
	var rules []any
	if err == nil && len(over) > 0 { // on a plan without approval rules this is refused, and no rule can require any
		err = q.pages(ctx, request{operation: "approvalRules", path: q.project() + "/approval_rules", query: rowsPerPage()}, func(r map[string]any) (bool, error) {
			rules = append(rules, map[string]any{"name": text(r, "name"), "rule_type": text(r, "rule_type"), "approvals_required": r["approvals_required"], "protected_branches": list(r, "protected_branches"), "applies_to_all_protected_branches": r["applies_to_all_protected_branches"]})
			applies := len(list(r, "protected_branches")) == 0 || r["applies_to_all_protected_branches"] == true
			for _, b := range list(r, "protected_branches") {
				matches, _ := globs(text(b, "name"), q.repo.Branch)
				applies = applies || matches
			}
			if applies {
				need = max(need, whole(r["approvals_required"]))
			}
			return false, nil
		})
	}
	switch g := gapOf("branchProtectionRule", err); {
	case ctx.Err() != nil:
		return ctx.Err()
	case g != nil:
		it.Gaps = append(it.Gaps, *g)
	case len(over) == 0:
		it.Answers["branchProtectionRule"] = nil
	default:
		it.Answers["branchProtectionRule"] = gitlabProtection(over, need, q.repo.Branch == text(project, "default_branch"))
		it.Answers["protection"] = tidy(map[string]any{"protected_branches": over, "approval_rules": rules})
	}
	settings := map[string]any{"nameWithOwner": q.repo.Path, "defaultBranch": text(project, "default_branch"), "visibility": strings.ToUpper(text(project, "visibility"))}
	for to, from := range map[string]string{"isArchived": "archived", "mergeMethod": "merge_method", "squashOption": "squash_option", "onlyAllowMergeIfPipelineSucceeds": "only_allow_merge_if_pipeline_succeeds"} {
		put(settings, to, project[from])
	}
	it.Answers["repository"] = settings
	q.Item(it)
	q.rows++
	return nil
}

// gitlabProtection is the protections of a branch together, in GitHub's shape. Who may
// push needs no merge request: where developers may, none is demanded; others stand
// among those who may go around it.
func gitlabProtection(over []any, need int, isDefault bool) map[string]any {
	names, anyone, force := []string{}, false, false
	var around []any
	for _, p := range over {
		names = append(names, text(p, "name"))
		may := false
		for _, l := range list(p, "push_access_levels") {
			level := whole(object(l)["access_level"])
			if _, person := object(l)["user_id"].(json.Number); level == 0 && !person {
				continue
			}
			may = true
			if level > 0 && level <= 30 {
				anyone = true
			}
			around = append(around, map[string]any{"actor": map[string]any{"__typename": "Role", "slug": text(l, "access_level_description")}})
		}
		f, _ := object(p)["allow_force_push"].(bool)
		force = force || f && may
	}
	slices.Sort(names)
	return map[string]any{
		"pattern": strings.Join(names, ", "), "requiresApprovingReviews": need > 0 && !anyone, "requiredApprovingReviewCount": number(need),
		"allowsForcePushes": force, "allowsDeletions": !isDefault, // those who maintain a project may delete any other branch on its pages
		"isAdminEnforced": true, "restrictsPushes": !anyone, "bypassPullRequestAllowances": nodes(around),
	}
}

// gitlabRank is an access level as GitHub's permission; "" for none.
func gitlabRank(level int) string {
	switch {
	case level >= 50:
		return "ADMIN"
	case level >= 40:
		return "MAINTAIN"
	case level >= 30:
		return "WRITE"
	case level > 0:
		return "READ"
	}
	return ""
}

// gitlabMembers keeps who may do what, inherited from groups as well.
func (s *source) gitlabMembers(ctx context.Context, q *question) error {
	var all roll
	err := q.pages(ctx, request{operation: "members", path: q.project() + "/members/all", query: rowsPerPage(), rows: true}, func(m map[string]any) (bool, error) {
		if text(m, "username") == "" {
			return false, &refusal{"members", "Unreadable", "a row of the listing has no name"}
		}
		if state := text(m, "state"); gitlabRank(whole(m["access_level"])) != "" && state != "blocked" && state != "awaiting" {
			all.add(text(m, "username"), text(m, "name"), gitlabRank(whole(m["access_level"])), fmt.Sprint("access level ", m["access_level"]), map[string]any{"__typename": "Repository", "nameWithOwner": q.repo.Path})
		}
		return false, nil
	})
	if err == nil {
		all.keep(q)
	}
	return err
}

// gitlabDeployments keeps what was deployed in the period.
func (s *source) gitlabDeployments(ctx context.Context, q *question) error {
	query := rowsPerPage()
	query.Set("order_by", "created_at")
	query.Set("sort", "desc")
	return q.pages(ctx, request{operation: "deployments", path: q.project() + "/deployments", query: query, rows: true}, func(d map[string]any) (bool, error) {
		made := moment(d, "created_at")
		if whole(d["id"]) == 0 || made.IsZero() {
			return false, &refusal{"deployments", "Unreadable", "a row of the listing has no number, or no time"}
		}
		if !q.within(made) {
			return made.Before(q.cfg.Period.Start), nil
		}
		state := map[string]string{"success": "SUCCESS", "failed": "FAILURE", "running": "IN_PROGRESS", "created": "PENDING", "blocked": "WAITING"}[text(d, "status")]
		if state == "" {
			state = strings.ToUpper(text(d, "status"))
		}
		status := map[string]any{"state": state, "createdAt": text(d, "updated_at")}
		one := map[string]any{"databaseId": d["id"], "commitOid": text(d, "sha"), "createdAt": text(d, "created_at"), "updatedAt": text(d, "updated_at"),
			"environment": text(object(d, "environment"), "name"), "state": state, "ref": map[string]any{"name": text(d, "ref")}, "statuses": nodes([]any{status})}
		put(one, "creator", gitlabAccount(d["user"]))
		q.Item(evidence.Item{ID: fmt.Sprintf("%s/deployment/%v", q.repo.Path, d["id"]), Answers: map[string]any{"deployment": one}})
		q.rows++
		return false, nil
	})
}

// gitlabReleases keeps what was released in the period.
func (s *source) gitlabReleases(ctx context.Context, q *question) error {
	return q.pages(ctx, request{operation: "releases", path: q.project() + "/releases", query: rowsPerPage(), rows: true}, func(r map[string]any) (bool, error) {
		tag := text(r, "tag_name")
		if tag == "" {
			return false, &refusal{"releases", collect.TruncatedCode, "a row of the listing has no tag"}
		}
		if !q.within(moment(r, "released_at")) {
			return false, nil
		}
		one := map[string]any{"tagName": tag, "isDraft": false, "createdAt": text(r, "created_at"), "publishedAt": text(r, "released_at")}
		put(one, "name", text(r, "name"))
		put(one, "author", gitlabAccount(r["author"]))
		q.withhold(one, "name", Releases)
		if sha := text(object(r, "commit"), "id"); sha != "" {
			one["tagCommit"] = map[string]any{"oid": sha}
		}
		q.Item(evidence.Item{ID: q.repo.Path + "/release/" + tag, Answers: map[string]any{"release": one}})
		q.rows++
		return false, nil
	})
}
