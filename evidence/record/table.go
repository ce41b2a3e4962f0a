package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxTable is the largest table read, in bytes: the people of a large firm with
// every column an HR system has.
const maxTable = 16 << 20

const (
	hrPersonKind = "hr-person" // rows of registers/people.csv
	hrExportKind = "hr-export" // what is said about that file, beside it
)

// tables reads the exports that folder found, each by what is said about it in
// the file beside it. A table is kept whole or not at all.
func (r *reader) tables() {
	for _, p := range r.csvs {
		s := r.kinds[r.kindAt(p)]
		var about *draft
		for _, d := range r.drafts {
			if d.schema.Kind == hrExportKind && d.path == p+".yaml" {
				about = d
			}
		}
		if about == nil {
			r.add(p, s.Kind, fault{message: fmt.Sprintf("nothing says where this list comes from: write %s.yaml beside it; templates/%s.yaml shows how", p, hrExportKind)})
			continue
		}
		b, err := readFile(r.repo, p, maxTable)
		if err != nil {
			r.add(p, s.Kind, fault{message: "cannot be read: " + reason(err)})
			continue
		}
		if len(about.faults) > 0 {
			r.add(p, s.Kind, fault{message: fmt.Sprintf("is not read while %s:%d has a mistake", about.path, about.faults[0].line)})
			continue
		}
		drafts, faults := r.table(p, b, s, about)
		for _, f := range faults {
			r.add(p, s.Kind, f)
		}
		if len(faults) == 0 {
			r.drafts = append(r.drafts, drafts...)
		}
	}
	for _, d := range r.drafts {
		if d.schema.Kind == hrExportKind && !slices.Contains(r.csvs, strings.TrimSuffix(d.path, ".yaml")) {
			d.faults = append(d.faults, fault{d.line, 1, fmt.Sprintf("there is no %s beside this file", strings.TrimSuffix(d.path, ".yaml"))})
		}
	}
}

// table reads the rows of a comma separated file. What is wrong with the file as
// a whole comes back as faults, and what is wrong with a row stands in its draft.
// It is what the fuzz target calls.
func (r *reader) table(p string, b []byte, s Schema, about *draft) ([]*draft, []fault) {
	if len(b) > maxTable {
		return nil, []fault{{message: fmt.Sprintf("is larger than %d bytes; export fewer columns", maxTable)}}
	}
	if f := about.sums(b); f != nil {
		return nil, []fault{*f}
	}
	if f := encoding(b); f != nil {
		return nil, []fault{*f}
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if f := delimiter(b); f != nil {
		return nil, []fault{*f}
	}
	in := csv.NewReader(bytes.NewReader(b))
	in.FieldsPerRecord = -1 // how many there should be is said below, with the mend
	heads, err := in.Read()
	if err != nil {
		return nil, []fault{quoting(err)}
	}
	c, faults := r.columns(in, heads, s, about)
	if len(faults) > 0 {
		return nil, faults
	}
	var out []*draft
	for row := 1; ; row++ {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, []fault{quoting(err)}
		}
		line, _ := in.FieldPos(0)
		switch {
		case len(cells) != len(heads):
			faults = append(faults, fault{line, 1, fmt.Sprintf("row %d has %d cells, and the heading has %d; a text that holds a comma stands in quotes", row, len(cells), len(heads))})
		case !slices.ContainsFunc(cells, func(v string) bool { return strings.TrimSpace(v) != "" }):
			faults = append(faults, fault{line, 1, fmt.Sprintf("row %d is empty; take it out", row)})
		default:
			out = append(out, c.row(r, in, p, s, row, cells))
		}
	}
	if want := about.number("rows"); len(faults) == 0 && want != len(out) {
		faults = append(faults, fault{message: fmt.Sprintf("has %d rows below its heading, and %s says %d: it was cut short, or changed since", len(out), about.path, want)})
	}
	return out, faults
}

// sums makes sure that the file is the one that was exported.
func (d *draft) sums(b []byte) *fault {
	want, _ := d.record["sha256"].(string)
	sum := sha256.Sum256(b)
	if got := hex.EncodeToString(sum[:]); got != want {
		return &fault{message: fmt.Sprintf("is not the file that was exported: its sha256 is %s, and %s says %s; if this is a new export, say so there", got, d.path, want)}
	}
	return nil
}

func (d *draft) number(name string) int {
	var n int
	fmt.Sscan(fmt.Sprint(d.record[name]), &n) // 0 where it cannot be read: the draft then has a fault
	return n
}

