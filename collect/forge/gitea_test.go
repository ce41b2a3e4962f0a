package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/forgetest"
	"exhibit/internal/golden"
	"exhibit/internal/sample/tape"
)

// taped is what a real Gitea answered; TestGiteaLive -update records it again.
const taped = "testdata/gitea.jsonl.gz"

// A taper passes requests on and keeps what was answered.
type taper struct {
	to   string
	mu   sync.Mutex
	tape *tape.Tape
}

func (p *taper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req, err := http.NewRequest(r.Method, p.to+r.URL.RequestURI(), nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	req.Header = r.Header.Clone()
	resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = resp.Body.Close() }() // read whole
	b, _ := io.ReadAll(resp.Body)
	a := tape.Answer{Status: resp.StatusCode, Header: map[string]string{}, Body: bytes.ReplaceAll(b, []byte(p.to), []byte("http://gitea.example"))}
	for _, k := range []string{"Content-Type", "Link", "X-Total-Count", "Location"} {
		if v := resp.Header.Get(k); v != "" {
			a.Header[strings.ToLower(k)] = strings.ReplaceAll(v, p.to, "http://gitea.example")
			w.Header().Set(k, v)
		}
	}
	p.mu.Lock()
	p.tape.Add(tape.Key(r, nil, func(string) string { return "-" }), a)
	p.mu.Unlock()
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(b)
}

// collected is everything of some repositories, by "repository source".
type collected struct {
	cells map[string]evidence.Cell
	items map[string]map[string]evidence.Item
}

