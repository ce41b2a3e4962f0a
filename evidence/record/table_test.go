package record

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// exported is a repository with an export of the HR system and what is said about it.
func exported(table, more string) fstest.MapFS {
	rows := strings.Count(strings.TrimRight(table, "\n"), "\n")
	about := fmt.Sprintf("- file: registers/people.csv\n  exported_by: ada\n  exported_at: 2026-09-30T08:00:00Z\n  system: Staffbook\n  query: all\n  rows: %d\n  sha256: %x\n%s", rows, sha256.Sum256([]byte(table)), more)
	return fstest.MapFS{
		"registers/people.yaml":     {Data: []byte(people)},
		"registers/people.csv":      {Data: []byte(table)},
		"registers/people.csv.yaml": {Data: []byte(about)},
	}
}

const hrHeading = "id,name,email,start,last_day,title,manager,department,type\n"

func TestTable(t *testing.T) {
	all := schemas(t)
	german := "  dates: DD.MM.YYYY\n  columns:\n  - {ours: id, theirs: Nr}\n  - {ours: last_day, theirs: Austritt}\n  types:\n  - {ours: contractor, theirs: Extern}\n  not_read: [Kostenstelle]\n"
	ambiguous := "  dates: DD/MM/YYYY\n"
	row := func(v string) string { return hrHeading + v + "\n" }
	one := "E-1,Ada Byrne,ada@example.com,2021-04-01,,Chief executive,,,employee"
	for _, c := range []struct {
		name, table, more string
		want              []string // problems; none: it is read
	}{
		{"as it should be", row(one), "", nil},
		{"byte order mark", "\xef\xbb\xbf" + row(one), "", nil},
		{"CRLF", strings.ReplaceAll(row(one), "\n", "\r\n"), "", nil},
		{"own words", "Nr,name,email,start,Austritt,title,manager,department,type,Kostenstelle\nE-1,Ada,ada@example.com,01.04.2021,31.12.2025,Chief,,,Extern,7\n", german, nil},
		{"manager by address", row(one + "\nE-2,Bo,bo@example.com,2022-01-01,,Engineer,ADA@example.com,,employee"), "", nil},
		{"formula is data", row("E-1,\"=HYPERLINK(\"\"http://x\"\")\",ada@example.com,2021-04-01,,+SUM(A1),,,employee"), "", nil},
		{"semicolons", strings.ReplaceAll(row(one), ",", ";"), "", []string{`registers/people.csv:1:3: its columns are divided by semicolons; export it anew divided by commas`}},
		{"tabs", strings.ReplaceAll(row(one), ",", "\t"), "", []string{`registers/people.csv:1:3: its columns are divided by tabs; export it anew divided by commas`}},
		{"sep line", "sep=;\n" + row(one), "  rows: 1\n", nil},
		{"UTF-16", "\xff\xfei\x00d\x00", "", []string{`registers/people.csv:1:1: is UTF-16; export it anew as UTF-8 (in a spreadsheet program: save as "CSV UTF-8")`}},
		{"Windows-1252", row("E-1,Tom\xe1s,t@example.com,2021-04-01,,Chief,,,employee"), "", []string{`registers/people.csv:2:8: is not UTF-8: the byte 0xe1 here is 'á' in Windows-1252; export it anew as UTF-8 (in a spreadsheet program: save as "CSV UTF-8")`}},
		{"workbook", "PK\x03\x04\x00\n", "", []string{`registers/people.csv:1:1: is a workbook or an archive, not a CSV file; export it as CSV`}},
		{"empty", "", "", []string{`registers/people.csv:1:1: is empty; an export has a heading and a row for each person`}},
		{"unknown column", strings.Replace(row(one), "title", "titel", 1), "", []string{
			`registers/people.csv:1:1: the column "title" is missing`, `registers/people.csv:1:30: unknown column "titel"; did you mean "title"?; name it under columns in registers/people.csv.yaml, or under not_read`}},
		{"column twice", strings.Replace(row(one), "email", "name", 1), "", []string{`registers/people.csv:1:9: two columns are called "name": the 2nd and the 3rd; take one out`}},
		{"no last day", "id,name,start,title,type\nE-1,Ada,2021-04-01,Chief,employee\n", "", []string{`registers/people.csv:1:1: the column "last_day" is missing: without it nobody can be seen to leave`}},
		{"id twice", row(one + "\nE-1,Bo,bo@example.com,2022-01-01,,Engineer,,,employee"), "", []string{
			`two records of the kind hr-person are identified by "E-1" (id): the other is at registers/people.csv:3 (row 1, column "id")`, `the other is at registers/people.csv:2 (row 2, column "id")`}},
		{"address twice", row(one + "\nE-2,Bo,ADA@example.com,2022-01-01,,Engineer,,,employee"), "", []string{
			`"email" "ADA@example.com" is also that of "E-2" at registers/people.csv:3 (row 1, column "email")`, `"email" "ADA@example.com" is also that of "E-1" at registers/people.csv:2 (row 2, column "email")`}},
		{"dates out of order", row("E-1,Ada,ada@example.com,2021-04-01,2020-04-01,Chief,,,employee"), "", []string{
			`registers/people.csv:2:36: "last_day" (2020-04-01) is before "start" (2021-04-01) (row 1, column "last_day")`}},
		{"ambiguous day", row("E-1,Ada,ada@example.com,03/04/2021,,Chief,,,employee"), "", []string{
			`registers/people.csv:2:25: "start": "03/04/2021" may be day and month or month and day; say which under dates in registers/people.csv.yaml, such as DD/MM/YYYY (row 1, column "start")`}},
		{"told which", row("E-1,Ada,ada@example.com,03/04/2021,,Chief,,,employee"), ambiguous, nil},
		{"no day so written", row("E-1,Ada,ada@example.com,03/31/2021,,Chief,,,employee"), ambiguous, []string{`"start": "03/31/2021" is not a day written as DD/MM/YYYY, which registers/people.csv.yaml says`}},
		{"number of a day", row("E-1,Ada,ada@example.com,44287,,Chief,,,employee"), "", []string{`"44287" is a spreadsheet's number of a day`}},
		{"unknown manager", row("E-1,Ada,ada@example.com,2021-04-01,,Chief,E-9,,employee"), "", []string{
			`registers/people.csv:2:43: "manager": no hr-person has the id "E-9"; did you mean "E-1"? (row 1, column "manager")`}},
		{"unknown type", row("E-1,Ada,ada@example.com,2021-04-01,,Chief,,,perm"), "", []string{`"type": must be "employee", "contractor", "temporary", "intern" or "board", not "perm" (row 1, column "type")`}},
		{"cells missing", row(one + "\nE-2,Bo"), "", []string{`registers/people.csv:3:1: row 2 has 2 cells, and the heading has 9; a text that holds a comma stands in quotes`}},
		{"empty row", row(one + "\n,,,,,,,,"), "", []string{`registers/people.csv:3:1: row 2 is empty; take it out`}},
		{"quote not closed", row("E-1,\"Ada,ada@example.com,2021-04-01,,Chief,,,employee"), "", []string{`registers/people.csv:2:1: a quote is not closed`}},
		{"quote inside", row("E-1,Ada \"x\",ada@example.com,2021-04-01,,Chief,,,employee"), "", []string{`a quote stands inside a cell that does not begin with one`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "sep line" { // one line more than rows counts
				c.more, c.want = "", []string{`registers/people.csv:1:1: begins with sep=, which a spreadsheet program adds`}
			}
			found, problems := Read(exported(c.table, c.more), all)
			for _, w := range c.want {
				if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.String(), w) }) {
					t.Errorf("no problem %q in %v", w, problems)
				}
			}
			if len(problems) != len(c.want) {
				t.Errorf("%d problems, want %d: %v", len(problems), len(c.want), problems)
			}
			if got := len(found["hr-person"]); len(c.want) > 0 && got > 0 || len(c.want) == 0 && got == 0 {
				t.Errorf("%d rows were read", got)
			}
			for _, f := range found["person"] {
				if f.Path == "registers/people.csv" && len(c.want) > 0 {
					t.Errorf("%s came in with a table that was refused", f.Item.ID)
				}
			}
		})
	}
}

