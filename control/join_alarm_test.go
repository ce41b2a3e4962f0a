package control

import (
	"encoding/json"
	"strings"
	"testing"

	"exhibit/evidence"
)

// Each link of the chain from a trail to a person, broken one at a time.
func TestAlarmOnEvents(t *testing.T) {
	lib := realLibrary(t)
	const (
		trail  = "items[0].DescribeTrails"
		filter = "filters[0].DescribeMetricFilters"
		metric = filter + ".metricTransformations[0]"
		alarm  = "alarms[0].DescribeAlarms"
		topic  = "topics[0].ListSubscriptionsByTopic"
	)
	for _, tt := range []struct {
		check, path, value string // value is JSON; "absent" takes the field away
		want               Verdict
		says               string
	}{
		{"alarm-root-use", trail + ".IsMultiRegionTrail", `false`, Fail, "is not of all regions"},
		{"alarm-root-use", trail + ".IncludeGlobalServiceEvents", `false`, Fail, "leaves out global services"},
		{"alarm-root-use", "items[0].GetTrailStatus.IsLogging", `false`, Fail, "is not logging"},
		{"alarm-root-use", "items[0].GetTrailStatus", `"!gap"`, NotEvaluated, "tells no IsLogging"},
		{"alarm-root-use", trail + ".CloudWatchLogsLogGroupArn", "absent", Fail, "writes to no log group"},
		{"alarm-root-use", trail + ".CloudWatchLogsLogGroupArn", `"arn:aws:logs:eu-west-1:999999999999:log-group:trail:*"`, NotEvaluated, "logs/metric-filter in 999999999999/eu-west-1 (never asked)"},
		{"alarm-root-use", trail + ".CloudWatchLogsLogGroupArn", `"arn:aws:logs:eu-west-1:111122223333:log-group:other:*"`, Fail, "the log group other has no metric filter for calls by root"},
		{"alarm-root-use", trail + ".TrailARN", `"arn:aws:cloudtrail:eu-west-1:999999999999:trail/organization"`, Pass, ""}, // told at its shadow as well
		{"alarm-root-use", "items[0].GetEventSelectors.EventSelectors[0].ReadWriteType", `"WriteOnly"`, Fail, "does not record these events"},
		{"alarm-root-use", "items[0].GetEventSelectors.EventSelectors[0].IncludeManagementEvents", `false`, Fail, "does not record these events"},
		{"alarm-root-use", "items[0].GetEventSelectors", `{"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]}`, Pass, ""},
		{"alarm-root-use", "items[0].GetEventSelectors", `{"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]}]}`, Pass, ""},
		{"alarm-root-use", "items[0].GetEventSelectors", `{"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": "!gap"}]}]}`, NotEvaluated, "does not tell what it records"},
		{"alarm-root-use", "items[0].GetEventSelectors", `{"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["true"]}]}]}`, Fail, "does not record these events"},
		{"alarm-root-use", "items[0].GetEventSelectors", `{"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}`, Fail, "does not record these events"},
		{"alarm-root-use", "items[0].GetEventSelectors", `{"AdvancedEventSelectors": [{"FieldSelectors": "!gap"}]}`, NotEvaluated, "does not tell what it records"},
		{"alarm-root-use", "items[0].GetEventSelectors", `"!gap"`, NotEvaluated, "does not tell what it records"},
		{"alarm-root-use", "items[0].GetEventSelectors.EventSelectors[0]", `{"IncludeManagementEvents": true, "ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}`, Pass, ""},
		{"alarm-key-disable-or-delete", "items[0].GetEventSelectors.EventSelectors[0]", `{"IncludeManagementEvents": true, "ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}`, Fail, "does not record these events"},
		{"alarm-key-disable-or-delete", "items[0].GetEventSelectors", `{"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]}]}`, Fail, "does not record these events"},
		// filter
		{"alarm-root-use", filter, `"!gap"`, NotEvaluated, "its log group"},
		{"alarm-root-use", filter + ".filterPattern", "absent", NotEvaluated, "its pattern"},
		{"alarm-root-use", filter + ".filterPattern", `"{ $.userIdentity.type == \"Root\" }"`, NotEvaluated, "stands where a value should"},
		{"alarm-root-use", filter + ".filterPattern", `"[a, b]"`, Fail, "a pattern of columns"},
		{"alarm-root-use", filter + ".filterPattern", `"{ $.eventName = StopLogging }"`, Fail, "has no metric filter for calls by root"},
		{"alarm-root-use", filter + ".filterPattern", `"{ $.userIdentity.type = Root && $.x = y }"`, Fail, "misses some calls by root"},
		{"alarm-root-use", filter + ".filterPattern", `""`, Fail, "which happens all day"},
		{"alarm-root-use", filter + ".metricTransformations", `[]`, Fail, "makes no metric"},
		{"alarm-root-use", metric + ".metricValue", `"0"`, Fail, "does not count"},
		{"alarm-root-use", metric + ".metricValue", `"$.size"`, Fail, "does not count"},
		{"alarm-root-use", metric, `{"metricName": "m", "metricNamespace": "Trail", "metricValue": "1", "dimensions": {"Event": "$.eventName"}}`, Fail, "splits its metric by dimensions"},
		{"alarm-root-use", metric, `{"metricName": "m", "metricNamespace": "Trail", "metricValue": "1", "dimensions": "!gap"}`, NotEvaluated, "its metric"},
		{"alarm-root-use", metric + ".metricName", `"n"`, Fail, "no alarm watches the metric Trail n"},
		{"alarm-root-use", metric + ".metricNamespace", `"Other"`, Fail, "no alarm watches the metric Other m"},
		// alarm
		{"alarm-root-use", alarm, `"!gap"`, NotEvaluated, "tells no metric"},
		{"alarm-root-use", alarm + ".ActionsEnabled", `false`, Fail, "has its actions switched off"},
		{"alarm-root-use", alarm + ".Dimensions", `[{"Name": "Event", "Value": "x"}]`, Fail, "dimensions it does not have"},
		{"alarm-root-use", alarm + ".ComparisonOperator", `"LessThanThreshold"`, Fail, "does not go off when events come"},
		{"alarm-root-use", alarm + ".ComparisonOperator", `"GreaterThanThreshold"`, Fail, "waits for more than one event: GreaterThanThreshold 1"},
		{"alarm-root-use", alarm, `{"AlarmName": "a", "MetricName": "m", "Namespace": "Trail", "Metrics": [], "ActionsEnabled": true, "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:on-call"], "Statistic": "Sum", "EvaluationPeriods": 3, "DatapointsToAlarm": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}`, Pass, ""},
		{"alarm-root-use", alarm + ".Threshold", `0`, Pass, ""},
		{"alarm-root-use", alarm + ".Threshold", `5`, Fail, "waits for more than one event"},
		{"alarm-root-use", alarm + ".EvaluationPeriods", `3`, Fail, "waits for events in 3 periods"},
		{"alarm-root-use", alarm + ".Statistic", `"Average"`, Fail, "which one event may not move"},
		{"alarm-root-use", alarm + ".Statistic", "absent", NotEvaluated, "tells no Statistic"},
		{"alarm-root-use", alarm + ".AlarmActions", `[]`, Fail, "notifies nobody"},
		{"alarm-root-use", alarm + ".AlarmActions", `["arn:aws:lambda:eu-west-1:111122223333:function:page"]`, NotEvaluated, "whether people hear of that is not read"},
		{"alarm-root-use", alarm + ".AlarmActions", `["arn:aws:sns:eu-west-1:111122223333:gone"]`, Fail, "does not exist"},
		{"alarm-root-use", alarm + ".AlarmActions", `["arn:aws:sns:eu-west-1:999999999999:alerts"]`, NotEvaluated, "sns/topic in 999999999999/eu-west-1 (never asked)"},
		{"alarm-root-use", alarm + ".AlarmActions", `["arn:aws:sns:eu-west-1:111122223333:gone", "arn:aws:sns:eu-west-1:111122223333:on-call"]`, Pass, ""},
		{"alarm-signin-failures", alarm + ".Threshold", `5`, Pass, ""}, // several failures are worth an alarm
		{"alarm-signin-failures", alarm + ".ComparisonOperator", `"LessThanThreshold"`, Fail, "does not go off when events come"},
		{"alarm-unauthorized-calls", alarm + ".EvaluationPeriods", `3`, Pass, ""},
		// topic
		{"alarm-root-use", topic + ".Subscriptions", `[]`, Fail, "has no subscriber who confirmed"},
		{"alarm-root-use", topic + ".Subscriptions", `[{"SubscriptionArn": "Deleted"}, {"SubscriptionArn": "PendingConfirmation"}]`, Fail, "has no subscriber who confirmed"},
		{"alarm-root-use", topic + ".Subscriptions", `[{"SubscriptionArn": "PendingConfirmation"}, {}]`, NotEvaluated, "tells no subscriptions"},
		{"alarm-root-use", topic, `"!gap"`, NotEvaluated, "tells no subscriptions"},
	} {
		r := lib.ready[tt.check]
		e := copied(t, r.check.Examples.Pass[0])
		done := false
		for _, l := range leavesOf(e) {
			if l.path == tt.path && !done {
				done = true
				if tt.value == "absent" {
					l.set(absent{})
					continue
				}
				var v any
				d := json.NewDecoder(strings.NewReader(tt.value))
				d.UseNumber()
				if err := d.Decode(&v); err != nil {
					t.Fatal(err)
				}
				l.set(v)
			}
		}
		got, says := r.example(e)
		if !done || got != tt.want || !strings.Contains(says, tt.says) {
			t.Errorf("%s, %s %s: got %s (%s), want %s (%s)", tt.check, tt.path, tt.value, got, says, tt.want, tt.says)
		}
	}
}

