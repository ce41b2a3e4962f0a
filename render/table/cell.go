package table

import (
	"strconv"
	"time"

	"exhibit/control"
)

// Kind is what a column holds. It decides how a writer sets and types a cell.
type Kind int

// The kinds of column.
const (
	Text    Kind = iota // prose and names
	Code                // ids, ARNs, hashes: set in the fixed-width face
	Number              // whole numbers, set to the right
	Date                // a day, 2006-01-02
	Time                // a UTC time, 2006-01-02T15:04:05Z
	Status              // one of the words of StatusWord, with its shape
	Picture             // a Strip, or its words where nothing is drawn
)

// A Column is a heading with what stands below it.
type Column struct {
	Key   string // name in JSON and CSV, snake_case
	Name  string // heading for people
	Kind  Kind
	Width int // hint, in characters; 0 is 16
}

// A Cell is one value. Make one with Str, Int, Day, At or Word; the zero Cell is empty.
type Cell struct {
	Kind Kind
	Text string    // for Text, Code and Status
	Int  int64     // for Number
	At   time.Time // for Date and Time, UTC
	Set  bool      // false: nothing to show, whatever the kind
	Href string    // path from the package's root with an optional fragment; "" for none

	Strip *Strip // for Picture; Text says the same
}

// Str is a cell of prose; empty text is an empty cell.
func Str(s string) Cell { return Cell{Kind: Text, Text: s, Set: s != ""} }

// Mono is a cell of code: an id, a hash.
func Mono(s string) Cell { return Cell{Kind: Code, Text: s, Set: s != ""} }

// Int is a cell with a whole number; 0 is shown.
func Int[N int | int64](n N) Cell { return Cell{Kind: Number, Int: int64(n), Set: true} }

// Day is a cell with a date; the zero time is an empty cell.
func Day(t time.Time) Cell { return Cell{Kind: Date, At: t.UTC(), Set: !t.IsZero()} }

// At is a cell with a time, to the second, in UTC; the zero time is an empty cell.
func At(t time.Time) Cell {
	return Cell{Kind: Time, At: t.UTC().Truncate(time.Second), Set: !t.IsZero()}
}

// Word is a cell with a status.
func Word(s control.Status) Cell { return Cell{Kind: Status, Text: string(s), Set: s != ""} }

// To returns the cell with a link to a path from the package's root.
func (c Cell) To(href string) Cell { c.Href = href; return c }

// String is the cell as every writer shows it, before Visible.
func (c Cell) String() string {
	if !c.Set {
		return ""
	}
	switch c.Kind {
	case Number:
		return strconv.FormatInt(c.Int, 10)
	case Date:
		return c.At.Format(time.DateOnly)
	case Time:
		return c.At.Format("2006-01-02T15:04:05Z")
	}
	return c.Text
}

// A Row is one line of a table.
type Row struct {
	ID    string // stable anchor, unique in the table; "" for none
	Cells []Cell // as many as columns
}

// A Table is defined once and shown by every writer.
type Table struct {
	ID         string // unique in the package, [a-z0-9-]
	Title      string
	Note       string // one sentence under the title; "" for none
	Columns    []Column
	Rows       []Row
	Empty      string // what to say where there are no rows; "" is "None."
	Provenance Provenance
}

// Add appends a row. It panics where the number of cells is not that of the
// columns, which only a mistake in this program can cause.
func (t *Table) Add(id string, cells ...Cell) {
	if len(cells) != len(t.Columns) {
		panic("table " + t.ID + ": " + strconv.Itoa(len(cells)) + " cells for " + strconv.Itoa(len(t.Columns)) + " columns")
	}
	t.Rows = append(t.Rows, Row{ID: id, Cells: cells})
}

// A Fact is a name with its values, one a line.
type Fact struct {
	Name   string
	Values []Cell
}

// A Provenance is the IPE box: what must be shown about a listing before an
// auditor may rely on it.
type Provenance struct {
	Facts    []Fact
	Shows    string   // what this shows, for a reader who is no engineer
	ShowsNot string   // what it does not show
	Commands []string // what an auditor can run to count again; empty where there is none
}

// A Stamp stands on everything that leaves.
type Stamp struct {
	Sample       bool
	Organisation string
	System       string
	Period       string // 2026-01-01..2026-12-31
	Run          string
	Commit       string
	Package      string // the name of the folder: soc2-evidence-2026-10-01
	Tool         string
	AsOf         time.Time
}

// StampOf reads the stamp of a report.
func StampOf(r *control.Report) Stamp {
	return Stamp{
		Sample: r.Sample, Organisation: r.Engagement.Organisation, System: r.Engagement.System,
		Period: r.Engagement.Period.String(), Run: r.Run.Name, Commit: r.Commit, Tool: r.Tool, AsOf: r.AsOf.UTC(), Package: PackageName(r),
	}
}

// PackageName says which evidence a package is: the day of the newest run.
func PackageName(r *control.Report) string {
	name := "soc2-evidence-" + r.Run.Ended.UTC().Format(time.DateOnly)
	if r.Sample {
		name = "SAMPLE-" + name
	}
	return name
}

// SampleWords stands wherever the data are invented.
const SampleWords = "SAMPLE: invented data for demonstration, not evidence about any organisation"

// Line is the stamp in one line of text.
func (s Stamp) Line() string {
	line := s.Organisation + " · " + s.Period + " · run " + s.Run + " · commit " + s.Commit
	if s.Sample {
		return "SAMPLE · " + line
	}
	return line
}