// What is said about an export must hold of it.
func TestTableIsTheOneExported(t *testing.T) {
	all := schemas(t)
	row := hrHeading + "E-1,Ada Byrne,ada@example.com,2021-04-01,,Chief executive,,,employee\n"
	for name, c := range map[string]struct {
		change func(fstest.MapFS)
		want   string
	}{
		"changed since": {func(m fstest.MapFS) { m["registers/people.csv"].Data = append(m["registers/people.csv"].Data, '\n') }, "registers/people.csv: is not the file that was exported: its sha256 is"},
		"nothing said":  {func(m fstest.MapFS) { delete(m, "registers/people.csv.yaml") }, "registers/people.csv: nothing says where this list comes from: write registers/people.csv.yaml beside it"},
		"no list":       {func(m fstest.MapFS) { delete(m, "registers/people.csv") }, "registers/people.csv.yaml:1:1: there is no registers/people.csv beside this file"},
		"other rows": {func(m fstest.MapFS) {
			m["registers/people.csv.yaml"].Data = []byte(strings.Replace(string(m["registers/people.csv.yaml"].Data), "rows: 1", "rows: 2", 1))
		}, "registers/people.csv: has 1 rows below its heading, and registers/people.csv.yaml says 2"},
		"nobody exported it": {func(m fstest.MapFS) {
			m["registers/people.csv.yaml"].Data = []byte(strings.Replace(string(m["registers/people.csv.yaml"].Data), "exported_by: ada", "exported_by: eve", 1))
		}, "registers/people.csv: is not read while registers/people.csv.yaml has a mistake"},
	} {
		m := exported(row, "")
		c.change(m)
		found, problems := Read(m, all)
		if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.HasPrefix(p.String(), c.want) }) {
			t.Errorf("%s: no problem %q in %v", name, c.want, problems)
		}
		if len(found["hr-person"]) > 0 {
			t.Errorf("%s: it was read all the same", name)
		}
	}
}

