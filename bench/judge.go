package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/policies"
)

// judge holds every check against 100,000 items in one process. There is no peer
// that judges the same items from a file: the figures are bounds. The items are
// those of the checks' own examples, each source with its share, ten accounts.
func (b *bench) judge() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	figs, err := b.measure(min(b.runs, 3), map[string]func() *exec.Cmd{"every check, 100,000 items": func() *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "EXHIBIT_BENCH_JUDGE=100000")
		return cmd
	}}, []string{"every check, 100,000 items"})
	if err != nil {
		return err
	}
	report(figs)
	return nil
}

// judgeItems is the process that judge measures.
func judgeItems(n int) error {
	lib, err := control.Load(policies.FS, nil)
	if err != nil {
		return err
	}
	ev, err := crowd(lib, n)
	if err != nil {
		return err
	}
	eng := control.Engagement{Organisation: "Bench", Type: "type-2", Period: control.Period{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}}
	r, err := control.Evaluate(lib, eng, ev, nil)
	if err != nil {
		return err
	}
	total := 0
	for _, c := range r.Checks {
		total += len(c.Findings)
	}
	fmt.Printf("%d checks, %d findings\n", len(r.Checks), total)
	return nil
}

// crowd makes n items: of each source whose items checks judge one by one, copies
// of the examples' items with ids of their own.
func crowd(lib *control.Library, n int) (control.Evidence, error) {
	ev := control.Evidence{Run: "bench", Commit: "bench", At: time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC), Items: map[string][]control.Located{}}
	patterns := patternsOf(lib)
	sources := slices.Sorted(maps.Keys(patterns))
	if len(sources) == 0 {
		return ev, fmt.Errorf("no check has an example of one item")
	}
	each := n / len(sources)
	for _, s := range sources {
		for i := range each {
			account, region := accountOf(i), "eu-west-1"
			ev.Items[s] = append(ev.Items[s], control.Located{Item: member(patterns[s], s, i, i), Account: account, Region: region, Source: s})
		}
		for i := range accounts {
			ev.Cells = append(ev.Cells, evidence.Cell{Account: accountOf(i), Region: "eu-west-1", Source: s, State: evidence.Collected, Items: each / accounts})
		}
	}
	return ev, nil
}

const accounts = 10

func accountOf(i int) string { return fmt.Sprintf("%012d", 100000000000+i%accounts) }

// patternsOf are the items of the checks' examples, by source.
func patternsOf(lib *control.Library) map[string][]map[string]any {
	patterns := map[string][]map[string]any{}
	for _, c := range lib.Checks {
		if strings.HasPrefix(c.Of, "record/") || strings.HasPrefix(c.Of, "review/") || strings.HasPrefix(c.Of, "git/") { // what lies in the repository has no cells
			continue
		}
		for _, e := range slices.Concat(c.Examples.Pass, c.Examples.Fail) {
			if e.Item != nil {
				patterns[c.Of] = append(patterns[c.Of], e.Item)
			}
		}
	}
	return patterns
}

// member is the i-th item of a source: with every question any check of it asks, and
// the answers of the examples by turns.
func member(patterns []map[string]any, source string, i, turn int) evidence.Item {
	it := evidence.Item{ID: fmt.Sprintf("arn:aws:bench:eu-west-1:%s:%s/%d", accountOf(i), source, i), Answers: map[string]any{}}
	for _, p := range patterns {
		for k, v := range p {
			if _, have := it.Answers[k]; !have && k != "id" {
				if text, gap := v.(string); gap && text == "!gap" {
					continue
				}
				it.Answers[k] = v
			}
		}
	}
	for k, v := range patterns[turn%len(patterns)] {
		if k != "id" {
			it.Answers[k] = v
		}
	}
	for k, v := range it.Answers {
		it.Answers[k] = ownIDs(v, false, i)
	}
	return it
}

// ownIDs are answers in which what the examples all call by one name is named by the
// item's own number, as no two networks or volumes of AWS have one id. Items of the
// same number refer to one another.
func ownIDs(v any, named bool, i int) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = ownIDs(e, isName.MatchString(k), i)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for n, e := range v {
			out[n] = ownIDs(e, named, i)
		}
		return out
	case string:
		if named && v != "" && v != "!gap" {
			return fmt.Sprint(v, "-", i)
		}
	}
	return v
}

// isName are the fields that name a resource, and no account.
var isName = regexp.MustCompile(`(?i)^(vpc|subnet|instance|volume|snapshot|group|networkinterface|networkacl|loadbalancer|listener|targetgroup|resource|user|policy|detector|function|cluster|service|topic|queue|table|bucket|key|filesystem|db\w*|image|certificate|webacl|trail|finding)s?(id|arn|name|identifier)s?$`)
