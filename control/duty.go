package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Duty is something that must be done by a day: by people, or by the program
// that collects. The calendar is all duties of the period, done and to come.
type Duty struct {
	// ID is the same in every report, also when the day moves: "policy/access-control/next".
	ID   string
	Kind string // capture, run, policy, access-review, vendor-review, exception, tabletop, incident, record, expiry, audit
	Ref  string // id of the policy, vendor, exception …
	What string // "Review the access control policy"
	Who  string // a role or a name; "" when nobody is named
	From time.Time
	On   time.Time // the last day it may be done; From is set where it is done in a span of days, such as a week
	Done time.Time // zero when it is not done
	By   string    // the record or run that did it
	Why  string    // the rule, or what decided
	// Lapsed says that it cannot be made good any more.
	Lapsed bool
	State  DutyState
}

// DutyState says how a duty stands on the day of the report.
type DutyState string

// The states of a duty.
const (
	DutyOverdue  DutyState = "overdue" // its day is over, and it is still to be done
	DutyMissing  DutyState = "missing" // its time is over, and nothing shows that it was done
	DutyLate     DutyState = "done late"
	DutyDone     DutyState = "done"
	DutyUpcoming DutyState = "upcoming"
	DutyDay      DutyState = "a day to know" // nothing shows whether it was kept
)

// calendar are the duties of the period, by day: what was done and when, what was
// not, and what is to come up to the end of the period and the audit's fieldwork.
func calendar(lib *Library, w *world, r *Report) []Duty {
	c := &duties{lib: lib, w: w, report: r, today: midnight(w.asOf), names: map[string]string{}}
	for _, it := range w.items("record/person") {
		p := recordOf(it)
		c.names[p.text("id")] = p.text("name")
	}
	c.captures()
	c.evidenceRuns()
	c.records()
	c.policies()
	c.vendors()
	c.exceptions()
	c.tabletop()
	c.incidents()
	c.leavers()
	c.followUps()
	c.expiries()
	c.audit()
	for i := range c.list {
		c.list[i].Who = cmp.Or(c.names[c.list[i].Who], c.list[i].Who)
	}
	slices.SortStableFunc(c.list, func(a, b Duty) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.ID, b.ID))
	})
	return c.list
}

type duties struct {
	lib    *Library
	w      *world
	report *Report
	today  time.Time
	names  map[string]string // of people, by id
	list   []Duty
}

// add takes down a duty, and says how it stands where nobody said so.
func (c *duties) add(d Duty) {
	if d.On.IsZero() {
		return
	}
	if d.On = midnight(d.On); d.On.After(c.last()) {
		return
	}
	switch {
	case d.State != "":
	case !d.Done.IsZero() && midnight(d.Done).After(d.On):
		d.State = DutyLate
	case !d.Done.IsZero():
		d.State = DutyDone
	case !d.On.Before(c.today):
		d.State = DutyUpcoming
	case d.Lapsed:
		d.State = DutyMissing
	default:
		d.State = DutyOverdue
	}
	c.list = append(c.list, d)
}

// last is the day up to which duties to come are listed.
func (c *duties) last() time.Time {
	return later(later(c.w.period.End.AddDate(0, 0, graceDays), c.report.Engagement.Fieldwork), c.today.Add(horizon))
}

// within reports whether what was done on a day belongs into the calendar.
func (c *duties) within(day time.Time) bool {
	return !day.IsZero() && !day.Before(c.w.period.Start) && !day.After(later(c.today, c.w.period.End)) && !c.w.future(day)
}

// runs of the period and this one, oldest first.
func (c *duties) runs() []*world {
	return append(c.w.before[:len(c.w.before):len(c.w.before)], c.w)
}