// Whom only the HR system lists is a person of the register too.
func TestTableAddsPeople(t *testing.T) {
	found, problems := Read(exported(hrHeading+"E-1,Ada Byrne,ADA@example.com,2021-04-01,,Chief executive,,,employee\nE-2,Jo Marsh,jo@example.com,2026-02-01,2026-05-31,Engineer,E-1,Platform,contractor\n", ""), schemas(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var got []string
	for _, f := range found["person"] {
		if f.Path == "registers/people.csv" {
			r := f.Item.Answers["record"].(map[string]any)
			got = append(got, fmt.Sprintln(f.Line, r["id"], r["last_day"], r["team"], r["employment"]))
		}
	}
	if want := []string{"3 E-2 2026-05-31 Platform contractor\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte(hrHeading+"E-1,Ada,ada@example.com,2021-04-01,,Chief,,,employee\n"), "YYYY-MM-DD")
	f.Add([]byte("Nr;Name\n\"a\nb\";=1+1\n"), "DD.MM.YYYY")
	f.Add([]byte("\xff\xfei\x00"), "MM/DD/YYYY")
	f.Add([]byte(hrHeading+"E-1,\"A\"\"b\",,03/04/2021,31/12/2025,x,E-1,,intern\nE-1,,,,,,,,\n"), "DD/MM/YYYY")
	all := schemas(f)
	f.Fuzz(func(t *testing.T, b []byte, dates string) {
		m := exported(string(b), "  dates: "+strings.Map(func(r rune) rune {
			if r < ' ' || r == ':' || r == '#' {
				return -1
			}
			return r
		}, dates)+"\n")
		found, problems := Read(m, all)
		if len(found["hr-person"]) > 0 && slices.ContainsFunc(problems, func(p Problem) bool { return p.Kind == hrPersonKind }) {
			t.Error("half of it was read", problems)
		}
		lines := strings.Count(string(b), "\n") + 1
		for _, p := range problems {
			if strings.ContainsAny(p.String(), "\n\r") {
				t.Errorf("a problem must be one line: %q", p.String())
			}
			if p.Path == "registers/people.csv" && p.Line > lines {
				t.Errorf("%v: the file has %d lines", p, lines)
			}
		}
	})
}
