package forge

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// walk pages a connection of the repository to its end, or until take has enough.
func (q *question) walk(ctx context.Context, name, query string, take func(node map[string]any) (enough bool, err error)) error {
	cursor := ""
	for page := 1; ; page++ {
		vars := map[string]any{}
		if cursor != "" {
			vars["after"] = cursor
		}
		repo, complaints, err := q.graphql(ctx, name, query, vars, page)
		if err != nil {
			return err
		}
		c := object(repo, name)
		if c == nil || len(complaints) > 0 {
			return q.refused(name, complaints)
		}
		for _, row := range list(c, "nodes") {
			if enough, err := take(object(row)); err != nil || enough {
				return err
			}
		}
		next, more := follows(c)
		if !more {
			return nil
		}
		if next == "" || next == cursor || page > most {
			return errCut(name)
		}
		cursor = next
	}
}

// deployments keeps what was deployed in the period, where, by whom, and how each
// attempt went. The listing is by the day they were made, newest first.
func (s *source) deployments(ctx context.Context, q *question) error {
	return q.walk(ctx, "deployments", deploymentsQuery, func(d map[string]any) (bool, error) {
		made := moment(d, "createdAt")
		if whole(d["databaseId"]) == 0 || made.IsZero() {
			return false, &refusal{"deployments", "Unreadable", "a row of the listing has no number, or no time"}
		}
		if made.Before(q.cfg.Period.Start) {
			return true, nil
		}
		if !q.within(made) {
			return false, nil
		}
		it := evidence.Item{ID: fmt.Sprintf("%s/deployment/%v", q.repo.Path, d["databaseId"]), Answers: map[string]any{}}
		if statuses := object(d, "statuses"); whole(statuses["totalCount"]) > len(list(statuses, "nodes")) {
			delete(d, "statuses")
			it.Gaps = append(it.Gaps, evidence.Gap{Question: "statuses", Code: collect.TruncatedCode, Message: "it has more than 20 of them"})
		}
		it.Answers["deployment"] = tidy(d)
		q.Item(it)
		q.rows++
		return false, nil
	})
}

// releases keeps what was released in the period: published in it, or made in it
// and still a draft. All are read, for none of the orders GitHub has is that of
// their publication.
func (s *source) releases(ctx context.Context, q *question) error {
	return q.walk(ctx, "releases", releasesQuery, func(r map[string]any) (bool, error) {
		if text(r, "tagName") == "" && whole(r["databaseId"]) == 0 {
			return false, &refusal{"releases", "Unreadable", "a row of the listing has no tag and no number"}
		}
		at := moment(r, "publishedAt")
		if at.IsZero() {
			at = moment(r, "createdAt")
		}
		if !q.within(at) {
			return false, nil
		}
		q.withhold(r, "name", Releases)
		q.Item(evidence.Item{ID: fmt.Sprintf("%s/release/%v", q.repo.Path, r["databaseId"]), Answers: map[string]any{"release": tidy(r)}})
		q.rows++
		return false, nil
	})
}

// bypasses keeps the pushes to the branch that somebody let past rules that stood
// over it, with the rules each went around. GitHub tells of the last month alone:
// the item of the branch itself says which time was asked about, for that nobody is
// listed says nothing of another.
func (s *source) bypasses(ctx context.Context, q *question) error {
	ref := "refs/heads/" + q.repo.Branch
	base := "/repos/" + q.owner() + "/" + q.repository() + "/rulesets/rule-suites"
	until := q.now().Truncate(time.Minute) // whole minutes, so that it does not depend on which question came first
	asked := map[string]any{"ref": ref, "result": "bypass", "from": until.Add(time.Minute).AddDate(0, 0, -keptSuites).Format(time.RFC3339), "until": until.Format(time.RFC3339)}
	query := url.Values{"ref": {ref}, "time_period": {"month"}, "rule_suite_result": {"bypass"}, "per_page": {fmt.Sprint(perPage)}}
	err := q.pages(ctx, request{operation: "ruleSuites", path: base, query: query, rows: true}, func(r map[string]any) (bool, error) {
		id := whole(r["id"])
		if id == 0 {
			return false, &refusal{"ruleSuites", "Unreadable", "a row of the listing has no number"}
		}
		it := evidence.Item{ID: fmt.Sprintf("%s/rule-suite/%d", q.repo.Path, id), Answers: map[string]any{"ruleSuite": tidy(r)}}
		one, err := q.object(ctx, "ruleSuite", fmt.Sprintf("%s/%d", base, id), nil)
		switch g := gapOf("ruleEvaluations", err); {
		case ctx.Err() != nil:
			return false, err
		case g != nil:
			it.Gaps = append(it.Gaps, *g)
		default:
			it.Answers["ruleEvaluations"] = tidy(list(one, "rule_evaluations"))
		}
		q.Item(it)
		q.rows++
		return false, nil
	})
	if err == nil {
		q.Item(evidence.Item{ID: q.repo.Path + "@" + q.repo.Branch, Answers: map[string]any{"asked": asked}})
	}
	return err
}
