package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

const (
	deploymentsPage = "deployments.html"
	deploymentsBook = "artifacts/CC8-change-management/deployments.xlsx"
)

// deploymentPages show what was brought to production: how often, what went back, and
// whether each brought a change git lists.
func (b *binder) deploymentPages() {
	b.page(deploymentsPage, func() *table.Paper {
		p := &table.Paper{Kicker: "Over the period", Title: "Deployments and releases", Wide: true, Crumbs: crumbs(table.Link{Text: "Changes", Href: changesPage}),
			Lead: table.Line("What was brought to production in the period, as whoever did it tells, and whether each is one of the changes git lists.")}
		acts, marks, back, failed, strange, open := 0, 0, 0, 0, 0, 0
		for _, d := range b.Deployments {
			switch {
			case table.IsMark(d):
				marks++
			default:
				acts++
			}
			if d.Rollback != "" {
				back++
			}
			if table.Failed(d) {
				failed++
			}
			switch d.Known {
			case control.Fail:
				strange++
			case control.NotEvaluated:
				open++
			}
		}
		p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{
			{N: strange, Word: "of no change of the branch", Status: map[bool]control.Status{true: control.ExceptionIn}[strange > 0]},
			{N: open, Word: "not evaluated", Status: map[bool]control.Status{true: control.NotEvaluatedIn}[open > 0]},
			{N: acts, Word: "deployments"}, {N: back, Word: "that went back"}, {N: failed, Word: "that did not succeed"}, {N: marks, Word: "releases and tags"},
		}}, table.H2("told", "Where it is told"), table.Grid{Table: b.DeploymentSourcesTable()})
		if len(b.Deployments) > 0 {
			p.Blocks = append(p.Blocks, table.H2("months", "How often"), table.Grid{Table: b.DeploymentMonthsTable()})
		}
		t := limit(b.DeploymentsTable("deployments", gravestFirst(b.Deployments)), table.PageRows)
		t.Empty = "No deployment, release or tag of the period was told of."
		p.Blocks = append(p.Blocks, table.H2("deployments-h", "Deployments, releases and tags"), table.Grid{Table: t, Downloads: b.haveFiles(deploymentsBook)}, table.H2("beside", "What AWS recorded beside them"))
		events := b.managementEvents()
		if len(events) == 0 {
			return withBlocks(p, table.P("The runs of the period were told of no management event of the kinds they asked for, or did not ask: ", table.A("the listing", b.SourcePage("cloudtrail/event")), " says which."))
		}
		return withBlocks(p, table.P("Management events of the period that the runs asked CloudTrail for: all by root, and of everybody those that matter most to security. It is no list of all changes. Those that change what runs in production are held against the identities exhibit.yaml names as the pipeline's: ", b.pipelineWords(), ". What an event held is withheld."),
			table.Grid{Table: limit(b.EventsTable("events", events), table.PageRows)})
	})
}

// pipelineWords are what the check on changes outside the pipeline found, as a link to it.
func (b *binder) pipelineWords() table.Span {
	const name = "production-changed-by-pipeline"
	c := b.Check(name)
	if c == nil {
		return table.Span{Text: "no check does so"}
	}
	words := fmt.Sprintf("%d made by another, %d by the pipeline, %d not evaluated", c.Counts.Failed, c.Counts.Passed, c.Counts.NotEvaluated)
	return table.A(words, b.CheckPage(name))
}

func withBlocks(p *table.Paper, blocks ...table.Block) *table.Paper {
	p.Blocks = append(p.Blocks, blocks...)
	return p
}

// gravestFirst puts what is no change of the branch first, then what is not known; of
// the same the newest.
func gravestFirst(list []control.Deployment) []control.Deployment {
	out := slices.Clone(list)
	slices.Reverse(out)
	order := []control.Verdict{control.Fail, control.NotEvaluated, control.Pass}
	slices.SortStableFunc(out, func(a, b control.Deployment) int {
		return slices.Index(order, a.Known) - slices.Index(order, b.Known)
	})
	return out
}

// managementEvents are those CloudTrail told any run of the period, newest first.
func (b *binder) managementEvents() []control.Located {
	var out []control.Located
	end := b.Engagement.Period.End.AddDate(0, 0, 1)
	take := func(it control.Located) {
		e, _ := it.Answers["LookupEvents"].(map[string]any)
		at, err := time.Parse(time.RFC3339, fmt.Sprint(e["EventTime"]))
		if err == nil && !at.Before(b.Engagement.Period.Start) && at.Before(end) && e["ReadOnly"] != "true" {
			out = append(out, it)
		}
	}
	for _, it := range b.Items["cloudtrail/event"] {
		take(it)
	}
	for _, s := range b.Gone["cloudtrail/event"] {
		take(s.Located)
	}
	slices.SortStableFunc(out, func(x, y control.Located) int {
		return strings.Compare(table.EventTime(y), table.EventTime(x))
	})
	return out
}

// deploymentArtifacts are the same as a workbook.
func (b *binder) deploymentArtifacts() {
	a := artifact{path: deploymentsBook, title: "Deployments, releases and tags", from: "git, the code host and AWS", page: deploymentsPage, state: table.CoverCollected,
		checks: []string{"released-commits-known", "deployed-commits-known", "deployed-commits-in-pipeline-known", "deployed-commits-in-codedeploy-known"}}
	if len(b.Deployments) == 0 {
		a.state, a.why = table.CoverNothing, "no deployment, release or tag of the period was told of"
		b.hold(a, nil)
		return
	}
	b.hold(a, func() ([]byte, error) {
		box := b.ipeOf([]string{"git/ref", "forge/release", "forge/deployment", "codepipeline/execution", "codedeploy/deployment"}, len(b.Deployments))
		box.Shows = "What git, the code host, CodePipeline and CodeDeploy tell of the period, as far as the runs asked, and where each commit stands among the changes."
		box.ShowsNot = "What was brought to production another way, and who worked with a pipeline's identity."
		list := b.DeploymentsTable("deployments", gravestFirst(b.Deployments))
		months := b.DeploymentMonthsTable()
		list.Provenance, months.Provenance = box, box
		return xlsx.Book(b.Stamp, "Deployments, releases and tags", list, months)
	})
}
