package record

import (
	"strings"
	"testing"
	"time"
)

func TestReadDocument(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	const full = "---\nid: access-control\ntitle: Access control policy\nversion: 1.10\neffective: 2026-02-01\nowner: Head of security\napproved_by: Ada Byrne\napproved_on: 2026-01-28\nchange: \"Keys: 90 days.\"\nreview: annual\nreviewed_by: Sam\nreviewed_on: 2026-03-01\n---\n\n# Access\n\n---\nText.\n"
	tests := []struct {
		name, text string
		want       Front
		body, err  string
	}{
		{"full", full, Front{ID: "access-control", Title: "Access control policy", Version: "1.10", Effective: day("2026-02-01"), Owner: "Head of security",
			ApprovedBy: "Ada Byrne", ApprovedOn: day("2026-01-28"), Change: "Keys: 90 days.", Review: "annual", ReviewedBy: "Sam", ReviewedOn: day("2026-03-01")}, "# Access\n\n---\nText.\n", ""},
		{"draft", "\ufeff---\r\nid: a\r\ntitle: T\r\nversion: \"0.1\"\r\neffective:\r\nowner: o\r\napproved_by: ~\r\napproved_on:\r\n---\r\nText.", Front{ID: "a", Title: "T", Version: "0.1", Owner: "o"}, "Text.\n", ""},
		{"no front matter", "# Access\n", Front{}, "", "p.md:1:1: must begin with a line of three hyphens (---), then the fields, then three hyphens again"},
		{"bad date and cadence", strings.NewReplacer("2026-02-01", "1 February", "annual", "anual").Replace(full), Front{}, "",
			"p.md:5:12: \"effective\": must be a date such as 2026-03-31, not \"1 February\"\np.md:10:9: \"review\": must be \"annual\", \"semi-annual\" or \"quarterly\", not \"anual\"; did you mean \"annual\"?"},
		{"approved by nobody", strings.Replace(full, "approved_by: Ada Byrne\n", "", 1), Front{}, "", "p.md:7:14: \"approved_on\" is given but \"approved_by\" is empty; write both or neither"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, body, err := ReadDocument("p.md", []byte(tt.text))
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("error %v\nwant  %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
			if string(body) != tt.body {
				t.Errorf("body %q, want %q", body, tt.body)
			}
		})
	}
}
