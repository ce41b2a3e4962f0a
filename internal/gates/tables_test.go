package gates

import (
	"strings"
	"testing"
)

// The comparison names the cell that differs, the row that is missing, and another order.
func TestTablesDiffer(t *testing.T) {
	page := func() shownTable {
		return shownTable{title: "Keys", heads: []string{"Item", "Rotates", "Seen"}, rows: [][]string{{"key/1", "yes", "2026-01-02"}, {"key/2", "no", "2026-01-03"}}}
	}
	for _, c := range []struct {
		name  string
		spoil func(*shownTable)
		want  string
	}{
		{"the same", func(*shownTable) {}, ""},
		{"a cell", func(o *shownTable) { o.rows[1][1] = "yes" }, `row 2, Rotates: the page has "no"`},
		{"the order", func(o *shownTable) { o.rows[0], o.rows[1] = o.rows[1], o.rows[0] }, `row 1, Item: the page has "key/1"`},
		{"a row more", func(o *shownTable) { o.rows = append(o.rows, []string{"key/3", "no", ""}) }, "2 rows, and  has 3"},
		{"a row less", func(o *shownTable) { o.rows = o.rows[:1] }, "row 2 is not in"},
	} {
		o := page()
		c.spoil(&o)
		_, wrong := contains(o, page(), inCommon(page(), o))
		if got := strings.Join(wrong, "\n"); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	for text, want := range map[string]int{
		"Keys\nItem Rotates Seen\nkey/1 yes 2026-\n01-02\nkey/2 no 2026-01-03\n": 0,
		"Keys\nItem Rotates Seen\nkey/1 yes 2026-01-02\nkey/2 no 2026-01-04\n":   1,
		"Keys\nItem Rotates Seen\nkey/2 no 2026-01-03\nkey/1 yes 2026-01-02\n":   1,
		"Keys\nItem Seen\nkey/1 2026-01-02\nkey/2 2026-01-03\n":                  0, // a document may leave a column out
	} {
		rows, _, _, wrong := inDocument(bare(text), page())
		if rows != 2 || len(wrong) != want {
			t.Errorf("%q: %d rows, %q", text, rows, wrong)
		}
	}
}
