package control

import (
	"sort"
	"strings"
)

// unanswered stands in an item's data at the place of an answer that was not
// given. Cause is in words: "GetKeyPolicy (AccessDeniedException)".
//
// Whatever is computed from it is unknown in its turn, unless the rest decides.
type unanswered struct{ Cause string }

// neverAsked is the mark for a question nobody put.
func neverAsked(question string) unanswered { return unanswered{question + " (never asked)"} }

// notAnswered is how an unanswered question is told to people.
func notAnswered(causes ...string) string {
	causes = append([]string(nil), causes...)
	sort.Strings(causes)
	return "not answered: " + strings.Join(causes, ", ")
}

// findUnanswered adds the causes of every mark within v to into.
func findUnanswered(v any, into *[]string) {
	switch v := v.(type) {
	case unanswered:
		*into = append(*into, v.Cause)
	case map[string]any:
		for _, e := range v {
			findUnanswered(e, into)
		}
	case []any:
		for _, e := range v {
			findUnanswered(e, into)
		}
	}
}

// showing returns v as JSON may hold it: marks become their words.
func showing(v any) any {
	switch v := v.(type) {
	case unanswered:
		return notAnswered(v.Cause)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = showing(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = showing(e)
		}
		return out
	}
	return v
}

// marked replaces the text "!gap" anywhere in an example by the mark of an
// unanswered question, named after the key it stands under.
func marked(v any) any { return markedUnder("an element", v) }

func markedUnder(key string, v any) any {
	switch v := v.(type) {
	case string:
		if v == gapText {
			return unanswered{key + " (example)"}
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = markedUnder(k, e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = markedUnder(key, e)
		}
		return out
	}
	return v
}

// gapText stands in an example for a question that was not answered.
const gapText = "!gap"
