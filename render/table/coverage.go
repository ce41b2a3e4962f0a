package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence"
)

// CellsTable lists cells of coverage.
func (b *Book) CellsTable(id, title string, cells []evidence.Cell) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"covered", "Coverage", Status, 16}, {"source", "Source", Code, 24}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14},
		{"reason", "Why", Text, 50}, {"items", "Items", Number, 8}, {"gaps", "Not answered", Number, 12},
		{"ended", "As of", Time, 21}, {"sha256", "SHA-256", Code, 18}, {"state", "State", Text, 18},
	}}
	for _, c := range cells {
		asOf := c.Ended
		if c.AsOf != nil {
			asOf = *c.AsOf
		}
		anchor := RecordAnchor(EvidenceID(KeyOf(c)))
		if strings.HasPrefix(id, "unanswered") { // a page may have several of these, and one cell several reasons
			anchor = ""
		}
		t.Add(anchor, coverCell(c), Mono(c.Source).To(b.CellPage(KeyOf(c))), Mono(c.Account), Mono(c.Region),
			Str(cellReason(c)), Int(c.Items), Int(c.Gaps), At(asOf), Mono(c.Sum), Str(string(c.State)))
	}
	return t
}

func coverCell(c evidence.Cell) Cell {
	word := CoverWord(c.State)
	return Cell{Kind: Status, Text: word, Set: true}
}

// cellReason is CellWhy after a sentence in plain words, where something was not answered.
func cellReason(c evidence.Cell) string {
	why := CellWhy(c)
	if words := StateWords(c.State); why != words && (CoverWord(c.State) == CoverGap || CoverWord(c.State) == CoverPartial) {
		return words + "\n" + why
	}
	return why
}

// CellWhy says in words why a cell is as it is; "" where it was simply answered.
func CellWhy(c evidence.Cell) string {
	parts := []string{}
	if c.Reason != "" {
		parts = append(parts, c.Reason)
	}
	if c.Gap != nil && !(strings.Contains(c.Reason, c.Gap.Code) && strings.Contains(c.Reason, c.Gap.Question)) {
		g := c.Gap.Question + ": " + c.Gap.Code
		if c.Gap.Message != "" {
			g += " (" + c.Gap.Message + ")"
		}
		parts = append(parts, g)
	}
	if len(parts) == 0 && c.State != evidence.Collected && c.State != evidence.Empty {
		parts = append(parts, StateWords(c.State))
	}
	return strings.Join(parts, "; ")
}

