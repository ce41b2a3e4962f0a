package gates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// A shownTable is a table as one reader read it. Keys are the columns' names for
// programs, heads those for people; a reader that has only one of them leaves the
// other empty.
type shownTable struct {
	where, title string
	note         string
	keys, heads  []string
	rows         [][]string
	links        []string // paths of the files that hold the same, for a table of a page
}

// Tables says where a table of a page is not, cell by cell, what the workbook, the CSV
// file or the document of the same table holds. Each form is read by a reader that is
// not the writer: pages by x/net/html, workbooks as their XML has them (and by
// LibreOffice, see Books), CSV by Python, documents by poppler.
//
// What may differ is set, not said: white space, where a line is broken, the ' that CSV
// puts before what a spreadsheet would run, a letter that no font of ours has.
func Tables(t testing.TB, dir string) []string {
	t.Helper()
	pages := readPages(t, dir)
	books, sheets := map[string]bool{}, map[string][]shownTable{}
	flat := readCSV(t, dir)
	n := struct{ books, csv, documents, rows, cells, tall int }{}
	var found []string
	for _, p := range pages {
		for _, link := range p.links {
			var other []shownTable
			switch path.Ext(link) {
			case ".csv":
				other = []shownTable{flat[link]}
			case ".xlsx":
				if !books[link] {
					books[link] = true
					read, err := readSheets(filepath.Join(dir, link))
					if err != nil {
						found = append(found, link+": "+err.Error())
					}
					sheets[link] = read
				}
				other = sheets[link]
			}
			best, at := -1, columnsOf{}
			for i, o := range other {
				// All columns of the page but what a file has no use for; else it is another table.
				if c := inCommon(p, o); len(c.here) > len(at.here) && len(c.here) >= len(p.heads)-1 && len(c.here) > 1 || len(c.here) == len(at.here) && best >= 0 && o.title == p.title && other[best].title != p.title {
					best, at = i, c
				}
			}
			if best < 0 {
				continue
			}
			if path.Ext(link) == ".csv" {
				n.csv++
			} else {
				n.books++
			}
			cells, wrong := contains(other[best], p, at)
			n.rows += len(p.rows)
			n.cells += cells
			found = append(found, prefixed(fmt.Sprintf("%s, %q: ", p.where, p.title), wrong)...)
		}
	}
	texts := readDocuments(t, dir)
	for _, file := range slices.Sorted(maps.Keys(texts.of)) {
		for _, p := range pages {
			if !texts.of[file][p.where] || len(p.rows) == 0 {
				continue
			}
			rows, cells, tall, wrong := inDocument(texts.text[file], p)
			if rows < 0 {
				continue // the document leaves it out
			}
			n.documents++
			n.rows += rows
			n.cells += cells
			n.tall += tall
			found = append(found, prefixed(fmt.Sprintf("%s, %q of %s: ", file, p.title, p.where), wrong)...)
		}
	}
	t.Logf("%d tables of pages with those of %d workbooks, %d with those of CSV files, %d with those of documents: %d rows, %d cells; %d rows over several sheets of paper were not compared there",
		n.books, len(books), n.csv, n.documents, n.rows, n.cells, n.tall)
	if n.books < 20 || n.csv < 10 || n.documents < 50 {
		found = append(found, "too few tables are the same in two forms: the readers do not find them")
	}
	return found
}

var part = regexp.MustCompile(`-part(\d+)\.html$`)

// readPages reads every table of every page; the parts of one are one table.
func readPages(t testing.TB, dir string) []shownTable {
	t.Helper()
	all := files(t, dir, ".html")
	number := func(p string) int {
		if m := part.FindStringSubmatch(p); m != nil {
			n, _ := strconv.Atoi(m[1]) // digits
			return n
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b string) int {
		if c := strings.Compare(part.ReplaceAllString(a, ".html"), part.ReplaceAllString(b, ".html")); c != 0 {
			return c
		}
		return number(a) - number(b)
	})
	var out []shownTable
	at := map[string]int{}
	for _, p := range all {
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.Type != html.ElementNode || n.Data != "div" || attribute(n, "class") != "grid" {
				continue
			}
			table, id := gridOf(n, p)
			if id == "" {
				continue
			}
			table.where = part.ReplaceAllString(p, ".html")
			if i, ok := at[table.where+"#"+id]; ok && number(p) > 1 {
				out[i].rows = append(out[i].rows, table.rows...)
				continue
			}
			at[table.where+"#"+id] = len(out)
			out = append(out, table)
		}
	}
	return out
}

