package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"exhibit/internal/near"
)

// withNear hints at the name that was meant, where one is near what was typed;
// otherwise at what format says.
func withNear(err error, typed string, names []string, format string, args ...any) error {
	if s := near.Word(typed, names); s != "" {
		return withHint(err, "did you mean %q?", s)
	}
	return withHint(err, format, args...)
}

// keysOf lists the yaml keys of a configuration type by its Go name.
func keysOf(typeName string) []string {
	for _, v := range []any{Config{}, Engagement{}, Period{}, AWS{}, Account{}, OutOfScope{}, Repository{}, Signing{}, People{}, RecordChoice{}, Responses{}, ResponseTime{}, Review{}, Sampling{}, Forge{}, Pipeline{}, CodeHost{}, RepositoryExcluded{}} {
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

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
