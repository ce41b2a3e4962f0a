package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// keysOf lists the yaml keys of a configuration type by its Go name.
func keysOf(typeName string) []string {
	for _, v := range []any{Config{}, Engagement{}, Period{}, AWS{}, Account{}, OutOfScope{}, Repository{}, Signing{}} {
		t := reflect.TypeOf(v)
		if t.Name() != typeName {
			continue
		}
		var keys []string
		for f := range t.Fields() {
			if k, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); k != "" {
				keys = append(keys, k)
			}
		}
		return keys
	}
	return nil
}

// nearest returns the word at most two edits away, or "".
func nearest(word string, words []string) string {
	best, at := "", 3
	for _, w := range words {
		if d := edits(word, w); d < at {
			best, at = w, d
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost = 1 + min(prev, row[j], row[j+1])
			}
			prev, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
