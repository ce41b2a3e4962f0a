package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// alarmOnEvents: one finding for each account. Of is cloudtrail/trail; with reads
// filters (logs/metric-filter), alarms (cloudwatch/alarm) and topics (sns/topic);
// params.event names one of eventClasses.
//
// An account passes when each event of the class reaches somebody: a trail of all
// regions that is logging management events writes to a log group; a metric filter
// there matches the event, whatever else stands in it; an alarm without dimensions
// watches the metric and goes off; a topic it notifies has a subscriber who
// confirmed. An organization's trail may write to the log group of another
// account: what is not known of that account is not known here.
func alarmOnEvents(in joining) []Finding {
	class, known := eventClasses()[in.Params.text("event")]
	a := &alarming{
		in: in, class: class, quiet: quietEvents(), patterns: map[string]readFilter{}, homes: map[string]Located{},
		filters: byPlace(in.With["filters"].Items), alarms: byPlace(in.With["alarms"].Items), topics: map[string]Located{},
	}
	for _, it := range in.Of.Items {
		a.homes[it.ID] = it
	}
	for _, it := range in.With["topics"].Items {
		a.topics[it.ID] = it
	}
	var out []Finding
	var done []string
	for _, c := range in.Of.Cells {
		if left(c) || slices.Contains(done, c.Account) {
			continue
		}
		done = append(done, c.Account)
		f := Finding{Account: c.Account, Item: c.Account, Evidence: Pointer{Path: c.Path}}
		if !known {
			f.Verdict, f.Reason = NotEvaluated, fmt.Sprintf("the check names no kind of events there is: %q", in.Params.text("event"))
		} else {
			a.judge(&f)
		}
		out = append(out, f)
	}
	return out
}

// alarming is the join at work.
type alarming struct {
	in              joining
	class           eventClass
	quiet           []namedEvent
	patterns        map[string]readFilter // by their text
	filters, alarms map[place][]Located
	homes, topics   map[string]Located // by id
}

func byPlace(items []Located) map[place][]Located {
	out := map[place][]Located{}
	for _, it := range items {
		at := place{it.Account, it.Region}
		out[at] = append(out[at], it)
	}
	return out
}

type readFilter struct {
	pattern
	err error
}

// A lead is how far one event could be followed: to the end (yes), nowhere (no),
// or to something that is not known.
type lead struct {
	truth
	why   string         // of no and maybe
	links int            // how many links lie behind it
	steps map[string]any // filter, alarm, topic, as far as they were found
}

// further is the better of two leads, m being one link on: the one that is more
// certain, or went further; of two alike the first.
func (l lead) further(m lead) lead {
	m.links++
	if m.truth > l.truth || m.truth == l.truth && m.links > l.links {
		return m
	}
	return l
}

func (a *alarming) judge(f *Finding) {
	trails := a.trails(f)
	var steps, unheard []any
	var why, unknown []string
	for _, e := range a.class.events {
		best := lead{why: "no trail of all regions is logging to a log group"}
		if len(trails) == 0 {
			best.why = "the account has no trail"
		}
		for _, t := range trails {
			best = best.further(a.follow(t, e))
		}
		switch best.truth {
		case yes:
			if !slices.ContainsFunc(steps, func(s any) bool { return fmt.Sprint(s) == fmt.Sprint(best.steps) }) {
				steps = append(steps, best.steps)
			}
			continue
		case maybe:
			unknown = append(unknown, best.why)
		default:
			why = append(why, best.why)
		}
		unheard = append(unheard, e.name)
	}
	for _, c := range a.in.Of.Missing {
		if c.Account == f.Account && len(unheard) > 0 {
			unknown = append(unknown, cellCause(c))
		}
	}
	slices.Sort(why)
	slices.Sort(unknown)
	switch {
	case len(unheard) == 0:
		f.Verdict, f.Value = Pass, map[string]any{"heard_by": steps}
	case len(unknown) > 0 && (len(why) == 0 || a.in.Of.refusedIn(f.Account) != ""):
		f.Verdict, f.Reason = NotEvaluated, notAnswered(slices.Compact(unknown)...)
	default:
		f.Verdict, f.Value = Fail, map[string]any{"not_heard": unheard, "because": anys(slices.Compact(why))}
	}
}

