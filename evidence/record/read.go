package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"exhibit/evidence"
	"exhibit/internal/near"
	"go.yaml.in/yaml/v3"
)

// Found is one record and where it was found. Its Item has the answers
//
//   - "record": the fields, canonical. Dates are YYYY-MM-DD, times RFC 3339 in
//     UTC, people the id of the people register; fields left empty are absent.
//   - "text": the Markdown below the front matter; absent when there is none.
//   - "attachments": path and sha256 of each file; absent when there are none.
type Found struct {
	Item evidence.Item
	Path string
	Line int // from 1: where the record begins in Path
}

// reader holds what was read so far.
type reader struct {
	repo     fs.FS
	kinds    map[string]Schema
	drafts   []*draft
	problems []Problem
	claimed  map[string]bool // attachments
	csvs     []string        // tables, which are read when everything about them is
}

// Read reads every record, register and exception of a repository's tree, by
// kind; each kind's records are in the order of path, then line. A record in
// which anything is wrong is left out of the first result and named in the
// second. A kind without records has no entry. What lies in the folders of the
// schemas and is read by none is a problem too, of the kind it was most likely
// meant for: a record nobody reads must not look like none. So is a policy
// under policies/ whose front matter cannot be read.
func Read(repo fs.FS, schemas []Schema) (map[string][]Found, []Problem) {
	r := &reader{repo: repo, kinds: map[string]Schema{}, claimed: map[string]bool{}}
	roots := map[string]bool{"records": true, "registers": true, "exceptions": true}
	for _, s := range schemas {
		r.kinds[s.Kind] = s
		root, _, _ := strings.Cut(s.Where, "/")
		roots[root] = true
	}
	var unread []string
	for _, root := range slices.Sorted(maps.Keys(roots)) {
		unread = append(unread, r.folder(root)...)
	}
	r.tables()
	r.people()
	policies := r.policies()
	r.resolve(policies)
	r.whole()
	for _, p := range unread {
		if !r.claimed[p] {
			kind, advice := r.meant(p)
			r.add(p, kind, fault{message: "no kind of record lies here" + advice})
		}
	}

	out := map[string][]Found{}
	for _, d := range r.drafts {
		for _, f := range d.faults {
			r.add(d.path, d.schema.Kind, d.where(f))
		}
		if len(d.faults) == 0 && !d.dropped {
			out[d.schema.Kind] = append(out[d.schema.Kind], d.found())
		}
	}
	sortProblems(r.problems)
	return out, r.problems
}

func (r *reader) add(file, kind string, f fault) {
	r.problems = append(r.problems, Problem{Path: file, Kind: kind, Line: f.line, Column: f.column, Message: f.message})
}

// folder reads the records below root and returns the Markdown and YAML files
// that no schema reads.
func (r *reader) folder(root string) (unread []string) {
	err := fs.WalkDir(r.repo, root, func(p string, entry fs.DirEntry, err error) error {
		switch {
		case p == root && errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			r.add(p, r.kindAt(p), fault{message: "cannot be read: " + reason(err)})
			return nil
		case strings.HasPrefix(path.Base(p), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		}
		kind := r.kindAt(p)
		switch ext := strings.ToLower(path.Ext(p)); {
		case kind != "" && entry.Type()&fs.ModeSymlink != 0:
			r.add(p, kind, fault{message: "is a symbolic link; keep the file itself here"})
		case kind != "" && r.kinds[kind].Form == Table:
			r.csvs = append(r.csvs, p)
		case kind != "":
			r.file(p, r.kinds[kind])
		case strings.EqualFold(path.Base(p), "README.md"):
		case ext == ".md" || ext == ".yaml" || ext == ".yml" || r.fronted(p):
			unread = append(unread, p)
		}
		return nil
	})
	if err != nil {
		r.add(root, "", fault{message: "cannot be read: " + reason(err)})
	}
	return unread
}

// kindAt is the kind of record whose schema reads the path; "" when none does.
func (r *reader) kindAt(p string) string {
	for _, kind := range slices.Sorted(maps.Keys(r.kinds)) {
		s := r.kinds[kind]
		if ok, _ := path.Match(s.Where, p); ok && !strings.EqualFold(path.Base(p), "README.md") {
			return kind
		}
	}
	return ""
}

// KindAt is the kind of record that is read at a path; "" when none is.
func KindAt(schemas []Schema, p string) string {
	r := &reader{kinds: map[string]Schema{}}
	for _, s := range schemas {
		r.kinds[s.Kind] = s
	}
	return r.kindAt(p)
}

func (r *reader) nilKinds() []string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(r.kinds)) {
		if r.kinds[kind].NilStatement {
			out = append(out, kind)
		}
	}
	return out
}

