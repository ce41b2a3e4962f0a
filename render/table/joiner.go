package table

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"exhibit/control"
)

// PersonAnchor is the anchor of one person on the pages of people.
func PersonAnchor(id string) string { return "p-" + Hash(id) }

// PeoplePage is the path of the pages with everyone of the people register.
const PeoplePage = "people-all.html"

// PeoplePart is how many people stand on one of them.
const PeoplePart = 50

// PersonHref leads to a person; "" for one the register does not have.
func (b *Book) PersonHref(id string) string {
	i := slices.IndexFunc(b.People, func(p control.PersonLife) bool { return p.ID == id })
	if i < 0 {
		return ""
	}
	return PartPath(PeoplePage, i/PeoplePart) + "#" + PersonAnchor(id)
}

// people who may stand in a field of a record by their login alone.
var personFields = []string{"sign_off", "signed_by", "tester", "owner", "approved_by", "accepted_by", "reviewer", "reviewed_by", "facilitator", "investigator", "author", "requester", "requested_by", "performed_by", "person"}

// PersonCell is a field of a record; where it names somebody by the register's id, with
// the name and the work that the register gives.
func (b *Book) PersonCell(field string, c Cell) Cell {
	if !slices.Contains(personFields, field) || c.Kind != Text {
		return c
	}
	i := slices.IndexFunc(b.People, func(p control.PersonLife) bool { return p.ID == c.Text })
	if i < 0 || b.People[i].Name == "" {
		return c
	}
	words := b.People[i].Name
	if b.People[i].Title != "" {
		words += ", " + b.People[i].Title
	}
	return Str(words + " (" + c.Text + ")").To(b.PersonHref(c.Text))
}

// LeaversTable lists who left in the period, with until when access was seen and
// what the checks say.
func (b *Book) LeaversTable() *Table {
	t := &Table{ID: "leavers", Title: "Who left in the period", Empty: "By the people register, nobody left in the period.", Columns: []Column{
		{"person", "Person", Text, 22}, {"last_day", "Last day", Date, 12}, {"seen_until", "A run last saw access", Date, 14}, {"gone_by", "First run without", Date, 14},
		{"time_to_revoke", "Time to revoke", Text, 30}, {"record_says", "Removed, by the record", Date, 14}, {"in_time", "In time", Status, 14}, {"used_after", "Used after the last day", Status, 14}, {"access", "What was seen last", Text, 40}, {"registers", "The registers differ", Text, 30},
	}}
	removed := map[string]time.Time{}
	for _, it := range b.Records["offboarding"] {
		if day := timeAt(it, "record.access_removed_on"); day.After(removed[textAt(it, "record.person")]) {
			removed[textAt(it, "record.person")] = day
		}
	}
	left := slices.DeleteFunc(slices.Clone(b.People), func(p control.PersonLife) bool { return !p.Left })
	slices.SortStableFunc(left, func(x, y control.PersonLife) int { // exceptions first
		rank := func(p control.PersonLife) int {
			if b.personWord("leavers-lost-access-in-time", p.ID).Text == string(control.ExceptionIn) || b.personWord("leavers-did-not-use-access", p.ID).Text == string(control.ExceptionIn) {
				return 0
			}
			return 1
		}
		return rank(x) - rank(y)
	})
	differ := false
	for _, p := range left {
		differ = differ || p.Said != ""
		last, gone := p.LastOpen()
		var until, by Cell
		access := Str("no run saw any")
		if last != nil {
			until, access = Day(last.At), Str(strings.Join(openWays(last), "\n"))
		}
		if gone != nil {
			by = Day(gone.At)
		}
		took := timeToRevoke(p)
		if b.toldByRecord(p.ID) {
			took += "\nThat it was in time is told by the record, not observed"
		}
		t.Add(PersonAnchor(p.ID), Str(p.Name).To(b.PersonHref(p.ID)), Day(p.LastDay), until, by, Str(took), Day(removed[p.ID]),
			b.personWord("leavers-lost-access-in-time", p.ID), b.personWord("leavers-did-not-use-access", p.ID), access, Str(p.Said))
	}
	if !differ {
		t.without(len(t.Columns) - 1)
	}
	return t
}

func openWays(s *control.Seeing) (out []string) {
	for _, w := range s.Ways {
		if w.Open {
			out = append(out, w.Identity)
		}
	}
	return out
}

// timeToRevoke is how long after the last day access was there, as far as runs tell.
func timeToRevoke(p control.PersonLife) string {
	days := func(t time.Time) int { return int(t.UTC().Truncate(24*time.Hour).Sub(p.LastDay) / (24 * time.Hour)) }
	n := func(d int) string { return Plural(d, "day", "days") }
	last, gone := p.LastOpen()
	switch {
	case last == nil:
		return "no run saw access"
	case gone == nil && days(last.At) > 0:
		return "more than " + n(days(last.At)) + ": still there at the last run that could tell"
	case gone == nil:
		return "not observed: no run since was answered"
	case days(last.At) > 0:
		return "between " + strconv.Itoa(days(last.At)) + " and " + n(days(gone.At))
	case days(gone.At) <= 0:
		return "gone by the last day"
	}
	return "at most " + n(days(gone.At)) + ", by the runs alone"
}

// personWord is what a check says of a person, with the way to its finding.
func (b *Book) personWord(check, id string) Cell {
	c := b.Check(check)
	if c == nil {
		return Cell{}
	}
	for _, f := range c.Findings {
		if f.Item == id {
			return Word(VerdictStatus(f)).To(b.FindingHref(f))
		}
	}
	return Cell{}
}

