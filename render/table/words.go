package table

import (
	"bytes"
	"encoding/json"

	"exhibit/control"
	"exhibit/evidence"
)

// Opinion stands on every page.
const Opinion = "Statuses are management's; the service auditor forms their own conclusion."

// ToInspect is what a sample sheet says of an attribute no evidence here can show.
const ToInspect control.Status = "To inspect"

// VerdictStatus is a verdict in the words of the site.
func VerdictStatus(f control.Finding) control.Status {
	switch f.Verdict {
	case control.Pass:
		return control.Met
	case control.Fail:
		if f.Compensated {
			return control.Compensated
		}
		return control.ExceptionIn
	case control.NotApplicable:
		return control.NA
	case control.NeedsRecord:
		return control.ManualHasNot
	case "":
		return ToInspect
	}
	return control.NotEvaluatedIn // also a verdict this version does not know: never Met
}

// Shape is the class of a status: its shape and colour. An unknown word gets
// the shape of what is not known.
func Shape(s control.Status) string {
	switch s {
	case control.Met:
		return "met"
	case control.Status(control.AnswerWhole): // evidence is there; that it is good it does not say
		return "has"
	case control.Status(control.AnswerInPart):
		return "hasnot"
	case control.ExceptionIn:
		return "exc"
	case control.Compensated:
		return "comp"
	case control.NA:
		return "na"
	case control.NoOccurrence, control.NotThere:
		return "none"
	case control.ManualHas:
		return "has"
	case control.ManualHasNot:
		return "hasnot"
	case control.StatementOnly, ToInspect:
		return "stmt"
	}
	return "gap"
}

// ShapeOf is the shape of any word a Status cell may hold, those of coverage too.
func ShapeOf(word string) string {
	switch word {
	case CoverCollected, CoverNothing, CoverPartial:
		return Shape(CoverStatus(word))
	}
	return Shape(control.Status(word))
}

// Urgency orders statuses for a reader who wants first what is not met.
func Urgency(s control.Status) int {
	switch s {
	case control.ExceptionIn:
		return 0
	case control.NotEvaluatedIn:
		return 1
	case control.ManualHasNot:
		return 2
	case control.Compensated:
		return 3
	case control.StatementOnly:
		return 4
	case control.NoOccurrence, control.NotThere:
		return 5
	case control.ManualHas:
		return 6
	case control.Met:
		return 7
	case control.NA:
		return 8
	}
	return 1
}

// The five words of coverage.
const (
	CoverCollected = "Collected"
	CoverNothing   = "Nothing there"
	CoverNA        = "Not applicable"
	CoverPartial   = "Partial"
	CoverGap       = "Not collected"
)

// CoverWords are the words of coverage, worst first.
func CoverWords() []string {
	return []string{CoverGap, CoverPartial, CoverCollected, CoverNothing, CoverNA}
}

// CoverWord is the word for a cell's state. A state this version does not know
// is Not collected.
func CoverWord(s evidence.State) string {
	switch s {
	case evidence.Collected:
		return CoverCollected
	case evidence.Empty:
		return CoverNothing
	case evidence.NotInUse, evidence.RegionNotEnabled, evidence.ServiceNotInRegion, evidence.AccountSuspended, evidence.OutOfScope:
		return CoverNA
	case evidence.Partial:
		return CoverPartial
	}
	return CoverGap
}

// CoverStatus gives a word of coverage its shape.
func CoverStatus(word string) control.Status {
	switch word {
	case CoverCollected:
		return control.Met
	case CoverNothing:
		return control.NoOccurrence
	case CoverNA:
		return control.NA
	case CoverPartial:
		return control.ManualHasNot
	}
	return control.NotEvaluatedIn
}

// StateWords says a cell's state in a sentence.
func StateWords(s evidence.State) string {
	switch s {
	case evidence.Collected:
		return "Asked and answered."
	case evidence.Empty:
		return "Asked and answered: there is nothing of this kind here."
	case evidence.NotInUse:
		return "The service says it is not enabled here."
	case evidence.RegionNotEnabled:
		return "The account has not opted in to this region."
	case evidence.ServiceNotInRegion:
		return "AWS does not offer this service in this region."
	case evidence.AccountSuspended:
		return "The organization lists this account as suspended."
	case evidence.OutOfScope:
		return "Left out by management, with the reason given."
	case evidence.DeniedSCP:
		return "Refused by a service control policy."
	case evidence.DeniedIdentity:
		return "Refused: the collecting role may not ask."
	case evidence.DeniedResource:
		return "Refused by a policy on the resource."
	case evidence.AccountUnreachable:
		return "The account could not be entered."
	case evidence.Throttled:
		return "Still refused for the rate of calls after every retry."
	case evidence.CredentialExpired:
		return "The run's credentials ended before this was asked."
	case evidence.Partial:
		return "The list is whole; some questions about its items were not answered."
	case evidence.Truncated:
		return "The list was cut short: a later page was refused or failed."
	case evidence.Cancelled:
		return "The run was stopped before this was asked."
	case evidence.NotAsked:
		return "The newest run did not ask this; an earlier one did."
	case evidence.Lost:
		return "Planned, but its part of the run never came back."
	}
	return "An error stood in the way of an answer."
}

// ValueText is a finding's value as text: a string as it is, anything else as
// compact JSON.
func ValueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := evidence.Canonical(v)
	if err != nil {
		return "a value that cannot be written: " + err.Error()
	}
	return string(b)
}

// PrettyJSON indents one JSON line; a line that is not JSON is returned as it is.
func PrettyJSON(line []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, line, "", "  ") != nil {
		return string(line)
	}
	return b.String()
}
