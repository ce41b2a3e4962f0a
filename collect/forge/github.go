package forge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/secret"
)

// batch is how many pull requests one question asks about; fewer when the forge
// finds that too many.
const batch = 25

// pullRequests lists what was merged into the branch in the period, then asks
// about each.
//
// The listing is the repository's own, newest change first, until one that changed
// last before the period began: whatever was merged in it changed then or later.
// The search GitHub offers would be shorter, but ends after a thousand.
func (s *source) pullRequests(ctx context.Context, q *question) error {
	numbers, err := q.merged(ctx)
	if err != nil {
		return err
	}
	q.rows = len(numbers)
	size := batch
	for len(numbers) > 0 {
		n := min(size, len(numbers))
		err := q.details(ctx, numbers[:n])
		if errors.Is(err, errHeavy) && n > 1 {
			size = max(1, n/2)
			continue
		}
		if errors.Is(err, errHeavy) { // one alone: its name stays in the population
			q.Item(evidence.Item{ID: q.id(numbers[0]), Gaps: []evidence.Gap{{Question: "pullRequest", Code: "TooHeavy", Message: err.Error()}},
				Answers: map[string]any{"number": number(numbers[0])}})
			err = nil
		}
		if err != nil {
			return err
		}
		numbers = numbers[n:]
	}
	return nil
}

func (q *question) id(n int) string { return fmt.Sprintf("%s#%d", q.repo.Path, n) }

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

// merged lists the numbers of the pull requests merged in the period, oldest
// first. One that changes while it is paged moves to the front, past the pages
// that are still to come: so the front is looked at again until nothing moved.
func (q *question) merged(ctx context.Context) ([]int, error) {
	at := map[int]time.Time{} // merged in the period
	seen := map[int]string{}  // when it had changed last
	for page := 1; ; {
		moved, first, cursor := false, true, ""
		for {
			vars := map[string]any{"base": q.repo.Branch}
			if cursor != "" {
				vars["after"] = cursor
			}
			repo, complaints, err := q.graphql(ctx, "pullRequests", listQuery, vars, page)
			if err != nil {
				return nil, err
			}
			connection := object(repo, "pullRequests")
			if connection == nil || len(complaints) > 0 {
				return nil, q.refused("pullRequests", complaints)
			}
			page++
			rows := list(connection, "nodes")
			news := 0
			for _, row := range rows {
				n := whole(object(row)["number"])
				if n == 0 {
					return nil, &refusal{"pullRequests", "Unreadable", "a row of the listing has no number"}
				}
				changed := text(row, "updatedAt")
				if seen[n] != changed {
					moved, news, seen[n] = true, news+1, changed
				}
				if t, err := time.Parse(time.RFC3339, text(row, "mergedAt")); err == nil && !t.Before(q.cfg.Period.Start) && t.Before(q.cfg.Period.End) {
					at[n] = t
				}
			}
			q.rows = len(at)
			next, more := follows(connection)
			if more && next == "" || more && next == cursor {
				return nil, errCut("pullRequests")
			}
			before := len(rows) > 0 && older(text(rows[len(rows)-1], "updatedAt"), q.cfg.Period.Start)
			if !more || before || !first && news == 0 {
				break
			}
			first, cursor = false, next
		}
		if !moved {
			break
		}
		if page > 10_000 {
			return nil, &refusal{"pullRequests", collect.TruncatedCode, "the listing changed all the time it was read"}
		}
	}
	out := make([]int, 0, len(at))
	for n := range at {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b int) int {
		if c := at[a].Compare(at[b]); c != 0 {
			return c
		}
		return a - b
	})
	return out, nil
}

func older(stamp string, t time.Time) bool {
	at, err := time.Parse(time.RFC3339, stamp)
	return err == nil && at.Before(t)
}

func whole(v any) int {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(i)
}

