package sample

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"exhibit/seal"
)

// BuildApplication writes the repository of the sample's product, bare, into dir,
// which must not exist or be empty. It tells application/changes.txt: changes
// merged and squashed by the code host, a direct push, reverts, co-authors,
// sign-offs, and commits signed with Key. It ends with the last change before until,
// so that a run of the past sees the branch as it stood then; a zero until tells
// all of it. The same commits come out every time.
func BuildApplication(dir string, until time.Time) error {
	_, err := build(dir, until)
	return err
}

// The application's repository, as git and the code host call it, and the token the
// code host's recorded answers ask for: they take any.
const (
	Repository = "rounds"
	ForgePath  = "thistlebarrow/rounds"
	ForgeToken = "sample"
)

// ForgeSources are what the tapes hold of the code host: the sample's runs ask for
// nothing else of it.
func ForgeSources() []string {
	return []string{"forge/pull-request", "forge/branch-rule", "forge/ruleset", "forge/member", "forge/deployment", "forge/release", "forge/rule-suite", "forge/audit-event", "forge/organisation", "forge/repository"}
}

// A PullRequest is one that the code host merged into the application, as the tool
// that records the code host's answers needs it.
type PullRequest struct {
	Number           int
	Title, File      string
	Author, Reviewer string   // ids of people; Reviewer is "-" when nobody was
	CoAuthors        []string // ids of people
	Merged           time.Time
	Commit           string   // of the branch main that it became
	Parents          int      // of that commit
	Branch           []string // commits of a merged branch, oldest first; nil for a squashed one
	Body             string
}

// A Release is a tag of the application, as the tool that records the code host's
// answers needs it.
type Release struct {
	Name, By string // By is the id of a person
	At       time.Time
	Commit   string // of the branch main
}

// A Push is one that went to the branch main past the pull requests.
type Push struct {
	By             string // id of a person
	At             time.Time
	Before, Commit string
}

// Beside builds the application in dir, as BuildApplication does, and returns what stands
// beside its pull requests from before until, oldest first: its tags, and what was
// pushed directly.
func Beside(dir string, until time.Time) ([]Release, []Push, error) {
	a, err := build(dir, until)
	if err != nil {
		return nil, nil, err
	}
	return a.released, a.pushed, nil
}

// PullRequests builds the application in dir, as BuildApplication does, and returns
// what was merged by the code host before until, oldest first; and who is who.
func PullRequests(dir string, until time.Time) (merged []PullRequest, people map[string]object.Signature, err error) {
	a, err := build(dir, until)
	if err != nil {
		return nil, nil, err
	}
	return a.merged, a.people, nil
}

func build(dir string, until time.Time) (*application, error) {
	b, err := content.ReadFile("application/changes.txt")
	if err != nil {
		return nil, fmt.Errorf("reading the sample's application: %w", err)
	}
	changes, err := parseChanges(string(b))
	if err != nil {
		return nil, fmt.Errorf("reading the sample's application: %w", err)
	}
	people, err := people()
	if err != nil {
		return nil, err
	}
	key, _, err := seal.ParsePrivateKey(peopleKey())
	if err != nil {
		return nil, fmt.Errorf("reading the sample's key: %w", err)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("writing the sample's application: %q is not empty; name another folder", dir)
	}
	repo, objects, err := initPacking(dir)
	if err != nil {
		return nil, fmt.Errorf("writing the sample's application: %w", err)
	}
	a := &application{repo: repo, people: people, key: key, files: map[string]string{}, done: map[string]plumbing.Hash{}}
	for _, c := range changes {
		if !until.IsZero() && c.at.After(until) {
			break
		}
		before := a.tip.String()
		if err := a.change(c); err != nil {
			return nil, fmt.Errorf("writing the sample's application: %s %q: %w", c.at.Format(time.DateOnly), c.title, err)
		}
		if c.kind == "direct" {
			a.pushed = append(a.pushed, Push{c.author, c.at, before, a.tip.String()})
		}
	}
	if err := objects.write(); err != nil {
		return nil, fmt.Errorf("writing the sample's application: %w", err)
	}
	main := plumbing.NewHashReference(plumbing.NewBranchReferenceName("main"), a.tip)
	if err := repo.Storer.SetReference(main); err != nil {
		return nil, fmt.Errorf("writing the sample's application: %w", err)
	}
	return a, nil
}

