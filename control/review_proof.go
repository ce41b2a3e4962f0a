package control

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/review"
)

// Outcome is what became of a Revoke or a Modify.
type Outcome string

// The outcomes there are.
const (
	ProofGone      Outcome = "gone"
	ProofPresent   Outcome = "present"   // still there
	ProofBack      Outcome = "back"      // it was gone at a run, and is there again
	ProofChanged   Outcome = "changed"   // of a Modify
	ProofUnchanged Outcome = "unchanged" // of a Modify
	ProofUnknown   Outcome = "unknown"   // the newest run was not told
	ProofWaiting   Outcome = "waiting"   // no run since the decision
)

// A Proof is what the runs after a decision show of it.
type Proof struct {
	Decision review.Decision
	Outcome  Outcome
	Says     string // in words, with the runs: "gone between run a (…) and run b (…)"
	Days     int    // from the decision to the newest run
	// Seen are the runs that were asked, oldest first, the frozen one first.
	Seen []SeenWay
	// Event is the id of the CloudTrail event that took it away, where one was
	// collected; "" otherwise.
	Event string
}

// SeenWay is one run's answer about an entitlement.
type SeenWay struct {
	Run   string
	At    time.Time
	State string // present, absent, unknown
	Why   string // of unknown
}

// proofs works out, for each decision that counts and asks for a change, what the
// runs since the freezing show.
func (w *world) proofs(r *review.Review) map[string]Proof {
	out := map[string]Proof{}
	frozen := map[string]bool{}
	for _, e := range r.Population {
		frozen[e.Row] = true
	}
	latest := r.Latest()
	for _, e := range r.Population {
		d := latest[e.Row]
		if d.Decision != review.Revoke && d.Decision != review.Modify {
			continue
		}
		p := Proof{Decision: d, Seen: []SeenWay{{Run: r.Run, At: r.Seen, State: "present"}}}
		n, _ := days(d.Received, w.runAt())
		p.Days = max(int(n), 0)
		for _, b := range append(slices.Clone(w.before), w) {
			if b.At.After(r.Seen) && b.looksAt(Check{Of: e.Source}) { // a run that did not ask for it proves nothing
				p.Seen = append(p.Seen, b.way(e, frozen))
			}
		}
		p.conclude(w, e)
		out[e.Row] = p
	}
	return out
}