// gridOf reads one table of a page.
func gridOf(grid *html.Node, page string) (shownTable, string) {
	var s shownTable
	id := ""
	for n := range grid.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "table":
			id = attribute(n, "id")
		case n.Data == "caption":
			for c := range n.Descendants() {
				switch {
				case c.Type == html.TextNode && attribute(c.Parent, "class") == "ci":
					s.title += c.Data
				case c.Type == html.TextNode && attribute(c.Parent, "class") == "note":
					s.note += c.Data
				}
			}
			s.title = strings.TrimSpace(s.title)
		case n.Data == "th" && attribute(n, "scope") == "col":
			s.keys, s.heads = append(s.keys, attribute(n, "data-key")), append(s.heads, spaced(shownBy(n)))
		case n.Data == "tr" && n.Parent.Data == "tbody":
			var row []string
			for c := range n.ChildNodes() {
				if c.Type == html.ElementNode {
					row = append(row, spaced(shownBy(c)))
				}
			}
			s.rows = append(s.rows, row)
		case n.Data == "a" && attribute(n.Parent, "class") == "dl":
			if to := attribute(n, "href"); path.Ext(to) == ".csv" || path.Ext(to) == ".xlsx" {
				s.links = append(s.links, path.Join(path.Dir(page), to))
			}
		}
	}
	return s, id
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// shownBy is what stands in an element; of a picture, its words.
func shownBy(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && n.Data == "svg":
			for c := range n.ChildNodes() {
				if c.Data == "desc" {
					walk(c)
				}
			}
		default:
			for c := range n.ChildNodes() {
				walk(c)
			}
		}
	}
	walk(n)
	return b.String()
}

func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// readSheets reads a workbook's sheets but the read-me: the second line has the heads.
func readSheets(file string) ([]shownTable, error) {
	read, err := readBook(file)
	if err != nil {
		return nil, err
	}
	var out []shownTable
	for _, s := range read[min(1, len(read)):] {
		o := shownTable{where: s.name}
		if i := strings.LastIndex(s.rows[0][0], " · "); i >= 0 {
			o.title = spaced(s.rows[0][0][i+len(" · "):])
		}
		for c := range len(s.rows[1]) {
			o.heads = append(o.heads, spaced(s.rows[1][c]))
		}
		last := 0
		for r := range s.rows {
			last = max(last, r)
		}
		for r := 2; r <= last; r++ {
			row := make([]string, len(o.heads))
			for c := range row {
				row[c] = spaced(s.rows[r][c])
			}
			o.rows = append(o.rows, row)
		}
		out = append(out, o)
	}
	return out, nil
}

// readCSV has Python read every CSV file.
func readCSV(t testing.TB, dir string) map[string]shownTable {
	t.Helper()
	all := files(t, dir, ".csv")
	const script = "import csv, json, sys\ncsv.field_size_limit(1 << 30)\nfor p in sys.argv[1:]:\n  print(json.dumps(list(csv.reader(open(p, encoding='utf-8', newline='')))))"
	cmd := exec.Command(tool(t, "python3"), append([]string{"-c", script}, all...)...)
	cmd.Dir = dir
	said, err := cmd.Output()
	if err != nil {
		t.Fatalf("Python's csv: %v", err)
	}
	out := map[string]shownTable{}
	for i, l := range lines(said) {
		var rows [][]string
		if err := json.Unmarshal([]byte(l), &rows); err != nil || len(rows) == 0 {
			t.Fatalf("%s: Python's csv said %.80q", all[i], l)
		}
		for _, r := range rows[1:] {
			for c := range r {
				if v := r[c]; len(v) > 1 && v[0] == '\'' && strings.ContainsAny(v[1:2], "=+-@\t\r\n") {
					v = v[1:]
					r[c] = v
				}
				r[c] = spaced(r[c])
			}
		}
		out[all[i]] = shownTable{where: all[i], keys: rows[0], rows: rows[1:]}
	}
	return out
}

// columnsOf are the columns two tables share: their places in each.
type columnsOf struct{ here, there []int }

func inCommon(p, o shownTable) columnsOf {
	var c columnsOf
	mine, theirs := p.heads, o.heads
	if len(theirs) == 0 {
		mine, theirs = p.keys, o.keys
	}
	taken := map[int]bool{}
	for i, h := range mine {
		j := -1
		for k, o := range theirs { // a name that stands twice is the same one in the same order
			if !taken[k] && h != "" && strings.TrimRight(o, "′ ") == h {
				j = k
				break
			}
		}
		if j >= 0 && h != "" {
			taken[j] = true
			c.here, c.there = append(c.here, i), append(c.there, j)
		}
	}
	return c
}

