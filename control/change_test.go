package control

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"exhibit/evidence"
)

// line is a branch of commits named a, b, c … with the subjects given.
func line(subjects ...string) (out []Located) {
	for i, s := range subjects {
		sha := strings.Repeat(string(rune('a'+i)), 40)
		out = append(out, Located{Region: "shop", Source: "git/change", Item: evidence.Item{ID: sha, Answers: map[string]any{
			"commit": map[string]any{"sha": sha, "subject": s}, "change": map[string]any{"number": int64(i + 1), "in_period": true, "committed": "2026-03-02T10:00:00Z"},
		}}})
	}
	return out
}

func pullOf(number int, end string, parents int, titles ...string) Located {
	commits := []any{}
	for _, t := range titles {
		commits = append(commits, map[string]any{"commit": map[string]any{"messageHeadline": t}})
	}
	return Located{Region: "shop", Source: "forge/pull-request", Item: evidence.Item{ID: fmt.Sprintf("example/shop#%d", number), Answers: map[string]any{"pullRequest": map[string]any{
		"number": int64(number), "mergedAt": "2026-03-02T10:00:00Z", "mergeCommit": map[string]any{"oid": strings.Repeat(end, 40), "parents": map[string]any{"totalCount": int64(parents)}}, "commits": map[string]any{"nodes": commits},
	}}}}
}

// Which pull request a commit came by: merged, squashed and rebased, and which
// came by none.
func TestChangesOf(t *testing.T) {
	cell := func(source string) []evidence.Cell {
		return []evidence.Cell{{Region: "shop", Source: source, State: evidence.Collected}}
	}
	in := joining{
		Of: listing{Source: "git/change", Cells: cell("git/change"), Items: line(
			"Merge pull request #1",                       // a
			"Squashed (#2)",                               // b
			"Direct",                                      // c
			"Rebased one", "Rebased two", "Rebased three", // d e f
			"Squashed of two (#4)", // g
		)},
		With: map[string]listing{"pulls": {Source: "forge/pull-request", Cells: cell("forge/pull-request"), Items: []Located{
			pullOf(1, "a", 2, "One", "Two"), pullOf(2, "b", 1, "Squashed"), pullOf(3, "f", 1, "Rebased one", "Rebased two", "Rebased three"),
			pullOf(4, "g", 1, "Rebased three", "Another"), // the title before it is that of another
		}}},
	}
	var got []string
	for _, c := range changesOf(in) {
		what := "none"
		if c.pull != nil {
			what = c.pull.id
		}
		if c.unknown != "" {
			what = c.unknown
		}
		got = append(got, what)
	}
	want := []string{"example/shop#1", "example/shop#2", "none", "example/shop#3", "example/shop#3", "example/shop#3", "example/shop#4"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	in.With["pulls"] = listing{Source: "forge/pull-request"} // never asked
	for _, c := range changesOf(in) {
		if c.unknown == "" {
			t.Errorf("%s: nobody asked the forge", c.ID)
		}
	}
}

func TestNamesCommit(t *testing.T) {
	sha := "dfed2c82aca92f4af80817704918b71441c2fdec"
	for s, want := range map[string]bool{sha: true, "shop " + sha: true, "shop dfed2c8": true, "shop@dfed2c82aca9": true, "dfed2c": false, "shop ffed2c82": false, "shop dfed2c82x": false, "": false} {
		if namesCommit(s, sha) != want {
			t.Errorf("%q: %t", s, !want)
		}
	}
}
