package forge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"exhibit/collect"
	"exhibit/evidence"
)

// An Organisation is one whose repositories are listed whole: an organization, a
// group with the groups below it, or a person's account.
type Organisation struct {
	Name string // how the configuration calls it; becomes the cells' region and a folder
	Kind Kind
	Path string // what it is called at the code host; of a group with the groups above it
	URL  string // of the API; "" for the kind's default
	// AuditLog says that it has an audit log the token may read.
	AuditLog bool
	// InScope are the repositories the configuration lists: what each is called there, by
	// its path at the code host.
	InScope map[string]string
	// OutOfScope say which of the others are out of scope, and why; the first that fits counts.
	OutOfScope []Exclusion
}

// An Exclusion leaves repositories out of scope for a reason.
type Exclusion struct {
	Repository string // a name, or a path below the organisation; * stands for any part of a name; "" for any
	// Only archived ones, forks, or those without a commit.
	Archived, Fork, Empty bool
	Reason                string
}

func (o Organisation) task(cfg Config, name, file string, ask func(context.Context, *question) error) collect.Task {
	s := &source{cfg: cfg, repo: Repository{Name: o.Name, Kind: o.Kind, Path: o.Path, URL: o.URL}, org: &o}
	return s.taskIn("evidence/forge/"+FileName(o.Name)+"/"+file+".jsonl", name, ask)
}

func (o Organisation) tasks(cfg Config) []collect.Task {
	out := []collect.Task{
		o.task(cfg, Organisations, "organisation", organisation),
		o.task(cfg, Repositories, "repositories", repositories),
	}
	if o.AuditLog {
		out = append(out, o.task(cfg, AuditLog, "audit-log", auditLogOfOrganisation))
	}
	return out
}

// organisation keeps what the code host says of the organisation itself, with how many
// repositories it counts: what their listing is held against.
func organisation(ctx context.Context, q *question) error {
	said, total, err := q.counted(ctx)
	if said == nil {
		return err
	}
	it := evidence.Item{ID: q.repo.Path, Answers: map[string]any{"organisation": said}}
	if g := gapOf("repositories", err); g != nil {
		it.Gaps = append(it.Gaps, *g)
	} else {
		it.Answers["repositories"] = map[string]any{"total": number(total)}
	}
	q.Item(it)
	q.rows++
	return nil
}

// counted asks how many repositories the organisation has, by the host's own count
// and not by what this token is shown: a token that may see some of them is given
// those, and nothing says that there are others. said is nil when nothing was answered,
// and err says why the count is not known.
func (q *question) counted(ctx context.Context) (said map[string]any, total int, err error) {
	switch q.repo.Kind {
	case GitHub:
		return q.githubCounted(ctx)
	case GitLab:
		return q.gitlabCounted(ctx)
	}
	return q.giteaCounted(ctx)
}

// repositories keeps every repository of the organisation, in the fields of GitHub's
// API, each with what the configuration says of it. The listing is whole when it is as
// long as the host's own count.
func repositories(ctx context.Context, q *question) error {
	_, total, err := q.counted(ctx)
	if err != nil {
		return err
	}
	listed := map[string]bool{} // paths, in small letters
	seen := map[string]bool{}   // ids: one that moved between two pages comes twice
	take := func(r map[string]any) error {
		id, name := text(r, "id"), text(r, "nameWithOwner")
		if id == "" || name == "" {
			return &refusal{"repositories", "Unreadable", "a row of the listing has no id, or no name"}
		}
		if seen[id] {
			return nil
		}
		seen[id], listed[strings.ToLower(name)] = true, true
		q.Item(evidence.Item{ID: name, Answers: map[string]any{"repository": tidy(r), "scope": q.org.scope(r)}})
		q.rows++
		return nil
	}
	switch q.repo.Kind {
	case GitHub:
		err = q.githubRepositories(ctx, take)
	case GitLab:
		err = q.gitlabRepositories(ctx, take)
	default:
		err = q.giteaRepositories(ctx, take)
	}
	if err != nil {
		return err
	}
	if len(seen) < total {
		return &refusal{"repositories", collect.TruncatedCode, fmt.Sprintf("the code host counts %d repositories and listed %d to this token", total, len(seen))}
	}
	for _, p := range sortedKeys(q.org.InScope) {
		if !listed[strings.ToLower(p)] { // renamed, moved or deleted; or never there
			q.Item(evidence.Item{ID: p, Answers: map[string]any{"repository": nil, "scope": map[string]any{"is": "in scope", "as": q.org.InScope[p]}}})
			q.rows++
		}
	}
	return nil
}

