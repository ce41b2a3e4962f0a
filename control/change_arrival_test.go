package control

import (
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// What arrived between tips adds up to what the branch has, and each difference to the
// forge's list is named in the time it belongs to.
func TestArrivals(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 3, day, 6, 0, 0, 0, time.UTC) }
	sha := func(r rune) string { return strings.Repeat(string(r), 40) }
	l := func(r rune, n int64, way, pull string, merged int) ChangeLine {
		c := ChangeLine{ID: sha(r), number: n, Subject: string(r), Way: way, Pull: pull}
		if merged > 0 {
			c.Merged = at(merged)
		}
		return c
	}
	f := ChangeFlow{Lines: []ChangeLine{ // newest first
		l('g', 7, "pull request", "#5", 21), l('f', 6, "not evaluated", "", 0), l('e', 5, "direct", "", 0), l('d', 4, "pull request", "#3", 12), l('c', 3, "pull request", "#3", 12), l('b', 2, "pull request", "#2", 3), l('a', 1, "direct", "", 0)},
		Tips: []BranchTip{{Run: "1", At: at(1), Commit: sha('a')}, {Run: "2", At: at(5), Commit: sha('x')}, {Run: "3", At: at(10), Commit: sha('b')}, {Run: "4", At: at(20), Commit: sha('e')}, {Run: "5", At: at(30), Commit: sha('h')}}}
	f.Lines[0].Bot, f.Lines[2].Reverts = true, true
	place := map[string]int64{sha('h'): 8} // it came after the period
	for _, c := range f.Lines {
		place[c.ID] = c.number
	}
	pull := func(id string, end rune, day int) Located {
		return Located{Item: evidence.Item{ID: id, Answers: map[string]any{"pullRequest": map[string]any{"mergedAt": at(day).Format(time.RFC3339), "mergeCommit": map[string]any{"oid": sha(end)}}}}}
	}
	got := f.arrivals(place, []Located{pull("#2", 'b', 3), pull("#3", 'd', 12), pull("#4", 'z', 13), pull("#5", 'g', 21)})
	want := []struct {
		from, to                                           string
		n, byPull, pulls, direct, unknown, bots, undoes, m int
		differences                                        []string
	}{
		{"", "1", 1, 0, 0, 1, 0, 0, 0, 0, []string{"aaaaaaaaaa"}},
		{"1", "3", 1, 1, 1, 0, 0, 0, 0, 1, nil},
		{"3", "4", 3, 2, 1, 1, 0, 0, 1, 2, []string{"eeeeeeeeee", "#4: "}},
		{"4", "5", 2, 1, 1, 0, 1, 1, 0, 1, nil},
	}
	if len(got) != len(want) {
		t.Fatalf("%d arrivals: %+v", len(got), got)
	}
	total := 0
	for i, w := range want {
		a := got[i]
		total += a.N
		if a.From.Run != w.from || a.To.Run != w.to || a.N != w.n || a.ByPull != w.byPull || a.Pulls != w.pulls || a.Direct != w.direct || a.NotKnown != w.unknown || a.Bots != w.bots || a.Undoes != w.undoes || a.Merged != w.m {
			t.Errorf("%d: %+v", i, a)
		}
		if a.ByPull+a.Direct+a.NotKnown != a.N || len(a.Differences) != len(w.differences) {
			t.Errorf("%d: %+v", i, a)
			continue
		}
		for j, d := range w.differences {
			if !strings.HasPrefix(a.Differences[j], d) {
				t.Errorf("%d: %q, want %q", i, a.Differences[j], d)
			}
		}
	}
	if total != len(f.Lines) {
		t.Errorf("%d of %d", total, len(f.Lines))
	}
	// A pull request that ended in a commit of another time is a difference of both.
	late := ChangeFlow{Lines: []ChangeLine{l('a', 1, "pull request", "#1", 9)}, Tips: []BranchTip{{Run: "1", At: at(5), Commit: sha('a')}, {Run: "2", At: at(10), Commit: sha('a')}}}
	got = late.arrivals(map[string]int64{sha('a'): 1}, []Located{pull("#1", 'a', 9)})
	if len(got) != 2 || len(got[0].Differences) != 1 || len(got[1].Differences) != 1 || got[1].N != 0 || got[1].Merged != 1 {
		t.Errorf("%+v", got)
	}
	// A branch that was rewritten, so that no tip is on it, still has all its changes.
	gone := ChangeFlow{Lines: f.Lines, Tips: []BranchTip{{Run: "1", At: at(1), Commit: sha('x')}}}
	if got := gone.arrivals(place, nil); len(got) != 1 || got[0].N != 7 || got[0].To.Run != "" {
		t.Errorf("%+v", got)
	}
}
