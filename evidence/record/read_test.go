package record

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/evidence"
	"exhibit/internal/golden"
	"github.com/rogpeppe/go-internal/txtar"
)

const people = `- {id: ada, name: Ada, email: ada@example.com, title: Chief executive, start: 2021-04-01}
- {id: sam, name: Sam, email: sam@example.com, title: Head of security, manager: ada, start: 2022-09-05}
- {id: tomas, name: Tomás, email: tomas@example.com, title: Engineer, manager: sam, start: 2024-02-01, last_day: 2026-03-13}
`

func schemas(t testing.TB) []Schema {
	t.Helper()
	s, err := Schemas(os.DirFS("../../policies"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// report is what Read said, for golden files.
func report(found map[string][]Found, problems []Problem) []byte {
	var b bytes.Buffer
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		for _, f := range found[kind] {
			if kind == "person" {
				continue
			}
			line, err := evidence.Canonical(f.Item)
			if err != nil {
				fmt.Fprintln(&b, err)
			}
			fmt.Fprintf(&b, "kept %s %s:%d %s\n", kind, f.Path, f.Line, line)
		}
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	cases, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	all := schemas(t)
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			repo := fstest.MapFS{"registers/people.yaml": {Data: []byte(people)}}
			for _, f := range a.Files {
				repo[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			found, problems := Read(repo, all)
			if len(found["person"]) != 3 {
				t.Errorf("%d people, want 3", len(found["person"]))
			}
			golden.Check(t, strings.TrimSuffix(strings.TrimPrefix(name, "testdata/"), ".txtar")+".want", report(found, problems))
			for range 3 {
				f2, p2 := Read(repo, all)
				if !reflect.DeepEqual(found, f2) || !reflect.DeepEqual(problems, p2) {
					t.Fatal("a second reading gave something else")
				}
			}
		})
	}
}

// Byte order marks, line ends and encodings, which a txtar file cannot hold.
func TestBytes(t *testing.T) {
	ticket := "---\nid: SEC-1\ntitle: t\nsource: audit\nseverity: low\nowner: ada\nstatus: open\nopened: 2026-01-01\ndue: 2026-02-01\n---\nText.\n\nMore.\n"
	tests := []struct {
		name, text, want string
	}{
		{"plain", ticket, ""},
		{"byte order mark", "\ufeff" + ticket, ""},
		{"carriage returns", strings.ReplaceAll(ticket, "\n", "\r\n"), ""},
		{"old carriage returns", strings.ReplaceAll(ticket, "\n", "\r"), ""},
		{"blanks behind the hyphens", strings.ReplaceAll(ticket, "---\n", "--- \t\n"), ""},
		{"Latin-1", strings.Replace(ticket, "title: t", "title: caf\xe9", 1), "records/tickets/1.md:3:11: is not UTF-8 text; save the file as UTF-8"},
		{"UTF-16", "\xff\xfe-\x00-\x00", "records/tickets/1.md:1:1: is not UTF-8 text; save the file as UTF-8"},
		{"empty", "", "records/tickets/1.md:1:1: must begin with a line of three hyphens (---), then the fields, then three hyphens again"},
		{"too large", ticket + strings.Repeat("x", maxFile), "records/tickets/1.md: is larger than 1048576 bytes; keep long material as an attachment"},
		{"line numbers after carriage returns", strings.ReplaceAll(strings.Replace(ticket, "due", "dew", 1), "\n", "\r\n"), "records/tickets/1.md:1:1: \"due\" is missing; it is required: By when it is to be mended.\nrecords/tickets/1.md:9:1: unknown key \"dew\"; did you mean \"due\"?; allowed: id, title, source, check, items, findings, severity, owner, status, opened, acknowledged, due, closed, resolution, url, attachments, links, attendees, follow_ups"},
		{"a name of two lines", strings.Replace(ticket, "id: SEC-1", `id: "SEC\n1"`, 1), "records/tickets/1.md:2:5: \"id\" names the record: it must stand on one line of at most 300 letters"},
	}
	all := schemas(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			repo := fstest.MapFS{"registers/people.yaml": {Data: []byte(people)}, "records/tickets/1.md": {Data: []byte(tt.text)}}
			found, problems := Read(repo, all)
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
				if p.Kind != "ticket" {
					t.Errorf("problem of kind %q", p.Kind)
				}
			}
			if s := strings.Join(got, "\n"); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
			kept := found["ticket"]
			if (len(kept) == 1) != (tt.want == "") {
				t.Fatalf("%d tickets kept", len(kept))
			}
			if len(kept) == 1 && kept[0].Item.Answers["text"] != "Text.\n\nMore." {
				t.Errorf("text %q", kept[0].Item.Answers["text"])
			}
		})
	}
}

// A symbolic link could bring in a file from outside the repository.
func TestSymbolicLinks(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "people.yaml")
	if err := os.WriteFile(outside, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "registers"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "registers", "people.yaml")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	found, problems := Read(os.DirFS(dir), schemas(t))
	if len(found) != 0 || len(problems) != 1 || problems[0].String() != "registers/people.yaml: is a symbolic link; keep the file itself here" {
		t.Errorf("found %v, problems %v", found, problems)
	}
	if _, err := sumOf(os.DirFS(dir), "registers/people.yaml"); err == nil {
		t.Error("an attachment may be a symbolic link")
	}
}

// An unreadable folder must not read as an empty one.
func TestUnreadable(t *testing.T) {
	repo := refusing{fstest.MapFS{"registers/people.yaml": {Data: []byte(people)}, "records/tickets/1.md": {Data: []byte("x")}, "policies/a.md": {Data: []byte("x")}}}
	_, problems := Read(repo, schemas(t))
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{"policies/a.md: cannot be read: permission denied", "records/tickets/1.md: cannot be read: permission denied"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// refusing is a tree in which Markdown may not be opened.
type refusing struct{ fstest.MapFS }

func (r refusing) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, ".md") {
		return nil, &fs.PathError{Op: "open", Path: "/secret/" + name, Err: fs.ErrPermission}
	}
	return r.MapFS.Open(name)
}

func TestEmptyRepository(t *testing.T) {
	found, problems := Read(fstest.MapFS{}, schemas(t))
	if len(found) != 0 || len(problems) != 0 {
		t.Errorf("found %v, problems %v", found, problems)
	}
}
