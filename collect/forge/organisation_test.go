package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/forgetest"
)

// listed collects an organisation, and returns its cells by source and its items by id.
func listed(t *testing.T, o Organisation, token string) (map[string]evidence.Cell, map[string]evidence.Item, []evidence.Call) {
	t.Helper()
	cfg := Config{
		Organisations: []Organisation{o}, Period: Period{day("2026-01-01"), day("2026-04-01")},
		Now:   func() time.Time { return day("2026-04-02") },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Token: func(Kind, string) (string, string) { return token, "nowhere" },
	}
	snap, err := collect.Run(t.Context(), cfg.Now, collect.Plan{Tasks: Tasks(cfg), InFlight: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cells, items := map[string]evidence.Cell{}, map[string]evidence.Item{}
	for _, c := range snap.Cells {
		cells[c.Source] = c
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
			items[c.Source+" "+it.ID] = it
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
	return cells, items, calls
}

func owned(n int, name string, more map[string]any) map[string]any {
	out := map[string]any{"id": fmt.Sprint("R_", n), "databaseId": n, "nameWithOwner": "example/" + name, "visibility": "PRIVATE", "isArchived": false, "isFork": false, "isEmpty": false, "isMirror": false, "isTemplate": false, "isDisabled": false,
		"createdAt": day("2020-01-01").AddDate(0, 0, n).Format(time.RFC3339), "pushedAt": "2026-02-01T00:00:00Z", "defaultBranchRef": map[string]any{"name": "main"}}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func example(url string) Organisation {
	return Organisation{Name: "example", Kind: GitHub, Path: "example", URL: url, InScope: map[string]string{"Example/Shop": "shop", "example/lost": "lost"}, OutOfScope: []Exclusion{
		{Repository: "sandbox-*", Reason: "Experiments."}, {Archived: true, Reason: "Nothing runs from it."}, {Repository: "fork-*", Fork: true, Reason: "Of others."}}}
}

// owners is a code host with an organization of 120 repositories.
func owners() map[string]any {
	var rows []any
	for n := range 115 {
		rows = append(rows, owned(n+10, fmt.Sprintf("sandbox-%03d", n), nil))
	}
	rows = append(rows, owned(1, "shop", nil), owned(2, "old", map[string]any{"isArchived": true, "archivedAt": "2024-01-01T00:00:00Z"}), owned(3, "fork-of", map[string]any{"isFork": true, "parent": map[string]any{"nameWithOwner": "other/of"}}),
		owned(4, "fork-not", nil), owned(5, "templates", map[string]any{"visibility": "PUBLIC"}))
	return map[string]any{"repositories": map[string]any{}, "owners": map[string]any{"example": map[string]any{"__typename": "Organization", "repositories": rows}},
		"organizations": map[string]any{"example": map[string]any{"login": "example", "node_id": "O_1", "name": "Example", "public_repos": 1, "total_private_repos": 119, "two_factor_requirement_enabled": true}}}
}

// Every repository of an organization is kept with what the configuration says of it;
// one that it names and the host does not list is kept too.
func TestRepositoriesOfGitHub(t *testing.T) {
	cells, items, calls := listed(t, example(forgetest.GitHub(t, owners())), forgetest.Token)
	if c := cells[Repositories]; c.State != evidence.Collected || c.Items != 121 || c.Path != "evidence/forge/example/repositories.jsonl" || c.Region != "example" {
		t.Errorf("%s, %d items at %s in %s: %s", c.State, c.Items, c.Path, c.Region, c.Reason)
	}
	for id, want := range map[string]string{
		"example/shop": "map[as:shop is:in scope]", "example/old": "map[by:archived is:excluded reason:Nothing runs from it.]", "example/fork-of": "map[by:fork-*, a fork is:excluded reason:Of others.]",
		"example/fork-not": "map[is:neither]", "example/templates": "map[is:neither]", "example/sandbox-007": "map[by:sandbox-* is:excluded reason:Experiments.]", "example/lost": "map[as:lost is:in scope]",
	} {
		if got := fmt.Sprint(items[Repositories+" "+id].Answers["scope"]); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if r := object(items[Repositories+" example/old"].Answers["repository"]); text(r, "id") != "R_2" || text(r, "archivedAt") == "" || text(r, "defaultBranch") != "main" {
		t.Errorf("the archived one: %v", r)
	}
	if v, ok := items[Repositories+" example/lost"].Answers["repository"]; !ok || v != nil {
		t.Errorf("the one that is not listed: %v", v)
	}
	if o := items[Organisations+" example"]; text(o.Answers["organisation"], "id") != "O_1" || fmt.Sprint(object(o.Answers["repositories"])["total"]) != "120" {
		t.Errorf("the organization: %v", o)
	}
	rows := 0
	for _, c := range calls {
		if c.Listing && c.Source == Repositories {
			rows += c.Count
		}
	}
	if rows != 120 {
		t.Errorf("the calls say that %d rows were listed", rows)
	}
}

func TestRepositoriesNotWhole(t *testing.T) {
	for name, c := range map[string]struct {
		change func(g, organization map[string]any)
		token  string
		state  evidence.State
		reason string
	}{
		"the token sees some":   {func(_, o map[string]any) { o["total_private_repos"] = 140 }, forgetest.Token, evidence.Truncated, "counts 141 repositories and listed 120"},
		"the token is not told": {func(_, o map[string]any) { delete(o, "total_private_repos") }, forgetest.Token, evidence.DeniedIdentity, "not told how many private"},
		"single sign-on": {func(g, _ map[string]any) {
			g["faults"] = []any{map[string]any{"operation": "orgs/example", "status": 403, "times": 99, "body": map[string]any{"message": "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization."}}}
		}, forgetest.Token, evidence.DeniedIdentity, "SAML enforcement"},
		"single sign-on in GraphQL": {func(g, _ map[string]any) {
			g["owners"].(map[string]any)["example"] = map[string]any{"__typename": "Organization", "repositories": map[string]any{"forbidden": "Resource protected by organization SAML enforcement."}}
		}, forgetest.Token, evidence.DeniedIdentity, "SAML enforcement"},
		"no such organization":     {func(g, _ map[string]any) { delete(g["organizations"].(map[string]any), "example") }, forgetest.Token, evidence.Failed, "there is no organization example"},
		"no token":                 {nil, "", evidence.AccountUnreachable, "there is no token"},
		"a token it does not know": {nil, "other", evidence.DeniedIdentity, "does not know the token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := owners()
			if c.change != nil {
				c.change(g, g["organizations"].(map[string]any)["example"].(map[string]any))
			}
			cells, _, _ := listed(t, example(forgetest.GitHub(t, g)), c.token)
			if got := cells[Repositories]; got.State != c.state || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("%s: %s", got.State, got.Reason)
			}
		})
	}
}

// A person's own account is listed whole for that person's token alone.
func TestRepositoriesOfAPerson(t *testing.T) {
	g := owners()
	g["organizations"] = map[string]any{}
	g["owners"].(map[string]any)["example"].(map[string]any)["__typename"] = "User"
	g["user"] = map[string]any{"login": "Example", "node_id": "U_1", "public_repos": 1, "owned_private_repos": 119}
	cells, items, _ := listed(t, example(forgetest.GitHub(t, g)), forgetest.Token)
	if c := cells[Repositories]; c.State != evidence.Collected || text(items[Organisations+" example"].Answers["organisation"], "kind") != "User" {
		t.Errorf("%s: %s", c.State, c.Reason)
	}
	g["user"] = map[string]any{"login": "somebody", "public_repos": 1}
	if cells, _, _ = listed(t, example(forgetest.GitHub(t, g)), forgetest.Token); cells[Repositories].State != evidence.Failed {
		t.Errorf("somebody else's: %s", cells[Repositories].State)
	}
}

// What came and went between two runs the audit log tells, where it may be read.
func TestAuditLogOfOrganisation(t *testing.T) {
	g := owners()
	event := func(id, action, repo string) map[string]any {
		e := map[string]any{"_document_id": id, "@timestamp": 1774000000000, "created_at": 1774000000000, "action": action, "actor": "bo", "org": "example", "actor_ip": "192.0.2.1"}
		if repo != "" {
			e["repo"] = "example/" + repo
		}
		return e
	}
	g["auditLogs"] = map[string]any{"example": []any{event("a", "repo.create", "sandbox-brief"), event("b", "repo.destroy", "sandbox-brief"), event("c", "repo.create", "hot"), event("d", "repo.access", "hot"),
		event("e", "repository_ruleset.update", ""), event("f", "repository_ruleset.update", "shop")}}
	o := example(forgetest.GitHub(t, g))
	o.AuditLog = true
	cells, items, _ := listed(t, o, forgetest.Token)
	if c := cells[AuditLog]; c.State != evidence.Collected || c.Items != 5 {
		t.Errorf("%s, %d items: %s", c.State, c.Items, c.Reason)
	}
	if s := fmt.Sprint(items[AuditLog+" example/audit/a"].Answers["scope"], items[AuditLog+" example/audit/c"].Answers["scope"]); s != "map[by:sandbox-* is:excluded reason:Experiments.] map[is:neither]" {
		t.Errorf("scope: %s", s)
	}
	if a := object(items[AuditLog+" example/audit"].Answers["asked"]); text(a, "from") != "2025-10-04T00:01:00Z" || text(a, "until") != "2026-04-02T00:00:00Z" {
		t.Errorf("asked: %v", a)
	}
}

// A host answers like Gitea or GitLab what is documented of a listing; nobody asked a real one.
type host struct {
	prefix, header string
	answers        map[string]any // by path
	rows           []any
	allowed        []string
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := func(status int, v any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/api")
	for k := range r.URL.Query() {
		if path == h.prefix && !slices.Contains(h.allowed, k) {
			say(422, map[string]any{"message": "unknown parameter " + k})
			return
		}
	}
	if path != h.prefix {
		if v, ok := h.answers[path]; ok {
			say(200, v)
			return
		}
		say(404, map[string]any{"message": "404 Not Found"})
		return
	}
	size, _ := strconv.Atoi(r.URL.Query().Get("limit") + r.URL.Query().Get("per_page"))
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size = min(size, 50) // what the administrator allows
	from := min(len(h.rows), max(page-1, 0)*size)
	w.Header().Set(h.header, strconv.Itoa(len(h.rows)))
	say(200, h.rows[from:min(len(h.rows), from+size)])
}

func TestRepositoriesOfGitea(t *testing.T) {
	h := &host{prefix: "/orgs/example/repos", header: "X-Total-Count", allowed: []string{"page", "limit"}, answers: map[string]any{
		"/orgs/example": map[string]any{"id": 3, "name": "example", "full_name": "Example"}, "/user": map[string]any{"id": 1, "login": "ada"}, "/users/ada/orgs/example/permissions": map[string]any{"is_owner": true}}}
	for n := range 60 {
		h.rows = append(h.rows, map[string]any{"id": n + 10, "full_name": fmt.Sprintf("example/sandbox-%d", n), "private": true, "created_at": "2024-01-01T00:00:00Z"})
	}
	h.rows = append(h.rows, map[string]any{"id": 1, "full_name": "example/shop", "private": true}, map[string]any{"id": 2, "full_name": "example/old", "archived": true, "archived_at": "2024-05-01T00:00:00Z"},
		map[string]any{"id": 3, "full_name": "example/new", "internal": true, "empty": true, "fork": true, "parent": map[string]any{"full_name": "other/new"}})
	s := httptest.NewServer(h)
	defer s.Close()
	o := example(s.URL + "/api")
	o.Kind = Gitea
	cells, items, _ := listed(t, o, "token")
	if c := cells[Repositories]; c.State != evidence.Collected || c.Items != 64 {
		t.Errorf("%s, %d items: %s", c.State, c.Items, c.Reason)
	}
	if r := object(items[Repositories+" example/new"].Answers["repository"]); text(r, "id") != "3" || text(r, "visibility") != "INTERNAL" || r["isEmpty"] != true || text(r["parent"], "nameWithOwner") != "other/new" {
		t.Errorf("the new one: %v", r)
	}
	h.answers["/users/ada/orgs/example/permissions"] = map[string]any{"is_owner": false}
	if cells, _, _ = listed(t, o, "token"); cells[Repositories].State != evidence.DeniedIdentity || !strings.Contains(cells[Repositories].Reason, "no owner of the organization") {
		t.Errorf("a member's token: %s %s", cells[Repositories].State, cells[Repositories].Reason)
	}
}

func TestRepositoriesOfGitLab(t *testing.T) {
	h := &host{prefix: "/groups/group%2Fsub/projects", header: "X-Total", allowed: []string{"include_subgroups", "with_shared", "order_by", "sort", "page", "per_page"}, answers: map[string]any{
		"/groups/group%2Fsub": map[string]any{"id": 3, "full_path": "group/sub", "name": "Sub", "require_two_factor_authentication": true}, "/user": map[string]any{"id": 7}, "/groups/group%2Fsub/members/all/7": map[string]any{"access_level": 20}}}
	for n := range 60 {
		h.rows = append(h.rows, map[string]any{"id": n + 10, "path_with_namespace": fmt.Sprintf("group/sub/lab/sandbox-%d", n), "visibility": "private"})
	}
	h.rows = append(h.rows, map[string]any{"id": 1, "path_with_namespace": "group/sub/deep/shop", "visibility": "internal"}, map[string]any{"id": 2, "path_with_namespace": "group/sub/old", "archived": true, "visibility": "private", "empty_repo": true})
	s := httptest.NewServer(h)
	defer s.Close()
	o := example(s.URL + "/api")
	o.Kind, o.Path, o.InScope = GitLab, "group/sub", map[string]string{"group/sub/deep/shop": "shop"}
	cells, items, _ := listed(t, o, "token")
	if c := cells[Repositories]; c.State != evidence.Collected || c.Items != 62 {
		t.Errorf("%s, %d items: %s", c.State, c.Items, c.Reason)
	}
	if got := fmt.Sprint(items[Repositories+" group/sub/deep/shop"].Answers["scope"], items[Repositories+" group/sub/lab/sandbox-3"].Answers["scope"]); got != "map[as:shop is:in scope] map[by:sandbox-* is:excluded reason:Experiments.]" {
		t.Errorf("scope: %s", got)
	}
	delete(h.answers, "/groups/group%2Fsub/members/all/7")
	if cells, _, _ = listed(t, o, "token"); cells[Repositories].State != evidence.DeniedIdentity || !strings.Contains(cells[Repositories].Reason, "no member of the group") {
		t.Errorf("a stranger's token: %s %s", cells[Repositories].State, cells[Repositories].Reason)
	}
}
