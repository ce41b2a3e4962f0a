package control

import "strings"

// A Cause is why something was not evaluated, in one of a few groups: each can be
// closed by somebody else, or by nobody any more.
type Cause string

// The causes, those somebody can close today first.
const (
	CauseRefused  Cause = "Refused"
	CauseFailed   Cause = "Failed or stopped"
	CauseOff      Cause = "Switched off"
	CauseUnasked  Cause = "Not asked"
	CauseRecord   Cause = "A record is missing or does not say"
	CauseSilent   Cause = "The source does not say"
	CauseUnable   Cause = "Not implemented by the source"
	CauseUnseen   Cause = "No run in that time"
	CauseDeleted  Cause = "Deleted before it was asked for"
	CauseFollows  Cause = "Follows from the rows above"
	causeFallback       = CauseSilent
)

// A CauseText says what a cause is, who can close it, and how.
type CauseText struct {
	Cause Cause
	Says  string
	Who   string // can close it
	Mend  string
}

// Causes are all of them in the order of a table.
func Causes() []CauseText {
	return []CauseText{
		{CauseRefused, "The source answered that the collecting identity may not ask, or the account could not be entered.", "Whoever writes the policy that refuses: of a service control policy the management account, else the account's own administrator", "Allow the actions that `exhibit iam-policy` prints, and run again. What was refused in the past stays so."},
		{CauseFailed, "The call failed, was throttled to the end, or the run was stopped before it.", "Whoever runs exhibit", "Run again; `exhibit collect --resume` asks for what is missing alone."},
		{CauseOff, "The service that would tell is not switched on there.", "The owner of the account", "Switch the service on, or write down why it is not."},
		{CauseUnasked, "exhibit.yaml leaves it out, or no run asked for it.", "Whoever keeps exhibit.yaml", "Ask for it in exhibit.yaml and run again."},
		{CauseRecord, "A person must write it down, and nobody has, or what is written lacks what decides.", "The owner of the record or register", "Write it (`exhibit record new`); it is dated by when it was sealed."},
		{CauseSilent, "The source answered, and its answer does not hold what decides.", "The owner of the service; else the auditor asks for other evidence", "See the reason of each row: what the source would have to say."},
		{CauseUnable, "The source has no such operation, or does not offer it there.", "Nobody with this source", "Show it by other means: a screen seen together with the auditor, or a record."},
		{CauseUnseen, "Nothing was observed in that time, for longer than the control's cadence allows.", "Nobody for the past; whoever runs exhibit from now on", "Run as often as the cadence asks. For the past: another source with a memory of its own, such as CloudTrail."},
		{CauseDeleted, "The provider keeps it for some weeks, and no run asked in time.", "Nobody for the past; whoever runs exhibit from now on", "Run `exhibit collect --expiring` weekly. For the past: an export somebody kept, shown to the auditor."},
		{CauseFollows, "It is not evaluated, or needs a record, because what it is made of does.", "Whoever closes what it is made of", "Close the rows that its page names."},
	}
}

// CauseOf is the group of a reason as findings, cells and runs give it. The reasons are
// this program's own words around the source's, so the marks below are found in them;
// a reason with none of the marks is the source's silence.
func CauseOf(reason string) Cause {
	has := func(marks ...string) bool {
		for _, m := range marks {
			if strings.Contains(reason, m) {
				return true
			}
		}
		return false
	}
	switch {
	case has("may have been deleted before", "no run asked in time"):
		return CauseDeleted
	case has("exhibit.yaml leaves", "nobody asked for", "never asked", "no run collected", "no run has asked", "(not_asked)"):
		return CauseUnasked
	case has("denied_scp", "denied_identity", "denied_resource", "account_unreachable", "AccessDenied", "UnauthorizedOperation", "NotAuthorized", "Forbidden", "HTTP 401", "HTTP 403"):
		return CauseRefused
	case has("NotImplemented", "UnknownOperation", "UnsupportedOperation", "HTTP 501"):
		return CauseUnable
	case has("not_in_use", "NotEnabled", "not enabled", "Disabled", "NotSubscribed", "SubscriptionRequired"):
		return CauseOff
	case has("(throttled)", "(credential_expired)", "(truncated)", "(cancelled)", "(error)", "(lost)", "(partial)", "Throttl", "RequestLimitExceeded", "Truncated", "HTTP 5"):
		return CauseFailed
	case has("no record answers", "register", "identity table", "offboarding record", "record does not say", "does not say when the risk", "is not written down", "could not be read"):
		return CauseRecord
	}
	return causeFallback
}