// scope is what the configuration says of a repository: in scope and as what, excluded
// and why, or neither.
func (o *Organisation) scope(r map[string]any) map[string]any {
	full := text(r, "nameWithOwner")
	for p, as := range o.InScope {
		if strings.EqualFold(p, full) {
			return map[string]any{"is": "in scope", "as": as}
		}
	}
	for _, x := range o.OutOfScope {
		if x.fits(o.Path, r) {
			return map[string]any{"is": "excluded", "by": x.rule(), "reason": x.Reason}
		}
	}
	return map[string]any{"is": "neither"}
}

// fits reports whether an exclusion is about a repository. One that says archived is
// not about a repository of which that is not known.
func (x Exclusion) fits(organisation string, r map[string]any) bool {
	is := func(key string) bool { b, _ := r[key].(bool); return b }
	if x.Archived && !is("isArchived") || x.Fork && !is("isFork") || x.Empty && !is("isEmpty") {
		return false
	}
	if x.Repository == "" {
		return true
	}
	full := strings.ToLower(text(r, "nameWithOwner"))
	below := strings.TrimPrefix(full, strings.ToLower(organisation)+"/")
	for _, name := range []string{full, below, path.Base(full)} {
		if ok, err := path.Match(strings.ToLower(x.Repository), name); err == nil && ok {
			return true
		}
	}
	return false
}

// rule is an exclusion in words: "sandbox-*", "archived", "docs-*, archived".
func (x Exclusion) rule() string {
	var out []string
	if x.Repository != "" {
		out = append(out, x.Repository)
	}
	for _, w := range []struct {
		is   bool
		word string
	}{{x.Archived, "archived"}, {x.Fork, "a fork"}, {x.Empty, "empty"}} {
		if w.is {
			out = append(out, w.word)
		}
	}
	return strings.Join(out, ", ")
}

const repositoriesQuery = `query($owner: String!, $after: String) {
  repository: repositoryOwner(login: $owner) {
    __typename
    repositories(ownerAffiliations: [OWNER], orderBy: {field: CREATED_AT, direction: ASC}, first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id databaseId nameWithOwner visibility isArchived archivedAt isFork isEmpty isMirror isTemplate isDisabled createdAt pushedAt defaultBranchRef { name } parent { nameWithOwner } }
    }
  }
}`

// githubRepositories lists them in the order they were made: one that is made
// meanwhile stands at the end.
func (q *question) githubRepositories(ctx context.Context, take func(map[string]any) error) error {
	return q.walk(ctx, "repositories", repositoriesQuery, func(r map[string]any) (bool, error) {
		if branch := text(r["defaultBranchRef"], "name"); branch != "" {
			r["defaultBranch"] = branch
		}
		delete(r, "defaultBranchRef")
		return false, take(r)
	})
}

