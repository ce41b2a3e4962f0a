package control

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A PopulationDef says what a list an auditor samples from holds. In
// populations/*.yaml it looks like this:
//
//   - population: leavers
//     title: People who left
//     says: Everyone whose last day lies in the period, as the people register has it.
//     as_of: period
//     of: record/person
//     holds: has(item.record.last_day) && days(period.start, item.record.last_day) >= 0
//     key: [id]
//     second: {of: record/offboarding, key: [record.person], compare: both, says: the offboarding records}
//     columns: [{column: person, title: Person, from: record.name}, {column: removed, title: Access removed on, from: second.record.access_removed_on}]
//     flags: [{flag: access-left, says: can still get in, check: leavers-have-no-access}]
//     tested: [{attribute: access-removed, says: The last access was closed in time., check: leavers-have-no-access}]
//     criteria: [CC6.2, CC6.3]
//     frequency: per event
//     typical: all when few
type PopulationDef struct {
	ID    string `yaml:"population"`
	Title string `yaml:"title"`
	Says  string `yaml:"says"`  // what is in the list, in one sentence for a CPA
	AsOf  string `yaml:"as_of"` // date: as the newest run saw it; period: whatever any run of the period saw
	Of    string `yaml:"of"`
	// Also names further sources whose items belong to the list.
	Also []string `yaml:"also"`
	// Holds is CEL over item: false leaves it out; "" and unknown keep it.
	Holds string `yaml:"holds"`
	// Calendar makes the list of the times at which a record was due: one item for each
	// span of the kind's cadence that is over, with the record that serves it.
	Calendar bool `yaml:"calendar"`
	// Keeps is for how many days the provider keeps such items; 0 where it deletes none.
	Keeps int `yaml:"keeps"`
	// Key is what an item is known by in the second list: templates of paths.
	Key     []string           `yaml:"key"`
	Columns []PopulationColumn `yaml:"columns"`
	Second  SecondDef          `yaml:"second"`
	// Lacks says what the list cannot hold yet, and why: it is then never whole.
	Lacks string `yaml:"lacks"`
	// Waits says what must be there before the list can be made at all; it has then
	// no other key but id, title, says, criteria, frequency and typical.
	Waits     string      `yaml:"waits"`
	Flags     []Flag      `yaml:"flags"`
	Tested    []Attribute `yaml:"tested"`
	Criteria  []string    `yaml:"criteria"`
	Frequency string      `yaml:"frequency"` // which rows of the table of sizes speak for it
	Typical   string      `yaml:"typical"`   // how much of it auditors commonly take, in words
	File      string      `yaml:"-"`
}

// A PopulationColumn is a value shown of every item. From is a path of the item,
// or after "second." of what the second list has of it.
type PopulationColumn struct {
	Key   string `yaml:"column"`
	Title string `yaml:"title"`
	From  string `yaml:"from"`
}

// A SecondDef is the list a population is held against.
type SecondDef struct {
	Of   string   `yaml:"of"`
	Also []string `yaml:"also"`
	// Over is "period" where what earlier runs saw belongs to it.
	Over  string   `yaml:"over"`
	Holds string   `yaml:"holds"` // CEL over item, as PopulationDef.Holds
	Key   []string `yaml:"key"`
	// Compare says what is a difference: both, "second in first" (what the second has
	// and the population lacks) or "first in second".
	Compare string `yaml:"compare"`
	// Count is a path to a number: the second list only counts, by account.
	Count string `yaml:"count"`
	// CountOf is the source of the population that the number is about; "" is Of.
	CountOf string `yaml:"count_of"`
	Says    string `yaml:"says"` // what the second list is and why it is independent
	None    string `yaml:"none"` // instead of all else: why there is no second list
}

// A Flag says why an item is risky: an expression, or a check that it fails.
type Flag struct {
	Name  string            `yaml:"flag"`
	Says  string            `yaml:"says"`
	When  string            `yaml:"when"`
	With  map[string]string `yaml:"with"`
	Check string            `yaml:"check"`
}

// An Attribute is what is tested of a sampled item: an expression, a check, or
// neither where only a person can see it.
type Attribute struct {
	Name  string            `yaml:"attribute"`
	Says  string            `yaml:"says"`
	With  map[string]string `yaml:"with"`
	When  string            `yaml:"when"`
	Needs string            `yaml:"needs"`
	Pass  string            `yaml:"pass"`
	Shows string            `yaml:"shows"`
	Check string            `yaml:"check"`
}

// readyList is a population, compiled.
type readyList struct {
	def           PopulationDef
	holds, second *program
	flags, tested []*ready // nil where a check says it, or a person
}

