package table

import (
	"time"

	"exhibit/control"
)

// A Paper is a page of the site or a document for print: the same blocks give
// both, so that what is printed is what was seen.
type Paper struct {
	Path   string         // page: path from the package's root; document: ""
	ID     string         // what a working paper cites: "CC6.1", "EV-…", "F-…"; "" for none
	Kicker string         // small line over the title: what kind of page this is
	Title  string         //
	Lead   []Span         // one or two sentences under the title
	Status control.Status // "" where the page has none
	Crumbs []Link         // from the start page to the one above; empty on the start page
	Prev   Link           // zero for none
	Next   Link           //
	Blocks []Block
	Cite   string // one line to copy into a working paper; "" for none
	CiteOf string // path of the file that Cite names, for those who cite one line of it; "" for none
	Wide   bool   // wants the whole width of the window; a document is set across
}

// A Link is words and where they lead.
type Link struct{ Text, Href string }

// A Span is a stretch of text in a paragraph.
type Span struct {
	Text   string
	Href   string // link; "" for none
	Strong bool
	Code   bool
	Term   string    // glossary id this explains; the words link to it
	At     time.Time // set: the text is this time
}

// A Block is one part of a paper.
type Block interface{ block() }

type (
	// Heading opens a section. Level is 2 or 3.
	Heading struct {
		Level    int
		ID, Text string
		Page     bool // begins a page of a document
	}
	// Para is a paragraph.
	Para struct{ Spans []Span }
	// List is a list of paragraphs.
	List struct {
		Items   [][]Span
		Ordered bool
	}
	// Facts are names with values.
	Facts struct{ Items []Fact }
	// Grid is a table. Where it is paged Table holds the rows of this page alone:
	// From..To (from 1) of Total.
	Grid struct {
		Table           *Table
		From, To, Total int
		Pages           []Link // all parts; empty when there is one
		Part            int    // from 0
		Downloads       []Link
		Data            string // folder of the whole table's scripts, for a table in parts; "" for none
	}
	// Notice is a boxed sentence: "alarm" (something is wrong), "gap"
	// (something is not known) or "note".
	Notice struct {
		Kind  string
		Title string
		Spans []Span
	}
	// Tally is a row of counts with their words.
	Tally struct{ Items []Count }
	// Life shows what the runs of a period saw, a line for each thing seen. What
	// lies between two runs nobody saw. The same facts stand beside it as a table.
	Life struct {
		ID, Title  string
		Start, End time.Time // of the period
		Days       []LifeDay
		Lines      []LifeLine
	}
	// Matrix shows coverage: a row for each source, a column for each region.
	Matrix struct {
		ID, Title string
		Head      string // over the rows' names; "" is Source
		Columns   []string
		Rows      []MatrixRow
		Off       []string // regions where nothing applies, left out of Columns
	}
	// Pre is text as it is: a command, a JSON line.
	Pre struct {
		ID, Title string // both optional
		Text      string
		Href      string // where the title leads; "" for none
		Says      []Span // a line between title and text; empty for none
		Marks     []int  // lines of Text that matter most, from 0
	}
	// Box is the IPE box.
	Box struct {
		ID         string
		Title      string
		Provenance Provenance
	}
	// Markdown is a policy's text.
	Markdown struct{ Body []byte }
	// Diff is what changed from one text to the next.
	Diff struct {
		Title string
		Lines []DiffLine
	}
	// Files are downloads.
	Files struct{ Items []Link }
	// Fold hides blocks behind a summary on screen; print shows them.
	Fold struct {
		Summary string
		Blocks  []Block
	}
)

// A Count is a number with its word.
type Count struct {
	N      int
	Word   string
	Status control.Status // gives the shape; "" for none
	Href   string
}

// A LifeDay is a day that matters: the first or last one.
type LifeDay struct {
	Word string
	On   time.Time
}

// A LifeLine is one line of a Life.
type LifeLine struct {
	Name  string
	Marks []LifeMark // oldest first
}

// A LifeMark is what one run saw: "open", "none", or "unknown".
type LifeMark struct {
	At    time.Time
	State string
	Says  string
}

// A MatrixRow is one row of a Matrix.
type MatrixRow struct {
	Name, Href string
	Cells      []MatrixCell // one for each column
}

// A MatrixCell is one cell of a Matrix.
type MatrixCell struct {
	Word  string // one of the words of CoverWord; "" where nothing was planned
	Items int
	Of    int // of how many, where Items are a part; 0 where they are all
	Href  string
}

// A DiffLine is one line of a Diff: ' ' kept, '-' gone, '+' new, '@' left out.
type DiffLine struct {
	Kind byte
	Text string
	// Words are the same text in stretches, where a line was changed into
	// another; empty where the whole line is new, gone or kept.
	Words []DiffWord
}

// A DiffWord is a stretch of a changed line.
type DiffWord struct {
	Text    string
	Changed bool
}

func (Heading) block()  {}
func (Para) block()     {}
func (List) block()     {}
func (Facts) block()    {}
func (Grid) block()     {}
func (Notice) block()   {}
func (Tally) block()    {}
func (Strip) block()    {}
func (Matrix) block()   {}
func (Life) block()     {}
func (Pre) block()      {}
func (Box) block()      {}
func (Markdown) block() {}
func (Diff) block()     {}
func (Files) block()    {}
func (Fold) block()     {}

// Line makes spans of strings and Spans, in order.
func Line(parts ...any) []Span {
	out := make([]Span, 0, len(parts))
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			if p != "" {
				out = append(out, Span{Text: p})
			}
		case Span:
			out = append(out, p)
		case []Span:
			out = append(out, p...)
		case time.Time:
			out = append(out, Span{At: p.UTC()})
		default:
			panic("table.Line: a part that is neither a string, a Span nor a time")
		}
	}
	return out
}

// P is a paragraph.
func P(parts ...any) Para { return Para{Line(parts...)} }

// H2 opens a section.
func H2(id, text string) Heading { return Heading{Level: 2, ID: id, Text: text} }

// H3 opens a section below a section.
func H3(id, text string) Heading { return Heading{Level: 3, ID: id, Text: text} }

// A links words to a path from the package's root.
func A(text, href string) Span { return Span{Text: text, Href: href} }

// B is words that matter.
func B(text string) Span { return Span{Text: text, Strong: true} }

// K is code.
func K(text string) Span { return Span{Text: text, Code: true} }

// Term is a word that the glossary explains.
func Term(text, id string) Span { return Span{Text: text, Term: id} }

// Plain is the text of spans.
func Plain(spans []Span) string {
	var s string
	for _, p := range spans {
		if !p.At.IsZero() {
			s += p.At.Format("2006-01-02T15:04:05Z")
		} else {
			s += p.Text
		}
	}
	return s
}