// way asks one run about an entitlement. The same access by another way that was not
// on the list reviewed is presence, too: what was taken away must not come in by
// the next door.
func (w *world) way(e review.Entitlement, frozen map[string]bool) SeenWay {
	s := SeenWay{Run: w.Run, At: w.At, State: "absent"}
	here, _ := w.ways()
	if _, there := here[e.Row]; there {
		s.State = "present"
		return s
	}
	if e.Kind == review.Assignment {
		for _, row := range sortedKeys(here) {
			if o := here[row]; o.Kind == e.Kind && o.Principal == e.Principal && o.Account == e.Account && o.Access == e.Access && !frozen[row] {
				s.State, s.Why = "present", "by another way that was not reviewed: "+or(o.Via, "direct")
				return s
			}
		}
	}
	if why := w.unseenWay(e); why != "" {
		s.State, s.Why = "unknown", why
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// unseenWay says why it cannot be told that an entitlement is absent; "" when it can.
func (w *world) unseenWay(e review.Entitlement) string {
	at, err := placeOf(e.Path)
	if err != nil {
		return "where it was listed is not known"
	}
	sources := []string{e.Source}
	if e.Source == "sso/assignment" {
		sources = append(sources, "identitystore/user")
		if e.ViaID != "" {
			sources = append(sources, "identitystore/group")
		}
	}
	if e.Kind == review.NoCredential {
		sources = append(sources, "iam/access-key")
	}
	for _, source := range sources {
		l := w.listing(source)
		if why := l.refusedAt(at); why != "" {
			return notAnswered(why)
		}
		for _, c := range l.Cells {
			if c.Region == youngRegion && !strings.Contains(c.Reason, e.Principal) {
				continue // the report lacks others, who came since
			}
			if c.Account == at.account && (c.Region == at.region || !c.State.Answered()) {
				switch c.State {
				case evidence.Collected, evidence.Empty, evidence.Partial, evidence.NotInUse:
				case evidence.RegionNotEnabled, evidence.ServiceNotInRegion:
					if c.Region == at.region {
						return notAnswered(cellCause(c))
					}
				default:
					return notAnswered(cellCause(c))
				}
			}
		}
	}
	_, gaps := w.ways()
	for _, m := range gaps {
		if m.State == "partial" && m.Account == at.account && slices.Contains(sources, m.Source) && (strings.Contains(m.Reason, e.Access) || strings.Contains(m.Reason, e.Principal) || e.ViaID != "" && strings.Contains(m.Reason, e.ViaID)) {
			return notAnswered(m.Reason)
		}
	}
	return ""
}

// conclude says what the runs together show.
func (p *Proof) conclude(w *world, e review.Entitlement) {
	newest := p.Seen[len(p.Seen)-1]
	named := func(s SeenWay) string { return "run " + s.Run + " (" + s.At.UTC().Format(time.RFC3339) + ")" }
	if !newest.At.After(p.Decision.Received) {
		p.Outcome, p.Says = ProofWaiting, "no run since the decision of "+day(p.Decision.Received)
		return
	}
	since := fmt.Sprintf("%d days after the decision of %s", p.Days, day(p.Decision.Received))
	last, first, absent := p.Seen[0], SeenWay{}, SeenWay{} // last present; first absent after it; any absent
	back := SeenWay{}
	for _, s := range p.Seen {
		switch s.State {
		case "present":
			if absent.Run != "" && back.Run == "" {
				back = s
			}
			last, first = s, SeenWay{}
		case "absent":
			if first.Run == "" {
				first = s
			}
			absent = s
		}
	}
	switch {
	case newest.State == "unknown":
		p.Outcome, p.Says = ProofUnknown, newest.Why+" at "+named(newest)+"; last seen "+map[bool]string{true: "absent at " + named(first), false: "present at " + named(last)}[first.Run != ""]
	case newest.State == "absent":
		p.Outcome, p.Says = ProofGone, "gone between "+named(last)+" and "+named(first)
		if back.Run != "" {
			p.Says += "; it had been gone before, and was back at " + named(back)
		}
		if ev := w.tookAway(e, last.At, first.At); ev != nil {
			p.Event, p.Says = ev.id, p.Says+fmt.Sprintf("; %s by %s at %s, CloudTrail event %s", ev.name, ev.by, ev.at.UTC().Format(time.RFC3339), ev.id)
		}
	case p.Decision.Decision == review.Modify:
		p.modified(w, e, named, since)
	case back.Run != "":
		p.Outcome, p.Says = ProofBack, "gone at "+named(absent)+", and there again at "+named(newest)+", "+since
	default:
		p.Outcome, p.Says = ProofPresent, "still there at "+named(newest)+", "+since
	}
	if newest.State == "present" && newest.Why != "" {
		p.Says += " (" + newest.Why + ")"
	}
}

// modified says whether what a Modify is about is other than it was: the policies
// behind it, the second factor, or what it opens.
func (p *Proof) modified(w *world, e review.Entitlement, named func(SeenWay) string, since string) {
	newest := p.Seen[len(p.Seen)-1]
	here, _ := w.ways()
	now, there := here[e.Row]
	if !there {
		p.Outcome, p.Says = ProofUnchanged, "the same access by another way at "+named(newest)+", "+since
		return
	}
	var diff []string
	if !slices.Equal(now.Grants, e.Grants) {
		diff = append(diff, fmt.Sprintf("policies were %s, are %s", or(strings.Join(e.Grants, ", "), "none"), or(strings.Join(now.Grants, ", "), "none")))
	}
	if now.MFA != e.MFA {
		diff = append(diff, fmt.Sprintf("MFA was %s, is %s", or(e.MFA, "not answered"), or(now.MFA, "not answered")))
	}
	if now.Opens != e.Opens {
		diff = append(diff, fmt.Sprintf("it opened %s, and opens %s", e.Opens, now.Opens))
	}
	switch {
	case len(now.Unknown) > 0 && len(diff) == 0:
		p.Outcome, p.Says = ProofUnknown, notAnswered(strings.Join(now.Unknown, ", "))+" at "+named(newest)
	case len(diff) > 0:
		p.Outcome, p.Says = ProofChanged, "changed at "+named(newest)+": "+strings.Join(diff, "; ")
	default:
		p.Outcome, p.Says = ProofUnchanged, "unchanged at "+named(newest)+", "+since
	}
}

// trailEvent is an event of the trail that took something away.
type trailEvent struct {
	id, name, by string
	at           time.Time
}

// takesAway are the events that end an entitlement, by its kind.
func takesAway() map[string][]string {
	return map[string][]string{
		review.Password:     {"DeleteLoginProfile", "DeleteUser"},
		review.AccessKey:    {"DeleteAccessKey", "UpdateAccessKey"},
		review.Certificate:  {"DeleteSigningCertificate", "UpdateSigningCertificate"},
		review.NoCredential: {"DeleteUser"},
		review.RoleTrust:    {"UpdateAssumeRolePolicy", "DeleteRole"},
		review.Assignment:   {"DeleteAccountAssignment", "DeleteGroupMembership", "DeleteUser", "DisableUser"},
	}
}

// tookAway finds the one collected event between two times that ends the
// entitlement and names it; nil where there is none, or more than one.
func (w *world) tookAway(e review.Entitlement, from, to time.Time) *trailEvent {
	subject := e.Name
	switch e.Kind {
	case review.AccessKey:
		subject = e.Access
	case review.RoleTrust:
		subject = e.Access[strings.LastIndexByte(e.Access, '/')+1:]
	case review.Assignment:
		subject = e.Principal
	}
	var found []trailEvent
	seen := map[string]bool{}
	for _, b := range append(slices.Clone(w.before), w) {
		for _, it := range b.items("cloudtrail/event") {
			v, _ := field(it, "LookupEvents")
			ev := written(fieldsOf(v))
			at, err := instant(ev["EventTime"])
			if err != nil || seen[it.ID] || at.Before(from) || at.After(to) || !slices.Contains(takesAway()[e.Kind], ev.text("EventName")) || it.Account != e.Account && e.Kind != review.Assignment {
				continue
			}
			if !namesResource(ev, subject) || failedEvent(ev) {
				continue
			}
			seen[it.ID] = true
			found = append(found, trailEvent{it.ID, ev.text("EventName"), or(ev.text("Username"), "nobody named"), at})
		}
	}
	if len(found) != 1 {
		return nil
	}
	return &found[0]
}

// namesResource reports whether an event is about something: among its resources,
// or as a parameter of the request.
func namesResource(ev written, subject string) bool {
	list, _ := ev["Resources"].([]any)
	for _, r := range list {
		if n := written(fieldsOf(r)).text("ResourceName"); n == subject || strings.HasSuffix(n, "/"+subject) {
			return true
		}
	}
	var inside func(v any) bool
	inside = func(v any) bool {
		switch v := v.(type) {
		case string:
			return v == subject
		case map[string]any:
			for _, e := range v {
				if inside(e) {
					return true
				}
			}
		}
		return false
	}
	return inside(recorded(ev)["requestParameters"])
}

// failedEvent reports whether what the event tells of was refused.
func failedEvent(ev written) bool { return recorded(ev)["errorCode"] != nil }

// outcomeKnown reports whether the answer holds how the event ended: a collector
// keeps its error code, and its version where there is none. Where it could not read
// the event's text all of it is withheld.
func outcomeKnown(ev written) bool {
	told := recorded(ev)
	return told["errorCode"] != nil || told["eventVersion"] != nil
}

// recorded is the event as the trail wrote it, where the answer holds it.
func recorded(ev written) map[string]any {
	if text, ok := ev["CloudTrailEvent"].(string); ok {
		if doc, err := policyText(text); err == nil {
			return fieldsOf(doc)
		}
	}
	return fieldsOf(ev["CloudTrailEvent"])
}