// A change is one line of application/changes.txt.
type change struct {
	at               time.Time
	kind, number     string
	author, reviewer string // ids of people; reviewer is "-" when nobody was
	file, title      string
	coAuthors        []string
	signed, signOff  bool
	commits          int    // on the branch of a merge
	undoes           string // number of the change a revert takes back
	body             string
}

func parseChanges(text string) ([]change, error) {
	var out []change
	for n, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l == "" || l[0] == '#' {
			continue
		}
		f := strings.Split(l, "|")
		if len(f) != 7 {
			return nil, fmt.Errorf("changes.txt:%d: %d fields, want 7", n+1, len(f))
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		at, err := time.Parse(time.RFC3339, f[0])
		if err != nil {
			return nil, fmt.Errorf("changes.txt:%d: %w", n+1, err)
		}
		c := change{at: at.UTC(), author: f[2], reviewer: f[3], file: f[4], title: f[5], commits: 1}
		c.kind, c.number, _ = strings.Cut(f[1], " ")
		if !slices.Contains([]string{"import", "merge", "squash", "direct", "revert", "release"}, c.kind) {
			return nil, fmt.Errorf("changes.txt:%d: unknown kind %q", n+1, c.kind)
		}
		for _, m := range strings.Split(f[6], ";") {
			word, value, _ := strings.Cut(m, ":")
			switch word {
			case "":
			case "co":
				c.coAuthors = append(c.coAuthors, value)
			case "signed":
				c.signed = true
			case "signoff":
				c.signOff = true
			case "commits":
				if _, err := fmt.Sscan(value, &c.commits); err != nil || c.commits < 1 {
					return nil, fmt.Errorf("changes.txt:%d: commits %q", n+1, value)
				}
			case "undoes":
				c.undoes = value
			case "body":
				c.body = value
			default:
				return nil, fmt.Errorf("changes.txt:%d: unknown word %q", n+1, word)
			}
		}
		if len(out) > 0 && !c.at.After(out[len(out)-1].at) {
			return nil, fmt.Errorf("changes.txt:%d: is not after the line before it", n+1)
		}
		out = append(out, c)
	}
	return out, nil
}

// people are name and address by id, from the register as it is at the end.
func people() (map[string]object.Signature, error) {
	steps, err := Steps()
	if err != nil {
		return nil, err
	}
	var register string
	for _, s := range steps {
		if b, ok := s.Write["registers/people.yaml"]; ok {
			register = string(b)
		}
	}
	out := map[string]object.Signature{}
	var id, name string
	for _, l := range strings.Split(register, "\n") {
		key, value, _ := strings.Cut(strings.TrimLeft(l, "- "), ": ")
		switch key {
		case "id":
			id = value
		case "name":
			name = value
		case "email":
			out[id] = object.Signature{Name: name, Email: value}
		}
	}
	return out, nil
}

// host is what the code host calls itself when it commits for somebody.
var host = object.Signature{Name: "Foldgate", Email: "noreply@foldgate.example"}

// An application is the repository while it is written.
type application struct {
	repo   *git.Repository
	people map[string]object.Signature
	key    ed25519.PrivateKey
	files  map[string]string
	tip    plumbing.Hash
	done   map[string]plumbing.Hash // by number
	merged []PullRequest

	released []Release
	pushed   []Push
}

// keep takes down what the code host merged.
func (a *application) keep(c change, parents int, branch []string) error {
	n, err := strconv.Atoi(c.number)
	if err != nil {
		return fmt.Errorf("the number %q: %w", c.number, err)
	}
	a.merged = append(a.merged, PullRequest{
		Number: n, Title: c.title, File: c.file, Author: c.author, Reviewer: c.reviewer, CoAuthors: c.coAuthors, Merged: c.at,
		Commit: a.tip.String(), Parents: parents, Branch: branch, Body: c.body,
	})
	return nil
}