// Unanswered are the cells whose list is not whole, then those with single
// questions open.
func (b *Book) Unanswered() []evidence.Cell {
	var out []evidence.Cell
	for _, c := range b.Cells {
		if w := CoverWord(c.State); w == CoverGap || w == CoverPartial {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(x, y evidence.Cell) int {
		return cmp.Compare(order(CoverWord(x.State)), order(CoverWord(y.State)))
	})
	return out
}

func order(word string) int { return slices.Index(CoverWords(), word) }

// CoverageByAccount counts cells by account and word.
func (b *Book) CoverageByAccount() *Table {
	t := &Table{ID: "coverage", Title: "Coverage by account", Columns: []Column{{"account", "Account", Code, 16}, {"name", "Name", Text, 24}, {"planned", "Planned", Number, 9}}}
	for _, w := range CoverWords() {
		t.Columns = append(t.Columns, Column{Key: strings.ReplaceAll(strings.ToLower(w), " ", "_"), Name: w, Kind: Number, Width: 12})
	}
	count := map[string]map[string]int{}
	for _, c := range b.Cells {
		if count[c.Account] == nil {
			count[c.Account] = map[string]int{}
		}
		count[c.Account][CoverWord(c.State)]++
		count[c.Account][""]++
	}
	for _, a := range sortedKeys(count) {
		id, name := a, b.AccountName(a)
		if a == "" {
			id, name = "none", "git and records"
		}
		cells := []Cell{Mono(id).To(b.AccountPage(a)), Str(name), Int(count[a][""])}
		for _, w := range CoverWords() {
			cells = append(cells, Int(count[a][w]))
		}
		t.Add(RecordAnchor("account "+a), cells...)
	}
	return t
}

// MatrixOf is the coverage of one account: sources down, regions across.
func (b *Book) MatrixOf(account string) Matrix {
	m := Matrix{ID: "matrix", Title: "Coverage of " + cmp.Or(b.AccountName(account), "git and records")}
	regions, rows := map[string]bool{}, map[string]map[string]evidence.Cell{}
	for _, c := range b.Cells {
		if c.Account != account {
			continue
		}
		regions[c.Region] = true
		if rows[c.Source] == nil {
			rows[c.Source] = map[string]evidence.Cell{}
		}
		rows[c.Source][c.Region] = c
	}
	// A region that does not apply to any source is named in words, not drawn.
	for region := range regions {
		if !slices.ContainsFunc(sortedKeys(rows), func(source string) bool {
			c, planned := rows[source][region]
			return planned && CoverWord(c.State) != CoverNA
		}) {
			m.Off = append(m.Off, region)
			delete(regions, region)
		}
	}
	slices.Sort(m.Off)
	m.Columns = sortedKeys(regions)
	// What is asked once per account stands first.
	slices.SortStableFunc(m.Columns, func(x, y string) int {
		return cmp.Compare(boolInt(x != "global"), boolInt(y != "global"))
	})
	for _, source := range sortedKeys(rows) {
		row := MatrixRow{Name: source, Href: b.SourcePage(source)}
		for _, region := range m.Columns {
			c, planned := rows[source][region]
			if !planned {
				row.Cells = append(row.Cells, MatrixCell{})
				continue
			}
			row.Cells = append(row.Cells, MatrixCell{Word: CoverWord(c.State), Items: c.Items, Href: b.CellPage(KeyOf(c))})
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// Quiet parts the sources of a matrix with something in any region, or with a
// gap, from those with nothing anywhere. none and off count the second: nothing
// there, and not applicable in any region.
func (m Matrix) Quiet() (loud, quiet Matrix, none, off int) {
	loud, quiet = m, m
	loud.Rows, quiet.Rows = nil, nil
	quiet.ID, quiet.Title = m.ID+"-nothing", m.Title+": sources with nothing anywhere"
	for _, r := range m.Rows {
		seen := map[string]bool{}
		for _, c := range r.Cells {
			seen[c.Word] = true
		}
		switch {
		case seen[CoverCollected] || seen[CoverGap] || seen[CoverPartial]:
			loud.Rows = append(loud.Rows, r)
			continue
		case seen[CoverNothing]:
			none++
		default:
			off++
		}
		quiet.Rows = append(quiet.Rows, r)
	}
	return loud, quiet, none, off
}

func boolInt(v bool) int {
	if v {
		return 1
	}
	return 0
}

// CallsTable lists calls with everything an auditor needs to ask again.
func CallsTable(id, title string, calls []evidence.Call) *Table {
	t := &Table{ID: id, Title: title, Empty: "No call of this run is kept for it.", Columns: []Column{
		{"operation", "Operation", Code, 28}, {"parameters", "Parameters", Code, 30}, {"page", "Page", Number, 6}, {"rows", "Rows", Number, 6},
		{"started", "Asked", Time, 21}, {"server_date", "Server's date", Time, 21}, {"status", "HTTP", Number, 6}, {"code", "Error", Text, 18},
		{"attempts", "Attempts", Number, 9}, {"request_id", "Request id", Code, 24}, {"endpoint", "Endpoint", Code, 30}, {"sha256", "SHA-256 of the answer", Code, 18},
	}}
	for _, c := range calls {
		date := Str(c.Date)
		if at, err := time.Parse(time.RFC3339, c.Date); err == nil {
			date = At(at)
		}
		params := ""
		if len(c.Params) > 0 {
			params = ValueText(c.Params)
		}
		t.Add("", Mono(c.Service+":"+c.Operation), Mono(params), Int(c.Page), Int(c.Count), At(c.Started), date, Int(c.Status), Str(c.Code),
			Int(c.Attempts), Mono(c.RequestID), Mono(c.Endpoint), Mono(c.BodySum))
	}
	return t
}

// RunsTable is the chain of runs, newest first.
func (b *Book) RunsTable() *Table {
	t := &Table{ID: "runs", Title: "The chain of runs", Note: "Newest first. Each seal names the one before it.", Columns: []Column{
		{"run", "Run", Code, 22}, {"complete", "Complete", Text, 14}, {"gaps", "Not answered", Number, 12}, {"when", "When it was sealed", Text, 36}, {"seal", "Seal SHA-256", Code, 30},
		{"previous", "Previous seal", Code, 14}, {"signer", "Signed by", Code, 30}, {"ended", "Ended", Time, 21},
		{"cells", "Cells", Number, 8}, {"calls", "Calls", Number, 8}, {"skew", "Clock, seconds off", Text, 10}, {"commit", "Commit", Code, 14},
	}}
	second := slices.ContainsFunc(b.Runs, func(r control.SealedRun) bool { return r.Reviewers > 0 || len(r.Reviews) > 0 })
	if second {
		t.Columns = append(t.Columns, Column{"second", "Signed a second time", Text, 30})
	}
	for i := len(b.Runs) - 1; i >= 0; i-- {
		r := &b.Runs[i]
		complete := "no"
		if r.Run.Complete {
			complete = "yes"
		}
		if len(r.Run.Only) > 0 {
			complete = "no: " + Plural(len(r.Run.Only), "source", "sources") + " asked"
		}
		skew := "not answered"
		if r.Run.ClockSkew != nil {
			skew = fmt.Sprintf("%+d", *r.Run.ClockSkew)
		}
		signer := Mono(r.Signer)
		if r.Signer == "" {
			signer = Str("not signed")
		}
		previous := Mono(Short(r.Previous))
		if r.Previous == "" {
			previous = Str("none: the first run")
			if i > 0 {
				previous = Str("none, though it is not the first run")
			}
		}
		row := []Cell{Mono(r.Run.Name), Str(complete), Int(r.Run.Gaps), Str(cmp.Or(r.When, "claimed only")), Mono(r.SealSum), previous, signer, At(r.Run.Ended),
			Int(r.Run.Cells), Int(r.Run.Calls), Str(skew), Mono(Short(r.Commit))}
		if second {
			row = append(row, Str(SecondSignature(*r)))
		}
		t.Add(RecordAnchor(r.Run.Name), row...)
	}
	return t
}

// SecondSignature says who signed a run's seal a second time, in words.
func SecondSignature(r control.SealedRun) string {
	var by []string
	for _, v := range r.Reviews {
		by = append(by, v.By)
	}
	switch {
	case len(by) < r.Reviewers && len(by) == 0:
		return "MISSING: the seal asks for it, and nobody has signed"
	case len(by) < r.Reviewers:
		return fmt.Sprintf("MISSING: the seal asks for %d; signed by %s", r.Reviewers, strings.Join(by, ", "))
	case len(by) > 0:
		return "by " + strings.Join(by, ", ")
	}
	return "nobody; the seal does not ask for it"
}

// Completeness is what a population says of itself, with the places management
// left out counted by reason: they are many and the same. Each is named in the
// coverage of its account.
func (b *Book) Completeness(p control.Population) string {
	says, _, left := strings.Cut(p.Says, "; out of scope: ")
	if !left {
		return p.Says
	}
	count, absent := map[string]map[string]int{}, map[evidence.State]int{}
	for _, c := range p.Cells {
		absent[c.State]++
		if c.State != evidence.OutOfScope {
			continue
		}
		if count[c.Reason] == nil {
			count[c.Reason] = map[string]int{}
		}
		count[c.Reason][c.Account]++
	}
	if len(count) == 0 {
		return p.Says
	}
	for _, reason := range sortedKeys(count) {
		var where []string
		for _, a := range sortedKeys(count[reason]) {
			where = append(where, Plural(count[reason][a], "place", "places")+" of "+a)
		}
		says += "; left out by management in " + strings.Join(where, " and ") + ": " + strings.TrimSuffix(reason, ".")
	}
	for _, a := range []struct {
		state evidence.State
		words string
	}{{evidence.RegionNotEnabled, "not enabled"}, {evidence.ServiceNotInRegion, "without the service"}, {evidence.AccountSuspended, "of suspended accounts"}} {
		if n := absent[a.state]; n > 0 {
			says += "; " + Plural(n, "region", "regions") + " " + a.words
		}
	}
	return says
}
