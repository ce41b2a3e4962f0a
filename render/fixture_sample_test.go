package render_test

import (
	"encoding/json"

	"exhibit/control"
	"exhibit/evidence"
)

// samples adds a population with a definition, a sample of it, and requests, with
// what means no good in every name.
func (f *builder) samples() {
	def := control.PopulationDef{ID: "guests", Title: "Guests " + evilTag, Says: "Everybody who came.", AsOf: "period", Of: "record/person", Criteria: []string{"CC6.1"}, Typical: "all", Frequency: "per event",
		Columns: []control.PopulationColumn{{Key: "name", Title: "Name", From: "record.name"}, {Key: "id", Title: "Number", From: "id"}},
		Flags:   []control.Flag{{Name: "odd", Says: "is odd " + evilAttr, When: "true"}}, Second: control.SecondDef{Of: "kms/key", Compare: "both", Says: "the keys " + evilTag},
		Tested: []control.Attribute{{Name: "known", Says: "Is known.", Check: f.r.Checks[0].Check.Name}, {Name: "asked", Says: "Was asked.", Pass: "true"}, {Name: "seen", Says: "Was seen."}}}
	p := control.Population{ID: "guests", Title: def.Title, Source: def.Of, Definition: def, Says: "many; NOT COMPLETE: " + evilTag, Second: control.Reconciliation{Source: "kms/key", Says: def.Second.Says, First: 8, Count: 9,
		Unknown: "not answered: kms/key " + evilTag, Differences: []control.Difference{{Item: evilAttr, In: "second", Why: evilFormula, Source: "kms/key", Account: prod, Region: "eu-west-1"}}}}
	for i, name := range hostile() {
		p.Items = append(p.Items, control.Located{Item: evidence.Item{ID: name, Answers: map[string]any{"record": map[string]any{"id": name, "name": name, "n": json.Number("1")}}}, Source: "record/person", Pointer: control.Pointer{Commit: commit, Path: "registers/people.yaml", Line: i + 1}})
		m := control.Member{FirstSeen: f.r.Runs[0].Run.Name, Values: []any{name, []any{"a", name}}}
		if i == 2 {
			m.LastSeen, m.Flags, m.Unknown = f.r.Runs[1].Run.Name, []string{"odd"}, []string{"odd"}
		}
		p.Members = append(p.Members, m)
	}
	waits := control.Population{ID: "later", Title: "Later", Definition: control.PopulationDef{ID: "later", Title: "Later", Waits: "the tide " + evilTag, Criteria: []string{"CC6.1"}, Typical: "all"}, Says: "NOT MADE: the tide", Second: control.Reconciliation{None: "it is not made"}}
	empty := control.Population{ID: "nobody", Title: "Nobody", Source: "record/ghost", Whole: true, Says: "0 items", Definition: control.PopulationDef{ID: "nobody", Title: "Nobody", Says: "Nobody.", AsOf: "period", Of: "record/ghost", Columns: def.Columns, Typical: "all"}, Second: control.Reconciliation{None: "no"}}
	f.r.Populations = append(f.r.Populations, p, waits, empty)
	lines, err := p.Lines(true)
	f.must(err)
	d := control.NewDraw(p, lines, commit, f.r.Run.Name, "blue kettle "+evilTag, 3, false, "3, as asked for "+evilTag)
	d.Replaced = nil
	taken, err := control.Take(d, lines)
	f.must(err)
	taken[0].Replaced = "not in use " + evilTag
	s := control.Sample{Draw: d, Title: p.Title, Path: "samples/" + d.ID, Drawn: taken, Now: "0123", Tested: def.Tested, Columns: def.Columns}
	for i, x := range taken {
		it := p.Items[x.Line-1]
		r := control.SampleResult{Item: it, Member: p.Members[x.Line-1], Gone: i == 1}
		r.Findings = []control.Finding{f.r.Checks[0].Findings[0], {Source: it.Source, Item: it.ID, Verdict: control.Fail, Value: map[string]any{"why": evilTag}}, {Source: it.Source, Item: it.ID, Reason: "inspect"}}
		s.Results = append(s.Results, r)
	}
	broken := control.Sample{Path: "samples/broken-1", Problem: "samples/broken-1/items.jsonl: changed " + evilTag}
	broken.ID, broken.Population = "broken-1", "guests"
	f.r.Samples = []control.Sample{s, broken}
	for i, state := range []control.AnswerState{control.AnswerWhole, control.AnswerInPart, control.AnswerMissing, control.AnswerNotApplicable} {
		kind := []string{"population", "listing", "document", "walkthrough"}[i]
		q := control.RequestResult{Request: control.Request{ID: "R-0" + string(rune('1'+i)), Kind: kind, Title: "Guests " + evilTag, Asks: "Who came " + evilAttr, AskedOf: []string{evilTag}, Probes: []string{evilTag}, Criteria: []string{"CC6.1"}, Controls: []string{f.r.Controls[0].Control.ID},
			Artifacts: []string{"populations/"}, File: "requests/own.yaml:1"}, State: state}
		q.Answers = []control.RequestPart{{Kind: "population", Name: "guests", State: state, Says: evilTag}, {Kind: "check", Name: f.r.Checks[0].Check.Name, State: control.AnswerWhole, Says: "met"}, {Kind: "record", Name: "person", State: control.AnswerWhole, Says: "8"},
			{Kind: "policy", Name: "access-control", State: control.AnswerWhole, Says: "1"}, {Kind: "listing", Name: "kms/key", State: control.AnswerInPart, Says: evilFormula}, {Kind: "by hand", Name: evilTag, State: control.AnswerMissing, Says: "bring it"}}
		if state != control.AnswerWhole {
			q.Missing = []string{"population guests: " + evilTag}
		}
		f.r.Requests = append(f.r.Requests, q)
	}
}
