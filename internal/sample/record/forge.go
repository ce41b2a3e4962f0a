package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/collect/forge"
	"exhibit/internal/forgetest"
	"exhibit/internal/sample"
	"exhibit/internal/sample/tape"
)

// What the code host knows beside the application's history: told here, so that
// the story of one change stands in one place.
var (
	// changes whose branch names no ticket
	ticketless = []int{404, 435, 446}
	// changes of infrastructure that one alone approved
	oneReviewer = []int{416, 439}
	// approved, then changed again, and merged as it was then
	approvedBefore = 438
	// merged by an administrator though a required check had failed
	merelyMerged = 441
	// who look at infrastructure, in the order they are asked
	infrastructure = []string{"dylan-marsh", "oksana-belenko", "ruairi-penhallow", "mateo-echeverri"}
	// who may no longer write to the repository from a day on, or not yet until one
	gone  = map[string]string{"felix-drummond": "2025-12-12", "rosalind-quayle": "2026-05-29", "tobias-vance": "2026-02-13"}
	comes = map[string]string{"ruairi-penhallow": "2026-01-12", "linh-tran-moreau": "2026-03-01", "amara-whitfield": "2026-07-01", "lucian-abernathy": "2026-07-01"}
	// rules of the branch, by the day they came
	deletionFrom, checksFrom, staleFrom = "2026-01-20", "2026-01-20", "2026-07-15"
)

