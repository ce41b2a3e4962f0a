package forge

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"exhibit/evidence"
)

// gitlabParameters are the parameters GitLab documents for what is asked, by the end
// of its path. https://docs.gitlab.com/api/rest/
var gitlabParameters = map[string][]string{
	"merge_requests":     {"state", "target_branch", "order_by", "sort", "updated_after", "page", "per_page"},
	"commits":            {"page", "per_page"},
	"versions":           {"page", "per_page"},
	"notes":              {"order_by", "sort", "page", "per_page"},
	"closes_issues":      {"page", "per_page"},
	"all":                {"page", "per_page"},
	"protected_branches": {"page", "per_page"},
	"approval_rules":     {"page", "per_page"},
	"deployments":        {"order_by", "sort", "page", "per_page"},
	"releases":           {"page", "per_page"},
}

// A lab answers like GitLab, from what lies under each path. It was written after
// GitLab's documentation: no GitLab was asked.
type lab struct {
	at    map[string]any // by path below /api/v4/projects/group%2Fsub%2Fshop; an int is a refusal with that status
	bad   []string
	names map[string]string // accounts by commit, for GraphQL
}

func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	if r.Header.Get("Authorization") != "Bearer glpat" {
		say(401, map[string]any{"message": "401 Unauthorized"})
		return
	}
	if r.URL.Path == "/api/graphql" {
		var nodes []any
		for sha, name := range l.names {
			var author any
			if name != "" {
				author = map[string]any{"username": name}
			}
			nodes = append(nodes, map[string]any{"sha": sha, "author": author})
		}
		say(200, map[string]any{"data": map[string]any{"project": map[string]any{"mergeRequest": map[string]any{"commits": map[string]any{"pageInfo": map[string]any{"hasNextPage": false}, "nodes": nodes}}}}})
		return
	}
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api/v4/projects/group%2Fsub%2Fshop")
	v, there := l.at[path]
	if !ok || !there {
		say(404, map[string]any{"message": "404 Not Found"})
		return
	}
	if status, refused := v.(int); refused {
		say(status, map[string]any{"message": fmt.Sprintf("%d Forbidden", status)})
		return
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	for k := range r.URL.Query() {
		if !slices.Contains(gitlabParameters[last], k) {
			l.bad = append(l.bad, path+"?"+k)
		}
	}
	rows, list := v.([]any)
	if !list {
		say(200, v)
		return
	}
	page := 1
	_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
	link := fmt.Sprintf(`<http://%s%s?page=1>; rel="first"`, r.Host, r.URL.EscapedPath())
	if page < len(rows) { // one row a page: fewer than were asked for, as an instance may give
		link = fmt.Sprintf(`<http://%s%s?page=%d>; rel="next", `, r.Host, r.URL.EscapedPath(), page+1) + link
	}
	w.Header().Set("Link", link)
	if page > len(rows) {
		say(200, []any{})
		return
	}
	say(200, rows[page-1:page])
}

func labUser(name string) map[string]any {
	return map[string]any{"username": name, "name": strings.ToUpper(name)}
}

// mr adds a merge request of Ada's, merged on 10 March at noon, which changes may alter.
func (l *lab) mr(iid int, changes map[string]any) {
	head := oid(100 + iid)
	one := map[string]any{"iid": iid, "title": fmt.Sprint("Change ", iid), "web_url": "https://gitlab.example/x", "created_at": "2026-03-10T08:00:00Z", "updated_at": fmt.Sprintf("2026-03-10T12:%02d:00Z", iid), "merged_at": "2026-03-10T12:00:00.123Z",
		"target_branch": "main", "source_branch": "topic", "sha": head, "merge_commit_sha": oid(iid), "squash_commit_sha": nil, "author": labUser("ada"), "merge_user": labUser("bo"), "labels": []any{"feature"},
		"head_pipeline": map[string]any{"sha": head, "status": "success", "finished_at": "2026-03-10T11:00:00Z"}}
	for k, v := range changes {
		one[k] = v
	}
	base := fmt.Sprintf("/merge_requests/%d", iid)
	l.at["/merge_requests"] = append([]any{one}, l.at["/merge_requests"].([]any)...)
	l.at[base] = one
	l.at["/repository/commits/"+oid(iid)] = map[string]any{"id": oid(iid), "parent_ids": []any{oid(1), oid(2)}}
	l.at["/repository/commits/"+head] = map[string]any{"id": head, "parent_ids": []any{oid(1)}}
	l.at[base+"/commits"] = []any{map[string]any{"id": head, "title": "Change", "message": "Change\n", "author_name": "Ada", "author_email": "ada@example.com", "committer_name": "Ada", "committer_email": "ada@example.com", "committed_date": "2026-03-10T08:00:00Z", "parent_ids": []any{oid(1)}}}
	l.names[head] = "ada"
	l.at[base+"/versions"] = []any{map[string]any{"head_commit_sha": head, "created_at": "2026-03-10T08:00:00Z"}}
	l.at[base+"/notes"] = []any{note("bo", "approved this merge request", "2026-03-10T10:00:00Z"), map[string]any{"system": false, "body": "approved this merge request", "author": labUser("cy"), "created_at": "2026-03-10T10:00:00Z"}}
	l.at[base+"/approvals"] = map[string]any{"approved_by": []any{map[string]any{"user": labUser("bo")}}}
	l.at[base+"/closes_issues"] = []any{map[string]any{"iid": 9, "web_url": "https://gitlab.example/issues/9"}}
}

