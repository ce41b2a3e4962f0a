package control

import (
	"strings"
	"testing"
)

// Every join says in words how it decides, and no word stands for a parameter
// that the checks using it do not give.
func TestJoinsSayHow(t *testing.T) {
	for name := range joins() {
		if len(joinSteps()[name]) == 0 {
			t.Errorf("the join %q does not say how it decides: write its steps in joinSteps", name)
		}
	}
	for name := range joinSteps() {
		if joins()[name] == nil {
			t.Errorf("joinSteps has %q, which is no join", name)
		}
	}
	for _, c := range realLibrary(t).Checks {
		if c.Join == "" {
			continue
		}
		if len(c.Steps) == 0 {
			t.Errorf("%s: no steps", c.Name)
		}
		for _, s := range c.Steps {
			if strings.ContainsAny(s, "{}") {
				t.Errorf("%s: a parameter the check does not give: %s", c.Name, s)
			}
		}
	}
}
