package control

import (
	"slices"
	"strings"
	"time"
)

// A Bridge is what a source with a memory of its own says of a time in which no
// run looked: AWS Config's history of a resource or a rule's evaluations, or an
// event of CloudTrail. It was asked afterwards, so it has a capture time of its
// own; an interval it covers is drawn and worded as bridged, never as observed,
// and stays in the ledger.
type Bridge struct {
	Via             string // "AWS Config history", "AWS Config rule compliance", "CloudTrail"
	Account, Region string
	Source, Item    string   // what it is about, as findings name it
	Checks          []string // whose question it speaks to

	From, To time.Time // the time it speaks of, no later than Captured; the same for an event
	Status   Status    // Met, ExceptionIn, NotThere; "" where it does not say
	Says     string    // in words, with the value
	Captured time.Time // when the source was asked
	Sum      bool      // it speaks of several resources together, and of none by name
	Evidence Pointer
}

// bridges are all that the evidence of the looks holds.
func bridges(lib *Library, looked []*world) []Bridge {
	return append(trailBridges(looked), configBridges(lib, looked)...)
}

// bridge hangs each bridge on the intervals it overlaps, of the checks it speaks to
// and of the controls that name them.
func (l *Ledger) bridge(lib *Library, list []Bridge) {
	slices.SortStableFunc(list, func(a, b Bridge) int { return a.From.Compare(b.From) })
	l.Bridges = list
	for _, b := range list {
		for i := range l.Checks {
			if n := &l.Checks[i]; slices.Contains(b.Checks, n.ID) {
				n.span(b)
			}
		}
		for i, c := range lib.Controls {
			if slices.ContainsFunc(c.Checks, func(name string) bool { return slices.Contains(b.Checks, name) }) {
				l.Controls[i].span(b)
			}
		}
	}
}

// Event reports whether it tells of a moment, not of a time.
func (b Bridge) Event() bool { return b.From.Equal(b.To) }

// about reports whether it may speak of an item: its name, or the end of its ARN; or
// where the item is an account or a region itself, whatever is in it.
func (b Bridge) about(it ItemLine) bool {
	if b.Sum || b.Account != "" && it.Account != "" && b.Account != it.Account {
		return false
	}
	if it.Item == it.Account || it.Item == (place{it.Account, it.Region}).String() {
		return it.Region == "" || it.Region == "global" || b.Region == "" || b.Region == it.Region
	}
	ends := func(long, short string) bool {
		return strings.HasSuffix(long, "/"+short) || strings.HasSuffix(long, ":"+short)
	}
	return b.Item == "" || it.Item == b.Item || ends(it.Item, b.Item) || ends(b.Item, it.Item)
}

func (n *Line) span(b Bridge) {
	for i := range n.Intervals {
		if v := &n.Intervals[i]; b.From.Before(v.To) && v.From.Before(b.To) || b.From.Equal(b.To) && !b.From.Before(v.From) && b.From.Before(v.To) {
			v.Bridges = append(v.Bridges, b)
		}
	}
}
