package git

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence"
	"exhibit/evidence/store/objects"
)

// maxOwners is how large a CODEOWNERS file may be; GitHub does not read larger ones.
const maxOwners = 3 << 20

// ownersFiles are where GitHub looks for the file that names owners of paths; the
// first that is there counts.
//
// Source: docs.github.com, "About code owners".
var ownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// An ownerRule is one line of a CODEOWNERS file.
type ownerRule struct {
	line    int // from 1
	pattern string
	owners  []string // "@login", "@organization/team" or an address; none means that nobody owns it
	parts   []string // the pattern between its slashes; "**" is any number of folders
}

// parseOwners reads a CODEOWNERS file as GitHub does. A line that GitHub would skip is
// skipped here and named in skipped.
func parseOwners(text string) (rules []ownerRule, skipped []string) {
	n := 0
	for l := range strings.Lines(text) {
		n++
		if at := comment(l); at >= 0 {
			l = l[:at]
		}
		f := strings.Fields(l)
		if len(f) == 0 {
			continue
		}
		r := ownerRule{line: n, pattern: f[0], owners: f[1:]}
		if why := r.read(); why != "" {
			skipped = append(skipped, fmt.Sprintf("line %d: %s", n, why))
			continue
		}
		rules = append(rules, r)
	}
	return rules, skipped
}

// comment is where one begins; -1 where there is none. A # inside of a word is a
// character of it.
func comment(l string) int {
	for i := range len(l) {
		if l[i] == '#' && (i == 0 || l[i-1] == ' ' || l[i-1] == '\t') {
			return i
		}
	}
	return -1
}

