package control

import (
	"slices"
	"strings"
	"time"
)

// closedBy is when events closed all that the run before had seen open. sure says
// that each of them is known to have worked: its error code is in evidence, and
// there is none. An event whose text is withheld whole may have been refused.
//
// An IAM user is closed by its deletion, or by events that took each of its
// credentials: the password, and as many keys as were open. A user of Identity
// Center is closed when it is deleted or disabled. The users of a code host, and
// signing certificates, no event of CloudTrail that is asked for tells of.
func closedBy(before *sighting, events []Located, seen []sighting) (at time.Time, exact, sure bool) {
	if before == nil || before.Run == seen[len(seen)-1].Run {
		return at, false, false
	}
	sure = len(before.unknown) == 0
	for _, w := range before.open() {
		last, known := closingOf(w, events, before.At)
		if last.IsZero() {
			return time.Time{}, false, false
		}
		sure = sure && known
		if last.After(at) {
			at = last
		}
	}
	return at, !at.IsZero(), sure
}

// trailEvents are the events any run was told of, each once: the history of one run
// goes back ninety days.
func trailEvents(seen []sighting) []Located {
	var out []Located
	have := map[string]bool{}
	for _, s := range seen {
		for _, e := range s.With["events"].Items {
			if k := e.Account + "/" + e.Region + "/" + e.ID; e.ID == "" || !have[k] {
				have[k] = true
				out = append(out, e)
			}
		}
	}
	return out
}

// closedOneByOne says of each way in that the run before had seen open when an event
// closed it, where one did.
func closedOneByOne(before *sighting, events []Located) []any {
	var out []any
	for _, w := range before.open() {
		if at, sure := closingOf(w, events, before.At); sure && !at.IsZero() {
			out = append(out, w.identity()+": "+at.UTC().Format(time.RFC3339))
		}
	}
	return out
}

// closingOf is when the events after a time closed one way in; zero when they did not.
func closingOf(w way, events []Located, after time.Time) (at time.Time, sure bool) {
	closing := map[string]time.Time{} // by what was closed
	unsure := map[string]bool{}
	for _, e := range events {
		v, _ := field(e, "LookupEvents")
		ev := written(fieldsOf(v))
		t, err := instant(ev["EventTime"])
		if err != nil || !t.After(after) || failedEvent(ev) {
			continue
		}
		what := closes(w, e.Account, ev)
		if what == "" || !t.After(closing[what]) {
			continue
		}
		closing[what], unsure[what] = t, !outcomeKnown(ev)
	}
	if w.system == "Identity Center user" || !closing["user"].IsZero() {
		return closing["user"], !unsure["user"]
	}
	if _, more := closing["new key"]; more || w.system != "IAM user" {
		return time.Time{}, false // which of its keys were open at the end is not known
	}
	keys, sure := 0, true
	for _, what := range w.with {
		switch {
		case what == "a password":
			if closing["password"].IsZero() {
				return time.Time{}, false
			}
		case strings.HasPrefix(what, "access key"):
			keys++
		default:
			return time.Time{}, false
		}
	}
	for what, t := range closing {
		if strings.HasPrefix(what, "key ") {
			keys--
		}
		sure = sure && !unsure[what]
		if t.After(at) {
			at = t
		}
	}
	if keys > 0 {
		return time.Time{}, false
	}
	return at, sure
}

// closes is what of a way in an event closed: "user", "password" or "key AKIA…"; "new
// key" where it opened one more, "" when it is about something else.
func closes(w way, account string, ev written) string {
	asked := written(fieldsOf(recorded(ev)["requestParameters"]))
	if w.system == "Identity Center user" {
		directory := []string{"identitystore.amazonaws.com", "sso-directory.amazonaws.com"}
		if w.id != "" && asked.text("userId") == w.id && slices.Contains(directory, ev.text("EventSource")) && slices.Contains([]string{"DeleteUser", "DisableUser"}, ev.text("EventName")) {
			return "user"
		}
		return ""
	}
	if w.system != "IAM user" || account != w.account || !aboutUser(ev, w.name) {
		return ""
	}
	switch ev.text("EventName") {
	case "DeleteUser": // whoever is deleted has neither password nor key
		return "user"
	case "DeleteLoginProfile":
		return "password"
	case "CreateAccessKey":
		return "new key"
	case "UpdateAccessKey":
		if !strings.EqualFold(asked.text("status"), "Inactive") {
			return "new key"
		}
		fallthrough
	case "DeleteAccessKey":
		if key := asked.text("accessKeyId"); key != "" {
			return "key " + key
		}
	}
	return ""
}

// aboutUser reports whether an event is about an IAM user.
func aboutUser(event written, name string) bool {
	if source := event.text("EventSource"); source != "" && source != "iam.amazonaws.com" {
		return false // Identity Center has users too
	}
	if written(fieldsOf(recorded(event)["requestParameters"])).text("userName") == name {
		return true
	}
	list, _ := event["Resources"].([]any)
	return slices.ContainsFunc(list, func(v any) bool {
		r := written(fieldsOf(v))
		return r.text("ResourceType") == "AWS::IAM::User" && r.text("ResourceName") == name
	})
}
