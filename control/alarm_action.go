package control

import (
	"fmt"
	"strconv"
	"strings"
)

// alarm_action.go is the last part of the way in alarmOnEvents: from a metric to
// an alarm that goes off, and to somebody who hears it.

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
	for _, it := range a.alarms[at] {
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
	for _, it := range a.alarms[place{alarm.Account, alarm.Region}] {
		if rule, _ := tell(it, "DescribeAlarms", "AlarmRule"); rule != nil {
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
	found, there := a.topics[arn]
	if !there {
		if why := a.in.With["topics"].refusedAt(place{parts[4], parts[3]}); why != "" {
			return lead{truth: maybe, why: why}
		}
		return lead{why: "the topic " + arn + " does not exist"}
	}
	v, known := tell(found, "ListSubscriptionsByTopic", "Subscriptions")
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
