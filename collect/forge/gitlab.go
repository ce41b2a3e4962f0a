package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// GitLab's API version 4, kept in the shape of GitHub's.
//
// GitLab's approvals name no commit. When each was given is told by the merge
// request's system notes, and when each version was pushed by its versions: so the
// commit is that of the newest version there was. Where a push came so close that
// this is not certain, the reviews have a gap.

// near is how close an approval and a push are when it is not known which was first:
// GitLab makes a version of what was pushed after a while.
const near = 2 * time.Minute

func (q *question) project() string { return "/projects/" + url.PathEscape(q.repo.Path) }

// projectThere gives the project, and makes sure that it has the branch.
func (q *question) projectThere(ctx context.Context) (project map[string]any, err error) {
	project, err = q.object(ctx, "project", q.project(), nil)
	if err != nil {
		return nil, err
	}
	if empty, _ := project["empty_repo"].(bool); empty {
		q.End(evidence.Empty, "the repository is empty")
		return nil, nil
	}
	_, err = q.object(ctx, "branch", q.project()+"/repository/branches/"+url.PathEscape(q.repo.Branch), nil)
	var r *refusal
	if errors.As(err, &r) && r.code == "NotFound" {
		return nil, &refusal{"branch", "NotFound", fmt.Sprintf("the project has no branch %s; its default branch is %s", q.repo.Branch, text(project, "default_branch"))}
	}
	if err != nil {
		return nil, err
	}
	return project, nil
}

func rowsPerPage() url.Values { return url.Values{"per_page": {fmt.Sprint(perPage)}} }

// gitlabPulls lists the merge requests merged into the branch in the period, then
// asks about each.
func (s *source) gitlabPulls(ctx context.Context, q *question) error {
	project, err := q.projectThere(ctx)
	if err != nil || project == nil {
		return err
	}
	query := rowsPerPage()
	for k, v := range map[string]string{"state": "merged", "target_branch": q.repo.Branch, "order_by": "updated_at", "sort": "desc", "updated_after": q.cfg.Period.Start.Format(time.RFC3339)} {
		query.Set(k, v)
	}
	rows, err := q.settled(ctx, request{operation: "mergeRequests", path: q.project() + "/merge_requests", query: query, rows: true}, "iid", "updated_at", func(row map[string]any) time.Time {
		return moment(row, "merged_at")
	})
	if err != nil {
		return err
	}
	levels, refused := q.gitlabLevels(ctx)
	for _, row := range rows {
		it := evidence.Item{ID: fmt.Sprintf("%s!%d", q.repo.Path, whole(row["iid"])), Answers: map[string]any{}}
		pr, gaps, err := s.gitlabPull(ctx, q, project, whole(row["iid"]), levels, refused)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			it.Gaps = append(it.Gaps, *gapOf("pullRequest", err))
			it.Answers["number"] = number(whole(row["iid"]))
		} else {
			it.Answers["pullRequest"], it.Gaps = tidy(pr), gaps
		}
		q.Item(it)
	}
	return nil
}

// gitlabBot are the names GitLab gives the accounts of access tokens.
var gitlabBot = regexp.MustCompile(`^(project|group)_[0-9]+_bot(_|$)|^service_account_`)

// gitlabAccount is who did something, in GitHub's shape; nil for one that was deleted,
// whose deeds GitLab gives to a ghost user.
func gitlabAccount(v any) map[string]any {
	login := text(v, "username")
	switch {
	case login == "" || text(v, "name") == "Ghost User":
		return nil
	case gitlabBot.MatchString(login):
		return map[string]any{"__typename": "Bot", "login": login}
	}
	return map[string]any{"__typename": "User", "login": login}
}

// gitlabLevels are the access levels of all members by name, and why they are not known.
func (q *question) gitlabLevels(ctx context.Context) (levels map[string]int, err error) {
	levels = map[string]int{}
	err = q.pages(ctx, request{operation: "members", path: q.project() + "/members/all", query: rowsPerPage()}, func(m map[string]any) (bool, error) {
		login := text(m, "username")
		levels[login] = max(levels[login], whole(m["access_level"]))
		return false, nil
	})
	return levels, err
}