// encoding refuses what is not UTF-8, and says what it looks like.
func encoding(b []byte) *fault {
	const mend = "; export it anew as UTF-8 (in a spreadsheet program: save as \"CSV UTF-8\")"
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return &fault{1, 1, "is UTF-16" + mend}
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return &fault{1, 1, "is a workbook or an archive, not a CSV file; export it as CSV"}
	case bytes.IndexByte(b, 0) >= 0:
		line := 1 + bytes.Count(b[:bytes.IndexByte(b, 0)], []byte("\n"))
		return &fault{line, 0, "holds zero bytes, as UTF-16 without a mark has" + mend}
	case utf8.Valid(b):
		return nil
	}
	line, column := 1, 1
	for rest := b; len(rest) > 0; {
		c, size := utf8.DecodeRune(rest)
		if c == utf8.RuneError && size == 1 {
			return &fault{line, column, fmt.Sprintf("is not UTF-8: the byte %#02x here is %q in Windows-1252%s", rest[0], windows1252(rest[0]), mend)}
		}
		if column++; c == '\n' {
			line, column = line+1, 1
		}
		rest = rest[size:]
	}
	return nil
}

// windows1252 is the letter a byte stands for in that code, of which the bytes
// from 0xa0 on are those of Unicode.
func windows1252(b byte) rune {
	const low = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"
	if b >= 0x80 && b < 0xa0 {
		return []rune(low)[b-0x80]
	}
	return rune(b)
}

// delimiter refuses columns that are not divided by commas.
func delimiter(b []byte) *fault {
	head, _, _ := bytes.Cut(b, []byte("\n"))
	head = bytes.TrimRight(head, "\r")
	if len(bytes.TrimSpace(b)) == 0 {
		return &fault{1, 1, "is empty; an export has a heading and a row for each person"}
	}
	if bytes.HasPrefix(bytes.ToLower(head), []byte("sep=")) {
		return &fault{1, 1, "begins with sep=, which a spreadsheet program adds; export it anew, divided by commas, without that line"}
	}
	count := map[byte]int{}
	quoted := false
	for _, c := range head {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[c]++
		}
	}
	for _, d := range []struct {
		sign byte
		name string
	}{{';', "semicolons"}, {'\t', "tabs"}, {'|', "bars (|)"}} {
		if count[d.sign] > count[','] {
			return &fault{1, 1 + bytes.IndexByte(head, d.sign), "its columns are divided by " + d.name + "; export it anew divided by commas"}
		}
	}
	return nil
}

// quoting words an error of the CSV library.
func quoting(err error) fault {
	var pe *csv.ParseError
	if !errors.As(err, &pe) {
		return fault{1, 1, "cannot be read as CSV: " + err.Error()}
	}
	switch {
	case errors.Is(pe.Err, csv.ErrBareQuote):
		return fault{pe.Line, pe.Column, "a quote stands inside a cell that does not begin with one; write the cell in quotes and the quote twice"}
	case errors.Is(pe.Err, csv.ErrQuote):
		return fault{pe.StartLine, 1, "a quote is not closed, or something follows the closing one; a quote inside a cell is written twice"}
	}
	return fault{pe.Line, pe.Column, "cannot be read as CSV: " + pe.Err.Error()}
}

// columns says which cell of a row is which field.
type columns struct {
	field []*Field // by place in the file; nil for one that is not read
	heads []string
	dates string // how days are written
	types map[string]string
	about string // path of the file that says so
}

// columns reads the heading.
func (r *reader) columns(in *csv.Reader, heads []string, s Schema, about *draft) (*columns, []fault) {
	c := &columns{field: make([]*Field, len(heads)), heads: heads, types: map[string]string{}, about: about.path}
	c.dates, _ = about.record["dates"].(string)
	theirs := map[string]string{} // heading by our name
	for _, f := range s.Fields {
		theirs[f.Name] = f.Name
	}
	for _, row := range rowsOf(about.record["columns"]) {
		theirs[row["ours"]] = row["theirs"]
	}
	for _, row := range rowsOf(about.record["types"]) {
		c.types[row["theirs"]] = row["ours"]
	}
	ours := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		ours[theirs[name]] = name
	}
	aside, _ := about.record["not_read"].([]any)
	var faults []fault
	first := map[string]int{}
	for i, h := range heads {
		line, column := in.FieldPos(i)
		h = strings.TrimSpace(h)
		c.heads[i] = h
		if at, twice := first[h]; twice {
			faults = append(faults, fault{line, column, fmt.Sprintf("two columns are called %q: the %s and the %s; take one out", shorten(h), nth(at+1), nth(i+1))})
			continue
		}
		first[h] = i
		name, known := ours[h]
		switch {
		case known:
			f, _ := s.Field(name)
			c.field[i] = &f
		case slices.Contains(aside, any(h)):
		default:
			faults = append(faults, fault{line, column, fmt.Sprintf("unknown column %q%s; name it under columns in %s, or under not_read", shorten(h), suggest(h, slices.Sorted(maps.Values(theirs))), about.path)})
		}
	}
	for _, f := range s.Fields {
		if _, has := first[theirs[f.Name]]; !has && f.Required {
			faults = append(faults, fault{1, 1, fmt.Sprintf("the column %q is missing (%s); export it too, or say under columns in %s what it is called", theirs[f.Name], strings.TrimSuffix(f.Says, "."), about.path)})
		}
	}
	if _, has := first[theirs["last_day"]]; !has && theirs["last_day"] != "" && len(faults) == 0 {
		faults = append(faults, fault{1, 1, fmt.Sprintf("the column %q is missing: without it nobody can be seen to leave; export it too, with those who left", theirs["last_day"])})
	}
	return c, faults
}

