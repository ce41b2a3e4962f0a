package control

import (
	"fmt"
	"regexp"
	"slices"
)

// everyObject names the objects of all buckets in a trail's data resources.
var everyObject = regexp.MustCompile(`^arn:[a-z-]+:s3(:::)?$`)

// keepsObjects reports whether a trail's selectors, as cloudtrail:GetEventSelectors
// gives them, keep every event of one kind ("read" or "write") on the objects of
// all buckets. A selector with a field beside those that say so keeps only some.
func keepsObjects(selectors any, kind string) (any, error) {
	if kind != "read" && kind != "write" {
		return nil, fmt.Errorf("keepsObjects: %q is neither read nor write", kind)
	}
	m := fieldsOf(selectors)
	basic, isBasic := m["EventSelectors"].([]any)
	advanced, isAdvanced := m["AdvancedEventSelectors"].([]any)
	if !isBasic && !isAdvanced {
		return unanswered{"the selectors"}, nil
	}
	want := map[string]string{"read": "ReadOnly", "write": "WriteOnly"}[kind]
	for _, e := range basic {
		s := fieldsOf(e)
		if _, said := s["ReadWriteType"].(string); !said {
			return unanswered{"the selector's ReadWriteType"}, nil
		}
		if s["ReadWriteType"] != "All" && s["ReadWriteType"] != want {
			continue
		}
		resources, _ := s["DataResources"].([]any)
		for _, r := range resources {
			if fieldsOf(r)["Type"] == "AWS::S3::Object" && anyMatches(fieldsOf(r)["Values"], everyObject) {
				return true, nil
			}
		}
	}
	return slices.ContainsFunc(advanced, func(s any) bool { return selectsObjects(s, kind) }), nil
}

func selectsObjects(selector any, kind string) bool {
	only := map[string]string{"read": "true", "write": "false"}[kind]
	data, objects := false, false
	fields, _ := fieldsOf(selector)["FieldSelectors"].([]any)
	for _, e := range fields {
		f := fieldsOf(e)
		equals, _ := f["Equals"].([]any)
		switch f["Field"] {
		case "eventCategory":
			data = slices.Contains(equals, any("Data"))
		case "resources.type":
			objects = slices.Contains(equals, any("AWS::S3::Object"))
		case "readOnly":
			if !slices.Contains(equals, any(only)) {
				return false
			}
		default:
			return false
		}
	}
	return data && objects
}
