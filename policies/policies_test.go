package policies_test

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/evidence/record"
)

func schemas(t *testing.T) []record.Schema {
	t.Helper()
	s, err := record.Schemas(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The templates together are a small organisation in which every reference
// leads somewhere; so each is checked as its user's file would be.
func TestTemplates(t *testing.T) {
	repo := fstest.MapFS{
		"policies/information-security.md": {Data: []byte("---\nid: information-security\ntitle: Information security\nversion: \"1.0\"\nowner: Head of security\n---\nText.\n")},
	}
	all := schemas(t)
	templates := map[string]bool{}
	for _, s := range all {
		name := "records/templates/" + s.Kind + path.Ext(s.Where)
		b, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("kind %s has no template: %v", s.Kind, err)
			continue
		}
		templates[name] = true
		if !strings.Contains(string(b), "# ") && s.Form != record.Table { // a table is explained by the file beside it
			t.Errorf("%s explains nothing", name)
		}
		repo[strings.ReplaceAll(s.Where, "*", "example")] = &fstest.MapFile{Data: b}
	}
	found, problems := record.Read(repo, all)
	for _, p := range problems {
		t.Error(p)
	}
	for _, s := range all {
		if len(found[s.Kind]) == 0 {
			t.Errorf("the template of %s holds no record", s.Kind)
		}
	}
	names, err := fs.Glob(os.DirFS("."), "records/templates/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !templates[name] {
			t.Errorf("%s belongs to no kind", name)
		}
	}
}
