package control

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A PersonLife is one entry of the people register with what every run of the
// period saw of the person's access.
type PersonLife struct {
	Located
	ID, Name, Title, Team, Employment string
	Start                             time.Time // zero when not known
	LastDay                           time.Time // by whichever register says the earliest; zero while the person works here
	Said                              string    // how the registers differ about the last day; "" when they do not
	Joined, Left                      bool      // within the period
	Seen                              []Seeing  // oldest first
}

// A Seeing is what one run saw of a person's identities.
type Seeing struct {
	Run     string
	At      time.Time
	Ways    []Way
	Unknown []string // what could not be looked at; empty when all could
}

// A Way is one identity as a run saw it.
type Way struct {
	Identity string // "IAM user jan in 111122223333"
	Open     bool   // something opens it
	With     string // what, or the accounts it leads to; "" where nothing does
	LastUse  time.Time
}

// lives are all people of the register, those who left in the period first, the
// last first; then those who joined; then by name.
func (w *world) lives() []PersonLife {
	if len(w.items("record/person")) == 0 {
		return nil
	}
	in := w.looking()
	who := Check{Of: "iam/credential", With: map[string]string{"directory": "identitystore/user", "assignments": "sso/assignment"}}
	in.AsOf, in.CountedTo, in.At = w.dayOf(who)
	for _, b := range w.before {
		if b.looksAt(who) { // a capture leaves who can get in as the run before was told
			in.Past = append(in.Past, b.looking())
		}
	}
	staff := in.staff()
	look := newLookout(in, staff.claims)
	var out []PersonLife
	for _, it := range in.Of.Items {
		p := staff.person(it)
		it.Shared = nil // of use while a period is judged, and no part of the report
		l := PersonLife{Located: it, ID: p.text("id"), Name: cmp.Or(p.text("name"), p.text("id")), Title: p.text("title"), Team: p.text("team"), Employment: cmp.Or(p.text("employment"), "employee"), Start: p.day("start")}
		l.LastDay, l.Said = lastDay(p, w.items("record/offboarding"), staff.hr(p))
		l.Joined, l.Left = w.period.within(l.Start), w.period.within(l.LastDay)
		for _, s := range look.sees(p) {
			seen := Seeing{Run: s.Run, At: s.At, Unknown: s.unknown}
			told := map[string]bool{}
			for _, way := range s.ways {
				if told[way.key()] { // a member account lists the organization's directory too
					continue
				}
				told[way.key()] = true
				v := Way{Identity: way.identity(), Open: way.open, With: strings.Join(way.with, ", ")}
				for _, u := range way.used {
					if u.at.After(v.LastUse) {
						v.LastUse = u.at
					}
				}
				seen.Ways = append(seen.Ways, v)
			}
			l.Seen = append(l.Seen, seen)
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, byLeaving)
	return out
}

// byLeaving is the order of lives: see Report.People.
func byLeaving(a, b PersonLife) int {
	rank := func(l PersonLife) int {
		switch {
		case l.Left:
			return 0
		case l.Joined:
			return 1
		}
		return 2
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch rank(a) {
	case 0:
		if c := b.LastDay.Compare(a.LastDay); c != 0 {
			return c
		}
	case 1:
		if c := b.Start.Compare(a.Start); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

// looking is what a look at people reads of one run.
func (w *world) looking() joining {
	in := joining{Of: w.listing("record/person"), With: map[string]listing{}, Params: written{}, Period: w.period, AsOf: w.asOf, At: w.runAt(), CountedTo: w.countedTo, Run: w.Run}
	for v, source := range map[string]string{"credentials": "iam/credential", "directory": "identitystore/user", "assignments": "sso/assignment", "groups": "identitystore/group", "members": memberSource,
		"identities": "record/identity", "hr": "record/hr-person", "offboarding": "record/offboarding"} {
		in.With[v] = w.listing(source)
	}
	return in
}

// Open reports whether a run saw anything that could be entered.
func (s Seeing) Open() bool {
	return slices.ContainsFunc(s.Ways, func(w Way) bool { return w.Open })
}

// Known reports whether everything could be looked at.
func (s Seeing) Known() bool { return len(s.Unknown) == 0 }

// LastOpen is the last run that saw access, and Gone the first one after it that
// saw none and could look everywhere; nil where there is none.
func (l PersonLife) LastOpen() (last, gone *Seeing) {
	for i := range l.Seen {
		switch s := &l.Seen[i]; {
		case s.Open():
			last, gone = s, nil
		case s.Known() && gone == nil && last != nil:
			gone = s
		}
	}
	return last, gone
}
