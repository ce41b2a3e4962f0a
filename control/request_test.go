package control

import (
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/evidence"
)

// A request that names what is not there is refused with file and line; one of the
// organisation's own repository is read like exhibit's.
func TestRequestsStrict(t *testing.T) {
	base := "- request: R-1\n  kind: listing\n  title: Vendors\n  asks: All of them.\n  criteria: [CC9.2]\n  controls: [VM-01]\n  populations: [vendors]\n  checks: [vendor-reviewed]\n  records: [vendor]\n  policies: [access]\n  sources: [kms/key]\n"
	for _, tt := range []struct{ old, new, want string }{
		{"", "", ""},
		{"[vendor-reviewed]", "[vendor-reviewd]", `requests/own.yaml:8: request "R-1": unknown check "vendor-reviewd" (did you mean "vendor-reviewed"?)`},
		{"[VM-01]", "[VM-1]", `requests/own.yaml:6: request "R-1": unknown control "VM-1"`},
		{"[vendors]", "[vendor]", `requests/own.yaml:7: request "R-1": unknown population "vendor" (did you mean "vendors"?)`},
		{"records: [vendor]", "records: [vendr]", `requests/own.yaml:9: request "R-1": unknown kind of record "vendr" (did you mean "vendor"?)`},
		{"[CC9.2]", "[CC9.9]", `requests/own.yaml:5: request "R-1": unknown criterion "CC9.9"`},
		{"[access]", "[acces]", `requests/own.yaml:10: request "R-1": unknown policy "acces" (did you mean "access"?)`},
		{"[kms/key]", "[kms]", `requests/own.yaml:11: request "R-1": "kms" must name a source`},
		{"kind: listing", "kind: wish", `requests/own.yaml:2: request "R-1": kind "wish" is not one of`},
		{"title: Vendors", "titel: Vendors", `requests/own.yaml:3: unknown key "titel"`},
		{"asks: All of them.", "asks: ''", "request, title and asks must be given"},
	} {
		small := smallFiles(t)
		small["documents/access.md"] = &fstest.MapFile{Data: []byte("x")}
		text := strings.Replace(base, tt.old, tt.new, 1)
		_, err := Load(small, fstest.MapFS{"requests/own.yaml": {Data: []byte(text)}})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.new, err, tt.want)
		}
	}
	_, err := Load(smallFiles(t), fstest.MapFS{"requests/own.yaml": {Data: []byte("- {request: R-1, kind: listing, title: t, asks: a}\n")}})
	if err == nil || !strings.Contains(err.Error(), "nothing answers it") {
		t.Errorf("an empty request: %v", err)
	}
	_, err = Load(smallFiles(t), fstest.MapFS{"requests/own.yaml": {Data: []byte("- {request: R-1, kind: listing, title: t, asks: a, sources: [kms/key]}\n- {request: R-1, kind: listing, title: t, asks: a, sources: [kms/key]}\n")}})
	if err == nil || !strings.Contains(err.Error(), `requests/own.yaml:2: request "R-1" is already defined at requests/own.yaml:1`) {
		t.Errorf("twice: %v", err)
	}
}

// What is missing is named; what was not answered is never an answer.
func TestRequestStates(t *testing.T) {
	lib, err := Load(smallFiles(t), fstest.MapFS{"requests/own.yaml": {Data: []byte(`
- {request: whole, kind: listing, title: t, asks: a, criteria: [CC6.1], checks: [watched], sources: [guardduty/detector]}
- {request: refused, kind: listing, title: t, asks: a, sources: [kms/key]}
- {request: never, kind: listing, title: t, asks: a, sources: [s3/bucket]}
- {request: waits, kind: population, title: t, asks: a, populations: [deployments]}
- {request: unstated, kind: population, title: t, asks: a, records: [incident]}
- {request: hand, kind: document, title: t, asks: a, checks: [watched], brings: ["The chart, signed"]}
- {request: elsewhere, kind: document, title: t, asks: a, criteria: [A1.1], brings: ["x"]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	ev := Evidence{At: onDay("2026-07-10")}
	ev.cell("1", "eu", "guardduty/detector", evidence.Collected)
	ev.found(t, "1", "eu", "guardduty/detector", "d", `{"GetDetector":{"Status":"ENABLED"}}`)
	ev.cell("1", "eu", "kms/key", evidence.Empty)
	ev.cell("1", "us", "kms/key", evidence.DeniedSCP)
	got := map[string]RequestResult{}
	for _, r := range judged(t, lib, ev).Requests {
		got[r.ID] = r
	}
	for id, want := range map[string]struct {
		state   AnswerState
		missing string
	}{
		"whole": {AnswerWhole, ""}, "refused": {AnswerInPart, "listing kms/key: not answered in 1/us (denied_scp)"}, "never": {AnswerMissing, "listing s3/bucket: no run asked for it"},
		"waits": {AnswerMissing, "population deployments: NOT MADE: the forge is not collected yet"}, "unstated": {AnswerMissing, "record incident: none in the period, and nobody has stated that there was none"},
		"hand": {AnswerInPart, "by hand The chart, signed"}, "elsewhere": {AnswerNotApplicable, ""},
	} {
		r := got[id]
		if r.State != want.state || (len(r.Missing) > 0) != (want.missing != "") || want.missing != "" && !strings.HasPrefix(r.Missing[0], want.missing) {
			t.Errorf("%s: %s %q, want %+v", id, r.State, r.Missing, want)
		}
	}
}

// Every question of a walkthrough and every list has what answers it, and the
// library's own requests are in the order people cite them.
func TestLibraryRequests(t *testing.T) {
	lib := realLibrary(t)
	kinds := map[string]int{}
	for _, r := range lib.Requests {
		kinds[r.Kind]++
		if len(r.Criteria) == 0 {
			t.Errorf("%s names no criterion", r.ID)
		}
		if r.Kind == "walkthrough" && (len(r.AskedOf) == 0 || len(r.Probes) == 0) {
			t.Errorf("%s says neither who answers nor what is asked next", r.ID)
		}
	}
	if kinds["walkthrough"] < 18 || kinds["population"] < 20 || kinds["listing"] < 10 || kinds["document"] < 10 {
		t.Errorf("%v", kinds)
	}
	asked := map[string]bool{}
	for _, r := range lib.Requests {
		for _, p := range r.Populations {
			asked[p] = true
		}
	}
	for _, d := range lib.Populations {
		if !asked[d.ID] {
			t.Errorf("no request asks for the population %s", d.ID)
		}
	}
}