// contains says which rows of p the other has not; where both are called the same,
// the rows must be as many and in one order.
func contains(o, p shownTable, at columnsOf) (cells int, wrong []string) {
	have := map[string]int{}
	tuple := func(row []string, places []int) string {
		var b strings.Builder
		for _, i := range places {
			if i < len(row) {
				b.WriteString(row[i])
			}
			b.WriteByte(0)
		}
		return b.String()
	}
	for _, r := range o.rows {
		have[tuple(r, at.there)]++
	}
	same := o.title != "" && o.title == p.title && len(o.rows) == len(p.rows)
	for n, r := range p.rows {
		cells += len(at.here)
		k := tuple(r, at.here)
		if have[k]--; have[k] >= 0 && !(same && tuple(o.rows[n], at.there) != k) {
			continue
		}
		why := fmt.Sprintf("row %d is not in %s: %.200q", n+1, o.where, strings.ReplaceAll(k, "\x00", " | "))
		if n < len(o.rows) {
			for i := range at.here {
				if got := o.rows[n][at.there[i]]; got != r[at.here[i]] {
					why = fmt.Sprintf("row %d, %s: the page has %.80q, %s has %.80q", n+1, p.heads[at.here[i]], r[at.here[i]], o.where, got)
					break
				}
			}
		}
		wrong = append(wrong, why)
	}
	if o.title != "" && o.title == p.title && len(o.rows) != len(p.rows) {
		wrong = append(wrong, fmt.Sprintf("%d rows, and %s has %d", len(p.rows), o.where, len(o.rows)))
	}
	return cells, wrong
}

// documents are the texts of the PDF files, without white space, and the pages that
// name each as their own to print.
type documents struct {
	text map[string]string
	of   map[string]map[string]bool
}

func readDocuments(t testing.TB, dir string) documents {
	t.Helper()
	pdftotext := tool(t, "pdftotext")
	d := documents{text: map[string]string{}, of: map[string]map[string]bool{}}
	link := regexp.MustCompile(`href="([^"]+\.pdf)"`)
	for _, p := range files(t, dir, ".html") {
		if p == "artifacts.html" || strings.HasPrefix(p, "search") || strings.HasPrefix(p, "requests") {
			continue // they name every document
		}
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(data, -1) {
			to := path.Join(path.Dir(p), string(m[1]))
			if d.of[to] == nil {
				d.of[to] = map[string]bool{}
			}
			d.of[to][part.ReplaceAllString(p, ".html")] = true
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for p := range d.of {
		wg.Add(1)
		gate <- struct{}{}
		go func() {
			defer func() { <-gate; wg.Done() }()
			said, err := exec.Command(pdftotext, "-raw", filepath.Join(dir, p), "-").Output()
			if err != nil {
				t.Errorf("%s: pdftotext: %v", p, err)
			}
			mu.Lock()
			d.text[p] = bare(string(said))
			mu.Unlock()
		}()
	}
	wg.Wait()
	return d
}

// bare is a text without white space, as a document's lines are broken anywhere.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// inDocument looks for a table in a document's text, where the cells of a row stand one
// after another: its title, its heads (a document may leave columns out), and every row
// in its order. rows is -1 where the document has no such table.
func inDocument(text string, p shownTable) (rows, cells, tall int, wrong []string) {
	title := bare(p.title)
	for from := 0; title != ""; {
		i := strings.Index(text[from:], title)
		if i < 0 {
			break
		}
		from += i + len(title)
		pos := from + len(note(text[from:], bare(p.note)))
		var columns []int
		for c, h := range p.heads {
			if h = bare(h); h != "" && strings.HasPrefix(text[pos:], h) {
				columns = append(columns, c)
				pos += len(h)
			}
		}
		if len(columns) < 2 || len(columns)*2 < len(p.heads) {
			continue
		}
		for n, r := range p.rows {
			var b strings.Builder
			for _, c := range columns {
				b.WriteString(bare(r[c]))
			}
			want := written(text, b.String())
			at := strings.Index(text[pos:], want)
			rows++
			cells += len(columns)
			switch {
			case at >= 0:
				pos += at + len(want)
			case len(want) > 1500: // set on two sheets of paper
				tall++
			default:
				wrong = append(wrong, fmt.Sprintf("row %d is not there in its place: %.240q", n+1, want))
			}
		}
		return rows, cells, tall, wrong
	}
	return -1, 0, 0, nil
}

func note(text, note string) string {
	if strings.HasPrefix(text, note) {
		return note
	}
	return ""
}

// written is a text with what no font of ours has written out, where the document's
// text has it so.
func written(text, s string) string {
	for _, r := range s {
		if out := fmt.Sprintf("<U+%04X>", r); r > 0x2ff && !strings.ContainsRune(text, r) && strings.Contains(text, out) {
			s = strings.ReplaceAll(s, string(r), out)
		}
	}
	return s
}