// githubCounted reads both counts GitHub has: of public repositories, which everybody is
// told, and of private ones, internal ones among them, which only members with full view are.
func (q *question) githubCounted(ctx context.Context) (map[string]any, int, error) {
	o, err := q.object(ctx, "organization", "/orgs/"+url.PathEscape(q.repo.Path), nil)
	var r *refusal
	if asRefusal(err, &r) && r.code == "NotFound" { // a person's account is none
		return q.githubPersonCounted(ctx)
	}
	if err != nil {
		return nil, 0, err
	}
	said := map[string]any{"kind": "Organization"}
	for from, to := range map[string]string{"login": "login", "node_id": "id", "name": "name", "created_at": "createdAt", "two_factor_requirement_enabled": "requiresTwoFactorAuthentication"} {
		if v, ok := o[from]; ok && v != nil {
			said[to] = v
		}
	}
	if _, told := o["total_private_repos"]; !told {
		return said, 0, &refusal{"repositories", "Forbidden", "the token is not told how many private repositories the organization has, so it may not be shown all: it must be an owner's, with read:org and repo"}
	}
	return said, whole(o["public_repos"]) + whole(o["total_private_repos"]), nil
}

// githubPersonCounted is for a person's own account, of which GitHub tells that person alone.
func (q *question) githubPersonCounted(ctx context.Context) (map[string]any, int, error) {
	me, err := q.object(ctx, "user", "/user", nil)
	if err != nil {
		return nil, 0, err
	}
	if !strings.EqualFold(text(me, "login"), q.repo.Path) {
		return nil, 0, &refusal{"organization", "NotFound", fmt.Sprintf("there is no organization %s that this token may see, and it is not that person's own", q.repo.Path)}
	}
	said := map[string]any{"kind": "User", "login": text(me, "login"), "id": text(me, "node_id")}
	if _, told := me["owned_private_repos"]; !told {
		return said, 0, &refusal{"repositories", "Forbidden", "the token is not told how many private repositories there are: it needs the scopes user and repo"}
	}
	return said, whole(me["public_repos"]) + whole(me["owned_private_repos"]), nil
}

// giteaCounted takes the host's count where the token is of an owner of the
// organization, or of who administers the instance: others are shown the repositories
// of their own teams alone, and counted no others.
func (q *question) giteaCounted(ctx context.Context) (map[string]any, int, error) {
	base := "/orgs/" + url.PathEscape(q.repo.Path)
	o, err := q.object(ctx, "organization", base, nil)
	if err != nil {
		return nil, 0, err
	}
	said := map[string]any{"kind": "Organization", "login": q.repo.Path, "id": fmt.Sprint(whole(o["id"]))}
	if n := text(o, "full_name"); n != "" {
		said["name"] = n
	}
	me, err := q.object(ctx, "user", "/user", nil)
	if err != nil {
		return said, 0, err
	}
	may, err := q.object(ctx, "permissions", "/users/"+url.PathEscape(text(me, "login"))+base+"/permissions", nil)
	if err != nil {
		return said, 0, err
	}
	is := func(m map[string]any, key string) bool { b, _ := m[key].(bool); return b }
	if !is(may, "is_owner") && !is(may, "is_admin") && !is(me, "is_admin") {
		return said, 0, &refusal{"repositories", "Forbidden", "the token is of no owner of the organization, so it may not be shown all repositories"}
	}
	total, err := q.total(ctx, base+"/repos", url.Values{"limit": {"1"}}, "X-Total-Count")
	return said, total, err
}

func (q *question) giteaRepositories(ctx context.Context, take func(map[string]any) error) error {
	r := request{operation: "repositories", path: "/orgs/" + url.PathEscape(q.repo.Path) + "/repos", query: url.Values{"limit": {fmt.Sprint(perPage)}}, rows: true}
	return q.pages(ctx, r, func(row map[string]any) (bool, error) {
		out := map[string]any{"id": idText(row["id"]), "nameWithOwner": text(row, "full_name"), "visibility": "PUBLIC"}
		if internal, _ := row["internal"].(bool); internal {
			out["visibility"] = "INTERNAL"
		}
		if private, _ := row["private"].(bool); private {
			out["visibility"] = "PRIVATE"
		}
		for from, to := range map[string]string{"archived": "isArchived", "fork": "isFork", "empty": "isEmpty", "mirror": "isMirror", "template": "isTemplate", "created_at": "createdAt", "default_branch": "defaultBranch"} {
			if v, ok := row[from]; ok && v != nil && v != "" {
				out[to] = v
			}
		}
		if at := moment(row, "archived_at"); at.Year() > 1970 {
			out["archivedAt"] = row["archived_at"]
		}
		if p := object(row, "parent"); p != nil {
			out["parent"] = map[string]any{"nameWithOwner": text(p, "full_name")}
		}
		return false, take(out)
	})
}

