package table

import (
	"cmp"
	"slices"
	"strings"

	"exhibit/control"
)

// How a fact turned between two standings.
const (
	Joined = "joined" // it was not there before
	Left   = "left"   // it is not there any more
	Worse  = "worse"  // further from met than before
	Better = "better" // nearer to met than before
	Turned = "changed"
)

// A Turn is one fact that is not the same in two standings.
type Turn struct {
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	Where  string `json:"where,omitempty"`
	How    string `json:"how"`              // joined, left, worse, better or changed
	Before string `json:"before,omitempty"` // "" when it was not there
	After  string `json:"after,omitempty"`  // "" when it is not there any more
	// Was and Is say more about either; for a finding the value that decided.
	Was string `json:"was,omitempty"`
	Is  string `json:"is,omitempty"`

	Item, Of string `json:"-"`

	cell Key
}

// Differ lists what changed from one standing to another, by kind, what is not met
// first. Kinds that either does not tell are left out: nothing is known of them.
func Differ(a, b Standing) []Turn {
	missing := func(kind string) bool { return slices.Contains(a.Missing, kind) || slices.Contains(b.Missing, kind) }
	var out []Turn
	for k, f := range b.Stands {
		if missing(k.Kind) {
			continue
		}
		before, was := a.Stands[k]
		switch {
		case !was:
			out = append(out, Turn{Kind: f.Kind, ID: f.ID, Title: f.Title, Where: f.Where, How: Joined, After: f.State, Is: f.Says, Item: f.Item, Of: f.Of, cell: f.cell})
		case before.State != f.State:
			out = append(out, Turn{Kind: f.Kind, ID: f.ID, Title: f.Title, Where: f.Where, How: howTurned(f.Kind, before.State, f.State), Before: before.State, After: f.State, Was: before.Says, Is: f.Says, Item: f.Item, Of: f.Of, cell: f.cell})
		case f.Kind == StandListing && before.Says != f.Says: // more or fewer items
			out = append(out, Turn{Kind: f.Kind, ID: f.ID, Title: f.Title, Where: f.Where, How: Turned, Before: before.State, After: f.State, Was: before.Says, Is: f.Says, cell: f.cell})
		}
	}
	for k, f := range a.Stands {
		if _, is := b.Stands[k]; !is && !missing(k.Kind) {
			out = append(out, Turn{Kind: f.Kind, ID: f.ID, Title: f.Title, Where: f.Where, How: Left, Before: f.State, Was: f.Says, Item: f.Item, Of: f.Of, cell: f.cell})
		}
	}
	kinds := StandKinds()
	slices.SortFunc(out, func(x, y Turn) int {
		return cmp.Or(slices.Index(kinds, x.Kind)-slices.Index(kinds, y.Kind), howOrder(x.How)-howOrder(y.How),
			urgencyOf(x)-urgencyOf(y), strings.Compare(x.Title, y.Title), strings.Compare(x.ID, y.ID))
	})
	return out
}

func urgencyOf(t Turn) int {
	if t.Kind == StandListing {
		return order(orWord(t.After, t.Before))
	}
	return Urgency(control.Status(orWord(t.After, t.Before)))
}

func howOrder(how string) int {
	return slices.Index([]string{Worse, Better, Turned, Joined, Left}, how)
}

// howTurned tells whether a verdict moved away from met. What is not a verdict has
// only changed.
func howTurned(kind, before, after string) string {
	var x, y int
	switch kind {
	case StandControl, StandCheck, StandFinding:
		x, y = Urgency(control.Status(before)), Urgency(control.Status(after))
	case StandListing:
		x, y = order(before), order(after)
	default:
		return Turned
	}
	switch {
	case y < x:
		return Worse
	case y > x:
		return Better
	}
	return Turned
}

// TurnsTable shows turns of one kind.
func (b *Book) TurnsTable(id, title string, turns []Turn) *Table {
	t := &Table{ID: id, Title: title, Empty: "Nothing of this kind changed.", Columns: []Column{
		{"id", "What", Code, 24}, {"title", "Title", Text, 36}, {"where", "Where", Code, 18},
		{"before", "Before", Status, 16}, {"after", "After", Status, 16}, {"was", "Said before", Text, 24}, {"is", "Says now", Text, 24},
	}}
	for _, x := range turns {
		what := Mono(x.ID).To(b.turnHref(x))
		title := Str(x.Title)
		if x.Kind == StandFinding {
			what, title = Mono(x.Of).To(b.CheckPage(x.Of)), Mono(x.Item).To(b.turnHref(x))
		}
		t.Add("", what, title, Mono(strings.ReplaceAll(x.Where, " ", "\n")), turnWord(x.Kind, x.Before), turnWord(x.Kind, x.After), Str(brief(x.Was)), Str(brief(x.Is)))
	}
	for i := len(t.Columns) - 1; i > 1; i-- {
		if !slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[i].Set }) {
			t.without(i)
		}
	}
	return t
}

// brief is the head of a value: the finding's own row has the whole.
func brief(s string) string {
	const most = 100
	if rs := []rune(s); len(rs) > most {
		return string(rs[:most-1]) + "…"
	}
	return s
}

// turnWord is a state as a verdict has it, or as words where it is none.
func turnWord(kind, state string) Cell {
	if state == "" {
		return Str("not there")
	}
	switch kind {
	case StandControl, StandCheck, StandFinding, StandListing:
		return Word(control.Status(state))
	}
	return Str(state)
}

// turnHref leads to what turned, where this package has it.
func (b *Book) turnHref(x Turn) string {
	switch x.Kind {
	case StandControl:
		return b.ControlPage(x.ID)
	case StandCheck:
		return b.CheckPage(x.ID)
	case StandFinding:
		if i, ok := b.findingAt[x.ID]; ok && x.How != Left {
			if page := b.CheckPage(x.Of); page != "" {
				return PartPath(page, i/PageRows) + "#" + x.ID
			}
		}
	case StandListing:
		return b.CellPage(x.cell)
	case StandPolicy:
		return b.PolicyPage(x.ID)
	case StandPerson:
		return b.PersonHref(x.ID)
	case StandVendor:
		return b.RecordPage("vendor")
	case StandException:
		if b.Exception(x.ID) != nil {
			return b.ExceptionPage(x.ID)
		}
	}
	return ""
}
