package record

import (
	"testing"
	"testing/fstest"
)

// A record that lies where nobody looks must not read as "there is none": its
// kind is not read whole.
func TestStray(t *testing.T) {
	const front = "---\nid: INC-1\n---\ntext\n"
	tests := []struct{ path, body, kind string }{ // kind "-" for no problem
		{"records/incident/INC-1.md", front, "incident"},
		{"records/incidents/2026/INC-1.md", front, "incident"},
		{"records/incidents/2026/before/the/audit/INC-1.md", front, "incident"},
		{"records/Incidents/INC-1.md", front, "incident"},
		{"records/incidents/INC-1.MD", front, "incident"},
		{"records/incidents/INC-1.txt", front, "incident"},
		{"records/incidents/INC-1", front, "incident"},
		{"records/incidents/INC-1.markdown", "\xef\xbb\xbf---\r\nid: INC-1\r\n---\r\n", "incident"},
		{"records/incidents/server.log", "Mar 3 10:00 x\n", "-"},
		{"records/incidents/picture.png", "\x89PNG", "-"},
		{"records/incidents/.draft.md", front, "-"},
		{"records/incidents/README.md", "text", "-"},
		{"registers/vendor.yaml", "- {id: a}\n", "vendor"},
		{"registers/vendors.yml", "- {id: a}\n", "vendor"},
		{"registers/people/all.yaml", "- {id: a}\n", "person"},
		{"exceptions/2026/EX-1.md", front, "exception"},
		{"records/things-nobody-knows/x.md", front, ""},
	}
	all := schemas(t)
	for _, tt := range tests {
		repo := fstest.MapFS{"registers/people.yaml": {Data: []byte(people)}, tt.path: {Data: []byte(tt.body)}}
		_, problems := Read(repo, all)
		got := "-"
		for _, p := range problems {
			if p.Path == tt.path {
				got = p.Kind
			}
		}
		if got != tt.kind {
			t.Errorf("%s: got %q, want %q: %v", tt.path, got, tt.kind, problems)
		}
	}
}

// A policy that cannot be read, or lies deeper than policies/, is missed by the
// population of policies.
func TestStrayPolicies(t *testing.T) {
	const good = "---\nid: hr\ntitle: HR\nversion: \"1\"\nowner: Head of people\n---\nText.\n"
	tests := []struct {
		path, body string
		problem    bool
	}{
		{"policies/hr.md", good, false},
		{"policies/hr.md", "---\nid: hr\n---\nText.\n", true},
		{"policies/people/hr.md", good, false},
		{"policies/people/hr.md", "---\nid: hr\n---\nText.\n", true},
		{"policies/people/README.md", "Text.\n", false},
		{"policies/hr.markdown", good, true},
		{"policies/hr.docx", "PK", false},
	}
	all := schemas(t)
	for _, tt := range tests {
		repo := fstest.MapFS{"registers/people.yaml": {Data: []byte(people)}, tt.path: {Data: []byte(tt.body)}}
		_, problems := Read(repo, all)
		if got := len(problems) > 0 && problems[0].Path == tt.path && problems[0].Kind == policyKind; got != tt.problem || len(problems) > 0 && !tt.problem {
			t.Errorf("%s %q: %v", tt.path, tt.body, problems)
		}
	}
	_, problems := Read(fstest.MapFS{"registers/people.yaml": {Data: []byte(people)}, "policies/a.md": {Data: []byte(good)}, "policies/old/a.md": {Data: []byte(good)}}, all)
	if len(problems) != 1 || problems[0].Kind != policyKind {
		t.Errorf("one id in two folders: %v", problems)
	}
}
