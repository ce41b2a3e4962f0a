package control

import "testing"

func TestControlsOutOfScope(t *testing.T) {
	lib := &Library{Criteria: []Criterion{{ID: "CC6.1", Category: "security"}, {ID: "P1.1", Category: "privacy"}, {ID: "A1.1", Category: "availability"}}}
	for _, x := range []struct {
		name     string
		criteria []string
		want     bool
	}{
		{"security always is", []string{"CC6.1"}, true},
		{"a category of the engagement", []string{"A1.1"}, true},
		{"a category that is not", []string{"P1.1"}, false},
		{"one of both", []string{"P1.1", "CC6.1"}, true},
		{"a criterion nobody knows", []string{"X9"}, true},
	} {
		if got := servesScope(lib, Engagement{Categories: []string{"security", "availability"}}, Control{Criteria: x.criteria}); got != x.want {
			t.Errorf("%s: %t, want %t", x.name, got, x.want)
		}
	}
}
