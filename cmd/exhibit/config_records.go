package main

import (
	"maps"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/record"
	"exhibit/internal/near"
	"exhibit/policies"
)

// Records is the records part of exhibit.yaml, by kind of record.
type Records map[string]RecordChoice

// RecordChoice is what the organisation chose about a kind, where sources disagree.
type RecordChoice struct {
	Cadence string `yaml:"cadence"` // monthly, quarterly, semi-annual or annual; "" for the default
	// LateAfterDays is how many days after its date a record may first be sealed
	// before it is shown as written down late; nil for the default.
	LateAfterDays *int `yaml:"late_after_days"`
}

// allKinds stands for every kind that is not named.
const allKinds = "all"

var cadences = []string{"monthly", "quarterly", "semi-annual", "annual"}

func (v *validator) records(choices Records) {
	if len(choices) == 0 {
		return
	}
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		v.errs = append(v.errs, err)
		return
	}
	kinds := map[string]record.Schema{}
	for _, s := range schemas {
		kinds[s.Kind] = s
	}
	for _, kind := range slices.Sorted(maps.Keys(choices)) {
		c, at := choices[kind], "records."+kind
		s, known := kinds[kind]
		switch {
		case kind == allKinds && c.Cadence != "":
			v.bad(at+".cadence", "one cadence for all kinds says nothing true; name the kind, as in restore-test: {cadence: annual}")
		case kind == allKinds:
		case !known:
			said := "there is no kind of record " + kind + "; exhibit record list names them"
			if w := near.Word(kind, slices.Sorted(maps.Keys(kinds))); w != "" {
				said = "there is no kind of record " + kind + "; did you mean " + w + "?"
			}
			v.bad(at, "%s", said)
		case c.Cadence == "":
		case !slices.Contains(cadences, c.Cadence):
			v.bad(at+".cadence", "%q is not known; allowed: %s", c.Cadence, strings.Join(cadences, ", "))
		case !slices.Contains(cadences, s.Cadence):
			v.bad(at+".cadence", "%s is %s: how often it comes is nobody's choice", kind, s.Cadence)
		}
		if c.LateAfterDays != nil && *c.LateAfterDays < 0 {
			v.bad(at+".late_after_days", "%d is less than 0", *c.LateAfterDays)
		}
		if c.Cadence == "" && c.LateAfterDays == nil {
			v.bad(at, "chooses nothing; allowed: cadence, late_after_days")
		}
	}
}

// own turns the organisation's choices into what the checks and pages read.
func (c Config) own() control.Own {
	var o control.Own
	for kind, choice := range c.Records {
		if choice.Cadence != "" {
			if o.Cadence == nil {
				o.Cadence = map[string]string{}
			}
			o.Cadence[kind] = choice.Cadence
		}
		if choice.LateAfterDays != nil {
			if o.LateAfter == nil {
				o.LateAfter = map[string]int{}
			}
			o.LateAfter[kind] = *choice.LateAfterDays
		}
	}
	return o
}