// host records what the code host answers to a run at a time.
func host(ctx context.Context, python string, at time.Time, capture bool) (*tape.Tape, error) {
	dir, err := os.MkdirTemp("", "exhibit-forge-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder of the system's for what is temporary
	merged, people, err := sample.PullRequests(dir+"/rounds", at)
	if err != nil {
		return nil, err
	}
	released, pushed, err := sample.Beside(dir+"/again", at)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for id, p := range people {
		names[id] = p.Email
	}
	g := &graph{at: at, email: names, released: released, pushed: pushed}
	address, stop, err := forgetest.Start(python, dir, g.organisation(g.repository(merged)))
	if err != nil {
		return nil, err
	}
	defer stop()
	r := &recorder{standin: address, tape: &tape.Tape{At: at, Answers: map[string][]tape.Answer{}}}
	s := httptest.NewServer(r)
	defer s.Close()
	start, end := sample.Period()
	tasks := forge.Tasks(forge.Config{
		Repositories:  []forge.Repository{{Name: sample.Repository, Kind: forge.GitHub, Path: sample.ForgePath, URL: s.URL, Branch: "main", AuditLog: true}},
		Organisations: []forge.Organisation{{Name: "thistlebarrow", Kind: forge.GitHub, Path: "thistlebarrow", URL: s.URL, AuditLog: true}},
		Period:        forge.Period{Start: start, End: end}, Now: func() time.Time { return at },
		Token: func(forge.Kind, string) (string, string) { return forgetest.Token, "the stand-in" },
	})
	tasks = slices.DeleteFunc(tasks, func(t collect.Task) bool {
		return !slices.Contains(sample.ForgeSources(), t.Cell.Source) ||
			capture && !slices.ContainsFunc(forge.Expire(), func(e forge.Expiring) bool { return e.Source == t.Cell.Source })
	})
	snap, err := collect.Run(ctx, func() time.Time { return at }, collect.Plan{Tasks: tasks}, nil)
	if err != nil {
		return nil, err
	}
	report(snap)
	if len(r.failed) > 0 {
		return nil, fmt.Errorf("the code host could not answer:\n%s", strings.Join(r.failed, "\n"))
	}
	return r.tape, nil
}

// graph makes what the stand-in for the code host answers from.
type graph struct {
	at    time.Time
	email map[string]string

	released []sample.Release
	pushed   []sample.Push
}

func (g *graph) since(day string) bool { return g.at.Format(time.DateOnly) >= day }

func account(id string) map[string]any { return map[string]any{"__typename": "User", "login": id} }

func (g *graph) actor(id string) map[string]any {
	return map[string]any{"name": id, "email": g.email[id], "user": account(id)}
}

// invented is the name of a commit that the squash left nowhere.
func invented(what string, n int) string {
	s := sha1.Sum([]byte(fmt.Sprint(what, n)))
	return hex.EncodeToString(s[:])
}

func (g *graph) repository(merged []sample.PullRequest) map[string]any {
	var pulls []any
	seen := map[string]bool{}
	for _, p := range merged {
		pulls = append(pulls, g.pull(p))
		for _, id := range append([]string{p.Author, p.Reviewer}, p.CoAuthors...) {
			seen[id] = id != "-"
		}
	}
	var members []any
	for _, id := range slices.Sorted(func(yield func(string) bool) {
		for id := range seen {
			if !yield(id) {
				return
			}
		}
	}) {
		if !seen[id] || gone[id] != "" && g.since(gone[id]) || comes[id] != "" && !g.since(comes[id]) {
			continue
		}
		permission, team := "WRITE", "engineering"
		if id == "dylan-marsh" || id == "oksana-belenko" {
			permission, team = "ADMIN", "platform"
		}
		members = append(members, map[string]any{"permission": permission, "node": account(id),
			"permissionSources": []any{map[string]any{"permission": permission, "roleName": strings.ToLower(permission), "source": map[string]any{"__typename": "Team", "slug": team}}}})
	}
	rules := g.rules()
	return map[string]any{"repositories": map[string]any{sample.ForgePath: map[string]any{
		"nameWithOwner": sample.ForgePath, "visibility": "PRIVATE", "isArchived": false, "mergeCommitAllowed": true, "squashMergeAllowed": true, "rebaseMergeAllowed": false,
		"defaultBranchRef": map[string]any{"name": "main"}, "pullRequests": pulls, "collaborators": members,
		"deployments": g.deployments(), "releases": g.releases(), "ruleSuites": g.suites(),
		"refs": map[string]any{"refs/heads/main": map[string]any{"name": "main", "rules": rules}},
		"rulesets": []any{map[string]any{"databaseId": 31, "name": "production", "enforcement": "ACTIVE", "target": "BRANCH", "createdAt": "2024-03-04T09:00:00Z", "updatedAt": g.changed(),
			"source": map[string]any{"__typename": "Repository", "nameWithOwner": sample.ForgePath}, "conditions": map[string]any{"refName": map[string]any{"include": []any{"~DEFAULT_BRANCH"}, "exclude": []any{}}},
			"bypassActors": []any{map[string]any{"bypassMode": "ALWAYS", "deployKey": false, "organizationAdmin": true}}, "rules": rules}},
	}}}
}

func (g *graph) changed() string {
	day := "2024-03-04"
	for _, d := range []string{deletionFrom, "2026-06-26", staleFrom} {
		if g.since(d) {
			day = d
		}
	}
	return day + "T10:00:00Z"
}

func (g *graph) rules() []any {
	set := map[string]any{"name": "production", "enforcement": "ACTIVE", "databaseId": 31}
	rule := func(kind string, parameters map[string]any) map[string]any {
		r := map[string]any{"type": kind, "repositoryRuleset": set}
		if parameters != nil {
			r["parameters"] = parameters
		}
		return r
	}
	out := []any{
		rule("PULL_REQUEST", map[string]any{"__typename": "PullRequestParameters", "requiredApprovingReviewCount": 1, "dismissStaleReviewsOnPush": g.since(staleFrom), "requireCodeOwnerReview": false, "requireLastPushApproval": g.since(staleFrom), "requiredReviewThreadResolution": false}),
		rule("NON_FAST_FORWARD", nil),
	}
	if g.since(deletionFrom) {
		out = append(out, rule("DELETION", nil))
	}
	if g.since(checksFrom) {
		out = append(out, rule("REQUIRED_STATUS_CHECKS", map[string]any{"__typename": "RequiredStatusChecksParameters", "strictRequiredStatusChecksPolicy": false,
			"requiredStatusChecks": []any{map[string]any{"context": "build"}, map[string]any{"context": "test"}}}))
	}
	return out
}

func (g *graph) pull(p sample.PullRequest) map[string]any {
	stamp := func(before time.Duration) string { return p.Merged.Add(-before).Format(time.RFC3339) }
	head, branch := invented("head", p.Number), p.Branch
	if len(branch) > 0 {
		head = branch[len(branch)-1]
	} else {
		branch = []string{head}
	}
	var commits []any
	for i, oid := range branch {
		headline := p.Title
		if i > 0 {
			headline += fmt.Sprintf(", part %d", i+1)
		}
		authors := []any{g.actor(p.Author)}
		for _, id := range p.CoAuthors {
			authors = append(authors, g.actor(id))
		}
		commits = append(commits, map[string]any{"commit": map[string]any{"oid": oid, "messageHeadline": headline, "committedDate": stamp(time.Duration(len(branch)-i) * 5 * time.Hour),
			"parents": []any{map[string]any{"oid": invented("parent", p.Number)}}, "authors": authors, "committer": g.actor(p.Author)}})
	}
	last := commits[len(commits)-1].(map[string]any)["commit"].(map[string]any)
	ended, outcome := "SUCCESS", "SUCCESS"
	if p.Number == merelyMerged {
		ended, outcome = "FAILURE", "FAILURE"
	}
	required := p.Merged.Format(time.DateOnly) >= checksFrom
	run := func(name, conclusion string) map[string]any {
		return map[string]any{"__typename": "CheckRun", "name": name, "status": "COMPLETED", "conclusion": conclusion, "startedAt": stamp(3 * time.Hour), "completedAt": stamp(170 * time.Minute), "isRequired": required, "checkSuite": map[string]any{"app": map[string]any{"slug": "foldgate-runner"}}}
	}
	last["statusCheckRollup"] = map[string]any{"state": outcome, "contexts": []any{run("build", "SUCCESS"), run("test", ended)}}

	mergedBy := p.Reviewer
	var reviews []any
	approve := func(id, on string, before time.Duration) {
		reviews = append(reviews, map[string]any{"author": account(id), "state": "APPROVED", "submittedAt": stamp(before), "authorCanPushToRepository": true, "commit": map[string]any{"oid": on}})
	}
	switch {
	case p.Reviewer == "-":
		mergedBy = p.Author
	case p.Number == approvedBefore:
		approve(p.Reviewer, invented("before", p.Number), 26*time.Hour)
		mergedBy = p.Author
	default:
		approve(p.Reviewer, head, 40*time.Minute)
	}
	if strings.HasSuffix(p.File, ".tf") && !slices.Contains(oneReviewer, p.Number) {
		for _, id := range infrastructure {
			day := p.Merged.Format(time.DateOnly)
			if id != p.Author && id != p.Reviewer && (comes[id] == "" || day >= comes[id]) && len(reviews) < 2 {
				approve(id, head, 25*time.Minute)
			}
		}
	}
	if p.Number == merelyMerged {
		mergedBy = "oksana-belenko"
	}
	name := sample.Slug(p.Title)
	if !slices.Contains(ticketless, p.Number) {
		name = fmt.Sprintf("RND-%d-%s", 700+p.Number, name)
	}
	var parents []any
	for i := range p.Parents {
		parents = append(parents, map[string]any{"oid": invented("base", 10*p.Number+i)})
	}
	return map[string]any{
		"number": p.Number, "title": p.Title, "url": fmt.Sprintf("https://foldgate.example/%s/pull/%d", sample.ForgePath, p.Number), "createdAt": stamp(50 * time.Hour), "mergedAt": stamp(0), "updatedAt": stamp(0),
		"isCrossRepository": false, "baseRefName": "main", "headRefName": name, "headRefOid": head, "author": account(p.Author), "mergedBy": account(mergedBy),
		"mergeCommit": map[string]any{"oid": p.Commit, "parents": parents}, "labels": []any{map[string]any{"name": strings.SplitN(p.File, "/", 2)[0]}},
		"closingIssuesReferences": []any{}, "reviews": reviews, "commits": commits, "timelineItems": []any{},
	}
}
