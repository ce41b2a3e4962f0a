package render

import (
	"strconv"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

const (
	responsesPage = "responses.html"
	responsesBook = "artifacts/CC7-incident-response/finding-responses.xlsx"
)

// responsePages are one list of all grave findings with what became of each.
func (b *binder) responsePages() {
	r := b.Responses
	rows := func(from, to int) *table.Table {
		return b.ResponsesOnPage("responses", "Grave findings of the period, those without a response first", r.Findings[from:to])
	}
	b.paged(responsesPage, len(r.Findings), table.PageRows, b.haveFiles(responsesBook), rows, func(part int, g table.Grid) *table.Paper {
		p := &table.Paper{Kicker: "Over the period", Title: "Findings and responses", Wide: true, Crumbs: crumbs(),
			Lead: table.Line("Every grave finding that a run of the period saw, joined by its id or ARN to the tickets and records that name it. Times are counted from when the source first reported it, open ones to ", b.AsOf, ".")}
		if part > 0 {
			p.Blocks = append(p.Blocks, g)
			return p
		}
		n := map[control.ResponseState]int{}
		for _, f := range r.Findings {
			n[f.State]++
		}
		p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{
			{N: n[control.ResponseOrphan], Word: "without a response", Status: control.ExceptionIn}, {N: n[control.ResponseLate], Word: "late", Status: control.ExceptionIn},
			{N: n[control.ResponseUnknown], Word: "not evaluated", Status: control.NotEvaluatedIn}, {N: n[control.ResponseOpen], Word: "open, within their time"},
			{N: n[control.ResponseClosed], Word: "closed in time", Status: control.Met}, {N: len(r.Strangers), Word: "answers to no finding"},
		}})
		if len(r.Unseen) > 0 {
			p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "Findings may be missing from this list", Spans: table.Line("A source did not answer somewhere, at some run: ", table.A("see where", responsesPage+"#unseen-places"), ".")})
		}
		p.Blocks = append(p.Blocks, table.H2("findings", "Findings"), g, b.allOpen())
		p.Blocks = append(p.Blocks, table.H2("answers", "Answers to findings no run saw"),
			table.P("The id is mistyped, the finding was deleted before a run saw it, or it is of a severity that is not collected."), table.Grid{Table: b.StrangersTable(r.Strangers)})
		p.Blocks = append(p.Blocks, table.H2("unseen-places", "Where findings were not answered"), table.Grid{Table: limit(b.UnseenTable(r.Unseen), 300)})
		p.Blocks = append(p.Blocks, table.H2("limits", "What is on the list, and the time allowed"), b.responseLimits())
		return p
	})
}

// limitCells are the limits a control or check names, with where they come from.
func limitCells(limits []string) (out []table.Cell) {
	for _, l := range limits {
		out = append(out, table.Str(l).To(responsesPage+"#limits"))
	}
	return out
}

// responseLimits says by which numbers the list was made.
func (b *binder) responseLimits() table.List {
	l := b.Engagement.Own.Responded()
	and := func(high bool) string {
		if high {
			return "critical and high"
		}
		return "critical"
	}
	out := table.List{Items: [][]table.Span{
		table.Line("GuardDuty: severity ", strconv.FormatFloat(l.GuardDuty, 'f', -1, 64), " and above; 9 and above is taken for critical."),
		table.Line("Inspector: ", and(l.InspectorHigh), "."),
		table.Line("Security Hub: ", and(l.SecurityHubHigh), ", while active."),
		table.Line("Access Analyzer: external access that was active at a run; it is not rated, and taken for high."),
	}}
	for _, s := range []control.Severity{"critical", "high"} {
		w := l.Within[s]
		out.Items = append(out.Items, table.Line(table.Capital(string(s)), ": taken up within ", table.Plural(int(w.Acknowledge.Hours()), "hour", "hours"),
			", resolved within ", table.Plural(int(w.Resolve.Hours()/24), "day", "days"), "."))
	}
	own := b.Engagement.Own.Responses.Within
	source := "These times are exhibit's defaults; exhibit.yaml sets none of its own (responses.within)."
	if len(own) > 0 {
		source = "Of these times exhibit.yaml (responses.within) sets those for what is " + joinWords(severityNames(own)) + ", where it names one; the rest are exhibit's defaults."
	}
	out.Items = append(out.Items, table.Line(source, " Every control and check that speaks of such a time takes it from here."))
	return out
}

func severityNames(of map[control.Severity]control.ResponseLimit) (out []string) {
	for _, s := range []control.Severity{"critical", "high"} {
		if _, own := of[s]; own {
			out = append(out, string(s))
		}
	}
	return out
}

// responseArtifacts is the same as a workbook.
func (b *binder) responseArtifacts() {
	r := b.Responses
	checks := append(b.ChecksOf("guardduty/finding"), b.ChecksOf("inspector2/finding")...)
	a := artifact{path: responsesBook, title: "Findings and responses", from: "GuardDuty, Inspector, Access Analyzer, Security Hub, and records", page: responsesPage, checks: checks, state: table.CoverCollected}
	if len(r.Unseen) > 0 {
		a.state, a.why = table.CoverPartial, "a source did not answer everywhere at every run; the workbook names where"
	}
	if len(r.Findings) == 0 && len(r.Strangers) == 0 {
		a.state, a.why = table.CoverNothing, "no run of the period saw a finding of that severity"
		if len(r.Unseen) > 0 {
			a.state, a.why = table.CoverGap, "no finding was seen, and not every source answered: "+r.Unseen[0].Why
		}
		b.hold(a, nil)
		return
	}
	b.hold(a, func() ([]byte, error) {
		box := b.ipeOf([]string{"guardduty/finding", "inspector2/finding", "access-analyzer/finding", "securityhub/finding"}, len(r.Findings))
		box.Shows = "Every finding of the severity on the site's page that any run of the period saw, with the records that name it by id or ARN."
		box.ShowsNot = "Findings that came and were deleted between two runs, and those of the places on the last sheet."
		sheets := []*table.Table{b.ResponsesTable("responses", "Findings", r.Findings), b.StrangersTable(r.Strangers), b.UnseenTable(r.Unseen)}
		sheets[1].Title, sheets[2].Title = "Answers to no finding", "Where findings were not answered"
		for _, t := range sheets {
			t.Provenance = box
		}
		return xlsx.Book(b.Stamp, "Findings and responses", sheets...)
	})
}
