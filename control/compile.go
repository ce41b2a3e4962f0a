package control

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ready is a check, compiled.
type ready struct {
	check Check
	// nil when the check has none
	when, needs, pass, shows *program
	join                     join
	with                     []string // its variables, sorted
	register                 bool     // the population is a register kept current
	readsDay                 bool     // the verdict, or what is shown, depends on the day of the run
}

// compile checks what a check must have and compiles its expressions.
func (l *Library) compile(c *Check, e entry, languages map[string]*language) error {
	var errs []error
	fail := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: check %q: %s", c.File, c.Name, fmt.Sprintf(format, args...)))
	}
	if !checkName.MatchString(c.Name) {
		fail("the name must be lower-case words joined by hyphens, such as kms-key-rotates")
	}
	if c.Title == "" || c.Says == "" || c.Remediation == "" {
		fail("title, says and remediation must be given")
	}
	if !sourceName.MatchString(c.Of) {
		fail("of %q must name a source, such as kms/key", c.Of)
	}
	if !slices.Contains(severities, string(c.Severity)) {
		fail("severity %q is not one of %s", c.Severity, strings.Join(severities, ", "))
	}
	if !slices.Contains(eachOf, c.Each) {
		fail("each %q is not one of item, region, account, organisation", c.Each)
	}
	if c.Each == "" {
		c.Each = "item"
	}
	if c.Over != "" && c.Over != "period" {
		fail("over %q must be period", c.Over)
	}
	for _, also := range c.Also {
		if !sourceName.MatchString(also) || c.Each != "item" || c.Join != "" {
			fail("also: %q must name a source, in a check of items without join", also)
		}
	}
	r := &ready{check: *c, with: sortedKeys(c.With), register: c.Of == documentSource}
	if k, ok := strings.CutPrefix(c.Of, "record/"); ok {
		kind, known := l.kind(k)
		if !known && len(l.Kinds) > 0 {
			fail("of: unknown kind of record %q%s", k, nearest(k, l.kindNames()))
		}
		r.register = kind.Cadence == "kept current"
	}
	for _, v := range r.with {
		if !variable.MatchString(v) || slices.Contains(baseVariables, v) {
			fail("with: %q cannot name a variable: lower-case letters, and not one of %s", v, strings.Join(baseVariables, ", "))
		}
		if !sourceName.MatchString(sourceOf(c.With[v])) {
			fail("with: %s: %q must name a source, such as kms/key", v, c.With[v])
		}
	}
	for k, v := range c.Params {
		switch v.(type) {
		case map[string]any, nil:
			fail("params: %s must be a number, a text, true or false, or a list", k)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if c.Join != "" {
		if c.Pass+c.When+c.Needs+c.Shows != "" || c.Each != "item" {
			fail("join stands for when, needs, pass, shows and each: leave those out")
		}
		if r.join = joins()[c.Join]; r.join == nil {
			fail("unknown join %q%s; there are %s", c.Join, nearest(c.Join, sortedKeys(joins())), strings.Join(sortedKeys(joins()), ", "))
		}
		c.Steps = c.steps()
		r.check.Steps = c.Steps
	} else {
		errs = append(errs, r.compile(languages, e)...)
	}
	errs = append(errs, r.examplesGiven()...)
	if len(errs) == 0 {
		l.ready[c.Name] = r
	}
	return errors.Join(errs...)
}

func (r *ready) compile(languages map[string]*language, e entry) []error {
	key := strings.Join(r.with, " ")
	lang := languages[key]
	if lang == nil {
		var err error
		if lang, err = newLanguage(r.with); err != nil {
			return []error{fmt.Errorf("%s: check %q: with: %w", e.at(e.line("with")), r.check.Name, err)}
		}
		languages[key] = lang
	}
	var errs []error
	at := func(key string) string { return fmt.Sprintf("%s: check %q: %s", e.at(e.line(key)), r.check.Name, key) }
	must := func(key, source string, compile func(string) (*program, error)) *program {
		if source == "" {
			errs = append(errs, fmt.Errorf("%s: must be given", at(key)))
			return nil
		}
		p, err := compile(source)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", at(key), err))
		}
		return p
	}
	if r.check.When != "" {
		r.when = must("when", r.check.When, lang.predicate)
	}
	if r.check.Needs != "" {
		r.needs = must("needs", r.check.Needs, lang.predicate)
	}
	r.pass = must("pass", r.check.Pass, lang.predicate)
	r.shows = must("shows", r.check.Shows, lang.value)
	r.readsDay = slices.ContainsFunc([]*program{r.when, r.needs, r.pass, r.shows}, (*program).readsDay)
	return errs
}

// line finds the value of a key of the entry, for errors.
func (e entry) line(key string) *yaml.Node {
	if e.node != nil && e.node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(e.node.Content); i += 2 {
			if e.node.Content[i].Value == key {
				return e.node.Content[i]
			}
		}
	}
	return e.node
}