// trails are those that record the account, each as told at its home where that
// was collected; evidence points at the first.
func (a *alarming) trails(f *Finding) []Located {
	var out []Located
	seen := map[string]bool{}
	for _, it := range a.in.Of.Items {
		if it.Account != f.Account {
			continue
		}
		v, _ := tell(it, "DescribeTrails", "TrailARN")
		if arn, ok := v.(string); ok {
			if seen[arn] {
				continue
			}
			seen[arn] = true
			if home, there := a.homes[arn]; there {
				it = home
			}
		}
		if len(out) == 0 {
			f.Evidence = it.Pointer
		}
		out = append(out, it)
	}
	return out
}

// filter takes an event from a log group on, through its metric filters.
func (a *alarming) filter(at place, group string, e namedEvent) lead {
	best := lead{why: "the log group " + group + " has no metric filter for " + e.name}
	if why := a.in.With["filters"].refusedAt(at); why != "" {
		best = lead{truth: maybe, why: why}
	}
	for _, it := range a.filters[at] {
		switch name, known := tell(it, "DescribeMetricFilters", "logGroupName"); {
		case !known || name == nil:
			best = best.further(lead{truth: maybe, why: "the metric filter " + it.ID + " (its log group)"})
		case name == group:
			best = best.further(a.metric(at, it, e))
		}
	}
	return best
}

// metric takes an event through one metric filter on to the alarms.
func (a *alarming) metric(at place, filter Located, e namedEvent) lead {
	unread := func(what string) lead {
		return lead{truth: maybe, why: "the metric filter " + filter.ID + " (" + what + ")"}
	}
	fails := func(what string) lead { return lead{why: "the metric filter " + filter.ID + " " + what} }
	told := func(key string) (any, bool) { return tell(filter, "DescribeMetricFilters", key) }
	v, known := told("filterPattern")
	text, ok := v.(string)
	if !known || !ok {
		return unread("its pattern")
	}
	p, have := a.patterns[text]
	if !have {
		p.pattern, p.err = readPattern(text)
		a.patterns[text] = p
	}
	if errors.Is(p.err, errColumns) {
		return fails("has " + p.err.Error())
	} else if p.err != nil {
		return unread("its pattern: " + p.err.Error())
	}
	switch ok, why := notices(p, e, a.quiet); {
	case !ok && (p.matches(e.known) == no || !speaksOf(p.pattern, e.known)):
		return lead{why: why, links: -1} // it is for other events
	case !ok:
		return fails(why)
	}
	for _, narrow := range []string{"fieldSelectionCriteria", "emitSystemFieldDimensions"} {
		switch v, known := told(narrow); {
		case !known:
			return unread(narrow)
		case v != nil && fmt.Sprint(v) != "" && fmt.Sprint(v) != "[]":
			return fails("counts by account or region alone (" + narrow + ")")
		}
	}
	v, known = told("metricTransformations")
	list, ok := v.([]any)
	if !known || !ok {
		return unread("its metric")
	}
	best := fails("makes no metric")
	for _, t := range list {
		best = best.further(a.alarm(at, filter.ID, text, fieldsOf(t)))
	}
	return best
}

// tell reads what an item's answer holds; nil when it is not there. known is false
// when it was not answered.
func tell(it Located, question string, keys ...string) (value any, known bool) {
	if _, gap := it.Gap(question); gap {
		return nil, false
	}
	v, asked := it.Answers[question]
	if !asked {
		return nil, false
	}
	for _, k := range keys {
		if _, unread := v.(unanswered); unread {
			return nil, false
		}
		v = fieldsOf(v)[k]
	}
	_, unread := v.(unanswered)
	if unread {
		return nil, false
	}
	return v, true
}

var errUnread = errors.New("not answered")

// decimal reads a number.
func decimal(v any) (float64, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, errUnread
	}
	return n.Float64()
}
