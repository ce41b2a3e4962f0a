package forge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// Gitea and Forgejo have one API (version 1). What it tells is kept in the shape of
// GitHub's, so that one check reads both; what it does not tell is not there, with a
// gap where a check would take its absence for a fact.

// giteaLimit is how many rows a page is asked for: what an instance gives where its
// administrator set nothing.
const giteaLimit = "50"

func (q *question) repoPath() string {
	return "/repos/" + url.PathEscape(q.owner()) + "/" + url.PathEscape(q.repository())
}

// branchThere makes sure that there is something to list: a branch that was renamed
// would else look like one that nothing was merged into.
func (q *question) branchThere(ctx context.Context) (there bool, err error) {
	repo, err := q.object(ctx, "repository", q.repoPath(), nil)
	if err != nil {
		return false, err
	}
	if empty, _ := repo["empty"].(bool); empty {
		q.End(evidence.Empty, "the repository is empty")
		return false, nil
	}
	_, err = q.object(ctx, "branch", q.repoPath()+"/branches/"+url.PathEscape(q.repo.Branch), nil)
	var r *refusal
	if errors.As(err, &r) && r.code == "NotFound" {
		return false, &refusal{"branch", "NotFound", fmt.Sprintf("the repository has no branch %s; its default branch is %s", q.repo.Branch, text(repo, "default_branch"))}
	}
	return err == nil, err
}

// giteaPulls lists what was merged into the branch in the period, then asks about each.
func (s *source) giteaPulls(ctx context.Context, q *question) error {
	if there, err := q.branchThere(ctx); err != nil || !there {
		return err
	}
	query := url.Values{"state": {"closed"}, "sort": {"recentupdate"}, "limit": {giteaLimit}}
	rows, err := q.settled(ctx, request{operation: "pullRequests", path: q.repoPath() + "/pulls", query: query, rows: true}, "number", "updated_at", func(row map[string]any) time.Time {
		if merged, _ := row["merged"].(bool); !merged || text(row["base"], "ref") != q.repo.Branch {
			return time.Time{}
		}
		return moment(row, "merged_at")
	})
	if err != nil {
		return err
	}
	required, err := s.giteaRequired(ctx, q)
	if err != nil {
		return err
	}
	may := map[string]any{} // by login: true, false, or the gap
	for _, row := range rows {
		it := evidence.Item{ID: q.id(whole(row["number"])), Answers: map[string]any{}}
		pr, gaps, err := s.giteaPull(ctx, q, row, required, may)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			it.Gaps = append(it.Gaps, *gapOf("pullRequest", err))
			it.Answers["number"] = number(whole(row["number"]))
		} else {
			it.Answers["pullRequest"], it.Gaps = tidy(pr), gaps
		}
		q.Item(it)
	}
	return nil
}

// settled reads a listing whose newest change comes first, until one that changed
// last before the period, and keeps the rows that merged in it, oldest first. What
// changes while it is paged moves to the front: the front is read again until
// nothing moved.
func (q *question) settled(ctx context.Context, r request, key, changed string, merged func(row map[string]any) time.Time) ([]map[string]any, error) {
	keep, seen := map[int]map[string]any{}, map[int]string{}
	for pass := 0; ; pass++ {
		if pass == 100 {
			return nil, &refusal{r.operation, collect.TruncatedCode, "the listing changed all the time it was read"}
		}
		moved, still := false, 0
		again := r
		again.query = url.Values{}
		for k, v := range r.query {
			again.query[k] = v
		}
		err := q.pages(ctx, again, func(row map[string]any) (bool, error) {
			n, at := whole(row[key]), moment(row, changed)
			if n == 0 || at.IsZero() {
				return false, &refusal{r.operation, "Unreadable", "a row of the listing has no number, or not when it changed"}
			}
			if seen[n] == text(row, changed) {
				still++
			} else {
				moved, still, seen[n] = true, 0, text(row, changed)
			}
			if q.within(merged(row)) {
				keep[n] = row
			} else {
				delete(keep, n)
			}
			q.rows = len(keep)
			return at.Before(q.cfg.Period.Start) || pass > 0 && still >= perPage, nil
		})
		if err != nil {
			return nil, err
		}
		if !moved {
			break
		}
	}
	out := make([]map[string]any, 0, len(keep))
	for _, row := range keep {
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b map[string]any) int {
		if c := merged(a).Compare(merged(b)); c != 0 {
			return c
		}
		return whole(a[key]) - whole(b[key])
	})
	return out, nil
}

// A requirement is which statuses the rule over the branch demands, since when it
// says so. why is not empty where that is not known.
type requirement struct {
	rule  map[string]any // nil: no rule stands over the branch
	since time.Time
	why   string
}

