package control

import (
	"slices"
	"testing"
	"time"
)

func TestHistories(t *testing.T) {
	on := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	rev := func(commit, version, text, approved, effective, committed string) Revision {
		r := Revision{ID: "access", Title: "Access", Review: "annual"}
		r.Commit, r.Version, r.Body, r.CommittedAt, r.Author, r.Path = commit, version, []byte(text), on(committed), "Sam Writer", "policies/access.md"
		if approved != "" {
			r.ApprovedBy, r.ApprovedOn = "Ada Boss", on(approved)
		}
		r.Effective = on(effective)
		return r
	}
	approvedLater := rev("c2", "2.0", "two", "2026-02-01", "2026-02-10", "2026-02-02")
	byAuthor := rev("c6", "3.0", "three", "2026-05-01", "2026-04-01", "2026-05-02")
	byAuthor.ApprovedBy = "Sam Writer, engineer"
	renamed := rev("c3", "2.0", "two", "2026-02-01", "2026-02-10", "2026-02-03")
	renamed.Path = "policies/access-control.md"
	gone := Revision{ID: "access", Removed: true}
	gone.Commit, gone.Path = "c7c7c7c7c7c7", "policies/access-control.md"
	docs := Histories([]Revision{
		rev("c0", "1.0", "one", "2025-12-01", "2026-01-01", "2025-12-02"),
		rev("c1", "2.0", "two", "", "2026-02-10", "2026-01-20"),
		approvedLater, renamed,
		rev("c4", "2.0", "two and a bit", "2026-02-01", "2026-02-10", "2026-03-01"),
		byAuthor, gone,
	})
	if len(docs) != 1 {
		t.Fatalf("%d documents, want 1", len(docs))
	}
	d := docs[0]
	var numbers []string
	for _, v := range d.Versions {
		numbers = append(numbers, v.Version+"@"+v.Commit)
	}
	if want := []string{"3.0@c6", "@c4", "2.0@c1", "1.0@c0"}; !slices.Equal(numbers, want) {
		t.Errorf("versions %v, want %v", numbers, want)
	}
	if v := d.Versions[2]; v.ApprovedBy != "Ada Boss" || v.Path != "policies/access-control.md" {
		t.Errorf("the approval and the rename of 2.0 are not followed: %+v", v)
	}
	want := []string{
		"the file policies/access-control.md was removed at c7c7c7c7c7",
		"the text changed at c4 without a new version: it is still called 2.0",
		"version 3.0 took effect on 2026-04-01, before it was approved on 2026-05-01",
		"version 3.0 was approved by the person who committed it, Sam Writer",
		"version 3.0 was committed on 2026-05-02, after it took effect on 2026-04-01",
	}
	if !slices.Equal(d.Problems, want) {
		t.Errorf("problems\n%q\nwant\n%q", d.Problems, want)
	}
	if v := d.InForce(on("2026-03-15")); v == nil || v.Version != "2.0" {
		t.Errorf("in force on 2026-03-15: %+v, want 2.0", v)
	}
	if !d.Reviewed.Equal(on("2026-05-01")) {
		t.Errorf("reviewed %v", d.Reviewed)
	}
}
