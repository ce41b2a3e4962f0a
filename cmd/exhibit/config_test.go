package main

import (
	"strings"
	"testing"
)

const goodConfig = `organisation: Example, Inc.
engagement:
  period: {start: 2026-01-01, end: 2026-12-31}
`

func TestConfigDefaults(t *testing.T) {
	c, err := parseConfig("exhibit.yaml", []byte(goodConfig))
	if err != nil {
		t.Fatal(err)
	}
	if c.Engagement.Type != "type-2" || c.AWS.Discover != "named" || c.Out != "out" || len(c.Engagement.Categories) != 1 {
		t.Errorf("defaults: %+v", c)
	}
	if got := c.engagement().Period.String(); got != "2026-01-01..2026-12-31" {
		t.Errorf("period %s", got)
	}
}

func TestConfigRefuses(t *testing.T) {
	for name, x := range map[string]struct{ add, says string }{
		"a key twice":          {"organisation: Other\n", `exhibit.yaml:4: mapping key "organisation" already defined`},
		"an account unquoted":  {"aws:\n  accounts:\n    - {id: 12345678901, name: x}\n", `exhibit.yaml:6: aws.accounts.0.id: "12345678901" is not an AWS account id`},
		"an account twice":     {"aws:\n  accounts:\n    - {id: \"111122223333\"}\n    - {id: \"111122223333\"}\n", "exhibit.yaml:7: aws.accounts.1.id: account 111122223333 is named twice"},
		"a role":               {"aws:\n  role: \"my role\"\n", `exhibit.yaml:5: aws.role: "my role" is neither a role's name nor its ARN`},
		"everything excluded":  {"aws:\n  out_of_scope:\n    - {reason: because}\n", "exhibit.yaml:6: aws.out_of_scope.0: names no account, region or source"},
		"both path and url":    {"repositories:\n  - {name: a, path: a, url: b, branch: main}\n", "exhibit.yaml:5: repositories.0: needs either path or url"},
		"a name with a slash":  {"repositories:\n  - {name: a/b, path: a, branch: main}\n", `repositories.0.name: "a/b" must be`},
		"out above the folder": {"out: ../out\n", `exhibit.yaml:4: out: "../out" must be a folder below the repository`},
		"a hidden direction":   {"sample: false\n# \u202e\n", ""},
	} {
		_, err := parseConfig("exhibit.yaml", []byte(goodConfig+x.add))
		switch {
		case x.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case x.says != "" && (err == nil || !strings.Contains(err.Error(), x.says)):
			t.Errorf("%s: %v, want %q", name, err, x.says)
		}
	}
	if _, err := parseConfig("exhibit.yaml", []byte(strings.Replace(goodConfig, "2026-12-31", "2025-12-31", 1))); err == nil || !strings.Contains(err.Error(), "lies before the start") {
		t.Errorf("an end before the start: %v", err)
	}
}

// Whatever is typed ends in a configuration or in an error that names the file.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(goodConfig))
	f.Add([]byte("aws: [1, {a: &x [*x]}]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseConfig("exhibit.yaml", b)
		if err == nil {
			_ = c.engagement() // panics on a date that was not checked
		} else if !strings.Contains(err.Error(), "exhibit.yaml") {
			t.Errorf("%v does not name the file", err)
		}
	})
}
