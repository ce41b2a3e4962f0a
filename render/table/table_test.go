package table

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"exhibit/control"
	"exhibit/evidence"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"plain ASCII":             "plain ASCII",
		"Zażółć 東京 🙂":             "Zażółć 東京 🙂",
		"two\nlines":              "two\nlines",
		"tab\there":               "tab here",
		"invoice\u202efdp.exe":    "invoice<U+202E>fdp.exe",
		"a\u200bb":                "a<U+200B>b",
		"nul\x00":                 "nul<U+0000>",
		"\x1b[31m":                "<U+001B>[31m",
		"cr\r\n":                  "cr<U+000D>\n",
		"bad\xff":                 "bad<0xFF>",
		"was bad\ufffd":           "was bad<U+FFFD>",
		"no\u00a0break \u2066iso": "no<U+00A0>break <U+2066>iso",
	} {
		if got := Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\u202eb\x00\xff\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := Visible(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q: U+%04X does not show", got, r)
			}
		}
		if again := Visible(got); again != got {
			t.Fatalf("%q became %q", got, again)
		}
	})
}

func TestNames(t *testing.T) {
	n := newNames()
	for _, c := range []struct{ id, want string }{
		{"CC6.1", "CC6.1"},
		{"kms/key", "kms-key"},
		{"AC-03", "AC-03"},
		{"ac-03", "x-" + Hash("ac-03")}, // a twin that differs in case
		{"kms-key", "x-" + Hash("kms-key")},
		{"../../etc/passwd", "x-" + Hash("../../etc/passwd")},
		{"con", "x-" + Hash("con")}, {"LPT1.txt", "x-" + Hash("LPT1.txt")}, {"aux.html", "x-" + Hash("aux.html")},
		{".hidden", "x-" + Hash(".hidden")}, {"ends.", "x-" + Hash("ends.")}, {"-rf", "x-" + Hash("-rf")},
		{"a b", "x-" + Hash("a b")}, {"é", "x-" + Hash("é")}, {"", "x-" + Hash("")}, {"x-taken", "x-" + Hash("x-taken")},
		{strings.Repeat("a", 65), "x-" + Hash(strings.Repeat("a", 65))},
		{"kms/key", "kms-key"}, // asked again
	} {
		if got := n.name(c.id); got != c.want {
			t.Errorf("name(%q) = %q, want %q", c.id, got, c.want)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a/b", "A-b")
	f.Fuzz(func(t *testing.T, a, b string) {
		n := newNames()
		x, y := n.name(a), n.name(b)
		if a != b && strings.EqualFold(x, y) {
			t.Fatalf("%q and %q are both %q", a, b, x)
		}
		for _, name := range []string{x, y} {
			if !plainName(name) && !strings.HasPrefix(name, "x-") {
				t.Fatalf("%q is no plain name", name)
			}
		}
	})
}

func TestNeutral(t *testing.T) {
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"} {
		if got := Neutral(s); got != "'"+s {
			t.Errorf("Neutral(%q) = %q", s, got)
		}
	}
	for _, s := range []string{"", "1", "a=b", "'=1", "arn:aws:iam::1:user/x"} {
		if got := Neutral(s); got != s {
			t.Errorf("Neutral(%q) = %q", s, got)
		}
	}
}

func example() *Table {
	t := &Table{ID: "t", Title: "T", Columns: []Column{{Key: "name", Name: "Name"}, {Key: "n", Name: "N", Kind: Number}, {Key: "at", Name: "At", Kind: Time}, {Key: "on", Name: "On", Kind: Date}}}
	t.Add("1", Str("=evil()"), Int(-3), At(time.Date(2026, 1, 2, 3, 4, 5, 999, time.FixedZone("x", 3600))), Day(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)))
	t.Add("2", Cell{}, Cell{}, Cell{}, Cell{})
	return t
}

// Whoever names a tag names a column.
func TestCSVHeadIsText(t *testing.T) {
	g := &Table{ID: "t", Columns: []Column{{Key: "=1+1"}, {Key: "a\u202eb"}}}
	b, err := g.CSV(Stamp{})
	if err != nil {
		t.Fatal(err)
	}
	if head, _, _ := strings.Cut(string(b), "\n"); head != "'=1+1,a<U+202E>b,exhibit" {
		t.Errorf("the head is %q", head)
	}
}

func TestCSVAndJSON(t *testing.T) {
	s := Stamp{Sample: true, Organisation: "Org", Period: "p", Run: "r", Commit: "c"}
	b, err := example().CSV(s)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(b))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[1][:5], "|"); got != "SAMPLE|'=evil()|-3|2026-01-02T02:04:05Z|2026-01-02" {
		t.Errorf("the first line is %s", got)
	}
	if got := strings.Join(rows[2][:5], "|"); got != "SAMPLE||||" {
		t.Errorf("an empty line is %s", got)
	}
	b, err = example().JSON(s)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Sample bool
		Rows   []map[string]any
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Sample || got.Rows[0]["name"] != "=evil()" || got.Rows[0]["n"] != -3.0 || len(got.Rows[1]) != 0 {
		t.Errorf("JSON is %s", b)
	}
}

