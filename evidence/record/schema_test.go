package record

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/evidence"
)

// Fifty-two kinds; those that other packages read by field name must keep them.
func TestSchemas(t *testing.T) {
	byKind := map[string]Schema{}
	for _, s := range schemas(t) {
		byKind[s.Kind] = s
	}
	if len(byKind) != 69 {
		t.Errorf("%d kinds, want 69", len(byKind))
	}
	agreed := map[string]string{
		"person":                     "id name email title manager start last_day iam_users identity_center git",
		"vendor":                     "id name service customer_data criticality dpa dpa_signed owner",
		"vendor-review":              "vendor date reviewer report report_period_end conclusion",
		"access-review":              "id quarter date reviewer reviewer_role systems source_evidence users_reviewed decisions changes tickets sign_off sign_off_date",
		"guardduty-finding-response": "finding_id investigator detected acknowledged resolved conclusion action ticket",
		"tabletop-exercise":          "date scenario attendees outcomes follow_ups",
		"incident":                   "id title severity detected acknowledged resolved customers_notified root_cause post_incident_review",
		"offboarding":                "person last_day ticket access_removed_on steps completed_by",
		"exception":                  "id check items constraint risk compensating_control owner approved_by approved_on expires",
	}
	for kind, names := range agreed {
		for name := range strings.FieldsSeq(names) {
			if _, ok := byKind[kind].Field(name); !ok {
				t.Errorf("%s has no field %q", kind, name)
			}
		}
	}
	// Two patterns must not read one file.
	seen := map[string]string{}
	for kind, s := range byKind {
		if other, twice := seen[s.Where]; twice {
			t.Errorf("%s and %s both lie at %s", kind, other, s.Where)
		}
		seen[s.Where] = kind
	}
}

func TestDate(t *testing.T) {
	record := func(field string, v any) evidence.Item {
		return evidence.Item{ID: "x", Answers: map[string]any{"record": map[string]any{field: v}}}
	}
	tests := []struct {
		schema Schema
		item   evidence.Item
		want   time.Time
		ok     bool
	}{
		{Schema{DatedBy: "date"}, record("date", "2026-03-01"), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), true},
		{Schema{DatedBy: "sent"}, record("sent", "2026-03-01T09:00:00Z"), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), true},
		{Schema{DatedBy: "date"}, record("other", "2026-03-01"), time.Time{}, false},
		{Schema{}, record("date", "2026-03-01"), time.Time{}, false},
		{Schema{DatedBy: "date"}, evidence.Item{}, time.Time{}, false},
	}
	for i, tt := range tests {
		if got, ok := tt.schema.Date(tt.item); got != tt.want || ok != tt.ok {
			t.Errorf("%d: got %v %v, want %v %v", i, got, ok, tt.want, tt.ok)
		}
	}
}

// A schema that contradicts itself is refused when it is loaded.
func TestSchemaMistakes(t *testing.T) {
	good, err := os.ReadFile("../../policies/records/ticket.yaml")
	if err != nil {
		t.Fatal(err)
	}
	people, err := os.ReadFile("../../policies/records/person.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"as it is", "", "", ""},
		{"unknown key", "title:", "titel:", `field titel not found`},
		{"kind", "kind: ticket", "kind: Ticket", `kind "Ticket": use small letters`},
		{"file name", "kind: ticket", "kind: finding", `kind "finding" belongs in finding.yaml`},
		{"no words", "title: Ticket that answers a finding", "title:", `title and says must be given`},
		{"form", "form: front-matter", "form: markdown", `form "markdown": allowed`},
		{"where", "where: records/tickets/*.md", "where: records/tickets/*.yaml", `front-matter lies in .md files`},
		{"outside", "where: records/tickets/*.md", "where: ../tickets/*.md", `must be a path pattern inside`},
		{"pattern", "where: records/tickets/*.md", "where: records/[/*.md", `must be a path pattern inside`},
		{"cadence", "cadence: per event", "cadence: weekly", `cadence "weekly": allowed`},
		{"undated", "dated_by: opened\n", "", `dated_by must be given`},
		{"dated by text", "dated_by: opened", "dated_by: title", `dated_by "title": must be a date`},
		{"no id", "identified_by: [id]", "identified_by: []", `identified_by must name`},
		{"id not required", "identified_by: [id]", "identified_by: [url]", `identified_by "url"`},
		{"order of texts", "[opened, closed]", "[opened, title]", `in_order "title"`},
		{"type", "type: url", "type: uri", `field "url": unknown type "uri"`},
		{"list of nothing", "of: text", "values: [a]", `field "items"`},
		{"enum of nothing", "values: [open, closed], ", "", `field "status": values belong to an enum`},
		{"to nowhere", "type: url,", "type: reference, to: tracker,", `field "url": no kind "tracker"`},
		{"condition", "{status: [closed]}", "{status: [shut]}", `required_when status "shut": no such value`},
		{"twice", "name: url", "name: id", `field "id": named twice`},
		{"common", "name: url", "name: links", `field "links": not a name`},
		{"min", "type: url,", "type: url, min: 1,", `field "url": min belongs`},
		{"rows without columns", "type: url,", "type: rows,", `field "url": fields belong to rows`},
		{"two documents", "kind: ticket", "---\nkind: ticket\n---\nkind: ticket", `one file holds one schema`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(string(good), tt.old, tt.new, 1)
			if tt.old != "" && text == string(good) {
				t.Fatalf("%q does not stand in the schema", tt.old)
			}
			_, err := Schemas(fstest.MapFS{"records/ticket.yaml": {Data: []byte(text)}, "records/person.yaml": {Data: people}})
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "records/ticket.yaml")):
				t.Errorf("error %v\nwant one that names the file and says %s", err, tt.want)
			}
		})
	}
	if _, err := Schemas(fstest.MapFS{}); err == nil {
		t.Error("no schemas is not an error")
	}
	if _, err := Schemas(refusing{fstest.MapFS{"records/x.md": nil}}); err == nil {
		t.Error("no schemas is not an error")
	}
	var _ fs.FS = refusing{}
}

func TestSuggest(t *testing.T) {
	names := []string{"owner", "severity", "acknowledged", "id"}
	for word, want := range map[string]string{
		"ower": "owner", "onwer": "owner", "Owner": "owner", "severty": "severity", "acknowleged": "acknowledged", "ID": "id",
		"colour": "", "": "", "x": "", strings.Repeat("owner", 100): "",
	} {
		got := suggest(word, names)
		if want != "" {
			want = `; did you mean "` + want + `"?`
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