func (s *source) giteaRequired(ctx context.Context, q *question) (requirement, error) {
	rule, err := q.giteaRule(ctx)
	if g := gapOf("branchProtections", err); g != nil {
		if ctx.Err() != nil {
			return requirement{}, ctx.Err()
		}
		return requirement{why: g.Message}, nil
	}
	return requirement{rule: rule, since: moment(rule, "updated_at")}, nil
}

// demands says whether a status was required of what merged at a time; known is
// false where the rule is not readable, or changed after that.
func (r requirement) demands(context string, merged time.Time) (required, known bool) {
	if r.why != "" || r.rule != nil && (r.since.IsZero() || r.since.After(merged)) {
		return false, false
	}
	if on, _ := r.rule["enable_status_check"].(bool); !on {
		return false, r.rule != nil // a rule that was deleted leaves no trace
	}
	for _, p := range list(r.rule, "status_check_contexts") {
		pattern, _ := p.(string)
		matches, ok := globs(pattern, context)
		if !ok {
			return false, false
		}
		required = required || matches
	}
	return required, true
}

// globs matches the wildcards of Gitea's patterns, as far as they are * and ?.
func globs(pattern, s string) (matches, known bool) {
	if strings.ContainsAny(pattern, "[]{}\\!") {
		return false, false
	}
	var b strings.Builder
	for _, r := range pattern {
		switch r {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	re, err := regexp.Compile("^" + b.String() + "$")
	return err == nil && re.MatchString(s), err == nil
}

// account is who did something, in GitHub's shape; nil for an account that was
// deleted, which Gitea calls Ghost. That an account belongs to a bot Gitea says only
// of its own.
func account(v any) map[string]any {
	u := object(v)
	login := text(u, "login")
	id, _ := u["id"].(json.Number)
	switch {
	case login == "" || strings.EqualFold(login, "ghost") && id.String() == "-1":
		return nil
	case strings.HasPrefix(id.String(), "-"):
		return map[string]any{"__typename": "Bot", "login": login}
	}
	return map[string]any{"__typename": "User", "login": login}
}

// put sets a field unless it is not there.
func put(m map[string]any, key string, v any) {
	switch v := v.(type) {
	case nil:
	case map[string]any:
		if v != nil {
			m[key] = v
		}
	case string:
		if v != "" {
			m[key] = v
		}
	default:
		m[key] = v
	}
}

func nodes(rows []any) map[string]any {
	if rows == nil {
		rows = []any{}
	}
	return map[string]any{"nodes": rows, "totalCount": number(len(rows))}
}

// states are what Gitea calls what GitHub calls otherwise.
var states = map[string]string{"APPROVED": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", "PENDING": "PENDING"}

// closes are the words that close an issue, at GitHub as at Gitea and GitLab.
var closes = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#([0-9]+)\b`)

// giteaPull is one pull request in GitHub's shape. A list that was not answered is
// not in it, and has a gap.
func (s *source) giteaPull(ctx context.Context, q *question, row map[string]any, required requirement, may map[string]any) (pr map[string]any, gaps []evidence.Gap, err error) {
	base := fmt.Sprintf("%s/pulls/%d", q.repoPath(), whole(row["number"]))
	if row, err = q.object(ctx, "pullRequest", base, nil); err != nil { // a listing does not say who merged
		return nil, nil, err
	}
	merged := moment(row, "merged_at")
	pr = map[string]any{"number": row["number"], "baseRefName": text(row["base"], "ref"), "mergedAt": merged.Format(time.RFC3339)}
	put(pr, "title", text(row, "title"))
	put(pr, "url", text(row, "html_url"))
	put(pr, "createdAt", text(row, "created_at"))
	put(pr, "author", account(row["user"]))
	put(pr, "mergedBy", account(row["merged_by"]))
	if ref := text(row["head"], "label"); !strings.HasPrefix(ref, "refs/pull/") {
		put(pr, "headRefName", ref)
	}
	q.withhold(pr, "title", PullRequests)
	q.withhold(pr, "headRefName", PullRequests)
	var labels, closing []any
	for _, l := range list(row, "labels") {
		labels = append(labels, map[string]any{"name": text(l, "name")})
	}
	pr["labels"] = nodes(labels)
	for _, m := range closes.FindAllStringSubmatch(text(row, "title")+"\n"+text(row, "body"), -1) {
		if web, _, ok := strings.Cut(text(row, "html_url"), "/pulls/"); ok {
			closing = append(closing, map[string]any{"number": json.Number(m[1]), "url": web + "/issues/" + m[1]})
		}
	}
	pr["closingIssuesReferences"] = nodes(closing)

	if sha := text(row, "merge_commit_sha"); sha != "" {
		c, err := q.object(ctx, "commit", q.repoPath()+"/git/commits/"+url.PathEscape(sha), url.Values{"stat": {"false"}, "verification": {"false"}, "files": {"false"}})
		if err != nil {
			return nil, nil, err
		}
		pr["mergeCommit"] = map[string]any{"oid": sha, "parents": map[string]any{"totalCount": number(len(list(c, "parents")))}}
	}

	// The commits are those of refs/pull/N/head, which no push after the merge moves. The
	// head the listing names is the branch's, which one does.
	var commits []any
	known := map[string]string{} // accounts by address, for co-authors
	err = q.pages(ctx, request{operation: "commits", path: base + "/commits", query: url.Values{"limit": {giteaLimit}, "verification": {"false"}, "files": {"false"}}}, func(c map[string]any) (bool, error) {
		for _, k := range []string{"author", "committer"} {
			if a := account(c[k]); a != nil {
				known[strings.ToLower(text(object(c, "commit", k), "email"))] = text(a, "login")
			}
		}
		commits = append(commits, c)
		return false, nil
	})
	if err != nil {
		return nil, nil, err
	}
	if len(commits) == 0 {
		return nil, nil, &refusal{"commits", "Unreadable", "the forge lists no commit of it"}
	}
	slices.Reverse(commits) // newest first, as they are given
	head := text(commits[len(commits)-1], "sha")
	pr["headRefOid"] = head
	var list1 []any
	for _, c := range commits {
		list1 = append(list1, map[string]any{"commit": commitOf(object(c), known)})
	}
	pr["commits"] = nodes(list1)

	gap := func(what string, err error) {
		gaps = append(gaps, *gapOf(what, err))
	}
	if reviews, err := s.giteaReviews(ctx, q, base, may); err != nil {
		gap("reviews", err)
	} else {
		pr["reviews"] = nodes(reviews)
	}
	if events, err := s.giteaTimeline(ctx, q, whole(row["number"])); err != nil {
		gap("timelineItems", err)
	} else {
		pr["timelineItems"] = nodes(events)
	}
	if checks, err := s.giteaChecks(ctx, q, head, merged, required); err != nil {
		gap("mergedHead", err)
	} else {
		pr["mergedHead"] = map[string]any{"nodes": []any{map[string]any{"commit": map[string]any{"oid": head, "statusCheckRollup": map[string]any{"contexts": nodes(checks)}}}}}
	}
	return pr, gaps, ctx.Err()
}

// commitOf is a commit of a pull request in GitHub's shape: those who wrote it are
// its author and whom its last paragraph calls co-authors.
func commitOf(c map[string]any, known map[string]string) map[string]any {
	said := object(c, "commit")
	who := func(name, email string, login string) map[string]any {
		out := map[string]any{"name": name, "email": email}
		if login != "" {
			out["user"] = map[string]any{"login": login}
		}
		return out
	}
	message := text(said, "message")
	authors := []any{who(text(said["author"], "name"), text(said["author"], "email"), text(account(c["author"]), "login"))}
	for _, co := range coAuthors(message) {
		authors = append(authors, who(co[0], co[1], known[strings.ToLower(co[1])]))
	}
	headline, _, _ := strings.Cut(message, "\n")
	return map[string]any{"oid": text(c, "sha"), "messageHeadline": headline, "committedDate": text(said["committer"], "date"),
		"parents": map[string]any{"totalCount": number(len(list(c, "parents")))}, "authors": nodes(authors),
		"committer": who(text(said["committer"], "name"), text(said["committer"], "email"), text(account(c["committer"]), "login"))}
}

// coAuthors are the names and addresses of the co-authors a message names in its
// last paragraph.
func coAuthors(message string) (out [][2]string) {
	paragraphs := strings.Split(strings.TrimSpace(strings.ReplaceAll(message, "\r\n", "\n")), "\n\n")
	if len(paragraphs) < 2 {
		return nil
	}
	for line := range strings.SplitSeq(paragraphs[len(paragraphs)-1], "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok || !strings.EqualFold(strings.TrimSpace(key), "co-authored-by") {
			continue
		}
		name, email, _ := strings.Cut(value, "<")
		out = append(out, [2]string{strings.TrimSpace(name), strings.TrimSuffix(strings.TrimSpace(email), ">")})
	}
	return out
}

// giteaReviews are what people said of a pull request. A review that was dismissed
// keeps its state at Gitea, and is told apart by a field of its own.
//
// Gitea calls a review official when who gave it might approve when it was given.
// Of the others it is asked what they may do now.
func (s *source) giteaReviews(ctx context.Context, q *question, base string, may map[string]any) (out []any, err error) {
	err = q.pages(ctx, request{operation: "reviews", path: base + "/reviews", query: url.Values{"limit": {giteaLimit}}}, func(r map[string]any) (bool, error) {
		state := states[text(r, "state")]
		if state == "" {
			return false, nil // a review that was asked for, and not given
		}
		if dismissed, _ := r["dismissed"].(bool); dismissed {
			state = "DISMISSED"
		}
		one := map[string]any{"state": state, "submittedAt": text(r, "submitted_at"), "commit": map[string]any{"oid": text(r, "commit_id")}}
		put(one, "author", account(r["user"]))
		for _, k := range []string{"official", "stale"} {
			put(one, k, r[k])
		}
		official, _ := r["official"].(bool)
		one["authorCanPushToRepository"] = official
		if who := text(one["author"], "login"); who != "" && !official && state == "APPROVED" {
			if _, asked := may[who]; !asked {
				may[who] = q.giteaMayWrite(ctx, who)
			}
			if err, refused := may[who].(error); refused {
				return false, err
			}
			one["authorCanPushToRepository"] = may[who]
		}
		out = append(out, one)
		return false, nil
	})
	return out, err
}

// giteaMayWrite is whether somebody may write to the repository now, or the error.
func (q *question) giteaMayWrite(ctx context.Context, login string) any {
	p, err := q.object(ctx, "permission", q.repoPath()+"/collaborators/"+url.PathEscape(login)+"/permission", nil)
	if err != nil {
		return err
	}
	return slices.Contains([]string{"write", "admin", "owner"}, text(p, "permission"))
}

// giteaTimeline are the pushes to a pull request, and the reviews that were dismissed,
// with who did it. The first push is the opening's: Gitea names who opened it.
func (s *source) giteaTimeline(ctx context.Context, q *question, n int) (out []any, err error) {
	err = q.pages(ctx, request{operation: "timeline", path: fmt.Sprintf("%s/issues/%d/timeline", q.repoPath(), n), query: url.Values{"limit": {giteaLimit}}}, func(e map[string]any) (bool, error) {
		one := map[string]any{"createdAt": text(e, "created_at")}
		put(one, "actor", account(e["user"]))
		switch text(e, "type") {
		case "pull_push":
			var push struct {
				Force   bool     `json:"is_force_push"`
				Commits []string `json:"commit_ids"`
			}
			if err := json.Unmarshal([]byte(text(e, "body")), &push); err != nil {
				return false, &refusal{"timeline", "Unreadable", "what was pushed cannot be read: " + err.Error()}
			}
			one["__typename"] = "HeadRefPushedEvent"
			if push.Force && len(push.Commits) == 2 {
				one["__typename"], one["beforeCommit"], one["afterCommit"] = "HeadRefForcePushedEvent", map[string]any{"oid": push.Commits[0]}, map[string]any{"oid": push.Commits[1]}
			} else {
				one["commits"] = push.Commits
			}
		case "dismiss_review":
			one["__typename"] = "ReviewDismissedEvent"
		default:
			return false, nil
		}
		out = append(out, one)
		return false, nil
	})
	return out, err
}

// giteaChecks are the statuses of the merged head, the newest of each context, and
// those that were required and never came.
func (s *source) giteaChecks(ctx context.Context, q *question, head string, merged time.Time, required requirement) (out []any, err error) {
	seen := map[string]bool{}
	err = q.pages(ctx, request{operation: "statuses", path: q.repoPath() + "/commits/" + head + "/statuses", query: url.Values{"limit": {giteaLimit}, "sort": {"recentupdate"}}}, func(st map[string]any) (bool, error) {
		context := text(st, "context")
		if seen[context] {
			return false, nil
		}
		seen[context] = true
		one := map[string]any{"__typename": "StatusContext", "context": context, "state": strings.ToUpper(text(st, "status")), "createdAt": text(st, "created_at")}
		put(one, "creator", account(st["creator"]))
		if is, known := required.demands(context, merged); known {
			one["isRequired"] = is
		}
		out = append(out, one)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range list(required.rule, "status_check_contexts") {
		pattern, _ := p.(string)
		came := false
		for context := range seen {
			matches, _ := globs(pattern, context)
			came = came || matches
		}
		if is, known := required.demands(pattern, merged); !came && known && is {
			out = append(out, map[string]any{"__typename": "StatusContext", "context": pattern, "state": "EXPECTED", "isRequired": true})
		}
	}
	if required.why != "" && len(out) == 0 { // no status, and not known whether one was demanded
		return nil, &refusal{"branchProtections", "Forbidden", "which statuses are required: " + required.why}
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(text(a, "context"), text(b, "context")) })
	return out, nil
}