func (a *application) change(c change) error {
	author, ok := a.people[c.author]
	if !ok {
		return fmt.Errorf("%q is not in the people register", c.author)
	}
	author.When = c.at
	byHost := host
	byHost.When = c.at
	title, trailers, err := a.words(c)
	if err != nil {
		return err
	}
	switch c.kind {
	case "release":
		return a.tag(c, author)
	case "merge":
		return a.merge(c, author, byHost, trailers)
	case "import":
		a.files["README.md"] = "# Rounds\n\nSAMPLE: the product of an invented company; nothing here runs.\n"
	}
	a.touch(c, 1)
	committer := byHost
	if c.kind == "direct" || c.kind == "import" {
		committer = author
	}
	body := c.body
	if c.kind == "revert" {
		was, ok := a.done[c.undoes]
		if !ok {
			return fmt.Errorf("there is no change %q to undo", c.undoes)
		}
		title = fmt.Sprintf("Revert %q", title)
		body = strings.TrimSpace("This reverts commit " + was.String() + ".\n\n" + body)
	}
	if c.kind == "squash" || c.kind == "revert" {
		title += " (#" + c.number + ")"
	}
	a.tip, err = a.commit(join(title, body, trailers), author, committer, c.signed, a.parents()...)
	a.done[c.number] = a.tip
	if err == nil && (c.kind == "squash" || c.kind == "revert") {
		err = a.keep(c, 1, nil)
	}
	return err
}

// words are a change's title, and its trailers.
func (a *application) words(c change) (title string, trailers []string, _ error) {
	title = c.title
	for _, id := range c.coAuthors {
		p, ok := a.people[id]
		if !ok {
			return "", nil, fmt.Errorf("co-author %q is not in the people register", id)
		}
		trailers = append(trailers, fmt.Sprintf("Co-authored-by: %s <%s>", p.Name, p.Email))
	}
	if c.signOff {
		p := a.people[c.author]
		trailers = append(trailers, fmt.Sprintf("Signed-off-by: %s <%s>", p.Name, p.Email))
	}
	if c.reviewer != "-" {
		p, ok := a.people[c.reviewer]
		if !ok {
			return "", nil, fmt.Errorf("reviewer %q is not in the people register", c.reviewer)
		}
		trailers = append(trailers, fmt.Sprintf("Reviewed-by: %s <%s>", p.Name, p.Email))
	}
	return title, trailers, nil
}

// touch leaves a mark of the change in its file.
func (a *application) touch(c change, n int) {
	comment := "//"
	switch {
	case strings.HasSuffix(c.file, ".tf"), strings.HasSuffix(c.file, ".lock"):
		comment = "#"
	}
	if c.kind == "revert" {
		lines := strings.SplitAfter(a.files[c.file], "\n")
		a.files[c.file] = strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "#"+c.undoes+" ") }), "")
		if a.files[c.file] == "" {
			delete(a.files, c.file)
		}
		return
	}
	number := ""
	if c.number != "" {
		number = "#" + c.number + " "
	}
	a.files[c.file] += fmt.Sprintf("%s %s %s%s", comment, c.at.Format(time.DateOnly), number, c.title)
	if n > 1 {
		a.files[c.file] += fmt.Sprintf(", part %d", n)
	}
	a.files[c.file] += "\n"
}

// merge commits on a branch, and has the host merge it.
func (a *application) merge(c change, author, byHost object.Signature, trailers []string) error {
	base := a.tip
	branch := base
	var own []string
	for n := 1; n <= c.commits; n++ {
		a.touch(c, n)
		when := author
		when.When = c.at.Add(-time.Duration(c.commits-n+1) * 5 * time.Hour)
		title := c.title
		if n > 1 {
			title += fmt.Sprintf(", part %d", n)
		}
		var err error
		if branch, err = a.commit(join(title, "", trailers[:len(c.coAuthors)]), when, when, c.signed, branch); err != nil {
			return err
		}
		own = append(own, branch.String())
	}
	title := fmt.Sprintf("Merge pull request #%s from thistlebarrow/%s", c.number, Slug(c.title))
	body := strings.TrimSpace(c.title + "\n\n" + c.body)
	merger := a.people[c.reviewer]
	merger.When = c.at
	tip, err := a.commit(join(title, body, trailers[len(c.coAuthors):]), merger, byHost, false, base, branch)
	if err != nil {
		return err
	}
	a.tip, a.done[c.number] = tip, tip
	return a.keep(c, 2, own)
}

