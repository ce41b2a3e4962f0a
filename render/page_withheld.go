package render

import (
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// withheldPage lists everything that was kept back, and how what is left can
// still be relied upon.
func (b *binder) withheldPage() {
	b.page("withheld.html", func() *table.Paper {
		p := &table.Paper{Kicker: "What is kept back", Title: "Withheld and redacted", Crumbs: crumbs(),
			Lead: table.Line("Personal data and secrets that AWS sends are taken out before anything is kept; lists of people may be kept encrypted. Each is named here with its count, so that a blank is never taken for nothing.")}
		p.Blocks = append(p.Blocks, b.sharedBlocks()...)
		files := &table.Table{ID: "withheld-files", Title: "Encrypted and destroyed files", Empty: "No file of the repository is encrypted, and no tombstone names one.", Columns: []table.Column{
			{Key: "file", Name: "File", Kind: table.Code, Width: 34}, {Key: "state", Name: "State", Width: 16}, {Key: "why", Name: "Why it was not read", Width: 44}, {Key: "sha256", Name: "sha256 of the ciphertext", Kind: table.Code, Width: 34}}}
		shut := 0
		for _, w := range b.Withheld {
			state := "withheld"
			switch {
			case w.Opened:
				state = "read; kept encrypted"
			case strings.HasPrefix(w.Why, "destroyed"):
				state = "destroyed"
			}
			if !w.Opened {
				shut++
			}
			files.Add("", table.Mono(w.Path), table.Str(state), table.Str(w.Why), table.Mono(w.Sum))
		}
		if shut > 0 {
			p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "Not read", Spans: table.Line(table.Plural(shut, "file was", "files were"), " not read for this package. Whatever needs what it says is not evaluated, and nothing of it counts as met. The ciphertext and its sum stay in the sealed runs; packages of earlier runs say how it was judged then.")})
		}
		p.Blocks = append(p.Blocks, table.H2("files", "Files"), table.Grid{Table: files})
		t := &table.Table{ID: "withheld-fields", Title: "Fields withheld from AWS's answers", Empty: "No field was withheld.", Columns: []table.Column{
			{Key: "service", Name: "Service", Kind: table.Code, Width: 20}, {Key: "field", Name: "Operation and field", Kind: table.Code, Width: 60}, {Key: "newest", Name: "Values, newest run", Kind: table.Number, Width: 12}, {Key: "all", Name: "Values, all runs", Kind: table.Number, Width: 12}}}
		newest, all := map[string]int{}, map[string]int{}
		for _, r := range b.Runs {
			for rule, n := range r.Run.Redactions {
				all[rule] += n
				if r.Run.Name == b.Run.Name {
					newest[rule] = n
				}
			}
		}
		for _, rule := range table.SortedKeys(all) {
			service, field, _ := strings.Cut(rule, ":")
			t.Add("", table.Mono(service), table.Mono(field), table.Int(newest[rule]), table.Int(all[rule]))
		}
		p.Blocks = append(p.Blocks, table.H2("fields", "Fields"), table.Grid{Table: t})
		p.Blocks = append(p.Blocks, table.H2("equality", "How equal values are still seen to be equal"),
			table.P("Where exhibit.yaml has a ", table.K("redaction_salt"), ", a withheld value reads ", table.K("redacted:hmac-sha256:"), " and the first 16 hexadecimal digits of its keyed digest: the same value gives the same digits at every run, and whoever has the salt and the value can make them again. Without a salt it reads ", table.K("redacted"), " alone."),
			table.P("An encrypted file is sealed as it lies in the repository. Its sum is in every run's SHA256SUMS, so that whoever is given the plain file and encrypts nothing anew can be held to it: the file beside a list of people names the sum of the plain list as well."),
			table.H2("names", "Names"))
		p.Blocks = append(p.Blocks, b.nameWords()...)
		kinds := b.Records["tombstone"]
		if len(kinds) > 0 {
			p.Blocks = append(p.Blocks, table.H2("tombstones", "What was destroyed"), table.Grid{Table: b.RecordTable("tombstone", "Tombstones", append([]control.Located(nil), kinds...))})
		}
		return p
	})
}

// sharedNotice says on the first page that this package keeps something back.
func (b *binder) sharedNotice() table.Block {
	s := b.shared
	return table.Notice{Kind: "gap", Title: "Something is withheld from this package", Spans: table.Line(
		"It was made for "+s.For+". ", table.Plural(len(s.Files), "file is", "files are"), " withheld, and ", table.Plural(len(s.Fields), "field is", "fields are"),
		" taken out, as ", s.By, " decided: ", table.A("what, and why", WithheldHere), ". Every verdict was reached with all of it, and is that of the full package.")}
}

// sharedBlocks list what a package for somebody keeps back; nothing in the full one.
func (b *binder) sharedBlocks() []table.Block {
	s := b.shared
	if s == nil {
		return nil
	}
	files := &table.Table{ID: "kept-files", Title: "Files withheld from this package", Empty: "No file is withheld whole.", Columns: []table.Column{
		{Key: "file", Name: "File of the full package", Kind: table.Code, Width: 44}, {Key: "why", Name: "Why", Width: 40}, {Key: "sha256", Name: "Its sha256", Kind: table.Code, Width: 40}}}
	for _, f := range s.Files {
		files.Add("", table.Mono(f.Path), table.Str(f.Why), table.Mono(f.Sum))
	}
	fields := &table.Table{ID: "kept-fields", Title: "Fields taken out of this package", Empty: "No field is taken out.", Columns: []table.Column{
		{Key: "of", Name: "Of", Kind: table.Code, Width: 20}, {Key: "field", Name: "Field", Kind: table.Code, Width: 40}, {Key: "values", Name: "Different values", Kind: table.Number, Width: 12}, {Key: "why", Name: "Why", Width: 50}}}
	for _, f := range s.Fields {
		fields.Add("", table.Mono(f.Of), table.Mono(f.Field), table.Int(f.Values), table.Str(f.Why))
	}
	return []table.Block{table.H2("kept-back", "Withheld from this package"),
		table.P("This package was made for ", table.B(s.For), ". What is listed here is withheld from it, as ", table.B(s.By), " decided. The full package holds all of it, and stays with the organisation."),
		table.Grid{Table: files}, table.Grid{Table: fields},
		table.P("Where a value was taken out stands ", table.K("withheld:hmac-sha256:"), " and the first 16 hexadecimal digits of its keyed digest: equal values have equal digits. Values of fewer than four characters are taken out where they stand alone. Text in PDF files is made from the same tables."),
		table.P("The verdicts are those of the full package: they were reached before anything was taken out. The list of the full package, its seal and its signature lie in ", table.K("full/"), ": ", table.K("full/WITHHELD"), " names what is not here, ", table.K("full/ALTERED"), " what is here with something taken out, and everything else is the same byte for byte. A verifier checks that, and so do the commands of VERIFY.txt. When a withheld file is shown to you later, its sha256 must be the one above."),
	}
}
