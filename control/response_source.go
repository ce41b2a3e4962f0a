package control

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// textAt is a text deep inside an answer; "" when it is not there.
func textAt(it Located, question string, keys ...string) string {
	v, _ := field(it, question, keys...)
	s, _ := v.(string)
	return s
}

func timeAt(it Located, question string, keys ...string) time.Time {
	v, _ := field(it, question, keys...)
	t, err := instant(v)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// findingNames are what a record may call a finding, each of them as AWS writes it.
func findingNames(it Located) []string {
	var out []string
	for _, n := range []string{
		it.ID, textAt(it, "GetFindings", "Id"), textAt(it, "GetFindings", "Arn"), textAt(it, "ListFindings", "findingArn"), textAt(it, "ListFindingsV2", "id"),
	} {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// guardDutyGrave: GuardDuty rates from 1.0; 9.0 and above it calls critical, 7.0 and above high.
// Source: Amazon GuardDuty User Guide, "Severity levels of GuardDuty findings".
func guardDutyGrave(it Located, l ResponseLimits) (Severity, string, bool) {
	v, _ := field(it, "GetFindings", "Severity")
	n, ok := number(v)
	switch rated := strconv.FormatFloat(n, 'f', -1, 64); {
	case !ok:
		return "", "not said", true
	case n < l.GuardDuty:
		return "", rated, false
	case n >= 9:
		return "critical", rated, true
	default:
		return "high", rated, true
	}
}

func readGuardDuty(it Located, a *Answered) {
	a.set(textAt(it, "GetFindings", "Id"), textAt(it, "GetFindings", "Type"), timeAt(it, "GetFindings", "CreatedAt"))
	a.AtSource = "not said"
	switch v, _ := field(it, "GetFindings", "Service", "Archived"); v {
	case true:
		a.AtSource = "archived"
	case false:
		a.AtSource = "not archived"
	}
}

// byLabel rates by a label that services share.
func byLabel(label string, high bool) (Severity, string, bool) {
	switch label {
	case "CRITICAL":
		return "critical", label, true
	case "HIGH":
		return "high", label, high
	case "":
		return "", "not said", true
	}
	return "", label, false
}

func inspectorGrave(it Located, l ResponseLimits) (Severity, string, bool) {
	return byLabel(textAt(it, "ListFindings", "severity"), l.InspectorHigh)
}

func readInspector(it Located, a *Answered) {
	a.set(textAt(it, "ListFindings", "findingArn"), textAt(it, "ListFindings", "title"), timeAt(it, "ListFindings", "firstObservedAt"))
	a.AtSource = strings.ToLower(textAt(it, "ListFindings", "status"))
}

// accessGrave: Access Analyzer rates nothing. External access that was active at a
// run is taken for high; what it calls anything else but external access is not on the list.
func accessGrave(it Located, _ ResponseLimits) (Severity, string, bool) {
	kind, status := textAt(it, "ListFindingsV2", "findingType"), textAt(it, "ListFindingsV2", "status")
	switch {
	case kind == "" || status == "":
		return "", "not said", kind == "" || kind == "ExternalAccess"
	case kind == "ExternalAccess" && status == "ACTIVE":
		return "high", "external access", true
	}
	return "", "", false
}

func readAccess(it Located, a *Answered) {
	a.set(textAt(it, "ListFindingsV2", "id"), textAt(it, "ListFindingsV2", "resource"), timeAt(it, "ListFindingsV2", "createdAt"))
	a.AtSource = strings.ToLower(textAt(it, "ListFindingsV2", "status"))
}

func hubGrave(it Located, l ResponseLimits) (Severity, string, bool) {
	if textAt(it, "GetFindings", "RecordState") == "ARCHIVED" {
		return "", "", false
	}
	return byLabel(textAt(it, "GetFindings", "Severity", "Label"), l.SecurityHubHigh)
}

func readHub(it Located, a *Answered) {
	a.set(textAt(it, "GetFindings", "Id"), textAt(it, "GetFindings", "Title"), timeAt(it, "GetFindings", "CreatedAt"))
	a.AtSource = strings.ToLower("workflow " + textAt(it, "GetFindings", "Workflow", "Status"))
}

// set takes what a state of the finding says; what it leaves out an earlier state
// may have said.
func (a *Answered) set(id, what string, detected time.Time) {
	if id != "" {
		a.ID = id
	}
	if what != "" {
		a.What = what
	}
	if !detected.IsZero() {
		a.Detected = detected
	}
}