// What several filters and alarms notice together counts, what narrows a filter
// beside its pattern does not, and a computed or composite alarm is not read.
func TestAlarmOnEventsTogether(t *testing.T) {
	lib := realLibrary(t)
	r := lib.ready["alarm-key-disable-or-delete"]
	parsed := func(text string) map[string]any { return data(t, text).(map[string]any) }
	filter := func(name, pattern, more string) map[string]any {
		return parsed(`{"id": "trail/` + name + `", "DescribeMetricFilters": {"logGroupName": "trail", "filterPattern": "{ $.eventName = ` + pattern + ` }", "metricTransformations": [{"metricName": "m", "metricNamespace": "Trail", "metricValue": "1"}]` + more + `}}`)
	}
	composite := parsed(`{"id": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:any", "DescribeAlarms": {"AlarmName": "any", "AlarmRule": "ALARM(\"a\")", "ActionsEnabled": true}}`)
	computed := parsed(`{"id": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:sum", "DescribeAlarms": {"AlarmName": "sum", "Metrics": [{"Id": "e1", "MetricStat": {"Metric": {"MetricName": "m", "Namespace": "Trail"}}}]}}`)
	two := []map[string]any{filter("a", "DisableKey", ""), filter("b", "ScheduleKeyDeletion", "")}
	for _, tt := range []struct {
		name   string
		change func(e *Example)
		want   Verdict
		says   string
	}{
		{"two filters", func(e *Example) { e.With["filters"] = two }, Pass, "trail/a"},
		{"one of two", func(e *Example) { e.With["filters"] = two[:1] }, Fail, "ScheduleKeyDeletion"},
		{"by region", func(e *Example) {
			e.With["filters"][0] = filter("a", "*Key*", `, "fieldSelectionCriteria": "@aws.region = \"us-east-1\""`)
		}, Fail, "fieldSelectionCriteria"},
		{"by account", func(e *Example) {
			e.With["filters"][0] = filter("a", "*Key*", `, "emitSystemFieldDimensions": ["@aws.account"]`)
		}, Fail, "emitSystemFieldDimensions"},
		{"narrowed by what was not answered", func(e *Example) { e.With["filters"][0] = filter("a", "*Key*", `, "fieldSelectionCriteria": "!gap"`) }, NotEvaluated, "fieldSelectionCriteria"},
		{"computed", func(e *Example) { e.With["alarms"] = []map[string]any{computed} }, NotEvaluated, "computes its metric"},
		{"composite", func(e *Example) {
			e.With["alarms"][0]["DescribeAlarms"].(map[string]any)["AlarmActions"] = []any{}
			e.With["alarms"] = append(e.With["alarms"], composite)
		}, NotEvaluated, "may be heard through the alarm"},
		{"alarms refused", func(e *Example) { e.With["alarms"], e.Unanswered = nil, []string{"alarms"} }, NotEvaluated, "cloudwatch/alarm in 111122223333/eu-west-1 (denied_identity)"},
		{"topics refused", func(e *Example) { e.With["topics"], e.Unanswered = nil, []string{"topics"} }, NotEvaluated, "sns/topic in 111122223333/eu-west-1 (denied_identity)"},
		{"one event cannot be followed, the other is missed", func(e *Example) {
			e.With["filters"] = two[:1]
			e.With["topics"], e.Unanswered = nil, []string{"topics"}
		}, Fail, "ScheduleKeyDeletion"},
		{"and the trails were not listed whole", func(e *Example) {
			e.With["filters"], e.Unanswered = two[:1], []string{"items"}
		}, NotEvaluated, "cloudtrail/trail"},
		{"a second trail that is not logging", func(e *Example) {
			e.Items = append(e.Items, parsed(`{"id": "t2", "DescribeTrails": {"TrailARN": "t2", "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true}, "GetTrailStatus": {"IsLogging": false}}`))
		}, Pass, "trail/main"},
		{"no such kind of events", func(e *Example) {}, NotEvaluated, "no kind of events"},
	} {
		e := copied(t, r.check.Examples.Pass[0])
		tt.change(&e)
		with := *r
		if tt.says == "no kind of events" {
			with.check.Params = map[string]any{"event": "everything"}
		}
		if got, says := with.example(e); got != tt.want || !strings.Contains(says, tt.says) {
			t.Errorf("%s: got %s (%s), want %s (%s)", tt.name, got, says, tt.want, tt.says)
		}
	}
}