// gitlabCounted takes the host's count where the token is of a member of the group:
// whoever is sees every project of it and of the groups below.
func (q *question) gitlabCounted(ctx context.Context) (map[string]any, int, error) {
	base := "/groups/" + url.PathEscape(q.repo.Path)
	g, err := q.object(ctx, "group", base, url.Values{"with_projects": {"false"}})
	if err != nil {
		return nil, 0, err
	}
	said := map[string]any{"kind": "Group", "login": text(g, "full_path"), "id": idText(g["id"]), "name": text(g, "name")}
	if v, ok := g["require_two_factor_authentication"].(bool); ok {
		said["requiresTwoFactorAuthentication"] = v
	}
	me, err := q.object(ctx, "user", "/user", nil)
	if err != nil {
		return said, 0, err
	}
	if admin, _ := me["is_admin"].(bool); !admin {
		_, err := q.object(ctx, "member", fmt.Sprintf("%s/members/all/%d", base, whole(me["id"])), nil)
		var r *refusal
		if asRefusal(err, &r) && r.code == "NotFound" {
			return said, 0, &refusal{"repositories", "Forbidden", "the token is of no member of the group, so it may not be shown all projects"}
		}
		if err != nil {
			return said, 0, err
		}
	}
	total, err := q.total(ctx, base+"/projects", url.Values{"include_subgroups": {"true"}, "with_shared": {"false"}, "per_page": {"1"}}, "X-Total")
	return said, total, err
}

func (q *question) gitlabRepositories(ctx context.Context, take func(map[string]any) error) error {
	r := request{operation: "repositories", path: "/groups/" + url.PathEscape(q.repo.Path) + "/projects", rows: true,
		query: url.Values{"include_subgroups": {"true"}, "with_shared": {"false"}, "order_by": {"id"}, "sort": {"asc"}, "per_page": {fmt.Sprint(perPage)}}}
	return q.pages(ctx, r, func(row map[string]any) (bool, error) {
		out := map[string]any{"id": idText(row["id"]), "nameWithOwner": text(row, "path_with_namespace"), "visibility": strings.ToUpper(text(row, "visibility")), "isFork": row["forked_from_project"] != nil}
		for from, to := range map[string]string{"archived": "isArchived", "empty_repo": "isEmpty", "mirror": "isMirror", "created_at": "createdAt", "last_activity_at": "pushedAt", "default_branch": "defaultBranch", "marked_for_deletion_on": "markedForDeletionOn"} {
			if v, ok := row[from]; ok && v != nil {
				out[to] = v
			}
		}
		if p := object(row, "forked_from_project"); p != nil {
			out["parent"] = map[string]any{"nameWithOwner": text(p, "path_with_namespace")}
		}
		return false, take(out)
	})
}

// total is how long a listing is, by the header the host gives with a page of it.
func (q *question) total(ctx context.Context, path string, query url.Values, header string) (int, error) {
	var n int
	_, h, err := q.get(ctx, request{operation: "total", path: path, query: query})
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Sscan(h.Get(header), &n); err != nil {
		return 0, &refusal{"repositories", "Unreadable", fmt.Sprintf("the code host does not say how many there are: the header %s is %q", http.CanonicalHeaderKey(header), h.Get(header))}
	}
	return n, nil
}

// idText is a number of the code host's as a text; "" for none.
func idText(v any) string {
	if n := whole(v); n > 0 {
		return fmt.Sprint(n)
	}
	return ""
}
