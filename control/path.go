package control

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// placeholder is a path within a template: "{account}/{record.user}".
var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// pathForm is how a path is written: names joined by dots, each with [] where it
// is a list of which every element is meant.
var pathForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\[\])?(\.[A-Za-z_][A-Za-z0-9_-]*(\[\])?)*$`)

// badPaths says what is wrong with a template; "" when nothing is.
func badPaths(template string) string {
	paths := pathsOf(template)
	if len(paths) == 0 {
		return fmt.Sprintf("%q names no field", template)
	}
	for _, p := range paths {
		if !pathForm.MatchString(p) {
			return fmt.Sprintf("%q is not a path such as record.person or DescribeListeners.Certificates[].CertificateArn", p)
		}
	}
	return ""
}

// pathsOf are the paths of a template; a text without braces is one path.
func pathsOf(template string) []string {
	if !strings.Contains(template, "{") {
		return []string{template}
	}
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(template, -1) {
		out = append(out, m[1])
	}
	return out
}

// expand gives the texts a template has for an item: one, or where a path leads
// through a list one for each element; none where a path leads nowhere.
func expand(it Located, template string) []string {
	if !strings.Contains(template, "{") {
		var out []string
		for _, v := range valuesAt(it, template) {
			if s := leafText(v); s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	out, last := []string{""}, 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		before := template[last:m[0]]
		last = m[1]
		var next []string
		for _, v := range valuesAt(it, template[m[2]:m[3]]) {
			if s := leafText(v); s != "" {
				for _, head := range out {
					next = append(next, head+before+s)
				}
			}
		}
		out = next
	}
	for i := range out {
		out[i] += template[last:]
	}
	return out
}

// valuesAt are the values at a path of an item's answers; id, account, region and
// source are the item's own.
func valuesAt(it Located, path string) []any {
	switch path {
	case "id":
		return []any{it.ID}
	case "account":
		return []any{it.Account}
	case "region":
		return []any{it.Region}
	case "source":
		return []any{it.Source}
	}
	at := []any{it.Answers}
	for name := range strings.SplitSeq(path, ".") {
		name, all := strings.CutSuffix(name, "[]")
		var next []any
		for _, v := range at {
			m, ok := v.(map[string]any)
			if !ok {
				continue
			}
			switch v := m[name].(type) {
			case nil:
			case []any:
				if all {
					next = append(next, v...)
				} else {
					next = append(next, v)
				}
			default:
				next = append(next, v)
			}
		}
		at = next
	}
	return at
}

// leafText is a plain value as text; "" for anything else.
func leafText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