// meant says which kind of record a file that nothing reads may have been meant to
// be ("" when none is near), and where that lies.
func (r *reader) meant(p string) (kind, advice string) {
	root, _, _ := strings.Cut(p, "/")
	var closest []string
	best, at := "", 8
	for _, k := range slices.Sorted(maps.Keys(r.kinds)) {
		where := r.kinds[k].Where
		if rest, same := strings.CutPrefix(where, root+"/"); same {
			closest = append(closest, strings.TrimSuffix(rest, "/*.md"))
		}
		if k == hrExportKind && !strings.Contains(p, "csv") {
			continue
		}
		d := near.Distance(p, where)
		if folder, _, list := strings.Cut(where, "*"); list {
			d = near.Distance(path.Dir(p)+"/*"+path.Ext(p), where)
			if strings.HasPrefix(strings.ToLower(p), folder) {
				d = 0
			}
		}
		if d < at || d == at && best != "" && where < best {
			kind, best, at = k, where, d
		}
	}
	slices.Sort(closest)
	if best != "" {
		return kind, fmt.Sprintf("; did you mean %s?", best)
	}
	return "", fmt.Sprintf("; read in %s/: %s", root, strings.Join(closest, ", "))
}

// fronted reports whether a file begins as a record does, whatever it is called.
func (r *reader) fronted(p string) bool {
	f, err := r.repo.Open(p)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 8))
	if err != nil {
		return false
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(head, []byte("---\n")) || bytes.HasPrefix(head, []byte("---\r\n"))
}

// file reads the records of one file.
func (r *reader) file(p string, s Schema) {
	b, err := readFile(r.repo, p, maxFile)
	if err != nil {
		r.add(p, s.Kind, fault{message: "cannot be read: " + reason(err)})
		return
	}
	drafts, f := r.parse(p, b, s)
	if f != nil {
		r.add(p, s.Kind, *f)
	}
	r.drafts = append(r.drafts, drafts...)
}

// parse reads the records in b. It is what the fuzz targets call.
func (r *reader) parse(p string, b []byte, s Schema) ([]*draft, *fault) {
	b, f := clean(b)
	if f != nil {
		return nil, f
	}
	if s.Form == FrontMatter {
		front, body, bodyLine, f := splitFrontMatter(b)
		if f != nil {
			return nil, f
		}
		root, f := parse(front)
		switch {
		case f != nil:
			return nil, f
		case root == nil:
			root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
		case root.Kind != yaml.MappingNode:
			return nil, &fault{root.Line, root.Column, "between the hyphens must stand fields with values, not " + shape(root)}
		}
		root.Line, root.Column = 1, 1 // a record begins where its file does
		d := r.draft(p, root, s)
		d.text = string(body)
		d.sections(body, bodyLine)
		return []*draft{d}, nil
	}
	root, f := parse(b)
	switch {
	case f != nil:
		return nil, f
	case root == nil:
		return nil, nil
	case root.Kind != yaml.SequenceNode:
		return nil, &fault{root.Line, root.Column, "must be a list, each entry beginning with a hyphen, not " + shape(root)}
	}
	var out []*draft
	for i, e := range root.Content {
		if e.Kind != yaml.MappingNode {
			d := &draft{schema: s, path: p, line: e.Line}
			d.fault(e, "entry %d must be fields with values, not %s", i+1, shape(e))
			out = append(out, d)
			continue
		}
		out = append(out, r.draft(p, e, s))
	}
	return out, nil
}

// draft reads one mapping. References are left for resolve.
func (r *reader) draft(p string, n *yaml.Node, s Schema) *draft {
	d := &draft{schema: s, path: p, line: n.Line, record: map[string]any{}, places: map[string]*yaml.Node{}}
	d.mapping(r, n, s.Fields, "", d.record)
	d.inOrder()
	for _, name := range s.IdentifiedBy {
		if v, ok := d.record[name].(string); ok && (len(v) > 300 || strings.ContainsFunc(v, unicode.IsControl)) {
			d.fault(d.places[name], "%q names the record: it must stand on one line of at most 300 letters", name)
		}
	}
	return d
}

// readFile reads at most one byte more than is allowed, so that clean can say so.
func readFile(fsys fs.FS, p string, most int64) ([]byte, error) {
	f, err := fsys.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// sumOf is the hexadecimal sha256 of a regular file; a symbolic link is none.
func sumOf(fsys fs.FS, p string) (string, error) {
	if info, err := fs.Lstat(fsys, p); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", errors.New("is not a file")
	}
	f, err := fsys.Open(p)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reason is an error without the path, which stands before it already and may
// be one of this machine.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}
