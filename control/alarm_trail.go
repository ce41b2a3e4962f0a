package control

import (
	"fmt"
	"strings"
)

// alarm_trail.go is the first part of the way in alarmOnEvents: whether a trail
// records an event, and to which log group.

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
