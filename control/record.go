package control

import (
	"slices"
	"strings"
	"time"
)

// A written record, read leniently: evidence/record has refused what is wrong.
type written map[string]any

// recordOf returns what a person wrote; empty when the item is no record.
func recordOf(it Located) written {
	m, _ := it.Answers["record"].(map[string]any)
	return m
}

func (r written) text(key string) string {
	s, _ := r[key].(string)
	return s
}

func (r written) texts(key string) []string {
	var out []string
	list, _ := r[key].([]any)
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (r written) bool(key string) bool {
	b, _ := r[key].(bool)
	return b
}

// refused reports whether a value is not known, rather than not there.
func (r written) refused(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { _, not := r[k].(unanswered); return not })
}

// day is a date or the day of a time; zero when there is none.
func (r written) day(key string) time.Time {
	t, err := instant(r[key])
	if err != nil {
		return time.Time{}
	}
	return t.UTC().Truncate(24 * time.Hour)
}

// collected is what was collected, without what people wrote and what was derived.
func collected(items map[string][]Located) map[string][]Located {
	out := map[string][]Located{}
	for source, list := range items {
		if !alwaysRead(source) {
			out[source] = list
		}
	}
	return out
}

// records is what people wrote, by kind.
func records(items map[string][]Located) map[string][]Located {
	out := map[string][]Located{}
	for source, list := range items {
		if kind, ok := strings.CutPrefix(source, "record/"); ok {
			out[kind] = list
		}
	}
	return out
}

// within reports whether a day lies in the period, its last day included.
func (p Period) within(day time.Time) bool {
	return !day.IsZero() && !day.Before(p.Start) && day.Before(p.End.AddDate(0, 0, 1))
}

// fieldsOf is v as an object; empty when it is none.
func fieldsOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// number is a parameter of a check; otherwise when it is not given.
func (r written) number(key string, otherwise int64) int64 {
	n, err := whole(r[key])
	if err != nil {
		return otherwise
	}
	return n
}

// has reports whether any record matches.
func has(records []Located, match func(written) bool) bool {
	return slices.ContainsFunc(records, func(it Located) bool { return match(recordOf(it)) })
}