func collectForge(t *testing.T, kind Kind, api, token string, at time.Time, repos ...string) collected {
	t.Helper()
	cfg := Config{Period: Period{at.AddDate(0, 0, -2), at.AddDate(0, 0, 2)}, Now: func() time.Time { return at }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Token: func(Kind, string) (string, string) { return token, "GITEA_TOKEN" }}
	for _, r := range repos {
		cfg.Repositories = append(cfg.Repositories, Repository{Name: r[strings.LastIndexByte(r, '/')+1:], Kind: kind, Path: r, URL: api, Branch: "main"})
	}
	snap, err := collect.Run(context.Background(), cfg.Now, collect.Plan{Tasks: Tasks(cfg), InFlight: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := collected{map[string]evidence.Cell{}, map[string]map[string]evidence.Item{}}
	for _, c := range snap.Cells {
		k := c.Region + " " + c.Source
		out.cells[k], out.items[k] = c, map[string]evidence.Item{}
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
			out.items[k][it.ID] = it
		}
	}
	return out
}

var giteaRepositories = []string{"example/shop", "example/empty", "example/renamed", "example/before"}

// A real Gitea, where EXHIBIT_GITEA names one. With -update what it answered is kept.
func TestGiteaLive(t *testing.T) {
	f := forgetest.Gitea(t)
	token := f.Story()
	p := &taper{to: f.Address, tape: &tape.Tape{At: time.Now().UTC().Truncate(time.Second), Answers: map[string][]tape.Answer{}}}
	s := httptest.NewServer(p)
	defer s.Close()
	theStory(t, collectForge(t, Gitea, s.URL+"/api/v1", token, p.tape.At, giteaRepositories...))
	for _, scopes := range [][]string{{"read:repository"}} { // with less, what is refused is a gap
		got := collectForge(t, Gitea, f.Address+"/api/v1", f.Token("carol", scopes...), p.tape.At, "example/shop")
		for _, it := range got.items["shop "+PullRequests] {
			if len(it.Gaps) == 0 {
				t.Errorf("%s has no gap though the timeline needs read:issue", it.ID)
			}
		}
	}
	if golden.Updating() {
		var b bytes.Buffer
		if err := p.tape.Write(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(taped, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// What a real Gitea 1.26.0 answered, played again.
func TestGiteaRecorded(t *testing.T) {
	b, err := os.ReadFile(taped)
	if err != nil {
		t.Fatal(err)
	}
	tp, err := tape.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(tape.NewPlayer(tp, func(string) string { return "-" }))
	defer s.Close()
	theStory(t, collectForge(t, Gitea, s.URL+"/api/v1", "token", tp.At, giteaRepositories...))
}

// theStory is what forgetest's Story must look like.
func theStory(t *testing.T, got collected) {
	t.Helper()
	for k, want := range map[string]struct {
		state  evidence.State
		items  int
		reason string
	}{
		"shop " + PullRequests: {evidence.Collected, 11, ""}, "shop " + Rules: {evidence.Collected, 1, ""}, "shop " + Members: {evidence.Collected, 5, ""}, "shop " + Releases: {evidence.Collected, 1, ""},
		"empty " + PullRequests:   {evidence.Empty, 0, "empty"},
		"renamed " + PullRequests: {evidence.Failed, 0, "no branch main; its default branch is trunk"},
		"before " + PullRequests:  {evidence.Failed, 0, "leads on"},
	} {
		if c := got.cells[k]; c.State != want.state || c.Items != want.items || !strings.Contains(c.Reason, want.reason) {
			t.Errorf("%s: %s with %d items: %s", k, c.State, c.Items, c.Reason)
		}
	}
	by := map[string]map[string]any{}
	for _, it := range got.items["shop "+PullRequests] {
		pr := object(it.Answers["pullRequest"])
		by[text(pr, "title")] = pr
		if len(it.Gaps) > 0 {
			t.Errorf("%s: %v", it.ID, it.Gaps)
		}
	}
	last := func(title string) (review, check map[string]any) {
		reviews := list(by[title], "reviews", "nodes")
		if len(reviews) > 0 {
			review = object(reviews[len(reviews)-1])
		}
		return review, object(list0(list0(by[title], "mergedHead", "nodes"), "commit", "statusCheckRollup", "contexts", "nodes"))
	}
	events := func(title string) string {
		var out []string
		for _, e := range list(by[title], "timelineItems", "nodes") {
			out = append(out, text(e, "__typename")+" "+text(object(e)["actor"], "login"))
		}
		return strings.Join(out, ", ")
	}
	for title, want := range map[string]struct {
		author, mergedBy, state, by, parents, events string
		current, writes                              bool
		commits                                      int
		check                                        string
	}{
		"Merged":    {"ada", "bo", "APPROVED", "bo", "2", "HeadRefPushedEvent ada", true, true, 1, "SUCCESS true"},
		"Squashed":  {"ada", "cy", "APPROVED", "bo", "1", "HeadRefPushedEvent ada", true, true, 2, "SUCCESS true"},
		"Rebased":   {"cy", "bo", "APPROVED", "bo", "1", "HeadRefPushedEvent cy", true, true, 2, "SUCCESS true"},
		"Stale":     {"ada", "ada", "APPROVED", "bo", "2", "HeadRefPushedEvent ada, HeadRefPushedEvent ada", false, true, 2, "SUCCESS true"},
		"Alone":     {"carol", "carol", "", "", "2", "HeadRefPushedEvent carol", false, false, 1, "EXPECTED true"},
		"Dismissed": {"ada", "carol", "DISMISSED", "bo", "2", "HeadRefPushedEvent ada, ReviewDismissedEvent carol", true, true, 1, "SUCCESS true"},
		"Forced":    {"ada", "bo", "APPROVED", "bo", "2", "HeadRefPushedEvent ada, HeadRefForcePushedEvent ada", true, true, 1, "SUCCESS true"},
		"Pushed":    {"ada", "cy", "APPROVED", "cy", "2", "HeadRefPushedEvent ada, HeadRefPushedEvent cy", true, true, 2, "SUCCESS true"},
		"Red":       {"ada", "carol", "APPROVED", "bo", "2", "HeadRefPushedEvent ada", true, true, 1, "FAILURE true"},
		"Reader":    {"ada", "carol", "APPROVED", "dex", "2", "HeadRefPushedEvent ada", true, false, 1, "SUCCESS true"},
		"Ghost":     {"", "bo", "APPROVED", "bo", "2", "HeadRefPushedEvent ", true, true, 1, "SUCCESS true"},
	} {
		pr := by[title]
		if pr == nil {
			t.Errorf("%s is not there", title)
			continue
		}
		review, check := last(title)
		parents, _ := object(pr, "mergeCommit", "parents")["totalCount"].(json.Number)
		is := fmt.Sprint(text(pr["author"], "login"), text(pr["mergedBy"], "login"), text(review, "state"), text(review["author"], "login"), parents, len(list(pr, "commits", "nodes")))
		if wanted := fmt.Sprint(want.author, want.mergedBy, want.state, want.by, want.parents, want.commits); is != wanted {
			t.Errorf("%s: %s, want %s", title, is, wanted)
		}
		if review != nil && (text(review["commit"], "oid") == text(pr, "headRefOid")) != want.current {
			t.Errorf("%s: approved %v, merged %v", title, review["commit"], pr["headRefOid"])
		}
		if review != nil && (review["authorCanPushToRepository"] == true) != want.writes {
			t.Errorf("%s: the reviewer may write: %v", title, review["authorCanPushToRepository"])
		}
		if e := events(title); e != want.events {
			t.Errorf("%s: events %s, want %s", title, e, want.events)
		}
		if is := fmt.Sprint(text(check, "state"), " ", check["isRequired"]); is != want.check {
			t.Errorf("%s: the check %s, want %s", title, is, want.check)
		}
	}
	if closing := object(list0(by["Merged"], "closingIssuesReferences", "nodes")); !strings.HasSuffix(text(closing, "url"), "/example/shop/issues/1") {
		t.Errorf("closes: %v", closing)
	}
	if l := object(list0(by["Merged"], "labels", "nodes")); text(l, "name") != "feature" {
		t.Errorf("labels: %v", l)
	}
	if people := list(list(by["Squashed"], "commits", "nodes")[1], "commit", "authors", "nodes"); len(people) != 2 {
		t.Errorf("a co-author: %v", people)
	}
	rule := object(got.items["shop "+Rules]["example/shop@main"].Answers["branchProtectionRule"])
	if rule["requiresApprovingReviews"] != true || rule["requiredApprovingReviewCount"] != json.Number("1") || rule["allowsForcePushes"] != false || rule["allowsDeletions"] != false || rule["isAdminEnforced"] != false ||
		text(object(list0(rule, "bypassPullRequestAllowances", "nodes"), "actor"), "login") != "carol" {
		t.Errorf("the rule: %v", rule)
	}
	members := got.items["shop "+Members]
	for login, permission := range map[string]string{"carol": "ADMIN", "ada": "WRITE", "bo": "WRITE", "cy": "WRITE", "dex": "READ"} {
		if p := text(members["example/shop/"+login].Answers["collaborator"], "permission"); p != permission {
			t.Errorf("%s: %s, want %s", login, p, permission)
		}
	}
	if r := object(got.items["shop "+Releases]["example/shop/release/1"].Answers["release"]); text(r, "tagName") != "v1" || len(text(r["tagCommit"], "oid")) != 40 {
		t.Errorf("the release: %v", r)
	}
}
