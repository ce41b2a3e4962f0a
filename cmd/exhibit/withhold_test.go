package main

import (
	"strings"
	"testing"
	"time"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render"
)

func TestBlackoutText(t *testing.T) {
	b := newBlackout([]byte("salt"))
	for _, v := range []string{"ada@example.com", "ada@example.com.org", "Ada L", "CEO", "Żak & Söhne", "a&b<c"} {
		b.add("person x", v)
	}
	d := b.digest
	for text, want := range map[string]string{
		"":                                "",
		"nothing":                         "nothing",
		"ada@example.com":                 d("ada@example.com"),
		"to ada@example.com, and":         "to " + d("ada@example.com") + ", and",
		"to ada@example.com.org":          "to " + d("ada@example.com.org"), // the longest
		"xada@example.com":                "xada@example.com",               // a word of its own
		"ada@example.comx":                "ada@example.comx",
		"ada@example.com ada@example.com": d("ada@example.com") + " " + d("ada@example.com"),
		"CEO":                             d("CEO"),
		"the CEO of":                      "the CEO of", // too short to be looked for within a text
		"by Żak & Söhne.":                 "by " + d("Żak & Söhne") + ".",
		"Adamant":                         "Adamant",
	} {
		if got := b.text(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if once := b.text(text); b.text(once) != once {
			t.Errorf("%q: another look changes it again", text)
		}
	}
	if d("x") == d("y") || !strings.HasPrefix(d("x"), "withheld:hmac-sha256:") || len(d("x")) != len("withheld:hmac-sha256:")+16 {
		t.Error(d("x"))
	}
	// What still stands in a file is found, however it is written there.
	e := b.escaped()
	for path, data := range map[string]string{"a.html": "<p>by Żak &amp; Söhne</p>", "a.jsonl": `{"x":"a\u0026b\u003cc"}`, "a.csv": "a&b<c\n", "a.js": `"ada@example.com"`} {
		if err := e.remains(render.File{Path: path, Data: []byte(data)}); err == nil || !strings.Contains(err.Error(), path+" still shows a value of person x") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := e.remains(render.File{Path: "a.html", Data: []byte("<p>" + b.text("by Żak & Söhne") + "</p>")}); err != nil {
		t.Error(err)
	}
}

// Values go from all that a report says, whatever holds them; verdicts, and what is
// written of checks, stay.
func TestBlackoutReport(t *testing.T) {
	b := newBlackout([]byte("salt"))
	b.add("person email", "ada@example.com")
	b.add("person team", "pass")
	it := evidence.Item{ID: "ada", Answers: map[string]any{"record": map[string]any{"email": "ada@example.com", "to": []any{"x ada@example.com"}}}}
	r := &control.Report{
		AsOf:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Records: map[string][]control.Located{"person": {{Item: it, Shared: &it}}},
		Checks: []control.CheckResult{{Check: control.Check{Name: "ada@example.com"}, Findings: []control.Finding{
			{Verdict: control.Pass, Value: "ada@example.com", Reason: "of ada@example.com"},
		}}},
	}
	b.report(r)
	rec := r.Records["person"][0].Answers["record"].(map[string]any)
	f := r.Checks[0].Findings[0]
	if d := b.digest("ada@example.com"); rec["email"] != d || rec["to"].([]any)[0] != "x "+d || f.Value != any(d) || f.Reason != "of "+d {
		t.Errorf("%v %+v", rec, f)
	}
	if f.Verdict != control.Pass || r.Checks[0].Check.Name != "ada@example.com" || r.AsOf.Year() != 2026 {
		t.Errorf("%+v", r.Checks[0])
	}
}

func TestKeepingTakes(t *testing.T) {
	take := func(field string, answers any) *keeping {
		k := newKeeping(&SharedPackage{Withhold: []Withholding{{Of: "iam/user", Field: field, Why: "x"}}}, []byte("salt"))
		k.take(0, answers)
		return k
	}
	answers := map[string]any{"GetUser": map[string]any{"User": map[string]any{"Tags": []any{map[string]any{"Key": "team", "Value": "red team"}, map[string]any{"Value": "blue team"}}, "On": true, "At": "2026-01-01T00:00:00Z"}}}
	if k := take("GetUser.User.Tags.Value", answers); k.values[0] != 2 || len(k.wrong) > 0 {
		t.Errorf("%v %v", k.values, k.wrong)
	}
	if k := take("GetUser.User.Tags", answers); k.values[0] != 3 {
		t.Errorf("%v", k.values)
	}
	for field, says := range map[string]string{"GetUser.User.On": "yes and no", "GetUser.User.At": "days or numbers"} {
		if k := take(field, answers); len(k.wrong) != 1 || !strings.Contains(k.wrong[0].Error(), says) {
			t.Errorf("%s: %v", field, k.wrong)
		}
	}
}

func TestWithoutLinks(t *testing.T) {
	gone := map[string]int{"artifacts/a/x.pdf": 0}
	for in, want := range map[string]string{
		`<a href="../artifacts/a/x.pdf">PDF</a>`:              `<a href="../withheld.html#kept-back">Withheld: PDF</a>`,
		`<a class="k" href="../artifacts/a/x.pdf#p">PDF</a>`:  `<a class="k" href="../withheld.html#kept-back">Withheld: PDF</a>`,
		`<a href="../artifacts/a/y.pdf">PDF</a>`:              `<a href="../artifacts/a/y.pdf">PDF</a>`,
		`<a href="#x">x</a> <a href="../artifacts/a/x.pdf">b`: `<a href="#x">x</a> <a href="../withheld.html#kept-back">Withheld: b`,
	} {
		if got := string(withoutLinks(render.File{Path: "controls/c.html", Data: []byte(in)}, gone)); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	if got := string(withoutLinks(render.File{Path: "data/search/0.js", Data: []byte(`f({"pages":["artifacts/a/x.pdf"]})`)}, gone)); got != `f({"pages":["withheld.html"]})` {
		t.Error(got)
	}
}