func note(by, body, at string) map[string]any {
	return map[string]any{"system": true, "body": body, "author": labUser(by), "created_at": at}
}

func aLab() *lab {
	level := func(n int) []any {
		return []any{map[string]any{"access_level": n, "access_level_description": "Maintainers"}}
	}
	return &lab{names: map[string]string{}, at: map[string]any{
		"":                          map[string]any{"default_branch": "main", "empty_repo": false, "visibility": "private", "merge_method": "merge", "only_allow_merge_if_pipeline_succeeds": true},
		"/repository/branches/main": map[string]any{"name": "main"}, "/merge_requests": []any{},
		"/members/all":        []any{map[string]any{"username": "ada", "name": "ADA", "access_level": 30, "state": "active"}, map[string]any{"username": "bo", "name": "BO", "access_level": 40, "state": "active"}, map[string]any{"username": "dex", "name": "DEX", "access_level": 20, "state": "active"}},
		"/protected_branches": []any{map[string]any{"name": "ma*", "push_access_levels": level(40), "merge_access_levels": level(30), "allow_force_push": false}},
		"/approval_rules":     []any{map[string]any{"name": "All", "rule_type": "any_approver", "approvals_required": 2, "protected_branches": []any{}}},
		"/deployments":        []any{map[string]any{"id": 4, "sha": oid(1), "created_at": "2026-03-11T00:00:00Z", "updated_at": "2026-03-11T00:05:00Z", "status": "success", "ref": "main", "environment": map[string]any{"name": "production"}, "user": labUser("bo")}, map[string]any{"id": 3, "created_at": "2025-03-11T00:00:00Z"}},
		"/releases":           []any{map[string]any{"tag_name": "v1", "name": "One", "created_at": "2026-03-11T00:00:00Z", "released_at": "2026-03-11T00:00:00Z", "author": labUser("bo"), "commit": map[string]any{"id": oid(1)}}},
	}}
}

func askLab(t *testing.T, l *lab) collected {
	t.Helper()
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	got := collectForge(t, GitLab, s.URL+"/api/v4", "glpat", day("2026-03-10"), "group/sub/shop")
	if len(l.bad) > 0 {
		t.Errorf("parameters GitLab does not document: %v", l.bad)
	}
	return got
}