func TestAddCountsCells(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a row of one cell in a table of four columns")
		}
	}()
	example().Add("3", Str("x"))
}

func TestScalar(t *testing.T) {
	for _, c := range []struct {
		in   any
		kind Kind
		want string
	}{
		{json.Number("42"), Number, "42"}, {json.Number("1.5"), Text, "1.5"}, {json.Number("12345678901234567890"), Text, "12345678901234567890"},
		{json.Number("1234567890123456"), Text, "1234567890123456"}, // a spreadsheet keeps 15 digits
		{"2026-01-02", Date, "2026-01-02"}, {"2026-01-02T03:04:05Z", Time, "2026-01-02T03:04:05Z"}, {"2026-13-02", Text, "2026-13-02"},
		{"111122223333", Text, "111122223333"}, {true, Text, "true"}, {nil, Text, "(none)"}, {"00000001", Text, "00000001"},
	} {
		if got := scalar(c.in); got.Kind != c.kind || got.String() != c.want {
			t.Errorf("scalar(%v) is kind %d %q, want kind %d %q", c.in, got.Kind, got.String(), c.kind, c.want)
		}
	}
}

func TestFlatten(t *testing.T) {
	fields := Flatten(map[string]any{"B": nil, "A": map[string]any{"y": []any{"p", "q"}, "x": map[string]any{}, "z": []any{map[string]any{"k": "v"}}}})
	var got []string
	for _, f := range fields {
		got = append(got, f.Path+"="+f.Cell.String())
	}
	if want := `A.x={} A.y=p, q A.z=[{"k":"v"}] B=(none)`; strings.Join(got, " ") != want {
		t.Errorf("Flatten = %v, want %s", got, want)
	}
}

func TestCompare(t *testing.T) {
	before := "1\n2\n3\n4\n5\n6\n7\n8\n9\nthe quick fox\nend\n"
	after := "1\n2\n3\n4\n5\n6\n7\n8\n9\nthe slow fox\nend\nnew\n"
	var got []string
	for _, l := range Compare([]byte(before), []byte(after)) {
		s := string(l.Kind) + l.Text
		for _, w := range l.Words {
			if w.Changed {
				s += " [" + w.Text + "]"
			}
		}
		got = append(got, s)
	}
	want := []string{"@6 lines unchanged", " 7", " 8", " 9", "-the quick fox [quick]", "+the slow fox [slow]", " end", "+new"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("Compare:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if d := Compare([]byte("same\n"), []byte("same")); len(d) != 1 || d[0].Kind != '@' {
		t.Errorf("the same text differs: %v", d)
	}
}

// A comparison loses no line of either text.
func FuzzCompare(f *testing.F) {
	f.Add("a\nb\nc", "a\nx y\nc\nd")
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 2000 {
			return
		}
		a, b := lines([]byte(before)), lines([]byte(after))
		var old, now []string
		for _, op := range script(a, b) {
			if op.kind != '+' {
				old = append(old, op.text)
			}
			if op.kind != '-' {
				now = append(now, op.text)
			}
		}
		if strings.Join(old, "\n") != strings.Join(a, "\n") || strings.Join(now, "\n") != strings.Join(b, "\n") {
			t.Fatalf("script of %q and %q gives %q and %q", a, b, old, now)
		}
		for _, l := range Compare([]byte(before), []byte(after)) {
			s := ""
			for _, w := range l.Words {
				s += w.Text
			}
			if len(l.Words) > 0 && s != l.Text {
				t.Fatalf("the words of %q are %q", l.Text, s)
			}
		}
	})
}

// Two sources that would be spelt alike have pages of their own.
func TestBookPaths(t *testing.T) {
	r := &control.Report{Cells: []evidence.Cell{
		{Account: "1", Region: "r", Source: "kms/key"}, {Account: "1", Region: "r", Source: "kms-key"}, {Account: "", Region: "../x", Source: "git/changes"},
	}}
	b := NewBook(r)
	seen := map[string]bool{}
	for _, c := range r.Cells {
		p := b.CellPage(KeyOf(c))
		if p == "" || seen[p] || strings.Contains(p, "..") {
			t.Errorf("the page of %v is %q", KeyOf(c), p)
		}
		seen[p] = true
	}
	if p := b.CellPage(Key{"2", "r", "kms/key"}); p != "" {
		t.Errorf("a cell nobody planned has the page %q", p)
	}
}

func TestFindingIDStays(t *testing.T) {
	f := control.Finding{Check: "c", Account: "a", Region: "r", Source: "s", Item: "i", Verdict: control.Pass, Value: true}
	g := f
	g.Verdict, g.Value, g.Evidence.Commit = control.Fail, false, "other"
	if FindingID(f) != FindingID(g) {
		t.Error("a finding's id depends on its verdict")
	}
	g.Item = "j"
	if FindingID(f) == FindingID(g) {
		t.Error("two items have one finding id")
	}
}
