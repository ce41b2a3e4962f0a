package render

import (
	"bytes"
	"io/fs"
	"slices"
	"time"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"
	"exhibit/seal"
)

// runFiles copies what fixes each run: the verifier expects it at exactly
// runs/<name>/…, as in the evidence repository.
func (b *binder) runFiles() {
	for _, r := range b.Runs {
		for _, path := range b.runFilesOf(r.Run.Name) {
			b.file(path, func() ([]byte, error) { return fs.ReadFile(b.repo, path) })
		}
	}
}

func (b *binder) runFilesOf(name string) []string {
	if table.FileName(name) != name {
		return nil
	}
	var out []string
	files := []string{"RUN.json", "coverage.jsonl"}
	if run, err := fs.Sub(b.repo, "runs/"+name); err == nil {
		calls, err := evidence.CallsIn(run)
		if err == nil { // what is not there is not given
			files = append(files, calls...)
		}
	}
	files = append(files, "SHA256SUMS", "SEAL.txt", "SEAL.txt.sig", "SEAL.txt.sig.tsr")
	for n := 1; n <= seal.MaxReviews; n++ {
		files = append(files, seal.ReviewName(n))
	}
	for _, f := range files {
		path := "runs/" + name + "/" + f
		if _, err := fs.Stat(b.repo, path); err == nil && b.gives(path) {
			out = append(out, path)
		}
	}
	return out
}

// data are the facts of the site for machines, one JSON object a line.
func (b *binder) data() {
	// An empty file would say less than the page does: it is not made.
	put := func(path string, n int, make func() ([]byte, error)) {
		if n > 0 {
			b.have[path] = true
			b.file(path, make)
		}
	}
	put("data/findings.jsonl", len(b.found), func() ([]byte, error) { return lines(b, b.found, b.findingLine) })
	var mended []control.Finding
	for _, c := range b.Checks {
		mended = append(mended, c.Mended...)
	}
	put("data/mended.jsonl", len(mended), func() ([]byte, error) {
		return lines(b, mended, func(f control.Finding) map[string]any { return map[string]any{"finding": f} })
	})
	timeline := b.TimelineLines()
	put("data/timeline.jsonl", len(timeline), func() ([]byte, error) {
		return lines(b, timeline, func(m map[string]any) map[string]any { return m })
	})
	put("data/coverage.jsonl", len(b.Cells), func() ([]byte, error) {
		return lines(b, b.Cells, func(c evidence.Cell) map[string]any {
			return map[string]any{"id": table.EvidenceID(table.KeyOf(c)), "covered": table.CoverWord(c.State), "cell": c}
		})
	})
	put("data/calls.jsonl", len(b.Calls), func() ([]byte, error) {
		return lines(b, b.Calls, func(c evidence.Call) map[string]any { return map[string]any{"call": c} })
	})
	put("data/standing.jsonl", len(b.Ledger.Looks), func() ([]byte, error) { return b.standingLines() })
	put("data/controls.json", 1, b.controlsJSON)
	b.lostData(put)
	put("data/calendar.jsonl", len(b.Calendar), func() ([]byte, error) {
		return lines(b, b.Calendar, func(d control.Duty) map[string]any { return map[string]any{"duty": DutyLineOf(d)} })
	})
	for _, p := range b.Populations {
		put(populationLines(p.ID), len(p.Items), func() ([]byte, error) { return p.Lines(b.Sample) })
	}
	put("data/requests.json", len(b.Requests), b.requestsJSON)
	for _, x := range b.Samples {
		if x.Problem == "" {
			put("data/samples/"+table.FileName(x.ID)+".jsonl", len(x.Results), func() ([]byte, error) { return b.sampleLines(x) })
		}
	}
}

// standingLines are what exhibit diff compares beside findings and coverage: a head
// with the kinds told, then a fact a line.
func (b *binder) standingLines() ([]byte, error) {
	s := b.StandingAt(b.NewestLook(), true)
	var facts []map[string]any
	facts = append(facts, map[string]any{"kind": "standing", "organisation": s.Organisation, "period": s.Period, "at": s.At.UTC().Format(time.RFC3339), "commit": s.Commit, "told": table.StandKinds()})
	for _, kind := range table.StandKinds() {
		if kind == table.StandFinding || kind == table.StandListing {
			continue // data/findings.jsonl and data/coverage.jsonl have them
		}
		var ids []string
		for k := range s.Stands {
			if k.Kind == kind {
				ids = append(ids, k.ID)
			}
		}
		slices.Sort(ids)
		for _, id := range ids {
			f := s.Stands[table.StandKey{Kind: kind, ID: id}]
			facts = append(facts, map[string]any{"kind": f.Kind, "id": f.ID, "title": f.Title, "state": f.State, "says": f.Says})
		}
	}
	return lines(b, facts, func(m map[string]any) map[string]any { return m })
}

