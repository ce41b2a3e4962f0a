package sample

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/evidence/record"
	"exhibit/policies"
)

// trees gives the files people had written before each run, by the run's tape.
func trees(t *testing.T) map[string]fstest.MapFS {
	t.Helper()
	steps, err := Steps()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]fstest.MapFS{}
	tree := fstest.MapFS{}
	for _, s := range steps {
		for _, p := range s.Remove {
			delete(tree, p)
		}
		for p, b := range s.Write {
			tree[p] = &fstest.MapFile{Data: b}
		}
		if s.Tape != "" {
			now := fstest.MapFS{}
			for p, f := range tree {
				now[p] = f
			}
			out[s.Tape] = now
		}
	}
	return out
}

func TestStepsTellOneYear(t *testing.T) {
	steps, err := Steps()
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for _, s := range steps {
		if s.Review != nil {
			continue
		}
		if s.Tape == "" {
			if strings.HasSuffix(s.Message, "\n") || len(strings.SplitN(s.Message, "\n", 2)[0]) > 100 {
				t.Errorf("%s: message %q", s.At, s.Message)
			}
			continue
		}
		runs = append(runs, s.Tape)
		tape, err := load(s.Tape)
		if err != nil {
			t.Fatal(err)
		}
		if !tape.At.Equal(s.At) {
			t.Errorf("tape %s was recorded at %s, its step is at %s", s.Tape, tape.At, s.At)
		}
	}
	if got, want := strings.Join(runs, " "), strings.Join(Tapes(), " "); got != want {
		t.Errorf("runs %s, want %s", got, want)
	}
	if first, last := steps[0], steps[len(steps)-1]; !first.At.Before(time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC)) || last.Tape == "" {
		t.Errorf("the history begins at %s and ends with %q: it must begin before the period and end with a run", first.At, last.Message)
	}
}

// What people write must be right by exhibit's own schemas at every run.
func TestRecordsAreValidAtEveryRun(t *testing.T) {
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	for tape, tree := range trees(t) {
		found, problems := record.Read(tree, schemas)
		for _, p := range problems {
			t.Errorf("%s: %v", tape, p)
		}
		for _, kind := range []string{"person", "vendor", "vendor-review", "access-review", "offboarding", "exception", "incident", "tabletop-exercise", "restore-test", "guardduty-finding-response"} {
			if len(found[kind]) == 0 && !HostAlone(tape) { // such a run may be before the first of them
				t.Errorf("%s: no record of kind %s", tape, kind)
			}
		}
	}
}

func TestPoliciesHaveHistory(t *testing.T) {
	steps, err := Steps()
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]map[string]bool{} // by id
	paths := map[string]map[string]bool{}
	silent := 0
	last := map[string]string{}
	for _, s := range steps {
		for p, b := range s.Write {
			if !strings.HasPrefix(p, "policies/") {
				continue
			}
			f, _, err := record.ReadDocument(p, b)
			if err != nil {
				t.Errorf("%s: %v", s.At, err)
				continue
			}
			if versions[f.ID] == nil {
				versions[f.ID], paths[f.ID] = map[string]bool{}, map[string]bool{}
			}
			if last[f.ID] == f.Version {
				silent++
			}
			last[f.ID] = f.Version
			versions[f.ID][f.Version], paths[f.ID][p] = true, true
			if f.ApprovedOn.IsZero() || f.Effective.Before(f.ApprovedOn) || f.ApprovedOn.After(s.At) {
				t.Errorf("%s: %s %s: approved on %s, effective %s", s.At, p, f.Version, f.ApprovedOn, f.Effective)
			}
		}
	}
	if len(versions) != 12 {
		t.Errorf("%d policies, want 12", len(versions))
	}
	renamed := 0
	for id, v := range versions {
		if len(v) < 2 || len(v) > 4 {
			t.Errorf("%s has %d versions, want 2 to 4", id, len(v))
		}
		renamed += len(paths[id]) - 1
	}
	if renamed != 1 || silent != 1 {
		t.Errorf("%d renames and %d changes without a new version, want one of each", renamed, silent)
	}
}

func TestParseStep(t *testing.T) {
	const good = "At: 2026-01-02T06:00:00Z\nBy: A B <a@b.example>\nMessage: M\n\nBody\n\n-- write x/y.md\n---\nid: z\n---\n\n-- edit a\n<<<\nold\n===\nnew\n>>>\n-- rename b c\n"
	tree := map[string]string{"a": "1 old 2\n", "b": "B\n"}
	s, err := parseStep("good.txt", good, tree)
	if err != nil {
		t.Fatal(err)
	}
	if s.Message != "M\n\nBody" || s.AuthorName != "A B" || string(s.Write["x/y.md"]) != "---\nid: z\n---\n\n" || string(s.Write["a"]) != "1 new 2\n" || string(s.Write["c"]) != "B\n" || strings.Join(s.Remove, " ") != "b" {
		t.Errorf("read %+v", s)
	}
	const head = "At: 2026-01-02T06:00:00Z\nBy: A B <a@b.example>\nMessage: M\n"
	for text, want := range map[string]string{
		"By: A B <a@b.example>\nMessage: M\n-- write a\n": `:1: no line "At:"`,
		"At: yesterday\n":    "bad.txt:1: parsing time",
		head:                 "bad.txt:1: a commit needs",
		head + "-- sing a\n": `bad.txt:4: unknown verb "sing"`,
		head + "-- edit nothing\n<<<\na\n===\nb\n>>>\n":                     `there is no file "nothing" to edit`,
		head + "-- edit a\n<<<\nnot there\n===\nb\n>>>\n":                   "the old text is there 0 times",
		head + "-- edit a\n<<<\nhalf\n":                                     "block 1 is not whole",
		head + "-- remove nothing\n":                                        `there is no file "nothing" to remove`,
		"At: 2026-01-02T06:00:00Z\nTape: none\n":                            `unknown tape "none"`,
		"At: 2026-01-02T06:00:00Z\nTape: 2026-q1\n-- write a\nb\n":          "a run writes no files",
		"At: 2026-01-02T06:00:00Z\nBy: nobody\nMessage: M\n-- write a\nb\n": `author "nobody"`,
	} {
		_, err := parseStep("bad.txt", text, map[string]string{"a": "x\n"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

func FuzzParseStep(f *testing.F) {
	f.Add("At: 2026-01-02T06:00:00Z\nBy: A B <a@b.example>\nMessage: M\n\n-- edit a\n<<<\nx\n===\ny\n>>>\n-- remove a\n")
	f.Add("At: 2026-01-02T06:00:00Z\nTape: 2026-q1\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStep("fuzz.txt", text, map[string]string{"a": "x\n"})
		if err == nil && s.At.IsZero() {
			t.Errorf("accepted a step without a time: %q", text)
		}
	})
}