// toldByRecord says that a leaver's access was closed in time by the word of a record
// alone: no run lay close enough to see it.
func (b *Book) toldByRecord(id string) bool {
	c := b.Check("leavers-lost-access-in-time")
	return c != nil && slices.ContainsFunc(c.Findings, func(f control.Finding) bool {
		return f.Item == id && f.Verdict == control.Pass && f.Reason == control.ToldByRecord
	})
}

// JoinersTable lists who joined in the period, with when access was seen first.
func (b *Book) JoinersTable() *Table {
	t := &Table{ID: "joiners", Title: "Who joined in the period", Empty: "By the people register, nobody joined in the period.", Columns: []Column{
		{"person", "Person", Text, 22}, {"start", "First day", Date, 12}, {"title", "Work", Text, 26}, {"first_seen", "A run first saw access", Date, 14}, {"access", "What it saw", Text, 40}, {"in_order", "Began and approved in order", Status, 14},
	}}
	for _, p := range b.People {
		if !p.Joined {
			continue
		}
		first, access := Cell{}, Str("no run saw any")
		for i := range p.Seen {
			if p.Seen[i].Open() {
				first, access = Day(p.Seen[i].At), Str(strings.Join(openWays(&p.Seen[i]), "\n"))
				break
			}
		}
		t.Add("", Str(p.Name).To(b.PersonHref(p.ID)), Day(p.Start), Str(p.Title), first, access, b.personWord("joiners-access-in-order", p.ID))
	}
	return t
}

// PeopleTable lists people of the register.
func (b *Book) PeopleTable(people []control.PersonLife) *Table {
	t := &Table{ID: "everyone", Title: "Everyone of the people register", Empty: "There is no people register.", Columns: []Column{
		{"person", "Person", Text, 22}, {"id", "Id", Code, 20}, {"title", "Work", Text, 26}, {"team", "Team", Text, 16}, {"employment", "Engaged as", Text, 12}, {"start", "First day", Date, 12}, {"last_day", "Last day", Date, 12},
		{"access", "Access the newest run saw", Text, 44},
	}}
	for _, p := range people {
		access := Cell{}
		if n := len(p.Seen); n > 0 {
			switch s := &p.Seen[n-1]; {
			case s.Open():
				access = Str(strings.Join(openWays(s), "\n"))
			case s.Known():
				access = Str("none")
			default:
				access = Str("not answered")
			}
		}
		t.Add("", Str(p.Name).To(b.PersonHref(p.ID)), Mono(p.ID), Str(p.Title), Str(p.Team), Str(p.Employment), Day(p.Start), Day(p.LastDay), access)
	}
	return t
}

// SightingsTable is what every run saw of everyone: the life lines as rows.
func (b *Book) SightingsTable(id, title string, people []control.PersonLife) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{
		{"person", "Person", Text, 22}, {"run_of", "Run of", Date, 12}, {"run", "Run", Code, 24}, {"identity", "Identity", Text, 40}, {"seen", "Seen", Text, 16}, {"with", "With", Text, 34}, {"last_use", "Last use AWS tells of", Time, 21},
	}}
	for _, p := range people {
		for _, s := range p.Seen {
			run := Mono(s.Run).To(b.RunHref(s.Run))
			for _, w := range s.Ways {
				seen := "open"
				if !w.Open {
					seen = "there, and closed"
				}
				t.Add("", Str(p.Name), Day(s.At), run, Str(w.Identity), Str(seen), Str(w.With), At(w.LastUse))
			}
			switch {
			case !s.Known():
				t.Add("", Str(p.Name), Day(s.At), run, Cell{}, Str("not answered"), Str(strings.Join(s.Unknown, "; ")), Cell{})
			case len(s.Ways) == 0:
				t.Add("", Str(p.Name), Day(s.At), run, Cell{}, Str("none"), Cell{}, Cell{})
			}
		}
	}
	return t
}

// LifeOf is a person's life line; nothing is drawn of somebody no run saw.
func (b *Book) LifeOf(p control.PersonLife) Life {
	l := Life{ID: "life-" + Hash(p.ID), Title: "Access of " + p.Name + " at each run", Start: b.Engagement.Period.Start, End: b.Engagement.Period.End}
	if p.Joined {
		l.Days = append(l.Days, LifeDay{"first day", p.Start})
	}
	if p.Left {
		l.Days = append(l.Days, LifeDay{"last day", p.LastDay})
	}
	var names []string
	for _, s := range p.Seen {
		for _, w := range s.Ways {
			if !slices.Contains(names, w.Identity) {
				names = append(names, w.Identity)
			}
		}
	}
	for _, name := range names {
		line := LifeLine{Name: name}
		for _, s := range p.Seen {
			m := LifeMark{At: s.At, State: "none", Says: "not there"}
			for _, w := range s.Ways {
				if w.Identity == name && w.Open {
					m.State, m.Says = "open", "open"
					if w.With != "" {
						m.Says += ": " + w.With
					}
				} else if w.Identity == name {
					m.Says = "there, and closed"
				}
			}
			if m.State == "none" && !s.Known() {
				m.State, m.Says = "unknown", "not answered"
			}
			line.Marks = append(line.Marks, m)
		}
		l.Lines = append(l.Lines, line)
	}
	return l
}
