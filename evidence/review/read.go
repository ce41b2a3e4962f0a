package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"exhibit/evidence"
)

// Folder is where reviews lie in the evidence repository.
const Folder = "reviews"

// A Review is all that one folder of reviews/ holds.
type Review struct {
	Opening
	Population []Entitlement
	Decisions  []Decision // in the order they came
	Receipts   []Receipt
	Assigned   []Assigned
	Closed     *Closing // nil while it is open
	// Sums are the sha256 of the files that were read, by their name in the folder.
	Sums map[string]string
}

// Dir is the review's folder in the repository.
func (r *Review) Dir() string { return path.Join(Folder, r.ID) }

var idPattern = regexp.MustCompile(`^[0-9]{4}-Q[1-4](-[a-z0-9]{1,16})?$`)

// CheckID refuses what cannot name a review: a quarter, or a quarter with a word
// for a further review of it, such as 2026-Q3-admins.
func CheckID(id string) error {
	if !idPattern.MatchString(id) {
		return fmt.Errorf("%q does not name a review: write the quarter, as 2026-Q3, or 2026-Q3-admins for a further review of it", id)
	}
	return nil
}

// ReadAll reads every review of a repository's tree, by id. What is wrong with one
// is a problem, in the form path:line: what; that review is left out.
func ReadAll(repo fs.FS) (out []*Review, problems []string) {
	entries, err := fs.ReadDir(repo, Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, []string{fmt.Sprintf("%s: cannot be read: %v", Folder, err)}
	}
	for _, e := range entries {
		switch {
		case !e.IsDir():
			if !strings.HasPrefix(e.Name(), ".") && !strings.EqualFold(e.Name(), "README.md") {
				problems = append(problems, path.Join(Folder, e.Name())+": no review is read from here; each has a folder of its own")
			}
			continue
		case CheckID(e.Name()) != nil:
			problems = append(problems, path.Join(Folder, e.Name())+": "+CheckID(e.Name()).Error())
			continue
		}
		r, err := Read(repo, e.Name())
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		out = append(out, r)
	}
	return out, problems
}

// Read reads one review strictly: every file as exhibit wrote it, each row once,
// each decision on a row that is there and by the reviewer it was given to.
func Read(repo fs.FS, id string) (*Review, error) {
	r := &Review{Sums: map[string]string{}}
	dir := path.Join(Folder, id)
	read := func(name string, must bool) ([]byte, error) {
		b, err := fs.ReadFile(repo, path.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) && !must {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s/%s: cannot be read: %w", dir, name, err)
		}
		sum := sha256.Sum256(b)
		r.Sums[name] = hex.EncodeToString(sum[:])
		return b, nil
	}
	at := func(name string, err error) error { return fmt.Errorf("%s/%s: %w", dir, name, err) }

	b, err := read("OPEN.json", true)
	if err != nil {
		return nil, err
	}
	if r.Opening, err = ParseOpening(b); err != nil {
		return nil, at("OPEN.json", err)
	}
	if r.ID != id {
		return nil, at("OPEN.json", fmt.Errorf("it is of the review %q, and lies in the folder of %q", r.ID, id))
	}
	if b, err = read("population.jsonl", true); err != nil {
		return nil, err
	}
	if r.Population, err = ParsePopulation(b); err != nil {
		return nil, at("population.jsonl", err)
	}
	if r.Sums["population.jsonl"] != r.Opening.Population || len(r.Population) != r.Rows {
		return nil, at("population.jsonl", errors.New("it is not the one that was frozen: OPEN.json has another sha256 or number of rows"))
	}
	for _, f := range []struct {
		name string
		into func([]byte) error
	}{
		{"decisions.jsonl", func(b []byte) (err error) { r.Decisions, err = lines[Decision](b); return err }},
		{"received.jsonl", func(b []byte) (err error) { r.Receipts, err = lines[Receipt](b); return err }},
		{"assigned.jsonl", func(b []byte) (err error) { r.Assigned, err = lines[Assigned](b); return err }},
	} {
		b, err := read(f.name, false)
		if err == nil {
			err = f.into(b)
		}
		if err != nil {
			return nil, at(f.name, err)
		}
	}
	if b, err = read("CLOSED.json", false); err != nil {
		return nil, err
	}
	if b != nil {
		c, err := ParseClosing(b)
		if err != nil {
			return nil, at("CLOSED.json", err)
		}
		r.Closed = &c
	}
	for i, v := range r.Receipts { // what came back is kept byte for byte
		b, err := fs.ReadFile(repo, v.Path)
		if sum := sha256.Sum256(b); err != nil || hex.EncodeToString(sum[:]) != v.Sum || path.Dir(v.Path) != path.Join(dir, "received") {
			return nil, fmt.Errorf("%s/received.jsonl:%d: %s is not the workbook that came back: it has another sha256 or is not there", dir, i+1, v.Path)
		}
	}
	return r, r.whole(dir)
}