// lines writes one object a line. Each says when it is invented, and each
// names the run it belongs to: a line may be copied out of its file.
func lines[T any](b *binder, all []T, object func(T) map[string]any) ([]byte, error) {
	var out bytes.Buffer
	for _, v := range all {
		m := object(v)
		if b.Stamp.Sample {
			m["sample"] = true
		}
		m["run"] = b.Stamp.Run
		line, err := evidence.Canonical(m)
		if err != nil {
			return nil, err
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

func (b *binder) findingLine(f table.Found) map[string]any {
	var criteria []string
	seen := map[string]bool{}
	controls := b.ControlsOf(f.Check.Check.Name)
	for _, id := range controls {
		if c := b.Control(id); c != nil {
			for _, cr := range c.Control.Criteria {
				if !seen[cr] {
					seen[cr] = true
					criteria = append(criteria, cr)
				}
			}
		}
	}
	m := map[string]any{"id": table.FindingID(*f.Finding), "check": f.Finding.Check, "controls": controls, "criteria": criteria,
		"account": f.Account, "region": f.Region, "source": f.Source, "item": f.Item, "verdict": f.Verdict,
		"status": table.VerdictStatus(*f.Finding), "severity": f.Check.Check.Severity, "value": f.Value, "evidence": f.Evidence}
	for k, v := range map[string]string{"reason": f.Reason, "exception": f.Exception} {
		if v != "" {
			m[k] = v
		}
	}
	if f.Compensated {
		m["compensated"] = true
	}
	return m
}

func (b *binder) controlsJSON() ([]byte, error) {
	type criterion struct {
		ID       string         `json:"id"`
		Category string         `json:"category"`
		Title    string         `json:"title"`
		Status   control.Status `json:"status"`
		InScope  bool           `json:"in_scope"`
		Controls []string       `json:"controls"`
	}
	type record struct {
		Kind   string         `json:"kind"`
		Status control.Status `json:"status"`
		Have   int            `json:"have"`
		Reason string         `json:"reason,omitempty"`
		IDs    []string       `json:"ids,omitempty"`
	}
	type one struct {
		ID         string         `json:"id"`
		Title      string         `json:"title"`
		Statement  string         `json:"statement"`
		Owner      string         `json:"owner"`
		Frequency  string         `json:"frequency"`
		Criteria   []string       `json:"criteria"`
		Checks     []string       `json:"checks"`
		Statements []string       `json:"management_statement,omitempty"`
		Status     control.Status `json:"status"`
		Operating  string         `json:"operating"`
		Counts     control.Counts `json:"counts"`
		Records    []record       `json:"records,omitempty"`
	}
	type check struct {
		Name   string         `json:"check"`
		Says   string         `json:"says"`
		Of     string         `json:"of"`
		Status control.Status `json:"status"`
		Counts control.Counts `json:"counts"`
	}
	cs, ks, ts := []criterion{}, []one{}, []check{}
	for _, c := range b.Criteria {
		cs = append(cs, criterion{c.Criterion.ID, c.Criterion.Category, c.Criterion.Title, c.Status, c.InScope, c.Controls})
	}
	for _, c := range b.Controls {
		k := one{c.Control.ID, c.Control.Title, c.Control.Statement, c.Control.Owner, c.Control.Frequency, c.Control.Criteria, c.Control.Checks,
			c.Control.Statements, c.Status, c.Operating, c.Counts, nil}
		for _, r := range c.Records {
			k.Records = append(k.Records, record{r.Kind, r.Status, r.Have, r.Reason, r.IDs})
		}
		ks = append(ks, k)
	}
	for _, c := range b.Checks {
		ts = append(ts, check{c.Check.Name, c.Check.Says, c.Check.Of, c.Status, c.Counts})
	}
	return table.Indented(b.Stamp, map[string]any{"criteria": cs, "controls": ks, "checks": ts, "opinion": table.Opinion})
}
