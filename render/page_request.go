package render

import (
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

const requestBook = "artifacts/request-list.xlsx"

// answeredMeans stands where states of requests are counted.
const answeredMeans = "Answered means that the evidence asked for is there, whole. What it shows may be an exception: the number beside it counts the items a check finds against."

func isWalkthrough(r control.RequestResult) bool { return r.Kind == "walkthrough" }

// requestPages are what auditors ask for, and what they ask about.
func (b *binder) requestPages() {
	b.page("requests.html", func() *table.Paper {
		p := &table.Paper{Kicker: "By request", Title: "Requests", Crumbs: crumbs(), Wide: true,
			Lead: table.Line("What an auditor asks for before and during fieldwork, each with the evidence that answers it, or with what is missing by name.")}
		p.Blocks = append(p.Blocks, b.requestTally(func(r control.RequestResult) bool { return !isWalkthrough(r) }), table.P(answeredMeans))
		for _, k := range [][3]string{{"population", "populations", "Lists to sample from"}, {"listing", "listings", "Listings read whole"}, {"document", "documents", "Documents"}} {
			t := b.RequestsTable("requests-"+k[1], k[2], func(r control.RequestResult) bool { return r.Kind == k[0] })
			t.Drop("asked_of")
			p.Blocks = append(p.Blocks, table.H2(k[1], k[2]), table.Grid{Table: t, Downloads: b.haveFiles(requestBook, "data/requests.json")})
		}
		return p
	})
	b.page("walkthroughs.html", func() *table.Paper {
		p := &table.Paper{Kicker: "What is asked in the room", Title: "Walkthroughs", Crumbs: crumbs(), Wide: true,
			Lead: table.Line("Questions for the people who do the work. The page of each leads to the evidence an answer must agree with; the answer itself is theirs.")}
		t := b.RequestsTable("requests-walkthroughs", "Questions", isWalkthrough)
		p.Blocks = append(p.Blocks, b.requestTally(isWalkthrough), table.P(answeredMeans), table.Grid{Table: t, Downloads: b.haveFiles(requestBook, "data/requests.json")},
			table.H2("prepare", "Whatever is asked"), table.List{Items: [][]table.Span{
				table.Line("The one who does the work answers, not the one who wrote the policy."),
				table.Line("Say what is done, then show it; where it was not done, say so: the page says it already."),
				table.Line("Expect to be asked who does it when that person is away, who looks at it, and where the decision is written down."),
			}})
		return p
	})
	var asked, told []table.Link
	for _, r := range b.Requests {
		link := table.Link{Text: r.ID + " " + r.Title, Href: b.RequestPage(r.ID)}
		if isWalkthrough(r) {
			told = append(told, link)
		} else {
			asked = append(asked, link)
		}
	}
	for _, r := range b.Requests {
		b.page(b.RequestPage(r.ID), func() *table.Paper {
			p := b.request(r)
			links := asked
			if isWalkthrough(r) {
				links = told
			}
			p.Prev, p.Next = turn(links, slices.IndexFunc(links, func(l table.Link) bool { return l.Href == b.RequestPage(r.ID) }))
			return p
		})
	}
}

func (b *binder) requestTally(keep func(control.RequestResult) bool) table.Tally {
	n := map[control.AnswerState]int{}
	for _, r := range b.Requests {
		if keep(r) {
			n[r.State]++
		}
	}
	out := table.Tally{}
	for _, s := range []struct {
		state control.AnswerState
		word  string
	}{{control.AnswerMissing, "missing"}, {control.AnswerInPart, "answered in part"}, {control.AnswerWhole, "answered"}} {
		out.Items = append(out.Items, table.Count{N: n[s.state], Word: s.word, Status: control.Status(s.state)})
	}
	return out
}

func (b *binder) request(r control.RequestResult) *table.Paper {
	above := table.Link{Text: "Requests", Href: "requests.html"}
	kicker := "Request " + r.ID
	if isWalkthrough(r) {
		above, kicker = table.Link{Text: "Walkthroughs", Href: "walkthroughs.html"}, "Walkthrough "+r.ID
	}
	p := &table.Paper{Kicker: kicker, Title: r.Title, ID: r.ID, Lead: table.Line(r.Asks), Crumbs: crumbs(above), Status: control.Status(r.State), Cite: b.Cite("", r.ID, "")}
	add := func(blocks ...table.Block) { p.Blocks = append(p.Blocks, blocks...) }
	if r.State == control.AnswerNotApplicable {
		add(table.Notice{Kind: "note", Title: "Not applicable", Spans: table.Line("It serves no category of this engagement.")})
	}
	if len(r.Missing) > 0 {
		title := "Answered in part. What is missing"
		if r.State == control.AnswerMissing {
			title = "Not answered. What is missing"
		}
		list := table.List{}
		for _, m := range r.Missing {
			list.Items = append(list.Items, table.Line(m))
		}
		add(table.Notice{Kind: "gap", Title: title, Spans: table.Line(table.Plural(len(r.Missing), "thing", "things"), " of ", table.Plural(len(r.Answers), "thing", "things"), " that would answer it:")}, list)
	}
	var criteria []table.Cell
	for _, id := range r.Criteria {
		criteria = append(criteria, table.Str(id).To(b.CriterionPage(id)))
	}
	add(known(table.Fact{Name: "Criteria", Values: criteria}, table.Fact{Name: "Who answers", Values: texts(r.AskedOf)}, table.Fact{Name: "Defined in", Values: one(table.Mono(r.File))}))
	if r.Exceptions > 0 {
		add(table.Notice{Kind: "note", Title: table.Plural(r.Exceptions, "exception is", "exceptions are") + " in the answer", Spans: table.Line("The checks below name each item they find against.")})
	}
	t := b.RequestParts(r)
	if !slices.ContainsFunc(t.Rows, func(x table.Row) bool { return x.Cells[4].Set }) {
		t.Drop("latest")
	}
	add(table.Grid{Table: t})
	if files := b.requested(r); len(files) > 0 {
		add(table.H2("files", "To hand over"), table.Files{Items: files})
	}
	if len(r.Controls) > 0 {
		add(table.Grid{Table: b.ControlsTable("controls", "The controls it is about", r.Controls)})
		for _, id := range r.Controls {
			if c := b.Control(id); c != nil && isWalkthrough(r) {
				add(table.P(table.A(id, b.ControlPage(id)), " as management states it: ", c.Control.Statement))
			}
		}
	}
	if len(r.Probes) > 0 {
		list := table.List{}
		for _, s := range r.Probes {
			list.Items = append(list.Items, table.Line(s))
		}
		add(table.H2("probes", "What is asked next"), list)
	}
	return p
}

// requested are the files of the package a request names by the beginning of their paths.
func (b *binder) requested(r control.RequestResult) []table.Link {
	var out []table.Link
	for _, a := range b.held {
		if a.made && slices.ContainsFunc(r.Artifacts, func(x string) bool { return strings.HasPrefix(a.path, "artifacts/"+x) }) {
			out = append(out, table.Link{Text: strings.TrimPrefix(a.path, "artifacts/"), Href: a.path})
		}
	}
	return out
}

// requestArtifacts are the request list as auditors keep it, with a column for them.
func (b *binder) requestArtifacts() {
	if len(b.Requests) == 0 {
		return
	}
	b.hold(artifact{path: requestBook, folder: "workpapers", title: "Request list, with the state of each", page: "requests.html", state: table.CoverCollected, from: "all requests"}, func() ([]byte, error) {
		box := table.Provenance{Shows: "What is commonly asked for, what of the evidence answers each, and what is missing by name.", ShowsNot: "What this auditor will ask for: the auditor's own list decides.",
			Facts: []table.Fact{{Name: "Evidence", Values: one(table.Str("the evidence repository at commit " + b.Commit))}, {Name: "Run", Values: one(table.Mono(b.Run.Name))}}}
		list := b.RequestsTable("request-list", "Request list", func(r control.RequestResult) bool { return !isWalkthrough(r) })
		list.Drop("asked_of")
		questions := b.RequestsTable("walkthroughs", "Walkthroughs", isWalkthrough)
		parts := &table.Table{ID: "answers", Title: "What answers each", Columns: []table.Column{{Key: "request", Name: "No.", Kind: table.Code, Width: 8}, {Key: "kind", Name: "Kind", Width: 12},
			{Key: "name", Name: "Evidence", Width: 36}, {Key: "state", Name: "State", Kind: table.Status, Width: 12}, {Key: "says", Name: "What it shows, or lacks", Width: 70}}}
		for _, r := range b.Requests {
			for _, row := range b.RequestParts(r).Rows {
				parts.Add("", append([]table.Cell{table.Mono(r.ID)}, row.Cells[:4]...)...)
			}
		}
		for _, t := range []*table.Table{list, questions} {
			t.Columns = append(t.Columns, table.Column{Key: "received", Name: "Received (auditor)", Kind: table.Text, Width: 16}, table.Column{Key: "note", Name: "Auditor's note", Kind: table.Text, Width: 30})
			for i := range t.Rows {
				t.Rows[i].Cells = append(t.Rows[i].Cells, table.Cell{}, table.Cell{})
			}
		}
		for _, t := range []*table.Table{list, questions, parts} {
			t.Provenance = box
		}
		return xlsx.Book(b.Stamp, "Request list", list, questions, parts)
	})
}

// requestsJSON is the request list for machines.
func (b *binder) requestsJSON() ([]byte, error) {
	type part struct {
		Kind  string              `json:"kind"`
		Name  string              `json:"name"`
		State control.AnswerState `json:"state"`
		Says  string              `json:"says"`
	}
	type request struct {
		ID       string              `json:"request"`
		Kind     string              `json:"kind"`
		Title    string              `json:"title"`
		Asks     string              `json:"asks"`
		State    control.AnswerState `json:"state"`
		Criteria []string            `json:"criteria"`
		Controls []string            `json:"controls,omitempty"`
		Answers  []part              `json:"answers"`
		Missing  []string            `json:"missing,omitempty"`
	}
	all := []request{}
	for _, r := range b.Requests {
		q := request{r.ID, r.Kind, r.Title, r.Asks, r.State, r.Criteria, r.Controls, nil, r.Missing}
		for _, a := range r.Answers {
			q.Answers = append(q.Answers, part{a.Kind, a.Name, a.State, a.Says})
		}
		all = append(all, q)
	}
	return table.Indented(b.Stamp, map[string]any{"requests": all})
}
