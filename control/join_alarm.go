package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
	a := &alarming{in: in, class: class, patterns: map[string]readFilter{}}
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
	in       joining
	class    eventClass
	patterns map[string]readFilter // by their text
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
			if i := slices.IndexFunc(a.in.Of.Items, func(h Located) bool { return h.ID == arn }); i >= 0 {
				it = a.in.Of.Items[i]
			}
		}
		if len(out) == 0 {
			f.Evidence = it.Pointer
		}
		out = append(out, it)
	}
	return out
}

// follow takes an event from a trail on.
func (a *alarming) follow(trail Located, e namedEvent) lead {
	name, _ := tell(trail, "DescribeTrails", "TrailARN")
	says := func(what string) string { return fmt.Sprintf("the trail %v %s", orID(name, trail), what) }
	for _, must := range []struct{ question, key, otherwise string }{
		{"DescribeTrails", "IsMultiRegionTrail", "is not of all regions"},
		{"DescribeTrails", "IncludeGlobalServiceEvents", "leaves out global services"},
		{"GetTrailStatus", "IsLogging", "is not logging"},
	} {
		v, known := tell(trail, must.question, must.key)
		switch b, ok := v.(bool); {
		case !known || !ok:
			return lead{truth: maybe, why: says("tells no " + must.key)}
		case !b:
			return lead{why: says(must.otherwise)}
		}
	}
	records := a.records(trail)
	if records == no {
		return lead{why: says("does not record these events")}
	}
	v, known := tell(trail, "DescribeTrails", "CloudWatchLogsLogGroupArn")
	group, _ := v.(string)
	if known && group == "" {
		return lead{why: says("writes to no log group")}
	}
	parts := strings.SplitN(group, ":", 7)
	if records == maybe || len(parts) < 7 {
		return lead{truth: maybe, why: says("does not tell what it records, or where it writes")}
	}
	at := place{parts[4], parts[3]}
	l := a.filter(at, strings.TrimSuffix(parts[6], ":*"), e)
	if l.steps != nil {
		l.steps["trail"] = orID(name, trail)
	}
	return l
}

func orID(v any, it Located) any {
	if v == nil {
		return it.ID
	}
	return v
}

// records reports whether a trail records the class's management events, those
// that read and those that write.
func (a *alarming) records(trail Located) truth {
	out := no
	for _, key := range []string{"EventSelectors", "AdvancedEventSelectors"} {
		v, known := tell(trail, "GetEventSelectors", key)
		list, isList := v.([]any)
		if !known || v != nil && !isList {
			out = max(out, maybe)
		}
		for _, s := range list {
			if key == "EventSelectors" {
				out = max(out, a.selects(s))
			} else {
				out = max(out, a.selectsAdvanced(s))
			}
		}
	}
	if _, gap := trail.Gap("GetEventSelectors"); gap || trail.Answers["GetEventSelectors"] == nil {
		return max(out, maybe)
	}
	return out
}

// selects reads one of the older selectors.
func (a *alarming) selects(selector any) truth {
	s, ok := selector.(map[string]any)
	if !ok {
		return maybe
	}
	excluded := no
	switch list := s["ExcludeManagementEventSources"].(type) {
	case nil:
	case []any:
		excluded = a.names(list)
	default:
		excluded = maybe
	}
	return min(equalsKnown(s["IncludeManagementEvents"], true), equalsKnown(s["ReadWriteType"], "All"), yes-excluded)
}

// selectsAdvanced reads one advanced selector: one that picks management events
// and narrows them by nothing but the services left out.
func (a *alarming) selectsAdvanced(selector any) truth {
	s, _ := selector.(map[string]any)
	fields, ok := s["FieldSelectors"].([]any)
	if !ok {
		return maybe
	}
	management, rest := no, yes
	for _, f := range fields {
		field, _ := f.(map[string]any)
		switch name, ok := field["Field"].(string); {
		case !ok:
			return maybe
		case name == "eventCategory":
			list, ok := field["Equals"].([]any)
			if !ok {
				return maybe
			}
			for _, v := range list {
				management = max(management, equalsKnown(v, "Management"))
			}
		case name == "eventSource" && len(field) == 2:
			list, ok := field["NotEquals"].([]any)
			if !ok {
				rest = no
				if _, unread := field["NotEquals"].(unanswered); unread {
					rest = maybe
				}
				break
			}
			rest = min(rest, yes-a.names(list))
		default:
			rest = no
		}
	}
	return min(management, rest)
}

