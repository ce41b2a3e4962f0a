package pdf

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"exhibit/render/table"
)

func writer(tb testing.TB) *Writer {
	w, err := New(table.Stamp{Organisation: "Org", Period: "p", Run: "r", Commit: "0123456789abcdef", AsOf: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func TestShow(t *testing.T) {
	w := writer(t)
	for in, want := range map[string]string{
		"Zażółć gęślą jaźń":  "Zażółć gęślą jaźń",
		"Ελληνικά Русский ő": "Ελληνικά Русский ő",
		"東":                  "<U+6771>",
		"🙂":                  "<U+1F642>",
		"a\u202eb":           "a<U+202E>b",
		"a\nb":               "a\nb",
	} {
		if got := w.show(in); got != want {
			t.Errorf("show(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	w := writer(t)
	arn := "arn:aws:kms:eu-west-1:111122223333:key/12345678-aaaa-bbbb-cccc-1234567890ab"
	for _, c := range []struct {
		in    string
		width float64
	}{{"a few plain words that need several lines", 20}, {arn, 30}, {"short", 100}, {"", 10}, {"two\nparagraphs here", 50}, {"x " + arn + " y", 25}} {
		lines := w.wrap(mono, 7, c.width, c.in)
		for _, l := range lines {
			if got := w.width(mono, 7, l); got > c.width {
				t.Errorf("%q is %.1f mm wide, the column %.1f", l, got, c.width)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got := squeeze(strings.Join(lines, "")); got != squeeze(c.in) {
			t.Errorf("wrapping %q lost something: %q", c.in, lines)
		}
	}
}

func FuzzWrap(f *testing.F) {
	w := writer(f)
	f.Add("a bc\ndef", 5)
	f.Fuzz(func(t *testing.T, s string, width int) {
		if width < 3 || width > 200 || len(s) > 500 {
			return
		}
		s = w.show(s)
		squeeze := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		if got := squeeze(strings.Join(w.wrap(regular, 8, float64(width), s), "")); got != squeeze(s) {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// One writer prints the same bytes from several goroutines.
func TestSideBySide(t *testing.T) {
	w := writer(t)
	tab := &table.Table{ID: "t", Title: "T", Columns: []table.Column{{Key: "a", Name: "A", Kind: table.Code}, {Key: "s", Name: "S", Kind: table.Status}}}
	for range 80 {
		tab.Add("", table.Mono("arn:aws:iam::111122223333:user/Zażółć"), table.Word("Exception"))
	}
	p := &table.Paper{Title: "T", Blocks: []table.Block{table.H2("x", "X"), table.P("text ", table.B("bold"), table.K("code")), table.Grid{Table: tab}}}
	print := func() []byte {
		b, err := w.Paper(p, nil)
		if err != nil {
			t.Error(err)
		}
		return b
	}
	want := print()
	got := make([][]byte, 8)
	done := make(chan int)
	for i := range got {
		go func() { got[i] = print(); done <- i }()
	}
	for range got {
		<-done
	}
	for i := range got {
		if !bytes.Equal(got[i], want) {
			t.Errorf("copy %d differs", i)
		}
	}
}
