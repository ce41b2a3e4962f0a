package pdf

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"exhibit/render/table"
)

// A long paper has contents whose entries name the page each section ends up on;
// a short one has none.
func TestContents(t *testing.T) {
	w := writer(t)
	p := &table.Paper{Title: "Long"}
	for i := range 12 {
		p.Blocks = append(p.Blocks, table.H2("s"+strconv.Itoa(i), "Section "+strconv.Itoa(i)), table.P(strings.Repeat("Words that fill a page. ", 200)))
	}
	first := w.lay(p, nil, nil)
	if first.PageCount() <= shortPaper || len(first.sections) != 12 {
		t.Fatalf("%d pages, %d sections", first.PageCount(), len(first.sections))
	}
	second := w.lay(p, nil, first.sections)
	if len(second.entries) != 12 || len(second.sections) != 12 {
		t.Fatalf("%d entries, %d sections", len(second.entries), len(second.sections))
	}
	last := 0
	for i, s := range second.sections {
		if s.page < last || s.page > second.PageCount() || s.text != first.sections[i].text || s.page < first.sections[i].page {
			t.Errorf("section %d: %+v after page %d", i, s, last)
		}
		last = s.page
	}
	doc, err := w.Paper(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	// What strict readers ask for: links are objects, and no bookmark with others below it counts none.
	if bytes.Contains(doc, []byte("/Annots [<<")) || bytes.Count(doc, []byte("/Subtype /Link")) != 12 {
		t.Errorf("%d links, or some within their page", bytes.Count(doc, []byte("/Subtype /Link")))
	}
	all, _, err := objects(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if !bytes.HasPrefix(o.body, fmt.Appendf(nil, "%d 0 obj\n", o.number)) || !bytes.HasSuffix(o.body, []byte("endobj\n")) {
			t.Errorf("object %d is not where the table says: %.30q", o.number, o.body)
		}
		if bytes.Contains(o.body, []byte("/Count 0")) {
			t.Errorf("object %d counts none", o.number)
		}
	}
	if short := w.lay(&table.Paper{Title: "Short", Blocks: p.Blocks[:2]}, nil, nil); short.PageCount() > shortPaper || len(short.entries) > 0 {
		t.Errorf("%d pages, %d entries", short.PageCount(), len(short.entries))
	}
}

// An id is broken behind a sign that parts it, a short one not at all, and no heading
// ends a page.
func TestBreaks(t *testing.T) {
	w := writer(t)
	lines := w.wrap(mono, 7.4, w.width(mono, 7.4, strings.Repeat("m", 20)), "rds-instance-deletion-protection")
	if len(lines) != 2 || lines[0] != "rds-instance-" {
		t.Errorf("an id is broken as %q", lines)
	}
	for s, want := range map[string]string{"F-646827a5fef3": "F-646827a5fef3", "arn:aws:rds:eu-west-1:444455556666:db:rounds": "444455556666:", "111122223333\nus-east-1": "111122223333"} {
		if got := longestPart(s); got != want {
			t.Errorf("longestPart(%q) = %q, want %q", s, got, want)
		}
	}
	rows := &table.Table{ID: "t", Title: "Rows", Columns: []table.Column{{Key: "a", Name: "A"}}}
	rows.Add("", table.Str(strings.Repeat("Words of a tall row. ", 60)))
	for n := range 60 {
		p := &table.Paper{Title: "T"}
		for range n {
			p.Blocks = append(p.Blocks, table.P("A line."))
		}
		d := w.lay(p, nil, nil)
		d.blocks([]table.Block{table.H2("h", "Head"), table.Grid{Table: rows}}, nil)
		if at := d.sections[len(d.sections)-1].page; d.PageNo() != at {
			t.Fatalf("%d lines: the heading stands on page %d, the only row below it on %d", n, at, d.PageNo())
		}
	}
}
