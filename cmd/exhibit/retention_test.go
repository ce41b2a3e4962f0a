package main

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/collect/envoy"
	"exhibit/collect/forge"
	"exhibit/control"
	"exhibit/policies"
)

// What a check counts with is what the collector says AWS keeps, and the other
// way round: a check over the period stands on a source whose answers go away.
func TestChecksAgreeOnRetention(t *testing.T) {
	reach := map[string]int{}
	for _, s := range envoy.Sources() {
		k := s.Keeps
		reach[s.Name] = k.Reach()
		if k.Days > 0 && (k.What == "" || k.Says == "" || !strings.HasPrefix(k.Doc, "https://docs.aws.amazon.com/")) {
			t.Errorf("%s: AWS deletes its answers after %d days; where does it say so? %+v", s.Name, k.Days, k)
		}
		if k.Days+k.Asked == 0 && k != (envoy.Retention{}) || k.Soonest > k.Days {
			t.Errorf("%s: %+v", s.Name, k)
		}
	}
	for _, e := range forge.Expire() {
		reach[e.Source] = e.Keeps.Reach()
		if k := e.Keeps; k.Days == 0 || k.What == "" || k.Says == "" || !strings.HasPrefix(k.Doc, "https://docs.github.com/") {
			t.Errorf("%s: the code host deletes its answers after %d days; where does it say so? %+v", e.Source, k.Days, k)
		}
	}
	if n := len(envoy.Expiring()); n < 9 {
		t.Errorf("%d sources expire, want at least 9", n)
	}
	lib, err := control.Load(policies.FS, fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	over := 0
	for _, c := range lib.Checks {
		days, given := c.Params["keeps"]
		if c.Over == "period" {
			over++
		}
		if (c.Over == "period" && c.Join == "") != given { // joins over the period read what people wrote beside it
			t.Errorf("%s: over %q, and params.keeps %v: a check over the period names how long AWS keeps its population, and no other does", c.Name, c.Over, days)
		}
		for _, s := range append([]string{c.Of}, c.Also...) {
			if given && fmt.Sprint(days) != fmt.Sprint(reach[s]) {
				t.Errorf("%s: params.keeps is %v, and a run tells of %d days of %s", c.Name, days, reach[s], s)
			}
		}
	}
	for _, p := range lib.Populations {
		for _, s := range append([]string{p.Of}, p.Also...) {
			if p.Keeps > 0 && p.Keeps != reach[s] {
				t.Errorf("population %s: keeps is %d, and a run tells of %d days of %s", p.ID, p.Keeps, reach[s], s)
			}
		}
	}
	if over == 0 {
		t.Error("no check is over the period")
	}
}