func (a *application) tag(c change, by object.Signature) error {
	a.released = append(a.released, Release{c.title, c.author, c.at, a.tip.String()})
	o := a.repo.Storer.NewEncodedObject()
	t := object.Tag{Name: c.title, Tagger: by, Message: "Release " + c.title + "\n", TargetType: plumbing.CommitObject, Target: a.tip}
	if err := t.Encode(o); err != nil {
		return err
	}
	h, err := a.repo.Storer.SetEncodedObject(o)
	if err != nil {
		return err
	}
	return a.repo.Storer.SetReference(plumbing.NewHashReference(plumbing.NewTagReferenceName(c.title), h))
}

func (a *application) parents() []plumbing.Hash {
	if a.tip.IsZero() {
		return nil
	}
	return []plumbing.Hash{a.tip}
}

// commit writes the files as they are now.
func (a *application) commit(message string, author, committer object.Signature, signed bool, parents ...plumbing.Hash) (plumbing.Hash, error) {
	tree, err := a.tree("")
	if err != nil {
		return plumbing.ZeroHash, err
	}
	c := object.Commit{Author: author, Committer: committer, Message: message, TreeHash: tree, ParentHashes: parents}
	if signed {
		o := &plumbing.MemoryObject{}
		if err := c.EncodeWithoutSignature(o); err != nil {
			return plumbing.ZeroHash, err
		}
		r, err := o.Reader()
		if err != nil {
			return plumbing.ZeroHash, err
		}
		payload, err := io.ReadAll(r)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		c.PGPSignature = string(seal.Sign(a.key, "git", payload))
	}
	o := a.repo.Storer.NewEncodedObject()
	if err := c.Encode(o); err != nil {
		return plumbing.ZeroHash, err
	}
	return a.repo.Storer.SetEncodedObject(o)
}

// tree writes the folder dir ("" for the root) of the files.
func (a *application) tree(dir string) (plumbing.Hash, error) {
	entries := map[string]object.TreeEntry{}
	for p, text := range a.files {
		rest, ok := strings.CutPrefix(p, dir)
		if !ok {
			continue
		}
		name, _, folder := strings.Cut(rest, "/")
		if _, have := entries[name]; have {
			continue
		}
		if folder {
			h, err := a.tree(dir + name + "/")
			if err != nil {
				return plumbing.ZeroHash, err
			}
			entries[name] = object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: h}
			continue
		}
		h, err := a.store(plumbing.BlobObject, []byte(text))
		if err != nil {
			return plumbing.ZeroHash, err
		}
		entries[name] = object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: h}
	}
	t := object.Tree{}
	for _, e := range entries {
		t.Entries = append(t.Entries, e)
	}
	sort.Sort(object.TreeEntrySorter(t.Entries))
	o := a.repo.Storer.NewEncodedObject()
	if err := t.Encode(o); err != nil {
		return plumbing.ZeroHash, err
	}
	return a.repo.Storer.SetEncodedObject(o)
}

func (a *application) store(kind plumbing.ObjectType, b []byte) (plumbing.Hash, error) {
	o := a.repo.Storer.NewEncodedObject()
	o.SetType(kind)
	w, err := o.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	if _, err := w.Write(b); err != nil {
		return plumbing.ZeroHash, err
	}
	if err := w.Close(); err != nil {
		return plumbing.ZeroHash, err
	}
	return a.repo.Storer.SetEncodedObject(o)
}

// join puts a message together.
func join(title, body string, trailers []string) string {
	m := title
	if body != "" {
		m += "\n\n" + body
	}
	if len(trailers) > 0 {
		m += "\n\n" + strings.Join(trailers, "\n")
	}
	return m + "\n"
}

// Slug is a branch's name for a title.
func Slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words[:min(5, len(words))], "-")
}
