package pseudonym

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"exhibit/control"
	"exhibit/evidence"
)

func key(t testing.TB, seed byte) Key {
	t.Helper()
	b, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{seed}, keyBytes)))
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParseKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func item(source, id string, question string, answer map[string]any) control.Located {
	return control.Located{Item: evidence.Item{ID: id, Answers: map[string]any{question: answer}}, Source: source, Pointer: control.Pointer{Path: "registers/people.yaml", Line: 7}}
}

// report has a person with a telling name, one whose id and login are words, one of
// the HR system's list alone, a service, and a stranger.
func report() *control.Report {
	return &control.Report{
		Records: map[string][]control.Located{
			"person": {
				item("record/person", "rosalind-quayle", "record", map[string]any{"id": "rosalind-quayle", "name": "Rosalind Quayle", "email": "rosalind.quayle@example.com", "iam_users": []any{"111122223333/rquayle"}, "code_host": []any{"quayle-r"}, "git": []any{"rq@home.example"}, "identity_center": "none"}),
				item("record/person", "grace", "record", map[string]any{"id": "grace", "name": "Grace Ana Lindqvist", "email": "grace@example.com", "iam_users": []any{"ana"}, "manager": "rosalind-quayle"}),
			},
			"hr-person": {item("record/hr-person", "117", "record", map[string]any{"id": "117", "name": "Cillian Roarke", "email": "cillian@example.com"}),
				item("record/hr-person", "E-204", "record", map[string]any{"id": "E-204", "name": "Rosalind Quayle", "email": "rosalind.quayle@example.com"})},
			"identity": {item("record/identity", "x", "record", map[string]any{"system": "iam-user", "principal": "111122223333/backup-agent", "kind": "service", "owner": "grace"})},
		},
		Items: map[string][]control.Located{
			"iam/credential": {item("iam/credential", "a", "GetCredentialReport", map[string]any{"user": "backup-agent"}), item("iam/credential", "b", "GetCredentialReport", map[string]any{"user": "obelenko"}), item("iam/credential", "c", "GetCredentialReport", map[string]any{"user": "<root_account>"})},
		},
	}
}

func names(t testing.TB) *Names {
	t.Helper()
	n, err := New(key(t, 1), report(), []string{"owner", "manager", "reviewer"})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *Names) mustBe(t testing.TB, name string) string {
	t.Helper()
	p := n.whole[fold(name)]
	if p == "" {
		t.Fatalf("%q has no pseudonym", name)
	}
	return p
}

func TestText(t *testing.T) {
	n := names(t)
	r, g, o := n.mustBe(t, "rosalind-quayle"), n.mustBe(t, "grace"), n.mustBe(t, "obelenko")
	for in, want := range map[string]string{
		"Rosalind Quayle left.":                          "{R} left.",
		"ROSALIND\nQUAYLE, R. Quayle":                    "{R}, {R}",
		"Quayle, Rosalind (E-204)":                       "{R} ({R})",
		"<rosalind.quayle@example.com> rq@home.example.": "<{R}> {R}.",
		"records/offboarding/2026-rosalind-quayle.md":    "records/offboarding/2026-{R}.md",
		"IAM user rquayle in 111122223333":               "IAM user {R} in 111122223333",
		"arn:aws:iam::111122223333:user/rquayle":         "arn:aws:iam::111122223333:user/{R}",
		"arn:aws:iam::111122223333:user/ops/obelenko":    "arn:aws:iam::111122223333:user/ops/{O}",
		"rquayles and marquayle":                         "rquayles and marquayle",
		"days of grace; Ana said so":                     "days of grace; Ana said so",
		"arn:aws:iam::111122223333:user/ana":             "arn:aws:iam::111122223333:user/{G}",
		"111122223333/ana, @ana":                         "111122223333/{G}, @{G}",
		"assumed-role/Reader/ana":                        "assumed-role/Reader/{G}",
		"Grace Lindqvist and Grace Ana  Lindqvist":       "{G} and {G}",
		"arn:aws:iam::111122223333:user/backup-agent":    "arn:aws:iam::111122223333:user/backup-agent",
		"git@host.example:shop.git noreply@x.example":    "git@host.example:shop.git noreply@x.example",
		"https://u:secret@host.example/x left-pad@1.2.0": "https://u:secret@host.example/x left-pad@1.2.0",
		"117 items on port 117":                          "117 items on port 117",
		"5+quayle-r@users.noreply.host.example":          "{R}",
	} {
		want = strings.NewReplacer("{R}", r, "{G}", g, "{O}", o).Replace(want)
		if got := n.Text(in); got != want {
			t.Errorf("%q became\n%q, want\n%q", in, got, want)
		}
	}
	if s := n.Text("E-ed2136d94ded"); !strings.HasPrefix(s, "E-") || len(s) != 14 || s == "E-ed2136d94ded" {
		t.Errorf("the name of an entitlement, a digest without a key, became %q", s)
	}
	if s := n.Text("someone@elsewhere.example"); !strings.HasPrefix(s, "P-") {
		t.Errorf("an address no register has became %q", s)
	}
}

func lastRune(s string) (rune, bool) {
	r := []rune(s)
	if len(r) == 0 {
		return ' ', false
	}
	return r[len(r)-1], true
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return ' ', false
}

