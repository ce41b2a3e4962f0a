package control_test

import (
	"testing"

	"exhibit/control"
	"exhibit/policies"
)

// Every check of the library is tested by the examples in its own file.
func TestExamples(t *testing.T) {
	lib, err := control.Load(policies.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range lib.Test() {
		if !r.OK {
			t.Errorf("%s: %s example %d: got %q: %s", r.Check, r.Group, r.Number, r.Got, r.Says)
		}
	}
}