// read makes the parts of the pattern; why says what GitHub does not allow in it.
func (r *ownerRule) read() (why string) {
	p := r.pattern
	switch {
	case strings.HasPrefix(p, "!"):
		return "a pattern cannot be negated"
	case strings.ContainsAny(p, `[]\`):
		return "a pattern has no ranges and no escapes"
	case strings.Trim(p, "/") == "":
		return "a pattern names something"
	}
	for _, o := range r.owners {
		if !strings.HasPrefix(o, "@") && !strings.Contains(o, "@") || o == "@" {
			return fmt.Sprintf("%q is no owner", o)
		}
	}
	rooted := strings.HasPrefix(p, "/")
	r.parts = strings.Split(strings.TrimPrefix(p, "/"), "/")
	if !rooted && (len(r.parts) == 1 || len(r.parts) == 2 && r.parts[1] == "") {
		r.parts = append([]string{"**"}, r.parts...) // anywhere
	}
	switch last := len(r.parts) - 1; {
	case r.parts[last] == "": // a folder: what lies in it, at any depth
		r.parts = append(r.parts[:last], "*", "**")
	case r.parts[last] != "*" && r.parts[last] != "**": // a file, or a folder with all that lies in it
		r.parts = append(r.parts, "**")
	case r.parts[last] == "**":
		r.parts = append(r.parts[:last], "*", "**")
	}
	return ""
}

// holds reports whether a path matches. docs/* holds the files of docs alone, and
// docs/ those of its folders too.
func (r *ownerRule) holds(path string) bool {
	names := strings.Split(path, "/")
	// at[j]: the parts so far match the first j names.
	at := make([]bool, len(names)+1)
	at[0] = true
	for _, part := range r.parts {
		next := make([]bool, len(names)+1)
		if part == "**" {
			seen := false
			for j := range next {
				seen = seen || at[j]
				next[j] = seen
			}
		} else {
			for j, name := range names {
				next[j+1] = at[j] && wild(part, name)
			}
		}
		at = next
	}
	return at[len(names)]
}

// wild matches one name, where * is any text and ? any character.
func wild(pattern, name string) bool {
	star, back := -1, 0
	i, j := 0, 0
	for j < len(name) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, back = i, j
			i++
		case i < len(pattern) && (pattern[i] == '?' || pattern[i] == name[j]):
			i, j = i+1, j+1
		case star >= 0:
			back++
			i, j = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}

// An ownersFile is a CODEOWNERS file that was read.
type ownersFile struct {
	rules   []ownerRule
	skipped []string
	why     string // why it was not read; "" when it was
}

// owners says who owned the files a change touches, by the CODEOWNERS file of its
// first parent: what the change itself writes there does not count for it. nil where
// there is no such file, and where there is no parent.
func (r *repository) owners(it *evidence.Item, parent objects.ID) error {
	it.Answers["owners"] = nil
	name, e, err := r.ownersEntry(parent)
	if errors.Is(err, objects.ErrMissing) {
		delete(it.Answers, "owners")
		it.Gaps = append(it.Gaps, evidence.Gap{Question: "owners", Code: "MissingObject", Message: err.Error()})
		return nil
	}
	if err != nil || name == "" {
		return err
	}
	f, err := r.ownersFile(e.ID)
	if err != nil {
		return err
	}
	files, listed := it.Answers["files"].([]any)
	if f.why != "" || !listed {
		why := f.why
		if why == "" {
			why = "the files of the change are not listed"
		}
		delete(it.Answers, "owners")
		it.Gaps = append(it.Gaps, evidence.Gap{Question: "owners", Code: "Unreadable", Message: name + ": " + why})
		return nil
	}
	it.Answers["owners"] = f.of(name, e.ID, files)
	return nil
}

// of is what the file says of some paths: each rule that decided, the last of the file
// that matches, with the paths it decided; the first ten, and how many they are.
func (f *ownersFile) of(name string, sha objects.ID, files []any) map[string]any {
	paths := make([][]any, len(f.rules))
	counts := make([]int, len(f.rules))
	free := 0
	for _, e := range files {
		path := e.(map[string]any)["path"].(string)
		at := len(f.rules) - 1
		for at >= 0 && !f.rules[at].holds(path) {
			at--
		}
		if at < 0 || len(f.rules[at].owners) == 0 {
			free++
			continue
		}
		if counts[at]++; counts[at] <= 10 {
			paths[at] = append(paths[at], path)
		}
	}
	rules := []any{}
	for i, r := range f.rules {
		if counts[i] > 0 {
			rules = append(rules, map[string]any{"line": number(r.line), "pattern": r.pattern, "owners": plain(r.owners), "paths": paths[i], "paths_total": number(counts[i])})
		}
	}
	out := map[string]any{"file": name, "sha": sha.String(), "rules": rules, "without_owner": number(free)}
	if len(f.skipped) > 0 {
		out["skipped"] = plain(f.skipped[:min(len(f.skipped), 20)])
	}
	return out
}

// ownersEntry finds the file in a tree; name is "" where there is none.
func (r *repository) ownersEntry(tree objects.ID) (name string, e objects.Entry, err error) {
	if tree.IsZero() {
		return "", e, nil
	}
	top, err := r.ReadTree(tree)
	if err != nil {
		return "", e, err
	}
	for _, path := range ownersFiles {
		folder, file, below := strings.Cut(path, "/")
		if !below {
			file, folder = folder, ""
		}
		in := top
		if below {
			i := slices.IndexFunc(top, func(e objects.Entry) bool { return e.Name == folder && e.IsDir() })
			if i < 0 {
				continue
			}
			if in, err = r.ReadTree(top[i].ID); err != nil {
				return "", e, err
			}
		}
		if i := slices.IndexFunc(in, func(e objects.Entry) bool { return e.Name == file && !e.IsDir() }); i >= 0 {
			return path, in[i], nil
		}
	}
	return "", e, nil
}

// ownersFile reads one, once for all changes that have the same.
func (r *repository) ownersFile(id objects.ID) (*ownersFile, error) {
	if f := r.read[id]; f != nil {
		return f, nil
	}
	f := &ownersFile{}
	b, err := r.ReadKind(id, objects.Blob)
	switch {
	case errors.Is(err, objects.ErrMissing):
		f.why = err.Error()
	case err != nil:
		return nil, err
	case len(b) > maxOwners:
		f.why = fmt.Sprintf("it has %d bytes; GitHub reads none of more than 3 MB", len(b))
	default:
		f.rules, f.skipped = parseOwners(escape(b))
	}
	if r.read == nil {
		r.read = map[objects.ID]*ownersFile{}
	}
	r.read[id] = f
	return f, nil
}
