package table

import (
	"encoding/json"
	"testing"
)

func TestValueLines(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{`{"mfa_active":"false","user":"ada"}`, "mfa_active: false\nuser: ada"},
		{`{"counted_to":"2026-09-30","age_days":140}`, "age_days: 140\ncounted_to: 2026-09-30"},
		{`{"account":[{"A":true,"B":false}],"bucket":"no block is set"}`, "account.A: true\naccount.B: false\nbucket: no block is set"},
		{`{"bucket":{"A":true}}`, "bucket.A: true"},
		{`[{"trail":"t","multi":false},{"trail":"u","multi":true}]`, "– multi: false; trail: t\n– multi: true; trail: u"},
		{`{"open":[]}`, "open: none"},
		{`[[]]`, "none"},
		{`{"wildcards":[[[]]]}`, "wildcards: none"},
		{`{"allows_all":[[{"Action":["*"],"Resource":["*"]}]]}`, "allows_all.Action: *\nallows_all.Resource: *"},
		{`{"error":""}`, "error: (empty)"},
		{`{"a":{"b":{"c":[{"d":{"e":1}}]}}}`, "a.b.c.d.e: 1"},
		{`{"a":[{"d":{"e":1}},{"d":2}]}`, "a:\n– d: {\"e\":1}\n– d: 2"},
		{`["one","two"]`, "one, two"},
		{`["arn:aws:iam::111122223333:user/a-long-name-of-one","arn:aws:iam::111122223333:user/a-long-name-of-two"]`,
			"– arn:aws:iam::111122223333:user/a-long-name-of-one\n– arn:aws:iam::111122223333:user/a-long-name-of-two"},
		{`24`, "24"},
		{`true`, "true"},
		{`"public"`, "public"},
	} {
		var v any
		if err := json.Unmarshal([]byte(c.json), &v); err != nil {
			t.Fatal(err)
		}
		if got := ValueLines(v); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.json, got, c.want)
		}
	}
}
