package control

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A Request is what an auditor asks for, or asks about in a walkthrough. In
// requests/*.yaml it looks like this:
//
//   - request: W-04
//     kind: walkthrough
//     title: Where the quarterly access review is written down
//     asks: Show the review of access of each quarter, who decided, and what was changed.
//     asked_of: [Head of security]
//     probes: [Who reviewed the reviewer's own access?]
//     criteria: [CC6.3]
//     controls: [AC-09]
//     populations: [access-reviews]
//     checks: [access-reviewed-quarterly]
//     records: [access-review]
//     artifacts: [CC6-access-control/access-review-]
type Request struct {
	ID       string   `yaml:"request"`
	Kind     string   `yaml:"kind"`     // population, listing, document or walkthrough
	Title    string   `yaml:"title"`    //
	Asks     string   `yaml:"asks"`     // what is wanted, in our own words
	AskedOf  []string `yaml:"asked_of"` // who answers in a walkthrough
	Probes   []string `yaml:"probes"`   // what is asked after the answer
	Criteria []string `yaml:"criteria"`
	// Controls are those the answer is about; they are shown and decide nothing.
	Controls []string `yaml:"controls"`
	// What answers it: each is looked at, and what one lacks is named.
	Populations []string `yaml:"populations"`
	Checks      []string `yaml:"checks"`
	Records     []string `yaml:"records"`
	Policies    []string `yaml:"policies"`
	Sources     []string `yaml:"sources"`
	// Artifacts are beginnings of paths below artifacts/: files to hand over.
	Artifacts []string `yaml:"artifacts"`
	// Brings is what no evidence here holds and a person must bring.
	Brings []string `yaml:"brings"`
	File   string   `yaml:"-"`
}

// An AnswerState says how far a request is answered.
type AnswerState string

// The states of an answer.
const (
	AnswerWhole         AnswerState = "Answered"
	AnswerInPart        AnswerState = "Partly"
	AnswerMissing       AnswerState = "Missing"
	AnswerNotApplicable AnswerState = "Not applicable" // it serves no category of the engagement
)

// A RequestPart is one thing that answers a request, or does not.
type RequestPart struct {
	Kind  string // population, check, record, policy, listing, or by hand
	Name  string
	State AnswerState
	Says  string // what it shows, or what it lacks
}

// A RequestResult is a request with what answers it.
type RequestResult struct {
	Request
	State   AnswerState
	Answers []RequestPart
	Missing []string // what is missing, by name; empty when it is answered
	// Exceptions counts the items its checks find against: an answer may well be one
	// nobody likes.
	Exceptions int
}

var requestKinds = []string{"population", "listing", "document", "walkthrough"}

func (l *Library) loadRequests(lib, fsys fs.FS, lines map[string]entry) error {
	return files(fsys, "requests/*.yaml", "", func(e entry) error {
		var r Request
		if err := e.decode(&r); err != nil {
			return err
		}
		r.File = e.at(e.node)
		if first, ok := lines["request "+r.ID]; ok {
			return fmt.Errorf("%s: request %q is already defined at %s", r.File, r.ID, first.at(first.node))
		}
		lines["request "+r.ID] = e
		var errs []error
		fail := func(key, format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: request %q: %s", e.at(e.line(key)), r.ID, fmt.Sprintf(format, args...)))
		}
		if r.ID == "" || r.Title == "" || r.Asks == "" {
			fail("request", "request, title and asks must be given")
		}
		if !slices.Contains(requestKinds, r.Kind) {
			fail("kind", "kind %q is not one of %s", r.Kind, strings.Join(requestKinds, ", "))
		}
		if len(r.Populations)+len(r.Checks)+len(r.Records)+len(r.Policies)+len(r.Sources)+len(r.Brings) == 0 {
			fail("request", "nothing answers it: name populations, checks, records, policies, sources, or what a person brings")
		}
		var controls []string
		for _, c := range l.Controls {
			controls = append(controls, c.ID)
		}
		known := func(key, what string, names, all []string) {
			for _, n := range names {
				if !slices.Contains(all, n) {
					fail(key, "unknown %s %q%s", what, n, nearest(n, all))
				}
			}
		}
		var criteria []string
		for _, c := range l.Criteria {
			criteria = append(criteria, c.ID)
		}
		known("criteria", "criterion", r.Criteria, criteria)
		known("controls", "control", r.Controls, controls)
		known("checks", "check", r.Checks, l.checkNames())
		known("populations", "population", r.Populations, l.populationNames())
		known("records", "kind of record", r.Records, l.kindNames())
		for _, p := range r.Policies {
			if _, err := fs.Stat(lib, "documents/"+p+".md"); err == nil {
				continue
			}
			if _, err := fs.Stat(fsys, "policies/"+p+".md"); err != nil {
				fail("policies", "unknown policy %q%s", p, nearest(p, policyNames(lib)))
			}
		}
		for _, s := range r.Sources {
			if !sourceName.MatchString(s) {
				fail("sources", "%q must name a source, such as iam/user", s)
			}
		}
		l.Requests = append(l.Requests, r)
		return errors.Join(errs...)
	})
}

func policyNames(lib fs.FS) []string {
	names, err := fs.Glob(lib, "documents/*.md")
	if err != nil {
		return nil
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(n, "documents/"), ".md")
	}
	return names
}
