package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
)

// CSVNote says what CSV does to a cell; it stands in the last column of every
// CSV file and beside every link to one.
const CSVNote = "a ' was put before text that begins with = + - @ or a tab, so that no spreadsheet runs it"

// CSV writes the table for a spreadsheet. Text that a spreadsheet would take
// for a formula gets a leading ' (CWE-1236); the JSON and XLSX of the same
// table hold it unaltered. The last column is the stamp, and for a sample the
// first column says so.
func (t *Table) CSV(s Stamp) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	line := make([]string, 0, len(t.Columns)+2)
	if s.Sample {
		line = append(line, "sample")
	}
	for _, c := range t.Columns {
		line = append(line, Neutral(Visible(c.Key)))
	}
	if err := w.Write(append(line, "exhibit")); err != nil {
		return nil, err
	}
	stamp := Neutral(Visible(s.Line() + " · " + CSVNote))
	for _, r := range t.Rows {
		line = line[:0]
		if s.Sample {
			line = append(line, "SAMPLE")
		}
		for _, c := range r.Cells {
			text := Visible(c.String())
			if c.Kind != Number {
				text = Neutral(text)
			}
			line = append(line, text)
		}
		if err := w.Write(append(line, stamp)); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// Neutral puts a ' before what a spreadsheet could take for a formula.
func Neutral(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return "'" + s
	}
	// A full-width sign is folded to its narrow form by some spreadsheets.
	if strings.HasPrefix(s, "\uff1d") || strings.HasPrefix(s, "\uff0b") || strings.HasPrefix(s, "\uff0d") || strings.HasPrefix(s, "\uff20") {
		return "'" + s
	}
	return s
}

// JSON writes the table as one object: the stamp, the columns, the rows as
// objects by column key. Text is unaltered, empty cells are left out.
func (t *Table) JSON(s Stamp) ([]byte, error) {
	rows := make([]map[string]any, 0, len(t.Rows))
	for _, r := range t.Rows {
		m := make(map[string]any, len(r.Cells))
		for i, c := range r.Cells {
			switch {
			case !c.Set:
			case c.Kind == Number:
				m[t.Columns[i].Key] = c.Int
			default:
				m[t.Columns[i].Key] = c.String()
			}
		}
		rows = append(rows, m)
	}
	return Indented(s, map[string]any{"table": t.ID, "title": t.Title, "rows": rows})
}

// Indented writes a JSON object for people and machines: the fields given, with
// the stamp under "exhibit" and, for a sample, "sample": true before all else.
func Indented(s Stamp, fields map[string]any) ([]byte, error) {
	exhibit := map[string]any{"organisation": s.Organisation, "period": s.Period, "run": s.Run, "commit": s.Commit, "tool": s.Tool}
	if s.Sample {
		exhibit["note"] = SampleWords
	}
	fields["exhibit"] = exhibit
	var b bytes.Buffer
	if s.Sample {
		b.WriteString("{\n  \"sample\": true,")
	}
	from := b.Len()
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(fields); err != nil {
		return nil, err
	}
	out := b.Bytes()
	if s.Sample { // the object's own brace was written already
		out = append(out[:from], out[from+1:]...)
	}
	return out, nil
}
