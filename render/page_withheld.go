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
