package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/store"
	"exhibit/render"
	"exhibit/render/pseudonym"
	"exhibit/seal"
	"exhibit/site"
)

// SharedPackage is a package made for somebody, of which something is withheld.
type SharedPackage struct {
	Name     string        `yaml:"name"` // what exhibit pack --for calls it
	For      string        `yaml:"for"`  // whom it is made for, as the seal says
	By       string        `yaml:"by"`   // who decided what is withheld
	Withhold []Withholding `yaml:"withhold"`
}

// A Withholding is one thing that is kept back, and why: files of the package, or a
// field.
type Withholding struct {
	Files string `yaml:"files"` // such as artifacts/CC6-access-control/* or artifacts/policies/
	Of    string `yaml:"of"`    // a kind of record, such as person, or a source, such as iam/user
	Field string `yaml:"field"` // of it: a column, or a path into the answers, such as GetUser.User.UserName
	Why   string `yaml:"why"`
}

// mayWithhold are the files of a package that may be withheld whole. Pages, seals and
// what the site needs are not among them: a page says what it says by fields.
var mayWithhold = regexp.MustCompile(`^(artifacts/.|data/(populations|samples)/.|data/[a-z*?-]+\.jsonl?$|runs/[^/]+/(calls[^/]*|coverage)\.jsonl$)`)

