package render

import (
	"fmt"
	"strings"

	"exhibit/render/table"
)

// A table that is too long for one page lies, beside its pages, in scripts that a
// page loads when somebody filters or sorts it: column by column, a text that
// repeats once. A part has the rows of one page and looks like this:
//
//	exhibitRows({"t":"findings/met","n":0,"rows":2,"ids":["F-1","F-2"],"pages":["checks/a.html"],"columns":[
//	{"key":"status","name":"Status","kind":"s","class":"k","words":["Met\nmet"],"at":[0,0]},
//	{"key":"item","name":"Item","kind":"c","class":"l","text":["AIDA1","AIDA2"],"href":["0#i-1",""]}]})
//
// A link is the place of its page in the list, and the fragment.
type columnStore struct {
	Table   string        `json:"t"`
	N       int           `json:"n"`
	Rows    int           `json:"rows"`
	IDs     []string      `json:"ids,omitempty"`
	Pages   []string      `json:"pages,omitempty"`
	Columns []storeColumn `json:"columns"`
}

type storeColumn struct {
	Key   string   `json:"key"`
	Name  string   `json:"name"`
	Kind  string   `json:"kind"`
	Text  []string `json:"text,omitempty"`
	Words []string `json:"words,omitempty"`
	At    []int    `json:"at,omitempty"`
	Href  []string `json:"href,omitempty"`
}

// cellText is the most a cell of a column holds, so that a part stays under a
// megabyte; the row's links lead to the whole.
const cellText = 400

// rowsData is the folder of a long table's parts.
func rowsData(path string) string { return "data/tables/" + strings.TrimSuffix(path, ".html") + "/" }

// rowsFiles puts a long table's parts into the package; rows makes those of a part.
func (b *binder) rowsFiles(path string, parts int, rows func(part int) *table.Table) {
	for n := range parts {
		b.file(fmt.Sprintf("%s%d.js", rowsData(path), n), func() ([]byte, error) {
			return b.callScript("exhibitRows", storeOf(strings.TrimSuffix(path, ".html"), n, rows(n)))
		})
	}
}

func storeOf(name string, n int, t *table.Table) columnStore {
	s := columnStore{Table: name, N: n, Rows: len(t.Rows)}
	var pages list
	ids := false
	for _, r := range t.Rows {
		s.IDs = append(s.IDs, r.ID)
		ids = ids || r.ID != ""
	}
	if !ids {
		s.IDs = nil
	}
	for i, c := range t.Columns {
		col := storeColumn{Key: c.Key, Name: c.Name, Kind: kindLetter(c.Kind)}
		var words list
		text, at, href := make([]string, 0, len(t.Rows)), make([]int, 0, len(t.Rows)), make([]string, 0, len(t.Rows))
		linked := false
		for _, r := range t.Rows {
			cell := r.Cells[i]
			says := short(table.Visible(cell.String()), cellText)
			if c.Kind == table.Status && says != "" {
				says += "\n" + table.ShapeOf(cell.Text)
			}
			text = append(text, says)
			at = append(at, words.place(says))
			to := ""
			if cell.Set && cell.Href != "" {
				page, fragment, _ := strings.Cut(cell.Href, "#")
				to = fmt.Sprintf("%d#%s", pages.place(page), fragment)
				linked = true
			}
			href = append(href, to)
		}
		if len(words.all)*2 <= len(text) {
			col.Words, col.At = append([]string{}, words.all...), at
		} else {
			col.Text = text
		}
		if linked {
			col.Href = href
		}
		s.Columns = append(s.Columns, col)
	}
	s.Pages = pages.all
	return s
}

// short is at most n characters of a text, its lines kept.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	rs := []rune(s)
	if len(rs) <= n {
		return s
	}
	return string(rs[:n-1]) + "…"
}

func kindLetter(k table.Kind) string {
	switch k {
	case table.Code:
		return "c"
	case table.Number:
		return "n"
	case table.Date, table.Time:
		return "d"
	case table.Status:
		return "s"
	}
	return "t"
}
