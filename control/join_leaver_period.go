package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A sighting is what one run saw of a person's ways in.
type sighting struct {
	joining
	ways    []way
	unknown []string
}

func (s sighting) open() (out []way) {
	seen := map[string]bool{}
	for _, w := range s.ways {
		if w.open && !seen[w.key()] { // a member account lists the organization's directory too
			seen[w.key()] = true
			out = append(out, w)
		}
	}
	return out
}

// said is the sighting in words: "2026-07-01 (run 0003-…): IAM user jan in 1111…: a password".
func (s sighting) said() string {
	var open []string
	for _, w := range s.open() {
		open = append(open, w.String())
	}
	switch {
	case len(open) == 0 && len(s.unknown) > 0:
		open = []string{"not answered: " + strings.Join(s.unknown, "; ")}
	case len(open) == 0:
		open = []string{"nothing"}
	}
	return s.when() + ": " + strings.Join(open, "; ")
}

func (s sighting) when() string { return s.At.UTC().Format(time.DateOnly) + " (run " + s.Run + ")" }

// a lookout sees a person at every run of the period.
type lookout struct {
	runs  []joining
	doors []*doors
}

func newLookout(in joining, c claims) *lookout {
	l := &lookout{runs: append(slices.Clone(in.Past), in)}
	for _, r := range l.runs {
		l.doors = append(l.doors, newDoors(r, c))
	}
	return l
}

func (l *lookout) sees(p written) (out []sighting) {
	for i, r := range l.runs {
		s := sighting{joining: r}
		s.ways, s.unknown = l.doors[i].ways(p)
		out = append(out, s)
	}
	return out
}

// A leaver is somebody whose last day lies in the period and has come.
type leaver struct {
	person Located
	p      written
	last   time.Time
	said   string // how the registers differ about the day; "" when they do not
	seen   []sighting
}

func leavers(in joining) (out []leaver) {
	staff := in.staff()
	l := newLookout(in, staff.claims)
	for _, it := range in.Of.Items {
		p := staff.person(it)
		last, said := lastDay(p, in.With["offboarding"].Items, staff.hr(p))
		if in.Period.within(last) && !last.After(in.At) {
			out = append(out, leaver{it, p, last, said, l.sees(p)})
		}
	}
	return out
}

func (l leaver) finding() (Finding, map[string]any) {
	f := about(l.person)
	f.Item = l.p.text("id")
	seen := []any{}
	for _, s := range l.seen {
		seen = append(seen, s.said())
	}
	value := map[string]any{"last_day": l.last.Format(time.DateOnly), "seen_at_each_run": seen}
	if l.said != "" {
		value["register"] = l.said
	}
	f.Value = value
	return f, value
}

// ToldByRecord is the reason of a pass that rests on a record alone: no run contradicts
// it, and none saw it.
const ToldByRecord = "told by the record, not observed: no run lay close enough after the last day to see it, and none contradicts it"

// leaversLostAccessInTime: one finding for everyone who left in the period. Of is
// record/person; with reads credentials, directory, assignments, offboarding,
// identities, hr and events (cloudtrail/event).
//
// When access was closed is told, in this order, by events that closed every way
// the run before had seen open; by a run inside the time allowed that sees none;
// by the offboarding record, where no run contradicts it. The interval between the
// last run that saw access and the first that did not is always shown. Any run
// after the time allowed that sees access decides, whatever a record says.
func leaversLostAccessInTime(in joining) []Finding {
	var out []Finding
	for _, l := range leavers(in) {
		f, value := l.finding()
		allowed := in.Params.number("days", 1)
		until := l.last.AddDate(0, 0, int(allowed)+1) // the first moment that is late
		value["days_allowed"] = allowed
		var late, after []sighting
		for _, s := range l.seen {
			if s.At.Before(l.last.AddDate(0, 0, 1)) {
				continue
			}
			after = append(after, s)
			if len(s.open()) > 0 && !s.At.Before(until) {
				late = append(late, s)
			}
		}
		gone := slices.IndexFunc(after, func(s sighting) bool { return len(s.open()) == 0 && len(s.unknown) == 0 })
		var before *sighting // the last run that saw access
		for i := range l.seen {
			if len(l.seen[i].open()) > 0 {
				before = &l.seen[i]
			}
		}
		events := trailEvents(l.seen)
		closed, exact, sure := closedBy(before, events, l.seen)
		exact = exact && (sure || gone >= 0) && (gone < 0 || !closed.After(after[gone].At)) // where an event may have been refused, that it worked a run shows
		removed, recorded := removedOn(l.p, in.With["offboarding"].Items)
		if !removed.IsZero() {
			value["offboarding_record"] = "says that access was removed on " + removed.Format(time.DateOnly)
		}
		if gone >= 0 {
			value["revoked"] = "before " + after[gone].when()
			if before != nil && before.At.Before(after[gone].At) {
				value["revoked"] = "between " + before.when() + " and " + after[gone].when()
			}
		}
		if last := lastBeforeLeaving(l); last != nil {
			if told := closedOneByOne(last, events); len(told) > 0 {
				value["closed_by_events"] = told
			}
		}
		if exact {
			value["revoked"] = "on " + closed.UTC().Format(time.RFC3339) + ", by CloudTrail"
		}
		switch {
		case len(late) > 0:
			f.Verdict = Fail
			n, _ := days(l.last, late[len(late)-1].At)
			value["days_seen_after_last_day"] = n
			if gone < 0 {
				value["revoked"] = "not by " + in.At.UTC().Format(time.DateOnly) + ", the day of the run"
			}
		case len(after) == 0 || gone < 0 && in.At.Before(until) && len(after[len(after)-1].open()) > 0:
			f.Verdict, f.Reason = NotApplicable, "the time allowed for removing access has not passed, or no run came after it"
		case exact && closed.Before(until):
			f.Verdict = Pass
		case exact:
			f.Verdict = Fail
		case gone < 0:
			f.Verdict, f.Reason = NotEvaluated, "no run after the last day tells: "+strings.Join(after[len(after)-1].unknown, "; ")
		case after[gone].At.Before(until):
			f.Verdict = Pass
		case before == nil && l.p.never("identity_center") && l.p.given("iam_users") && len(l.p.texts("iam_users")) == 0:
			f.Verdict, f.Reason = NotApplicable, "never had an identity, by the people register, and no run saw one"
		case in.With["offboarding"].refused() != "" && removed.IsZero():
			f.Verdict, f.Reason = NotEvaluated, in.With["offboarding"].refused()
		case !recorded:
			f.Verdict, f.Reason = NeedsRecord, "no record answers this: offboarding; the runs alone say only "+value["revoked"].(string)
		case !removed.Before(until):
			f.Verdict = Fail
		case before != nil && before.At.After(removed.AddDate(0, 0, 1)):
			f.Verdict = Fail
			value["contradiction"] = "the run of " + before.when() + " still saw access after the day the record gives"
		default:
			f.Verdict, f.Reason = Pass, ToldByRecord
		}
		out = append(out, f)
	}
	return out
}

