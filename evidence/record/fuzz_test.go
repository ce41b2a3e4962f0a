package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/evidence"
	"github.com/rogpeppe/go-internal/txtar"
)

// seeds are the templates and every file of the cases that ends with ext.
func seeds(f *testing.F, ext string) {
	names, err := filepath.Glob("../../policies/records/templates/*" + ext)
	if err != nil || len(names) == 0 {
		f.Fatal("no templates", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.TrimSuffix(filepath.Base(name), ext), b)
	}
	cases, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range cases {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ext) {
				f.Add("vendor", file.Data)
				f.Add("incident", file.Data)
			}
		}
	}
}

// fuzz reads b as the file of a kind. Whatever it holds: no panic, the same
// answer twice, a record or a problem for it, and problems that name a line of
// the file.
func fuzz(t *testing.T, all []Schema, kind string, b []byte) {
	var s Schema
	for _, each := range all {
		if each.Kind == kind {
			s = each
		}
	}
	if s.Kind == "" || s.Kind == personKind {
		t.Skip()
	}
	repo := fstest.MapFS{"registers/people.yaml": {Data: []byte(people)}, strings.ReplaceAll(s.Where, "*", "x"): {Data: b}}
	found, problems := Read(repo, all)
	lines := strings.Count(strings.ReplaceAll(strings.ReplaceAll(string(b), "\r\n", "\n"), "\r", "\n"), "\n") + 1
	for _, p := range problems {
		if p.Message == "" || strings.ContainsAny(p.String(), "\n\r") {
			t.Errorf("a problem must be one line: %q", p.String())
		}
		if p.Line > lines {
			t.Errorf("%v: the file has %d lines", p, lines)
		}
	}
	if s.Form == FrontMatter && len(found[kind]) == 0 && len(problems) == 0 {
		t.Error("a file disappeared without a problem")
	}
	ids := map[string]bool{}
	for _, f := range found[kind] {
		if f.Item.ID == "" || ids[f.Item.ID] {
			t.Errorf("id %q is empty or stands twice", f.Item.ID)
		}
		ids[f.Item.ID] = true
		if f.Line < 1 || f.Line > lines {
			t.Errorf("line %d of %d", f.Line, lines)
		}
		// What is kept must survive the evidence repository's own encoding.
		line, err := evidence.WriteItems([]evidence.Item{f.Item})
		if err != nil {
			t.Fatal(err)
		}
		back, err := evidence.ReadItems(line)
		if err != nil || len(back) != 1 {
			t.Fatalf("%v: %s", err, line)
		}
		again, err := evidence.WriteItems(back)
		if err != nil || string(again) != string(line) {
			t.Errorf("not canonical:\n%s%s", line, again)
		}
	}
}

func FuzzFrontMatter(f *testing.F) {
	seeds(f, ".md")
	all := schemas(f)
	f.Fuzz(func(t *testing.T, kind string, b []byte) {
		fuzz(t, all, kind, b)
		front, body, err := ReadDocument("policies/x.md", b)
		if err == nil && (front.ID == "" || front.Version == "" || len(body) == 0) {
			t.Errorf("read %+v", front)
		}
	})
}

func FuzzRegister(f *testing.F) {
	seeds(f, ".yaml")
	all := schemas(f)
	f.Fuzz(func(t *testing.T, kind string, b []byte) { fuzz(t, all, kind, b) })
}
