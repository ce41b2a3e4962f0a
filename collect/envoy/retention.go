package envoy

import "exhibit/collect"

// A Retention says what AWS deletes of a source's answers, and when.
type Retention = collect.Retention

// Expiring are the sources whose answers AWS deletes: what collect --expiring asks.
func Expiring() []Source {
	var out []Source
	for _, s := range Sources() {
		if s.Keeps.Days > 0 {
			out = append(out, s)
		}
	}
	return out
}