// captures are wanted in each week: what is deleted after a month must be asked
// for more often than once a month.
func (c *duties) captures() {
	if len(c.w.keeps) == 0 {
		return
	}
	monday := c.w.period.Start.AddDate(0, 0, -(int(c.w.period.Start.Weekday())+6)%7)
	for ; !monday.After(c.w.period.End); monday = monday.AddDate(0, 0, 7) {
		d := Duty{ID: "capture/" + day(monday), Kind: "capture", Ref: day(monday), What: "Capture what is deleted", Who: "by schedule",
			From: monday, On: monday.AddDate(0, 0, 6), Lapsed: true, Why: "each week (collect --expiring): AWS and the code host keep some of their answers for a month"}
		for _, r := range c.runs() {
			if day := midnight(r.At); d.Done.IsZero() && !day.Before(d.From) && !day.After(d.On) && r.asksExpiring() {
				d.Done, d.By = r.At, r.Run
			}
		}
		c.add(d)
	}
}

// asksExpiring reports whether this run asked for what the provider deletes.
func (w *world) asksExpiring() bool {
	if len(w.Only) == 0 {
		return true
	}
	return !slices.ContainsFunc(w.keeps, func(k Retention) bool {
		none := k.Keeper() != "AWS" && len(w.planned(k.Source)) == 0 // nobody names a code host that has it
		return k.Days > 0 && !none && !slices.Contains(w.Only, k.Source)
	})
}

// evidenceRuns are wanted once for each quarter, within the month after it. A run
// serves one quarter, the earliest it can.
func (c *duties) evidenceRuns() {
	runs := slices.DeleteFunc(c.runs(), func(r *world) bool { return len(r.Only) > 0 || r.At.IsZero() })
	for _, q := range quarters(c.w.period, c.w.period.End.AddDate(0, 0, 1)) {
		d := Duty{ID: "run/" + q.name, Kind: "run", Ref: q.name, What: "Collect the evidence of " + q.name, Who: "whoever runs exhibit evidence",
			On: q.end.AddDate(0, 0, graceDays), Lapsed: true, Why: "a whole run for each quarter, at the latest 31 days after it ends"}
		at := slices.IndexFunc(runs, func(r *world) bool { return !midnight(r.At).Before(q.start) && !midnight(r.At).After(d.On) })
		if at >= 0 {
			d.Done, d.By = runs[at].At, runs[at].Run
			runs = slices.Delete(runs, at, at+1)
		}
		c.add(d)
	}
}

// countdown is what must stand how many days before the fieldwork begins.
var countdown = [...]struct {
	days int
	what string
}{
	{90, "Look at every exception and gap with its owner, and open a ticket for each"},
	{60, "Write what is missing of the records, and walk through the request list"},
	{30, "Let a person who wrote none of it read the package, and settle the lists of people and vendors"},
	{14, "Send the package and the populations, and agree who shows what on which day"},
}

// audit counts down to the audit's fieldwork; where no day for it is known, to the
// end of the period.
func (c *duties) audit() {
	until, what := c.report.Engagement.Fieldwork, "the fieldwork begins"
	if until.IsZero() {
		until, what = c.w.period.End.AddDate(0, 0, 1), "the period ends; no day for the fieldwork is known (engagement.fieldwork)"
	}
	state := func(on time.Time) DutyState {
		if on.Before(c.today) {
			return DutyDay
		}
		return ""
	}
	for _, m := range countdown {
		on := until.AddDate(0, 0, -m.days)
		c.add(Duty{ID: fmt.Sprintf("audit/%d", m.days), Kind: "audit", Ref: fmt.Sprintf("%d days", m.days), What: m.what, Who: "whoever leads the audit", On: on, State: state(on),
			Why: fmt.Sprintf("%d days before %s", m.days, strings.TrimSuffix(what, " begins"))})
	}
	c.add(Duty{ID: "audit/end", Kind: "audit", Ref: "period", What: "The audit period ends", On: c.w.period.End, State: state(c.w.period.End)})
	if f := c.report.Engagement.Fieldwork; !f.IsZero() {
		c.add(Duty{ID: "audit/fieldwork", Kind: "audit", Ref: "fieldwork", What: "The auditor's fieldwork begins", Who: c.report.Engagement.Auditor, On: f, State: state(f)})
	}
}