// whole holds the files of a review against each other.
func (r *Review) whole(dir string) error {
	people, rows := map[string]string{}, map[string]bool{}
	for _, e := range r.Population {
		people[e.Row], rows[e.Row] = e.Person, true
	}
	given := map[string]string{}
	for _, v := range r.Reviewers {
		for _, row := range v.Rows {
			switch {
			case !rows[row]:
				return fmt.Errorf("%s/OPEN.json: %s is given the row %s, which population.jsonl does not have", dir, v.Person, row)
			case given[row] != "":
				return fmt.Errorf("%s/OPEN.json: the row %s is given to %s and to %s", dir, row, given[row], v.Person)
			}
			given[row] = v.Person
		}
	}
	for _, e := range r.Population {
		if given[e.Row] == "" {
			return fmt.Errorf("%s/OPEN.json: nobody is given the row %s", dir, e.Row)
		}
	}
	for i, a := range r.Assigned {
		if !rows[a.Row] || a.From != given[a.Row] || a.To == "" {
			return fmt.Errorf("%s/assigned.jsonl:%d: the row %q does not go from %q to %q", dir, i+1, a.Row, a.From, a.To)
		}
		given[a.Row] = a.To
	}
	was := map[string]string{}
	for i, d := range r.Decisions {
		switch {
		case !rows[d.Row]:
			return fmt.Errorf("%s/decisions.jsonl:%d: population.jsonl has no row %q", dir, i+1, d.Row)
		case !slices.Contains(Words(), d.Decision):
			return fmt.Errorf("%s/decisions.jsonl:%d: %q is no decision", dir, i+1, d.Decision)
		case d.Replaces != was[d.Row]:
			return fmt.Errorf("%s/decisions.jsonl:%d: it replaces %q, and the decision before is %q: a line is missing", dir, i+1, d.Replaces, was[d.Row])
		case people[d.Row] != "" && people[d.Row] == d.Reviewer:
			return fmt.Errorf("%s/decisions.jsonl:%d: %s decided about access of their own", dir, i+1, d.Reviewer)
		}
		was[d.Row] = d.Decision
	}
	if r.Closed != nil {
		if r.Closed.ID != r.ID {
			return fmt.Errorf("%s/CLOSED.json: it is of the review %q", dir, r.Closed.ID)
		}
		if r.Closed.Decision != r.Sums["decisions.jsonl"] {
			return fmt.Errorf("%s/decisions.jsonl: it was changed after the review was closed: CLOSED.json has another sha256", dir)
		}
	}
	return nil
}

// ParseOpening reads OPEN.json.
func ParseOpening(b []byte) (Opening, error) {
	var o Opening
	if err := exactly(b, &o); err != nil {
		return o, err
	}
	if o.Format != openFormat {
		return o, fmt.Errorf("the format %q is not %q", o.Format, openFormat)
	}
	if err := CheckID(o.ID); err != nil {
		return o, err
	}
	if o.Opened.IsZero() || o.Seen.IsZero() || o.Commit == "" || o.By == "" || len(o.Population) != 64 {
		return o, errors.New("it does not say when and by whom it was opened, or what was frozen")
	}
	seen := map[string]bool{}
	for _, v := range o.Reviewers {
		if v.Person == "" || seen[v.Person] {
			return o, fmt.Errorf("the reviewer %q stands there twice or has no name", v.Person)
		}
		seen[v.Person] = true
	}
	return o, nil
}

// ParseClosing reads CLOSED.json.
func ParseClosing(b []byte) (Closing, error) {
	var c Closing
	if err := exactly(b, &c); err != nil {
		return c, err
	}
	if c.Format != closedFormat || c.Closed.IsZero() || c.SignOff == "" {
		return c, fmt.Errorf("it does not say when and by whom it was closed, or is not of the format %q", closedFormat)
	}
	return c, nil
}

// ParsePopulation reads population.jsonl: sorted as exhibit sorts it, each row
// called what its content makes it.
func ParsePopulation(b []byte) ([]Entitlement, error) {
	out, err := lines[Entitlement](b)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, e := range out {
		switch {
		case e.Row != e.RowName():
			return nil, fmt.Errorf("line %d: the row is called %q and its content makes it %s", i+1, e.Row, e.RowName())
		case seen[e.Row]:
			return nil, fmt.Errorf("line %d: the row %s stands there twice", i+1, e.Row)
		case i > 0 && Less(e, out[i-1]):
			return nil, fmt.Errorf("line %d: out of order", i+1)
		}
		seen[e.Row] = true
	}
	return out, nil
}

// lines reads a file of JSON lines that has the form exhibit writes and no other.
func lines[T any](b []byte) ([]T, error) {
	for n, rest := 1, b; len(rest) > 0; n++ {
		line, more, _ := bytes.Cut(rest, []byte("\n"))
		var v T
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		rest = more
	}
	out, err := evidence.ReadLines[T](b)
	if err != nil {
		return nil, err
	}
	again, err := evidence.WriteLines(out)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, errors.New("it is not in the form exhibit writes: it was edited by hand")
	}
	return out, nil
}

// exactly reads one JSON object: no field that is not known, nothing after it.
func exactly(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	return nil
}

// JSON is an object as exhibit writes it: indented, one newline at the end.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