// lastBeforeLeaving is the last run before the end of the last day that saw access.
func lastBeforeLeaving(l leaver) (out *sighting) {
	for i := range l.seen {
		if s := &l.seen[i]; s.At.Before(l.last.AddDate(0, 0, 1)) && len(s.open()) > 0 {
			out = s
		}
	}
	return out
}

// removedOn is the day an offboarding record of the person gives for the last access.
func removedOn(p written, offboarding []Located) (day time.Time, recorded bool) {
	for _, it := range offboarding {
		if r := recordOf(it); r.text("person") == p.text("id") && !r.day("last_day").Before(p.day("start")) {
			if d := r.day("access_removed_on"); d.After(day) {
				day = d
			}
			recorded = true
		}
	}
	return day, recorded && !day.IsZero()
}

// leaversDidNotUseAccess: one finding for everyone who left in the period, about
// the last uses of passwords and keys that IAM tells of. Reads as
// leaversLostAccessInTime, without events.
//
// What is gone tells no last use any more: a user, password or key that the newest run
// does not list may have been used between the last run that did and its end. That is
// not known, unless the offboarding record says that access was closed by the last day
// and no later run saw it open.
// Identity Center tells no last use at all.
func leaversDidNotUseAccess(in joining) []Finding {
	var out []Finding
	for _, l := range leavers(in) {
		f, value := l.finding()
		delete(value, "seen_at_each_run")
		var after, uses, unknown, nothingTold []string
		lastSeen, lastTold := map[string]sighting{}, map[string]sighting{} // by the user; by what opens it
		for _, s := range l.seen {
			unknown = append(unknown, s.unknown...)
			for _, w := range s.ways {
				if w.system != "IAM user" {
					if told := w.system + " " + w.name; !slices.Contains(nothingTold, told) {
						nothingTold = append(nothingTold, told)
					}
					continue
				}
				lastSeen[w.identity()] = s
				for _, what := range w.told {
					lastTold[what+" of "+w.identity()] = s
				}
				for _, u := range w.used {
					said := fmt.Sprintf("%s of IAM user %s in %s on %s", u.what, w.name, w.account, u.at.Format(time.RFC3339))
					if !slices.Contains(uses, said) {
						uses = append(uses, said)
					}
					if u.at.After(l.last.AddDate(0, 0, 1)) && !slices.Contains(after, said) {
						after = append(after, said)
						f.Evidence = w.pointer
					}
				}
			}
		}
		value["last_uses"] = asList(uses)
		if len(nothingTold) > 0 {
			value["no_last_use_is_told_of"] = asList(nothingTold)
		}
		removed, recorded := removedOn(l.p, in.With["offboarding"].Items)
		closed := recorded && !removed.After(l.last) && !slices.ContainsFunc(l.seen, func(s sighting) bool {
			return !s.At.Before(l.last.AddDate(0, 0, 1)) && len(s.open()) > 0 // a run knows better
		})
		var unseen []string
		newest := l.seen[len(l.seen)-1]
		for _, k := range sortedKeys(lastTold) {
			s := lastTold[k]
			ended := s.Run != newest.Run || !s.At.Equal(newest.At)
			if (ended || s.At.Before(l.last.AddDate(0, 0, 1))) && !closed {
				unseen = append(unseen, k+" was last seen on "+s.when())
			}
		}
		for _, k := range sortedKeys(lastSeen) {
			if s := lastSeen[k]; len(unseen) == 0 && s.At.Before(l.last.AddDate(0, 0, 1)) && !closed {
				unseen = append(unseen, k+" was last seen on "+s.when())
			}
		}
		switch {
		case len(after) > 0:
			f.Verdict = Fail
			value["used_after_last_day"] = asList(after)
		case len(unknown) > 0:
			slices.Sort(unknown)
			f.Verdict, f.Reason = NotEvaluated, strings.Join(slices.Compact(unknown), "; ")
		case len(unseen) > 0:
			f.Verdict, f.Reason = NotEvaluated, strings.Join(unseen, "; ")+"; what was done with it between the last day and its end no run tells"
		case len(lastSeen) == 0:
			f.Verdict, f.Reason = NotApplicable, "no run of the period saw an IAM user of this person"
		default:
			f.Verdict = Pass
		}
		out = append(out, f)
	}
	return out
}

func asList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
