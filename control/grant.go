package control

import (
	"regexp"
	"strings"
)

// Patterns of IAM that name everything. Source of the grammar: the IAM guide,
// "IAM JSON policy elements": a * stands for any characters, a ? for one.
var (
	everyAction   = regexp.MustCompile(`^([*?]*[*][*?]*:)?[*?]*[*][*?]*$`)
	everyResource = regexp.MustCompile(`^([*]+|arn:[*]+|arn:[^:]*(:[*]+){1,4})$`)
	wholeService  = regexp.MustCompile(`^([^:]*:)?[*?]*[*][*?]*$`)
)

// allActions reports whether a statement names every action.
func allActions(s map[string]any) bool {
	return anyMatches(s["Action"], everyAction)
}

// allResources reports whether a statement names every resource, or every one but
// some.
func allResources(s map[string]any) bool {
	but, _ := s["NotResource"].([]any)
	return anyMatches(s["Resource"], everyResource) || len(but) > 0
}

// wholeServices lists what of a statement's actions is every action of one
// service or of all; everything but a list is that too.
func wholeServices(s map[string]any) []any {
	out := []any{}
	actions, _ := s["Action"].([]any)
	for _, a := range actions {
		if text, _ := a.(string); wholeService.MatchString(text) {
			out = append(out, text)
		}
	}
	if but, _ := s["NotAction"].([]any); len(but) > 0 {
		var names []string
		for _, a := range but {
			text, _ := a.(string)
			names = append(names, text)
		}
		out = append(out, "everything but "+strings.Join(names, ", "))
	}
	return out
}

func anyMatches(list any, pattern *regexp.Regexp) bool {
	l, _ := list.([]any)
	for _, e := range l {
		if s, _ := e.(string); pattern.MatchString(s) {
			return true
		}
	}
	return false
}
