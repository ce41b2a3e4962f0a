package main

import (
	"slices"
	"strings"
	"testing"

	"exhibit/collect/aws"
	"exhibit/collect/forge"
	"exhibit/control"
	"exhibit/policies"
)

// Every source a population, its second list or a request names is one that is
// collected: control cannot know, and a name that nobody collects would read as "never asked".
func TestPopulationSources(t *testing.T) {
	lib, err := control.Load(policies.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	known := append([]string{"git/change", "git/ref", "git/document"}, forge.Sources()...)
	for _, s := range aws.Services() {
		known = append(known, s.Name)
	}
	check := func(where string, sources ...string) {
		for _, s := range sources {
			s = strings.TrimSuffix(strings.TrimSuffix(s, " everywhere"), " over the period")
			if s != "" && !strings.HasPrefix(s, "record/") && !strings.HasPrefix(s, "derived/") && !slices.Contains(known, s) {
				t.Errorf("%s: nobody collects %q", where, s)
			}
		}
	}
	for _, d := range lib.Populations {
		check(d.File, append(append([]string{d.Of, d.Second.Of, d.Second.CountOf}, d.Also...), d.Second.Also...)...)
		for _, a := range d.Tested {
			for _, s := range a.With {
				check(d.File, s)
			}
		}
		for _, f := range d.Flags {
			for _, s := range f.With {
				check(d.File, s)
			}
		}
	}
	for _, r := range lib.Requests {
		check(r.File, r.Sources...)
	}
}
