package control

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// data reads JSON in which the text "!gap" stands for an unanswered question.
func data(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return marked(v)
}

func asItem(v any) any {
	if m, ok := v.(map[string]any); ok {
		return &questions{answers: m}
	}
	return v
}

// What an unanswered question does in every construct the language has. "unknown"
// is the answer wherever the rest does not decide; true and false only where it does.
func TestUnknownAlgebra(t *testing.T) {
	const item = `{
		"Known": {"True": true, "False": false, "N": 3, "S": "a", "L": ["a", "b"], "Null": null, "Obj": {"k": 1}},
		"Gap": "!gap",
		"Deep": {"Inner": "!gap", "Kept": 1, "L": [{"Name": "x", "Q": "!gap"}, {"Name": "y", "Q": true}]},
		"List": ["a", "!gap"],
		"None": null
	}`
	tests := []struct{ expr, want string }{
		// and, or, not
		{`item.Gap && true`, "unknown"}, {`true && item.Gap`, "unknown"},
		{`item.Gap && false`, "false"}, {`false && item.Gap`, "false"},
		{`item.Gap || true`, "true"}, {`true || item.Gap`, "true"},
		{`item.Gap || false`, "unknown"}, {`false || item.Gap`, "unknown"},
		{`!item.Gap`, "unknown"}, {`item.Gap && item.Gap`, "unknown"},
		{`item.Gap.Deeper.Still && false`, "false"}, {`item.Gap.Deeper.Still`, "unknown"},
		{`item.Gap && item.Known.Missing`, "unknown"}, {`item.Gap || item.Known.Missing`, "unknown"},
		// our functions: an unknown anywhere within is one
		{`catches("{\"source\":[\"aws.guardduty\"]}", "guardduty-high")`, "true"}, {`catches(item.Gap, "guardduty-high")`, "unknown"}, {`catches(item.Known.S, "guardduty-high")`, "problem"},
		{`size(distinct(item.Known.L)) == 2`, "true"}, {`size(distinct(item.List)) == 2`, "unknown"}, {`size(distinct(item.Gap)) == 0`, "unknown"},
		{`allowsAnyone({"Effect": "Allow", "Principal": "*"})`, "true"}, {`allowsAnyone({"Effect": "Allow", "Principal": item.Gap})`, "unknown"},
		// ternary
		{`item.Gap ? true : true`, "unknown"}, {`item.Known.True ? item.Gap : false`, "unknown"},
		{`item.Known.False ? item.Gap : true`, "true"}, {`(item.Gap ? item.Known : item.Deep).True`, "unknown"},
		// has
		{`has(item.Gap)`, "unknown"}, {`!has(item.Gap)`, "unknown"},
		{`has(item.Gap.X)`, "unknown"}, {`has(item.Deep.Inner)`, "unknown"}, {`has(item.Deep.Inner.X)`, "unknown"},
		{`has(item.Known.True)`, "true"}, {`has(item.Known.Missing)`, "false"}, {`has(item.None.X)`, "false"},
		{`has(item.None)`, "true"}, {`has(item.NeverAsked)`, "unknown"}, {`!has(item.NeverAsked)`, "unknown"},
		{`has(item.Deep.L[0].Q)`, "unknown"}, {`has(item.Deep.L[1].Q)`, "true"},
		// equality and order
		{`item.Gap == 1`, "unknown"}, {`item.Gap != 1`, "unknown"}, {`item.Gap == item.Gap`, "unknown"},
		{`item.Gap < 1`, "unknown"}, {`item.Gap == null`, "unknown"}, {`item.Gap != null`, "unknown"},
		{`item.Deep == null`, "false"}, {`item.Deep != null`, "true"}, {`item.List == "a"`, "false"}, {`item.None == null`, "true"}, {`item.None != null`, "false"}, {`item.Known.Obj == null`, "false"}, {`item.Known.Obj != null`, "true"},
		{`item.List == ["a", "b"]`, "unknown"}, {`item.List != ["a", "b"]`, "unknown"},
		{`["a", "b"] == item.List`, "unknown"}, {`["a", "b"] != item.List`, "unknown"},
		{`item.Deep == {"Kept": 1}`, "unknown"}, {`item.Deep != {"Kept": 1}`, "unknown"},
		{`item.Known.Obj == {"k": 1}`, "true"}, {`item.Known.Obj != {"k": 1}`, "false"}, {`{"k": 2} == item.Known.Obj`, "false"},
		{`item.Known.L == ["a", "b"]`, "true"}, {`item.Known.L != ["a"]`, "true"},
		// in
		{`"a" in item.List`, "true"}, {`"b" in item.List`, "unknown"}, {`!("b" in item.List)`, "unknown"},
		{`"z" in item.Known.L`, "false"}, {`item.Gap in ["a"]`, "unknown"}, {`item.Gap in item.Known.L`, "unknown"},
		{`"a" in ["a", item.Gap]`, "unknown"}, {`"Inner" in item.Deep`, "unknown"}, {`"Kept" in item.Deep`, "true"},
		{`"Nope" in item.Deep`, "false"}, {`"a" in item.Gap`, "unknown"}, {`"NeverAsked" in item`, "unknown"},
		{`{"k": 1} in [item.Known.Obj]`, "true"},
		// size
		{`size(item.Gap) == 0`, "unknown"}, {`item.Gap.size() == 0`, "unknown"}, {`size(item.List) == 2`, "unknown"},
		{`item.List.size() > 0`, "unknown"}, {`size(item.Known.L) == 2`, "true"}, {`item.Known.L.size() == 2`, "true"}, {`size(item.Deep.L) == 2`, "true"},
		{`size(item.Known.S) == 1`, "true"}, {`size(item.Known.Obj) == 1`, "true"},
		// macros
		{`item.Gap.exists(x, true)`, "unknown"}, {`item.Gap.all(x, true)`, "unknown"},
		{`item.List.exists(x, x == "a")`, "true"}, {`item.List.exists(x, x == "z")`, "unknown"},
		{`item.List.all(x, x == "a")`, "unknown"}, {`item.List.all(x, x == "z")`, "false"},
		{`["z"].all(x, x == item.Gap)`, "unknown"}, {`[].all(x, x == item.Gap)`, "true"}, {`[].exists(x, x == item.Gap)`, "false"},
		{`item.Deep.L.exists(x, x.Q)`, "true"}, {`item.Deep.L.all(x, x.Q)`, "unknown"},
		{`item.Deep.L.exists(x, x.Name == "x" && x.Q)`, "unknown"}, {`item.Deep.L.all(x, x.Name == "y" || x.Q)`, "unknown"},
		{`item.Deep.L.exists(x, has(x.Q))`, "true"}, {`item.Deep.L.all(x, has(x.Q))`, "unknown"},
		{`item.Deep.L.exists_one(x, x.Q)`, "unknown"}, {`item.Deep.L.exists_one(x, x.Name == "x")`, "true"},
		{`item.Deep.L.filter(x, x.Q).size() == 1`, "unknown"}, {`item.Deep.L.filter(x, x.Name == "x").size() == 1`, "true"},
		{`item.Deep.L.filter(x, x.Name == "x") == []`, "unknown"},
		{`item.Deep.L.map(x, x.Q).size() == 2`, "unknown"}, {`item.Deep.L.map(x, x.Name) == ["x", "y"]`, "true"},
		{`true in item.Deep.L.map(x, x.Q)`, "unknown"}, {`item.Deep.L.map(x, x.Name == "y", x.Q) == [true]`, "true"},
		{`(item.List + ["c"]).size() == 3`, "unknown"}, {`"c" in (item.List + ["c"])`, "true"}, {`"d" in (item.List + ["c"])`, "unknown"},
		{`item.Known.Obj.exists(k, k == "k")`, "true"}, {`item.Deep.exists(k, item.Deep[k] == 1)`, "true"}, {`item.Deep.all(k, item.Deep[k] == 1)`, "false"},
		// index
		{`item["Gap"]`, "unknown"}, {`item.Known[item.Gap]`, "unknown"}, {`item.List[1] == "a"`, "unknown"}, {`item.List[0] == "a"`, "true"},
		{`item["NeverAsked"]`, "unknown"},
		// functions, arithmetic, texts, times
		{`item.Gap + 1 == 2`, "unknown"}, {`string(item.Gap) == "a"`, "unknown"}, {`item.Gap.startsWith("a")`, "unknown"},
		{`"abc".startsWith(item.Gap)`, "unknown"}, {`item.Gap.matches("a")`, "unknown"}, {`timestamp(item.Gap) < asof`, "unknown"},
		{`days(item.Gap, asof) <= 90`, "unknown"}, {`days("2026-01-01", asof) == 180`, "true"}, {`date(item.Gap) == "a"`, "unknown"},
		{`statements(item.Gap).exists(s, true)`, "unknown"}, {`statements({"Statement": item.List}).exists(s, true)`, "unknown"},
		{`opensPort(item.Gap, 22)`, "unknown"}, {`opensPort([], item.Gap)`, "unknown"}, {`opensPort(item.List, 22)`, "unknown"},
		{`opensPort([{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]}], 22)`, "unknown"},
		{`allActions(item.Gap)`, "unknown"}, {`allResources({"Resource": item.List})`, "unknown"}, {`size(wholeServices(item.Gap)) == 0`, "unknown"},
		{`named(other, "a")`, "unknown"}, {`named(item.Gap, "a")`, "unknown"}, {`named([item], item.Gap)`, "unknown"}, {`named([item], "")`, "true"},
		{`named([item], "z")`, "false"}, {`named([item], "", "9")`, "false"}, {`named([item, item.Gap], "")`, "unknown"}, {`named([], "")`, "false"}, {`named("a", "a")`, "problem"},
		{`size(called(other, "a")) == 0`, "unknown"}, {`size(called(item.Gap, "a")) == 0`, "unknown"}, {`called([item], item.Gap) == []`, "unknown"}, {`called([item], "")[0].Known.True`, "true"},
		{`size(called([item], "z")) == 0`, "true"}, {`called([item, item.Gap], "") == []`, "unknown"}, {`size(called([item, item.Gap], "z")) == 0`, "unknown"}, {`called("a", "a") == []`, "problem"},
		{`denies(item.Gap, "a:B")`, "unknown"}, {`denies(item.None, "a:B")`, "false"}, {`denies({"Statement": item.List}, "a:B")`, "unknown"}, {`denies("x", "a:B")`, "problem"},
		{`daily(item.Gap)`, "unknown"}, {`daily("rate(1 day)")`, "true"}, {`daily("monthly")`, "problem"},
		{`where(other, "id", "a").size() == 0`, "unknown"}, {`where(item.Gap, "id", "a").size() == 0`, "unknown"}, {`where([item], "id", item.Gap).size() == 0`, "unknown"},
		{`where([item], "id", "").size() == 1`, "true"}, {`where([item], "Known.S", "a").size() == 1`, "true"}, {`where([item], "Known.S", "b").size() == 0`, "true"},
		{`where([item], "Known.L[]", "b").exists(x, x.Known.True)`, "true"}, {`where([item], "Known.L[]", "z").exists(x, x.Known.True)`, "false"},
		{`where([item, item], "Known.S", "a").size() == 2`, "true"}, {`where([], "id", "a").size() == 0`, "true"},
		{`where(item.Deep.L, "Name", "y").exists(x, x.Q)`, "true"}, {`where(item.Deep.L, "Name", "x").exists(x, x.Q)`, "unknown"}, {`where(item.List, "A", "b").exists(x, x.B)`, "unknown"},
		{`where([item], "Known.Missing", "a").size() == 0`, "unknown"}, {`where([item], "Gap.X", "a").size() == 0`, "unknown"}, {`where([item], "NeverAsked", "a").size() == 0`, "unknown"},
		{`where([item], "Known.N", "3").size() == 0`, "unknown"}, {`where([item], "Known", "a").size() == 0`, "unknown"}, {`where([item], "Known.S.X", "a").size() == 0`, "unknown"}, {`where([item], "Known.Null", "a").size() == 0`, "unknown"},
		{`where([item], "Known.S[]", "a").size() == 0`, "unknown"}, {`where([item], "Known.L", "a").size() == 0`, "unknown"}, {`where([item], "List[]", "a").exists(x, x.Known.True)`, "true"}, {`where([item], "List[]", "z").exists(x, x.Known.True)`, "unknown"},
		{`where([item], "Deep.L[].Name", "y").exists(x, x.Known.True)`, "true"}, {`where([item], "Deep.L[].Q", "y").size() == 0`, "unknown"},
		{`where([item], "Known.Missing?", "a").size() == 0`, "true"}, {`where([item], "Known.Missing?[]", "a").size() == 0`, "true"}, {`where([item], "Known.L?[]", "b").exists(x, x.Known.True)`, "true"},
		{`where([item], "Gap?[]", "a").size() == 0`, "unknown"}, {`where([item], "Gap.X?", "a").size() == 0`, "unknown"}, {`where([item], "NeverAsked?[]", "a").size() == 0`, "unknown"}, {`where([item], "Known.Null?", "a").size() == 0`, "unknown"},
		{`where("a", "id", "a").size() == 0`, "problem"},
		{`arn(item, "ec2", "volume/v") == "arn:aws:ec2:::volume/v"`, "true"}, {`arn(item, "ec2", item.Gap) == "x"`, "unknown"}, {`arn(item.Known, "ec2", "v") == "x"`, "problem"},
		{`opensAllPorts(item.Gap)`, "unknown"}, {`opensAllPorts(item.List)`, "unknown"}, {`opensAllPorts(item.None)`, "problem"},
		{`size(wideRanges(item.Gap, 24)) == 0`, "unknown"}, {`size(wideRanges([], 24)) == 0`, "true"}, {`size(wideRanges([{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]}], 24)) == 0`, "unknown"},
		{`aclOpensPort(item.Gap, 22)`, "unknown"}, {`aclOpensPort([], 22)`, "false"}, {`aclOpensPort(item.None, 22)`, "problem"},
		{`leadsToInternet(item.Gap)`, "unknown"}, {`leadsToInternet([{"GatewayId": "local"}])`, "false"}, {`leadsToInternet([{"DestinationCidrBlock": "0.0.0.0/0"}])`, "unknown"}, {`leadsToInternet(item.None)`, "problem"},
		{`dateIn(item.Gap) == ""`, "unknown"}, {`dateIn("User initiated (2025-11-20 10:15:30 GMT)") == "2025-11-20"`, "true"}, {`dateIn("") == ""`, "problem"},
		{`type(item.Gap) == string`, "unknown"}, {`dyn(item.Gap) == 1`, "unknown"},
		{`[item.Gap] == [1]`, "unknown"}, {`{"a": item.Gap} != {"a": 1}`, "unknown"}, {`{"a": item.Gap}.a == 1`, "unknown"},
		{`item.Known.True ? unknown("says so") : true`, "unknown"}, {`unknown("x") || true`, "true"}, {`item.Known.False ? unknown("says so") : true`, "true"},
		{`item.id == "" && item.account == ""`, "true"},
		// a whole variable
		{`other.exists(x, true)`, "unknown"}, {`size(other) == 0`, "unknown"}, {`other.all(x, false)`, "unknown"}, {`size(other) == 0 || true`, "true"},
		// whole and broken numbers
		{`item.Known.N >= 3`, "true"}, {`item.Known.N < 3.5`, "true"},
		// what is not there without a reason is a problem, never a pass
		{`item.Known.Missing`, "problem"}, {`!item.Known.Missing`, "problem"}, {`item.Known.Missing == 1`, "problem"}, {`item.Known.Missing != 1`, "problem"},
		{`item.None.X`, "problem"}, {`item.None.X != 1`, "problem"}, {`item.Known.S`, "problem"}, {`item.Known.L[7] == "a"`, "problem"},
		{`item.None.all(x, true)`, "problem"}, {`item.None.size() == 0`, "problem"}, {`timestamp(item.Known.S) < asof`, "problem"},
		{`days("N/A", asof) < 1`, "problem"}, {`statements("x").all(s, true)`, "problem"}, {`item.Known.S in item.None`, "problem"},
	}
	l, err := newLanguage([]string{"other"})
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]any{
		"item": asItem(data(t, item)), "other": unanswered{"other/thing in 1/eu (denied_scp)"},
		"asof": time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC),
	}
	for _, tt := range tests {
		p, err := l.predicate(tt.expr)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		r := p.eval(vars)
		got := "problem"
		switch b, ok := r.Value.(bool); {
		case r.Unknown != nil:
			got = "unknown"
		case r.Problem == "" && ok && b:
			got = "true"
		case r.Problem == "" && ok:
			got = "false"
		}
		if got != tt.want {
			t.Errorf("%s = %s (%+v), want %s", tt.expr, got, r, tt.want)
		}
	}
}

