package table

import (
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence"
)

// A Standing is how things stood at one run: what exhibit diff compares. A report
// gives the standing at each of its runs; a package holds that of its newest, in
// data/standing.jsonl, data/findings.jsonl and data/coverage.jsonl.
type Standing struct {
	Organisation, Period string
	Run, Commit          string
	At                   time.Time
	Stands               map[StandKey]Stand
	// Missing are kinds that are not told: a package of an older exhibit.
	Missing []string
}

// A StandKey names one: its kind and its id.
type StandKey struct{ Kind, ID string }

// A Stand is one thing that was so at a run. As a line of data/standing.jsonl:
//
//	{"id":"AC-01","kind":"control","says":"20 items: 4 fail","state":"Exception","title":"Multi-factor authentication"}
type Stand struct {
	Kind  string `json:"kind"` // one of StandKinds
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
	Where string `json:"where,omitempty"` // account and region
	State string `json:"state"`
	Says  string `json:"says,omitempty"` // more about the state
	Item  string `json:"item,omitempty"` // of a finding
	Of    string `json:"of,omitempty"`   // of a finding: its check

	cell Key // of a listing
}

// The kinds, in the order they are shown.
const (
	StandControl   = "control"
	StandCheck     = "check"
	StandFinding   = "finding"
	StandListing   = "listing"
	StandPolicy    = "policy"
	StandPerson    = "person"
	StandVendor    = "vendor"
	StandException = "exception"
)

// StandKinds are all of them.
func StandKinds() []string {
	return []string{StandControl, StandCheck, StandFinding, StandListing, StandPolicy, StandPerson, StandVendor, StandException}
}

// Put adds one.
func (s *Standing) Put(f Stand) {
	if s.Stands == nil {
		s.Stands = map[StandKey]Stand{}
	}
	s.Stands[StandKey{f.Kind, f.ID}] = f
}

// NewestLook is the place of the report's own run among its looks; -1 for none.
func (b *Book) NewestLook() int { return len(b.Ledger.Looks) - 1 }

// LookOf is the place of a run among the looks of the period, by its name; -1 for
// a run that is none of them.
func (b *Book) LookOf(run string) int {
	return slices.IndexFunc(b.Ledger.Looks, func(k control.Look) bool { return k.Run == run })
}

// LastPackage is the newest earlier run that a package is made of: one that asked
// everything, not only what would be lost. -1 when there is none in the period.
func (b *Book) LastPackage() int {
	part := map[string]bool{}
	for _, r := range b.Runs {
		part[r.Run.Name] = len(r.Run.Only) > 0
	}
	for i := b.NewestLook() - 1; i >= 0; i-- {
		if !part[b.Ledger.Looks[i].Run] {
			return i
		}
	}
	return -1
}

// StandingAt is the standing at a look. Findings that were the same at every run
// are left out where moved is set: between two looks of one report they change
// nothing, and they are most of all.
func (b *Book) StandingAt(look int, moved bool) Standing {
	k := b.Ledger.Looks[look]
	s := Standing{Organisation: b.Engagement.Organisation, Period: b.Engagement.Period.String(), Run: k.Run, Commit: k.Commit, At: k.At}
	if look == b.NewestLook() {
		s.Commit = b.Commit // with what people wrote since
	}
	for i := range b.Ledger.Controls {
		n := &b.Ledger.Controls[i]
		if at := sightAt(n, look); at != nil {
			title := ""
			if c := b.Control(n.ID); c != nil {
				title = c.Control.Title
			}
			s.Put(Stand{Kind: StandControl, ID: n.ID, Title: title, State: string(at.Status), Says: countWords(at.Counts)})
		}
	}
	for i := range b.Ledger.Checks {
		n := &b.Ledger.Checks[i]
		at := sightAt(n, look)
		if at == nil {
			continue
		}
		r := b.Check(n.ID)
		if r == nil {
			continue
		}
		s.Put(Stand{Kind: StandCheck, ID: n.ID, Title: r.Check.Says, State: string(at.Status), Says: countWords(at.Counts)})
		b.findingsAt(&s, n, r, at.Look, moved)
	}
	b.listingsAt(&s, k)
	b.writtenAt(&s, k)
	return s
}

// sightAt is what the last look that asked about a line saw, up to a look.
func sightAt(n *control.Line, look int) *control.Sight {
	for i := len(n.Sights) - 1; i >= 0; i-- {
		if n.Sights[i].Look <= look {
			return &n.Sights[i]
		}
	}
	return nil
}

func countWords(n control.Counts) string {
	if n.Population == 0 {
		return "no item"
	}
	return strings.TrimSuffix(Plural(n.Population, "item", "items")+": "+n.Open(), ": ")
}