// rowsOf are the rows of a record's field, as texts.
func rowsOf(v any) (out []map[string]string) {
	list, _ := v.([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		row := map[string]string{}
		for k, v := range m {
			row[k], _ = v.(string)
		}
		out = append(out, row)
	}
	return out
}

// row is one row as the mapping that a register's entry would be, so that its
// cells are read as strictly.
func (c *columns) row(r *reader, in *csv.Reader, p string, s Schema, row int, cells []string) *draft {
	line, _ := in.FieldPos(0)
	n := &yaml.Node{Kind: yaml.MappingNode, Line: line, Column: 1}
	at := map[[2]int]string{}
	var early []fault
	for i, v := range cells {
		f := c.field[i]
		if f == nil {
			continue
		}
		line, column := in.FieldPos(i)
		at[[2]int{line, column}] = c.heads[i]
		cell := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v, Line: line, Column: column}
		v = strings.TrimSpace(v)
		if v == "" {
			cell.Tag = "!!null"
		} else if f.Type == Date {
			day, wrong := c.day(v)
			if wrong != "" {
				early = append(early, fault{line, column, fmt.Sprintf("%q: %s", f.Name, wrong)})
				day, cell.Tag = "", "!!null"
				if f.Required {
					day, cell.Tag = "1900-01-01", "!!str" // said above; the row is not kept
				}
			}
			cell.Value = day
		} else if ours, ok := c.types[v]; ok && f.Name == "type" {
			cell.Value = ours
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f.Name, Line: line, Column: column}, cell)
	}
	d := r.draft(p, n, s)
	d.row, d.cells = row, at
	d.faults = append(early, d.faults...)
	return d
}

var (
	slashed = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`)
	serial  = regexp.MustCompile(`^\d{5}$`)
)

// day reads a day as the export writes it.
func (c *columns) day(v string) (string, string) {
	layout, ok := map[string]string{"DD/MM/YYYY": "02/01/2006", "MM/DD/YYYY": "01/02/2006", "DD.MM.YYYY": "02.01.2006", "DD-MM-YYYY": "02-01-2006"}[c.dates]
	if ok {
		t, err := time.Parse(layout, v)
		if err != nil || t.Year() < 1900 {
			return "", fmt.Sprintf("%q is not a day written as %s, which %s says", shorten(v), c.dates, c.about)
		}
		return t.Format(time.DateOnly), ""
	}
	if _, wrong := date(v); wrong == "" {
		return v, ""
	}
	if m := slashed.FindStringSubmatch(v); m != nil {
		first, _ := strconv.Atoi(m[1]) // digits alone, by the pattern
		second, _ := strconv.Atoi(m[2])
		if first <= 12 && second <= 12 && first != second && !strings.Contains(v, ".") {
			return "", fmt.Sprintf("%q may be day and month or month and day; say which under dates in %s, such as DD/MM/YYYY", v, c.about)
		}
		return "", fmt.Sprintf("%q is not written as 2026-03-31; say how days are written under dates in %s, such as DD/MM/YYYY", v, c.about)
	}
	if serial.MatchString(v) {
		return "", fmt.Sprintf("%q is a spreadsheet's number of a day; format the column as a date and export it anew", v)
	}
	_, wrong := date(v)
	return "", wrong
}

// where adds to a fault of a row which row and which column of the file it is.
func (d *draft) where(f fault) fault {
	if d.cells == nil {
		return f
	}
	said := fmt.Sprintf(" (row %d", d.row)
	if head := d.cells[[2]int{f.line, f.column}]; head != "" {
		said += fmt.Sprintf(", column %q", shorten(head))
	}
	f.message += said + ")"
	return f
}

func nth(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2 && n%100 != 12:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3 && n%100 != 13:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}