func (q *question) refused(what string, complaints []complaint) error {
	if len(complaints) == 0 {
		return &refusal{what, "Unreadable", "the answer has no " + what}
	}
	return &refusal{what, complaints[0].code(), q.clean(complaints[0].Message)}
}

// details asks about some pull requests in one question, by alias, and keeps
// each as an item.
func (q *question) details(ctx context.Context, numbers []int) error {
	named := make([]any, len(numbers))
	for i, n := range numbers {
		named[i] = number(n)
	}
	repo, complaints, err := q.graphql(ctx, "pullRequest", detailQuery(numbers), map[string]any{"numbers": named}, 1)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		alias := fmt.Sprint("p", n)
		it := evidence.Item{ID: q.id(n), Answers: map[string]any{}}
		gap := func(code, message string) {
			it.Gaps = append(it.Gaps, evidence.Gap{Question: "pullRequest", Code: code, Message: q.clean(message)})
		}
		for _, c := range complaints {
			if c.about(alias) {
				gap(c.code(), c.Message)
				break
			}
		}
		pr := object(repo, alias)
		switch {
		case pr == nil && len(it.Gaps) == 0:
			gap("Unreadable", "the answer does not have it")
		case pr != nil && len(it.Gaps) == 0:
			if err := q.complete(ctx, n, pr); err != nil {
				var r *refusal
				if !errors.As(err, &r) {
					return err
				}
				gap(r.code, r.message)
			}
		}
		if len(it.Gaps) > 0 {
			it.Answers["number"] = number(n) // what was listed, so that it stays in the population
		} else {
			q.withhold(pr, "title", PullRequests)
			q.withhold(pr, "headRefName", PullRequests)
			it.Answers["pullRequest"] = tidy(pr)
		}
		q.Item(it)
	}
	return nil
}

// withhold keeps credentials out of what people typed freely.
func (q *question) withhold(row map[string]any, key, source string) {
	if s, ok := row[key].(string); ok {
		clean, found := secret.Withhold(s)
		row[key] = clean
		for range found {
			q.Redacted(source + ": a credential in its " + key)
		}
	}
}

// complete asks for the rest of the lists of a pull request that did not fit.
func (q *question) complete(ctx context.Context, n int, pr map[string]any) error {
	for _, name := range sortedKeys(connections) {
		c := object(pr, name)
		if c == nil {
			continue // null: the forge said so
		}
		cursor, more := follows(c)
		for page := 2; more; page++ {
			if cursor == "" || page > 100 {
				return errCut(name)
			}
			repo, complaints, err := q.graphql(ctx, name, moreQuery(name), map[string]any{"number": n, "after": cursor}, page)
			if err != nil {
				return err
			}
			rest := object(repo, "pullRequest", name)
			if rest == nil || len(complaints) > 0 {
				return q.refused(name, complaints)
			}
			c["nodes"] = append(list(c, "nodes"), list(rest, "nodes")...)
			before := cursor
			if cursor, more = follows(rest); more && cursor == before {
				return errCut(name)
			}
		}
		if total, have := whole(c["totalCount"]), len(list(c, "nodes")); have < total {
			return &refusal{name, collect.TruncatedCode, fmt.Sprintf("the forge counts %d and gave %d", total, have)}
		}
	}
	rollup := object(list0(pr, "mergedHead", "nodes"), "commit", "statusCheckRollup", "contexts")
	if _, more := follows(rollup); more {
		return &refusal{"statusCheckRollup", collect.TruncatedCode, "more than 100 checks ran on the merged head"}
	}
	return nil
}