func TestShowsPartByPart(t *testing.T) {
	l, err := newLanguage(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.value(`{"rotation": item.Rotation.On, "policy": statements(item.Policy), "none": item.None, "missing": item.Rotation.Nope, "at": asof, "list": [item.Policy, 1]}`)
	if err != nil {
		t.Fatal(err)
	}
	item := &questions{answers: map[string]any{"Rotation": map[string]any{"On": true}, "Policy": unanswered{"Policy (AccessDeniedException)"}, "None": nil}}
	got := p.eval(map[string]any{"item": item, "asof": time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}).Value
	want := map[string]any{
		"rotation": true, "none": nil, "at": "2026-01-02T00:00:00Z",
		"policy":  "not answered: Policy (AccessDeniedException)",
		"missing": "the answer holds no Nope, and nothing says why",
		"list":    []any{"not answered: Policy (AccessDeniedException)", int64(1)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v\nwant %#v", got, want)
	}
}

func TestCausesAreNamed(t *testing.T) {
	l, err := newLanguage(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.predicate(`item.B && item.A.x == 1 && item.C`)
	if err != nil {
		t.Fatal(err)
	}
	got := p.eval(map[string]any{"item": &questions{answers: map[string]any{"A": unanswered{"A (x)"}, "B": unanswered{"B (y)"}}}}).Unknown
	if want := []string{"A (x)", "B (y)", "C (never asked)"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCostIsLimited(t *testing.T) {
	l, err := newLanguage(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.predicate(`items.all(a, items.all(b, items.all(c, a == b || b == c || true)))`)
	if err != nil {
		t.Fatal(err)
	}
	items := make([]any, 2000)
	for i := range items {
		items[i] = i
	}
	if r := p.eval(map[string]any{"items": items}); r.Problem != "the check costs more than one evaluation may" {
		t.Errorf("got %+v", r)
	}
}

func TestCompileRefuses(t *testing.T) {
	l, err := newLanguage(nil)
	if err != nil {
		t.Fatal(err)
	}
	for expr, want := range map[string]string{
		`item.A +`:            "Syntax error",
		`nope.A`:              "undeclared reference to 'nope'",
		`"text"`:              "gives string, but must give true or false",
		`readFile("/x")`:      "undeclared reference to 'readFile'",
		`item.A.matches("(")`: "invalid",
	} {
		if _, err := l.predicate(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", expr, err, want)
		}
	}
}
