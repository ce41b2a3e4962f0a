package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/forgetest"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func user(login string) map[string]any { return map[string]any{"__typename": "User", "login": login} }

func oid(n int) string { return fmt.Sprintf("%040x", n) }

// pull is a pull request that was merged on a day, with one approval.
func pull(n int, merged string) map[string]any {
	at := merged + "T10:00:00Z"
	commit := map[string]any{"oid": oid(1000 + n), "messageHeadline": "Change", "committedDate": at, "parents": []any{map[string]any{"oid": oid(1)}},
		"authors":           []any{map[string]any{"name": "Ada", "email": "ada@example.com", "user": user("ada")}},
		"committer":         map[string]any{"name": "Ada", "email": "ada@example.com", "user": user("ada")},
		"statusCheckRollup": map[string]any{"state": "SUCCESS", "contexts": []any{check("build", "SUCCESS", true)}}}
	return map[string]any{
		"number": n, "title": fmt.Sprint("Change ", n), "url": fmt.Sprintf("https://forge.example/pull/%d", n), "createdAt": at, "updatedAt": at, "mergedAt": at,
		"isCrossRepository": false, "baseRefName": "main", "headRefName": "topic", "headRefOid": oid(1000 + n),
		"author": user("ada"), "mergedBy": user("bo"), "mergeCommit": map[string]any{"oid": oid(n), "parents": []any{map[string]any{"oid": oid(1)}, map[string]any{"oid": oid(2)}}},
		"labels": []any{map[string]any{"name": "feature"}}, "closingIssuesReferences": []any{},
		"reviews": []any{map[string]any{"author": user("bo"), "state": "APPROVED", "submittedAt": at, "authorCanPushToRepository": true, "commit": map[string]any{"oid": oid(1000 + n)}}},
		"commits": []any{map[string]any{"commit": commit}}, "timelineItems": []any{},
	}
}

func check(name, conclusion string, required bool) map[string]any {
	return map[string]any{"__typename": "CheckRun", "name": name, "status": "COMPLETED", "conclusion": conclusion, "isRequired": required, "checkSuite": map[string]any{"app": map[string]any{"slug": "ci"}}}
}

// graph is a forge with one repository.
func graph(pulls ...any) map[string]any {
	return map[string]any{"auditLogs": map[string]any{"example": []any{}}, "repositories": map[string]any{"example/shop": map[string]any{
		"nameWithOwner": "example/shop", "visibility": "PRIVATE", "isArchived": false, "mergeCommitAllowed": true, "squashMergeAllowed": true, "rebaseMergeAllowed": false,
		"defaultBranchRef": map[string]any{"name": "main"}, "pullRequests": pulls,
		"refs": map[string]any{"refs/heads/main": map[string]any{"name": "main", "rules": []any{
			map[string]any{"type": "PULL_REQUEST", "repositoryRuleset": map[string]any{"name": "production", "enforcement": "ACTIVE", "databaseId": 7},
				"parameters": map[string]any{"__typename": "PullRequestParameters", "requiredApprovingReviewCount": 1, "dismissStaleReviewsOnPush": true, "requireCodeOwnerReview": false, "requireLastPushApproval": true, "requiredReviewThreadResolution": false}},
		}}},
		"rulesets": []any{map[string]any{"databaseId": 7, "name": "production", "enforcement": "ACTIVE", "target": "BRANCH", "createdAt": "2025-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
			"source": map[string]any{"__typename": "Repository", "nameWithOwner": "example/shop"}, "conditions": map[string]any{"refName": map[string]any{"include": []any{"~DEFAULT_BRANCH"}, "exclude": []any{}}},
			"bypassActors": []any{map[string]any{"bypassMode": "ALWAYS", "deployKey": false, "organizationAdmin": true}},
			"rules":        []any{map[string]any{"type": "NON_FAST_FORWARD"}}}},
		"collaborators": []any{
			map[string]any{"permission": "ADMIN", "node": user("Bo"), "permissionSources": []any{map[string]any{"permission": "ADMIN", "source": map[string]any{"__typename": "Organization", "login": "example"}}}},
			map[string]any{"permission": "WRITE", "node": user("ada"), "permissionSources": []any{map[string]any{"permission": "WRITE", "roleName": "write", "source": map[string]any{"__typename": "Team", "slug": "engineers"}}}},
		},
	}}}
}

