package render

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
	"strings"

	"exhibit/evidence"
	"exhibit/render/table"
)

// leftOut is a file that a package with names would hold, and one without does not.
type leftOut struct{ path, sum, why string }

// leave notes a file that is not given.
func (b *binder) leave(path, sum, why string) {
	l := leftOut{path, sum, why}
	if !slices.Contains(b.out, l) {
		b.out = append(b.out, l)
	}
}

// gives reports whether a file of a run may be given as it lies: it is sealed, so
// that names cannot be replaced in it. The seal and the list of sums always are,
// for without them no chain can be checked.
func (b *binder) gives(file string) bool {
	if name := path.Base(file); name != "RUN.json" && name != "coverage.jsonl" && !evidence.HoldsCalls(name) {
		return true
	}
	if b.aliases == nil {
		return true
	}
	if given, known := b.given[file]; known {
		return given
	}
	data, err := fs.ReadFile(b.repo, file)
	clean := err == nil && b.aliases.Clean(data)
	if b.given[file] = clean; !clean {
		sum := sha256.Sum256(data)
		b.leave(file, hex.EncodeToString(sum[:]), "a sealed file of a run, which names people")
	}
	return clean
}

// leaveReviews notes the files of access reviews: the pages tell what is in them.
func (b *binder) leaveReviews() {
	if b.aliases == nil {
		return
	}
	for _, r := range b.Reviews {
		for _, name := range table.SortedKeys(r.Sums) {
			b.leave(r.Dir()+"/"+name, r.Sums[name], "an access review, which is about people by name")
		}
		for _, v := range r.Receipts {
			b.leave(v.Path, v.Sum, "a workbook as it came back, which is about people by name")
		}
	}
}

// nameWords say whether people appear by name and, where they do not, what was
// replaced, what was left out, and where they may be named all the same.
func (b *binder) nameWords() []table.Block {
	if b.aliases == nil {
		return []table.Block{table.P("People are shown by their names on these pages wherever a register or a record that was read names them. Whoever shares this package shares those names.")}
	}
	listed, others := 0, 0
	for _, p := range b.aliases.People() {
		if p.ID != "" {
			listed++
		} else {
			others++
		}
	}
	out := []table.Block{
		table.P("People appear under pseudonyms, such as ", table.K("P-4K7QZ2MD"), ": a digest of a person's id under a key that only the organisation has. The same person has the same one in every package made with that key, of whatever run or quarter; without the key it cannot be told from a name, nor a name be tried. The organisation can tell who one is: ", table.K("exhibit people --who P-4K7QZ2MD"), "."),
		table.P(table.Plural(listed, "person of the registers has one", "people of the registers have one"), ", and ", table.Plural(others, "identity that no register names somebody for", "identities that no register names somebody for"), ": users, authors and addresses. Key ", table.K(b.aliases.Fingerprint()), ". Everything was judged with names: no verdict and no count differs from the package that has them. Numbers of findings do, for they are made from what a finding is about."),
		table.P("Replaced are ids, full names, addresses, user names in AWS and at the code host and numbers of the HR system, on every page, in every document and workbook, and in the listings. A listing beside its page is therefore not the file that was sealed; its sha256 stays that of the sealed one. A population's file, too, has another sha256 than the list a sample was drawn from."),
	}
	t := &table.Table{ID: "left-out", Title: "Files left out", Empty: "No file was left out.", Columns: []table.Column{
		{Key: "file", Name: "File", Kind: table.Code, Width: 50}, {Key: "why", Name: "Why", Width: 40}, {Key: "sha256", Name: "sha256 of the file", Kind: table.Code, Width: 34}}}
	files := slices.Clone(b.out)
	slices.SortFunc(files, func(x, y leftOut) int { return strings.Compare(x.path, y.path) })
	for _, l := range files {
		t.Add("", table.Mono(b.aliases.Text(l.path)), table.Str(l.why), table.Mono(l.sum))
	}
	out = append(out, table.H2("left-out", "What is left out for it"), table.Grid{Table: limit(t, table.PageRows)}, table.H2("may-name", "Where people may be named all the same"))
	return append(out, b.mayName()...)
}

// mayName says where no search can be sure.
func (b *binder) mayName() []table.Block {
	sums := 0
	for _, r := range b.Runs {
		data, err := fs.ReadFile(b.repo, "runs/"+r.Run.Name+"/SHA256SUMS")
		if err != nil {
			continue // its page says so
		}
		for line := range strings.Lines(string(data)) {
			if b.aliases.Text(line) != line {
				sums++
			}
		}
	}
	records, changes := 0, 0
	for _, kind := range table.SortedKeys(b.Records) {
		for _, it := range b.Records[kind] {
			if line, err := it.MarshalJSON(); err == nil && b.aliases.Mentions(string(line)) {
				records++
			}
		}
	}
	for _, it := range b.Items["git/change"] {
		if line, err := it.MarshalJSON(); err == nil && b.aliases.Mentions(string(line)) {
			changes++
		}
	}
	return []table.Block{table.List{Items: [][]table.Span{
		table.Line("Free text: a first name alone, initials, or a description of somebody are not found. ", table.Plural(records, "record", "records"), " and ", table.Plural(changes, "change", "changes"), " still hold a word that is part of somebody's full name, which may be that person or not. Names of people that no register lists, such as a vendor's, stay."),
		table.Line("Titles, teams, days of joining and leaving, and what only one person did may tell who somebody is to those who know the organisation."),
		table.Line("The runs' ", table.K("SHA256SUMS"), " are given as they were sealed: ", table.Plural(sums, "path in them names", "paths in them name"), " somebody."),
		table.Line("Identifiers that systems gave, such as the id of an IAM user, of an access key or of a commit, stay: whoever can look them up there learns whose they are. Some listings stand in the order of the names they had."),
	}}}
}