// The organization's trail of another account is followed where that account was
// collected, and a member without a trail of its own passes by it.
func TestAlarmOnEventsOrganization(t *testing.T) {
	lib := realLibrary(t)
	r := lib.ready["alarm-root-use"]
	e := r.check.Examples.Pass[0]
	ev := Evidence{Run: "r", Commit: "c", At: exampleAt(), Items: map[string][]Located{}}
	ev.put(exampleAccount, r.check.Of, e.Items, false)
	for v, source := range r.check.With {
		ev.put(exampleAccount, source, e.With[v], false)
	}
	arn := e.Items[0]["id"].(string)
	ev.put(otherAccount, r.check.Of, []map[string]any{{"id": arn + "@eu-west-1", "DescribeTrails": e.Items[0]["DescribeTrails"]}}, false)
	ev.Cells = append(ev.Cells, evidence.Cell{Account: "777788889999", Region: exampleRegion, Source: r.check.Of, State: evidence.OutOfScope})
	judge := func() map[string]Finding {
		res, err := r.judge(newWorld(ev, examplePeriod()), nil, true)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]Finding{}
		for _, f := range res.Findings {
			out[f.Item] = f
		}
		return out
	}
	got := judge()
	if len(got) != 2 || got[exampleAccount].Verdict != Pass || got[otherAccount].Verdict != Pass {
		t.Errorf("got %v", got)
	}
	for i := range ev.Cells { // the home account is not in scope
		if ev.Cells[i].Account == exampleAccount {
			ev.Cells[i].State = evidence.OutOfScope
		}
	}
	for source, list := range ev.Items {
		ev.Items[source] = nil
		for _, it := range list {
			if it.Account != exampleAccount {
				ev.Items[source] = append(ev.Items[source], it)
			}
		}
	}
	if got := judge(); len(got) != 1 || got[otherAccount].Verdict != NotEvaluated {
		t.Errorf("the home account out of scope: got %v", got)
	}
}