var compareWays = []string{"both", "second in first", "first in second"}

func (l *Library) loadPopulations(fsys fs.FS, lines map[string]entry, languages map[string]*language) error {
	return files(fsys, "populations/*.yaml", "", func(e entry) error {
		var d PopulationDef
		if err := e.decode(&d); err != nil {
			return err
		}
		d.File = e.at(e.node)
		if first, ok := lines["population "+d.ID]; ok {
			return fmt.Errorf("%s: population %q is already defined at %s", d.File, d.ID, first.at(first.node))
		}
		lines["population "+d.ID] = e
		c := defining{l: l, e: e, d: &d, languages: languages}
		list := c.compile()
		l.Populations = append(l.Populations, d)
		l.lists[d.ID] = list
		return errors.Join(c.errs...)
	})
}

// defining is one definition being read.
type defining struct {
	l         *Library
	e         entry
	d         *PopulationDef
	languages map[string]*language
	errs      []error
}

func (c *defining) fail(key, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: population %q: %s", c.e.at(c.e.line(key)), c.d.ID, fmt.Sprintf(format, args...)))
}

func (c *defining) compile() *readyList {
	d := c.d
	list := &readyList{}
	if !checkName.MatchString(d.ID) {
		c.fail("population", "the name must be lower-case words joined by hyphens, such as iam-users")
	}
	if d.Title == "" || d.Says == "" || len(d.Criteria) == 0 || d.Typical == "" {
		c.fail("population", "title, says, criteria and typical must be given")
	}
	for _, id := range d.Criteria {
		if !c.l.hasCriterion(id) {
			c.fail("criteria", "unknown criterion %q", id)
		}
	}
	if !slices.ContainsFunc(c.l.Sizes, func(r SizeRow) bool { return r.Frequency == d.Frequency }) {
		c.fail("frequency", "frequency %q is no row of sampling/sizes.yaml%s", d.Frequency, nearest(d.Frequency, c.l.frequencies()))
	}
	if d.Waits != "" {
		if d.Of != "" {
			c.fail("waits", "a list that waits has no source: leave out of and all that follows from it")
		}
		list.def = *d
		return list
	}
	if d.AsOf != "date" && d.AsOf != "period" {
		c.fail("as_of", "as_of %q is neither date nor period", d.AsOf)
	}
	for _, s := range append([]string{d.Of}, d.Also...) {
		c.source("of", s)
	}
	if d.Calendar {
		kind, ok := strings.CutPrefix(d.Of, "record/")
		k, _ := c.l.kind(kind)
		if !ok || spanMonths(k.Cadence) == 0 {
			c.fail("calendar", "of must be a kind of record with the cadence monthly, quarterly, semi-annual or annual; %s has %q", d.Of, k.Cadence)
		}
	}
	for _, k := range d.Key {
		if why := badPaths(k); why != "" {
			c.fail("key", "%s", why)
		}
	}
	if len(d.Columns) == 0 {
		c.fail("columns", "at least one column must be given")
	}
	for _, col := range d.Columns {
		if !variable.MatchString(col.Key) || col.Title == "" {
			c.fail("columns", "column %q needs a name in lower-case letters, and a title", col.Key)
		}
		if why := badPaths(strings.TrimPrefix(col.From, "second.")); why != "" {
			c.fail("columns", "column %q: %s", col.Key, why)
		}
	}
	list.holds = c.predicate("holds", d.Holds)
	c.second(list)
	for _, f := range d.Flags {
		list.flags = append(list.flags, c.test("flags", f.Name, f.Says, Check{Name: d.ID + "/" + f.Name, Of: d.Of, With: f.With, Pass: f.When}, f.Check))
	}
	for _, a := range d.Tested {
		list.tested = append(list.tested, c.test("tested", a.Name, a.Says, Check{Name: d.ID + "/" + a.Name, Of: d.Of, With: a.With, When: a.When, Needs: a.Needs, Pass: a.Pass, Shows: a.Shows, Each: "item"}, a.Check))
	}
	list.def = *d
	return list
}