func (s *source) gitlabPull(ctx context.Context, q *question, project map[string]any, iid int, levels map[string]int, refused error) (pr map[string]any, gaps []evidence.Gap, err error) {
	base := fmt.Sprintf("%s/merge_requests/%d", q.project(), iid)
	mr, err := q.object(ctx, "mergeRequest", base, nil)
	if err != nil {
		return nil, nil, err
	}
	merged, head := moment(mr, "merged_at"), text(mr, "sha")
	if merged.IsZero() || head == "" {
		return nil, nil, &refusal{"mergeRequest", "Unreadable", "it does not say when it was merged, or what"}
	}
	pr = map[string]any{"number": mr["iid"], "baseRefName": text(mr, "target_branch"), "headRefName": text(mr, "source_branch"), "headRefOid": head, "mergedAt": merged.Format(time.RFC3339)}
	put(pr, "title", text(mr, "title"))
	put(pr, "url", text(mr, "web_url"))
	put(pr, "createdAt", text(mr, "created_at"))
	put(pr, "author", gitlabAccount(mr["author"]))
	by := gitlabAccount(mr["merge_user"])
	if by == nil {
		by = gitlabAccount(mr["merged_by"]) // before 14.7
	}
	put(pr, "mergedBy", by)
	q.withhold(pr, "title", PullRequests)
	q.withhold(pr, "headRefName", PullRequests)
	var labels []any
	for _, l := range list(mr, "labels") {
		labels = append(labels, map[string]any{"name": l})
	}
	pr["labels"] = nodes(labels)

	// A merge commit; where there is none the squashed one; where there is neither the
	// branch was moved forward to the head itself.
	end := head
	for _, k := range []string{"squash_commit_sha", "merge_commit_sha"} {
		if sha := text(mr, k); sha != "" {
			end = sha
		}
	}
	c, err := q.object(ctx, "commit", q.project()+"/repository/commits/"+url.PathEscape(end), nil)
	if err != nil {
		return nil, nil, err
	}
	pr["mergeCommit"] = map[string]any{"oid": end, "parents": map[string]any{"totalCount": number(len(list(c, "parent_ids")))}}

	gap := func(what string, err error) { gaps = append(gaps, *gapOf(what, err)) }
	if commits, err := s.gitlabCommits(ctx, q, base, iid); err != nil {
		gap("commits", err)
	} else {
		pr["commits"] = nodes(commits)
	}
	events, said, err := s.gitlabNotes(ctx, q, base)
	if err != nil {
		gap("timelineItems", err)
		gap("reviews", err)
	} else {
		pr["timelineItems"] = nodes(events)
		if reviews, err := s.gitlabReviews(ctx, q, base, said, levels, refused); err != nil {
			gap("reviews", err)
		} else {
			pr["reviews"] = nodes(reviews)
		}
	}
	if checks, err := gitlabChecks(project, mr, head); err != nil {
		gap("mergedHead", err)
	} else {
		pr["mergedHead"] = map[string]any{"nodes": []any{map[string]any{"commit": map[string]any{"oid": head, "statusCheckRollup": map[string]any{"contexts": nodes(checks)}}}}}
	}
	var closing []any
	err = q.pages(ctx, request{operation: "closesIssues", path: base + "/closes_issues", query: rowsPerPage()}, func(i map[string]any) (bool, error) {
		if n := whole(i["iid"]); n > 0 {
			closing = append(closing, map[string]any{"number": i["iid"], "url": text(i, "web_url")})
		}
		return false, nil
	})
	if err != nil {
		gap("closingIssuesReferences", err)
	} else {
		pr["closingIssuesReferences"] = nodes(closing)
	}
	return pr, gaps, ctx.Err()
}

const gitlabAuthors = `query($path: ID!, $iid: String!, $after: String) {
  project(fullPath: $path) { mergeRequest(iid: $iid) {
    commits(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { sha author { username } } }
  } }
}`

