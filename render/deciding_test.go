package render

import (
	"slices"
	"testing"

	"exhibit/control"
)

func TestDeciding(t *testing.T) {
	got := deciding(control.Check{Pass: `has(item.GetKeyRotationStatus.KeyRotationEnabled) && item.Tags.exists(t, t.Key == "x") && item.id != ""`, Shows: `{"on": item.GetKeyRotationStatus.KeyRotationEnabled, "who": statements(item.GetKeyPolicy.Policy)}`})
	if want := []string{"GetKeyPolicy.Policy", "GetKeyRotationStatus.KeyRotationEnabled", "Tags"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := deciding(control.Check{Join: "leavers"}); got != nil {
		t.Errorf("a join reads %q", got)
	}
}

func TestMarkLines(t *testing.T) {
	text := `{
  "A": {
    "B": true,
    "C": [
      {
        "D": "x: y"
      }
    ]
  },
  "B": false,
  "id": "A.B"
}`
	for _, c := range []struct {
		path string
		want []int
	}{{"A.B", []int{2}}, {"B", []int{9}}, {"A.C", []int{3}}, {"A.C.D", []int{5}}, {"D", nil}, {"A", []int{1}}} {
		if got := markLines(text, map[string]bool{c.path: true}); !slices.Equal(got, c.want) {
			t.Errorf("%s: lines %v, want %v", c.path, got, c.want)
		}
	}
}
