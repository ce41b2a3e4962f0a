package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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

// Responses is the responses part of exhibit.yaml: which findings must be
// answered, and how soon.
type Responses struct {
	GuardDuty   float64 `yaml:"guardduty_severity"` // the lowest severity; 0 is the default, 7
	Inspector   string  `yaml:"inspector"`          // critical (the default), or high for both
	SecurityHub string  `yaml:"security_hub"`       // likewise
	// Within are the times allowed, by severity: critical and high.
	Within map[string]ResponseTime `yaml:"within"`
}

// ResponseTime is the time allowed, counted from when the source first reported a
// finding; 0 is the default.
type ResponseTime struct {
	AcknowledgeHours int `yaml:"acknowledge_hours"`
	ResolveDays      int `yaml:"resolve_days"`
}

func (v *validator) responses(r Responses) {
	if r.GuardDuty < 0 || r.GuardDuty > 10 {
		v.bad("responses.guardduty_severity", "%v is no severity of GuardDuty, which rates from 1 to 10", r.GuardDuty)
	}
	for _, s := range [][2]string{{"inspector", r.Inspector}, {"security_hub", r.SecurityHub}} {
		if s[1] != "" && s[1] != "critical" && s[1] != "high" {
			v.bad("responses."+s[0], "%q is not known; allowed: critical, or high for both", s[1])
		}
	}
	for _, s := range slices.Sorted(maps.Keys(r.Within)) {
		at, w := "responses.within."+s, r.Within[s]
		if s != "critical" && s != "high" {
			v.bad(at, "%q is not known; allowed: critical, high", s)
		}
		for _, n := range []struct {
			key   string
			value int
		}{{"acknowledge_hours", w.AcknowledgeHours}, {"resolve_days", w.ResolveDays}} {
			if n.value < 0 {
				v.bad(fmt.Sprintf("%s.%s", at, n.key), "%d is less than 0", n.value)
			}
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
	o.Responses = control.ResponseLimits{GuardDuty: c.Responses.GuardDuty, InspectorHigh: c.Responses.Inspector == "high", SecurityHubHigh: c.Responses.SecurityHub == "high"}
	o.Pipeline = control.Pipeline(c.Pipeline)
	for s, w := range c.Responses.Within {
		if o.Responses.Within == nil {
			o.Responses.Within = map[control.Severity]control.ResponseLimit{}
		}
		o.Responses.Within[control.Severity(s)] = control.ResponseLimit{Acknowledge: time.Duration(w.AcknowledgeHours) * time.Hour, Resolve: time.Duration(w.ResolveDays) * 24 * time.Hour}
	}
	return o
}
