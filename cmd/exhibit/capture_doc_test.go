package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"exhibit/collect/envoy"
	"exhibit/collect/forge"
)

// docs/capture.md names every source whose answers AWS or the code host deletes, with the days
// the collector counts with.
func TestCaptureDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/capture.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, s := range envoy.Expiring() {
		asked := "all there is"
		if s.Keeps.Asked > 0 {
			asked = fmt.Sprintf("the last %d whole days", s.Keeps.Asked)
		}
		fmt.Fprintf(&want, "| `%s` | %s [AWS](%s) | %s |\n", s.Name, s.Keeps.Says, s.Keeps.Doc, asked)
	}
	for _, e := range forge.Expire() {
		fmt.Fprintf(&want, "| `%s` | %s [GitHub](%s) | all there is |\n", e.Source, e.Keeps.Says, e.Keeps.Doc)
	}
	if !strings.Contains(string(b), want.String()) {
		t.Errorf("docs/capture.md lacks this table:\n%s", want.String())
	}
}
