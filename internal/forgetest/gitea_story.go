package forgetest

import (
	"fmt"
	"time"
)

// Story plays, over a real Gitea's API and with real pushes, what the tests look for
// in the repository example/shop, one pull request a case, and returns the token of
// somebody who may read all of it. Beside it lie example/empty, where nothing was
// pushed, example/renamed, whose branch main is called trunk since, and
// example/moved, which was called example/before.
func (f *Forge) Story() (token string) {
	for _, p := range []string{"ada", "bo", "cy", "dex", "gone"} {
		f.Person(p)
	}
	f.Call("carol", "POST", "/orgs", map[string]any{"username": "example"})
	team := func(name, permission string, people ...string) {
		t := f.Call("carol", "POST", "/orgs/example/teams", map[string]any{"name": name, "permission": permission, "includes_all_repositories": true,
			"units_map": map[string]any{"repo.code": permission, "repo.pulls": permission, "repo.issues": permission, "repo.releases": permission}})
		for _, p := range people {
			f.Call("carol", "PUT", fmt.Sprintf("/teams/%v/members/%s", t["id"], p), nil)
		}
	}
	team("engineers", "write", "ada", "bo", "cy", "gone")
	team("readers", "read", "dex")
	for _, r := range []string{"shop", "empty", "renamed", "before"} {
		f.Call("carol", "POST", "/orgs/example/repos", map[string]any{"name": r, "private": true, "default_branch": "main"})
	}
	for _, r := range []string{"renamed", "before"} {
		c := f.Clone("example/" + r)
		c.Commit("carol", "README", "Begin")
		c.Git("carol", "push", "-q", "origin", "main")
	}
	f.Call("carol", "PATCH", "/repos/example/renamed/branches/main", map[string]any{"name": "trunk"})
	f.Call("carol", "PATCH", "/repos/example/before", map[string]any{"name": "moved"})

	c := f.Clone("example/shop")
	c.Commit("carol", "README", "Begin")
	c.Git("carol", "push", "-q", "origin", "main")
	f.Call("carol", "POST", "/repos/example/shop/branch_protections", map[string]any{"rule_name": "main", "required_approvals": 1, "enable_push": true, "enable_push_whitelist": true, "push_whitelist_usernames": []string{"carol"},
		"enable_status_check": true, "status_check_contexts": []string{"build"}, "dismiss_stale_approvals": false, "block_on_rejected_reviews": true})
	f.Call("carol", "POST", "/repos/example/shop/issues", map[string]any{"title": "The till rounds wrongly"}) // #1
	label := f.Call("carol", "POST", "/repos/example/shop/labels", map[string]any{"name": "feature", "color": "#00aabb"})

	taken := func(pr string) { // a push to an open pull request is in its timeline
		for range 40 {
			if now := f.Call("carol", "GET", pr, nil); fmt.Sprint(now["head"].(map[string]any)["sha"]) == c.Git("carol", "rev-parse", "HEAD") {
				time.Sleep(2 * time.Second)
				return
			}
			time.Sleep(500 * time.Millisecond)
		}
	}
	begin := func(who, branch string, commits ...string) {
		c.Git("carol", "fetch", "-q", "origin")
		c.Git("carol", "checkout", "-q", "-B", branch, "origin/main")
		for i, m := range commits {
			c.Commit(who, fmt.Sprintf("%s-%d", branch, i), m)
		}
		c.Git(who, "push", "-q", "origin", branch)
	}
	open := func(who, branch, title, body string) string {
		pr := f.Call(who, "POST", "/repos/example/shop/pulls", map[string]any{"head": branch, "base": "main", "title": title, "body": body, "labels": []any{label["id"]}})
		return fmt.Sprintf("/repos/example/shop/pulls/%v", pr["number"])
	}
	head := func() string { return c.Git("carol", "rev-parse", "HEAD") }
	status := func(state string) {
		f.Call("bo", "POST", "/repos/example/shop/statuses/"+head(), map[string]any{"context": "build", "state": state, "description": "by hand"})
	}
	review := func(who, pr, event string) map[string]any {
		return f.Call(who, "POST", pr+"/reviews", map[string]any{"event": event, "commit_id": head(), "body": "looked at"})
	}
	merge := func(who, pr, how string, force bool) {
		f.Call(who, "POST", pr+"/merge", map[string]any{"Do": how, "force_merge": force})
	}

	begin("ada", "merged", "Add the till")
	pr := open("ada", "merged", "Merged", "Fixes #1")
	status("success")
	review("bo", pr, "APPROVED")
	merge("bo", pr, "merge", false)
	c.Commit("ada", "later", "Pushed after the merge") // moves the branch, not what was merged
	c.Git("ada", "push", "-q", "origin", "merged")

	begin("ada", "squashed", "Part one", "Part two\n\nCo-authored-by: Cy <cy@example.com>")
	pr = open("ada", "squashed", "Squashed", "")
	status("success")
	review("bo", pr, "APPROVED")
	merge("cy", pr, "squash", false)

	begin("cy", "rebased", "Step one", "Step two")
	pr = open("cy", "rebased", "Rebased", "")
	status("success")
	review("bo", pr, "APPROVED")
	merge("bo", pr, "rebase", false)

	begin("ada", "stale", "Before the approval")
	pr = open("ada", "stale", "Stale", "")
	review("bo", pr, "APPROVED")
	c.Commit("ada", "stale-1", "After the approval")
	c.Git("ada", "push", "-q", "origin", "stale")
	taken(pr)
	status("success")
	merge("ada", pr, "merge", false)

	begin("carol", "alone", "Nobody looked")
	pr = open("carol", "alone", "Alone", "")
	merge("carol", pr, "merge", true)

	begin("ada", "dismissed", "Approved by mistake")
	pr = open("ada", "dismissed", "Dismissed", "")
	status("success")
	r := review("bo", pr, "APPROVED")
	f.Call("carol", "POST", fmt.Sprintf("%s/reviews/%v/dismissals", pr, r["id"]), map[string]any{"message": "the wrong one"})
	merge("carol", pr, "merge", true)

	begin("ada", "forced", "First try")
	pr = open("ada", "forced", "Forced", "")
	c.Git("ada", "commit", "-q", "--amend", "-m", "Second try")
	c.Git("ada", "push", "-q", "--force", "origin", "forced")
	taken(pr)
	status("success")
	review("bo", pr, "APPROVED")
	merge("bo", pr, "merge", false)

	begin("ada", "pushed", "Ada's part")
	pr = open("ada", "pushed", "Pushed", "")
	c.Commit("ada", "pushed-1", "By Ada, and pushed by Cy")
	c.Git("cy", "push", "-q", "origin", "pushed")
	taken(pr)
	status("success")
	review("cy", pr, "APPROVED")
	merge("cy", pr, "merge", false)

	begin("ada", "red", "The build fails")
	pr = open("ada", "red", "Red", "")
	status("failure")
	review("bo", pr, "APPROVED")
	merge("carol", pr, "merge", true)

	begin("ada", "reader", "A reader liked it")
	pr = open("ada", "reader", "Reader", "")
	status("success")
	review("dex", pr, "APPROVED")
	merge("carol", pr, "merge", true)

	begin("gone", "ghost", "By somebody who left")
	pr = open("gone", "ghost", "Ghost", "")
	status("success")
	review("bo", pr, "APPROVED")
	merge("bo", pr, "merge", false)
	f.Call("carol", "DELETE", "/orgs/example/members/gone", nil)
	f.Call("carol", "DELETE", "/admin/users/gone", nil)

	c.Git("carol", "fetch", "-q", "origin")
	c.Git("carol", "checkout", "-q", "-B", "main", "origin/main")
	c.Commit("carol", "direct", "Straight to the branch")
	c.Git("carol", "push", "-q", "origin", "main")
	begin("ada", "open", "Not merged")
	open("ada", "open", "Open", "")
	f.Call("carol", "POST", "/repos/example/shop/releases", map[string]any{"tag_name": "v1", "name": "One", "target_commitish": "main"})
	return f.Token("carol", "read:repository", "read:issue", "read:organization")
}