// names reports whether a list names the service that makes the events.
func (a *alarming) names(list []any) truth {
	out := no
	for _, v := range list {
		out = max(out, equalsKnown(v, a.class.source))
	}
	return out
}

// equalsKnown compares; what is not there, or was not answered, may be equal.
func equalsKnown(v, want any) truth {
	switch v.(type) {
	case nil, unanswered:
		return maybe
	}
	return truthOf(v == want)
}

// filter takes an event from a log group on, through its metric filters.
func (a *alarming) filter(at place, group string, e namedEvent) lead {
	best := lead{why: "the log group " + group + " has no metric filter for " + e.name}
	if why := a.in.With["filters"].refusedAt(at); why != "" {
		best = lead{truth: maybe, why: why}
	}
	for _, it := range a.in.With["filters"].Items {
		if (place{it.Account, it.Region}) != at {
			continue
		}
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
	switch ok, why := notices(p, e); {
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

// alarm looks for an alarm on a metric.
func (a *alarming) alarm(at place, filter, pattern string, metric map[string]any) lead {
	name, isName := metric["metricName"].(string)
	space, isSpace := metric["metricNamespace"].(string)
	value, isValue := metric["metricValue"].(string)
	dimensions := metric["dimensions"]
	if _, unread := dimensions.(unanswered); unread || !isName || !isSpace || !isValue {
		return lead{truth: maybe, why: "the metric filter " + filter + " (its metric)"}
	}
	if n := fieldsOf(dimensions); len(n) > 0 {
		return lead{why: "the metric filter " + filter + " splits its metric by dimensions, so that no alarm sees the whole"}
	}
	counts, err := strconv.ParseFloat(value, 64)
	if err != nil || counts <= 0 {
		return lead{why: "the metric filter " + filter + " does not count: its value is " + value}
	}
	best := lead{why: "no alarm watches the metric " + space + " " + name + " of the filter " + filter}
	if why := a.in.With["alarms"].refusedAt(at); why != "" {
		best = lead{truth: maybe, why: why}
	}
	for _, it := range a.in.With["alarms"].Items {
		if (place{it.Account, it.Region}) != at {
			continue
		}
		l := a.watches(it, space, name, counts)
		if l.truth == no && l.why == "" {
			continue // another metric's
		}
		if l.steps != nil {
			l.steps["filter"], l.steps["pattern"] = filter, pattern
		}
		best = best.further(l)
	}
	return best
}

// watches follows a metric to one alarm: nothing at all when the alarm is another's.
func (a *alarming) watches(alarm Located, space, name string, counts float64) lead {
	told := func(key string) (any, bool) { return tell(alarm, "DescribeAlarms", key) }
	says := func(t truth, what string) lead { return lead{truth: t, why: "the alarm " + alarm.ID + " " + what} }
	if v, known := told("AlarmRule"); known && v != nil {
		return lead{} // a composite alarm: it watches alarms
	}
	if v, known := told("Metrics"); known && fmt.Sprint(v) != "[]" && v != nil {
		if strings.Contains(fmt.Sprint(v), name) {
			return says(maybe, "computes its metric, which is not read")
		}
		return lead{}
	}
	n, knownName := told("MetricName")
	s, knownSpace := told("Namespace")
	switch {
	case knownName && n != nil && n != name || knownSpace && s != nil && s != space:
		return lead{}
	case n == nil || s == nil:
		return says(maybe, "tells no metric")
	}
	if v, known := told("Dimensions"); !known {
		return says(maybe, "tells no dimensions")
	} else if list, _ := v.([]any); len(list) > 0 {
		return says(no, "watches the metric by dimensions it does not have")
	}
	switch v, known := told("ActionsEnabled"); {
	case !known || v == nil:
		return says(maybe, "tells no ActionsEnabled")
	case v != true:
		return says(no, "has its actions switched off")
	}
	if l := a.goesOff(alarm, counts, says); l.truth != yes {
		return l
	}
	l := a.hears(alarm, says)
	if l.truth == yes {
		l.steps["alarm"] = alarm.ID
		l.steps["threshold"], _ = told("Threshold")
	}
	return l
}

// goesOff reports whether one event is enough for the alarm or, of a class of which
// several are worth a call, whether many are.
func (a *alarming) goesOff(alarm Located, counts float64, says func(truth, string) lead) lead {
	told := func(key string) any {
		v, _ := tell(alarm, "DescribeAlarms", key)
		return v
	}
	op, isOp := told("ComparisonOperator").(string)
	threshold, errT := decimal(told("Threshold"))
	if !isOp || errT != nil {
		return says(maybe, "tells no threshold")
	}
	if !strings.HasPrefix(op, "GreaterThan") || strings.Contains(op, "LowerOrGreater") {
		return says(no, "does not go off when events come: "+op)
	}
	if a.class.several {
		return lead{truth: yes}
	}
	statistic, isStatistic := told("Statistic").(string)
	periods, errP := decimal(told("EvaluationPeriods"))
	if v, known := tell(alarm, "DescribeAlarms", "DatapointsToAlarm"); !known {
		errP = errUnread
	} else if v != nil { // left out, it is as many as there are periods
		periods, errP = decimal(v)
	}
	switch {
	case !isStatistic || errP != nil:
		return says(maybe, "tells no Statistic or EvaluationPeriods")
	case statistic != "Sum" && statistic != "Maximum":
		return says(no, "looks at the "+statistic+", which one event may not move")
	case periods > 1:
		return says(no, fmt.Sprintf("waits for events in %v periods", periods))
	case counts < threshold || counts == threshold && op == "GreaterThanThreshold":
		return says(no, fmt.Sprintf("waits for more than one event: %s %v", op, threshold))
	}
	return lead{truth: yes}
}

// hears looks for somebody who hears an alarm.
func (a *alarming) hears(alarm Located, says func(truth, string) lead) lead {
	v, known := tell(alarm, "DescribeAlarms", "AlarmActions")
	actions, ok := v.([]any)
	if !known || !ok {
		return says(maybe, "tells no AlarmActions")
	}
	best := says(no, "notifies nobody")
	for _, it := range a.in.With["alarms"].Items {
		if rule, _ := tell(it, "DescribeAlarms", "AlarmRule"); rule != nil && it.Account == alarm.Account && it.Region == alarm.Region {
			if text := fmt.Sprint(rule); strings.Contains(text, alarm.ID) || strings.Contains(text, strconv.Quote(alarm.ID[strings.LastIndexByte(alarm.ID, ':')+1:])) {
				best = says(maybe, "may be heard through the alarm "+it.ID+", which is not read")
			}
		}
	}
	for _, action := range actions {
		arn, _ := action.(string)
		if arn == "" {
			best = best.further(says(maybe, "tells no AlarmActions"))
			continue
		}
		if parts := strings.Split(arn, ":"); len(parts) < 6 || parts[2] != "sns" {
			best = best.further(says(maybe, "acts on "+arn+", and whether people hear of that is not read"))
			continue
		}
		best = best.further(a.topic(arn))
	}
	return best
}

// topic reports whether somebody confirmed to hear of a topic.
func (a *alarming) topic(arn string) lead {
	parts := strings.Split(arn, ":")
	i := slices.IndexFunc(a.in.With["topics"].Items, func(it Located) bool { return it.ID == arn })
	if i < 0 {
		if why := a.in.With["topics"].refusedAt(place{parts[4], parts[3]}); why != "" {
			return lead{truth: maybe, why: why}
		}
		return lead{why: "the topic " + arn + " does not exist"}
	}
	v, known := tell(a.in.With["topics"].Items[i], "ListSubscriptionsByTopic", "Subscriptions")
	list, ok := v.([]any)
	if !known || !ok {
		return lead{truth: maybe, why: "the topic " + arn + " tells no subscriptions"}
	}
	confirmed, unread := 0, false
	for _, s := range list {
		text, ok := fieldsOf(s)["SubscriptionArn"].(string)
		unread = unread || !ok
		if strings.HasPrefix(text, "arn:") { // else PendingConfirmation, or Deleted
			confirmed++
		}
	}
	switch {
	case confirmed > 0:
		return lead{truth: yes, steps: map[string]any{"topic": arn, "subscriptions_confirmed": confirmed}}
	case unread:
		return lead{truth: maybe, why: "the topic " + arn + " tells no subscriptions"}
	}
	return lead{why: "the topic " + arn + " has no subscriber who confirmed"}
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
