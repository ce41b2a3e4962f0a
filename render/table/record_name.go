package table

import "exhibit/control"

// RecordName is what people call a record: the first of its name, title, subject
// or the like; "" where it has none of them.
func RecordName(it control.Located) string {
	for _, field := range []string{"name", "title", "subject", "summary", "what", "description", "vendor", "person", "check", "policy"} {
		if s := textAt(it, "record."+field); s != "" {
			return s
		}
	}
	return ""
}
