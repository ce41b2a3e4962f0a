package control

import "strings"

// Own are the organisation's own choices where sources disagree on a number, as
// exhibit.yaml gives them. The zero value is exhibit's default everywhere; each
// choice that differs is shown as one.
type Own struct {
	// Cadence replaces a kind's, by kind: monthly, quarterly, semi-annual or annual.
	Cadence map[string]string
	// LateAfter is how many days after its date a record of a kind may first be
	// sealed before it counts as written down late; "all" stands for every other kind.
	LateAfter map[string]int
	// Responses say which findings must be answered and how soon.
	Responses ResponseLimits
	// Pipeline says by which identities production is changed.
	Pipeline Pipeline
}

// Late is how many days after its date a record of a kind may first be sealed
// before it counts as written down late.
func (o Own) Late(kind string) int {
	for _, k := range []string{kind, "all"} {
		if n, ok := o.LateAfter[k]; ok {
			return n
		}
	}
	return lateAfter
}

// kind is a kind of record with the organisation's own cadence.
func (o Own) kind(k RecordKind) RecordKind {
	if own := o.Cadence[k.Kind]; own != "" && own != k.Cadence {
		k.Default, k.Cadence = k.Cadence, own
	}
	return k
}

// kind is a kind of record as the organisation keeps it; empty when unknown.
func (w *world) kind(lib *Library, name string) RecordKind {
	k, _ := lib.kind(name)
	return w.own.kind(k)
}

// cadenceMonths are the months of a cadence that asks for one record in each.
var cadenceMonths = map[string]int{"monthly": 1, "quarterly": 3, "semi-annual": 6}

// chosen says that a cadence is the organisation's own; "" when it is the default.
func (k RecordKind) chosen() string {
	if k.Default == "" {
		return ""
	}
	return k.Cadence + " by the organisation's own choice, the default is " + k.Default
}

// months are those of the spans a check wants a record in, where the organisation
// chose another cadence for the kind; 0 where it did not.
func (o Own) months(c Check) int {
	own := o.Cadence[strings.TrimPrefix(c.Of, "record/")]
	if c.Join != "record-in-every-span" || own == "" {
		return 0
	}
	if own == "annual" {
		return 12
	}
	return cadenceMonths[own]
}

// say adds to a check that it is judged by the organisation's own cadence.
func (o Own) say(lib *Library, c Check) Check {
	if o.months(c) == 0 {
		return c
	}
	k, _ := lib.kind(strings.TrimPrefix(c.Of, "record/"))
	if k = o.kind(k); k.chosen() != "" {
		c.Says += " Here: " + k.chosen() + "."
	}
	return c
}
