package record

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// A Front is the front matter of a policy. policies/access-control.md begins
// like this:
//
//	---
//	id: access-control
//	title: Access control policy
//	version: "1.2"
//	effective: 2026-02-01
//	owner: Head of security
//	approved_by: Ada Byrne, chief executive
//	approved_on: 2026-01-28
//	change: Keys are rotated after 90 days instead of 180.
//	review: annual
//	---
type Front struct {
	ID      string // stays the same when the file is renamed
	Title   string
	Version string // as written: "1.10" is not 1.1
	// Effective is the first day the version is in force; zero while it is a draft.
	Effective time.Time
	// ApprovedBy and ApprovedOn are empty together, until somebody has approved.
	ApprovedBy string
	ApprovedOn time.Time
	Owner      string // a role
	Change     string // what changed since the version before, in words
	Review     string // cadence: "annual", "semi-annual", "quarterly"; "" when not said
	// ReviewedBy and ReviewedOn tell of a review that changed nothing; empty when there was none.
	ReviewedBy string
	ReviewedOn time.Time
}

// documentSchema is what a policy's front matter may hold.
func documentSchema() Schema {
	return Schema{
		Kind: policyKind, Form: FrontMatter, Where: "policies/*.md",
		IdentifiedBy: []string{"id"},
		Fields: []Field{
			{Name: "id", Type: Text, Required: true, Says: "Short name that stays the same when the file is renamed."},
			{Name: "title", Type: Text, Required: true, Says: "Name of the policy."},
			{Name: "version", Type: Text, Required: true, Says: "Raised with every change of the text, in quotes."},
			{Name: "effective", Type: Date, Says: "First day in force."},
			{Name: "owner", Type: Text, Required: true, Says: "The role that keeps it current."},
			{Name: "approved_by", Type: Text, Says: "Who approved this version."},
			{Name: "approved_on", Type: Date, Says: "When."},
			{Name: "change", Type: Text, Says: "What changed since the version before."},
			{Name: "review", Type: Enum, Values: []string{"annual", "semi-annual", "quarterly"}, Says: "How often it is read again."},
			{Name: "reviewed_by", Type: Text, Says: "Who read it last and left it as it is."},
			{Name: "reviewed_on", Type: Date, Says: "When."},
		},
	}
}

// ReadDocument reads a policy: its front matter, and its Markdown as it lies
// in the file, with LF line ends. The error joins every Problem.
func ReadDocument(file string, b []byte) (Front, []byte, error) {
	d, body, problems := readDocument(file, b)
	if len(problems) > 0 {
		errs := make([]error, len(problems))
		for i, p := range problems {
			errs[i] = p
		}
		return Front{}, nil, errors.Join(errs...)
	}
	text := func(name string) string { s, _ := d.record[name].(string); return s }
	day := func(name string) time.Time { t, _ := time.Parse(time.DateOnly, text(name)); return t } // absent: zero
	return Front{
		ID: text("id"), Title: text("title"), Version: text("version"), Owner: text("owner"),
		Effective: day("effective"), ApprovedBy: text("approved_by"), ApprovedOn: day("approved_on"),
		Change: text("change"), Review: text("review"),
		ReviewedBy: text("reviewed_by"), ReviewedOn: day("reviewed_on"),
	}, body, nil
}

func readDocument(file string, b []byte) (*draft, []byte, []Problem) {
	r := &reader{}
	drafts, f := r.parse(file, b, documentSchema())
	if f != nil {
		return nil, nil, []Problem{{Path: file, Kind: policyKind, Line: f.line, Column: f.column, Message: f.message}}
	}
	d := drafts[0]
	d.identify()
	for _, pair := range [][2]string{{"approved_by", "approved_on"}, {"approved_on", "approved_by"}, {"reviewed_by", "reviewed_on"}, {"reviewed_on", "reviewed_by"}} {
		if _, given := d.record[pair[0]]; given && d.record[pair[1]] == nil {
			d.fault(d.places[pair[0]], "%q is given but %q is empty; write both or neither", pair[0], pair[1])
		}
	}
	var problems []Problem
	for _, f := range d.faults {
		problems = append(problems, Problem{Path: file, Kind: policyKind, Line: f.line, Column: f.column, Message: f.message})
	}
	sortProblems(problems)
	return d, []byte(d.text + "\n"), problems
}

// policyFiles are the files below policies/ that are policies, or begin like one.
func (r *reader) policyFiles() (names []string) {
	err := fs.WalkDir(r.repo, "policies", func(p string, entry fs.DirEntry, err error) error {
		base := path.Base(p)
		switch {
		case p == "policies" && errors.Is(err, fs.ErrNotExist):
		case err != nil:
			r.add(p, policyKind, fault{message: "cannot be read: " + reason(err)})
		case strings.HasPrefix(base, ".") && entry.IsDir():
			return fs.SkipDir
		case entry.IsDir(), strings.HasPrefix(base, "."), strings.EqualFold(base, "README.md"):
		case path.Ext(p) == ".md" || r.fronted(p):
			names = append(names, p)
		}
		return nil
	})
	if err != nil {
		r.add("policies", policyKind, fault{message: "cannot be read: " + reason(err)})
	}
	slices.Sort(names)
	return names
}

// policies returns the ids of the policies in the tree, and lists what is wrong
// with their front matter.
func (r *reader) policies() (ids []string) {
	first := map[string]string{}
	for _, name := range r.policyFiles() {
		if path.Ext(name) != ".md" {
			r.add(name, policyKind, fault{message: "is no policy to anybody who looks for .md; rename it"})
			continue
		}
		b, err := readFile(r.repo, name, maxFile)
		if err != nil {
			r.add(name, policyKind, fault{message: "cannot be read: " + reason(err)})
			continue
		}
		d, _, problems := readDocument(name, b)
		r.problems = append(r.problems, problems...)
		if d == nil || d.id == "" {
			continue
		}
		if other, twice := first[d.id]; twice {
			d.faults = nil
			d.fault(d.places["id"], "two policies have the id %q: the other is %s", d.id, other)
			r.add(name, policyKind, d.faults[0])
			continue
		}
		first[d.id] = name
		ids = append(ids, d.id)
	}
	return ids
}
