package control

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

// How soon a finding must be taken up and resolved is written down once: in exhibit.yaml
// (responses.within), else as the default of ResponseLimits. A control's statement, a
// check's words and a check's parameter name a limit and never a number of their own:
//
//	says: No critical finding is open for more than {critical.resolve}.
//	params: {days: "{critical.resolve}"}
var limitNamed = regexp.MustCompile(`\{(critical|high)\.(acknowledge|resolve)\}`)

// limit is the time a name stands for, and whether exhibit.yaml gives it.
func (o Own) limit(severity, what string) (time.Duration, bool) {
	l, own := o.Responded().Within[Severity(severity)], o.Responses.Within[Severity(severity)]
	if what == "acknowledge" {
		return l.Acknowledge, own.Acknowledge > 0
	}
	return l.Resolve, own.Resolve > 0
}

// limitWords says a limit: "14 days", "a day", "4 hours".
func limitWords(d time.Duration) string {
	switch {
	case d == 24*time.Hour:
		return "a day"
	case d%(24*time.Hour) == 0:
		return plural(int(d/(24*time.Hour)), "day")
	}
	return plural(int(d/time.Hour), "hour")
}

// Said is a text with the limits it names filled in.
func (o Own) Said(text string) string {
	return limitNamed.ReplaceAllStringFunc(text, func(name string) string {
		m := limitNamed.FindStringSubmatch(name)
		d, _ := o.limit(m[1], m[2])
		return limitWords(d)
	})
}

// limits are those that texts name, each with where it comes from.
func (o Own) limits(texts ...string) []string {
	var out []string
	for _, t := range texts {
		for _, m := range limitNamed.FindAllStringSubmatch(t, -1) {
			d, own := o.limit(m[1], m[2])
			says := fmt.Sprintf("%s: %s within %s, ", m[1], map[string]string{"acknowledge": "taken up", "resolve": "resolved"}[m[2]], limitWords(d))
			if own {
				says += "from exhibit.yaml (responses.within)"
			} else {
				says += "exhibit's default; exhibit.yaml may set another (responses.within)"
			}
			if !slices.Contains(out, says) {
				out = append(out, says)
			}
		}
	}
	return out
}

// params are a check's, with the limits they name as whole days, a begun one counted.
func (o Own) params(given map[string]any) map[string]any {
	out, cloned := given, false
	for k, v := range given {
		text, _ := v.(string)
		m := limitNamed.FindStringSubmatch(text)
		if m == nil || m[0] != text {
			continue
		}
		if !cloned {
			out, cloned = maps.Clone(given), true
		}
		d, _ := o.limit(m[1], m[2])
		out[k] = int((d + 24*time.Hour - 1) / (24 * time.Hour))
	}
	return out
}

// Check is a check as the organisation is judged by it: the limits its words and
// parameters name filled in.
func (o Own) Check(c Check) Check {
	texts := []string{c.Title, c.Says, c.Covers}
	for _, k := range sortedKeys(c.Params) {
		if s, is := c.Params[k].(string); is {
			texts = append(texts, s)
		}
	}
	c.Limits = o.limits(texts...)
	c.Title, c.Says, c.Covers, c.Params = o.Said(c.Title), o.Said(c.Says), o.Said(c.Covers), o.params(c.Params)
	return c
}

// Control is a control likewise.
func (o Own) Control(c Control) Control {
	c.Limits = o.limits(c.Statement)
	c.Statement = o.Said(c.Statement)
	return c
}
