package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/collect"
	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/record"
	"exhibit/evidence/review"
	"exhibit/policies"
	"exhibit/render/table"
	"exhibit/seal"
)

// TestFormats reads every example of docs/formats.md that says what it is with
// the code that reads the real files: a document that says otherwise fails here.
func TestFormats(t *testing.T) {
	text, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	own := fstest.MapFS{}
	written := fstest.MapFS{"registers/people.yaml": {Data: []byte("- {id: ines-calloway, name: Ines Calloway, email: ines@example.com, title: Compliance manager, start: 2024-06-03}\n")}}
	for _, m := range regexp.MustCompile("(?ms)^```(?:json |yaml |csv )?([a-z]+)\n(.*?)^```$").FindAllSubmatch(text, -1) {
		kind, example := string(m[1]), m[2]
		seen[kind]++
		switch kind {
		case "item":
			items, err := evidence.ReadItems(example)
			for i, it := range items {
				sameLine(t, example, i, it)
			}
			if err != nil {
				t.Errorf("item: %v", err)
			}
		case "cell":
			fields[evidence.Cell](t, example)
		case "call":
			fields[evidence.Call](t, example)
		case "plan":
			h, cells, err := collect.ReadPlan(bytes.NewReader(example))
			if err != nil || h.Cells != len(cells) {
				t.Errorf("plan: %v", err)
			}
		case "part":
			fields[collect.Part](t, example)
		case "run":
			fields[evidence.Run](t, example)
		case "entitlement":
			fields[review.Entitlement](t, example)
			if _, err := review.ParsePopulation(example); err != nil {
				t.Errorf("entitlement: %v", err)
			}
		case "opening":
			fields[review.Opening](t, example)
			if _, err := review.ParseOpening(example); err != nil {
				t.Errorf("opening: %v", err)
			}
		case "decision":
			fields[review.Decision](t, example)
		case "closing":
			fields[review.Closing](t, example)
			if _, err := review.ParseClosing(example); err != nil {
				t.Errorf("closing: %v", err)
			}
		case "finding":
			type finding struct {
				control.Finding
				ID       string   `json:"id"`
				Run      string   `json:"run"`
				Status   string   `json:"status"`
				Severity string   `json:"severity"`
				Controls []string `json:"controls"`
				Criteria []string `json:"criteria"`
			}
			d := json.NewDecoder(bytes.NewReader(example))
			d.DisallowUnknownFields()
			if err := d.Decode(new(finding)); err != nil {
				t.Errorf("finding: %v", err)
			}
		case "standing":
			for _, one := range bytes.Split(bytes.TrimSpace(example), []byte("\n")) {
				var l struct { // what is written; standingLine reads what it needs of it
					standingLine
					At, Commit, Organisation, Period, Run string
				}
				d := json.NewDecoder(bytes.NewReader(one))
				d.DisallowUnknownFields()
				if err := d.Decode(&l); err != nil {
					t.Errorf("standing: %v", err)
				}
			}
		case "timeline":
			type line struct {
				Kind, Run, Look, Commit, Name, Cadence, Says, Check, Account, Region, Source, Item, ID string
				At                                                                                     time.Time
				First                                                                                  string `json:"first_seen"`
				Last                                                                                   string `json:"last_seen"`
				After                                                                                  bool   `json:"after_period"`
				Allowed                                                                                int    `json:"allowed_days"`
				Longest                                                                                int    `json:"longest_days"`
				Off                                                                                    bool   `json:"ever_off"`
				Known, Never                                                                           bool
				Changes                                                                                int
				Unseen                                                                                 []table.TimelineInterval `json:"not_observed"`
				Blind                                                                                  []string                 `json:"never_observed"`
				Seen                                                                                   json.RawMessage
				Spells                                                                                 []table.TimelineSpell
				Checks                                                                                 []string
			}
			for _, one := range bytes.Split(bytes.TrimSpace(example), []byte("\n")) {
				d := json.NewDecoder(bytes.NewReader(one))
				d.DisallowUnknownFields()
				var l line
				if err := d.Decode(&l); err != nil {
					t.Errorf("timeline: %v", err)
				}
			}
			for _, c := range control.Cadences() {
				days := fmt.Sprint(c.Days)
				if c.Days == 0 {
					days = "any"
				}
				if !bytes.Contains(text, []byte("| "+c.Frequency+" | "+days+" |")) {
					t.Errorf("docs/formats.md does not say that %s allows %s days", c.Frequency, days)
				}
			}
		case "proof":
			if _, err := seal.ParseProof(example); err != nil {
				t.Errorf("proof: %v", err)
			}
		case "seal":
			if _, err := seal.ParseSeal(example); err != nil {
				t.Errorf("seal: %v", err)
			}
		case "config":
			if _, err := parseConfig("docs/formats.md", example); err != nil {
				t.Error(err)
			}
		case "policy":
			if _, _, err := record.ReadDocument("policies/example.md", []byte("---\n"+string(example)+"---\n\nText.\n")); err != nil {
				t.Error(err)
			}
		case "population":
			own["populations/own.yaml"] = &fstest.MapFile{Data: example}
		case "request":
			own["requests/own.yaml"] = &fstest.MapFile{Data: example}
		case "populationline":
			fields[control.PopulationLine](t, example)
		case "sample":
			fields[control.Draw](t, example)
		case "check":
			own["checks/own.yaml"] = &fstest.MapFile{Data: example}
		case "control":
			own["soc2/own.yaml"] = &fstest.MapFile{Data: example}
		case "table":
			written["registers/people.csv"] = &fstest.MapFile{Data: example}
		case "register": // its first line is a comment that names the file
			name, _, _ := strings.Cut(strings.TrimPrefix(string(example), "# "), "\n")
			written[name] = &fstest.MapFile{Data: example}
		default:
			t.Errorf("nobody reads the example of kind %q", kind)
		}
	}
	for _, kind := range []string{"item", "cell", "call", "run", "finding", "standing", "timeline", "seal", "proof", "config", "policy", "check", "control", "register", "population", "populationline", "sample", "request"} {
		if seen[kind] == 0 {
			t.Errorf("docs/formats.md has no example of kind %q", kind)
		}
	}
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := record.Read(written, schemas); len(problems) > 0 {
		t.Errorf("what people write: %v", problems)
	}
	lib, err := control.Load(policies.FS, own)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range lib.Test() {
		if strings.HasPrefix(r.Check, "own-") && !r.OK {
			t.Errorf("%s: %s example %d: %s", r.Check, r.Group, r.Number, r.Says)
		}
	}
}

// fields holds the lines of an example against the type that is written: the
// same fields in the same order.
func fields[T any](t *testing.T, example []byte) {
	t.Helper()
	values, err := evidence.ReadLines[T](example)
	if err != nil {
		t.Errorf("%v", err)
	}
	for i, v := range values {
		sameLine(t, example, i, v)
	}
}

func sameLine(t *testing.T, example []byte, i int, v any) {
	t.Helper()
	want := strings.Split(string(example), "\n")[i]
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Error(err)
	}
	if got := strings.TrimSpace(b.String()); got != want {
		t.Errorf("the document says\n%s\nand exhibit writes\n%s", want, got)
	}
}