var withheldField = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_:-]*)*$`)

func (v *validator) packages(s Sharing, salt string) {
	seen := map[string]bool{}
	for i, p := range s.Packages {
		at := fmt.Sprintf("sharing.packages.%d", i)
		if !repoName.MatchString(p.Name) {
			v.bad(at+".name", "%q must be letters, digits, dot, dash or underscore", p.Name)
		}
		if seen[p.Name] {
			v.bad(at+".name", "%q is there twice", p.Name)
		}
		seen[p.Name] = true
		for _, t := range [][2]string{{".for", p.For}, {".by", p.By}} {
			if t[1] == "" || seal.Visible(t[1]) != t[1] || strings.TrimSpace(t[1]) != t[1] {
				v.bad(at+t[0], "%q is empty, has spaces around it or a character that does not show", t[1])
			}
		}
		if len(p.Withhold) == 0 {
			v.bad(at, "withholds nothing: exhibit pack makes that package")
		}
		for k, w := range p.Withhold {
			v.withholding(fmt.Sprintf("%s.withhold.%d", at, k), w, salt)
		}
	}
}

func (v *validator) withholding(at string, w Withholding, salt string) {
	if w.Why == "" {
		v.bad(at+".why", "says nothing; whoever gets the package reads why")
	}
	_, err := path.Match(w.Files, "x")
	switch {
	case w.Files != "" && (w.Of != "" || w.Field != ""), w.Files == "" && (w.Of == "" || w.Field == ""):
		v.bad(at, "names either files, or of and field")
	case w.Files != "" && (err != nil || !mayWithhold.MatchString(w.Files)):
		v.bad(at+".files", "%q is not of files that may be withheld: those under artifacts/, data/populations/ and data/samples/, data/*.jsonl, runs/*/calls.jsonl and runs/*/coverage.jsonl", w.Files)
	case w.Field != "" && !withheldField.MatchString(w.Field):
		v.bad(at+".field", "%q is not a column or a path such as GetUser.User.UserName", w.Field)
	case w.Field == "id":
		v.bad(at+".field", "an id ties facts together and is not withheld; withhold the files that list it")
	case w.Field != "" && salt == "":
		v.bad(at+".field", "a field is withheld with a keyed digest in its place, and aws.redaction_salt is not set")
	}
}

// sharedPackage finds the one that --for names.
func (c Config) sharedPackage(name string) (*SharedPackage, error) {
	var known []string
	for i := range c.Sharing.Packages {
		if known = append(known, c.Sharing.Packages[i].Name); c.Sharing.Packages[i].Name == name {
			return &c.Sharing.Packages[i], nil
		}
	}
	return nil, withHint(usageError("--for %q is no package that sharing.packages in exhibit.yaml names", name), "it names %s", orNobody(strings.Join(known, ", ")))
}

// matches says that an entry withholds a file.
func (w Withholding) matches(file string) bool {
	if w.Files == "" {
		return false
	}
	if strings.HasSuffix(w.Files, "/") {
		return strings.HasPrefix(file, w.Files)
	}
	ok, _ := path.Match(w.Files, file) // exhibit.yaml was checked
	return ok
}

// A keeping is what is kept back from one package while it is made.
type keeping struct {
	*SharedPackage
	black  *blackout
	values []int // how many values each entry has
	wrong  []error
}

func newKeeping(p *SharedPackage, salt []byte) *keeping {
	return &keeping{SharedPackage: p, black: newBlackout(salt), values: make([]int, len(p.Withhold))}
}

// see takes in the values that a run, or what people wrote then, has in the fields.
func (k *keeping) see(e control.Evidence) {
	for i, w := range k.Withhold {
		if w.Field == "" {
			continue
		}
		for _, it := range e.Items["record/"+w.Of] {
			k.take(i, it.Answers["record"])
		}
		for _, c := range e.Cells {
			if c.Source == w.Of {
				for _, it := range e.Files[c.Path] {
					k.take(i, map[string]any(it.Answers))
				}
			}
		}
	}
}

func (k *keeping) take(i int, answers any) {
	w := k.Withhold[i]
	for _, v := range valuesUnder(answers, strings.Split(w.Field, ".")) {
		if why := k.leaves(i, v); why != "" && len(k.wrong) == 0 {
			k.wrong = append(k.wrong, withHint(fmt.Errorf("withholding %s of %s: %s", w.Field, w.Of, why),
				"such a value stands in too many other places to be taken out of all of them; withhold the files that show it instead"))
		}
	}
}

var dayOrNumber = regexp.MustCompile(`^[0-9.:TZ+-]+$`)

// leaves takes in the texts of a value.
func (k *keeping) leaves(i int, v any) (why string) {
	switch v := v.(type) {
	case nil:
	case string:
		if len(v) < 40 && dayOrNumber.MatchString(v) && len(v) != 12 { // an account's id is no number
			return fmt.Sprintf("it holds days or numbers (%q)", v)
		}
		if _, have := k.black.of[v]; !have && v != "" {
			k.values[i]++
		}
		k.black.add(k.Withhold[i].Of+" "+k.Withhold[i].Field, v)
	case []any:
		for _, e := range v {
			if why := k.leaves(i, e); why != "" {
				return why
			}
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if why := k.leaves(i, v[key]); why != "" {
				return why
			}
		}
	default:
		return fmt.Sprintf("it holds numbers, or yes and no (%v)", v)
	}
	return ""
}

// valuesUnder are the values at a path, through every element of a list.
func valuesUnder(v any, at []string) []any {
	switch v := v.(type) {
	case []any:
		var out []any
		for _, e := range v {
			out = append(out, valuesUnder(e, at)...)
		}
		return out
	case map[string]any:
		if len(at) == 0 {
			return []any{v}
		}
		if inner, ok := v[at[0]]; ok {
			return valuesUnder(inner, at[1:])
		}
		return nil
	}
	if len(at) > 0 {
		return nil
	}
	return []any{v}
}

// whole refuses what names nothing, or what cannot be taken out.
func (k *keeping) whole(full seal.Manifest) error {
	for i, w := range k.Withhold {
		if w.Field != "" && k.values[i] == 0 && len(k.wrong) == 0 {
			return withHint(fmt.Errorf("withholding %s of %s: no run of the period has a value there", w.Field, w.Of), "the page of a listing, or the register, shows how the fields are called")
		}
		if w.Files != "" && !slices.ContainsFunc(full, func(e seal.Entry) bool { return w.matches(e.Path) }) {
			return withHint(fmt.Errorf("withholding %q: the package has no such file", w.Files), "SHA256SUMS of the package lists its files")
		}
	}
	return errors.Join(k.wrong...)
}

// files are those of the full package that are withheld, with the entry that says why.
func (k *keeping) files(full seal.Manifest) (gone map[string]int) {
	gone = map[string]int{}
	for _, e := range full {
		for i, w := range k.Withhold {
			if w.matches(e.Path) {
				gone[e.Path] = i
				break
			}
		}
	}
	return gone
}

// shown is what the pages say of it.
func (k *keeping) shown(full seal.Manifest, gone map[string]int) *render.Shared {
	s := &render.Shared{For: k.For, By: k.By}
	for _, e := range full {
		if i, ok := gone[e.Path]; ok {
			s.Files = append(s.Files, render.WithheldFile{Path: e.Path, Sum: fmt.Sprintf("%x", e.Sum), Why: k.Withhold[i].Why})
		}
	}
	for i, w := range k.Withhold {
		if w.Field != "" {
			s.Fields = append(s.Fields, render.WithheldField{Of: w.Of, Field: w.Field, Values: k.values[i], Why: w.Why})
		}
	}
	return s
}

// withhold makes, of the full package that was just written, the one for somebody: the
// verdicts are those of the full one, reached with all that is withheld.
func (j *job) withhold(ctx context.Context, report *control.Report, tree *store.Tree, names *pseudonym.Names) error {
	folder := j.folder
	sums, err := os.ReadFile(filepath.Join(folder, seal.SumsName))
	if err != nil {
		return err
	}
	full, err := seal.ParseManifest(sums)
	if err != nil {
		return err
	}
	if err := j.keeps.whole(full); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, seal.SealName))
	if err != nil {
		return err
	}
	s := packageSeal(report)
	s.For, s.Full = j.keeps.For, fmt.Sprintf("%x", sha256.Sum256(text))
	gone := j.keeps.files(full)
	j.keeps.black.report(report)
	verify := seal.VerifyText(s, j.cfg.Signing.Principal, site.VerifyPageSum())
	files := render.All(render.Input{Report: report, Repository: blacked{tree.FS(), j.keeps.black}, People: names, Verify: verify, Shared: j.keeps.shown(full, gone)})

	j.folder = folder + "-for-" + j.keeps.Name
	p, err := newPack(j.folder)
	if err != nil {
		return err
	}
	defer p.drop()
	left := j.keeps.black.escaped()
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if _, ok := gone[f.Path]; ok {
			continue
		}
		if f.Data = withoutLinks(f, gone); err == nil {
			err = left.remains(f)
		}
		if err == nil {
			err = p.add(f)
		}
		if err != nil {
			return err
		}
		j.ui.progress("exhibit: rendered %d files: %s", len(p.manifest), f.Path)
	}
	if err := p.add(render.File{Path: seal.VerifyTextName, Data: verify}); err != nil {
		return err
	}
	lists, kept, err := seal.Share(full, p.manifest)
	if err != nil {
		return err
	}
	for name, b := range map[string][]byte{seal.SumsName: sums, seal.SealName: text, seal.SignatureName: nil} {
		if b == nil {
			if b, err = os.ReadFile(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
		lists[path.Join(seal.FullFolder, name)] = b
	}
	for _, name := range sortedKeys(lists) {
		if err := p.add(render.File{Path: name, Data: lists[name]}); err != nil {
			return err
		}
	}
	j.say("for %s: %s", seal.Visible(j.keeps.For), kept)
	return j.finish(ctx, p, s)
}

var link = regexp.MustCompile(`(<a [^>]*?href=")((?:\.\./|\./)*)([^"#?:]+)(?:#[^"]*)?("[^>]*>)`)

// withoutLinks has the links to files that are withheld lead to the page that says why.
func withoutLinks(f render.File, gone map[string]int) []byte {
	switch {
	case len(gone) == 0:
		return f.Data
	case path.Ext(f.Path) == ".html":
		return link.ReplaceAllFunc(f.Data, func(a []byte) []byte {
			m := link.FindSubmatch(a)
			to := path.Join(path.Dir(f.Path), string(m[2]), string(m[3]))
			if _, ok := gone[to]; !ok {
				return a
			}
			return []byte(string(m[1]) + string(m[2]) + render.WithheldHere + string(m[4]) + "Withheld: ")
		})
	case strings.HasPrefix(f.Path, "data/search/"):
		out := f.Data
		for p := range gone {
			quoted, err := json.Marshal(p)
			if err == nil && bytes.Contains(out, quoted) {
				out = bytes.ReplaceAll(out, quoted, []byte(`"withheld.html"`))
			}
		}
		return out
	}
	return f.Data
}

// remains says of a file in which a withheld value still stands, which one.
func (b *blackout) remains(f render.File) error {
	found := func(text string) error {
		if at, n := b.find(text, 0); n > 0 {
			return withHint(fmt.Errorf("%s still shows a value of %s, which is withheld; nothing was packed", f.Path, b.of[text[at:at+n]]),
				"name that file under withhold too, or leave the field in: a word that stands in many places cannot be taken out of all")
		}
		return nil
	}
	switch {
	case len(b.of) == 0:
		return nil
	case textual(f.Path):
		return found(string(f.Data))
	case path.Ext(f.Path) == ".xlsx":
		z, err := zip.NewReader(bytes.NewReader(f.Data), int64(len(f.Data)))
		if err != nil {
			return fmt.Errorf("looking through %s: %w", f.Path, err)
		}
		for _, part := range z.File {
			r, err := part.Open()
			if err != nil {
				return fmt.Errorf("looking through %s: %w", f.Path, err)
			}
			text, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil {
				return fmt.Errorf("looking through %s: %w", f.Path, err)
			}
			if err := found(string(text)); err != nil {
				return err
			}
		}
	}
	return nil
}
