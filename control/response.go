package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// Responses say what became of every grave finding that a run of the period saw:
// of GuardDuty, Inspector, Access Analyzer and Security Hub.
type Responses struct {
	// Findings are orphans first, then late ones, those not evaluated, open ones within
	// their time, and those closed in time; within each by the day they were detected.
	Findings []Answered
	// Strangers are answers to findings no run of the period saw.
	Strangers []Reply
	// Unseen are the places and runs in which a source did not answer: what it had there
	// is not known, and is on no list.
	Unseen []Unlooked
}

// Answered is a grave finding with the records that answer it.
type Answered struct {
	Source          string // "guardduty/finding"
	Account, Region string
	Item            string   // id of its item in the evidence
	ID              string   // as the source calls it: what an answer names
	Names           []string // everything an answer may call it
	Severity        Severity // critical or high; "" when the source did not say
	Rated           string   // in the source's own words: "8", "CRITICAL", "external access"
	What            string   // type, title or resource, to read; nothing is joined by it
	Detected        time.Time
	LastSeen        string // the last run that saw it
	AtSource        string // what the source says of it there: "archived", "ACTIVE", "workflow RESOLVED"
	Replies         []Reply
	// Acknowledged is the first time a person took it up, Resolved when the last of its
	// answers was closed; zero when not, or not written down.
	Acknowledged, Resolved time.Time
	// AcknowledgeBy and ResolveBy are the last moments allowed; zero when Detected is.
	AcknowledgeBy, ResolveBy time.Time
	State                    ResponseState
	Says                     string
	Pointer                  Pointer
}

// ResponseState is what became of a finding.
type ResponseState string

// The states of a finding, in the order a reader wants them.
const (
	ResponseOrphan  ResponseState = "no response"
	ResponseLate    ResponseState = "late"
	ResponseUnknown ResponseState = "not evaluated"
	ResponseOpen    ResponseState = "open, within its time"
	ResponseClosed  ResponseState = "closed in time"
)

// ResponseStates are all states, in the order of a table.
func ResponseStates() []ResponseState {
	return []ResponseState{ResponseOrphan, ResponseLate, ResponseUnknown, ResponseOpen, ResponseClosed}
}

// A Reply is a record that names findings.
type Reply struct {
	Kind, ID string
	Names    []string // the findings it names, as written
	Owner    string
	Ticket   string
	// Acknowledged and Resolved are zero when they are not written down; Day says of
	// each that it is a day without an hour.
	Acknowledged, Resolved       time.Time
	AcknowledgedDay, ResolvedDay bool
	Accepted                     bool // resolved by accepting the risk
	Pointer                      Pointer

	dated time.Time
}

// Unlooked is a source that did not answer at a run.
type Unlooked struct {
	Source, Account, Region string
	Run                     string // the last of them; "" when no run ever asked
	Runs                    int    // how many runs of the period it was so at
	Why                     string
}

// A graveSource is where grave findings come from. grave says of one state of an
// item whether it is on the list; the severity is "" when the item does not say.
type graveSource struct {
	source string
	name   string // as people call it
	grave  func(it Located, l ResponseLimits) (s Severity, rated string, yes bool)
	read   func(it Located, a *Answered)
	// open says that the source still has it open, against what a record may say.
	open func(it Located) bool
}

func graveSources() []graveSource {
	return []graveSource{
		{"guardduty/finding", "GuardDuty", guardDutyGrave, readGuardDuty, func(Located) bool { return false }}, // not archived is no proof of open
		{"inspector2/finding", "Inspector", inspectorGrave, readInspector, func(it Located) bool { return textAt(it, "ListFindings", "status") == "ACTIVE" }},
		{"access-analyzer/finding", "Access Analyzer", accessGrave, readAccess, func(it Located) bool { return textAt(it, "ListFindingsV2", "status") == "ACTIVE" }},
		{"securityhub/finding", "Security Hub", hubGrave, readHub, func(it Located) bool {
			return textAt(it, "GetFindings", "RecordState") == "ACTIVE" && slices.Contains([]string{"NEW", "NOTIFIED"}, textAt(it, "GetFindings", "Workflow", "Status"))
		}},
	}
}

// SourceName is how people call a source of findings.
func (a Answered) SourceName() string { return nameOfSource(a.Source) }

// SourceName is how people call a source of findings.
func (u Unlooked) SourceName() string { return nameOfSource(u.Source) }

func nameOfSource(source string) string {
	for _, g := range graveSources() {
		if g.source == source {
			return g.name
		}
	}
	return source
}