// gitlabCommits are the commits of a merge request, oldest first. Which account wrote
// one only the GraphQL API tells; where it does not, an author has no account, and
// may be anybody.
func (s *source) gitlabCommits(ctx context.Context, q *question, base string, iid int) (out []any, err error) {
	var rows []map[string]any
	err = q.pages(ctx, request{operation: "commits", path: base + "/commits", query: rowsPerPage()}, func(c map[string]any) (bool, error) {
		rows = append(rows, c)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, &refusal{"commits", "Unreadable", "the forge lists no commit of it"}
	}
	authors, err := q.gitlabAuthors(ctx, iid)
	if err != nil {
		return nil, err
	}
	known := map[string]string{} // accounts by address
	for _, c := range rows {
		if a := authors[text(c, "id")]; a != "" {
			known[strings.ToLower(text(c, "author_email"))] = a
		}
	}
	who := func(name, email string) map[string]any {
		p := map[string]any{"name": name, "email": email}
		if login := known[strings.ToLower(email)]; login != "" {
			p["user"] = map[string]any{"login": login}
		}
		return p
	}
	slices.Reverse(rows) // newest first, as they are given
	for _, c := range rows {
		wrote := []any{who(text(c, "author_name"), text(c, "author_email"))}
		for _, co := range coAuthors(text(c, "message")) {
			wrote = append(wrote, who(co[0], co[1]))
		}
		out = append(out, map[string]any{"commit": map[string]any{"oid": text(c, "id"), "messageHeadline": text(c, "title"), "committedDate": text(c, "committed_date"),
			"parents": map[string]any{"totalCount": number(len(list(c, "parent_ids")))}, "authors": nodes(wrote), "committer": who(text(c, "committer_name"), text(c, "committer_email"))}})
	}
	return out, nil
}

// gitlabAuthors are the accounts that wrote the commits of a merge request, by commit.
func (q *question) gitlabAuthors(ctx context.Context, iid int) (map[string]string, error) {
	out := map[string]string{}
	cursor := ""
	for page := 1; ; page++ {
		vars := map[string]any{"path": q.repo.Path, "iid": fmt.Sprint(iid)}
		if cursor != "" {
			vars["after"] = cursor
		}
		body, err := json.Marshal(map[string]any{"query": gitlabAuthors, "variables": vars})
		if err != nil {
			return nil, err
		}
		var answer struct {
			Data   map[string]any `json:"data"`
			Errors []complaint    `json:"errors"`
		}
		call := evidence.Call{Service: string(q.repo.Kind), Operation: "commitAuthors", Params: q.params(vars, gitlabAuthors), Page: page}
		err = q.do(ctx, &call, http.MethodPost, strings.TrimSuffix(q.api(), "/v4")+"/graphql", body, func(b []byte, _ http.Header) error {
			answer.Data, answer.Errors = nil, nil
			if err := json.NewDecoder(bytes.NewReader(b)).Decode(&answer); err != nil {
				return &refusal{"commitAuthors", "Unreadable", "the answer is not what GraphQL answers: " + err.Error()}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		commits := object(answer.Data, "project", "mergeRequest", "commits")
		if commits == nil || len(answer.Errors) > 0 {
			return nil, q.refused("commitAuthors", answer.Errors)
		}
		for _, c := range list(commits, "nodes") {
			out[text(c, "sha")] = text(object(c, "author"), "username")
		}
		next, more := follows(commits)
		if !more {
			return out, nil
		}
		if next == "" || next == cursor || page > most {
			return nil, errCut("commitAuthors")
		}
		cursor = next
	}
}

// A word is what a system note says somebody thought of a merge request.
type word struct {
	who   map[string]any
	state string
	at    time.Time
}

// added begins the system note of a push: "added 2 commits".
var added = regexp.MustCompile(`^added [0-9]+ (new )?commits?\b`)

// gitlabNotes are the pushes and the opinions that a merge request's system notes tell of.
func (s *source) gitlabNotes(ctx context.Context, q *question, base string) (events []any, said []word, err error) {
	query := rowsPerPage()
	query.Set("order_by", "created_at")
	query.Set("sort", "asc")
	err = q.pages(ctx, request{operation: "notes", path: base + "/notes", query: query}, func(n map[string]any) (bool, error) {
		if system, _ := n["system"].(bool); !system {
			return false, nil
		}
		body, who, at := text(n, "body"), gitlabAccount(n["author"]), moment(n, "created_at")
		state := map[string]string{"approved this merge request": "APPROVED", "unapproved this merge request": "DISMISSED", "requested changes": "CHANGES_REQUESTED"}[strings.TrimSpace(body)]
		switch {
		case state != "" && at.IsZero():
			return false, &refusal{"notes", "Unreadable", "a note does not say when it was made"}
		case state != "":
			said = append(said, word{who, state, at})
		case added.MatchString(body):
			e := map[string]any{"__typename": "HeadRefPushedEvent", "createdAt": text(n, "created_at")}
			put(e, "actor", who)
			events = append(events, e)
		}
		return false, nil
	})
	return events, said, err
}

// gitlabReviews are the opinions, each about the version there was. An approval that
// the merge request has no more, though nobody took it back, was reset by a push: it
// counts as dismissed. One that no note tells of has no time, and makes the list unknown.
func (s *source) gitlabReviews(ctx context.Context, q *question, base string, said []word, levels map[string]int, refused error) (out []any, err error) {
	approvals, err := q.object(ctx, "approvals", base+"/approvals", nil)
	if err != nil {
		return nil, err
	}
	stands := map[string]bool{}
	for _, a := range list(approvals, "approved_by") {
		if who := gitlabAccount(object(a)["user"]); who != nil {
			stands[text(who, "login")] = true
		}
	}
	type version struct {
		head string
		at   time.Time
	}
	var versions []version
	err = q.pages(ctx, request{operation: "versions", path: base + "/versions", query: rowsPerPage()}, func(v map[string]any) (bool, error) {
		versions = append(versions, version{text(v, "head_commit_sha"), moment(v, "created_at")})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	last := map[string]word{}
	for _, w := range said {
		if login := text(w.who, "login"); login != "" {
			last[login] = w
		}
	}
	for login := range stands {
		if last[login].state != "APPROVED" {
			return nil, &refusal{"approvals", "Unreadable", login + " approved, and no note tells when"}
		}
	}
	if refused != nil && len(stands) > 0 {
		return nil, &refusal{"members", gapOf("members", refused).Code, "whether who approved may write to the project: " + refused.Error()}
	}
	for _, w := range said {
		login := text(w.who, "login")
		about := version{}
		for _, v := range versions {
			if v.at.IsZero() {
				return nil, &refusal{"versions", "Unreadable", "a version does not say when it was pushed"}
			}
			if d := v.at.Sub(w.at); w.state == "APPROVED" && stands[login] && d > 0 && d < near {
				return nil, &refusal{"versions", "Unreadable", fmt.Sprintf("%s approved at %s, and what was pushed became a version at %s: which was first is not known", login, w.at.Format(time.RFC3339), v.at.Format(time.RFC3339))}
			}
			if !v.at.After(w.at) && v.at.After(about.at) {
				about = v
			}
		}
		state := w.state
		if state == "APPROVED" && !stands[login] {
			state = "DISMISSED"
		}
		one := map[string]any{"state": state, "submittedAt": w.at.Format(time.RFC3339), "authorCanPushToRepository": levels[login] >= 30, "commit": map[string]any{"oid": about.head}}
		put(one, "author", w.who)
		out = append(out, one)
	}
	return out, nil
}

// gitlabChecks is the pipeline of the merged head. Whether one was required when it
// was merged GitLab does not keep: where it is now, and it ended well, all that may
// have been required did; else it is not known.
func gitlabChecks(project, mr map[string]any, head string) ([]any, error) {
	p := object(mr, "head_pipeline")
	if p == nil {
		return nil, &refusal{"head_pipeline", "NotFound", "there was no pipeline, and whether one was required then GitLab does not tell"}
	}
	if text(p, "sha") != head {
		return nil, &refusal{"head_pipeline", "NotFound", "the pipeline it tells of ran on another commit than the merged head"}
	}
	state := map[string]string{"success": "SUCCESS", "failed": "FAILURE", "canceled": "FAILURE", "skipped": "SKIPPED", "manual": "PENDING", "running": "PENDING", "pending": "PENDING", "created": "PENDING"}[text(p, "status")]
	one := map[string]any{"__typename": "StatusContext", "context": "pipeline", "state": state}
	put(one, "createdAt", text(p, "finished_at"))
	if required, _ := project["only_allow_merge_if_pipeline_succeeds"].(bool); required && state == "SUCCESS" {
		one["isRequired"] = true
	}
	return []any{one}, nil
}
