package pdf

import (
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
	if _, err := w.Paper(p, nil); err != nil {
		t.Error(err)
	}
	if short := w.lay(&table.Paper{Title: "Short", Blocks: p.Blocks[:2]}, nil, nil); short.PageCount() > shortPaper || len(short.entries) > 0 {
		t.Errorf("%d pages, %d entries", short.PageCount(), len(short.entries))
	}
}