func TestReportIsJudgedAsBefore(t *testing.T) {
	r := report()
	r.Checks = []control.CheckResult{{Findings: []control.Finding{
		{Check: "c", Source: "record/person", Item: "grace", Verdict: control.Fail, Value: map[string]any{"owner": "grace", "days": json.Number("117"), "permission": "admin"}, Evidence: control.Pointer{Path: "registers/people.yaml", Line: 3}},
		{Check: "c", Source: "record/person", Item: "rosalind-quayle", Verdict: control.Fail, Reason: "which IAM user is rquayle"},
	}}}
	r.People = []control.PersonLife{{ID: "grace", Name: "Grace Ana Lindqvist", Left: true}}
	n, err := New(key(t, 1), r, []string{"owner"})
	if err != nil {
		t.Fatal(err)
	}
	n.Report(r)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rosalind", "quayle", "grace", "lindqvist", "cillian", "roarke", `"117"`, "obelenko", "E-204", `"ana"`} {
		if strings.Contains(strings.ToLower(string(b)), strings.ToLower(name)) {
			t.Errorf("the report still holds %s", name)
		}
	}
	g := n.whole["grace"]
	found := r.Checks[0].Findings
	i := slices.IndexFunc(found, func(f control.Finding) bool { return f.Item == g })
	if i < 0 || found[i].Verdict != control.Fail || found[i].Evidence.Line != 0 {
		t.Fatalf("the finding about %s is %+v", g, found)
	}
	v := found[i].Value.(map[string]any)
	if v["owner"] != g || v["days"] != json.Number("117") || v["permission"] != "admin" {
		t.Errorf("the value that decided is %v", v)
	}
	if !slices.IsSortedFunc(found, func(a, b control.Finding) int { return strings.Compare(a.Item, b.Item) }) {
		t.Error("findings stand in the order of the names they had")
	}
	if m := r.Records["hr-person"][0].Answers["record"].(map[string]any); !strings.HasPrefix(m["id"].(string), "P-") {
		t.Errorf("the HR system's row is %v", m)
	}
	if got := r.Records["identity"][0].Answers["record"].(map[string]any)["principal"]; got != "111122223333/backup-agent" {
		t.Errorf("a service became %v", got)
	}
}

func TestTheKeyAloneDecides(t *testing.T) {
	a, b := names(t), names(t)
	if a.mustBe(t, "rosalind-quayle") != b.mustBe(t, "rosalind.quayle@example.com") {
		t.Error("the same key gives two pseudonyms")
	}
	c, err := New(key(t, 2), report(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.mustBe(t, "grace") == c.mustBe(t, "grace") || a.Fingerprint() == c.Fingerprint() {
		t.Error("another key gives the same pseudonym, or looks the same")
	}
}

func TestANameOfTwoIsNeithers(t *testing.T) {
	r := report()
	r.Records["person"] = append(r.Records["person"], item("record/person", "rob-quayle", "record", map[string]any{"id": "rob-quayle", "name": "Rob Quayle", "email": "rob@example.com"}))
	n, err := New(key(t, 1), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	shared := n.mustBe(t, "R. Quayle")
	if shared == n.mustBe(t, "rob-quayle") || shared == n.mustBe(t, "rosalind-quayle") {
		t.Error("R. Quayle is taken for one of two")
	}
}

func TestLines(t *testing.T) {
	n := names(t)
	in := `{"commit":{"author":{"email":"rosalind.quayle@example.com","name":"Ros"}},"id":"1"}` + "\n" + `{"id":"2","plain":true}` + "\n" + `{"UserName":"ana","id":"3"}` + "\n"
	out := string(n.Lines([]byte(in)))
	r, g := n.mustBe(t, "rosalind-quayle"), n.mustBe(t, "grace")
	want := `{"commit":{"author":{"email":"` + r + `","name":"` + r + `"}},"id":"1"}` + "\n" + `{"id":"2","plain":true}` + "\n" + `{"UserName":"` + g + `","id":"3"}` + "\n"
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	if n.Clean([]byte(in)) || !n.Clean([]byte(`{"service":"kms","params":{"Limit":1000}}`+"\n")) {
		t.Error("a file that names people passes for one that does not, or the other way round")
	}
}

func TestParseKeyRefuses(t *testing.T) {
	for _, bad := range []string{"", "# only words\n", keyHead + "00\n", strings.Repeat("0", 64), keyHead + strings.Repeat("zz", 32), keyHead + strings.Repeat("00", 32) + "\n" + keyHead + strings.Repeat("00", 32)} {
		if _, err := ParseKey([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
	}
}

func FuzzText(f *testing.F) {
	n := names(f)
	for _, s := range []string{"Rosalind\u00a0 Quayle", "E-ed2136d94ded", "a@b.cd", ":user/@", "\xff@x.yz", "@", "111122223333/ana"} {
		f.Add(s)
	}
	n.closed = true
	f.Fuzz(func(t *testing.T, s string) {
		once := n.Text(s)
		for _, name := range []string{"rosalind-quayle", "rosalind.quayle@example.com", "obelenko"} {
			at := strings.Index(once, name)
			if at < 0 {
				continue
			}
			before, _ := lastRune(once[:at])
			after, _ := firstRune(once[at+len(name):])
			if !inWord(before) && !inWord(after) {
				t.Errorf("%q still holds %s: %q", s, name, once)
			}
		}
		n.Lines([]byte(s))
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add([]byte(keyHead + strings.Repeat("00", 32)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := ParseKey(b); err == nil && len(k.b) != keyBytes {
			t.Errorf("a key of %d bytes", len(k.b))
		}
	})
}
