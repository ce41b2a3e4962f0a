package table

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/control"
)

// inventory*.go are the lists auditors ask for over many services at once. They
// say what AWS answered and judge nothing: where a question was not answered the
// cell says so, and where a service is not collected no row can stand for it,
// which is why each inventory names the sources it is made of.

// An Inventory is one of them.
type Inventory struct {
	ID      string   // "encryption": also its page and its file
	Title   string   //
	Folder  string   // of artifacts/
	Lead    string   // one sentence for a CPA
	Sources []string // what it is made of
	Table   func(*Book) *Table
}

// Inventories lists them in the order of the site.
func Inventories() []Inventory {
	return []Inventory{
		{"encryption", "Encryption inventory", "CC6-encryption", "What is stored in AWS, whether it is encrypted, with which key, and what that key is for.", encryptionSources(), (*Book).EncryptionTable},
		{"certificates", "TLS certificates", "CC6-encryption", "Certificates AWS holds for the organisation, soonest to expire first.", []string{"acm/certificate", "iam/server-certificate"}, (*Book).CertificatesTable},
		{"firewall", "Firewall rules", "CC6-network", "Every rule that lets traffic into a security group, those open to the internet first, with the reason people wrote down.", []string{"ec2/security-group-rule", "ec2/security-group"}, (*Book).FirewallTable},
		{"logs", "Log sources", "CC7-monitoring", "What writes logs, where they go, and how long they are kept.", logSources(), (*Book).LogsTable},
		{"backups", "Backup coverage", "A1-availability", "Every resource that holds data, the newest copy of it that AWS knows, and how old that copy was.", backupSources(), (*Book).BackupsTable},
	}
}

// dig goes down a JSON value by names; a number is an index of a list.
func dig(v any, path ...string) any {
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i := 0
			if _, err := fmt.Sscan(p, &i); err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// textAt is a text at "Operation.path.of.names"; "" where there is none.
func textAt(it control.Located, path string) string {
	switch v := dig(any(it.Answers), strings.Split(path, ".")...).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	return ""
}

func listAt(it control.Located, path string) []any {
	l, _ := dig(any(it.Answers), strings.Split(path, ".")...).([]any)
	return l
}

// refused says why a question about an item has no answer; "" when it has one.
func refused(it control.Located, path string) string {
	op, _, _ := strings.Cut(path, ".")
	if g, ok := it.Gap(op); ok {
		return "not answered: " + g.Code
	}
	if _, ok := it.Answers[op]; !ok {
		return "not asked"
	}
	return ""
}

// said is a leaf as a cell: what was answered, "not answered", or empty where AWS sent nothing.
func said(it control.Located, path string) Cell {
	if why := refused(it, path); why != "" {
		return Str("(" + why + ")")
	}
	return Str(textAt(it, path))
}

// timeAt reads a time or a day; zero where there is none.
func timeAt(it control.Located, path string) time.Time {
	s := textAt(it, path)
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// itemCellOf is an item's id, leading to where its whole answer is shown.
func (b *Book) itemCellOf(it control.Located) Cell {
	return Mono(it.ID).To(b.ItemHref(Key{it.Account, it.Region, it.Source}, it.ID))
}

// missingSources are those of an inventory that no run planned: what they would
// list cannot be in it.
func (b *Book) missingSources(sources []string) []string {
	var out []string
	for _, s := range sources {
		if !slices.Contains(b.sources, s) {
			out = append(out, s)
		}
	}
	return out
}

// inventory is a table with the note that every inventory has.
func (b *Book) inventory(id, title string, sources []string, columns ...Column) *Table {
	t := &Table{ID: "inventory-" + id, Title: title, Columns: columns, Empty: "None was listed."}
	if missing := b.missingSources(sources); len(missing) > 0 {
		t.Note = "Not in it, because no run has asked: " + strings.Join(missing, ", ") + "."
	}
	return t
}