// ask collects everything of the repository, and returns the cells by source, the
// items by source and id, and how long was waited.
func ask(t *testing.T, api, token string) (map[string]evidence.Cell, map[string]map[string]evidence.Item, []evidence.Call, time.Duration) {
	t.Helper()
	var waited time.Duration
	cfg := Config{
		Repositories: []Repository{{Name: "shop", Kind: GitHub, Path: "example/shop", URL: api, Branch: "main", AuditLog: true}},
		Period:       Period{day("2026-01-01"), day("2026-04-01")},
		Now:          func() time.Time { return day("2026-04-02") },
		Sleep:        func(ctx context.Context, d time.Duration) error { waited += d; return ctx.Err() },
		Token:        func(Kind, string) (string, string) { return token, "GITHUB_TOKEN" },
	}
	snap, err := collect.Run(context.Background(), cfg.Now, collect.Plan{Tasks: Tasks(cfg), InFlight: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cells, items := map[string]evidence.Cell{}, map[string]map[string]evidence.Item{}
	for _, c := range snap.Cells {
		cells[c.Source], items[c.Source] = c, map[string]evidence.Item{}
		if c.Path == "" {
			continue
		}
		b, err := snap.Files[c.Path].Bytes()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := evidence.ReadItems(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range rows {
			items[c.Source][it.ID] = it
		}
	}
	b, err := snap.Calls.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	calls, err := evidence.ReadLines[evidence.Call](b)
	if err != nil {
		t.Fatal(err)
	}
	return cells, items, calls, waited
}

func TestGitHub(t *testing.T) {
	ghost := pull(3, "2026-02-01")
	ghost["author"] = nil
	typed := pull(4, "2026-03-31")
	typed["title"] = "Use ghp_" + strings.Repeat("a1B2", 9) + " for now"
	open := pull(6, "2026-02-02")
	open["mergedAt"] = nil
	elsewhere := pull(7, "2026-02-02")
	elsewhere["baseRefName"] = "release"
	later := pull(1, "2025-12-31")
	later["updatedAt"] = "2026-02-20T00:00:00Z" // merged before the period, and commented on in it
	api := forgetest.GitHub(t, graph(later, pull(2, "2026-01-01"), ghost, typed, pull(5, "2026-04-01"), open, elsewhere))
	cells, items, calls, _ := ask(t, api, forgetest.Token)
	for source, n := range map[string]int{PullRequests: 3, Rules: 1, RuleSets: 1, Members: 2} {
		if c := cells[source]; c.State != evidence.Collected || c.Items != n {
			t.Errorf("%s: %s with %d items, want %d: %s", source, c.State, c.Items, n, c.Reason)
		}
	}
	for _, id := range []string{"example/shop#2", "example/shop#3", "example/shop#4"} {
		if _, ok := items[PullRequests][id]; !ok {
			t.Errorf("%s is not there", id)
		}
	}
	pr := object(items[PullRequests]["example/shop#2"].Answers["pullRequest"])
	review := object(list0(pr, "reviews", "nodes"))
	if text(review, "state") != "APPROVED" || text(review["author"], "login") != "bo" || text(review["commit"], "oid") != text(pr, "headRefOid") {
		t.Errorf("the approval: %v", review)
	}
	run := object(list0(list0(pr, "mergedHead", "nodes"), "commit", "statusCheckRollup", "contexts", "nodes"))
	if run["isRequired"] != true || text(run, "conclusion") != "SUCCESS" {
		t.Errorf("the check: %v", run)
	}
	if _, there := object(items[PullRequests]["example/shop#3"].Answers["pullRequest"])["author"]; there {
		t.Error("an account that was deleted is left out")
	}
	if title := text(items[PullRequests]["example/shop#4"].Answers["pullRequest"], "title"); strings.Contains(title, "ghp_") {
		t.Errorf("a credential in a title: %s", title)
	}
	branch := items[Rules]["example/shop@main"]
	if v, ok := branch.Answers["branchProtectionRule"]; !ok || v != nil {
		t.Errorf("no classic rule is a fact: %v", v)
	}
	if object(list0(branch.Answers["rules"], "nodes"), "parameters")["requiredApprovingReviewCount"] != json.Number("1") {
		t.Errorf("the rules: %v", branch.Answers["rules"])
	}
	if text(items[Members]["example/shop/bo"].Answers["collaborator"], "permission") != "ADMIN" {
		t.Errorf("members: %v", items[Members])
	}
	for _, c := range calls {
		if c.Status != 200 || c.RequestID == "" || c.Params["path"] == nil && (c.Params["owner"] != "example" || c.Params["query_sha256"] == "") {
			t.Errorf("a call: %+v", c)
		}
		if b, err := json.Marshal(c); err != nil || strings.Contains(string(b), forgetest.Token) {
			t.Errorf("the token stands in a call: %v", err)
		}
	}
}

// A thousand pull requests of a quarter take at most seventy questions, and every
// list that does not fit in one page is read to its end.
func TestManyPullRequests(t *testing.T) {
	var pulls []any
	for n := range 1000 {
		pulls = append(pulls, pull(n+1, day("2026-01-01").AddDate(0, 0, n%90).Format(time.DateOnly)))
	}
	long := pulls[500].(map[string]any)
	var reviews, commits []any
	for n := range 130 {
		reviews = append(reviews, map[string]any{"author": user(fmt.Sprint("r", n)), "state": "COMMENTED", "submittedAt": "2026-02-01T00:00:00Z", "authorCanPushToRepository": false, "commit": map[string]any{"oid": oid(n)}})
		commits = append(commits, long["commits"].([]any)[0])
	}
	long["reviews"], long["commits"] = reviews, commits
	cells, items, calls, _ := ask(t, forgetest.GitHub(t, graph(pulls...)), forgetest.Token)
	if c := cells[PullRequests]; c.Items != 1000 || c.Gaps != 0 {
		t.Errorf("%d of 1000: %s %s", c.Items, c.State, c.Reason)
	}
	if len(calls) > 70 {
		t.Errorf("%d calls", len(calls))
	}
	pr := object(items[PullRequests]["example/shop#501"].Answers["pullRequest"])
	for _, name := range []string{"reviews", "commits"} {
		if n := len(list(pr, name, "nodes")); n != 130 {
			t.Errorf("%d of 130 %s", n, name)
		}
	}
}

// What changes while it is paged moves to the front of the listing: it must not
// be missed.
func TestMovesWhilePaged(t *testing.T) {
	var pulls []any
	for n := range 250 {
		pulls = append(pulls, pull(n+1, day("2026-01-01").AddDate(0, 0, n%80).Format(time.DateOnly)))
	}
	g := graph(pulls...)
	g["moves"] = []any{map[string]any{"page": 2, "number": 1, "updatedAt": "2026-04-01T09:00:00Z"}} // the last of all, before its page is asked
	cells, items, _, _ := ask(t, forgetest.GitHub(t, g), forgetest.Token)
	if c := cells[PullRequests]; c.Items != 250 {
		t.Errorf("%d of 250: %s", c.Items, c.Reason)
	}
	if _, ok := items[PullRequests]["example/shop#1"]; !ok {
		t.Error("the one that moved is missing")
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(g, repo map[string]any)
		token  string
		source string
		state  evidence.State
		reason string
		waited time.Duration
	}{
		"no token":            {source: PullRequests, state: evidence.AccountUnreachable, reason: "GITHUB_TOKEN"},
		"a token that ended":  {token: "gho_other", source: PullRequests, state: evidence.DeniedIdentity, reason: "does not know the token"},
		"no such repository":  {token: forgetest.Token, change: func(g, _ map[string]any) { g["repositories"] = map[string]any{} }, source: PullRequests, state: evidence.Failed, reason: "Could not resolve"},
		"no branch":           {token: forgetest.Token, change: func(_, r map[string]any) { r["refs"] = map[string]any{} }, source: Rules, state: evidence.Failed, reason: "no branch main"},
		"members are refused": {token: forgetest.Token, change: func(_, r map[string]any) { r["collaborators"] = map[string]any{"forbidden": "Must have push access"} }, source: Members, state: evidence.DeniedIdentity, reason: "push access"},
		"a bad gateway once":  {token: forgetest.Token, change: fault("UPDATED_AT", 502, nil, 1), source: PullRequests, state: evidence.Collected, waited: time.Second},
		"a limit is waited for": {token: forgetest.Token, source: PullRequests, state: evidence.Collected, waited: 30 * time.Second,
			change: fault("UPDATED_AT", 403, map[string]any{"Retry-After": 30}, 1)},
		"a limit without end": {token: forgetest.Token, source: PullRequests, state: evidence.Throttled, reason: "asked",
			change: fault("UPDATED_AT", 429, map[string]any{"Retry-After": 900}, 99), waited: 3600 * time.Second},
		"an answer that is none": {token: forgetest.Token, change: fault("UPDATED_AT", 200, nil, 1), source: PullRequests, state: evidence.Failed, reason: "said the forge"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graph(pull(2, "2026-01-01"))
			if c.change != nil {
				c.change(g, g["repositories"].(map[string]any)["example/shop"].(map[string]any))
			}
			cells, _, _, waited := ask(t, forgetest.GitHub(t, g), c.token)
			got := cells[c.source]
			if got.State != c.state || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("%s: %s", got.State, got.Reason)
			}
			if waited != c.waited {
				t.Errorf("waited %s, want %s", waited, c.waited)
			}
		})
	}
}

func fault(operation string, status int, headers map[string]any, times int) func(g, repo map[string]any) {
	return func(g, _ map[string]any) {
		g["faults"] = []any{map[string]any{"operation": operation, "status": status, "headers": headers, "times": times, "body": map[string]any{"message": "said the forge"}}}
	}
}

// A question the forge finds too heavy is asked in halves; one pull request that
// alone is too heavy is a gap, and stays in the population.
func TestTooHeavy(t *testing.T) {
	g := graph(pull(1, "2026-01-01"), pull(2, "2026-01-02"), pull(3, "2026-01-03"), pull(4, "2026-01-04"))
	g["faults"] = []any{
		map[string]any{"operation": "fragment pull", "status": 502, "times": 99, "atLeast": 2},
		map[string]any{"operation": "p3: pullRequest", "status": 504, "times": 99},
	}
	cells, items, _, _ := ask(t, forgetest.GitHub(t, g), forgetest.Token)
	if c := cells[PullRequests]; c.State != evidence.Partial || c.Items != 4 || c.Gaps != 1 {
		t.Errorf("%s, %d items, %d gaps: %s", c.State, c.Items, c.Gaps, c.Reason)
	}
	if gaps := items[PullRequests]["example/shop#3"].Gaps; len(gaps) != 1 || gaps[0].Code != "TooHeavy" {
		t.Errorf("gaps: %v", gaps)
	}
	if items[PullRequests]["example/shop#4"].Answers["pullRequest"] == nil {
		t.Error("the others are answered")
	}
}

func TestInsecure(t *testing.T) {
	q := &question{Answer: &collect.Answer{}, source: &source{repo: Repository{Path: "example/shop", URL: "http://forge.example/api"}}}
	if err := q.ready(); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("a token over http: %v", err)
	}
}

