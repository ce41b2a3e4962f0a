package control

import (
	"encoding/json"
	"fmt"
	"strings"
)

// catches reports whether an EventBridge rule's pattern matches every event of a
// kind, whatever else stands in it: a condition on a field that is not known
// narrows the pattern. Source: Amazon EventBridge User Guide, "Creating event
// patterns".
func catches(pattern any, kind string) (bool, error) {
	events, known := map[string][]event{"guardduty-high": highFindings()}[kind]
	if !known {
		return false, fmt.Errorf("there is no kind of event %q", kind)
	}
	m, ok := pattern.(map[string]any)
	if text, isText := pattern.(string); isText {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&m); err != nil {
			return false, fmt.Errorf("reading an event pattern: %w", err)
		}
	} else if !ok {
		return false, fmt.Errorf("an event pattern is a text or an object, not %T", pattern)
	}
	for _, e := range events {
		if matchesObject(m, "", e) != yes {
			return false, nil
		}
	}
	return true, nil
}

// highFindings are GuardDuty's events of findings that are high or critical.
func highFindings() []event {
	var out []event
	for _, severity := range []float64{7, 8, 8.5, 9} {
		out = append(out, event{"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail.severity": severity})
	}
	return out
}

// matchesObject matches all fields of one object of a pattern.
func matchesObject(pattern map[string]any, under string, e event) truth {
	out := yes
	for key, v := range pattern {
		switch v := v.(type) {
		case map[string]any:
			out = min(out, matchesObject(v, under+key+".", e))
		case []any:
			some := no
			for _, one := range v {
				if alternative, ok := one.(map[string]any); ok && key == "$or" {
					some = max(some, matchesObject(alternative, under, e))
				} else {
					some = max(some, matchesOne(one, e[under+key]))
				}
			}
			out = min(out, some)
		default:
			out = no // AWS takes no such pattern
		}
	}
	return out
}

// matchesOne matches one alternative for a field; nil is a field nothing is known of.
func matchesOne(want, have any) truth {
	if have == nil {
		return maybe
	}
	text, isText := have.(string)
	switch w := want.(type) {
	case string:
		return truthOf(w == have)
	case json.Number:
		n, err := w.Float64()
		return truthOf(err == nil && n == have)
	case map[string]any:
		if len(w) != 1 {
			return maybe
		}
		for how, v := range w {
			s, plain := v.(string)
			switch {
			case how == "exists":
				return truthOf(v == true)
			case how == "prefix" && plain:
				return truthOf(isText && strings.HasPrefix(text, s))
			case how == "suffix" && plain:
				return truthOf(isText && strings.HasSuffix(text, s))
			case how == "equals-ignore-case" && plain:
				return truthOf(isText && strings.EqualFold(text, s))
			case how == "numeric":
				list, _ := v.([]any)
				return inRange(list, have)
			}
		}
		return maybe
	}
	return no
}

// inRange applies [">=", 7, "<", 9] to a number.
func inRange(list []any, have any) truth {
	n, ok := have.(float64)
	if !ok || len(list)%2 != 0 || len(list) == 0 {
		return no
	}
	for i := 0; i < len(list); i += 2 {
		limit, err := decimal(list[i+1])
		if err != nil {
			return no
		}
		holds := map[any]bool{"<": n < limit, "<=": n <= limit, "=": n == limit, ">": n > limit, ">=": n >= limit}
		if op, isText := list[i].(string); !isText || !holds[op] {
			return no
		}
	}
	return yes
}
