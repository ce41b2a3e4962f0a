package table

import (
	"fmt"
	"strings"
	"testing"

	"exhibit/control"
	"exhibit/evidence"
)

// A link to a record leads to the part of its kind's page that has it.
func TestRecordHref(t *testing.T) {
	r := &control.Report{Records: map[string][]control.Located{}}
	for i := range RecordsPart + 1 {
		r.Records["ticket"] = append(r.Records["ticket"], control.Located{Item: evidence.Item{ID: fmt.Sprintf("T-%d", i), Answers: map[string]any{"record": map[string]any{}}}})
	}
	b := NewBook(r)
	first, last := b.RecordHref("ticket", "T-0"), b.RecordHref("ticket", fmt.Sprintf("T-%d", RecordsPart))
	if want := b.RecordPage("ticket") + "#" + RecordAnchor("T-0"); first != want {
		t.Errorf("the first: %s, want %s", first, want)
	}
	if !strings.HasPrefix(last, PartPath(b.RecordPage("ticket"), 1)+"#") {
		t.Errorf("the last: %s, want it on the second part", last)
	}
}

// A login in a record stands with the name and the work that the register gives.
func TestPersonCell(t *testing.T) {
	b := NewBook(&control.Report{People: []control.PersonLife{{ID: "ana", Name: "Ana Ruiz", Title: "Head of security"}}})
	for _, c := range []struct{ field, is, want string }{
		{"sign_off", "ana", "Ana Ruiz, Head of security (ana)"}, {"sign_off", "ben", "ben"}, {"method", "ana", "ana"},
	} {
		if got := b.PersonCell(c.field, Str(c.is)); got.Text != c.want {
			t.Errorf("%s %s: %q, want %q", c.field, c.is, got.Text, c.want)
		}
	}
}
