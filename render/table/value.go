package table

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ValueLines is a finding's value for a reader: one line for each name, as
// "mfa_active: false". What lies in an object is named by its path
// ("bucket.BlockPublicAcls: true"); a list of several objects has a
// line for each, begun with a dash. An empty list is "none". Only what lies deeper is JSON, so
// that nothing is left out; the machine form is in data/findings.jsonl.
func ValueLines(v any) string {
	var lines []string
	valueLines(&lines, "", v)
	return strings.Join(lines, "\n")
}

func valueLines(out *[]string, name string, v any) {
	put := func(text string) {
		if name != "" {
			text = name + ": " + text
		}
		*out = append(*out, text)
	}
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			put("none")
		}
		for _, k := range valueKeys(v) {
			path := k
			if name != "" {
				path = name + "." + k
			}
			valueLines(out, path, v[k])
		}
	case []any:
		v = unnest(v)
		if len(v) == 0 {
			put("none")
			return
		}
		if inline, ok := plainList(v); ok {
			put(inline)
			return
		}
		if _, object := v[0].(map[string]any); object && len(v) == 1 {
			valueLines(out, name, v[0])
			return
		}
		if name != "" {
			*out = append(*out, name+":")
		}
		for _, e := range v {
			*out = append(*out, "– "+inline(e))
		}
	default:
		put(valueScalar(v))
	}
}

// valueKeys are the names of an object in order; what only explains how the
// value was counted stands last.
func valueKeys(v map[string]any) []string {
	keys := sortedKeys(v)
	slices.SortStableFunc(keys, func(a, b string) int { return boolInt(a == "counted_to") - boolInt(b == "counted_to") })
	return keys
}

// unnest takes away lists that hold nothing but one list, and lists that are empty
// all the way down.
func unnest(v []any) []any {
	for len(v) == 1 {
		inner, ok := v[0].([]any)
		if !ok {
			break
		}
		v = inner
	}
	if !slices.ContainsFunc(v, func(e any) bool { l, list := e.([]any); return !list || len(unnest(l)) > 0 }) {
		return nil
	}
	return v
}

// plainList is a list of short plain values in one line.
func plainList(v []any) (string, bool) {
	parts := make([]string, len(v))
	n := 0
	for i, e := range v {
		switch e.(type) {
		case map[string]any, []any:
			return "", false
		}
		parts[i] = valueScalar(e)
		n += utf8.RuneCountInString(parts[i])
	}
	return strings.Join(parts, ", "), len(v) == 1 || n <= 60
}

// inline is a value on one line: an object as "name: value; name: value".
func inline(v any) string {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		if l, list := v.([]any); list {
			if text, plain := plainList(unnest(l)); plain && text != "" {
				return text
			}
			return ValueText(v)
		}
		return valueScalar(v)
	}
	parts := make([]string, 0, len(m))
	for _, k := range valueKeys(m) {
		parts = append(parts, k+": "+valueOne(m[k]))
	}
	return strings.Join(parts, "; ")
}

func valueOne(v any) string {
	switch v := v.(type) {
	case []any:
		v = unnest(v)
		if text, plain := plainList(v); plain {
			if text == "" {
				return "none"
			}
			return text
		}
		return ValueText(v)
	case map[string]any:
		return ValueText(v)
	}
	return valueScalar(v)
}

func valueScalar(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		if v == "" {
			return "(empty)"
		}
		return v
	case bool:
		return strconv.FormatBool(v)
	}
	return ValueText(v)
}
