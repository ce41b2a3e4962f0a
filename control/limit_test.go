package control

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	day := 24 * time.Hour
	own := Own{Responses: ResponseLimits{Within: map[Severity]ResponseLimit{"critical": {Resolve: 14 * day}, "high": {Acknowledge: 4 * time.Hour}}}}
	for text, want := range map[string]string{
		"within {critical.resolve} and {high.resolve}":         "within 14 days and 30 days",
		"within {critical.acknowledge} and {high.acknowledge}": "within a day and 4 hours",
		"{low.resolve} stays":                                  "{low.resolve} stays",
	} {
		if got := own.Said(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	given := map[string]any{"days": "{critical.resolve}", "taken_up": "{high.acknowledge}", "n": 3, "text": "within {high.resolve}"}
	got := own.Check(Check{Says: "within {critical.resolve}", Params: given})
	if want := map[string]any{"days": 14, "taken_up": 1, "n": 3, "text": "within {high.resolve}"}; !reflect.DeepEqual(got.Params, want) {
		t.Errorf("params %v, want %v", got.Params, want)
	}
	if given["days"] != "{critical.resolve}" {
		t.Error("the library's own parameters were changed")
	}
	if all := strings.Join(got.Limits, "\n"); !strings.Contains(all, "critical: resolved within 14 days, from exhibit.yaml") || !strings.Contains(all, "high: resolved within 30 days, exhibit's default") {
		t.Errorf("limits %q", got.Limits)
	}
}
