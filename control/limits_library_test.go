package control_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"exhibit/control"
	"exhibit/policies"
)

// TestLimitsHaveOnePlace holds that no control or check about findings that must be
// answered says a number of days of its own: each names the limit, which exhibit.yaml or
// the default gives; and that the starter policies say the defaults.
func TestLimitsHaveOnePlace(t *testing.T) {
	lib, err := control.Load(policies.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`(?i)\b(within|more than) (a|an|one|two|seven|fourteen|thirty|\d+) (day|hour|week)`)
	judged := []string{"guardduty/finding", "inspector2/finding", "securityhub/finding", "access-analyzer/finding"}
	named := map[string]bool{}
	for _, c := range lib.Checks {
		if !slices.Contains(judged, c.Of) {
			continue
		}
		if number.MatchString(c.Title + " " + c.Says) {
			t.Errorf("%s says a limit of its own: %s", c.Name, c.Says)
		}
		for k, v := range c.Params {
			if _, own := v.(int); own && (k == "days" || k == "high" || k == "critical") {
				t.Errorf("%s has a limit of its own: %s: %v", c.Name, k, v)
			}
		}
		if filled := (control.Own{}).Check(c); len(filled.Limits) > 0 {
			named[c.Name] = true
			if strings.Contains(filled.Says, "{") {
				t.Errorf("%s: a limit nobody knows: %s", c.Name, filled.Says)
			}
		}
	}
	if len(named) < 8 {
		t.Errorf("only %d checks name a limit", len(named))
	}
	for _, c := range lib.Controls {
		filled := (control.Own{}).Control(c)
		if strings.Contains(filled.Statement, "{") {
			t.Errorf("%s: a limit nobody knows: %s", c.ID, filled.Statement)
		}
		if of := slices.ContainsFunc(c.Checks, func(n string) bool { return named[n] }); of && number.MatchString(c.Statement) {
			t.Errorf("%s says a limit of its own: %s", c.ID, c.Statement)
		}
	}
	for file, wants := range map[string][]string{
		"documents/vulnerability-management.md": {"| critical | {critical.resolve} |", "| high | {high.resolve} |"},
		"documents/logging-and-monitoring.md":   {"Security Hub findings are taken up within {critical.acknowledge}"},
		"documents/incident-response.md":        {"taken up within {high.acknowledge} of its first report", "within {high.resolve}"},
	} {
		data, err := fs.ReadFile(policies.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for _, want := range wants {
			if want = (control.Own{}).Said(want); !strings.Contains(text, want) {
				t.Errorf("%s does not say %q, the default", file, want)
			}
		}
	}
}
