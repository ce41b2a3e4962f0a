package control

import (
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// Deployments of every source: what each brought, where that stands, and which went back.
func TestDeployments(t *testing.T) {
	sha := func(r string) string { return strings.Repeat(r, 40) }
	item := func(source, id, answers string) Located {
		m, _ := data(t, answers).(map[string]any)
		return Located{Source: source, Region: "shop", Item: evidence.Item{ID: id, Answers: m}}
	}
	change := func(r string, n string) Located {
		return item("git/change", sha(r), `{"commit":{"sha":"`+sha(r)+`","parents":["`+sha("0")+`"]},"change":{"number":`+n+`}}`)
	}
	list := func(source string, items ...Located) listing {
		return listing{Source: source, Items: items, Cells: []evidence.Cell{{Region: "shop", Source: source, State: evidence.Collected}}}
	}
	changes := list("git/change", change("a", "10"), change("b", "11"), change("c", "12"))
	refs := list("git/ref", item("git/ref", "refs/tags/v0", `{"ref":{"kind":"tag","commit":"`+sha("d")+`"},"line":{"number":3,"committed":"2026-02-01T00:00:00Z"}}`),
		item("git/ref", "refs/tags/x", `{"ref":{"kind":"tag","commit":"`+sha("e")+`","tagged":"2026-02-02T00:00:00Z","tagger":"ada@example.com"},"line":null}`),
		item("git/ref", "refs/heads/main", `{"ref":{"kind":"branch","commit":"`+sha("c")+`"}}`))
	pulls := list("forge/pull-request", item("forge/pull-request", "example/shop#7", `{"pullRequest":{"commits":{"nodes":[{"commit":{"oid":"`+sha("f")+`"}}]}}}`))
	pipeline := func(id, day, rev, status, more string) Located {
		return item("codepipeline/execution", "live/"+id, `{"ListPipelineExecutions":{"PipelineExecutionId":"`+id+`","Status":"`+status+`","StartTime":"2026-03-`+day+`T10:00:00Z","SourceRevisions":[{"RevisionId":"x"},{"RevisionId":"`+rev+`"}]`+more+`}}`)
	}
	var all []Deployment
	for _, it := range append(refs.Items,
		pipeline("1", "01", sha("a"), "Succeeded", ""), pipeline("2", "02", sha("c"), "Succeeded", ""), pipeline("3", "03", sha("b"), "Succeeded", ""), pipeline("4", "04", sha("c"), "Failed", ""), pipeline("4b", "04", sha("b"), "Succeeded", ""),
		pipeline("5", "05", sha("0"), "Succeeded", `,"ExecutionType":"ROLLBACK"`), pipeline("6", "06", sha("9"), "Succeeded", `,"ExecutionType":"ROLLBACK"`), pipeline("7", "07", sha("f"), "Succeeded", ""), pipeline("8", "08", sha("9"), "Succeeded", ""),
		item("codedeploy/deployment", "d-1", `{"BatchGetDeployments":{"DeploymentId":"d-1","ApplicationName":"shop","DeploymentGroupName":"web","Status":"Succeeded","CreateTime":"2026-03-09T10:00:00Z","Creator":"codeDeployRollback","Revision":{"RevisionType":"S3"}}}`),
		item("forge/deployment", "d", `{"deployment":{"environment":"production","createdAt":"2026-03-10T10:00:00Z","creator":{"login":"Ada"},"commitOid":"`+sha("b")+`","state":"INACTIVE","statuses":{"nodes":[{"state":"INACTIVE"},{"state":"SUCCESS"},{"state":"IN_PROGRESS"}]}}}`),
		item("forge/release", "r0", `{"release":{"isDraft":true,"tagName":"v3","author":{"login":"ada"},"tagCommit":{"oid":"`+sha("c")+`"}}}`),
		item("forge/release", "r", `{"release":{"tagName":"v2","publishedAt":"2026-03-11T10:00:00Z","author":{"login":"ada"},"tagCommit":{"oid":"`+sha("c")+`"}}}`),
	) {
		if d := deployed(it); d != nil {
			all = append(all, *d)
		}
	}
	got := inOrder(all, placesOf(changes, refs, pulls))
	want := []struct {
		item, place, back string
		known             Verdict
	}{
		{"refs/tags/v0", "commit 3 on the line of shop, from before", "", Pass},
		{"refs/tags/x", "it is not on the production branch", "", Fail},
		{"live/1", "commit 10 on the line of shop", "", Pass},
		{"live/2", "commit 12 on the line of shop", "", Pass},
		{"live/3", "commit 11 on the line of shop", "it brought commit 11 after commit 12", Pass},
		{"live/4", "commit 12 on the line of shop", "", Pass},
		{"live/4b", "commit 11 on the line of shop", "it brought commit 11 after commit 12, which did not succeed", Pass},
		{"live/5", "the state in which the period began", "the pipeline says so", Pass},
		{"live/6", "not answered: whether a change from before", "the pipeline says so", NotEvaluated},
		{"live/7", "a commit of example/shop#7", "", Fail},
		{"live/8", "no change of the period", "", Fail},
		{"d-1", "not answered: which commit", "CodeDeploy says so", NotEvaluated},
		{"d", "commit 11 on the line of shop", "", Pass},
		{"r", "commit 12 on the line of shop", "", Pass},
	}
	if len(got) != len(want) {
		t.Fatalf("%d deployments, want %d", len(got), len(want))
	}
	for i, w := range want {
		if d := got[i]; d.Item != w.item || !strings.HasPrefix(d.Place, w.place) || d.Rollback != w.back || d.Known != w.known {
			t.Errorf("%d: %s %q %q %s, want %v", i, d.Item, d.Place, d.Rollback, d.Known, w)
		}
	}
	if d := got[12]; d.Where != "production" || d.By != "ada" || d.Outcome != "success" {
		t.Errorf("%+v", d)
	}
	// What the forge or git did not tell leaves it open.
	for _, d := range inOrder(all, placesOf(listing{Source: "git/change"}, refs, pulls)) {
		if d.Known == Fail && d.Item != "refs/tags/x" && d.Item != "live/7" {
			t.Errorf("%s: %s, though nobody listed the changes", d.Item, d.Place)
		}
	}
	in := joining{Of: list("codepipeline/execution", pipeline("8", "08", sha("9"), "Succeeded", "")), With: map[string]listing{"changes": changes, "refs": refs, "pulls": pulls},
		Period: Period{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}}
	in.Past = []joining{{Of: list("codepipeline/execution", pipeline("8", "08", sha("a"), "InProgress", ""), pipeline("1", "01", sha("a"), "Succeeded", ""))}}
	if f := deployedCommitsKnown(in); len(f) != 2 || f[0].Verdict != Fail || f[1].Verdict != Pass {
		t.Errorf("over the period: %+v", f)
	}
}