func (b *Book) findingsAt(s *Standing, n *control.Line, r *control.CheckResult, look int, moved bool) {
	put := func(account, region, source, item, state string, value any) {
		f := control.Finding{Check: n.ID, Account: account, Region: region, Source: source, Item: item}
		says := ""
		if value != nil {
			says = ValueLines(value)
		}
		s.Put(Stand{Kind: StandFinding, ID: FindingID(f), Title: n.ID + ": " + item, Where: placeWords(account, region), State: state, Says: says, Item: item, Of: n.ID})
	}
	type place struct{ account, region, source, item string }
	changed := map[place]bool{}
	for _, it := range n.Items {
		changed[place{it.Account, it.Region, it.Source, it.Item}] = true
		var at *control.Spell // the last spell that saw it, up to the look
		for i := range it.Spells {
			if p := &it.Spells[i]; p.First <= look && p.Status != control.NotSeen {
				at = p
			}
		}
		if at == nil || at.Status == control.NotThere {
			continue
		}
		value := at.Closing
		if value == nil || at.First == look {
			value = at.Opening
		}
		put(it.Account, it.Region, it.Source, it.Item, string(at.Status), value)
	}
	if moved {
		return
	}
	for _, f := range r.Findings {
		if !changed[place{f.Account, f.Region, f.Source, f.Item}] {
			put(f.Account, f.Region, f.Source, f.Item, string(VerdictStatus(f)), f.Value)
		}
	}
}

func placeWords(account, region string) string {
	switch {
	case account == "":
		return region
	case region == "":
		return account
	}
	return account + " " + region
}

// listingsAt are the cells as the runs up to a look left them; what does not apply
// is left out.
func (b *Book) listingsAt(s *Standing, k control.Look) {
	at := map[Key]evidence.Cell{}
	for _, r := range b.Runs {
		for _, c := range r.Cells {
			at[KeyOf(c)] = c
		}
		if r.Run.Name == k.Run {
			break
		}
	}
	for key, c := range at {
		if CoverWord(c.State) != CoverNA {
			s.Put(ListingStand(key, c))
		}
	}
}

// ListingStand is a cell as a Stand.
func ListingStand(k Key, c evidence.Cell) Stand {
	return Stand{Kind: StandListing, ID: EvidenceID(k), Title: k.Source, Where: placeWords(k.Account, k.Region), State: CoverWord(c.State), Says: Plural(c.Items, "item", "items"), cell: k}
}

// writtenAt is what people had written by a look.
func (b *Book) writtenAt(s *Standing, k control.Look) {
	for _, d := range b.Documents {
		for _, v := range d.Versions { // newest first
			if v.Version != "" && !v.CommittedAt.After(k.At) {
				s.Put(Stand{Kind: StandPolicy, ID: d.ID, Title: d.Title, State: "version " + v.Version,
					Says: "effective " + dayWord(v.Effective) + ", approved by " + orWord(v.ApprovedBy, "nobody") + " on " + dayWord(v.ApprovedOn)})
				break
			}
		}
	}
	for _, p := range b.People {
		switch {
		case p.Start.After(k.At):
		case !p.LastDay.IsZero() && !p.LastDay.After(k.At):
			s.Put(Stand{Kind: StandPerson, ID: p.ID, Title: p.Name, State: "left", Says: "last day " + dayWord(p.LastDay)})
		default:
			s.Put(Stand{Kind: StandPerson, ID: p.ID, Title: p.Name, State: "works here", Says: "first day " + dayWord(p.Start)})
		}
	}
	for _, it := range b.Records["vendor"] {
		if x := b.Sealing("vendor", it.ID); x != nil && x.At.After(k.At) {
			continue
		}
		id := orWord(textAt(it, "record.id"), it.ID)
		reviewed := time.Time{}
		for _, r := range b.Records["vendor-review"] {
			if day := timeAt(r, "record.date"); textAt(r, "record.vendor") == id && !day.After(k.At) && day.After(reviewed) {
				reviewed = day
			}
		}
		state := NeverReviewed
		if !reviewed.IsZero() {
			state = "reviewed " + dayWord(reviewed)
		}
		if end := timeAt(it, "record.ended"); !end.IsZero() && !end.After(k.At) {
			state = "ended " + dayWord(end)
		}
		s.Put(Stand{Kind: StandVendor, ID: id, Title: textAt(it, "record.name"), State: state})
	}
	for i := range b.Exceptions {
		e := &b.Exceptions[i]
		for _, l := range e.Life {
			if l.Run != k.Run {
				continue
			}
			state := "counts"
			if l.Void != "" {
				state = "counts for nothing"
			}
			s.Put(Stand{Kind: StandException, ID: e.ID, Title: "exception to " + e.Check, State: state, Says: l.Void})
		}
	}
}

func dayWord(t time.Time) string {
	if t.IsZero() {
		return "a day not stated"
	}
	return t.UTC().Format(time.DateOnly)
}

func orWord(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
