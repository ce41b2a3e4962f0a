package control

import (
	"strings"
	"testing"
	"testing/fstest"
)

const goodCheck = `- check: key-rotates
  title: Keys rotate
  says: Keys rotate.
  of: kms/key
  pass: item.A.B
  shows: item.A.B
  severity: high
  remediation: Switch it on.
  examples: {pass: [{item: {A: {B: true}}}], fail: [{item: {A: {B: false}}}], unknown: [{item: {A: "!gap"}}]}
`

func tree(checks, controls string) fstest.MapFS {
	return fstest.MapFS{
		"soc2/criteria.yaml":  {Data: []byte(smallCriteria)},
		"soc2/cc6.yaml":       {Data: []byte(controls)},
		"checks/kms.yaml":     {Data: []byte(checks)},
		"records/vendor.yaml": {Data: []byte("{kind: vendor, cadence: kept current}")},
	}
}

const goodControl = "- {control: AC-01, title: t, statement: s, owner: o, frequency: continuous, criteria: [CC6.1], checks: [key-rotates]}\n"

// Every mistake is named with its file and line, and what is allowed.
func TestLoadRefuses(t *testing.T) {
	edit := func(old, with string) string {
		if !strings.Contains(goodCheck, old) {
			t.Fatalf("no %q in the check", old)
		}
		return strings.Replace(goodCheck, old, with, 1)
	}
	tests := map[string]struct{ checks, controls, want string }{
		"unknown key":          {edit("severity:", "severty:"), goodControl, `checks/kms.yaml:7: unknown key "severty" in the entry (did you mean "severity"?); allowed are check, title`},
		"doubled key":          {edit("  severity: high\n", "  severity: high\n  severity: low\n"), goodControl, `checks/kms.yaml:8: "severity" is given twice`},
		"wrong type":           {edit("severity: high", "severity: [high]"), goodControl, `checks/kms.yaml:7: severity must be a text`},
		"number for text":      {edit("severity: high", "severity: 7"), goodControl, `checks/kms.yaml:7: severity must be a text; put 7 in quotes`},
		"unknown severity":     {edit("severity: high", "severity: hihg"), goodControl, `checks/kms.yaml:1: check "key-rotates": severity "hihg" is not one of critical, high, medium, low, info`},
		"does not compile":     {edit("pass: item.A.B", "pass: item.A.("), goodControl, `checks/kms.yaml:5: check "key-rotates": pass: Syntax error`},
		"unknown variable":     {edit("pass: item.A.B", "pass: itm.A.B"), goodControl, `checks/kms.yaml:5: check "key-rotates": pass: undeclared reference to 'itm'`},
		"not a truth":          {edit("pass: item.A.B", "pass: '\"yes\"'"), goodControl, `pass: gives string, but must give true or false`},
		"no shows":             {edit("  shows: item.A.B\n", ""), goodControl, `checks/kms.yaml:1: check "key-rotates": shows: must be given`},
		"no unknown example":   {edit(`, unknown: [{item: {A: "!gap"}}]`, ""), goodControl, `examples: at least one unknown case must be given`},
		"no NA example":        {edit("  pass:", "  when: item.A.C\n  pass:"), goodControl, `examples: at least one not_applicable case must be given`},
		"gap as a tag":         {edit(`"!gap"`, `!gap x`), goodControl, `a question that was not answered is written "!gap", in quotes`},
		"alias":                {edit("{A: {B: true}}", "&x {A: {B: true}}"), goodControl, `anchors and aliases are not allowed`},
		"bad source":           {edit("of: kms/key", "of: kms"), goodControl, `of "kms" must name a source`},
		"unknown record":       {edit("of: kms/key", "of: record/vendr"), goodControl, `of: unknown kind of record "vendr" (did you mean "vendor"?)`},
		"unknown each":         {edit("  pass:", "  each: regin\n  pass:"), goodControl, `each "regin" is not one of item, region, account, organisation`},
		"reserved with":        {edit("  pass:", "  with: {item: kms/key}\n  pass:"), goodControl, `"item" cannot name a variable`},
		"with a keyword":       {edit("  pass:", "  with: {in: kms/key}\n  pass:"), goodControl, `checks/kms.yaml:5: check "key-rotates": with: a variable cannot be called "in"`},
		"unknown join":         {edit("  pass: item.A.B\n  shows: item.A.B\n", "  join: leavers\n"), goodControl, `unknown join "leavers"; there are access-reviewed-quarterly`},
		"join and pass":        {edit("  shows: item.A.B\n", "  join: leavers-have-no-access\n"), goodControl, `join stands for when, needs, pass, shows and each`},
		"bad name":             {edit("check: key-rotates", "check: Key_Rotates"), goodControl, `the name must be lower-case words joined by hyphens`},
		"example variable":     {edit("{item: {A: {B: true}}}", "{item: {A: {B: true}}, with: {other: []}}"), goodControl, `examples: "other" is not a variable of the check`},
		"check twice":          {goodCheck + goodCheck, goodControl, `checks/kms.yaml:10: check "key-rotates" is already defined at checks/kms.yaml:1`},
		"not a list":           {"check: x\n", goodControl, `checks/kms.yaml:1: must be a list`},
		"empty":                {"", goodControl, `checks/kms.yaml:1: empty`},
		"two documents":        {goodCheck + "---\n" + goodCheck, goodControl, `checks/kms.yaml: more than one document`},
		"not yaml":             {"- {", goodControl, `checks/kms.yaml: yaml: `},
		"control: check":       {goodCheck, strings.Replace(goodControl, "[key-rotates]", "[key-rotate]", 1), `soc2/cc6.yaml:1: control "AC-01": unknown check "key-rotate" (did you mean "key-rotates"?)`},
		"control: criterion":   {goodCheck, strings.Replace(goodControl, "CC6.1", "CC6.9", 1), `soc2/cc6.yaml:1: control "AC-01": unknown criterion "CC6.9"`},
		"control: record":      {goodCheck, strings.Replace(goodControl, "checks:", "records: [vendors], checks:", 1), `unknown kind of record "vendors" (did you mean "vendor"?)`},
		"control: frequency":   {goodCheck, strings.Replace(goodControl, "continuous", "often", 1), `frequency "often" is not one of continuous, daily`},
		"control: twice":       {goodCheck, goodControl + goodControl, `soc2/cc6.yaml:2: control "AC-01" is already defined at soc2/cc6.yaml:1`},
		"control: no owner":    {goodCheck, strings.Replace(goodControl, "owner: o, ", "", 1), `control, title, statement, owner and criteria must be given`},
		"control: unknown key": {goodCheck, strings.Replace(goodControl, "owner:", "ownr:", 1), `soc2/cc6.yaml:1: unknown key "ownr" in the entry (did you mean "owner"?)`},
	}
	for name, tt := range tests {
		_, err := Load(tree(tt.checks, tt.controls), nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, tt.want)
		}
	}
	if _, err := Load(tree(goodCheck, goodControl), nil); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestLoadUser(t *testing.T) {
	user := fstest.MapFS{
		"checks/own.yaml": {Data: []byte(strings.Replace(goodCheck, "key-rotates", "own-check", 1))},
		"soc2/own.yaml":   {Data: []byte(strings.NewReplacer("AC-01", "OWN-1", "key-rotates", "own-check").Replace(goodControl))},
	}
	lib, err := Load(tree(goodCheck, goodControl), user)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := lib.Check("own-check"); !ok || c.File != "checks/own.yaml:1" || len(lib.Controls) != 2 || len(lib.Test()) != 6 {
		t.Errorf("got %+v", lib)
	}
	user["checks/own.yaml"].Data = []byte(goodCheck)
	if _, err := Load(tree(goodCheck, goodControl), user); err == nil || !strings.Contains(err.Error(), `check "key-rotates" is already defined`) {
		t.Errorf("a check of the same name: %v", err)
	}
	if _, err := Load(fstest.MapFS{}, nil); err == nil || !strings.Contains(err.Error(), "reading the criteria") {
		t.Errorf("no criteria: %v", err)
	}
}

// Whatever stands in a check file: an error, or a library whose examples run.
func FuzzCheckYAML(f *testing.F) {
	f.Add([]byte(goodCheck))
	f.Add([]byte(goodCheck + "- check: [\n"))
	f.Add([]byte("- &a {check: *a}"))
	f.Add([]byte(strings.Replace(goodCheck, "item.A.B", "items.all(x, x.A in [1, 2.5, null])", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		lib, err := Load(tree(string(b), "[]"), nil)
		if err != nil {
			return
		}
		for _, r := range lib.Test() {
			if r.Group == "unknown" && r.OK && r.Got == Pass {
				t.Errorf("an unknown passes: %+v", r)
			}
		}
	})
}