// list0 is the first entry of a list.
func list0(v any, keys ...string) any {
	if l := list(v, keys...); len(l) > 0 {
		return l[0]
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// rules keeps the rules that stand over the branch, of both kinds GitHub has, and
// how the repository lets changes be merged.
func (s *source) rules(ctx context.Context, q *question) error {
	repo, complaints, err := q.graphql(ctx, "rules", rulesQuery, map[string]any{"ref": "refs/heads/" + q.repo.Branch}, 1)
	if err != nil {
		return err
	}
	branch := object(repo, "ref")
	if branch == nil {
		for _, c := range complaints {
			if c.about("ref") {
				return q.refused("ref", []complaint{c})
			}
		}
		return &refusal{"ref", "NotFound", "the repository has no branch " + q.repo.Branch}
	}
	it := evidence.Item{ID: q.repo.Path + "@" + q.repo.Branch, Answers: map[string]any{}}
	for _, part := range []string{"branchProtectionRule", "rules"} {
		switch c := blamed(complaints, "ref", part); {
		case c != nil:
			it.Gaps = append(it.Gaps, evidence.Gap{Question: part, Code: c.code(), Message: q.clean(c.Message)})
		case branch[part] == nil:
			it.Answers[part] = nil // there is none
		default:
			if _, more := follows(object(branch, part)); more {
				it.Gaps = append(it.Gaps, evidence.Gap{Question: part, Code: collect.TruncatedCode, Message: "there are more than 100"})
				continue
			}
			it.Answers[part] = tidy(branch[part])
		}
	}
	settings := map[string]any{}
	for _, k := range []string{"nameWithOwner", "visibility", "isArchived", "mergeCommitAllowed", "squashMergeAllowed", "rebaseMergeAllowed"} {
		if v, ok := repo[k]; ok && v != nil {
			settings[k] = v
		}
	}
	settings["defaultBranch"] = text(repo["defaultBranchRef"], "name")
	it.Answers["repository"] = settings
	q.Item(it)
	q.rows++
	return nil
}

// ruleSets keeps the sets of rules of the repository and its organization, each
// with the branches it stands over and who may go around it.
func (s *source) ruleSets(ctx context.Context, q *question) error {
	repo, complaints, err := q.graphql(ctx, "rulesets", ruleSetsQuery, nil, 1)
	if err != nil {
		return err
	}
	sets := object(repo, "rulesets")
	if sets == nil || len(complaints) > 0 {
		return q.refused("rulesets", complaints)
	}
	if _, more := follows(sets); more {
		return &refusal{"rulesets", collect.TruncatedCode, "there are more than 100 sets of rules"}
	}
	for _, row := range list(sets, "nodes") {
		r := object(row)
		q.Item(evidence.Item{ID: q.repo.Path + "/ruleset/" + fmt.Sprint(r["databaseId"]), Answers: map[string]any{"ruleset": tidy(r)}})
		q.rows++
	}
	return nil
}

// blamed is the first complaint about a field of the repository, and of what
// lies below it when given.
func blamed(complaints []complaint, field, below string) *complaint {
	for i, c := range complaints {
		if c.about(field) && (below == "" || len(c.Path) > 2 && c.Path[2] == below) {
			return &complaints[i]
		}
	}
	return nil
}

// members keeps who may do what in the repository, and why: by a team, the
// organization or by name.
func (s *source) members(ctx context.Context, q *question) error {
	cursor := ""
	for page := 1; ; page++ {
		vars := map[string]any{}
		if cursor != "" {
			vars["after"] = cursor
		}
		repo, complaints, err := q.graphql(ctx, "collaborators", membersQuery, vars, page)
		if err != nil {
			return err
		}
		c := object(repo, "collaborators")
		if c == nil || len(complaints) > 0 {
			return q.refused("collaborators", complaints)
		}
		for _, row := range list(c, "edges") {
			e := object(row)
			login := text(e["node"], "login")
			if login == "" {
				return &refusal{"collaborators", "Unreadable", "a row of the listing has no login"}
			}
			q.Item(evidence.Item{ID: q.repo.Path + "/" + strings.ToLower(login), Answers: map[string]any{"collaborator": tidy(e)}})
			q.rows++
		}
		next, more := follows(c)
		if !more {
			return nil
		}
		if next == "" || next == cursor {
			return errCut("collaborators")
		}
		cursor = next
	}
}