func (c *defining) second(list *readyList) {
	s := c.d.Second
	if s.None != "" {
		if s.Of+s.Says+s.Compare != "" {
			c.fail("second", "none stands alone: it says why there is no second list")
		}
		return
	}
	if s.Of == "" || s.Says == "" {
		c.fail("second", "of and says must be given, or none: why there is no second list")
		return
	}
	for _, src := range append([]string{s.Of}, s.Also...) {
		c.source("second", src)
	}
	if s.Over != "" && s.Over != "period" {
		c.fail("second", "over %q must be period, or be left out", s.Over)
	}
	if s.Count != "" {
		if why := badPaths(s.Count); why != "" {
			c.fail("second", "count: %s", why)
		}
		if len(s.Key) > 0 || s.Compare != "" || c.d.AsOf != "date" {
			c.fail("second", "a list that only counts has neither key nor compare, and counts what is there at a date")
		}
	} else {
		if !slices.Contains(compareWays, s.Compare) {
			c.fail("second", "compare %q is not one of %s", s.Compare, strings.Join(compareWays, ", "))
		}
		if len(s.Key) == 0 || len(c.d.Key) == 0 {
			c.fail("second", "both lists need a key to be compared by")
		}
		for _, k := range s.Key {
			if why := badPaths(k); why != "" {
				c.fail("second", "key: %s", why)
			}
		}
	}
	list.second = c.predicate("second", s.Holds)
}

// source refuses a kind of record nobody may write; whether a source is collected
// control cannot know.
func (c *defining) source(key, source string) {
	if !sourceName.MatchString(source) {
		c.fail(key, "%q must name a source, such as iam/user", source)
		return
	}
	if kind, ok := strings.CutPrefix(source, "record/"); ok {
		if _, known := c.l.kind(kind); !known {
			c.fail(key, "unknown kind of record %q%s", kind, nearest(kind, c.l.kindNames()))
		}
	}
	if strings.HasPrefix(source, "derived/") && !slices.Contains(derivedSources(), source) {
		c.fail(key, "nothing derives %q%s", source, nearest(source, derivedSources()))
	}
}

func (c *defining) language(key string, with map[string]string) *language {
	vars := sortedKeys(with)
	name := strings.Join(vars, " ")
	if c.languages[name] == nil {
		lang, err := newLanguage(vars)
		if err != nil {
			c.fail(key, "with: %v", err)
			return nil
		}
		c.languages[name] = lang
	}
	return c.languages[name]
}

func (c *defining) predicate(key, source string) *program {
	lang := c.language(key, nil)
	if source == "" || lang == nil {
		return nil
	}
	p, err := lang.predicate(source)
	if err != nil {
		c.fail(key, "%v", err)
	}
	return p
}

// test compiles a flag or an attribute. It is nil where a check says it, or nobody
// but a person can.
func (c *defining) test(key, name, says string, k Check, check string) *ready {
	at := func(format string, args ...any) { c.fail(key, "%s: %s", name, fmt.Sprintf(format, args...)) }
	if !checkName.MatchString(name) || says == "" {
		at("it needs a name in lower-case words joined by hyphens, and says")
	}
	if check != "" {
		if _, ok := c.l.Check(check); !ok {
			at("unknown check %q%s", check, nearest(check, c.l.checkNames()))
		}
		if k.Pass+k.When+k.Needs+k.Shows != "" {
			at("check stands alone: leave out when, needs, pass and shows")
		}
		return nil
	}
	if k.Pass == "" {
		if key == "flags" {
			at("when or check must be given")
		}
		return nil
	}
	for _, v := range sortedKeys(k.With) {
		c.source(key, strings.TrimSuffix(k.With[v], everywhere))
		if !variable.MatchString(v) || slices.Contains(baseVariables, v) {
			at("with: %q cannot name a variable", v)
			return nil
		}
	}
	lang := c.language(key, k.With)
	if lang == nil {
		return nil
	}
	r := &ready{check: k, with: sortedKeys(k.With)}
	get := func(what, source string, compile func(string) (*program, error)) *program {
		if source == "" {
			return nil
		}
		p, err := compile(source)
		if err != nil {
			at("%s: %v", what, err)
		}
		return p
	}
	r.when, r.needs, r.pass = get("when", k.When, lang.predicate), get("needs", k.Needs, lang.predicate), get("pass", k.Pass, lang.predicate)
	shows := k.Shows
	if shows == "" {
		shows = "null"
	}
	r.shows = get("shows", shows, lang.value)
	return r
}

// population returns a definition by id.
func (l *Library) population(id string) (PopulationDef, bool) {
	r, ok := l.lists[id]
	if !ok {
		return PopulationDef{}, false
	}
	return r.def, true
}

func (l *Library) populationNames() []string {
	var out []string
	for _, d := range l.Populations {
		out = append(out, d.ID)
	}
	return out
}

// spanMonths is how many months lie between two records of a cadence; 0 where it
// asks for none in a span.
func spanMonths(cadence string) int {
	if cadence == "annual" {
		return 12
	}
	return cadenceMonths[cadence]
}
