package control

import (
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"exhibit/evidence"
)

// reads are what one evaluation read of the lists its check names in with: the
// whole of a list, or single lookups with what they gave. A verdict made of lookups
// alone holds at another run where the same lookups give the same.
type reads struct {
	whole []string // variables
	few   []lookedUp
}

// A lookup is a question to a list that its index answers.
type lookup struct {
	variable, what      string
	path, text, account string
	inOne               bool // account counts
}

type lookedUp struct {
	lookup
	gave []answered
}

// answered is one element of what a lookup gave: an item, or a value in words.
type answered struct {
	item            *evidence.Item
	account, region string
	words           string
}

func (r *reads) readWhole(variable string) {
	if !slices.Contains(r.whole, variable) {
		r.whole = append(r.whole, variable)
	}
}

// looked takes down what a lookup gave. An item of which nobody can say at another
// run that it is the same makes it as if the whole list were read.
func looked(list traits.Lister, l lookup, gave ...ref.Val) {
	p, is := list.(*population)
	if !is || p.reads == nil {
		return
	}
	l.variable = p.name
	if slices.ContainsFunc(p.reads.few, func(have lookedUp) bool { return have.lookup == l }) {
		return
	}
	out := lookedUp{lookup: l}
	for _, v := range gave {
		switch v := v.(type) {
		case *object:
			if v.of == nil || v.of.shared == nil {
				p.reads.readWhole(p.name)
				return
			}
			out.gave = append(out.gave, answered{item: v.of.shared, account: v.of.account, region: v.of.region})
		case *types.Unknown:
			for _, cause := range causes(v) {
				out.gave = append(out.gave, answered{words: "unknown: " + cause})
			}
		case types.Bool:
			out.gave = append(out.gave, answered{words: map[types.Bool]string{true: "true", false: "false"}[v]})
		default:
			p.reads.readWhole(p.name)
			return
		}
	}
	p.reads.few = append(p.reads.few, out)
}

// unread is a list to look through without reading the whole of it, as far as an
// evaluation is concerned: whoever looks takes down what it gave.
func unread(list traits.Lister) traits.Lister {
	if p, is := list.(*population); is {
		return p.Lister
	}
	return list
}

func (p *population) touch() {
	if p.reads != nil {
		p.reads.readWhole(p.name)
	}
}

// Iterator, and what follows, read the whole list.
func (p *population) Iterator() traits.Iterator { p.touch(); return p.Lister.Iterator() }

// Get gives one element, by its place in the list.
func (p *population) Get(index ref.Val) ref.Val { p.touch(); return p.Lister.Get(index) }

// Size counts the elements.
func (p *population) Size() ref.Val { p.touch(); return p.Lister.Size() }

// Contains looks for an element.
func (p *population) Contains(v ref.Val) ref.Val { p.touch(); return p.Lister.Contains(v) }

// Equal compares lists.
func (p *population) Equal(other ref.Val) ref.Val { p.touch(); return p.Lister.Equal(other) }

// Add joins lists.
func (p *population) Add(other ref.Val) ref.Val { p.touch(); return p.Lister.Add(other) }

// Value is the list as Go has it.
func (p *population) Value() any { p.touch(); return p.Lister.Value() }

// sameReads reports whether what a decision read of a list is the same in it now.
func (r *reads) sameReads(variable string, now any) bool {
	p, is := now.(*population)
	if r == nil || !is || slices.Contains(r.whole, variable) {
		return false
	}
	for _, l := range r.few {
		if l.variable == variable && !slices.Equal(l.gave, p.again(l.lookup)) {
			return false
		}
	}
	return true
}

// again asks a lookup of another list.
func (p *population) again(l lookup) []answered {
	mine := &population{Lister: p.Lister, name: l.variable, reads: &reads{}, from: p}
	text := types.String(l.text)
	switch l.what {
	case "where":
		where(mine, types.String(l.path), text)
	case "named":
		account := ref.Val(nil)
		if l.inOne {
			account = types.String(l.account)
		}
		named(mine, text, account)
	case "called":
		called(mine, text)
	case "bucketNamed":
		bucketNamed(mine, text)
	}
	if len(mine.reads.whole) > 0 || len(mine.reads.few) != 1 {
		return []answered{{words: "not answered"}}
	}
	return mine.reads.few[0].gave
}
