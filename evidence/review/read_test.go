package review

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/evidence"
)

// repository is an open review with decisions, as its files.
func repository(t *testing.T) fstest.MapFS {
	t.Helper()
	r := opened(t)
	r.Run, r.Commit, r.Seen = "0003-20260701T060000Z", strings.Repeat("4", 40), at("2026-07-01")
	pop, err := evidence.WriteLines(r.Population)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(pop)
	r.Opening.Population, r.Rows = hex.EncodeToString(sum[:]), len(r.Population)
	open, err := JSON(r.Opening)
	if err != nil {
		t.Fatal(err)
	}
	row := rowOf(r, "ada", "console password")
	decisions, err := evidence.WriteLines([]Decision{
		{Row: row, Decision: Keep, Reviewer: "bo", Received: at("2026-07-12"), Workbook: "reviews/2026-Q3/received/bo-1.xlsx", Line: 3},
		{Row: row, Decision: Revoke, Reviewer: "bo", Received: at("2026-07-13"), Workbook: "reviews/2026-Q3/received/bo-2.xlsx", Line: 3, Replaces: Keep},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := func(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: b} }
	return fstest.MapFS{"reviews/2026-Q3/OPEN.json": file(open), "reviews/2026-Q3/population.jsonl": file(pop), "reviews/2026-Q3/decisions.jsonl": file(decisions)}
}

func TestRead(t *testing.T) {
	r, err := Read(repository(t), "2026-Q3")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Population) != 5 || len(r.Decisions) != 2 || r.Latest()[r.Decisions[0].Row].Decision != Revoke {
		t.Errorf("read %+v", r)
	}
	if all, problems := ReadAll(fstest.MapFS{}); all != nil || problems != nil {
		t.Error("a repository without reviews has some")
	}
}

// What a hand may do to the files of a review is found, and that review not read.
func TestReadRefuses(t *testing.T) {
	edit := func(name, old, with string) func(fstest.MapFS) {
		return func(m fstest.MapFS) {
			f := m["reviews/2026-Q3/"+name]
			s := strings.Replace(string(f.Data), old, with, 1)
			if s == string(f.Data) {
				panic("nothing to edit: " + old)
			}
			m["reviews/2026-Q3/"+name] = &fstest.MapFile{Data: []byte(s)}
		}
	}
	for _, c := range []struct {
		name string
		do   func(fstest.MapFS)
		want string
	}{
		{"no population", func(m fstest.MapFS) { delete(m, "reviews/2026-Q3/population.jsonl") }, "population.jsonl: cannot be read"},
		{"another folder", func(m fstest.MapFS) {
			for _, n := range []string{"OPEN.json", "population.jsonl"} {
				m["reviews/2026-Q4/"+n] = m["reviews/2026-Q3/"+n]
			}
		}, `it is of the review "2026-Q3"`},
		{"changed population", edit("population.jsonl", "Ada Example", "Eve Example"), "not the one that was frozen"},
		{"renamed row", edit("population.jsonl", `"name":"ada"`, `"name":"ada","access2":"x"`), "unknown field"},
		{"unknown field", edit("OPEN.json", `"rows"`, `"rowz"`), "unknown field"},
		{"cut short", func(m fstest.MapFS) {
			f := m["reviews/2026-Q3/decisions.jsonl"]
			f.Data = f.Data[:len(f.Data)-1]
		}, "cut short"},
		{"no such row", edit("decisions.jsonl", `"row":"E-`, `"row":"F-`), "has no row"},
		{"no decision", edit("decisions.jsonl", `"decision":"Keep"`, `"decision":"Maybe"`), `"Maybe" is no decision`},
		{"a line taken out", func(m fstest.MapFS) {
			f := m["reviews/2026-Q3/decisions.jsonl"]
			_, rest, _ := strings.Cut(string(f.Data), "\n")
			f.Data = []byte(rest)
		}, "a line is missing"},
		{"self review", edit("decisions.jsonl", `"reviewer":"bo"`, `"reviewer":"ada"`), "access of their own"},
		{"edited by hand", edit("decisions.jsonl", `{"row"`, `{ "row"`), "edited by hand"},
		{"two reviewers", edit("OPEN.json", `"person": "cy"`, `"person": "bo"`), "stands there twice"},
		{"another workbook", func(m fstest.MapFS) {
			line, err := evidence.WriteLines([]Receipt{{Reviewer: "bo", Path: "reviews/2026-Q3/received/bo-1.xlsx", Sum: strings.Repeat("ab", 32), Received: at("2026-07-12"), File: "bo.xlsx"}})
			if err != nil {
				panic(err)
			}
			m["reviews/2026-Q3/received.jsonl"] = &fstest.MapFile{Data: line}
			m["reviews/2026-Q3/received/bo-1.xlsx"] = &fstest.MapFile{Data: []byte("another")}
		}, "is not the workbook that came back"},
		{"a row nobody has", edit("OPEN.json", `"E-`, `"X-`), "does not have"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := repository(t)
			c.do(m)
			_, problems := ReadAll(m)
			if len(problems) == 0 || !strings.Contains(strings.Join(problems, "\n"), c.want) {
				t.Errorf("want %q, and the problems are %q", c.want, problems)
			}
		})
	}
}

func FuzzParseOpening(f *testing.F) {
	f.Add([]byte(`{"format":"exhibit access review v1","id":"2026-Q3"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o, err := ParseOpening(b); err == nil && CheckID(o.ID) != nil {
			t.Errorf("%q was taken for an opening", b)
		}
	})
}

func FuzzParsePopulation(f *testing.F) {
	pop, err := evidence.WriteLines(population())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pop)
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParsePopulation(b)
		if err != nil {
			return
		}
		again, err := evidence.WriteLines(list)
		if err != nil || string(again) != string(b) {
			t.Errorf("%q is written as %q: %v", b, again, err)
		}
	})
}

func FuzzDecisions(f *testing.F) {
	f.Add([]byte(`{"row":"E-1","decision":"Keep","reviewer":"bo","received":"2026-07-12T09:00:00Z","workbook":"w","line":3}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := lines[Decision](b)
		if err != nil {
			return
		}
		if again, err := evidence.WriteLines(list); err != nil || string(again) != string(b) {
			t.Errorf("%q is written as %q: %v", b, again, err)
		}
	})
}
