package control

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Library is what is judged by: criteria, the controls that meet them and the
// checks that show it, all compiled and cross-checked.
type Library struct {
	Criteria []Criterion
	Controls []Control
	Checks   []Check
	Kinds    []RecordKind // what people may write, sorted by kind
	// Keeps is how long the provider keeps what sources list; empty when nobody said.
	Keeps []Retention
	// Populations are the lists an auditor samples from, Sizes how many are commonly
	// taken, Requests what is asked for and about.
	Populations []PopulationDef
	Sizes       []SizeRow
	Requests    []Request

	ready map[string]*ready     // by check name
	lists map[string]*readyList // by population
}

// A RecordKind is what control needs to know of a kind of record. Its fields and
// how it is read are the business of evidence/record.
type RecordKind struct {
	Kind    string
	Title   string
	Cadence string // annual, quarterly, monthly, per event, kept current
	DatedBy string // the field that dates a record; "" for registers
	// NilStatement says that for a period without one, somebody must state so.
	NilStatement bool
	// Default is the cadence the library gives, where exhibit.yaml chose another; "" where it did not.
	Default string
}

var (
	severities  = []string{"critical", "high", "medium", "low", "info"}
	frequencies = []string{"continuous", "daily", "weekly", "monthly", "quarterly", "annual", "per event"}
	eachOf      = []string{"", "item", "region", "account", "organisation"}
	checkName   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	sourceName  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	variable    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// Load reads the library: lib holds soc2/criteria.yaml, soc2/*.yaml, checks/*.yaml,
// records/*.yaml, populations/*.yaml, sampling/sizes.yaml, requests/*.yaml and documents/*.md; user, which may be nil,
// is an evidence repository whose checks/*.yaml, soc2/*.yaml, populations/*.yaml and
// requests/*.yaml add to them. All errors are joined; each begins
// with "checks/kms.yaml:12: ".
func Load(lib, user fs.FS) (*Library, error) {
	l := &Library{ready: map[string]*ready{}, lists: map[string]*readyList{}}
	var errs []error
	errs = append(errs, l.loadKinds(lib), l.loadCriteria(lib))
	lines := map[string]entry{} // where each check and control was read
	for _, fsys := range []fs.FS{lib, user} {
		if fsys == nil {
			continue
		}
		errs = append(errs, l.loadChecks(fsys, lines))
	}
	languages := map[string]*language{}
	for i := range l.Checks {
		errs = append(errs, l.compile(&l.Checks[i], lines["check "+l.Checks[i].Name], languages))
	}
	for _, fsys := range []fs.FS{lib, user} {
		if fsys == nil {
			continue
		}
		errs = append(errs, l.loadControls(fsys, lines))
	}
	errs = append(errs, l.loadSizes(lib))
	for _, fsys := range []fs.FS{lib, user} {
		if fsys != nil {
			errs = append(errs, l.loadPopulations(fsys, lines, languages))
		}
	}
	for _, fsys := range []fs.FS{lib, user} {
		if fsys != nil {
			errs = append(errs, l.loadRequests(lib, fsys, lines))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return l, nil
}

// Check returns a check by name.
func (l *Library) Check(name string) (Check, bool) {
	r, ok := l.ready[name]
	if !ok {
		return Check{}, false
	}
	return r.check, true
}

func (l *Library) kind(name string) (RecordKind, bool) {
	i := slices.IndexFunc(l.Kinds, func(k RecordKind) bool { return k.Kind == name })
	if i < 0 {
		return RecordKind{}, false
	}
	return l.Kinds[i], true
}

// files calls each with the entries of every file that matches; skip is left out.
func files(fsys fs.FS, pattern, skip string, each func(entry) error) error {
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		if name == skip {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list, err := entries(name, text)
		errs = append(errs, err)
		for _, e := range list {
			errs = append(errs, each(e))
		}
	}
	return errors.Join(errs...)
}

func (l *Library) loadKinds(lib fs.FS) error {
	names, err := fs.Glob(lib, "records/*.yaml")
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		text, err := fs.ReadFile(lib, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		// Only these keys concern control; evidence/record reads the file strictly.
		var k struct {
			Kind    string `yaml:"kind"`
			Title   string `yaml:"title"`
			Cadence string `yaml:"cadence"`
			DatedBy string `yaml:"dated_by"`
			Nil     bool   `yaml:"nil_statement"`
		}
		if err := yaml.Unmarshal(text, &k); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if k.Kind == "" {
			errs = append(errs, fmt.Errorf("%s:1: it has no kind", name))
			continue
		}
		l.Kinds = append(l.Kinds, RecordKind{Kind: k.Kind, Title: k.Title, Cadence: k.Cadence, DatedBy: k.DatedBy, NilStatement: k.Nil})
	}
	return errors.Join(errs...)
}

func (l *Library) loadCriteria(lib fs.FS) error {
	const name = "soc2/criteria.yaml"
	text, err := fs.ReadFile(lib, name)
	if err != nil {
		return fmt.Errorf("reading the criteria: %w", err)
	}
	list, err := entries(name, text)
	errs := []error{err}
	for _, e := range list {
		var c Criterion
		if err := e.decode(&c); err != nil {
			errs = append(errs, err)
			continue
		}
		switch {
		case c.ID == "" || c.Title == "" || c.Category == "" || c.Group == "":
			errs = append(errs, fmt.Errorf("%s: criterion %q needs id, category, group and title", e.at(e.node), c.ID))
		case l.hasCriterion(c.ID):
			errs = append(errs, fmt.Errorf("%s: criterion %q is given twice", e.at(e.node), c.ID))
		default:
			l.Criteria = append(l.Criteria, c)
		}
	}
	return errors.Join(errs...)
}

func (l *Library) hasCriterion(id string) bool {
	return slices.ContainsFunc(l.Criteria, func(c Criterion) bool { return c.ID == id })
}

func (l *Library) loadChecks(fsys fs.FS, lines map[string]entry) error {
	return files(fsys, "checks/*.yaml", "", func(e entry) error {
		var c Check
		if err := e.decode(&c); err != nil {
			return err
		}
		c.File = e.at(e.node)
		if first, ok := lines["check "+c.Name]; ok {
			return fmt.Errorf("%s: check %q is already defined at %s", c.File, c.Name, first.at(first.node))
		}
		lines["check "+c.Name] = e
		l.Checks = append(l.Checks, c)
		return nil
	})
}

func (l *Library) loadControls(fsys fs.FS, lines map[string]entry) error {
	return files(fsys, "soc2/*.yaml", "soc2/criteria.yaml", func(e entry) error {
		var c Control
		if err := e.decode(&c); err != nil {
			return err
		}
		c.File = e.at(e.node)
		if first, ok := lines["control "+c.ID]; ok {
			return fmt.Errorf("%s: control %q is already defined at %s", c.File, c.ID, first.at(first.node))
		}
		lines["control "+c.ID] = e
		var errs []error
		fail := func(key, format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: control %q: %s", e.at(e.line(key)), c.ID, fmt.Sprintf(format, args...)))
		}
		if c.ID == "" || c.Title == "" || c.Statement == "" || c.Owner == "" || len(c.Criteria) == 0 {
			fail("control", "control, title, statement, owner and criteria must be given")
		}
		if !slices.Contains(frequencies, c.Frequency) {
			fail("frequency", "frequency %q is not one of %s", c.Frequency, strings.Join(frequencies, ", "))
		}
		for _, id := range c.Criteria {
			if !l.hasCriterion(id) {
				fail("criteria", "unknown criterion %q; criteria are named CC1.1 to CC9.2, A1, PI1, C1 and P1 to P8, see soc2/criteria.yaml", id)
			}
		}
		for _, name := range c.Checks {
			if !slices.ContainsFunc(l.Checks, func(c Check) bool { return c.Name == name }) {
				fail("checks", "unknown check %q%s", name, nearest(name, l.checkNames()))
			}
		}
		for _, kind := range c.Records {
			if _, ok := l.kind(kind); !ok {
				fail("records", "unknown kind of record %q%s", kind, nearest(kind, l.kindNames()))
			}
		}
		l.Controls = append(l.Controls, c)
		return errors.Join(errs...)
	})
}

func (l *Library) checkNames() []string {
	var out []string
	for _, c := range l.Checks {
		out = append(out, c.Name)
	}
	return out
}

func (l *Library) kindNames() []string {
	var out []string
	for _, k := range l.Kinds {
		out = append(out, k.Kind)
	}
	return out
}
