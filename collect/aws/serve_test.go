package aws

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// TestSourcesAreKnown keeps what is known of the sources without a client what
// their declarations say. go test ./collect/aws -run SourcesAreKnown -update writes it anew.
func TestSourcesAreKnown(t *testing.T) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, s := range described(Services()) {
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	const name = "../envoy/sources.jsonl"
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if known, err := os.ReadFile(name); err != nil || !bytes.Equal(known, b.Bytes()) {
		t.Errorf("%s does not say what the services do (%v): run this test with -update", name, err)
	}
}
