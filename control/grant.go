package control

import (
	"regexp"
	"slices"
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

// denies reports whether a resource's policy denies an action to everyone, on
// every resource and without a condition.
func denies(doc any, action string) (bool, error) {
	list, err := statements(doc)
	if err != nil {
		return false, err
	}
	for _, e := range list {
		s := fieldsOf(e)
		_, but := s["NotPrincipal"]
		if s["Effect"] == "Deny" && !but && everyone(s["Principal"]) && len(fieldsOf(s["Condition"])) == 0 &&
			anyMatches(s["Resource"], everyResource) && namesAction(s, action) {
			return true, nil
		}
	}
	return false, nil
}

// everyone reports whether a principal is everybody.
func everyone(principal any) bool {
	if principal == "*" {
		return true
	}
	names := fieldsOf(principal)["AWS"]
	list, _ := names.([]any)
	return names == "*" || slices.Contains(list, any("*"))
}

// namesAction reports whether a statement is about an action, by its name, a
// pattern, or as not among those left out.
func namesAction(s map[string]any, action string) bool {
	in := func(list any) bool {
		l, _ := list.([]any)
		return slices.ContainsFunc(l, func(e any) bool {
			text, _ := e.(string)
			return wild(text, action, true)
		})
	}
	but, _ := s["NotAction"].([]any)
	return in(s["Action"]) || len(but) > 0 && !in(but)
}
