package gates

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// synonym is a cell that names one of the states by a word that is not its own. The
// glossary has the words: not evaluated of an item, not collected of a listing, not
// answered of a question, not observed of a time. A sentence may say "it is not known".
var synonym = regexp.MustCompile(`^(?i:not known|unknown|not told|untold|unobserved|not seen|nobody looked|did not look|undetermined|indeterminate|manual, has (a|no) record|record needed|records needed)(?:$|[:;,.(]| \()`)

// notCollected is the word of a listing; no item, check, control or criterion has it.
var notCollected = regexp.MustCompile(`^(?i:not collected)$`)

// Words are the cells of a package that call a state by another name: of pages, workbooks
// and CSV files. What a source said itself, in its own words, is not looked at.
func Words(t testing.TB, dir string) []string {
	var out []string
	for _, p := range slices.Concat(files(t, dir, ".html"), files(t, dir, ".csv"), files(t, dir, ".xlsx")) {
		if p == "verify.html" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, WordsOf(p, data)...)
	}
	return out
}

// WordsOf are those of one file.
func WordsOf(path string, data []byte) (out []string) {
	cells, err := cellsOf(path, data)
	if err != nil {
		return []string{path + ": " + err.Error()}
	}
	said := map[string]bool{}
	for _, c := range cells {
		c.text = strings.Join(strings.Fields(c.text), " ")
		if synonym.MatchString(c.text) || c.status && notCollected.MatchString(c.text) {
			if line := path + ": " + c.text; !said[line] {
				said[line] = true
				out = append(out, line)
			}
		}
	}
	return out
}

type wordCell struct {
	text   string
	status bool // of a column of verdicts
}

func cellsOf(path string, data []byte) ([]wordCell, error) {
	switch filepath.Ext(path) {
	case ".html":
		return htmlCells(data)
	case ".csv":
		return csvCells(data)
	case ".xlsx":
		return bookCells(data)
	}
	return nil, nil
}

// htmlCells are the cells, facts and headings of a page. A column called Status is of
// verdicts; one called Coverage is of listings.
func htmlCells(data []byte) (out []wordCell, err error) {
	doc, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var heads []string
	column := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "table":
			heads = nil
		case "tr":
			column = 0
		case "th":
			heads = append(heads, strings.TrimSpace(textOf(n)))
			out = append(out, wordCell{text: textOf(n)})
		case "td":
			out = append(out, wordCell{textOf(n), column < len(heads) && heads[column] == "Status"})
			column++
		case "dd", "dt", "caption", "h1", "h2", "h3", "li":
			out = append(out, wordCell{text: textOf(n)})
		}
	}
	return out, nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data + " ")
		}
	}
	return b.String()
}

// csvCells skips what stands above the heading, which is in lines that begin with #.
func csvCells(data []byte) (out []wordCell, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for bytes.HasPrefix(data, []byte("#")) {
		_, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
	}
	r := csv.NewReader(bufio.NewReader(bytes.NewReader(data)))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	var status map[int]bool
	for i, row := range rows {
		if i == 0 {
			status = map[int]bool{}
			for k, name := range row {
				status[k] = strings.EqualFold(name, "status")
			}
		}
		for k, cell := range row {
			out = append(out, wordCell{cell, status[k]})
		}
	}
	return out, err
}

// bookCells are the texts of a workbook.
func bookCells(data []byte) (out []wordCell, err error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		if f.Name != "xl/sharedStrings.xml" && !strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		d := xml.NewDecoder(r)
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			if text, is := tok.(xml.CharData); is {
				out = append(out, wordCell{text: string(text)})
			}
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
