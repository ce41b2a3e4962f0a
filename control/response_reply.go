package control

import (
	"strings"
	"time"
)

// A replyKind is a kind of record that may answer a finding, and which of its
// fields say what. Every kind may also name findings under "findings".
type replyKind struct {
	kind                   string
	names                  []string // fields with one name or a list of names
	acknowledged, resolved []string // the first field that is there counts
	owner                  string
}

func replyKinds() []replyKind {
	return []replyKind{
		{"guardduty-finding-response", []string{"finding_id", "findings"}, []string{"acknowledged"}, []string{"resolved"}, "investigator"},
		{"vulnerability-response", []string{"finding_id", "findings"}, []string{"acknowledged"}, []string{"fixed_on", "accepted_on"}, "owner"},
		{"ticket", []string{"findings", "items"}, []string{"acknowledged", "opened"}, []string{"closed"}, "owner"},
		{"incident", []string{"findings"}, []string{"acknowledged"}, []string{"resolved"}, "owner"},
	}
}

// answers are the records that could answer a finding. A day after the run says
// nothing yet.
func (w *world) answers() []Reply {
	opened := map[string]written{} // tickets, by id
	for _, it := range w.items("record/ticket") {
		opened[recordOf(it).text("id")] = recordOf(it)
	}
	var out []Reply
	for _, k := range replyKinds() {
		for _, it := range w.items("record/" + k.kind) {
			r := recordOf(it)
			a := Reply{Kind: k.kind, ID: it.ID, Owner: r.text(k.owner), Ticket: r.text("ticket"), Pointer: it.Pointer}
			if k.kind == "ticket" {
				a.Ticket = r.text("id")
			}
			for _, f := range k.names {
				if s := r.text(f); s != "" {
					a.Names = append(a.Names, s)
				}
				a.Names = append(a.Names, r.texts(f)...)
			}
			a.Acknowledged, a.AcknowledgedDay = w.when(r, k.acknowledged)
			a.Resolved, a.ResolvedDay = w.when(r, k.resolved)
			if a.Acknowledged.IsZero() && k.kind == "vulnerability-response" { // records written before there was such a field
				a.Acknowledged, a.AcknowledgedDay = w.when(opened[a.Ticket], []string{"acknowledged", "opened"})
			}
			a.Accepted = r.text("status") == "accepted" && r.text("accepted_by") != ""
			for _, f := range []string{"opened", "detected", "first_seen"} {
				if a.dated.IsZero() {
					a.dated = r.day(f)
				}
			}
			if len(a.Names) > 0 {
				out = append(out, a)
			}
		}
	}
	return out
}

// when is the first of some fields that is there, and whether it is a day alone.
func (w *world) when(r written, fields []string) (time.Time, bool) {
	for _, f := range fields {
		t, err := instant(r[f])
		if err == nil && !w.future(t.UTC().Truncate(24*time.Hour)) {
			return t.UTC(), len(r.text(f)) == len(time.DateOnly)
		}
	}
	return time.Time{}, false
}

// unreadReplies says why an answer may be there that could not be read; "" when
// all were read.
func (w *world) unreadReplies() string {
	for _, k := range replyKinds() {
		if why := w.Unread[k.kind]; why != "" {
			return why
		}
	}
	return ""
}

// strange reports whether an answer of the period names a finding of these sources
// that no run saw. A ticket's items may be anything, and a scanner's own number
// need not be AWS's.
func (a Reply) strange(w *world, known map[string]bool) bool {
	if !a.dated.IsZero() && a.dated.Before(w.period.Start) {
		return false
	}
	for _, n := range a.Names {
		if known[n] {
			continue
		}
		finding := strings.HasPrefix(n, "arn:") && strings.Contains(n, "finding/")
		if a.Kind == "guardduty-finding-response" || finding {
			return true
		}
	}
	return false
}

// ResponseLimits say which findings must be answered and how soon.
type ResponseLimits struct {
	GuardDuty       float64 // the lowest severity on the list; 0 is 7
	InspectorHigh   bool    // high ones too, not critical ones alone
	SecurityHubHigh bool
	Within          map[Severity]ResponseLimit // critical and high; a missing or zero one is the default
}

// A ResponseLimit is how soon after it was detected a finding must be taken up and
// resolved.
type ResponseLimit struct{ Acknowledge, Resolve time.Duration }

// filled puts the defaults where nothing was chosen: taken up within a day, as the
// control on high findings says, and resolved in the days of the starter policy on
// vulnerabilities.
func (l ResponseLimits) filled() ResponseLimits {
	const hour, days = time.Hour, 24 * time.Hour
	out := ResponseLimits{GuardDuty: l.GuardDuty, InspectorHigh: l.InspectorHigh, SecurityHubHigh: l.SecurityHubHigh, Within: map[Severity]ResponseLimit{
		"critical": {24 * hour, 7 * days}, "high": {24 * hour, 30 * days},
	}}
	if out.GuardDuty == 0 {
		out.GuardDuty = 7
	}
	for s, own := range l.Within {
		limit := out.Within[s]
		if own.Acknowledge > 0 {
			limit.Acknowledge = own.Acknowledge
		}
		if own.Resolve > 0 {
			limit.Resolve = own.Resolve
		}
		out.Within[s] = limit
	}
	return out
}

// Responded are the limits in force, the defaults filled in.
func (o Own) Responded() ResponseLimits { return o.Responses.filled() }

func (l ResponseLimit) acknowledge() string { return plural(int(l.Acknowledge.Hours()), "hour") }
func (l ResponseLimit) resolve() string     { return plural(int(l.Resolve.Hours()/24), "day") }
