package table

import (
	"testing"

	"exhibit/control"
	"exhibit/evidence"
)

// What was refused anywhere never stands among what is folded away.
func TestQuiet(t *testing.T) {
	row := func(name string, words ...string) MatrixRow {
		r := MatrixRow{Name: name}
		for _, w := range words {
			r.Cells = append(r.Cells, MatrixCell{Word: w})
		}
		return r
	}
	m := Matrix{ID: "m", Columns: []string{"a", "b"}, Rows: []MatrixRow{
		row("some", CoverNothing, CoverCollected), row("none", CoverNothing, ""), row("refused", CoverNothing, CoverGap),
		row("part", CoverPartial, CoverNA), row("off", CoverNA, ""), row("mixed", CoverNA, CoverNothing)}}
	loud, quiet, none, off := m.Quiet()
	names := func(m Matrix) (s string) {
		for _, r := range m.Rows {
			s += r.Name + " "
		}
		return s
	}
	if names(loud) != "some refused part " || names(quiet) != "none off mixed " || none != 2 || off != 1 || loud.ID == quiet.ID {
		t.Errorf("loud %s, quiet %s, %d, %d", names(loud), names(quiet), none, off)
	}
}

// A page may list one cell for several reasons, and in several tables of what was
// not answered: none of these rows is an anchor, or an id would stand twice.
func TestUnansweredRowsAreNoAnchors(t *testing.T) {
	b := NewBook(&control.Report{})
	c := evidence.Cell{Account: "111122223333", Region: "eu-west-1", Source: "kms/key", State: evidence.Throttled}
	for _, r := range b.CellsTable("unanswered-1", "", []evidence.Cell{c, c}).Rows {
		if r.ID != "" {
			t.Errorf("a row is an anchor: %s", r.ID)
		}
	}
	if b.CellsTable("cells", "", []evidence.Cell{c}).Rows[0].ID == "" {
		t.Error("where a cell is listed once it can be led to")
	}
}
