package policies_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"exhibit/control"
	"go.yaml.in/yaml/v3"
)

// decode reads a YAML file and refuses keys that the type does not have.
func decode[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	var out []T
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func controls(t *testing.T) []control.Control {
	t.Helper()
	names, err := filepath.Glob("soc2/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []control.Control
	for _, name := range names {
		if filepath.Base(name) == "criteria.yaml" {
			continue
		}
		for _, c := range decode[control.Control](t, name) {
			c.File = name
			out = append(out, c)
		}
	}
	return out
}

// checkNames are the names of all checks there are.
func checkNames(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("checks/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var list []struct {
			Check string `yaml:"check"`
		}
		if err := yaml.Unmarshal(b, &list); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, c := range list {
			out = append(out, c.Check)
		}
	}
	return out
}

func TestCriteria(t *testing.T) {
	want := map[string]int{"security": 33, "availability": 3, "confidentiality": 2, "processing integrity": 5, "privacy": 18}
	got := map[string]int{}
	seen := map[string]bool{}
	for _, c := range decode[control.Criterion](t, "soc2/criteria.yaml") {
		got[c.Category]++
		if seen[c.ID] {
			t.Errorf("%s stands twice", c.ID)
		}
		seen[c.ID] = true
		family, _, _ := strings.Cut(c.ID, ".")
		if !strings.HasPrefix(c.Group, family+" ") {
			t.Errorf("%s is in group %q", c.ID, c.Group)
		}
		if c.Title == "" || !strings.HasSuffix(c.Summary, ".") {
			t.Errorf("%s: title %q, summary %q", c.ID, c.Title, c.Summary)
		}
	}
	for category, n := range want {
		if got[category] != n {
			t.Errorf("%s has %d criteria, want %d", category, got[category], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("categories: %v", got)
	}
}

func TestControls(t *testing.T) {
	checks := checkNames(t)
	kinds := map[string]bool{}
	for _, s := range schemas(t) {
		kinds[s.Kind] = true
	}
	served := map[string]bool{}
	for _, c := range decode[control.Criterion](t, "soc2/criteria.yaml") {
		served[c.ID] = false
	}
	id := regexp.MustCompile(`^[A-Z]{2}-\d\d$`)
	frequencies := []string{"continuous", "daily", "weekly", "monthly", "quarterly", "annual", "per event"}
	seen := map[string]string{}
	used := map[string]bool{}
	for _, c := range controls(t) {
		at := c.File + ": " + c.ID
		if !id.MatchString(c.ID) {
			t.Errorf("%s: not an id such as AC-01", at)
		}
		if other, twice := seen[c.ID]; twice {
			t.Errorf("%s: also in %s", at, other)
		}
		seen[c.ID] = c.File
		if c.Title == "" || c.Owner == "" {
			t.Errorf("%s: needs a title and an owner", at)
		}
		if !strings.HasPrefix(c.Statement, "Management ") || !strings.HasSuffix(c.Statement, ".") {
			t.Errorf("%s: statement %q must be a sentence that begins with Management", at, c.Statement)
		}
		if !slices.Contains(frequencies, c.Frequency) {
			t.Errorf("%s: frequency %q", at, c.Frequency)
		}
		if len(c.Criteria) == 0 {
			t.Errorf("%s: serves no criterion", at)
		}
		for _, criterion := range c.Criteria {
			if _, known := served[criterion]; !known {
				t.Errorf("%s: unknown criterion %q", at, criterion)
			}
			served[criterion] = true
		}
		for _, check := range c.Checks {
			if !slices.Contains(checks, check) {
				t.Errorf("%s: unknown check %q", at, check)
			}
			used[check] = true
		}
		for _, kind := range c.Records {
			if !kinds[kind] {
				t.Errorf("%s: unknown kind of record %q", at, kind)
			}
		}
		if len(c.Checks)+len(c.Records)+len(c.Statements) == 0 {
			t.Errorf("%s: nothing shows it", at)
		}
	}
	for criterion, yes := range served {
		if !yes {
			t.Errorf("no control serves %s", criterion)
		}
	}
	for _, check := range checks {
		if !used[check] {
			t.Errorf("no control uses the check %s", check)
		}
	}
}

// What only people can show must never rest on a check of configuration.
func TestNoProxies(t *testing.T) {
	people := []string{"CC1.1", "CC1.2", "CC1.3", "CC1.4", "CC1.5", "CC3.1", "CC3.2", "CC3.3", "CC3.4", "CC9.1", "A1.3", "PI1.1",
		"P1.1", "P2.1", "P3.1", "P3.2", "P4.1", "P5.1", "P5.2", "P6.1", "P6.2", "P6.3", "P6.6", "P6.7", "P7.1", "P8.1"}
	for _, c := range controls(t) {
		for _, criterion := range c.Criteria {
			if slices.Contains(people, criterion) && len(c.Records) == 0 {
				t.Errorf("%s: %s serves %s without a record", c.File, c.ID, criterion)
			}
			if criterion == "CC6.4" && len(c.Statements) == 0 {
				t.Errorf("%s: %s: physical security is AWS's; say so in management_statement", c.File, c.ID)
			}
		}
	}
}

// The ids of controls and checks that templates and policies name exist.
func TestNamedControlsExist(t *testing.T) {
	known := map[string]bool{}
	for _, c := range controls(t) {
		known[c.ID] = true
	}
	id := regexp.MustCompile(`\b(AC|BC|BK|CA|CM|CO|CP|CT|DC|DV|EN|GV|HR|IR|MO|NW|PH|PI|PR|RM|VM|VU)-\d\d\b`)
	for _, pattern := range []string{"records/templates/*", "documents/*.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range id.FindAllString(string(b), -1) {
				if !known[found] {
					t.Errorf("%s names the control %s, which does not exist", name, found)
				}
			}
		}
	}
}

// Whoever adds a family of controls must let records name its owner.
func TestFamiliesHaveOwners(t *testing.T) {
	want := map[string]bool{}
	for _, c := range controls(t) {
		family, _, _ := strings.Cut(c.ID, "-")
		want[family] = true
	}
	var families []string
	for _, c := range decode[control.Check](t, "checks/records.yaml") {
		if c.Name == "control-owners-assigned" {
			for _, f := range c.Params["families"].([]any) {
				families = append(families, f.(string))
			}
		}
	}
	schema, err := os.ReadFile("records/audit-scope.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for f := range want {
		if !slices.Contains(families, f) {
			t.Errorf("control-owners-assigned does not ask for an owner of %s", f)
		}
	}
	if len(families) != len(want) || !strings.Contains(string(schema), "values: ["+strings.Join(families, ", ")+"]") {
		t.Errorf("families are %v in the check, %d in soc2, and others in records/audit-scope.yaml", families, len(want))
	}
}
