package control

import (
	"slices"
	"strings"
)

// allActionsOf reports whether a statement names every action of a service.
func allActionsOf(s map[string]any, service string) bool {
	ofService := func(list any, whole bool) bool {
		l, _ := list.([]any)
		return slices.ContainsFunc(l, func(e any) bool {
			text, _ := e.(string)
			prefix, action, ok := strings.Cut(text, ":")
			return everyAction.MatchString(text) || ok && wild(prefix, service, true) && (!whole || wholeService.MatchString(action))
		})
	}
	but, _ := s["NotAction"].([]any)
	return ofService(s["Action"], true) || len(but) > 0 && !ofService(but, false)
}

// forbids reports whether a resource's policy denies an action on a resource to
// everyone, whatever the circumstances.
func forbids(doc any, action, resource string) (bool, error) {
	return deniesEveryone(doc, func(s map[string]any) bool {
		return len(fieldsOf(s["Condition"])) == 0 && namesAction(s, action) && covers(s, resource)
	})
}

// requiresTLS reports whether a bucket's policy denies everyone whatever is asked
// of the bucket and of its objects without TLS.
func requiresTLS(doc any, bucket string) (bool, error) {
	for _, resource := range []string{bucket, bucket + "/*"} {
		denied, err := deniesEveryone(doc, func(s map[string]any) bool {
			return withoutTLS(fieldsOf(s["Condition"])) && allActionsOf(s, "s3") && covers(s, resource)
		})
		if !denied || err != nil {
			return false, err
		}
	}
	return true, nil
}

func deniesEveryone(doc any, which func(map[string]any) bool) (bool, error) {
	list, err := statements(doc)
	return slices.ContainsFunc(list, func(e any) bool {
		s := fieldsOf(e)
		_, but := s["NotPrincipal"]
		return s["Effect"] == "Deny" && !but && everyone(s["Principal"]) && which(s)
	}), err
}

// withoutTLS: the condition is that the request comes without TLS, and nothing else.
func withoutTLS(condition map[string]any) bool {
	for operator, on := range condition {
		for key, value := range fieldsOf(on) {
			values, err := stringList(value)
			plain := value == false || err == nil && len(values) == 1 && strings.EqualFold(values[0].(string), "false")
			return len(condition) == 1 && len(fieldsOf(on)) == 1 && plain &&
				(operator == "Bool" || operator == "BoolIfExists") && strings.EqualFold(key, "aws:SecureTransport")
		}
	}
	return false
}

// covers reports whether a resource is among those a statement names.
func covers(s map[string]any, resource string) bool {
	in := func(list any) bool {
		l, _ := list.([]any)
		return slices.ContainsFunc(l, func(e any) bool {
			text, _ := e.(string)
			return wild(text, resource, true)
		})
	}
	but, _ := s["NotResource"].([]any)
	return in(s["Resource"]) || len(but) > 0 && !in(but)
}