// What was deployed and released in the period, and who went around the rules.
func TestDeploymentsReleasesBypasses(t *testing.T) {
	g := graph()
	repo := g["repositories"].(map[string]any)["example/shop"].(map[string]any)
	var deployed []any
	for n := range 120 { // more than a page, a day each; the first thirty-one before the period
		at := day("2025-12-01").AddDate(0, 0, n).Format(time.RFC3339)
		deployed = append(deployed, map[string]any{"databaseId": n + 1, "commitOid": oid(n), "createdAt": at, "updatedAt": at, "environment": "production", "originalEnvironment": "production", "task": "deploy", "state": "ACTIVE",
			"creator": user("bo"), "ref": map[string]any{"name": "main", "prefix": "refs/heads/"}, "statuses": []any{map[string]any{"state": "SUCCESS", "createdAt": at, "environment": "production", "creator": user("bo")}}})
	}
	deployed[60].(map[string]any)["statusesTotal"] = 40
	repo["deployments"] = deployed
	release := func(n int, published any) map[string]any {
		return map[string]any{"databaseId": n, "name": fmt.Sprint("R", n), "tagName": fmt.Sprint("v", n), "url": "https://forge.example/r", "createdAt": "2025-11-01T00:00:00Z", "updatedAt": "2026-02-01T00:00:00Z", "publishedAt": published,
			"isDraft": published == nil, "isPrerelease": false, "author": user("ada"), "tagCommit": map[string]any{"oid": oid(n)}}
	}
	repo["releases"] = []any{release(1, "2026-02-01T00:00:00Z"), release(2, "2025-12-31T23:59:59Z"), release(3, nil)}
	var suites []any
	for n := range 130 {
		result := "bypass"
		if n%2 == 1 {
			result = "pass"
		}
		suites = append(suites, map[string]any{"id": n + 1, "actor_id": 2, "actor_name": "bo", "before_sha": oid(n), "after_sha": oid(n + 1), "ref": "refs/heads/main", "repository_id": 5, "repository_name": "shop", "pushed_at": "2026-03-20T10:00:00Z", "result": result, "evaluation_result": result,
			"rule_evaluations": []any{map[string]any{"rule_source": map[string]any{"type": "ruleset", "id": 7, "name": "production"}, "enforcement": "active", "result": "fail", "rule_type": "pull_request"}}})
	}
	repo["ruleSuites"] = suites
	g["auditLogs"] = map[string]any{"example": []any{
		map[string]any{"_document_id": "d1", "@timestamp": 1774000000000, "action": "protected_branch.policy_override", "actor": "bo", "repo": "example/shop", "actor_ip": "192.0.2.1", "actor_location": map[string]any{"country_code": "NZ"}},
		map[string]any{"_document_id": "d2", "@timestamp": 1774000000000, "action": "team.add_member", "actor": "bo"},
	}}
	cells, items, calls, _ := ask(t, forgetest.GitHub(t, g), forgetest.Token)
	for source, want := range map[string]int{Deployments: 89, Releases: 1, Bypasses: 66, AuditLog: 2} {
		if c := cells[source]; c.Items != want {
			t.Errorf("%s: %s with %d items, want %d: %s", source, c.State, c.Items, want, c.Reason)
		}
	}
	d := items[Deployments]["example/shop/deployment/60"]
	if one := object(d.Answers["deployment"]); text(one, "environment") != "production" || text(one["creator"], "login") != "bo" || one["commitOid"] != oid(59) || len(list(one, "statuses", "nodes")) != 1 {
		t.Errorf("the deployment: %v", d)
	}
	if d := items[Deployments]["example/shop/deployment/61"]; len(d.Gaps) != 1 || d.Gaps[0].Question != "statuses" || object(d.Answers["deployment"])["statuses"] != nil {
		t.Errorf("more statuses than were told: %v", d)
	}
	if a := object(items[Bypasses]["example/shop@main"].Answers["asked"]); text(a, "from") != "2026-03-05T00:01:00Z" || text(a, "until") != "2026-04-02T00:00:00Z" {
		t.Errorf("the time that was asked about: %v", a)
	}
	if one := items[Bypasses]["example/shop/rule-suite/129"]; text(one.Answers["ruleSuite"], "actor_name") != "bo" || text(list0(one.Answers, "ruleEvaluations"), "rule_type") != "pull_request" {
		t.Errorf("the bypass: %v", one)
	}
	if e := object(items[AuditLog]["example/shop/audit/d1"].Answers["event"]); text(e, "action") != "protected_branch.policy_override" || e["actor_ip"] != nil || e["actor_location"] != nil {
		t.Errorf("the event: %v", e)
	}
	if len(calls) > 90 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestBypassesRefused(t *testing.T) {
	for name, c := range map[string]struct {
		fault  map[string]any
		state  evidence.State
		reason string
	}{
		"not allowed": {map[string]any{"operation": "rule-suites", "status": 403, "body": map[string]any{"message": "Resource not accessible by personal access token"}, "times": 9}, evidence.DeniedIdentity, "not accessible"},
		"bad gateway": {map[string]any{"operation": "rule-suites", "status": 502, "times": 9}, evidence.Failed, "asked 6 times"},
		"moved":       {map[string]any{"operation": "rule-suites", "status": 301, "headers": map[string]any{"Location": "https://forge.example/repositories/5"}, "times": 9}, evidence.Failed, "https://forge.example/repositories/5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graph()
			g["faults"] = []any{c.fault}
			cells, _, _, _ := ask(t, forgetest.GitHub(t, g), forgetest.Token)
			if got := cells[Bypasses]; got.State != c.state || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("%s: %s", got.State, got.Reason)
			}
		})
	}
}