// responses are those of the runs up to this one, worked out once.
func (w *world) responses() Responses {
	if w.responded == nil {
		made := responses(w)
		w.responded = &made
	}
	return *w.responded
}

// responses joins findings and records by exact ids and ARNs, never by a title.
func responses(w *world) Responses {
	var out Responses
	runs := append(slices.Clone(w.before), w)
	l := w.own.Responses.filled()
	answers := w.answers()
	known, used := map[string]bool{}, map[int]bool{} // names of findings any run saw; answers that name one
	also := map[string][]string{}                    // further names, by ARN: Security Hub takes over findings of others
	type key struct{ source, account, region, id string }
	var found []*Answered
	last := map[key]*Answered{}
	lastItem := map[*Answered]Located{}
	for _, g := range graveSources() {
		for _, b := range runs {
			for _, it := range b.items(g.source) {
				for _, n := range findingNames(it) {
					known[n] = true
					if g.source != "securityhub/finding" {
						also[n] = findingNames(it)
					}
				}
				k := key{g.source, it.Account, it.Region, it.ID}
				severity, rated, yes := g.grave(it, l)
				a := last[k]
				if !yes && a == nil {
					continue
				}
				if a == nil {
					a = &Answered{Source: g.source, Account: it.Account, Region: it.Region, Item: it.ID, ID: it.ID}
					last[k] = a
					found = append(found, a)
				}
				if yes && (a.Rated == "" || a.Severity == "" || severity == "critical") { // the gravest any run saw: Security Hub lowers what it closes
					a.Severity, a.Rated = severity, rated
				}
				g.read(it, a)
				a.Names = findingNames(it)
				a.LastSeen, a.Pointer, lastItem[a] = b.Run, it.Pointer, it
			}
		}
		out.Unseen = append(out.Unseen, unseenAt(g.source, runs)...)
	}
	end := w.period.End.AddDate(0, 0, 1)
	for _, a := range found {
		if !w.period.End.IsZero() && !a.Detected.Before(end) {
			continue // it came after the period
		}
		if a.Source == "securityhub/finding" {
			for _, n := range a.Names {
				for _, m := range also[n] {
					if !slices.Contains(a.Names, m) {
						a.Names = append(a.Names, m)
					}
				}
			}
		}
		for i, x := range answers {
			if slices.ContainsFunc(x.Names, func(n string) bool { return slices.Contains(a.Names, n) }) {
				a.Replies = append(a.Replies, x)
				used[i] = true
			}
		}
		a.judge(w, l, lastItem[a])
		out.Findings = append(out.Findings, *a)
	}
	for i, x := range answers {
		if !used[i] && x.strange(w, known) {
			out.Strangers = append(out.Strangers, x)
		}
	}
	slices.SortStableFunc(out.Findings, func(a, b Answered) int {
		return cmp.Or(slices.Index(ResponseStates(), a.State)-slices.Index(ResponseStates(), b.State), a.Detected.Compare(b.Detected),
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// judge compares the answers of a finding with the time allowed. at is the finding
// as the last run that saw it has it.
func (a *Answered) judge(w *world, l ResponseLimits, at Located) {
	if len(a.Replies) == 0 {
		if why := w.unreadReplies(); why != "" {
			a.State, a.Says = ResponseUnknown, "not answered: whether a record answers it: "+why
			return
		}
	}
	limit := l.Within[a.Severity]
	var unknown, late, open []string
	switch {
	case a.Severity == "":
		unknown = append(unknown, "how grave it is the source did not say")
	case a.Detected.IsZero():
		unknown = append(unknown, "when it was detected the source did not say")
	default:
		a.AcknowledgeBy, a.ResolveBy = a.Detected.Add(limit.Acknowledge), a.Detected.Add(limit.Resolve)
	}
	ackDay, resolvedDay, accepted, all := false, false, false, len(a.Replies) > 0
	for _, x := range a.Replies {
		if !x.Acknowledged.IsZero() && (a.Acknowledged.IsZero() || x.Acknowledged.Before(a.Acknowledged)) {
			a.Acknowledged, ackDay = x.Acknowledged, x.AcknowledgedDay
		}
		accepted = accepted || x.Accepted
		switch {
		case x.Resolved.IsZero() && x.Accepted:
			all = false
			unknown = append(unknown, x.Kind+" "+x.ID+" does not say when the risk was accepted")
		case x.Resolved.IsZero():
			all = false
		case x.Resolved.After(a.Resolved):
			a.Resolved, resolvedDay = x.Resolved, x.ResolvedDay
		}
	}
	if !all {
		a.Resolved = time.Time{}
	}
	if len(a.Replies) == 0 {
		if !a.AcknowledgeBy.IsZero() && !w.asOf.After(a.AcknowledgeBy) {
			a.State, a.Says = ResponseOpen, "nobody has taken it up yet, which is allowed until "+minute(a.AcknowledgeBy)
			return
		}
		a.State, a.Says = ResponseOrphan, "no ticket and no record names it"
		return
	}
	for _, g := range graveSources() {
		if g.source == a.Source && !a.Resolved.IsZero() && !accepted && a.LastSeen == w.Run && g.open(at) && w.runAt().After(a.Resolved.AddDate(0, 0, 1)) {
			open = append(open, fmt.Sprintf("its records say it was resolved on %s, and %s still has it open at run %s", day(a.Resolved), g.name, w.Run))
			a.Resolved = time.Time{}
		}
	}
	if len(unknown) == 0 {
		switch {
		case a.Acknowledged.IsZero() && !a.Resolved.IsZero() && !after(a.Resolved, a.AcknowledgeBy, resolvedDay):
			// resolved within the time in which it had to be taken up
		case a.Acknowledged.IsZero() && w.asOf.After(a.AcknowledgeBy):
			unknown = append(unknown, "when somebody took it up is not written down")
		case !a.Acknowledged.IsZero() && after(a.Acknowledged, a.AcknowledgeBy, ackDay):
			late = append(late, "taken up "+elapsed(a.Detected, a.Acknowledged)+" after it was detected, allowed are "+limit.acknowledge())
		}
		switch {
		case !a.Resolved.IsZero() && after(a.Resolved, a.ResolveBy, resolvedDay):
			late = append(late, "resolved "+elapsed(a.Detected, a.Resolved)+" after it was detected, allowed are "+limit.resolve())
		case a.Resolved.IsZero() && w.asOf.After(a.ResolveBy):
			late = append(late, "open for "+elapsed(a.Detected, w.asOf)+", allowed are "+limit.resolve())
		case a.Resolved.IsZero():
			open = append(open, "to be resolved until "+minute(a.ResolveBy))
		}
	}
	switch {
	case len(late) > 0:
		a.State = ResponseLate
	case len(unknown) > 0:
		a.State = ResponseUnknown
	case a.Resolved.IsZero():
		a.State = ResponseOpen
	default:
		a.State = ResponseClosed
		late = []string{"taken up and resolved in time"}
		if accepted {
			late = []string{"taken up in time, and the risk accepted"}
		}
	}
	a.Says = strings.Join(slices.Concat(late, unknown, open), "; ")
}

// after compares with a last moment; a day without an hour is late only when the
// whole of it lies after.
func after(t, limit time.Time, day bool) bool {
	if day {
		return t.After(limit.UTC().Truncate(24 * time.Hour))
	}
	return t.After(limit)
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// elapsed is a stretch of time in days or, below two days, in hours and minutes.
func elapsed(from, to time.Time) string {
	switch d := to.Sub(from); {
	case d >= 48*time.Hour:
		return plural(int(d.Hours()/24), "day")
	case d >= 2*time.Hour:
		return plural(int(d.Hours()), "hour")
	default:
		return plural(int(d.Minutes()), "minute")
	}
}

// unseenAt lists where a source did not answer, run by run.
func unseenAt(source string, runs []*world) []Unlooked {
	var out []Unlooked
	asked := false
	for _, b := range runs {
		for _, c := range b.planned(source) {
			asked = true
			if left(c) && c.State != evidence.OutOfScope || b.says(c) {
				continue // nothing can be there, or the whole place is out of scope and coverage says why
			}
			u := Unlooked{Source: source, Account: c.Account, Region: c.Region, Run: b.Run, Why: cellReason(c)}
			if at := slices.IndexFunc(out, func(v Unlooked) bool { return v.Account == u.Account && v.Region == u.Region && v.Why == u.Why }); at >= 0 {
				out[at].Run, out[at].Runs = u.Run, out[at].Runs+1 // the same at run after run
				continue
			}
			u.Runs = 1
			out = append(out, u)
		}
	}
	if !asked {
		out = append(out, Unlooked{Source: source, Why: "no run of the period asked for it"})
	}
	slices.SortStableFunc(out, func(a, b Unlooked) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Run, b.Run))
	})
	return out
}
