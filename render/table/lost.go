package table

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/control"
)

// A Loss is a part of the period no run tells of, with the places that have it alike.
type Loss struct {
	control.Retention
	control.Lost
	Places []Key // without source
}

// Losses brings together what was lost at several places alike, those of the same
// source and time.
func (b *Book) Losses() []Loss {
	var out []Loss
	for _, r := range b.Reaches {
		for _, l := range r.Lost {
			same := func(x Loss) bool {
				return x.Source == r.Source && x.From.Equal(l.From) && x.Until.Equal(l.Until) && x.After == l.After && x.Before == l.Before && slices.Equal(x.Refused, l.Refused)
			}
			at := Key{Account: r.Account, Region: r.Region}
			if i := slices.IndexFunc(out, same); i >= 0 {
				out[i].Places = append(out[i].Places, at)
				continue
			}
			out = append(out, Loss{r.Retention, l, []Key{at}})
		}
	}
	slices.SortStableFunc(out, func(x, y Loss) int { return x.From.Compare(y.From) })
	return out
}

// LossTable lists losses: what, when, and why.
func (b *Book) LossTable(losses []Loss) *Table {
	t := &Table{ID: "lost", Title: "Parts of the period nobody can speak for", Empty: "No part of the period is lost, for none of these sources.", Columns: []Column{
		{"source", "Source", Code, 24}, {"from", "From", Date, 12}, {"until", "Until", Date, 12}, {"days", "Days", Number, 6},
		{"after", "Run before", Code, 22}, {"before", "Next run", Code, 22}, {"why", "Why", Text, 30}, {"places", "In", Text, 34},
	}}
	for _, l := range losses {
		why := l.Keeper() + " keeps them for " + Plural(l.Days, "day", "days")
		if !l.Deleted {
			why = "not asked for: a run asks for " + Plural(l.Asked, "day", "days")
		}
		for i, r := range l.Refused {
			if i == 0 {
				why += "; not answered:"
			}
			why += "\n" + r
		}
		after, before := Mono(l.After).To(b.RunHref(l.After)), Mono(l.Before).To(b.RunHref(l.Before))
		if l.After == "" {
			after = Str("none in the period")
		}
		if l.Before == "" {
			before = Str("none yet")
		}
		t.Add("", Mono(l.Source).To(b.SourcePage(l.Source)), Day(l.From), Day(l.Until), Int(daysOf(l.Lost)), after, before, Str(why), Str(placesInWords(l.Places)))
	}
	return t
}

// placesInWords names the regions of each account, or how many they are.
func placesInWords(places []Key) string {
	var accounts []string
	regions := map[string][]string{}
	for _, p := range places {
		if regions[p.Account] == nil {
			accounts = append(accounts, p.Account)
		}
		regions[p.Account] = append(regions[p.Account], p.Region)
	}
	for i, a := range accounts {
		in := strings.Join(regions[a], ", ")
		if n := len(regions[a]); n > 2 {
			in = Plural(n, "region", "regions")
		}
		accounts[i] = strings.TrimPrefix(a+": "+in, ": ")
	}
	if n := len(accounts); n > 10 {
		return strings.Join(accounts[:9], "\n") + fmt.Sprintf("\nand %d more accounts", n-9)
	}
	return strings.Join(accounts, "\n")
}

// daysOf is how long a part is, in days begun.
func daysOf(l control.Lost) int {
	return int((l.Until.Sub(l.From) + 24*time.Hour - 1) / (24 * time.Hour))
}

// RetentionTable lists the sources whose answers the provider deletes: how long it
// keeps them, how often they were asked, and how far the answers reach.
func (b *Book) RetentionTable() *Table {
	t := &Table{ID: "kept", Title: "What is deleted, and how far the runs go", Columns: []Column{
		{"source", "Source", Code, 24}, {"kept", "What is kept", Text, 50}, {"runs", "Runs answered", Text, 14}, {"told_to", "Told up to", Time, 21},
		{"lost_days", "Days lost", Number, 10}, {"next", "Next loss", Date, 12}, {"gone", "Only in earlier runs", Number, 12}, {"document", "Said in", Code, 40},
	}}
	for i := 0; i < len(b.Reaches); {
		n := i
		for n < len(b.Reaches) && b.Reaches[n].Source == b.Reaches[i].Source {
			n++
		}
		least, most, lost := b.Reaches[i].Runs, b.Reaches[i].Runs, 0
		var told, next time.Time
		for _, r := range b.Reaches[i:n] {
			least, most = min(least, r.Runs), max(most, r.Runs)
			days := 0
			for _, l := range r.Lost {
				days += daysOf(l)
			}
			lost = max(lost, days)
			if told.IsZero() || r.SeenTo.Before(told) {
				told = r.SeenTo
			}
			if !r.Next.IsZero() && (next.IsZero() || r.Next.Before(next)) {
				next = r.Next
			}
		}
		runs := fmt.Sprint(least)
		if least != most {
			runs = fmt.Sprintf("%d to %d", least, most)
		}
		k := b.Reaches[i].Retention
		t.Add("", Mono(k.Source).To(b.SourcePage(k.Source)), Str(k.Says), Str(runs), At(told), Int(lost), Day(next), Int(len(b.Gone[k.Source])), Mono(k.Doc))
		i = n
	}
	return t
}

// SeenBeforeTable lists items that only earlier runs saw, each with the leaves it had
// when it was seen last.
func (b *Book) SeenBeforeTable(gone []control.Sighting, paths []string) *Table {
	items := make([]control.Located, len(gone))
	for i, s := range gone {
		items[i] = s.Located
	}
	t := b.ItemsTable("gone", "Seen by earlier runs of the period, and not listed any more", items, paths, true)
	t.Note = "They belong to the period all the same. Each is shown as the last run that saw it did."
	t.Columns = append(t.Columns, Column{"first_seen", "First seen", Time, 21}, Column{"last_seen", "Last seen", Time, 21}, Column{"last_run", "In run", Code, 22})
	for i, s := range gone {
		t.Rows[i].Cells = append(t.Rows[i].Cells, At(s.FirstSeen), At(s.LastSeen), Mono(s.Last).To(b.RunHref(s.Last)))
	}
	return t
}
