package forge

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"exhibit/evidence"
)

// overruling are the actions of an audit log that change or go around the rules
// over branches, and those that change who may.
var overruling = []string{"protected_branch", "repository_ruleset", "repository_branch_protection_evaluation"}

// comings are those by which a repository comes, goes or gets another name.
var comings = []string{"repo.create", "repo.destroy", "repo.rename", "repo.transfer", "repo.restore"}

// auditLog keeps what the organization's audit log says of the rules over the
// repository's branches. Only GitHub Enterprise has one that can be asked.
func (s *source) auditLog(ctx context.Context, q *question) error {
	for _, action := range overruling {
		if err := q.events(ctx, fmt.Sprintf("action:%s repo:%s", action, q.repo.Path), nil); err != nil {
			return err
		}
	}
	q.askedEvents()
	return nil
}

// auditLogOfOrganisation keeps which repositories came and went, each with what the
// configuration says of its name, and what was done to the sets of rules the
// organization has over all.
func auditLogOfOrganisation(ctx context.Context, q *question) error {
	for _, action := range comings {
		err := q.events(ctx, fmt.Sprintf("action:%s org:%s", action, q.repo.Path), func(it *evidence.Item, e map[string]any) bool {
			it.Answers["scope"] = q.org.scope(map[string]any{"nameWithOwner": text(e, "repo")})
			return text(e, "repo") != ""
		})
		if err != nil {
			return err
		}
	}
	// of one repository's own sets that repository's listing tells
	err := q.events(ctx, "action:repository_ruleset org:"+q.repo.Path, func(_ *evidence.Item, e map[string]any) bool { return text(e, "repo") == "" })
	if err == nil {
		q.askedEvents()
	}
	return err
}

// events keeps the events of the period that a phrase finds; keep, where it is not nil,
// says whether one is wanted, and may add to its item.
func (q *question) events(ctx context.Context, phrase string, keep func(it *evidence.Item, event map[string]any) bool) error {
	owner, _, _ := strings.Cut(q.repo.Path, "/")
	phrase += fmt.Sprintf(" created:%s..%s", q.cfg.Period.Start.Format(time.DateOnly), q.cfg.Period.End.AddDate(0, 0, -1).Format(time.DateOnly))
	query := url.Values{"phrase": {phrase}, "include": {"web"}, "order": {"asc"}, "per_page": {fmt.Sprint(perPage)}}
	return q.pages(ctx, request{operation: "auditLog", path: "/orgs/" + owner + "/audit-log", query: query, rows: true, cursors: true}, func(e map[string]any) (bool, error) {
		id := text(e, "_document_id")
		if id == "" {
			return false, &refusal{"auditLog", "Unreadable", "a row of the listing has no document id"}
		}
		event := map[string]any{}
		for k, v := range e { // where an administrator sat is nobody's business here
			if !strings.HasPrefix(k, "actor_location") && !strings.HasPrefix(k, "actor_ip") && !strings.HasPrefix(k, "hashed_token") && !strings.HasPrefix(k, "token_") {
				event[k] = v
			}
		}
		it := evidence.Item{ID: q.repo.Path + "/audit/" + id, Answers: map[string]any{"event": tidy(event)}}
		if keep != nil && !keep(&it, event) {
			return false, nil
		}
		q.Item(it)
		q.rows++
		return false, nil
	})
}

// askedEvents is the item that says of which time the log was asked: that it names no
// event says nothing of another.
func (q *question) askedEvents() {
	until := q.now().Truncate(time.Minute)
	q.Item(evidence.Item{ID: q.repo.Path + "/audit", Answers: map[string]any{"asked": map[string]any{"include": "web",
		"from": until.Add(time.Minute).AddDate(0, 0, -keptEvents).Format(time.RFC3339), "until": until.Format(time.RFC3339)}}})
}