func TestGitLab(t *testing.T) {
	l := aLab()
	l.mr(1, nil)
	l.mr(2, nil) // approved, then pushed again
	l.at["/merge_requests/2/versions"] = []any{map[string]any{"head_commit_sha": oid(102), "created_at": "2026-03-10T11:00:00Z"}, map[string]any{"head_commit_sha": oid(7), "created_at": "2026-03-10T08:00:00Z"}}
	l.at["/merge_requests/2/notes"] = append(l.at["/merge_requests/2/notes"].([]any), note("cy", "added 1 commit\n\n<ul><li>x</li></ul>", "2026-03-10T11:00:00Z"))
	l.mr(3, nil) // the approval was reset
	l.at["/merge_requests/3/approvals"] = map[string]any{"approved_by": []any{}}
	l.mr(4, nil) // taken back
	l.at["/merge_requests/4/notes"] = append(l.at["/merge_requests/4/notes"].([]any), note("bo", "unapproved this merge request", "2026-03-10T11:00:00Z"))
	l.at["/merge_requests/4/approvals"] = map[string]any{"approved_by": []any{}}
	l.mr(5, nil) // a push so close that nobody knows
	l.at["/merge_requests/5/versions"] = []any{map[string]any{"head_commit_sha": oid(105), "created_at": "2026-03-10T10:00:20Z"}, map[string]any{"head_commit_sha": oid(7), "created_at": "2026-03-10T08:00:00Z"}}
	l.mr(6, map[string]any{"merge_commit_sha": nil, "author": map[string]any{"username": "ghost", "name": "Ghost User"}}) // moved forward; by a deleted account
	l.mr(7, map[string]any{"head_pipeline": nil})
	l.mr(8, nil) // an approval no note tells of
	l.at["/merge_requests/8/notes"] = []any{}
	l.mr(9, map[string]any{"merged_at": "2026-03-01T00:00:00Z"}) // merged before, and changed since
	got := askLab(t, l)
	for source, want := range map[string]int{PullRequests: 8, Rules: 1, Members: 3, Deployments: 1, Releases: 1} {
		if c := got.cells["shop "+source]; c.Items != want {
			t.Errorf("%s: %s with %d items: %s", source, c.State, c.Items, c.Reason)
		}
	}
	for iid, want := range map[int]string{
		1: "APPROVED current; ", 2: "APPROVED earlier; ", 3: "DISMISSED current; ", 4: "APPROVED DISMISSED current; ",
		5: "; reviews", 6: "APPROVED current; ", 7: "APPROVED current; mergedHead", 8: "; reviews",
	} {
		it := got.items["shop "+PullRequests][fmt.Sprintf("group/sub/shop!%d", iid)]
		pr := object(it.Answers["pullRequest"])
		is := ""
		for i, r := range list(pr, "reviews", "nodes") {
			state := text(r, "state")
			if iid == 4 && i == 0 { // nobody has it any more
				state = map[string]string{"DISMISSED": "APPROVED"}[state]
			}
			is += state + " "
			if i == len(list(pr, "reviews", "nodes"))-1 {
				is += map[bool]string{true: "current", false: "earlier"}[text(object(r)["commit"], "oid") == text(pr, "headRefOid")]
			}
		}
		is += "; "
		for _, g := range it.Gaps {
			is += g.Question
		}
		if is != want {
			t.Errorf("%d: %q, want %q: %v", iid, is, want, it.Gaps)
		}
	}
	two := object(got.items["shop "+PullRequests]["group/sub/shop!2"].Answers["pullRequest"])
	if e := object(list0(two, "timelineItems", "nodes")); text(e, "__typename") != "HeadRefPushedEvent" || text(e["actor"], "login") != "cy" {
		t.Errorf("the push: %v", e)
	}
	six := object(got.items["shop "+PullRequests]["group/sub/shop!6"].Answers["pullRequest"])
	if six["author"] != nil || text(six["mergeCommit"], "oid") != oid(106) || text(object(list0(list0(six, "commits", "nodes"), "commit", "authors", "nodes"), "user"), "login") != "ada" {
		t.Errorf("moved forward: %v", six)
	}
	rule := object(got.items["shop "+Rules]["group/sub/shop@main"].Answers["branchProtectionRule"])
	if rule["requiresApprovingReviews"] != true || rule["requiredApprovingReviewCount"] != json.Number("2") || rule["allowsForcePushes"] != false || rule["allowsDeletions"] != false || len(list(rule, "bypassPullRequestAllowances", "nodes")) != 1 {
		t.Errorf("the rule: %v", rule)
	}
}

func TestGitLabRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(l *lab)
		source string
		state  evidence.State
		says   string
	}{
		"no such branch":      {func(l *lab) { delete(l.at, "/repository/branches/main") }, PullRequests, evidence.Failed, "no branch main"},
		"empty":               {func(l *lab) { l.at[""].(map[string]any)["empty_repo"] = true }, PullRequests, evidence.Empty, "empty"},
		"members are refused": {func(l *lab) { l.at["/members/all"] = 403 }, Members, evidence.DeniedIdentity, "Forbidden"},
		"and so what an approver may do is not known": {func(l *lab) { l.at["/members/all"] = 403 }, PullRequests, evidence.Partial, "not answered"},
		"no approval rules on this plan":              {func(l *lab) { l.at["/approval_rules"] = 403 }, Rules, evidence.Partial, "not answered"},
		"a bad gateway":                               {func(l *lab) { l.at["/merge_requests"] = 502 }, PullRequests, evidence.Failed, "asked 6 times"},
	} {
		t.Run(name, func(t *testing.T) {
			l := aLab()
			l.mr(1, nil)
			c.change(l)
			if got := askLab(t, l).cells["shop "+c.source]; got.State != c.state || !strings.Contains(got.Reason, c.says) {
				t.Errorf("%s: %s", got.State, got.Reason)
			}
		})
	}
}
